"""What a project gives for a field of a class without a constructor of its own (a dataclass, a
named tuple) where it makes objects of it."""

from __future__ import annotations

from typing import cast

from sqla_lint.catalog import kinds
from sqla_lint.project.frames import Frame, Frames, Spot

# Calls that make objects of one class; who makes more than this is not a table of constants.
CALLS_LIMIT = 64

_Call = tuple[str, tuple[int, int]]


def constructed(frames: Frames, label: str, name: str) -> list[Spot]:
    """What known calls of a class give for a field."""
    body = frames.of(label)
    info = frames.project.knowledge.classes.get(label)
    if body is None or info is None or "__init__" in info.methods:
        return []
    calls = _calls(frames).get(label, [])
    if len(calls) > CALLS_LIMIT:
        return []
    index = _fields(body).index(name) if name in _fields(body) else None
    found: list[Spot] = []
    for other, at in calls:
        frame = frames.of(other)
        op = frame.op(at) if frame is not None else None
        if frame is None or op is None or any(arg.star for arg in op.args):
            return []
        for number, (arg, spot) in enumerate(zip(op.args, frame.args(at), strict=False)):
            if arg.keyword == name or (arg.keyword is None and number == index):
                found.append(spot)
    return found


def _fields(body: Frame) -> list[str]:
    """The names that a class body annotates, in order."""
    return [
        op.dst
        for block in body.typed.function.blocks
        for op in block.ops
        if op.ann is not None and op.dst is not None
    ]


def _calls(frames: Frames) -> dict[str, list[_Call]]:
    """Where objects of each class of the project are made, in what was looked at."""
    memo = frames.project.memo
    if "constructed" not in memo:
        found: dict[str, list[_Call]] = {}
        for label, typed in frames.project.typed.items():
            for number, block in enumerate(typed.function.blocks):
                for i, op in enumerate(block.ops):
                    on = typed.on[number][i]
                    if op.do == "call" and on.name == kinds.CLASS:
                        found.setdefault(on.label, []).append((label, (number, i)))
        memo["constructed"] = found
    return cast("dict[str, list[_Call]]", memo["constructed"])

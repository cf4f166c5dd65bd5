"""Items of dictionaries whose truth is asked, and which are SQL where a caller writes the
dictionary: ``self.data.get("order") or ...`` of an object made with ``{"order": User.id.desc()}``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader
from sqla_lint.views.truths import CALLERS, Asked, sql_among

# From the attribute to the parameter that sets it, and on to who calls with a dictionary.
DEPTH = 4


def asked_items(function: Function) -> Iterator[Asked]:
    """Items under a constant key that are asked for their truth, and get SQL from a caller."""
    if function.is_module:
        return
    frame = reader(function.project).frames.of(function.label)
    if frame is None:
        return
    if not any(_key(op) is not None for _, _, op in function.positions):
        return
    origins = reader(function.project).origins
    seen: set[tuple[object, object]] = set()
    for number, i, op in function.positions:
        if op.do != "test" or not isinstance(op.on, str):
            continue
        for made in origins.makers(frame.on((number, i))):
            item = made.frame.op(made.at)
            key = _key(item)
            if key is None or made.frame is not frame or (item.on, key) in seen:
                continue
            seen.add((item.on, key))
            found = _given(function, frame.on(made.at), key)
            if found is not None:
                yield found._replace(at=op.at if op.on[0] != "%" else item.at)


def _key(op: Op) -> object | None:
    """The constant key that an operation takes an item by."""
    looks_up = op.do == "getitem" or (op.do == "call" and op.name == "get")
    if not looks_up or not op.args or not isinstance(op.args[0].value, Const):
        return None
    return op.args[0].value.value


def _given(function: Function, mapping: Spot, key: object) -> Asked | None:
    for whole in list(_written(mapping, function, 0))[:CALLERS]:
        frame = whole.frame
        op = frame.op(whole.at)
        spots = frame.args(whole.at)
        if any(arg.star for arg in op.args):
            continue
        for name, value in zip(spots[::2], spots[1::2], strict=False):
            if not isinstance(name.operand, Const) or name.operand.value != key:
                continue
            sql = sql_among(function.project, value)
            if sql is not None:
                caller = frame.typed.function.qualname.rpartition(".")[2]
                return Asked(str(key), value.ref, sql, caller)
    return None


def _written(mapping: Spot, function: Function, depth: int) -> Iterator[Spot]:
    """The dictionary displays that a value may be, also those that callers pass."""
    read = reader(function.project)
    if depth > DEPTH:
        return
    for made in read.origins.makers(mapping):
        op = made.frame.op(made.at)
        if op.do == "pack" and op.name == "dict":
            yield made
        elif op.do == "call" and op.name is None and op.on == "dict" and op.args:
            yield from _written(made.frame.args(made.at)[0], function, depth + 1)
    for frame, name in _parameters(mapping, function):
        for given in read.frames.callers(frame.label, name)[:CALLERS]:
            if not function.project.knowledge.told.is_test(given.frame.typed.module.path):
                yield from _written(given, function, depth + 1)


def _parameters(mapping: Spot, function: Function) -> Iterator[tuple[Frame, str]]:
    """The parameters that a value is, or that its attribute is set to by a constructor."""
    read = reader(function.project)
    waiting = [mapping]
    for _ in range(DEPTH):
        if not waiting:
            return
        spot = waiting.pop()
        if not isinstance(spot.operand, str):
            continue
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, read.origins.admits(frame))
        if found.entry and any(p.name == spot.operand for p in frame.typed.function.params):
            yield frame, spot.operand
        for at in found.positions:
            op = frame.op(at)
            if op.do == "move":
                waiting.append(frame.on(at))
            elif op.do == "getattr":
                waiting += read.origins.attribute(frame, at, op)

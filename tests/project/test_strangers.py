"""Programs as they are written in many places, and what the receivers on their marked lines are.

A program is ``=== what it shows``, its files ``--- path``. ``# is: KIND`` stands on the line of a
receiver, with ``!`` for one of the asyncio extension and a word for its owner where that matters.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqla_lint.catalog import load
from sqla_lint.project.infer import infer
from sqla_lint.project.kind import Kind
from sqla_lint.project.link import link
from sqla_lint.syntax import locate, lower

TEXT = (Path(__file__).parent / "strangers" / "programs.txt").read_text(encoding="utf-8")
PROGRAMS = dict(part.split("\n", 1) for part in re.split(r"(?m)^=== ", TEXT)[1:])
MARK = re.compile(r"# is: (\w+)(!?)(?: (\w+))?$")


def files_of(program: str) -> dict[str, str]:
    parts = re.split(r"(?m)^--- (\S+)\n", program)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def receivers(files: dict[str, str]) -> dict[tuple[str, int], list[Kind]]:
    """File and line → what methods are called on and attributes are read of there."""
    modules = []
    for path, source in files.items():
        dotted = re.sub(r"\.pyi?$", "", path).replace("/", ".")
        package = dotted.endswith("__init__")
        modules.append(lower(source.encode(), path, dotted.removesuffix(".__init__"), package))
    project = link(modules, load((2, 0)))
    found: dict[tuple[str, int], list[Kind]] = {}
    for label, (module, function) in project.knowledge.functions.items():
        typed = project.typed.get(label) or infer(module, function, project.knowledge)
        here = [
            (op.at, typed.on[number][i])
            for number, block in enumerate(function.blocks)
            for i, op in enumerate(block.ops)
            if op.do in ("call", "getattr") and op.name is not None
        ]
        spans = locate(files[module.path].encode(), {at for at, _ in here})
        for at, kind in here:
            found.setdefault((module.path, spans[at].line), []).append(kind)
    return found


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_marked_receivers_are_known(program: str) -> None:
    files = files_of(program)
    found = receivers(files)
    marked = 0
    for path, source in files.items():
        for number, line in enumerate(source.splitlines(), 1):
            mark = MARK.search(line)
            if mark is None:
                continue
            marked += 1
            is_async = mark[2] == "!"
            kinds = found.get((path, number), [])
            assert any(
                kind.name == mark[1] and kind.is_async == is_async and mark[3] in (None, kind.owner)
                for kind in kinds
            ), (path, number, line, kinds)
    assert marked

"""The calls through which a function is reached, as the steps of a path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note

_INIT = ".__init__"


def calls_between(function: Function, chain: tuple[str, ...]) -> Iterator[Note]:
    """Where each function of a chain calls the next one, as far as the calls are seen."""
    own = function.typed.module.path
    for caller, callee in pairwise(chain):
        found = _call(function, caller, callee)
        if found is not None:
            op, path = found
            named = _named(callee)
            yield Note(f"`{_named(caller)}` calls `{named}`", op.at, "" if path == own else path)


def _named(label: str) -> str:
    return label.rpartition(":")[2].removesuffix(_INIT)


def _call(function: Function, caller: str, callee: str) -> tuple[Op, str] | None:
    knowledge = function.project.knowledge
    known = knowledge.functions.get(caller)
    if known is None:
        return None
    module, code = known
    typed = function.project.typed.get(caller)
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call":
                continue
            if typed is not None:
                label = called(knowledge, op, typed.on[number][i]).label
                same = label in (callee, callee.removesuffix(_INIT))
            else:
                same = _last(callee) in (op.name, op.on if op.name is None else None)
            if same:
                return op, module.path
    return None


def _last(label: str) -> str:
    return _named(label).rpartition(".")[2]

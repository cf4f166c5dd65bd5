"""Engines of a module that are used before and after a process is forked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.callers import called
from sqla_lint.views.beside import DEPTH, Work, started
from sqla_lint.views.function import Function

_ENGINES = frozenset(
    {
        kinds.ENGINE,
        kinds.SESSION_FACTORY,
        kinds.SCOPED_SESSION,
        kinds.SESSION,
        kinds.CONNECTION,
    }
)
_USES = frozenset({"execute", "write", "commit", "flush", "open", "begin"})
_OTHER_STARTS = frozenset({"spawn", "forkserver"})


class Forked(NamedTuple):
    """Work in a process that uses an engine which was used ``before``."""

    work: Work
    engine: str
    before: Op


def across_fork(function: Function) -> Iterator[Forked]:
    """Processes that a function starts after it has used the engine that they use, too."""
    for work in started(function):
        if work.where != "process" or work.function.name != kinds.FUNCTION:
            continue
        if _is_careful(function):
            return
        for engine in sorted(_engines(function, work.function.label, DEPTH)):
            before = _used_before(function, work, engine)
            if before is not None:
                yield Forked(work, engine.partition(":")[2], before)
                break


def _is_careful(function: Function) -> bool:
    """The project disposes of engines, has no pool to inherit, or starts processes otherwise."""
    for _, code in function.project.knowledge.functions.values():
        for block in code.blocks:
            for op in block.ops:
                if op.name == "dispose" and op.do in ("call", "getattr"):
                    return True
                if op.do == "import" and any(a.value == Const("NullPool") for a in op.args):
                    return True
                starts = (op.name or str(op.on)) in ("set_start_method", "get_context")
                if starts and any(
                    isinstance(a.value, Const) and a.value.value in _OTHER_STARTS for a in op.args
                ):
                    return True
    return False


def _engines(function: Function, label: str, depth: int) -> set[str]:
    """The engines of modules that a function and those it calls use, as ``module:name``."""
    typed = function.project.typed.get(label)
    if typed is None or depth == 0:
        return set()
    found: set[str] = set()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            for kind in (typed.on[number][i], *typed.args[number][i]):
                if kind.name in _ENGINES and ":" in kind.label:
                    found.add(kind.label)
            if op.do == "call":
                callee = called(function.project.knowledge, op, typed.on[number][i])
                if callee.name in (kinds.FUNCTION, "METHOD") and callee.label != label:
                    found |= _engines(function, callee.label, depth - 1)
    return found


def _used_before(function: Function, work: Work, engine: str) -> Op | None:
    """Where the starting function has a connection made before it starts the process."""
    typed = function.typed
    catalog = function.project.catalog
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call" or (number, i) >= work.position:
                continue
            on, args = typed.on[number][i], typed.args[number][i]
            if on.name in _ENGINES and on.label == engine:
                member = catalog.member(on.name, on.is_async, op.name or "")
                uses = member is not None and _USES & set(member.effects)
                if (uses or op.name == "query") and on.name != kinds.SESSION_FACTORY:
                    return op
            creates = on.name == kinds.METADATA and op.name in ("create_all", "drop_all", "reflect")
            if creates and any(kind.label == engine for kind in args):
                return op
            callee = called(function.project.knowledge, op, on)
            other = callee.name in (kinds.FUNCTION, "METHOD")
            if other and engine in _engines(function, callee.label, DEPTH - 1):
                return op
    return None

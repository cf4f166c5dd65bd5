"""Functions that keep the objects they give for later calls: caches, containers of a module."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.ir import Op
from sqla_lint.project.infer import Typed
from sqla_lint.project.linked import Project
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function

# Decorators that call a function once for the same arguments.
# Source: the docs of functools, cachetools, async-lru, Flask-Caching, aiocache, dogpile.cache.
CACHES = frozenset(
    {
        "aiocache.cached",
        "async_lru.alru_cache",
        "cachetools.cached",
        "cachetools.func.lfu_cache",
        "cachetools.func.lru_cache",
        "cachetools.func.ttl_cache",
        "flask_caching.Cache().cached",
        "flask_caching.Cache().memoize",
        "functools.cache",
        "functools.lru_cache",
    }
)
_TAKING = frozenset({"get", "pop", "setdefault"})


def is_cached(project: Project, label: str) -> bool:
    """A function is decorated with a cache, and with nothing else."""
    decorators = project.knowledge.decorators.get(label, ())
    return len(decorators) == 1 and decorators[0].label.removesuffix("()") in CACHES


def containers(function: Function) -> frozenset[str]:
    """The globals in which a function keeps entities, and from which it returns them."""
    typed = function.typed
    kept, given = set[str](), set[str]()
    returned = {op.on for _, _, op in function.positions if op.do == "return"}
    for number, i, op in function.positions:
        if not isinstance(op.on, str) or not function.is_global(op.on):
            continue
        if op.do == "setitem" and typed.args[number][i]:
            if typed.args[number][i][-1].name == kinds.ENTITY:
                kept.add(op.on)
        elif op.do == "getitem" or (op.do == "call" and op.name in _TAKING):
            moved = {o.dst for _, _, o in function.positions if o.do == "move" and o.on == op.dst}
            if {op.dst, *moved} & returned:
                given.add(op.on)
    return frozenset(kept & given)


def comes_unread(function: Function, label: str, origin: Origin, reach: Reach) -> bool:
    """Somebody calls the function and does not read the attribute: then nobody has loaded it when
    the session that could is gone."""
    name = reach.names[0]
    typed, readers = function.project.typed, {one for one, _ in calls(function).get(label, ())}
    return origin.callee == label and any(
        not any(op.do == "getattr" and op.name == name for op in _operations(typed[one]))
        for one in readers
    )


def _operations(typed: Typed) -> Iterator[Op]:
    for block in typed.function.blocks:
        yield from block.ops

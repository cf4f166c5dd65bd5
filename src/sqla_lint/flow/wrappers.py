"""Decorators of the project: those that hand what a function is given on to it, and keep nothing,
and the functions that these put in the place of the decorated one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function, Module, Op
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge

# What of a wrapper's `*args` and `**kwargs` may be asked without taking something out of them.
_LOOKING = frozenset({"len", "bool", "repr", "str"})
# A wrapper with one of these may end the session that the function is given.
_ENDING = frozenset({"begin", "begin_nested", "close", "commit", "flush", "remove", "rollback"})
_ALL = 1, 2  # `Arg.star` of `*args` and of `**kwargs`


def is_transparent(knowledge: Knowledge, decorator: Kind) -> bool:
    """`@decorator` gives a function that calls the decorated one with just what it is given, or
    with keywords of its own besides."""
    entry = knowledge.functions.get(decorator.label)
    if decorator.name != kinds.FUNCTION or entry is None or entry[1].is_async:
        return False
    module, outer = entry
    if len(outer.params) != 1 or outer.params[0].kind not in ("normal", "positional"):
        return False
    inner = list(_defined_in(module, outer))
    return (
        bool(inner)
        and _returns_one(outer, inner)
        and not any(op.name in _ENDING for code in (outer, *inner) for op in _ops(code))
        and all(_hands_on(code, outer.params[0].name) for code in inner)
    )


class Wrapper(NamedTuple):
    """The function that is called in the place of a decorated one, which it knows by a ``name``."""

    label: str
    name: str


def wrapper_of(knowledge: Knowledge, decorators: Iterable[Kind]) -> Wrapper | None:
    """The one wrapper of a function, when a decorator of the project makes it that has no other."""
    found = list(decorators)
    entry = knowledge.functions.get(found[0].label) if len(found) == 1 else None
    if entry is None or found[0].name != kinds.FUNCTION or entry[1].is_async:
        return None
    module, outer = entry
    inner = list(_defined_in(module, outer))
    if len(outer.params) != 1 or len(inner) != 1 or not _returns_one(outer, inner):
        return None
    return Wrapper(f"{module.name}:{inner[0].qualname}", outer.params[0].name)


def _defined_in(module: Module, outer: Function) -> Iterator[Function]:
    for function in module.functions.values():
        if function.parent == outer.qualname and function.kind == "def":
            yield function


def _ops(function: Function) -> Iterator[Op]:
    for block in function.blocks:
        yield from block.ops


def _returns_one(outer: Function, inner: Iterable[Function]) -> bool:
    names = {function.qualname.rpartition(".")[2] for function in inner}
    given = [op.on for op in _ops(outer) if op.do == "return"]
    return bool(given) and all(isinstance(on, str) and on in names for on in given)


def _hands_on(wrapper: Function, decorated: str) -> bool:
    stars = {p.name for p in wrapper.params if p.kind in ("star", "starstar")}
    if len(stars) != len(_ALL) or len(wrapper.params) != len(stars):
        return False
    called = False
    for op in _ops(wrapper):
        used = [arg for arg in op.args if arg.value in stars]
        if op.on in stars or (isinstance(op.on, str) and op.on.partition(".")[0] in stars):
            return False  # something is taken out of them
        if not used:
            if op.do == "call" and op.on == decorated and op.name is None:
                return False
            continue
        if op.do == "call" and op.on == decorated and op.name is None:
            plain = [arg for arg in op.args if not arg.star and arg.keyword is None]
            if plain or sorted(arg.star for arg in used) != list(_ALL):
                return False
            called = True
        elif op.do == "compare":
            if op.name not in ("in", "not in"):
                return False
        elif op.do != "call" or op.on not in _LOOKING or op.name is not None:
            return False
    return called

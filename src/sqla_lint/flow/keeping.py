"""Plain objects of the project that keep a mapped one, or many, in a field: `Row(user, posts=3)`.

What keeps objects has the role ``self@user/self``: its field ``user`` holds an object; and
``many@user/self`` when it is a collection of such. What stands behind the slash is the role of what
the field holds, which may keep it in a field, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF
from sqla_lint.ir import Op, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.knowledge import Knowledge

MANY = "many"
_AT, _IS = "@", "/"
# An answer that holds a page that holds rows that hold an object.
NESTED = 3
# Bases of classes that do with what they are given what their own code says, and no more.
_PLAIN = (".NamedTuple", ".Generic", ".Protocol", ".ABC", "builtins.object")
# What the constructor of such a class may do with a parameter besides keeping it.
_LOOKING = frozenset({"test", "compare", "boolop", "format"})


class Keeper(NamedTuple):
    """A role, taken apart."""

    many: bool
    field: str
    inner: str


def keeper(role: str | None) -> Keeper | None:
    """What a role says of an object that keeps others; None for all other roles."""
    what, at, rest = (role or "").partition(_AT)
    if not at or what not in (SELF, MANY):
        return None
    field, _, inner = rest.partition(_IS)
    return Keeper(what == MANY, field, inner)


def keeping(many: bool, field: str, inner: str) -> str:
    """The role of what keeps others; "" when that is too deep."""
    if inner.count(_AT) >= NESTED:
        return ""
    return f"{MANY if many else SELF}{_AT}{field}{_IS}{inner}"


def is_of_many(role: str) -> bool:
    """Many objects are reached through it."""
    found = keeper(role)
    return role == MANY if found is None else found.many or is_of_many(found.inner)


def field_given(knowledge: Knowledge, op: Op, on: Kind, place: Operand) -> str:
    """The field in which what a call makes keeps one of its arguments; "" when it is no plain
    object of the project, or does more with that."""
    given = [arg for arg in op.args if arg.value == place]
    if len(given) != 1 or any(arg.star for arg in op.args) or not _is_plain(knowledge, on.label):
        return ""
    known: tuple[str, ...] = knowledge.ask("fields", on.label)
    if known:
        if knowledge.ask("method", on.label, "__post_init__") is not None:
            return ""
        name = given[0].keyword or next(
            (n for n, arg in zip(known, op.args, strict=False) if arg is given[0]), ""
        )
        return name if name in known else ""
    callee = called(knowledge, op, on)
    param = next((n for arg, n in parameters(knowledge, op, callee) if arg is given[0]), None)
    return _kept_as(knowledge, callee.label, param) if param else ""


def fields_of(knowledge: Knowledge, label: str) -> Iterator[tuple[str, Kind]]:
    """The fields of such a class, with what they hold."""
    if not _is_plain(knowledge, label):
        return
    names: tuple[str, ...] = knowledge.ask("fields", label)
    init: str = knowledge.ask("method", label, "__init__") or ""
    entry = knowledge.functions.get(init)
    if not names and entry is not None:
        params = (_kept_as(knowledge, init, param.name) for param in entry[1].params[1:])
        names = tuple(name for name in params if name)
    made = Kind(kinds.INSTANCE, label=label)
    for name in names:
        yield name, knowledge.attribute(made, name)


def _is_plain(knowledge: Knowledge, label: str) -> bool:
    if not label or knowledge.classes.get(label) is None:
        return False
    knowledge.ask("bases", label)
    return all(
        base.name == kinds.CLASS or (base.name in (NAME, FOREIGN) and base.label.endswith(_PLAIN))
        for info in knowledge.classes.ancestry(label)
        for base in info.bases
    )


def _kept_as(knowledge: Knowledge, init: str, name: str) -> str:
    """The attribute of `self` that a constructor binds to a parameter, with which it does nothing
    else."""
    entry = knowledge.functions.get(init)
    if entry is None or not entry[1].params:
        return ""
    itself, kept = entry[1].params[0].name, set[str]()
    for block in entry[1].blocks:
        for op in block.ops:
            if _may_read(op, itself):
                return ""
            if op.on != name and all(arg.value != name for arg in op.args):
                continue
            if op.do == "setattr" and op.on == itself and op.name is not None:
                kept.add(op.name)
            elif op.do not in _LOOKING:
                return ""
    return kept.pop() if len(kept) == 1 else ""


def _may_read(op: Op, itself: str) -> bool:
    """A constructor calls a method of the object, or reads what it keeps."""
    if op.do == "getattr":
        return op.on == itself
    return op.do == "call" and (op.on == itself or any(arg.value == itself for arg in op.args))

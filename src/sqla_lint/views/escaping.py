"""What is given to work that outlives its session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.kind import Kind
from sqla_lint.views.beside import ENDING, Handed, Handle, Work, handles, makers, original, started
from sqla_lint.views.entities import accesses
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader as strings
from sqla_lint.views.waiting import outlives, sent_off

_GIVERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.FLASK_DB})


def escapes(function: Function, work: Work, handle: Handle) -> bool:
    """The work may still run when the session it was given is closed."""
    if handle.name[0] == "%" or ":" in handle.name or not outlives(function, work):
        return False  # a session of the module is closed by nobody
    if _takes_over(function, work, handle):
        return False
    if sent_off(work):
        return handle.kind.owner != "local" or _closed_here(function, handle)
    lent = handle.kind.owner == "managed" and "." not in handle.name
    return lent or _closed_here(function, handle) or _is_passed_lent(function, handle)


def _is_passed_lent(function: Function, handle: Handle) -> bool:
    """All callers that are known pass a session that was lent to them: it is closed when they are
    done, and the function does not wait for the work."""
    label, name = function.label, handle.name
    if "." in name:
        kept = _kept_from(function, name)
        if kept is None:
            return False
        label, name = kept
    elif handle.kind.owner != "caller":
        return False
    passed = strings(function.project).frames.callers(label, name)
    return bool(passed) and all(
        spot.kind.name == handle.kind.name and spot.kind.owner == "managed" for spot in passed
    )


def _kept_from(function: Function, place: Place) -> tuple[str, str] | None:
    """The parameter of `__init__` that the object of a method keeps, and nobody sets again."""
    owner, _, name = place.rpartition(".")
    knowledge, parent = function.project.knowledge, function.typed.function.parent
    label = f"{function.typed.module.name}:{parent}"
    init = knowledge.classes.method(label, "__init__") if owner == "self" else None
    if init is None or init not in knowledge.functions:
        return None
    stores = [
        (method, op)
        for info in knowledge.classes.ancestry(label)
        for method in info.methods.values()
        for block in knowledge.functions[method][1].blocks
        for op in block.ops
        if op.do == "setattr" and op.on == "self" and op.name == name
    ]
    if len(stores) != 1 or stores[0][0] != init:
        return None
    value = stores[0][1].args[-1].value
    params = {param.name for param in knowledge.functions[init][1].params}
    return (init, value) if isinstance(value, str) and value in params else None


def _takes_over(function: Function, work: Work, handle: Handle) -> bool:
    """The work closes the session that it is given: it is handed over for good."""
    entry = function.project.knowledge.functions.get(work.function.label)
    taken = {handed.parameter for handed in work.handed if handed.at == handle.at} - {None}
    return entry is not None and any(
        op.do == "call" and op.name in ENDING and op.on in taken
        for block in entry[1].blocks
        for op in block.ops
    )


def _closed_here(function: Function, handle: Handle) -> bool:
    """A ``with`` of this function, or a `close()` in it, ends the session."""
    return any(
        (op.do == "enter" and handle.name in (op.dst, op.on))
        or (op.do == "call" and op.on == handle.name and op.name in ENDING)
        for block in function.typed.function.blocks
        for op in block.ops
    )


def escaping(function: Function) -> Iterator[tuple[Work, Handle]]:
    """Sessions that are given to work that outlives them."""
    for work in started(function):
        for handle in handles(function, work):
            if escapes(function, work, handle):
                yield work, handle


class Harm(NamedTuple):
    """What goes wrong in the work: "sent" (to another process), "changed", "expired" or
    "relationship"; where, as far as it is an operation of the project."""

    what: str
    op: Op | None = None
    path: str = ""


def escaping_entities(function: Function) -> Iterator[tuple[Work, Handed, Harm]]:
    """Entities that are given to work that outlives their session, and what goes wrong there; but
    for those of which it is told that the work reads what cannot be loaded."""
    told = {id(access.op) for access in accesses(function)}
    for work in started(function):
        if not outlives(function, work) or id(work.op) in told or id(work.made) in told:
            continue
        for handed in work.handed:
            if handed.kind.name == kinds.ENTITY and isinstance(handed.value, str):
                harm = _harm(function, work, handed)
                if harm is not None:
                    yield work, handed, harm


def _harm(function: Function, work: Work, handed: Handed) -> Harm | None:
    assert isinstance(handed.value, str)
    if work.where == "queue":
        return Harm("sent")
    session = _session_of(function, handed.value)
    if session is None:
        return None
    entry = function.project.knowledge.functions.get(work.function.label)
    if entry is not None and handed.parameter is not None:
        for block in entry[1].blocks:
            for op in block.ops:
                if op.on != handed.parameter:
                    continue
                if op.do == "setattr":
                    return Harm("changed", op, entry[0].path)
                if (
                    op.do == "getattr"
                    and op.name
                    and _is_relationship(function, handed.kind, op.name)
                ):
                    return Harm("relationship", op, entry[0].path)
    reads = (
        entry is not None
        and handed.parameter is not None
        and any(
            op.do == "getattr" and op.on == handed.parameter
            for block in entry[1].blocks
            for op in block.ops
        )
    )
    return Harm("expired") if reads and _expires(function, session) else None


def _is_relationship(function: Function, kind: Kind, name: str) -> bool:
    found = function.project.knowledge.classes.attribute(kind.label, name)
    return found is not None and found.name == kinds.RELATIONSHIP


def _session_of(function: Function, entity: Place) -> Kind | None:
    """The session that an entity was loaded from, or added to, in this function."""
    typed = function.typed
    wanted: set[Operand] = {entity, original(function, entity)}
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do != "call" or on.name not in _GIVERS:
                continue
            if op.name in ("expunge", "expunge_all", "make_transient"):
                return None
            if any(arg.value in wanted for arg in op.args):
                return on
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "call" and on.name in _GIVERS:
                return on if _loaded(function, entity) else None
    return None


def _loaded(function: Function, entity: Place) -> bool:
    """It comes from a query or session, not from a constructor or a parameter."""
    made = [op for _, _, op, _ in makers(function, entity)]
    kinds_ = function.typed.on
    return bool(made) and not any(
        op.do == "call" and kinds_[number][i].name == kinds.MAPPED_CLASS
        for number, i, op, _ in makers(function, entity)
    )


def _expires(function: Function, session: Kind) -> bool:
    """The function commits, and reads nothing back."""
    if "no-expire" in session.traits:
        return False
    names = [
        op.name for block in function.typed.function.blocks for op in block.ops if op.do == "call"
    ]
    return "commit" in names and "refresh" not in names

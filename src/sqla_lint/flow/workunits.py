"""Units of work: objects of the project that hold a session between the ends of a ``with``.

    with UnitOfWork() as uow:
        room = uow.rooms.by_name("blue")
        uow.commit()

Entering makes the session, leaving ends it; methods of the object, and of what hangs on it, work
with that session.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.unitsessions import Making, made_by_class, made_with, of_some
from sqla_lint.ir import Function, Op
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind, is_own_function
from sqla_lint.project.linked import Project
from sqla_lint.ways import passes_by

# The roles of the object itself, and of what hangs on it: its repositories.
UNIT = "unit"
PART = "part of a unit"

# Methods of methods of methods are followed so far.
DEPTH = 4

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_EVENTS = {
    "commit": "commit",
    "rollback": "rollback",
    "flush": "flush",
    "close": "close",
    "aclose": "close",
    "remove": "close",
    "__exit__": "close",
    "__aexit__": "close",
}
_ENDING = frozenset({"commit", "rollback", "close", "aclose", "remove", "begin", "begin_nested"})
_ENDING |= {"expire", "expire_all", "expunge", "expunge_all", "refresh", "invalidate", "reset"}


class Done(NamedTuple):
    """What a function does with the session of its object: on every normal way, and on some."""

    surely: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()


class Unit(NamedTuple):
    """A class whose objects are units of work. ``leaving``: what the end of the ``with`` does, when
    nothing was raised, in this order."""

    label: str
    attribute: str
    session: Kind
    leaving: tuple[str, ...]


def unit_of(project: Project, label: str) -> Unit | None:
    """The unit of work that the objects of a class are; None when they are none."""
    key = f"unit of work {label}"
    if key not in project.memo:
        project.memo[key] = _unit(project, label)
    found = project.memo[key]
    return found if isinstance(found, Unit) else None


def unit_made(project: Project, label: str, making: Making | None) -> Unit | None:
    """The same of an object that a call makes: its factory may be passed there."""
    unit = unit_of(project, label)
    if unit is None:
        return None
    return unit._replace(session=made_with(project, label, unit.attribute, unit.session, making))


def unit_given(project: Project, label: str) -> Unit | None:
    """The same of an object that somebody else makes, perhaps of a class below."""
    unit = unit_of(project, label)
    if unit is None:
        return None
    session = of_some(project, label, unit.attribute, unit.session)
    return unit._replace(session=session._replace(owner="caller"))


def _unit(project: Project, label: str) -> Unit | None:
    classes = project.knowledge.classes
    ends = classes.method(label, "__aexit__") or classes.method(label, "__exit__")
    begins = classes.method(label, "__aenter__") or classes.method(label, "__enter__")
    if ends is None or begins is None:
        return None
    held = {
        name: kind
        for info in classes.ancestry(label)
        for name, kind in info.attributes.items()
        if kind.name == kinds.SESSION
    }
    if len(held) != 1:
        return None
    name, session = held.popitem()
    if session.owner != "local":  # somebody else's, but for what the attribute is annotated with
        made = made_by_class(project, label, name)
        if made is None:
            return None
        session = made
    done = does(project, label, ends, name)
    leaving = []
    if "commit" in done.surely or _by_outcome(project, ends, done):
        leaving.append("commit")
    elif "commit" in done.maybe:
        return None
    elif "rollback" in done.surely:
        leaving.append("rollback")
    elif "rollback" in done.maybe and not _tests_outcome(project, ends):
        return None
    if "close" in done.surely:
        leaving.append("close")
    elif "close" in done.maybe:
        return None
    return Unit(label, name, session, tuple(leaving)) if leaving else None


def _by_outcome(project: Project, ends: str, done: Done) -> bool:
    """It commits unless something was raised, and rolls back then."""
    either = "commit" in done.maybe and "rollback" in done.maybe and "either" in done.surely
    return either and _tests_outcome(project, ends)


def _tests_outcome(project: Project, ends: str) -> bool:
    function = project.knowledge.functions[ends][1]
    names = {param.name for param in function.params[1:]}
    return any(
        operand in names
        for block in function.blocks
        for op in block.ops
        if op.do in ("test", "compare", "unary")
        for operand in (op.on, *(arg.value for arg in op.args))
    )


def does(project: Project, label: str, method: str, attribute: str, depth: int = DEPTH) -> Done:
    """What a method of a class does with the session that its object keeps."""
    entry = project.knowledge.functions.get(method)
    if entry is None or not entry[1].params or not depth:
        return Done()
    function = entry[1]
    at: dict[str, set[int]] = {}
    maybe: set[str] = set()
    for number, block in enumerate(function.blocks):
        for op in block.ops:
            told = _told(project, label, method, function, op, attribute, depth)
            maybe |= told.maybe | told.surely
            for event in told.surely:
                at.setdefault(event, set()).add(number)
    surely = {event for event, blocks in at.items() if not passes_by(function, blocks)}
    both = at.get("commit", set()) | at.get("rollback", set())
    if both and not passes_by(function, both):
        surely.add("either")
    return Done(frozenset(surely), frozenset(maybe))


def _told(
    project: Project,
    label: str,
    method: str,
    function: Function,
    op: Op,
    attribute: str,
    depth: int,
) -> Done:
    """What one operation of a method does with the session."""
    if op.do != "call" or op.name is None or not isinstance(op.on, str):
        return Done()
    own = function.params[0].name
    if op.on == f"{own}.{attribute}":
        event = _EVENTS.get(op.name)
        return Done(frozenset({event})) if event else Done()
    classes = project.knowledge.classes
    inner: str | None = None
    if op.on == own:
        inner = classes.method(label, op.name)
    elif _is_super(function, op.on):
        module, _, qualname = method.partition(":")
        inner = classes.overridden(f"{module}:{qualname.rpartition('.')[0]}", op.name)
    return does(project, label, inner, attribute, depth - 1) if inner else Done()


def _is_super(function: Function, place: str) -> bool:
    return any(
        op.dst == place and op.do == "call" and op.name is None and op.on == "super"
        for block in function.blocks
        for op in block.ops
    )


def by_method(project: Project, unit: Unit, name: str) -> tuple[str, ...]:
    """What calling a method of the object does with its session."""
    method = project.knowledge.classes.method(unit.label, name)
    if method is None:
        return ("escape",)
    done = does(project, unit.label, method, unit.attribute)
    events = [e for e in ("flush", "commit", "rollback", "close") if e in done.surely]
    if done.maybe - done.surely - {"flush"} or len(events) > 1:
        return ("escape",)
    return (*events,) if events else _by_function(project, method, DEPTH)


def by_part(project: Project, op: Op, on: Kind) -> tuple[str, ...]:
    """What calling a method of something that hangs on the object, or a function that is given it,
    does with its session."""
    callee = called(project.knowledge, op, on)
    if not is_own_function(callee):
        return ("escape",)
    return _by_function(project, callee.label, DEPTH)


def _by_function(project: Project, label: str, depth: int) -> tuple[str, ...]:
    """A function that ends nothing may run statements, which load and flush."""
    typed = project.typed.get(label)
    if typed is None or not depth:
        return ("escape",)
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call":
                continue
            on = typed.on[number][i]
            perhaps = not on.known and op.name in ("commit", "rollback")
            if perhaps or (on.name in _SESSIONS and op.name in _ENDING):
                return ("escape",)
            inner = called(project.knowledge, op, on)
            ours = is_own_function(inner)
            if ours and inner.label != label:
                there = project.typed.get(inner.label)
                if there is not None and _by_function(project, inner.label, depth - 1) != _RUNS:
                    return ("escape",)
    return _RUNS


_RUNS = ("reload", "flush")


def adds(project: Project, op: Op, on: Kind, place: str) -> bool:
    """A method adds what it is given to a session."""
    callee = called(project.knowledge, op, on)
    typed = project.typed.get(callee.label)
    if typed is None or callee.name != "METHOD":
        return False
    names = {name for arg, name in parameters(project.knowledge, op, callee) if arg.value == place}
    return any(
        inner.do == "call"
        and inner.name == "add"
        and typed.on[number][i].name in _SESSIONS
        and any(arg.value in names for arg in inner.args)
        for number, block in enumerate(typed.function.blocks)
        for i, inner in enumerate(block.ops)
    )

"""Objects that are changed when their session is closed, while another one commits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.flow.entities import AttributeEffects
from sqla_lint.flow.origins import Origin, Session
from sqla_lint.flow.reads import ANY
from sqla_lint.flow.root import Position
from sqla_lint.flow.solve import End, Trail, solve
from sqla_lint.flow.stores import Store
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, class_name
from sqla_lint.views.behind import definitions
from sqla_lint.views.calling import calls
from sqla_lint.views.entities import Reader, reader
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.identity import bulk_writes
from sqla_lint.views.once import per_function, per_project
from sqla_lint.views.putaway import Put, put_into

# Functions whose objects are followed on into their callers, and the callers of these.
CALLER_DEPTH = 3
# Attributes of one class that a function assigns and that are looked at.
ATTRIBUTE_LIMIT = 12

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_RUNS = frozenset({"exec", "execute", "scalar", "scalars"})
_ENTITIES = frozenset({kinds.ENTITY, kinds.MAPPED_CLASS})
# Who is given a value here writes it to no row of the object.
_HARMLESS = frozenset({NAME, FOREIGN, kinds.CLASS, kinds.MAPPED_CLASS})
# What a framework does with an object that such a function gives it: it shows it.
_SHOWN = frozenset({"command", "handler", "route"})
_SETATTR = 3  # arguments of `setattr(user, name, value)`


class Alone(NamedTuple):
    """A change that nobody writes. ``left``: where the object lost its session, in ``path`` when
    that is another file; ``more``: other changes of it; ``passes``: what commits meanwhile."""

    op: Op
    model: str
    name: str  # of the attribute; "" when it is not known which
    origin: Origin
    left: Op | None
    path: str
    more: tuple[Op, ...]
    passes: Op | None


class _Commits(NamedTuple):
    """The operations that commit a session, and those that run while one is open."""

    at: dict[Position, str]
    inside: frozenset[Position]


class _Given(NamedTuple):
    """How a function gives objects that have lost their session."""

    typed: Typed
    trail: Trail | None


def changed_alone(function: Function) -> Iterator[Alone]:
    """The changes of a function that no session writes: one for each object."""
    names = _changed(function)
    commits = _commits(function) if names else None
    if commits is None or not commits.at:
        return
    entities = reader(function)
    for origin in entities.origins(function):
        wanted = sorted(names.get(origin.model, ()))[:ATTRIBUTE_LIMIT]
        start = _start(entities, origin) if wanted else ""
        if not start:
            continue
        found = [
            one
            for name in wanted
            if (attribute := _column(function, origin.model, name)) is not None
            for one in _lost(function, entities, origin, attribute, name, start, commits)
        ]
        if found:
            found.sort(key=lambda one: one.op.at)
            more = tuple(dict.fromkeys(one.op for one in found[1:] if one.op is not found[0].op))
            yield found[0]._replace(more=more)


@per_function
def never_written(function: Function) -> frozenset[Ref]:
    """Where a function changes such objects."""
    found = list(changed_alone(function))
    return frozenset(op.at for one in found for op in (one.op, *one.more))


def _lost(
    function: Function,
    entities: Reader,
    origin: Origin,
    attribute: Mapped,
    name: str,
    start: str,
    commits: _Commits,
) -> Iterator[Alone]:
    ends = _ends(function, entities, origin, attribute, protocols.CHANGED_ALONE, start, commits)
    if not any(end.state.startswith("passed") for end in ends):
        return
    if _is_written_by_hand(function, origin.model, name, {end.mark for end in ends}):
        return
    saved = {end.mark for end in ends if end.state == "saved"}
    seen = _ends(function, entities, origin, attribute, protocols.CHANGED_UNSEEN, start, commits)
    shown = {end.mark for end in seen if end.state == "saved"}
    for end in ends:
        mark = end.mark
        if not end.state.startswith("passed") or mark in saved:
            continue
        if mark in shown and mark not in commits.inside:
            continue
        if end.state.endswith(protocols.HANDED) and _may_be_saved_by(function, origin, attribute):
            continue
        given = _ways(function).get((origin.callee, origin.model))
        left, path = _left(function, end.trail, given)
        op = function.op(mark)
        passes = _step(end.trail, "committed")
        known = "" if name == ANY else name
        yield Alone(op, class_name(origin.model), known, origin, left, path, (), passes)


def _ends(
    function: Function,
    entities: Reader,
    origin: Origin,
    attribute: Mapped,
    protocol: Protocol,
    start: str,
    commits: _Commits,
) -> tuple[End, ...]:
    asked = protocol._replace(start=start)
    effects = _effects(function, entities, origin, attribute)
    roots = (origin.root,)
    return solve(function.typed, asked, roots, effects, Confidence.RESOURCE, commits.at).ends


def _effects(
    function: Function, entities: Reader, origin: Origin, attribute: Mapped
) -> AttributeEffects:
    effects = entities.effects_of(function, origin, attribute)
    effects.by_change = True
    effects.put_away = frozenset()  # who takes it out may add it
    return effects


# --- what is changed -----------------------------------------------------------------------------


def _changed(function: Function) -> dict[str, set[str]]:
    """The attributes that a function assigns, itself or by what it calls, by the class."""
    found: dict[str, set[str]] = {}
    for operation in function.operations():
        for label, sets in _changed_by(function, operation):
            found.setdefault(label, set()).update(sets)
    return found


def _changed_by(function: Function, operation: Operation) -> Iterator[tuple[str, frozenset[str]]]:
    op, on = operation.op, operation.on
    if op.do == "setattr" and on.name == kinds.ENTITY and op.name is not None:
        yield on.label, frozenset({op.name})
    elif op.do == "call":
        yield from _changed_by_call(function, operation)


def _changed_by_call(
    function: Function, operation: Operation
) -> Iterator[tuple[str, frozenset[str]]]:
    op, on = operation.op, operation.on
    summaries = reader(function).summaries
    if on.name == kinds.ENTITY and op.name is not None:
        method = function.project.knowledge.classes.method(on.label, op.name)
        if method is not None:
            yield on.label, summaries.of_self(method, on.label).sets
        return
    for arg, kind in zip(op.args, operation.arg_kinds, strict=False):
        if kind.name != kinds.ENTITY or not isinstance(arg.value, str):
            continue
        if on.label == "builtins.setattr":
            named = op.args[1].value if len(op.args) == _SETATTR else None
            yield kind.label, frozenset({str(named.value) if isinstance(named, Const) else ANY})
        else:
            yield kind.label, summaries.by_call(op, on, arg.value, kind.label).sets


def _column(function: Function, model: str, name: str) -> Mapped | None:
    """The column that an assignment changes; any, when nobody knows its name."""
    if name == ANY:
        known = function.project.models.of(model)
        columns = function.project.models.attributes(known) if known is not None else {}
        name = next((n for n in columns if _is_column(function, model, n)), "")
    return mapped(function.project, model, name) if _is_column(function, model, name) else None


def _is_column(function: Function, model: str, name: str) -> bool:
    found = mapped(function.project, model, name) if name else None
    return found is not None and found.role == "column"


# --- where the object lost its session -----------------------------------------------------------


def _start(entities: Reader, origin: Origin) -> str:
    """Whether an object has a session where it comes from; "" when that is not known."""
    if origin.how == "loaded":
        return "fresh"
    if origin.how == "made":
        return "new"
    if origin.store is not None:
        return _kept(entities, origin.store, origin.model)
    if origin.how not in ("called", "lent") or not origin.callee:
        return ""
    return _returned(entities, origin.callee, origin.model)


def _returned(entities: Reader, label: str, model: str) -> str:
    """The state in which a function gives objects of a class; "" when they may have a session."""
    function = entities.function
    known, key = _states(function), (label, model)
    if key not in known:
        known[key] = ""  # it calls itself
        typed = function.project.typed.get(label)
        if typed is not None and not function.effects._wrapped(label):
            known[key] = _gives_alone(function.of(typed), entities, model)
    return known[key]


def _kept(entities: Reader, store: Store, model: str) -> str:
    """The state in which objects of a class are put where they are kept, all of them."""
    function = entities.function
    known, key = _states(function), (store.label, model)
    if key not in known:
        known[key] = ""  # put back where it was taken
        states = {_put(entities, put, model) for put in put_into(function, store, "")}
        known[key] = "free" if states == {"free"} else ""
    return known[key]


def _put(entities: Reader, put: Put, model: str) -> str:
    giver = entities.function.of(put.typed)
    states: set[str] = set()
    attribute = _column(giver, model, ANY)
    for origin in entities.origins(giver):
        start = _start(entities, origin) if origin.model == model else ""
        if not start or attribute is None:
            continue
        effects = _effects(giver, entities, origin, attribute)
        effects.gives, effects.kept_by = "", (put.op, put.place)
        asked = protocols.HANDED_ALONE._replace(start=start)
        for end in solve(giver.typed, asked, (origin.root,), effects).ends:
            if end.way == "return" and _step(end.trail, "hand") is put.op:
                states.add(end.state.removesuffix(protocols.HANDED))
    return states.pop() if len(states) == 1 else ""


@per_project
def _states(function: Function) -> dict[tuple[str, str], str]:
    """What `_returned` has found."""
    return {}


def _gives_alone(giver: Function, entities: Reader, model: str) -> str:
    code = giver.typed.function
    gives = "yield" if code.is_generator else "return"
    protocol = protocols.LENT_ALONE if code.is_generator else protocols.HANDED_ALONE
    handed = {
        op.at
        for number, i, op in giver.positions
        if op.do == gives and op.on is not None and giver.typed.on[number][i].name != kinds.NONE
    }
    covered: set[int] = set()
    for origin in entities.origins(giver):
        if origin.model != model:
            continue
        start = _start(entities, origin)
        attribute = _column(giver, model, ANY)
        if not start or attribute is None:
            continue
        effects = _effects(giver, entities, origin, attribute)
        effects.gives = gives
        asked = protocol._replace(start=start)
        for end in solve(giver.typed, asked, (origin.root,), effects).ends:
            op = _step(end.trail, "hand")
            if op is None or end.way != "return":
                continue
            if end.state != "free" + protocols.HANDED:
                return ""
            covered.add(op.at)
            given = _Given(giver.typed, end.trail)
            _ways(giver).setdefault((giver.label, model), given)
    return "free" if covered == handed and covered else ""


@per_project
def _ways(function: Function) -> dict[tuple[str, str], _Given]:
    """How functions give such objects, as far as that was asked."""
    return {}


def _left(function: Function, trail: Trail | None, given: _Given | None) -> tuple[Op | None, str]:
    own = _step(trail, "close", "expunge")
    if own is not None or given is None:
        return own, ""
    path = given.typed.module.path
    there = path if path != function.typed.module.path else ""
    return _step(given.trail, "close", "expunge"), there


def _step(trail: Trail | None, *what: str) -> Op | None:
    while trail is not None:
        if trail.what in what:
            return trail.op
        trail = trail.before
    return None


# --- who commits ---------------------------------------------------------------------------------


def _commits(function: Function) -> _Commits:
    at: dict[Position, str] = {}
    inside: set[Position] = set()
    for session in reader(function).sessions(function):
        own = set(_committing(function, session))
        if own:
            at.update(dict.fromkeys(own, "committed"))
            inside |= _open(function, session)
    return _Commits(at, frozenset(inside))


def _committing(function: Function, session: Session) -> Iterator[Position]:
    for use in session.uses:
        op = use.op
        ends = op.do == "leave" and op.name != "exc"
        by_lender = ends and "commit" in session.leaving and use.role == "self"
        commits = "commit" in use.happening.events
        if by_lender or (commits and (ends or (op.do == "call" and op.name == "commit"))):
            position = function.position(op)
            if position is not None:
                yield position
    unit = session.unit
    if unit is None or "commit" not in unit.leaving:
        return
    for number, i, op in function.positions:
        if op.do == "leave" and op.name != "exc" and any(op.on == p for p, _ in session.names):
            yield number, i


def _open(function: Function, session: Session) -> set[Position]:
    """The operations that run while a session is there: of one that was there before, all."""
    blocks = function.typed.function.blocks
    everywhere = {(number, i) for number, i, _ in function.positions}
    if session.at == -1 or session.made is None:
        return everywhere
    start = function.position(session.made)
    if start is None:
        return set()
    over = {id(use.op) for use in session.uses if use.op.do == "leave"}
    over |= {id(u.op) for u in session.uses if "close" in u.happening.events}
    found: set[Position] = set()
    waiting, seen = [(start[0], start[1] + 1)], set[int]()
    while waiting:
        number, first = waiting.pop()
        for i in range(first, len(blocks[number].ops)):
            if id(blocks[number].ops[i]) in over:
                break
            found.add((number, i))
        else:
            for edge in blocks[number].edges:
                if edge.to not in seen:
                    seen.add(edge.to)
                    waiting.append((edge.to, 0))
    return found


# --- who writes it all the same ------------------------------------------------------------------


def _is_written_by_hand(function: Function, model: str, name: str, changes: set[Position]) -> bool:
    """Something else may write the change: a statement, a function that has the session, another
    object of the class that is changed alike, or whoever is handed the value."""
    if any(write.model == model for write in bulk_writes(function, definitions(function))):
        return True
    knowledge = function.project.knowledge
    values, anything = _values(function, model, name), _values(function, model)
    for operation in function.operations():
        op, on = operation.op, operation.on
        given = {arg.value for arg in op.args} if op.do == "call" else set()
        given = given if on.name not in _HARMLESS else set()
        if values & given:
            return True
        if anything & given and called(knowledge, op, on).label in function.project.typed:
            return True  # it has to do with a database, and is told which object
        changed = function.position(op) not in changes and _changed_by(function, operation)
        if any(label == model and sets & {name, ANY} for label, sets in changed or ()):
            return True
        if op.do != "call":
            continue
        if on.name in _SESSIONS and op.name is not None:
            if op.name.startswith("bulk_") or _may_write(operation, model):
                return True
        elif any(kind.name in _SESSIONS for kind in operation.arg_kinds):
            return True
    return False


def _values(function: Function, model: str, name: str = "") -> set[Operand | None]:
    """What holds the value of the attribute of an object of the class, or of any."""
    found: set[Operand | None] = {
        op.dst
        for number, i, op in function.positions
        if op.do == "getattr" and name in ("", op.name) and _is_of(function, (number, i), model)
    }
    for _, _, op in function.positions:
        if op.do == "pack" and found & {arg.value for arg in op.args}:
            found.add(op.dst)
    return found


def _is_of(function: Function, position: Position, model: str) -> bool:
    on = function.typed.on[position[0]][position[1]]
    return on.name == kinds.ENTITY and on.label == model


def _may_write(operation: Operation, model: str) -> bool:
    """A statement that is run may write rows of a class."""
    if operation.op.name not in _RUNS or not operation.arg_kinds:
        return False
    statement = operation.arg_kinds[0]
    if statement.name == kinds.SELECT:
        return False
    others = [of for of in statement.of if of.name in _ENTITIES and of.label != model]
    return statement.name not in _WRITES or not others


# --- what becomes of what is handed back ---------------------------------------------------------


def _may_be_saved_by(
    function: Function, origin: Origin, attribute: Mapped, depth: int = CALLER_DEPTH
) -> bool:
    """Who is given the object may add it to a session, as far as is known."""
    if function.entry in _SHOWN:
        return False
    found = calls(function).get(function.label, [])
    if not found or not depth:
        return True
    entities = reader(function)
    for label in {label for label, _ in found}:
        caller = function.of(function.project.typed[label])
        if caller.entry in ("test", "fixture"):
            continue
        there = [
            one
            for one in entities.origins(caller)
            if one.callee == function.label and one.model == origin.model
        ]
        if not there:
            return True
        for one in there:
            protocol = protocols.CHANGED_ALONE._replace(start="passed")
            effects = _effects(caller, entities, one, attribute)
            for end in solve(caller.typed, protocol, (one.root,), effects).ends:
                if end.state == "saved":
                    return True
                handed = end.state.endswith(protocols.HANDED)
                if handed and _may_be_saved_by(caller, one, attribute, depth - 1):
                    return True
    return False

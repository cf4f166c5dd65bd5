"""Where the mapped objects of a function come from: its statements, its callees, its constructors.

An `Origin` is an object (or a collection of them) with the session it hangs on, as far as known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.applied import Applied, applied
from sqla_lint.flow.atonce import given_at_once
from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.entities import MANY, OF_SESSION, is_handle
from sqla_lint.flow.keeping import fields_of, keeper, keeping
from sqla_lint.flow.reads import Summaries
from sqla_lint.flow.root import NOWHERE, SELF, Position, Root
from sqla_lint.flow.stored import until_end
from sqla_lint.flow.stores import Store, entity_in, handling
from sqla_lint.flow.uses import Use, uses
from sqla_lint.flow.workunits import UNIT, Unit, adds
from sqla_lint.ir import Op, Operand, Place, Ref
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import hands_on
from sqla_lint.project.kind import (
    AWAITABLES,
    RELATED,
    UNKNOWN,
    Kind,
    dotted_label,
    is_own_function,
    join,
    lenders,
)
from sqla_lint.project.loading import may_be_loaded
from sqla_lint.project.tasks import in_thread, is_task
from sqla_lint.project.variables import is_variable

_SOURCES = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ROW}
    | {kinds.COROUTINE}
)
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_GIVING = frozenset({"call", "await", "next", "getitem", "unpack", "getattr"})
_COLLECTIONS = frozenset({kinds.LIST, kinds.COLLECTION})
_HOLDING = _COLLECTIONS | {kinds.TUPLE, kinds.DICT, kinds.SET, kinds.GENERATOR}
# A call, what is awaited of it, and a name for that.
GIVING_STEPS = 3
# Containers in containers are looked into so far: a dictionary of lists of pairs.
HELD_DEPTH = 4


class Session(NamedTuple):
    """A session of a function under all its names; ``leaving``: what its lender does when its
    block is left."""

    kind: Kind
    names: frozenset[tuple[Place, str]]
    uses: tuple[Use, ...]
    leaving: tuple[str, ...] = ()
    unit: Unit | None = None  # the object that keeps it between the ends of a ``with``
    at: Ref = -1  # the operation that makes it; -1 for one that was there before
    made: Op | None = None
    role: str = SELF  # of what that operation gives

    @property
    def unit_places(self) -> frozenset[Place]:
        """By which names the session itself can be had of its unit of work."""
        name = self.unit.attribute if self.unit is not None else ""
        return frozenset(f"{place}.{name}" for place, role in self.names if role == UNIT)


class Before(NamedTuple):
    """A relationship of a class whose objects were loaded."""

    model: str
    step: Mapped


class Origin(NamedTuple):
    """An object, or a collection of them. ``how``: loaded, made, given, merged, or called or lent
    (then ``callee`` is the function that gave it, here or as a dependency that a framework
    calls), or kept in a ``store``."""

    entity: Kind
    root: Root
    how: str
    session: Session | None = None
    callee: str = ""
    set_at_once: frozenset[str] = frozenset()  # attributes that its constructor is given
    open: bool = False  # ... or may be
    by_async: bool = False  # the function that gave it has an AsyncSession
    before: Before | None = None  # the relationship that gave it
    store: Store | None = None  # where it was kept before
    merged_of: str = ""  # the function that gave the object that is merged

    @property
    def model(self) -> str:
        """The label of its class."""
        return self.entity.label

    @property
    def is_async(self) -> bool:
        """It hangs on an AsyncSession."""
        own = self.session is not None and self.session.kind.is_async
        return own or self.by_async or "by async" in self.entity.traits


def _gathers(op: Op, on: Kind) -> bool:
    """A call, or a display with ``*rows`` in it, goes through what it is given: the objects of
    `list(session.scalars(...))` come from the session, too."""
    if op.do == "pack":
        return any(arg.star == 1 for arg in op.args)
    return op.do == "call" and hands_on(dotted_label(on, op.name))


def entities_of(kind: Kind) -> list[tuple[Kind, str]]:
    """The entities that a value is or holds, whatever it holds them in: one of each class."""
    if kind.name == kinds.ENTITY and kind.label:
        return [(kind, SELF)]
    found: dict[str, tuple[Kind, str]] = {}
    for inner in _held(kind, HELD_DEPTH):
        known = found.get(inner.label)
        found[inner.label] = (inner if known is None else join(known[0], inner), MANY)
    return list(found.values())


def _held(kind: Kind, depth: int) -> Iterator[Kind]:
    if kind.name == kinds.ENTITY and kind.label:
        yield kind
    elif kind.name in _HOLDING and depth:
        for of in kind.of:
            yield from _held(of, depth - 1)


def entity_of(kind: Kind) -> tuple[Kind, str] | None:
    """The entity a kind is or collects, and the role of a place that holds it."""
    if kind.name == kinds.ENTITY and kind.label:
        return kind, SELF
    if kind.name in _COLLECTIONS and len(kind.of) == 1:
        one = kind.of[0]
        if one.name == kinds.ENTITY and one.label:
            return one, MANY
    return None


@dataclass
class Origins:
    """Finds them in one function."""

    typed: Typed
    effects: Effects
    summaries: Summaries
    sessions: tuple[Session, ...]

    def all(self) -> Iterator[Origin]:
        """Every origin."""
        yield from self._loaded()
        yield from self._called()
        yield from self._of_tasks()
        yield from self._lent()
        yield from self._made()
        yield from self._given()
        yield from self._merged()
        yield from self._related()
        yield from self._kept()

    @cached_property
    def _ops(self) -> list[tuple[Position, Op, Kind, Kind]]:
        on, dst = self.typed.on, self.typed.dst
        return [
            ((number, i), op, on[number][i], dst[number][i])
            for number, block in enumerate(self.typed.function.blocks)
            for i, op in enumerate(block.ops)
        ]

    def _loaded(self) -> Iterator[Origin]:
        places = {id(op): (at, on, dst) for at, op, on, dst in self._ops}
        owners = self._owners()
        seen: set[Position] = set()
        known = self._awaited()
        through = {one.made: one for one in applied(self.typed)}
        known |= {one.at for one in through.values()}
        for session in self.sessions:
            for use in session.uses:
                at, on, dst = places[id(use.op)]
                if at in known:
                    continue
                if owners[id(use.op)] is not session:
                    continue
                if at in through and len(dst.of) == 1:
                    yield from self._applied(through[at], dst, session)
                    continue
                gathers = _gathers(use.op, on) and bool(_SOURCES & set(use.given))
                held = entities_of(dst) if gathers else []
                found = held[0] if len(held) == 1 else entity_of(dst)
                gives = on.name in _SOURCES and bool(use.role)
                if found is None or not (gathers or (gives and use.op.do in _GIVING)):
                    continue
                entity, role = found
                if "queried" not in entity.traits or at in seen:
                    continue
                seen.add(at)
                yield Origin(entity, self._root(entity, at, role, session), "loaded", session)
        yield from self._pages(seen)
        yield from self._by_flask(seen)

    def _applied(self, given: Applied, result: Kind, session: Session) -> Iterator[Origin]:
        """The objects of a result, before what goes through it calls a function with them."""
        each = self.effects.project.knowledge.as_value(result.of[0], result)
        if each.name == kinds.ENTITY and each.label:
            root = self._root(each, given.made, MANY, session)
            also = tuple(one for one in root.also if one[0] not in given.names)
            yield Origin(each, root._replace(also=also), "loaded", session)

    def _awaited(self) -> set[Position]:
        """Where the coroutine of a function of the project is awaited: what that function has done
        with the objects, `_called` asks."""
        knowledge = self.effects.project.knowledge
        made = {
            op.dst
            for _, op, on, dst in self._ops
            if op.do == "call"
            and dst.name == kinds.COROUTINE
            and is_own_function(called(knowledge, op, on))
        }
        return {at for at, op, _, _ in self._ops if op.do == "await" and op.on in made}

    def _pages(self, seen: set[Position]) -> Iterator[Origin]:
        """`query.paginate()`: a page of Flask-SQLAlchemy, which keeps its objects as `items`."""
        for at, op, _, dst in self._ops:
            page = op.do == "call" and dst.name == kinds.INSTANCE and not dst.label and dst.of
            entity = dst.of[0] if page else UNKNOWN
            if entity.name == kinds.ENTITY and at not in seen and "queried" in entity.traits:
                session = self.sessions[0] if len(self.sessions) == 1 else None
                role = keeping(False, "items", MANY)
                yield Origin(entity, self._root(entity, at, role, session), "loaded", session)

    def _by_flask(self, seen: set[Position]) -> Iterator[Origin]:
        """`db.get_or_404(User, 1)`: the object of Flask-SQLAlchemy asks its own session."""
        for at, op, on, dst in self._ops:
            asks = op.do == "call" and on.name == kinds.FLASK_DB and dst.name == kinds.ENTITY
            if not asks or at in seen or "queried" not in dst.traits or not isinstance(op.on, str):
                continue
            place = f"{op.on}.session"
            ours = [one for one in self.sessions if (place, SELF) in one.names]
            kind = self.effects.project.knowledge.attribute(on, "session")
            session = ours[0] if ours else Session(kind, frozenset({(place, SELF)}), ())
            yield Origin(dst, self._root(dst, at, SELF, session), "loaded", session)

    def _related(self) -> Iterator[Origin]:
        """What relationships of loaded objects give: reading them loads them. Under asyncio it does
        not, and raises, but where they were loaded with the objects; awaiting them as
        `awaitable_attrs` does."""
        session = self.sessions[0] if len(self.sessions) == 1 else None
        asked = {
            op.dst: (on.of[0], op.name)
            for _, op, on, _ in self._ops
            if op.do == "getattr" and on.name == AWAITABLES and op.dst is not None
        }
        there = {name for _, name in asked.values()}.union(
            *self.effects.shape(self.typed).named.values()  # `await session.refresh(user, names)`
        )
        for at, op, on, dst in self._ops:
            owner, name, found = on, op.name, entity_of(dst)
            awaited = op.do == "await" and op.on in asked
            if awaited:
                owner, name = asked[str(op.on)]
            elif op.do != "getattr" or on.name != kinds.ENTITY:
                continue
            if found is None or name is None or RELATED not in found[0].traits:
                continue
            entity, role = found
            step = mapped(self.effects.project, owner.label, name)
            if step is None or "queried" not in entity.traits:
                continue
            if "by async" in entity.traits and not (
                awaited or name in there or self._comes_with_it(op, owner, step)
            ):
                continue
            if session is not None and self._may_be_over(session, at):
                continue
            root = self._root(entity, at, role, session)
            yield Origin(entity, root, "loaded", session, before=Before(owner.label, step))

    def _comes_with_it(self, op: Op, owner: Kind, step: Mapped) -> bool:
        """A relationship was loaded with its object, and is asked for once: where it is asked for
        again, something may have been done with what it gives."""
        if step.load != "eager" and not may_be_loaded(owner.loaded, step.name):
            return False
        asked = [
            one
            for _, one, on, _ in self._ops
            if one.do == "getattr" and one.name == op.name and on.name == kinds.ENTITY
        ]
        return len(asked) == 1

    def _may_be_over(self, session: Session, at: Position) -> bool:
        """Some way leads from the end of a session to an operation, without another beginning."""
        blocks = self.typed.function.blocks
        places = {place for place, _ in session.names}
        waiting = [
            (number, i + 1)
            for (number, i), op, _, _ in self._ops
            if op.on in places and (op.do == "leave" or (op.do == "call" and op.name in _PARTING))
        ]
        seen: set[int] = set()
        while waiting:
            number, start = waiting.pop()
            begun = False
            for i in range(start, len(blocks[number].ops)):
                if (number, i) == at:
                    return True
                begun = begun or blocks[number].ops[i].at == session.at
                if begun:
                    break
            for edge in () if begun else blocks[number].edges:
                if edge.to not in seen:
                    seen.add(edge.to)
                    waiting.append((edge.to, 0))
        return False

    def _called(self) -> Iterator[Origin]:
        awaits = {op.on: (at, dst) for at, op, _, dst in self._ops if op.do == "await"}
        for at, op, on, dst in self._ops:
            if op.do == "getattr" and on.name == kinds.INSTANCE:
                yield from self._of_property(at, op, on, dst)
            if op.do != "call":
                continue
            if dst.name == kinds.COROUTINE:
                there = awaits.get(op.dst)
                if there is None:
                    continue
                at, dst = there
            held = entities_of(dst) or list(self._in_fields(dst))
            callee = called(self.effects.project.knowledge, op, on) if held else UNKNOWN
            if not is_own_function(callee) or self._is_overridden(op, on):
                continue
            session = self.session_given(op) or self._of_object(op, callee.label)
            by_async = self._is_async(callee.label)
            for entity, role in held:
                root = self._root(entity, at, role, session)
                yield Origin(entity, root, "called", session, callee.label, by_async=by_async)

    def _is_overridden(self, op: Op, on: Kind) -> bool:
        """`self.load()`, and a class below has a `load` of its own: the object may come from it."""
        function = self.typed.function
        if on.name != kinds.INSTANCE or not function.params or op.on != function.params[0].name:
            return False
        return self.effects.project.knowledge.classes.is_overridden(on.label, op.name or "")

    def _of_property(self, at: Position, op: Op, on: Kind, dst: Kind) -> Iterator[Origin]:
        """What a property gives of an object of the project that is none of the database's."""
        held, knowledge = entities_of(dst), self.effects.project.knowledge
        label = knowledge.classes.method(on.label, op.name or "") if held and on.label else None
        if label is None or not knowledge.is_property(label) or self._is_overridden(op, on):
            return
        session = self.session_given(op) or self._of_object(op, label)
        by_async = self._is_async(label)
        for entity, role in held:
            root = self._root(entity, at, role, session)
            yield Origin(entity, root, "called", session, label, by_async=by_async)

    def _of_tasks(self) -> Iterator[Origin]:
        """What tasks come to, and what is gathered: of the one function whose coroutines they run,
        or which runs in threads, that gives such objects."""
        awaited = {op.on for _, op, _, _ in self._ops if op.do == "await"}
        called_here = {op.dst for _, op, _, _ in self._ops if op.do == "call"}
        for at, op, on, dst in self._ops:
            given = op.do == "await" or (op.do == "call" and op.name == "result")
            handed_on = on.name == kinds.COROUTINE and op.on not in called_here
            for entity, role in entities_of(dst) if given and (is_task(on) or handed_on) else ():
                made = {
                    label: one
                    for number, one, of, run in self._ops
                    if one.do == "call"
                    and any(e.label == entity.label for k in run.of for e, _ in entities_of(k))
                    and (label := self._runs(number, one, of, run, one.dst in awaited))
                }
                for label, one in made.items() if len(made) == 1 else ():
                    session, by_async = self.session_given(one), self._is_async(label)
                    root = self._root(entity, at, role, session)
                    yield Origin(entity, root, "called", session, label, by_async=by_async)

    def _runs(self, at: Position, op: Op, on: Kind, given: Kind, is_awaited: bool) -> str:
        """The function of the project whose coroutine a call makes for a task, or which it runs in
        a thread; "" for all other calls."""
        place = in_thread(dotted_label(on, op.name))
        if place is not None:
            args = self.typed.args[at[0]][at[1]]
            run = args[place] if place < len(args) else UNKNOWN
            return run.label if is_own_function(run) else ""
        if given.name != kinds.COROUTINE or is_awaited:
            return ""
        callee = called(self.effects.project.knowledge, op, on)
        return callee.label if is_own_function(callee) else ""

    def _in_fields(self, kind: Kind, depth: int = HELD_DEPTH) -> Iterator[tuple[Kind, str]]:
        """The entities that an object of the project keeps in its fields, or each of many."""
        if kind.name in _COLLECTIONS and len(kind.of) == 1 and depth:
            for entity, role in self._in_fields(kind.of[0], depth - 1):
                one = keeper(role)
                if one is not None:
                    yield entity, keeping(True, one.field, one.inner)
        elif kind.name == kinds.INSTANCE and kind.label and depth:
            for name, given in fields_of(self.effects.project.knowledge, kind.label):
                one_of = entity_of(given)
                inner = [one_of] if one_of is not None else self._in_fields(given, depth - 1)
                for entity, role in inner:
                    whole = keeping(False, name, role)
                    if whole:
                        yield entity, whole

    def _kept(self) -> Iterator[Origin]:
        """What is taken out of an attribute, or a global, in which it was put before; not while the
        session of what this function puts there is open."""
        handled = handling(self.effects.project, self.typed)
        fresh: set[tuple[Store, Position]] = set()
        for store, put in handled.puts:
            fresh |= {(store, at) for at, _ in until_end(self.typed, put)}
        for store, at in handled.takes:
            dst = self.typed.dst[at[0]][at[1]]
            entity = entity_in(dst)
            if entity is not None and (store, at) not in fresh:
                role = SELF if dst.name == kinds.ENTITY else MANY
                root = self._root(entity, at, role, None)
                yield Origin(entity, root, "kept", None, store.label, store=store)

    def _lent(self) -> Iterator[Origin]:
        """What a dependency gives that a framework calls for a parameter, or for one of the class
        whose object keeps it."""
        for place, kind in self._given_places():
            by, found = self._lender(lenders(kind)), entity_of(kind)
            if not by or found is None or place in self._bound:
                continue
            entity, role = found
            session = self._shared_with(by)
            names = names_of_session(session) if session is not None else ()
            root = Root(entity, NOWHERE, place, role, names)
            by_async = self._is_async(by)
            yield Origin(entity, root, "lent", session, by, by_async=by_async)

    def _given_places(self) -> Iterator[tuple[str, Kind]]:
        """Parameters, and what `self` keeps that the function asks for."""
        params = self.typed.function.params
        for param in params:
            yield param.name, self.typed.cells.get(param.name, UNKNOWN)
        if params and self.typed.function.parent is not None:
            asked = {
                str(op.dst): dst
                for _, op, _, dst in self._ops
                if op.do == "getattr" and op.on == params[0].name and op.dst is not None
            }
            yield from asked.items()

    def _lender(self, labels: tuple[str, ...]) -> str:
        """The one that hands an object on which it has from the others; "" when there is none."""
        for label in labels:
            given = {one for kind in self._given_to(label) for one in lenders(kind)}
            if given >= set(labels) - {label}:
                return label
        return ""

    def _given_to(self, label: str) -> list[Kind]:
        typed = self.effects.project.typed.get(label)
        if typed is None:
            return []
        return [typed.cells.get(param.name, UNKNOWN) for param in typed.function.params]

    @cached_property
    def _bound(self) -> frozenset[Operand | None]:
        """The names that are bound to something."""
        return frozenset(op.dst for _, op, _, _ in self._ops if op.do != "getattr")

    def _shared_with(self, label: str) -> Session | None:
        """The session that a dependency of the same request is given, too: it is made once."""
        given = [kind for kind in self._given_to(label) if kind.name in _SESSIONS]
        theirs = {one for kind in given for one in lenders(kind)}
        ours = [one for one in self.sessions if theirs & set(lenders(one.kind))]
        return ours[0] if len(ours) == 1 else None

    def session_given(self, op: Op) -> Session | None:
        """The session that a function of the project works with: it, or the object whose method
        it is, is given it, or hangs on a unit of work that has it."""
        unit = self._of_unit(op.on)
        if unit is not None:
            return unit
        given = {op.on, *(arg.value for arg in op.args)}
        for _, made, on, _ in self._ops:
            makes = made.do == "call" and on.name == kinds.CLASS and made.name is None
            if makes and made.dst is not None and made.dst == op.on:
                given |= {arg.value for arg in made.args}
        return next((s for s in self.sessions if given & {p for p, _ in s.names}), None)

    def _of_object(self, op: Op, label: str) -> Session | None:
        """The session that the object whose method is called keeps, and with which both work."""
        typed = self.effects.project.typed.get(label)
        if typed is None or op.name is None or not typed.function.params:
            return None
        own = f"{typed.function.params[0].name}."
        kept = {
            f"{op.on}.{place.removeprefix(own)}"
            for number, block in enumerate(typed.function.blocks)
            for i, inner in enumerate(block.ops)
            for place, kind in (
                (inner.on, typed.on[number][i]),
                *zip((arg.value for arg in inner.args), typed.args[number][i], strict=False),
            )
            if isinstance(place, str) and place.startswith(own) and kind.name in _SESSIONS
        }
        found = [s for s in self.sessions if any(place in kept for place, _ in s.names)]
        return found[0] if len(found) == 1 else None

    def _of_unit(self, place: Operand | None) -> Session | None:
        """The unit of work that something is, or hangs on."""
        seen: set[Operand] = set()
        while isinstance(place, str) and place not in seen:
            seen.add(place)
            for session in self.sessions:
                if session.unit is not None and (place, UNIT) in session.names:
                    return session
            if "." in place:
                place = place.rpartition(".")[0]
                continue
            bound = [op.on for _, op, _, _ in self._ops if op.dst == place and op.do in _LEADING]
            place = bound[0] if len(bound) == 1 else None
        return None

    def _is_async(self, label: str) -> bool:
        """A function of the project works with an AsyncSession."""
        typed = self.effects.project.typed.get(label)
        return typed is not None and any(
            kind.is_async and kind.name in (kinds.SESSION, kinds.SCOPED_SESSION)
            for row in typed.on
            for kind in row
        )

    def _made(self) -> Iterator[Origin]:
        for at, op, on, dst in self._ops:
            if op.dst is None or not self._makes(op, on, dst):
                continue
            for session in self._adding(op.dst, at):
                yield self._new(at, dst, session)

    def new_in(self, place: Operand, user: Op) -> Origin | None:
        """The object that a place holds for an operation, where it is made anew and gets that name
        last before, on the way of the text, whatever becomes of it; None for all others."""
        order = [op for _, op, _, _ in self._ops]
        before = next(n for n, op in enumerate(order) if op is user)
        for _ in range(GIVING_STEPS):
            bound = [n for n, op in enumerate(order[:before]) if op.dst == place]
            if not bound:
                return None
            before = bound[-1]
            at, op, on, dst = self._ops[before]
            if op.do != "move" or op.on is None:
                return self._new(at, dst, None) if self._makes(op, on, dst) else None
            place = op.on
        return None

    def _makes(self, op: Op, on: Kind, dst: Kind) -> bool:
        if op.do != "call" or dst.name != kinds.ENTITY:
            return False
        if op.name is not None:  # `models.User()`, `self.model()`
            on = self.effects.project.knowledge.attribute(on, op.name)
        return on.name == kinds.MAPPED_CLASS or is_variable(on)

    def _new(self, at: Position, made: Kind, session: Session | None) -> Origin:
        given = given_at_once(self.effects.project.knowledge, self.typed, at)
        root = self._root(made, at, SELF, session)
        return Origin(made, root, "made", session, set_at_once=given.names, open=given.open)

    def _merged(self) -> Iterator[Origin]:
        """What `session.merge()` gives: an object of the session."""
        awaits = {op.on: (at, dst) for at, op, _, dst in self._ops if op.do == "await"}
        owners = self._owners()
        for at, op, _, dst in self._ops:
            if op.do != "call" or op.name != "merge" or id(op) not in owners:
                continue
            if dst.name == kinds.COROUTINE:
                at, dst = awaits.get(op.dst, (at, dst))
            if dst.name == kinds.ENTITY and dst.label:
                session, given = owners[id(op)], op.args[0].value if op.args else None
                root = self._root(dst, at, SELF, session)
                yield Origin(dst, root, "merged", session, merged_of=self._giver(given))

    def _giver(self, place: Operand | None) -> str:
        """The function of the project that gave what a place holds; "" when that is not known."""
        for _ in range(GIVING_STEPS):
            made = [(op, on) for _, op, on, _ in self._ops if op.dst == place and place is not None]
            if len(made) != 1:
                break
            op, on = made[0]
            if op.do == "call":
                callee = called(self.effects.project.knowledge, op, on)
                return callee.label if is_own_function(callee) else ""
            if op.do not in ("await", "move"):
                break
            place = op.on
        return ""

    def _given(self) -> Iterator[Origin]:
        for param in self.typed.function.params:
            kind = self.typed.cells.get(param.name, UNKNOWN)
            if kind.name == kinds.ENTITY and kind.label:
                for session in self._adding(param.name) or self._sending(param.name):
                    names = names_of_session(session)
                    root = Root(kind, NOWHERE, param.name, SELF, names)
                    yield Origin(kind, root, "given", session)

    def _sending(self, place: Place) -> list[Session]:
        """The one session that sends what a function changes of an object it was given."""
        if not any(self._changes(op, on, place) for _, op, on, _ in self._ops):
            return []
        sent = [
            s
            for s in self.sessions
            if any(u.op.name in _SENDING or "commit" in u.happening.events for u in s.uses)
        ]
        return sent if len(sent) == 1 else []

    def _changes(self, op: Op, on: Kind, place: Place) -> bool:
        """An operation may assign attributes of an object: one of its methods may, too."""
        if op.do == "setattr" or (op.do == "call" and op.name is not None and op.on == place):
            return op.on == place
        given = [arg.value for arg in op.args]
        if op.do != "call" or place not in given:
            return False
        if on.label == "builtins.setattr":
            return given[0] == place
        return bool(self.summaries.by_call(op, on, place).sets)

    def _owners(self) -> dict[int, Session]:
        """The session that each operation is done with: where several have the same name one after
        the other, the last one that was made before."""
        found: dict[int, Session] = {}
        for session in sorted(self.sessions, key=lambda s: s.at):
            for use in session.uses:
                known = found.get(id(use.op))
                if known is None or session.at < use.op.at:
                    found[id(use.op)] = session
        return found

    def _adding(self, place: Place, made: Position = NOWHERE) -> list[Session]:
        """The sessions to which an object is added, by whatever name."""
        known = {place} | self._holders(place, made)
        puts = self.effects.shape(self.typed).puts
        for _, op, _, _ in self._ops:
            kept = op.do == "pack" and any(arg.value in known for arg in op.args)
            if op.dst is not None and (kept or (op.do == "move" and op.on in known)):
                known.add(op.dst)
            if place[0] != "%" and id(op) in puts and any(a.value in known for a in op.args):
                known.add(puts[id(op)])
        owners = self._owners()
        units = [
            session
            for _, op, on, _ in self._ops
            if op.do == "call" and (given := [a for a in op.args if a.value in known])
            if (session := self._of_unit(op.on)) is not None
            if adds(self.effects.project, op, on, str(given[0].value))
        ]
        return units + [
            session
            for session in self.sessions
            if any(
                owners[id(u.op)] is session
                and any(arg.value in known for arg in u.op.args)
                and (u.op.name in _ADDING or self._hands_to_add(u, known))
                for u in session.uses
            )
        ]

    def _hands_to_add(self, use: Use, known: set[Place]) -> bool:
        """A function of the project that works with the session adds what it is given."""
        if use.op.do != "call" or "add" not in use.happening.events:
            return False
        on = next(on for _, op, on, _ in self._ops if op is use.op)
        given = [str(arg.value) for arg in use.op.args if arg.value in known]
        return len(given) == 1 and self.summaries.by_call(use.op, on, given[0]).adds

    def _holders(self, place: Place, made: Position) -> set[Place]:
        """The container into which an object is put where it is made."""
        block, i = made
        for op in self.typed.function.blocks[block].ops[i + 1 :] if place[0] == "%" else ():
            if any(arg.value == place for arg in op.args):
                holder = self.effects.shape(self.typed).puts.get(id(op))
                return {holder} if holder is not None else set()
            if op.dst == place:
                break
        return set()

    def _root(self, entity: Kind, at: Position, role: str, session: Session | None) -> Root:
        return Root(entity, at, "", role, names_of_session(session) if session is not None else ())


_ADDING = frozenset({"add", "add_all"})
_SENDING = frozenset({"commit", "flush"})
_PARTING = frozenset({"close", "aclose", "remove", "expunge", "expunge_all", "reset"})
_LEADING = frozenset({"move", "getattr"})


def names_of_session(session: Session) -> tuple[tuple[Place, str], ...]:
    """The names of a session, with the roles they have for its objects."""
    return tuple((place, OF_SESSION + role) for place, role in sorted(session.names))


def session_of(
    typed: Typed, root: Root, effects: Effects, leaving: tuple[str, ...] = ()
) -> Session:
    """A session with its names and everything that is done with it."""
    done = uses(typed, root, effects)
    names = {(root.place, root.role)} if root.position == NOWHERE else set()
    names |= set(root.also)
    made: Op | None = None
    if root.position != NOWHERE:
        block, i = root.position
        made = typed.function.blocks[block].ops[i]
        if made.dst is not None:
            names.add((made.dst, root.role))
    names |= {
        (use.op.dst, use.happening.role)
        for use in done
        if use.op.dst is not None and is_handle(use.happening.role)
    }
    at = made.at if made is not None else -1
    return Session(root.kind, frozenset(names), done, leaving, None, at, made, root.role)


def session_of_unit(unit: Unit, entered: Op) -> Session:
    """The session that a unit of work keeps while its block runs."""
    names = {(place, UNIT) for place in (entered.on, entered.dst) if isinstance(place, str)}
    return Session(unit.session, frozenset(names), (), (), unit, entered.at)


def session_of_given(unit: Unit, place: Place) -> Session:
    """The session of a unit of work that a function is given."""
    return Session(unit.session, frozenset({(place, UNIT)}), (), (), unit)

"""What a function reads of mapped objects at a time when it cannot be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import Mapped, proxied, read_as_attribute
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.entities import CONTEXT, MANY, OF_SESSION, AttributeEffects
from sqla_lint.flow.fetched import made_by_update, unknown_after_insert
from sqla_lint.flow.generic import for_class
from sqla_lint.flow.heirs import of_heirs
from sqla_lint.flow.imaginable import unimaginable
from sqla_lint.flow.lodgers import lodging
from sqla_lint.flow.marshalling import filled
from sqla_lint.flow.origins import (
    Origin,
    Origins,
    Session,
    entities_of,
    entity_of,
    names_of_session,
    session_of,
    session_of_given,
    session_of_unit,
)
from sqla_lint.flow.parts import with_parts
from sqla_lint.flow.possible import is_harmless
from sqla_lint.flow.reach import Reach, direct, reaches
from sqla_lint.flow.reads import GETTER, KEEPS, Reads, Summaries
from sqla_lint.flow.resolving import is_resolver, read_by_resolvers
from sqla_lint.flow.root import NOWHERE, SELF, Position, Root
from sqla_lint.flow.schemas import schema_fields
from sqla_lint.flow.serializing import read_by_asdict, read_by_schema, read_by_validating
from sqla_lint.flow.solve import End, Trail, solve
from sqla_lint.flow.stored import gives_back
from sqla_lint.flow.stores import Store, handling
from sqla_lint.flow.unitsessions import Making
from sqla_lint.flow.working import read_by_work
from sqla_lint.flow.workunits import unit_given, unit_made
from sqla_lint.flow.wrappers import Wrapper
from sqla_lint.ir import EXIT, Ann, Const, Op, Operand, Place, Ref
from sqla_lint.project.callers import called
from sqla_lint.project.handedoptions import handed_by, names_of
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import applying
from sqla_lint.project.kind import (
    FOREIGN,
    FUNCTIONS,
    MADE_BY,
    NAME,
    UNKNOWN,
    Kind,
    class_name,
    dotted_label,
    lenders,
)
from sqla_lint.project.served import annotated_model, response_model
from sqla_lint.views.calling import calls
from sqla_lint.views.expiring import expiry
from sqla_lint.views.function import Function, Note, Operation
from sqla_lint.views.heldwork import held_work
from sqla_lint.views.kept import comes_unread, containers, is_attached_again, is_cached, is_plain
from sqla_lint.views.mates import (
    comes_before,
    leads_nowhere,
    may_be_brought,
    may_be_heir,
    names_given,
)
from sqla_lint.views.processwide import is_of_process
from sqla_lint.views.putaway import Put, put_away, put_into
from sqla_lint.views.requesthooks import begins_request, ends_with_request
from sqla_lint.views.templates import rendered
from sqla_lint.ways import behind

# Functions whose objects are followed back through their callees, at most so deep.
CALLEE_DEPTH = 3
# Reads of one function that are looked at; generated code has thousands.
ATTRIBUTE_LIMIT = 60
NAMES = 12  # names of names


class Access(NamedTuple):
    """A read that raises, or gives nothing. ``how``: "expired", "unloaded", "computed" by the
    database with an UPDATE, or "emptied": not loaded when the object was made transient; ``io``
    under an AsyncSession that is still there, else the object has no session.
    ``served``: what of a framework reads it after the return."""

    op: Op
    reach: Reach
    origin: Origin
    how: str
    io: bool
    trail: Trail | None
    served: str = ""
    tier: Confidence = Confidence.PLAIN
    kept: str = ""  # the function that keeps the object for later calls

    @property
    def attribute(self) -> Mapped:
        """What is read."""
        return self.reach.last

    @property
    def model(self) -> str:
        """The name of the class whose attribute it is."""
        return class_name(self.reach.owner)

    @property
    def by_work(self) -> bool:
        """What the function starts here reads it, some time later."""
        return _given_to_work(self.trail) is self.op

    @property
    def by_stream(self) -> bool:
        """A generator reads it, for an answer that is sent when the request is over."""
        return self.by_work and _was_streamed(self.trail)

    @property
    def by_copy(self) -> bool:
        """Another process reads it, of a copy."""
        return self.trail is not None and self.trail.what == "copied"


# Behind the label of a decorated function: what it gives by itself.
_DECORATED = "@"
# What is asked of the objects that a function gives: see `Reader.returned`.
Asked: TypeAlias = Literal["given", "computed", "spent"]
_GIVEN: Asked = "given"


class Given(NamedTuple):
    """A way on which a function gives objects to its caller."""

    typed: Typed
    origin: Origin
    trail: Trail


def accesses(function: Function) -> tuple[Access, ...]:
    """All such reads of a function, in the order of its text."""
    return reader(function).accesses(function)


def reader(function: Function) -> Reader:
    """What this run knows of entities."""
    kept = function.effects.kept
    found = kept.get("entities")
    if not isinstance(found, Reader):
        found = kept["entities"] = Reader(function)
    return found


class Reader:
    """One per run: remembers what each function was found to do."""

    def __init__(self, function: Function) -> None:
        self.effects: Effects = function.effects
        self.project = function.project
        self.target = function.target
        self.summaries = Summaries(function.effects)
        self._accesses: dict[str, tuple[Access, ...]] = {}
        self._origins: dict[str, tuple[Origin, ...]] = {}
        self._states: dict[tuple[str, str, str, Asked, frozenset[str]], str] = {}
        self._handed: dict[str, bool] = {}
        self._in_stores: dict[tuple[Store, str, str], str] = {}
        # of these, what was put there with a session that others end
        self._by_others: set[tuple[Store, str, str]] = set()
        # how a function gives objects in another state than it loads them
        self.given: dict[tuple[str, str, str, Asked], Given] = {}
        self._kept: dict[tuple[str, str, str], bool] = {}
        self._dumps: dict[int, Reads] = {}
        self._expiring: dict[str, bool] = {}
        self._depth = 0
        self.function = function  # any: what is asked of it is the same for the whole project

    def accesses(self, function: Function) -> tuple[Access, ...]:
        """The reads of a function that raise."""
        known = self._accesses.get(function.label)
        if known is None:
            found = sorted(self._find(function), key=lambda a: a.op.at)
            known = tuple(a for a in found if not _is_expected(function, a.op))
            self._accesses[function.label] = known
        return known

    # --- one function ----------------------------------------------------------------------------

    def _find(self, function: Function) -> Iterator[Access]:
        origins = self.origins(function)
        if not origins:
            return
        fields = _served_fields(function)
        plain = self.names(function, origins)
        for origin in origins:
            may = _Imagined(function.typed, origin)
            served = self._served(function, fields, origin.model)
            names = plain.union(*served.values())
            for reach in self.reaches(origin, names):
                at = frozenset(at for at, paths in served.items() if reach.path in paths)
                yield from self._read(function, origin, reach, at, may)

    def reaches(self, origin: Origin, names: Iterable[str]) -> Iterator[Reach]:
        """The attributes that names may mean of the objects of an origin."""
        for reach in islice(reaches(self.project, origin.model, names), ATTRIBUTE_LIMIT):
            if reach.last.load:
                yield reach

    def _read(
        self,
        function: Function,
        origin: Origin,
        reach: Reach,
        served: frozenset[Ref],
        may: _Imagined,
    ) -> Iterator[Access]:
        """``served``: the returns from which the response model reads the attribute."""
        if reach.heir and may_be_heir(function, reach):
            return
        start = self._begun(function, origin, reach)
        if start.startswith(AS_GIVEN):
            return  # those who hand it over know
        if not reach.is_direct and not self._is_reached(origin, reach):
            return  # the read of what leads there fails
        before = self._before(function, origin, reach) if origin.how in _FROM_CALLEE else ""
        kept, start = (origin.callee, before) if before else ("", start)
        if not start:
            return
        brought = start in FRESH and origin.how in _FROM_CALLEE
        loaded = start not in _NOT_LOADED and (brought or self._is_loaded(origin, reach))
        when = _when(reach, loaded)
        if loaded and not reach.is_direct:
            return  # what led there has expired, too
        if not loaded and origin.is_async and may_be_brought(function, origin, reach.last):
            return
        if not loaded and self._was_there(function, origin, reach):
            return
        how = "expired" if loaded else "unloaded"
        effects = self.effects_of(function, origin, reach)
        if loaded and made_by_update(self.project, origin.model, reach.last, self.target):
            begun = self._computed_start(function, origin, reach, start)
            effects.by_update = True
            yield from self._computed(function, origin, reach, effects, begun, served)
            effects.by_update = False
        if (
            loaded
            and start in FRESH
            and not effects.spent
            and not self.may_expire(function, origin)
        ):
            return
        protocol = _READING[when, origin.is_async]
        harmless = may.lead_nowhere(effects, protocol, start, protocol.bad)
        for end in () if harmless else self._solve(function, origin, effects, protocol, start):
            left = _given_to_work(end.trail) if end.way == "return" else None
            if (
                left is not None
                and _is_left(function, end)
                and self._is_over(function, origin, end)
            ):
                io = end.state.removesuffix(protocols.HANDED) == "owed"
                if io and reach.goes_back:
                    continue
                yield Access(left, reach, origin, how, io, end.trail, "", end.tier, kept)
            if end.way == "fault" and end.trail is not None:
                io = end.state == "io"
                if io and reach.goes_back:
                    continue  # found in the session
                emptied = end.state == "emptied"
                if emptied and origin.how not in ("loaded", "called"):
                    continue  # one that was made here has what it was given
                read, what = end.trail.op, "emptied" if emptied else how
                yield Access(read, reach, origin, what, io, end.trail, "", end.tier, kept)
        protocol = _HANDING[when, origin.is_async]
        if served and not may.lead_nowhere(effects, protocol, start, _HANDED_UNREADABLE):
            for end in self._solve(function, origin, effects, protocol, start):
                state = end.state.removesuffix(protocols.HANDED)
                op = _handed(end)
                if op is None or end.way != "return" or op.at not in served:
                    continue
                io = state in _LOADABLE
                if state in ("lost", "cut") or (origin.is_async and io):
                    by = self._served_by(function)
                    yield Access(op, reach, origin, how, io, end.trail, by, end.tier)

    def _is_over(self, function: Function, origin: Origin, end: End) -> bool:
        """The session is gone when work begins that was given the object: for an answer that is
        streamed, one of the request; another one somebody may keep open."""
        if not _was_streamed(end.trail):
            return True
        session = origin.session
        if session is not None and session.kind.owner == "registry":
            return ends_with_request(function, session.kind)
        typed = self.project.typed.get(origin.callee)
        roots = function.request_session()
        roots = roots or (function.of(typed).request_session() if typed is not None else ())
        return any("request-scoped" in root.kind.traits for root in roots)

    def _is_reached(self, origin: Origin, reach: Reach) -> bool:
        """All that leads to an attribute may be loaded, where the object comes from."""
        for _ in range(CALLEE_DEPTH + 1):
            if reach.is_reached(origin.entity.loaded):
                return True
            given = self.given.get((origin.callee, origin.model, reach.path, _GIVEN))
            if given is None:
                return False
            origin = given.origin
        return False

    def _was_there(self, function: Function, origin: Origin, reach: Reach) -> bool:
        """The name held an object of the class with the attribute loaded when this one was asked
        for under the same name: the session gives the very same object again."""
        names = names_given(function, origin.root.position)
        return bool(names) and any(
            other.model == origin.model
            and names & names_given(function, other.root.position)
            and comes_before(function, other.root.position, origin.root.position)
            and self.start(other, reach) in FRESH
            for other in self.origins(function)
        )

    def may_expire(self, function: Function, origin: Origin) -> bool:
        """Something in a function may expire the objects of an origin that it has."""
        session = origin.session
        if session is not None and (
            session.leaving or session.unit is not None or "begin" in session.kind.traits
        ):
            return True
        if function.label not in self._expiring:
            self._expiring[function.label] = self._ends_units(function.typed)
        return self._expiring[function.label]

    def _ends_units(self, typed: Typed) -> bool:
        """Something in a function may end the unit of work of a session, or of what keeps one."""
        return any(
            op.do == "call"
            and (
                op.name in _ENDING
                or any(kind.name in _PASSED for kind in typed.args[number][i])
                or (
                    typed.on[number][i].name == kinds.INSTANCE
                    and self._ends(op, typed.on[number][i])
                )
            )
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
        )

    def _ends(self, op: Op, on: Kind) -> bool:
        """A method of an object of the project may end the unit of work of a session."""
        callee = called(self.project.knowledge, op, on)
        typed = self.project.typed.get(callee.label)
        if typed is None:
            return False
        if callee.label not in self._expiring:
            self._expiring[callee.label] = False  # one that calls itself adds nothing
            self._expiring[callee.label] = self._ends_units(typed)
        return self._expiring[callee.label]

    def _computed_start(self, function: Function, origin: Origin, reach: Reach, start: str) -> str:
        """The state of what the database computes with an UPDATE, where its object comes from."""
        if origin.how not in _FROM_CALLEE:
            return start
        begun = self.returned(origin.callee, reach, origin.entity.loaded, "computed")
        if begun not in _TO_COMPUTE:
            return start
        given = self.given.get((origin.callee, origin.model, reach.path, "computed"))
        passed = given is not None and given.origin.how == "given"
        return start if passed and not _hands_loaded(function, origin) else begun

    def _computed(
        self,
        function: Function,
        origin: Origin,
        reach: Reach,
        effects: AttributeEffects,
        start: str,
        served: frozenset[Ref],
    ) -> Iterator[Access]:
        """Reads of what the database has computed with an UPDATE."""
        asyncio = origin.is_async
        protocol = protocols.COMPUTED_ASYNC if asyncio else protocols.COMPUTED_SYNC
        for end in self._solve(function, origin, effects, protocol, start):
            if end.way == "fault" and end.trail is not None:
                io, op = end.state == "io", end.trail.op
                yield Access(op, reach, origin, "computed", io, end.trail, "", end.tier)
        if not served:
            return
        for end in self._solve(function, origin, effects, protocols.HANDED_COMPUTED, start):
            state, handed = end.state.removesuffix(protocols.HANDED), _handed(end)
            raises = state == "lost" or (asyncio and state == "stale")
            if handed is not None and end.way == "return" and raises and handed.at in served:
                io = state == "stale"
                by = self._served_by(function)
                yield Access(handed, reach, origin, "computed", io, end.trail, by, end.tier)

    def _solve(
        self,
        function: Function,
        origin: Origin,
        effects: AttributeEffects,
        protocol: Protocol,
        start: str,
    ) -> tuple[End, ...]:
        protocol = protocol._replace(start=start)
        worst = Confidence.RESOURCE  # a commit that fails, and the rollback that expires
        return solve(function.typed, protocol, (origin.root,), effects, worst).ends

    def effects_of(
        self, function: Function, origin: Origin, attribute: Mapped | Reach
    ) -> AttributeEffects:
        """Reads operations for an attribute of the objects of an origin."""
        reach = attribute if isinstance(attribute, Reach) else direct(origin.model, attribute)
        session = origin.session.kind if origin.session is not None else UNKNOWN
        leaving = origin.session.leaving if origin.session is not None else ()
        shape = self.effects.shape(function.typed)
        effects = AttributeEffects(self.effects, self.summaries, session, reach, leaving, shape)
        effects.dumps, effects.handlers_run = self._dumps, True
        effects.put_away = put_away(function, reach.last.name)
        effects.shown = {key: one.reads for key, one in rendered(function).items()}
        effects.held = held_work(function, self.summaries)
        if origin.how == "called" and _is_generator(function, origin):
            effects.spent = self._spent(origin, reach)
        if origin.session is not None:
            effects.unit = origin.session.unit
            if origin.how in _BEFORE:
                effects.begins = (origin.session.made, OF_SESSION + origin.session.role)
        return effects

    def _begun(self, function: Function, origin: Origin, reach: Reach) -> str:
        """The state of an attribute where its object comes from, when that depends on what the
        function hands to the one that gives the object back."""
        start = self.start(origin, reach)
        if start.startswith(AS_GIVEN) and may_be_brought(function, origin, reach.last):
            return ""
        if start.startswith(AS_GIVEN) and origin.how != "given":
            if self._hands_new(function, origin, reach):
                return start.removeprefix(AS_GIVEN)
            return start if _hands_given(function, origin) else ""
        if start != "ended":
            kept = (origin.store, reach.models[0], reach.path) if origin.store is not None else None
            return "" if kept in self._by_others and not _is_in_request(function) else start
        if _hands_loaded(function, origin):
            return "expired"
        return start if _hands_given(function, origin) else ""

    def _hands_new(self, function: Function, origin: Origin, reach: Reach) -> bool:
        """What is given to the function that gives it back is an object that was made here, and
        lacks the attribute. Not where the function gets such an object by another way, too: that
        may be the same one, with more of it loaded."""
        call = _handed_back(function, origin)
        given = (
            [
                arg.value
                for arg, kind in zip(call.op.args, call.arg_kinds, strict=False)
                if kind.name == kinds.ENTITY and kind.label == origin.model
            ]
            if call is not None
            else []
        )
        if call is None or len(given) != 1 or not isinstance(given[0], str):
            return False
        asked = Origins(function.typed, self.effects, self.summaries, ())
        made = asked.new_in(given[0], call.op)
        if made is None or self.start(made, reach) != "new":
            return False
        if self._gets_others(function, made, origin):
            return False
        protocol = _HANDING[_when(reach, False), origin.is_async]
        effects = self.effects_of(function, made, reach)
        effects.gives, effects.kept_by = "", (call.op, given[0])
        ends = self._solve(function, made, effects, protocol, "new")
        return {end.state for end in ends if _handed(end) is call.op} == {f"new{protocols.HANDED}"}

    def _gets_others(self, function: Function, *known: Origin) -> bool:
        """A function has objects of the same class that come from elsewhere."""
        places = {one.root.position for one in known}
        return any(
            other.model == known[0].model and other.root.position not in places
            for other in self.origins_for(function)
        )

    def start(self, origin: Origin, of: Mapped | Reach) -> str:
        """The state of an attribute where its object comes from; "" when nothing can be said."""
        reach = of if isinstance(of, Reach) else direct(origin.model, of)
        attribute = reach.last
        loaded = self._is_loaded(origin, reach)
        if origin.how == "loaded":
            return "fresh" if loaded else "bare"
        if not reach.is_direct and origin.how not in _FROM_CALLEE:
            return ""
        if origin.how == "made":
            if reach.heir:
                return ""  # an object of the class itself
            if loaded:
                return "new"
            at_once = origin.set_at_once
            given = attribute.name in at_once or origin.open
            known = given or leads_nowhere(self.project, origin.model, attribute, at_once)
            return "" if known else "new"
        if origin.how == "given" and attribute.role == "relationship":
            return f"{AS_GIVEN}new"
        if origin.how == "given":
            return "given" if loaded and attribute.role == "column" else ""
        if origin.how == "merged":
            if loaded:
                return "fresh" if attribute.role == "column" else ""
            other = self.returned(origin.merged_of, reach, origin.entity.loaded)
            return "bare" if other in _LACKING else ""  # no merge loads what the other lacks
        if origin.store is not None:
            return self.kept(origin.store, reach)
        return self.returned(origin.callee, reach, origin.entity.loaded)

    def _is_loaded(self, origin: Origin, reach: Reach) -> bool:
        """The attribute comes with its object, or may do so: then only that it expires is told.
        What a new object was not given is never loaded."""
        if reach.last.role == "relationship":
            if origin.how == "made":
                return False
            return reach.last.load == "eager" or reach.may_be_loaded(origin.entity.loaded)
        if origin.how == "loaded" and reach.last.load == "lazy":
            return reach.may_be_loaded(origin.entity.loaded)
        if origin.how == "made" and unknown_after_insert(
            self.project, origin.model, reach.last, self.target
        ):
            return False
        return not reach.is_left_out(origin.entity.loaded) and reach.last.load == "eager"

    # --- what callees keep ---

    def _before(self, function: Function, origin: Origin, reach: Reach) -> str:
        """The state of an object that was kept since another request, whose session is gone; "" for
        all others."""
        if not reach.is_direct:
            return ""
        if not _is_in_request(function):
            return ""
        if reach.last.role == "relationship" and self._keeps(origin.callee, reach):
            return "cut" if comes_unread(function, origin.callee, origin, reach) else ""
        state = self._kept_by(origin.callee, reach) if origin.how == "called" else ""
        unread = state != "cut" or comes_unread(function, origin.callee, origin, reach)
        return state if unread else ""

    def _kept_by(self, label: str, reach: Reach) -> str:
        """The state of what a function may give back that it was once lent a session to load."""
        typed = self.project.typed.get(label)
        if typed is None or self.effects._wrapped(label):
            return ""
        handled = handling(self.project, typed)
        for store in {store for store, _ in handled.puts}:
            if is_of_process(self.function, store) and gives_back(typed, store, handled):
                return self.kept(store, reach)
        return ""

    def _keeps(self, label: str, reach: Reach) -> bool:
        """A function keeps objects of a session that ends, without this attribute."""
        key = (label, reach.models[0], reach.path)
        if key not in self._kept:
            typed = self.project.typed.get(label)
            self._kept[key] = typed is not None and self._keeps_unloaded(typed, label, reach)
        return self._kept[key]

    def _keeps_unloaded(self, typed: Typed, label: str, reach: Reach) -> bool:
        function = Function(typed, self.project, self.effects, self.target)
        if not is_cached(self.project, label) and not containers(function):
            return False
        stored = [
            o for o in self.origins(function) if o.how == "loaded" and o.model == reach.models[0]
        ]
        read = any(
            op.do == "getattr" and op.name == reach.last.name for _, _, op in function.positions
        )
        return (
            len(stored) == 1
            and not read
            and stored[0].session is not None
            and ends_with_request(function, stored[0].session.kind)
            and self.start(stored[0], reach) == "bare"
        )

    def kept(self, store: Store, reach: Reach) -> str:
        """The state of what was put away, all of it without a session; "" when it is not."""
        key = (store, reach.models[0], reach.path)
        if key not in self._in_stores:
            self._in_stores[key] = ""  # put back where it was taken
            states: set[str] = set()
            ended: set[str] = set()  # of what was put there with a session that others end
            for put in put_into(self.function, store, reach.last.name):
                for state in self._put_away(store, put, reach) or ("",):
                    lent = state in _LENT and self._is_for_others(store, put)
                    left = self._left(put.typed, reach, state) if lent else set[str]()
                    ended |= left
                    if not left:
                        states.add(state)
            if not states and ended & _WITHOUT_SESSION:
                states = ended & _WITHOUT_SESSION
                self._by_others.add(key)
            one = states.pop() if len(states) == 1 else ""
            self._in_stores[key] = one if one in _WITHOUT_SESSION else ""
        return self._in_stores[key]

    def _is_for_others(self, store: Store, put: Put) -> bool:
        """What is put away there stays for the next request: it is not put there by each."""
        function = Function(put.typed, self.project, self.effects, self.target)
        handled = handling(self.project, put.typed)
        once = gives_back(put.typed, store, handled) or not _is_in_request(function)
        return once and is_of_process(self.function, store)

    def _over(self, store: Store, put: Put, state: str) -> str:
        """The state for the next request of what one has put away there."""
        return _WITH_REQUEST.get(state, state) if self._is_for_others(store, put) else state

    def _left(self, typed: Typed, reach: Reach, state: str, depth: int = CALLEE_DEPTH) -> set[str]:
        """What may become of something that a function has left in a state, by the sessions with
        which that is called; empty when that is not known."""
        found: set[str] = set()
        label = f"{typed.module.name}:{typed.function.qualname}"
        for caller, at in calls(self.function).get(label, ()) if depth else ():
            function = Function(self.project.typed[caller], self.project, self.effects, self.target)
            session = None if function.is_test_code else self._given_to(function, function.op(at))
            if session is None:
                continue
            for after in self._after_call(function, at, label, session, reach, state):
                if after not in _LENT:
                    found.add(after)
                elif ends_with_request(function, session.kind):
                    found.add(_WITH_REQUEST[after])
                elif session.at < 0:
                    found |= self._left(function.typed, reach, after, depth - 1)
        return found

    def _given_to(self, function: Function, call: Op) -> Session | None:
        """The session that a call of a function of the project is given."""
        sessions = tuple(self.sessions(function))
        asked = Origins(function.typed, self.effects, self.summaries, sessions)
        return asked.session_given(call)

    def _after_call(
        self,
        function: Function,
        at: Position,
        label: str,
        session: Session,
        reach: Reach,
        state: str,
    ) -> set[str]:
        """In which states a function leaves what it has called another one for, which keeps it."""
        entity = Kind(kinds.ENTITY, label=reach.models[0])
        root = Root(entity, at, "", _NAMELESS, names_of_session(session))
        for origin in self.origins(function):
            if origin.how == "called" and origin.callee == label and origin.model == entity.label:
                made = _handed_back(function, origin)
                if made is not None and made.op is function.op(at):
                    root = origin.root
        there = Origin(entity, root, "called", session, label)
        protocol = _HANDING[_when(reach, state in _WHEN_LOADED), session.kind.is_async]
        effects = self.effects_of(function, there, reach)
        effects.gives = ""
        ends = self._solve(function, there, effects, protocol, state + protocols.HANDED)
        return {end.state.removesuffix(protocols.HANDED) for end in ends if end.way == "return"}

    def _put_away(self, store: Store, put: Put, reach: Reach) -> set[str]:
        """In which states an operation puts objects away, as they are when its function is over."""
        function = Function(put.typed, self.project, self.effects, self.target)
        states: set[str] = set()
        for origin in self.origins(function):
            start = self.start(origin, reach) if origin.model == reach.models[0] else ""
            if store.is_lent and origin.how in _FROM_CALLEE and origin.model == reach.models[0]:
                start = self._before(function, origin, reach) or start
            if not start:
                continue
            loaded = start not in _NOT_LOADED and self._is_loaded(origin, reach)
            protocol = _HANDING[_when(reach, loaded), origin.is_async]
            effects = self.effects_of(function, origin, reach)
            effects.gives, effects.kept_by = "", (put.op, put.place)
            for end in self._solve(function, origin, effects, protocol, start):
                if end.way == "return" and end.trail is not None and _handed(end) is put.op:
                    state = end.state.removesuffix(protocols.HANDED)
                    session = origin.session
                    if session is not None and ends_with_request(function, session.kind):
                        state = self._over(store, put, state)
                    states.add(state)
                    key = (store.label, origin.model, reach.path, _GIVEN)
                    self.given.setdefault(key, Given(put.typed, origin, end.trail))
        return states

    # --- what callees give -----------------------------------------------------------------------

    def _spent(self, origin: Origin, reach: Reach) -> tuple[str, ...]:
        """What a generator of the project does with its objects when it has given the last."""
        told = origin.entity.loaded
        lent = self.returned(origin.callee, reach, told)
        return _AT_ITS_END.get((lent, self.returned(origin.callee, reach, told, "spent")), ())

    def returned(
        self, label: str, reach: Reach, loaded: frozenset[str], asked: Asked = "given"
    ) -> str:
        """The state in which a call of a function returns objects of a model, with which all this
        is loaded; "" when it is not one. ``asked``: of an attribute that the database "computed"
        with an UPDATE; or what they are when a generator is "spent"."""
        typed = self.project.typed.get(label)
        told = loaded if typed is not None and self._is_handed_options(typed) else frozenset()
        key = (label, reach.models[0], reach.path, asked, told)
        if key in self._states:
            return self._states[key]
        cached = is_cached(self.project, label)
        if typed is None or self._depth >= CALLEE_DEPTH:
            return ""
        wrapper = None
        if self.effects._wrapped(label) and not cached and not is_plain(self.project, label):
            wrapper = self.effects.wrapper_of(label) if asked == _GIVEN else None
            if wrapper is None:
                return ""
        self._states[key] = ""  # recursion: unknown
        self._depth += 1
        typed = for_class(self.project, typed, reach.models[0])
        state = self._returned(typed, reach, asked, told)
        if wrapper is not None and state:
            state = self._wrapped(label, wrapper, reach, state)
        # what a cache gives again has no other session, and who has it may have loaded more
        if cached and (
            state not in _WITHOUT_SESSION
            or is_attached_again(self.function, label, reach.last.name)
        ):
            state = ""
        self._states[key] = state
        self._depth -= 1
        return self._states[key]

    def _wrapped(self, label: str, wrapper: Wrapper, reach: Reach, state: str) -> str:
        """What becomes of objects that a decorated function gives, with the session of the function
        that is called in its place; "" when that is not known."""
        typed = self.project.typed.get(wrapper.label)
        if typed is None or typed.function.is_generator or state.startswith(AS_GIVEN):
            return ""
        function = Function(typed, self.project, self.effects, self.target)
        returns = {op.at for _, _, op in function.positions if op.do == "return" and op.on}
        inner = f"{label}{_DECORATED}"
        key = (label, reach.models[0], reach.path, _GIVEN)
        if key in self.given:
            self.given[inner, reach.models[0], reach.path, _GIVEN] = self.given.pop(key)
        states: set[str] = set()
        covered: set[int] = set()
        for position, session in self._lending(function, wrapper, label, reach.models[0]):
            entity = Kind(kinds.ENTITY, label=reach.models[0])
            root = Root(entity, position, "", SELF, names_of_session(session))
            origin = Origin(entity, root, "called", session, inner)
            protocol = _HANDING[_when(reach, state not in _NOT_LOADED), session.kind.is_async]
            effects = self.effects_of(function, origin, reach)
            for end in self._solve(function, origin, effects, protocol, state):
                op = _handed(end)
                if op is not None and end.way == "return" and end.trail is not None:
                    states.add(end.state.removesuffix(protocols.HANDED))
                    covered.add(op.at)
                    self.given.setdefault(key, Given(typed, origin, end.trail))
        if covered != returns or len(states) != 1:
            self.given.pop(key, None)
            return ""
        return states.pop()

    def _lending(
        self, function: Function, wrapper: Wrapper, label: str, model: str
    ) -> Iterator[tuple[Position, Session]]:
        """Where a wrapper has what the decorated function gives, and the session that it hands to
        that, or has from the same registry. Not where its caller may decide about that."""
        if _asks_outside(function):
            return
        sessions = [one for one in self.sessions(function) if _is_bound_once(function, one)]
        awaits = {op.on: (n, i) for n, i, op in function.positions if op.do == "await"}
        for number, i, op in function.positions:
            if op.do != "call" or op.on != wrapper.name or op.name is not None:
                continue
            given = {arg.value for arg in op.args}
            given |= {
                put.args[-1].value
                for _, _, put in function.positions
                if put.do == "setitem" and put.on in given and put.args
            }
            ours = [one for one in sessions if given & {place for place, _ in one.names}]
            ours = ours or [one for one in sessions if self._has_same(label, model, one)]
            if len(ours) == 1:
                yield awaits.get(op.dst, (number, i)), ours[0]

    def _has_same(self, label: str, model: str, session: Session) -> bool:
        """A function has all objects of a class from the registry that a session is."""
        there = Function(self.project.typed[label], self.project, self.effects, self.target)
        theirs = [origin.session for origin in self.origins(there) if origin.model == model]
        return session.kind.name == kinds.SCOPED_SESSION and all(
            one is not None and one.kind == session.kind for one in theirs
        )

    def _is_handed_options(self, typed: Typed) -> bool:
        """What the function loads with its objects, each call says."""
        label = f"{typed.module.name}:{typed.function.qualname}"
        if label not in self._handed:
            self._handed[label] = any(
                one == label for kind in (typed.returns, typed.yields) for one in handed_by(kind)
            )
        return self._handed[label]

    def _returned(self, typed: Typed, reach: Reach, asked: Asked, told: frozenset[str]) -> str:
        function = Function(typed, self.project, self.effects, self.target)
        lends, computed = typed.function.is_generator, asked == "computed"
        if computed and (lends or _is_told(typed)):
            return ""
        gives = "yield" if lends else "return"
        table = _LENDING if lends and asked != "spent" else _HANDING
        returns = {
            op.at
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == gives and (op.on is not None and typed.on[number][i].name != kinds.NONE)
        }
        states: set[str] = set()
        covered: set[int] = set()
        for unread, of in self._passed_on(typed) if lends else ():
            if of.label == reach.models[0]:
                passed = _as_called(Origin(of, Root(of, NOWHERE), "loaded"), function.label, told)
                state = self.start(passed, reach)
                states |= (
                    self._after(function, passed, reach, unread, state)
                    if asked == "spent"
                    else {state}
                )
                covered.add(unread.at)
        for origin in self.origins_for(function):
            if origin.model != reach.models[0]:
                continue
            origin = _as_called(origin, function.label, told)
            start = self._begun(function, origin, reach)
            if not start:
                continue
            as_given = AS_GIVEN if start.startswith(AS_GIVEN) else ""
            start = start.removeprefix(as_given)
            protocol = table[_when(reach, self._is_loaded(origin, reach)), origin.is_async]
            if computed:
                protocol, start = (
                    protocols.HANDED_COMPUTED,
                    self._computed_start(function, origin, reach, start),
                )
            effects = self.effects_of(function, origin, reach)
            effects.gives, effects.by_update = gives, computed
            for end in self._solve(function, origin, effects, protocol, start):
                op = _handed(end)
                if op is not None and end.way == "return" and end.trail is not None:
                    state = as_given + end.state.removesuffix(protocols.HANDED)
                    states.add(state)
                    covered.add(op.at)
                    if state not in FRESH:
                        key = (function.label, origin.model, reach.path, asked)
                        self.given.setdefault(key, Given(typed, origin, end.trail))
        if covered != returns or "either" in states:
            return ""
        states = _of_several(states)
        if len(states) == 2 and states & _AS_BEFORE and not _is_told(typed):
            states -= _AS_BEFORE  # on some way it is not, and nothing the caller says decides that
            return states.pop() if states <= _ON_SOME_WAY else ""
        return states.pop() if len(states) == 1 else ""

    def _after(
        self, function: Function, origin: Origin, reach: Reach, unread: Op, state: str
    ) -> set[str]:
        """What becomes of the objects that `yield from` has passed on, until the generator ends."""
        sessions = [
            session
            for session in self.sessions(function)
            if any(use.op.dst == unread.on for use in session.uses)
        ]
        position = function.position(unread)
        if len(sessions) != 1 or position is None:
            return {""}
        names = names_of_session(sessions[0])
        root = Root(origin.entity, position, "", MANY, names)
        there = origin._replace(root=root, session=sessions[0])
        protocol = _HANDING[_when(reach, self._is_loaded(there, reach)), there.is_async]
        effects = self.effects_of(function, there, reach)
        effects.gives = "yield"
        ends = self._solve(function, there, effects, protocol, state + protocols.HANDED)
        return {end.state.removesuffix(protocols.HANDED) for end in ends if end.way == "return"}

    def _passed_on(self, typed: Typed) -> Iterator[tuple[Op, Kind]]:
        """`yield from session.scalars(...)`: what a generator never holds itself."""
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on = typed.on[number][i]
                unread = on.name in _UNREAD and len(on.of) == 1
                if op.do == "yield" and op.name == "from" and unread:
                    yield op, self.project.knowledge.as_value(on.of[0], on)

    # --- origins -----------------------------------------------------------------------------

    def origins(self, function: Function) -> tuple[Origin, ...]:
        """Where the objects of a function come from."""
        known = self._origins.get(function.label)
        if known is None:
            known = self._origins[function.label] = self._origins_in(function)
        return known

    def origins_for(self, function: Function) -> tuple[Origin, ...]:
        """The same of a function that may be read for one class."""
        plain = function.typed is self.project.typed.get(function.label)
        return self.origins(function) if plain else self._origins_in(function)

    def _origins_in(self, function: Function) -> tuple[Origin, ...]:
        """The same of a function that is read for one class."""
        sessions = tuple(self.sessions(function))
        return tuple(Origins(function.typed, self.effects, self.summaries, sessions).all())

    def sessions(self, function: Function) -> Iterator[Session]:
        """The sessions of a function, its own and those that were there before."""
        entered = function.entered(kinds.SESSION)
        own = tuple(  # with `Model.query`, which hangs on it
            root._replace(also=(*root.also, *_contexts(function)))
            for root in function.request_session()
        )
        before = (*function.handles(kinds.SESSION, kinds.SCOPED_SESSION), *_in_fields(function))
        handles = with_parts(function.typed, self.effects, before)
        if not (own or entered or function.made(kinds.SESSION)):
            served = function.entry == "route"
            handles = lodging(function.typed, self.effects, handles, served=served)
        others = [h for h in handles if all(h.place != root.place for root in own)]
        made = (*function.made(kinds.SESSION), *_of_registries(function), *_of_others(function))
        roots = (*made, *entered, *own, *others)
        units = list(self._units(function))
        for root in roots:
            leaving = self._leaving(root.kind) if root in entered else ()
            session = session_of(function.typed, root, self.effects, leaving)
            for held in units:  # `uow.session`
                if held.unit is not None and root.place in held.unit_places:
                    names = session.names | held.names
                    session = session._replace(kind=held.kind, names=names, unit=held.unit)
            yield session._replace(kind=expiry(function, session))
        yield from units

    def _units(self, function: Function) -> Iterator[Session]:
        """The sessions of the units of work that the function enters, or is given."""
        entered: set[Operand | None] = set()
        for operation in function.operations():
            op, on = operation.op, operation.on
            if op.do == "enter" and on.name == kinds.INSTANCE:
                unit = unit_made(self.project, on.label, _making(function, op.on))
                entered.add(op.on)
                if unit is not None:
                    yield session_of_unit(unit, op)
        for param in function.typed.function.params:
            kind = function.typed.cells.get(param.name, UNKNOWN)
            unit = unit_given(self.project, kind.label) if kind.name == kinds.INSTANCE else None
            if unit is not None and param.name not in entered:
                yield session_of_given(unit, param.name)

    def _leaving(self, kind: Kind) -> tuple[str, ...]:
        """What the generator that lends a session surely does with it after the block."""
        labels = lenders(kind)
        typed = self.project.typed.get(labels[0]) if len(labels) == 1 else None
        return ("commit",) if typed is not None and _commits_after_yield(typed) else ()

    # --- which attributes ------------------------------------------------------------------------

    def names(self, function: Function, origins: tuple[Origin, ...]) -> set[str]:
        """Names that the function, or something it calls with an object, reads."""
        names = {name for one in rendered(function).values() for name in one.reads.maybe}
        for work in held_work(function, self.summaries).values():
            names |= work.reads.maybe
        names |= {name.partition(".")[2] for name in names} - {""}  # of what a page keeps
        models = {origin.model for origin in origins} if names else set()
        for model in models:
            names |= self.summaries.expanded(Reads(maybe=frozenset(names)), model).maybe
        knowledge = self.project.knowledge
        for operation in function.operations():
            op, on = operation.op, operation.on
            if op.do == "getattr" and op.name is not None:
                names.add(op.name)
                names |= self._of_members(origins, op.name)
            elif op.do == "format":
                if any(entity_of(kind) is not None for kind in operation.arg_kinds):
                    names |= self._of_showing(origins)
            elif op.do == "call":
                if on.name == kinds.ENTITY and op.name is not None:
                    names |= self._of_members(origins, op.name)
                elif on.name == kinds.INSTANCE and op.name is not None:
                    names |= self._of_keeper(origins, on, op.name)
                for arg, kind in zip(op.args, operation.arg_kinds, strict=False):
                    for held, _ in entities_of(kind) if isinstance(arg.value, str) else ():
                        names |= self._by_work(operation, str(arg.value), held.label)
                    entity = entity_of(kind)
                    if entity is not None and isinstance(arg.value, str):
                        below = of_heirs(self.project, entity[0].label).values()
                        for label in {entity[0].label, *(one.heir for one in below)}:
                            names |= self.summaries.by_call(op, on, arg.value, label).maybe
                        names |= self._of_showing(origins)
                    elif _keeps_others(kind) and isinstance(arg.value, str):
                        for model in {origin.model for origin in origins}:
                            kept = self.summaries.by_call(op, on, arg.value, KEEPS + model).maybe
                            kept |= self._by_work(operation, arg.value, KEEPS + model)
                            names |= {path.partition(".")[2] for path in kept} - {""}
                    elif kind.name in FUNCTIONS or kind.label == GETTER:
                        names |= self._by_value(operation, kind, origins)
                    elif isinstance(arg.value, Const) and isinstance(arg.value.value, str):
                        names.add(arg.value.value)  # getattr(user, "name")
                fields = read_by_validating(knowledge, op, on)
                for model in {origin.model for origin in origins} if fields else ():
                    names |= self.summaries.of_fields(fields, model).maybe
                for kind in operation.arg_kinds[:1]:
                    entity = entity_of(kind)
                    if entity is not None:
                        names |= read_by_asdict(self.effects, op, on, entity[0].label)
                names |= self._by_schema(function, operation)
        return names

    def _of_showing(self, origins: tuple[Origin, ...]) -> frozenset[str]:
        """What is read of an object that is made a text."""
        return self._of_members(origins, "__str__") | self._of_members(origins, "__repr__")

    def _by_value(
        self, operation: Operation, kind: Kind, origins: tuple[Origin, ...]
    ) -> frozenset[str]:
        """What a function that a call is given reads of what it is called with."""
        position = applying(dotted_label(operation.on, operation.op.name)) or 0
        found = (
            self.summaries.by_value(kind, model, position)
            for model in {origin.model for origin in origins}
        )
        return frozenset(name for reads in found if reads is not None for name in reads.maybe)

    def _by_work(self, operation: Operation, place: Place, model: str) -> frozenset[str]:
        op, on, given = operation.op, operation.on, operation.arg_kinds
        work = read_by_work(self.summaries, op, on, given, place, model)
        return work.reads.maybe if work is not None else _NO_NAMES

    def _by_schema(self, function: Function, operation: Operation) -> frozenset[str]:
        op, on = operation.op, operation.on
        fields = read_by_schema(self.project.knowledge, function.typed, op, on)
        if not fields:
            return fields
        maybe, surely = set(fields), set(fields)
        models = [e[0].label for kind in operation.arg_kinds[:1] if (e := entity_of(kind))]
        for label, param in filled(self.project.knowledge, on.label) if models else ():
            reads = self.summaries.of(label, param, models[0])
            maybe |= reads.maybe
            surely |= reads.surely
        reads = Reads(frozenset(surely), frozenset(maybe), each=frozenset(maybe))
        for model in models[:1]:
            reads = self.summaries.expanded(reads, model)
        self._dumps[id(op)] = reads
        return reads.maybe

    def _served(
        self, function: Function, fields: frozenset[str], model: str
    ) -> dict[Ref, frozenset[str]]:
        """What a response model with these fields reads of an object, also by its properties, by
        the operation that returns it; or what the resolvers of its GraphQL type do."""
        if self._is_resolver(function):
            return {
                op.at: read
                for number, i, op in function.positions
                if op.do == "return"
                if (read := self._resolved(function.typed, function.typed.on[number][i], model))
            }
        return {
            op.at: self.summaries.of_fields(read, model).surely
            for number, i, op in function.positions
            if op.do == "return" and fields
            if (read := _served_under(function, op.on, function.typed.on[number][i], fields, model))
        }

    def _is_resolver(self, function: Function) -> bool:
        return is_resolver(self.project.knowledge, function.label)

    def _resolved(self, typed: Typed, returned: Kind, model: str) -> frozenset[str]:
        return read_by_resolvers(self.summaries, typed, returned, model)

    def _served_by(self, function: Function) -> str:
        return _RESOLVER if self._is_resolver(function) else _RESPONSE_MODEL

    def served_loads(self, function: Function) -> Iterator[tuple[Op, Reach, Origin, str]]:
        """Relationships that a response model reads of the objects that a route returns, or the
        resolvers of their GraphQL type, while the session that loads them one by one is still
        open."""
        fields = _served_fields(function)
        by_resolvers = self._is_resolver(function)
        for origin in self.origins(function) if fields or by_resolvers else ():
            if origin.is_async:
                continue
            served = self._served(function, fields, origin.model)
            for reach in self.reaches(origin, frozenset[str]().union(*served.values())):
                lazy = reach.last.load == "lazy" or is_left_out(origin, reach)
                unloaded = reach.is_direct and lazy
                if not unloaded or self.start(origin, reach) != "bare":
                    continue
                effects = self.effects_of(function, origin, reach)
                protocol = protocols.HANDED_UNLOADED_SYNC
                for end in self._solve(function, origin, effects, protocol, "bare"):
                    op = _handed(end)
                    bare = end.state == "bare" + protocols.HANDED
                    if op is None or end.way != "return" or not bare:
                        continue
                    if reach.path in served.get(op.at, ()):
                        yield op, reach, origin, self._served_by(function)

    def _of_keeper(self, origins: tuple[Origin, ...], kept_by: Kind, name: str) -> set[str]:
        """What a method of an object of the project reads of what that keeps."""
        method = self.project.knowledge.classes.method(kept_by.label, name)
        found: set[str] = set()
        for model in {origin.model for origin in origins} if method is not None else ():
            kept = self.summaries.of_self(str(method), KEEPS + model).maybe
            found |= {path.partition(".")[2] for path in kept} - {""}
        return found

    def _of_members(self, origins: tuple[Origin, ...], name: str) -> frozenset[str]:
        classes = self.project.knowledge.classes
        found: frozenset[str] = frozenset()
        for model in {origin.model for origin in origins}:
            heirs = {below.heir for below in of_heirs(self.project, model).values()}
            for one in (model, *heirs):
                method = classes.method(one, name)
                if method is not None:
                    method = read_as_attribute(self.project.knowledge, method) or method
                    found |= self.summaries.of_self(method, one).maybe
            proxy = proxied(self.project, model, name)
            if proxy is not None:
                found |= {proxy.through, proxy.value} - {""}
        return found


def is_left_out(origin: Origin, reach: Reach) -> bool:
    """A column that its mapping loads with the object, and the options of the statement do not."""
    return (
        reach.last.role == "column"
        and reach.last.load == "eager"
        and reach.is_left_out(origin.entity.loaded)
    )


_READING = {
    ("loaded", False): protocols.LOADED_SYNC,
    ("loaded", True): protocols.LOADED_ASYNC,
    ("made", False): protocols.FRESHLY_MADE_SYNC,
    ("made", True): protocols.FRESHLY_MADE_ASYNC,
    ("lazy", False): protocols.UNLOADED_SYNC,
    ("lazy", True): protocols.UNLOADED_ASYNC,
}
_HANDING = {
    ("loaded", False): protocols.HANDED_LOADED_SYNC,
    ("loaded", True): protocols.HANDED_LOADED_ASYNC,
    ("made", False): protocols.HANDED_FRESHLY_MADE_SYNC,
    ("made", True): protocols.HANDED_FRESHLY_MADE_ASYNC,
    ("lazy", False): protocols.HANDED_UNLOADED_SYNC,
    ("lazy", True): protocols.HANDED_UNLOADED_ASYNC,
}
_LENDING = {
    ("loaded", False): protocols.LENT_LOADED_SYNC,
    ("loaded", True): protocols.LENT_LOADED_ASYNC,
    ("made", False): protocols.LENT_FRESHLY_MADE_SYNC,
    ("made", True): protocols.LENT_FRESHLY_MADE_ASYNC,
    ("lazy", False): protocols.LENT_UNLOADED_SYNC,
    ("lazy", True): protocols.LENT_UNLOADED_ASYNC,
}
# Before the state of what a function gives back as it was given it, and added to a session: so it
# is when that was a new object without the attribute.
AS_GIVEN = "given:"
# What is loaded, whether or not a transaction has begun, or is over.
FRESH = frozenset({"flushed", "fresh", "settled"})
# What is not, of an object that is there.
BARE = frozenset({"bare", "flushed-bare"})
# States of what some ways of a function return, where others return it loaded.
_TO_COMPUTE = frozenset({"changed", "stale"})
_AS_BEFORE = FRESH | {"given"}
_ON_SOME_WAY = BARE | {"drained", "expired", "ended"} | _TO_COMPUTE
_NO_NAMES: frozenset[str] = frozenset()
# Events by which work gets an object that it reads, at another time than its caller.
_TO_WORK = frozenset({"later", "after", "streamed", "copied"})
# What a generator has done at its end, by the states in which it gave its objects, and left them.
_AT_ITS_END: dict[tuple[str, str], tuple[str, ...]] = {
    ("bare", "cut"): ("close",),
    ("flushed-bare", "cut"): ("close",),
    ("drained", "cut"): ("close",),
    ("expired", "lost"): ("close",),
    ("flushed", "expired"): ("expire",),
    ("flushed", "lost"): ("expire", "close"),
    ("fresh", "expired"): ("expire",),
    ("fresh", "lost"): ("expire", "close"),
}
_LACKING = BARE | {"cut"}
_WITHOUT_SESSION = frozenset({"cut", "lost"})
# What reads what a function has returned.
_RESPONSE_MODEL, _RESOLVER = "the response model", "a field resolver"
# What becomes of an object whose session ends with the request.
_WITH_REQUEST = {
    "bare": "cut",
    "drained": "cut",
    "expired": "lost",
    "flushed": "kept",
    "flushed-bare": "cut",
    "fresh": "kept",
    "settled": "kept",
}
_LENT = frozenset(_WITH_REQUEST)
_WHEN_LOADED = FRESH | {"expired"}
# The role of what a call gives that is none of the objects.
_NAMELESS = ""
_FROM_CALLEE = frozenset({"called", "lent", "kept"})


def _of_several(states: set[str]) -> set[str]:
    """The states that ways of a function leave objects in, without those that another is as well:
    what one way has flushed may be there already on another."""
    if len(states) == 1:
        return states
    found = {{"flushed": "fresh", "flushed-bare": "bare"}.get(state, state) for state in states}
    return found - {"settled"} if "fresh" in found else found


def _as_called(origin: Origin, label: str, loaded: frozenset[str]) -> Origin:
    """An origin in a function whose options a call says: all that is loaded with what it gives."""
    if not names_of(origin.entity.loaded, label):
        return origin
    return origin._replace(entity=origin.entity._replace(loaded=loaded))


def _is_generator(function: Function, origin: Origin) -> bool:
    number, i = origin.root.position
    return function.typed.dst[number][i].name == kinds.GENERATOR


def _handed_back(function: Function, origin: Origin) -> Operation | None:
    """The call of the function that gives the objects of an origin."""
    op = function.op(origin.root.position) if origin.root.position != NOWHERE else None
    if op is None or op.do == "call":
        return function.maker(op.dst) if op is not None else None
    return function.maker(op.on if op.do == "await" else None)


def _hands_loaded(function: Function, origin: Origin) -> bool:
    """What is given to the function that gives it back was loaded: a new object is inserted, not
    updated."""
    call = _handed_back(function, origin)
    given = call.arg_kinds if call is not None else ()
    return any(
        k.name == kinds.ENTITY and k.label == origin.model and "queried" in k.traits for k in given
    )


def _hands_given(function: Function, origin: Origin) -> bool:
    """The function was given itself what it gives to the one that gives it back."""
    call = _handed_back(function, origin)
    given = {arg.value for arg in call.op.args} if call is not None else set()
    return any(param.name in given for param in function.typed.function.params)


# Objects that may be there before the session to which they are added.
_BEFORE = frozenset({"made", "given"})
# A function that is given the session may end the unit of work, too.
_PASSED = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ENDING = frozenset({"commit", "rollback", "expire", "expire_all", "begin", "begin_nested"})


# Rows that are not fetched before somebody goes through them.
_UNREAD = frozenset({kinds.QUERY, kinds.SCALARS})


def _is_in_request(function: Function) -> bool:
    """It runs again and again, each time with another session."""
    return function.entry in _REQUESTS or bool(function.reached_from) or begins_request(function)


# How a function is reached whose session is another one the next time.
_REQUESTS = frozenset({"route", "handler", "task"})

_RAISED = frozenset({"DetachedInstanceError", "MissingGreenlet"})
_EXPECTING = ("pytest.raises", "contextlib.suppress")


def _is_expected(function: Function, op: Op) -> bool:
    """A handler around the read names the exception, or a ``with`` waits for it."""
    blocks = function.typed.function.blocks
    number = next(n for n, block in enumerate(blocks) if any(o is op for o in block.ops))
    if _is_waited_for(function, number, op):
        return True
    waiting, seen = [blocks[number].exc], set[int]()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for handler in blocks[here].handlers:
            if any(_names(ann) & _RAISED for ann in handler.types):
                return True
        left = [
            function.typed.on[here][i].label
            for i, inner in enumerate(blocks[here].ops)
            if inner.do == "leave"
        ]
        if any(label.startswith(_EXPECTING) for label in left):
            return True
        waiting += [edge.to for edge in blocks[here].edges if left or edge.when == "pass"]
    return False


def _is_waited_for(function: Function, number: int, read: Op) -> bool:
    """`with pytest.raises(MissingGreenlet): author.books`"""
    waits = 0
    ops = function.typed.function.blocks[number].ops
    for op, on in zip(ops, function.typed.on[number], strict=True):
        if op is read:
            break
        if op.do in ("enter", "leave") and on.label.startswith(_EXPECTING):
            waits += 1 if op.do == "enter" else -1
    return waits > 0


def _names(ann: Ann) -> set[str]:
    return {ann.name.rpartition(".")[2]}.union(*(_names(arg) for arg in ann.args))


# States of what a function returns that was not loaded with its object.
_NOT_LOADED = BARE | {"cut", "drained"}
# ... and what a session that is still there would load.
_LOADABLE = BARE | {"expired", "drained"}


# These, when the object has been returned.
_HANDED_UNREADABLE = frozenset(
    state + protocols.HANDED for state in ("lost", "cut", *sorted(_LOADABLE))
)


class _Imagined:
    """What may happen to the objects of an origin, looked for when that is first asked."""

    def __init__(self, typed: Typed, origin: Origin) -> None:
        self._typed = typed
        self._origin = origin
        self._never: frozenset[str] | None = None

    def lead_nowhere(
        self, effects: AttributeEffects, protocol: Protocol, start: str, to: frozenset[str]
    ) -> bool:
        """Nothing that may happen leads from a state to these, in any order."""
        if self._never is None:
            self._never = unimaginable(self._typed, self._origin, effects)
        key = (id(protocol), start, to, self._never)
        if key not in _LEADING_NOWHERE:
            asked = protocol._replace(start=start, bad=to, faults=_NOWHERE)
            events = {event for _, event in protocol.moves} - self._never
            _LEADING_NOWHERE[key] = is_harmless(asked, events)
        return _LEADING_NOWHERE[key]


_NOWHERE: frozenset[str] = frozenset()
# By protocol (those of a module, which stay), the state it begins in, where it leads, and what
# never happens.
_LEADING_NOWHERE: dict[tuple[int, str, frozenset[str], frozenset[str]], bool] = {}


def _when(reach: Reach, loaded: bool) -> str:
    """Whether an attribute is there; "made" what a statement would load with its object, and a new
    one does not have, nor one of an heir that was loaded as its base."""
    if loaded:
        return "loaded"
    return "made" if reach.last.load == "eager" or reach.heir else "lazy"


def _asks_outside(function: Function) -> bool:
    """A test decides about a way that is about something the function has not made itself."""
    made = {op.dst for _, _, op in function.positions if op.dst is not None}
    return any(
        edge.test is not None and edge.test.place.partition(".")[0] not in made
        for block in function.typed.function.blocks
        for edge in block.edges
    )


def _is_bound_once(function: Function, session: Session) -> bool:
    """No name of a session that the function makes means anything else there."""
    names = {place for place, _ in session.names if place[0] != "%" and "." not in place}
    bound = [op.dst for _, _, op in function.positions if op.dst in names]
    return len(bound) == len(set(bound))


def _making(function: Function, operand: Operand | None) -> Making | None:
    """The one call that makes an object of the project."""
    for _ in range(NAMES):
        made = [one for one in function.operations() if one.op.dst == operand]
        if len(made) != 1 or operand is None:
            return None
        one = made[0]
        if one.op.do != "move":
            makes = one.op.do == "call" and one.on.name == kinds.CLASS and one.op.name is None
            return Making(one.op, one.on, one.arg_kinds) if makes else None
        operand = one.op.on
    return None


def _is_told(typed: Typed) -> bool:
    """A parameter that may be a flag decides about a way: `commit=True`, `refresh=False`."""
    flags = {
        param.name
        for param in typed.function.params
        if param.ann is None
        or param.ann.name == "bool"
        or (isinstance(param.default, Const) and isinstance(param.default.value, bool))
    }
    return any(
        edge.test is not None and edge.test.is_ == "true" and edge.test.place in flags
        for block in typed.function.blocks
        for edge in block.edges
    )


def _given_to_work(trail: Trail | None) -> Op | None:
    """What hands an object to work that reads it, other than at once."""
    handed = _to_work(trail)
    return handed.op if handed is not None else None


def _was_streamed(trail: Trail | None) -> bool:
    handed = _to_work(trail)
    return handed is not None and handed.what == "streamed"


def _to_work(trail: Trail | None) -> Trail | None:
    while trail is not None and trail.what not in _TO_WORK:
        trail = trail.before
    return trail


def _is_left(function: Function, end: End) -> bool:
    """Nobody loads what work is left to read. A caller that gets the object may do so; a framework
    that makes an answer of it does not."""
    if end.state not in protocols.LEFT:
        return False
    return not end.state.endswith(protocols.HANDED) or function.entry == "route"


def _handed(end: End) -> Op | None:
    trail = end.trail
    while trail is not None:
        if trail.what == "hand":
            return trail.op
        trail = trail.before
    return None


def _commits_after_yield(typed: Typed) -> bool:
    """A generator commits its session on every normal way from its yield to its end."""
    function = typed.function
    yields = [at for at, op in _positions(typed) if op.do == "yield"]
    commits = [
        (number, i)
        for (number, i), op in _positions(typed)
        if op.do == "call" and op.name == "commit" and typed.on[number][i].name == kinds.SESSION
    ]
    if len(yields) != 1:
        return False
    block, first = yields[0]
    if any(number == block and i > first for number, i in commits):
        return True
    onward = [edge.to for edge in function.blocks[block].edges]
    stop = {number for number, _ in commits if number != block}
    return EXIT not in behind(function.blocks, onward, stop=stop)


def _positions(typed: Typed) -> Iterator[tuple[Position, Op]]:
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            yield (number, i), op


def _served_fields(function: Function) -> frozenset[str]:
    """The fields of the response model through which FastAPI reads what a route returns."""
    if function.entry != "route":
        return frozenset()
    named = response_model(function.typed.module, function.typed.function)
    if named is None and any(d.label.startswith("fastapi.") for d in _decorators(function)):
        named = annotated_model(function.typed.function)
    return _schema(function, named or "")


def _display(function: Function, place: Operand | None) -> Operation | None:
    """The one that is written down for a place, itself or under another name."""
    for _ in range(NAMES):
        made = [one for one in function.operations() if one.op.dst == place]
        if len(made) != 1 or made[0].op.do != "move":
            return made[0] if len(made) == 1 and made[0].op.do == "pack" else None
        place = made[0].op.on
    return None


def _served_under(
    function: Function, place: Operand | None, kind: Kind, fields: frozenset[str], model: str
) -> frozenset[str]:
    """What is read of the objects of a model in what a route returns: of one under a key of a
    dictionary what the field of that name holds."""
    if not _holds_dictionaries(kind):
        return fields
    made = _display(function, place)
    found = frozenset[str]()
    if made is None or any(arg.star for arg in made.op.args):
        return found  # nobody knows what is under which key
    args, held = made.op.args, made.arg_kinds
    for key, value, of in zip(args[::2], args[1::2], held[1::2], strict=False):
        before = f"{key.value.value!s}." if isinstance(key.value, Const) else ""
        if not before or (of.name == kinds.ENTITY and of.label != model):
            continue
        inner = frozenset(one.removeprefix(before) for one in fields if one.startswith(before))
        found |= _served_under(function, value.value, of, inner, model)
    return found


def _keeps_others(kind: Kind) -> bool:
    """A plain object, or a collection of such."""
    if kind.name in _LISTED:
        return any(map(_keeps_others, kind.of))
    return kind.name == kinds.INSTANCE


def _holds_dictionaries(kind: Kind) -> bool:
    return kind.name == kinds.DICT or (
        kind.name in _LISTED and any(map(_holds_dictionaries, kind.of))
    )


_LISTED = frozenset({kinds.COLLECTION, kinds.LIST, kinds.SET, kinds.TUPLE})


def _decorators(function: Function) -> tuple[Kind, ...]:
    return function.project.knowledge.decorators.get(function.label, ())


def _schema(function: Function, name: str) -> frozenset[str]:
    if not name:
        return frozenset()
    knowledge = function.project.knowledge
    first, *rest = name.split(".")
    kind = knowledge.global_name(function.typed.module, first)
    for part in rest:
        kind = knowledge.attribute(kind, part)
    if kind.name not in (kinds.CLASS, NAME):
        return frozenset()
    return schema_fields(knowledge, kind.label)


_WORDS = {
    "open": "the object comes from here",
    "expire": "its attributes expire here",
    "rollback": "rolled back here: its attributes expire",
    "nest": "a savepoint begins here",
    "undo": "rolled back to the savepoint here: its attributes expire",
    "close": "its session is closed here",
    "expunge": "it leaves its session here",
    "transient": "it is made transient here",
    "hollow": "made transient here, and read",
    "hand": "returned here",
    "read": "read here",
    "later": "handed to work here that reads it",
    "after": "handed to work here that reads it when the function is over",
    "streamed": "handed to a generator here that reads it when the request is over",
    "copied": "pickled here for another process that reads it",
    "add": "handed to the session here",
    "change": "changed here",
    "sent": "sent to the database here",
}


def _of_registries(function: Function) -> Iterator[Root]:
    """`session = Session()` of a `scoped_session`, which the function may close itself."""
    return _given(function, "registry")


def _of_others(function: Function) -> Iterator[Root]:
    """`session = session_of(info)`, `session: Session = data["session"]`, `context["session"]` of
    a framework: one that is there, whoever ends it."""
    yield from _given(function, "")
    for number, i, op in function.positions:
        given, on = function.typed.cells.get(op.dst or "", UNKNOWN), function.typed.on[number][i]
        named = op.do == "move" and op.ann is not None and on == UNKNOWN
        if named and given.name == kinds.SESSION and not given.owner:
            yield Root(given, (number, i))
        under = function.typed.dst[number][i] if op.do == "getitem" else UNKNOWN
        if under.name == kinds.SESSION and under.owner in ("", "managed"):
            yield Root(under, (number, i))


def _given(function: Function, owner: str) -> Iterator[Root]:
    typed = function.typed
    for number, i, op in function.call_positions:
        given, on = typed.dst[number][i], typed.on[number][i]
        made = given.name == kinds.SESSION and on.name != kinds.SESSION and op.dst is not None
        if made and given.owner == owner:
            yield Root(given, (number, i))


def _in_fields(function: Function) -> Iterator[Root]:
    """`info.session`: a session that an object has, whoever gave it that."""
    found: dict[Place, Kind] = {}
    bound: set[Place | None] = set()
    for operation in function.operations():
        op, given = operation.op, operation.result
        bound |= {op.dst} if op.do != "getattr" else set()
        is_field = op.do == "getattr" and operation.on.name == kinds.INSTANCE
        if is_field and op.dst is not None and given.name == kinds.SESSION and not given.owner:
            found.setdefault(op.dst, given)
    return (Root(kind, NOWHERE, p) for p, kind in found.items() if p[0] != "%" and p not in bound)


# What pushes an application context of Flask: where it ends, Flask-SQLAlchemy removes the session.
_CONTEXTS = (".app_context()", ".test_request_context()", ".request_context()")


def _contexts(function: Function) -> Iterator[tuple[Place, str]]:
    for operation in function.operations():
        op, on = operation.op, operation.on
        manager = on.name == FOREIGN and on.label.startswith("flask.")
        pushed = op.do == "enter" and manager and on.label.endswith(_CONTEXTS)
        if pushed and isinstance(op.on, str):
            yield op.on, CONTEXT


def witness(trail: Trail | None) -> tuple[Note, ...]:
    """The way of an object to the read, first step first."""
    steps: list[Note] = []
    while trail is not None:
        word = _WORDS.get(trail.what)
        if word is not None and not (steps and steps[-1] == Note(word, trail.op.at)):
            steps.append(Note(word, trail.op.at))
        trail = trail.before
    return tuple(reversed(steps))


def expired_by(access: Access) -> str:
    """What expired the attribute: "commit", "rollback" or "expire"."""
    return expiring(access.trail)


def expiring(trail: Trail | None) -> str:
    """The same of the way of an object."""
    while trail is not None:
        if trail.what in ("rollback", "undo"):
            return "rollback"
        if trail.what == "expire":
            return "commit" if trail.op.name not in ("expire", "expire_all") else "expire"
        trail = trail.before
    return "commit"


def factory_of(access: Access) -> str:
    """The ``module:variable`` of the factory that made the session of a read; "" when unknown."""
    session = access.origin.session
    traits = session.kind.traits if session is not None else frozenset()
    return next((t[len(MADE_BY) :] for t in sorted(traits) if t.startswith(MADE_BY)), "")


def accesses_of_factory(function: Function, variable: str) -> list[tuple[Access, str]]:
    """Reads, anywhere in the project, of what a commit of a session of this factory expired, with
    their files: one for each function and model."""
    if not function.is_module:
        return []
    label = f"{function.typed.module.name}:{variable}"
    found: list[tuple[Access, str]] = []
    for typed in function.project.typed.values():
        other = function.of(typed)
        models: set[str] = set()
        for access in accesses(other):
            expired = access.how == "expired" and access.io and expired_by(access) == "commit"
            if expired and access.origin.model not in models and factory_of(access) == label:
                models.add(access.origin.model)
                path = typed.module.path
                found.append((access, path if path != function.typed.module.path else ""))
    return sorted(found, key=lambda one: (one[1], one[0].op.at))


def is_reported_at_factory(function: Function, access: Access) -> bool:
    """The factory of its session is in a file that is linted, too."""
    name = factory_of(access).partition(":")[0]
    module = function.project.knowledge.index.modules.get(name)
    return module is not None and module.path in function.effects.paths

"""The solver: every protocol, every path, one worklist.

A *fact* says: the root is in this state, known under these names, on a way that established these
guards and on which an exception of this tier was raised. Facts only ever spread; each remembers
how it came about, so that an end carries its path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import GONE, Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.contained import SUPPRESSORS, looked_at, suppressed
from sqla_lint.flow.effects import FAILS, NOTHING, Effects, Happening, Names
from sqla_lint.flow.exceptions import ANY, DATABASE, Match, match
from sqla_lint.flow.guards import Holds, leading
from sqla_lint.flow.possible import is_harmless
from sqla_lint.flow.root import NOWHERE as NOWHERE
from sqla_lint.flow.root import OF_SESSION, SELF, opened_as
from sqla_lint.flow.root import Position as Position
from sqla_lint.flow.root import Root as Root
from sqla_lint.flow.shape import Step, Steps
from sqla_lint.ir import ENTRY, EXIT, RAISED, Edge, Handler, Op, Operand, Place, Test
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, MODULE, NAME

# `begin()` has begun them: to enter their block does nothing more that could fail.
_BEGUN = frozenset({kinds.TRANSACTION, kinds.SAVEPOINT})

# More facts than this in one function and the question is given up: nothing is reported. Real
# functions need tens; a generated state machine of thousands of branches could need millions.
FACT_LIMIT = 6_000

# Context managers that may swallow an exception of their body.
_SWALLOWERS = SUPPRESSORS | {"pytest.raises()", "unittest.mock.patch()"}

# What gives one of its operands.
_CHOOSING = frozenset({"ifelse", "boolop"})

# What comes after an operation of a block.
_GOES_ON, _ENDS, _STOPS = "goes on", "ends", "stops"

NOTHING_WATCHED: Mapping[Position, str] = MappingProxyType({})


class Trail(NamedTuple):
    """The way of a fact, last step first."""

    before: Trail | None
    op: Op
    what: str  # an event, "open", "raises", "leaves"
    family: str = ANY  # of what is raised


class Fact(NamedTuple):
    """See the module's docstring. ``mark`` is where the state was last entered anew."""

    root: int
    state: str
    mark: Position
    names: Names
    guards: Holds
    tier: Confidence
    family: str = ""  # of the exception that is on its way to a handler


class End(NamedTuple):
    """A root left in a bad state. ``way`` is "return", "raise", or "fault": a state that is an end
    by itself; its last step is in the trail."""

    root: Root
    state: str
    mark: Position
    way: str
    tier: Confidence
    trail: Trail | None


class Solution(NamedTuple):
    """All bad ends, the positions whose mark reached a commit or rollback on some path, and
    whether the limit was hit (then nothing may be concluded from silence or ends)."""

    ends: tuple[End, ...]
    committed: frozenset[tuple[int, Position]]
    rolled_back: frozenset[tuple[int, Position]]
    roots: tuple[Root, ...]
    complete: bool


NOTHING_FOUND = Solution((), frozenset(), frozenset(), (), True)


def solve(
    typed: Typed,
    protocol: Protocol,
    roots: Sequence[Root],
    effects: Effects,
    worst: Confidence = Confidence.PLAIN,
    watched: Mapping[Position, str] = NOTHING_WATCHED,
) -> Solution:
    """Follow ``roots`` through the function; drop ways on which a tier above ``worst`` raised.

    ``watched`` are operations that have nothing to do with the roots, and the event that each is
    for all of them.
    """
    if not roots:
        return NOTHING_FOUND
    asked = {
        n for n, root in enumerate(roots) if _may_end_badly(typed, protocol, root, effects, watched)
    }
    if not asked:
        return Solution((), frozenset(), frozenset(), tuple(roots), True)
    return _Solver(typed, protocol, roots, effects, worst, watched, asked).run()


def _may_end_badly(
    typed: Typed,
    protocol: Protocol,
    root: Root,
    effects: Effects,
    watched: Mapping[Position, str],
) -> bool:
    if protocol.start in protocol.bad:
        return True
    events = effects.possible(typed, root)
    return events is None or not is_harmless(protocol, events | set(watched.values()))


class _Solver:
    def __init__(
        self,
        typed: Typed,
        protocol: Protocol,
        roots: Sequence[Root],
        effects: Effects,
        worst: Confidence,
        watched: Mapping[Position, str],
        asked: set[int],
    ) -> None:
        self.typed = typed
        self.watched = watched
        self.blocks = typed.function.blocks
        self.protocol = protocol
        self.roots = tuple(roots)
        self.effects = effects
        self.worst = worst
        self.guards = effects.guards(typed.function)
        held = effects.shape(typed)
        self.lines = held.blocks
        self.steps = {} if watched else held.steps
        self.asked = asked
        self.failed = frozenset(protocol.fails.values())
        self.looked = looked_at(typed.function) if self.failed else {}
        self.begins = effects.begins
        self.handled: dict[int, bool] = {}
        self.openers = {
            r.position: n for n, r in enumerate(self.roots) if r.position != NOWHERE and n in asked
        }
        self.roles: dict[Names, dict[Place, str]] = {}
        self.reaching: dict[Names, frozenset[Place]] = {}
        self.seen: set[tuple[int, Fact]] = set()
        self.waiting: deque[tuple[int, Fact, Trail | None]] = deque()
        self.ends: dict[tuple[int, str, Position, str, Confidence, bool], End] = {}
        self.committed: set[tuple[int, Position]] = set()
        self.rolled_back: set[tuple[int, Position]] = set()

    def run(self) -> Solution:
        for number, root in enumerate(self.roots):
            if root.position == NOWHERE and number in self.asked:
                names: Names = frozenset({(root.place, root.role), *root.also})
                fact = Fact(
                    number, self.protocol.start, NOWHERE, names, frozenset(), Confidence.PLAIN
                )
                self._arrive(ENTRY, fact, None)
        complete = True
        for position, number in self.openers.items():
            self._open_at(position, number)
        while self.waiting:
            if len(self.seen) > FACT_LIMIT:
                complete = False
                break
            number, fact, trail = self.waiting.popleft()
            self._block(number, 0, fact, trail)
        return Solution(
            tuple(self.ends.values()) if complete else (),
            frozenset(self.committed),
            frozenset(self.rolled_back),
            self.roots,
            complete,
        )

    def _open_at(self, position: Position, number: int) -> None:
        """An opener begins its own facts: nothing before it matters to the new object."""
        block, i = position
        op = self.blocks[block].ops[i]
        names = opened_as(op, self.roots[number])
        if not names:
            return
        fact = Fact(
            number,
            self.protocol.start,
            NOWHERE,
            names,
            self.guards.holding(block),
            Confidence.PLAIN,
        )
        if op.do == "next":
            fact = _run_once(fact, op)
        self._block(block, i + 1, fact, Trail(None, op, "open"))

    # --- propagation ---------------------------------------------------------------------------

    def _arrive(self, number: int, fact: Fact, trail: Trail | None) -> None:
        if number in (EXIT, RAISED):
            if fact.state in self.protocol.bad:
                self._end(fact, "return" if number == EXIT else "raise", trail)
            return
        key = (number, fact)
        if key not in self.seen:
            self.seen.add(key)
            self.waiting.append((number, fact, trail))

    def _end(self, fact: Fact, way: str, trail: Trail | None) -> None:
        # what a handler raises in place of a failure is another end than the failure itself
        raised = fact.state in self.failed and trail is not None and trail.op.do == "raise"
        key = (fact.root, fact.state, fact.mark, way, fact.tier, raised)
        if key not in self.ends:
            self.ends[key] = End(
                self.roots[fact.root], fact.state, fact.mark, way, fact.tier, trail
            )

    def _block(self, number: int, start: int, fact: Fact, trail: Trail | None) -> None:
        if fact.state == GONE:
            return
        typed = self.typed
        root = self.roots[fact.root].kind
        registry = root.owner == "registry"
        unseen = self._is_unseen(number)
        exc, watched = self.blocks[number].exc, self.watched
        names = fact.names
        roles = self._roles(names)
        steps, more = self._steps(number, start, names, registry)
        turn = 0
        while True:
            if turn == len(steps):
                step = next(more, None)
                if step is None:
                    break
                steps.append(step)
            op, here, raises, touched, meant, then = steps[turn]
            turn += 1
            if then == _STOPS:
                return
            happening = NOTHING
            before, way = fact, trail
            i = here[1]
            if meant:
                happening = self.effects.of(
                    op,
                    roles,
                    root,
                    typed.on[number][i],
                    typed.args[number][i],
                    typed.dst[number][i],
                )
                touched = touched or bool(happening.events)
                if happening.events:
                    fact, trail = self._happen(fact, trail, op, happening, here)
            if here in watched:
                event = Happening((watched[here],))
                fact, trail = self._happen(fact, trail, op, event, here)
            enters = op.do == "enter" and typed.on[number][i].name in _BEGUN
            if (
                op.raises
                and (raises or touched)
                and not (enters or happening.role.startswith("await "))
            ):
                if touched or op.do == "raise" or not unseen:
                    self._raise(exc, op, before, fact, touched, (way, trail), happening, here)
                if self.effects.never_returns(op, typed.on[number][i]):
                    return
            if fact.state == GONE:
                return
            if happening.holder:
                fact = fact._replace(names=fact.names | {(happening.holder, happening.held)})
                roles = self._roles(fact.names)
            if op.do == "next":
                fact = _run_once(fact, op)
            if op.dst is not None:
                begun = self.begins[1] if op is self.begins[0] else ""
                role = happening.role or begun
                if role == SELF and op.do in _CHOOSING:
                    chosen, passed_over = self._chosen(number, op, fact)
                    if passed_over and chosen:
                        self._block(number, i + 1, self._rename(fact, op, "", roles), trail)
                    role = role if chosen else ""
                fact = self._rename(fact, op, role, roles)
                if begun and op.do == "enter" and isinstance(op.on, str):
                    # what the `with` is over ends it
                    fact = fact._replace(names=fact.names | {(op.on, begun)})
            if then == _ENDS:
                break
            if fact.names is not names:
                names = fact.names
                roles = self._roles(names)
                steps, more = self._steps(number, i + 1, names, registry)
                turn = 0
        for edge in self.blocks[number].edges:
            self._edge(number, edge, fact, trail)

    def _steps(self, number: int, start: int, names: Names, registry: bool) -> Steps:
        """The operations of a block that matter to an object of these names: most have nothing to
        do with it."""
        unseen = self._is_unseen(number)
        key = (number, start, names, registry, unseen, id(self.begins[0]))
        known = self.steps.get(key)
        if known is None:
            roles = self._roles(names)
            kept = self._reaching(names, roles), self.guards.mentioned
            shown: Shown = (self.watched, self.begins[0], registry, unseen)
            found = _mattering(self.typed, number, start, roles, kept, shown, self.effects)
            known = self.steps[key] = [], found
        return known

    def _is_unseen(self, number: int) -> bool:
        """What has nothing to do with the object is not believed to raise there."""
        return self.worst < Confidence.ANY_CALL and not self._is_handled(number)

    def _is_handled(self, number: int) -> bool:
        """Handlers, whose ways the effects ask for, catch what raises in a block."""
        if not self.effects.handlers_run:
            return False
        known = self.handled.get(number)
        if known is None:
            waiting, seen = [self.blocks[number].exc], set[int]()
            known = False
            while waiting and not known:
                here = waiting.pop()
                known = bool(self.blocks[here].handlers)
                seen.add(here)
                passed = [edge.to for edge in self.blocks[here].edges if edge.when == "pass"]
                waiting += [one for one in passed if one not in seen]
            self.handled[number] = known
        return known

    def _reaching(self, names: Names, roles: Mapping[Place, str]) -> frozenset[Place]:
        """The places that lead to the object: `a` and `a.b` for `a.b`."""
        known = self.reaching.get(names)
        if known is None:
            known = self.reaching[names] = frozenset(p for place in roles for p in leading(place))
        return known

    def _roles(self, names: Names) -> dict[Place, str]:
        known = self.roles.get(names)
        if known is None:
            known = self.roles[names] = dict(names)
        return known

    def _happen(
        self, fact: Fact, trail: Trail | None, op: Op, happening: Happening, here: Position
    ) -> tuple[Fact, Trail | None]:
        protocol = self.protocol
        for event in self._in_order(happening):
            to = protocol.moves.get((fact.state, event))
            if to is None:
                continue
            if fact.state in protocol.marks and event in ("commit", "rollback"):
                ended = self.committed if event == "commit" else self.rolled_back
                ended.add((fact.root, fact.mark))
            trail = Trail(trail, op, event)
            mark = here if to in protocol.marks else fact.mark
            if to not in protocol.marks and to not in protocol.bad:
                mark = NOWHERE
            fact = fact._replace(state=to, mark=mark)
            if to in protocol.faults:
                self._end(fact, "fault", trail)
                fact = fact._replace(state=GONE)
                break
        return fact, trail

    def _in_order(self, happening: Happening) -> tuple[str, ...]:
        if not happening.loose:
            return happening.events
        first, theirs = self.protocol.first, self.protocol.theirs
        if theirs and not {"add", "write"} & set(happening.events):
            theirs = {}  # a helper that only commits does so for its caller
        events = sorted(happening.events, key=lambda event: event not in first)
        return tuple(theirs.get(event, event) for event in events)

    def _failed(self, fact: Fact, happening: Happening, here: Position) -> Fact:
        """What the operation that raises leaves the object in."""
        protocol, state = self.protocol, fact.state
        if not protocol.fails or (happening.loose and self._is_mended(happening)):
            return fact
        for event in happening.events:
            to = protocol.fails.get((state, event))
            if to is not None:
                return fact._replace(state=to, mark=here if to in protocol.marks else fact.mark)
            state = protocol.moves.get((state, event), state)
        return fact

    def _is_mended(self, happening: Happening) -> bool:
        """Whoever did it may have mended it, or has caught what failed."""
        events = set(happening.events)
        return FAILS not in events or bool(self.protocol.first & events)

    def _raise(
        self,
        exc: int,
        op: Op,
        before: Fact,
        after: Fact,
        touched: bool,
        trails: tuple[Trail | None, Trail | None],
        happening: Happening,
        here: Position,
    ) -> None:
        """The operation raises: it did not do what it does, except that what ends, ends.
        ``trails`` are the ways without and with what it does."""
        over = any(
            e in ("close", "rollback", "escape", "end", "unnest")
            or e in self.protocol.even_if_raised
            for e in happening.events
        )
        fact = after if over else self._failed(before, happening, here)
        if fact.state == GONE:
            return
        tier, family = fact.tier, ANY
        if op.do == "raise":
            if op.name == "from finally":
                family = _raised_before(trails[0])
            elif op.on is not None:
                tier = max(tier, Confidence.RESOURCE)
        elif touched and not (happening.loose and FAILS not in happening.events):
            # what is thrown into a generator at its yield can be anything
            tier = max(tier, Confidence.RESOURCE)
            family = ANY if op.do == "yield" else DATABASE
        elif fact.state == self.protocol.start and self._is_handled(here[0]):
            tier = max(tier, Confidence.RESOURCE)  # whatever raises: the handler is there to run
        else:
            tier = Confidence.ANY_CALL
        if tier > self.worst:
            return
        raised = Trail(trails[over], op, "raises", family)
        self._deliver(exc, fact._replace(tier=tier, family=family), raised, family)
        does_more = self.typed.on[here[0]][here[1]].name in _DOING_MORE
        untouched = before.state == self.protocol.start
        if does_more and untouched and family == DATABASE and self._is_handled(here[0]):
            own = Trail(trails[0], op, "raises", ANY)
            tier = max(before.tier, Confidence.RESOURCE)
            self._deliver(exc, before._replace(tier=tier, family=ANY), own, ANY)

    def _deliver(self, number: int, fact: Fact, trail: Trail | None, family: str) -> None:
        block = self.blocks[number]
        if not block.handlers:
            self._arrive(number, fact, trail)
            return
        for handler in block.handlers:
            taken = match(family, handler)
            if taken is not Match.NO:
                caught = Trail(trail, Op("catch", handler.at), "catch")
                self._arrive(handler.to, fact._replace(family=""), caught)
            if taken is Match.YES:
                return
        for edge in block.edges:
            self._deliver(edge.to, fact, trail, family)

    def _edge(self, number: int, edge: Edge, fact: Fact, trail: Trail | None) -> None:
        if edge.when == "swallow":
            if not self._swallows(number, _raised_before(trail)):
                return
            leave = self.blocks[number].ops[-1]
            trail = Trail(trail, leave._replace(do="catch"), "catch")
            fact = fact._replace(family="")
        ops = self.blocks[number].ops
        if edge.when == "done" and ops:
            events = self.effects.exhausted(self.typed, number, fact.names)
            if events and not self._may_break(number, edge.to):
                here = (number, len(ops) - 1)
                fact, trail = self._happen(fact, trail, ops[-1], Happening(events), here)
        test = edge.test
        if test is not None:
            if fact.state in self.failed and test.place in self.looked:
                taken = match(_raised_before(trail), self.looked[test.place])
                if taken is (Match.NO if test.holds else Match.YES):
                    return  # the handler has asked what it caught: this is for something else
            if (test.is_ == "none") == test.holds and _is_object(fact, test.place):
                return  # an object is neither None nor false
            held = self.guards.through(fact.guards, test)
            if held is None:
                return
            fact = fact._replace(guards=held)
        if edge.to == EXIT and self.blocks[number].ops:
            trail = Trail(trail, self.blocks[number].ops[-1], "leaves")
        self._arrive(edge.to, fact, trail)

    def _chosen(self, number: int, op: Op, fact: Fact) -> tuple[bool, bool]:
        """Whether the object may be what `conn if got else None` and `got and conn` give, and
        whether it may be what they do not: only where nothing but names is chosen from."""
        mine = [_is_object(fact, arg.value) for arg in op.args]
        both = op.do == "boolop"
        if mine.count(True) != 1 or (both and (op.name != "and" or len(mine) != 2 or mine[0])):
            return True, False
        asked = self._asked(number, op.args[0].value if both else op.on)
        if asked is None:
            return True, False
        holds, fails = (self._may_hold(fact, test) for test in asked)
        return (holds, fails) if both or mine[0] else (fails, holds)

    def _asked(self, number: int, on: Operand | None) -> tuple[Test | None, Test | None] | None:
        """What holds where a choice in a block is made one way, and the other; None where its
        operands have blocks of their own."""
        for block in self.blocks:
            ways = {edge.when: edge.test for edge in block.edges if edge.to == number}
            if not {"true", "false"} <= ways.keys():
                continue
            asked, yes, no = block.ops[-1].on, "true", "false"
            for made in reversed(block.ops):
                if on != asked and made.dst == on and (made.do, made.name) == ("unary", "not"):
                    on, yes, no = made.on, no, yes
            return (ways[yes], ways[no]) if on == asked else None  # type: ignore[index]
        return None

    def _may_hold(self, fact: Fact, test: Test | None) -> bool:
        if test is None:
            return True
        if (test.is_ == "none") == test.holds and _is_object(fact, test.place):
            return False
        return self.guards.through(fact.guards, test) is not None

    def _may_break(self, header: int, after: int) -> bool:
        """A loop may be left before its last element by something other than a return."""
        inside = {
            loop
            for edge in self.blocks[header].edges
            if edge.when == "item"
            for loop in self.blocks[edge.to].loops
        } - set(self.blocks[after].loops)
        return any(
            edge.to not in (EXIT, RAISED) and not inside & set(self.blocks[edge.to].loops)
            for number, block in enumerate(self.blocks)
            if number != header and inside & set(block.loops)
            for edge in block.edges
        )

    def _swallows(self, number: int, family: str) -> bool:
        for op, on in zip(self.blocks[number].ops, self.typed.on[number], strict=True):
            if op.do == "leave":
                if on.name not in (FOREIGN, NAME) or on.label not in _SWALLOWERS:
                    return False
                types = suppressed(self.typed.function, op)
                return not types or match(family, Handler(types, -1)) is not Match.NO
        return False

    def _rename(self, fact: Fact, op: Op, role: str, roles: dict[Place, str]) -> Fact:
        """The names after the operation: its result may be one, what it overwrites no longer is."""
        dst = op.dst
        assert dst is not None
        names = fact.names
        guards = fact.guards
        if op.do != "getattr" or role:
            if op.do != "getattr" and dst in self._reaching(fact.names, roles):
                names = frozenset(
                    (p, r) for p, r in names if p != dst and not p.startswith(dst + ".")
                )
            if dst in self.guards.mentioned:
                guards = self.guards.assigned(guards, op)
        if role:
            names = names | {(dst, role)}
        if names is fact.names and guards is fact.guards:
            return fact
        return fact._replace(names=names, guards=guards)


# What calls that do something to the object may do besides, which may raise anything.
_DOING_MORE = frozenset({kinds.FUNCTION, kinds.INSTANCE, "METHOD", MODULE})


def _run_once(fact: Fact, op: Op) -> Fact:
    """`for x in session.query(X)` runs the query before the first element; the others are there.
    A query with a name may be run again by another loop."""
    if not isinstance(op.on, str) or op.on[0] != "%":
        return fact
    for whose in ("", OF_SESSION):
        query = (op.on, whose + kinds.QUERY)
        if query in fact.names:
            return fact._replace(names=fact.names - {query} | {(op.on, whose + kinds.LIST)})
    return fact


# What is watched, what begins the object, whether a registry has it, and whether only what is done
# to it is believed to raise.
Shown: TypeAlias = tuple[Mapping[Position, str], "Op | None", bool, bool]


def _mattering(
    typed: Typed,
    number: int,
    start: int,
    roles: dict[Place, str],
    kept: tuple[Container[Place], Container[Place]],
    always: Shown,
    effects: Effects,
) -> Iterator[Step]:
    """``kept`` are places that lead to the object, and those that guards are about."""
    watched, begins, registry, unseen = always
    reaching, mentioned = kept
    last = not typed.function.blocks[number].edges
    lines = effects.shape(typed).blocks[number]
    for place in range(start, len(lines)):
        op, places, raises, here = lines[place]
        then = _ENDS if last and op.do == "return" else _GOES_ON
        touched = not places.isdisjoint(roles) or (registry and op.do == "call")
        meant = touched or _is_of_holder(op, roles)
        shown = meant or here in watched
        if not shown and op.raises and raises:
            if not unseen or op.do == "raise" or op is begins:
                shown = True
            elif effects.never_returns(op, typed.on[number][here[1]]):
                yield Step(op, here, raises, touched, meant, _STOPS)
                return
        if shown or (op.dst is not None and (op.dst in reaching or op.dst in mentioned)):
            yield Step(op, here, raises, touched, meant, then)
        if then == _ENDS:
            return


def _raised_before(trail: Trail | None) -> str:
    """The family of the exception that goes on after a `finally` or a ``with``."""
    while trail is not None and trail.what != "raises":
        trail = trail.before
    return trail.family if trail is not None else ANY


def _is_of_holder(op: Op, roles: Mapping[Place, str]) -> bool:
    """`self._save()`, where the object is `self.session`."""
    if op.do != "call" or op.name is None or not isinstance(op.on, str):
        return False
    return any(place.startswith(op.on + ".") for place in roles)


def _is_object(fact: Fact, place: Operand | None) -> bool:
    return any(p == place and role == SELF for p, role in fact.names)

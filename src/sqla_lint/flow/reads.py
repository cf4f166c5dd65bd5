"""Which attributes of an object a function of the project reads: summaries, followed into calls.

What is read of the objects behind a relationship is a path: ``lines.book`` of an order, whether
``lines`` is one object or many. What a function reads of each element of a collection it is given
is read of the collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import (
    Proxy,
    is_mapped_column,
    mapped,
    proxied,
    read_as_attribute,
)
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.keeping import field_given
from sqla_lint.flow.serializing import read_by_asdict, read_by_schema, read_by_validating
from sqla_lint.ir import ENTRY, EXIT, Const, Function, Op, Operand, Place
from sqla_lint.project.callers import called, parameters, parameters_of
from sqla_lint.project.flags import NO_FLAGS, Flags, flags, without
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import COLLECTORS, applying, hands_on, picks
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind, is_own_function
from sqla_lint.ways import behind, passes_by

# How deep an object is followed from function to function.
CALL_DEPTH = 4
# Relationships one behind the other that are followed; deeper paths are not told.
PATH_DEPTH = 4
# How often a function that calls itself is read again, knowing more of itself each time: what it
# reads of what is behind as many relationships.
RECURSION_DEPTH = 2
# How often functions that call each other are read again, each knowing more of the others.
SETTLING_ROUNDS = 2
# Names of a loop are bound after their first use in a block that is numbered lower.
SCANS = 2

_SORTS = "sort"
_SETATTR = 3  # arguments of `setattr(user, name, value)`
_SENDING = frozenset({"flush", "commit"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_PASS = frozenset({"move", "await"})
_LOOKING = frozenset({"test", "compare", "getattr", "return", "yield", "format", "boolop"})
_ELEMENTS = frozenset({"next", "getitem", "unpack"})
_DECIDING = frozenset({"move", "compare", "getattr", "boolop", "unary"})
# Functions that only look at what they are given.
LOOKERS = frozenset(
    f"builtins.{name}"
    for name in ("print", "len", "isinstance", "id", "type", "bool", "hash", "callable", "repr")
) | {"builtins.str"}


# A parameter of a function, the class of what it is, and what its caller tells of the others: what
# a summary is of.
Key: TypeAlias = tuple[str, str, str, Flags]


class Site(NamedTuple):
    """The operation that reads a path first; what it calls to do so, and what that reads of it."""

    op: Op
    callee: Key | None
    path: str

    @property
    def is_last(self) -> bool:
        """The attribute itself is read here."""
        return self.callee is None or (self.op.do == "getattr" and self.op.name == self.path)


class Reads(NamedTuple):
    """Paths read on every normal way, and on some; ``each`` are those that are read in a loop over
    the collection; ``sets`` are attributes of the object that are assigned, before what is flushed
    there; ``adds`` when it is added to a session on every normal way; ``closed`` when nothing else
    can happen to the object there; ``awaited`` are the paths that it is asked for by its
    `awaitable_attrs`, on every normal way; ``kept`` is the field of the plain object that is
    returned in which that keeps it; ``frees`` when all that happens to it, besides, is that it is
    made transient, on every normal way; ``hollow`` are the paths that are read after that;
    ``gives`` when it is what is returned."""

    surely: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    closed: bool = True
    each: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    adds: bool = False
    awaited: frozenset[str] = frozenset()
    kept: str = ""
    frees: bool = False
    hollow: frozenset[str] = frozenset()
    gives: bool = False


# What `setattr(user, name, value)` assigns.
ANY = "*"
# Before a class: of what keeps such objects in a field, whichever is asked for.
KEEPS = ">"
# What of an object tells what of it is loaded.
INNER = frozenset({"__dict__", "_sa_instance_state"})
# What of an object gives its attributes to await.
ASKED = "awaitable_attrs"
NO_READS = Reads()
UNKNOWN_READS = Reads(closed=False)
_ADDED = Reads(adds=True)
TRANSIENT = frozenset({"sqlalchemy.orm.make_transient", "sqlalchemy.orm.session.make_transient"})


# `operator.attrgetter("author.name")`; its kind holds what it was given.
GETTER = "operator.attrgetter()"


def read_by_getter(kind: Kind) -> Reads:
    """What a getter reads of an object: each step of its paths."""
    paths = {
        ".".join(steps[: n + 1])
        for given in kind.of
        if given.name == kinds.STR
        for steps in (given.label.split("."),)
        for n in range(len(steps))
    }
    return Reads(frozenset(paths), frozenset(paths))


def _tested(function: Function) -> frozenset[Place]:
    """What tests of a function are about."""
    return frozenset(
        edge.test.place
        for block in function.blocks
        for edge in block.edges
        if edge.test is not None
    )


class Summaries:
    """One per run; remembers what functions read of their parameters."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.project = effects.project
        self._known: dict[Key, Reads] = {}
        # how deep in other functions those were read that others were too deep for
        self._cut: dict[Key, int] = {}
        self._sites: dict[Key, dict[str, Site]] = {}
        # what is known so far of those that call themselves, or each other, until all settle
        self._so_far: dict[Key, Reads] = {}
        self._unsettled: dict[Key, int] = {}  # those that are read, and how deep
        self._rests: set[Key] = set()  # those that something read now rests on
        self._inferred: dict[str, Typed] = {}
        self._is_cut = False
        self._depth = 0
        self.asked: Key | None = None  # what was asked of last

    def of(self, label: str, param: str, model: str = "", told: Flags = NO_FLAGS) -> Reads:
        """What a function reads of the object that a parameter of it is."""
        entry = self.project.knowledge.functions.get(label)
        if entry is not None and told:
            told = frozenset(one for one in told if one[0] in _tested(entry[1]))
        key = (label, param, model, told)
        if key in self._so_far:
            self._rests.add(key)
            self.asked = key
            return self._so_far[key]
        if key in self._known and self._cut.get(key, 0) <= self._depth:
            self._is_cut = self._is_cut or key in self._cut
            self.asked = key
            return self._known[key]
        if entry is None:
            return UNKNOWN_READS
        if self._depth >= CALL_DEPTH:
            self._is_cut = True
            return UNKNOWN_READS
        self._so_far[key] = NO_READS
        found, rests = self._read(key)
        if rests:  # it is known as far only as those are that call it
            self._so_far[key] = found
            self._unsettled[key] = self._depth
        else:
            self._so_far.pop(key)
            self._known[key] = found
        self._rests |= rests
        if not self._depth:
            found = self._settle(key, found)
        self.asked = key
        return found

    def _read(self, key: Key) -> tuple[Reads, set[Key]]:
        """What is read, and whose reads that rests on that are not settled."""
        label, param, model, told = key
        function = without(self.project.knowledge.functions[label][1], told)
        outer, self._rests = self._rests, set()
        was_cut, self._is_cut = self._is_cut, False
        self._depth += 1
        scan = _Scan(self, label, function, param, model)
        found = scan.run()
        for _ in range(RECURSION_DEPTH):
            if key not in self._rests or found == self._so_far[key]:
                break
            self._so_far[key] = found
            scan = _Scan(self, label, function, param, model)
            found = scan.run()
        self._depth -= 1
        self._sites[key] = scan.first
        if self._is_cut:
            self._cut[key] = self._depth
        else:
            self._cut.pop(key, None)
        rests, self._rests = self._rests - {key}, outer
        self._is_cut = was_cut or self._is_cut
        return found, rests

    def _settle(self, key: Key, found: Reads) -> Reads:
        """Functions that call each other are read again until nothing new comes of it."""
        for _ in range(SETTLING_ROUNDS):
            changed = False
            for one, depth in list(self._unsettled.items()):
                before, self._depth = self._so_far[one], depth
                self._so_far[one], _ = self._read(one)
                changed = changed or self._so_far[one] != before
            self._depth = 0
            if not changed:
                break
        self._known.update({one: self._so_far[one] for one in self._unsettled})
        self._so_far.clear()
        self._unsettled.clear()
        self._rests.clear()
        return self._known.get(key, found)

    def sites(self, key: Key, path: str) -> Iterator[tuple[str, Op]]:
        """The operations on the way to the read of a path, each with its function, innermost
        last."""
        here: Key | None = key
        for _ in range(CALL_DEPTH):
            site = self._sites.get(here, {}).get(path) if here is not None else None
            if here is None or site is None:
                return
            yield here[0], site.op
            if site.is_last:
                return
            here, path = site.callee, site.path

    def of_self(self, label: str, model: str = "", told: Flags = NO_FLAGS) -> Reads:
        """The same of the object whose method or property it is."""
        entry = self.project.knowledge.functions.get(label)
        if entry is None or not entry[1].params:
            return UNKNOWN_READS
        return self.of(label, entry[1].params[0].name, model, told)

    def expanded(self, reads: Reads, model: str) -> Reads:
        """What something reads by names, with what the properties and methods read that are among
        these."""
        surely, maybe, each = set(reads.surely), set(reads.maybe), set(reads.each)
        for path in reads.maybe:
            owner, before = model, ""
            for step in path.split("."):
                whole = f"{before}{step}"
                method = self.project.knowledge.classes.method(owner, step)
                if method is not None:
                    inner = self.of_self(method, owner)
                    read = {f"{before}{one}" for one in inner.maybe}
                    maybe |= read
                    if whole in reads.surely:
                        surely |= {f"{before}{one}" for one in inner.surely}
                    often = whole in reads.each
                    each |= read if often else {f"{before}{one}" for one in inner.each}
                attribute = mapped(self.project, owner, step)
                if attribute is None or attribute.role != "relationship":
                    break
                owner, before = attribute.target, f"{whole}."
        return reads._replace(
            surely=frozenset(surely), maybe=frozenset(maybe), each=frozenset(each)
        )

    def of_fields(self, fields: frozenset[str], model: str) -> Reads:
        """What a schema reads that has these fields: a property may stand behind one."""
        reads = Reads(fields, fields, each=fields)
        return self.expanded(reads, model) if model else reads

    def inferred(self, label: str) -> Typed:
        """The kinds of a function in which nothing of SQLAlchemy's is in sight."""
        if label not in self._inferred:
            self._inferred[label] = self.effects.inferred(label)
        return self._inferred[label]

    def by_value(self, given: Kind, model: str, position: int = 0) -> Reads | None:
        """What a function that is a value reads of what it is called with: `key=by_age`; None for
        what is no function that is known."""
        if given.label == GETTER:
            reads = read_by_getter(given)
            reads = self.expanded(reads, model) if model else reads
            self.asked = None
            return reads
        for number, param in parameters_of(self.project.knowledge, given):
            if number == position:
                return self.of(given.label, param.name, model)
        return None

    def by_call(self, op: Op, on: Kind, place: str, model: str = "") -> Reads:
        """What the function that a call calls reads of one of its arguments."""
        callee = called(self.project.knowledge, op, on)
        if callee.name in (NAME, FOREIGN):
            return UNKNOWN_READS
        if not is_own_function(callee):
            return UNKNOWN_READS
        if self.effects._wrapped(callee.label):
            return UNKNOWN_READS
        found: Reads | None = None
        seen, told = 0, flags(self.project.knowledge, op, on)
        for arg, name in parameters(self.project.knowledge, op, callee):
            if arg.value == place:
                seen += 1
                known = name is not None
                found = self.of(callee.label, str(name), model, told) if known else UNKNOWN_READS
        given = sum(1 for arg in op.args if arg.value == place)
        return found if found is not None and seen == given == 1 else UNKNOWN_READS


class _Scan:
    """One function, read for one of its parameters."""

    def __init__(
        self, summaries: Summaries, label: str, function: Function, param: str, model: str
    ) -> None:
        self.summaries = summaries
        self.project = summaries.project
        self.label = label
        self.function = function
        self.param = param
        self.typed: Typed | None = self.project.typed.get(label)
        # what the object and what is behind it are called: path and model, "" when not known
        self.known: dict[Place, tuple[str, str]] = {param: ("", model)}
        # what only columns of the object decide, or of those behind it
        self.own: set[Place] = set()
        # collections that association proxies give: the path of their elements, and the model
        self.proxies: dict[Place, tuple[str, str]] = {}
        # what `awaitable_attrs` are called, and coroutines that they give
        self.awaitables: dict[Place, tuple[str, str]] = {}
        self.coroutines: dict[Place, tuple[str, str]] = {}
        self.awaits: dict[str, set[int]] = {}
        self.sites: dict[str, set[int]] = {}
        self.first: dict[str, Site] = {}
        self.each: set[str] = set()
        self.sets: set[str] = set()
        self.set_at = -1  # where one is assigned last
        self.refreshed: set[str] = set()  # what a session loads again, by name, or all columns
        self.added: set[int] = set()  # the blocks in which it is added to a session
        self.keepers: dict[Place, str] = {}  # plain objects that keep it, and in which field
        self.closed = True
        self.freed: dict[int, int] = {}  # where it is made transient, by block
        self.leaves = False  # a session lets it go
        self.before: set[str] = set()  # what is read of it before that
        self.afterwards: dict[str, set[int]] = {}  # and after that
        # where attributes are read, and assigned, first
        self.read_first: dict[str, tuple[int, int]] = {}
        self.set_first: dict[str, tuple[int, int]] = {}
        self.binders = self._binders()
        self.here = 0

    def run(self) -> Reads:
        for _ in range(SCANS):
            self.closed = True
            for number, block in enumerate(self.function.blocks):
                for i, op in enumerate(block.ops):
                    self._op(number, i, op)
        loops = self._loops()
        surely = set()
        for path, at in self.sites.items():
            if at and self._is_passed(at, loops) and not self._is_refreshed(path):
                surely.add(path)
        for path, at in (*self.sites.items(), *self.awaits.items()):
            if any(loops.keys() & set(self.function.blocks[number].loops) for number in at):
                self.each.add(path)
        adds = bool(self.added) and not passes_by(self.function, self.added)
        closed = self.closed and not (self.sets and self._sends_before())
        closed = closed and adds >= bool(self.added)
        awaited = {path for path, at in self.awaits.items() if self._is_passed(at, loops)}
        closed = closed and len(awaited) == len(self.awaits)
        kept = self._field() if self.keepers else ""
        closed = closed and bool(kept) >= bool(self.keepers)
        frees = closed and bool(self.freed) and not passes_by(self.function, self.freed)
        hollow = frozenset(self._hollow(loops)) if frees else frozenset[str]()
        closed = closed and not self.freed and not self.leaves
        found = (frozenset(surely), frozenset((*self.sites, *self.awaits)), closed)
        sets = frozenset(self.sets)
        reads = Reads(*found, frozenset(self.each), sets, adds, frozenset(awaited), kept)
        return reads._replace(frees=True, hollow=hollow, gives=self._gives()) if frees else reads

    def _hollow(self, loops: dict[int, int]) -> Iterator[str]:
        """What is read of the object for the first time when it is transient."""
        for path, at in self.afterwards.items():
            sets = path in self.sets or ANY in self.sets
            later = not sets or self.read_first[path] < self.set_first.get(path, ())
            if later and path not in self.before and self._is_passed(at, loops):
                yield path

    def _gives(self) -> bool:
        returned = [
            op.on for block in self.function.blocks for op in block.ops if op.do == "return"
        ]
        return bool(returned) and all(
            isinstance(place, str) and self.known.get(place, ("?",))[0] == "" for place in returned
        )

    def _is_freed(self, number: int) -> bool:
        """It has been made transient, on whichever way that comes here."""
        if self.here > self.freed.get(number, self.here):
            return True
        blocks, others = self.function.blocks, self.freed.keys() - {number}
        return bool(others) and number not in behind(blocks, [ENTRY], stop=others)

    def _is_passed(self, at: set[int], loops: dict[int, int]) -> bool:
        """Every normal way goes through one of the blocks, if only the loops have a turn, before
        the name stands for another object."""
        through = at | _headers(self.function, loops, at)
        if self.binders and not behind(self.function.blocks, [ENTRY], stop=through).isdisjoint(
            self.binders.keys() - at
        ):
            return False
        if not passes_by(self.function, through):
            return True
        past = self._ways_past(through)
        return bool(past) and not passes_by(self.function, through, past)

    def _ways_past(self, through: set[int]) -> set[tuple[int, int]]:
        """The ways that lead by, where columns of the object choose: others go through."""
        found: set[tuple[int, int]] = set()
        blocks = self.function.blocks
        for number, block in enumerate(blocks):
            last = block.ops[-1] if block.ops else None
            if last is None or last.do != "test" or last.on not in self.own:
                continue
            by = [
                edge.to
                for edge in block.edges
                if through.isdisjoint(behind(blocks, [edge.to], stop=through))
            ]
            if len(by) < len(block.edges):
                found |= {(number, to) for to in by}
        return found

    def _is_refreshed(self, path: str) -> bool:
        """`session.refresh(user, ["posts"])` loads it, whatever the caller has."""
        first = path.partition(".")[0]
        if first in self.refreshed or ANY not in self.refreshed:
            return first in self.refreshed
        model = self.known[self.param][1]
        found = mapped(self.project, model, first) if model else None
        return found is None or found.role != "relationship"

    def _sends_before(self) -> bool:
        """Something is sent before the last assignment, and nothing after it."""
        sent = [
            op.at
            for block in self.function.blocks
            for op in block.ops
            if op.do == "call" and op.name in _SENDING
        ]
        return bool(sent) and max(sent) < self.set_at

    def _binders(self) -> dict[int, int]:
        """Where the parameter gets another object, that a call gives or a loop, by block: `user =
        session.merge(user)`."""
        found: dict[int, int] = {}
        for number, block in enumerate(self.function.blocks):
            for i, op in enumerate(block.ops):
                if op.dst == self.param and self._gives_another(op):
                    found.setdefault(number, i)
        return found

    def _gives_another(self, op: Op) -> bool:
        ops = [one for block in self.function.blocks for one in block.ops]
        for _ in range(SCANS):
            if op.do not in _PASS or not isinstance(op.on, str):
                break
            made = next((one for one in ops if one.dst == op.on), None)
            if made is None or op.on == self.param:
                return False
            op = made
        builtin = f"builtins.{op.on}" if op.do == "call" and op.name is None else ""
        if builtin and any(arg.value == self.param for arg in op.args):
            return not hands_on(builtin) and not picks(builtin)  # `users = sorted(users)`
        return op.do in ("call", "next")

    def _loops(self) -> dict[int, int]:
        """Loops over the object's collections, with the blocks that begin their turns."""
        return {
            block.loops[-1]: number
            for number, block in enumerate(self.function.blocks)
            if block.loops and any(op.do == "next" and op.on in self.known for op in block.ops)
        }

    def _op(self, number: int, i: int, op: Op) -> None:
        self.here = i
        if self.proxies:
            self._of_proxy(number, op)
        if self.awaitables:
            self._of_awaitables(number, op)
        self._note_own(op)
        if self.keepers:
            self._of_keeper(op)
        own = self.known.get(op.on) if isinstance(op.on, str) else None
        given = next((str(a.value) for a in op.args if a.value in self.known), None)
        if own is None and given is None:
            return
        path, model = own if own is not None else self.known[str(given)]
        on = self._kind(number, i, op)
        reads = NO_READS
        self.summaries.asked = None
        if op.do == "getattr" and op.name is not None and own is not None:
            reads = self._read(op, path, model)
        elif op.do == "call" and own is not None and op.name is not None:
            reads = self._method(op, on, path, model)
            if op.name == _SORTS and self._by_functions(number, i, op, path, model):
                reads = NO_READS
        elif op.do == "call" and given is not None:
            reads = self._given(op, on, given, path, model)
            asked = self.summaries.asked
            if not path:
                reads = self._freeing(number, i, op, on, given, reads)
            if self._by_functions(number, i, op, path, model):
                reads = NO_READS
            self.summaries.asked = asked
        elif op.do == "setattr" and own is not None and given is None and not path and op.name:
            reads = self._assigned(op, op.name)
            self.set_first.setdefault(op.name, (number, i))
        elif own is not None and op.dst is not None and op.do in _PASS | _ELEMENTS:
            self.known[op.dst] = own
        elif op.do in ("ifelse", "boolop") and op.dst is not None and given is not None:
            self.known[op.dst] = self.known[given]
        elif op.do not in _LOOKING and op.do not in _ELEMENTS and not path:
            reads = UNKNOWN_READS
        self._note(number, op, path, reads)

    def _freeing(self, number: int, i: int, op: Op, on: Kind, given: Place, reads: Reads) -> Reads:
        """`make_transient(user)`, or a function of the project that does so."""
        if op.name == "expunge" and on.name in _SESSIONS:
            self.leaves = True
            return NO_READS
        if not reads.frees and called(self.project.knowledge, op, on).label not in TRANSIENT:
            return reads
        self.freed.setdefault(number, i)
        if reads.gives and op.dst is not None:
            self.known[op.dst] = self.known[given]
        return reads._replace(closed=True) if reads.frees else NO_READS

    def _note_own(self, op: Op) -> None:
        """What columns of the object tell, alone or compared with what does not change."""
        if op.dst is None:
            return
        if op.do == "getattr" and op.on in self.known and op.name is not None:
            model = self.known[str(op.on)][1]
            decides = bool(model) and is_mapped_column(self.project, model, op.name)
        else:
            of = [one for one in (op.on, *(arg.value for arg in op.args)) if one is not None]
            decides = op.do in _DECIDING and any(one in self.own for one in of)
            decides = decides and all(one in self.own or self._is_fixed(one) for one in of)
        if decides:
            self.own.add(op.dst)

    def _is_fixed(self, operand: Operand) -> bool:
        """A constant, or a name of the module: `Status.OPEN`."""
        if not isinstance(operand, str):
            return isinstance(operand, Const)
        first = operand.partition(".")[0]
        return first.isidentifier() and first not in self.function.locals

    def _note(self, number: int, op: Op, path: str, reads: Reads) -> None:
        if not path:
            self.closed &= reads.closed
            self.sets |= reads.sets
            if reads.adds:
                self.added.add(number)
        prefix = f"{path}." if path else ""
        for name in reads.maybe:
            if f"{prefix}{name}".count(".") < PATH_DEPTH:
                at = self.sites.setdefault(f"{prefix}{name}", set())
                site = Site(op, self.summaries.asked, name)
                self.first.setdefault(f"{prefix}{name}", site)
                if not path and self.freed and self._is_freed(number):
                    if "." not in name and name in reads.surely:
                        self.read_first.setdefault(name, (number, self.here))
                        self.afterwards.setdefault(name, set()).add(number)
                elif not path:
                    self.before.add(name)
                if name in reads.surely and self.here <= self.binders.get(number, self.here):
                    at.add(number)
                if name in reads.each:
                    self.each.add(f"{prefix}{name}")
        for name in reads.awaited:
            if f"{prefix}{name}".count(".") < PATH_DEPTH:
                self.awaits.setdefault(f"{prefix}{name}", set()).add(number)
                site = Site(op, self.summaries.asked, name)
                self.first.setdefault(f"{prefix}{name}", site)
                if name in reads.each:
                    self.each.add(f"{prefix}{name}")

    def _kind(self, number: int, i: int, op: Op) -> Kind:
        if self.typed is not None:
            return self.typed.on[number][i]
        # nothing of a database is known here, but by who calls it: what it calls is known by name
        plain = op.do == "call" and op.name is None and str(op.on).isidentifier()
        if not plain or op.on in self.function.locals:
            return UNKNOWN
        knowledge, name = self.project.knowledge, str(op.on)
        module = knowledge.functions[self.label][0]
        found = knowledge.global_name(module, name)
        builtin = f"builtins.{name}"
        looks = builtin in LOOKERS or applying(builtin) is not None or picks(builtin)
        if found.known or not looks or name in module.body.locals:
            return found
        hidden = name in self.function.captures or knowledge.ask("open", module.name)
        return found if hidden else Kind(NAME, label=builtin)

    def _read(self, op: Op, path: str, model: str) -> Reads:
        """Reading an attribute: a property reads more, a relationship leads further."""
        assert op.name is not None
        if op.name in INNER and self._is_searched(op):
            return UNKNOWN_READS
        if op.name == ASKED:
            if op.dst is not None:
                self.awaitables[op.dst] = (path, model)
            return Reads(maybe=frozenset({op.name}))
        one = frozenset({op.name})
        if model.startswith(KEEPS):  # a field of what keeps objects
            if op.dst is not None:
                self.known[op.dst] = (op.name, model.removeprefix(KEEPS))
            return Reads(one, one)
        owner = model
        if not owner and not path and self.function.parent is not None:
            owner = f"{self.label.partition(':')[0]}:{self.function.parent}"
        prop = self.project.knowledge.classes.method(owner, op.name) if owner else None
        again = prop == self.label and not path  # the SQL expression of a hybrid
        if prop is not None and not again and self.function.params:
            prop = read_as_attribute(self.project.knowledge, prop) or prop
            inner = self.summaries.of_self(prop, model)
            return inner._replace(surely=one | inner.surely, maybe=one | inner.maybe)
        proxy = proxied(self.project, model, op.name) if model else None
        if proxy is not None:
            return self._proxied(op, proxy, path, one)
        if op.dst is not None:
            found = mapped(self.project, model, op.name) if model else None
            further = f"{path}.{op.name}" if path else op.name
            if (found is not None and found.role == "relationship") or not model:
                self.known[op.dst] = (further, found.target if found is not None else "")
        return Reads(one, one)

    def _is_searched(self, inner: Op) -> bool:
        """It is asked whether something is among what the object has."""
        return inner.name != "__dict__" or any(
            op.do == "compare"
            and op.name in ("in", "not in")
            and any(arg.value == inner.dst for arg in op.args)
            for block in self.function.blocks
            for op in block.ops
        )

    def _proxied(self, op: Op, proxy: Proxy, path: str, one: frozenset[str]) -> Reads:
        """A collection of what is behind a relationship reads each when it is gone through."""
        names = one | {proxy.through}
        value = f"{proxy.through}.{proxy.value}"
        if not proxy.many:
            return Reads(names | {value}, names | {value})
        if op.dst is not None and proxy.value:
            self.proxies[op.dst] = (f"{path}.{value}" if path else value, proxy.behind)
        return Reads(names, names)

    def _of_proxy(self, number: int, op: Op) -> None:
        """Something goes through such a collection."""
        over = [p for p in (op.on, *(arg.value for arg in op.args)) if p in self.proxies]
        if not over:
            return
        path, model = self.proxies[str(over[0])]
        callee = op.do == "call" and op.name is None and f"builtins.{op.on}" in COLLECTORS
        if op.do in ("next", "getitem") or callee:
            each = frozenset({path} if op.do != "getitem" else ())
            self._note(number, op, "", Reads(frozenset({path}), frozenset({path}), each=each))
            if op.dst is not None and model:
                self.known[op.dst] = (path, model)
        elif op.do == "move" and op.dst is not None:
            self.proxies[op.dst] = (path, model)

    def _of_awaitables(self, number: int, op: Op) -> None:
        """`await user.awaitable_attrs.posts`: it is loaded, where something waits for it."""
        on = str(op.on)
        if on in self.coroutines:
            path, model = self.coroutines[on]
            if op.do == "await":
                self.summaries.asked = None
                self._note(number, op, "", Reads(awaited=frozenset({path})))
                if op.dst is not None and model:
                    self.known[op.dst] = (path, model)
            elif op.do == "move" and op.dst is not None:
                self.coroutines[op.dst] = (path, model)
            else:
                self.closed = False
        elif on in self.awaitables:
            path, model = self.awaitables[on]
            if op.do == "move" and op.dst is not None:
                self.awaitables[op.dst] = (path, model)
            elif op.do == "getattr" and op.dst is not None and op.name is not None:
                found = mapped(self.project, model, op.name) if model else None
                related = found is not None and found.role == "relationship"
                behind_it = found.target if found is not None and related else ""
                further = f"{path}.{op.name}" if path else op.name
                self.coroutines[op.dst] = (further, behind_it)
            else:
                self.closed = False
        elif any(arg.value in self.awaitables or arg.value in self.coroutines for arg in op.args):
            self.closed = False

    def _of_keeper(self, op: Op) -> None:
        """What keeps the object may be named and returned: else nobody knows what happens there."""
        if op.do == "move" and op.on in self.keepers and op.dst is not None:
            self.keepers[op.dst] = self.keepers[str(op.on)]
            return
        meant = op.on in self.keepers and op.do not in ("return", "test")
        if meant or any(arg.value in self.keepers for arg in op.args):
            self.closed = False

    def _field(self) -> str:
        """The field in which all that is returned keeps the object; "" when it is not so."""
        returned = [
            op.on for block in self.function.blocks for op in block.ops if op.do == "return"
        ]
        fields = {self.keepers.get(place, "") for place in returned if isinstance(place, str)}
        return fields.pop() if len(fields) == 1 else ""

    def _method(self, op: Op, on: Kind, path: str, model: str) -> Reads:
        label = model
        if not label and on.name in (kinds.ENTITY, kinds.INSTANCE):
            label = on.label
        if not label and not path and self.function.params[0].name == self.param:
            label = f"{self.label.partition(':')[0]}:{self.function.parent}"
        name = op.name or ""
        method = self.project.knowledge.classes.method(label, name) if label else None
        if method is not None:
            return self.summaries.of_self(method, model, flags(self.project.knowledge, op, on))
        return NO_READS if path else UNKNOWN_READS

    def _assigned(self, op: Op, name: str) -> Reads:
        self.set_at = max(self.set_at, op.at)
        return Reads(sets=frozenset({name}))

    def _given(self, op: Op, on: Kind, place: str, path: str, model: str) -> Reads:
        callee = called(self.project.knowledge, op, on)
        if callee.label == "builtins.setattr" and op.args[0].value == place and not path:
            named = op.args[1].value if len(op.args) == _SETATTR else None
            known = isinstance(named, Const) and isinstance(named.value, str)
            return self._assigned(op, str(named.value) if known else ANY)  # type: ignore[union-attr]
        if op.name == "add" and on.name in _SESSIONS and not path:
            return _ADDED
        if op.name == "refresh" and on.name in _SESSIONS and not path:
            self.refreshed |= self._names_of(op)
        if callee.name in (NAME, FOREIGN) and callee.label in LOOKERS and (path or model):
            return NO_READS
        if callee.name in (NAME, FOREIGN) and hands_on(callee.label) and op.dst is not None:
            self.known[op.dst] = (path, model)
            return NO_READS if path or model else UNKNOWN_READS
        if callee.name in (NAME, FOREIGN) and picks(callee.label) and (path or model):
            if op.dst is not None:
                self.known[op.dst] = (path, model)
            return NO_READS
        if on.name == kinds.CLASS and op.name is None and not path and op.dst is not None:
            field = field_given(self.project.knowledge, op, on, place)
            if field:
                self.keepers[op.dst] = field
                return NO_READS
        fields = read_by_validating(self.project.knowledge, op, on)
        fields = fields or read_by_asdict(self.summaries.effects, op, on, model)
        if not fields and self.typed is not None:
            fields = read_by_schema(self.project.knowledge, self.typed, op, on)
        if fields:
            return self.summaries.of_fields(fields, model)
        return self.summaries.by_call(op, on, place, model)

    def _by_functions(self, number: int, i: int, op: Op, path: str, model: str) -> bool:
        """`sorted(users, key=by_age)`, `users.sort(key=by_age)`: a function is called with each of
        the elements, and it is known what that reads."""
        position: int | None = 0
        if op.name != _SORTS:
            callee = called(self.project.knowledge, op, self._kind(number, i, op))
            library = callee.name in (NAME, FOREIGN)
            position = applying(callee.label) if library else None
        if position is None or not (path or model):
            return False
        found = False
        for kind in self._kinds_given(number, i, op):
            reads = self.summaries.by_value(kind, model, position)
            if reads is not None:
                found = True
                each = reads._replace(each=reads.surely | reads.each)
                self._note(number, op, path, each)
        return found

    def _kinds_given(self, number: int, i: int, op: Op) -> tuple[Kind, ...]:
        if self.typed is not None:
            return self.typed.args[number][i]
        typed = self.summaries.inferred(self.label)
        block = typed.function.blocks[number]
        return typed.args[number][i] if i < len(block.ops) and block.ops[i].at == op.at else ()

    def _names_of(self, op: Op) -> set[str]:
        """The attributes that `refresh()` is given; `ANY` for all columns, or what is not known."""
        named = next((a.value for a in op.args[1:] if a.keyword in (None, "attribute_names")), None)
        made = (one for block in self.function.blocks for one in block.ops if one.dst == named)
        pack = next(made, None) if isinstance(named, str) else None
        if pack is None or pack.do != "pack":
            return {ANY}
        return {str(arg.value.value) if isinstance(arg.value, Const) else ANY for arg in pack.args}


def _headers(function: Function, loops: dict[int, int], sites: set[int]) -> set[int]:
    """Blocks that begin loops over the collection whose every turn goes through one of the sites:
    with at least one element it is read."""
    found: set[int] = set()
    for loop, header in loops.items():
        inside = {n for n in sites if loop in function.blocks[n].loops}
        starts = [e.to for e in function.blocks[header].edges if e.when == "item"]
        if not inside or not starts:
            continue
        if {header, EXIT}.isdisjoint(behind(function.blocks, starts, stop={header, *inside})):
            found.add(header)
    return found

"""Where a statement goes from a call that made it: the calls that add to it, and where it ends.

It is followed through variables and branches, into helpers that build on what they are given, and
out to whoever calls the function that returns it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import Kind
from sqla_lint.project.statement import SET_OPERATIONS
from sqla_lint.project.texts import Reader
from sqla_lint.views.calling import askers, calls
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader

HELPERS = 3  # helpers inside helpers
CHAIN = 40  # calls of one statement
STEPS = 300  # operations that one statement goes through; real ones go through tens

# "adds": a call that gives the statement with something more. "passes": a name, an `await`.
# "runs": the database is asked. "returned": to nobody who is known. "left": anything else.
Does: TypeAlias = Literal["adds", "passes", "runs", "returned", "left"]

STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_RUNS_FLASK = frozenset({"paginate", "first_or_404", "one_or_404"})
_PASSES = frozenset({"move", "await", "ifelse", "boolop"})
_LOOKS = frozenset({"test", "unary"})
# Calls of Python's own that take all rows of a Query.
_COLLECTS = frozenset(f"builtins.{name}" for name in ("list", "tuple", "set", "sorted", "next"))
_LOOKERS = frozenset(
    f"builtins.{name}" for name in ("print", "str", "repr", "isinstance", "type", "hasattr", "id")
)


@dataclass(frozen=True, eq=False)
class Stop:
    """An operation that a statement comes to, and what it does with it. ``within`` are the calls
    of helpers that are not over yet, the outermost first."""

    frame: Frame
    at: Position
    does: Does
    within: tuple[tuple[Frame, Position], ...] = ()
    given: Place = ""  # the parameter that holds the statement where a helper begins

    @property
    def op(self) -> Op:
        """The operation; where a helper begins, the call of it."""
        frame, at = self.within[-1] if self.given else (self.frame, self.at)
        return frame.op(at)

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same operation inside of the same calls."""
        inside = tuple((frame.label, at) for frame, at in self.within)
        return self.frame.label, self.at, self.given, inside

    @property
    def args(self) -> list[Spot]:
        """The arguments of the operation."""
        return self.frame.args(self.at)


def begun(function: Function, op: Op) -> Stop | None:
    """The stop where a statement that is made by a call of a function begins its way."""
    frame = reader(function.project).frames.of(function.label)
    here = function.position(op)
    return None if frame is None or here is None else Stop(frame, here, "adds")


def before(function: Function, start: Stop) -> list[Stop]:
    """The calls that a statement was built by before one of its calls, the last of them first, as
    far back as there is one way."""
    known, found = reader(function.project), list[Stop]()
    there = start.frame.on(start.at)
    while len(found) < CHAIN:
        makers = list(known.origins.makers(there))
        made = makers[0] if len(makers) == 1 else None
        op = made.frame.op(made.at) if made is not None else None
        if made is None or op is None or op.do != "call" or op.on is None or op.name is None:
            break
        there = made.frame.on(made.at)
        if there.kind.name not in STATEMENTS:
            break
        found.append(Stop(made.frame, made.at, "adds"))
    return found


def beginning(function: Function, start: Stop) -> Stop | None:
    """The `select()` or `session.query()` that a statement begins with, where there is one."""
    first = [start, *before(function, start)][-1]
    makers = list(reader(function.project).origins.makers(first.frame.on(first.at)))
    made = makers[0] if len(makers) == 1 else None
    if made is None or made.frame.op(made.at).do != "call":
        return None
    return Stop(made.frame, made.at, "adds")


def onward(function: Function, stop: Stop) -> Iterator[Stop]:
    """What comes next."""
    known = reader(function.project)
    for at, op in _readers(known, stop):
        yield from _next(function, known, stop, at, op)
    if _is_for_all(stop):
        yield Stop(stop.frame, stop.at, "left", stop.within)


def _place(stop: Stop) -> Place:
    return stop.given or stop.op.dst or ""


def _is_for_all(stop: Stop) -> bool:
    """A variable of a module or class: other functions may read it."""
    of_all = stop.frame.typed.function.kind in ("module", "class")
    return of_all and _place(stop)[:1] != "%"


def _readers(known: Reader, stop: Stop) -> Iterator[tuple[Position, Op]]:
    """The operations that read the statement."""
    place, frame = _place(stop), stop.frame
    for number, block in enumerate(frame.typed.function.blocks if place else ()):
        for i, op in enumerate(block.ops):
            if op.on != place and all(arg.value != place for arg in op.args):
                continue
            at = (number, i)
            if place[0] != "%":
                found = frame.graph.definitions(place, at, known.origins.admits(frame))
                if not (found.entry if stop.given else stop.at in found.positions):
                    continue
            yield at, op


def _next(function: Function, known: Reader, stop: Stop, at: Position, op: Op) -> Iterator[Stop]:
    frame, within, place = stop.frame, stop.within, _place(stop)
    if op.do in _PASSES:
        if op.do == "ifelse" and op.on == place and all(a.value != place for a in op.args):
            return  # it is only the test
        yield Stop(frame, at, "passes", within)
    elif op.do == "return":
        yield from _returned(function, known, stop, at)
    elif op.do == "next":
        yield Stop(frame, at, "runs", within)
    elif op.do == "call" and op.on == place and op.name is not None:
        yield Stop(frame, at, _called(function, op, frame.on(at).kind), within)
    elif op.do == "call":
        yield from _handed(function, known, stop, at, op)
    elif op.do == "getitem" and op.on == place:
        yield Stop(frame, at, "runs", within)
    elif op.do not in _LOOKS and op.name not in ("is", "is not"):
        yield Stop(frame, at, "left", within)


def _called(function: Function, op: Op, on: Kind) -> Does:
    """A method of the statement: of a parameter that says nothing, as of a select."""
    if op.name in SET_OPERATIONS or op.name == "from_statement":
        return "left"
    catalog, name = function.project.catalog, op.name or ""
    likely = [on.name] if on.name in STATEMENTS else sorted(STATEMENTS)
    members = [catalog.member(kind, False, name) for kind in likely]
    member = next((one for one in members if one is not None), None)
    if member is None:
        return "left"
    if "execute" in member.effects:
        return "runs"
    return "adds" if member.returns in ("Self", *STATEMENTS) else "left"


def _handed(function: Function, known: Reader, stop: Stop, at: Position, op: Op) -> Iterator[Stop]:
    """It is an argument of a call."""
    frame, within, place = stop.frame, stop.within, _place(stop)
    on = frame.on(at).kind if op.on is not None else None
    runs = on is not None and on.name in _RUNNERS and op.name in _RUNS
    if runs or (on is not None and on.name == kinds.FLASK_DB and op.name in _RUNS_FLASK):
        yield Stop(frame, at, "runs", within)
        return
    if on is not None and on.label in _COLLECTS and op.name is None:
        yield Stop(frame, at, "runs", within)
        return
    if on is not None and on.label in _LOOKERS and op.name is None:
        return
    callee = known.frames.callee(frame, at) if len(within) < HELPERS else None
    names = _parameters(function, frame, at, op, place) if callee is not None else []
    if callee is None or not names or known.origins.is_wrapped(callee.label):
        yield Stop(frame, at, "left", within)
        return
    if callee.typed.function.is_generator:
        yield Stop(frame, at, "left", within)
        return
    for name in names:
        yield Stop(callee, (0, 0), "passes", (*within, (frame, at)), name)


def _parameters(function: Function, frame: Frame, at: Position, op: Op, place: Place) -> list[str]:
    """The parameters that get the statement; none when one of them cannot be told."""
    knowledge = function.project.knowledge
    callee = called(knowledge, op, frame.typed.on[at[0]][at[1]])
    found: list[str] = []
    for arg, name in parameters(knowledge, op, callee):
        if arg.value == place:
            if name is None:
                return []
            found.append(name)
    return found


def _returned(function: Function, known: Reader, stop: Stop, at: Position) -> Iterator[Stop]:
    """It comes out of a helper, or out of the function to all that call it."""
    if stop.within:
        frame, call = stop.within[-1]
        yield Stop(frame, call, "passes", stop.within[:-1])
        return
    label = stop.frame.label
    there = calls(function).get(label, [])
    strangers = set(askers(function).get(label, ())) - {caller for caller, _ in there}
    if not there or strangers or known.origins.is_wrapped(label):
        yield Stop(stop.frame, at, "returned")
        return
    for caller, position in there:
        outer = known.frames.of(caller)
        if outer is not None:
            yield Stop(outer, position, "passes")

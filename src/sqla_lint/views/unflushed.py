"""Values that a flush gives to a new object, and that are read before: they are None until then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Op, Place
from sqla_lint.project.allowed import never
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame
from sqla_lint.project.mapping import Model
from sqla_lint.views.byflush import given_by_flush, gives_at_once
from sqla_lint.views.calm import may_flush
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sinks import Sink, sinks
from sqla_lint.views.sql import reader
from sqla_lint.ways import leads

NAMES = 4  # names of names

# The entry of a function, as an operation before its first.
_ENTERED = (ENTRY, -1)


class TooEarly(NamedTuple):
    """A read of an attribute that is None yet, and what is written with it."""

    at: int
    path: str
    name: str  # ``document.id``
    model: str
    use: str  # ``AuditEntry.entity_id``; "" of a criterion
    steps: tuple[Note, ...]


def read_too_early(function: Function) -> Iterator[TooEarly]:
    """Reads of what only a flush gives to an object that the function makes, before any."""
    if kinds.MAPPED_CLASS not in function.typed.present:
        return
    frame = reader(function.project).frames.of(function.label)
    if frame is None or gives_at_once(function):
        return
    for number, i, op in function.call_positions:
        on = function.typed.on[number][i]
        if on.name != kinds.MAPPED_CLASS or op.name is not None or "alias" in on.traits:
            continue
        if any(arg.star or arg.keyword is None for arg in op.args):
            continue
        given = {arg.keyword for arg in op.args}
        model = function.project.models.of(on.label)
        names = given_by_flush(function.project, model) - given if model is not None else None
        if model is None or not names:
            continue
        made = Note(f"`{model.name}` is made here", op.at)
        for found in _reads(function, frame, (number, i), model, names):
            yield found._replace(steps=(made, *found.steps))


def _reads(
    function: Function, frame: Frame, made: Position, model: Model, names: frozenset[str]
) -> Iterator[TooEarly]:
    stops: list[Position] | None = None
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            at = (number, i)
            reads = op.do == "getattr" and op.name in names and op.on is not None
            held = [n for n, arg in enumerate(op.args) if op.do == "call" and not arg.star]
            if not reads and not held:
                continue
            if reads and not _is_object(frame, at, made):
                continue
            places = [n for n in held if _is_object(frame, at, made, n)]
            if not reads and not places:
                continue
            if not leads(frame.typed.function, made, at, past=made, caught=True):
                continue
            if stops is None:
                stops = [one for one in may_flush(function, frame) if one != made]
            if _is_stopped(frame, made, at, stops) or _is_set(frame, made, names):
                continue
            if reads:
                for sink in sinks(function, frame, at):
                    yield _found(function, frame, op, model, sink, ())
                    break
                continue
            yield from _in_helper(function, frame, at, op, places, model, names)


def _found(
    function: Function, frame: Frame, op: Op, model: Model, sink: Sink, steps: tuple[Note, ...]
) -> TooEarly:
    own = frame.typed.module.path
    name = f"{op.on}.{op.name}"
    if (sink.ref, sink.path) != (op.at, own) and sink.path != own:
        steps = (*steps, Note("it is written here", sink.ref, elsewhere(function, sink.path)))
    return TooEarly(op.at, elsewhere(function, own), name, model.name, sink.use, steps)


def _in_helper(
    function: Function,
    frame: Frame,
    at: Position,
    op: Op,
    places: list[int],
    model: Model,
    names: frozenset[str],
) -> Iterator[TooEarly]:
    """Reads of a function of the project that is handed the object."""
    known = reader(function.project)
    callee = known.frames.callee(frame, at)
    if callee is None or callee.typed.function.is_generator:
        return
    if known.origins.is_wrapped(callee.label):
        return
    knowledge = function.project.knowledge
    target = called(knowledge, op, frame.typed.on[at[0]][at[1]])
    given = [name for _, name in parameters(knowledge, op, target)]
    step = Note("it is handed on here", op.at, elsewhere(function, frame.typed.module.path))
    for place in [given[n] for n in places if n < len(given)]:
        if place is None or _is_rebound(callee, place) or _is_set_on(callee, place, names):
            continue
        stops = list(may_flush(function, callee))
        for number, block in enumerate(callee.typed.function.blocks):
            for i, inner in enumerate(block.ops):
                if inner.do != "getattr" or inner.on != place or inner.name not in names:
                    continue
                if _is_stopped(callee, _ENTERED, (number, i), stops):
                    continue
                for sink in sinks(function, callee, (number, i)):
                    yield _found(function, callee, inner, model, sink, (step,))
                    break


def _is_object(frame: Frame, at: Position, made: Position, argument: int | None = None) -> bool:
    """An operand is the object that an operation has made, on every way."""
    op = frame.op(at)
    place = op.on if argument is None else op.args[argument].value
    for _ in range(NAMES):
        if not isinstance(place, str):
            return False
        found = frame.graph.definitions(place, at, never)
        if found.entry or len(found.positions) != 1:
            return False
        at = found.positions[0]
        if at == made:
            return True
        if frame.op(at).do != "move":
            return False
        place = frame.op(at).on
    return False


def _is_rebound(frame: Frame, place: Place) -> bool:
    return any(op.dst == place for block in frame.typed.function.blocks for op in block.ops)


def _is_set(frame: Frame, made: Position, names: frozenset[str]) -> bool:
    """The function gives the object such a value itself."""
    return any(
        op.do == "setattr" and op.name in names and _is_object(frame, (number, i), made)
        for number, block in enumerate(frame.typed.function.blocks)
        for i, op in enumerate(block.ops)
    )


def _is_set_on(frame: Frame, place: Place, names: frozenset[str]) -> bool:
    return any(
        op.do == "setattr" and op.name in names and op.on == place
        for block in frame.typed.function.blocks
        for op in block.ops
    )


def _is_stopped(frame: Frame, made: Position, at: Position, stops: list[Position]) -> bool:
    """On some way from one operation to another something may flush."""
    code = frame.typed.function
    return any(
        one != at
        and leads(code, made, one, past=made, caught=True)
        and leads(code, one, at, past=made, caught=True)
        for one in stops
    )

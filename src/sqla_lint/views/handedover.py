"""Objects without a session that are given to work which runs later and reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.keeping import field_given
from sqla_lint.flow.reads import Key
from sqla_lint.flow.root import NOWHERE
from sqla_lint.flow.solve import solve
from sqla_lint.ir import Op, Operand, Place, Ref
from sqla_lint.project.flags import NO_FLAGS
from sqla_lint.project.kind import class_name
from sqla_lint.views.beside import Work, makers, original, started
from sqla_lint.views.entities import FRESH, reader
from sqla_lint.views.function import Function
from sqla_lint.views.waiting import outlives

_MOVES = {
    (state, event): to
    for (state, event), to in protocols.LOADED_SYNC.moves.items()
    if (state, event) != ("lost", "escape")
}
# The work is somebody else's, and reads the object all the same.
_LATER: Protocol = protocols.LOADED_SYNC._replace(moves=_MOVES)


class Later(NamedTuple):
    """A read, in work that was started with an expired object whose session is closed."""

    at: Ref
    model: str
    attribute: str
    read: Op
    path: str
    work: str


class _Given(NamedTuple):
    """An object that started work gets: its name here, and what the work surely reads of it, by
    paths below ``before``."""

    place: Place
    at: Ref
    model: str
    key: Key
    before: str = ""


def read_later(function: Function) -> Iterator[Later]:
    """Columns that started work reads of objects which have surely lost their session."""
    for work in started(function):
        if work.where == "queue" or not outlives(function, work):
            continue
        for given in _given(function, work):
            found = next(_read(function, work, given), None)
            if found is not None:
                yield found
                break


def _given(function: Function, work: Work) -> Iterator[_Given]:
    """The object whose method is run, or what the object keeps whose method it is. What the
    function is handed itself, `reader` follows."""
    label = work.function.label
    entry = function.project.knowledge.functions.get(label)
    if entry is None or work.there is not None:
        return
    if not work.owner or not entry[1].params:
        return
    me = entry[1].params[0].name
    made = list(makers(function, work.owner))
    for number, i, op, args in made if len(made) == 1 else ():
        kind, on = function.typed.dst[number][i], function.typed.on[number][i]
        if kind.name == kinds.ENTITY:
            yield _Given(work.owner, work.op.at, kind.label, (label, me, kind.label, NO_FLAGS))
        elif op.do == "call" and on.name == kinds.CLASS and op.name is None:
            for arg, one in zip(op.args, args, strict=False):
                field = field_given(function.project.knowledge, op, on, arg.value)
                if one.name == kinds.ENTITY and field:
                    key = (label, me, "", NO_FLAGS)
                    yield _Given(str(arg.value), work.op.at, one.label, key, f"{field}.")


def _read(function: Function, work: Work, given: _Given) -> Iterator[Later]:
    known, project = reader(function), function.project
    reads = known.summaries.of(*given.key)
    names: set[Operand] = {given.place, original(function, given.place)}
    for path in sorted(reads.surely):
        name = path.removeprefix(given.before)
        attribute = mapped(project, given.model, name) if path.startswith(given.before) else None
        if attribute is None or attribute.column is None or attribute.load != "eager":
            continue
        for origin in known.origins(function):
            made = origin.root.position
            if origin.how not in ("loaded", "called") or origin.is_async or made == NOWHERE:
                continue
            if origin.model != given.model or not is_bound(function, made, names):
                continue
            if known.start(origin, attribute) not in FRESH:
                continue
            effects = known.effects_of(function, origin, attribute)
            watched = {work.position: "read"}
            ends = solve(
                function.typed, _LATER, (origin.root,), effects, Confidence.PLAIN, watched
            ).ends
            if any(e.way == "fault" and e.trail is not None for e in ends):
                yield _later(function, work, given, path, name)
                return


def _later(function: Function, work: Work, given: _Given, path: str, name: str) -> Later:
    *_, (label, op) = reader(function).summaries.sites(given.key, path)
    module = function.project.knowledge.functions[label][0]
    model, run = class_name(given.model), class_name(given.key[0])
    return Later(given.at, model, name, op, module.path, run)


def is_bound(function: Function, made: tuple[int, int], names: set[Operand]) -> bool:
    """An operation gives what one of these names holds."""
    dst = function.op(made).dst
    return dst in names or any(
        op.do in ("move", "await") and op.on == dst and op.dst in names
        for _, _, op in function.positions
    )

"""Objects without a session that are given to work which runs later and reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.root import NOWHERE
from sqla_lint.flow.solve import solve
from sqla_lint.ir import Op, Operand, Ref
from sqla_lint.views.beside import original
from sqla_lint.views.entities import reader
from sqla_lint.views.escaping import escaping_entities
from sqla_lint.views.function import Function

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


def read_later(function: Function) -> Iterator[Later]:
    """Columns that started work reads of objects which have surely lost their session."""
    project = function.project
    for work, handed, harm in escaping_entities(function):
        entry = project.knowledge.functions.get(work.function.label)
        if harm.what != "expired" or entry is None or handed.parameter is None:
            continue
        names: set[Operand] = {handed.value, original(function, str(handed.value))}
        ops = [op for block in entry[1].blocks for op in block.ops]
        if any(op.dst == handed.parameter for op in ops):
            continue
        for read in ops:
            if read.do != "getattr" or read.on != handed.parameter or read.name is None:
                continue
            attribute = mapped(project, handed.kind.label, read.name)
            if attribute is None or attribute.column is None or attribute.load != "eager":
                continue
            for origin in reader(function).origins(function):
                made = origin.root.position
                if origin.how != "loaded" or origin.is_async or made == NOWHERE:
                    continue
                if origin.model != handed.kind.label or not is_bound(function, made, names):
                    continue
                ends = solve(
                    function.typed,
                    _LATER,
                    (origin.root,),
                    reader(function).effects_of(function, origin, attribute),
                    Confidence.PLAIN,
                    {work.position: "read"},
                ).ends
                if any(e.way == "fault" and e.trail is not None for e in ends):
                    model = handed.kind.label.rpartition(":")[2].rpartition(".")[2]
                    name = work.function.label.rpartition(":")[2].rpartition(".")[2]
                    yield Later(handed.at, model, read.name, read, entry[0].path, name)
                    break
            break


def is_bound(function: Function, made: tuple[int, int], names: set[Operand]) -> bool:
    """An operation gives what one of these names holds."""
    dst = function.op(made).dst
    return dst in names or any(
        op.do in ("move", "await") and op.on == dst and op.dst in names
        for _, _, op in function.positions
    )

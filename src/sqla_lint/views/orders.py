"""Orders that have no effect: what comes before them is already the order of a unique key."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME
from sqla_lint.project.mapping import Model
from sqla_lint.project.texts import Reader
from sqla_lint.views.backward import backward
from sqla_lint.views.conditions import may_meet
from sqla_lint.views.function import Call
from sqla_lint.views.onward import STATEMENTS
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sources import column_source
from sqla_lint.views.sql import reader
from sqla_lint.views.sqlfunctions import function_name

LINKS = 40  # calls in a chain

_DIRECTIONS = frozenset({"asc", "desc", "nulls_first", "nulls_last", "nullsfirst", "nullslast"})
# What leaves each row of the entity once, and the order as it is.
_KEEPS = frozenset(
    {"where", "filter", "filter_by", "options", "execution_options", "with_for_update"}
    | {"populate_existing", "params", "enable_eagerloads"}
)


def ordered_before(call: Call) -> Note | None:
    """Where the statement that gets an order is ordered by the key of its only entity, on some way
    that leads here."""
    root = _entity(call)
    known = reader(call.function.project)
    frame = known.frames.of(call.function.label)
    here = call.function.position(call.op)
    resets = not call.op.args or _resets(call.op)
    if root is None or frame is None or here is None or resets:
        return None

    def goes_on(made: Spot, op: Op) -> bool:
        if op.name != "order_by":
            return op.name in _KEEPS
        return may_meet(made, frame, here) and not _resets(op)

    for made in backward(known, frame.on(here), STATEMENTS, goes_on):
        op = made.frame.op(made.at)
        if op.name != "order_by" or not may_meet(made, frame, here):
            continue
        if _is_total(known, root, made) and _is_plain(known, made.frame.on(made.at)):
            path = elsewhere(call.function, made.frame.typed.module.path)
            return Note("ordered by a unique key here", op.at, path)
    return None


def _resets(op: Op) -> bool:
    """``order_by(None)``: what comes before it is gone."""
    return any(isinstance(arg.value, Const) for arg in op.args)


def _entity(call: Call) -> Model | None:
    """The only class that a statement selects."""
    selected = call.on.of
    if call.on.name not in STATEMENTS or len(selected) != 1:
        return None
    entity = selected[0]
    if entity.name not in (kinds.MAPPED_CLASS, kinds.ENTITY) or "alias" in entity.traits:
        return None
    return call.function.project.models.of(entity.label)


def _is_plain(known: Reader, there: Spot) -> bool:
    """The statement has each row of its entity once: nothing is joined."""
    for _ in range(LINKS):
        makers = list(known.origins.makers(there))
        op = makers[0].frame.op(makers[0].at) if len(makers) == 1 else None
        if op is None or op.do != "call" or op.on is None:
            return False
        on = makers[0].frame.on(makers[0].at)
        if on.kind.name not in STATEMENTS:
            return True
        if op.name not in _KEEPS | {"order_by"}:
            return False
        there = on
    return False


def _is_total(known: Reader, root: Model, made: Spot) -> bool:
    """The order names all columns of the primary key of the entity."""
    op = made.frame.op(made.at)
    if any(arg.star for arg in op.args):
        return False
    names = {
        column.kind.label.rpartition(".")[2]
        for one in made.frame.args(made.at)
        for column in _column(known, one)
        if column_source(known, column) == root.label
    }
    columns = known.project.models.columns_of(root)
    primary = {name for name, column in columns.items() if column.primary_key}
    return bool(primary) and primary <= names


def _column(known: Reader, there: Spot) -> Iterator[Spot]:
    """The column of ``Model.id``, ``Model.id.desc()`` and ``desc(Model.id)``."""
    if "mapped" in there.kind.traits and there.kind.label:
        yield there
        return
    for made in known.origins.makers(there):
        op = made.frame.op(made.at)
        on = made.frame.on(made.at) if op.on is not None else None
        if op.do == "call" and on is not None:
            if on.kind.name == kinds.COLUMN_EXPR and op.name in _DIRECTIONS:
                yield from _column(known, on)
            elif on.kind.name == NAME and function_name(op, on) in _DIRECTIONS:
                for one in made.frame.args(made.at)[:1]:
                    yield from _column(known, one)

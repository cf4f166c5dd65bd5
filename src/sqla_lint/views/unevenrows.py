"""Rows of one INSERT with different keys, where those of the first one name the columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.mapping import Column
from sqla_lint.project.texts import Reader
from sqla_lint.views.conditions import answers, differs_by_turn
from sqla_lint.views.function import Call
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.rowlists import Listing, Put, listings
from sqla_lint.views.sql import reader, spot
from sqla_lint.ways import leads

CHAIN = 8  # calls between the INSERT and its execution

# "dropped": later rows have keys that the first has not. "missing": the other way round.
# "either": which row is the first cannot be told.
What: TypeAlias = Literal["dropped", "missing", "either"]

_KEEPS = frozenset(
    {"returning", "prefix_with", "suffix_with", "execution_options", "on_conflict_do_nothing"}
    | {"on_conflict_do_update", "on_duplicate_key_update", "return_defaults"}
)
_NAMES = ("params", "parameters")
_ALEMBIC = frozenset({"alembic.op", "alembic.operations.Operations()"})


class Uneven(NamedTuple):
    """A call that writes rows with different keys. ``inline``: they stand in `values()`."""

    at: int
    what: What
    names: tuple[str, ...]
    inline: bool
    steps: tuple[Note, ...]


def uneven_rows(call: Call) -> Iterator[Uneven]:
    """Rows that a call executes an INSERT with, or puts into its `values()`, in whose keys they
    differ."""
    inline = call.name == "values"
    given = _of_values(call) if inline else _of_execute(call) or _of_alembic(call)
    there = spot(call, *given) if given is not None else None
    if given is None or there is None:
        return
    known = reader(call.function.project)
    for listing in listings(known, there):
        for what, names, one, other in _differences(known, listing):
            names = _without_default(call, names) if inline else names
            if not names:
                continue
            steps = tuple(
                Note(message, put.ref, elsewhere(call.function, put.path))
                for message, put in _told(what, one, other)
            )
            yield Uneven(given[0].at, what, names, inline, steps)
            return


def _told(what: What, one: Put, other: Put) -> Iterator[tuple[str, Put]]:
    if one is other:
        yield "rows are written here, some with the key and some without", one
        return
    yield ("the first row" if what != "either" else "a row"), one
    yield "a row with other keys", other


# --- where rows are given --------------------------------------------------------------------


def _of_execute(call: Call) -> tuple[Arg, Kind] | None:
    """The rows that an INSERT is executed with, where Core takes its columns from the first."""
    statement = call.executed()
    if statement is None or statement[1].name != kinds.INSERT:
        return None
    others = [
        (arg, kind)
        for arg, kind in zip(call.op.args, call.arg_kinds, strict=True)
        if arg.keyword in (None, *_NAMES)
    ][1:]
    if len(others) != 1 or others[0][0].star:
        return None
    there = spot(call, *statement)
    known = reader(call.function.project)
    targets = list(_targets(known, there, CHAIN)) if there is not None else []
    if not targets or None in targets:
        return None
    core = call.on.name == kinds.CONNECTION or call.target < (2, 0)
    if not core and any(one is None or one.kind.name != kinds.TABLE for one in targets):
        return None  # the ORM sorts rows by their keys
    return others[0]


def _of_values(call: Call) -> tuple[Arg, Kind] | None:
    """The rows of ``insert(...).values([...])``."""
    if call.on.name != kinds.INSERT or len(call.op.args) != 1:
        return None
    arg = call.op.args[0]
    return None if arg.star or arg.keyword else (arg, call.arg_kinds[0])


def _of_alembic(call: Call) -> tuple[Arg, Kind] | None:
    """The rows of ``op.bulk_insert(table, [...])``."""
    if call.name != "bulk_insert" or call.on.name not in (NAME, FOREIGN):
        return None
    if call.on.label not in _ALEMBIC or call.argument(2, "multiinsert") is not None:
        return None
    return call.argument(1, "rows")


def _targets(known: Reader, there: Spot, left: int) -> Iterator[Spot | None]:
    """What `insert()` is called with, or on; None where something else may name the columns."""
    makers = list(known.origins.makers(there)) if left else []
    if not makers:
        yield None
    for made in makers:
        op = made.frame.op(made.at)
        if op.do != "call" or op.on is None:
            yield None
            continue
        on = made.frame.on(made.at)
        if on.kind.name == kinds.INSERT and op.name in _KEEPS:
            yield from _targets(known, on, left - 1)
        elif on.kind.name == kinds.TABLE and op.name == "insert" and not op.args:
            yield on
        elif on.kind.name == NAME and on.kind.label.startswith(("sqlalchemy", "sqlmodel")):
            args = made.frame.args(made.at)
            yield args[0] if len(args) == 1 else None
        else:
            yield None


def _without_default(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of which it is known that no default takes the place of a value."""
    known = reader(call.function.project)
    here = call.function.position(call.op)
    frame = known.frames.of(call.function.label)
    if here is None or frame is None:
        return ()
    columns: dict[str, Column] = {}
    for target in _targets(known, frame.on(here), CHAIN):
        if target is None:
            return ()
        columns |= _columns(known, target)
    return tuple(
        name
        for name in names
        if (one := columns.get(name)) is not None
        and one.default is None
        and not one.opaque
        and not one.computed
        and one.primary_key is not True
    )


def _columns(known: Reader, target: Spot) -> dict[str, Column]:
    models, typed = known.project.models, target.frame.typed
    if target.kind.name == kinds.MAPPED_CLASS:
        model = models.of(target.kind.label)
        return models.columns_of(model) if model is not None else {}
    if not isinstance(target.operand, str):
        return {}
    label = models.scopes.resolve(typed.module, typed.function, target.operand)
    found = [table for table in models.tables if table.label == label]
    return {c.name: c for c in found[0].columns} if len(found) == 1 else {}


# --- how they differ -------------------------------------------------------------------------


def _differences(
    known: Reader, listing: Listing
) -> Iterator[tuple[What, tuple[str, ...], Put, Put]]:
    first = _first(listing)
    if first is not None and first.keys is not None:
        for put in listing.puts:
            if put is first or put.keys is None or not _together(known, listing, first, put):
                continue
            dropped = put.keys.may - first.keys.may
            missing = first.keys.must - put.keys.may
            if missing:
                yield "missing", tuple(sorted(missing)), first, put
            elif dropped:
                yield "dropped", tuple(sorted(dropped)), first, put
    for put in listing.puts:
        if put.uneven:
            yield "either", tuple(sorted(put.uneven)), put, put
    if first is not None:
        return
    some = [put for put in listing.puts if put.keys is not None]
    for number, one in enumerate(some):
        for other in some[number + 1 :]:
            if one.keys is None or other.keys is None:
                continue
            names = (one.keys.must - other.keys.may) | (other.keys.must - one.keys.may)
            if names and _together(known, listing, one, other):
                yield "either", tuple(sorted(names)), one, other


def _first(listing: Listing) -> Put | None:
    """What surely puts the first row in, of those that do."""
    if not listing.ordered or not listing.puts:
        return None
    if listing.base:
        return listing.base[0]
    one, *others = listing.added
    code = one.frame.typed.function
    after = all(put.frame is one.frame and not leads(code, put.at, one.at) for put in others)
    alone = all(put.at != one.at for put in others)
    return one if after and (alone or not one.many) else None


def _together(known: Reader, listing: Listing, one: Put, other: Put) -> bool:
    """Both put rows into the same list in one run, as far as tests tell."""
    if one in listing.base and other in listing.base:
        return True
    if one.frame is not other.frame or one.at == other.at:
        return one.at == other.at or one in listing.base or other in listing.base
    code = one.frame.typed.function
    asked_of_one, asked_of_other = (
        {(str(test.operand), test.at, holds): test for test, holds in answers(put.frame, put.at)}
        for put in (one, other)
    )
    mine = [test for key, test in asked_of_one.items() if key not in asked_of_other]
    theirs = [test for key, test in asked_of_other.items() if key not in asked_of_one]
    if not mine or not theirs:
        return leads(code, one.at, other.at) or leads(code, other.at, one.at)
    blocks = code.blocks
    loops = frozenset(blocks[one.at[0]].loops) & frozenset(blocks[other.at[0]].loops)
    return all(differs_by_turn(known, test, one.frame, loops) for test in mine + theirs)

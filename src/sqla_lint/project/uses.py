"""What the calls of a function tell of objects of which nothing else is known.

``session.add(user)`` and ``session.commit()`` of one object: it is a Session, since nothing else
takes entities and commits. ``metadata.create_all(engine)`` and ``engine.connect()``: it is an
Engine. A name says nothing; only what is handed over does, and what it is handed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from sqla_lint.catalog import Catalog, kinds
from sqla_lint.ir import Function, Op
from sqla_lint.project.kind import NAME, Kind, dotted_label, join

if TYPE_CHECKING:
    from sqla_lint.project.classes import Classes
    from sqla_lint.project.infer import Typed

Placed = tuple[int, int, Op]  # an operation, with its block and its place there

# Of what only its uses tell: it is asked again in the next round.
BY_USE = "by use"

_ENTITIES = frozenset({kinds.ENTITY})
_MAPPED = frozenset({kinds.MAPPED_CLASS})
_SQL = frozenset({kinds.DDL, kinds.DELETE, kinds.INSERT, kinds.SELECT, kinds.TEXT, kinds.UPDATE})
# What sessions alone are asked for, with the kinds of what they are handed then.
_OF_SESSIONS: dict[str, frozenset[str]] = {
    "add": _ENTITIES,
    "add_all": _ENTITIES,
    "delete": _ENTITIES,
    "exec": _SQL,
    "expunge": _ENTITIES,
    "get": _MAPPED,
    "merge": _ENTITIES,
    "refresh": _ENTITIES,
}
# What connections take as well.
_EXECUTING = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars"})
# What sessions have beside, where something else tells of them; and of that what connections lack.
_ENDING = frozenset({"commit", "flush", "rollback"})
_NO_CONNECTION_HAS = frozenset({"expire_all", "expunge_all", "flush"})
_PLAIN = _ENDING | _NO_CONNECTION_HAS
_COROUTINES = _EXECUTING | _ENDING | {"delete", "exec", "get", "merge", "refresh", "run_sync"}

# What an engine has, and what a connection has, where it must be one of both.
_OF_ENGINES = frozenset({"connect", "dispose", "raw_connection"})
_OF_CONNECTIONS = frozenset(
    {"begin_nested", "commit", "exec_driver_sql", "execute", "in_transaction", "rollback", "scalar"}
)
_OLD_CONNECTIONS = frozenset({"begin_nested", "commit", "in_transaction", "rollback"})
# Functions and methods that want an engine or a connection: under which keyword, at which position.
_BOUND: dict[str, tuple[str, int]] = {
    "sqlalchemy.Table": ("autoload_with", -1),
    "sqlalchemy.ext.asyncio.AsyncSession": ("bind", 0),
    "sqlalchemy.ext.asyncio.async_sessionmaker": ("bind", 0),
    "sqlalchemy.orm.Session": ("bind", 0),
    "sqlalchemy.orm.sessionmaker": ("bind", 0),
}
_BOUND_METHODS: dict[tuple[str, str], tuple[str, int]] = {
    (kinds.METADATA, "create_all"): ("bind", 0),
    (kinds.METADATA, "drop_all"): ("bind", 0),
    (kinds.METADATA, "reflect"): ("bind", 0),
    (kinds.TABLE, "create"): ("bind", 0),
    (kinds.TABLE, "drop"): ("bind", 0),
}
# What wants one of them and no other.
_WANTED: dict[str, tuple[str, int, str]] = {
    "alembic.context.configure": ("connection", 0, kinds.CONNECTION),
    "alembic.migration.MigrationContext.configure": ("connection", 0, kinds.CONNECTION),
    "alembic.runtime.migration.MigrationContext.configure": ("connection", 0, kinds.CONNECTION),
    "oslo_db.sqlalchemy.utils.get_table": ("engine", 0, kinds.ENGINE),
}
_LAST_NAMES = frozenset(
    [name.rpartition(".")[2] for name in (*_BOUND, *_WANTED)] + [name for _, name in _BOUND_METHODS]
)
# What stands between ``query(...)`` and ``filter_by(name=...)``, which only queries have.
_QUERYING = frozenset({"filter", "filter_by", "join", "options", "order_by", "outerjoin"})
_QUERY_STEPS_LIMIT = 12
_LENDING = frozenset({"begin", "connect"})
_RUN_IN_CONNECTIONS = frozenset({"create_all", "drop_all", "reflect"})
_WORTH = (
    (frozenset(_OF_SESSIONS) | _EXECUTING | _PLAIN | _OF_ENGINES | _OF_CONNECTIONS | _LAST_NAMES)
    | _QUERYING
    | {"begin", "query", "run_sync"}
)
# Without one of these the others tell nothing.
_TELLING = frozenset(_OF_SESSIONS) | _EXECUTING | _LAST_NAMES | {"filter_by", "run_sync"}


class Use(NamedTuple):
    """A call of a method of something of which nothing is known."""

    place: str
    name: str
    op: Op
    args: tuple[Kind, ...]


def worth_a_look(calls: Iterable[Placed]) -> tuple[Placed, ...]:
    """The calls that may tell something of what they are called on, or are handed."""
    found = [one for one in calls if _is_worth(one[2])]
    return tuple(found) if any(_may_tell(op) for _, _, op in found) else ()


def _is_worth(op: Op) -> bool:
    if op.name is not None:
        return op.name in _WORTH
    return _is_function(op)


def _is_function(op: Op) -> bool:
    return isinstance(op.on, str) and op.on.rpartition(".")[2] in _LAST_NAMES


def _may_tell(op: Op) -> bool:
    return op.args != () and (op.name in _TELLING or op.name is None)


def shown_by(functions: Iterable[Typed], classes: Classes) -> dict[tuple[str, str], Kind]:
    """Attributes by class and name, with what all methods do with them that do something."""
    found: dict[tuple[str, str], Kind] = {}
    for typed in functions:
        for label, name, kind in typed.shown:
            lineage = classes.ancestry(label)
            holder = next((info.label for info in lineage if name in info.attributes), label)
            key = holder, name
            found[key] = join(found[key], kind) if key in found else kind
    return {key: kind for key, kind in found.items() if kind.known}


def changed_in(
    before: Mapping[tuple[str, str], Kind], now: Mapping[tuple[str, str], Kind], classes: Classes
) -> set[tuple[str, ...]]:
    """The questions that have other answers now."""
    both = before.keys() | now.keys()
    moved = {key for key in both if before.get(key) != now.get(key)}
    if not moved:
        return set()
    names: dict[str, set[str]] = {}
    for holder, name in moved:
        names.setdefault(holder, set()).add(name)
    return {
        ("attribute", label, name)
        for label in classes.by_label
        for above in classes.lineage(label)
        for name in names.get(above, ())
    } | {("class", holder) for holder in names}


def told_by_uses(
    function: Function, typed: Typed, telling: tuple[Placed, ...], catalog: Catalog
) -> dict[str, Kind]:
    """Places with what they must be for the sake of what is done with them."""
    uses = list(_uses(typed, telling))
    bound = list(_bound(typed, telling, catalog))
    if not uses and not bound:
        return {}
    sources = _sources(function)
    awaited = {op.on for block in function.blocks for op in block.ops if op.do == "await"}
    by_place: dict[str, list[Use]] = {}
    for use in uses:
        by_place.setdefault(use.place, []).append(use)
    found: dict[str, Kind] = {}
    queried = set(_queried(telling, typed))
    for place in queried:
        _note(found, place, Kind(kinds.SESSION, owner="attribute"))
    for place, those in by_place.items():
        if place not in queried and _is_session(those):
            waits = any(one.op.dst in awaited for one in those if one.name in _COROUTINES)
            _note(found, place, Kind(kinds.SESSION, waits, owner="attribute"))
    for place, those in by_place.items():
        made = sources.get(place)
        if made is None or place in found:
            continue
        op, waits = made
        runs = any(_runs(one) for one in those)
        executes = any(_executes(one) for one in those) and op.name == "connect"
        lends = op.do == "call" and op.name in _LENDING and not op.args
        if lends and (runs or executes) and isinstance(op.on, str):
            waits |= any(one.op.dst in awaited for one in those if one.name in _COROUTINES)
            _note(found, place, Kind(kinds.CONNECTION, waits, owner="attribute"))
            if any(use.op is op for use in uses):
                _note(found, op.on, Kind(kinds.ENGINE, waits))
    lending = {
        made[0].on
        for place, made in sources.items()
        if made[0].name == "begin" and any(_executes(one) for one in by_place.get(place, ()))
    }
    for place, wanted, waits in bound:
        names = {one.name for one in by_place.get(place, ())}
        if place in lending:
            names.add("connect")
        kind = wanted or _one_of_both(names, catalog)
        if kind:
            owner = "" if kind == kinds.ENGINE else "attribute"
            _note(found, place, Kind(kind, waits, owner=owner))
    return {
        place: kind._replace(traits=frozenset({BY_USE}))
        for place, kind in found.items()
        if kind.known
    }


def _note(found: dict[str, Kind], place: str, kind: Kind) -> None:
    found[place] = join(found[place], kind) if place in found else kind


def _uses(typed: Typed, calls: Iterable[Placed]) -> Iterator[Use]:
    for number, i, op in calls:
        on = typed.on[number][i]
        if op.name is not None and isinstance(op.on, str) and _tells_nothing(on):
            yield Use(op.on, op.name, op, typed.args[number][i])


def _tells_nothing(kind: Kind) -> bool:
    return kind.name in _SAY_NOTHING or BY_USE in kind.traits


_SAY_NOTHING = frozenset({kinds.NONE, kinds.UNKNOWN})


def _is_session(uses: Iterable[Use]) -> bool:
    """What is done with it is done with sessions only."""
    taken = {one.name for one in uses if _takes(one, _OF_SESSIONS.get(one.name, _NOTHING))}
    plain = {one.name for one in uses if one.name in _PLAIN and not one.args}
    executed = any(_executes(one) for one in uses)
    if taken:
        return len(taken) > 1 or executed or not plain.isdisjoint(_ENDING)
    return executed and not plain.isdisjoint(_NO_CONNECTION_HAS)


_NOTHING: frozenset[str] = frozenset()


def _queried(calls: Iterable[Placed], typed: Typed) -> Iterator[str]:
    """What is asked for a query that is filtered by keywords."""
    made: dict[str | None, tuple[Op, Kind]] = {}
    for number, i, op in calls:
        made[op.dst] = op, typed.on[number][i]
    for _, _, op in calls:
        if op.name != "filter_by" or not all(arg.keyword or arg.star == 2 for arg in op.args):
            continue
        for _ in range(_QUERY_STEPS_LIMIT):
            before = made.get(op.on) if isinstance(op.on, str) else None
            if before is None:
                break
            op, on = before
            if op.name == "query" and op.args and isinstance(op.on, str) and _tells_nothing(on):
                yield op.on
            if op.name not in _QUERYING:
                break


def _runs(use: Use) -> bool:
    """``await connection.run_sync(metadata.create_all)``: tables are not made by sessions."""
    if use.name != "run_sync" or not use.args:
        return False
    given = use.args[0]
    of = given.of[0].name if given.name == "METHOD" and given.of else ""
    return given.label in _RUN_IN_CONNECTIONS and of == kinds.METADATA


def _executes(use: Use) -> bool:
    return use.name in _EXECUTING and _takes(use, _SQL)


def _takes(use: Use, wanted: frozenset[str]) -> bool:
    if not wanted or not use.args:
        return False
    first = use.args[0]
    if use.name == "add_all" and first.of:
        first = reduce(join, first.of)
    return first.name in wanted


def _sources(function: Function) -> dict[str, tuple[Op, bool]]:
    """Variables that are bound once with the call that gives what is in them, through ``with``
    and ``await``; and whether they were waited for."""
    made: dict[str, Op | None] = {}
    for block in function.blocks:
        for op in block.ops:
            if op.dst is not None:
                before = made.get(op.dst)
                same = before is None and op.dst not in made
                again = before is not None and before.at == op.at and before.do == op.do
                made[op.dst] = op if same or again else None
    found: dict[str, tuple[Op, bool]] = {}
    for place in made:
        if place[0] == "%" or "." in place:
            continue
        source, waits, steps = made[place], False, 0
        while source is not None and source.do in _HANDING_ON and steps < _STEPS_LIMIT:
            waits |= source.do == "await" or (source.do == "enter" and source.name == "async")
            source = made.get(source.on) if isinstance(source.on, str) else None
            steps += 1
        if source is not None:
            found[place] = source, waits
    return found


# From a call through ``await`` and ``with`` to a variable.
_STEPS_LIMIT = 5
_HANDING_ON = frozenset({"await", "enter", "move"})


def _bound(
    typed: Typed, calls: Iterable[Placed], catalog: Catalog
) -> Iterator[tuple[str, str, bool]]:
    """What is handed to something that wants an engine or a connection, with which of both it
    wants, when it wants one, and whether it is of the asyncio extension."""
    for number, i, op in calls:
        wants = _wants(op, typed.on[number][i], catalog)
        if wants is None:
            continue
        keyword, position, kind = wants
        waits = ".asyncio." in (catalog.canonical(typed.on[number][i].label) or "")
        for at, arg in enumerate(op.args):
            if arg.keyword != keyword and (arg.keyword is not None or at != position or arg.star):
                continue
            if isinstance(arg.value, str) and _tells_nothing(typed.args[number][i][at]):
                yield arg.value, kind, waits


def _wants(op: Op, on: Kind, catalog: Catalog) -> tuple[str, int, str] | None:
    if on.name != NAME:
        found = _BOUND_METHODS.get((on.name, op.name or ""))
        return None if found is None else (*found, "")
    label = dotted_label(on, op.name)
    if label in _WANTED:
        return _WANTED[label]
    bound = _BOUND.get(catalog.canonical(label) or "")
    return None if bound is None else (*bound, "")


def _one_of_both(names: set[str], catalog: Catalog) -> str:
    """An engine or a connection, by what is called on it: engines of SQLAlchemy 2 execute
    nothing, and its connections connect no more."""
    connects = not names.isdisjoint(_OF_ENGINES)
    if catalog.version >= (2, 0):
        executes = not names.isdisjoint(_OF_CONNECTIONS)
        if connects == executes:
            return ""
        return kinds.ENGINE if connects else kinds.CONNECTION
    if connects:
        return kinds.ENGINE
    return "" if names.isdisjoint(_OLD_CONNECTIONS) else kinds.CONNECTION

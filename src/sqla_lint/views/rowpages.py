"""Pages of entities whose LIMIT counts the rows of a collection that is joined to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Ref
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME
from sqla_lint.project.mapping import Model
from sqla_lint.project.statement import NEW_STATEMENT
from sqla_lint.project.texts import Reader
from sqla_lint.views.conditions import may_meet
from sqla_lint.views.criteria import listed
from sqla_lint.views.function import Call
from sqla_lint.views.limited import LIMITS, limits
from sqla_lint.views.onward import STATEMENTS, STEPS, Stop, before, begun, onward
from sqla_lint.views.paths import Note
from sqla_lint.views.sources import read_of, source
from sqla_lint.views.sql import reader
from sqla_lint.views.unique import is_key

How: TypeAlias = Literal["contained", "joined"]

_JOINS = frozenset({"join", "outerjoin"})
_CRITERIA = frozenset({"where", "filter"})
_LOADS = frozenset({"execute", "scalars", "exec", "stream", "stream_scalars"})
_FIRST = frozenset({"first", "first_or_404"})
_LOADS_OF_QUERY = _FIRST | {"all", "paginate"}
_PAGES = frozenset({kinds.QUERY, kinds.FLASK_DB})  # that `paginate()`
_STEPS = 12  # options of one option
DEPTH = 12  # criteria in criteria


class RowPage(NamedTuple):
    """A collection that is joined, and where its rows are counted."""

    at: Ref
    how: How
    entity: str
    collection: str  # ``Author.books``
    limit: Note
    first: bool  # of `query.first()`


class _Joined(NamedTuple):
    """A collection: where it is joined or contained, its class, and what it is called there."""

    at: Ref
    how: How
    collection: str
    child: Model
    source: str  # of the child


def pages_of_rows(call: Call) -> Iterator[RowPage]:
    """The collections that a call joins to the only entity of a statement, or contains in it,
    where the statement gets a LIMIT on some way."""
    root = _entity(call)
    start = begun(call.function, call.op) if root is not None else None
    if root is None or start is None:
        return
    known = reader(call.function.project)
    found = list(_contained(known, start) if call.name == "options" else _joined(known, start))
    if not found:
        return
    calls = [*before(call.function, start), start]
    limit = _limited(call, start, calls, found[0].how)
    if limit is None:
        return
    for one in found:
        if not _is_narrowed(call, [*calls, *limit.calls], root, one):
            yield RowPage(one.at, one.how, root.name, one.collection, limit.note, limit.first)


def _entity(call: Call) -> Model | None:
    """The only class that a statement selects."""
    models = call.function.project.models
    selected = call.on.of
    if call.on.name not in STATEMENTS or len(selected) != 1:
        return None
    entity = selected[0]
    if entity.name not in (kinds.MAPPED_CLASS, kinds.ENTITY) or "alias" in entity.traits:
        return None
    return models.of(entity.label)


# --- collections -----------------------------------------------------------------------------


def _contained(known: Reader, stop: Stop) -> Iterator[_Joined]:
    """The collections of ``options(contains_eager(Author.books))``."""
    for arg, one in zip(stop.op.args, stop.args, strict=False):
        for option in (listed(known, one) or []) if arg.star == 1 else [one]:
            yield from _options(known, option, one.ref)


def _options(known: Reader, there: Spot, at: Ref) -> Iterator[_Joined]:
    for _ in range(_STEPS):
        makers = list(known.origins.makers(there))
        if len(makers) != 1 or makers[0].frame.op(makers[0].at).do != "call":
            return
        made = makers[0]
        op, on = made.frame.op(made.at), made.frame.on(made.at)
        further = on.kind.name == kinds.LOADER_OPTION
        name = op.name if further else _last(op, on)
        if name == "contains_eager" and op.args:
            args = made.frame.args(made.at)
            named = dict(zip([arg.keyword for arg in op.args], args, strict=False))
            yield from _collection(known, args[0], at, "contained", named.get("alias"))
        if not further:
            return
        there = on


def _last(op: Op, on: Spot) -> str:
    if on.kind.name != NAME:
        return ""
    return op.name or on.kind.label.rpartition(".")[2]


def _joined(known: Reader, stop: Stop) -> Iterator[_Joined]:
    """The collection of ``join(Author.books)``."""
    pairs = list(zip(stop.op.args, stop.args, strict=False))
    if stop.op.name not in _JOINS or not pairs:
        return
    first, *rest = pairs
    if first[0].keyword or first[0].star or any(not arg.keyword for arg, _ in rest):
        return
    yield from _collection(known, first[1], first[1].ref, "joined", None)


def _collection(
    known: Reader, there: Spot, at: Ref, how: How, alias: Spot | None
) -> Iterator[_Joined]:
    makers = list(known.origins.makers(there))
    made = makers[0] if len(makers) == 1 else None
    op = made.frame.op(made.at) if made is not None else None
    if made is not None and op is not None and op.do == "call" and op.name == "of_type":
        alias = next(iter(made.frame.args(made.at)), alias)
        there = made.frame.on(made.at)
    if "relationship" not in there.kind.traits:
        return
    owner = read_of(known, there)
    models = known.project.models
    model = models.of(owner.kind.label) if owner is not None else None
    name = there.kind.label.rpartition(".")[2]
    relation = models.relation(model, name) if model is not None else None
    if model is None or relation is None or relation.target is None or relation.many is not True:
        return
    of = source(known, alias) if alias is not None else relation.target.label
    yield _Joined(at, how, f"{model.name}.{name}", relation.target, of)


# --- limits ----------------------------------------------------------------------------------


class _Limit(NamedTuple):
    note: Note
    first: bool
    calls: list[Stop]  # what the statement gets on its way


def _limited(call: Call, start: Stop, calls: list[Stop], how: How) -> _Limit | None:
    """The limit of a statement that is run with it, to load its entities."""
    limit: Stop | None = None
    for one in calls:
        if _is_another(one, how):
            return None
        if _limits(one, how) and _meets(one, start):
            limit = one
    waiting = [(start, limit, calls[:0])]
    seen: set[tuple[object, ...]] = set()
    while waiting:
        stop, limit, way = waiting.pop()
        if len(seen) > STEPS:
            return None
        for there in onward(call.function, stop):
            here = there if _limits(there, how) and _meets(there, start) else limit
            if _is_another(there, how):
                continue
            if there.does in ("runs", "returned") and here is not None:
                if there.does == "returned" or _loads(there):
                    return _Limit(_note(call, here), here.op.name in _FIRST, [*way, there])
                continue
            key = (*there.key, here is None)
            if there.does in ("adds", "passes") and key not in seen:
                seen.add(key)
                waiting.append((there, here, [*way, there]))
    return None


def _limits(stop: Stop, how: How) -> bool:
    """It counts rows: of one row, that it is one of several is not to be seen."""
    op = stop.op
    if stop.does == "runs":
        if op.do == "getitem":
            return _is_slice(stop)
        on = stop.frame.on(stop.at).kind.name if op.do == "call" and op.on is not None else ""
        first = on == kinds.QUERY and op.name in _FIRST and how == "contained"
        return first or (on in _PAGES and op.name == "paginate")
    if stop.does != "adds" or op.do != "call" or op.name not in LIMITS:
        return False
    one = how == "joined" and op.name == "limit" and op.args[:1] and op.args[0].value == Const(1)
    return not one and limits(Spot(stop.frame, "", stop.at, stop.frame.on(stop.at).kind, op.at), op)


def _is_slice(stop: Stop) -> bool:
    """``query[10:20]``."""
    graph = stop.frame.graph
    made = [graph.op(at) for arg in stop.op.args for at in graph.makers.get(str(arg.value), ())]
    return any(op.do == "pack" and op.name == "slice" for op in made)


def _meets(limit: Stop, start: Stop) -> bool:
    made = Spot(limit.frame, "", limit.at, limit.frame.on(limit.at).kind, limit.op.at)
    return may_meet(made, start.frame, start.at)


def _is_another(stop: Stop, how: How) -> bool:
    """A statement with one row for each entity, or of something else."""
    op = stop.op
    if op.do != "call" or stop.does != "adds":
        return False
    if op.name == "distinct":
        return how == "joined" or bool(op.args)
    return op.name == "group_by" or op.name in NEW_STATEMENT


def _loads(stop: Stop) -> bool:
    """It gives the entities, or rows with them."""
    op = stop.op
    if op.do in ("next", "getitem"):
        return True
    on = stop.frame.on(stop.at).kind.name if op.on is not None else ""
    if on in _PAGES:
        return op.name in _LOADS_OF_QUERY
    return op.name in _LOADS or op.name is None


def _note(call: Call, limit: Stop) -> Note:
    own, path = call.function.typed.module.path, limit.frame.typed.module.path
    return Note("the LIMIT is set here", limit.op.at, "" if path == own else path)


# --- criteria --------------------------------------------------------------------------------

_Asked = tuple[str, str]  # a FROM and the attribute of it that equals something


def _is_narrowed(call: Call, calls: list[Stop], root: Model, joined: _Joined) -> bool:
    """One entity is asked for, or one row of the collection for each: then LIMIT counts what it
    should, or is meant for the rows."""
    known = reader(call.function.project)
    asked: set[_Asked] = set()
    for stop in calls:
        op = stop.op
        if op.do != "call" or stop.does != "adds":
            continue
        if op.name == "options" and joined.how == "joined" and any(_contained(known, stop)):
            return True  # that is told of the option
        if op.name == "filter_by":
            words = {arg.keyword for arg in op.args if arg.keyword}
            asked |= {(of, str(word)) for of in (root.label, joined.source) for word in words}
        if op.name not in _CRITERIA | _JOINS:
            continue
        for arg, one in zip(op.args, stop.args, strict=False):
            for criterion in (listed(known, one) or []) if arg.star == 1 else [one]:
                asked |= _equal(known, criterion, 0)
    return _is_asked(known, root, asked)


def _is_asked(known: Reader, root: Model, asked: set[_Asked]) -> bool:
    of_root = frozenset({name for of, name in asked if of == root.label})
    # what else is asked for may be one row for each: one translation, one tag
    return len(of_root) < len(asked) or is_key(known.project, root, of_root)


def _equal(known: Reader, criterion: Spot, depth: int) -> set[_Asked]:
    """The columns that a criterion says to be equal to a value or to what another table tells."""
    makers = list(known.origins.makers(criterion))
    if len(makers) != 1 or depth > DEPTH:
        return set()
    frame, at = makers[0].frame, makers[0].at
    op, args = frame.op(at), frame.args(at)
    if op.do == "compare" and op.name == "==" and args:
        return _sides(known, frame.on(at), args[0]) | _sides(known, args[0], frame.on(at))
    conjunction = op.do == "binop" and op.name == "&"
    if op.do == "call" and op.on is not None:
        conjunction = frame.on(at).kind.name == NAME and _last(op, frame.on(at)) == "and_"
    if not conjunction:
        return set()
    return {one for side in args for one in _equal(known, side, depth + 1)}


def _sides(known: Reader, column: Spot, other: Spot) -> set[_Asked]:
    if isinstance(other.operand, Const) and isinstance(other.operand.value, bool):
        return set()  # a flag finds many
    owner = read_of(known, column)
    if owner is None or "mapped" not in column.kind.traits:
        return set()
    if other.kind.name == kinds.COLUMN_EXPR:
        read = read_of(known, other)
        if read is not None and read.kind.name in (kinds.MAPPED_CLASS, kinds.TABLE):
            return set()  # the foreign key that joins two tables; of a subquery it may be one row
    return {(source(known, owner), column.kind.label.rpartition(".")[2])}

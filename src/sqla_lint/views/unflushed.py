"""Values that a flush gives to a new object, and that are read before: they are None until then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Const, Op, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Model
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.rowkeys import tests
from sqla_lint.views.sql import reader
from sqla_lint.ways import behind

HELPERS = 2  # functions in functions that are handed the object, or the value
CALM = 3  # functions in functions that are asked whether they flush

_ADDS = frozenset({"add", "add_all", "expunge", "no_autoflush", "info"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
# What has a database behind it: a call of it may flush.
_ASKS = _SESSIONS | {kinds.CONNECTION, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ENGINE}
_ASKS |= {kinds.FLASK_DB, kinds.COLLECTION, kinds.TRANSACTION, kinds.SAVEPOINT, kinds.ENTITY}
_ASKS |= {kinds.CONTEXT_MANAGER, kinds.UNKNOWN, kinds.COROUTINE, kinds.MAPPINGS}
_OF_DATABASES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "alembic")
_BUILDERS = ("select", "insert", "update", "delete", "func", "and_", "or_", "text", "literal")
# Methods of texts, numbers and loggers, whatever they are called on.
_PLAIN = frozenset(
    {"strip", "lower", "upper", "title", "split", "format", "isoformat", "encode", "decode"}
    | {"debug", "info", "warning", "error", "exception", "total_seconds", "hexdigest", "items"}
)
_CRITERIA = frozenset({"filter_by", "values"})
_STATEMENTS = frozenset({kinds.QUERY, kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_MADE_AT_ONCE = "force_instant_defaults"
_CALLED = frozenset({kinds.FUNCTION, "METHOD"})


class TooEarly(NamedTuple):
    """A read of an attribute that is None yet, and what is written with it."""

    at: int
    path: str
    name: str  # ``document.id``
    model: str
    use: str  # ``AuditEntry.entity_id``; "" of a criterion
    steps: tuple[Note, ...]


class _Sink(NamedTuple):
    use: str
    ref: int
    path: str


def read_too_early(function: Function) -> Iterator[TooEarly]:
    """Reads of what only a flush gives to an object that the function makes, before any."""
    if kinds.MAPPED_CLASS not in function.typed.present:
        return
    known = reader(function.project)
    frame = known.frames.of(function.label)
    if frame is None or is_instant(function.project):
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


# --- what a flush gives ----------------------------------------------------------------------


def given_by_flush(project: Project, model: Model) -> frozenset[str]:
    """The attributes of a class that its constructor leaves at None, and that a flush fills."""
    if not model.complete or model.dynamic:
        return frozenset()
    classes = project.knowledge.classes
    for name in ("__init__", "__new__", "__post_init__", "model_post_init"):
        if classes.method(model.label, name) is not None:
            return frozenset()
    plain = model.style != "sqlmodel" and not model.dataclass
    return frozenset(
        name
        for name, column in project.models.columns_of(model).items()
        if not column.opaque and _is_given(column, plain=plain)
    )


def _is_given(column: Column, *, plain: bool) -> bool:
    if plain:
        filled = column.default is not None or column.server_default is not None
        return column.primary_key is True or (filled and not column.foreign_keys)
    default = column.default
    nothing = default is None or (default.do == "const" and default.const is None)
    return column.primary_key is True and nothing


def is_instant(project: Project) -> bool:
    """Something gives new objects their values at once: a listener of `init`, or an extension."""
    memo = project.memo
    if _MADE_AT_ONCE not in memo:
        memo[_MADE_AT_ONCE] = any(
            _listens(op)
            for module in project.knowledge.index.modules.values()
            for function in module.functions.values()
            for block in function.blocks
            for op in block.ops
            if op.do == "call" and op.args
        ) or any(
            op.do == "import" and any(arg.value == Const(_MADE_AT_ONCE) for arg in op.args)
            for module in project.knowledge.index.modules.values()
            for block in module.body.blocks
            for op in block.ops
        )
    return cast("bool", memo[_MADE_AT_ONCE])


def _listens(op: Op) -> bool:
    name = op.name or str(op.on)
    return name in ("listens_for", "listen") and any(arg.value == Const("init") for arg in op.args)


# --- reads -----------------------------------------------------------------------------------


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
            if not _leads(frame, made, at, made):
                continue
            if stops is None:
                stops = [one for one in _stops(function, frame) if one != made]
            if _is_stopped(frame, made, at, stops) or _is_set(frame, made, names):
                continue
            if reads:
                for sink in _sinks(function, frame, at, HELPERS):
                    yield _found(function, frame, op, model, sink, ())
                    break
                continue
            yield from _in_helper(function, frame, at, op, places, model, names, HELPERS)


def _found(
    function: Function, frame: Frame, op: Op, model: Model, sink: _Sink, steps: tuple[Note, ...]
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
    depth: int,
) -> Iterator[TooEarly]:
    """Reads of a function of the project that is handed the object."""
    known = reader(function.project)
    callee = known.frames.callee(frame, at)
    if callee is None or not depth or callee.typed.function.is_generator:
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
        stops = list(_stops(function, callee))
        for number, block in enumerate(callee.typed.function.blocks):
            for i, inner in enumerate(block.ops):
                if inner.do != "getattr" or inner.on != place or inner.name not in names:
                    continue
                if _is_stopped(callee, (ENTRY, -1), (number, i), stops):
                    continue
                for sink in _sinks(function, callee, (number, i), depth):
                    yield _found(function, callee, inner, model, sink, (step,))
                    break


def _is_object(frame: Frame, at: Position, made: Position, argument: int | None = None) -> bool:
    """An operand is the object that an operation has made, on every way."""
    op = frame.op(at)
    place = op.on if argument is None else op.args[argument].value
    for _ in range(HELPERS + 2):
        if not isinstance(place, str):
            return False
        found = frame.graph.definitions(place, at, _nothing)
        if found.entry or len(found.positions) != 1:
            return False
        at = found.positions[0]
        if at == made:
            return True
        if frame.op(at).do != "move":
            return False
        place = frame.op(at).on
    return False


def _nothing(*_: object) -> bool:
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


# --- between ---------------------------------------------------------------------------------


def _is_stopped(frame: Frame, made: Position, at: Position, stops: list[Position]) -> bool:
    """On some way from one operation to another something may flush."""
    return any(
        one != at and _leads(frame, made, one, made) and _leads(frame, one, at, made)
        for one in stops
    )


def _leads(frame: Frame, one: Position, other: Position, without: Position) -> bool:
    """A way leads from one operation to another, not through a third."""
    if one[0] == other[0] and one[1] < other[1]:
        return not (one[0] == without[0] and one[1] < without[1] < other[1])
    if one[0] == without[0] and one[1] < without[1]:
        return False
    blocks = frame.typed.function.blocks
    starts = [edge.to for edge in blocks[one[0]].edges]
    come = behind(blocks, starts, stop={without[0]}, caught=True)
    if other[0] == without[0]:
        return other[0] in come and other[1] < without[1]
    return other[0] in come


def _stops(function: Function, frame: Frame) -> Iterator[Position]:
    """The operations of a function that may flush a session, as far as can be told."""
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            if _may_flush(function, frame, (number, i), op):
                yield number, i


def _may_flush(function: Function, frame: Frame, at: Position, op: Op) -> bool:
    on, args = frame.typed.on[at[0]][at[1]], frame.typed.args[at[0]][at[1]]
    if op.do == "call":
        if not _is_calm(function, op, on, CALM):
            return True
        lent = on.name not in _SESSIONS and any(kind.name in _SESSIONS for kind in args)
        return lent and not _is_own_calm(function, op, on, CALM)
    if op.do == "next":
        return op.name == "async" or on.name in _ASKS - {kinds.UNKNOWN}
    if op.do == "getattr":
        return on.name == kinds.ENTITY and _loads(function, on, op)
    return op.do in ("yield", "leave", "enter")


def _loads(function: Function, on: Kind, op: Op) -> bool:
    model = function.project.models.of(on.label)
    attribute = function.project.models.attribute(model, op.name or "") if model else None
    return attribute is None or attribute.role != "column"


def _is_calm(function: Function, op: Op, on: Kind, depth: int) -> bool:
    """A call that surely sends nothing to a database."""
    if on.name in _SESSIONS:
        return op.name in _ADDS
    if on.name in (NAME, FOREIGN, kinds.CLASS):
        if on.label.startswith(_OF_DATABASES):
            return on.label.rpartition(".")[2] in _BUILDERS or op.name in _BUILDERS
        if on.label in ("builtins.setattr", "builtins.next", "builtins.list"):
            return False
        return on.name != kinds.CLASS or _is_own_calm(function, op, on, depth)
    if on.name == kinds.MAPPED_CLASS:
        return op.name is None
    if on.name in (kinds.FUNCTION, kinds.INSTANCE):
        return _is_own_calm(function, op, on, depth)
    if on.name == kinds.UNKNOWN:
        return op.name in _PLAIN
    return on.name not in _ASKS


def _is_own_calm(function: Function, op: Op, on: Kind, depth: int) -> bool:
    """A function of the project is called, in which nothing flushes."""
    project = function.project
    callee = called(project.knowledge, op, on)
    if callee.name == kinds.CLASS or on.name == kinds.CLASS:
        init = project.knowledge.classes.method(on.label, "__init__")
        return init is None or _has_no_stops(function, init, depth)
    if callee.name not in _CALLED or ":" not in callee.label:
        return False
    return _has_no_stops(function, callee.label, depth)


def _has_no_stops(function: Function, label: str, depth: int) -> bool:
    if not depth:
        return False
    memo = cast("dict[str, bool]", function.project.memo.setdefault("flush nothing", {}))
    if label not in memo:
        memo[label] = False  # while it is being asked
        frame = reader(function.project).frames.of(label)
        if frame is None or frame.typed.function.is_generator:
            return False
        memo[label] = next(_stops(function, frame), None) is None
    return memo[label]


# --- what becomes of it ----------------------------------------------------------------------


def _sinks(function: Function, frame: Frame, read: Position, depth: int) -> Iterator[_Sink]:
    """What the value that is read at a position is written to, or compared with."""
    op = frame.op(read)
    if op.dst is not None and not _is_asked(frame, read, op.dst):
        yield from _uses(function, frame, op.dst, read, depth)


def _is_asked(frame: Frame, at: Position, place: Place) -> bool:
    """What is read is only read here when it is there: ``if user.id: ...``."""
    return any(test.operand == place for test, _ in tests(frame, at))


def _uses(
    function: Function, frame: Frame, place: Place, made: Position | None, depth: int
) -> Iterator[_Sink]:
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            at = (number, i)
            if at == made or (op.on != place and all(a.value != place for a in op.args)):
                continue
            if place[0] != "%":
                found = frame.graph.definitions(place, at, _nothing)
                mine = found.entry if made is None else made in found.positions
                if not mine:
                    continue
            if _is_asked(frame, at, place):
                continue
            yield from _use(function, frame, place, at, op, depth)


def _use(
    function: Function, frame: Frame, place: Place, at: Position, op: Op, depth: int
) -> Iterator[_Sink]:
    on, path = frame.typed.on[at[0]][at[1]], frame.typed.module.path
    if op.do == "move" and op.dst is not None:
        yield from _uses(function, frame, op.dst, at, depth)
    elif op.do == "setattr" and on.name == kinds.ENTITY and op.on != place:
        yield _Sink(f"{_named(on)}.{op.name}", op.at, path)
    elif op.do == "compare":
        other = frame.typed.args[at[0]][at[1]][0] if op.on == place else on
        if other.name == kinds.COLUMN_EXPR:
            yield _Sink("", op.at, path)
    elif op.do == "call" and op.on != place:
        words = [arg.keyword for arg in op.args if arg.value == place]
        if on.name == kinds.MAPPED_CLASS and op.name is None and words[0]:
            if _is_related(frame, at, op):
                return
            yield _Sink(f"{_named(on)}.{words[0]}", op.at, path)
        elif on.name in _STATEMENTS and op.name in _CRITERIA and words[0]:
            yield _Sink("", op.at, path)
        elif depth:
            yield from _handed(function, frame, place, at, op, depth)


def _is_related(frame: Frame, at: Position, op: Op) -> bool:
    """A relationship of the new object is set, too, which brings the key when it is flushed."""
    if any(kind.name == kinds.ENTITY for kind in frame.typed.args[at[0]][at[1]]):
        return True
    names = {op.dst}
    for number, block in enumerate(frame.typed.function.blocks):
        for i, one in enumerate(block.ops):
            if one.do == "move" and one.on in names:
                names.add(one.dst)
            given = any(arg.value in names for arg in one.args)
            if given and frame.typed.on[number][i].name in (kinds.COLLECTION, kinds.ENTITY):
                return True
            into = frame.typed.args[number][i]
            if one.do == "setattr" and one.on in names and into and into[0].name == kinds.ENTITY:
                return True
    return False


def _handed(
    function: Function, frame: Frame, place: Place, at: Position, op: Op, depth: int
) -> Iterator[_Sink]:
    known = reader(function.project)
    callee = known.frames.callee(frame, at)
    if callee is None or known.origins.is_wrapped(callee.label):
        return
    knowledge = function.project.knowledge
    target = called(knowledge, op, frame.typed.on[at[0]][at[1]])
    for arg, name in parameters(knowledge, op, target):
        if arg.value == place and name is not None and not _is_tested(callee, name):
            yield from _uses(function, callee, name, None, depth - 1)


def _is_tested(frame: Frame, name: Place) -> bool:
    """The function asks whether there is a value."""
    ops = [op for block in frame.typed.function.blocks for op in block.ops]
    return any(
        (op.on == name and op.do in ("test", "ifelse"))
        or (op.do == "boolop" and any(arg.value == name for arg in op.args))
        for op in ops
    )


def _named(on: Kind) -> str:
    return on.label.rpartition(":")[2].rpartition(".")[2]

"""Objects of the session that a statement has changed, or locked, behind its back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.root import SELF
from sqla_lint.flow.solve import NOWHERE, Position, solve
from sqla_lint.ir import Const, Op, Operand, Place, Ref
from sqla_lint.project.kind import Kind
from sqla_lint.regex import pattern
from sqla_lint.views.behind import (
    Definitions,
    behind,
    definitions,
    maker,
    picked_by,
    statement_chain,
)
from sqla_lint.views.entities import Reader, reader
from sqla_lint.views.farwrites import (
    calls_inside,
    is_let_be,
    is_plain,
    loaded_by,
    outside,
    picked_outside,
    session_of,
    session_outside,
)
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.paths import Note
from sqla_lint.views.witnessed import source_of

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_WRITES = frozenset({kinds.UPDATE, kinds.DELETE})
_RUNS = frozenset({"execute", "scalars", "scalar", "exec"})
_UPDATE = pattern(r'\s*UPDATE\s+["`\[]?(\w+)["`\]]?\s+SET\s+(.*)', re.IGNORECASE | re.DOTALL)
_SET = pattern(r'(?:^|,)\s*["`\[]?(\w+)["`\]]?\s*=')


class BulkWrite(NamedTuple):
    """An UPDATE or DELETE that a session runs. ``sync`` is what `synchronize_session` says:
    "False", "evaluate", "fetch", "auto", "" when nothing is said, "?" when nobody knows."""

    operation: Operation
    verb: str
    model: str
    sync: str
    columns: frozenset[str] = frozenset()  # attributes that an UPDATE sets
    values: Operand | None = None  # the dictionary of new values
    there: Note | None = None  # where a function that is called runs it


class StaleRead(NamedTuple):
    """A read of what a statement has changed in the database only."""

    op: Op
    attribute: Mapped
    origin: Origin
    write: BulkWrite


class Relock(NamedTuple):
    """A statement that locks a row whose object is there already. ``how`` is "get", the kind of
    the statement, or "called" when a function runs it; ``at`` what is told to load it again."""

    op: Op
    how: str
    at: Ref
    model: str
    loaded: Ref


def bulk_writes(function: Function, defined: Definitions) -> Iterator[BulkWrite]:
    """The statements of a function that change rows of mapped classes past their objects."""
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "call" or op.name is None:
            continue
        if on.name == kinds.QUERY and op.name in ("update", "delete"):
            model = _of_model(on)
            if model:
                values = operation.op.args[0].value if op.args and op.name == "update" else None
                columns = _keys(defined, values)
                yield BulkWrite(operation, op.name, model, _of_query(op), columns, values)
        elif on.name in _SESSIONS and op.name in _RUNS and operation.arg_kinds:
            statement = operation.arg_kinds[0]
            if statement.name in _WRITES:
                yield from _executed(function, defined, operation, statement)
            elif statement.name == kinds.TEXT:
                yield from _of_text(function, operation, statement)


def stale_reads(function: Function) -> Iterator[StaleRead]:
    """Reads of loaded objects after a statement that the session knows nothing of."""
    defined = definitions(function)
    writes = [w for w in bulk_writes(function, defined) if w.sync == "False" and w.columns]
    far = list(_far_writes(function, defined))
    if not (writes or far) or _populates(function):
        return
    entities = reader(function)
    yield from _far_reads(function, defined, entities, writes, far)
    for origin in entities.origins(function):
        if origin.how != "loaded" or origin.root.position == NOWHERE:
            continue
        for write in writes:
            if write.model != origin.model or not _same_session(origin, write.operation.op):
                continue
            if not _same_rows(function, defined, origin, write.operation):
                continue
            for name in sorted(write.columns):
                attribute = mapped(function.project, origin.model, name)
                if attribute is None or entities.start(origin, attribute) != "fresh":
                    continue
                op = _read_after(function, entities, origin, attribute, write)
                if op is not None:
                    yield StaleRead(op, attribute, origin, write)


class _FarWrite(NamedTuple):
    """A bulk write with the session that runs it and the values that pick its rows, by names of
    the function that is looked at."""

    write: BulkWrite
    session: Place
    picks: frozenset[Operand]


def _far_writes(function: Function, defined: Definitions) -> Iterator[_FarWrite]:
    """Bulk writes of the functions that are called."""
    for one in calls_inside(function):
        if _WRITES.isdisjoint(one.function.typed.present) and (
            kinds.QUERY not in one.function.typed.present
        ):
            continue
        if not is_plain(one.function):
            continue
        for write in bulk_writes(one.function, definitions(one.function)):
            if write.sync != "False":
                continue
            columns = write.columns
            value = outside(one, write.values) if write.values is not None else None
            if not columns and isinstance(value, str):
                columns = _keys(defined, value)
            session = session_outside(function, one, write.operation)
            if columns and session is not None:
                picks = picked_outside(function, defined, one, write.operation)
                path = one.function.typed.module.path
                near = path == function.typed.module.path
                note = Note("the statement runs here", write.operation.at, "" if near else path)
                write = write._replace(operation=one.call, columns=columns, there=note)
                yield _FarWrite(write, session, picks)


def _far_reads(
    function: Function,
    defined: Definitions,
    entities: Reader,
    writes: list[BulkWrite],
    far: list[_FarWrite],
) -> Iterator[StaleRead]:
    """Where a function that is called loads the object, or writes its row."""
    near = [
        _FarWrite(write, session, picked_by(defined, write.operation))
        for write in writes
        if (session := session_of(function, defined, write.operation)) is not None
    ]
    for origin in entities.origins(function):
        if origin.how not in ("loaded", "called") or origin.root.position == NOWHERE:
            continue
        candidates = [
            one
            for one in (*far, *(near if origin.how == "called" else ()))
            if one.write.model == origin.model
        ]
        loaded = loaded_by(function, defined, origin) if candidates else None
        for one in candidates if loaded is not None else ():
            if loaded is None or one.session != loaded.session:
                continue
            if not _are_same(function, origin, one.picks, loaded.picks):
                continue
            for name in sorted(one.write.columns):
                attribute = mapped(function.project, origin.model, name)
                if attribute is None or entities.start(origin, attribute) != "fresh":
                    continue
                op = _read_after(function, entities, origin, attribute, one.write)
                if op is not None and is_let_be(function, one.write.operation.op, op):
                    yield StaleRead(op, attribute, origin, one.write)


def _are_same(
    function: Function, origin: Origin, picks: frozenset[Operand], loaded: frozenset[Operand]
) -> bool:
    """Rows are picked by what an object was loaded by, or by the object itself."""
    one, other = ({v for v in some if isinstance(v, Const)} for some in (picks, loaded))
    if one and other and not one & other:
        return False
    own = function.typed.function.locals - {"self", "cls"}
    if any(
        isinstance(value, Const) or value.partition(".")[0] in own or value.startswith("self.")
        for value in picks & loaded
    ):
        return True
    names: set[Operand | None] = {_dst(function, origin)}
    for _ in range(2):
        for operation in function.operations():
            if operation.op.do in ("move", "await", "next") and operation.op.on in names:
                names.add(operation.op.dst)
    return any(
        isinstance(value, str) and (value in names or value.partition(".")[0] in names)
        for value in picks
    )


def _read_after(
    function: Function, entities: Reader, origin: Origin, attribute: Mapped, write: BulkWrite
) -> Op | None:
    at = _position(function, write.operation.op)
    effects = entities.effects_of(function, origin, attribute)
    ends = solve(
        function.typed,
        protocols.STALE_READ,
        (origin.root,),
        effects,
        Confidence.PLAIN,
        {at: "bulk"},
    ).ends
    reads = [e.trail.op for e in ends if e.way == "fault" and e.trail is not None]
    # what stands above it is read in the next turn of a loop, of the next object
    reads = [op for op in reads if op.at > write.operation.op.at]
    return min(reads, key=lambda op: op.at, default=None)


def relocks(function: Function) -> Iterator[Relock]:
    """Statements with `with_for_update()` for objects that the session has loaded before."""
    if _populates(function):
        return
    defined = definitions(function)
    entities = reader(function)
    origins = [
        o
        for o in entities.origins(function)
        if o.how in ("loaded", "called") and o.root.position != NOWHERE and o.root.role == SELF
    ]
    locked = [(o, lock) for o in origins if (lock := _lock(function, defined, o)) is not None]
    for origin, (how, at) in locked:
        run = function.op(origin.root.position)
        if not _is_used(function, defined, run):
            continue
        for before in origins:
            first = function.op(before.root.position)
            if before.model != origin.model or first is run or not _is_held(function, first):
                continue
            if _lock(function, defined, before) is not None:
                continue
            own = _operation(function, origin)
            called = "called" in (origin.how, before.how)
            alike = _same_arguments if called else _same_rows
            if not _same_session(before, run) or not alike(function, defined, before, own):
                continue
            key = _key(function, before.model)
            if key is None:
                continue
            effects = entities.effects_of(function, before, key)
            effects.watched = run
            ends = solve(
                function.typed,
                protocols.LOCKED_AGAIN,
                (before.root,),
                effects,
                Confidence.PLAIN,
                {origin.root.position: "bulk"},
            ).ends
            if any(e.way == "fault" for e in ends):
                yield Relock(run, how, at, origin.model, first.at)
                break


# --- what a statement is -------------------------------------------------------------------------


def _of_model(kind: Kind) -> str:
    if len(kind.of) != 1:
        return ""
    one = kind.of[0]
    return one.label if one.name in (kinds.MAPPED_CLASS, kinds.ENTITY) else ""


def _of_query(op: Op) -> str:
    place = 1 if op.name == "update" else 0
    plain = [arg for arg in op.args if arg.keyword is None]
    if any(arg.star for arg in op.args):
        return "?"
    for arg in op.args:
        if arg.keyword == "synchronize_session":
            return _said(arg.value)
    return _said(plain[place].value) if len(plain) > place else ""


def _said(operand: Operand | None) -> str:
    return str(operand.value) if isinstance(operand, Const) else "?"


def _executed(
    function: Function, defined: Definitions, run: Operation, statement: Kind
) -> Iterator[BulkWrite]:
    if len(statement.of) != 1:
        return
    of = statement.of[0]
    core = of.name == kinds.TABLE
    model = of.label if of.name in (kinds.MAPPED_CLASS, kinds.TABLE) else ""
    if not model or function.project.models.of(model) is None:
        return
    sync, columns, started = "", frozenset[str](), False
    options = [arg for arg in run.op.args if arg.keyword == "execution_options"]
    values = [arg for arg in run.op.args[1:] if arg.keyword in (None, "params")]
    if options:
        sync = _option(defined, options[0].value)
    made = maker(defined, run.op.args[0].value, run)
    for call in statement_chain(defined, made) if made is not None else ():
        if call.op.name == "values":
            columns |= frozenset(str(arg.keyword) for arg in call.op.args if arg.keyword)
            if call.op.args and call.op.args[0].keyword is None:  # also `**values`
                columns |= _keys(defined, call.op.args[0].value)
        elif call.op.name == "execution_options":
            said = [a.value for a in call.op.args if a.keyword == "synchronize_session"]
            sync = _said(said[0]) if said else sync
            sync = "?" if any(a.star for a in call.op.args) else sync
        started = started or (call.result.name in _WRITES and call.on.name not in _WRITES)
    if values or not started:  # one row for each set of values, or built elsewhere
        sync = "?"
    yield BulkWrite(run, statement.name.lower(), model, "False" if core else sync, columns)


def _option(defined: Definitions, operand: Operand) -> str:
    made = defined.get(operand, []) if isinstance(operand, str) else []
    if len(made) != 1 or made[0].op.do != "pack" or made[0].op.name != "dict":
        return "?"
    args = made[0].op.args
    for key, value in zip(args[::2], args[1::2], strict=False):
        if key.value == Const("synchronize_session"):
            return _said(value.value)
    return ""


def _of_text(function: Function, run: Operation, statement: Kind) -> Iterator[BulkWrite]:
    found = _UPDATE.match(statement.label)
    if found is None:
        return
    changed = re.split(r"\bWHERE\b", found[2], maxsplit=1, flags=re.IGNORECASE)[0]
    names = {name.lower() for name in _SET.findall(changed)}
    for label, model in function.project.models.models.items():
        table = model.table
        if table is None or table.name.lower() != found[1].lower():
            continue
        columns = frozenset(c.name for c in table.columns if c.db_name.lower() in names)
        yield BulkWrite(run, "update", label, "False", columns)


def _keys(defined: Definitions, operand: Operand | None) -> frozenset[str]:
    """The attributes that a dictionary of new values names."""
    made = defined.get(operand, []) if isinstance(operand, str) else []
    if len(made) == 1 and made[0].op.do == "move":
        return _keys(defined, made[0].op.on) | _keys_put(made[0], operand)
    if len(made) == 1 and made[0].op.do == "call" and made[0].op.on == "dict":
        return _keys_put(made[0], operand)
    if len(made) != 1 or made[0].op.do != "pack" or made[0].op.name != "dict":
        return frozenset()
    found = set(_keys_put(made[0], operand))
    pack = made[0]
    for arg, kind in zip(pack.op.args[::2], pack.arg_kinds[::2], strict=False):
        if isinstance(arg.value, Const) and isinstance(arg.value.value, str):
            found.add(arg.value.value)
        elif kind.name == kinds.COLUMN_EXPR and "mapped" in kind.traits:
            found.add(kind.label.rpartition(".")[2])
    return frozenset(found)


def _keys_put(made: Operation, name: Operand | None) -> frozenset[str]:
    """Constant keys under which something is put into a dictionary."""
    return frozenset(
        op.args[0].value.value
        for _, _, op in made.function.positions
        if op.do == "setitem" and op.on == name and len(op.args) == 2
        if isinstance(op.args[0].value, Const) and isinstance(op.args[0].value.value, str)
    )


# --- the same rows -------------------------------------------------------------------------------


def _same_session(origin: Origin, op: Op) -> bool:
    session = origin.session
    return session is not None and any(use.op is op for use in session.uses)


def _same_rows(
    function: Function, defined: Definitions, origin: Origin, statement: Operation
) -> bool:
    """A statement picks its rows by what an object was loaded by, or by the object itself."""
    picks = picked_by(defined, statement)
    if picks & picked_by(defined, _operation(function, origin)):
        return True
    for call in behind(defined, statement):  # parameters of a text
        if call.op.do == "pack" and call.op.name == "dict":
            picks |= {arg.value for arg in call.op.args[1::2]}
    if picks & picked_by(defined, _operation(function, origin)):
        return True
    names = {o.op.dst for o in function.operations() if o.op.on == _dst(function, origin)}
    names |= {_dst(function, origin)}
    return any(
        isinstance(value, str) and (value in names or value.partition(".")[0] in names)
        for value in picks
    )


def _same_arguments(
    function: Function, defined: Definitions, origin: Origin, call: Operation
) -> bool:
    """A function of the project is asked for the object that another call has given: by its own
    key, or by the same values."""
    names = {_dst(function, origin)}
    for operation in function.operations():
        if operation.op.do in ("move", "await") and operation.op.on in names:
            names.add(operation.op.dst)
    key = _key(function, origin.model)
    own = {f"{name}.{key.name}" for name in names if name is not None} if key is not None else set()
    given = {v for a, v in _keyed(defined, call)}
    before = {v for a, v in _keyed(defined, _operation(function, origin))}
    return bool(given) and (given <= own or given == before)


def _keyed(defined: Definitions, call: Operation) -> Iterator[tuple[str | None, Operand]]:
    """What a call is given besides a session, by name or place."""
    op = call.op
    made = defined.get(op.on, []) if op.do == "await" and isinstance(op.on, str) else []
    call = made[0] if len(made) == 1 else call
    for arg, kind in zip(call.op.args, call.arg_kinds, strict=False):
        if kind.name not in _SESSIONS and kind.name != kinds.MAPPED_CLASS:
            yield arg.keyword, arg.value


def _operation(function: Function, origin: Origin) -> Operation:
    op = function.op(origin.root.position)
    return next(o for o in function.operations() if o.op is op)


def _dst(function: Function, origin: Origin) -> str | None:
    return function.op(origin.root.position).dst


def _position(function: Function, op: Op) -> Position:
    return next(
        (number, i)
        for number, block in enumerate(function.typed.function.blocks)
        for i, other in enumerate(block.ops)
        if other is op
    )


def _populates(function: Function) -> bool:
    """Some statement here loads its objects anew, or they are told what is committed."""
    return any(
        o.op.name == "populate_existing"
        or (o.op.name or str(o.op.on).rpartition(".")[2]) == "set_committed_value"
        or any(
            arg.keyword == "populate_existing" or arg.value == Const("populate_existing")
            for arg in o.op.args
        )
        for o in function.operations()
        if o.op.do in ("call", "pack")
    )


# --- locks ---------------------------------------------------------------------------------------


def _lock(function: Function, defined: Definitions, origin: Origin) -> tuple[str, Ref] | None:
    """How the statement of an origin locks its rows; None when it does not."""
    if origin.how == "called":
        source = source_of(function, origin)
        if source is None:
            return None
        there, of = source
        if _populates(there) or _lock(there, definitions(there), of) is None:
            return None
        return "called", function.op(origin.root.position).at
    for call in behind(defined, _operation(function, origin)):
        op = call.op
        if op.do != "call":
            continue
        if op.name == "with_for_update" and call.on.name in (kinds.SELECT, kinds.QUERY):
            return call.on.name, op.at
        if op.name == "get" and any(
            arg.keyword == "with_for_update" and arg.value not in (Const(None), Const(False))
            for arg in op.args
        ):
            return "get", op.at
    return None


def _is_held(function: Function, made: Op) -> bool:
    """A variable keeps the object: without one the session forgets it."""
    known = {made.dst}
    for operation in function.operations():
        if operation.op.do in ("move", "await") and operation.op.on in known:
            known.add(operation.op.dst)
    return any(place is not None and place[0] != "%" for place in known)


def _is_used(function: Function, defined: Definitions, made: Op) -> bool:
    """A column of the locked object is read or changed."""
    known = {made.dst}
    for operation in function.operations():
        if operation.op.do in ("move", "await") and operation.op.on in known:
            known.add(operation.op.dst)
    return any(o.op.do == "getattr" and o.op.on in known for o in function.operations())


def _key(function: Function, label: str) -> Mapped | None:
    """A column that nobody sets: with it only the object as a whole is followed."""
    model = function.project.models.of(label)
    for attribute in model.attributes if model is not None else ():
        if attribute.column is not None and attribute.column.primary_key:
            return mapped(function.project, label, attribute.name)
    return None

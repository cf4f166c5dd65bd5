"""Upserts: which INSERT they belong to, which conflict they look for, and what they write then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const, Operand, Ref
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, Kind, dotted_label
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Mixin, Table
from sqla_lint.project.values import Value
from sqla_lint.views.function import Call
from sqla_lint.views.keptvalues import gives_back, keeps_each, kept_column
from sqla_lint.views.sql import reader

What: TypeAlias = Literal[
    "generic",  # an INSERT of no dialect has no upsert
    "dialect",  # one of another dialect has another
    "nameless",  # PostgreSQL wants to know which conflict
    "both",  # columns and a constraint
    "keyword",  # SQLite has no names for constraints
    "text",  # one string for the columns
    "not unique",  # nothing makes the columns unique
    "no constraint",  # the table has none of this name
    "nothing",  # there is nothing to write
    "no column",  # the table has no such column
    "word",  # a string instead of a column
    "itself",  # a column keeps the value it has
    "themselves",  # several do
    "each",  # all that a loop goes over do
    "old",  # MySQL's new values are `inserted`
    "forgotten",  # columns with an `onupdate`
]


class Trouble(NamedTuple):
    """What is wrong with an upsert, where, and the names of what it is about."""

    what: What
    at: Ref
    names: tuple[str, ...] = ()


class _Upsert(NamedTuple):
    call: Call
    maker: str  # the dotted name of what made the INSERT; "table" for `table.insert()`
    target: Spot | None

    @property
    def dialect(self) -> str:
        found = re.match(r"sqlalchemy\.dialects\.(\w+)", self.maker)
        return found[1] if found else ""


UPSERTS = frozenset({"on_conflict_do_update", "on_conflict_do_nothing", "on_duplicate_key_update"})
_GENERIC = frozenset({"sqlalchemy.insert", "sqlmodel.insert", "table"})
_OF_MYSQL = frozenset({"mysql", "mariadb"})
# What gives a table a unique index or constraint in another place than its own definition.
_ELSEWHERE = frozenset({"create_unique_constraint", "create_index", "Index", "append_constraint"})
_UNIQUE = frozenset({"UniqueConstraint", "PrimaryKeyConstraint"})
CHAIN = 12  # calls between the INSERT and its upsert


def upsert_troubles(call: Call) -> list[Trouble]:
    """What is wrong with an `on_conflict_do_…()` or `on_duplicate_key_update()`."""
    upsert = _upsert(call)
    if upsert is None:
        return []
    if upsert.maker in _GENERIC or upsert.maker.startswith("sqlalchemy.sql."):
        return [Trouble("generic", call.at)]
    ours = (upsert.dialect in _OF_MYSQL) == (call.name == "on_duplicate_key_update")
    if not upsert.dialect:
        return []
    if not ours:
        return [Trouble("dialect", call.at, (upsert.dialect,))]
    table = _table(upsert)
    found = [] if upsert.dialect in _OF_MYSQL else list(_target(upsert, table))
    return [*found, *_written(upsert, table)]


def _upsert(call: Call) -> _Upsert | None:
    """None when the INSERT comes from elsewhere."""
    frame = reader(call.function.project).frames.of(call.function.label)
    position = call.function.position(call.op)
    if frame is None or position is None:
        return None
    there = frame.on(position)
    for _ in range(CHAIN):
        makers = list(reader(call.function.project).origins.makers(there))
        if len(makers) != 1:
            return None
        frame, at = makers[0].frame, makers[0].at
        op = frame.op(at)
        if op.do != "call" or op.on is None:
            return None
        on = frame.on(at)
        if on.kind.name == kinds.INSERT:
            there = on
            continue
        if on.kind.name == kinds.TABLE and op.name == "insert":
            return _Upsert(call, "table", on)
        if on.kind.name == NAME:
            if _is_chosen(call, str(op.on)):
                return None
            maker = dotted_label(on.kind, op.name)
            return _Upsert(call, maker, next(iter(frame.args(at)), None))
        return None
    return None


def _is_chosen(call: Call, name: str) -> bool:
    """The `insert` is imported from several places: which one it is, some test decides."""
    typed = call.function.typed
    bodies = (typed.function, typed.module.body)
    return any(
        sum(op.do == "import" and op.dst == name for block in body.blocks for op in block.ops) > 1
        for body in bodies
    )


def _table(upsert: _Upsert) -> Table | None:
    """The table that is written, when all of its columns and constraints are known."""
    target, models = upsert.target, upsert.call.function.project.models
    if target is None:
        return None
    table: Table | None = None
    if target.kind.name == kinds.MAPPED_CLASS:
        model = models.of(target.kind.label)
        if model is None or model.parent or model.dynamic or not model.complete:
            return None
        if any(_adds(models.mixins.get(label)) for label in model.mixins):
            return None
        table = models.table_of(model)
    elif target.kind.name == kinds.TABLE and isinstance(target.operand, str):
        typed = target.frame.typed
        label = models.scopes.resolve(typed.module, typed.function, target.operand)
        found = [one for one in models.tables if one.label == label]
        found = found or _tables_made(upsert.call, target)
        table = found[0] if len(found) == 1 else None
    if table is None or table.open or any(c.opaque for c in table.columns):
        return None
    known = all(one.library for one in table.constraints)
    renamed = any(c.call is not None and c.call.word("key") is not None for c in table.columns)
    return table if known and not renamed else None


def _tables_made(call: Call, target: Spot) -> list[Table]:
    """The tables whose `Table(...)` an attribute or a function of the project gives."""
    places = {
        (made.frame.typed.module.path, made.frame.op(made.at).at)
        for made in reader(call.function.project).origins.makers(target)
    }
    tables = [t for t in call.function.project.models.tables if (t.path, t.at) in places]
    return tables if len(tables) == len(places) else []


def _adds(mixin: Mixin | None) -> bool:
    """A base or mixin may give the table columns or constraints."""
    if mixin is None or mixin.table_args is not None:
        return True
    return any(one.role in ("column", "opaque") for one in mixin.attributes)


# --- which conflict ----------------------------------------------------------------------------


def _target(upsert: _Upsert, table: Table | None) -> Iterator[Trouble]:
    call = upsert.call
    given = {arg.keyword: arg for arg in call.op.args if arg.keyword}
    if any(arg.star for arg in call.op.args):
        return
    columns = given.get("index_elements")
    constraint = given.get("constraint")
    if constraint is not None and (columns is not None or upsert.dialect == "sqlite"):
        yield Trouble("both" if upsert.dialect != "sqlite" else "keyword", constraint.at)
        return
    updates = call.name == "on_conflict_do_update"
    if columns is None and constraint is None:
        if updates and upsert.dialect == "postgresql" and all(a.keyword for a in call.op.args):
            yield Trouble("nameless", call.at)
        return
    if columns is not None and isinstance(columns.value, Const):
        if isinstance(columns.value.value, str) and len(columns.value.value) > 1:
            yield Trouble("text", columns.at, (columns.value.value,))
        return
    if table is None:
        return
    elements = _elements(call, columns) if columns is not None else ()
    if elements and "index_where" not in given and not _is_unique(call, table, elements):
        yield Trouble("not unique", call.at, elements)
    name = constraint.value.value if constraint and isinstance(constraint.value, Const) else None
    if isinstance(name, str) and constraint is not None and not _has(call, table, name):
        yield Trouble("no constraint", constraint.at, (name,))


def _elements(call: Call, given: Arg) -> tuple[str, ...]:
    pack = call.function.maker(given.value)
    if pack is None or pack.op.do != "pack" or pack.op.name not in ("list", "tuple"):
        return ()
    found = []
    for arg, kind in zip(pack.op.args, pack.arg_kinds, strict=False):
        if isinstance(arg.value, Const) and isinstance(arg.value.value, str):
            found.append(arg.value.value)
        elif kind.name == kinds.COLUMN_EXPR and ("mapped" in kind.traits or ".c." in kind.label):
            found.append(kind.label.rpartition(".")[2])
        else:
            return ()
    return tuple(found)


def _by_name(table: Table) -> dict[str, Column]:
    return {name: column for column in table.columns for name in (column.name, column.db_name)}


def _is_unique(call: Call, table: Table, elements: tuple[str, ...]) -> bool:
    """A key, constraint or index makes just these columns unique; or that cannot be told."""
    columns = _by_name(table)
    if any(name not in columns for name in elements):
        return True
    found = {frozenset(c.db_name for c in table.columns if c.primary_key)}
    found |= {frozenset({c.db_name}) for c in table.columns if c.unique is not False}
    for constraint in table.constraints:
        told = _covered(constraint)
        if told:
            found.add(frozenset(columns[n].db_name if n in columns else n for n in told))
    wanted = frozenset(columns[name].db_name for name in elements)
    return wanted in found or _made_elsewhere(call.function.project, table)


def _covered(constraint: Value) -> list[str]:
    """The columns that a constraint or an index makes unique."""
    unique = constraint.word("unique")
    names: tuple[Value, ...] = ()
    if constraint.library in _UNIQUE:
        names = constraint.args
    elif constraint.library == "Index" and unique is not None and unique.truth is not False:
        names = constraint.args[1:]
    return [one.text or one.name.rpartition(".")[2] for one in names]


def _has(call: Call, table: Table, name: str) -> bool:
    """The table has a constraint of this name, as it is given or as PostgreSQL names it."""
    known = {f"{table.name}_pkey"}
    known |= {f"{table.name}_{c.db_name}_key" for c in table.columns if c.unique is not False}
    for constraint in table.constraints:
        given = constraint.word("name")
        if given is not None and given.text is None:
            return True
        if given is not None:
            known.add(given.text or "")
        else:
            known.add("_".join((table.name, *_covered(constraint), "key")))
    return name in known or _made_elsewhere(call.function.project, table)


def _made_elsewhere(project: Project, table: Table) -> bool:
    """Something makes or names a unique index outside of the definitions of tables: perhaps one of
    this table."""
    for _, function in project.knowledge.functions.values():
        for block in function.blocks:
            for op in block.ops:
                if op.do != "call":
                    continue
                if function.kind != "class" and (op.name or op.on) in _ELSEWHERE:
                    return True
                if any(arg.keyword == "naming_convention" for arg in op.args):
                    return True
                if any(_creates_unique(arg, table.name) for arg in op.args):
                    return True
    return False


def _creates_unique(arg: Arg, table: str) -> bool:
    text = arg.value.value if isinstance(arg.value, Const) else None
    if not isinstance(text, str):
        return False
    upper = text.upper()
    return ("UNIQUE" in upper or "CONSTRAINT" in upper) and table.upper() in upper


# --- what is written ---------------------------------------------------------------------------


def _written(upsert: _Upsert, table: Table | None) -> Iterator[Trouble]:
    call = upsert.call
    if call.name == "on_conflict_do_nothing":
        return
    for one in call.op.args:
        each = keeps_each(call, upsert.target, one.value)
        if each is not None and not gives_back(call.function):
            yield Trouble("each", each.at)
    values = _values(call)
    if values is None:
        return
    given, whole, at = values
    if whole and not given:
        yield Trouble("nothing", call.at)
        return
    yield from _unchanged(upsert, given, whole)
    columns = _by_name(table) if table is not None else {}
    for name, (value, _) in given.items():
        operand = value.value
        if isinstance(operand, Const) and isinstance(operand.value, str):
            if re.match(r"(?:excluded|EXCLUDED)\.\w+$", operand.value):
                yield Trouble("word", value.at, (operand.value,))
        elif isinstance(operand, str) and upsert.dialect in _OF_MYSQL and ".excluded." in operand:
            yield Trouble("old", value.at, (operand,))
        if columns and name not in columns:
            yield Trouble("no column", value.at, (name,))
    if whole and table is not None:
        forgotten = tuple(
            column.name
            for column in table.columns
            if column.onupdate is not None and not {column.name, column.db_name} & set(given)
        )
        if forgotten and upsert.dialect not in _OF_MYSQL:
            yield Trouble("forgotten", at, forgotten)


_Given: TypeAlias = "dict[str, tuple[Arg, Kind]]"


def _values(call: Call) -> tuple[_Given, bool, Ref] | None:
    """What is written, by column; whether that is all; where."""
    if call.name == "on_duplicate_key_update" and any(arg.keyword for arg in call.op.args):
        words = zip(call.op.args, call.arg_kinds, strict=False)
        given = {arg.keyword: (arg, kind) for arg, kind in words if arg.keyword}
        return given, False, call.at
    if call.name == "on_duplicate_key_update":
        one = call.op.args[0] if len(call.op.args) == 1 and not call.op.args[0].star else None
        made = _of_display(call, one.value) if one is not None else None
        return (made[0], False, call.at) if made is not None else ({}, False, call.at)
    one = next((arg for arg in call.op.args if arg.keyword == "set_"), None)
    if one is None:
        starred = any(arg.star or not arg.keyword for arg in call.op.args)
        return None if starred else ({}, True, call.at)
    return _of_display(call, one.value)


def _of_display(call: Call, values: Operand) -> tuple[_Given, bool, Ref] | None:
    pack = call.function.maker(values)
    if pack is None:
        return None
    args, found = pack.op.args, pack.arg_kinds
    whole = not any(arg.star for arg in args)
    if pack.op.do == "pack" and pack.op.name == "dict":
        if not whole:
            return {}, False, call.at
        pairs = list(zip(args[::2], args[1::2], found[::2], found[1::2], strict=False))
        given = {}
        for key, value, key_kind, kind in pairs:
            if isinstance(key.value, Const) and isinstance(key.value.value, str):
                given[key.value.value] = (value, kind)
            elif key_kind.name == kinds.COLUMN_EXPR and "mapped" in key_kind.traits:
                given[key_kind.label.rpartition(".")[2]] = (value, kind)
            else:
                whole = False
        return (given, whole, call.at) if given or whole else None
    if pack.op.do == "call" and pack.on.label == "builtins.dict":
        given = {a.keyword: (a, k) for a, k in zip(args, found, strict=False) if a.keyword}
        return given, whole and len(given) == len(args), call.at
    return None


def _unchanged(upsert: _Upsert, given: _Given, whole: bool) -> Iterator[Trouble]:
    """`{"price": Item.price}`: the column of the row that is there."""
    call, target = upsert.call, upsert.target
    kept = {
        name: value
        for name, (value, kind) in given.items()
        if kept_column(call, target, value.value, kind) == name
    }
    if len(kept) < len(given):
        return  # who sets others anew keeps these on purpose
    if kept and whole and gives_back(call.function):
        return  # so that the row that is there comes back
    elements = next((arg for arg in call.op.args if arg.keyword == "index_elements"), None)
    keys = _elements(call, elements) if elements is not None else ()
    names = tuple(name for name in kept if name not in keys and not _is_key(upsert, name))
    if names:
        yield Trouble("itself" if len(names) == 1 else "themselves", kept[names[0]].at, names)


def _is_key(upsert: _Upsert, name: str) -> bool:
    """A column by which the row was found: MySQL's way to leave it alone is to keep its key."""
    models, target = upsert.call.function.project.models, upsert.target
    if upsert.dialect not in _OF_MYSQL or target is None:
        return False
    model = models.of(target.kind.label) if target.kind.name == kinds.MAPPED_CLASS else None
    found = models.attribute(model, name) if model is not None else None
    column = found.column if found is not None else None
    if target.kind.name == kinds.TABLE:
        table = _table(upsert)
        column = _by_name(table).get(name) if table is not None else None
    return column is not None and bool(column.primary_key or column.unique)

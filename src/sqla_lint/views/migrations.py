"""Operations of alembic's migration scripts, and what its environment knows of the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.classes import Mapping
from sqla_lint.project.index import imported_names
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.views.configuration import library_name
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.written import only_binding

_OPERATIONS = "alembic.op."
_BATCH = "batch_alter_table"
# What makes SQLite's batch copy the rows into a new table: there a default of Python's is used.
# Source: Alembic, `SQLiteImpl.requires_recreate_in_batch()`; run in the proof of SAL623.
_COPIES = frozenset(
    {
        *("alter_column", "create_check_constraint", "create_foreign_key", "create_primary_key"),
        *("create_table_comment", "create_unique_constraint", "drop_column", "drop_constraint"),
        "drop_table_comment",
    }
)
_FILLS = frozenset({"Identity", "Computed", "Sequence"})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY, kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_EMPTIES = ("DELETE", "TRUNCATE")
_LOADERS = frozenset(
    {"import_module", "import_string", "iter_modules", "load_module", "try_import"}
    | {"walk_packages", "__import__"}
)
# What runs an environment of alembic, other than its command line.
RUNNING = frozenset({"alembic.command", "alembic.config"})
# Modules followed from an environment; more than any has.
_FOLLOWED = 2000


class Migration(NamedTuple):
    """An operation of a migration: its name, the table it changes, the position of the first
    argument after the table."""

    name: str
    table: Operand | None
    first: int


def migrates(function: Function) -> bool:
    """The function has operations of a migration."""
    return any(label.startswith(_OPERATIONS[:-1]) for label in function.typed.done_on)


def migration(operation: Operation) -> Migration | None:
    """`op.add_column(...)`, or the same of a `batch_alter_table()`."""
    op = operation.op
    name = library_name(operation)
    if name.startswith(_OPERATIONS):
        table = op.args[0].value if op.args and not op.args[0].keyword else None
        return Migration(name.removeprefix(_OPERATIONS), table, 1)
    if op.do != "call" or op.name is None or not isinstance(op.on, str):
        return None
    batch = _batch(operation.function, op.on)
    if batch is None:
        return None
    table = batch.op.args[0].value if batch.op.args else None
    return Migration(op.name, table, 0)


def _batch(function: Function, place: str) -> Operation | None:
    entered = only_binding(function.typed.function, place)
    if entered is None or entered.do != "enter":
        return None
    made = function.maker(entered.on)
    return made if made is not None and library_name(made) == _OPERATIONS + _BATCH else None


def added_column(operation: Operation, position: int) -> Operation | None:
    """The `Column(...)` that is given, where it is made here."""
    if len(operation.op.args) <= position or operation.op.args[position].star:
        return None
    value = operation.op.args[position].value
    function = operation.function
    made = function.maker(value)
    if made is None and isinstance(value, str):
        bound = only_binding(function.typed.function, value)
        made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    if made is None or library_name(made).rpartition(".")[2] != "Column":
        return None
    return made


def needs_value(column: Operation) -> bool:
    """A column that must not be NULL, and that the database does not fill."""
    words = {arg.keyword: arg.value for arg in column.op.args if arg.keyword}
    if any(arg.star for arg in column.op.args) or words.get("nullable") != Const(False):
        return False
    if words.get("server_default", Const(None)) != Const(None):
        return False
    if words.get("primary_key") == Const(True) or "autoincrement" in words:
        return False
    for arg in column.op.args:
        made = column.function.maker(arg.value)
        if made is not None and library_name(made).rpartition(".")[2] in _FILLS:
            return False
    return True


_DIALECTS = "sqlalchemy.dialects."


def is_mysql(function: Function) -> bool:
    """The project names no database but MySQL, or the migration none but types of MySQL: that
    gives the rows that are there a value."""
    dialects = function.project.dialects
    if dialects and dialects <= {"mysql", "mariadb"}:
        return True
    both = [
        operation
        for name in ("upgrade", "downgrade")
        if (typed := function.project.typed.get(f"{function.typed.module.name}:{name}")) is not None
        for operation in function.of(typed).operations()
    ]
    named = {library_name(operation) for operation in (*function.operations(), *both)}
    written = {
        name.removeprefix(_DIALECTS).partition(".")[0]
        for name in named
        if name.startswith(_DIALECTS)
    }
    varied = any(operation.op.name == "with_variant" for operation in both)
    return bool(written) and written <= {"mysql", "mariadb"} and not varied


def becomes_key(column: Operation) -> bool:
    """The same function makes it the primary key."""
    if not column.op.args:
        return False
    name = column.op.args[0].value
    for operation in column.function.operations():
        step = migration(operation)
        if step is None or step.name != "create_primary_key":
            continue
        listed = (column.function.maker(arg.value) for arg in operation.op.args)
        if any(one is not None and name in (a.value for a in one.op.args) for one in listed):
            return True
    return False


def is_copied(operation: Operation, column: Operation) -> bool:
    """`batch.add_column()` of a column with a default of Python's, where the batch copies all rows
    into a new table with it: always, if it is told to, else on SQLite for another operation."""
    function, place = operation.function, operation.op.on
    words = {arg.keyword: arg.value for arg in column.op.args}
    batch = _batch(function, place) if isinstance(place, str) else None
    if batch is None or words.get("default", Const(None)) == Const(None):
        return False
    how = {arg.keyword: arg.value for arg in batch.op.args}.get("recreate", Const("auto"))
    if how != Const("auto"):
        return how == Const("always")
    return function.project.dialects <= {"sqlite"} and any(
        other.op.do == "call" and other.op.on == place and other.op.name in _COPIES
        for other in function.operations()
    )


def is_empty(function: Function, table: Operand | None, before: Operation) -> bool:
    """The table is made, or its rows are deleted, earlier in the same function; what is run as
    unknown text may do so."""
    for operation in function.operations():
        if operation.op is before.op:
            return False
        step = migration(operation)
        if step is not None and step.name == "create_table" and step.table == table:
            return True
        on_connection = operation.op.name == "execute" and operation.on.name == kinds.CONNECTION
        if on_connection or (step is not None and step.name == "execute"):
            text = " ".join(kind.label.upper() for kind in operation.arg_kinds)
            deletes = any(kind.name == kinds.DELETE for kind in operation.arg_kinds)
            if deletes or any(word in text for word in _EMPTIES):
                return True
    return False


class Environment(NamedTuple):
    """Metadata that alembic compares with, where that is said, and one of its models."""

    op: Op
    model: str


def unseen_models(function: Function) -> Iterator[Environment]:
    """Metadata of an alembic environment none of whose models the environment imports."""
    if not _configures_alembic(function):
        return
    for operation in function.operations():
        op = operation.op
        if op.do != "getattr" or op.name != "metadata":
            continue
        models = _models_of(function, operation.on)
        modules = {label.partition(":")[0] for label in models}
        if models and not _reaches(function, modules) and not _are_loaded(function, modules):
            yield Environment(op, sorted(models)[0].rpartition(":")[2])


def without_metadata(function: Function) -> Op | None:
    """``target_metadata = None`` in an environment of a project that has models, or that wants
    types or defaults compared."""
    if not _configures_alembic(function):
        return None
    operations = list(function.operations())
    bound = [o.op for o in operations if o.op.dst == "target_metadata"]
    if len(bound) != 1 or bound[0].do != "move" or bound[0].on != Const(None):
        return None
    models = function.project.models
    if any(
        models.base_known(m.base) and not models.is_migration(m.module)
        for m in models.models.values()
    ):
        return bound[0]
    for inner in function.typed.module.functions.values():
        for op in (op for block in inner.blocks for op in block.ops):
            if op.do == "call" and any((a.keyword or "").startswith("compare_") for a in op.args):
                return bound[0]
    return None


def models_used(function: Function) -> Iterator[Environment]:
    """Mapped classes of the application that a migration selects or makes objects of."""
    if not {"revision", "down_revision"} <= function.typed.module.body.locals:
        return
    models = function.project.models
    said = set()
    for operation in function.operations():
        if operation.op.do != "call":
            continue
        given: tuple[Kind, ...] = ()
        if operation.op.name is None and operation.on.name == kinds.MAPPED_CLASS:
            given = (operation.on,)
        elif operation.result.name in _STATEMENTS:
            given = operation.arg_kinds
        for kind in given:
            model = models.of(kind.label) if kind.name == kinds.MAPPED_CLASS else None
            if model is None or model.label in said or models.is_migration(model.module):
                continue
            said.add(model.label)
            yield Environment(operation.op, model.name)


def _configures_alembic(function: Function) -> bool:
    if not function.is_module:
        return False
    names = function.project.knowledge.globals.get(function.typed.module.name, {})
    return any(
        kind.name in (NAME, FOREIGN) and kind.label == "alembic.context" for kind in names.values()
    )


def _models_of(function: Function, base: Kind) -> set[str]:
    """The mapped classes of a base, by label."""
    classes = function.project.knowledge.classes
    if base.name not in (kinds.CLASS, kinds.MAPPED_CLASS) or not base.label:
        return set()
    return {
        label
        for label, info in classes.by_label.items()
        if label != base.label
        and info.mapping is Mapping.YES
        and any(one.label == base.label for one in classes.ancestry(label))
    }


def _are_loaded(function: Function, wanted: set[str]) -> bool:
    """What runs alembic's commands, or what leads to that, imports one of these."""
    imports = function.project.models.imports
    return any(
        wanted & imports.reached(entry)
        for name, module in function.project.knowledge.index.modules.items()
        if RUNNING & imported_names(module)
        for entry in imports.leading_to(name)
    )


def _reaches(function: Function, wanted: set[str]) -> bool:
    """The module imports one of these, itself or through others, or may."""
    index = function.project.knowledge.index
    waiting, seen = [function.typed.module], {function.typed.module.name}
    while waiting:
        module = waiting.pop()
        if module.name in wanted or len(seen) > _FOLLOWED:
            return True
        if any(
            op.do == "call" and (op.name in _LOADERS or op.on in _LOADERS)
            for body in module.functions.values()
            for block in body.blocks
            for op in block.ops
        ):
            return True
        for name in imported_names(module):
            there = index.find(name, module)
            if there is not None and there.name not in seen:
                seen.add(there.name)
                waiting.append(there)
    return False

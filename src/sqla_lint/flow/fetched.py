"""Columns whose values the database makes: when an object knows them, and when it has to ask.

After an INSERT they are fetched with RETURNING from 2.0 on (``eager_defaults="auto"``), where the
database has it; after an UPDATE only with ``eager_defaults=True``. What was not fetched expires.
Source: SQLAlchemy docs, "Mapper.eager_defaults"; measured in fixtures/SAL804-async-expired-access.
"""

from __future__ import annotations

from sqla_lint.flow.attributes import Mapped
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Model
from sqla_lint.project.values import Value

_SQL_MODULES = (
    "sqlalchemy.func.",
    "sqlalchemy.sql.func.",
    "sqlalchemy.sql.functions.",
    "sqlmodel.func.",
)
_SQL_MAKERS = frozenset({"text", "select", "literal_column", "FetchedValue"})
_FETCHED_BY_DEFAULT = (2, 0)
# Databases that have no RETURNING; of MariaDB it depends on the version.
_WITHOUT_RETURNING = frozenset({"mysql"})


def made_by_update(
    project: Project, model: str, attribute: Mapped, target: tuple[int, int]
) -> bool:
    """An UPDATE of the row gives the column a value that the object does not know."""
    column = attribute.column
    if column is None or column.primary_key is True:
        return False
    by_sql = _is_sql(column.onupdate)
    eager = _eager(project, model)
    if eager == "True":  # 1.4 fetches only what is declared as the server's
        return by_sql and target < _FETCHED_BY_DEFAULT
    server = column.server_onupdate is not None or _is_computed(column)
    return eager == "" and (server or by_sql)


def unknown_after_insert(
    project: Project, model: str, attribute: Mapped, target: tuple[int, int]
) -> bool:
    """An INSERT that says nothing of the column leaves its value for a later SELECT."""
    column = attribute.column
    if column is None or column.primary_key is True or _eager(project, model) != "":
        return False
    made = column.server_default is not None or _is_sql(column.default) or _is_computed(column)
    if not made or (column.default is not None and not _is_sql(column.default)):
        return False
    only = project.dialects
    return target < _FETCHED_BY_DEFAULT or (bool(only) and only <= _WITHOUT_RETURNING)


def _eager(project: Project, label: str) -> str:
    """What the mapping says of `eager_defaults`: "" when it says nothing, "?" when that is not
    known."""
    model = project.models.of(label)
    if model is None:
        return "?"
    for one in project.models.lineage(model):
        said = _said(project, one)
        if said:
            return said
    return ""


def _said(project: Project, model: Model) -> str:
    args = model.mapper_args
    if args is None:
        return ""
    value = args.value
    if value is None or value.do != "dict" or value.starred:
        return "?"
    for key, said in zip(value.args[::2], value.args[1::2], strict=False):
        if key.text == "eager_defaults":
            return "" if said.text == "auto" else str(said.const)
        if key.text is None:
            return "?"
    return ""


def _is_sql(value: Value | None) -> bool:
    if value is None or value.do != "call":
        return False
    return value.name.startswith(_SQL_MODULES) or (
        value.name.startswith("sqlalchemy.") and value.name.rpartition(".")[2] in _SQL_MAKERS
    )


def _is_computed(column: Column) -> bool:
    return column.call is not None and any(
        arg.do == "call" and arg.name.startswith("sqlalchemy.") and arg.name.endswith(".Computed")
        for arg in column.call.args
    )

"""SAL902: deprecated methods."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Import,
    Operation,
    Rename,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    library_name,
    of_database,
    of_every_version,
    operations,
    rule,
)

_RENAMED = {
    "tometadata": "to_metadata",
    "as_scalar": "scalar_subquery",
}
_INSTEAD = {
    "add_column": "use `add_columns()`",
    "close_all": "use `sqlalchemy.orm.close_all_sessions()`",
    "froms": "use `get_final_froms()`",
    "values": "use `with_entities()`",
    "value": "use `with_entities()` and `scalar()`",
    "c": "use `selected_columns`, or the `c` of a `subquery()`",
}
_OPEN = frozenset(
    {kinds.ROW, kinds.COLUMN_EXPR, kinds.RAW_CONNECTION, kinds.SCHEMA_ITEM, kinds.FLASK_DB}
)
_OTHERS = frozenset({"get", "from_engine"})


@rule(
    "SAL902",
    "deprecated-api",
    group="pedantic",
    severity=Severity.WARNING,
    fix="safe",
    on=of_database(operations("call", "getattr")),
)
@of_every_version
def deprecated_api(operation: Operation) -> Iterator[Report]:
    """A method that the targeted SQLAlchemy has only for old code.

    ## What it does
    Reports methods of queries, statements, tables, sessions and inspectors that SQLAlchemy marks as
    deprecated.

    ## Why is this bad?
    They warn (`SADeprecationWarning`), and a later version has them no longer.

    ## Example
    ```python
    table.tometadata(other)
    ```

    ## Use instead
    ```python
    table.to_metadata(other)
    ```

    ## Fix safety
    Safe: only methods that have a new name, or a function that does the same, are mended.

    ## Versions
    1.4, 2.0 and 2.1: what the targeted version marks.

    ## Limits
    Rows and columns are left alone: their attributes may be the user's own. `Query.get()` has a
    rule of its own (905).

    ## References
    SQLAlchemy docs, "Changes and Migration".
    """
    op, on = operation.op, operation.on
    if op.name == "from_engine" and len(op.args) == 1:
        yield from _inspectors(operation)
    if op.name is None or on.name in _OPEN or op.name in _OTHERS or "subclass" in on.traits:
        return
    member = operation.function.project.catalog.member(on.name, on.is_async, op.name)
    if member is None or not member.deprecated or member.property != (op.do == "getattr"):
        return
    renamed = _RENAMED.get(op.name, "")
    rename = Rewrite(f"call it `{renamed}`", Applicability.SAFE, (Rename(op.at, renamed),))
    yield Report(
        op.at,
        f"`{on.name.title().replace('_', '')}.{op.name}` is deprecated since SQLAlchemy"
        f" {member.deprecated}",
        help=f"write `{renamed}()`" if renamed else _INSTEAD.get(op.name, "see the documentation"),
        rewrite=rename if renamed else None,
    )


def _inspectors(operation: Operation) -> Iterator[Report]:
    if not library_name(operation).endswith(".Inspector.from_engine"):
        return
    op = operation.op
    edits = (
        Replace(op.at, "{inspect}({0})", (op.args[0].at,)),
        Import("sqlalchemy", "inspect"),
    )
    yield Report(
        op.at,
        "`Inspector.from_engine()` is deprecated since SQLAlchemy 1.4",
        help="write `inspect(engine)`",
        rewrite=Rewrite("use `inspect()`", Applicability.SAFE, edits),
    )

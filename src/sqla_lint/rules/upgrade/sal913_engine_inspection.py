"""SAL913: tables asked of an engine."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Edit,
    Import,
    Operation,
    Rename,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    may_be_own,
    of_every_version,
    operations,
    receiver,
    rule,
)

_ASKED = {"table_names": "get_table_names", "has_table": "has_table"}
_RUNS = {
    "run_callable": "`with engine.connect() as conn: function(conn, ...)`",
    "transaction": "`with engine.begin() as conn: function(conn, ...)`",
    "contextual_connect": "`engine.connect()`",
}
_HANDLES = frozenset({kinds.ENGINE, kinds.CONNECTION})


@rule(
    "SAL913",
    "engine-inspection",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("call", names=(*_ASKED, *_RUNS, "reflecttable")),
)
@of_every_version
def engine_inspection(operation: Operation) -> Iterator[Report]:
    """An engine is asked for tables, or to run a function.

    ## What it does
    Reports `engine.table_names()`, `engine.has_table()`, `engine.run_callable()`,
    `engine.transaction()` and the same of a connection, and `inspector.reflecttable()`.

    ## Why is this bad?
    Removed in 2.0: `AttributeError`.

    ## Example
    ```python
    if not engine.has_table("users"):
        metadata.create_all(engine)
    ```

    ## Use instead
    ```python
    if not inspect(engine).has_table("users"):
        metadata.create_all(engine)
    ```

    ## Fix safety
    Safe: an Inspector answers the same, and exists in 1.4.

    ## Versions
    2.0 and 2.1.

    ## Limits
    Only receivers that are surely an engine, a connection or an inspector; a parameter without
    annotation is not, where a class of the project has a method of that name.

    ## References
    SQLAlchemy docs, "2.0 Migration": Engine.table_names() and has_table() use the Inspector.
    """
    op, on = operation.op, operation.on
    if operation.function.target < (2, 0) or on.is_async or "subclass" in on.traits:
        return
    if may_be_own(operation):
        return
    if on.name in _HANDLES and op.name in _ASKED:
        extra = any(arg.keyword not in (None, "schema", "table_name") for arg in op.args)
        edits: tuple[Edit, ...] = (
            Replace(receiver(op), "{inspect}({0})", (receiver(op),)),
            Rename(op.at, _ASKED[op.name]),
            Import("sqlalchemy", "inspect"),
        )
        yield Report(
            op.at,
            f"`{on.name.title()}.{op.name}()` was removed in SQLAlchemy 2.0: AttributeError",
            help=f"write `inspect(engine).{_ASKED[op.name]}(...)`",
            rewrite=None if extra else Rewrite("ask an Inspector", Applicability.SAFE, edits),
        )
    elif on.name in _HANDLES and op.name in _RUNS:
        yield Report(
            op.at,
            f"`{on.name.title()}.{op.name}()` was removed in SQLAlchemy 2.0: AttributeError",
            help=f"write {_RUNS[op.name]}",
        )
    elif on.name == kinds.INSPECTOR and op.name == "reflecttable":
        yield Report(
            op.at,
            "`Inspector.reflecttable()` was removed in SQLAlchemy 2.0: AttributeError",
            help="write `reflect_table(...)`",
            rewrite=Rewrite("rename it", Applicability.SAFE, (Rename(op.at, "reflect_table"),)),
        )

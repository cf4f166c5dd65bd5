"""SAL901: what the targeted SQLAlchemy no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Operation,
    Report,
    Severity,
    asks_for,
    is_guarded,
    of_database,
    of_every_version,
    operations,
    removed_member,
    removed_name,
    rule,
    sqlalchemy_name,
)

_INSTEAD = {
    "Binary": "use `LargeBinary`",
    "RowProxy": "use `sqlalchemy.engine.Row`",
    "LegacyRow": "use `sqlalchemy.engine.Row`",
    "ResultProxy": "use `sqlalchemy.engine.CursorResult`",
    "relation": "use `relationship`",
    "eagerload": "use `joinedload`",
    "ThreadLocalMetaData": "use `MetaData`",
    "RemovedIn20Warning": "use `sqlalchemy.exc.SADeprecationWarning`",
    "instrument_declarative": "use `registry().map_declaratively`",
    "subquery": "use `select(...).subquery()`",
    "autocommit": "begin transactions with `session.begin()`",
    "transaction": "use `get_transaction()`, or `in_transaction()`",
    "exists": "ask an Inspector: `inspect(engine).has_table(name)`",
    "close_all": "use `sqlalchemy.orm.close_all_sessions()`",
}
_RENAMED = {
    "append_whereclause": "where",
    "append_order_by": "order_by",
    "append_group_by": "group_by",
    "append_having": "having",
    "append_from": "select_from",
    "append_column": "add_columns",
}
_MAPPER = "sqlalchemy.orm.mapper"


@rule(
    "SAL901",
    "removed-api",
    severity=Severity.ERROR,
    versions="2.0, 2.1",
    on=of_database(operations("call", "getattr", "import")),
)
@of_every_version
def removed_api(operation: Operation) -> Iterator[Report]:
    """A name or a member that the targeted SQLAlchemy no longer has.

    ## What it does
    Reports imports of names, and members of engines, connections, sessions, queries, statements,
    tables and the like, that an older SQLAlchemy has and the targeted one has not.

    ## Why is this bad?
    `ImportError` or `AttributeError`.

    ## Example
    ```python
    from sqlalchemy.orm import relation
    ```

    ## Use instead
    ```python
    from sqlalchemy.orm import relationship
    ```

    ## Fix safety
    Safe where a member has only been renamed; otherwise no fix.

    ## Versions
    2.0 and 2.1.

    ## Limits
    An import in a `try`, or in a file that asks for the version, is left alone, and so is a member
    of what the function asks `hasattr` of. Idioms with a rule
    of their own (302, 903 to 919) are reported there.

    ## References
    SQLAlchemy docs, "2.0 Migration": the whole guide; "Changes and Migration".
    """
    op = operation.op
    member = removed_member(operation)
    if member is not None and not asks_for(operation):
        last = member.name.rpartition(".")[2]
        help_ = _INSTEAD.get(last, "see the migration guide")
        if last in _RENAMED:
            help_ = f"use the value of `{_RENAMED[last]}()`: it changes nothing in place"
        if last == "apply_labels":
            help_ = "write `set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)`"
        yield Report(
            op.at,
            f"`{member.name}` was removed in SQLAlchemy {member.since}: AttributeError",
            help=help_,
        )
        return
    removed = removed_name(operation)
    if removed is not None and not is_guarded(operation):
        last = removed.name.rpartition(".")[2]
        error = "ImportError" if op.do == "import" else "AttributeError"
        yield Report(
            op.at,
            f"`{removed.name}` was removed in SQLAlchemy {removed.since}: {error}",
            help=_INSTEAD.get(last, "see the migration guide"),
        )
    elif _maps(operation) and not is_guarded(operation):
        yield Report(
            op.at,
            "`mapper()` was removed in SQLAlchemy 2.0: InvalidRequestError",
            help="write `registry().map_imperatively(...)`",
        )


def _maps(operation: Operation) -> bool:
    called = operation.op.do == "call" and operation.function.target >= (2, 0)
    return called and sqlalchemy_name(operation) == _MAPPER

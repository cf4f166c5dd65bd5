"""SAL532: NOT IN over a subquery that may give NULL."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Note, Report, Severity, calls, kinds, null_in_subquery, rule


@rule(
    "SAL532",
    "not-in-with-null",
    group="preview",
    severity=Severity.WARNING,
    on=calls("in_", "not_in", "notin_", receivers=[kinds.COLUMN_EXPR]),
)
def not_in_with_null(call: Call) -> Iterator[Report]:
    """NOT IN over a subquery whose column may be NULL.

    ## What it does
    Reports `column.not_in(select(Model.other))`, `~column.in_(...)` and `not_(column.in_(...))`
    where `Model.other` may be NULL and no criterion of the subquery leaves the NULLs out.

    ## Why is this bad?
    `x NOT IN (1, NULL)` is unknown for every other `x`: as soon as one row has no value, the whole
    statement finds nothing, and says nothing.

    ## Example
    ```python
    select(Label).where(Label.id.not_in(select(Issue.label_id)))
    ```

    ## Use instead
    ```python
    used = select(Issue.label_id).where(Issue.label_id.is_not(None))
    select(Label).where(Label.id.not_in(used))
    ```

    ## Fix safety
    No fix: `NOT EXISTS` may be what is meant.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only subqueries of one mapped column that is known to allow NULL, and without joins, made in the
    same function or by one of the project that makes it in one way. Any comparison with that column
    leaves the NULLs out.

    ## References
    SQLAlchemy docs, "Operator Reference": NOT IN.
    """
    found = null_in_subquery(call)
    if found is None:
        return
    name = f"{found.model}.{found.column.name}"
    yield Report(
        call.at,
        f"`NOT IN` is true of no row as soon as one `{name}` of the subquery is NULL",
        help=f"add `.where({name}.is_not(None))` to the subquery, or use `~exists(...)`",
        steps=(
            Note(f"`{name}` may be NULL", found.column.at, found.column.path),
            Note("selected here", found.selected.at, found.path),
        ),
    )

"""SAL534: a WHERE makes an outer join an inner join."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Confidence, Report, Severity, calls, kinds, made_inner, rule


@rule(
    "SAL534",
    "outer-join-made-inner",
    severity=Severity.WARNING,
    on=calls(
        "outerjoin",
        "join",
        "outerjoin_from",
        "join_from",
        "select_from",
        receivers=(kinds.SELECT, kinds.QUERY),
    ),
)
def outer_join_made_inner(call: Call) -> Iterator[Report]:
    """A WHERE leaves out the rows that an outer join was written for.

    ## What it does
    Reports `outerjoin()`, `join(isouter=True)` and `full=True` where each way that the statement
    goes adds a criterion on the joined table that is true of no NULL: `Task.state == "open"`,
    `in_()`, `>`, `like()`, `is_(True)`, `and_()` of such. By default where the rows without a
    match would be seen, because the statement selects, counts or loads something of the joined
    table, or asks for what is not so (`Task.state != "done"`); with `--pedantic` also where the
    outer join may only be one too many.

    ## Why is this bad?
    A row without a match has NULL in every column of the joined table. WHERE is asked after the
    join, and `NULL = 'open'` is not true: the projects without a task are missing, not counted as
    0. The outer join is an inner join.

    ## Example
    ```python
    select(Project.name, func.count(Task.id)).outerjoin(Project.tasks).where(
        Task.state == "open"
    ).group_by(Project.name)
    ```

    ## Use instead
    ```python
    select(Project.name, func.count(Task.id)).outerjoin(
        Task, and_(Task.project_id == Project.id, Task.state == "open")
    ).group_by(Project.name)
    ```

    ## Fix safety
    No fix: the criterion may belong into the ON clause, or an inner join may be what is meant.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Followed through variables, helpers of the project and all its callers. Where one way asks
    nothing of the table, the criterion is a choice; where a criterion speaks of NULL
    (`or_(Task.id.is_(None), ...)`, `is_not(None)`), the author has thought of it. `filter_by()`,
    texts and functions of unknown libraries say nothing, nor does a comparison with a value that
    may be None, which becomes `IS NULL`.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": OUTER and FULL join. PostgreSQL docs, "Table
    Expressions": a restriction in the ON clause is processed before the join, one in the WHERE
    clause after it.
    """
    for found in made_inner(call):
        yield Report(
            found.at,
            f"this outer join is an inner join: `{found.column}` is NULL in the rows without a"
            f" `{found.target}`, and the WHERE is true of no NULL"
            + (", so they are lost again" if found.wanted else ""),
            help="move the criterion into the ON clause, or write `join()`",
            steps=found.steps,
            confidence=Confidence.PLAIN if found.wanted else Confidence.ANY_CALL,
        )

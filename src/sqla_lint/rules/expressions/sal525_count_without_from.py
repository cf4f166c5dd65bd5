"""SAL525: `select(func.count())` without a FROM."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import SENDING, Call, Report, Severity, rule


@rule("SAL525", "count-without-from", severity=Severity.ERROR, on=SENDING)
def count_without_from(call: Call) -> Iterator[Report]:
    """`func.count()` is selected from nothing.

    ## What it does
    Reports a `select(func.count())` or `session.query(func.count())` that runs without
    `select_from()`, a join or a criterion.

    ## Why is this bad?
    `SELECT count(*)` without a table counts the one row that a SELECT without FROM has: the answer
    is always 1.

    ## Example
    ```python
    session.scalar(select(func.count()))
    ```

    ## Use instead
    ```python
    session.scalar(select(func.count()).select_from(User))
    ```

    ## Fix safety
    No fix: the author must say what is to be counted.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    `func.count(User.id)` names its table and is fine.

    ## References
    SQLAlchemy docs, "SQL and Generic Functions": count; "SELECT and Related Constructs".
    """
    sent = call.runs()
    if sent is not None and "no-from" in sent[1].traits:
        yield Report(
            sent[0],
            "`count(*)` without a table is always 1",
            help="say what is counted: `.select_from(Model)`",
        )

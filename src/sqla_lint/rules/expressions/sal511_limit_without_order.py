"""SAL511: a page of rows in no particular order."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import SENDING, Call, Report, Severity, kinds, rule


@rule("SAL511", "limit-without-order", group="pedantic", severity=Severity.WARNING, on=SENDING)
def limit_without_order(call: Call) -> Iterator[Report]:
    """A page of rows is asked for, and nothing says in which order.

    ## What it does
    Reports statements and queries with `offset()` or `slice()` that run without `order_by()`.

    ## Why is this bad?
    Without ORDER BY the database may give the rows in any order, another one each time: the next
    page repeats some rows and leaves others out.

    ## Example
    ```python
    session.scalars(select(User).limit(20).offset(40)).all()
    ```

    ## Use instead
    ```python
    session.scalars(select(User).order_by(User.id).limit(20).offset(40)).all()
    ```

    ## Fix safety
    No fix: the order, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A `limit()` alone asks for any rows and is fine. Silent in tests.

    ## References
    SQLAlchemy docs, "SELECT and Related Constructs": Select.limit().
    """
    sent = call.runs()
    if sent is None or sent[1].name not in (kinds.SELECT, kinds.QUERY):
        return
    if {"paged", "unordered"} <= sent[1].traits and call.name not in ("count", "update", "delete"):
        if call.function.entry == "test":
            return
        yield Report(
            sent[0],
            "a page of rows without `order_by()`: which rows are on it, the database decides anew"
            " each time",
            help="add `order_by()` with a unique column at its end",
        )

"""SAL510: several models are selected and nothing joins them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Call,
    Kind,
    Operation,
    Ref,
    Report,
    Severity,
    handed_statement,
    kinds,
    operations,
    rule,
    unconnected,
)


@rule(
    "SAL510",
    "cartesian-product",
    severity=Severity.ERROR,
    on=operations("call", "next", present=[kinds.QUERY, kinds.SELECT]),
)
def cartesian_product(operation: Operation) -> Iterator[Report]:
    """Several models are selected, and nothing joins them.

    ## What it does
    Reports a `select(User, Address)` or `session.query(User)` that runs, or is looped over, with
    two mapped classes or tables, selected or named in a criterion, that neither a join nor a
    comparison connects. Also a `select(join(User, Address, ...))` with a criterion: only
    `select_from()` keeps the join.

    ## Why is this bad?
    Every row of one table comes with every row of the other: a thousand users and a thousand
    addresses give a million rows, most of them wrong. SQLAlchemy warns of a cartesian product at
    run time.

    ## Example
    ```python
    session.execute(select(User, Address)).all()
    ```

    ## Use instead
    ```python
    session.execute(select(User, Address).join(Address, Address.user_id == User.id)).all()
    ```

    ## Fix safety
    No fix: the author must say what belongs together.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Joins, criteria and relationships are followed through variables and branches of one function,
    and to functions of the project that run what they are given; where one of them is not
    understood (a union, a text, a subquery), nothing is said. What one branch joins counts as
    joined.

    ## References
    SQLAlchemy docs, "What's New in SQLAlchemy 1.4?": cartesian product detection.
    """
    call = operation.call
    sent = (call.runs() or _handed(call)) if call is not None else None
    ran: Call | Operation = operation if sent is None or call is None else call
    if sent is None:
        iterated = operation.iterates()
        if iterated is None or iterated[1].name != kinds.QUERY:
            return
        sent = (operation.at, iterated[1])
    if sent[1].name not in (kinds.SELECT, kinds.QUERY):
        return
    found = unconnected(ran)
    apart, steps = found if found is not None else (None, ())
    if apart is None and "apart" in sent[1].traits:
        apart = tuple(
            sorted({one.label.rpartition(":")[2].partition(".")[0] for one in sent[1].of})
        )
    if not apart:
        return
    listed = " and ".join(f"`{name}`" for name in apart)
    yield Report(
        sent[0],
        f"nothing joins {listed}: every row of one comes with every row of the other",
        help="join them, or add the criterion that does",
        steps=steps,
    )


def _handed(call: Call) -> tuple[Ref, Kind] | None:
    """A statement that a function of the project runs as it is."""
    given = handed_statement(call)
    return None if given is None else (given[0].at, given[1])

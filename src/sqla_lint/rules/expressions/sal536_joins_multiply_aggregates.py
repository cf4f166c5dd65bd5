"""SAL536: sums over two collections that are joined side by side."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, multiplied, rule


@rule(
    "SAL536",
    "joins-multiply-aggregates",
    group="preview",
    severity=Severity.ERROR,
    on=calls("join", "outerjoin", receivers=(kinds.SELECT, kinds.QUERY)),
)
def joins_multiply_aggregates(call: Call) -> Iterator[Report]:
    """Two collections of one table are joined side by side, and both are summed or counted.

    ## What it does
    Reports a statement that joins two one-to-many or many-to-many collections of the same class,
    and selects `sum()` or `count()` over columns of both.

    ## Why is this bad?
    The joins give one row for each pair: an invoice with 2 lines and 3 payments has 6. Each line is
    summed three times and each payment twice, without any error.

    ## Example
    ```python
    stmt = select(Invoice.id, func.sum(Line.amount), func.sum(Payment.amount))
    stmt = stmt.join(Invoice.lines).join(Invoice.payments).group_by(Invoice.id)
    ```

    ## Use instead
    ```python
    billed = select(func.sum(Line.amount)).where(Line.invoice_id == Invoice.id)
    paid = select(func.sum(Payment.amount)).where(Payment.invoice_id == Invoice.id)
    stmt = select(Invoice.id, billed.scalar_subquery(), paid.scalar_subquery())
    ```

    ## Fix safety
    No fix: each collection needs a subquery of its own.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only joins along relationships, or on one foreign key, of mapped classes without aliases.
    `distinct()` inside of an aggregate is left alone.

    ## References
    SQLAlchemy docs, "Working with Data": Using SELECT Statements, Scalar and Correlated Subqueries.
    """
    for found in multiplied(call):
        yield Report(
            found.at,
            f"each `{found.one}` of one `{found.parent}` is counted once for every"
            f" `{found.other}` of it, and the other way round: the sums are multiplied",
            help="sum each collection in a subquery of its own, grouped by the key of"
            f" `{found.parent}`",
            steps=found.steps,
        )

"""SAL538: an order behind that of a unique key."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, ordered_before, rule


@rule(
    "SAL538",
    "order-without-effect",
    group="preview",
    severity=Severity.WARNING,
    on=calls("order_by", receivers=(kinds.SELECT, kinds.QUERY)),
)
def order_without_effect(call: Call) -> Iterator[Report]:
    """`order_by()` is called on a statement that is already ordered by a unique key.

    ## What it does
    Reports an `order_by()` of a statement of one entity that another `order_by()`, also that of a
    function which has built it, orders by its primary key.

    ## Why is this bad?
    A second `order_by()` does not replace the first, it is added behind it. No two rows have the
    same key, so it never decides anything: the order that was asked for is ignored, and with a
    LIMIT other rows come.

    ## Example
    ```python
    stmt = select(Ticket).order_by(Ticket.id.desc())
    stmt = stmt.order_by(Ticket.priority)
    ```

    ## Use instead
    ```python
    stmt = select(Ticket)
    stmt = stmt.order_by(Ticket.priority, Ticket.id.desc())
    ```
    or `stmt.order_by(None).order_by(...)`, which drops the order before.

    ## Fix safety
    No fix: which of both orders is meant, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only statements of one mapped class without joins.

    ## References
    SQLAlchemy docs, "SELECT and Related Constructs": `Select.order_by()`.
    """
    before = ordered_before(call)
    if before is not None:
        yield Report(
            call.op.args[0].at,
            "this order has no effect: it is added behind that of a unique key",
            help="order by the key last, or drop the order before with `order_by(None)`",
            steps=(before,),
        )

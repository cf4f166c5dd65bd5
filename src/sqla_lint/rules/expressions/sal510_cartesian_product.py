"""SAL510: several models are selected and nothing joins them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, rule


@rule("SAL510", "cartesian-product", group="preview", severity=Severity.ERROR)
def cartesian_product(call: Call) -> Iterator[Report]:
    """Several models are selected, and nothing joins them.

    ## What it does
    Reports a `select(User, Address)` or `session.query(User, Address)` that runs without a
    `join()`, a criterion or a `select_from()`.

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
    Only whole models and their attributes, and only where there is neither a join nor any
    criterion; a criterion that leaves one of the models out is not seen.

    ## References
    SQLAlchemy docs, "What's New in SQLAlchemy 1.4?": cartesian product detection.
    """
    sent = call.runs()
    if sent is None or "apart" not in sent[1].traits:
        return
    names = sorted({one.label.rpartition(":")[2].partition(".")[0] for one in sent[1].of})
    listed = " and ".join(f"`{name}`" for name in names)
    yield Report(
        sent[0],
        f"nothing joins {listed}: every row of one comes with every row of the other",
        help="join them, or add the criterion that does",
    )

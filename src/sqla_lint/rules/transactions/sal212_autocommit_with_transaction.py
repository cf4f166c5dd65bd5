"""SAL212: a rollback on AUTOCOMMIT."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    AUTOCOMMIT_LATER,
    IN_TRANSACTIONS,
    NOTHING_TO_END,
    Confidence,
    Function,
    Report,
    Root,
    Severity,
    begun_in_vain,
    first_by_mark,
    kinds,
    rule,
)

_KINDS = (kinds.SESSION, kinds.CONNECTION)


@rule(
    "SAL212",
    "autocommit-with-transaction",
    severity=Severity.ERROR,
    on=IN_TRANSACTIONS,
)
def autocommit_with_transaction(function: Function) -> Iterator[Report]:
    """What is written on AUTOCOMMIT is to be one transaction.

    ## What it does
    Follows Connections with `isolation_level="AUTOCOMMIT"`, set on the connection or its engine,
    and Sessions bound to such an engine, and reports a `rollback()` after a write, and a `begin()`
    around several changes of rows.

    ## Why is this bad?
    On AUTOCOMMIT the database commits each statement by itself. `begin()` and `rollback()` are
    accepted and do nothing: when the second of two changes fails, the first one stays.

    ## Example
    ```python
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        try:
            conn.execute(debit)
            conn.execute(credit)
        except SQLAlchemyError:
            conn.rollback()
            raise
    ```

    ## Use instead
    ```python
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(debit)
        conn.execute(credit)
    ```

    ## Fix safety
    No fix: something else may need AUTOCOMMIT.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    An isolation level that is not written as a literal is not known. A rollback that only ends a
    block on the way of an exception is reported when the function writes it.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Understanding the DBAPI-Level
    Autocommit Isolation Level.
    """
    if function.entry in ("test", "fixture"):
        return
    roots = function.followed(*_KINDS)
    always = tuple(root for root in roots if "level-autocommit" in root.kind.traits)
    others = tuple(root for root in roots if root not in always)
    ends = (
        *function.solve(NOTHING_TO_END, always, Confidence.RESOURCE).ends,
        *function.solve(AUTOCOMMIT_LATER, others, Confidence.RESOURCE).ends,
    )
    said: set[Root] = set()
    for end in first_by_mark(ends, "fault"):
        if end.trail is None or end.trail.op.do != "call":
            continue
        said.add(end.root)
        name = function.name_of(end.root)
        yield Report(
            end.trail.op.at,
            f"{name} is on AUTOCOMMIT: nothing is rolled back, what was written stays",
            help="leave AUTOCOMMIT out where statements belong together",
            steps=function.path(end.trail),
            confidence=end.tier,
        )
    for root in always:
        begun = begun_in_vain(function, root) if root not in said else None
        if begun is not None:
            yield Report(
                begun.at,
                f"{function.name_of(root)} is on AUTOCOMMIT: this begins no transaction, each"
                " statement is committed by itself, and what is written before an error stays",
                help="leave AUTOCOMMIT out where statements belong together",
            )

"""SAL216: two transactions write in one unit of work."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    TWO_UNITS,
    Function,
    Report,
    Severity,
    apart,
    first_by_mark,
    other_writes,
    rule,
    written_by_helpers,
)


@rule(
    "SAL216", "mixed-transactions", group="preview", severity=Severity.WARNING, on=IN_TRANSACTIONS
)
def mixed_transactions(function: Function) -> Iterator[Report]:
    """A second connection or session writes while the first has not committed.

    ## What it does
    Follows two Sessions or Connections that a function makes on the same engine and reports a write
    on one of them while what the other has sent is not committed; also a call of a function of the
    project that writes in a transaction of its own.

    ## Why is this bad?
    They are two transactions: one may be committed and the other fail. The second does not see the
    rows of the first, waits for its locks, forever when both are the same thread, and on SQLite
    gives up with `database is locked`.

    ## Example
    ```python
    with Session(engine) as session, engine.begin() as conn:
        session.add(order)
        session.flush()
        conn.execute(insert(audit).values(order_id=order.id))
        session.commit()
    ```

    ## Use instead
    ```python
    with Session(engine) as session:
        session.add(order)
        session.flush()
        session.execute(insert(audit).values(order_id=order.id))
        session.commit()
    ```

    ## Fix safety
    No fix: which of the two is to do the work, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only objects that the same function makes, or a function that it calls, on an engine that has a
    name.

    ## References
    SQLAlchemy docs, "Transactions and Connection Management".
    """
    if function.entry in ("test", "fixture"):
        return
    roots = apart(function)
    for root in roots:
        writes = {*other_writes(function, root, roots), *written_by_helpers(function, root)}
        if not writes:
            continue
        solution = function.solve(TWO_UNITS, (root,), watched=dict.fromkeys(writes, "other"))
        for end in first_by_mark(solution.ends, "fault"):
            if end.trail is None:
                continue
            yield Report(
                end.trail.op.at,
                f"this writes in a transaction of its own while {function.name_of(root)} has not"
                " committed: they are not one unit, and may wait for each other's locks",
                help="do all of it on the same session",
                steps=function.path(end.trail),
            )
            return  # the other way round it is the same

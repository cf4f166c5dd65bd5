"""SAL217: work that goes past the session, to its engine."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    UNSEEN,
    Function,
    Report,
    Severity,
    bypasses,
    first_by_mark,
    kinds,
    rule,
)

_KINDS = (kinds.SESSION, kinds.SCOPED_SESSION)


@rule("SAL217", "bypassed-session", severity=Severity.ERROR, on=IN_TRANSACTIONS)
def bypassed_session(function: Function) -> Iterator[Report]:
    """A session has changes that are not committed, and its engine is asked instead of it.

    ## What it does
    Reports `session.bind` or `session.get_bind()` that is executed on, connected to or handed to
    pandas after the session was given changes it has not committed.

    ## Why is this bad?
    The engine hands out another connection, with another transaction: it does not see the rows of
    the session, waits for its locks, and what it writes is not rolled back with the session.

    ## Example
    ```python
    session.add(Order(total=10))
    session.flush()
    with session.get_bind().connect() as conn:
        total = conn.execute(text("SELECT sum(total) FROM orders")).scalar()
    ```

    ## Use instead
    ```python
    session.add(Order(total=10))
    session.flush()
    total = session.execute(text("SELECT sum(total) FROM orders")).scalar()
    ```

    ## Fix safety
    No fix: `session.execute()` or `session.connection()` takes the place of one or of several
    statements.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A session that is bound to a Connection gives that one, which is its own: not reported where the
    binding is seen.

    ## References
    SQLAlchemy docs, "Session API": Session.connection(), Session.get_bind().
    """
    if function.entry in ("test", "fixture"):
        return
    roots = tuple(
        root
        for root in dict.fromkeys(
            (
                *function.made(*_KINDS),
                *function.borrowed_in_block(*_KINDS),
                *function.handles(*_KINDS),
            )
        )
        if root.kind.owner != "joined"
    )
    for root in roots:
        past = bypasses(function, root)
        if not past:
            continue
        solution = function.solve(UNSEEN, (root,), watched=dict.fromkeys(past, "other"))
        for end in first_by_mark(solution.ends, "fault"):
            if end.trail is not None:
                name = function.name_of(root)
                yield Report(
                    end.trail.op.at,
                    f"this goes past {name}, over another connection: it does not see what {name}"
                    " has not committed",
                    help="use the session's own `execute()` or `connection()`",
                    steps=function.path(end.trail),
                )

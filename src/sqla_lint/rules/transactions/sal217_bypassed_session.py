"""SAL217: work that goes past the session, to its engine."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    UNSEEN,
    Applicability,
    Function,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    bypasses,
    first_by_mark,
    kinds,
    read_apart,
    rule,
)

_KINDS = (kinds.SESSION, kinds.SCOPED_SESSION)


@rule("SAL217", "bypassed-session", severity=Severity.ERROR, fix="unsafe", on=IN_TRANSACTIONS)
def bypassed_session(function: Function) -> Iterator[Report]:
    """A session has changes that are not committed, and its engine is asked instead of it.

    ## What it does
    Reports `session.bind` or `session.get_bind()` that is executed on, connected to or handed to
    pandas after the session was given changes it has not committed; and a read of a table that the
    session has changed, over another connection of the same engine.

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
    Unsafe: what is handed to pandas becomes `session.connection()`, which sees the session's rows,
    and flushes none that it has not sent. Elsewhere none: `session.execute()` takes the place of
    one or of several statements.

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
        beside = read_apart(function, root) - past
        if not past and not beside:
            continue
        watched = dict.fromkeys((*past, *beside), "other")
        for end in first_by_mark(function.solve(UNSEEN, (root,), watched=watched).ends, "fault"):
            if end.trail is None:
                continue
            op, name = end.trail.op, function.name_of(root)
            yield Report(
                op.at,
                f"this goes past {name}, over another connection: it does not see what {name}"
                " has not committed",
                help="use the session's own `execute()` or `connection()`",
                steps=function.path(end.trail),
                rewrite=_on_its_connection(function, op, name.strip("`")),
                group="preview" if function.position(op) in beside else None,
            )


def _on_its_connection(function: Function, op: Op, name: str) -> Rewrite | None:
    """`read_sql(query, session.bind)` on `session.connection()`."""
    for arg in op.args:
        made = function.maker(arg.value)
        asked = made is not None and made.op.name == "get_bind" and made.op.on == name
        if asked or arg.value == f"{name}.bind":
            edit = Replace(arg.at, f"{name}.connection()")
            return Rewrite(f"read over `{name}.connection()`", Applicability.UNSAFE, (edit,))
    return None

"""SAL207: `begin()` when a transaction has begun already."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    BEGIN_ONCE,
    BEGUN_ONCE,
    IN_TRANSACTIONS,
    SESSION_BEGIN_ONCE,
    Function,
    Report,
    Root,
    Severity,
    begun_by,
    ends_by_object,
    kinds,
    rule,
)


@rule("SAL207", "begin-after-autobegin", severity=Severity.ERROR, on=IN_TRANSACTIONS)
def begin_after_autobegin(function: Function) -> Iterator[Report]:
    """`begin()` is called where the Session or Connection is in a transaction already.

    ## What it does
    Follows Connections and Sessions and reports a `begin()` that comes after a statement, `add()`
    or another `begin()` without a commit or rollback in between.

    ## Why is this bad?
    Every first statement begins the transaction by itself: `InvalidRequestError: A transaction is
    already begun on this Session`, or `This connection has already initialized a SQLAlchemy
    Transaction() object`.

    ## Example
    ```python
    stock = session.scalar(select(Item.stock))
    with session.begin():
        session.add(Order())
    ```

    ## Use instead
    ```python
    with session.begin():
        stock = session.scalar(select(Item.stock))
        session.add(Order())
    ```

    ## Fix safety
    No fix: where the transaction is to begin, the author must say.

    ## Versions
    Sessions in 1.4, 2.0 and 2.1; Connections in 2.0 and 2.1, and in 1.4 with `future=True`.

    ## Limits
    What happened before the function was called is not known, but for FastAPI's dependencies. Of a
    session of a registry (`db.session`) the functions that are called before count, too.

    ## References
    SQLAlchemy docs, "Transactions and Connection Management": Commit as you go.
    """
    sessions = (*function.made(kinds.SESSION), *function.handles(kinds.SESSION))
    connections = (*function.made(kinds.CONNECTION), *function.handles(kinds.CONNECTION))
    modern = tuple(root for root in connections if not function.is_legacy(root.kind))
    begun = [
        root
        for root in function.borrowed_in_block(kinds.SESSION, kinds.CONNECTION)
        if "begin" in root.kind.traits and not function.is_legacy(root.kind)
    ]
    given = {root: by for root in sessions if (by := begun_by(function, root)) and _begins(root)}
    for end in ends_by_object(function.solve(BEGUN_ONCE, tuple(given)).ends, "fault"):
        if end.trail is not None:
            by = given[end.root].rpartition(":")[2]
            yield Report(
                end.trail.op.at,
                f"`{by}()` has run a statement on {function.name_of(end.root)} before, which began"
                " its transaction: `begin()` raises InvalidRequestError",
                help="leave `begin()` out and commit, or use a session of its own here",
                steps=function.path(end.trail),
            )
    sessions = tuple(root for root in sessions if root not in given)
    solved = (
        function.solve(BEGUN_ONCE, tuple(begun)),
        function.solve(SESSION_BEGIN_ONCE, tuple(r for r in sessions if _begins(r))),
        function.solve(SESSION_BEGIN_ONCE, tuple(filter(_begins, function.request_session()))),
        function.solve(BEGIN_ONCE, tuple(r for r in modern if _begins(r))),
    )
    for solution in solved:
        for end in ends_by_object(solution.ends, "fault"):
            if end.trail is None:
                continue
            name = function.name_of(end.root)
            yield Report(
                end.trail.op.at,
                f"{name} is in a transaction already: `begin()` raises InvalidRequestError",
                help="begin before the first statement, or leave `begin()` out and commit",
                steps=function.path(end.trail),
            )


def _begins(root: Root) -> bool:
    return not root.kind.traits & {"autocommit", "begin"}

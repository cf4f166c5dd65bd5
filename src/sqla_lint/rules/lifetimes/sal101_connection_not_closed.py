"""SAL101: a connection that some plain path leaves open."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    CONNECTION_LIFETIME,
    IN_TRANSACTIONS,
    LEGACY_CONNECTION_LIFETIME,
    End,
    Function,
    Report,
    Severity,
    enclosed,
    ends_by_object,
    ends_with_process,
    held_name,
    is_never_started,
    is_of_before,
    is_started,
    kinds,
    made_inside,
    rule,
)


@rule("SAL101", "connection-not-closed", severity=Severity.ERROR, fix="unsafe", on=IN_TRANSACTIONS)
def connection_not_closed(function: Function) -> Iterator[Report]:
    """A connection opened here is not closed on some path.

    ## What it does
    Follows every `Connection` or `AsyncConnection` that a function opens along all its paths, and
    reports one that reaches the end of the function open, without any exception being raised.

    ## Why is this bad?
    A connection that ran a statement has begun a transaction, and the two refer to each other:
    the garbage collector, not the end of the function, gives the connection back to the pool, and
    until it does the connection is checked out. Fifteen such calls are enough for
    `QueuePool limit of size 5 overflow 10 reached` (sqlalche.me/e/20/3o7r). Under asyncio the
    collector cannot give it back: the connection is terminated with an error message.

    ## Example
    ```python
    def count_users() -> int:
        conn = engine.connect()
        return conn.execute(text("SELECT count(*) FROM users")).scalar_one()
    ```

    ## Use instead
    ```python
    def count_users() -> int:
        with engine.connect() as conn:
            return conn.execute(text("SELECT count(*) FROM users")).scalar_one()
    ```

    ## Fix safety
    Unsafe: the `with` block closes the connection also where an exception leaves the function,
    and a result that is read after the block may be closed with it.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    A connection that is returned, yielded, stored, captured or handed to a function that is not
    known belongs to somebody else. Connections of a script's top level are not reported: they end
    with the process. Without a transaction (nothing was run, or it was committed; or the engine is
    1.4's own) a dropped connection goes back to the pool at once, except under asyncio; so does
    one of `raw_connection()`. A connection under asyncio that is neither awaited nor entered was
    never started, and holds nothing. Connections of tests, of command line commands and of what an
    application does as it stops are told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Basic Usage; "Connection Pooling".
    """
    if function.is_module:
        return
    for end in _left_open(function):
        uses = function.uses(end.root)
        name = held_name(end.root, function.name_of(end.root))
        closed = any("close" in use.happening.events for use in uses)
        where = "on some path" if closed else "at all"
        yield Report(
            function.op(end.root.position).at,
            f"{name} is not closed {where}: it stays checked out of the pool until the garbage"
            " collector finds it",
            help="open it in a `with` block, which closes it on every way out",
            steps=function.path(end.trail),
            rewrite=enclosed(function, end.root, uses),
            group="pedantic" if ends_with_process(function, end.root) else None,
            subject=function.op(end.root.position).at,
        )


def _left_open(function: Function) -> Iterator[End]:
    """Connections that reach the end of the function and then stay checked out."""
    found = (*function.made(kinds.CONNECTION), *made_inside(function, kinds.CONNECTION))
    roots = tuple(root for root in found if not is_started(function, root))
    legacy = tuple(root for root in roots if is_of_before(function, root))
    modern = tuple(root for root in roots if root not in legacy)
    for protocol, some in ((CONNECTION_LIFETIME, modern), (LEGACY_CONNECTION_LIFETIME, legacy)):
        solution = function.solve(protocol, some)
        held = [
            end
            for end in solution.ends
            if (end.state == "begun" or end.root.kind.is_async)
            and not is_never_started(function, end.root)
            # a StaticPool lends its only connection to everybody at once
            and "one-connection" not in end.root.kind.traits
        ]
        yield from ends_by_object(held, "return")

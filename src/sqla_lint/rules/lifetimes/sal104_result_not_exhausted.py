"""SAL104: a streaming result that is left half read."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Report, Severity, functions_with, half_read, kinds, rule


@rule(
    "SAL104",
    "result-not-exhausted",
    group="preview",
    severity=Severity.WARNING,
    on=functions_with(kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS),
)
def result_not_exhausted(function: Function) -> Iterator[Report]:
    """A streaming result is left half read on a transaction that goes on.

    ## What it does
    Reports results of `stream()`, `stream_results` or `yield_per` of which a function reads some
    rows and leaves the others, neither closing the result nor ending the transaction, which is
    somebody else's.

    ## Why is this bad?
    The rows wait in a cursor of the server. Dropping the result does not close it: it stays open,
    with what it holds, until the transaction ends. On PostgreSQL `TRUNCATE`, `ALTER TABLE` and
    `DROP TABLE` then fail in the same transaction: `cannot TRUNCATE "users" because it is being
    used by active queries in this session`. A MySQL driver reads all rows that are left first.

    ## Example
    ```python
    async def first_admin(session: AsyncSession) -> User | None:
        users = await session.stream_scalars(select(User))
        async for user in users:
            if user.is_admin():
                return user
        return None
    ```

    ## Use instead
    ```python
    async def first_admin(session: AsyncSession) -> User | None:
        users = await session.stream_scalars(select(User))
        try:
            async for user in users:
                if user.is_admin():
                    return user
            return None
        finally:
            await users.close()
    ```

    ## Fix safety
    No fix: the condition may belong into the statement, the result into a `finally`.

    ## Versions
    1.4, 2.0 and 2.1; drivers with server-side cursors: psycopg, psycopg2, asyncpg, mysqlclient.

    ## Limits
    Results that others are given, and those of a session or connection that the function ends, or
    that ends with its request, are not reported. What a Query loops over is not seen. Without these
    options a driver has fetched all rows, and a result that is dropped holds nothing: no
    connection, either.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Using Server Side Cursors.
    """
    for found in half_read(function):
        name = function.name_of(found.root)
        yield Report(
            function.op(found.end.mark).at,
            f"{name} is left half read: its cursor stays open on the server until the transaction"
            f" of {function.name_of(found.runner)} ends",
            help="read all of it, or close it in a `finally`",
            steps=function.path(found.end.trail),
            subject=function.op(found.root.position).at,
        )

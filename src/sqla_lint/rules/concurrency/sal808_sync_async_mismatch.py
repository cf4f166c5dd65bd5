"""SAL808: sync and async objects of SQLAlchemy put together."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Operation, Report, Severity, mismatches, of_database, operations, rule


@rule(
    "SAL808",
    "sync-async-mismatch",
    severity=Severity.ERROR,
    on=of_database(operations("enter", "next", "call")),
)
def sync_async_mismatch(operation: Operation) -> Iterator[Report]:
    """A sync object where SQLAlchemy's asyncio extension wants its own, or the reverse.

    ## What it does
    Reports `with AsyncSession()` and `async with Session()`, `for` over a streamed result and
    `async for` over a buffered one, sessions and factories bound to an engine of the other kind,
    `metadata.create_all(async_engine)` and `inspect(async_engine)`, listeners of an async engine,
    `run_sync(f())`, and methods that only the other kind of session has (`AsyncSession.query`).

    ## Why is this bad?
    The asyncio objects are wrappers with members of their own: `TypeError` (no context manager
    protocol), `ArgumentError: AsyncEngine expected`, `AsyncContextNotStarted`, `AttributeError`,
    `NotImplementedError: asynchronous events are not implemented`.

    ## Example
    ```python
    with AsyncSession(engine) as session:
        user = await session.get(User, 1)
    ```

    ## Use instead
    ```python
    async with AsyncSession(engine) as session:
        user = await session.get(User, 1)
    ```

    ## Fix safety
    No fix: which of both kinds is meant, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A driver that does not fit its engine is SAL311. Sync sessions that are handed over are only
    believed where they are made.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)".
    """
    for found in mismatches(operation):
        yield Report(found.at, found.message, help=found.help)

"""SAL801: a coroutine of an async session or connection that nobody awaits."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Applicability, Operation, Replace, Report, Rewrite, Severity, rule


@rule("SAL801", "missing-await", group="preview", severity=Severity.ERROR, fix="safe")
def missing_await(operation: Operation) -> Iterator[Report]:
    """A coroutine method of SQLAlchemy's asyncio objects is called as a statement, not awaited.

    ## What it does
    Reports `session.commit()`, `session.delete(x)`, `conn.execute(...)` and the like on an
    AsyncSession, AsyncConnection or AsyncEngine, where the coroutine is thrown away.

    ## Why is this bad?
    A coroutine that is not awaited does not run: nothing is executed, deleted or committed, and
    the only sign is a RuntimeWarning when it is collected. `add()` is no coroutine, but
    `delete()`, `merge()`, `refresh()` and `flush()` are.

    ## Example
    ```python
    session.add(user)
    session.commit()
    ```

    ## Use instead
    ```python
    session.add(user)
    await session.commit()
    ```

    ## Fix safety
    Safe inside `async def`: there is one possible intent. No fix is offered elsewhere.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A coroutine that is stored, returned or passed on may be awaited by somebody else.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Synopsis - ORM.
    """
    op = operation.op
    member = operation.member()
    if member is None or not op.discarded or not member.coroutine:
        return
    yield Report(
        op.at,
        f"`{op.name}()` of the asyncio {operation.on.name.lower()} is a coroutine that is not"
        " awaited: nothing happens",
        help=f"write `await` before it: `await {_shown(op.on)}.{op.name}(...)`",
        rewrite=Rewrite("await it", Applicability.SAFE, (Replace(op.at, "await {0}", (op.at,)),))
        if operation.function.is_async
        else None,
    )


def _shown(operand: object) -> str:
    return operand if isinstance(operand, str) and operand[0] != "%" else "..."

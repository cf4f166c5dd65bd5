"""SAL802: `await` on something that is no awaitable."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    rule,
)

_ASKED = frozenset(
    {kinds.SESSION, kinds.CONNECTION, kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.QUERY}
)


@rule("SAL802", "await-on-sync", group="preview", severity=Severity.ERROR, fix="safe")
def await_on_sync(operation: Operation) -> Iterator[Report]:
    """`await` on a call that is not a coroutine.

    ## What it does
    Reports `await session.add(...)`, `await result.scalars()` and every other `await` on a method
    of a Session, Connection or Result that returns its value at once.

    ## Why is this bad?
    `TypeError: object NoneType can't be used in 'await' expression`, after the call took effect.
    `execute()` of an AsyncSession gives an ordinary, buffered Result: only `stream()` gives one
    whose methods are awaited.

    ## Example
    ```python
    await session.add(user)
    ```

    ## Use instead
    ```python
    session.add(user)
    ```

    ## Fix safety
    Safe: the line raised before.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only methods that the catalog knows to be neither coroutines nor awaitable.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Using AsyncSession.
    """
    op = operation.op
    if op.do != "await":
        return
    call = operation.function.maker(op.on)
    if call is None or call.on.name not in _ASKED:
        return
    member = call.member()
    if member is None or member.coroutine or member.awaitable or not member.returns:
        return
    yield Report(
        op.at,
        f"`{call.op.name}()` is not a coroutine: `await` raises TypeError",
        help="leave the `await` out",
        rewrite=Rewrite(
            "remove `await`", Applicability.SAFE, (Replace(op.at, "{0}", (call.op.at,)),)
        ),
    )

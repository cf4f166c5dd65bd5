"""SAL801: a coroutine of an async session or connection that nobody awaits."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Function,
    Kind,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_closed_anyway,
    kinds,
    rule,
    unawaited,
)

_WORDS = {
    "format": "the text says `<coroutine object ...>`",
    "test": "it is always true",
    "next": "it cannot be iterated",
    "compare": "it is compared, not its result",
    "return": "its caller gets a coroutine object",
}
_OWN = frozenset({kinds.SESSION, kinds.CONNECTION, kinds.ENGINE, kinds.SCOPED_SESSION})


@rule("SAL801", "missing-await", severity=Severity.ERROR, fix="safe")
def missing_await(function: Function) -> Iterator[Report]:
    """A coroutine of SQLAlchemy's asyncio objects is called and not awaited.

    ## What it does
    Reports `session.commit()`, `session.delete(x)`, `conn.execute(...)` and the like on an
    AsyncSession, AsyncConnection or AsyncEngine, where the coroutine is thrown away, never read, or
    taken for its result: `session.scalar(q)` in a comparison, a string, an `if`, a loop, or with a
    method called on it. The same for methods that are kept and called later (`drop =
    session.delete`), for lists of coroutines that nobody reads, for coroutine functions of the
    project that use such a session, and for functions that return a coroutine of it.

    ## Why is this bad?
    A coroutine that is not awaited does not run: nothing is executed, deleted or committed, and
    the only sign is a RuntimeWarning when it is collected. Taken for its result it is always true,
    and `AttributeError: 'coroutine' object has no attribute ...`. `add()` is no coroutine, but
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
    A coroutine that is stored, returned or passed on may be awaited by somebody else. A `close()`
    of what is closed in any case, by the `async with` around it or by a `close()` that is awaited
    later, is told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Synopsis - ORM.
    """
    for found in unawaited(function):
        op = found.call
        whose = f" of the asyncio {_shown_kind(found.on)}" if found.on.name in _OWN else ""
        yield Report(
            op.at,
            f"`{_name(op)}()`{whose} is a coroutine that is not awaited: {_harm(found.use)}",
            help=f"write `await` before it: `await {_shown(op)}(...)`",
            rewrite=Rewrite(
                "await it", Applicability.SAFE, (Replace(op.at, "await {0}", (op.at,)),)
            )
            if function.is_async
            else None,
            group="pedantic"
            if found.use is None and is_closed_anyway(function, op, found.on)
            else None,
        )


def _harm(use: Op | None) -> str:
    if use is None:
        return "nothing happens"
    return _WORDS.get(use.do, "it has no result yet, and using it raises")


def _shown_kind(kind: Kind) -> str:
    return "session" if kind.name == kinds.SCOPED_SESSION else kind.name.lower()


def _name(op: Op) -> str:
    return op.name or str(op.on)


def _shown(op: Op) -> str:
    if op.name is None:
        return str(op.on)
    return f"{op.on if isinstance(op.on, str) and op.on[0] != '%' else '...'}.{op.name}"

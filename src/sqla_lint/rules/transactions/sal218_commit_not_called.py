"""SAL218: `session.commit` without its parentheses."""

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
    operations,
    rule,
)

_ENDS = frozenset({"commit", "rollback", "close", "flush", "remove", "expunge_all", "dispose"})
_KINDS = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION, kinds.TRANSACTION, kinds.ENGINE}
)


@rule(
    "SAL218",
    "commit-not-called",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("getattr", names=[*_ENDS]),
)
def commit_not_called(operation: Operation) -> Iterator[Report]:
    """A method such as `commit` is named, but not called.

    ## What it does
    Reports a statement that only names `commit`, `rollback`, `close` or `flush` of a Session,
    Connection or transaction.

    ## Why is this bad?
    Nothing happens, and nothing is said: what was to be committed is rolled back later.

    ## Example
    ```python
    session.add(user)
    session.commit
    ```

    ## Use instead
    ```python
    session.add(user)
    session.commit()
    ```

    ## Fix safety
    Safe: the statement has no other possible intent.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    A method that is passed on as a callback is a value, not a statement.

    ## References
    SQLAlchemy docs, "Session Basics": Committing.
    """
    op = operation.op
    if op.do != "getattr" or not op.discarded or op.name not in _ENDS:
        return
    if operation.on.name not in _KINDS:
        return
    member = operation.function.project.catalog.member(
        operation.on.name, operation.on.is_async, op.name
    )
    if member is None or member.property:
        return
    wait = "await " if member.coroutine else ""
    fits = not wait or operation.function.is_async
    yield Report(
        op.at,
        f"`{op.on}.{op.name}` is not called: the statement does nothing",
        help=f"call it: `{wait}{op.on}.{op.name}()`",
        rewrite=Rewrite(
            "call it", Applicability.SAFE, (Replace(op.at, f"{wait}{{0}}()", (op.at,)),)
        )
        if fits
        else None,
    )

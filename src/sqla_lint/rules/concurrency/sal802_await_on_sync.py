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
    awaited_chains,
    is_only_annotated,
    kinds,
    operations,
    rule,
)

_VALUES = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.ROW, kinds.ENTITY})
_ASKED = frozenset(
    {kinds.SESSION, kinds.CONNECTION, kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.QUERY}
)


@rule(
    "SAL802",
    "await-on-sync",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("await"),
)
def await_on_sync(operation: Operation) -> Iterator[Report]:
    """`await` on a call that is not a coroutine.

    ## What it does
    Reports `await session.add(...)`, `await result.scalars()` and every other `await` on a method
    of a Session, Connection or Result that returns its value at once; `await` on a result that was
    awaited before; and `await session.scalars(q).all()`, which awaits what `all()` gives.

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
    Only methods that the catalog knows to be neither coroutines nor awaitable. Where nothing but an
    annotation says that an object is no async one, it may be the annotation that is wrong.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Using AsyncSession.
    """
    op = operation.op
    if op.do != "await":
        return
    yield from _chained(operation)
    call = operation.function.maker(op.on)
    if call is None and operation.on.name in _VALUES and not operation.on.is_async:
        yield Report(
            op.at,
            f"`{op.on}` is no coroutine but a {operation.on.name.lower()}: `await` raises"
            " TypeError",
            help="leave the `await` out",
        )
    if call is None or call.on.name not in _ASKED:
        return
    member = call.member()
    if member is None or member.coroutine or member.awaitable or not member.returns:
        return
    twin = operation.function.project.catalog.member(call.on.name, True, call.op.name or "")
    waits = twin is not None and (twin.coroutine or twin.awaitable) and not call.on.is_async
    if waits and is_only_annotated(operation.function, call.op.on):
        return
    yield Report(
        op.at,
        f"`{call.op.name}()` is not a coroutine: `await` raises TypeError",
        help="leave the `await` out",
        rewrite=Rewrite(
            "remove `await`", Applicability.SAFE, (Replace(op.at, "{0}", (call.op.at,)),)
        ),
    )


def _chained(operation: Operation) -> Iterator[Report]:
    """`await` binds less than a call: it awaits the last call of the chain."""
    for coroutine, calls, awaited in awaited_chains(operation.function):
        if awaited is not operation.op:
            continue
        template, refs = "(await {0})", [coroutine.at]
        for call in calls:
            words = []
            for arg in call.op.args:
                words.append((f"{arg.keyword}=" if arg.keyword else "") + f"{{{len(refs)}}}")
                refs.append(arg.at)
            template += f".{call.op.name}({', '.join(words)})"
        plain = not any(arg.star for call in calls for arg in call.op.args)
        rewrite = Rewrite(
            "await the coroutine first",
            Applicability.SAFE,
            (Replace(awaited.at, template, tuple(refs)),),
        )
        yield Report(
            awaited.at,
            f"`await` is for the whole chain: `{calls[0].op.name}()` is called on the coroutine"
            f" that `{coroutine.op.name or coroutine.op.on}()` gives, and raises AttributeError",
            help=f"put it in parentheses: `(await ...).{calls[0].op.name}()`",
            rewrite=rewrite if plain else None,
        )

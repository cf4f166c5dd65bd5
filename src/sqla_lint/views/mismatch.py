"""Sync objects where async ones belong, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Ref
from sqla_lint.project.kind import NAME, Kind, dotted_label
from sqla_lint.views.function import Operation
from sqla_lint.views.hearsay import is_only_annotated


class Mismatch(NamedTuple):
    """Where, what happens, and what to write instead."""

    at: Ref
    message: str
    help: str


_ENTERED = frozenset(
    {kinds.SESSION, kinds.CONNECTION, kinds.TRANSACTION, kinds.SAVEPOINT, kinds.CONTEXT_MANAGER}
)
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION, kinds.TRANSACTION, kinds.SAVEPOINT})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_BOUND = frozenset({kinds.ENGINE, kinds.CONNECTION})
_SCHEMA = frozenset({kinds.METADATA, kinds.TABLE})
_DDL = frozenset({"create_all", "drop_all", "reflect", "create", "drop"})
_OWNERS = frozenset({kinds.SESSION, kinds.CONNECTION, kinds.ENGINE})
_UNCERTAIN = frozenset({"unknown-class", "subclass"})
# Another rule says how statements are run on an engine.
_ELSEWHERE = frozenset({"execute", "scalar", "scalars"})
_LISTENERS = frozenset({"sqlalchemy.event.listen", "sqlalchemy.event.listens_for"})


def mismatches(operation: Operation) -> Iterator[Mismatch]:
    """What does not fit in one operation."""
    if operation.op.do == "enter":
        yield from _entered(operation)
    elif operation.op.do == "next":
        yield from _iterated(operation)
    elif operation.op.do == "call":
        yield from _bound(operation)
        yield from _schema(operation)
        yield from _run_sync(operation)
        yield from _member(operation)
        yield from _listener(operation)


def _entered(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    wants_async = op.name == "async"
    if on.name not in _ENTERED or on.is_async == wants_async or _UNCERTAIN & on.traits:
        return
    if on.name == kinds.CONTEXT_MANAGER:
        if not on.of or on.of[0].name not in _LENT or on.label.startswith("contextlib."):
            return
        if _UNCERTAIN & on.of[0].traits:
            return
        what = f"the context manager of the {_named(on.of[0])}"
    elif on.owner != "local" and on.name in (kinds.SESSION, kinds.CONNECTION):
        return  # an annotation may say less than is true
    else:
        what = f"the {_named(on)}"
    if wants_async and is_only_annotated(operation.function, op.on):
        return
    if wants_async:
        yield Mismatch(
            op.at,
            f"{what} is synchronous: `async with` raises TypeError",
            "use `with`, or an async engine and session",
        )
    else:
        yield Mismatch(
            op.at,
            f"{what} is asynchronous: `with` raises TypeError",
            "use `async with`",
        )


def _iterated(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    if on.name not in _RESULTS or on.is_async == (op.name == "async"):
        return
    made = operation.function.maker(op.on)
    if made is None and not on.is_async:
        return
    if on.is_async:
        yield Mismatch(
            op.at,
            "a streamed result is asynchronous: `for` raises TypeError",
            "use `async for`",
        )
    else:
        yield Mismatch(
            op.at,
            "the result of `execute()` is buffered and synchronous: `async for` raises TypeError",
            "use `for`, or `stream()` instead of `execute()`",
        )


def _bound(operation: Operation) -> Iterator[Mismatch]:
    op, on, made = operation.op, operation.on, operation.result
    if op.name is not None and on.name != NAME:
        return
    if on.name not in (NAME, kinds.SESSION_FACTORY) or _UNCERTAIN & made.traits:
        return
    if made.name not in (kinds.SESSION, kinds.SESSION_FACTORY):
        return
    is_async = made.of[0].is_async if made.name == kinds.SESSION_FACTORY and made.of else (
        made.is_async
    )  # fmt: skip
    bind = _bind(operation, positional=on.name == NAME)
    if bind is None or bind[1].is_async == is_async:
        return
    if is_async and is_only_annotated(operation.function, bind[0].value):
        return
    factory = "factory of " if made.name == kinds.SESSION_FACTORY else ""
    if is_async:
        yield Mismatch(
            bind[0].at,
            f"this {factory}AsyncSession is bound to a sync {_named(bind[1])}: using it raises"
            " ArgumentError",
            "make the engine with `create_async_engine()`",
        )
    else:
        yield Mismatch(
            bind[0].at,
            f"this {factory}sync Session is bound to an async {_named(bind[1])}: its statements"
            " raise AsyncContextNotStarted",
            "use `AsyncSession`, `async_sessionmaker` or `class_=AsyncSession`",
        )


def _bind(operation: Operation, *, positional: bool) -> tuple[Arg, Kind] | None:
    for position, (arg, kind) in enumerate(
        zip(operation.op.args, operation.arg_kinds, strict=True)
    ):
        first = positional and position == 0 and arg.keyword is None and not arg.star
        if (first or arg.keyword == "bind") and kind.name in _BOUND:
            return arg, kind
    return None


def _schema(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    inspects = on.name == NAME and dotted_label(on, op.name) in (
        "sqlalchemy.inspect",
        "sqlalchemy.inspection.inspect",
    )
    if not inspects and (on.name not in _SCHEMA or op.name not in _DDL):
        return
    for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
        if kind.name in _BOUND and kind.is_async:
            called = op.name or "inspect"
            yield Mismatch(
                arg.at,
                f"`{called}()` is synchronous and is given an async {_named(kind)}: it raises"
                f" {'NoInspectionAvailable' if inspects else 'AttributeError'}",
                f"`await conn.run_sync(...)` with `{called}` on an AsyncConnection",
            )


def _run_sync(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    if op.name != "run_sync" or on.name not in _OWNERS or not on.is_async or not op.args:
        return
    given, kind = op.args[0], operation.arg_kinds[0]
    made = operation.function.maker(given.value)
    if made is not None and made.op.do == "call":
        if made.on.name in _SCHEMA or kind.name in (kinds.NONE, kinds.COROUTINE):
            yield Mismatch(
                given.at,
                "`run_sync()` is given the result of a call: the call runs outside of it, and"
                " raises",
                "hand over the function itself, without calling it",
            )
    elif kind.name == kinds.FUNCTION:
        entry = operation.function.project.knowledge.functions.get(kind.label)
        if entry is not None and entry[1].is_async and not entry[1].is_generator:
            yield Mismatch(
                given.at,
                "`run_sync()` is given a coroutine function: its coroutine is never awaited",
                "make it a plain `def` that takes the sync session or connection",
            )


def _member(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    if op.name is None or on.name not in _OWNERS or _UNCERTAIN & on.traits:
        return
    if on.name == kinds.ENGINE and op.name in _ELSEWHERE:
        return
    catalog = operation.function.project.catalog
    if catalog.member(on.name, on.is_async, op.name) is not None:
        return
    if catalog.member(on.name, not on.is_async, op.name) is None:
        return
    if on.is_async:
        yield Mismatch(
            op.at,
            f"an async {_named(on)} has no `{op.name}()`: AttributeError",
            "use `select()` and `await session.execute()`"
            if op.name == "query"
            else "use what the asyncio extension has, or `run_sync()`",
        )
    elif on.owner == "local":
        yield Mismatch(
            op.at,
            f"only an async {_named(on)} has `{op.name}()`: AttributeError",
            "use an async engine and session",
        )


def _listener(operation: Operation) -> Iterator[Mismatch]:
    op, on = operation.op, operation.on
    label = dotted_label(on, op.name)
    if on.name != NAME or label not in _LISTENERS or not op.args:
        return
    kind = operation.arg_kinds[0]
    if kind.name in _OWNERS and kind.is_async:
        inner = "sync_session" if kind.name == kinds.SESSION else f"sync_{_named(kind)}"
        yield Mismatch(
            op.args[0].at,
            f"events of an async {_named(kind)} are not implemented: NotImplementedError",
            f"listen to its `.{inner}`",
        )


def _named(kind: Kind) -> str:
    return kind.name.lower()

"""SAL107: a connection or session used after its close."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    CONNECTION_AFTER_CLOSE,
    IN_TRANSACTIONS,
    SESSION_AFTER_CLOSE,
    UNREAD_OUT,
    End,
    Function,
    Op,
    Report,
    Root,
    Severity,
    ends_by_object,
    is_command,
    kinds,
    rule,
    streamed,
)


@rule("SAL107", "use-after-close", severity=Severity.ERROR, on=IN_TRANSACTIONS)
def use_after_close(function: Function) -> Iterator[Report]:
    """A connection or session is used after it was closed.

    ## What it does
    Follows Connections and Sessions past their `close()` or the end of their `with` block, and
    reports a statement that is then run on one, and entities that are then read from a result that
    was not read before. Of a Connection also a stream that is read or returned then: what
    `stream()`, `yield_per` or `stream_results` gives.

    ## Why is this bad?
    A closed Connection raises `ResourceClosedError`. A closed Session works: it takes a connection
    again, which nobody gives back. Reading entities from a result of a closed Session raises
    `InvalidRequestError`, since its identity map is gone. The rows of a stream are still on the
    server: their cursor is closed with the connection.

    ## Example
    ```python
    with engine.connect() as conn:
        total = conn.execute(text("SELECT count(*) FROM users")).scalar_one()
    oldest = conn.execute(text("SELECT max(age) FROM users")).scalar_one()
    ```

    ## Use instead
    ```python
    with engine.connect() as conn:
        total = conn.execute(text("SELECT count(*) FROM users")).scalar_one()
        oldest = conn.execute(text("SELECT max(age) FROM users")).scalar_one()
    ```

    ## Fix safety
    No fix: whether the statement or the close is at the wrong place, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    A Session that is used again and then closed again is in order; one that a command of a command
    line uses again is told with `--pedantic`, since its process ends. Rows of columns may be read
    after the close with drivers that fetch them beforehand, which most do. An AsyncSession has read
    all rows before it gives a result, unless it was asked for a stream.

    ## References
    SQLAlchemy docs, "Session Basics": Closing; "Working with Engines and Connections".
    """
    if function.is_module:
        return
    for end in ends_by_object(function.solve(UNREAD_OUT, _streaming(function)).ends, "fault"):
        for step in _steps(end):
            if step.do in ("return", "next", "call") and _reads_stream(function, step):
                yield Report(
                    step.at,
                    f"{function.name_of(end.root)} is closed before this stream is read: its rows"
                    " are still on the server, and its cursor is closed",
                    help="read it inside the block: `rows = result.all()`, or loop over it there",
                    steps=function.path(end.trail),
                )
                break
    for end in _ends(function):
        op = _last(end)
        if op is None or not _closed_here(end):
            continue
        name = function.name_of(end.root)
        if end.state == "stale" and not _gives_entities(function, op, end.root):
            continue
        yield Report(
            op.at if end.state != "again" else function.op(end.mark).at,
            _MESSAGES[end.state].format(name),
            help="do it before the close, inside the `with` block",
            steps=function.path(end.trail),
            # what a command takes again goes back when its process ends
            group="pedantic" if end.state == "again" and is_command(function) else None,
        )


_MESSAGES = {
    "used": "{} is closed here: this raises ResourceClosedError",
    "again": "{} was closed: it takes a connection again, which nothing gives back",
    "stale": "{} was closed before this result was read: its entities raise InvalidRequestError",
}


def _ends(function: Function) -> Iterator[End]:
    connections = (
        *function.made(kinds.CONNECTION),
        *function.entered(kinds.CONNECTION),
        *(root for root in function.handles(kinds.CONNECTION) if _stays(function, root)),
    )
    sessions = (*function.made(kinds.SESSION), *function.entered(kinds.SESSION))
    yield from ends_by_object(function.solve(CONNECTION_AFTER_CLOSE, connections).ends, "fault")
    yield from ends_by_object(function.solve(SESSION_AFTER_CLOSE, sessions).ends, "fault", "return")


def _stays(function: Function, root: Root) -> bool:
    """The name means the same object all along: no method of its holder may put another there."""
    holder, dot, _ = root.place.rpartition(".")
    return not dot or not any(
        op.do == "call" and (op.on == holder or any(arg.value == holder for arg in op.args))
        for _, _, op in function.positions
    )


def _streaming(function: Function) -> tuple[Root, ...]:
    roots = (*function.made(kinds.CONNECTION), *function.entered(kinds.CONNECTION))
    fetched_later = bool(roots) and bool(streamed(function))
    return tuple(root for root in roots if root.kind.is_async or fetched_later)


def _steps(end: End) -> Iterator[Op]:
    trail = end.trail
    while trail is not None:
        yield trail.op
        trail = trail.before


def _reads_stream(function: Function, op: Op) -> bool:
    """It returns or reads what `stream()`, or a statement with `yield_per`, gave."""
    return any(use.op is op for root in streamed(function) for use in function.uses(root)) or any(
        kind.is_async and kind.name in (kinds.RESULT, kinds.SCALARS)
        for operation in function.operations()
        if operation.op is op
        for kind in (operation.on, *operation.arg_kinds)
    )


def _last(end: End) -> Op | None:
    return end.trail.op if end.trail is not None else None


def _closed_here(end: End) -> bool:
    """A callee that may close it may also not."""
    trail = end.trail
    while trail is not None and trail.what != "close":
        trail = trail.before
    return trail is not None and (
        trail.op.do in ("leave", "await") or trail.op.name in ("close", "aclose")
    )


def _gives_entities(function: Function, op: Op, session: Root) -> bool:
    """Entities are made when the result is read. An AsyncSession has read it already, unless it was
    asked for a stream."""
    for operation in function.operations():
        if operation.op is op:
            read = (operation.on, *operation.arg_kinds)
            return any(
                of.name == kinds.MAPPED_CLASS
                for kind in read
                if kind.name in (kinds.RESULT, kinds.SCALARS)
                and (kind.is_async or not session.kind.is_async)
                for of in kind.of
            )
    return False

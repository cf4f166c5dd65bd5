"""SAL105: a dependency that closes its session only when nothing raised."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    LENT_AND_HELD,
    Confidence,
    End,
    Function,
    Note,
    Report,
    Severity,
    ends_by_object,
    is_left_open,
    kinds,
    left_on_request,
    left_when_raised,
    relent,
    rule,
)


@rule(
    "SAL105",
    "dependency-without-finally",
    severity=Severity.ERROR,
    on=IN_TRANSACTIONS,
)
def dependency_without_finally(function: Function) -> Iterator[Report]:
    """A generator closes what it lent after the `yield`, without `finally` or `with`.

    ## What it does
    Reports generators (FastAPI dependencies, `@contextmanager` functions) that make a Session or
    Connection, yield it, and close it in a statement that an exception skips, or not at all. Also
    dependencies that return a new one, and that no route closes, and functions that Pyramid's
    `add_request_method` was given and that return a new one, which nobody closes; a new Session
    that is put on the request (`request.state.db`, `g.db`, aiohttp's `request["db"]`) and that
    nobody closes, or nobody when a route raises; an `__exit__` that commits what its `__enter__`
    made when nothing was raised, and else leaves it open. With `--pedantic` also an asynchronous
    generator that yields what `async for` over another one gives it, which leaves that one open
    when something raises.

    ## Why is this bad?
    An exception of the route or of the `with` body is raised at the `yield`: everything after it is
    skipped. Each failing request keeps a connection until the garbage collector finds it. What
    `async for` leaves open, the event loop closes soon afterwards: no `except` in it sees the
    exception, and the failure is answered before its rollback.

    ## Example
    ```python
    def get_db():
        db = SessionLocal()
        yield db
        db.close()
    ```

    ## Use instead
    ```python
    def get_db():
        with SessionLocal() as db:
            yield db
    ```

    ## Fix safety
    No fix: what belongs into the block, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    pytest fixtures are not reported: their teardown runs all the same.

    ## References
    Python docs, contextlib.contextmanager; FastAPI docs, "Dependencies with yield".
    """
    if function.entry in ("fixture", "test"):
        return
    for stored in left_on_request(function):
        yield Report(
            stored.made.at,
            f"nothing closes `{stored.place}`: its connection stays checked out until the garbage"
            " collector finds it"
            if stored.handed is None
            else f"`{stored.place}` is not closed when a route raises: its connection stays checked"
            " out until the garbage collector finds it",
            help="close it in a `finally` around the call of the routes",
            steps=()
            if stored.handed is None
            else (Note("the routes are called here", stored.handed.at),),
        )
    for left in left_when_raised(function):
        yield Report(
            left.commit.at,
            f"`{left.place}` is left in its transaction when the block of `with` raises: its"
            " connection stays checked out until the garbage collector finds it",
            help="close it on every way out of `__exit__`, which rolls back what is not committed",
        )
    if not function.is_generator:
        yield from _returned(function)
        return
    for again in relent(function):
        yield Report(
            again.loop.at,
            f"`async for` does not close the generator that lends `{again.name}` when what borrows"
            f" it from `{function.qualname}` raises: the event loop closes it later, and its"
            " handlers do not see the exception",
            help="loop in `async with aclosing(...)`, or enter `asynccontextmanager(...)()`",
            steps=(Note("it is lent on here", again.lent.at),),
            group="pedantic",
        )
    roots = function.made(kinds.SESSION, kinds.CONNECTION)
    solution = function.solve(LENT_AND_HELD, roots, Confidence.RESOURCE)
    plain = {end.root for end in solution.ends if end.way == "return"}
    skipped = [end for end in solution.ends if _skips_close(function, end)]
    for end in ends_by_object(skipped, "raise"):
        name = function.name_of(end.root)
        message = (
            f"{name} is not closed when its borrower raises: what follows the `yield` is skipped"
        )
        if end.root in plain:
            if not function.lends or function.borrowers_close():
                continue
            message = f"{name} is lent and never closed: its connection stays checked out until the"
            message += " garbage collector finds it"
        yield Report(
            function.op(end.mark).at,
            message,
            help="close it in a `finally`, or make it in a `with` block around the `yield`",
            steps=function.path(end.trail),
        )


def _skips_close(function: Function, end: End) -> bool:
    """The borrower raises; or a `close()` is there, which a failing commit before it skips."""
    trail = end.trail
    while trail is not None and trail.what != "raises":
        trail = trail.before
    if trail is None or trail.op.do == "yield":
        return True
    return any(
        use.op.do == "call" and "close" in use.happening.events for use in function.uses(end.root)
    )


def _returned(function: Function) -> Iterator[Report]:
    """A dependency that is no generator cannot close what it gives, and no route does; nor can
    what makes an attribute of Pyramid's requests."""
    if function.is_dependency and not function.borrowers_close():
        what, instead = "is a dependency", "yield it from a `with` block"
    elif is_left_open(function):
        what = "makes what is kept on a request"
        instead = "close it in a callback: `request.add_finished_callback(...)`"
    else:
        return
    for operation in function.operations():
        op, kind = operation.op, operation.on
        if op.do == "return" and kind.name in _NAMES and kind.owner == "local":
            yield Report(
                op.at,
                f"`{function.qualname}` {what} and returns a new {_NAMES[kind.name]},"
                " which nobody closes: its connection stays checked out until the garbage"
                " collector finds it",
                help=instead,
            )


_NAMES = {kinds.SESSION: "session", kinds.CONNECTION: "connection"}

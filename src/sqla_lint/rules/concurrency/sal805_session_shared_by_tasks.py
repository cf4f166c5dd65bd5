"""SAL805: one AsyncSession in several tasks at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Note, Report, Severity, kinds, rule, shared_by_tasks


@rule("SAL805", "session-shared-by-tasks", severity=Severity.ERROR)
def session_shared_by_tasks(function: Function) -> Iterator[Report]:
    """Several tasks use one AsyncSession or AsyncConnection at the same time.

    ## What it does
    Reports `asyncio.gather()`, task groups and `create_task()` when more than one of the coroutines
    uses the same async session or connection: directly, as an argument, as `self.session` of the
    object whose methods they are, or from a context variable, which each task inherits; or when it
    loads what they await of its objects (`user.awaitable_attrs.posts`). Also a helper of the
    project that runs what it is given in several tasks, and a function that goes on using the
    session while a task of it still runs.

    ## Why is this bad?
    An AsyncSession is one conversation on one connection. Two tasks in it raise
    `InvalidRequestError` (concurrent operations are not permitted, or the session is already
    flushing), `IllegalStateChangeError` or the driver's own error, or lose rows; sometimes nothing
    happens, until the pool has to connect. They gain nothing: statements of one connection wait for
    each other.

    ## Example
    ```python
    users, orders = await asyncio.gather(
        session.scalars(select(User)),
        session.scalars(select(Order)),
    )
    ```

    ## Use instead
    ```python
    users = await session.scalars(select(User))
    orders = await session.scalars(select(Order))
    ```

    ## Fix safety
    No fix: whether the statements should run one after the other, or in sessions of their own, the
    author must say.

    ## Versions
    1.4 (silently wrong), 2.0 and 2.1.

    ## Limits
    Coroutines of unknown functions, functions that take a lock, and helpers of whose tasks an
    unknown number runs at once, are not reported; nor are tasks that only ask, on a connection, or
    in a session that has asked before and so has its connection; nor what is awaited of objects
    that a function is given. Where they only ask, in a session that the function was given, and
    something was awaited before which may have asked, that is told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Using AsyncSession with Concurrent Tasks.
    """
    for shared in shared_by_tasks(function):
        what = "connection" if shared.handle.kind.name == kinds.CONNECTION else "session"
        name = shared.handle.name.partition(":")[2] or shared.handle.name
        yield Report(
            shared.at.at,
            f"`{name}` is used by several tasks at the same time: an async {what} raises"
            " InvalidRequestError or loses what they wrote",
            help=f"await one after the other, or give each task a {what} of its own",
            steps=tuple(Note("used by this task", work.op.at) for work in shared.works),
            group=None if shared.sure else "pedantic",
        )

"""SAL810: a registry of one session per thread, where many tasks share a thread."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Operation,
    Report,
    Severity,
    functions_with,
    keeps_tasks,
    kinds,
    rule,
    shares_its_loop,
)

# Threads are not what tells its sessions apart.
_SCOPED_OTHERWISE = frozenset({"own-scope", "request-scoped"})


_WORK = frozenset(
    {"add", "add_all", "delete", "merge", "flush", "query", "get", "get_one", "scalars", "scalar"}
    | {"exec", "bulk_save_objects", "refresh"}
)


@rule(
    "SAL810",
    "thread-local-registry-in-async",
    severity=Severity.ERROR,
    on=functions_with(kinds.SCOPED_SESSION),
)
def thread_local_registry_in_async(function: Function) -> Iterator[Report]:
    """A `scoped_session` in coroutines, or over AsyncSession.

    ## What it does
    Reports `scoped_session(...)` over a factory of AsyncSession, and the use of a `scoped_session`
    without a `scopefunc` in an `async def` that shares its event loop with others; and an
    `async_scoped_session` by `current_task` of a program with many tasks, in which nothing ever
    calls `remove()` before it ends.

    ## Why is this bad?
    A `scoped_session` keeps one session for each thread, and all tasks of an event loop run in one
    thread: requests see and commit each other's changes, and `remove()` of one takes the session
    away from all. Over AsyncSession its `remove()` closes nothing: the coroutine is not awaited.
    A registry by task keeps each task and its session, with all of its objects, until `remove()`.

    ## Example
    ```python
    Session = scoped_session(sessionmaker(async_engine, class_=AsyncSession))
    ```

    ## Use instead
    ```python
    Session = async_scoped_session(
        sessionmaker(async_engine, class_=AsyncSession), scopefunc=asyncio.current_task
    )
    ```

    ## Fix safety
    No fix: a session for each task, handed on as an argument, is often better than a registry.

    ## Versions
    1.4, 2.0 and 2.1 (deprecated there).

    ## Limits
    Flask-SQLAlchemy's `db.session` belongs to the application context, and is not reported. A
    coroutine that only runs SQL text, or commits, is told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)": Using asyncio scoped session.
    """
    for call in function.calls():
        if keeps_tasks(call):
            yield Report(
                call.at,
                "nothing calls `remove()` as tasks end: this registry keeps every task that has"
                " asked for a session, and its session, as long as the program runs",
                help="call `await ....remove()` where the task ends, or make a session in each task"
                " with the factory itself",
            )
        if call.result.name != kinds.SCOPED_SESSION or not call.library_name.endswith(
            ".scoped_session"
        ):
            continue
        factory = call.argument(0, "session_factory")
        if factory is not None and factory[1].is_async:
            yield Report(
                call.at,
                "a `scoped_session` of AsyncSession is one session for all tasks of a thread, and"
                " its `remove()` closes nothing",
                help="use `async_scoped_session(..., scopefunc=asyncio.current_task)`, or a session"
                " for each task",
            )
    if not function.is_async:
        return
    uses = [
        operation
        for operation in function.operations()
        if operation.op.do == "call"
        and operation.on.name in (kinds.SCOPED_SESSION, kinds.SESSION)
        and operation.on.owner == "registry"
        and not operation.on.is_async
        and not _SCOPED_OTHERWISE & operation.on.traits
    ]
    if uses and shares_its_loop(function):
        uses.sort(key=lambda operation: operation.at)
        yield Report(
            uses[0].at,
            f"`{uses[0].op.on}` is one session for all tasks of this thread: they see and commit"
            " each other's changes",
            help="make a session in each coroutine: `with SessionLocal() as session:`, or an async"
            " one",
            steps=tuple(Note("used here", one.at) for one in uses[1:8]),
            # what loads no object and changes none leaves nothing that others could meet
            group=None if any(_is_work(one) for one in uses) else "pedantic",
        )


def _is_work(use: Operation) -> bool:
    """A use that loads or changes objects, or runs a statement that may."""
    if use.op.name != "execute":
        return use.op.name in _WORK
    return bool(use.arg_kinds) and use.arg_kinds[0].name != kinds.TEXT

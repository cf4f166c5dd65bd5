"""SAL807: one Session or Connection in several threads."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    kinds,
    loaded_by_threads,
    made_of_module,
    made_of_object,
    option_text,
    rule,
    shared_by_threads,
    used_by,
    way_of,
)


@rule("SAL807", "session-shared-by-threads", severity=Severity.ERROR)
def session_shared_by_threads(function: Function) -> Iterator[Report]:
    """A thread or process uses a session or connection that others use, too.

    ## What it does
    Reports `Thread(target=work, args=(session,))`, `executor.submit(work, session)`,
    `executor.map(...)`, `multiprocessing`, scheduler jobs and `asyncio.to_thread()` beside others,
    also by a helper of the project that runs what it is given several times at once, where the
    session or connection is handed over, itself or by a bound method (`session.commit`), captured,
    kept on `self` or made by the module, and is used by another thread as well; and where each of
    several threads is given an object of one session, and loads an attribute of it.

    ## Why is this bad?
    A Session is not safe for threads: writes get lost, `InvalidRequestError`, `ResourceClosedError`
    and `PendingRollbackError` arrive in threads that did nothing wrong, and SQLite refuses:
    `ProgrammingError: SQLite objects created in a thread can only be used in that same thread`.

    ## Example
    ```python
    with ThreadPoolExecutor() as pool:
        pool.map(lambda user_id: rename(session, user_id), user_ids)
    ```

    ## Use instead
    ```python
    def rename_one(user_id: int) -> None:
        with Session(engine) as session:
            rename(session, user_id)


    with ThreadPoolExecutor() as pool:
        pool.map(rename_one, user_ids)
    ```

    ## Fix safety
    No fix: where the session of a thread begins and ends, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A `scoped_session`, a factory and an engine may be shared and are not reported, nor is a single
    `await asyncio.to_thread(...)`, which waits. A session that only one thread uses is not either.

    ## References
    SQLAlchemy docs, "Session Basics": Is the Session thread-safe?
    """
    for shared in shared_by_threads(function):
        what = "connection" if shared.handle.kind.name == kinds.CONNECTION else "session"
        name = shared.handle.name.partition(":")[2] or shared.handle.name
        where = "process" if shared.works[0].where == "process" else "thread"
        yield Report(
            shared.at.at,
            f"`{name}` is used by this {where} and by others: a {what} is not safe for"
            f" {where}{'es' if where == 'process' else 's'}, it raises or loses writes",
            help=f"make the {what} in the function that the {where} runs",
            steps=(
                *made_of_module(function, shared.handle),
                *made_of_object(function, shared.handle),
                *(Note(f"used by this {where}", work.op.at) for work in shared.works),
                *used_by(function, shared.works[0], shared.handle),
            ),
        )
    for load in loaded_by_threads(function):
        yield Report(
            load.op.at,
            f"several threads load `{load.model}.{load.reach.last.name}` here, through the one"
            " session of their objects: a session is not safe for threads",
            help="load it with the objects, before the threads start: "
            f"`.options({option_text(load.origin, load.reach)})`",
            steps=way_of(function, load),
            group="preview",
        )

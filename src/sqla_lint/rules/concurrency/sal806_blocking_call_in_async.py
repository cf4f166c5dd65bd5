"""SAL806: synchronous database work in a coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Blocking,
    Function,
    Note,
    Report,
    blocking,
    has_company,
    kinds,
    rule,
)

# A path of more stops than this tells nothing new.
_STOPS = 10


@rule(
    "SAL806",
    "blocking-call-in-async",
    convention=True,
)
def blocking_call_in_async(function: Function) -> Iterator[Report]:
    """A coroutine waits for the database with a synchronous session, connection or engine.

    ## What it does
    Reports the first call in an `async def` that runs a statement, commits or connects through a
    sync Session, Connection or Engine, itself or through a function of the project, where requests,
    handlers or tasks share the event loop. The other calls are the steps of the finding.

    ## Why is this bad?
    A synchronous call does not give the event loop back: until the database has answered, no other
    request, timer or heartbeat is served. One slow query stops the whole process.

    ## Example
    ```python
    @app.get("/users")
    async def users(db: Session = Depends(get_db)):
        return db.scalars(select(User)).all()
    ```

    ## Use instead
    ```python
    @app.get("/users")
    def users(db: Session = Depends(get_db)):
        return db.scalars(select(User)).all()
    ```

    ## Fix safety
    No fix: a plain `def`, `run_in_threadpool()`, or an async engine throughout, the author decides.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Work in `run_sync()`, `asyncio.to_thread()` and executors is not reported, nor are tests,
    notebooks, what only runs when an application starts or stops, Flask's coroutines, and programs
    that run one coroutine only. Where no route, handler or task is seen to lead to the coroutine,
    it may have the loop for itself: that is told with `--pedantic`. Who asks whether a session or
    engine is a synchronous one means to wait for it.
    More than eight in one file, or some in more than eight files, are told as one a file, with
    `--pedantic` each.

    ## References
    SQLAlchemy docs, "Asynchronous I/O (asyncio)" · FastAPI docs, "Concurrency and async / await".
    """
    first, *others = blocking(function) or (None,)
    if first is None:
        return
    yield Report(
        first.op.at,
        f"{_what(first)} blocks the event loop until the database answers: all other coroutines"
        " wait",
        help="make the function a plain `def` (FastAPI runs it in a thread), move the work into"
        " `run_in_threadpool()` or `asyncio.to_thread()`, or use an async session",
        steps=tuple(Note("this blocks, too", one.op.at) for one in others[:_STOPS] if one),
        group=None if has_company(function) else "pedantic",
    )


def _what(found: Blocking) -> str:
    if found.through:
        name = found.through.rpartition(":")[2].rpartition(".")[2]
        return f"`{name}()` uses a sync session or connection: it"
    if found.op.do == "next":
        return "this query"
    kind = "session" if found.on.name == kinds.SCOPED_SESSION else found.on.name.lower()
    return f"`{found.op.name}()` of this sync {kind}"

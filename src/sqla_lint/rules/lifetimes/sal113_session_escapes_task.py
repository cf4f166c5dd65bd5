"""SAL113: a session or entity given to work that outlives it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    baked,
    escaping,
    escaping_entities,
    kinds,
    rule,
    sent_to_redis,
)

_LATER = {
    "background": "after the response",
    "queue": "in another process",
    "thread": "in a thread that nobody waits for",
    "task": "in a task that nobody waits for",
    "process": "in another process",
}
_HARMS = {
    "sent": "it cannot be serialized, or arrives detached",
    "changed": "what is changed there may never be written",
    "expired": "its attributes have expired with the commit and cannot be read there",
    "relationship": "its relationships cannot be loaded there",
}


@rule("SAL113", "session-escapes-task", group="preview", severity=Severity.ERROR)
def session_escapes_task(function: Function) -> Iterator[Report]:
    """A session, or an entity of it, is given to work that runs on when the session is closed.

    ## What it does
    Reports a request's session, or one that this function closes, given to a background task, a
    thread, an asyncio task or a queue that nobody here waits for; and entities given to such work
    when it changes them or reads what must be loaded, put into the session cookie of Flask or
    Starlette, or sent to Redis as they are.

    ## Why is this bad?
    The framework, or the `with`, closes the session while the work still uses it: it fails, or the
    closed session takes a new connection that nobody gives back. Entities are detached or expired
    by then: `DetachedInstanceError`, or a change that is never written. A cookie is JSON:
    `TypeError: Object of type User is not JSON serializable`; Redis takes bytes, text and numbers:
    `DataError: Invalid input of type: 'User'`.

    ## Example
    ```python
    @app.post("/users")
    def create(background: BackgroundTasks, db: Session = Depends(get_db)):
        background.add_task(send_report, db)
    ```

    ## Use instead
    ```python
    def send_report():
        with Session(engine) as db:
            send(db.scalars(select(User)).all())


    @app.post("/users")
    def create(background: BackgroundTasks):
        background.add_task(send_report)
    ```

    ## Fix safety
    No fix: the work must make a session of its own and load what it needs by primary key.

    ## Versions
    1.4, 2.0 and 2.1; FastAPI closes dependencies before background tasks run from 0.106 to 0.117.

    ## Limits
    Entities given to functions that are not part of the project are only reported for queues. What
    such work surely cannot read is told by SAL108, SAL803 and SAL804.

    ## References
    SQLAlchemy docs, "Session Basics": Is the Session thread-safe? · FastAPI docs, "Dependencies
    with yield".
    """
    told = set()
    for work, handle in escaping(function):
        told.add(work.position)
        what = "connection" if handle.kind.name == kinds.CONNECTION else "session"
        name = handle.name.partition(":")[2] or handle.name
        yield Report(
            handle.at,
            f"`{name}` is used {_LATER[work.where]}: the {what} may be closed by then",
            help=f"let the work make a {what} of its own",
        )
    for work, handed, harm in escaping_entities(function):
        if work.position in told:
            continue  # they go with their session
        yield Report(
            handed.at,
            f"`{handed.value}` is used {_LATER[work.where]}: {_HARMS[harm.what]}",
            help="hand over its primary key, and load it there in a session of its own",
            steps=() if harm.op is None else (Note("used here", harm.op.at, harm.path),),
        )
    for one in baked(function):
        what = f"`{one.value}`" if str(one.value).isidentifier() else "an object of a mapped class"
        yield Report(
            one.op.at,
            f"{what} is put into the session cookie, which is JSON: this raises TypeError when the"
            " response is sent",
            help="keep its primary key there, and load it in each request",
        )
    for one in sent_to_redis(function):
        what = f"`{one.value}`" if str(one.value).isidentifier() else "an object of a mapped class"
        yield Report(
            one.op.at,
            f"{what} is sent to Redis, which takes bytes, text and numbers: this raises DataError",
            help="send its primary key, or the plain values that are needed, as JSON",
        )

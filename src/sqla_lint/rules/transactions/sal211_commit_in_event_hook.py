"""SAL211: a listener that commits, flushes or adds inside the flush that called it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    WRITTEN,
    Function,
    Note,
    Operation,
    Report,
    Severity,
    changes_of_others,
    given_sessions,
    kinds,
    listens_for,
    own_changes,
    rule,
    unloaded_reads,
)

_ENDS = frozenset({"commit", "rollback", "close"})
_CHANGES = frozenset({"add", "add_all", "delete", "merge"})
_RUNS = frozenset({"execute", "scalar", "scalars", "get", "flush", "refresh", "query"})
_MAPPER = "inside the flush, what it does is lost or an error"
_FLUSHING = "the Session is flushing: this raises"
_COMMITTED = "the transaction has just been committed: this raises"
# event → what must not be called on the session, and why
_REFUSED: dict[str, tuple[frozenset[str], str]] = {
    "before_flush": (_ENDS | {"flush"}, _FLUSHING),
    "after_flush": (_ENDS | {"flush"}, _FLUSHING),
    "after_flush_postexec": (frozenset({"flush"}), _FLUSHING),
    "after_commit": (_RUNS | {"commit"}, _COMMITTED),
}
_ROWS = frozenset(
    {
        "before_insert",
        "after_insert",
        "before_update",
        "after_update",
        "before_delete",
        "after_delete",
    }
)


@rule("SAL211", "commit-in-event-hook", severity=Severity.ERROR)
def commit_in_event_hook(function: Function) -> Iterator[Report]:
    """A listener works on the Session that is just being flushed or committed.

    ## What it does
    Looks at functions that `event.listens_for` or `event.listen` registers. In mapper events
    (`before_insert`, `after_update`, …) it reports `add()`, `delete()`, `merge()`, `flush()` and
    `commit()` on a session that was there before, and changed attributes of objects to which a
    relationship of the object at hand leads, or which that session has loaded; in `after_insert`
    and `after_update` also columns of the object itself, unless SQL is sent; in `before_flush`
    and `after_flush` a `flush()`, `commit()` or `rollback()`; in `after_flush_postexec` a
    `flush()`; in `after_commit` everything that sends SQL, also the first read of a relationship of
    an object that the function around the listener has made or loaded.

    ## Why is this bad?
    In mapper events the plan of the flush is made already: what is added there is warned about and
    may never be written. When the row is written, what is set on its object is forgotten at the end
    of the flush: the object has the value until it is loaded again, the row never. `flush()` raises
    `Session is already flushing`, `commit()` ends the transaction under the flush that is running,
    and in `after_commit` there is none.

    ## Example
    ```python
    @event.listens_for(Document, "after_insert")
    def log_insert(mapper, connection, target):
        object_session(target).add(History(document_id=target.id))
    ```

    ## Use instead
    ```python
    @event.listens_for(Document, "after_insert")
    def log_insert(mapper, connection, target):
        connection.execute(insert(History).values(document_id=target.id))
    ```

    ## Fix safety
    No fix: whether the work belongs in `before_flush` or on the connection, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Queries are fine and not reported, but for those in `after_commit`. A session that the listener
    makes itself is its own. Columns for which the database has a value of its own may be set to it.

    ## References
    SQLAlchemy docs, "Tracking queries, object and Session Changes with Events": Persistence Events.
    """
    events = listens_for(function)
    if not events:
        return
    if events <= _ROWS:
        event = min(events)
        for op, name in changes_of_others(function):
            yield Report(
                op.at,
                f"`{name}.{op.name}` is set in a listener for `{event}`: the plan of the flush is"
                " made, and what is changed on other objects now is not written",
                help="update its row over the connection the listener is given, or set it in"
                " `before_flush`",
            )
    if events <= WRITTEN:
        event = min(events)
        for own in own_changes(function):
            yield Report(
                own.op.at,
                f"`{own.name}` is set in a listener for `{event}`: its row is written already, and"
                " the flush forgets the change at its end",
                help=f"set it in `{event.replace('after', 'before')}`, or update the row over the"
                " connection the listener is given",
                steps=(Note("set here", own.inside[0].at, own.inside[1]),) if own.inside else (),
            )
    if "after_commit" in events:
        for read in unloaded_reads(function):
            yield Report(
                read.op.at,
                f"`{read.name}` is read in a listener for `after_commit`, and nothing has loaded"
                " it: the session sends no SQL in this state and raises InvalidRequestError",
                help="read it before the commit, and hand the value to the listener",
                steps=(Note("the object comes from here", read.made.at),),
            )
    for operation in given_sessions(function):
        for event in sorted(events):
            found = _said(event, operation)
            if found:
                yield Report(
                    operation.at,
                    f"`{operation.op.name}()` in a listener for `{event}`: {found}",
                    help="use the connection the listener is given, or do it in `before_flush`"
                    if event in _ROWS
                    else "leave the end of the transaction to whoever began it",
                )
                break


def _said(event: str, operation: Operation) -> str:
    name = operation.op.name
    if operation.on.name not in (kinds.SESSION, kinds.SCOPED_SESSION):
        return ""
    if event in _ROWS:
        return _MAPPER if name in _ENDS | _CHANGES | {"flush"} else ""
    refused, why = _REFUSED.get(event, (frozenset(), ""))
    return why if name in refused else ""

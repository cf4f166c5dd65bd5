"""SAL214: a task about a row is sent before the row is committed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    SENT_TOO_EARLY,
    Applicability,
    Delete,
    End,
    Function,
    Insert,
    Report,
    Rewrite,
    Severity,
    behind_commit,
    first_by_mark,
    kinds,
    messages,
    rule,
    sending_calls,
)

_KINDS = (kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)


@rule(
    "SAL214",
    "task-before-commit",
    group="preview",
    severity=Severity.ERROR,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def task_before_commit(function: Function) -> Iterator[Report]:
    """A message is sent between a write and its commit.

    ## What it does
    Knows the calls that hand work to another process (`.delay()` and `.apply_async()` of a Celery
    task, `.send()` of a Dramatiq actor, `Queue.enqueue`, producers of Kafka), and reports one with
    something of its own in it that runs after a write and before the `commit()` of the same
    function.

    ## Why is this bad?
    The worker may be faster than the commit: it looks for a row that is not there yet, or reads the
    old one. When the commit fails, the message is out all the same.

    ## Example
    ```python
    session.add(order)
    session.flush()
    send_receipt.delay(order.id)
    session.commit()
    ```

    ## Use instead
    ```python
    session.add(order)
    session.commit()
    send_receipt.delay(order.id)
    ```

    ## Fix safety
    Unsafe: a message that cannot be sent no longer stops the commit. Only where nothing but work on
    the session stands between, and attributes can be loaded again.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only where the same function commits afterwards; it may send by a function of the project that
    is given the object, or something of it. `BackgroundTasks` run after the response.

    ## References
    SQLAlchemy docs, "Session Basics": Committing; Celery docs, "Tasks": Database transactions.
    """
    if function.entry in ("test", "fixture"):
        return
    sent = messages(function)
    if not sent:
        return
    roots = function.followed(*_KINDS)
    solution = function.solve(SENT_TOO_EARLY, roots, watched=dict.fromkeys(sent, "send"))
    for end in first_by_mark(solution.ends, "fault"):
        yield Report(
            function.op(end.mark).at,
            f"`{sent[end.mark]}` is sent before {function.name_of(end.root)} commits: the worker"
            " may look for rows that are not there yet",
            help="send it after the commit",
            steps=function.path(end.trail),
            rewrite=_after_the_commit(function, end),
        )


def _after_the_commit(function: Function, end: End) -> Rewrite | None:
    if end.mark not in sending_calls(function):
        return None  # what the function that sends it reads before, nobody knows here
    commit = end.trail.op if end.trail is not None else None
    if commit is not None and commit.do == "await":
        made = function.maker(commit.on)
        commit = made.op if made is not None else None
    move = behind_commit(function, end.root, end.mark, commit) if commit is not None else None
    if move is None:
        return None
    edits = (Delete(move.of), Insert(move.to, "after", "{0}", (move.of,)))
    return Rewrite("send it after the commit", Applicability.UNSAFE, edits)

"""SAL222: a change of an object that belongs to no session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    changed_alone,
    drained_loops,
    functions_with,
    kinds,
    rule,
)


@rule(
    "SAL222",
    "detached-change",
    severity=Severity.WARNING,
    group="preview",
    on=functions_with(kinds.ENTITY),
)
def detached_change(function: Function) -> Iterator[Report]:
    """An object that has left its session is changed, and another session commits.

    ## What it does
    Follows mapped objects out of the session that loaded or saved them: to the end of its block,
    through the function or dependency that gives them or the attribute that keeps them, past
    `expunge()` and `close()`. Reports an assignment to a column of such an object when a session
    commits afterwards that the object is neither added to nor merged into. Reports a
    loop over loaded objects that changes each, and takes all of them out of the session on the way.

    ## Why is this bad?
    A session writes what changes of the objects that belong to it. This one belongs to none: the
    commit succeeds, the object has the new value, and the row keeps the old one.

    ## Example
    ```python
    with Session() as session:
        user = session.scalars(select(User).where(User.name == name)).one()

    with Session.begin() as session:
        user.failed_logins += 1
        session.add(Login(user_id=user.id))
    ```

    ## Use instead
    ```python
    with Session.begin() as session:
        user = session.scalars(select(User).where(User.name == name)).one()
        user.failed_logins += 1
        session.add(Login(user_id=user.id))
    ```

    ## Fix safety
    No fix: the object may be added, merged, or loaded in the transaction, and that is another lock
    and another version of the row each time.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only objects whose session is known to be closed on every way. Silent where some way hands the
    object to a session, to whom it is related to, or to somebody unknown; where a statement or a
    helper with the session may write the change; where a value that is changed before the block is
    read or returned; and in tests.

    ## References
    SQLAlchemy docs, "State Management": Quickie Intro to Object States; Merging.
    """
    if function.is_test_code:
        return
    for drained in drained_loops(function):
        there = drained.there
        yield Report(
            drained.change.at,
            f"this `{drained.model}` belongs to no session any more when an earlier turn of the"
            " loop has emptied it, with all that the loop goes through: what is set is never"
            " written",
            help="leave out what empties the session, or load the objects part by part",
            steps=(
                Note("the session is emptied here", drained.emptied.at),
                *((Note("by this", there[0].at, there[1]),) if there is not None else ()),
                Note("changed here, in the next turn", drained.change.at),
            ),
        )
    for lost in changed_alone(function):
        steps = [Note("changed here", lost.op.at)]
        if lost.left is not None:
            steps.insert(0, Note("it leaves its session here", lost.left.at, lost.path))
        steps += [Note("changed here, too", op.at) for op in lost.more]
        if lost.passes is not None:
            steps.append(Note("committed here, without it", lost.passes.at))
        what = f"`{lost.name}`" if lost.name else "what is set here"
        yield Report(
            lost.op.at,
            f"this `{lost.model}` belongs to no session, its own is closed: {what} is never"
            " written, although a session commits afterwards",
            help="load it in the session that commits, or hand it over: `session.add()`",
            steps=tuple(steps),
        )

"""SAL210: a full rollback for one row that failed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    EARLIER_WORK,
    IN_TRANSACTIONS,
    Applicability,
    AroundSavepoint,
    Confidence,
    Delete,
    Enclose,
    End,
    Function,
    Note,
    Op,
    Report,
    Rewrite,
    Severity,
    around_savepoints,
    first_by_mark,
    is_of_one_unit,
    kinds,
    lost_to_helper,
    risky_part,
    rule,
)

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION)


@rule(
    "SAL210",
    "savepoint-missing",
    severity=Severity.WARNING,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def savepoint_missing(function: Function) -> Iterator[Report]:
    """A rollback meant for one failed row loses the rows before it, too.

    ## What it does
    Reports the rollback of a Session in a handler around a `begin_nested()` block, or in place of
    the savepoint's own `rollback()`, where rows were added before, also by earlier turns of a loop
    or earlier calls. In preview also follows Sessions
    that have flushed work they have not committed, meet a failing flush in a
    `try`, roll back in the handler, and commit later as if the earlier work were still there. Also
    helpers that answer an IntegrityError with a rollback of the session they are given, and return,
    when a caller has added something to it before.

    ## Why is this bad?
    `rollback()` ends the whole transaction: every row that was flushed since the last commit is
    gone, without a message, and only what comes afterwards is committed.

    ## Example
    ```python
    for name in names:
        try:
            session.add(Tag(name=name))
            session.flush()
        except IntegrityError:
            session.rollback()
    session.commit()
    ```

    ## Use instead
    ```python
    for name in names:
        try:
            with session.begin_nested():
                session.add(Tag(name=name))
        except IntegrityError:
            pass
    session.commit()
    ```

    ## Fix safety
    Unsafe: what was added since the last flush, up to the statement that may fail, is put into the
    savepoint, and the rollback goes; more, or less, may belong together. None where it was added
    before the `try`, nor in helpers.

    ## Versions
    1.4, 2.0 and 2.1, sync and async. In 1.4 without `future=True` the rollback of a Session ends
    only the savepoint that was begun by hand.

    ## Limits
    Only work that the same function has flushed, or that a direct caller of such a helper has added
    itself.

    ## References
    SQLAlchemy docs, "Transactions and Connection Management": Using SAVEPOINT.
    """
    if function.entry in ("test", "fixture"):
        return
    ends = function.solve(EARLIER_WORK, function.followed(*_SESSIONS), Confidence.RESOURCE).ends
    for end in first_by_mark(ends, "fault"):
        if is_of_one_unit(function, end):
            continue
        name = function.name_of(end.root)
        yield Report(
            function.op(end.mark).at,
            f"this rolls back everything {name} flushed before, not only what failed: the commit"
            " that follows does not write it",
            help="do what may fail in a `begin_nested()` block, and catch outside of it",
            steps=function.path(end.trail),
            rewrite=_savepoint(function, end),
            confidence=Confidence.RESOURCE,
            group="preview",
        )
    for lost in lost_to_helper(function):
        yield Report(
            lost.rollback.at,
            f"this rolls back all of the caller's `{lost.session}`, not only what failed here:"
            f" what `{lost.caller}` has added to it is lost without a message",
            help="do what may fail in a `begin_nested()` block, and catch outside of it",
            steps=(
                Note(f"added in `{lost.caller}`, and not committed", lost.added.at, lost.path),
                Note("the helper is called", lost.call.at, lost.path),
                Note("rolled back here", lost.rollback.at),
            ),
            group="preview",
        )
    for around in around_savepoints(function):
        name = function.name_of(around.root)
        yield Report(
            around.rollback.at,
            (
                "this rolls back the whole transaction, not only the savepoint"
                if around.by_hand
                else "the savepoint is rolled back already: this rolls back the transaction around"
                " it"
            )
            + f", and what was added to {name} before is lost without a message",
            help="roll back what `begin_nested()` has returned, or do the work in its `with` block"
            if around.by_hand
            else "leave out the rollback: the end of the `begin_nested()` block has done it",
            steps=_around(around),
            confidence=Confidence.RESOURCE,
        )


def _around(around: AroundSavepoint) -> tuple[Note, ...]:
    before = [Note("added here, and not committed", around.added.at)] if around.added else []
    if around.call is not None:
        before.append(Note("called here, again or with rows added before", *_at(around.call)))
    savepoint = Note("only this savepoint has failed", around.savepoint.at)
    return (*before, savepoint, Note("everything is rolled back here", around.rollback.at))


def _at(call: tuple[Op, str]) -> tuple[int, str]:
    return call[0].at, call[1]


def _savepoint(function: Function, end: End) -> Rewrite | None:
    """The risky part of the `try` in a savepoint, and no rollback of everything else."""
    part, name = risky_part(function, end), function.name_of(end.root)
    if part is None or name[0] != "`":
        return None
    block = f"{'async ' if end.root.kind.is_async else ''}with {name.strip('`')}.begin_nested():"
    return Rewrite(
        f"do it in a savepoint: `{block[:-1]}`",
        Applicability.UNSAFE,
        (
            Enclose(part[0].at, (part[1].at,), block, keep_first=True),
            Delete(function.op(end.mark).at),
        ),
    )

"""SAL205: one commit for every turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    Applicability,
    Delete,
    Function,
    Insert,
    Op,
    Report,
    Rewrite,
    Severity,
    behind_loop,
    kinds,
    rule,
    turns,
)

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)


@rule(
    "SAL205",
    "commit-in-loop",
    group="pedantic",
    severity=Severity.ADVICE,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def commit_in_loop(function: Function) -> Iterator[Report]:
    """Every turn of a loop commits on its own.

    ## What it does
    Reports, with `--pedantic`, a `commit()` in a `for` loop that writes one row or so per turn.

    ## Why is this bad?
    Each commit waits for the disk, so that a thousand rows take a thousand times as long as one
    commit; it expires every loaded object, which are then read again; and when a turn fails, the
    turns before it stay.

    ## Example
    ```python
    for name in names:
        session.add(User(name=name))
        session.commit()
    ```

    ## Use instead
    ```python
    for name in names:
        session.add(User(name=name))
    session.commit()
    ```

    ## Fix safety
    Unsafe: when a turn fails, the turns before it no longer stay. Only where the commit ends the
    turn and nothing else leaves the loop.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Loops that commit in batches, that handle the failure of each item by itself, that wait or
    serve, and those that make a session for each turn, are meant so and not reported.

    ## References
    SQLAlchemy docs, "Session Basics": Committing; FAQ, "Performance".
    """
    if function.entry in ("test", "fixture"):
        return
    for root in function.followed(*_SESSIONS):
        for commit in turns(function, root):
            name = function.name_of(root)
            yield Report(
                commit.at,
                f"{name} commits in every turn of the loop: slow, and when a turn fails the ones"
                " before it stay",
                help="commit once, after the loop",
                rewrite=_after_the_loop(function, commit),
                group="pedantic",
            )


def _after_the_loop(function: Function, commit: Op) -> Rewrite | None:
    move = behind_loop(function, commit)
    if move is None:
        return None
    edits = (Delete(move.of), Insert(move.to, "after", "{0}", (move.of,)))
    return Rewrite("commit after the loop", Applicability.UNSAFE, edits)

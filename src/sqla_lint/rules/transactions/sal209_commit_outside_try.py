"""SAL209: the commit stands behind the `try` that would roll it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.rule import (
    FAILING_UNIT,
    IN_TRANSACTIONS,
    Applicability,
    Confidence,
    Delete,
    End,
    Function,
    Insert,
    Note,
    Ref,
    Report,
    Rewrite,
    Root,
    Severity,
    commit_fails_unguarded,
    first_by_mark,
    into_try,
    is_removed_for_units,
    kinds,
    outlives,
    rolls_back_in_handler,
    rule,
    unguarded_scopes,
)


@rule(
    "SAL209",
    "commit-outside-try",
    group="preview",
    severity=Severity.WARNING,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def commit_outside_try(function: Function) -> Iterator[Report]:
    """The `try` that rolls back ends before the `commit()`.

    ## What it does
    Reports a Session or Connection that lives on after an error, whose writes are guarded by a
    handler with `rollback()` while its `commit()` is not; with `--pedantic` also a borrowed one.
    Also a context manager or dependency that lends such a session inside the `try`, and commits in
    its `else` or after it.

    ## Why is this bad?
    It is the commit that sends what `add()` collected, and where most constraints fail. Nothing
    rolls back then, and the session refuses all further work with `PendingRollbackError`.

    ## Example
    ```python
    try:
        self.session.add(user)
    except SQLAlchemyError:
        self.session.rollback()
        raise
    self.session.commit()
    ```

    ## Use instead
    ```python
    try:
        self.session.add(user)
        self.session.commit()
    except SQLAlchemyError:
        self.session.rollback()
        raise
    ```

    ## Fix safety
    Unsafe: the handlers now take what the commit raises, too. Only where the commit follows
    directly on the `try`.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Sessions that a `with` block, a framework or another method of the class ends are theirs.

    ## References
    SQLAlchemy docs, "Session Basics": Framing out a begin / commit / rollback block.
    """
    if function.entry in ("test", "fixture"):
        return
    for scope in unguarded_scopes(function):
        owner, traits = scope.root.kind.owner, scope.root.kind.traits
        if "autocommit" in traits or "request-scoped" in traits:
            continue
        if (
            is_removed_for_units(function)
            if owner == "registry"
            else function.module_ends(scope.root.place)
        ):
            continue
        yield Report(
            scope.commit.at,
            f"the `try` that rolls {function.name_of(scope.root)} back ends before this commit:"
            " when it fails nothing rolls back, and the next block gets the same session",
            help="move the commit into the `try`, after the `yield`",
            steps=(Note("it is lent here", scope.lent.at),),
        )
    roots = tuple(
        root
        for root in function.handles(kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)
        if outlives(function, root) and rolls_back_in_handler(function, root)
    )
    ends = function.solve(FAILING_UNIT, roots, Confidence.RESOURCE).ends
    said: set[int] = set()
    for end in first_by_mark(ends, "raise"):
        at = commit_fails_unguarded(function, end)
        if at is None or at in said or _write_unguarded(function, ends, end.root):
            continue
        said.add(at)
        name = function.name_of(end.root)
        yield Report(
            at,
            f"the `try` that rolls {name} back ends before this commit: when it fails nothing"
            " rolls back",
            help="move the commit into the `try`, as its last statement",
            steps=function.path(end.trail),
            rewrite=_into_the_try(function, end.root, at),
            confidence=Confidence.RESOURCE,
            group="pedantic" if end.root.kind.owner == "caller" else None,
        )


def _write_unguarded(function: Function, ends: Iterable[End], root: Root) -> bool:
    return any(
        end.root == root and end.way == "raise" and commit_fails_unguarded(function, end) is None
        for end in ends
    )


def _into_the_try(function: Function, root: Root, commit: Ref) -> Rewrite | None:
    move = into_try(function, root, commit)
    if move is None:
        return None
    edits = (Delete(move.of), Insert(move.to, "try-end", "{0}", (move.of,)))
    return Rewrite("commit at the end of the `try`", Applicability.UNSAFE, edits)

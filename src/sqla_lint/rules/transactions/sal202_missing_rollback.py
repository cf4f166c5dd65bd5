"""SAL202: several writes and no rollback when one of them fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.rule import (
    FAILING_UNIT,
    IN_TRANSACTIONS,
    Applicability,
    Confidence,
    Enclose,
    End,
    Function,
    Report,
    Rewrite,
    Root,
    Severity,
    begins_by_hand,
    commit_fails_unguarded,
    ends_by_object,
    is_handed_in,
    is_used_later,
    kinds,
    outlives,
    rolls_back_in_handler,
    rule,
)

_WRITES = frozenset({"write", "add"})


@rule("SAL202", "missing-rollback", severity=Severity.ERROR, fix="unsafe", on=IN_TRANSACTIONS)
def missing_rollback(function: Function) -> Iterator[Report]:
    """Several writes are committed together, and nothing rolls back when one of them fails.

    ## What it does
    Looks at functions that write several times and commit on a Connection or Session that lives on
    after an error: one that the object or the module made and keeps, a `scoped_session` that nobody
    removes, any on which it calls `begin()` by hand; with `--pedantic` also a borrowed one, whose
    owner may end it or not, and one that writes a single object. A path on which one of these
    statements raises and neither `rollback()` nor `close()` follows is reported.

    ## Why is this bad?
    The transaction of the first write stays open in the object that lives on. A Session whose
    flush failed refuses everything with `PendingRollbackError` until somebody rolls back; on
    PostgreSQL every further statement fails with `InFailedSqlTransaction`; elsewhere the half unit
    of work is committed by whoever commits next.

    ## Example
    ```python
    def move(self, a: int, b: int) -> None:
        self.session.execute(update(Account).where(Account.id == a).values(n=Account.n - 1))
        self.session.execute(update(Account).where(Account.id == b).values(n=Account.n + 1))
        self.session.commit()
    ```

    ## Use instead
    ```python
    def move(self, a: int, b: int) -> None:
        try:
            self.session.execute(update(Account).where(Account.id == a).values(n=Account.n - 1))
            self.session.execute(update(Account).where(Account.id == b).values(n=Account.n + 1))
            self.session.commit()
        except Exception:
            self.session.rollback()
            raise
    ```

    ## Fix safety
    Unsafe: the statements from the first write to the commit go into a `try` that rolls back and
    raises again, or, where the transaction was begun by hand, into a `with`; the unit of work may
    begin earlier.

    ## Versions
    1.4, 2.0 and 2.1, sync and async. Connections of a 1.4 engine without `future=True` commit each
    statement and are not reported.

    ## Limits
    A session that the caller or a framework owns is theirs to roll back, and nothing is said where
    all callers are known to drop it when the function raises, nor of what runs only while a program
    is imported: an error ends it. A class that rolls back or
    closes its session in any of its methods is taken to do so after an error, too.

    ## References
    SQLAlchemy docs, "Session Basics": Rolling Back; "Error Messages": This Session's transaction
    has been rolled back due to a previous exception during flush (sqlalche.me/e/20/7s2a).
    """
    if function.entry == "test" or function.entry == "fixture":
        return
    roots = tuple(
        root
        for root in function.handles(kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)
        if outlives(function, root) and _is_unit(root, function)
    )
    solution = function.solve(FAILING_UNIT, roots, Confidence.RESOURCE)
    for end in ends_by_object(solution.ends, "raise", "return"):
        if end.tier is Confidence.PLAIN or _only_commits(function, end.root, solution.ends):
            continue
        if _is_the_callers(end.root, function) and not is_used_later(
            function, end.root, raised=True
        ):
            continue
        name = function.name_of(end.root)
        alone = _refuses(end.root, function)
        yield Report(
            function.op(end.mark).at,
            f"{name} is not rolled back when the commit of this fails: from then on it refuses"
            " everything with PendingRollbackError"
            if alone
            else f"{name} is not rolled back when a later write or the commit fails: it keeps this"
            " write in an open transaction for whoever uses it next",
            help="do the writes in `with "
            + name.strip("`")
            + ".begin():`, or roll back in an `except` that re-raises",
            steps=function.path(end.trail),
            rewrite=_rolled_back(function, end),
            confidence=Confidence.RESOURCE,
            group="pedantic" if alone or _is_the_callers(end.root, function) else None,
        )


def _only_commits(function: Function, root: Root, ends: Iterable[End]) -> bool:
    """A handler rolls back, and only the commit stands outside of its `try`: see SAL209."""
    return rolls_back_in_handler(function, root) and all(
        commit_fails_unguarded(function, end) is not None
        for end in ends
        if end.root == root and end.way == "raise"
    )


def _is_the_callers(root: Root, function: Function) -> bool:
    others = root.kind.owner == "caller" or is_handed_in(function, root)
    return others and not begins_by_hand(function, root)


def _is_unit(root: Root, function: Function) -> bool:
    """Several writes, and a commit of this function's own."""
    uses = function.uses(root)
    writes = _writes(root, function)
    commits = any("commit" in use.happening.events and use.op.do != "leave" for use in uses)
    return commits and (writes > 1 or _refuses(root, function))


def _writes(root: Root, function: Function) -> int:
    return sum(1 for use in function.uses(root) if _WRITES & set(use.happening.events))


def _refuses(root: Root, function: Function) -> bool:
    """One change that the commit sends: when that fails, a Session of one's own is of no more use
    to anybody."""
    added = any("add" in use.happening.events for use in function.uses(root))
    kept = root.kind.owner in ("attribute", "module", "registry")
    return kept and added and root.kind.name != kinds.CONNECTION and _writes(root, function) == 1


def _rolled_back(function: Function, end: End) -> Rewrite | None:
    root = end.root
    uses = function.uses(root)
    wait = "await " if root.kind.is_async else ""
    begun = [use.op for use in uses if use.op.name == "begin" and use.op.do == "call"]
    if begun:
        commits = [
            use.op for use in uses if use.role == kinds.TRANSACTION and use.op.name == "commit"
        ]
        if len(begun) != 1 or len(commits) != 1:
            return None
        word = "async with" if wait else "with"
        block = Enclose(
            first=begun[0].at,
            uses=tuple(use.op.at for use in uses),
            template=f"{word} {{0}}:",
            refs=(begun[0].at,),
            drop=(commits[0].at,),
        )
        return Rewrite(f"use a `{word}` block", Applicability.UNSAFE, (block,))
    first = function.op(end.mark).at
    block = Enclose(
        first=first,
        uses=tuple(use.op.at for use in uses if use.op.at >= first and use.happening.events),
        template="try:",
        keep_first=True,
        footer=f"except Exception:\n    {wait}{root.place}.rollback()\n    raise",
    )
    return Rewrite("roll back and raise again", Applicability.UNSAFE, (block,))

"""SAL204: several writes, each committed by itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    Applicability,
    Function,
    Note,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    Split,
    kinds,
    receiver,
    rule,
    split_units,
    writes_alone,
)


@rule(
    "SAL204",
    "partial-write",
    group="preview",
    severity=Severity.ERROR,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def partial_write(function: Function) -> Iterator[Report]:
    """Rows that belong together are committed one by one.

    ## What it does
    Reports a new row that needs a row which was committed just before it: between `add()` of the
    one and of the other, made with its id or with itself, stands a `commit()`, and another commit
    follows. For programs written for 1.4 also the second of several INSERT, UPDATE or DELETE that a
    function executes on an Engine, or on a Connection of a 1.4 engine outside of any transaction.

    ## Why is this bad?
    When the second fails, or the process ends between them, the first stays: an order without its
    lines, a user without a profile. Without `future=True` 1.4 commits each statement at once.

    ## Example
    ```python
    def register(session: Session, name: str, email: str) -> None:
        user = User(name=name)
        session.add(user)
        session.commit()
        session.add(Profile(user_id=user.id, email=email))
        session.commit()
    ```

    ## Use instead
    ```python
    def register(session: Session, name: str, email: str) -> None:
        user = User(name=name)
        session.add(user)
        session.flush()
        session.add(Profile(user_id=user.id, email=email))
        session.commit()
    ```

    ## Fix safety
    Unsafe: `flush()` gives the row its id and commits nothing; whoever waits for the first row sees
    it later. None on a Connection, nor for 1.4's statements: which of them belong together, the
    author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async; statements that commit by themselves: 1.4 without
    `future=True`.

    ## Limits
    Rows that are made in the same function. A commit that a message or a call over the network
    follows is meant, and so is one in a loop. Statements on ways that exclude each other are not
    told apart when they stand in loops.

    ## References
    SQLAlchemy docs, "Session Basics": Flushing; "Migrating to SQLAlchemy 2.0": Library-level
    autocommit removed.
    """
    for split in split_units(function):
        name = function.name_of(split.root)
        row = f"`{split.name}`" if split.name.isidentifier() else "the row before"
        yield Report(
            split.second.at,
            f"{row} is committed before this row that needs it: when this fails, {row} stays"
            " without it",
            help=f"`flush()` {name} instead of the first commit"
            if split.root.kind.name != kinds.CONNECTION
            else "commit once, after both",
            steps=_steps(split),
            rewrite=_flushed(split),
        )
    if function.target >= (2, 0) or function.entry in ("test", "fixture") or function.is_module:
        return
    found = writes_alone(function)
    if len(found) > 1:
        first, second = found[0], found[1]
        yield Report(
            second.at,
            f"this write and the one before it on `{first.on}` are committed one by one: when this"
            " fails, the first stays",
            help="do both in `with engine.begin() as conn:`",
        )


def _steps(split: Split) -> tuple[Note, ...]:
    return (
        Note("written here", split.first.at),
        Note("committed here", split.commit.at),
        Note("what needs it is written here", split.second.at),
    )


def _flushed(split: Split) -> Rewrite | None:
    """`flush()` in the place of the first commit."""
    if split.root.kind.name == kinds.CONNECTION or not _is_method(split.commit):
        return None
    at = receiver(split.commit)
    edit = Replace(split.commit.at, "{0}.flush()", (at,))
    return Rewrite("`flush()` instead of this commit", Applicability.UNSAFE, (edit,))


def _is_method(op: Op) -> bool:
    return isinstance(op.on, str) and not op.args

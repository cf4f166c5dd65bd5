"""SAL102: a session that some plain path leaves in a transaction."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    SESSION_LIFETIME,
    Function,
    Report,
    Severity,
    begins_when_told,
    enclosed,
    ends_by_object,
    ends_with_process,
    functions_with,
    held_name,
    kinds,
    made_by_block,
    made_inside,
    rule,
)


@rule(
    "SAL102",
    "session-not-closed",
    severity=Severity.ERROR,
    fix="unsafe",
    on=functions_with(kinds.SESSION),
)
def session_not_closed(function: Function) -> Iterator[Report]:
    """A session made here leaves the function with its transaction open.

    ## What it does
    Follows every `Session` or `AsyncSession` that a function makes along all its paths. From the
    first statement on it holds a connection; `commit()`, `rollback()` and `close()` give it back.
    A path that ends in between, without any exception being raised, is reported.

    ## Why is this bad?
    The connection stays checked out, and on the server its transaction stays open ("idle in
    transaction"), holding locks and old row versions, until the garbage collector finds the
    session. A pool of 5 + 10 is empty after fifteen such calls (sqlalche.me/e/20/3o7r); under
    asyncio the connection is terminated with an error message.

    ## Example
    ```python
    def names() -> list[str]:
        session = Session(engine)
        return session.scalars(select(User.name)).all()
    ```

    ## Use instead
    ```python
    def names() -> list[str]:
        with Session(engine) as session:
            return session.scalars(select(User.name)).all()
    ```

    ## Fix safety
    Unsafe: objects that are read after the block are detached; attributes that were not loaded
    then raise `DetachedInstanceError`.

    ## Versions
    1.4, 2.0 and 2.1, sync and async, SQLModel.

    ## Limits
    Sessions that are injected, kept by a registry (`scoped_session`, `db.session`), returned,
    yielded, stored or captured are somebody else's to close. Statements that only a lazy attribute
    runs are not seen. Sessions of a script's top level end with the process; those of tests, of
    command line commands and of what an application does as it stops soon do, and are told with
    `--pedantic`.

    ## References
    SQLAlchemy docs, "Session Basics": Closing; "Error Messages": QueuePool limit.
    """
    if function.is_module:
        return
    made = (
        *function.made(kinds.SESSION),
        *made_inside(function, kinds.SESSION),
        *made_by_block(function, kinds.SESSION),
    )
    roots = tuple(root for root in made if not begins_when_told(root))
    solution = function.solve(SESSION_LIFETIME, roots)
    for end in ends_by_object(solution.ends, "return"):
        uses = function.uses(end.root)
        name = held_name(end.root, function.name_of(end.root))
        yield Report(
            function.op(end.root.position).at,
            f"{name} leaves `{function.qualname}` in a transaction: its connection stays checked"
            " out, idle in transaction, until the garbage collector finds it",
            help="make it in a `with` block, which closes it on every way out",
            steps=function.path(end.trail),
            rewrite=enclosed(function, end.root, uses),
            group="pedantic" if ends_with_process(function, end.root) else None,
            subject=function.op(end.root.position).at,
        )

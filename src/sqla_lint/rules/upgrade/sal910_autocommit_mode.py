"""SAL910: autocommit and subtransactions."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Const,
    Function,
    Operation,
    Ref,
    Report,
    Severity,
    kinds,
    of_every_version,
    operations,
    rule,
    sqlalchemy_name,
)

_MAKERS = frozenset({kinds.SESSION, kinds.SESSION_FACTORY, kinds.SCOPED_SESSION})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_EXECUTABLE = frozenset(
    {kinds.CONNECTION, kinds.ENGINE, kinds.TEXT, kinds.SELECT, kinds.INSERT, kinds.UPDATE}
    | {kinds.DELETE, kinds.DDL}
)
_TRANSACTIONAL = frozenset({kinds.CONNECTION, kinds.ENGINE, kinds.TRANSACTION})


@rule(
    "SAL910",
    "autocommit-mode",
    severity=Severity.ERROR,
    versions="2.0, 2.1",
    on=operations("call"),
)
@of_every_version
def autocommit_mode(operation: Operation) -> Iterator[Report]:
    """Autocommit of the library, or subtransactions, are asked for.

    ## What it does
    Reports `Session(autocommit=True)`, `sessionmaker(autocommit=True)`,
    `session.begin(subtransactions=True)` and `execution_options(autocommit=True)`.

    ## Why is this bad?
    Removed in 2.0: `ArgumentError` or `TypeError`. As an execution option it has no effect: what
    was committed before is rolled back silently.

    ## Example
    ```python
    session = Session(engine, autocommit=True)
    ```

    ## Use instead
    ```python
    with Session(engine) as session, session.begin():
        ...
    ```

    ## Fix safety
    No fix: where a transaction begins and ends, the author must say.

    ## Versions
    2.0 and 2.1.

    ## Limits
    `autocommit=False` and `isolation_level="AUTOCOMMIT"` are right. The option of a statement or a
    connection is reported where the function opens a connection and commits and begins nothing: the
    connection of a caller is the caller's to commit.

    ## References
    SQLAlchemy docs, "2.0 Migration": Library-level (but not driver level) "Autocommit" removed;
    Session "autocommit mode" removed; Session "subtransaction" behavior removed.
    """
    op, on = operation.op, operation.on
    if operation.function.target < (2, 0):
        return
    for arg in op.args:
        if arg.keyword == "autocommit" and arg.value == Const(True):
            library = sqlalchemy_name(operation)
            if library and operation.result.name in _MAKERS:
                yield Report(
                    op.at,
                    "a Session has no autocommit mode since SQLAlchemy 2.0: ArgumentError",
                    help="begin transactions where they are needed: `with session.begin():`",
                )
            elif op.name == "execution_options" and (
                on.name == kinds.ENGINE
                or (on.name in _EXECUTABLE and _commits_nothing(operation.function))
            ):
                yield Report(
                    op.at,
                    "the option `autocommit` has no effect since SQLAlchemy 2.0: what is written is"
                    " rolled back unless it is committed",
                    help='call `commit()`, or use `isolation_level="AUTOCOMMIT"`',
                    subject=_run(operation),
                )
        elif arg.keyword == "subtransactions" and op.name == "begin" and on.name in _SESSIONS:
            yield Report(
                op.at,
                "`begin()` has no `subtransactions` since SQLAlchemy 2.0: TypeError",
                help="begin once, in the outermost caller, or use `begin_nested()` for a savepoint",
            )


def _commits_nothing(function: Function) -> bool:
    """A connection is opened here, and no transaction is."""
    if not (function.made(kinds.CONNECTION) or function.entered(kinds.CONNECTION)):
        return False
    return not any(
        call.op.name in ("commit", "begin") and call.on.name in _TRANSACTIONAL
        for call in function.calls()
    )


def _run(operation: Operation) -> Ref | None:
    """The call that the statement is given to: who says there that a write is lost has said it."""
    readers = operation.function.readers.get(operation.op.dst or "", ())
    return next((op.at for op in readers if op.do == "call"), None)

"""SAL215: a helper commits in the middle of its caller's unit of work."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    CUT_IN_TWO,
    IN_TRANSACTIONS,
    Function,
    Note,
    Op,
    Report,
    Severity,
    Undone,
    first_by_mark,
    kinds,
    rule,
    undone,
)

_KINDS = (kinds.SESSION, kinds.CONNECTION)


@rule(
    "SAL215",
    "borrowed-session-committed",
    severity=Severity.WARNING,
    on=IN_TRANSACTIONS,
)
def borrowed_session_committed(function: Function) -> Iterator[Report]:
    """A function that is lent a session ends the transaction of its caller.

    ## What it does
    Reports, with `--pedantic`, the call of a function of the project that commits or rolls back the
    Session or Connection it is given, where the caller writes before and after the call. By
    default the call of a helper that commits what it writes, in a `try` that raises something of
    the project's own before the same helper, or one that is handed what this one gave, writes the
    rest, and whose handler rolls back.

    ## Why is this bad?
    What the caller wrote before is committed half done (or rolled back), and what it writes
    afterwards is another transaction: when that fails, the first half stays.

    ## Example
    ```python
    def add_customer(session: Session, name: str) -> Customer:
        customer = Customer(name=name)
        session.add(customer)
        session.commit()
        return customer


    def place(session: Session, name: str) -> None:
        session.add(Reservation(name=name))
        customer = add_customer(session, name)
        session.add(Order(customer=customer))
        session.commit()
    ```

    ## Use instead
    ```python
    def add_customer(session: Session, name: str) -> Customer:
        customer = Customer(name=name)
        session.add(customer)
        session.flush()
        return customer
    ```

    ## Fix safety
    No fix: other callers may rely on the commit.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only calls that the linter can follow, of functions that write something themselves.

    ## References
    SQLAlchemy docs, "Session Basics": When do I construct a Session, when do I commit it.
    """
    if function.entry in ("test", "fixture") or function.is_test_code:
        return
    for part in undone(function):
        yield Report(
            part.call.at,
            f"`{_name(part.call)}` commits what it writes: the rollback of this `try` does not undo"
            " it when what follows raises",
            help="`flush()` in the helper, and commit once, after all",
            steps=_steps(part),
        )
    roots = function.followed(*_KINDS)
    for end in first_by_mark(function.solve(CUT_IN_TWO, roots).ends, "fault"):
        call = function.op(end.mark)
        yield Report(
            call.at,
            f"`{_name(call)}` ends the transaction of {function.name_of(end.root)}: what was"
            " written before it and what is written after it are no longer one unit",
            help="`flush()` in the helper, and let the caller commit",
            steps=function.path(end.trail),
            group="pedantic",
        )


def _steps(part: Undone) -> tuple[Note, ...]:
    rest = [Note("so this is not written", part.rest.at)] if part.rest is not part.raised else []
    return (
        Note("written and committed here", part.call.at),
        Note("raised here", part.raised.at),
        *rest,
        Note("rolled back in vain here", part.rollback.at),
    )


def _name(call: Op) -> str:
    return f"{call.on}.{call.name}" if call.name else str(call.on)

"""SAL215: a helper commits in the middle of its caller's unit of work."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    CUT_IN_TWO,
    IN_TRANSACTIONS,
    Function,
    Report,
    Severity,
    first_by_mark,
    kinds,
    rule,
)

_KINDS = (kinds.SESSION, kinds.CONNECTION)


@rule(
    "SAL215",
    "borrowed-session-committed",
    group="preview",
    severity=Severity.WARNING,
    on=IN_TRANSACTIONS,
)
def borrowed_session_committed(function: Function) -> Iterator[Report]:
    """A function that is lent a session ends the transaction of its caller.

    ## What it does
    Reports, with `--pedantic`, the call of a function of the project that commits or rolls back the
    Session or Connection it is given, where the caller writes before and after the call.

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
    if function.entry in ("test", "fixture"):
        return
    roots = function.followed(*_KINDS)
    for end in first_by_mark(function.solve(CUT_IN_TWO, roots).ends, "fault"):
        call = function.op(end.mark)
        called = f"{call.on}.{call.name}" if call.name else str(call.on)
        yield Report(
            call.at,
            f"`{called}` ends the transaction of {function.name_of(end.root)}: what was written"
            " before it and what is written after it are no longer one unit",
            help="`flush()` in the helper, and let the caller commit",
            steps=function.path(end.trail),
            group="pedantic",
        )

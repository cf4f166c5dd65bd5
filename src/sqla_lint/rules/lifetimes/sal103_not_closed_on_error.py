"""SAL103: closed on the plain paths, left open when an operation raises."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    CONNECTION_LIFETIME,
    IN_TRANSACTIONS,
    LEGACY_CONNECTION_LIFETIME,
    SESSION_LIFETIME,
    Confidence,
    Function,
    Report,
    Root,
    Severity,
    Solution,
    begins_when_told,
    closed_by_hand,
    closes_on_failure,
    enclosed,
    ends_by_object,
    ends_with_command,
    fails_once,
    is_handed_to_decorated,
    is_of_before,
    kinds,
    rule,
    worked_on_elsewhere,
)


@rule(
    "SAL103",
    "not-closed-on-error",
    severity=Severity.WARNING,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def not_closed_on_error(function: Function) -> Iterator[Report]:
    """A Connection or Session is closed at the end, but not when something before it raises.

    ## What it does
    Follows Connections and Sessions that a function makes and closes, also along the ways on which
    an operation on them raises (with `--pedantic`: any other call), and reports one that then stays
    in its transaction; with `--pedantic` also one that is committed and never closed.

    ## Why is this bad?
    `close()` is skipped: the connection stays checked out until the garbage collector finds it,
    longer where the exception is kept, in a log or a test. Under load, errors then use up the pool.

    ## Example
    ```python
    session = SessionLocal()
    invoice = session.get_one(Invoice, number)
    session.close()
    ```

    ## Use instead
    ```python
    with SessionLocal() as session:
        invoice = session.get_one(Invoice, number)
    ```

    ## Fix safety
    Unsafe: what is read after the block is detached.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    What a decorator hands to the function that it decorates is still its own to close. One that is
    never closed is SAL101 or SAL102. At the top level of a script the process ends. Commands,
    what commands alone call, the one function that a script calls, and those that make tables or
    their object's engine are told with `--pedantic`, and so is one that a handler of
    `OperationalError` closes.

    ## References
    SQLAlchemy docs, "Session Basics": Closing; "Working with Engines and Connections".
    """
    if function.is_module or function.entry in ("test", "fixture"):
        return
    made = function.made(kinds.CONNECTION)
    sessions = tuple(r for r in function.made(kinds.SESSION) if not begins_when_told(r))
    legacy = tuple(root for root in made if is_of_before(function, root))
    for protocol, roots in (
        (SESSION_LIFETIME, sessions),
        (CONNECTION_LIFETIME, tuple(root for root in made if root not in legacy)),
        (LEGACY_CONNECTION_LIFETIME, legacy),
    ):
        closed = tuple(root for root in roots if _is_closed_by_hand(function, root))
        handed = tuple(root for root in closed if is_handed_to_decorated(function, root))
        closed = tuple(root for root in closed if root not in handed)
        others = tuple(root for root in roots if root not in closed and root not in handed)
        by_hand = closed_by_hand(protocol)
        yield from _reports(function, function.solve(by_hand, closed, Confidence.ANY_CALL))
        worked_on = worked_on_elsewhere(protocol)
        solution = function.solve(worked_on, handed, Confidence.ANY_CALL)
        yield from _reports(function, solution, Confidence.RESOURCE)
        yield from _reports(function, function.solve(protocol, others, Confidence.ANY_CALL))


def _is_closed_by_hand(function: Function, root: Root) -> bool:
    return any(
        use.op.do in ("call", "await") and "close" in use.happening.events
        for use in function.uses(root)
    )


def _reports(
    function: Function, solution: Solution, most: Confidence = Confidence.ANY_CALL
) -> Iterator[Report]:
    plain = {  # SAL101 or SAL102
        end.root
        for end in solution.ends
        if end.way == "return"
        and end.tier is Confidence.PLAIN
        and (end.state == "begun" or end.root.kind.is_async)
    }
    held = [end for end in solution.ends if end.state == "begun" and end.root not in plain]
    for end in ends_by_object(sorted(held, key=lambda end: end.tier), "raise", "return"):
        uses = function.uses(end.root)
        closed = any("close" in use.happening.events for use in uses)
        if end.way == "raise":
            harmless = fails_once(function) or closes_on_failure(function, end)
        else:  # caught here
            harmless = ends_with_command(function, end.root)
        name = function.name_of(end.root)
        yield Report(
            _place(function, end.root),
            f"{name} is not closed when something before its `close()` raises: it stays checked out"
            " until the garbage collector finds it"
            if closed
            else f"{name} is never closed: when something before its commit raises it stays checked"
            " out until the garbage collector finds it",
            help="open it in a `with` block, which closes it on every way out",
            steps=function.path(end.trail),
            rewrite=enclosed(function, end.root, uses),
            confidence=min(end.tier, most),  # what is decorated may raise anything
            # whoever never closes it may have meant to commit and let it go
            group=None if closed and not harmless else "pedantic",
            subject=_place(function, end.root),
        )


def _place(function: Function, root: Root) -> int:
    return function.op(root.position).at

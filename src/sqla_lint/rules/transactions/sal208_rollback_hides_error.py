"""SAL208: a handler rolls back, and nobody hears of the failure."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    Applicability,
    Function,
    Insert,
    Report,
    Rewrite,
    Severity,
    handled,
    is_silent_rollback,
    rule,
)


@rule(
    "SAL208",
    "rollback-hides-error",
    group="pedantic",
    severity=Severity.WARNING,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def rollback_hides_error(function: Function) -> Iterator[Report]:
    """A handler for every failure rolls back and says nothing.

    ## What it does
    Reports, with `--pedantic`, an `except` for `Exception`, `SQLAlchemyError` or everything that
    only rolls back: no `raise`, no message, no answer that tells.

    ## Why is this bad?
    The caller goes on as if the rows had been written. A dropped column, a full disk, a programming
    error: all look like success.

    ## Example
    ```python
    try:
        session.add(user)
        session.commit()
    except Exception:
        session.rollback()
    ```

    ## Use instead
    ```python
    try:
        session.add(user)
        session.commit()
    except Exception:
        session.rollback()
        raise
    ```

    ## Fix safety
    Unsafe: `raise` is added at the end of the handler; callers that relied on the silence get an
    exception.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    A handler that calls anything else, sets a variable or returns something is taken to tell. One
    for `IntegrityError` and the like knows what it expects.

    ## References
    SQLAlchemy docs, "Session Basics": Framing out a begin / commit / rollback block.
    """
    if function.entry in ("test", "fixture"):
        return
    for clause in handled(function):
        if not is_silent_rollback(function, clause):
            continue
        raises = Insert(clause.at, "body-end", "raise")
        yield Report(
            clause.at,
            "the failure is rolled back and forgotten: callers take it for success",
            help="`raise` after the rollback, or log it and answer so that callers know",
            rewrite=Rewrite("raise again", Applicability.UNSAFE, (raises,)),
            group="pedantic",
        )

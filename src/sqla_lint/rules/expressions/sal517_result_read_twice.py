"""SAL517: a result is read a second time."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import READ_ONCE, Function, Report, Severity, ends_by_object, rule


@rule("SAL517", "result-read-twice", group="preview", severity=Severity.ERROR)
def result_read_twice(function: Function) -> Iterator[Report]:
    """A result is read again after all its rows were taken.

    ## What it does
    Reports a read of a Result after `all()`, `first()`, `one()`, `scalar()` or a loop over it.

    ## Why is this bad?
    The rows are gone: `all()` gives an empty list, `first()` gives None. After `first()`, `one()`
    or `scalar()` the result is closed and raises ResourceClosedError.

    ## Example
    ```python
    result = session.execute(select(User))
    total = len(result.all())
    return total, result.all()
    ```

    ## Use instead
    ```python
    users = session.execute(select(User)).all()
    return len(users), users
    ```

    ## Fix safety
    No fix: the rows must be kept where they are first read.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Reads in one function, on one path.

    ## References
    SQLAlchemy docs, "Connections": Result.
    """
    for end in ends_by_object(function.solve(READ_ONCE, function.results()).ends, "fault"):
        if end.trail is None:
            continue
        name = function.name_of(end.root)
        yield Report(
            end.trail.op.at,
            f"{name} was read to its end before: no rows are left, or ResourceClosedError is"
            " raised",
            help="keep the rows: `rows = result.all()`",
            steps=function.path(end.trail),
        )

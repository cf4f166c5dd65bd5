"""SAL526: the truth of a result."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Operation,
    Report,
    Severity,
    comes_to_the_same,
    kinds,
    operations,
    rule,
)

_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})


@rule(
    "SAL526",
    "result-truth",
    severity=Severity.ERROR,
    on=operations("test", "unary", receivers=_RESULTS),
)
def result_truth(operation: Operation) -> Iterator[Report]:
    """A Result is asked whether it is true.

    ## What it does
    Reports `if session.execute(...)`, `while conn.execute(...)` and `not session.scalars(...)`.

    ## Why is this bad?
    A Result is always true, whether it has rows or not.

    ## Example
    ```python
    if session.execute(select(User).where(User.name == name)):
        raise ValueError("taken")
    ```

    ## Use instead
    ```python
    if session.execute(select(User).where(User.name == name)).first():
        raise ValueError("taken")
    ```

    ## Fix safety
    No fix: `first()`, `scalar()` or an EXISTS, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A variable that holds anything else on another path, such as None, is not reported,
    nor is one whose `rowcount` is read as well.

    ## References
    SQLAlchemy docs, "Connections": Result.
    """
    op = operation.op
    tested = op.do == "test" or (op.do == "unary" and op.name == "not")
    if not tested or operation.on.name not in _RESULTS:
        return
    if not isinstance(op.on, str):
        return
    if op.on[0] != "%" and not operation.function.always(op.on, operation.on.name):
        return  # it may be None
    if _reads_rowcount(operation, op.on):
        return  # a guard that is not needed, before the right question
    if op.do == "test" and comes_to_the_same(operation):
        return  # nor is this one
    made = operation.function.maker(op.on)
    yield Report(
        op.at if made is None else made.at,
        "a Result is always true, whether it has rows or not",
        help="ask for a row: `.first()`, or for a value: `.scalar()`",
    )


def _reads_rowcount(operation: Operation, place: str) -> bool:
    return any(
        other.op.on == place and other.op.name == "rowcount"
        for other in operation.function.operations()
    )

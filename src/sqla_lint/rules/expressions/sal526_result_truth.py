"""SAL526: the truth of a result."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Kind,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    comes_to_the_same,
    kinds,
    operations,
    rule,
    sqltext,
    statements_behind,
)

_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})


@rule(
    "SAL526",
    "result-truth",
    severity=Severity.ERROR,
    fix="unsafe",
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
    Unsafe: the branch that never ran now does. Offered where a SELECT is run and nothing but the
    question reads its result; whether a value that is found should count, the author must say.

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
    if operation.function.is_test_code and _gives_no_rows(operation):
        return  # `assert conn.execute(text("LOAD json"))`: that it can be run is what is tested
    made = operation.function.maker(op.on)
    yield Report(
        op.at if made is None else made.at,
        "a Result is always true, whether it has rows or not",
        help="ask for a row: `.first()`, or for a value: `.scalar()`",
        rewrite=_asks_for_a_row(operation, made),
    )


def _asks_for_a_row(operation: Operation, made: Operation | None) -> Rewrite | None:
    """`if result:` as `if result.first():`, where nothing else reads the result."""
    op, behind = operation.op, statements_behind(operation)
    alone = not isinstance(op.on, str) or operation.function.readers.get(op.on, []) == [op]
    if not behind or not all(_selects(kind) for kind, _ in behind) or not alone:
        return None
    rows = operation.on.name != kinds.SCALARS or all(_is_entity(kind) for kind, _ in behind)
    asked = op.at if made is None else made.at
    if rows:  # a row, or an object: true by itself
        edits = (Replace(asked, "{0:primary}.first()", (asked,)),)
    elif op.do == "unary":
        edits = (Replace(op.at, "{0:primary}.first() is None", (op.at + 1,)),)
    else:
        return None  # a value may be false itself
    return Rewrite("ask for a row", Applicability.UNSAFE, edits)


def _is_entity(statement: Kind) -> bool:
    return len(statement.of) == 1 and statement.of[0].name == kinds.MAPPED_CLASS


def _gives_no_rows(operation: Operation) -> bool:
    behind = statements_behind(operation)
    return bool(behind) and all(
        kind.name == kinds.TEXT and bool(kind.label) and sqltext.kind(kind.label) != "read"
        for kind, _ in behind
    )


def _selects(kind: Kind) -> bool:
    if kind.name == kinds.TEXT:
        sql = kind.label
        known = bool(sql) and sqltext.HOLE not in sql
        return known and sqltext.verb(sql) == "SELECT" and sqltext.statements(sql) == 1
    return kind.name == kinds.SELECT


def _reads_rowcount(operation: Operation, place: str) -> bool:
    return any(
        other.op.on == place and other.op.name == "rowcount"
        for other in operation.function.operations()
    )

"""SAL533: a method of one sort of result is called on another."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Operation,
    Report,
    Severity,
    indexed,
    kinds,
    missing_method,
    operations,
    rule,
)

_INSTEAD = {
    kinds.LIST: "the rows are there already: call `scalars()` before `all()`, or take `rows[0]`",
    kinds.QUERY: "a Query runs by itself: `.all()`, `.one()`, `.first()`, `.scalar()`",
    kinds.ROW: "a row holds its columns: `row[0]`; `scalars()` and `scalar_one()` are for results",
    kinds.SELECT: "run it: `session.scalars(statement).all()`",
}
_OF_SCALARS = {
    "fetchone": "first",
    "scalar": "first",
    "scalar_one": "one",
    "scalar_one_or_none": "one_or_none",
}


@rule(
    "SAL533",
    "method-of-another-result",
    group="preview",
    severity=Severity.ERROR,
    on=operations("call", "getattr", "getitem"),
)
def method_of_another_result(operation: Operation) -> Iterator[Report]:
    """A method of one sort of result is called on another, which has none of that name.

    ## What it does
    Reports `scalar_one()` on what `scalars()` gave, `scalars()` on the list of `all()` or on a row,
    `scalars()` of a Query, `all()` or `first()` of a `select()` that nothing has run, and `[0]` or
    `["name"]` of a number or an object that was read alone.

    ## Why is this bad?
    `AttributeError`, or `TypeError` for `[0]`.

    ## Example
    ```python
    user = session.execute(select(User).where(User.id == 1)).scalars().scalar_one()
    ```

    ## Use instead
    ```python
    user = session.execute(select(User).where(User.id == 1)).scalars().one()
    ```

    ## Fix safety
    No fix: a row, its first column, or a list, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only names that some result or Query has. Classes that extend SQLAlchemy's are left alone, as is
    what is ready for an AttributeError, and tests.

    ## References
    SQLAlchemy docs, "Connections": Result, ScalarResult, MappingResult, Row.
    """
    value = indexed(operation)
    if value:
        yield Report(
            operation.at,
            f"what was read is {value}, not a row: there is nothing to index in it: TypeError",
            help="read the attribute, or leave `[...]` away",
        )
        return
    missing = missing_method(operation)
    if missing is None:
        return
    written = f"{missing.name}()" if operation.op.do == "call" else missing.name
    help_ = _INSTEAD.get(missing.kind, "call it on the result of `execute()`")
    if missing.kind == kinds.SCALARS and missing.name in _OF_SCALARS:
        help_ = f"these are the values alone: use `{_OF_SCALARS[missing.name]}()`"
    yield Report(operation.at, f"{missing.of} has no `{written}`: AttributeError", help=help_)

"""SAL518: SQLAlchemy has to guess what a subquery is meant to be."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    receiver,
    rule,
)

_IN = frozenset({"in_", "not_in", "notin_"})


@rule("SAL518", "subquery-coercion", group="preview", severity=Severity.ADVICE, fix="safe")
def subquery_coercion(operation: Operation) -> Iterator[Report]:
    """A subquery stands where a SELECT belongs, or a SELECT where a scalar belongs.

    ## What it does
    Reports `column.in_(select(...).subquery())` and `column == select(...)`.

    ## Why is this bad?
    SQLAlchemy warns (`Coercing Subquery object into a select()`, `implicitly coercing SELECT object
    to scalar subquery`) and guesses.

    ## Example
    ```python
    select(User).where(User.id.in_(select(Address.user_id).subquery()))
    ```

    ## Use instead
    ```python
    select(User).where(User.id.in_(select(Address.user_id)))
    ```

    ## Fix safety
    Safe: the SQL asks the same.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only where the subquery or SELECT is written in place.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": Scalar and Correlated Subqueries.
    """
    op = operation.op
    if op.do == "call" and op.name in _IN and operation.on.name == kinds.COLUMN_EXPR and op.args:
        made = operation.function.maker(op.args[0].value)
        if made is None or made.op.do != "call" or made.op.name != "subquery":
            return
        if made.on.name != kinds.SELECT:
            return
        yield Report(
            made.at,
            f"`{op.name}()` takes a SELECT: SQLAlchemy warns and makes one of the subquery",
            help="leave `.subquery()` out",
            rewrite=Rewrite(
                "leave `.subquery()` out",
                Applicability.SAFE,
                (Replace(made.at, "{0}", (receiver(made.op),)),),
            ),
        )
    elif op.do == "compare" and op.name in ("==", "!=", "<", "<=", ">", ">=") and op.args:
        if (operation.on.name, operation.arg_kinds[0].name) != (kinds.COLUMN_EXPR, kinds.SELECT):
            return
        at = op.args[0].at
        yield Report(
            at,
            "a column is compared with a SELECT: SQLAlchemy warns and makes a scalar of it",
            help="use `.scalar_subquery()`",
            rewrite=Rewrite(
                "use `.scalar_subquery()`",
                Applicability.SAFE,
                (Replace(at, "{0:primary}.scalar_subquery()", (at,)),),
            ),
        )

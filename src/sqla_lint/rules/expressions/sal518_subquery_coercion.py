"""SAL518: SQLAlchemy has to guess what a subquery is meant to be."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Edit,
    Import,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    made_by,
    operations,
    receiver,
    rule,
)

_SELECTED = frozenset({kinds.SELECT, kinds.QUERY})
_SUBQUERIES = frozenset({"subquery", "cte", "alias"})
_IN = frozenset({"in_", "not_in", "notin_"})


@rule(
    "SAL518",
    "subquery-coercion",
    group="preview",
    severity=Severity.ADVICE,
    fix="safe",
    on=operations("call", "compare", receivers=[kinds.COLUMN_EXPR]),
)
def subquery_coercion(operation: Operation) -> Iterator[Report]:
    """A subquery stands where a SELECT belongs, or a SELECT where a scalar belongs.

    ## What it does
    Reports `column.in_(select(...).subquery())`, also of a subquery or CTE in a variable, and
    `column == select(...)`.

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
    Only subqueries made in this function; a SELECT that is compared with must be written in place.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": Scalar and Correlated Subqueries.
    """
    op = operation.op
    if op.do == "call" and op.name in _IN and operation.on.name == kinds.COLUMN_EXPR and op.args:
        made = operation.function.maker(op.args[0].value)
        inline = made is not None and made.op.do == "call" and made.op.name == "subquery"
        if not inline and not _is_subquery(operation):
            return
        at = op.args[0].at
        if inline and made is not None and made.on.name == kinds.SELECT:
            edits: tuple[Edit, ...] = (Replace(made.at, "{0}", (receiver(made.op),)),)
            say = "leave `.subquery()` out"
        else:
            edits = (Replace(at, "{select}({0})", (at,)), Import("sqlalchemy", "select"))
            say = "select from it"
        yield Report(
            at,
            f"`{op.name}()` takes a SELECT: SQLAlchemy warns and makes one of the subquery",
            help=say if inline else "give it the SELECT, or `select()` of the subquery",
            rewrite=Rewrite(say, Applicability.SAFE, edits),
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


def _is_subquery(operation: Operation) -> bool:
    """Whatever the argument holds was made by `subquery()` or `cte()` of a statement."""
    made = made_by(operation, operation.op.args[0], operation.arg_kinds[0])
    return bool(made) and all(
        on in _SELECTED and op.do == "call" and op.name in ("subquery", "cte", "alias")
        for on, op in made
    )

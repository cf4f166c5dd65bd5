"""SAL518: SQLAlchemy has to guess what a subquery is meant to be."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Edit,
    Import,
    Operation,
    Ref,
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
_FROM = frozenset({"select_from", "join", "outerjoin"})
# What a subquery has beside its columns: those that look like columns must be asked for by `.c`.
_OWN = frozenset({"c", "columns", "name", "description", "element", "key", "primary_key"})


def without_c(operation: Operation) -> Iterator[Report]:
    """A column of a subquery without `.c`, and a SELECT where a FROM belongs."""
    op, on = operation.op, operation.on
    if op.do == "getattr" and on.name == kinds.FROM_CLAUSE and op.name is not None:
        catalog = operation.function.project.catalog
        known = op.name in _OWN or op.name[0] == "_"
        if known or catalog.member(on.name, False, op.name) or not _made_here(operation):
            return
        yield Report(
            op.at,
            f"a subquery has no attribute `{op.name}`: its columns are reached through `.c`",
            help=f"write `{op.on}.c.{op.name}`",
        )
    elif op.do == "call" and op.name in _FROM and on.name in _SELECTED and op.args:
        first = operation.arg_kinds[0]
        if first.name == kinds.SELECT and not op.args[0].keyword and not op.args[0].star:
            gone = operation.function.target >= (2, 1)
            yield Report(
                op.args[0].at,
                f"`{op.name}()` takes a table or subquery, not a SELECT: "
                + ("ArgumentError" if gone else "SQLAlchemy warns, and 2.1 raises"),
                help="make it one: `.subquery()`",
            )


def _made_here(operation: Operation) -> bool:
    """All that the variable holds comes from `subquery()`, `cte()` or `alias()` of a statement."""
    op = operation.op
    if not isinstance(op.on, str):
        return False
    made = made_by(operation, Arg(op.on, op.at), operation.on)
    return bool(made) and all(
        kind in _SELECTED and one.do == "call" and one.name in _SUBQUERIES for kind, one in made
    )


@rule(
    "SAL518",
    "subquery-coercion",
    group="pedantic",
    severity=Severity.ADVICE,
    fix="safe",
    on=operations("call", "compare", receivers=[kinds.COLUMN_EXPR, kinds.UPDATE]),
    also=(
        without_c,
        operations("getattr", "call", receivers=[kinds.FROM_CLAUSE, kinds.SELECT, kinds.QUERY]),
    ),
)
def subquery_coercion(operation: Operation) -> Iterator[Report]:
    """A subquery stands where a SELECT belongs, or a SELECT where a scalar belongs.

    ## What it does
    Reports `column.in_(select(...).subquery())`, also of a subquery or CTE in a variable;
    `column == select(...)`, also of a Query or a subquery; a SELECT as a value of an UPDATE, or
    given to `select_from()` or `join()`; and columns of a subquery that are asked for without `.c`.

    ## Why is this bad?
    SQLAlchemy warns (`Coercing Subquery object into a select()`, `implicitly coercing SELECT object
    to scalar subquery`) and guesses; 2.1 refuses a SELECT as a FROM. A subquery has no attribute
    for each column: AttributeError.

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
    A SELECT that is compared with must be written in place.

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
        if operation.on.name == kinds.COLUMN_EXPR:
            compared = operation.arg_kinds[0].name
            of_subquery = compared == kinds.FROM_CLAUSE and _is_subquery(operation)
            if compared in _SELECTED or of_subquery:
                yield _no_scalar(op.args[0].at, "a column is compared with", not of_subquery)
    elif op.do == "call" and op.name == "values" and operation.on.name == kinds.UPDATE:
        for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
            if arg.keyword and kind.name == kinds.SELECT:
                yield _no_scalar(arg.at, f"`{arg.keyword}` is set to", True)


def _no_scalar(at: Ref, told: str, is_select: bool) -> Report:
    """A SELECT, or a subquery, where a scalar belongs."""
    return Report(
        at,
        f"{told} a {'SELECT' if is_select else 'subquery'}: SQLAlchemy warns and makes a scalar"
        " of it",
        help="use `.scalar_subquery()`",
        rewrite=Rewrite(
            "use `.scalar_subquery()`",
            Applicability.SAFE,
            (Replace(at, "{0:primary}.scalar_subquery()", (at,)),),
        )
        if is_select
        else None,
    )


def _is_subquery(operation: Operation) -> bool:
    """Whatever the argument holds was made by `subquery()` or `cte()` of a statement."""
    made = made_by(operation, operation.op.args[0], operation.arg_kinds[0])
    return bool(made) and all(
        on in _SELECTED and op.do == "call" and op.name in ("subquery", "cte", "alias")
        for on, op in made
    )

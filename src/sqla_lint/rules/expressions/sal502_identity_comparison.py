"""SAL502: `is None` on a column."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Compare,
    Const,
    Kind,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    columns_of_any,
    is_never_null,
    kinds,
    leaves_out_null,
    operations,
    rule,
)

_WITH_DEFAULT = 3  # arguments of `getattr(table.c, name, None)`


@rule(
    "SAL502",
    "identity-comparison",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("compare", names=["is", "is not"]),
)
def identity_comparison(compare: Compare) -> Iterator[Report]:
    """A column is compared with `is` or `is not`.

    ## What it does
    Reports `Model.attribute is None`, `table.c.column is not True` and the like, where one side is
    an attribute of a mapped class or a column of a table; the class may be one that a function is
    given, or that each subclass names (`self.model.attribute`).

    ## Why is this bad?
    Python answers at once, and the answer is a constant: `is None` gives `WHERE false` and no rows,
    `is not None` gives every row, in a DELETE too. Style linters that rewrite `== None` to
    `is None` (E711, E712) put it there.

    ## Example
    ```python
    session.query(Author).filter(Author.deleted_at is None)
    ```

    ## Use instead
    ```python
    session.query(Author).filter(Author.deleted_at.is_(None))
    ```

    ## Fix safety
    Safe: there is one possible intent. `.is_(None)` also satisfies the linters that caused it.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    An attribute of an instance (`author.deleted_at is None`) is a Python value and fine. A column
    in a plain variable may be None itself and is not reported, nor is one that is looked for
    (`getattr(table.c, name, None) is None`), nor a comparison that only decides an `if`, nor
    whether a column that is never NULL is None, where no outer join asks for rows that are not
    there, nor `is not None` beside another criterion that NULL does not meet.

    ## References
    SQLAlchemy docs, "Operator Reference": Identity Comparisons.
    """
    if compare.operator not in ("is", "is not") or compare.is_only_tested:
        return
    left, right = compare.operands
    if _is_column(left, compare.left):
        column, other, read = compare.left, right, left
    elif _is_column(right, compare.right):
        column, other, read = compare.right, left, right
    else:
        known = columns_of_any(compare.function, left)  # `self.model.paid_at`
        asked = [one for one in known if not is_never_null(compare.function, one, left)]
        if not asked:
            return
        column, other, read = asked[0], right, left
    made = compare.function.maker(read)
    if made is not None and _need_not_be(made.op):
        return
    if other == Const(None) and is_never_null(compare.function, column, read):
        return  # the constant is what the database would answer
    if compare.operator == "is not" and other == Const(None) and leaves_out_null(compare, column):
        return
    method = "is_" if compare.operator == "is" else "is_not"
    always = "false" if compare.operator == "is" else "true"
    name = column.label.rpartition(":")[2]
    if name[:1] == ".":  # of a table whose name is not known
        name = str(read)
    if "relationship" in column.traits:  # has no is_(); == None is its NULL test
        method, template = (
            ("==", "{0} == {1}") if compare.operator == "is" else ("!=", "{0} != {1}")
        )
        advice = f"use `{method} {_shown(other)}`"
    else:
        template = f"{{0:primary}}.{method}({{1}})"
        advice = f"use `.{method}({_shown(other)})`"
    swapped = column is compare.right and column is not compare.left
    first, second = compare.at + 1, compare.op.args[0].at
    refs = (second, first) if swapped else (first, second)
    yield Report(
        compare.at,
        f"`{name} {compare.operator} {_shown(other)}` is decided by Python, not by the database:"
        f" the criterion is always {always}",
        help=advice,
        # in a chain (`a < b is None`) the link is placed alone, and has no left side of its own
        rewrite=None
        if first == second
        else Rewrite(
            advice,
            Applicability.SAFE,
            (Replace(compare.at, template, refs),),
        ),
    )


def _is_column(operand: object, kind: Kind) -> bool:
    """An attribute read off a mapped class or a table, not a variable that may hold None."""
    if kind.name != kinds.COLUMN_EXPR or not isinstance(operand, str):
        return False
    read_off = "." in operand or operand.startswith("%")
    known = bool(kind.traits & {"mapped", "hybrid"})
    return read_off and (known or ".c." in kind.label or ".c[" in kind.label)


def _need_not_be(op: Op) -> bool:
    """What looks for a column, and gives something else where there is none."""
    if op.do != "call":
        return False
    return op.name in ("get", "pop") or (op.on == "getattr" and len(op.args) == _WITH_DEFAULT)


def _shown(operand: object) -> str:
    return repr(operand.value) if isinstance(operand, Const) else "..."

"""SAL504: `&` and `|` between comparisons without parentheses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqla_lint.rule import (
    Applicability,
    Operation,
    Ref,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_expression,
    is_never_boolean,
    kinds,
    operations,
    rule,
)

_JOINERS = frozenset({"&", "|"})
_COMPARED = ["==", "!=", "<", "<=", ">", ">="]


def one_comparison(operation: Operation) -> Iterator[Report]:
    """`User.active & User.age > 30`: the column goes to the operator, not to its comparison."""
    op, function = operation.op, operation.function
    users = function.readers.get(op.dst or "", ())
    if len(op.args) != 1 or op.on is None or any(user.name == "chain" for user in users):
        return
    left, right = function.maker(op.on), function.maker(op.args[0].value)
    if left is not None and _joins(left) and is_never_boolean(function, left.op.args[1].value):
        first, second = left.op.args
        if not is_expression(first.value, left.arg_kinds[0]):
            return
        refs, joiner = (first.at, second.at, op.args[0].at), left.op.name
        template = f"{{0}} {joiner} ({{1}} {op.name} {{2}})"
    elif right is not None and _joins(right) and is_never_boolean(function, op.on):
        first, second = right.op.args
        if not is_expression(second.value, right.arg_kinds[1]):
            return
        refs, joiner = (op.at + 1, first.at, second.at), right.op.name
        template = f"({{0}} {op.name} {{1}}) {joiner} {{2}}"
    else:
        return
    yield Report(
        op.at,
        f"`{joiner}` binds closer than `{op.name}`: wrong SQL, or TypeError",
        help="put the comparison in parentheses",
        rewrite=Rewrite("add parentheses", Applicability.SAFE, (Replace(op.at, template, refs),)),
    )


def _joins(operation: Operation) -> bool:
    return operation.op.do == "binop" and operation.op.name in _JOINERS


@rule(
    "SAL504",
    "operator-precedence",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("boolop", names=["chain"]),
    also=(one_comparison, operations("compare", names=_COMPARED)),
)
def operator_precedence(operation: Operation) -> Iterator[Report]:
    """`&` or `|` stands beside a comparison that is not in parentheses.

    ## What it does
    Reports `A.x == 1 & A.y == 2`, which Python reads as the chain `A.x == (1 & A.y) == 2`; and
    `~A.hidden & A.x >= 3`, which it reads as `(~A.hidden & A.x) >= 3`.

    ## Why is this bad?
    `TypeError` with a plain value before the operator. With expressions on both sides there is no
    error: a comparison is lost, or the truth of the conjunction is compared with the number.

    ## Example
    ```python
    select(User).where(User.name == "ann" & User.age == 30)
    ```

    ## Use instead
    ```python
    select(User).where((User.name == "ann") & (User.age == 30))
    ```

    ## Fix safety
    Safe: there is one possible intent.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Of a single comparison, the column that goes to the operator, or is compared with what it
    gives, must be of a type of SQLAlchemy's that is not Boolean.

    ## References
    SQLAlchemy docs, "Operator Reference": Conjunction Operators, Parentheses and Grouping.
    """
    found = _chained(operation)
    if found is None:
        return
    at, template, refs, joiner = found
    yield Report(
        at,
        f"`{joiner}` binds closer than the comparisons beside it: TypeError, or wrong SQL",
        help="put both comparisons in parentheses",
        rewrite=Rewrite("add parentheses", Applicability.SAFE, (Replace(at, template, refs),)),
    )


def _chained(operation: Operation) -> tuple[Ref, str, tuple[Ref, ...], str] | None:
    """A chain between whose comparisons stands nothing but `&` and `|`: where it is, and how it
    was meant."""
    op, function = operation.op, operation.function
    if op.do != "boolop" or op.name != "chain":
        return None
    links = [function.maker(arg.value) for arg in op.args]
    template, refs, joiner, columns = "({0} ", [op.at + 1], "", False
    for link, after in pairwise(links):
        if link is None or after is None or link.op.args[0].value != after.op.on:
            return None
        middle = function.maker(after.op.on)
        if middle is None or middle.op.do != "binop" or middle.op.name not in _JOINERS:
            return None
        columns |= kinds.COLUMN_EXPR in (link.on.name, *(kind.name for kind in middle.arg_kinds))
        joiner = middle.op.name or ""
        number = len(refs)
        template += f"{link.op.name} {{{number}}}) {joiner} ({{{number + 1}}} "
        refs += [arg.at for arg in middle.op.args]
    last = links[-1]
    if last is None or not columns:
        return None
    template += f"{last.op.name} {{{len(refs)}}})"
    return op.at, template, (*refs, last.op.args[0].at), joiner

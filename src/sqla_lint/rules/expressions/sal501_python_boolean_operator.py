"""SAL501: `and`, `or`, `not` between SQL expressions."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Import,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    is_expression,
    operations,
    rule,
)

_FUNCTIONS = {"and": "and_", "or": "or_", "not": "not_"}


_PACKS = frozenset({"gen", "listcomp", "list", "tuple", "set", "setcomp"})
_CRITERIA = frozenset({"filter", "where", "having", "join", "outerjoin", "and_", "or_", "not_"})


def python_any(call: Call) -> Iterator[Report]:
    """`any()` or `all()` of SQL expressions."""
    name = call.on.label.rpartition(".")[2]
    if call.on.label not in ("builtins.any", "builtins.all") or len(call.op.args) != 1:
        return
    users = call.function.readers.get(call.op.dst or "", ())
    if not any(op.do == "call" and (op.name or op.on) in _CRITERIA for op in users):
        return  # whether one column is among others is Python's business
    made = call.function.maker(call.op.args[0].value)
    if made is None or made.op.do != "pack" or made.op.name not in _PACKS:
        return
    elements = zip(made.op.args, made.arg_kinds, strict=True)
    if any(is_expression(arg.value, kind) and not arg.star for arg, kind in elements):
        function = "or_" if name == "any" else "and_"
        yield Report(
            call.at,
            f"Python evaluates `{name}()` before the database sees it: the criterion is a constant,"
            " or TypeError is raised",
            help=f"use `{function}(*[...])`",
        )


@rule(
    "SAL501",
    "python-boolean-operator",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("boolop", "unary", names=["and", "or", "not"]),
    also=(python_any, calls(None)),
)
def python_boolean_operator(operation: Operation) -> Iterator[Report]:
    """`and`, `or` or `not` joins SQL expressions.

    ## What it does
    Reports the operators where an operand that Python has to decide is a comparison or attribute
    of a mapped class or table; and `any()` and `all()` of such expressions where
    their answer is given as a criterion.

    ## Why is this bad?
    Python asks the expression for its truth and keeps one side. `a == 1 and b == 2` is just
    `a == 1`, `a == 1 or b == 2` is just `b == 2`, `not (a == 1)` is true of every row: a
    condition is dropped without any error, in UPDATE and DELETE too. With `<` or `like` it raises
    `TypeError: Boolean value of this clause is not defined` (sqlalche.me/e/20/9h9h).

    ## Example
    ```python
    select(User).where(User.name == "ann" and User.age > 30)
    ```

    ## Use instead
    ```python
    select(User).where(and_(User.name == "ann", User.age > 30))
    ```

    ## Fix safety
    Safe: there is one possible intent. Not offered for `any()` and `all()`: what no element is to
    mean, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    `flag and User.age > 30` with a Python value on the left is Python's business. An expression in
    a plain variable may be None and is not reported.

    ## References
    SQLAlchemy docs, "Operator Reference": Conjunction Operators.
    """
    op = operation.op
    if op.do == "boolop" and op.name in ("and", "or"):
        decided = zip(op.args[:-1], operation.arg_kinds[:-1], strict=True)
        wrong = any(is_expression(arg.value, kind) for arg, kind in decided)
        refs = tuple(arg.at for arg in op.args)
    elif op.do == "unary" and op.name == "not":
        wrong = is_expression(op.on, operation.on)
        refs = (op.at + 1,)  # in preorder the operand follows the operator
    else:
        return
    if not wrong or operation.function.only_tested(op.dst):
        return
    function = _FUNCTIONS[op.name or ""]
    given = ", ".join(f"{{{i}}}" for i in range(len(refs)))
    yield Report(
        op.at,
        f"Python evaluates `{op.name}` before the database sees it:"
        + (" the condition is a constant" if op.name == "not" else " a condition is dropped")
        + ", or TypeError is raised",
        help=f"use `{function}(...)`",
        rewrite=Rewrite(
            f"use `{function}()`",
            Applicability.SAFE,
            (
                Replace(op.at, f"{{{function}}}({given})", refs),
                Import("sqlalchemy", function),
            ),
        ),
    )

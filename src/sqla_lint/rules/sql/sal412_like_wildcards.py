"""SAL412: wildcards of a value inside `like()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Const,
    Function,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    pasted_between,
    receiver,
    rule,
)

_METHODS = {"like": ("contains", "startswith", "endswith")}
_METHODS["ilike"] = ("icontains", "istartswith", "iendswith")


@rule(
    "SAL412",
    "like-wildcards",
    group="pedantic",
    severity=Severity.WARNING,
    fix="unsafe",
    on=calls(*_METHODS),
)
def like_wildcards(call: Call) -> Iterator[Report]:
    """A value is pasted between the wildcards of `like()`.

    ## What it does
    Reports `column.like(f"%{value}%")`, `ilike()`, and the same put together by `+`, `%` or
    `.format()`.

    ## Why is this bad?
    `%` and `_` in the value are wildcards, too: who looks for `50%` or `a_b` finds other rows, and
    `%` alone finds all.

    ## Example
    ```python
    select(User).where(User.name.like(f"%{part}%"))
    ```

    ## Use instead
    ```python
    select(User).where(User.name.contains(part, autoescape=True))
    ```

    ## Fix safety
    Unsafe: wildcards may be meant. `icontains()` and its like exist since 2.0.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Values that are constants or numbers are not reported, nor is `like()` with an `escape`,
    nor a function that replaces wildcards itself. Tests are silent.

    ## References
    SQLAlchemy docs, "Operator Reference": String Containment.
    """
    if call.on.name != kinds.COLUMN_EXPR or call.name not in _METHODS or len(call.op.args) != 1:
        return
    if call.function.is_test_code or _makes_wildcards(call.function):
        return
    between = pasted_between(call, call.op.args[0], call.arg_kinds[0])
    if between is None or (between.before, between.after) not in _SHAPES:
        return
    method = _METHODS[call.name][_SHAPES[between.before, between.after]]
    fits = call.name == "like" or call.target >= (2, 0)
    yield Report(
        call.op.args[0].at,
        f"`%` and `_` in `{between.name}` are wildcards here: other rows are found, too",
        help=f"use `.{method}(..., autoescape=True)`",
        rewrite=Rewrite(
            f"use `{method}()`",
            Applicability.UNSAFE,
            (
                Replace(
                    call.at,
                    f"{{0:primary}}.{method}({{1}}, autoescape=True)",
                    (receiver(call.op), between.at),
                ),
            ),
        )
        if fits and between.at >= 0
        else None,
    )


def _makes_wildcards(function: Function) -> bool:
    """``value.replace(" ", "%")``, or a wildcard escaped by hand: the author knows of them."""
    return any(
        operation.op.do == "call"
        and operation.op.name == "replace"
        and any(
            isinstance(arg.value, Const) and arg.value.value in ("%", "_")
            for arg in operation.op.args
        )
        for operation in function.operations()
    )


_SHAPES = {("%", "%"): 0, ("", "%"): 1, ("%", ""): 2}

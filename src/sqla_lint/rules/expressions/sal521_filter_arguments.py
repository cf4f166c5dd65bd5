"""SAL521: `filter(name="x")` and `filter_by(User.name == "x")`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Rename,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    rule,
)

_FILTERED = frozenset({kinds.QUERY, kinds.SELECT, kinds.UPDATE, kinds.DELETE})


@rule(
    "SAL521",
    "filter-arguments",
    severity=Severity.ERROR,
    fix="safe",
    on=calls(receivers=_FILTERED),
)
def filter_arguments(call: Call) -> Iterator[Report]:
    """`filter()` is called with keywords, or `filter_by()` with expressions.

    ## What it does
    Reports keyword arguments of `filter()` and `where()`, and positional arguments of
    `filter_by()`.

    ## Why is this bad?
    Both raise TypeError: `filter()` takes expressions, `filter_by()` takes names and values.

    ## Example
    ```python
    session.query(User).filter(name="ann")
    ```

    ## Use instead
    ```python
    session.query(User).filter_by(name="ann")
    ```

    ## Fix safety
    Safe: the call raised before. Not offered for a mixture of both.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Arguments given by `*` or `**` are not looked at.

    ## References
    SQLAlchemy docs, "Legacy Query API": Query.filter(), Query.filter_by().
    """
    if call.on.name not in _FILTERED or "subclass" in call.on.traits:
        return
    args = call.op.args
    named = [arg for arg in args if arg.keyword is not None]
    plain = [arg for arg in args if arg.keyword is None and not arg.star]
    if call.name in ("filter", "where") and named:
        takes, right, alone = "expressions", "filter_by", len(named) == len(args)
    elif call.name == "filter_by" and plain:
        takes, right, alone = "names and values", "filter", len(plain) == len(args)
    else:
        return
    yield Report(
        call.at,
        f"`{call.name}()` takes {takes}: this call raises TypeError",
        help=f"use `{right}()`" if alone else "use `filter()` and `filter_by()`",
        rewrite=Rewrite(f"use `{right}()`", Applicability.SAFE, (Rename(call.at, right),))
        if alone
        else None,
    )

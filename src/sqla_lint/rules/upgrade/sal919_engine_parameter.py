"""SAL919: former parameters of engines and types."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Const,
    Drop,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    drivers,
    engine_options,
    kinds,
    of_every_version,
    operations,
    rule,
    sqlalchemy_name,
)

_TYPES = frozenset({"String", "Text", "Unicode", "UnicodeText", "VARCHAR", "Enum"})


@rule(
    "SAL919",
    "engine-parameter",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("call", "setitem", "move"),
)
@of_every_version
def engine_parameter(operation: Operation) -> Iterator[Report]:
    """A parameter that `create_engine()` or a type took once.

    ## What it does
    Reports `encoding=`, `convert_unicode=`, `case_sensitive=`, `strategy=`, `listeners=` and the
    like of `create_engine()`, `future=False`, `String(convert_unicode=True)`, and `URL(...)`
    without `create`.

    ## Why is this bad?
    Removed in 2.0: `TypeError`; a few only warn, and have no effect.

    ## Example
    ```python
    engine = create_engine("sqlite://", encoding="utf-8")
    ```

    ## Use instead
    ```python
    engine = create_engine("sqlite://")
    ```

    ## Fix safety
    Safe for what has no effect in 1.4 on Python 3 either; otherwise no fix.

    ## Versions
    2.0 and 2.1.

    ## Limits
    Options in a dictionary are judged only where it is Flask-SQLAlchemy's.

    ## References
    SQLAlchemy docs, "2.0 Migration": "encoding", "convert_unicode".
    """
    op = operation.op
    if operation.function.target < (2, 0):
        return
    for option in engine_options(operation):
        former = drivers.FORMER_OPTIONS.get(option.name)
        if former is not None:
            refused = former.refused is not None
            drop = Rewrite("leave it out", Applicability.SAFE, (Drop(option.at),))
            yield Report(
                option.at,
                f"`create_engine()` has no `{option.name}`: TypeError"
                if refused
                else f"`{option.name}` of `create_engine()` is deprecated",
                help=former.help,
                rewrite=drop if former.idle and op.do == "call" else None,
            )
        elif option.name == "future" and option.value == Const(False):
            yield Report(
                option.at,
                "`future` may only be True since SQLAlchemy 2.0: ArgumentError",
                help="leave it out",
            )
    if op.do != "call":
        return
    name = sqlalchemy_name(operation)
    if name.rpartition(".")[2] in _TYPES and operation.result.name == kinds.TYPE:
        for arg in op.args:
            if arg.keyword == "convert_unicode":
                yield Report(
                    arg.at,
                    f"`{name.rpartition('.')[2]}()` has no `convert_unicode`: TypeError",
                    help="leave it out: drivers of Python 3 take text",
                    rewrite=Rewrite("leave it out", Applicability.SAFE, (Drop(arg.at),)),
                )
    elif name == "sqlalchemy.URL" and len(op.args) < _PARTS and not any(a.star for a in op.args):
        edit = Replace(op.at + 1, "{0:primary}.create", (op.at + 1,))
        yield Report(
            op.at,
            "`URL()` cannot be called since SQLAlchemy 2.0: TypeError",
            help="write `URL.create(...)`",
            rewrite=Rewrite("use `URL.create()`", Applicability.SAFE, (edit,)),
        )


_PARTS = 7  # with all of them it is the tuple that a URL is

"""SAL403: a plain string where SQLAlchemy wants a statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    RAW_STRING_RUNNERS,
    RAW_STRING_RUNS,
    Applicability,
    Call,
    Const,
    Import,
    Kind,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    raw_string,
    rule,
    sqltext,
)

_CRITERIA = frozenset({"filter", "where", "having", "from_statement"})
_FILTERED = frozenset({kinds.QUERY, kinds.SELECT, kinds.UPDATE, kinds.DELETE})


@rule(
    "SAL403",
    "raw-string-statement",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=calls(*RAW_STRING_RUNS, *_CRITERIA, receivers=RAW_STRING_RUNNERS | _FILTERED),
)
def raw_string_statement(call: Call) -> Iterator[Report]:
    """A plain string is executed, or given as a criterion.

    ## What it does
    Reports a string handed to `execute()`, `scalar()` or `scalars()` of a Connection or Session,
    or to `where()`, `filter()` and `having()`.

    ## Why is this bad?
    Since 2.0 a Connection raises `ObjectNotExecutableError` and a Session `ArgumentError`
    (sqlalche.me/e/20/f405). A string as a criterion raises `ArgumentError` in every version.

    ## Example
    ```python
    conn.execute("SELECT 1")
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT 1"))
    ```

    ## Fix safety
    Safe for a constant: the line raised before. Unsafe where the string is built at run time,
    because `text()` reads `:word` in a value as a bind parameter. Not offered where placeholders
    of the driver (`%s`, `?`) would have to be rewritten.

    ## Versions
    2.0 and 2.1; in 1.4 only criteria and asyncio, where strings never worked.

    ## Limits
    `exec_driver_sql()` takes strings and is fine. A value that is not known to be a string is not
    reported, nor one that only `typing.cast()` calls a string, nor what a function executes that
    decides by the version of SQLAlchemy.

    ## References
    SQLAlchemy docs, "2.0 Migration": execute() method more strict; "Error Messages": f405.
    """
    on = call.on
    given = raw_string(call)
    if given is not None:
        error = "ObjectNotExecutableError" if on.name == kinds.CONNECTION else "ArgumentError"
        yield Report(
            given[0].at,
            f"`{call.name}()` of a plain string raises {error} at run time",
            help='wrap it: `text("...")`',
            rewrite=_wrapped(call, 0),
        )
    elif call.name in _CRITERIA and on.name in _FILTERED:
        for position, (arg, kind) in enumerate(zip(call.op.args, call.arg_kinds, strict=True)):
            if arg.keyword is None and not arg.star and kind.name == kinds.STR:
                yield Report(
                    arg.at,
                    f"`{call.name}()` of a plain string raises ArgumentError at run time",
                    help='write the criterion with columns, or wrap it: `text("...")`',
                    rewrite=_wrapped(call, position),
                )


def _wrapped(call: Call, position: int) -> Rewrite | None:
    arg, kind = call.op.args[position], call.arg_kinds[position]
    sql = kind.label
    parameters = len(call.op.args) > 1 and call.name in RAW_STRING_RUNS
    if sql and sqltext.placeholders(sql):
        return None
    if sql and sqltext.bind_names(sql) and not parameters and call.name in RAW_STRING_RUNS:
        return None  # text() would take a colon of the string for a parameter
    if parameters and not _is_mapping(call.arg_kinds[1], call):
        return None
    constant = bool(sql) and sqltext.HOLE not in sql
    if isinstance(arg.value, Const):
        constant = True
    return Rewrite(
        "wrap the string in `text()`",
        Applicability.SAFE if constant else Applicability.UNSAFE,
        (Replace(arg.at, "{text}({0})", (arg.at,)), Import("sqlalchemy", "text")),
    )


def _is_mapping(kind: Kind, call: Call) -> bool:
    """Parameters that `text()` accepts: a dictionary, or something that may be one."""
    return call.op.args[1].keyword in (None, "params", "parameters") and kind.name not in (
        kinds.TUPLE,
        kinds.INT,
        kinds.STR,
        kinds.LIST,
    )

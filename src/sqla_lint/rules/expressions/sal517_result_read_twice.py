"""SAL517: a result is read a second time."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    READ_ONCE,
    Function,
    Kind,
    Report,
    Severity,
    ends_by_object,
    functions_with,
    kinds,
    rows_kept,
    rule,
    sqltext,
    statements_behind,
)

_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_FETCHES = frozenset(
    {"all", "fetchall", "first", "fetchone", "fetchmany", "one", "one_or_none", "scalar"}
    | {"scalar_one", "scalar_one_or_none"}
)


@rule(
    "SAL517",
    "result-read-twice",
    severity=Severity.ERROR,
    fix="unsafe",
    on=functions_with(kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS),
)
def result_read_twice(function: Function) -> Iterator[Report]:
    """A result is read that has no rows: all were taken before, or the statement returns none.

    ## What it does
    Reports a read of a Result after `all()`, `first()`, `one()`, `scalar()` or a loop over it, and
    a read of the result of an INSERT, UPDATE or DELETE without `returning()`.

    ## Why is this bad?
    The rows are gone: `all()` gives an empty list, `first()` gives None. After `first()`, `one()`
    or `scalar()` the result is closed and raises ResourceClosedError. A write without `returning()`
    has no rows at all: `ResourceClosedError: This result object does not return rows`.

    ## Example
    ```python
    result = session.execute(select(User))
    total = len(result.all())
    return total, result.all()
    ```

    ## Use instead
    ```python
    users = session.execute(select(User)).all()
    return len(users), users
    ```

    ## Fix safety
    Unsafe: all rows are held at once, and the second read finds them. Offered where a variable is
    bound once and only read whole or looped over; after `first()` and the like, and for what a
    write has not returned, the author must say what is wanted.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Reads in one function, on one path, and by functions of the project that surely read all that
    is left; results that the function has got from a statement or from a function of the project.

    ## References
    SQLAlchemy docs, "Connections": Result.
    """
    results = function.results(of_helpers=True)
    for end in ends_by_object(function.solve(READ_ONCE, results).ends, "fault"):
        if end.trail is None:
            continue
        name = function.name_of(end.root)
        yield Report(
            end.trail.op.at,
            f"{name} was read to its end before: no rows are left, or ResourceClosedError is"
            " raised",
            help="keep the rows: `rows = result.all()`",
            steps=function.path(end.trail),
            rewrite=rows_kept(function, end.root),
        )
    for call in function.calls():
        if call.name in _FETCHES and call.on.name in _RESULTS:
            statements = [statement for statement, _ in statements_behind(call)]
        elif call.name == "scalar" and (given := call.executed()) is not None:
            statements = [given[1]]
        else:
            continue
        if statements and all(_returns_nothing(kind) for kind in statements):
            yield Report(
                call.at,
                "a write without RETURNING has no rows: ResourceClosedError",
                help="add `returning(...)`, or ask for `.rowcount`",
            )


def _returns_nothing(kind: Kind) -> bool:
    if kind.name == kinds.TEXT:
        sql = kind.label
        known = bool(sql) and sqltext.HOLE not in sql and sqltext.statements(sql) == 1
        words = sql.upper()
        return (
            known
            and sqltext.verb(sql) in ("INSERT", "UPDATE", "DELETE")
            and "RETURNING" not in words
            and "OUTPUT" not in words
        )
    return "no-rows" in kind.traits and kind.name in _WRITES

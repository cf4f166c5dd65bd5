"""SAL703: a loop writes its rows one by one."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Report,
    Severity,
    functions_with,
    kinds,
    rule,
    statements_in_loops,
)


@rule(
    "SAL703",
    "execute-in-loop",
    group="pedantic",
    severity=Severity.ADVICE,
    on=functions_with(kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.QUERY),
)
def execute_in_loop(function: Function) -> Iterator[Report]:
    """A loop runs an INSERT, UPDATE or DELETE for each of its elements.

    ## What it does
    Reports, with `--pedantic`, statements that write in `for` loops and comprehensions, with values
    or criteria from the element of the loop.

    ## Why is this bad?
    Each is a round trip to the database; given a list, `execute()` sends all rows at once.

    ## Example
    ```python
    for name in names:
        conn.execute(insert(users).values(name=name))
    ```

    ## Use instead
    ```python
    conn.execute(insert(users), [{"name": name} for name in names])
    ```

    ## Fix safety
    No fix: whether one row depends on another, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Loops over a few values that are written in place, over pages, batches and generators, loops
    that wait, handle failures or commit are not reported.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Executing Multiple Statements.
    """
    if function.entry in ("test", "fixture"):
        return
    for one in statements_in_loops(function):
        if one.verb in ("insert", "update", "delete"):
            yield Report(
                one.op.at,
                f"this `{one.verb}()` runs once for each element of the loop: a round trip to the"
                " database in every turn",
                help="give `execute()` a list of values, or say all rows in one criterion",
                group="pedantic",
            )

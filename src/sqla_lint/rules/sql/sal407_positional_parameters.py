"""SAL407: values by position for a `text()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import EXECUTING, Call, Report, Severity, in_order, rule, sqltext


@rule(
    "SAL407",
    "positional-parameters",
    severity=Severity.ERROR,
    fix="unsafe",
    versions="2.0, 2.1",
    on=EXECUTING,
)
def positional_parameters(call: Call) -> Iterator[Report]:
    """The values for a `text()` are a tuple or a list of values.

    ## What it does
    Reports `execute(text(...), (1, 2))` and `execute(text(...), [1, 2])`.

    ## Why is this bad?
    Since 2.0 parameters are a dictionary, or a list of dictionaries: `ArgumentError: List argument
    must consist only of dictionaries`.

    ## Example
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"), (user_id,))
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"), {"id": user_id})
    ```

    ## Fix safety
    Safe for one value; unsafe for several, which may not stand in the order of their names.

    ## Versions
    2.0 and 2.1.

    ## Limits
    Only tuples, lists and comprehensions that are written in the same function. A tuple of
    dictionaries is accepted, and not reported.

    ## References
    SQLAlchemy docs, "2.0 Migration": execute() method more strict.
    """
    sql = call.executed_text()
    if sql is None or call.target < (2, 0) or sqltext.placeholders(sql):
        return
    parameters = call.parameters()
    if parameters.given == "positions":
        yield Report(
            parameters.at,
            "the parameters of a statement are a dictionary, or a list of them: ArgumentError",
            help='name them: `{"name": value}`',
            rewrite=in_order(call),
        )

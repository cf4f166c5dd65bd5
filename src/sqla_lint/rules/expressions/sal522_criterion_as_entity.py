"""SAL522: a criterion where an entity belongs."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Kind, Report, Severity, calls, kinds, rule

_MAKERS = {
    f"sqlalchemy.{path}{verb}": verb
    for verb in ("insert", "update", "delete")
    for path in ("", "sql.", "sql.expression.", "future.")
}


@rule(
    "SAL522",
    "criterion-as-entity",
    group="preview",
    severity=Severity.ERROR,
    on=calls("update", "delete", None),
)
def criterion_as_entity(call: Call) -> Iterator[Report]:
    """A criterion stands where an entity belongs.

    ## What it does
    Reports `update(User.name == "ann")` and `delete(User.name == "ann")`, and `.update()` or
    `.delete()` of a `session.query(User.name == "ann")`.

    ## Why is this bad?
    ArgumentError: a table or mapped class is expected, the criterion belongs into `where()`.

    ## Example
    ```python
    session.query(User.name == "ann").delete()
    ```

    ## Use instead
    ```python
    session.query(User).filter(User.name == "ann").delete()
    ```

    ## Fix safety
    No fix is offered.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Selecting a criterion is allowed: it gives true or false for every row.

    ## References
    SQLAlchemy docs, "ORM-Enabled INSERT, UPDATE, and DELETE statements".
    """
    if call.name in ("update", "delete") and call.on.name == kinds.QUERY:
        given = call.on.of
    elif call.name is None and call.on.label in _MAKERS:
        given = call.arg_kinds[:1] if not (call.op.args and call.op.args[0].star) else ()
    else:
        return
    if len(given) == 1 and _is_column(given[0]):
        yield Report(
            call.at,
            "a table or mapped class is expected here: a column or criterion raises ArgumentError",
            help="name the model, and put the criterion into `where()`",
        )


def _is_column(kind: Kind) -> bool:
    return kind.name == kinds.COLUMN_EXPR and "mapped" in kind.traits

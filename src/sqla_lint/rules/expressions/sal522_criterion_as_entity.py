"""SAL522: a criterion where an entity belongs."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Kind, Report, Severity, calls, kinds, rule, statements_behind

_MAKERS = {
    f"sqlalchemy.{path}{verb}": verb
    for verb in ("insert", "update", "delete")
    for path in ("", "sql.", "sql.expression.", "future.")
}


_ONE_ROW = frozenset({"first", "one", "one_or_none", "fetchone"})
_ONE_ROW |= {"scalar", "scalar_one", "scalar_one_or_none"}
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS})


@rule(
    "SAL522",
    "criterion-as-entity",
    severity=Severity.ERROR,
    on=calls("update", "delete", None, *_ONE_ROW),
)
def criterion_as_entity(call: Call) -> Iterator[Report]:
    """A criterion stands where an entity belongs.

    ## What it does
    Reports `update(User.name == "ann")` and `delete(User.name == "ann")`, and `.update()` or
    `.delete()` of a `session.query(User.name == "ann")`; and one row of a SELECT of such a
    criterion alone, as by `select(User.name == "ann")` and `.first()`.

    ## Why is this bad?
    ArgumentError: a table or mapped class is expected, the criterion belongs into `where()`.
    One row of such a SELECT is true or false of whichever row comes first, never the entity.

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
    All rows of a SELECT of a criterion are allowed: true or false for each.

    ## References
    SQLAlchemy docs, "ORM-Enabled INSERT, UPDATE, and DELETE statements".
    """
    read = _one_row_of(call)
    if read and all("told" in kind.traits for kind in read):
        yield Report(
            call.at,
            "only a criterion is selected: this is true or false of whichever row comes first",
            help="select the model, and put the criterion into `where()`",
        )
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


def _one_row_of(call: Call) -> list[Kind]:
    """The statements one row of which is read."""
    if call.name not in _ONE_ROW:
        return []
    if call.on.name == kinds.QUERY:
        return [call.on]
    if call.on.name in _RESULTS:
        return [statement for statement, _ in statements_behind(call)]
    given = call.executed() if call.name == "scalar" else None
    return [given[1]] if given is not None else []


def _is_column(kind: Kind) -> bool:
    return kind.name == kinds.COLUMN_EXPR and "mapped" in kind.traits

"""SAL907: rows used as dictionaries."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    NAME,
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    asks_for,
    kinds,
    of_database,
    of_every_version,
    operations,
    receiver,
    rule,
)

_METHODS = frozenset({"keys", "items", "values", "has_key", "iterkeys", "itervalues", "iteritems"})


@rule(
    "SAL907",
    "row-as-mapping",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=of_database(operations("call", "getitem", "pack")),
)
@of_every_version
def row_as_mapping(operation: Operation) -> Iterator[Report]:
    """A row is used as if it were a dictionary.

    ## What it does
    Reports `row["name"]`, `row[column]`, `row.keys()`, `row.items()`, `row.values()`,
    `row.has_key()`, `dict(row)` and `**row` for rows of a result or query.

    ## Why is this bad?
    Rows are named tuples since 2.0: `TypeError: tuple indices must be integers or slices, not str`,
    or `AttributeError`.

    ## Example
    ```python
    for row in conn.execute(select(users)):
        print(row["name"])
    ```

    ## Use instead
    ```python
    for row in conn.execute(select(users)):
        print(row._mapping["name"])
    ```

    ## Fix safety
    Safe: `_mapping` is what rows of 1.4 ask themselves.

    ## Versions
    2.0 and 2.1; `_mapping` came with 1.4.

    ## Limits
    `"name" in row` is not reported: it is a test of the values since 2.0, and may be meant. Nor is
    a row of which the function asks `hasattr(row, ...)`, nor what is done where a function decides
    by a version.

    ## References
    SQLAlchemy docs, "2.0 Migration": RowProxy is no longer a proxy; is now called Row and behaves
    like an enhanced named tuple.
    """
    if operation.function.target < (2, 0) or asks_for(operation):
        return
    for at, what, fixable in _uses(operation):
        yield Report(
            operation.at,
            f"a row is a tuple: {what}",
            help="ask `row._mapping`, or take the rows of `result.mappings()`",
            rewrite=_through_mapping(at) if fixable else None,
        )


def _uses(operation: Operation) -> Iterator[tuple[int, str, bool]]:
    """Where the row stands, what happens, and whether `_mapping` mends it."""
    op, on = operation.op, operation.on
    if on.name == kinds.ROW and op.do == "getitem" and len(op.args) == 1:
        index = operation.arg_kinds[0]
        if index.name == kinds.STR or index.name == kinds.COLUMN_EXPR:
            yield op.at + 1, "`row[...]` with a name raises TypeError", True
    elif on.name == kinds.ROW and op.do == "call" and op.name in _METHODS:
        if not any(of.label.endswith(f".{op.name}") for of in on.of):
            fixable = op.name in ("keys", "items", "values")
            yield receiver(op), f"`row.{op.name}()` raises AttributeError", fixable
    elif op.do == "call":
        plain_dict = on.name == NAME and on.label == "builtins.dict" and op.name is None
        for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
            if kind.name != kinds.ROW:
                continue
            if arg.star == 2:
                yield arg.at, "`**row` raises TypeError", True
            elif plain_dict and arg is op.args[0] and not arg.keyword and not arg.star:
                yield arg.at, "`dict(row)` raises TypeError", True
    elif op.do == "pack" and op.name == "dict":
        for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
            if arg.star == 2 and kind.name == kinds.ROW:
                yield arg.at, "`**row` raises TypeError", True


def _through_mapping(at: int) -> Rewrite:
    edit = Replace(at, "{0:primary}._mapping", (at,))
    return Rewrite("ask `_mapping`", Applicability.SAFE, (edit,))

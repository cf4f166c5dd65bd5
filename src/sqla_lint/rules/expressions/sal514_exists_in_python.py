"""SAL514: rows are counted or fetched to see whether there are any."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Const, Operation, Report, Severity, finds_one, kinds, operations, rule

_LISTS = frozenset({"all", "fetchall"})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_ANY = frozenset({(">", 0), ("!=", 0), ("==", 0), (">=", 1), ("<", 1)})


@rule(
    "SAL514",
    "exists-in-python",
    group="preview",
    severity=Severity.ADVICE,
    on=operations("test", "unary", "compare"),
)
def exists_in_python(operation: Operation) -> Iterator[Report]:
    """Rows are counted or fetched only to see whether there are any.

    ## What it does
    Reports `query.count() > 0`, `if query.count():` and `if query.all():` where the rows are not
    used.

    ## Why is this bad?
    The database counts or sends every row, where finding one would do.

    ## Example
    ```python
    if session.query(User).filter(User.name == name).count() > 0:
        raise ValueError("taken")
    ```

    ## Use instead
    ```python
    if session.query(User.id).filter(User.name == name).first() is not None:
        raise ValueError("taken")
    ```

    ## Fix safety
    No fix: `first()`, or an EXISTS in the database, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only where the value goes nowhere else. A query for a whole primary or unique key finds one row
    at most, and is not reported, nor is one that may: it asks for what is no column of a class
    that is known. Nor is one with a limit. Tests are silent: they count few rows,
    and show how many there were.

    ## References
    SQLAlchemy docs, "SELECT and Related Constructs": exists().
    """
    op = operation.op
    if op.do == "test" or (op.do == "unary" and op.name == "not"):
        wanted = ("count", *_LISTS)
    elif op.do == "compare" and op.args and isinstance(op.args[0].value, Const):
        if (op.name, op.args[0].value.value) not in _ANY:
            return
        wanted = ("count",)
    else:
        return
    if not isinstance(op.on, str) or op.on[0] != "%" or operation.function.is_test_code:
        return
    made = operation.function.maker(op.on)
    if made is None or made.op.do != "call" or made.op.name not in wanted:
        return
    if made.on.traits & {"limited", "paged"}:
        return  # as few rows as the author wants
    counted = made.on.name == kinds.QUERY and made.op.name == "count"
    fetched = made.op.name in _LISTS and made.on.name in _RESULTS | {kinds.QUERY}
    if (counted or fetched) and _is_gone(operation) and not finds_one(made, perhaps=True):
        does = "counted" if counted else "fetched"
        yield Report(
            made.at,
            f"every row is {does}, only to see whether there is one",
            help="ask for one: `.first() is not None`, or an `exists()` in the database",
        )


def _is_gone(operation: Operation) -> bool:
    """Nothing else reads the rows or their number."""
    place = operation.op.on
    readers = [
        other
        for other in operation.function.operations()
        if other.op.on == place or any(arg.value == place for arg in other.op.args)
    ]
    return all(
        other.op.do in ("test", "compare") or (other.op.do == "unary" and other.op.name == "not")
        for other in readers
    )

"""SAL522: a criterion where an entity belongs."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Kind,
    Op,
    Operand,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    rule,
    statements_behind,
)

_MAKERS = {
    f"sqlalchemy.{path}{verb}": verb
    for verb in ("insert", "update", "delete")
    for path in ("", "sql.", "sql.expression.", "future.")
}


_ONE_ROW = frozenset({"first", "one", "one_or_none", "fetchone"})
_ONE_ROW |= {"scalar", "scalar_one", "scalar_one_or_none"}
_ASKS = frozenset({"in_", "not_in", "like", "ilike", "is_", "is_not", "between", "startswith"})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS})


@rule(
    "SAL522",
    "criterion-as-entity",
    severity=Severity.ERROR,
    fix="safe",
    on=calls("update", "delete", None, *_ONE_ROW),
)
def criterion_as_entity(call: Call) -> Iterator[Report]:
    """A criterion stands where an entity belongs.

    ## What it does
    Reports `update(User.name == "ann")` and `delete(User.name == "ann")`, and `.update()` or
    `.delete()` of a `session.query(User.name == "ann")`; and one row of a SELECT of nothing but
    such criteria, as by `select(User.name == "ann", User.age > 30)` and `.first()`.

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
    Safe for UPDATE and DELETE, which raised; unsafe for one row, which was another one. Offered
    where the criterion is written in place and names its model.

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
            rewrite=_moved(_selecting(call), call, Applicability.UNSAFE),
        )
    if call.name in ("update", "delete") and call.on.name == kinds.QUERY:
        given = call.on.of
    elif call.name is None and call.on.label in _MAKERS:
        given = call.arg_kinds[:1] if not (call.op.args and call.op.args[0].star) else ()
    else:
        return
    if len(given) == 1 and (_is_column(given[0]) or _is_asked(call)):
        yield Report(
            call.at,
            "a table or mapped class is expected here: a column or criterion raises ArgumentError",
            help="name the model, and put the criterion into `where()`",
            rewrite=_moved(
                call.op if call.name is None else _selecting(call), call, Applicability.SAFE
            ),
        )


def _is_asked(call: Call) -> bool:
    """`User.name.in_(names)`: what a method makes of a column."""
    made = call.function.maker(call.op.args[0].value) if call.name is None else None
    return (
        made is not None and made.op.do == "call" and made.op.name in _ASKS and _is_column(made.on)
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


def _selecting(call: Call) -> Op | None:
    """The call that selects the criterion, when the function has one such call only."""
    told = [
        one.op
        for one in call.function.calls()
        if one.op.name == "query" or one.on.label.rpartition(".")[2] == "select"
        if one.arg_kinds and all(_is_column(kind) for kind in one.arg_kinds)
    ]
    return told[0] if len(told) == 1 and len(told[0].args) == 1 else None


def _moved(made: Op | None, call: Call, applicability: Applicability) -> Rewrite | None:
    """`query(User.name == name)` as `query(User).filter(User.name == name)`."""
    if made is None or len(made.args) != 1 or made.args[0].star or made.args[0].keyword:
        return None
    model = _model(call, made.args[0].value)
    method = "filter" if made.name == "query" else "where"
    if not model:
        return None
    template = f"{{0}}({model}).{method}({{1}})"
    edit = Replace(made.at, template, (made.at + 1, made.args[0].at))
    return Rewrite("put the criterion into `where()`", applicability, (edit,))


def _model(call: Call, criterion: Operand | None) -> str:
    """``User`` of ``User.name == name``, as it is written there."""
    made = call.function.maker(criterion)
    if made is None:
        return ""
    op = made.op
    if op.do == "binop" and op.name in ("&", "|"):
        return _model(call, op.args[0].value)
    if op.do == "unary":
        return _model(call, op.on)
    on = op.on if op.do in ("compare", "call") else None
    read = call.function.maker(on) or call.function.reader_of(on)
    if read is None or read.op.do != "getattr" or read.on.name != kinds.MAPPED_CLASS:
        return ""
    named = read.op.on
    return named if isinstance(named, str) and named.replace(".", "").isidentifier() else ""

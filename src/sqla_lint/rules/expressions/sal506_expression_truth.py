"""SAL506: the truth of a statement, a Query or an SQL expression."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    FOREIGN,
    Const,
    Function,
    Kind,
    Note,
    Operation,
    Report,
    Severity,
    Undefined,
    asked_items,
    asked_parameters,
    declared_criteria,
    functions_with,
    hybrids_of_any,
    is_expression,
    kinds,
    made_note,
    may_be_none,
    of_database,
    operations,
    python_hybrid,
    rule,
    sql_behind,
)

_STATEMENTS = frozenset(
    {kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TABLE, kinds.FROM_CLAUSE}
)
_VALUES = frozenset({kinds.STR, kinds.INT, kinds.FLOAT, kinds.BOOL, kinds.BYTES, kinds.NONE})
_UNDEFINED = "raises TypeError: its truth is not defined"
_CLAUSES = (kinds.SELECT, kinds.QUERY, kinds.UPDATE, kinds.DELETE)
_HELP = "compare with `is not None`, or run it and ask for a row"


def parameter_truth(function: Function) -> Iterator[Report]:
    """A criterion that a caller gives, or a column in a hybrid, is asked for its truth."""
    for operation in hybrids_of_any(function):
        yield from _of_hybrid(operation)
    if function.typed.present.isdisjoint(_CLAUSES):
        return
    told = set()
    for asked in (*asked_parameters(function), *asked_items(function)):
        told.add(asked.at)
        yield Report(
            asked.at,
            f"`{asked.name}` is SQL when `{asked.caller}` calls: {_ANSWERS[asked.sql.answer]}",
            help="compare with `is not None`",
            steps=(made_note(function, asked.sql),),
        )
    for said in declared_criteria(function):
        if said.at not in told:
            yield Report(
                said.at,
                f"`{said.name}` may be an expression: asking whether it is true {_UNDEFINED}, and"
                " of a comparison for equality it is false",
                help="compare with `is not None`",
                steps=(Note("an expression, as it says", said.said, said.path),),
            )


def _of_hybrid(operation: Operation) -> Iterator[Report]:
    asked, name = python_hybrid(operation), operation.op.name
    if asked is not None and not _is_coalesced(operation):
        yield Report(
            operation.at,
            f"the hybrid `{name}` asks for the truth of `{asked.name}`, which is a column here:"
            " Python takes one branch for all rows",
            help=f"give it an SQL expression: `@{name}.expression`",
            steps=(Note("decided here, once for all rows", asked.at, asked.path),),
        )


_ANSWERS = {
    "raises": f"asking whether it is true {_UNDEFINED}",
    "false": "a comparison of a column is always false to Python",
    "true": "a comparison of a column is always true to Python",
}


@rule(
    "SAL506",
    "expression-truth",
    severity=Severity.ERROR,
    on=of_database(operations("getattr", "test", "call")),
    also=(parameter_truth, functions_with()),
)
def expression_truth(operation: Operation) -> Iterator[Report]:
    """Python is asked for the truth of a statement, a Query or an SQL expression.

    ## What it does
    Reports `if select(...)`, `if table`, `if session.query(...)`, `if User.age > 30` and
    `if User.age == 30`, also in `while`, `assert`, ternaries and `bool()`; and `Model.name` of a
    hybrid property without an SQL expression whose code asks for the truth of a column, or whether
    it is None, also where `Model` is one of several classes. Criteria
    are followed through variables, functions of the project that return one or None, calls that
    give one, and items of dictionaries that a caller writes; and a parameter or attribute that its
    annotation calls an expression is one.

    ## Why is this bad?
    A statement, a table and most expressions raise `TypeError: Boolean value of this clause is not
    defined`. A Query is always true, `User.age == 30` always false, `User.age` always true.

    ## Example
    ```python
    query = session.query(User).filter(User.name == name)
    if query:
        raise ValueError("taken")
    ```

    ## Use instead
    ```python
    query = session.query(User).filter(User.name == name)
    if query.first():
        raise ValueError("taken")
    ```

    ## Fix safety
    No fix: run it, or compare with None, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A Query that may be None, in a variable or from a function, is not reported, nor is one that is
    only asked before a loop over it, where no rows do as much as an empty list, nor a comparison
    of two columns, which asks whether they are the same. A variable or a parameter is reported when
    SQL surely comes to it on some way, and nothing else but constants is known to. A value of which
    nothing is known may be a column: it counts as none when a call gives it, or when it is a
    parameter that is only compared, once, and whose annotation says nothing else.

    ## References
    SQLAlchemy docs, "Error Messages": 9h9h.
    """
    op = operation.op
    if operation.on.name == kinds.MAPPED_CLASS and operation.on.label:
        yield from _of_hybrid(operation)
    if op.do == "test":
        operand, kind = op.on, operation.on
    elif op.do == "call" and op.name is None and operation.on.label == "builtins.bool" and op.args:
        operand, kind = op.args[0].value, operation.arg_kinds[0]
    else:
        return
    if (
        kind.name == kinds.QUERY
        and operand
        and (may_be_none(operation, operand, kind) or _is_looped_over(operation))
    ):
        return
    happens = _truth(operation.function, operand, kind)
    if not happens and kind.name == kinds.COLUMN_EXPR and isinstance(operand, str):
        sql = None if _is_part(operation.function, operand) else _behind(operation, operand)
        if sql is not None:
            shown = operand.partition("@")[0]
            yield Report(
                op.at,
                f"`{shown}` may be SQL: {_ANSWERS[sql.answer]}",
                help="compare with `is not None`",
                steps=(made_note(operation.function, sql),),
            )
        return
    if (
        happens and isinstance(operand, str) and not _is_part(operation.function, operand)
    ):  # else SAL501 or SAL505
        made = operation.function.maker(operand)
        yield Report(
            op.at if made is None else made.at,
            happens,
            help=_HELP,
        )


def _behind(operation: Operation, operand: str) -> Undefined | None:
    """SQL in a variable: what is written in place has been looked at."""
    return None if operand[0] == "%" else sql_behind(operation.function, operation.op, operand)


def _is_a_value(function: Function, compared: Operation, other: Kind) -> bool:
    """The right side is no column, as far as can be told: a library or a function gives it, or it
    is a parameter that is good for nothing but this one comparison with a mapped attribute."""
    if "mapped" not in compared.on.traits or other.name not in (kinds.UNKNOWN, FOREIGN):
        return False
    operand = compared.op.args[0].value
    if other.name == FOREIGN:
        return True
    made = function.maker(operand)
    if made is not None:
        return made.op.do == "call"
    params = function.typed.function.params
    is_param = any(param.name == operand and param.ann is None for param in params)
    return is_param and function.readers.get(operand, []) == [compared.op]


def _is_coalesced(operation: Operation) -> bool:
    """`coalesce(Model.name, ...)` says itself what holds where the column is NULL."""
    readers = operation.function.readers.get(operation.op.dst or "", [])
    names = {(op.name or str(op.on)).rpartition(".")[2] for op in readers if op.do == "call"}
    return names == {"coalesce"}


def _is_looped_over(operation: Operation) -> bool:
    """`if query:` around nothing but `for row in query:`, which no rows leave alone, too."""
    here = operation.function.position(operation.op)
    blocks = operation.function.typed.function.blocks
    if here is None or operation.op is not blocks[here[0]].ops[-1]:
        return False
    ways = {edge.test.holds: edge.to for edge in blocks[here[0]].edges if edge.test is not None}
    if len(ways) != len(blocks[here[0]].edges) or len(ways) < len((True, False)):
        return False
    loop = blocks[ways[True]]
    starts = len(loop.ops) == 1 and loop.ops[0].do == "next" and loop.ops[0].on == operation.op.on
    return starts and any(edge.when == "done" and edge.to == ways[False] for edge in loop.edges)


def _is_part(function: Function, operand: str) -> bool:
    """A side of an `and`, `or` or chain whose value is used."""
    return any(
        op.do == "boolop"
        and any(arg.value == operand for arg in op.args)
        and not function.only_tested(op.dst)
        for op in function.readers.get(operand, ())
    )


def _truth(function: Function, operand: object, kind: Kind) -> str:
    if not isinstance(operand, str):
        return ""
    named = f"`{operand}`" if operand[0] != "%" else "this"
    if kind.name in _STATEMENTS:
        return f"{named} is SQL: asking whether it is true {_UNDEFINED}"
    if kind.name == kinds.QUERY:
        made = operand[0] == "%" or function.always(operand, kinds.QUERY)
        return f"{named} is a Query, which is always true: it was not run" if made else ""
    if not is_expression(operand, kind):
        return ""
    made_by = function.maker(operand)
    if made_by is None or made_by.op.do == "getattr":
        if ".c" in kind.label:
            return f"{named} is SQL: asking whether it is true {_UNDEFINED}"
        return f"{named} is a column, not a value: it is always true"
    if made_by.op.do == "compare" and made_by.op.name in ("==", "!="):
        other = made_by.arg_kinds[0] if made_by.on.name == kinds.COLUMN_EXPR else made_by.on
        constant = isinstance(made_by.op.args[0].value, Const)
        if other.name not in _VALUES and not constant and not _is_a_value(function, made_by, other):
            return ""
        answer = "false" if made_by.op.name == "==" else "true"
        return f"this compares a column, not its value: it is always {answer}"
    if made_by.op.do in ("compare", "binop", "call"):
        return f"{named} is SQL: asking whether it is true {_UNDEFINED}"
    return ""

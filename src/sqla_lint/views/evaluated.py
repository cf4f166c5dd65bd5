"""Criteria of bulk writes that a session has to evaluate in Python, and cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand, Ref
from sqla_lint.project.kind import NAME, Kind, class_name
from sqla_lint.views.behind import Definitions, definitions, maker, statement_chain
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.identity import BulkWrite, bulk_writes

# Since 2.0 the default falls back to "fetch".
_FALLS_BACK = (2, 0)

_CRITERIA = frozenset({"where", "filter"})
_JOINING = frozenset(f"sqlalchemy.{name}" for name in ("and_", "or_", "not_"))
_FUNCTIONS = frozenset({"sqlalchemy.func", "sqlalchemy.sql.func", "sqlmodel.func"})
# Operators of columns that have no counterpart in the evaluator of any version.
_NOT_IN_PYTHON = frozenset(
    {"like", "ilike", "notlike", "not_like", "notilike", "not_ilike", "between", "match"}
    | {"startswith", "endswith", "contains", "any", "has", "regexp_match", "op"}
)


class Unevaluable(NamedTuple):
    """A criterion at ``at`` that holds ``what``."""

    write: BulkWrite
    at: Ref
    what: str


def unevaluable(function: Function) -> Iterator[Unevaluable]:
    """The first criterion of each bulk write that cannot be evaluated."""
    defined = definitions(function)
    for write in bulk_writes(function, defined):
        default = write.sync == "" and function.target < _FALLS_BACK
        if write.sync == "evaluate" or default:
            found = next(_problems(function, defined, write), None)
            if found is not None:
                yield found


def _problems(function: Function, defined: Definitions, write: BulkWrite) -> Iterator[Unevaluable]:
    start: Operation | None = write.operation
    if write.operation.on.name != kinds.QUERY:
        start = maker(defined, write.operation.op.args[0].value, write.operation)
    calls = list(statement_chain(defined, start)) if start is not None else []
    for call in reversed(calls):
        if call.op.name not in _CRITERIA:
            continue
        for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
            what = _in(function, defined, arg.value, kind, write.model)
            if what:
                yield Unevaluable(write, arg.at, what)


def _in(
    function: Function, defined: Definitions, operand: Operand | None, kind: Kind, model: str
) -> str:
    """What in a criterion cannot be evaluated, in words; "" when all of it may be."""
    if kind.name in (kinds.SELECT, kinds.QUERY):
        return "a subquery"
    if kind.name == kinds.COLUMN_EXPR and "mapped" in kind.traits and "." in kind.label:
        return _other_model(function, kind.label, model)
    made = defined.get(operand, []) if isinstance(operand, str) else []
    if len(made) != 1:
        return ""
    return _made(function, defined, made[0], model)


def _made(function: Function, defined: Definitions, made: Operation, model: str) -> str:
    op = made.op
    inner: list[tuple[Operand | None, Kind]] = [
        (arg.value, kind) for arg, kind in zip(op.args, made.arg_kinds, strict=True)
    ]
    if op.do in ("compare", "binop", "move", "unary"):
        inner.insert(0, (op.on, made.on))
    elif op.do == "call" and op.name is None and made.on.name == NAME:
        if made.on.label not in _JOINING:
            return ""
    elif op.do == "call" and made.on.name == kinds.COLUMN_EXPR:
        if op.name in _NOT_IN_PYTHON:
            return f"`{op.name}()`"
        inner.insert(0, (op.on, made.on))
    elif op.do == "call" and made.on.label in _FUNCTIONS:
        return f"`func.{op.name}()`"
    else:
        return ""
    return next((w for o, k in inner if (w := _in(function, defined, o, k, model))), "")


def _other_model(function: Function, label: str, model: str) -> str:
    """`Other.column`; "" when the class is that of the statement, or one it inherits from."""
    name = label.rpartition(".")[0]
    ancestry = function.project.knowledge.classes.ancestry(model)
    own = {class_name(info.label) for info in ancestry}
    own.add(class_name(model))
    if not name or name in own or not function.project.knowledge.classes.complete(model):
        return ""
    mapped = {m.name for m in function.project.models.models.values()}
    return f"`{label}`" if name in mapped else ""

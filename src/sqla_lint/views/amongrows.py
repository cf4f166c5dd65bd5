"""Values that are compared with rows, or looked for among them: a row is a tuple, and equal to none
of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.project.kind import Kind
from sqla_lint.regex import pattern
from sqla_lint.views.function import Function, Operation

_MANY = frozenset({kinds.COLLECTION, kinds.GENERATOR, kinds.LIST, kinds.SET})
_PLAIN = frozenset({kinds.BOOL, kinds.BYTES, kinds.FLOAT, kinds.INT, kinds.STR})
_MEMBERSHIP = frozenset({"in", "not in"})
_EQUALITY = frozenset({"==", "!="})
_SETS = frozenset({"-", "&", "difference", "intersection", "isdisjoint"})
_DOING = frozenset({"binop", "call", "compare"})
_NAMES = _MEMBERSHIP | _EQUALITY | _SETS

_SCOPE = pattern(r"@\d+")  # of a comprehension

_Side: TypeAlias = tuple[Operand, Kind]


class AmongRows(NamedTuple):
    """Where a value meets rows, both as they are written; ``what`` says how: "one" row that it is
    compared with, "many" that it is looked for in, "sets" of both."""

    at: Ref
    value: str
    rows: str
    what: Literal["one", "many", "sets"]


def among_rows(function: Function) -> Iterator[AmongRows]:
    """``user.email in rows``, ``row == 5`` and ``names - rows``: no row is equal to a value."""
    for operation in function.operations():
        op = operation.op
        if op.do in _DOING and op.name in _NAMES:
            sides = _sides(operation)
            found = _met(function, op, *sides) if sides is not None else None
            if found is not None:
                yield found


def _met(function: Function, op: Op, left: _Side, right: _Side) -> AmongRows | None:
    if op.name in _MEMBERSHIP:
        if _gives_rows(right[1]) and _is_value(function, *left):
            return AmongRows(op.at, _shown(left), _shown(right), "many")
        return None
    for row, value in ((left, right), (right, left)):
        if op.name in _EQUALITY:
            if row[1].name == kinds.ROW and _is_value(function, *value):
                return AmongRows(op.at, _shown(value), _shown(row), "one")
        elif row[1].name in _MANY and _gives_rows(row[1]) and _holds_values(value[1]):
            return AmongRows(op.at, _shown(value), _shown(row), "sets")
    return None


def _sides(operation: Operation) -> tuple[_Side, _Side] | None:
    op = operation.op
    if any(arg.star or arg.keyword for arg in op.args):
        return None
    given = [(arg.value, kind) for arg, kind in zip(op.args, operation.arg_kinds, strict=True)]
    if op.on is not None:
        given.insert(0, (op.on, operation.on))
    return (given[0], given[1]) if len(given) == 2 else None


def _gives_rows(kind: Kind) -> bool:
    """Its elements are rows, all of them."""
    if kind.name in _MANY:
        return bool(kind.of) and all(one.name == kinds.ROW for one in kind.of)
    if kind.name == kinds.QUERY:
        return len(kind.of) > 1 or any(one.name == kinds.COLUMN_EXPR for one in kind.of)
    return kind.name == kinds.RESULT


def _holds_values(kind: Kind) -> bool:
    return kind.name in _MANY and bool(kind.of) and all(one.name in _PLAIN for one in kind.of)


def _is_value(function: Function, operand: Operand, kind: Kind) -> bool:
    """A text, a number, or what a column of a mapped object holds."""
    if isinstance(operand, Const):
        return operand.value is not None
    if kind.name in _PLAIN:
        return True
    read = function.reader_of(operand) if not kind.known else None
    if read is None or read.on.name != kinds.ENTITY or read.op.name is None:
        return False
    model = function.project.models.of(read.on.label)
    found = function.project.models.attribute(model, read.op.name) if model is not None else None
    return found is not None and found.column is not None


def _shown(side: _Side) -> str:
    operand = side[0]
    if isinstance(operand, Const):
        return repr(operand.value)
    return _SCOPE.sub("", operand) if operand[0] != "%" else ""

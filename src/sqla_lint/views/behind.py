"""What an operation is made from: the operations and values behind its operands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand, Place
from sqla_lint.project.kind import FOREIGN, NAME
from sqla_lint.views.function import Function, Operation

# Operations behind one operand that are looked at; a statement has tens.
BEHIND_LIMIT = 200

# Kinds that say what kind of rows are meant, not which ones.
_OF_ALL = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.MAPPED_CLASS, kinds.COLUMN_EXPR, kinds.TABLE}
    | {kinds.FUNCTION, kinds.CLASS, kinds.MODULE, kinds.QUERY, kinds.SELECT, kinds.RESULT}
    | {kinds.SCALARS, kinds.UPDATE, kinds.SESSION_FACTORY, kinds.ENGINE, kinds.LOADER_OPTION}
    | {NAME, FOREIGN}
)
_CRITERIA = frozenset({"where", "filter", "filter_by", "get", "get_one", "get_or_404", "having"})

Definitions = Mapping[Place, list[Operation]]


def definitions(function: Function) -> Definitions:
    """The operations that bind each place."""
    found: dict[Place, list[Operation]] = {}
    for operation in function.operations():
        if operation.op.dst is not None:
            found.setdefault(operation.op.dst, []).append(operation)
    return found


def behind(defined: Definitions, start: Operation) -> Iterator[Operation]:
    """The operation itself and all that its operands are made from, nearest first."""
    seen: set[int] = set()
    waiting = [start]
    while waiting and len(seen) < BEHIND_LIMIT:
        operation = waiting.pop(0)
        if id(operation.op) in seen:
            continue
        seen.add(id(operation.op))
        yield operation
        for operand in (operation.op.on, *(arg.value for arg in operation.op.args)):
            if isinstance(operand, str):
                waiting += defined.get(operand, ())


def statement_chain(defined: Definitions, start: Operation) -> Iterator[Operation]:
    """The calls that made a statement or query, last first: where a variable is bound again and
    again, on the way of the text."""
    operation: Operation | None = start
    for _ in range(BEHIND_LIMIT):
        if operation is None:
            return
        op = operation.op
        if op.do == "call":
            yield operation
        elif op.do not in ("move", "await"):
            return
        operation = maker(defined, op.on, operation)


def maker(defined: Definitions, operand: Operand | None, user: Operation) -> Operation | None:
    """The operation that bound what ``user`` uses, on the way of the text."""
    return _last_before(defined.get(operand, []), user) if isinstance(operand, str) else None


def _last_before(made: list[Operation], user: Operation) -> Operation | None:
    if len(made) < 2:
        return made[0] if made else None
    order = {id(o.op): n for n, o in enumerate(user.function.operations())}
    here = order[id(user.op)]
    before = [o for o in made if order[id(o.op)] < here]
    return before[-1] if before else None


def picked_by(defined: Definitions, start: Operation) -> frozenset[Operand]:
    """The values by which a statement picks its rows: variables, attributes and constants that
    stand in its criteria."""
    found: set[Operand] = set()
    for call in behind(defined, start):
        if call.op.do != "call" or call.op.name not in _CRITERIA:
            continue
        for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
            if kind.name in (kinds.MAPPED_CLASS, kinds.SESSION):
                continue
            found |= valued_by(defined, arg.value, call)
    return frozenset(found)


def valued_by(defined: Definitions, operand: Operand, of: Operation) -> set[Operand]:
    """The variables, attributes and constants that a value is made from."""
    if isinstance(operand, Const):
        return {operand} if _says_which(operand) else set()
    found: set[Operand] = set()
    made = defined.get(operand, [])
    if operand[0] != "%" and not any(o.result.name in _OF_ALL for o in made):
        found.add(operand)
    for operation in made:
        for inner in behind(defined, operation):
            op = inner.op
            operands = zip(
                (op.on, *(arg.value for arg in op.args)),
                (inner.on, *inner.arg_kinds),
                strict=True,
            )
            for value, kind in operands:
                if kind.name in _OF_ALL or value is None:
                    continue
                if isinstance(value, Const):
                    if _says_which(value):
                        found.add(value)
                elif value[0] != "%":
                    found.add(value)
    return found


def _says_which(value: Const) -> bool:
    """A number or string, not a flag."""
    return isinstance(value.value, (int, str)) and not isinstance(value.value, bool)

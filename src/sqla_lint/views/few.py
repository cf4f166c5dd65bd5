"""How many elements a loop has, or a statement gives, where the program itself says that they are
few."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.root import NOWHERE
from sqla_lint.ir import Op
from sqla_lint.project.iteration import bounding
from sqla_lint.project.kind import dotted_label
from sqla_lint.views.behind import Definitions, definitions, maker, statement_chain
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.slices import number, slice_length

# So many statements are no harm that anybody would look for.
FEW = 10
# Operations between the statement and its objects.
CHAIN_LIMIT = 8

_PASSING = frozenset({"move", "await", "next", "unpack"})
_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_DISPLAYS = frozenset({"list", "set", "tuple", "dict"})
_BOTH = 2  # a start and a stop


def gives_few(function: Function, origin: Origin) -> bool:
    """The statement of an origin, which no loop runs again, has a limit of a few rows, or a few of
    them are taken."""
    if origin.root.position == NOWHERE:
        return False
    root = function.op(origin.root.position)
    around = function.typed.function.blocks[origin.root.position[0]].loops
    operation = next((o for o in function.operations() if o.op is root), None)
    if operation is None or (around[:-1] if root.do == "next" else around):
        return False
    return _are_few(definitions(function), operation)


def takes_few(function: Function, op: Op) -> bool:
    """All loops around an operation are over a few values that are written down, or over a short
    slice; or it is a call that is given one, in no loop."""
    position = function.position(op)
    if position is None:
        return False
    defined = definitions(function)
    loops = function.typed.function.blocks[position[0]].loops
    if loops:
        return all(any(_are_few(defined, o) for o in _taken_in(function, loop)) for loop in loops)
    operation = next((o for o in function.operations() if o.op is op), None)
    made = [maker(defined, arg.value, operation) for arg in op.args[:1]] if operation else []
    return any(one is not None and _are_few(defined, one) for one in made)


def _taken_in(function: Function, loop: int) -> Iterator[Operation]:
    """Where a loop takes its next element."""
    blocks = function.typed.function.blocks
    for operation in function.operations():
        position = function.position(operation.op)
        loops = blocks[position[0]].loops if position is not None else ()
        if operation.op.do == "next" and loops[-1:] == (loop,):
            yield operation


def _are_few(defined: Definitions, start: Operation) -> bool:
    operation: Operation | None = start
    for _ in range(CHAIN_LIMIT):
        if operation is None:
            return False
        op = operation.op
        if op.do == "pack" and op.name in _DISPLAYS:
            return 0 < len(op.args) <= FEW and not any(arg.star for arg in op.args)
        if _is_small(slice_length(defined, operation)):
            return True
        if op.do == "call":
            if _is_short_call(operation):
                return True
            statement = _statement(defined, operation)
            if statement is not None:
                return any(_limits(call) for call in statement_chain(defined, statement))
        operation = _before(defined, operation)
    return False


def _before(defined: Definitions, operation: Operation) -> Operation | None:
    """What gives the elements that an operation hands on."""
    op = operation.op
    at = bounding(dotted_label(operation.on, op.name)) if op.do == "call" else None
    if at is not None:
        return maker(defined, op.args[at].value, operation) if at < len(op.args) else None
    if op.do in _PASSING or (op.do == "call" and op.name is not None):
        return maker(defined, op.on, operation)
    return None


def _statement(defined: Definitions, operation: Operation) -> Operation | None:
    """The statement that a call sends."""
    op, on = operation.op, operation.on
    if on.name == kinds.QUERY:
        return operation
    runs = on.name in _RUNNERS and op.args and operation.arg_kinds[0].name in _STATEMENTS
    return maker(defined, op.args[0].value, operation) if runs else None


def _is_short_call(operation: Operation) -> bool:
    """`range(3)`, `islice(users, 5)`, `result.fetchmany(5)`"""
    name, label = operation.op.name, dotted_label(operation.on, operation.op.name)
    numbers = _numbers(operation)
    if label == "builtins.range":
        return len(numbers) == 1 and _is_small(numbers[0])
    if label == "itertools.islice":
        return len(numbers) == len(("of", "stop")) and _is_small(numbers[1])
    return name == "fetchmany" and len(numbers) == 1 and _is_small(numbers[0])


def _limits(call: Operation) -> bool:
    """`.limit(5)`, `.slice(0, 5)`, `.fetch(5)`"""
    numbers = _numbers(call)
    if call.op.name in ("limit", "fetch"):
        return len(numbers) == 1 and _is_small(numbers[0])
    return call.op.name == "slice" and len(numbers) == _BOTH and _is_between(*numbers)


def _numbers(operation: Operation) -> list[int | None]:
    """The arguments by position, as far as they are numbers that are known."""
    given = zip(operation.op.args, operation.arg_kinds, strict=False)
    return [number(arg.value, kind) for arg, kind in given if arg.keyword is None]


def _is_between(start: int | None, stop: int | None) -> bool:
    return start is not None and stop is not None and 0 <= stop - start <= FEW


def _is_small(length: int | None) -> bool:
    return length is not None and 0 <= length <= FEW

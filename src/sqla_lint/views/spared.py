"""Questions that are always answered yes, and where the other answer would come to the same."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Function, Op, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Operation
from sqla_lint.ways import behind

# What gives nothing, no rows, or an empty list when there are no rows.
_ROWS = frozenset({"all", "fetchall", "fetchmany", "scalars", "mappings", "partitions", "unique"})
# What takes the first row, and may find none.
_ONE = frozenset({"first", "fetchone", "one", "one_or_none", "scalar", "scalar_one"})
_LEAVING = frozenset({"return", "raise", "yield"})


def comes_to_the_same(test: Operation) -> bool:
    """``for row in result or []``, ``if result: for row in result``: a Result without rows gives
    no row where it was thought to be false."""
    function = test.function
    position = function.position(test.op)
    if position is None or not isinstance(test.op.on, str):
        return False
    block = function.typed.function.blocks[position[0]]
    targets = {edge.when: edge.to for edge in block.edges}
    if "true" not in targets or "false" not in targets:
        return False
    graph = function.typed.function
    if any(_or_nothing(test, op) for op in graph.blocks[targets["true"]].ops):
        return True
    if _makes_one_of_two(test, targets["true"], targets["false"]):
        return True
    region = _between(graph, targets["true"], targets["false"])
    if region is None:
        return False
    ops = [op for number in region for op in graph.blocks[number].ops]
    reads = [op for op in ops if op.on == test.op.on]
    return (
        bool(reads)
        and not any(op.do in _LEAVING for op in ops)
        and all(op.do == "next" or op.name in _ROWS or not _is_used(test, op) for op in reads)
    )


def _or_nothing(test: Operation, op: Op) -> bool:
    given = [arg.value for arg in op.args]
    if op.do != "boolop" or op.name != "or" or given[:1] != [test.op.on]:
        return False
    return all(_is_empty(test, one) for one in given[1:])


def _makes_one_of_two(test: Operation, true: int, false: int) -> bool:
    """``Answer.of(result) if result else Answer.empty()``: a function of the project goes through
    all rows, and makes an object of the class of which the other branch makes an empty one."""
    typed, knowledge = test.function.typed, test.function.project.knowledge
    blocks = typed.function.blocks
    made: set[Kind] = set()
    for i, op in enumerate(blocks[true].ops):
        if op.on == test.op.on:
            return False
        if any(arg.value == test.op.on for arg in op.args):
            callee = called(knowledge, op, typed.on[true][i]) if op.do == "call" else None
            if callee is None or not _goes_through(test, op, callee):
                return False
            made.add(typed.dst[true][i])
    others = [typed.dst[false][i] for i, op in enumerate(blocks[false].ops) if op.do == "call"]
    labels = {kind.label for kind in others if kind.name == kinds.INSTANCE}
    return bool(made) and all(
        kind.name == kinds.INSTANCE and bool(kind.label) and kind.label in labels for kind in made
    )


def _goes_through(test: Operation, op: Op, callee: Kind) -> bool:
    """A function of the project reads all rows of the result that it is given, none of them
    alone."""
    knowledge = test.function.project.knowledge
    entry = knowledge.functions.get(callee.label)
    names = [name for arg, name in parameters(knowledge, op, callee) if arg.value == test.op.on]
    if entry is None or len(names) != 1 or names[0] is None:
        return False
    ops = [one for block in entry[1].blocks for one in block.ops if one.on == names[0]]
    reads = [one for one in ops if one.do in ("next", "iter") or one.name in _ROWS]
    return bool(reads) and not any(one.name in _ONE for one in ops)


def _is_empty(test: Operation, operand: Operand) -> bool:
    if isinstance(operand, Const):
        return not operand.value
    made = test.function.maker(operand)
    return made is not None and made.op.do == "pack" and not made.op.args


def _between(graph: Function, start: int, join: int) -> set[int] | None:
    """The blocks of a branch that ends where the other one begins; None when it does not."""
    region = behind(graph.blocks, [start], stop={join}, swallowed=True)
    return region - {join} if join in region else None


def _is_used(test: Operation, op: Op) -> bool:
    return bool(op.dst is not None and test.function.readers.get(op.dst))

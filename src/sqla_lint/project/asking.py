"""Functions of the project that answer whether what they are given is of a class."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function, Module, Op
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge

# A function that answers a question and does nothing else is short.
BLOCKS_LIMIT = 12


def asked_by_helpers(
    knowledge: Knowledge, module: Module, function: Function, name: str
) -> Iterator[Kind]:
    """What the helpers of a function ask of a variable: `if is_async(engine): ...`, where that
    returns `isinstance(engine, AsyncEngine)`."""
    for block in function.blocks:
        for op in block.ops:
            plain = op.do == "call" and op.name is None and isinstance(op.on, str)
            if not plain or len(op.args) != 1 or op.args[0].value != name:
                continue
            helper = knowledge.global_name(module, str(op.on))
            entry = knowledge.functions.get(helper.label) if helper.name == kinds.FUNCTION else None
            if entry is not None and len(entry[1].blocks) <= BLOCKS_LIMIT and entry[1].params:
                yield from _answers(knowledge, *entry)


def _answers(knowledge: Knowledge, module: Module, helper: Function) -> Iterator[Kind]:
    """The classes of which it says whether its first parameter is one."""
    ops = [op for block in helper.blocks for op in block.ops]
    asking = {op.dst: op for op in ops if _asks(op, helper.params[0].name)}
    answers = set(asking)
    for op in ops:
        passes = op.do in ("boolop", "move", "unary")
        if passes and answers & {op.on, *(arg.value for arg in op.args)}:
            answers.add(op.dst)
    returned = [op.on for op in ops if op.do == "return"]
    if not any(place in answers for place in returned):
        return
    for op in asking.values():
        of = op.args[1].value
        if isinstance(of, str) and of.isidentifier():
            yield knowledge.instance(knowledge.global_name(module, of))


def _asks(op: Op, name: str) -> bool:
    asks = op.do == "call" and op.name is None and op.on == "isinstance"
    return asks and len(op.args) == len(("what", "of")) and op.args[0].value == name

"""What a test, or a `with suppress(...)`, waits for: it is written there to raise or to warn."""

from __future__ import annotations

from collections.abc import Collection

from sqla_lint.ir import EXIT, RAISED, Op, Ref
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function

# What gives such a block, by its last name: those of pytest, unittest, and SQLAlchemy's own tests.
# A name is enough: all it does is to silence.
_WAITING = frozenset({"assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"})
_WAITING |= {"assertRaisesMessage", "assert_raises", "assert_raises_message", "deprecated_call"}
_WAITING |= {"expect_deprecated", "expect_deprecated_20", "expect_raises", "expect_warnings"}
_WAITING |= {"expect_raises_message", "raises", "warns"}
# `suppress(Exception)` hides a mistake; these are raised by one spelling of several.
_SPELT = frozenset({"ArgumentError", "AttributeError", "ImportError", "TypeError"})


def is_expected(function: Function, at: Ref) -> bool:
    """An expression stands in a block that waits for what it raises."""
    refs = _waited_for(function)
    return bool(refs) and _operation_at(function, at) in refs


@per_function
def _waited_for(function: Function) -> Collection[Ref]:
    """Where the operations of such blocks are."""
    found: set[Ref] = set()
    for number, i, op in function.positions:
        if op.do == "enter" and _waits(function, op):
            found |= _inside(function, (number, i), op)
    return found


def _waits(function: Function, op: Op) -> bool:
    made = function.maker(op.on)
    if made is None or made.op.do != "call":
        return False
    name = made.op.name or str(made.op.on).rpartition(".")[2]
    given = {str(arg.value).rpartition(".")[2] for arg in made.op.args}
    return name in _WAITING or (name == "suppress" and bool(given) and given <= _SPELT)


def _inside(function: Function, start: tuple[int, int], enter: Op) -> set[Ref]:
    """From an `enter` to each `leave` of the same manager."""
    blocks = function.typed.function.blocks
    found: set[Ref] = set()
    waiting, seen = [(start[0], start[1] + 1)], set[int]()
    while waiting:
        number, first = waiting.pop()
        for op in blocks[number].ops[first:]:
            if op.do == "leave" and op.on == enter.on:
                break
            found.add(op.at)
        else:
            for edge in blocks[number].edges:
                if edge.to not in seen and edge.to not in (EXIT, RAISED):
                    seen.add(edge.to)
                    waiting.append((edge.to, 0))
    return found


def _operation_at(function: Function, at: Ref) -> Ref:
    """The operation of a place: the last that begins there or before, since nodes are numbered in
    the order in which they begin."""
    return max((op.at for _, _, op in function.positions if op.at <= at), default=-1)

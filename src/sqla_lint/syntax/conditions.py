"""Lowers what branches inside of an expression: and, or, not, chained comparisons, ternaries.

A condition (of ``if``, ``while``, ``assert``, a ternary, a comprehension's ``if``) becomes direct
branches, so that each edge carries the fact its last test establishes. The `boolop` operation,
which rules ask about, then stands where the last operand has been evaluated: on the longest path,
not on the short-circuits. Where the value of an ``and`` or ``or`` is used, its `boolop` stands at
the join, and its operands may be undefined there on the paths that skipped them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import libcst as cst

from sqla_lint.ir import Arg, Operand
from sqla_lint.syntax.body import Body, ValueTable
from sqla_lint.syntax.expressions import apply_unary, compare, comparison

# Called with the value of a condition when it is known, before the last branch.
Then: TypeAlias = Callable[[Operand], None]


def branch(
    body: Body, node: cst.BaseExpression, yes: int, no: int, then: Then | None = None
) -> None:
    """Go to ``yes`` when ``node`` is true, else to ``no``; the caller starts both."""
    kind = type(node)
    if kind is cst.BooleanOperation:
        _branch_boolean(body, node, yes, no, then)  # type: ignore[arg-type]
    elif isinstance(node, cst.UnaryOperation) and type(node.operator) is cst.Not:
        negated = None if then is None else _negated(body, node, then)
        branch(body, node.expression, no, yes, negated)
    elif isinstance(node, cst.Comparison) and len(node.comparisons) > 1:
        _branch_chain(body, node, yes, no, then)
    else:
        value = body.value(node)
        if then is not None:
            then(value)
        body.decide(value, body.ref(node), yes, no)


def _negated(body: Body, node: cst.UnaryOperation, then: Then) -> Then:
    return lambda value: then(apply_unary(body, node, "not", value))


def _branch_boolean(
    body: Body, node: cst.BooleanOperation, yes: int, no: int, then: Then | None
) -> None:
    operator, parts = flatten(node)
    args: list[Arg] = []
    for part in parts[:-1]:
        onward = body.block()

        def keep(value: Operand, at: int = body.ref(part)) -> None:
            args.append(Arg(value, at))

        if operator == "and":
            branch(body, part, onward, no, keep)
        else:
            branch(body, part, yes, onward, keep)
        body.start(onward)
    last = parts[-1]

    def finish(value: Operand) -> None:
        args.append(Arg(value, body.ref(last)))
        dst = body.temp()
        body.emit("boolop", body.ref(node), dst, None, operator, tuple(args))
        if then is not None:
            then(dst)

    branch(body, last, yes, no, finish)


def _branch_chain(body: Body, node: cst.Comparison, yes: int, no: int, then: Then | None) -> None:
    left = body.value(node.left)
    args: list[Arg] = []
    last = len(node.comparisons) - 1
    for index, target in enumerate(node.comparisons):
        at = body.ref(target)
        right = body.value(target.comparator)
        value = compare(body, node, target, left, right)
        args.append(Arg(value, at))
        left = right
        if index < last:
            onward = body.block()
            body.decide(value, at, onward, no)
            body.start(onward)
        else:
            dst = body.temp()
            body.emit("boolop", body.ref(node), dst, None, "chain", tuple(args))
            if then is not None:
                then(dst)
            body.decide(value, at, yes, no)


def flatten(node: cst.BooleanOperation) -> tuple[str, list[cst.BaseExpression]]:
    """``a and b and c`` as one operation; libcst nests it to the left."""
    kind = type(node.operator)
    parts: list[cst.BaseExpression] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.BooleanOperation) and type(rest.operator) is kind:
        parts.append(rest.right)
        rest = rest.left
    parts.append(rest)
    parts.reverse()
    return ("and" if kind is cst.And else "or"), parts


# --- values


def boolean(body: Body, node: cst.BooleanOperation) -> Operand:
    operator, parts = flatten(node)
    join = body.block()
    args: list[Arg] = []
    for part in parts[:-1]:
        value = body.value(part)
        args.append(Arg(value, body.ref(part)))
        onward = body.block()
        if operator == "and":
            body.decide(value, body.ref(part), onward, join)
        else:
            body.decide(value, body.ref(part), join, onward)
        body.start(onward)
    last = parts[-1]
    args.append(Arg(body.value(last), body.ref(last)))
    body.fall(join)
    dst = body.temp()
    body.emit("boolop", body.ref(node), dst, None, operator, tuple(args))
    return dst


def chain(body: Body, node: cst.Comparison) -> Operand:
    if len(node.comparisons) == 1:
        return comparison(body, node)
    join = body.block()
    left = body.value(node.left)
    args: list[Arg] = []
    last = len(node.comparisons) - 1
    for index, target in enumerate(node.comparisons):
        at = body.ref(target)
        right = body.value(target.comparator)
        value = compare(body, node, target, left, right)
        args.append(Arg(value, at))
        left = right
        if index < last:
            onward = body.block()
            body.decide(value, at, onward, join)
            body.start(onward)
    body.fall(join)
    dst = body.temp()
    body.emit("boolop", body.ref(node), dst, None, "chain", tuple(args))
    return dst


def ternary(body: Body, node: cst.IfExp) -> Operand:
    yes, no, join = body.block(), body.block(), body.block()
    tests: list[Operand] = []
    branch(body, node.test, yes, no, tests.append)
    body.start(yes)
    first = Arg(body.value(node.body), body.ref(node.body))
    body.go(join)
    body.start(no)
    second = Arg(body.value(node.orelse), body.ref(node.orelse))
    body.fall(join)
    dst = body.temp()
    body.emit("ifelse", body.ref(node), dst, tests[0], None, (first, second))
    return dst


TABLE: Final[ValueTable] = {
    cst.BooleanOperation: boolean,
    cst.Comparison: chain,
    cst.IfExp: ternary,
}

"""How tightly an expression binds, and how tightly it must: when to put it in parentheses."""

from __future__ import annotations

import libcst as cst

# How tightly expressions bind, after the operator table of the language reference.
STATEMENT_ONLY = -1  # yield, a tuple without parentheses, *x: in few places without parentheses
NAMED = 0
ANY = 1  # a lambda binds least of what may stand nearly everywhere
CONDITIONAL = 2
OR = 3
AND = 4
NOT = 5
COMPARISON = 6
BIT_OR = 7
BIT_XOR = 8
BIT_AND = 9
SHIFT = 10
SUM = 11
PRODUCT = 12
SIGN = 13
POWER = 14
AWAIT = 15
PRIMARY = 16
ATOM = 17

_OPERATORS: dict[type[cst.CSTNode], int] = {
    cst.BitOr: BIT_OR,
    cst.BitXor: BIT_XOR,
    cst.BitAnd: BIT_AND,
    cst.LeftShift: SHIFT,
    cst.RightShift: SHIFT,
    cst.Add: SUM,
    cst.Subtract: SUM,
    cst.Multiply: PRODUCT,
    cst.MatrixMultiply: PRODUCT,
    cst.Divide: PRODUCT,
    cst.FloorDivide: PRODUCT,
    cst.Modulo: PRODUCT,
    cst.Power: POWER,
    cst.Or: OR,
    cst.And: AND,
    cst.Not: NOT,
    cst.Plus: SIGN,
    cst.Minus: SIGN,
    cst.BitInvert: SIGN,
}

_EXPRESSIONS: dict[type[cst.CSTNode], int] = {
    cst.Yield: STATEMENT_ONLY,
    cst.StarredElement: STATEMENT_ONLY,
    cst.Tuple: STATEMENT_ONLY,
    cst.NamedExpr: NAMED,
    cst.Lambda: ANY,
    cst.IfExp: CONDITIONAL,
    cst.Comparison: COMPARISON,
    cst.Await: AWAIT,
    cst.Attribute: PRIMARY,
    cst.Call: PRIMARY,
    cst.Subscript: PRIMARY,
}

# Where the place alone decides: the parent and its field.
_PLACES: dict[tuple[type[cst.CSTNode], str], int] = {
    (cst.Attribute, "value"): PRIMARY,
    (cst.Call, "func"): PRIMARY,
    (cst.Subscript, "value"): PRIMARY,
    (cst.Await, "expression"): PRIMARY,
    (cst.Comparison, "left"): BIT_OR,
    (cst.ComparisonTarget, "comparator"): BIT_OR,
    (cst.IfExp, "body"): OR,
    (cst.IfExp, "test"): OR,
    (cst.StarredElement, "value"): BIT_OR,
    (cst.StarredDictElement, "value"): BIT_OR,
    (cst.CompFor, "iter"): OR,
    (cst.CompIf, "test"): OR,
    (cst.Expr, "value"): STATEMENT_ONLY,
    (cst.Assign, "value"): STATEMENT_ONLY,
    (cst.AugAssign, "value"): STATEMENT_ONLY,
    (cst.AnnAssign, "value"): STATEMENT_ONLY,
    (cst.Decorator, "decorator"): PRIMARY,
    (cst.FormattedStringExpression, "expression"): CONDITIONAL,
}


def binding(node: cst.CSTNode) -> int:
    """How tightly an expression binds, its own parentheses included."""
    if isinstance(node, cst.BaseExpression) and node.lpar:
        return ATOM
    if isinstance(node, (cst.BinaryOperation, cst.BooleanOperation, cst.UnaryOperation)):
        return _OPERATORS[type(node.operator)]
    return _EXPRESSIONS.get(type(node), ATOM)


def required(parent: cst.CSTNode, field: str) -> int:
    """How tightly an expression must bind to stand in a field of a node without parentheses."""
    if isinstance(parent, cst.BinaryOperation):
        level = _OPERATORS[type(parent.operator)]
        if level == POWER:
            return AWAIT if field == "left" else SIGN
        return level if field == "left" else level + 1
    if isinstance(parent, cst.BooleanOperation):
        level = _OPERATORS[type(parent.operator)]
        return level if field == "left" else level + 1
    if isinstance(parent, cst.UnaryOperation):
        return _OPERATORS[type(parent.operator)]
    return _PLACES.get((type(parent), field), ANY)


def parenthesize(node: cst.CSTNode, parent: cst.CSTNode, field: str) -> bool:
    """Whether an expression needs parentheses to stand there as one operand."""
    if isinstance(node, cst.Integer) and not node.lpar and isinstance(parent, cst.Attribute):
        return True  # `1.real` is a float and a name
    if isinstance(node, cst.NamedExpr) and not node.lpar:
        return True  # allowed bare in some places, but never wrong in parentheses
    return binding(node) < required(parent, field)

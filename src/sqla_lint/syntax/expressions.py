"""Lowers expressions that have no control flow of their own."""

from __future__ import annotations

from sys import intern
from typing import Final, Literal

import libcst as cst

from sqla_lint.ir import Arg, Const, Operand, Place, Test
from sqla_lint.syntax import literals
from sqla_lint.syntax.body import Body, ValueTable
from sqla_lint.syntax.targets import assign, index_args, path

OPERATORS: Final[dict[type[cst.CSTNode], str]] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.MatrixMultiply: "@",
    cst.Not: "not",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}

_ELLIPSIS: Final = Const(...)
NONE: Final = Const(None)


def name(body: Body, node: cst.Name) -> Operand:
    value = node.value
    constant = literals.NAMED.get(value)
    return body.read(value) if constant is None else constant


def attribute(body: Body, node: cst.Attribute) -> Operand:
    base = body.value(node.value)
    attr = node.attr.value
    dst = path(base, attr) or body.temp()
    body.emit("getattr", body.ref(node), dst, base, attr)
    return dst


def call(body: Body, node: cst.Call) -> Operand:
    func = node.func
    method: str | None = None
    if isinstance(func, cst.Attribute):
        on = body.value(func.value)
        method = func.attr.value
    else:
        on = body.value(func)
    ref = body.unit.refs
    args: list[Arg] = []
    for arg in node.args:
        value = arg.value
        keyword = arg.keyword
        args.append(
            Arg(
                body.value(value),
                ref[id(value)],
                None if keyword is None else intern(keyword.value),
                _STARS[arg.star],
            )
        )
    dst = body.temp()
    body.raising("call", ref[id(node)], dst, on, method, tuple(args))
    return dst


_STARS: Final[dict[str, Literal[0, 1, 2]]] = {"": 0, "*": 1, "**": 2}


def subscript(body: Body, node: cst.Subscript) -> Operand:
    on = body.value(node.value)
    args = index_args(body, node)
    dst = body.temp()
    body.raising("getitem", body.ref(node), dst, on, None, args)
    return dst


def binary(body: Body, node: cst.BinaryOperation) -> Operand:
    left, right = node.left, node.right
    args = (
        Arg(body.value(left), body.ref(left)),
        Arg(body.value(right), body.ref(right)),
    )
    dst = body.temp()
    body.emit("binop", body.ref(node), dst, None, OPERATORS[type(node.operator)], args)
    return dst


def unary(body: Body, node: cst.UnaryOperation) -> Operand:
    operator = OPERATORS[type(node.operator)]
    value = body.value(node.expression)
    if operator == "-" and isinstance(value, Const):
        number = value.value
        if isinstance(number, (int, float, complex)) and not isinstance(number, bool):
            return Const(-number)
    return apply_unary(body, node, operator, value)


def apply_unary(body: Body, node: cst.UnaryOperation, operator: str, value: Operand) -> Place:
    dst = body.temp()
    body.emit("unary", body.ref(node), dst, value, operator)
    if operator == "not" and isinstance(value, str):
        fact = body.facts.get(value) or Test(value, "true", True)
        body.facts[dst] = fact._replace(holds=not fact.holds)
    return dst


def compare(
    body: Body,
    node: cst.Comparison,
    target: cst.ComparisonTarget,
    left: Operand,
    right: Operand,
) -> Place:
    """One link of a comparison; what its truth establishes is noted for the edges.

    It is placed at the whole comparison, or at its link where there are several.
    """
    operator = OPERATORS[type(target.operator)]
    dst = body.temp()
    args = (Arg(right, body.ref(target.comparator)),)
    at = body.ref(node if len(node.comparisons) == 1 else target)
    body.emit("compare", at, dst, left, operator, args)
    if operator in _NONE_TESTS:
        if right == NONE and isinstance(left, str):
            body.facts[dst] = Test(left, "none", _NONE_TESTS[operator])
        elif left == NONE and isinstance(right, str):
            body.facts[dst] = Test(right, "none", _NONE_TESTS[operator])
    return dst


_NONE_TESTS: Final = {"is": True, "is not": False, "==": True, "!=": False}


def comparison(body: Body, node: cst.Comparison) -> Operand:
    """``a < b``; chains are in `conditions`."""
    target = node.comparisons[0]
    left = body.value(node.left)
    right = body.value(target.comparator)
    return compare(body, node, target, left, right)


def walrus(body: Body, node: cst.NamedExpr) -> Operand:
    value = body.value(node.value)
    target = node.target
    if isinstance(target, cst.Name):
        dst = body.bind(target.value)
        body.emit("move", body.ref(target), dst, value)
        return dst
    assign(body, target, value)
    return value


def await_(body: Body, node: cst.Await) -> Operand:
    value = body.value(node.expression)
    dst = body.temp()
    body.raising("await", body.ref(node), dst, value)
    return dst


def yield_(body: Body, node: cst.Yield) -> Operand:
    value = node.value
    body.function.is_generator = True
    operand: Operand
    if value is None:
        operand, source = NONE, None
    elif isinstance(value, cst.From):
        operand, source = body.value(value.item), "from"
    else:
        operand, source = body.value(value), None
    dst = body.temp()
    body.raising("yield", body.ref(node), dst, operand, source)
    return dst


# --- displays


def elements(
    body: Body, items: tuple[cst.BaseElement, ...] | list[cst.BaseElement]
) -> tuple[Arg, ...]:
    args: list[Arg] = []
    for item in items:
        value = item.value
        starred = isinstance(item, cst.StarredElement)
        args.append(Arg(body.value(value), body.ref(value), None, 1 if starred else 0))
    return tuple(args)


_DISPLAYS: Final[dict[type[cst.CSTNode], str]] = {
    cst.Tuple: "tuple",
    cst.List: "list",
    cst.Set: "set",
}


def display(body: Body, node: cst.Tuple | cst.List | cst.Set) -> Operand:
    args = elements(body, tuple(node.elements))
    dst = body.temp()
    body.emit("pack", body.ref(node), dst, None, _DISPLAYS[type(node)], args)
    return dst


def dictionary(body: Body, node: cst.Dict) -> Operand:
    args: list[Arg] = []
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            args.append(Arg(body.value(element.key), body.ref(element.key)))
        value = element.value
        starred = isinstance(element, cst.StarredDictElement)
        args.append(Arg(body.value(value), body.ref(value), None, 2 if starred else 0))
    dst = body.temp()
    body.emit("pack", body.ref(node), dst, None, "dict", tuple(args))
    return dst


def starred(body: Body, node: cst.StarredElement) -> Operand:
    """A starred element where it is an expression by itself, as in ``x[*a]``."""
    return body.value(node.value)


# --- literals


def number(_body: Body, node: cst.Integer | cst.Float | cst.Imaginary) -> Operand:
    return literals.number(node.value)


def ellipsis(_body: Body, _node: cst.Ellipsis) -> Operand:
    return _ELLIPSIS


def string(_body: Body, node: cst.SimpleString) -> Operand:
    return Const(literals.string(node.value))


def concatenated(body: Body, node: cst.ConcatenatedString) -> Operand:
    values: list[str | bytes] = []
    parts = literals.string_parts(node)
    for part in parts:
        if not isinstance(part, cst.SimpleString):
            return _format(body, node, parts)
        values.append(literals.string(part.value))
    return Const(literals.concatenated(values))


def formatted(body: Body, node: cst.FormattedString | cst.TemplatedString) -> Operand:
    return _format(body, node, [node])


def _format(
    body: Body,
    node: cst.BaseExpression,
    strings: list[cst.SimpleString | cst.FormattedString | cst.TemplatedString],
) -> Place:
    """One `format` for adjacent strings; a t-string's has the name "t"."""
    args: list[Arg] = []
    kind: str | None = None
    for one in strings:
        if isinstance(one, cst.SimpleString):
            _text(args, literals.string(one.value), body.ref(one))
            continue
        if isinstance(one, cst.TemplatedString):
            kind = "t"
        for part in one.parts:
            if isinstance(part, (cst.FormattedStringText, cst.TemplatedStringText)):
                _text(args, literals.formatted_text(part.value, one.start), body.ref(part))
            elif isinstance(part, (cst.FormattedStringExpression, cst.TemplatedStringExpression)):
                _field(body, args, part)
    dst = body.temp()
    body.emit("format", body.ref(node), dst, None, kind, tuple(args))
    return dst


def _text(args: list[Arg], text: str | bytes, at: int) -> None:
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    if args and args[-1].keyword is None:
        last = args[-1].value
        if isinstance(last, Const) and isinstance(last.value, str):
            args[-1] = args[-1]._replace(value=Const(last.value + text))
            return
    args.append(Arg(Const(text), at))


def _field(
    body: Body,
    args: list[Arg],
    part: cst.FormattedStringExpression | cst.TemplatedStringExpression,
) -> None:
    """``{expression!conversion:spec}``; ``{x=}`` writes the source of x before its value."""
    expression = part.expression
    conversion = f"!{part.conversion}" if part.conversion else ""
    if part.equal is not None:
        _text(args, f"{_source(expression)}=", body.ref(part))
        if not conversion and part.format_spec is None:
            conversion = "!r"
    value = body.value(expression)
    spec = ""
    if part.format_spec is not None:
        spec = ":" + "".join(_spec(body, one) for one in part.format_spec)
    args.append(Arg(value, body.ref(expression), conversion + spec))


def _spec(body: Body, part: cst.CSTNode) -> str:
    """The text of a format spec; a nested field stands as ``{}``."""
    if isinstance(part, (cst.FormattedStringText, cst.TemplatedStringText)):
        return part.value
    if isinstance(part, (cst.FormattedStringExpression, cst.TemplatedStringExpression)):
        body.value(part.expression)
        return "{}"
    return ""


def _source(node: cst.BaseExpression) -> str:
    return cst.Module(body=()).code_for_node(node)


TABLE: Final[ValueTable] = {
    cst.Name: name,
    cst.Attribute: attribute,
    cst.Call: call,
    cst.Subscript: subscript,
    cst.BinaryOperation: binary,
    cst.UnaryOperation: unary,
    cst.NamedExpr: walrus,
    cst.Await: await_,
    cst.Yield: yield_,
    cst.Tuple: display,
    cst.List: display,
    cst.Set: display,
    cst.Dict: dictionary,
    cst.StarredElement: starred,
    cst.Integer: number,
    cst.Float: number,
    cst.Imaginary: number,
    cst.Ellipsis: ellipsis,
    cst.SimpleString: string,
    cst.ConcatenatedString: concatenated,
    cst.FormattedString: formatted,
    cst.TemplatedString: formatted,
}

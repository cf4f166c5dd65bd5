"""Lowers annotations, base classes and exception types to `ir.Ann` trees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import libcst as cst

from sqla_lint.ir import Ann, Ref
from sqla_lint.syntax import literals

_DOTTED: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*", re.UNICODE)
# A string annotation longer than this is data, not a type.
LONGEST_STRING: Final = 2_000
# Below this depth it is not an annotation that anything could use.
DEEPEST: Final = 50

# Subscripts whose strings are values, from this index on.
_VALUES_FROM: Final = {"Literal": 0, "Annotated": 1}

# Called with each variable that an annotation reads.
Reader = Callable[[str], object]
Refs = Callable[[cst.CSTNode], Ref]


class Annotations:
    """Lowers the annotations of one body."""

    __slots__ = ("_quoted", "_read", "_ref")

    def __init__(self, ref: Refs, read: Reader) -> None:
        self._ref = ref
        self._read = read
        self._quoted: Ref | None = None

    def lower(self, node: cst.BaseExpression) -> Ann:
        """A type: strings are forward references."""
        return self._type(node, DEEPEST)

    def exceptions(self, node: cst.BaseExpression) -> tuple[Ann, ...]:
        """The exception types of a handler."""
        ann = self.lower(node)
        return ann.args if ann.kind == "tuple" else (ann,)

    # --- by node

    def _at(self, node: cst.CSTNode) -> Ref:
        return self._ref(node) if self._quoted is None else self._quoted

    def _type(self, node: cst.BaseExpression, depth: int) -> Ann:
        if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
            return self._string(node, depth)
        return self._value(node, depth)

    def _string(self, node: cst.BaseExpression, depth: int) -> Ann:
        at = self._at(node)
        text = literals.constant_text(node)
        if not isinstance(text, str) or len(text) > LONGEST_STRING or self._quoted is not None:
            return Ann("other", at=at)
        text = text.strip()
        if _DOTTED.fullmatch(text):
            if text != "None":
                self._read(text.partition(".")[0])
            return Ann("name", text, at=at)
        try:
            tree = cst.parse_expression(text)
        except (cst.ParserSyntaxError, ValueError):
            return Ann("other", at=at)
        self._quoted = at
        try:
            return self._type(tree, depth - 1)
        finally:
            self._quoted = None

    def _value(self, node: cst.BaseExpression, depth: int) -> Ann:
        at = self._at(node)
        if depth <= 0:
            return Ann("other", at=at)
        if isinstance(node, cst.Name):
            if node.value in ("True", "False"):
                return Ann("const", node.value, at=at)
            if node.value != "None":
                self._read(node.value)
            return Ann("name", node.value, at=at)
        if isinstance(node, cst.Attribute):
            return self._attribute(node, at)
        if isinstance(node, cst.Subscript):
            return self._subscript(node, at, depth)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            return self._union(node, at, depth)
        if isinstance(node, (cst.Tuple, cst.List)):
            args = tuple(self._type(one.value, depth - 1) for one in node.elements)
            return Ann("tuple", args=args, at=at)
        if isinstance(node, cst.Call):
            values = [arg.value for arg in node.args if arg.keyword is None and arg.star == ""]
            args = tuple(self._value(one, depth - 1) for one in (node.func, *values))
            return Ann("call", args=args, at=at)
        return self._constant(node, at)

    def _attribute(self, node: cst.Attribute, at: Ref) -> Ann:
        names: list[str] = []
        base: cst.BaseExpression = node
        while isinstance(base, cst.Attribute):
            names.append(base.attr.value)
            base = base.value
        if not isinstance(base, cst.Name):
            return Ann("other", at=at)
        names.append(base.value)
        self._read(base.value)
        return Ann("name", ".".join(reversed(names)), at=at)

    def _subscript(self, node: cst.Subscript, at: Ref, depth: int) -> Ann:
        value = self._value(node.value, depth - 1)
        values_from = _VALUES_FROM.get(value.name.rpartition(".")[2], len(node.slice) + 1)
        args = [value]
        for index, element in enumerate(node.slice):
            if not isinstance(element.slice, cst.Index):
                args.append(Ann("other", at=self._at(element)))
                continue
            lower = self._value if index >= values_from else self._type
            args.append(lower(element.slice.value, depth - 1))
        return Ann("item", args=tuple(args), at=at)

    def _union(self, node: cst.BinaryOperation, at: Ref, depth: int) -> Ann:
        right: list[cst.BaseExpression] = []
        rest: cst.BaseExpression = node
        while isinstance(rest, cst.BinaryOperation) and isinstance(rest.operator, cst.BitOr):
            right.append(rest.right)
            rest = rest.left
        right.append(rest)
        args = tuple(self._type(one, depth - 1) for one in reversed(right))
        return Ann("union", args=args, at=at)

    def _constant(self, node: cst.BaseExpression, at: Ref) -> Ann:
        if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
            text = literals.constant_text(node)
            return Ann("other", at=at) if text is None else Ann("const", repr(text), at=at)
        if isinstance(node, (cst.Integer, cst.Float, cst.Imaginary)):
            return Ann("const", node.value, at=at)
        if isinstance(node, cst.Ellipsis):
            return Ann("const", "...", at=at)
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
            inner = self._constant(node.expression, at)
            return Ann("const", f"-{inner.name}", at=at) if inner.kind == "const" else inner
        if isinstance(node, cst.StarredElement):
            return self._type(node.value, DEEPEST)
        return Ann("other", at=at)

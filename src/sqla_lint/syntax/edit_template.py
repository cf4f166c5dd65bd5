"""Templates of rewrites, filled with source text that still means the same in its new place."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import libcst as cst

from sqla_lint.ir import Ref
from sqla_lint.syntax.edit_precedence import PRIMARY, binding, parenthesize
from sqla_lint.syntax.edit_text import EditError
from sqla_lint.syntax.edit_tree import Tree, children

Form = Literal["expression", "argument", "statements", "block"]

# What a template's placeholder is called while the template is parsed.
_HOLE = "_sqla_lint_{}_"
_UNIT = "    "  # one level of indentation in a template

# Their parentheses are part of what they are, or of where they may stand.
_KEEPS_PARENTHESES = (cst.Tuple, cst.GeneratorExp, cst.Yield, cst.NamedExpr)
_BRACKETS = (
    cst.List,
    cst.Set,
    cst.Dict,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.FormattedStringExpression,
    cst.TemplatedStringExpression,
)
_IN_STRINGS = (cst.FormattedStringExpression, cst.TemplatedStringExpression)


class Place(NamedTuple):
    """Where an expression stands."""

    parent: cst.CSTNode
    field: str


class Layout(NamedTuple):
    """How the lines of a template are written: what follows a newline, and one level of depth."""

    newline: str  # the newline and the indentation of the template's first line
    unit: str


class _Part(NamedTuple):
    literal: str
    hole: str | None  # "0", "1", … or the name of an import
    primary: bool


def _parse(template: str) -> list[_Part]:
    try:
        return [
            _Part(literal, hole, spec == "primary")
            for literal, hole, spec, _ in string.Formatter().parse(template)
        ]
    except ValueError as error:
        raise EditError(f"the template {template!r} is malformed: {error}") from None


def holes(template: str) -> set[str]:
    """The names of a template's holes."""
    return {part.hole for part in _parse(template) if part.hole is not None}


def _skeleton(parts: Sequence[_Part], names: Mapping[str, str]) -> str:
    """The template with an identifier in each hole, so that it parses."""
    text = ""
    for part in parts:
        text += part.literal
        if part.hole is not None:
            text += names[part.hole] if part.hole in names else _HOLE.format(part.hole)
    return text


def _tree(skeleton: str, form: Form, tail: str) -> cst.CSTNode | None:
    try:
        if form == "expression":
            return cst.parse_expression(skeleton)
        if form == "argument":
            return cst.parse_expression(f"f({skeleton})")
        if form == "block":
            skeleton = f"{skeleton}\n{_UNIT}pass\n{tail}"
        return cst.parse_module(skeleton)
    except cst.ParserSyntaxError:
        return None


def _holes(root: cst.CSTNode) -> dict[str, list[tuple[Place, bool]]]:
    """Where the holes of a parsed template stand, and whether inside brackets."""
    found: dict[str, list[tuple[Place, bool]]] = {}
    stack = [(root, False)]
    while stack:
        node, bracketed = stack.pop()
        below = bracketed or _brackets(node)
        for field, child in children(node):
            inside = below or _bracketed_field(node, field)
            if isinstance(child, cst.Name):
                found.setdefault(child.value, []).append((Place(node, field), inside))
            stack.append((child, inside))
    return found


def _brackets(node: cst.CSTNode) -> bool:
    return isinstance(node, _BRACKETS) or (isinstance(node, cst.BaseExpression) and bool(node.lpar))


def _bracketed_field(node: cst.CSTNode, field: str) -> bool:
    return (isinstance(node, cst.Call) and field == "args") or (
        isinstance(node, cst.Subscript) and field == "slice"
    )


def in_brackets(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether a newline around a node is harmless, because brackets around it are open."""
    found = tree.above(node)
    while found is not None:
        parent, field = found
        if _brackets(parent) or _bracketed_field(parent, field):
            return True
        found = tree.above(parent)
    return False


class Templates:
    """Fills templates with the source of refs and the spelling of imported names."""

    def __init__(self, tree: Tree, names: Mapping[str, str]) -> None:
        self._tree = tree
        self._names = names

    def replacement(self, template: str, refs: Sequence[Ref], at: cst.CSTNode) -> str:
        """The template as an expression that takes the place of ``at``."""
        tree = self._tree
        found = tree.above(at)
        place = Place(*found) if found is not None else None
        form: Form = "argument" if isinstance(at, cst.Arg) else "expression"
        parts = _parse(template)
        root = _tree(_skeleton(parts, self._names), form, "")
        bracketed = in_brackets(tree, at)
        text = self._fill(parts, refs, root, bracketed, None)
        if isinstance(at, cst.Arg) or place is None or not isinstance(root, cst.BaseExpression):
            return text
        only = self._only_hole(root, refs)
        _check_place(only or root, place)
        if self._keeps_parentheses(at, place):
            return f"({text})"
        if only is not None and text.startswith("("):
            return text
        return f"({text})" if parenthesize(only or root, *place) else text

    def _keeps_parentheses(self, at: cst.CSTNode, place: Place) -> bool:
        """The user's parentheses stay, except where they only held one argument together."""
        if not isinstance(at, cst.BaseExpression) or not at.lpar or _own_parentheses(at):
            return False
        tree = self._tree
        return not isinstance(place.parent, cst.Arg) or (
            tree.comments(*tree.extent(at)) != tree.comments(*tree.bare_extent(at))
        )

    def lines(
        self,
        template: str,
        refs: Sequence[Ref],
        layout: Layout,
        form: Form = "statements",
        tail: str = "",
    ) -> str:
        """The template as one or more lines, the first without its indentation."""
        parts = _parse(template)
        tail = _skeleton(_parse(tail), self._names) if tail else ""
        root = _tree(_skeleton(parts, self._names), form, tail)
        return self._fill(parts, refs, root, False, layout)

    def _only_hole(self, root: cst.CSTNode, refs: Sequence[Ref]) -> cst.CSTNode | None:
        """The node that stands for the whole template, when it is nothing but a hole."""
        if isinstance(root, cst.Name):
            for index, ref in enumerate(refs):
                if root.value == _HOLE.format(index):
                    return self._tree.node(ref)
        return None

    def _fill(
        self,
        parts: Sequence[_Part],
        refs: Sequence[Ref],
        root: cst.CSTNode | None,
        bracketed: bool,
        layout: Layout | None,
    ) -> str:
        places = _holes(root) if root is not None else {}
        text = ""
        for part in parts:
            text += part.literal if layout is None else _indented(part.literal, layout)
            if part.hole is None:
                continue
            if part.hole in self._names:
                text += self._names[part.hole]
                continue
            if not part.hole.isdigit() or int(part.hole) >= len(refs):
                raise EditError(f"the template has no value for {{{part.hole}}}")
            found = places.get(_HOLE.format(part.hole))
            place, inside = found.pop(0) if found else (None, False)
            node = self._tree.node(refs[int(part.hole)])
            text += self._operand(node, place, inside or bracketed, part.primary)
        return text

    def _operand(
        self, node: cst.CSTNode, place: Place | None, bracketed: bool, primary: bool
    ) -> str:
        text = self._tree.source(node)
        if not isinstance(node, cst.BaseExpression):
            return text
        if node.lpar:
            return self._bare(node) if place is not None and _bare_will_do(node, place) else text
        if (
            (primary and (binding(node) < PRIMARY or isinstance(node, cst.Integer)))
            or (place is not None and parenthesize(node, *place))
            or (not bracketed and self._spills(node))
        ):
            return f"({text})"
        return text

    def _bare(self, node: cst.BaseExpression) -> str:
        """The source without its own parentheses, unless a comment stands between."""
        start, end = self._tree.bare_extent(node)
        if self._tree.comments(*self._tree.extent(node)) != self._tree.comments(start, end):
            return self._tree.source(node)
        return self._tree.text[start:end]

    def _spills(self, node: cst.CSTNode) -> bool:
        """Whether the source has a line break that only brackets around it make legal."""
        tree = self._tree
        start, end = tree.extent(node)
        depth, position = 0, start
        while position < end:
            char = tree.text[position]
            if tree.in_string(position):
                pass
            elif char in "([{":
                depth += 1
            elif char in ")]}":
                depth -= 1
            elif char == "#":
                position = tree.line_end(position)
                continue
            elif char == "\\":
                position = tree.next_line(position)
                continue
            elif char in "\r\n" and not depth:
                return True
            position += 1
        return False


def _own_parentheses(node: cst.BaseExpression) -> bool:
    return isinstance(node, (cst.Tuple, cst.GeneratorExp)) and len(node.lpar) == 1


def _bare_will_do(node: cst.BaseExpression, place: Place) -> bool:
    """Whether parentheses may go because those of a call take their part."""
    return isinstance(place.parent, cst.Arg) and not isinstance(node, _KEEPS_PARENTHESES)


def _check_place(root: cst.CSTNode, place: Place) -> None:
    if isinstance(place.parent, cst.ConcatenatedString) and not isinstance(
        root, (cst.SimpleString, cst.FormattedString)
    ):
        raise EditError("it is one part of adjacent string literals")


def _indented(literal: str, layout: Layout) -> str:
    """A template's own lines in the style of the file."""
    first, *others = literal.split("\n")
    text = first
    for line in others:
        stripped = line.lstrip(" ")
        level = (len(line) - len(stripped)) // len(_UNIT)
        text += layout.newline + layout.unit * level + stripped
    return text


def in_formatted_string(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether an expression stands inside an f-string or t-string."""
    return any(isinstance(found, _IN_STRINGS) for found in tree.ancestors(node))

"""The statement a node belongs to, its neighbours, and the lines and indentation they have."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import libcst as cst

from sqla_lint.syntax.edit_text import EditError
from sqla_lint.syntax.edit_tree import Stretch, Tree

Suite: TypeAlias = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
SUITES = (cst.Module, cst.IndentedBlock, cst.SimpleStatementSuite)


class Statement(NamedTuple):
    """A statement among its siblings. Those that share a line, joined by ``;``, count singly."""

    node: cst.CSTNode
    suite: Suite
    siblings: tuple[cst.CSTNode, ...]
    place: int  # among the siblings
    in_elif: bool = False  # the node it was asked for stands in an `elif`

    @property
    def previous(self) -> cst.CSTNode | None:
        return self.siblings[self.place - 1] if self.place else None

    @property
    def following(self) -> cst.CSTNode | None:
        following = self.place + 1
        return self.siblings[following] if following < len(self.siblings) else None

    def sibling(self, index: int) -> Statement:
        return Statement(self.siblings[index], self.suite, self.siblings, index)


def statements(suite: Suite) -> tuple[cst.CSTNode, ...]:
    """The statements of a suite, one by one."""
    found: list[cst.CSTNode] = []
    for node in suite.body:
        if isinstance(node, cst.SimpleStatementLine):
            found.extend(node.body)
        else:
            found.append(node)
    return tuple(found)


def statement(tree: Tree, node: cst.CSTNode) -> Statement:
    """The innermost statement a node belongs to."""
    if isinstance(node, cst.SimpleStatementLine):
        node = node.body[0]
    in_elif = False
    current = node
    while (found := tree.above(current)) is not None:
        parent, field = found
        if isinstance(parent, cst.SimpleStatementLine):
            above = tree.above(parent)
            parent = above[0] if above is not None else parent
        if isinstance(parent, SUITES):
            siblings = statements(parent)
            index = next(i for i, sibling in enumerate(siblings) if sibling is current)
            return Statement(current, parent, siblings, index, in_elif)
        if isinstance(current, cst.If) and field == "orelse":
            in_elif = True
        current = parent
    raise EditError("the rewrite names no statement")


def body_of(tree: Tree, node: cst.CSTNode) -> Suite:
    """The suite a compound statement, or a clause of one, brings."""
    current = node
    while True:
        body = getattr(current, "body", None)
        if isinstance(body, SUITES):
            return body
        if isinstance(current, SUITES):
            return current
        found = tree.above(current)
        if found is None:
            raise EditError("the rewrite names no body")
        current = found[0]


def share_line(tree: Tree, one: cst.CSTNode | None, other: cst.CSTNode | None) -> bool:
    """Whether two siblings stand on one line, joined by a semicolon."""
    if one is None or other is None:
        return False
    home = tree.above(one)
    return (
        home is not None
        and isinstance(home[0], (cst.SimpleStatementLine, cst.SimpleStatementSuite))
        and tree.above(other) == home
    )


def unit(tree: Tree, suite: Suite) -> str:
    """One level of indentation, as it is done around here."""
    for node in (suite, *tree.ancestors(suite)):
        if isinstance(node, cst.IndentedBlock) and node.indent is not None:
            return node.indent
    return tree.module.default_indent


def indentation(tree: Tree, suite: Suite) -> str:
    """What stands before each statement of a suite; for a one-line suite, what would."""
    if isinstance(suite, cst.Module):
        return ""
    if isinstance(suite, cst.SimpleStatementSuite):
        owner = statement(tree, suite)
        return indentation(tree, owner.suite) + unit(tree, owner.suite)
    start = tree.extent(suite.body[0])[0]
    first = tree.line_start(start)
    prefix = tree.text[first:start]
    before = tree.text[:first].rstrip("\r\n")
    if prefix.strip() or (first and before.endswith("\\")):
        raise EditError("the lines are joined in a way that hides their indentation")
    return prefix[prefix.rfind("\f") + 1 :]


def suite_gap(tree: Tree, suite: cst.SimpleStatementSuite) -> Stretch:
    """What stands between the colon and the first statement of a one-line suite."""
    start = tree.extent(suite.body[0])[0]
    return start - len(suite.leading_whitespace.value), start


def semicolon_end(tree: Tree, node: cst.CSTNode) -> int:
    """Where a statement ends, with a semicolon that nothing follows."""
    end = tree.extent(node)[1]
    rest = tree.text[end : tree.line_end(end)]
    stripped = rest.lstrip()
    if stripped.startswith(";"):
        return end + len(rest) - len(stripped) + 1
    return end


def lines_end(tree: Tree, found: Statement) -> int:
    """Where the lines of a statement end, before the newline.

    A trailing comment belongs to them, and so do, after a compound statement, the comments that
    are indented deeper than it: they are the last words of its last block.
    """
    end = tree.line_end(tree.extent(found.node)[1])
    if isinstance(found.node, cst.BaseSmallStatement):
        return end
    indent = indentation(tree, found.suite)
    position = tree.next_line(end)
    while position < len(tree.text):
        line = tree.text[position : tree.line_end(position)]
        stripped = line.lstrip(" \t\f")
        if stripped and not (
            stripped.startswith("#") and line.startswith(indent) and line[len(indent)] in " \t"
        ):
            break
        if stripped:
            end = tree.line_end(position)
        following = tree.next_line(position)
        if following == position:
            break
        position = following
    return end

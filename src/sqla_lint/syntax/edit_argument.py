"""Small edits inside an expression: an argument that goes, a word of a string that changes."""

from __future__ import annotations

import libcst as cst

from sqla_lint.finding import Drop, Respell, Unbracket
from sqla_lint.syntax.edit_text import EditError, TextEdit
from sqla_lint.syntax.edit_tree import Tree, walk

_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement, cst.BaseSmallStatement)
_TEXTS = (cst.SimpleString, cst.FormattedStringText)


def drop(tree: Tree, edit: Drop) -> TextEdit:
    """One argument less."""
    found = tree.above(tree.node(edit.at))
    call = tree.above(found[0]) if found is not None and isinstance(found[0], cst.Arg) else None
    if found is None or call is None or not isinstance(call[0], cst.Call):
        raise EditError("what is to be dropped is no argument")
    args = call[0].args
    index = next(i for i, arg in enumerate(args) if arg is found[0])
    start, end = tree.extent(args[index])
    if index + 1 < len(args):
        end = tree.extent(args[index + 1])[0]
    elif index:
        start = tree.extent(args[index - 1])[1]
    else:
        comma = tree.text[end : tree.extent(call[0])[1]]
        end += len(comma) - len(comma.lstrip(", ")) if comma.lstrip().startswith(",") else 0
    if tree.comments(start, end):
        raise EditError("a comment stands beside the argument")
    return TextEdit(start, end, "")


def unbracket(tree: Tree, edit: Unbracket) -> TextEdit:
    """The elements of a list as arguments."""
    node = tree.node(edit.at)
    if not isinstance(node, (cst.List, cst.Tuple)) or not node.elements:
        raise EditError("what is to lose its brackets is no list")
    start, end = tree.extent(node)
    first, last = tree.extent(node.elements[0])[0], tree.extent(node.elements[-1])[1]
    if tree.comments(start, first) or tree.comments(last, end):
        raise EditError("a comment stands beside the brackets")
    if isinstance(node, cst.Tuple) and tree.text[start] != "(":
        raise EditError("the tuple has no brackets")
    return TextEdit(start, end, _outdented(tree, start, first, tree.text[first:last]))


def _outdented(tree: Tree, start: int, first: int, text: str) -> str:
    """Lines inside the brackets, as far to the left as the bracket was when it had a line of its
    own."""
    inner, outer = tree.line_start(first), tree.line_start(start)
    by = (first - inner) - (start - outer)
    if inner == outer or by <= 0 or tree.text[outer:start].strip():
        return text
    head, *lines = text.split("\n")
    gone = " " * by
    return "\n".join([head, *(line[by:] if line.startswith(gone) else line for line in lines)])


def respell(tree: Tree, edit: Respell) -> TextEdit:
    """Another word in a string."""
    node = tree.node(edit.at)
    places = _found(tree, node, edit.old)
    for above in tree.ancestors(node):
        if places:
            break
        places = _found(tree, above, edit.old)
        if isinstance(above, _STATEMENTS):
            break
    if len(places) != 1:
        raise EditError("the text to change is not written here once")
    return TextEdit(places[0], places[0] + len(edit.old), edit.new)


def _found(tree: Tree, node: cst.CSTNode, old: str) -> list[int]:
    places = []
    for one in walk(node):
        if isinstance(one, _TEXTS):
            start, end = tree.extent(one)
            position = tree.text.find(old, start, end)
            while position >= 0:
                places.append(position)
                position = tree.text.find(old, position + len(old), end)
    return places

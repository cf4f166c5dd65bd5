"""Names nodes by their source, and applies rewrites to a text, for the tests of both."""

from __future__ import annotations

import libcst as cst

from sqla_lint.finding import Applicability, Edit, Rewrite
from sqla_lint.syntax.rewrite import (
    Refusal,
    Tree,
    apply,
    edits,
    in_order,
    overlapping,
    place_imports,
    read,
)


def ref(tree: Tree, source: str, kind: type[cst.CSTNode] = cst.CSTNode, nth: int = 0) -> int:
    """The ref of the nth node whose source is this; the innermost of those that begin together."""
    found = [
        number
        for number, node in enumerate(tree.nodes)
        if isinstance(node, kind)
        and not isinstance(node, (cst.SimpleStatementLine, cst.Module, cst.IndentedBlock, cst.Arg))
        and tree.source(node) == source
    ]
    assert found, f"no node reads {source!r}"
    starts = sorted({tree.extent(tree.node(number))[0] for number in found})
    return max(number for number in found if tree.extent(tree.node(number))[0] == starts[nth])


def apply_to(tree: Tree, *parts: Edit) -> str:
    """The text after one rewrite, its imports included."""
    result = edits(tree, Rewrite("test", Applicability.SAFE, parts))
    assert not isinstance(result, Refusal), result.reason
    placed = place_imports(tree, result.imports, result.needed)
    together = in_order([*result.edits, *placed])
    assert not overlapping(together)
    return apply(tree.text, together)


def refusal(tree: Tree, *parts: Edit) -> str:
    """Why a rewrite is refused."""
    result = edits(tree, Rewrite("test", Applicability.SAFE, parts))
    assert isinstance(result, Refusal), apply(tree.text, result.edits)
    return result.reason


def tree_of(text: str) -> Tree:
    return read(text, "test.py")

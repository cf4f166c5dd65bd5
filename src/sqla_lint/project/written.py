"""Types that stand in strings where no annotation is: ``cast("Optional[Session]", x)``."""

from __future__ import annotations

import ast
from functools import lru_cache

from sqla_lint.ir import Ann

_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})


def is_cast(label: str) -> bool:
    """Whether a dotted name is Python's `cast`."""
    return label in _CASTS


@lru_cache(maxsize=1024)
def parsed(text: str) -> Ann:
    """The annotation that a string holds, in the form of `ir.Ann`."""
    try:
        return _ann(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return Ann("other")


def _ann(node: ast.expr) -> Ann:
    if isinstance(node, ast.Name):
        return Ann("name", node.id)
    if isinstance(node, ast.Attribute):
        of = _ann(node.value)
        return Ann("name", f"{of.name}.{node.attr}") if of.kind == "name" else Ann("other")
    if isinstance(node, ast.Constant) and node.value is None:
        return Ann("name", "None")
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return parsed(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return Ann("union", args=(_ann(node.left), _ann(node.right)))
    if isinstance(node, ast.Tuple):
        return Ann("tuple", args=tuple(map(_ann, node.elts)))
    if isinstance(node, ast.Subscript):
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Ann("item", args=(_ann(node.value), *map(_ann, inside)))
    return Ann("other")

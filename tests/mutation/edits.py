"""Mutations of source text, by the nodes of Python's own syntax tree."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator


class Source:
    """A file that can be broken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.tree = ast.parse(text)
        self.parents = {c: p for p in ast.walk(self.tree) for c in ast.iter_child_nodes(p)}

    def statement(self, line: int, name: str) -> ast.stmt | None:
        """The expression statement on a line that calls a method of this name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Expr) and node.lineno <= line <= (node.end_lineno or 0):
                call = node.value.value if isinstance(node.value, ast.Await) else node.value
                func = call.func if isinstance(call, ast.Call) else None
                if isinstance(func, ast.Attribute) and func.attr == name:
                    return node
        return None

    def block(self, line: int) -> ast.With | ast.AsyncWith | None:
        """The ``with`` of one item that begins on a line."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.With, ast.AsyncWith)) and node.lineno == line:
                return node if len(node.items) == 1 else None
        return None

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        current: ast.AST | None = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def is_followed_by_raise(self, node: ast.stmt) -> bool:
        """The next statement raises: whoever catches that ends the session anyway."""
        for body in ast.walk(self.parents[node]):
            for siblings in (getattr(body, "body", ()), getattr(body, "orelse", ())):
                if isinstance(siblings, list) and node in siblings[:-1]:
                    return isinstance(siblings[siblings.index(node) + 1], ast.Raise)
        return False

    # --- what is done

    def dropped(self, node: ast.stmt) -> str | None:
        """Without a statement."""
        return self._replaced(node, "pass\n")

    def swallowed(self, node: ast.stmt) -> str | None:
        """With a statement in a `try` that drops the exception."""
        text = ast.get_source_segment(self.text, node) or ""
        return self._replaced(node, f"try:\n    {text}\nexcept Exception:\n    pass\n")

    def stripped(self, node: ast.With | ast.AsyncWith) -> str | None:
        """With the block's object opened plainly, and nothing that closes it."""
        item = node.items[0]
        opened = ast.get_source_segment(self.text, item.context_expr) or ""
        name = ast.get_source_segment(self.text, item.optional_vars) if item.optional_vars else ""
        body = self._body(node.body)
        if body is None or not name or opened.rstrip().endswith(".begin()"):
            return None
        return self._replaced(node, f"{name} = {opened}\n{body}")

    def without_finally(self, node: ast.Try) -> str | None:
        """A `try` without its `finally`."""
        body = self._body(node.body)
        if body is None or node.handlers or node.orelse:
            return None
        return self._replaced(node, body)

    def moved_behind(self, node: ast.stmt, guard: ast.Try) -> str | None:
        """With the last statement of a `try` behind it."""
        if guard.body[-1] is not node or len(guard.body) < 2 or guard.orelse or guard.finalbody:
            return None
        text = ast.get_source_segment(self.text, node) or ""
        start, end = node.lineno - 1, node.end_lineno or 0
        lines = self.lines[:start] + self.lines[end : guard.end_lineno]
        lines += [" " * guard.col_offset + text + "\n", *self.lines[guard.end_lineno :]]
        return _valid("".join(lines))

    def _body(self, body: list[ast.stmt]) -> str | None:
        first, last = body[0].lineno - 1, body[-1].end_lineno or 0
        return textwrap.dedent("".join(self.lines[first:last]))

    def _replaced(self, node: ast.stmt, text: str) -> str | None:
        indent = " " * node.col_offset
        if self.lines[node.lineno - 1][: node.col_offset].strip():
            return None  # shares its line
        new = textwrap.indent(text if text.endswith("\n") else text + "\n", indent)
        before, after = self.lines[: node.lineno - 1], self.lines[node.end_lineno or 0 :]
        return _valid("".join((*before, new, *after)))


def _valid(text: str) -> str | None:
    try:
        ast.parse(text)
    except SyntaxError:
        return None
    return text

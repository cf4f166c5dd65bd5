"""Where a missing import goes: beside its kin, in the order the file keeps, before its use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import libcst as cst

from sqla_lint.syntax.edit_text import NewImport, TextEdit, in_order
from sqla_lint.syntax.edit_tree import Tree

# Longer than this, and longer than what the file already has, an import goes into parentheses.
_LINE_LENGTH = 88

_Key: TypeAlias = Callable[[str], tuple[int, str]]


def place_imports(
    tree: Tree, imports: Iterable[NewImport], before: int | None = None
) -> tuple[TextEdit, ...]:
    """The edits that add imports to the head of the module; ``before`` is their first use there."""
    limit = len(tree.text) if before is None else before
    lines = [line for line in _import_lines(tree) if line.end <= limit]
    modules: dict[str, list[NewImport]] = {}
    for new in sorted(imports):
        modules.setdefault(new.module, []).append(new)
    edits: list[TextEdit] = []
    fresh: dict[tuple[int, str, str], list[str]] = {}
    for module, wanted in modules.items():
        home = _home(lines, module)
        clauses = [new.clause for new in wanted]
        if home is not None:
            edits += _extend(tree, home, clauses)
        else:
            where = _spot(tree, lines, module)
            fresh.setdefault(where, []).append(f"from {module} import {', '.join(clauses)}")
    for (point, lead, trail), texts in fresh.items():
        newline = tree.newline(point)
        text = newline.join(texts)
        edits.append(
            TextEdit(
                point, point, lead.replace("\n", newline) + text + trail.replace("\n", newline)
            )
        )
    return in_order(edits)


# --- the imports that are there ---------------------------------------------------------------


class _Line(NamedTuple):
    """A top-level line of imports."""

    node: cst.Import | cst.ImportFrom
    module: str
    relative: bool
    start: int
    end: int

    @property
    def root(self) -> str:
        return self.module.split(".")[0]

    @property
    def plain(self) -> bool:
        return isinstance(self.node, cst.Import)

    @property
    def standard(self) -> bool:
        return not self.relative and (
            self.root == "__future__" or self.root in sys.stdlib_module_names
        )


def _import_lines(tree: Tree) -> list[_Line]:
    found = []
    for line in tree.module.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for node in line.body:
            if isinstance(node, cst.Import):
                module = tree.source(node.names[0].name)
                found.append(_Line(node, module, False, *tree.extent(node)))
            elif isinstance(node, cst.ImportFrom):
                module = tree.source(node.module) if node.module is not None else ""
                found.append(_Line(node, module, bool(node.relative), *tree.extent(node)))
    return found


def _home(lines: Sequence[_Line], module: str) -> cst.ImportFrom | None:
    """The import statement that can take more names of a module."""
    for line in lines:
        node = line.node
        if (
            isinstance(node, cst.ImportFrom)
            and not isinstance(node.names, cst.ImportStar)
            and line.module == module
            and not line.relative
        ):
            return node
    return None


# --- another name in an import statement -------------------------------------------------------


def _by_kind(name: str) -> tuple[int, str]:
    """Constants, classes, the rest: the order of isort and ruff."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()


_ORDERS: tuple[_Key, ...] = (_by_kind, lambda name: (0, name.lower()), lambda name: (0, name))


def _extend(tree: Tree, node: cst.ImportFrom, clauses: Sequence[str]) -> list[TextEdit]:
    aliases = [] if isinstance(node.names, cst.ImportStar) else list(node.names)
    spans = [tree.extent(alias) for alias in aliases]
    names = [tree.source(alias) for alias in aliases]
    rows = _rows(tree, node, spans)
    wrapped = None if rows else _wrapped(tree, node, spans, names, clauses)
    if wrapped is not None:
        return [wrapped]
    places: dict[int, list[str]] = {}
    for clause in clauses:
        places.setdefault(_index(names, clause), []).append(clause)
    edits: list[TextEdit] = []
    for index, new in places.items():
        if index < len(spans):
            start = spans[index][0]
            separator = "," + _margin(tree, start) if rows else ", "
            text = "".join(clause + separator for clause in new)
            edits.append(TextEdit(start, start, text))
        elif rows:
            edits += _append_rows(tree, aliases[-1], spans[-1], new)
        else:
            end = spans[-1][1]
            edits.append(TextEdit(end, end, "".join(f", {clause}" for clause in new)))
    return edits


def _order(names: Sequence[str]) -> _Key | None:
    for key in _ORDERS:
        keys = [key(name) for name in names]
        if keys == sorted(keys):
            return key
    return None


def _index(names: Sequence[str], clause: str) -> int:
    """Where a name goes among names; to the end where they are in no order."""
    key = _order(names)
    if key is None:
        return len(names)
    merged = sorted([*names, clause], key=key)
    return merged.index(clause)


def _rows(tree: Tree, node: cst.ImportFrom, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether every name has a line of its own, in parentheses."""
    starts = {tree.line_start(start) for start, _ in spans}
    return (
        node.lpar is not None
        and len(starts) == len(spans)
        and all(not tree.text[tree.line_start(start) : start].strip() for start, _ in spans)
    )


def _margin(tree: Tree, start: int) -> str:
    begin = tree.line_start(start)
    return tree.newline(start) + tree.text[begin:start]


def _append_rows(
    tree: Tree, last: cst.ImportAlias, span: tuple[int, int], clauses: Sequence[str]
) -> list[TextEdit]:
    start, end = span
    margin = _margin(tree, start)
    rest = tree.text[end : tree.line_end(end)]
    code = rest.split("#")[0]
    if ")" in code:  # the parenthesis closes on the line of the last name
        return [TextEdit(end, end, "".join(f",{margin}{clause}" for clause in clauses))]
    point = tree.line_end(end)
    if isinstance(last.comma, cst.Comma):
        return [TextEdit(point, point, "".join(f"{margin}{clause}," for clause in clauses))]
    text = ",".join(f"{margin}{clause}" for clause in clauses)
    if point == end:
        return [TextEdit(end, end, "," + text)]
    return [TextEdit(end, end, ","), TextEdit(point, point, text)]


def _wrapped(
    tree: Tree,
    node: cst.ImportFrom,
    spans: Sequence[tuple[int, int]],
    names: Sequence[str],
    clauses: Sequence[str],
) -> TextEdit | None:
    """The names in parentheses, when one more would make the line too long."""
    start, end = tree.extent(node)
    line_start = tree.line_start(start)
    line_end = tree.line_end(start)
    added = sum(len(clause) + 2 for clause in clauses)
    if node.lpar is not None or end > line_end or line_end - line_start + added <= _LINE_LENGTH:
        return None
    if line_end - line_start > _LINE_LENGTH or start != line_start:
        return None  # it is too long already: not our business
    merged = list(names)
    for clause in clauses:
        merged.insert(_index(merged, clause), clause)
    newline = tree.newline(start)
    rows = "".join(f"{tree.module.default_indent}{name},{newline}" for name in merged)
    return TextEdit(spans[0][0], spans[-1][1], f"({newline}{rows})")


# --- a new import statement --------------------------------------------------------------------


def _spot(tree: Tree, lines: Sequence[_Line], module: str) -> tuple[int, str, str]:
    """Where a new import line goes: a point, and what stands before and after it there."""
    root = module.split(".")[0]
    kin = [line for line in lines if line.root == root and not line.relative]
    if kin:
        return _among(tree, kin, module)
    head = _head(tree, lines)
    others = [line for line in head if not line.relative and not line.standard]
    if others:
        return _among(tree, _first_group(tree, others), module)
    standard = [line for line in head if line.standard]
    if standard:
        return tree.line_end(standard[-1].end), "\n\n", ""
    if head:
        return _above(tree, head[0].start), "", "\n\n"
    return _top(tree)


def _among(tree: Tree, lines: Sequence[_Line], module: str) -> tuple[int, str, str]:
    """In the order of isort: plain imports first, then by module."""
    smaller = [line for line in lines if line.plain or line.module.lower() < module.lower()]
    if smaller:
        return tree.line_end(smaller[-1].end), "\n", ""
    return _above(tree, lines[0].start), "", "\n"


def _head(tree: Tree, lines: Sequence[_Line]) -> list[_Line]:
    """The imports before the first statement that is neither an import nor the docstring."""
    limit = len(tree.text)
    for index, line in enumerate(tree.module.body):
        if isinstance(line, cst.SimpleStatementLine) and (
            all(isinstance(node, (cst.Import, cst.ImportFrom)) for node in line.body)
            or (index == 0 and _is_docstring(line))
        ):
            continue
        limit = tree.extent(line)[0]
        break
    return [line for line in lines if line.start < limit]


def _first_group(tree: Tree, lines: Sequence[_Line]) -> list[_Line]:
    """The first run of lines that no blank line divides."""
    group = [lines[0]]
    for line in lines[1:]:
        between = tree.text[group[-1].end : line.start]
        if len(between.split("\n")) > 2:
            break
        group.append(line)
    return group


def _is_docstring(line: cst.SimpleStatementLine) -> bool:
    node = line.body[0]
    return isinstance(node, cst.Expr) and isinstance(
        node.value, (cst.SimpleString, cst.ConcatenatedString)
    )


def _above(tree: Tree, start: int) -> int:
    """Above a statement and the comments that stand directly over it, but below a file's header."""
    begin = tree.line_start(start)
    point = begin
    while point:
        above = tree.line_start(point - 1)
        if not tree.text[above:point].lstrip().startswith("#"):
            return point
        point = above
    return begin


def _top(tree: Tree) -> tuple[int, str, str]:
    body = tree.module.body
    if not body:
        return len(tree.text), "" if _ends_line(tree) else "\n", "\n"
    first = body[0]
    if isinstance(first, cst.SimpleStatementLine) and _is_docstring(first):
        end = tree.extent(first.body[0])[1]
        if len(first.body) == 1:
            return tree.line_end(end), "\n\n", ""
        return tree.extent(first.body[1])[0], "", "; "
    return _above(tree, tree.extent(first)[0]), "", "\n\n"


def _ends_line(tree: Tree) -> bool:
    return not tree.text or tree.text[-1] in "\r\n"

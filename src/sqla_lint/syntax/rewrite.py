"""From a rewrite, which names nodes, to edits of the text that keep all the rest as it was.

tree = read(text, path)              positions, parents, strings of a file
edits(tree, rewrite)                 what one rewrite does, or why it cannot be done here
place_imports(tree, imports, before) the imports of all rewrites of a round, once
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from sqla_lint.finding import (
    Delete,
    Drop,
    Edit,
    Enclose,
    Import,
    Insert,
    Rename,
    Replace,
    Respell,
    Rewrite,
    Unbracket,
)
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.edit_argument import drop, respell, unbracket
from sqla_lint.syntax.edit_block import Draft
from sqla_lint.syntax.edit_imports import place_imports
from sqla_lint.syntax.edit_scope import Names, Use, spell
from sqla_lint.syntax.edit_suite import body_of, statements
from sqla_lint.syntax.edit_template import Templates, holes, in_formatted_string
from sqla_lint.syntax.edit_text import (
    EditError,
    NewImport,
    Refusal,
    Shift,
    TextEdit,
    TextEdits,
    apply,
    clash,
    in_order,
    overlapping,
)
from sqla_lint.syntax.edit_tree import Tree, read

__all__ = [
    "EditError",
    "Refusal",
    "Shift",
    "TextEdit",
    "TextEdits",
    "Tree",
    "apply",
    "clash",
    "comments",
    "edits",
    "in_order",
    "place_imports",
    "read",
    "start_of",
]

# Inside an f-string these end the string, the expression or its line on some Python.
_UNSAFE_IN_F_STRING = frozenset("'\"\\\n\r#{}!:")


def edits(tree: Tree, rewrite: Rewrite) -> TextEdits | Refusal:
    """The text edits of a rewrite: all of them or the reason why none."""
    try:
        return deeply(lambda: _edits(tree, rewrite))
    except EditError as refused:
        return Refusal(str(refused))


def start_of(tree: Tree, ref: int) -> int:
    """Where a node begins: what a finding is known by while refs change from round to round."""
    try:
        return tree.extent(tree.node(ref))[0]
    except EditError:
        return 0


def comments(tree: Tree) -> list[str]:
    """All comments of the file."""
    return tree.comments(0, len(tree.text))


def _edits(tree: Tree, rewrite: Rewrite) -> TextEdits:
    spelled, missing, needed = _imports(tree, rewrite.edits)
    templates = Templates(tree, spelled)
    encloses = [edit for edit in rewrite.edits if isinstance(edit, Enclose)]
    deletes = [edit for edit in rewrite.edits if isinstance(edit, Delete)]
    draft = Draft(tree, templates, encloses, deletes)
    small: list[TextEdit] = []
    for edit in rewrite.edits:
        if isinstance(edit, Insert):
            draft.insert(edit)
        elif isinstance(edit, Replace):
            small.append(_replace(tree, templates, draft, edit))
        elif isinstance(edit, Rename):
            small.append(_rename(tree, edit))
        elif isinstance(edit, Drop):
            small.append(drop(tree, edit))
        elif isinstance(edit, Unbracket):
            small.append(unbracket(tree, edit))
        elif isinstance(edit, Respell):
            small.append(respell(tree, edit))
    found = in_order([*draft.edits(), *small])
    if overlapping(found):
        raise EditError("two of its edits change the same place")
    claims = (*((edit.start, edit.end) for edit in found), *draft.claims())
    return TextEdits(found, missing, claims, needed)


# --- imports -----------------------------------------------------------------------------------


def _imports(
    tree: Tree, parts: Sequence[Edit]
) -> tuple[dict[str, str], frozenset[NewImport], int | None]:
    """How each name is spelled, which imports are missing, and their first use at import."""
    wanted = [part for part in parts if isinstance(part, Import)]
    if not wanted:
        return {}, frozenset(), None
    names = Names(tree)
    spelled: dict[str, str] = {}
    missing: set[NewImport] = set()
    needed: list[int] = []
    for want in wanted:
        uses = [names.use(node) for node in _places(tree, parts, want.name)]
        uses = uses or [Use(len(tree.text), (tree.module,))]
        spelling = spell(names, want.module, want.name, uses)
        spelled[want.name] = spelling.text
        if spelling.missing is not None:
            missing.add(spelling.missing)
            needed += [use.position for use in uses if use.at_import]
    return spelled, frozenset(missing), min(needed, default=None)


def _places(tree: Tree, parts: Iterable[Edit], name: str) -> list[cst.CSTNode]:
    """The nodes in whose scope the templates use a name."""
    found: list[cst.CSTNode] = []
    for part in parts:
        if isinstance(part, (Import, Rename, Delete, Drop, Unbracket, Respell)):
            continue
        text = part.template + (part.footer if isinstance(part, Enclose) else "")
        if name not in holes(text):
            continue
        node = tree.node(part.first if isinstance(part, Enclose) else part.at)
        if isinstance(part, Insert) and part.where in ("body-start", "body-end"):
            node = statements(body_of(tree, node))[-1]
        found.append(node)
    return found


# --- expressions -------------------------------------------------------------------------------


def _replace(tree: Tree, templates: Templates, draft: Draft, edit: Replace) -> TextEdit:
    node = tree.node(edit.at)
    start, end = tree.extent(node)
    if isinstance(node, cst.BaseSmallStatement):
        new = templates.lines(edit.template, edit.refs, draft.layout(node))
        return TextEdit(start, end, new)
    new = templates.replacement(edit.template, edit.refs, node)
    if in_formatted_string(tree, node) and _UNSAFE_IN_F_STRING & set(new):
        raise EditError("it stands inside an f-string")
    return TextEdit(start, end, _apart(tree, start, end, new))


def _apart(tree: Tree, start: int, end: int, new: str) -> str:
    """With a space where a keyword would run into the new text, as in ``not(x)`` or ``1if x``."""
    if start and _wordy(tree.text[start - 1]) and (_wordy(new[:1]) or new[:1] in "'\""):
        new = " " + new
    if _wordy(new[-1:]) and _wordy(tree.text[end : end + 1]):
        new += " "
    return new


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_"


def _rename(tree: Tree, edit: Rename) -> TextEdit:
    node = tree.node(edit.at)
    if isinstance(node, cst.Await):
        node = node.expression
    if isinstance(node, cst.Call):
        node = node.func
    if not isinstance(node, cst.Attribute):
        raise EditError("what is to be renamed is no attribute")
    start, end = tree.extent(node.attr)
    return TextEdit(start, end, edit.name)

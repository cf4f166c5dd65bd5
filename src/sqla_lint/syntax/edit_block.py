"""Statements put in, taken out and enclosed, as text edits that leave every other line alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import libcst as cst

from sqla_lint.finding import Delete, Enclose, Insert
from sqla_lint.ir import Ref
from sqla_lint.syntax.edit_suite import (
    Statement,
    body_of,
    indentation,
    lines_end,
    semicolon_end,
    share_line,
    statement,
    statements,
    suite_gap,
    unit,
)
from sqla_lint.syntax.edit_template import Layout, Templates
from sqla_lint.syntax.edit_text import EditError, TextEdit, in_order
from sqla_lint.syntax.edit_tree import Stretch, Tree, walk

# Deciding these runs no code of the user's, or none that matters.
_PURE = (
    cst.Name,
    cst.Comparison,
    cst.ComparisonTarget,
    cst.BooleanOperation,
    cst.UnaryOperation,
    cst.Integer,
    cst.SimpleString,
)
_LEAVES = (cst.Return, cst.Raise, cst.Break, cst.Continue)


class Block(NamedTuple):
    """A run of siblings that gets one level deeper under a new header."""

    edit: Enclose
    first: Statement
    last: Statement
    start: int
    end: int  # of the lines of the last
    unit: str

    def contains(self, position: int) -> bool:
        return self.start < position <= self.end


def _merged(edits: Iterable[TextEdit]) -> list[TextEdit]:
    """Removals that overlap as one: blank lines may go for two reasons."""
    merged: list[TextEdit] = []
    for edit in in_order(edits):
        last = merged[-1] if merged else None
        if last is not None and not (last.new or edit.new) and edit.start < last.end:
            merged[-1] = TextEdit(last.start, max(last.end, edit.end), "")
        else:
            merged.append(edit)
    return merged


class Draft:
    """The statement edits of one rewrite, which must know of each other.

    An insertion inside a block that is being enclosed goes one level deeper; a suite whose
    statements all go needs a `pass`.
    """

    def __init__(
        self,
        tree: Tree,
        templates: Templates,
        encloses: Sequence[Enclose],
        deletes: Sequence[Delete],
    ) -> None:
        self._tree = tree
        self._templates = templates
        self._edits: dict[Stretch, TextEdit] = {}
        self._after: list[TextEdit] = []  # insertions, in the order they stand at one point
        self._before: list[TextEdit] = []
        self._footers: list[TextEdit] = []
        self._shifts: list[TextEdit] = []
        self._removed: list[Stretch] = []
        self._blocks = [self._block(edit) for edit in encloses]
        self._gone = [statement(tree, tree.node(edit.at)) for edit in deletes]
        for block in self._blocks:
            self._gone += self._dropped(block)
            self._enclose(block)
        self._delete()

    # --- results -------------------------------------------------------------------------------

    def edits(self) -> list[TextEdit]:
        """All edits, those at one point in the order they have to stand in."""
        replaced = _merged(self._edits.values())
        shifts = [shift for shift in self._shifts if not self._moot(shift.start, replaced)]
        after = [self._above_removed(edit) for edit in self._after]
        return [*after, *self._footers, *shifts, *self._before, *replaced]

    def _above_removed(self, edit: TextEdit) -> TextEdit:
        """An insertion behind a line that goes, as behind the line above it."""
        for start, end in self._removed:
            if 0 < start <= edit.start < end:
                point = start - 1
                point -= self._tree.text[point - 1 : point + 1] == "\r\n"
                return TextEdit(point, point, edit.new)
        return edit

    def claims(self) -> list[Stretch]:
        return [(block.start, block.end) for block in self._blocks]

    def depth(self, position: int) -> str:
        """How much deeper a position gets."""
        return "".join(block.unit for block in self._blocks if block.contains(position))

    def _moot(self, position: int, replaced: list[TextEdit]) -> bool:
        """Whether the line to be indented is not there any more."""
        return any(start <= position < end for start, end in self._removed) or any(
            edit.start < position < edit.end for edit in replaced
        )

    def _put(self, start: int, end: int, new: str) -> None:
        known = self._edits.get((start, end))
        if known is not None and known.new != new:
            raise EditError("two of its edits change the same place")
        self._edits[start, end] = TextEdit(start, end, new)

    def layout(self, node: cst.CSTNode) -> Layout:
        """How lines are written that take the place of a statement."""
        found = statement(self._tree, node)
        margin = self._margin(found, self._tree.extent(node)[0])
        return Layout(margin, unit(self._tree, found.suite))

    # --- lines ---------------------------------------------------------------------------------

    def _margin(self, found: Statement, position: int) -> str:
        """A newline, and the indentation the statement's suite is going to have there."""
        newline = self._tree.newline(position)
        return newline + indentation(self._tree, found.suite) + self.depth(position)

    def _begin_line(self, found: Statement) -> None:
        """Give a statement a line of its own to begin."""
        start = self._tree.extent(found.node)[0]
        self._spread(found)
        if found.previous is not None and share_line(self._tree, found.previous, found.node):
            end = self._tree.extent(found.previous)[1]
            self._put(end, start, self._margin(found, start))

    def _spread(self, found: Statement) -> None:
        """Put the statements of a one-line suite on lines of their own, below the header."""
        if isinstance(found.suite, cst.SimpleStatementSuite):
            gap, start = suite_gap(self._tree, found.suite)
            self._put(gap, start, self._margin(found, start))

    def _behind(self, found: Statement) -> int:
        """The point right behind a statement and what belongs to it; ends its line there."""
        self._spread(found)
        if share_line(self._tree, found.node, found.following):
            self._begin_line(found.sibling(found.place + 1))
            return self._tree.extent(found.node)[1]
        return lines_end(self._tree, found)

    # --- insert --------------------------------------------------------------------------------

    def insert(self, edit: Insert) -> None:
        node = self._tree.node(edit.at)
        if edit.where == "try-end":
            node = self._try_of(node)
        if edit.where in ("body-start", "body-end", "try-end"):
            suite = body_of(self._tree, node)
            siblings = statements(suite)
            if not siblings:
                raise EditError("the body is empty")
            if edit.where == "body-start":
                self._insert_before(Statement(siblings[0], suite, siblings, 0), edit)
                return
            last = len(siblings) - 1
            self._insert_after(Statement(siblings[last], suite, siblings, last), edit)
            return
        found = statement(self._tree, node)
        if edit.where == "after":
            self._insert_after(found, edit)
        elif found.in_elif:
            raise EditError("nothing can be put before an `elif`")
        else:
            self._insert_before(found, edit)

    def _try_of(self, clause: cst.CSTNode) -> cst.CSTNode:
        for node in self._tree.ancestors(clause):
            if isinstance(node, (cst.Try, cst.TryStar)):
                if node.orelse is not None:
                    raise EditError("the `else` would run after what is put at the end")
                return node
        raise EditError("the rewrite names no `try`")

    def _insert_after(self, found: Statement, edit: Insert) -> None:
        if isinstance(found.node, _LEAVES):
            raise EditError("what is put after the last statement would never run")
        anchor = self._tree.extent(found.node)[1]
        margin = self._margin(found, anchor)
        text = margin + self._lines(found, edit.template, edit.refs, margin)
        point = self._behind(found)
        self._after.append(TextEdit(point, point, text))

    def _insert_before(self, found: Statement, edit: Insert) -> None:
        start = self._tree.extent(found.node)[0]
        margin = self._margin(found, start)
        self._begin_line(found)
        text = self._lines(found, edit.template, edit.refs, margin) + margin
        self._before.append(TextEdit(start, start, text))

    def _lines(self, found: Statement, template: str, refs: Sequence[Ref], margin: str) -> str:
        layout = Layout(margin, unit(self._tree, found.suite))
        return self._templates.lines(template, refs, layout)

    # --- delete --------------------------------------------------------------------------------

    def _delete(self) -> None:
        gone = {id(found.node): found for found in self._gone}
        passed: set[tuple[int, int]] = set()
        for found in sorted(gone.values(), key=lambda found: self._tree.extent(found.node)):
            company, home = self._company(found)
            free = isinstance(found.suite, cst.Module) and home[1] < 0  # a module may be empty
            alone = not free and all(id(node) in gone for node in company)
            if alone and home not in passed:
                passed.add(home)
                self._replace_by_pass(found)
            else:
                self._remove(found)

    def _company(self, found: Statement) -> tuple[Sequence[cst.CSTNode], tuple[int, int]]:
        """The statements that will stand in one suite with it, and a name for that suite."""
        for number, block in enumerate(self._blocks):
            first, last = block.first, block.last
            if found.suite is first.suite and first.place < found.place <= last.place:
                begin = first.place if block.edit.keep_first else first.place + 1
                return found.siblings[begin : last.place + 1], (id(found.suite), number)
        return found.siblings, (id(found.suite), -1)

    def _replace_by_pass(self, found: Statement) -> None:
        start, end = self._tree.extent(found.node)
        comments = self._tree.comments(start, end)
        margin = self._margin(found, start)
        self._put(start, end, "".join(comment + margin for comment in comments) + "pass")

    def _remove(self, found: Statement) -> None:
        tree = self._tree
        start, end = tree.extent(found.node)
        if share_line(tree, found.node, found.following):
            self._inline(found, start, tree.extent(found.siblings[found.place + 1])[0])
        elif found.previous is not None and share_line(tree, found.previous, found.node):
            self._inline(found, tree.extent(found.previous)[1], semicolon_end(tree, found.node))
        else:
            end = lines_end(tree, found)
            comments = tree.comments(start, end)
            if comments:
                self._put(start, end, self._margin(found, start).join(comments))
            else:
                begin = self._blank_above(found, end)
                self._removed.append((begin, tree.next_line(end)))
                self._put(begin, tree.next_line(end), "")

    def _inline(self, found: Statement, start: int, end: int) -> None:
        if self._tree.comments(*self._tree.extent(found.node)):
            raise EditError("a comment stands inside the statement to be removed")
        self._put(start, end, "")

    def _blank_above(self, found: Statement, end: int) -> int:
        """The blank lines above go too when there are some below, or nothing of the suite."""
        tree = self._tree
        begin = tree.line_start(tree.extent(found.node)[0])
        below = tree.next_line(end)
        blank_below = not tree.text[below : tree.line_end(below)].strip()
        if found.previous is None or not (blank_below or found.following is None):
            return begin
        while begin and not tree.text[tree.line_start(begin - 1) : begin].strip():
            begin = tree.line_start(begin - 1)
        return begin

    # --- enclose -------------------------------------------------------------------------------

    def _block(self, edit: Enclose) -> Block:
        tree = self._tree
        first = statement(tree, tree.node(edit.first))
        if first.in_elif or not isinstance(first.node, cst.BaseSmallStatement):
            if not edit.keep_first:
                raise EditError("the statement to become a block is a compound one")
            if first.in_elif:
                raise EditError("a block cannot begin inside an `elif`")
        last = first.place
        for use in edit.uses:
            index = self._sibling_index(first, tree.node(use))
            if index is None or index < first.place:
                raise EditError("it is used outside the statements that follow in the same block")
            last = max(last, index)
        found = first.sibling(last)
        start = tree.extent(first.node)[0]
        if share_line(tree, found.node, found.following):
            end = tree.extent(found.node)[1]
        else:
            end = lines_end(tree, found)
        return Block(edit, first, found, start, end, unit(tree, first.suite))

    def _sibling_index(self, first: Statement, node: cst.CSTNode) -> int | None:
        places = {id(sibling): index for index, sibling in enumerate(first.siblings)}
        for found in (node, *self._tree.ancestors(node)):
            if id(found) in places:
                return places[id(found)]
        return None

    def _dropped(self, block: Block) -> list[Statement]:
        tree = self._tree
        found = [statement(tree, tree.node(ref)) for ref in block.edit.drop]
        for one in found:
            if not block.contains(tree.extent(one.node)[1]):
                raise EditError("a statement to be dropped lies outside the block")
        return self._collapsed(found)

    def _collapsed(self, found: list[Statement]) -> list[Statement]:
        """With the `if` in place of its body where all of that goes: `if conn: conn.close()`."""
        gone = {id(one.node): one for one in found}
        for one in found:
            while id(one.node) in gone:
                above = self._tree.above(one.suite)
                if above is None or not all(id(node) in gone for node in one.siblings):
                    break
                owner = above[0]
                if not isinstance(owner, cst.If) or not self._idle(owner):
                    break
                for node in one.siblings:
                    del gone[id(node)]
                one = statement(self._tree, owner)
                gone[id(owner)] = one
        return list(gone.values())

    def _idle(self, node: cst.If) -> bool:
        """Whether an `if` does nothing but run its body, and says nothing about it."""
        above = self._tree.above(node)
        return (
            node.orelse is None
            and (above is None or above[1] != "orelse")
            and not self._tree.comments(*self._tree.extent(node))
            and all(isinstance(part, _PURE) for part in walk(node.test))
        )

    def _enclose(self, block: Block) -> None:
        tree, edit, first = self._tree, block.edit, block.first
        self._begin_line(first)
        self._end_block(block)
        start, end = tree.extent(first.node)
        margin = self._margin(first, start)
        layout = Layout(margin, block.unit)
        header = self._templates.lines(edit.template, edit.refs, layout, "block", edit.footer)
        if edit.keep_first:
            self._before.append(TextEdit(start, start, header + margin + block.unit))
        else:
            if first.following is not None and share_line(tree, first.node, first.following):
                self._begin_line(first.sibling(first.place + 1))
            else:
                end = semicolon_end(tree, first.node)
            if block.last.place == first.place:
                header += margin + block.unit + "pass"
            self._put(start, end, header)
            self._close_up(block, end)
        if edit.footer:
            text = margin + self._templates.lines(edit.footer, (), layout)
            self._footers.append(TextEdit(block.end, block.end, text))
        self._indent(block, start)

    def _end_block(self, block: Block) -> None:
        last = block.last
        if share_line(self._tree, last.node, last.following):
            self._begin_line(last.sibling(last.place + 1))

    def _close_up(self, block: Block, end: int) -> None:
        """No blank line between a header and its block."""
        tree = self._tree
        if block.last.place == block.first.place or tree.line_end(end) == len(tree.text):
            return
        begin = position = tree.next_line(end)
        while position < block.end and not tree.text[position : tree.line_end(position)].strip():
            position = tree.next_line(position)
        if position > begin:
            self._removed.append((begin, position))
            self._put(begin, position, "")

    def _indent(self, block: Block, start: int) -> None:
        tree = self._tree
        indent = indentation(tree, block.first.suite)
        for position in tree.line_starts(start + 1, block.end):
            line = tree.text[position : tree.line_end(position)]
            if tree.in_string(position) or not line.strip():
                continue
            if line.lstrip().startswith("#") and not line.lstrip("\f").startswith(indent):
                continue  # a comment further left than the code stays where it is
            while tree.text[position] == "\f":
                position += 1
            if tree.text.startswith(indent, position):
                position += len(indent)
            self._shifts.append(TextEdit(position, position, block.unit))

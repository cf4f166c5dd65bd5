"""Several rewrites of one file in one go: those that would touch each other wait a round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqla_lint.finding import Finding
from sqla_lint.syntax.rewrite import (
    Refusal,
    TextEdit,
    TextEdits,
    Tree,
    clash,
    edits,
    in_order,
    place_imports,
    start_of,
)


class RefusedFix(NamedTuple):
    """A fix that was not made, and why. The finding is as the last run of the rules gave it."""

    finding: Finding
    reason: str

    def __str__(self) -> str:
        finding = self.finding
        line = f":{finding.span.line}" if finding.span is not None else ""
        return f"{finding.path}{line}: {finding.code}: {self.reason}"


class Composition(NamedTuple):
    """What a round does: the edits, whose they are, who waits and who never can."""

    edits: tuple[TextEdit, ...]
    taken: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    refused: tuple[RefusedFix, ...]


class _Round:
    """The rewrites taken so far, and the imports they need together."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parts: list[TextEdits] = []
        self._imports: tuple[TextEdit, ...] = ()

    def fits(self, new: TextEdits) -> bool:
        """Whether a rewrite touches nothing another one touches; takes it when it does not."""
        parts = [*self._parts, new]
        if any(clash(part.claims, new.claims) for part in self._parts):
            return False
        imports = self._place(parts)
        spans = [(edit.start, edit.end) for edit in imports]
        if any(clash(part.claims, spans) for part in parts):
            return False
        self._parts, self._imports = parts, imports
        return True

    def _place(self, parts: Sequence[TextEdits]) -> tuple[TextEdit, ...]:
        wanted = {new for part in parts for new in part.imports}
        if not wanted:
            return ()
        needed = [part.needed for part in parts if part.needed is not None]
        return place_imports(self._tree, wanted, min(needed, default=None))

    def edits(self) -> tuple[TextEdit, ...]:
        return in_order([*(edit for part in self._parts for edit in part.edits), *self._imports])


def compose(tree: Tree, findings: Iterable[Finding]) -> Composition:
    """Take rewrites in the order of the source as long as they leave each other alone."""
    current = _Round(tree)
    taken: list[Finding] = []
    waiting: list[Finding] = []
    refused: list[RefusedFix] = []
    for finding in in_source_order(tree, findings):
        if finding.rewrite is None:
            continue
        found = edits(tree, finding.rewrite)
        if isinstance(found, Refusal):
            refused.append(RefusedFix(finding, found.reason))
        elif not found.edits:
            refused.append(RefusedFix(finding, "it changes nothing"))
        elif current.fits(found):
            taken.append(finding)
        elif taken:
            waiting.append(finding)
        else:
            refused.append(RefusedFix(finding, "its import and its other edits overlap"))
    return Composition(current.edits(), tuple(taken), tuple(waiting), tuple(refused))


def in_source_order(tree: Tree, findings: Iterable[Finding]) -> list[Finding]:
    """By place, then code: the same order whatever order the rules ran in."""
    return sorted(
        findings, key=lambda finding: (start_of(tree, finding.at), finding.code, finding.message)
    )

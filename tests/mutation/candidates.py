"""Which mutants of a function there are, and which of them do harm by the owner model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mutation.edits import Source
from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Ref
from sqla_lint.rule import (
    CONNECTION_LIFETIME,
    SESSION_LIFETIME,
    Confidence,
    Function,
    is_used_later,
    outlives,
)

_HANDLES = (kinds.SESSION, kinds.CONNECTION)
_EVERY = (*_HANDLES, kinds.SCOPED_SESSION)
_STATEMENTS = frozenset({"read", "write", "execute", "flush", "add"})


class Mutant(NamedTuple):
    """A broken function: the mutation, the access pattern, the whole new file."""

    mutation: str
    pattern: str
    line: int
    text: str


def refs(function: Function) -> Iterator[Ref]:
    """The places `mutants` will ask for."""
    for root in function.followed(*_EVERY):
        for use in function.uses(root):
            yield use.op.at
        if root.position[0] >= 0:
            yield function.op(root.position).at


def mutants(function: Function, source: Source, lines: dict[Ref, int]) -> Iterator[Mutant]:
    """Every mutant that does harm."""
    if function.is_module or function.entry in ("test", "fixture"):
        return
    made = set(function.made(*_HANDLES))
    blocks = set(function.borrowed_in_block(*_HANDLES)) - made
    for root in function.followed(*_EVERY):
        if function.is_legacy(root.kind) or "autocommit" in root.kind.traits:
            continue
        uses = function.uses(root)
        calls = [u for u in uses if u.op.do == "call" and u.op.name and u.role == "self"]
        events = {event for use in uses for event in use.happening.events}
        pattern = _pattern(root, root in made, bool(function.entering(root)))
        broken = _Broken(function, source, lines, root, calls, events)
        found: list[tuple[str, int, str | None]] = []
        if root in made and not _escapes(events):
            found += broken.opened_plainly()
            found += broken.never_closed()
        if root in made or _is_only_lent(function, root):
            found += broken.never_committed()
        if root not in made and root not in blocks:
            found += broken.never_rolled_back()
            found += broken.committed_outside()
            found += broken.swallowed()
        for mutation, line, text in found:
            if text is not None:
                yield Mutant(mutation, pattern, line, text)


LEAKS = frozenset({"strip-with", "drop-close", "drop-finally"})


def still_leaks(function: Function) -> bool:
    """Some way through the broken function, with an exception or without, leaves something open."""
    sessions, connections = function.made(kinds.SESSION), function.made(kinds.CONNECTION)
    ends = (
        *function.solve(SESSION_LIFETIME, sessions, Confidence.ANY_CALL).ends,
        *function.solve(CONNECTION_LIFETIME, connections, Confidence.ANY_CALL).ends,
    )
    return any(end.state == "begun" or end.root.kind.is_async for end in ends)


def _is_only_lent(function: Function, root: Root) -> bool:
    """A context manager of the project gives it and commits nothing: one that stands on a manager
    of another library may."""
    lent = {one.position for one in function.lent(*_HANDLES)}
    return root.position in lent and not root.kind.traits & {"begin", "commits"}


def _escapes(events: set[str]) -> bool:
    return bool(events & {"escape", "lend", "hand"})


def _pattern(root: Root, made: bool, entered: bool) -> str:
    word = ("async " if root.kind.is_async else "") + root.kind.name.lower()
    if made:
        return f"{word}, with" if entered else f"{word}, opened"
    return f"{word}, {root.kind.owner or 'unknown'}"


class _Broken(NamedTuple):
    function: Function
    source: Source
    lines: dict[Ref, int]
    root: Root
    calls: list[Use]
    events: set[str]

    def _statements(self, *names: str) -> Iterator[tuple[int, str, ast.stmt]]:
        for use in self.calls:
            name, line = use.op.name or "", self.lines.get(use.op.at, 0)
            if name in names:
                node = self.source.statement(line, name)
                if node is not None:
                    yield line, name, node

    def opened_plainly(self) -> Iterator[tuple[str, int, str | None]]:
        """Without `with` the connection stays checked out, if anything was run on it."""
        entered = self.function.entering(self.root)
        if entered is None or not self.events & _STATEMENTS:
            return
        if self.root.kind.name == kinds.SESSION and not self._runs():
            return
        line = self.lines.get(self.function.op(self.root.position).at, 0)
        node = self.source.block(line)
        if node is not None:
            yield "strip-with", line, self.source.stripped(node)

    def _runs(self) -> bool:
        """A Session that only collects and commits holds nothing when that succeeds."""
        return bool(self.events & {"read", "write", "execute", "flush"})

    def never_closed(self) -> Iterator[tuple[str, int, str | None]]:
        """`close()` in a `finally`, or of an object that runs a statement after its last commit."""
        if not self.events & _STATEMENTS or self.function.entering(self.root) is not None:
            return
        for line, _, node in self._statements("close"):
            guard = next((a for a in self.source.above(node) if isinstance(a, ast.Try)), None)
            final = guard is not None and node in guard.finalbody
            if final and guard is not None:
                yield "drop-finally", line, self.source.without_finally(guard)
            if self.root.kind.name == kinds.CONNECTION or (
                self._runs() and "commit" not in self.events
            ):
                yield "drop-close", line, self.source.dropped(node)

    def never_committed(self) -> Iterator[tuple[str, int, str | None]]:
        """The only commit after a write, of an object that is ended here."""
        commits = list(self._statements("commit"))
        all_commits = [u for u in self.calls if u.op.name == "commit"]
        if len(all_commits) == 1 and self.events & {"write", "add"} and not _escapes(self.events):
            for line, _, node in commits:
                yield "drop-commit", line, self.source.dropped(node)

    def _lives_on(self) -> bool:
        kind = self.root.kind
        if "." in self.root.place and kind.owner == "caller":
            return False  # an attribute of something else: nobody knows
        if kind.owner == "registry":
            return "request-scoped" not in kind.traits and not self.function.registry_removed()
        if kind.owner == "caller":
            return self.function.entry != "route" and is_used_later(self.function, self.root)
        return outlives(self.function, self.root)

    def never_rolled_back(self) -> Iterator[tuple[str, int, str | None]]:
        """A rollback after a failed flush or commit, of a session that lives on."""
        if self.root.kind.name == kinds.CONNECTION or not self._lives_on():
            return
        for line, _, node in self._statements("rollback"):
            handler = next(
                (a for a in self.source.above(node) if isinstance(a, ast.ExceptHandler)), None
            )
            if handler is None:
                continue
            guard = self.source.parents[handler]
            sent = [u for u in self.calls if u.op.name in ("commit", "flush")]
            inside = any(
                guard.lineno <= self.lines.get(u.op.at, 0) <= (guard.body[-1].end_lineno or 0)  # type: ignore[attr-defined]
                for u in sent
            )
            raises = any(isinstance(n, ast.Raise) for n in ast.walk(handler))
            if inside and (not raises or self.root.kind.owner != "caller"):
                yield "drop-rollback", line, self.source.dropped(node)

    def committed_outside(self) -> Iterator[tuple[str, int, str | None]]:
        """A commit behind the `try` whose handler rolls back and raises."""
        if not self._lives_on() or self.root.kind.owner == "caller":
            return  # an exception that passes through is the caller's to end
        for line, _, node in self._statements("commit"):
            guard = self.source.parents.get(node)
            if not isinstance(guard, ast.Try) or not self.events & {"write", "add"}:
                continue
            text = "".join(ast.unparse(handler) for handler in guard.handlers)
            if "rollback" in text and "raise" in text:
                yield "move-commit", line, self.source.moved_behind(node, guard)

    def swallowed(self) -> Iterator[tuple[str, int, str | None]]:
        """A failed commit or flush that nobody hears of, on a session that lives on."""
        if self.root.kind.name == kinds.CONNECTION or not self._lives_on():
            return
        # what was executed has been sent: a flush can fail when something was added
        names = ("commit", "flush") if self.events & {"add", "touch"} else ("commit",)
        for line, name, node in self._statements(*names):
            if self.source.is_followed_by_raise(node):
                continue
            if name == "flush" and not self._is_given_something(line):
                continue
            if not any(isinstance(a, (ast.Try, ast.With, ast.AsyncWith)) for a in self._near(node)):
                yield "swallow", line, self.source.swallowed(node)

    def _is_given_something(self, line: int) -> bool:
        """The last thing done before is a change: a query or statement has sent what there was."""
        before = [
            (self.lines.get(use.op.at, 0), use.happening.events)
            for use in self.function.uses(self.root)
        ]
        events = [set(e) for at, e in sorted(before, key=lambda one: one[0]) if at < line and e]
        deeds = [e for e in events if e & (_STATEMENTS | {"touch"})]
        return not deeds or bool(deeds[-1] & {"add", "touch"})

    def _near(self, node: ast.AST) -> Iterator[ast.AST]:
        for above in self.source.above(node):
            if isinstance(above, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return
            yield above

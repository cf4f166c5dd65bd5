"""Rounds of fixes until none is left; each round is verified, and what fails is taken back.

A file is mended by a generator: it yields the contents it wants linted and is sent what was found.
So many files go on side by side, and their project is linted once for a step of all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from sqla_lint.finding import Applicability, Finding
from sqla_lint.fix import verify
from sqla_lint.fix.compose import RefusedFix, compose
from sqla_lint.fix.source import Source, decode
from sqla_lint.syntax.parse import ParseFailure
from sqla_lint.syntax.rewrite import (
    Shift,
    TextEdit,
    Tree,
    apply,
    comments,
    read,
    start_of,
)

Lint: TypeAlias = Callable[[bytes], list[Finding]]
Asks: TypeAlias = Generator[bytes, list[Finding], "FixOutcome"]
_Step: TypeAlias = Generator[bytes, list[Finding], "str | None"]

# Fixes that overlap wait a round, and nesting deeper than this is not written by people.
MAX_ROUNDS: Final = 10


class FixOutcome(NamedTuple):
    """What became of a file. ``remaining`` are the findings of ``new_bytes``, refused ones too."""

    new_bytes: bytes
    applied: tuple[Finding, ...]
    refused: tuple[RefusedFix, ...]
    remaining: tuple[Finding, ...]


class _Key(NamedTuple):
    """A finding across rounds: refs change, but its place can be carried along."""

    code: str
    start: int


class _State(NamedTuple):
    """The file as it is after some fixes."""

    data: bytes
    source: Source
    tree: Tree
    findings: tuple[Finding, ...]


def fix_file(
    path: str,
    source_bytes: bytes,
    lint: Lint,
    unsafe: bool,
    *,
    reveals: Mapping[str, frozenset[str]] | None = None,
) -> FixOutcome:
    """The bytes after all fixes that keep their promise, and what became of each.

    ``lint`` gives the findings of any content of this file, refs in its own tree. ``reveals``
    says which codes may appear where another one was mended (`verify.broken_promise`).
    """
    steps = fixing(path, source_bytes, unsafe, reveals=reveals)
    data = next(steps)
    while True:
        try:
            data = steps.send(lint(data))
        except StopIteration as end:
            outcome: FixOutcome = end.value
            return outcome


def fixing(
    path: str,
    source_bytes: bytes,
    unsafe: bool,
    *,
    reveals: Mapping[str, frozenset[str]] | None = None,
    alone: bool = True,
) -> Asks:
    """The same step by step: yields contents of the file, to be sent the findings in each.

    Without ``alone`` other files are mended at the same time. What their fixes do to this one is
    not laid on its own: before a fix is given up, the file is looked at again without it.
    """
    findings = tuple((yield source_bytes))
    if not any(_wanted(finding, unsafe) for finding in findings):
        return FixOutcome(source_bytes, (), (), findings)
    try:
        source = decode(source_bytes)
        state = _State(source_bytes, source, read(source.text, path), findings)
    except (ParseFailure, SyntaxError, UnicodeDecodeError) as error:
        refused = tuple(
            RefusedFix(finding, str(error)) for finding in findings if _wanted(finding, unsafe)
        )
        return FixOutcome(source_bytes, (), refused, findings)
    fixer = _Fixer(path, state, unsafe, reveals or {}, alone)
    return (yield from fixer.run())


def _wanted(finding: Finding, unsafe: bool) -> bool:
    if finding.rewrite is None:
        return False
    applicability = finding.rewrite.applicability
    return applicability is Applicability.SAFE or (unsafe and applicability is Applicability.UNSAFE)


class _Fixer:
    """The rounds over one file."""

    def __init__(
        self,
        path: str,
        state: _State,
        unsafe: bool,
        reveals: Mapping[str, frozenset[str]],
        alone: bool,
    ) -> None:
        self._path = path
        self._alone = alone
        self._state = state
        self._unsafe = unsafe
        self._reveals = reveals
        self._compiles = verify.compiles(state.data, path)
        self._applied: list[Finding] = []
        self._refused: dict[_Key, RefusedFix] = {}
        self._pending: list[list[_Key]] = []  # groups still to be tried in this round

    def run(self) -> Asks:
        for _ in range(MAX_ROUNDS):
            wanted = self._candidates()
            if not wanted or not (yield from self._round(wanted)):
                break
        for finding in self._candidates():
            self._refuse(finding, f"not settled after {MAX_ROUNDS} rounds")
        return FixOutcome(
            self._state.data,
            tuple(self._applied),
            tuple(self._report()),
            self._state.findings,
        )

    def _candidates(self) -> list[Finding]:
        return [
            finding
            for finding in self._state.findings
            if _wanted(finding, self._unsafe) and self._key(finding) not in self._refused
        ]

    def _key(self, finding: Finding) -> _Key:
        return _Key(finding.code, start_of(self._state.tree, finding.at))

    def _refuse(self, finding: Finding, reason: str) -> None:
        self._refused[self._key(finding)] = RefusedFix(finding, reason)

    def _report(self) -> list[RefusedFix]:
        """EditError fixes with the finding as it is now, where it is still there."""
        now = {self._key(finding): finding for finding in self._state.findings}
        return [
            RefusedFix(now.get(key, refused.finding), refused.reason)
            for key, refused in sorted(self._refused.items(), key=lambda item: item[0][::-1])
        ]

    def _round(self, wanted: Sequence[Finding]) -> Generator[bytes, list[Finding], bool]:
        """Fix what can be fixed together; whether anything came of it.

        When the result breaks a promise, each half of the group is tried by itself.
        """
        done, given_up = len(self._applied), len(self._refused)
        self._pending = [[self._key(finding) for finding in wanted]]
        while self._pending:
            group = self._found(self._pending.pop())
            composed = compose(self._state.tree, group)
            for refused in composed.refused:
                self._refuse(*refused)
            taken = composed.taken
            if not taken:
                continue
            reason = yield from self._advance(taken, composed.edits)
            if reason is not None and len(taken) == 1:
                self._refuse(taken[0], reason)
            elif reason is not None:
                middle = len(taken) // 2
                for half in (taken[middle:], taken[:middle]):
                    self._pending.append([self._key(finding) for finding in half])
        return (done, given_up) != (len(self._applied), len(self._refused))

    def _found(self, keys: Sequence[_Key]) -> list[Finding]:
        """The findings of a group as they are now; some may have gone with another's fix."""
        wanted = set(keys)
        return [finding for finding in self._candidates() if self._key(finding) in wanted]

    def _advance(self, group: Sequence[Finding], edits: tuple[TextEdit, ...]) -> _Step:
        """The next state, or why the edits do not lead to one."""
        before = self._state
        text = apply(before.source.text, edits)
        try:
            data = before.source.encode(text)
        except UnicodeEncodeError:
            return f"the file's encoding ({before.source.encoding}) lacks a character of it"
        try:
            tree = read(text, self._path)
        except ParseFailure:
            return "the result would not parse"
        if self._compiles and not verify.compiles(data, self._path):
            return "the result would not compile"
        lost = verify.lost_comment(Counter(comments(before.tree)), Counter(comments(tree)))
        if lost is not None:
            return f"a comment would be lost: {lost}"
        findings = tuple((yield data))
        broken = verify.broken_promise(before.findings, group, findings, self._reveals)
        if broken is not None and not self._alone:
            now = tuple((yield before.data))
            findings = tuple((yield data))
            broken = verify.broken_promise(now, group, findings, self._reveals)
        if broken is not None:
            return broken
        self._applied += group
        self._move(Shift(edits))
        self._state = _State(data, before.source._replace(text=text), tree, findings)
        return None

    def _move(self, shift: Shift) -> None:
        self._refused = {
            _Key(key.code, shift(key.start)): refused for key, refused in self._refused.items()
        }
        self._pending = [
            [_Key(key.code, shift(key.start)) for key in keys] for keys in self._pending
        ]

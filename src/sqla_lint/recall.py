"""What was last found in a program, for when it has not changed but for comments and layout.

What the rules see of a file is what it was lowered to, and of a file that is not parsed its name
and imports. While that is the same for every file, findings are the same, but for their places in
the files whose bytes have changed. Everything else that a run without a cache looks at is checked
here, too; where anything differs, nothing is recalled.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as other
from typing import TypeAlias

from sqla_lint.finding import Finding, Span
from sqla_lint.gather import Gathering
from sqla_lint.ir import Function, Module
from sqla_lint.layout import count_lines, same_code
from sqla_lint.outcome import Problem
from sqla_lint.project import surroundings
from sqla_lint.project.scan import Scan
from sqla_lint.settings import Settings
from sqla_lint.store import digest

Places: TypeAlias = dict[int, "Span | None"]


@dataclass(slots=True)
class Found:
    """What was found: findings not yet placed, and what could not be understood."""

    findings: list[Finding]
    unresolved: dict[str, int]


@dataclass(slots=True)
class Program:
    """Some files and settings: what was found in them last, and where things stand in them."""

    name: str
    gathering: Gathering
    searches: dict[tuple[str, str], bool] | None = None
    _record: dict[str, object] = field(default_factory=dict)
    _places: dict[str, Places] = field(default_factory=dict)  # digest of a file → refs
    _used: dict[str, Places] = field(default_factory=dict)
    _recalled: bool = False

    # --- places

    def places(
        self, source: bytes, refs: set[int], locate: Callable[[bytes, set[int]], dict[int, Span]]
    ) -> dict[int, Span]:
        """`locate`, which parses, unless it has been asked before."""
        contents = digest(source)
        known = self._places.get(contents, {})
        if not refs <= known.keys():
            found = locate(source, refs)
            known = {ref: found.get(ref) for ref in refs}
        self._used.setdefault(contents, {}).update({ref: known[ref] for ref in refs})
        return {ref: span for ref in refs if (span := known[ref]) is not None}

    # --- findings

    def recall(self) -> Found | None:
        """What was found last, when it would be found again."""
        record = self.gathering.cache.program(self.name)
        try:
            if not isinstance(record, dict):
                return None
            self._record, self._places = record, record["places"]
            found = Found(list(record["findings"]), dict(record["unresolved"]))
            if not all(isinstance(one, Finding) for one in found.findings):
                return None
            problems = [
                Problem(path, line, said, fatal=fatal, lasting=True, unparsable=fatal)
                for path, line, said, fatal in record["problems"]
            ]
            changed = self._changed()
            if changed is None or not self._same(changed):
                return None
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # another's record
            return None
        self._recalled = True
        self.gathering.problems += [one for one in problems if one.path not in changed]
        return found

    def _changed(self) -> dict[str, str] | None:
        """The files whose bytes have changed, with the digest of what was in them; None when there
        is more to it: other files, names, imports."""
        rows = self._record["files"]
        assert isinstance(rows, list)
        if [(path, row) for path, _, row in rows] != self._rows():
            return None
        now = self.gathering.contents
        return {path: before for path, before, _ in rows if now[path] != before}

    def _same(self, changed: dict[str, str]) -> bool:
        """Whether what the rules would see is what they saw."""
        gathering, record = self.gathering, self._record
        read, unparsed, searches = record["read"], record["unparsed"], record["searches"]
        assert isinstance(read, frozenset)
        assert isinstance(unparsed, frozenset)
        assert isinstance(searches, dict)
        if not all(self._found_alike(path) for path in changed):
            return False
        if not self._lowered_alike(changed, read, unparsed):
            return False
        gathering.read = set(read)
        gathering.cache.spare(len(read))
        return all(
            surroundings.defined_elsewhere(word, near, read) is answer
            for (word, near), answer in searches.items()
        )

    def _lowered_alike(
        self, changed: dict[str, str], read: frozenset[str], unparsed: frozenset[str]
    ) -> bool:
        """Whether the files that were parsed say the same, and the others still cannot be."""
        gathering = self.gathering
        troubles, before = len(gathering.problems), len(gathering.unparsed)
        mine = [path for path in changed if path in read or path in unparsed]
        mine = [p for p in mine if p not in read or not self._respaced(changed[p], p)]
        sources = [(path, source) for path in mine if (source := gathering.bytes_of(path))]
        modules = {module.path: module for module in gathering.lowered(sources)}
        for path in mine:
            now = modules.get(path)
            if path in unparsed:
                alike = now is None
            else:
                was = gathering.cache.module_of(changed[path])
                alike = was is not None and now is not None and _alike(was, now)
            if not alike:
                del gathering.problems[troubles:], gathering.unparsed[before:]
                gathering.read.clear()
                return False
        return True

    def _respaced(self, before: str, path: str) -> bool:
        """Whether comments and layout are all that is new in a file: it is lowered to what it was,
        and need not be parsed for that."""
        cache = self.gathering.cache
        was, now = cache.source_of(before), self.gathering.bytes_of(path)
        if was is None or now is None or not same_code(was, now):
            return False
        module = cache.module_of(before)
        if module is None:
            return False
        module.lines = count_lines(now)
        cache.keep_module(now, pickle.dumps(module, 5))
        return True

    def _rows(self) -> list[tuple[str, str]]:
        given = self.gathering.given
        return [(path, _row(one, path in given)) for path, one in self.gathering.scans.items()]

    def _found_alike(self, path: str) -> bool:
        """A test that takes no other fixtures: the names of those that matter decide whether and
        when a test is read."""
        record = self._record
        if not self.gathering.told.is_test(path) or self.gathering.scans[path].origin:
            return True
        patterns, rounds, beside = record["patterns"], record["rounds"], record["beside"]
        assert isinstance(patterns, list)
        assert isinstance(rounds, dict)
        assert isinstance(beside, frozenset)
        source = self.gathering.bytes_of(path)
        if source is None:
            return False
        until = rounds.get(path, len(patterns))
        matching = [
            pattern is not None and bool(re.search(pattern, source)) for pattern in patterns
        ]
        return not any(matching[:until]) and (path not in beside or matching[until])

    # --- keeping

    def keep(self, found: Found, problems: list[Problem]) -> None:
        """Remember what was found, when it rests on the files only."""
        gathering, contacts = self.gathering, self.gathering.contacts
        lasting = all(problem.lasting for problem in problems if problem.fatal)
        if not lasting or not gathering.steady or len(gathering.contents) != len(gathering.scans):
            return
        rows = [(path, gathering.contents[path], row) for path, row in self._rows()]
        record = dict(self._record)
        if not self._recalled:
            if contacts is None:
                return
            record = {
                "read": frozenset(gathering.read),
                "unparsed": frozenset(problem.path for problem in gathering.unparsed),
                "patterns": contacts.patterns,
                "rounds": contacts.round,
                "beside": frozenset(contacts.beside),
                "searches": dict(self.searches or {}),
                "findings": found.findings,
                "unresolved": dict(found.unresolved),
            }
        said = [(one.path, one.line, one.message, one.fatal) for one in problems if one.lasting]
        record |= {"files": rows, "places": self._used, "problems": said}
        if record != self._record:
            gathering.cache.keep_program(self.name, record)


def program(gathering: Gathering, settings: Mapping[str, Settings], where: str) -> Program:
    """The program that these files are, with their settings, linted in this folder."""
    told: dict[int, str] = {}
    for one in settings.values():
        if id(one) not in told:  # what is not asked of a run, or is decided afterwards, is no part
            asked = other(one, jobs=0, output_format="", unsafe_fixes=False, baseline=None)
            told[id(one)] = digest(repr(asked).encode("utf-8", "surrogateescape"))
    files = (f"{told[id(one)]} {path}" for path, one in settings.items())
    said = "\0".join((repr(gathering.target), where, *files))
    return Program(digest(said.encode("utf-8", "surrogateescape")), gathering)


def _row(one: Scan, given: bool) -> str:
    """What is seen of a file that is not parsed; of one that is only read to understand others its
    size counts, too."""
    size = 0 if given else one.size
    said = (one.name, one.is_package, one.origin, one.imports, one.loads, size)
    return digest(repr(said).encode("utf-8", "replace"))


def _alike(one: Module, two: Module) -> bool:
    """The same program; comments and layout are not part of it."""
    return (
        one.functions.keys() == two.functions.keys()
        and repr(one.classes) == repr(two.classes)
        and all(
            _spelled(function) == _spelled(two.functions[name])
            for name, function in one.functions.items()
        )
    )


def _spelled(function: Function) -> str:
    """All that is known of a function as a text: equal ones may differ in it (1 and True)."""
    sets = sorted(function.locals), sorted(function.globals), sorted(function.captures.items())
    rest = other(function, locals=frozenset(), globals=frozenset(), captures={})
    return f"{sets!r} {rest!r}"

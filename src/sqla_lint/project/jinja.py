"""What a Jinja template reads of the objects that it is given: paths, by the name they are given.

A small reader, not a parser: it knows ``{{ }}``, ``for``, ``if``, ``set``, ``with``, ``include``
and ``extends``. Macros, and what they are called with, are left alone; so is what it cannot follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

# Source: the Jinja docs, "Template Designer Documentation": Synopsis, Line Statements off.
_TOKEN = re.compile(
    r"\{#.*?#\}"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|\{\{[-+]?(?P<shown>.*?)[-+]?\}\}"
    r"|\{%[-+]?\s*(?P<tag>\w+)(?P<rest>.*?)[-+]?%\}",
    re.DOTALL,
)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_FOR = re.compile(
    r"\s*(?P<targets>[\w\s,()]+?)\s+in\s+(?P<of>.+?)(?:\s+if\s+(?P<asked>.+))?\s*$", re.DOTALL
)
_PATH = re.compile(r"(?<![\w.|])(?<!\|\s)[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*")
# A name with filters that give the same things, in whatever order.
_SAME = re.compile(
    r"\s*(?P<path>[A-Za-z_]\w*(?:\.\w+)*)\s*(?:\|\s*(?:list|reverse|sort|unique)\b[^|]*)*$"
)
_SPLIT = re.compile(r"\s(?:and|or|if|else)\s")
_QUOTED = re.compile(r"\s*['\"](?P<name>[^'\"]+)['\"]")
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "loop"})
# Templates in templates are followed so far.
DEPTH = 4

# The text of another template by its name; None when there is none.
Find: TypeAlias = Callable[[str], "str | None"]


@dataclass
class TemplateReads:
    """Paths of one object: read on every way, on some, and in a loop over a collection."""

    surely: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    each: set[str] = field(default_factory=set)


class _Known(NamedTuple):
    """What a name of the template stands for."""

    root: str
    path: str


@dataclass
class _Scope:
    tag: str
    names: dict[str, _Known | None] = field(default_factory=dict)
    asked: bool = False  # what is inside is not on every way
    over: str | None = None  # the root of the collection that it goes through
    silent: bool = False  # a macro: run where it is called


def template_reads(text: str, find: Find) -> dict[str, TemplateReads]:
    """What is read of each object that the template is given."""
    reader = _Reader(find)
    reader.read(text, DEPTH)
    return reader.found


class _Reader:
    def __init__(self, find: Find) -> None:
        self.find = find
        self.found: dict[str, TemplateReads] = {}
        self.scopes: list[_Scope] = [_Scope("")]

    def read(self, text: str, depth: int) -> None:
        """Go through a template once."""
        before = len(self.scopes)
        for token in _TOKEN.finditer(text):
            if token["shown"] is not None:
                self._expression(token["shown"])
            elif token["tag"] is not None:
                self._statement(token["tag"], token["rest"] or "", depth)
        del self.scopes[before:]

    def _statement(self, tag: str, rest: str, depth: int) -> None:
        if tag == "for":
            self._loop(rest)
        elif tag == "if":
            self._expression(rest)
            self.scopes.append(_Scope("if", asked=True))
        elif tag == "elif":
            self._expression(rest)
        elif tag == "else" and self.scopes[-1].tag == "for":
            self.scopes[-1] = _Scope("for", asked=True)
        elif tag in ("set", "with"):
            if tag == "with":
                self.scopes.append(_Scope("with"))
            elif "=" not in rest:
                self.scopes.append(_Scope("set"))
                return
            name, _, value = rest.partition("=")
            self._expression(value)
            self.scopes[-1].names[name.strip()] = self._same(value)
        elif tag in ("macro", "call"):
            self.scopes.append(_Scope(tag, silent=tag == "macro"))
        elif tag in ("include", "extends"):
            quoted = _QUOTED.match(rest)
            there = self.find(quoted["name"]) if quoted is not None and depth > 1 else None
            if there is not None:
                self.read(there, depth - 1)
        elif tag.startswith("end"):
            while len(self.scopes) > 1:
                if self.scopes.pop().tag == tag.removeprefix("end"):
                    break
        elif tag in ("block", "filter", "autoescape", "trans"):
            self.scopes.append(_Scope(tag))
            if tag == "trans":
                self._expression(rest)
        elif tag in ("print", "do"):
            self._expression(rest)

    def _loop(self, rest: str) -> None:
        parts = _FOR.match(rest)
        if parts is None:
            self.scopes.append(_Scope("for", asked=True))
            return
        self._expression(parts["of"])
        over = self._same(parts["of"])
        scope = _Scope("for", asked=over is None, over=over.root if over is not None else None)
        targets = [name.strip() for name in parts["targets"].strip("() ").split(",")]
        scope.names = dict.fromkeys(targets)
        if over is not None and len(targets) == 1:
            scope.names[targets[0]] = over
        self.scopes.append(scope)
        if parts["asked"]:
            self._expression(parts["asked"])
            scope.asked = True

    def _same(self, value: str) -> _Known | None:
        """The object, or the collection, that an expression is."""
        match = _SAME.match(value)
        if match is None:
            return None
        first, *rest = match["path"].split(".")
        known = self._known(first)
        if known is None:
            return None
        return _Known(known.root, ".".join([*filter(None, [known.path]), *rest]))

    def _known(self, name: str) -> _Known | None:
        for scope in reversed(self.scopes):
            if name in scope.names:
                return scope.names[name]
        return None if name.lower() in _WORDS else _Known(name, "")

    def _expression(self, text: str) -> None:
        if any(scope.silent for scope in self.scopes):
            return
        plain = _STRING.sub("''", text)
        for n, part in enumerate(_surest_first(plain)):
            for path in self._paths(part):
                self._note(path, sure=not n)

    def _paths(self, text: str) -> Iterator[_Known]:
        for match in _PATH.finditer(text):
            after = text[match.end() :].lstrip()
            first, *rest = re.split(r"\s*\.\s*", match[0])
            if (after.startswith("=") and not after.startswith("==")) or not rest:
                continue
            known = self._known(first)
            if known is not None:
                yield _Known(known.root, ".".join([*filter(None, [known.path]), *rest]))

    def _note(self, known: _Known, *, sure: bool) -> None:
        asked = any(scope.asked for scope in self.scopes)
        over = any(scope.over == known.root for scope in self.scopes)
        reads = self.found.setdefault(known.root, TemplateReads())
        steps = known.path.split(".")
        paths = {".".join(steps[: n + 1]) for n in range(len(steps))}
        reads.maybe |= paths
        if sure and not asked:
            reads.surely |= paths
        if over:
            reads.each |= paths


def _surest_first(text: str) -> list[str]:
    """An expression, cut where it may end: ``a if b else c`` begins with ``b``."""
    parts = _SPLIT.split(text)
    middle = re.search(r"\sif\s", text)
    if middle is not None and len(parts) > 1:
        return [parts[1], parts[0], *parts[2:]]
    return parts

"""What a Jinja template reads of the objects that it is given: paths, by the name they are given.

A small reader, not a parser: it knows ``{{ }}``, ``for``, ``if``, ``set``, ``with``, ``include``,
``extends``, macros, and filters that read an attribute of each. What it cannot follow it leaves
alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqla_lint.regex import pattern

# Source: the Jinja docs, "Template Designer Documentation": Synopsis, Line Statements off.
_TOKEN = pattern(
    r"\{#.*?#\}"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|\{\{[-+]?(?P<shown>.*?)[-+]?\}\}"
    r"|\{%[-+]?\s*(?P<tag>\w+)(?P<rest>.*?)[-+]?%\}",
    re.DOTALL,
)
_STRING = pattern(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_FOR = pattern(
    r"\s*(?P<targets>[\w\s,()]+?)\s+in\s+(?P<of>.+?)(?:\s+if\s+(?P<asked>.+))?\s*$", re.DOTALL
)
_PATH = pattern(r"(?<![\w.|])(?<!\|\s)[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*")
# A name with filters that give the same things, in whatever order.
_SAME = pattern(
    r"\s*(?P<path>[A-Za-z_]\w*(?:\.\w+)*)\s*(?:\|\s*(?:list|reverse|sort|unique)\b[^|]*)*$"
)
_SPLIT = pattern(r"\s(?:and|or|if|else)\s")
_QUOTED = pattern(r"\s*['\"](?P<name>[^'\"]+)['\"]")
# `users|map(attribute="team.name")`: an attribute is read of each.
_FILTER = pattern(
    r"(?P<path>[A-Za-z_]\w*(?:\.\w+)*)\s*(?:\|\s*(?:list|reverse|unique)\b\s*)*"
    r"\|\s*(?:groupby|map|max|min|rejectattr|selectattr|sort|sum|unique)\s*\("
    r"(?:[^'\"()|]*\battribute\s*=)?\s*['\"](?P<attribute>\w+(?:\.\w+)*)['\"]"
)
_MACRO = pattern(
    r"\{%[-+]?\s*macro\s+(?P<name>\w+)\s*\((?P<params>[^%]*)\)\s*[-+]?%\}"
    r"(?P<body>.*?)\{%[-+]?\s*endmacro\b",
    re.DOTALL,
)
_IMPORT = pattern(r"\s*['\"](?P<of>[^'\"]+)['\"]\s+(?P<how>as|import)\s+(?P<names>[\w\s,]+)$")
_CONTEXT = pattern(r"\s+with(?:out)?\s+context\s*$")
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
    closed: bool = False  # names outside are not seen


class _Macro(NamedTuple):
    params: tuple[str, ...]
    body: str


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
        self.macros: dict[str, _Macro] = {}
        self.depth = DEPTH

    def read(self, text: str, depth: int) -> None:
        """Go through a template once."""
        before, around = len(self.scopes), self.depth
        self.depth = depth
        self.macros |= _macros(text)
        for token in _TOKEN.finditer(text):
            if token["shown"] is not None:
                self._expression(token["shown"])
            elif token["tag"] is not None:
                self._statement(token["tag"], token["rest"] or "", depth)
        del self.scopes[before:]
        self.depth = around

    def _import(self, rest: str) -> None:
        """`{% from "forms.html" import field as input %}`, `{% import "forms.html" as forms %}`"""
        parts = _IMPORT.match(_CONTEXT.sub("", rest))
        text = self.find(parts["of"]) if parts is not None else None
        if parts is None or text is None:
            return
        there = _macros(text)
        for part in parts["names"].split(","):
            name, *alias = part.split()
            if parts["how"] == "as":
                self.scopes[0].names[name] = None
                self.macros |= {f"{name}.{inner}": one for inner, one in there.items()}
            elif name in there:
                self.macros[alias[-1] if alias else name] = there[name]

    def _call(self, macro: _Macro, given: str, *, sure: bool) -> None:
        """Go through a macro with what it is given."""
        if self.depth <= 1:
            return
        scope = _Scope("macro", asked=not sure, closed=True)
        scope.names = dict.fromkeys(macro.params)
        for n, part in enumerate(_arguments(given)):
            word, is_named, value = part.partition("=")
            if is_named and word.strip() in macro.params and not value.startswith("="):
                scope.names[word.strip()] = self._same(value)
            elif n < len(macro.params):
                scope.names[macro.params[n]] = self._same(part)
        self.scopes.append(scope)
        self.read(macro.body, self.depth - 1)
        self.scopes.pop()

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
            if tag == "call":
                self._expression(re.sub(r"^\s*\([^)]*\)", "", rest))
            self.scopes.append(_Scope(tag, silent=tag == "macro"))
        elif tag in ("import", "from"):
            self._import(rest)
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
        pairs = _OF_DICT.match(parts["of"])
        of = parts["of"] if pairs is None else pairs["of"]
        self._expression(of)
        over = self._same(of)
        scope = _Scope("for", asked=over is None, over=over.root if over is not None else None)
        targets = [name.strip() for name in parts["targets"].strip("() ").split(",")]
        scope.names = dict.fromkeys(targets)
        width = 1 if pairs is None or pairs["what"] == "values" else _PAIR
        if over is not None and len(targets) == width:
            scope.names[targets[-1]] = over
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
            if scope.closed:
                return None
        return None if name.lower() in _WORDS else _Known(name, "")

    def _expression(self, text: str) -> None:
        if any(scope.silent for scope in self.scopes):
            return
        plain = _STRING.sub("''", text)
        for match in _FILTER.finditer(text):
            self._filtered(match, sure=_SPLIT.search(plain) is None)
        for n, part in enumerate(_surest_first(plain)):
            for path in self._paths(part):
                self._note(path, sure=not n)
            for name in sorted({m[0] for m in _CALLED.finditer(part)} & self.macros.keys()):
                for given in _calls(part, name):
                    self._call(self.macros[name], given, sure=not n)

    def _filtered(self, match: re.Match[str], *, sure: bool) -> None:
        over = self._same(match["path"])
        if over is not None:
            self.scopes.append(_Scope("filter", over=over.root))
            path = ".".join(filter(None, [over.path, match["attribute"]]))
            self._note(_Known(over.root, path), sure=sure)
            self.scopes.pop()

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


# `for name, user in users.items()`: the values are what the dictionary holds.
_OF_DICT = pattern(r"^\s*(?P<of>[\w.]+)\.(?P<what>items|values)\(\)\s*$")
_PAIR = 2
_CALLED = pattern(r"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)?(?=\s*\()")


def _macros(text: str) -> dict[str, _Macro]:
    """The macros that a template defines."""
    return {
        match["name"]: _Macro(
            tuple(part.partition("=")[0].strip() for part in match["params"].split(",")),
            match["body"],
        )
        for match in _MACRO.finditer(text)
    }


def _calls(text: str, name: str) -> Iterator[str]:
    """What stands between the brackets of each call of a name."""
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\s*\(", text):
        depth, start = 1, match.end()
        for end in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if not depth:
                yield text[start:end]
                break


def _arguments(text: str) -> Iterator[str]:
    """An argument list, cut at the commas that stand in no bracket."""
    depth, start = 0, 0
    for end, char in enumerate(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(char, 0)
        if char == "," and not depth:
            yield text[start:end]
            start = end + 1
    if text[start:].strip():
        yield text[start:]


def _surest_first(text: str) -> list[str]:
    """An expression, cut where it may end: ``a if b else c`` begins with ``b``."""
    parts = _SPLIT.split(text)
    middle = re.search(r"\sif\s", text)
    if middle is not None and len(parts) > 1:
        return [parts[1], parts[0], *parts[2:]]
    return parts

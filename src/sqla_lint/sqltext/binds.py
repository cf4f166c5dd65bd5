"""The parameters a SQL string has: SQLAlchemy's ``:name`` and the drivers' own styles."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.regex import pattern
from sqla_lint.sqltext.tokens import HOLE, outside_strings

# SQLAlchemy looks for parameters in the whole text, inside quotes and comments too, with this
# (sql/elements.py, TextClause). Escaped is `\:name`; `::type` and `a:b` are none. In 1.4 only a
# colon may not follow, so that `:abc:` is the parameter `ab` there.
_BIND = pattern(r"(?<![:\w\x5c]):(\w+)(?![:\w])")
_BIND_1_4 = re.compile(r"(?<![:\w\x5c]):(\w+)(?!:)")


def bind_names(sql: str, version: tuple[int, int] = (2, 0)) -> tuple[str, ...]:
    """The names of the parameters `sqlalchemy.text` finds, each once, in order.

    A name that touches a hole is left out: ``:user{n}``.
    """
    pattern = _BIND_1_4 if version < (2, 0) else _BIND
    names: dict[str, None] = {}
    for match in pattern.finditer(sql):
        start, end = match.span()
        if HOLE not in (sql[start - 1 : start], sql[end : end + 1]):
            names[match[1]] = None
    return tuple(names)


_QUOTED = pattern(r"'(?:[^']|'')*'")


def quoted_binds(sql: str, version: tuple[int, int] = (2, 0)) -> tuple[str, ...]:
    """The parameters that `sqlalchemy.text` finds inside quoted literals, where the database
    reads them as text."""
    code = outside_strings(sql)
    literals = [m.span() for m in _QUOTED.finditer(sql)]
    pattern = _BIND_1_4 if version < (2, 0) else _BIND
    names: dict[str, None] = {}
    for match in pattern.finditer(sql):
        at = match.start()
        if code[at : at + 1] != ":" and any(start < at < end for start, end in literals):
            names[match[1]] = None
    return tuple(names)


Style: TypeAlias = Literal["format", "pyformat", "qmark", "numeric", "brace"]


class Placeholder(NamedTuple):
    """A parameter in a driver's style, or a place left for ``str.format``."""

    text: str
    style: Style
    name: str
    start: int


_PLACEHOLDER = pattern(
    r"%%"
    r"|%\((?P<pyformat>[^()\s]*)\)[sdifr]"
    r"|(?P<format>%[sdifr])(?!\w)"
    r"|(?P<qmark>\?(?![?|&@]))"
    r"|(?<![\w$])\$(?P<numeric>\d+)\b"
    r"|\{(?P<brace>[^{}:!\s]*)(?:![rsa])?(?::[^{}]*)?\}"
)


def placeholders(sql: str) -> tuple[Placeholder, ...]:
    """``%s``, ``%(name)s``, ``?``, ``$1`` and ``{}``/``{name}`` outside strings and comments.

    PostgreSQL's JSON operator ``?`` looks like a parameter; ``?|`` and ``?&`` do not.
    """
    out = []
    for match in _PLACEHOLDER.finditer(outside_strings(sql)):
        style = match.lastgroup
        if style is not None:
            name = match[style] if style in ("pyformat", "numeric", "brace") else ""
            out.append(Placeholder(match[0], style, name, match.start()))  # type: ignore[arg-type]
    return tuple(out)


_AFTER_IN = pattern(r"\bIN\s*(\(?)\s*(?<!:):(\w+)\s*(\)?)", re.IGNORECASE)


def in_binds(sql: str) -> tuple[tuple[str, bool], ...]:
    """The parameters that are all there is of an IN, each with whether it stands bare: ``IN :ids``
    rather than ``IN (:ids)``."""
    return tuple(
        (match[2], not match[1])
        for match in _AFTER_IN.finditer(outside_strings(sql))
        if bool(match[1]) == bool(match[3]) or not match[1]
    )


def escaped(sql: str, name: str) -> str:
    """The text with the colon of a parameter escaped wherever it stands inside quotes."""
    literals = [m.span() for m in _QUOTED.finditer(sql)]
    out, end = "", 0
    for match in _BIND.finditer(sql):
        at = match.start()
        if match[1] == name and any(start < at < stop for start, stop in literals):
            out += sql[end:at] + "\\"
            end = at
    return out + sql[end:]

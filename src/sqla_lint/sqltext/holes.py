"""At which position of a SQL text a hole stands: where a value belongs, or a name."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from sqla_lint.sqltext.tokens import HOLE, MAX_LENGTH

# quoted: inside '...'; value: where a parameter could stand; identifier: a table, column or other
# name, which no parameter can be; other: anything else, such as a whole condition.
Position: TypeAlias = Literal["quoted", "value", "identifier", "other"]

_SPAN = re.compile(
    r"'(?:[^']|'')*(?:'|$)"
    r'|"[^"]*(?:"|$)'
    r"|`[^`]*(?:`|$)"
    r"|--[^\n]*"
    r"|/\*.*?(?:\*/|$)",
    re.DOTALL,
)
_VALUE = re.compile(r"(?:=|<>|[<>]|\b(?:I?LIKE|RLIKE|REGEXP|IN|BETWEEN|LIMIT|OFFSET))\s*$", re.I)
_LIST = re.compile(r"\b(?:IN|VALUES(?:\s*\([^()]*\)\s*,)*)\s*\((?:[^()]*,)?\s*$", re.I)
_NAME = re.compile(
    r"(?:[.\[\w]|\b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|INDEX|SCHEMA|DATABASE|BY|SELECT|DISTINCT)\s+)$",
    re.I,
)
_CONDITION = re.compile(r"\b(?:WHERE|AND|OR|ON|SET|HAVING)\s+$", re.I)
_OPERATOR = re.compile(r"\s*(?:=|<>|!=|[<>]|(?:NOT\s+)?(?:I?LIKE|IN|BETWEEN)\b|IS\b)", re.I)


def holes(sql: str) -> tuple[Position, ...]:
    """The position of each hole, in order. Nothing is known of what lies past `MAX_LENGTH`."""
    sql = sql[:MAX_LENGTH]
    found: dict[int, Position] = {}
    code = list(sql)
    for span in _SPAN.finditer(sql):
        for at in range(*span.span()):
            code[at] = "'" if span[0][0] == "'" else " "
            if sql[at] == HOLE:
                sort = span[0][0]
                found[at] = "quoted" if sort == "'" else "identifier" if sort in '"`' else "other"
    plain = "".join(code)
    for at, character in enumerate(plain):
        if character == HOLE:
            found[at] = _outside(plain[:at], plain[at + 1 :])
    return tuple(found[at] for at in sorted(found))


def _outside(before: str, after: str) -> Position:
    if re.match(r"[.\w\]]", after) or _NAME.search(before):
        return "identifier"
    if after[:1] in ("(", HOLE) or before[-1:] == HOLE:
        return "other"
    if _VALUE.search(before) or _LIST.search(before):
        return "value"
    if _CONDITION.search(before) and _OPERATOR.match(after):
        return "identifier"
    return "other"

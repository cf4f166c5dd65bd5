"""At which position of a SQL text a hole stands: where a value belongs, or a name."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from sqla_lint.regex import pattern
from sqla_lint.sqltext.tokens import HOLE, MAX_LENGTH

# quoted: inside '...'; value: where a parameter could stand; list: in the parentheses of an IN;
# identifier: a table, column or other name, which no parameter can be; bind: what a parameter is
# called (`:{name}`); other: anything else, such as a whole condition.
Position: TypeAlias = Literal["quoted", "value", "list", "identifier", "bind", "other"]

_SPAN = pattern(
    r"'(?:[^']|'')*(?:'|$)"
    r'|"[^"]*(?:"|$)'
    r"|`[^`]*(?:`|$)"
    r"|--[^\n]*"
    r"|/\*.*?(?:\*/|$)",
    re.DOTALL,
)
_VALUE = pattern(
    r"(?:=|<>|[<>]|\b(?:I?LIKE|RLIKE|REGEXP|IN|BETWEEN|LIMIT|OFFSET)"
    r"|\bBETWEEN\s+\S+\s+AND)\s*$",
    re.I,
)
_LIKE_TABLE = pattern(r"\bCREATE\s+[\w\s]*TABLE\s+\S+\s+\(?\s*LIKE\s+$", re.I)
_ARRAY = pattern(r"\bARRAY\s*\[?$", re.I)
_SHOWN = pattern(r"^\s*SHOW\s+[\w\s]*\b(?:IN|FROM)\s+$", re.I)  # SHOW TABLES IN schema
_CREATED_AS = pattern(r"\bCREATE\s[^()]*\bAS\s+$|\)\s*AS\s+$", re.I)  # a whole SELECT follows
_IN = pattern(r"\bIN\s*\(\s*(?:[^()]*,)?\s*$", re.I)
_LIST = pattern(r"\bVALUES(?:\s*\([^()]*\)\s*,)*\s*\((?:[^()]*,)?\s*$", re.I)
_NAME = pattern(
    r"(?:[.\[\w]|\b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|INDEX|SCHEMA|DATABASE|BY|SELECT|DISTINCT"
    r"|TRUNCATE|EXISTS|COLUMN|CONSTRAINT|ROLE|USER|TRIGGER|SEQUENCE|TYPE|FUNCTION|PROCEDURE|USE"
    r"|PRAGMA|VACUUM|ANALYZE|REINDEX|REFERENCES|EXTENSION|NOTIFY|LISTEN|CALL|TABLESPACE|ONLY"
    r"|GRANT|REVOKE|COLLATE|AS|TO)\s+)$",
    re.I,
)
_PRAGMA = pattern(r"\bPRAGMA\s+[\w.]+\s*\(\s*$", re.I)  # table_info('users')
_SETTING = pattern(
    r"\s*(?:ALTER\s+SESSION\s+)?SET\s+(?:LOCAL\s+|SESSION\s+|GLOBAL\s+)?([\w.@]+)\s*(?:=|\bTO\b)\s*$",
    re.I,
)
# Functions whose first argument is a text, and names something of the database.
# Sources: PostgreSQL, "System Information Functions", "Sequence Manipulation Functions", "System
# Administration Functions"; SQL Server, "Metadata Functions"; SQLite, "PRAGMA functions".
_TAKES_NAME = pattern(
    r"\b(?:current_setting|set_config|nextval|currval|setval|to_reg\w+|pg_get_serial_sequence"
    r"|pg_(?:table|indexes|relation|total_relation|database|tablespace)_size|pg_notify"
    r"|has_(?:table|schema|sequence|database)_privilege"
    r"|object_id|schema_id|db_id|pragma_\w+)\s*\(\s*'$",
    re.I,
)
# Settings whose value is a name.
_SET_NAMES = frozenset({"search_path", "role", "schema", "current_schema", "session_authorization"})
# A list of columns or tables begins here: a name follows each comma.
_NAMES = pattern(r"\b(?:SELECT|BY|FROM|DISTINCT)\s[^()]*,\s*$|\bINTO\s+\S+\s*\([^()]*$", re.I)
_CONDITION = pattern(r"(?:\b(?:WHERE|AND|OR|ON|SET|HAVING|NOT|WHEN)\s+|^\s*|[(,]\s*)$", re.I)
_OPERATOR = pattern(r"\s*(?:=|<>|!=|[<>]|(?:NOT\s+)?(?:I?LIKE|IN|BETWEEN)\b|IS\b)", re.I)
_BIND = pattern(rf"(?<![:\w]):[\w{HOLE}]*$")


def holes(sql: str) -> tuple[Position, ...]:
    """The position of each hole, in order. Nothing is known of what lies past `MAX_LENGTH`."""
    sql = sql[:MAX_LENGTH]
    found: dict[int, Position] = {}
    code = list(sql)
    for span in _SPAN.finditer(sql):
        for at in range(*span.span()):
            code[at] = span[0][0] if span[0][0] in "'\"`" else " "
            if sql[at] == HOLE:
                found[at] = _within(span[0][0], sql[: span.start()])
    plain = "".join(code)
    for at, character in enumerate(plain):
        if character == HOLE:
            found[at] = _outside(plain[:at], plain[at + 1 :])
    return tuple(found[at] for at in sorted(found))


def takes_name(before: str) -> bool:
    """Whether what follows a text is the name of a table, a sequence or a setting in quotes:
    ``SELECT nextval('``."""
    return _TAKES_NAME.search(before) is not None


def _within(quote: str, before: str) -> Position:
    """The position of a hole inside quotes or a comment; MySQL and SQLite read ``"..."`` as text
    where a value belongs."""
    if quote == "'":
        return "identifier" if _PRAGMA.search(before) else "quoted"
    if quote not in '"`':
        return "other"
    if _SHOWN.search(before):
        return "identifier"
    text = quote == '"' and (_VALUE.search(before) or _IN.search(before) or _LIST.search(before))
    return "quoted" if text else "identifier"


def _outside(before: str, after: str) -> Position:
    if _BIND.search(before):
        return "bind"
    setting = _SETTING.match(before)
    if setting is not None:
        return "identifier" if setting[1].lower() in _SET_NAMES else "value"
    if _CREATED_AS.search(before) or _ARRAY.search(before):
        return "other"
    if re.match(r"[.\w\]]", after) or _NAME.search(before):
        return "identifier"
    if _LIKE_TABLE.search(before) or _SHOWN.search(before):
        return "identifier"
    if _IN.search(before):
        return "list"
    if after[:1] in ("(", HOLE) or before[-1:] == HOLE:
        return "other"
    if _VALUE.search(before) or _LIST.search(before):
        return "value"
    if _CONDITION.search(before) and _OPERATOR.match(after):
        return "identifier"
    return "identifier" if _NAMES.search(before) else "other"

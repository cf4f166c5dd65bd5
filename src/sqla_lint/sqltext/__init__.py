"""What a SQL string says: its verb, whether it writes, its parameters.

A string with holes (an f-string, ``%``, ``.format``) is passed with `HOLE` where a value goes in.
Nothing here raises, whatever the text. A text may hold several statements: `verb` is that of the
first, `writes` and `kind` speak for all.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqla_lint.sqltext.binds import (
    Placeholder,
    bind_names,
    escaped,
    in_binds,
    placeholders,
    quoted_binds,
)
from sqla_lint.sqltext.holes import Position, holes, takes_name
from sqla_lint.sqltext.statements import NOTHING, VERBS, Kind, Statement, pieces, split, statement
from sqla_lint.sqltext.tokens import HOLE, MAX_LENGTH, tokens

__all__ = [
    "HOLE",
    "Kind",
    "Placeholder",
    "Position",
    "Statement",
    "asks_catalog",
    "bind_names",
    "escaped",
    "holes",
    "in_binds",
    "kind",
    "locks",
    "pieces",
    "placeholders",
    "quoted_binds",
    "statements",
    "takes_name",
    "verb",
    "writes",
]

_HEAVY: tuple[Kind, ...] = ("dml", "ddl")
# A plain first word, with nothing behind it that could make it something else to a tokenizer.
_FIRST_WORD = re.compile(r"\s*([A-Za-z]+)(?=[ \n](?![ \n]*[.(]))")


def verb(sql: str) -> str | None:
    """The first real keyword, upper case: past comments, parentheses and CTEs. None: no telling."""
    quick = _quick(sql)
    if quick is not None:
        return quick
    all_ = _all(sql)
    return all_[0].verb if all_ else None


def writes(sql: str) -> bool | None:
    """Whether data or schema change; None when the text cannot tell (CALL, EXEC, an unknown verb).

    ``SELECT ... FOR UPDATE`` does not (see `locks`), ``SELECT ... INTO table`` does, and so does a
    SELECT over a data-modifying CTE.
    """
    if ";" not in sql:
        quick = _quick(sql)
        if quick is not None and quick in VERBS:
            return VERBS[quick][1]
    answers = [each.writes for each in _all(sql)]
    if True in answers:
        return True
    return False if answers and None not in answers else None


def kind(sql: str) -> Kind | None:
    """One of "read", "dml", "ddl", "transaction" and "session-setting"; of several, the one that
    weighs most; None when the text cannot tell."""
    kinds: list[Kind | None] = [each.kind for each in _all(sql)]
    for heavy in _HEAVY:
        if heavy in kinds:
            return heavy
    if not kinds or None in kinds:
        return None
    return kinds[0]


# The tables in which databases keep what tables there are, and what lists them.
_CATALOG = re.compile(
    r"\b(?:FROM|JOIN)\s+(?:information_schema\.|pg_catalog\.|pg_\w|sys\.|sqlite_(?:master|schema)\b"
    r"|pragma_\w|(?:ALL|DBA|USER)_(?:TAB|IND|CON|OBJ)\w+|syscat\.)"
    r"|^\s*(?:SHOW|DESCRIBE|PRAGMA)\b",
    re.IGNORECASE,
)


def asks_catalog(sql: str) -> bool:
    """Whether the text asks a database of its own tables and columns."""
    return _CATALOG.search(sql) is not None


def locks(sql: str) -> bool:
    """Whether a SELECT takes row locks: ``FOR UPDATE``, ``FOR SHARE``."""
    return any(each.locks for each in _all(sql))


def statements(sql: str) -> int:
    """How many statements the text holds, cut at ``;``."""
    return len(split(tokens(sql)))


def _quick(sql: str) -> str | None:
    """The verb, where a look at the first word gives what the tokenizer would."""
    first = _FIRST_WORD.match(sql)
    word = first[1].upper() if first else ""
    return word if word in VERBS or word == "SELECT" else None


@lru_cache(maxsize=512)
def _all(sql: str) -> tuple[Statement, ...]:
    found = tuple(statement(each) for each in split(tokens(sql)))
    return found if len(sql) <= MAX_LENGTH else (*found, NOTHING)

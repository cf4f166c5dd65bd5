"""Functions that paste a value into SQL, made from parts: every way with every place and runner."""

from __future__ import annotations

from collections.abc import Iterator

HEAD = """
from __future__ import annotations

import textwrap

from sqlalchemy import text
from sqlalchemy.orm import Session
from values.hostile import TEXTS


def equal(row, value):
    return row.word is not None and row.word == value


def more(row, number):
    return row.number is not None and row.number > number

"""
# A condition, where `@` is the value, and what it means in Python.
CONDITIONS = (
    ("word = '@'", "equal(r, v)"),
    ("word <> '@'", "r.word is not None and r.word != v"),
    ("number > 2 AND word = '@'", "more(r, 2) and equal(r, v)"),
    ("(word = '@' OR number > 7)", "equal(r, v) or more(r, 7)"),
    ("word IN ('@', 'plain')", "equal(r, v) or r.word == 'plain'"),
    ("word = '@' AND word <> 'it''s \"q\"'", "equal(r, v)"),
    ("word >= '@' AND word <= '@'", "equal(r, v)"),
    ("coalesce(word, 'plain') = '@'", "(r.word or ('plain' if r.word is None else '')) == v"),
    ("NOT (word = '@')", "r.word is not None and r.word != v"),
    ("instr(word, '@') > 0", "r.word is not None and v in r.word"),
    ("word || '-' = '@' || '-'", "equal(r, v)"),
)
QUERY = "SELECT id FROM notes WHERE {} ORDER BY id"


def _fstring(sql: str) -> str:
    return f'f"{_escaped(sql.replace("@", "{value}"))}"'


def _lines(sql: str) -> str:
    lines = sql.replace("@", "{value}").replace(" WHERE ", "\n        WHERE ")
    return f'textwrap.dedent(\n        f"""\n        {lines}\n        """\n    )'


def _format(sql: str) -> str:
    values = ", ".join(["value"] * sql.count("@"))
    return f'"{_escaped(sql.replace("@", "{}"))}".format({values})'


def _keyword(sql: str) -> str:
    return f'"{_escaped(sql.replace("@", "{word}"))}".format(word=value)'


def _percent(sql: str) -> str:
    count = sql.count("@")
    values = "value" if count == 1 else f"({', '.join(['value'] * count)})"
    return f'"{_escaped(sql.replace("@", "%s"))}" % {values}'


def _dictionary(sql: str) -> str:
    return f'"{_escaped(sql.replace("@", "%(word)s"))}" % {{"word": value}}'


def _plus(sql: str) -> str:
    return " + value + ".join(f'"{_escaped(part)}"' for part in sql.split("@"))


def _escaped(sql: str) -> str:
    return sql.replace('"', '\\"')


WAYS = (_fstring, _lines, _format, _keyword, _percent, _dictionary, _plus)
RUNNERS = (
    "return session.execute(text({0})).scalars().all()",
    "sql = {0}\n    return session.execute(text(sql)).scalars().all()",
    "chosen = text({0})\n    return session.scalars(chosen).all()",
    'chosen = text({1})\n    return session.execute(chosen, {{"low": 2}}).scalars().all()',
    "with session.bind.connect() as conn:\n        return conn.execute(text({0})).scalars().all()",
)


def program() -> str:
    """All of them, with what each means."""
    functions, wanted = [], []
    for number, (text, meaning) in enumerate(_functions()):
        functions.append(f"def made_{number}(session: Session, value: str):\n    {text}\n\n\n")
        wanted.append(
            f'    "made_{number}": (TEXTS, lambda rows, v: [r.id for r in rows if {meaning}]),\n'
        )
    return HEAD + "\n" + "".join(functions) + "WANTED = {\n" + "".join(wanted) + "}\n"


def _functions() -> Iterator[tuple[str, str]]:
    for way in WAYS:
        for condition, meaning in CONDITIONS:
            plain = way(QUERY.format(condition))
            above = way(QUERY.format(f"({condition}) AND id > :low"))
            for runner in RUNNERS:
                means = f"({meaning}) and r.id > 2" if "{1}" in runner else meaning
                yield runner.format(plain, above), means

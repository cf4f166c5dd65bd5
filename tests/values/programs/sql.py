"""Values on their way into SQL text: SAL401, SAL403, SAL406, SAL407, SAL408, SAL410."""

from __future__ import annotations

import textwrap

from sqlalchemy import Column, Integer, String, select, text
from sqlalchemy.orm import Session, declarative_base
from values.hostile import TEXTS, VALUES

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    word = Column(String)
    number = Column(Integer)
    parent_id = Column(Integer)


# --- SAL401


def by_fstring(session: Session, value) -> list[int]:
    return session.execute(text(f"SELECT id FROM notes WHERE word = '{value}' ORDER BY id")).scalars().all()


def by_several(session: Session, value) -> list[int]:
    sql = text(f"SELECT id FROM notes WHERE word = '{value}' AND (number > 2 OR word <> '{value}') ORDER BY id")
    return session.execute(sql).scalars().all()


def by_format(session: Session, value) -> list[int]:
    sql = "SELECT id FROM notes WHERE word = '{}' AND number < {top} ORDER BY id".format(value, top=5)
    return session.execute(text(sql)).scalars().all()


def by_percent(session: Session, value) -> list[int]:
    sql = text("SELECT id FROM notes WHERE word = '%s' AND id > :low ORDER BY id" % value)
    return session.execute(sql, {"low": 2}).scalars().all()


def by_dictionary(session: Session, value) -> list[int]:
    sql = "SELECT id FROM notes WHERE word = '%(word)s' ORDER BY id" % {"word": value}
    return session.scalars(text(sql)).all()


def by_plus(session: Session, value: str) -> list[int]:
    return session.scalars(text("SELECT id FROM notes WHERE word = '" + value + "' ORDER BY id")).all()


def by_lines(session: Session, value) -> list[int]:
    sql = textwrap.dedent(
        f"""
        SELECT id
        FROM notes
        WHERE word = '{value}' AND word NOT LIKE 'q%'
        ORDER BY id
        """
    )
    return session.scalars(text(sql)).all()


def by_part(session: Session, value: str) -> list[int]:
    return session.scalars(text(f"SELECT id FROM notes WHERE instr(word, '{value}') > 0 ORDER BY id")).all()


def by_list(session: Session, value: str) -> list[int]:
    words = [value, "plain"]
    return session.scalars(text("SELECT id FROM notes WHERE word IN (" + ", ".join(f"'{w}'" for w in words) + ") ORDER BY id")).all()


def by_tuple(session: Session, value: str) -> list[int]:
    words = [value, "plain"]
    return session.scalars(text(f"SELECT id FROM notes WHERE word IN {tuple(words)} ORDER BY id")).all()


def by_fragment(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(text(f"word = '{value}'")).order_by(Note.id)).all()


def unquoted(session: Session, value) -> list[int]:
    return session.scalars(text(f"SELECT id FROM notes WHERE word = {value} ORDER BY id")).all()


def beside_a_constant(session: Session, value) -> list[int]:
    sql = f"SELECT id FROM notes WHERE word = '{value}' AND word <> 'it''s 100% \\ \"q\" {{}}' ORDER BY id"
    return session.execute(text(sql)).scalars().all()


def renamed(session: Session, value) -> None:
    session.execute(text(f"UPDATE notes SET word = '{value}' WHERE id = 3"))


def added(session: Session, value) -> None:
    session.execute(text("INSERT INTO notes (id, word, number) VALUES (100, '%s', %s)" % (value, 7)))


def removed(session: Session, value) -> None:
    session.execute(text("DELETE FROM notes WHERE word = '{word}' OR number = 8".format(word=value)))


# --- SAL403


def plain_string(session: Session, value) -> list[int]:
    # with parameters of its own
    return session.execute("SELECT id FROM notes WHERE word = :word ORDER BY id", {"word": value}).scalars().all()


def constant(session: Session, value) -> list[int]:
    return session.execute("SELECT id FROM notes WHERE word = '100%' OR word = '{0}' ORDER BY id").scalars().all()


def pasted_string(session: Session, value) -> list[int]:
    return session.execute(f"SELECT id FROM notes WHERE word = '{value}' ORDER BY id").scalars().all()


def criterion(session: Session, value) -> list[int]:
    return [note.id for note in session.query(Note).filter("word = 'back\\slash'").order_by(Note.id)]


# --- SAL406 and SAL407


def by_mark(session: Session, value) -> list[int]:
    return session.execute(text("SELECT id FROM notes WHERE word = %s ORDER BY id"), (value,)).scalars().all()


def by_question_mark(session: Session, value) -> list[int]:
    sql = text("SELECT id FROM notes WHERE word = ? AND number < ? ORDER BY id")
    return session.execute(sql, (value, 5)).scalars().all()


def by_named_mark(session: Session, value) -> list[int]:
    sql = text("SELECT id FROM notes WHERE word = %(word)s ORDER BY id")
    return session.execute(sql, {"word": value}).scalars().all()


def with_doubled_signs(session: Session, value) -> list[int]:
    sql = text("SELECT id FROM notes WHERE word = %s AND word NOT LIKE 'q%%' ORDER BY id")
    return session.execute(sql, (value,)).scalars().all()


def rows_by_mark(session: Session, value) -> None:
    session.execute(text("INSERT INTO notes (id, word) VALUES (%s, %s)"), [(100, value), (101, "x")])


def in_order(session: Session, value) -> list[int]:
    sql = text("SELECT id FROM notes WHERE word = :word AND number < :top ORDER BY id")
    return session.execute(sql, (value, 5)).scalars().all()


def in_order_from_a_variable(session: Session, value) -> None:
    values = (value, 3)
    session.execute(text("UPDATE notes SET word = :word WHERE id = :key"), values)


# --- SAL408


def expanding(session: Session, value) -> list[int]:
    words = [value, "plain"]
    sql = text("SELECT id FROM notes WHERE word IN :words ORDER BY id")
    return session.execute(sql, {"words": words}).scalars().all()


def expanding_in_brackets(session: Session, value) -> list[int]:
    words = [value, "plain"]
    sql = text("SELECT id FROM notes WHERE (word IN (:words)) ORDER BY id")
    return session.execute(sql, {"words": words}).scalars().all()


def expanding_nothing(session: Session, value) -> list[int]:
    words = [word for word in (value,) if word == "plain"]
    return session.scalars(text("SELECT id FROM notes WHERE word IN :words ORDER BY id"), {"words": words}).all()


# --- SAL410


def with_colon(session: Session, value) -> list[int]:
    return session.scalars(text("SELECT id FROM notes WHERE word IN (':value', 'a:b', '12:30', '\u2713 :x') ORDER BY id")).all()


def with_json(session: Session, value) -> None:
    session.execute(text("""UPDATE notes SET word = '{"beta":true, "d''arcy": ":name"}' WHERE id = 3"""))


def are(rows, value):
    return [row.id for row in rows if value is not None and row.word == value]


def with_word(rows, value):
    return [row._replace(word=value) if row.id == 3 else row for row in rows]


def low(row):
    return row.number is not None and row.number < 5


WANTED = {
    "by_fstring": (VALUES, lambda rows, value: are(rows, value)),
    "by_several": (VALUES, lambda rows, v: [r.id for r in rows if v is not None and r.word == v and (r.number or 0) > 2]),
    "by_format": (VALUES, lambda rows, v: [r.id for r in rows if v is not None and r.word == v and low(r)]),
    "by_percent": (VALUES, lambda rows, value: [n for n in are(rows, value) if n > 2]),
    "by_dictionary": (VALUES, are),
    "by_plus": (TEXTS, are),
    "by_lines": (VALUES, are),
    "by_part": (TEXTS, lambda rows, value: [row.id for row in rows if row.word is not None and value in row.word]),
    "by_list": (TEXTS, lambda rows, value: [row.id for row in rows if row.word in (value, "plain")]),
    "by_tuple": (TEXTS, lambda rows, value: [row.id for row in rows if row.word in (value, "plain")]),
    "by_fragment": (VALUES, are),
    "unquoted": (VALUES, are),
    "beside_a_constant": (VALUES, are),
    "renamed": (VALUES, lambda rows, v: with_word(rows, v if v is None else str(v))),
    "added": (VALUES, lambda rows, v: [*rows, (100, v if v is None else str(v), 7, None)]),
    "removed": (VALUES, lambda rows, v: [r for r in rows if (v is None or r.word != v) and r.number != 8]),
    "plain_string": (VALUES, are),
    "constant": (("x",), lambda rows, value: [row.id for row in rows if row.word in ("100%", "{0}")]),
    "pasted_string": (VALUES, are),
    "criterion": (("x",), lambda rows, value: are(rows, "back\\slash")),
    "by_mark": (VALUES, are),
    "by_question_mark": (VALUES, lambda rows, v: [r.id for r in rows if v is not None and r.word == v and low(r)]),
    "by_named_mark": (VALUES, are),
    "with_doubled_signs": (VALUES, are),
    "rows_by_mark": (VALUES, lambda rows, v: [*rows, (100, v if v is None else str(v), None, None), (101, "x", None, None)]),
    "in_order": (VALUES, lambda rows, v: [r.id for r in rows if v is not None and r.word == v and low(r)]),
    "in_order_from_a_variable": (VALUES, lambda rows, v: with_word(rows, v if v is None else str(v))),
    "expanding": (VALUES, lambda rows, v: [r.id for r in rows if r.word == "plain" or (v is not None and r.word == v)]),
    "expanding_in_brackets": (VALUES, lambda rows, v: [r.id for r in rows if r.word == "plain" or (v is not None and r.word == v)]),
    "expanding_nothing": (VALUES, lambda rows, v: are(rows, "plain") if v == "plain" else []),
    "with_colon": (("x",), lambda rows, value: [row.id for row in rows if row.word in (":value", "a:b", "12:30")]),
    "with_json": (("x",), lambda rows, value: with_word(rows, '{"beta":true, "d\'arcy": ":name"}')),
}

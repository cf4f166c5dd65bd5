"""Expressions and statements of SQLAlchemy: SAL412 and SAL5."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, delete, func, select, update
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship
from values.hostile import NUMBERS, TEXTS, VALUES

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    word = Column(String)
    number = Column(Integer)
    parent_id = Column(ForeignKey("notes.id"))
    children = relationship("Note", lazy="select")


# --- SAL412: wildcards in the value are characters


def containing(session: Session, value: str) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word.like(f"%{value}%")).order_by(Note.id)).all()


def beginning(session: Session, value: str) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word.like(value + "%")).order_by(Note.id)).all()


def ending(session: Session, value: str) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word.like("%%%s" % value)).order_by(Note.id)).all()


# --- SAL501


def and_(session: Session, value) -> list[int]:
    query = session.query(Note.id).filter(Note.word == value and Note.number > 2).order_by(Note.id)
    return [row.id for row in query]


def or_(session: Session, value) -> list[int]:
    chosen = select(Note.id).where(Note.word == value or Note.number == 8).order_by(Note.id)
    return session.scalars(chosen).all()


def not_(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(not Note.word == value).order_by(Note.id)).all()


def mixed(session: Session, value) -> list[int]:
    chosen = select(Note.id).where((Note.word == value or Note.number == 8) and Note.id > 3)
    return session.scalars(chosen.order_by(Note.id)).all()


def delete_both(session: Session, value) -> None:
    session.execute(delete(Note).where(Note.word == value and Note.id > 3))


# --- SAL502


def without_word(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word is None)).all()


def with_word(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word is not None, Note.number == value).order_by(Note.id)).all()


def delete_without(session: Session, value) -> None:
    session.query(Note).filter(Note.number is None).delete(synchronize_session=False)


# --- SAL503


def among(session: Session, value) -> list[int]:
    words = [value, "plain"]
    return session.scalars(select(Note.id).where(Note.word in words).order_by(Note.id)).all()


def not_among(session: Session, value) -> None:
    words = [value, "plain"]
    session.execute(delete(Note).where(Note.word not in words))


# --- SAL504


def precedence(session: Session, value) -> list[int]:
    chosen = select(Note.id).where(Note.number == value & Note.id > 3)
    return session.scalars(chosen.order_by(Note.id)).all()


# --- SAL505


def between(session: Session, value: int) -> list[int]:
    return session.scalars(select(Note.id).where(1 < Note.number <= value).order_by(Note.id)).all()


def equal_twice(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(value == Note.number == Note.id).order_by(Note.id)).all()


# --- SAL508


def never_run(session: Session, value) -> None:
    delete(Note).where(Note.word == value)
    session.commit()


# --- SAL507


def narrowed(session: Session, value) -> list[int]:
    chosen = select(Note.id)
    chosen.where(Note.word == value)
    return session.scalars(chosen).all()


def changed(session: Session, value) -> None:
    change = update(Note).where(Note.id == 3)
    change = change.values(number=7)
    change.values(word=value)
    session.execute(change)


# --- SAL513


def counted(session: Session, value) -> list[int]:
    return [len(session.query(Note).filter(Note.word != value).all())]


# --- SAL516


def with_children(session: Session, value) -> list[int]:
    notes = session.scalars(select(Note).options(joinedload(Note.children)).where(Note.word == value))
    return [note.id for note in notes.all()]


def rows_with_children(session: Session, value) -> list[int]:
    chosen = select(Note).options(joinedload(Note.children)).where(Note.number == value)
    return [note.id for (note,) in session.execute(chosen.order_by(Note.id))]


# --- SAL517


def read_twice(session: Session, value) -> list[int]:
    found = session.execute(select(Note.id).where(Note.word == value).order_by(Note.id))
    seen = [row.id for row in found]
    return [row.id for row in found.all() if row.id in seen]


# --- SAL521


def by_keyword(session: Session, value) -> list[int]:
    return [note.id for note in session.query(Note).filter(word=value)]


# --- SAL522


def criterion(session: Session, value) -> None:
    session.query(Note.word == value).delete(synchronize_session=False)


def criteria(session: Session, value) -> None:
    session.execute(delete((Note.word == value) & (Note.id > 3)))


# --- SAL523


def ordered(session: Session, value) -> list[int]:
    chosen = select(Note.id).where(Note.number == value).order_by("id desc")
    return session.scalars(chosen).all()


# --- SAL524


def or_nothing(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word.in_([value, None])).order_by(Note.id)).all()


def and_nothing(session: Session, value) -> list[int]:
    return session.scalars(select(Note.id).where(Note.word.not_in([value, None])).order_by(Note.id)).all()


def wanted(session: Session, value) -> list[int]:
    chosen = select(Note.id).where(Note.word == value if value == "plain" else None)
    return session.scalars(chosen.order_by(Note.id)).all()


# --- SAL526


def asked(session: Session, value) -> list[int]:
    if session.execute(select(Note.id).where(Note.word == value, Note.number > 100)):
        return [1]
    return [0]


# --- SAL527


def aggregated(session: Session, value) -> list[int]:
    chosen = select(Note.number).where(func.count(Note.id) > value).group_by(Note.number)
    return session.scalars(chosen.order_by(Note.number)).all()


def known(value, *others):
    return None not in (value, *others)


def same(row, value):
    return known(row.word, value) and row.word == value


def low(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def groups(rows, value):
    sizes = {}
    for row in rows:
        sizes[row.number] = sizes.get(row.number, 0) + 1
    return sorted((n for n in sizes if sizes[n] > value), key=lambda n: (n is not None, n))


NUMERIC = (*NUMBERS, None)
ANY = ("x",)
WANTED = {
    "containing": (TEXTS, lambda rows, v: [r.id for r in rows if r.word is not None and low(v) in low(r.word)]),
    "beginning": (TEXTS, lambda rows, v: [r.id for r in rows if r.word is not None and low(r.word).startswith(low(v))]),
    "ending": (TEXTS, lambda rows, v: [r.id for r in rows if r.word is not None and low(r.word).endswith(low(v))]),
    "and_": (TEXTS, lambda rows, v: [r.id for r in rows if same(r, v) and (r.number or 0) > 2]),
    "or_": (TEXTS, lambda rows, v: [r.id for r in rows if same(r, v) or r.number == 8]),
    "not_": (TEXTS, lambda rows, v: [r.id for r in rows if known(r.word) and r.word != v]),
    "mixed": (TEXTS, lambda rows, v: [r.id for r in rows if (same(r, v) or r.number == 8) and r.id > 3]),
    "delete_both": (TEXTS, lambda rows, v: [r for r in rows if not (same(r, v) and r.id > 3)]),
    "without_word": (ANY, lambda rows, v: [r.id for r in rows if r.word is None]),
    "with_word": (NUMBERS, lambda rows, v: [r.id for r in rows if r.word is not None and r.number == v]),
    "delete_without": (ANY, lambda rows, v: [r for r in rows if r.number is not None]),
    "among": (VALUES, lambda rows, v: [r.id for r in rows if same(r, v) or r.word == "plain"]),
    "not_among": (VALUES, lambda rows, v: [r for r in rows if v is None or r.word is None or r.word in (v, "plain")]),
    "precedence": (NUMBERS, lambda rows, v: [r.id for r in rows if r.number == v and r.id > 3]),
    "between": (NUMBERS, lambda rows, v: [r.id for r in rows if r.number is not None and 1 < r.number <= v]),
    "equal_twice": (NUMBERS, lambda rows, v: [r.id for r in rows if r.number == v and r.number == r.id]),
    "never_run": (TEXTS, lambda rows, v: [r for r in rows if not same(r, v)]),
    "narrowed": (TEXTS, lambda rows, v: [r.id for r in rows if same(r, v)]),
    "changed": (VALUES, lambda rows, v: [r._replace(number=7, word=v if v is None else str(v)) if r.id == 3 else r for r in rows]),
    "counted": (TEXTS, lambda rows, v: [len([r for r in rows if known(r.word) and r.word != v])]),
    "with_children": (TEXTS, lambda rows, v: [r.id for r in rows if same(r, v)]),
    "rows_with_children": (NUMBERS, lambda rows, v: [r.id for r in rows if r.number == v]),
    "read_twice": (TEXTS, lambda rows, v: [r.id for r in rows if same(r, v)]),
    "criterion": (TEXTS, lambda rows, v: [r for r in rows if not same(r, v)]),
    "criteria": (TEXTS, lambda rows, v: [r for r in rows if not (same(r, v) and r.id > 3)]),
    "or_nothing": (TEXTS, lambda rows, v: [r.id for r in rows if r.word is None or same(r, v)]),
    "and_nothing": (TEXTS, lambda rows, v: [r.id for r in rows if known(r.word) and r.word != v]),
    "wanted": (TEXTS, lambda rows, v: [r.id for r in rows if v != "plain" or same(r, v)]),
    "asked": (TEXTS, lambda rows, v: [int(any(same(r, v) and (r.number or 0) > 100 for r in rows))]),
    "by_keyword": (VALUES, lambda rows, v: [r.id for r in rows if same(r, v) or r.word is v is None]),
    "ordered": (NUMBERS, lambda rows, v: [r.id for r in rows if r.number == v][::-1]),
    "aggregated": (NUMBERS, groups),
}

import sqlite3

from sqlalchemy import CheckConstraint, Index, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///stock.db")


class Base(DeclarativeBase):
    pass


class Part(Base):
    __tablename__ = "parts"
    __table_args__ = (CheckConstraint("quantity >= 0", name="ck_quantity"), Index("ix_parts_name", "name"))
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    quantity: Mapped[int]


def by_name():
    with Session(engine) as session:
        return session.scalars(select(Part).order_by("name")).all()


def pragmas():
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA foreign_keys=ON")
        return conn.exec_driver_sql("PRAGMA journal_mode").scalar()


def legacy_import(path):
    legacy = sqlite3.connect(path)
    try:
        rows = legacy.execute("SELECT name, quantity FROM parts").fetchall()
    finally:
        legacy.close()
    with Session(engine) as session, session.begin():
        session.add_all([Part(name=name, quantity=quantity) for name, quantity in rows])


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    print(pragmas(), by_name())

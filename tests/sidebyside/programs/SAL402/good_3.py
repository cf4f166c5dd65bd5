from sqlalchemy import ForeignKey, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///forum.db")


class Base(DeclarativeBase):
    pass


class Thread(Base):
    __tablename__ = "threads"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    body: Mapped[str]


ORDERS = {"old": "p.id ASC", "new": "p.id DESC"}


def posts(session: Session, thread_id: int, order: str = "new"):
    sql = f"SELECT p.id, p.body FROM {Post.__tablename__} p WHERE p.thread_id = :t ORDER BY {ORDERS[order]}"
    return session.execute(text(sql), {"t": thread_id}).all()


def reset(session: Session):
    for model in (Post, Thread):
        session.execute(text(f"DELETE FROM {model.__tablename__}"))
    session.commit()


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Thread(id=1, title="hi"))
        session.commit()
        print(posts(session, 1))
        reset(session)

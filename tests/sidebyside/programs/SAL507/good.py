from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    price: Mapped[int]


class BookQuery:
    def __init__(self, session: Session):
        self.session = session
        self.stmt = select(Book)

    def where(self, *criteria):
        self.stmt = self.stmt.where(*criteria)
        return self

    def order_by(self, *columns):
        self.stmt = self.stmt.order_by(*columns)
        return self

    def all(self):
        return self.session.scalars(self.stmt).all()


def cheap_books(session: Session, limit: int, prefix: str | None = None):
    query = BookQuery(session)
    query.where(Book.price < limit)
    if prefix:
        query.where(Book.title.startswith(prefix))
    query.order_by(Book.price)
    return query.all()

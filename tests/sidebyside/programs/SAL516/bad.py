from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")


class Library:
    def __init__(self, session: Session):
        self.session = session

    def authors(self, prefix: str | None = None) -> list[Author]:
        stmt = select(Author).options(joinedload(Author.books)).order_by(Author.name)
        if prefix:
            stmt = stmt.where(Author.name.startswith(prefix))
        return list(self.session.execute(stmt).scalars().all())  # BAD

    def book(self, book_id: int) -> Book:
        stmt = select(Book).options(joinedload(Book.author)).where(Book.id == book_id)
        return self.session.execute(stmt).scalar_one()

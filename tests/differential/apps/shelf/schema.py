from dataclasses import dataclass

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from strawberry.types import Info

from shelf.tables import Author, Book


@dataclass
class Context:
    session: AsyncSession


@strawberry.type
class BookType:
    id: int
    title: str
    author: str


@strawberry.type
class AuthorType:
    id: int
    name: str

    @strawberry.field
    async def books(self, info: Info[Context, None]) -> list[BookType]:
        statement = select(Book).where(Book.author_id == self.id)
        found = await info.context.session.scalars(statement)
        return [BookType(id=one.id, title=one.title, author=self.name) for one in found]


def to_type(book: Book) -> BookType:
    return BookType(id=book.id, title=book.title, author=book.author.name)


@strawberry.type
class Query:
    @strawberry.field
    async def authors(self, info: Info[Context, None]) -> list[AuthorType]:
        found = await info.context.session.scalars(select(Author).order_by(Author.id))
        return [AuthorType(id=one.id, name=one.name) for one in found]

    @strawberry.field
    async def books(self, info: Info[Context, None]) -> list[BookType]:
        found = (await info.context.session.scalars(select(Book))).all()
        return [to_type(one) for one in found]

    @strawberry.field
    async def loaded_books(self, info: Info[Context, None]) -> list[BookType]:
        statement = select(Book).options(selectinload(Book.author))
        return [to_type(one) for one in await info.context.session.scalars(statement)]

    @strawberry.field
    async def book(self, info: Info[Context, None], key: int) -> BookType | None:
        book = await info.context.session.get(Book, key)
        if book is None:
            return None
        return BookType(id=book.id, title=book.title, author=book.author.name)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def add_book(self, info: Info[Context, None], title: str, author_id: int) -> BookType:
        session = info.context.session
        book = Book(title=title, author_id=author_id)
        session.add(book)
        await session.commit()
        return to_type(book)

    @strawberry.mutation
    async def rename(self, info: Info[Context, None], key: int, title: str) -> BookType:
        session = info.context.session
        book = await session.get_one(Book, key)
        book.title = title
        await session.commit()
        await session.refresh(book, ["author"])
        return to_type(book)


schema = strawberry.Schema(Query, Mutation)

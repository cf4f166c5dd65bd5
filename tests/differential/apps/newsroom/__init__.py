"""A newsroom's backend: repositories, services, handlers; the web framework is left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ForeignKey, String, Table, func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column
from sqlalchemy.orm import raiseload, relationship, selectinload

engine = create_async_engine("sqlite+aiosqlite:///newsroom.db")
Sessions = async_sessionmaker(engine)
SteadySessions = async_sessionmaker(engine, expire_on_commit=False)
outbox: list[str] = []


class Base(AsyncAttrs, DeclarativeBase):
    pass


article_tags = Table(
    "article_tags",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    articles: Mapped[list[Article]] = relationship(back_populates="author")


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())

    author: Mapped[Author] = relationship(back_populates="articles")
    comments: Mapped[list[Comment]] = relationship(back_populates="article")
    tags: Mapped[list[Tag]] = relationship(secondary=article_tags)
    tag_names: AssociationProxy[list[str]] = association_proxy("tags", "name")

    @property
    def byline(self) -> str:
        return f"by {self.author.name}"


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    text: Mapped[str] = mapped_column(String(500))
    article: Mapped[Article] = relationship(back_populates="comments")


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TagOut(Out):
    name: str


class Headline(Out):
    id: int
    title: str


class ArticleOut(Headline):
    tags: list[TagOut]


class ArticleRepository:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def get(self, id: int) -> Article:
        return await self.session.get_one(Article, id)

    async def get_tagged(self, id: int) -> Article:
        return await self.session.get_one(Article, id, options=[selectinload(Article.tags)])

    async def latest(self) -> Sequence[Article]:
        return (await self.session.scalars(select(Article).order_by(Article.id.desc()))).all()

    async def latest_signed(self) -> Sequence[Article]:
        stmt = select(Article).options(joinedload(Article.author)).order_by(Article.id.desc())
        return (await self.session.scalars(stmt)).all()


class NewsService:
    def __init__(self, session: AsyncSession):
        self.session = session
        self.articles = ArticleRepository(session)

    async def publish(self, id: int) -> Article:
        article = await self.articles.get(id)
        article.title = article.title.strip() + "."
        await self.session.commit()
        return article

    async def retitle(self, id: int, title: str) -> Article:
        article = await self.articles.get(id)
        article.title = title
        await self.session.flush()
        return article

    async def move(self, id: int, slug: str) -> Article:
        article = await self.articles.get(id)
        try:
            async with self.session.begin_nested():
                article.slug = slug
        except IntegrityError:
            outbox.append(f"{slug} is taken")
        return article


@asynccontextmanager
async def service() -> AsyncIterator[NewsService]:
    async with Sessions() as session:
        yield NewsService(session)


class FrontPage:
    """What everybody sees, kept between requests."""

    def __init__(self) -> None:
        self.kept: dict[int, Article] = {}

    async def fill(self) -> None:
        async with service() as news:
            stmt = select(Article).options(selectinload(Article.tags))
            self.kept = {article.id: article for article in await news.session.scalars(stmt)}


async def show(id: int) -> ArticleOut:
    async with service() as news:
        return ArticleOut.model_validate(await news.articles.get(id))


async def show_tagged(id: int) -> ArticleOut:
    async with service() as news:
        return ArticleOut.model_validate(await news.articles.get_tagged(id))


async def headlines() -> list[Headline]:
    async with service() as news:
        return [Headline.model_validate(article) for article in await news.articles.latest()]


async def publish(id: int) -> str:
    async with service() as news:
        article = await news.publish(id)
        return article.title  # missed: greenlet sessions of two factories are handed to the service


async def publish_steady(id: int) -> str:
    async with SteadySessions() as session:
        article = await NewsService(session).publish(id)
    return article.title


async def retitle(id: int) -> dict[str, object]:
    async with service() as news:
        article = await news.retitle(id, "New title")
        return {"title": article.title, "created": article.created_at}


async def retitle_dated(id: int) -> dict[str, object]:
    async with service() as news:
        article = await news.retitle(id, "Newer title")
        return {"title": article.title, "updated": article.updated_at}


async def move(id: int, slug: str) -> str:
    async with service() as news:
        article = await news.move(id, slug)
        return article.slug  # missed: greenlet what the rollback of a savepoint expires is not followed


async def bylines() -> list[str]:
    async with service() as news:
        return sorted(article.byline for article in await news.articles.latest())


async def bylines_signed() -> list[str]:
    async with service() as news:
        return sorted(article.byline for article in await news.articles.latest_signed())


async def tag_cloud() -> set[str]:
    found: set[str] = set()
    async with service() as news:
        for article in await news.articles.latest():
            found.update(tag.name for tag in await article.awaitable_attrs.tags)
    return found


async def tags_of(id: int) -> list[str]:
    async with service() as news:
        article = await news.articles.get(id)
        await article.awaitable_attrs.tags
        return list(article.tag_names)


def _outline(session: Session) -> list[str]:
    authors = session.scalars(select(Author)).all()
    return [f"{author.name}: {len(author.articles)}" for author in authors]


def _first_author(session: Session) -> str:
    author = session.scalars(select(Author)).first()
    return f"{author.name}: {len(author.articles)}" if author else ""


async def outline(first: bool) -> list[str]:
    async with Sessions() as session:
        if first:
            return [await session.run_sync(_first_author)]
        return await session.run_sync(_outline)


async def comment(id: int, text: str) -> None:
    async with service() as news:
        article = await news.articles.get(id)
        article.comments.append(Comment(text=text))
        await news.session.commit()


async def comment_on(id: int, text: str) -> None:
    async with service() as news:
        article = await news.articles.get(id)
        news.session.add(Comment(text=text, article=article))
        await news.session.commit()


async def comment_count(id: int) -> int:
    async with Sessions() as session:
        article = await session.get_one(Article, id, options=[raiseload(Article.comments)])
        try:
            return len(article.comments)
        except InvalidRequestError:
            return 0


async def feed() -> AsyncIterator[str]:
    async with Sessions() as session:
        async for article in await session.stream_scalars(select(Article)):
            yield f"{article.title} by {article.author.name}"


async def feed_signed() -> AsyncIterator[str]:
    stmt = select(Article).options(joinedload(Article.author))
    async with Sessions() as session:
        async for article in await session.stream_scalars(stmt):
            yield f"{article.title} by {article.author.name}"


async def strip_all() -> int:
    async with service() as news:
        articles = await news.articles.latest()
        for article in articles:
            article.title = article.title.strip()
        await news.session.commit()
        for article in articles:
            await news.session.refresh(article)
        return sum(len(article.title) for article in articles)


async def front_titles(page: FrontPage) -> list[str]:
    await page.fill()
    return [f"{a.title} {', '.join(a.tag_names)}" for a in page.kept.values()]


async def front_authors(page: FrontPage) -> list[str]:
    await page.fill()
    return [article.author.name for article in page.kept.values()]  # missed: detached a dictionary that is kept as a whole


async def _mail(article: Article) -> None:
    outbox.append(f"{article.title} {article.byline}")  # missed: detached which of two statements gives the rows is said by the caller


async def _announce(article: Article) -> None:
    outbox.append(f"{article.id} is out: {article.title}")  # missed: greenlet sessions of two factories are handed to the service


async def _ring(id: int) -> None:
    await asyncio.sleep(0)
    outbox.append(f"ring for {id}")


async def _log(id: int) -> None:
    async with Sessions() as session:
        article = await session.get_one(Article, id)
        outbox.append(f"{article.title}, {len(await article.awaitable_attrs.comments)} comments")


async def mail(signed: bool) -> None:
    async with service() as news:
        found = await (news.articles.latest_signed() if signed else news.articles.latest())
    await asyncio.create_task(_mail(found[0]))


async def announce(id: int) -> None:
    async with service() as news:
        article = await news.publish(id)
        async with asyncio.TaskGroup() as group:
            group.create_task(_announce(article))
            group.create_task(_ring(id))


async def log(ids: list[int]) -> None:
    async with asyncio.TaskGroup() as group:
        for id in ids:
            group.create_task(_log(id))

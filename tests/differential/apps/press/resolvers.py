from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from press.tables import Article, Author, new_session


class Articles:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, key: int) -> Article | None:
        return await self._session.get(Article, key)

    async def latest(self, count: int) -> list[Article]:
        statement = select(Article).order_by(Article.id.desc()).limit(count)
        return list((await self._session.scalars(statement)).all())

    async def with_authors(self) -> list[Article]:
        statement = select(Article).options(selectinload(Article.author))
        return list((await self._session.scalars(statement)).all())

    async def of_authors(self, keys: list[int]) -> dict[int, list[Article]]:
        found: dict[int, list[Article]] = defaultdict(list)
        statement = select(Article).where(Article.author_id.in_(keys))
        for article in await self._session.scalars(statement):
            found[article.author_id].append(article)
        return found


@dataclass
class Info:
    session: AsyncSession

    @property
    def articles(self) -> Articles:
        return Articles(self.session)


async def resolve_article(info: Info, key: int) -> dict[str, Any]:
    article = await info.articles.get(key)
    if article is None:
        return {}
    return {"title": article.title, "author": article.author.name}


async def resolve_latest(info: Info) -> list[str]:
    return [f"{one.title} by {one.author.name}" for one in await info.articles.latest(5)]


async def resolve_bylines(info: Info) -> list[str]:
    return [f"{one.title} by {one.author.name}" for one in await info.articles.with_authors()]


async def resolve_authors(info: Info) -> list[dict[str, Any]]:
    authors = (await info.session.scalars(select(Author))).all()
    by_author = await info.articles.of_authors([one.id for one in authors])
    return [
        {"name": one.name, "articles": [a.title for a in by_author[one.id]]} for one in authors
    ]


async def resolve_counts(info: Info) -> dict[str, int]:
    counts = {}
    for author in (await info.session.scalars(select(Author))).all():
        articles = await info.session.scalars(select(Article).where(Article.author == author))
        counts[author.name] = len(articles.all())
    return counts


async def add_article(info: Info, title: str, author_id: int) -> dict[str, Any]:
    article = Article(title=title, author_id=author_id)
    info.session.add(article)
    await info.session.commit()
    return {"id": article.id, "author": article.author.name}


async def add_article_refreshed(info: Info, title: str, author_id: int) -> dict[str, Any]:
    article = Article(title=title, author_id=author_id)
    info.session.add(article)
    await info.session.commit()
    await info.session.refresh(article, ["author"])
    return {"id": article.id, "author": article.author.name}


async def first_of(count: int) -> list[Article]:
    async with new_session() as session:
        return await Articles(session).latest(count)


async def titles() -> list[str]:
    return [article.title for article in await first_of(3)]


async def names() -> list[str]:
    return [article.author.name for article in await first_of(3)]

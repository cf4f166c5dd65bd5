from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from queries import find_by_tags

engine = create_async_engine("postgresql+asyncpg://docs@localhost/docs")
Session = async_sessionmaker(engine, expire_on_commit=False)


class DocumentRepository:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def by_tags(self, tags: list[str]):
        result = await self.session.execute(text(find_by_tags(tags)))  # BAD
        return result.mappings().all()


async def search(raw: str):
    tags = [t.strip() for t in raw.split(",") if t.strip()]
    async with Session() as session:
        return await DocumentRepository(session).by_tags(tags)

import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

RESET = text(  # BAD
    "UPDATE jobs SET state = 'queued', "
    """meta = '{"worker":null,"attempts":0}' """  # BAD
    "WHERE state = 'running' AND heartbeat < :deadline"
)

ADD = text("INSERT INTO jobs (name, state, meta) VALUES (:name, 'queued', :meta)")


class JobStore:
    def __init__(self, url: str):
        self.engine = create_async_engine(url)
        self.sessions = async_sessionmaker(self.engine)

    async def add(self, name: str) -> None:
        async with self.sessions.begin() as session:
            await session.execute(ADD, {"name": name, "meta": "{}"})

    async def reset(self, deadline: str) -> int:
        async with self.sessions.begin() as session:
            result = await session.execute(RESET, {"deadline": deadline})  # BAD
            return result.rowcount

    async def close(self) -> None:
        await self.engine.dispose()


async def main():
    store = JobStore(os.environ["JOBS_URL"])
    count = await store.reset("2024-01-01 00:00:00")
    print(f"{count} jobs put back")
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())

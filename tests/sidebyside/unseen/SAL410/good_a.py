import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

EARLY = text(
    """
    SELECT id, name, 'starts: ' || starts_at AS hint
    FROM shifts
    WHERE starts_at BETWEEN '05:00:00' AND '06:30:00'
      AND note <> 'ratio 1:2' AND day = :day
    ORDER BY starts_at
    """
)

PARK = text(
    r"""
    UPDATE shifts
    SET meta = '{"parked"\:1,"by":"planner"}'
    WHERE id = :shift_id
    """
)


class ShiftStore:
    def __init__(self, url: str):
        self.engine = create_async_engine(url)
        self.sessions = async_sessionmaker(self.engine)

    async def early(self, day: str):
        async with self.sessions() as session:
            result = await session.execute(EARLY, {"day": day})
            return [(row.id, row.hint) for row in result]

    async def park(self, shift_id: int) -> bool:
        async with self.sessions.begin() as session:
            result = await session.execute(PARK, {"shift_id": shift_id})
            return result.rowcount == 1

    async def close(self) -> None:
        await self.engine.dispose()


async def main():
    store = ShiftStore(os.environ["SHIFTS_URL"])
    for shift_id, hint in await store.early("2024-05-01"):
        print(shift_id, hint)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())

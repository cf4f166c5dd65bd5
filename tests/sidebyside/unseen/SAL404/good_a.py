import asyncio
import datetime as dt
import os

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import create_async_engine

DEFAULTS = {"floor": 0, "region": "all"}

FLOW = text(
    """
    SELECT gauge_id, max(level) AS level
    FROM levels
    WHERE read_on >= :first AND read_on < :last
      AND (region = :region OR :region = 'all')
      AND source = :source
    GROUP BY gauge_id
    HAVING max(level) > :floor
    ORDER BY gauge_id
    """
).bindparams(bindparam("source", value="telemetry"))


def week_bounds(day: dt.date) -> dict:
    first = day - dt.timedelta(days=day.weekday())
    return {
        "first": first.isoformat(),
        "last": (first + dt.timedelta(days=7)).isoformat(),
    }


async def flow(conn, day: dt.date, **overrides):
    values = {**DEFAULTS, **week_bounds(day)}
    values.update(overrides)
    result = await conn.execute(FLOW, values)
    return {row.gauge_id: row.level for row in result}


async def main():
    engine = create_async_engine(os.environ["GAUGE_URL"])
    async with engine.connect() as conn:
        today = await flow(conn, dt.date.today(), region="upper")
        for gauge, level in today.items():
            print(f"{gauge:>8} {level:8.2f}")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())

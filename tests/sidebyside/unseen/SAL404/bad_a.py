import asyncio
import datetime as dt
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

USAGE = text(
    """
    SELECT meter_id, sum(kwh) AS kwh
    FROM readings
    WHERE read_on >= :first AND read_on < :last
      AND tenant = :tenant
    GROUP BY meter_id
    HAVING sum(kwh) > :floor
    ORDER BY meter_id
    """
)


def month_bounds(day: dt.date) -> dict:
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    return {"first": first.isoformat(), "last": following.isoformat()}


async def usage(conn, tenant: str, day: dt.date):
    values = month_bounds(day)
    values["tenant"] = tenant
    result = await conn.execute(USAGE, values)  # BAD
    return {row.meter_id: row.kwh for row in result}


async def main():
    engine = create_async_engine(os.environ["METER_URL"])
    async with engine.connect() as conn:
        for meter, kwh in (await usage(conn, "north", dt.date.today())).items():
            print(f"{meter:>8} {kwh:10.2f}")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())

import asyncio
import json
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


class Patcher:
    def __init__(self, url, table):
        self.engine = create_async_engine(url)
        self.table = table

    async def patch(self, key, changes):
        assignments = ", ".join(f"{column} = :{column}" for column in changes)  # BAD
        sql = f"UPDATE {self.table} SET {assignments} WHERE id = :id"  # BAD
        async with self.engine.begin() as conn:
            result = await conn.execute(text(sql), {**changes, "id": key})  # BAD
        return result.rowcount

    async def close(self):
        await self.engine.dispose()


async def main(table, path):
    patcher = Patcher("sqlite+aiosqlite:///data.db", table)
    with open(path) as fh:
        patches = json.load(fh)
    try:
        for key, changes in patches.items():
            print(key, await patcher.patch(int(key), changes))
    finally:
        await patcher.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))

from enum import Enum
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("postgresql+asyncpg://shop@localhost/shop")
Session = async_sessionmaker(engine)
app = FastAPI()

SORTABLE = {"name": "p.name", "price": "p.price", "newest": "p.created_at DESC"}


class Bucket(str, Enum):
    day = "day"
    week = "week"
    month = "month"


async def get_session():
    async with Session() as session:
        yield session


@app.get("/products")
async def products(q: str, sort: str = "name", limit: int = 20, session: AsyncSession = Depends(get_session)):
    if sort not in SORTABLE:
        raise HTTPException(422, f"cannot sort by '{sort}'")
    sql = f"SELECT p.id, p.name FROM products p WHERE p.name ILIKE :q ORDER BY {SORTABLE[sort]} LIMIT {limit}"
    rows = await session.execute(text(sql), {"q": f"%{q}%"})
    return [dict(r) for r in rows.mappings()]


@app.get("/stats/{product_id}")
async def stats(product_id: UUID, bucket: Bucket = Bucket.day, session: AsyncSession = Depends(get_session)):
    sql = f"""
        SELECT date_trunc('{bucket.value}', sold_at) AS t, count(*) AS n
        FROM sales WHERE product_id = '{product_id}' GROUP BY 1 ORDER BY 1
    """
    return [dict(r) for r in (await session.execute(text(sql))).mappings()]

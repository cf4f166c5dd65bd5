from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("postgresql+asyncpg://stock@localhost/stock")
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"
    sku: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


async def save_price(session: AsyncSession, sku: str, cents: int) -> None:
    stmt = (
        insert(Price)
        .values(sku=sku, cents=cents)
        .on_conflict_do_update(index_elements=[Price.sku], set_={"cents": cents})  # BAD
    )
    await session.execute(stmt)
    await session.commit()


async def import_prices(prices: dict[str, int]) -> int:
    async with Session() as session:
        for sku, cents in prices.items():
            await save_price(session, sku, cents)
    return len(prices)

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine("sqlite+aiosqlite:///dispatch.db")
Session = async_sessionmaker(engine, expire_on_commit=False)
StrictSession = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass

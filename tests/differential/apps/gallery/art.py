from typing import Optional

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    defer,
    load_only,
    mapped_column,
    relationship,
    selectinload,
    undefer,
    undefer_group,
)


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    born: Mapped[int]
    biography: Mapped[str] = mapped_column(deferred=True)
    pictures: Mapped[list["Picture"]] = relationship(back_populates="artist")


class Picture(Base):
    __tablename__ = "pictures"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[Optional[int]]
    scan: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_group="files")
    thumb: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_group="files")
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    artist: Mapped[Artist] = relationship(back_populates="pictures")


engine = create_async_engine("postgresql+psycopg://localhost/gallery")
Session = async_sessionmaker(engine, expire_on_commit=False)


async def biography(artist_id: int) -> str:
    async with Session() as session:
        artist = await session.get_one(Artist, artist_id)
        return artist.biography


async def biography_undeferred(artist_id: int) -> str:
    async with Session() as session:
        artist = await session.get_one(Artist, artist_id, options=[undefer(Artist.biography)])
        return artist.biography


async def biography_refreshed(artist_id: int) -> str:
    async with Session() as session:
        artist = await session.get_one(Artist, artist_id)
        await session.refresh(artist, ["biography"])
        return artist.biography


async def titles() -> list[str]:
    async with Session() as session:
        stmt = select(Picture).options(load_only(Picture.title))
        return [picture.title for picture in await session.scalars(stmt)]


async def years() -> list[int]:
    async with Session() as session:
        stmt = select(Picture).options(load_only(Picture.title))
        return [picture.year for picture in await session.scalars(stmt)]


async def years_deferred() -> list[int]:
    async with Session() as session:
        pictures = (await session.scalars(select(Picture).options(defer(Picture.year)))).all()
    return [picture.year for picture in pictures]


async def identities() -> list[int]:
    async with Session() as session:
        stmt = select(Picture).options(load_only(Picture.title))
        return [picture.id for picture in await session.scalars(stmt)]


async def scans() -> int:
    async with Session() as session:
        pictures = (await session.scalars(select(Picture).options(undefer(Picture.scan)))).all()
        return sum(len(picture.scan) for picture in pictures)


async def thumbs() -> int:
    async with Session() as session:
        pictures = (await session.scalars(select(Picture).options(undefer(Picture.scan)))).all()
        return sum(len(picture.thumb) for picture in pictures)


async def files() -> int:
    async with Session() as session:
        pictures = (await session.scalars(select(Picture).options(undefer_group("files")))).all()
        return sum(len(picture.thumb) + len(picture.scan) for picture in pictures)


async def artists_of(session: AsyncSession) -> list[str]:
    stmt = select(Picture).options(
        selectinload(Picture.artist).load_only(Artist.name),
    )
    return [picture.artist.name for picture in await session.scalars(stmt)]


async def ages(session: AsyncSession) -> list[int]:
    stmt = select(Picture).options(
        selectinload(Picture.artist).load_only(Artist.name),
    )
    return [picture.year - picture.artist.born for picture in await session.scalars(stmt)]


async def lives(session: AsyncSession) -> list[str]:
    stmt = select(Picture).options(selectinload(Picture.artist))
    return [picture.artist.biography for picture in await session.scalars(stmt)]


async def second_statement(session: AsyncSession, artist_id: int) -> int:
    artist = await session.get_one(Artist, artist_id)
    stmt = select(Artist).where(Artist.id == artist_id).options(selectinload(Artist.pictures))
    await session.execute(stmt)
    return len(artist.pictures)


async def second_statement_fills(session: AsyncSession, artist_id: int) -> int:
    artist = await session.get_one(Artist, artist_id)
    stmt = select(Artist).where(Artist.id == artist_id).options(selectinload(Artist.pictures))
    await session.execute(stmt.execution_options(populate_existing=True))
    return len(artist.pictures)


async def new_artist(session: AsyncSession, name: str) -> str:
    artist = Artist(name=name, born=1900, biography="unknown")
    session.add(artist)
    await session.commit()
    return artist.biography


async def new_picture(session: AsyncSession, artist: Artist) -> str:
    picture = Picture(title="Untitled", artist=artist, scan=b"", thumb=b"")
    session.add(picture)
    await session.commit()
    return picture.artist.name


async def new_picture_year(session: AsyncSession, artist_id: int) -> Optional[int]:
    picture = Picture(title="Untitled", artist_id=artist_id, scan=b"", thumb=b"")
    session.add(picture)
    await session.commit()
    return picture.year


async def new_picture_artist(session: AsyncSession, artist_id: int) -> str:
    picture = Picture(title="Untitled", artist_id=artist_id, scan=b"", thumb=b"")
    session.add(picture)
    await session.commit()
    return picture.artist.name

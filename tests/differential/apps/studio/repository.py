from typing import Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from studio.database import Base
from studio.models import Album, Band, Track

M = TypeVar("M", bound=Base)


class BaseRepository(Generic[M]):
    model: type[M]

    def __init__(self, session: AsyncSession):
        self.session = session

    async def get(self, id: int) -> M | None:
        return await self.session.get(self.model, id)

    async def get_by(self, **criteria) -> M | None:
        result = await self.session.execute(select(self.model).filter_by(**criteria))
        return result.scalars().first()

    async def list(self, limit: int = 50, offset: int = 0) -> list[M]:
        stmt = select(self.model).order_by(self.model.id).limit(limit).offset(offset)
        result = await self.session.execute(stmt)
        return list(result.scalars().all())

    async def count(self) -> int:
        return await self.session.scalar(select(func.count()).select_from(self.model))

    async def create(self, **values) -> M:
        instance = self.model(**values)
        self.session.add(instance)
        await self.session.flush()
        return instance

    async def update(self, instance: M, **values) -> M:
        for key, value in values.items():
            setattr(instance, key, value)
        await self.session.flush()
        return instance


class BandRepository(BaseRepository[Band]):
    model = Band

    async def with_albums(self, id: int) -> Band | None:
        stmt = select(Band).where(Band.id == id).options(selectinload(Band.albums))
        return (await self.session.execute(stmt)).scalar_one_or_none()

    async def everything(self) -> dict[str, Band]:
        bands = await self.session.scalars(select(Band))
        return {band.name: band for band in bands}


class AlbumRepository(BaseRepository[Album]):
    model = Album

    async def of_band(self, band_id: int) -> list[Album]:
        stmt = select(Album).where(Album.band_id == band_id).options(joinedload(Album.band))
        return list((await self.session.scalars(stmt)).all())

    async def by_band(self) -> dict[int, list[Album]]:
        found: dict[int, list[Album]] = {}
        for album in await self.session.scalars(select(Album)):
            found.setdefault(album.band_id, []).append(album)
        return found


class TrackRepository(BaseRepository[Track]):
    model = Track

    async def longest(self) -> tuple[Track, int] | None:
        stmt = select(Track).order_by(Track.seconds.desc()).limit(1)
        track = (await self.session.scalars(stmt)).first()
        return (track, track.seconds) if track else None

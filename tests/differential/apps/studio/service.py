from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from studio.models import Album, Band
from studio.repository import AlbumRepository, BandRepository, TrackRepository
from studio.schemas import AlbumFull, AlbumRead, BandCreate, BandDetail, BandRead, FullPage, Page


class NotFound(Exception):
    pass


@dataclass
class Line:
    title: str
    length: int
    band: str


class BandService:
    def __init__(self, session: AsyncSession):
        self.session = session
        self.bands = BandRepository(session)
        self.albums = AlbumRepository(session)
        self.tracks = TrackRepository(session)

    async def page(self) -> Page:
        bands = await self.bands.list()
        return Page(
            total=await self.bands.count(), items=[BandRead.model_validate(b) for b in bands]
        )

    async def full_page(self) -> FullPage:
        bands = await self.bands.list()
        return FullPage(total=len(bands), items=list(map(BandDetail.model_validate, bands)))

    async def detail(self, id: int) -> BandDetail:
        band = await self.bands.with_albums(id)
        if band is None:
            raise NotFound(id)
        return BandDetail.model_validate(band)

    async def quick_detail(self, id: int) -> BandDetail:
        band = await self.bands.get(id)
        if band is None:
            raise NotFound(id)
        return BandDetail.model_validate(band)

    async def add(self, data: BandCreate) -> Band:
        band = await self.bands.create(**data.model_dump())
        await self.session.commit()
        await self.session.refresh(band)
        return band

    async def add_quick(self, data: BandCreate) -> Band:
        band = await self.bands.create(**data.model_dump())
        await self.session.commit()
        return band

    async def rename(self, id: int, name: str) -> BandRead:
        band = await self.bands.get(id)
        if band is None:
            raise NotFound(id)
        await self.bands.update(band, name=name)
        result = BandRead.model_validate(band)
        await self.session.commit()
        return result

    async def lines(self, band_id: int) -> list[Line]:
        albums = await self.albums.of_band(band_id)
        return [Line(a.title, a.length, a.band.name) for a in albums]

    async def all_lines(self) -> list[Line]:
        albums = await self.albums.list()
        return [self._line(album) for album in albums]

    def _line(self, album: Album) -> Line:
        return Line(title=album.title, length=album.length, band=album.band.name)

    async def names(self) -> list[str]:
        return sorted((await self.bands.everything()).keys())

    async def longest(self) -> dict[str, int]:
        bands = await self.bands.everything()
        return {name: band.longest for name, band in bands.items()}

    async def album_titles(self) -> list[str]:
        grouped = await self.albums.by_band()
        return [album.title for albums in grouped.values() for album in albums]

    async def album_notes(self) -> dict[int, list[str]]:
        grouped = await self.albums.by_band()
        return {band: [album.notes for album in albums] for band, albums in grouped.items()}

    async def longest_track(self) -> str:
        found = await self.tracks.longest()
        if found is None:
            return ""
        track, seconds = found
        return f"{track.name}: {seconds}"

    async def longest_track_on(self) -> str:
        found = await self.tracks.longest()
        if found is None:
            return ""
        track, seconds = found
        return f"{track.album.title}: {seconds}"

    async def albums_of(self, id: int) -> list[AlbumRead]:
        albums = await self.albums.of_band(id)
        return [AlbumRead.model_validate(album, from_attributes=True) for album in albums]

    async def album_full(self, id: int) -> AlbumFull:
        album = await self.albums.get(id)
        return AlbumFull.model_validate(album)

    async def remove_notes(self, id: int) -> str:
        album = await self.albums.get(id)
        if album is None:
            raise NotFound(id)
        await self.albums.update(album, notes="")
        await self.session.commit()
        return f"cleared {album.title}"

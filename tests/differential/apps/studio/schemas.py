from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TrackRead(Read):
    id: int
    name: str
    seconds: int


class TrackWithGenres(TrackRead):
    genres: list["GenreRead"]


class GenreRead(Read):
    name: str


class AlbumRead(Read):
    id: int
    title: str
    tracks: list[TrackRead]


class AlbumFull(Read):
    id: int
    title: str
    tracks: list[TrackWithGenres]


class BandRead(Read):
    id: int
    name: str
    created_at: datetime
    updated_at: datetime | None = None


class BandDetail(BandRead):
    albums: list[AlbumRead]


class BandCreate(BaseModel):
    name: str


class Page(BaseModel):
    total: int
    items: list[BandRead]


class FullPage(BaseModel):
    total: int
    items: list[BandDetail]

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, func
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from studio.database import Base

track_genres = Table(
    "track_genres",
    Base.metadata,
    Column("track_id", ForeignKey("tracks.id"), primary_key=True),
    Column("genre_id", ForeignKey("genres.id"), primary_key=True),
)


class Band(Base):
    __tablename__ = "bands"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())

    albums: Mapped[list[Album]] = relationship(back_populates="band")

    @property
    def longest(self) -> int:
        return max((album.length for album in self.albums), default=0)


class Album(Base):
    __tablename__ = "albums"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    band_id: Mapped[int] = mapped_column(ForeignKey("bands.id"))
    notes: Mapped[str] = deferred(mapped_column(String(500), default=""))

    band: Mapped[Band] = relationship(back_populates="albums")
    tracks: Mapped[list[Track]] = relationship(back_populates="album", lazy="selectin")

    @property
    def length(self) -> int:
        return sum(track.seconds for track in self.tracks)


class Track(Base):
    __tablename__ = "tracks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    seconds: Mapped[int] = mapped_column(default=180)
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))

    album: Mapped[Album] = relationship(back_populates="tracks")
    genres: Mapped[list[Genre]] = relationship(secondary=track_genres)


class Genre(Base):
    __tablename__ = "genres"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))

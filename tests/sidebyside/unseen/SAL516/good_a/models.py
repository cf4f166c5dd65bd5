from typing import List

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Album(Base):
    __tablename__ = "albums"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    owner: Mapped[str] = mapped_column(String(40), index=True)
    photos: Mapped[List["Photo"]] = relationship(
        back_populates="album",
        cascade="all, delete-orphan",
        order_by="Photo.position",
    )


class Photo(Base):
    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"), index=True)
    position: Mapped[int]
    file: Mapped[str] = mapped_column(String(120))
    album: Mapped[Album] = relationship(back_populates="photos", lazy="joined")

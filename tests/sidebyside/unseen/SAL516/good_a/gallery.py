from typing import Optional

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from .models import Album, Photo


class Gallery:
    def __init__(self, session: Session):
        self.session = session

    def of_owner(self, owner: str) -> list[Album]:
        stmt = (
            select(Album)
            .options(joinedload(Album.photos))
            .where(Album.owner == owner)
            .order_by(Album.name, Album.id)
        )
        result = self.session.scalars(stmt)
        return list(result.unique())

    def named(self, owner: str, name: str) -> Optional[Album]:
        stmt = select(Album).where(Album.owner == owner, Album.name == name)
        stmt = stmt.options(selectinload(Album.photos))
        return self.session.scalars(stmt).one_or_none()

    def files(self) -> list[tuple[str, str]]:
        photos = self.session.scalars(select(Photo).order_by(Photo.id)).all()
        return [(photo.album.name, photo.file) for photo in photos]

    def photos_of(self, owner: str) -> list[Photo]:
        stmt = (
            select(Photo)
            .join(Photo.album)
            .options(contains_eager(Photo.album))
            .where(Album.owner == owner)
            .order_by(Photo.position, Photo.id)
        )
        return list(self.session.scalars(stmt).all())

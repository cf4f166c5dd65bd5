from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Playlist, Track


class Library:
    def __init__(self, session: Session):
        self.session = session

    def create(self, owner: str, name: str, titles: list[str]) -> int:
        playlist = Playlist(owner=owner, name=name)
        playlist.tracks = [
            Track(position=position, title=title)
            for position, title in enumerate(titles)
        ]
        self.session.add(playlist)
        self.session.commit()
        return playlist.id

    def of_owner(self, owner: str) -> list[dict]:
        stmt = (
            select(Playlist)
            .where(Playlist.owner == owner)
            .order_by(Playlist.name, Playlist.id)
        )
        playlists = self.session.execute(stmt).scalars().all()  # BAD
        return [
            {"name": one.name, "tracks": [track.title for track in one.tracks]}
            for one in playlists
        ]

    def names(self, owner: str) -> list[str]:
        stmt = select(Playlist.name).where(Playlist.owner == owner)
        return list(self.session.scalars(stmt.order_by(Playlist.name)))

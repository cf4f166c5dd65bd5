from sqlalchemy import Column, ForeignKey, Integer, String, asc, desc, func, select, text
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Album(Base):
    __tablename__ = "albums"
    id = Column(Integer, primary_key=True)
    title = Column(String(100))
    tracks = relationship("Track", order_by="Track.position.desc()")


class Track(Base):
    __tablename__ = "tracks"
    id = Column(Integer, primary_key=True)
    album_id = Column(Integer, ForeignKey("albums.id"))
    position = Column(Integer)


def albums(session, sort="title", descending=False):
    column = getattr(Album, sort)
    stmt = select(Album).order_by(column.desc() if descending else column)
    return session.execute(stmt).scalars().all()


def sizes(session):
    stmt = (
        select(Album.title, func.count(Track.id).label("n"))
        .join(Album.tracks)
        .group_by(Album.title)
        .order_by(desc("n"), "title")
    )
    return session.execute(stmt).all()


def raw(session, direction=None):
    order = desc if direction == "desc" else asc
    first = session.execute(select(Album.id).order_by(text("title desc"))).scalars().all()
    return first, session.query(Album).order_by(order("title")).all()

"""Collections, rooms and exhibitions of a museum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ForeignKey, String, create_engine, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    column_property,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
    selectin_polymorphic,
    selectinload,
    sessionmaker,
    with_polymorphic,
)

engine = create_engine("sqlite:///museum.db")
make_session = sessionmaker(engine)


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Room(Base):
    __tablename__ = "room"

    name: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))

    parent: Mapped[Room | None] = relationship(remote_side="Room.id", back_populates="children")
    children: Mapped[list[Room]] = relationship(back_populates="parent")
    items: Mapped[list[Item]] = relationship(back_populates="room")

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.name}" if self.parent else self.name  # undecided: lazy the parents may be among the rows

    def walk(self) -> Iterator[Room]:
        yield self
        for child in self.children:
            yield from child.walk()


class Artist(Base):
    __tablename__ = "artist"

    name: Mapped[str] = mapped_column(String(60))
    born: Mapped[int | None]
    died: Mapped[int | None]

    works: Mapped[list[Item]] = relationship(back_populates="artist")

    @hybrid_property
    def age(self) -> int:
        return self.died - self.born


class Item(Base):
    __tablename__ = "item"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}

    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(80))
    year: Mapped[int]
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("artist.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))

    artist: Mapped[Artist | None] = relationship(back_populates="works")
    room: Mapped[Room | None] = relationship(back_populates="items")
    shows: Mapped[list[Placement]] = relationship(back_populates="item")

    exhibitions: AssociationProxy[list[Exhibition]] = association_proxy("shows", "exhibition")

    @hybrid_property
    def old(self) -> bool:
        return self.year < 1900

    @property
    def caption(self) -> str:
        return f"{self.artist.name if self.artist else 'unknown'}: {self.title}, {self.year}"

    def describe(self) -> str:
        return self.title


class Painting(Item):
    __tablename__ = "painting"
    __mapper_args__ = {"polymorphic_identity": "painting"}

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    technique: Mapped[str] = mapped_column(String(30))

    def describe(self) -> str:
        return f"{self.title} ({self.technique})"


class Sculpture(Item):
    __tablename__ = "sculpture"
    __mapper_args__ = {"polymorphic_identity": "sculpture"}

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    weight: Mapped[int]

    def describe(self) -> str:
        return f"{self.title} ({self.weight} kg)"


class Exhibition(Base):
    __tablename__ = "exhibition"

    name: Mapped[str] = mapped_column(String(80))
    placements: Mapped[list[Placement]] = relationship(
        back_populates="exhibition", order_by="Placement.position", cascade="all, delete-orphan"
    )

    @property
    def titles(self) -> list[str]:
        return [placement.item.title for placement in self.placements]


class Placement(Base):
    __tablename__ = "placement"

    position: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    exhibition_id: Mapped[int] = mapped_column(ForeignKey("exhibition.id"))

    item: Mapped[Item] = relationship(back_populates="shows")
    exhibition: Mapped[Exhibition] = relationship(back_populates="placements")


Room.item_count = column_property(
    select(func.count(Item.id))
    .where(Item.room_id == Room.id)
    .correlate_except(Item)
    .scalar_subquery()
)


class Catalog:
    """What was looked up once is kept, without its session."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._artists: dict[int, Artist] = {}

    def room(self, name: str) -> Room:
        if name not in self._rooms:
            with make_session() as session:
                query = select(Room).where(Room.name == name).options(joinedload(Room.parent))
                self._rooms[name] = session.scalars(query).one()
        return self._rooms[name]

    def artist(self, id: int) -> Artist:
        try:
            return self._artists[id]
        except KeyError:
            with make_session() as session:
                artist = self._artists[id] = session.get_one(Artist, id)
            return artist

    def sign(self, name: str) -> str:
        room = self.room(name)
        return f"{room.name}: {room.item_count} items"

    def way(self, name: str) -> str:
        room = self.room(name)
        return f"{room.parent.name if room.parent else 'entry'} > {room.name}"

    def neighbours(self, name: str) -> list[str]:
        parent = self.room(name).parent
        return [room.name for room in parent.children] if parent else []

    def age(self, id: int) -> int:
        return self.artist(id).age

    def works(self, id: int) -> list[str]:
        return [work.title for work in self.artist(id).works]


catalog = Catalog()


def everything(session: Session) -> list[Item]:
    return list(session.scalars(select(Item).order_by(Item.year)))


def inventory() -> list[str]:
    with make_session() as session:
        return [item.describe() for item in everything(session)]


def inventory_full() -> list[str]:
    every = with_polymorphic(Item, "*")
    with make_session() as session:
        return [item.describe() for item in session.scalars(select(every))]


def heaviest() -> int:
    with make_session() as session:
        return max(item.weight for item in everything(session) if isinstance(item, Sculpture))


def heaviest_loaded() -> int:
    query = select(Item).options(selectin_polymorphic(Item, [Sculpture]))
    with make_session() as session:
        found = session.scalars(query)
        return max(item.weight for item in found if isinstance(item, Sculpture))


def techniques() -> set[str]:
    with make_session() as session:
        return {painting.technique for painting in session.scalars(select(Painting))}


def captions() -> dict[str, str]:
    with make_session() as session:
        return {item.title: item.caption for item in everything(session) if item.old}


def captions_full() -> dict[str, str]:
    query = select(Item).where(Item.old).options(joinedload(Item.artist))
    with make_session() as session:
        return {item.title: item.caption for item in session.scalars(query)}


def by_room(items: Iterable[Item]) -> dict[str, list[str]]:
    rooms: dict[str, list[str]] = {}
    for item in items:
        if item.room is not None:
            rooms.setdefault(item.room.name, []).append(item.title)
    return rooms


def plan() -> dict[str, list[str]]:
    with make_session() as session:
        return by_room(everything(session))


def plan_full() -> dict[str, list[str]]:
    with make_session() as session:
        items = session.scalars(select(Item).options(selectinload(Item.room))).all()
    return by_room(items)


def tree(root: str) -> list[str]:
    with make_session() as session:
        top = session.scalars(select(Room).where(Room.name == root)).one()
        return [room.name for room in top.walk()]


def floors(root: str) -> list[str]:
    children = selectinload(Room.children, recursion_depth=1).options(raiseload(Room.items))
    with make_session() as session:
        top = session.scalars(select(Room).where(Room.name == root).options(children)).one()
    return [floor.name for floor in top.children]


def paths() -> list[str]:
    with make_session() as session:
        leaves = session.scalars(select(Room).where(~Room.children.any())).all()
        return [leaf.path for leaf in leaves]  # undecided: lazy the parents may be among the rows


def programme() -> dict[str, list[str]]:
    with make_session() as session:
        return {show.name: show.titles for show in session.scalars(select(Exhibition))}


def programme_full() -> dict[str, list[str]]:
    titles = selectinload(Exhibition.placements).joinedload(Placement.item)
    with make_session() as session:
        shows = session.scalars(select(Exhibition).options(titles)).all()
    return {show.name: show.titles for show in shows}


def shown(item_id: int) -> list[str]:
    with make_session() as session:
        item = session.get_one(Item, item_id)
        return [show.name for show in item.exhibitions]


def shown_late(item_id: int) -> int:
    with make_session() as session:
        item = session.get_one(Item, item_id, options=[selectinload(Item.shows)])
    return len(item.exhibitions)


def hang(name: str, item_ids: list[int]) -> Exhibition:
    with make_session.begin() as session:
        show = Exhibition(name=name)
        for position, item_id in enumerate(item_ids):
            show.placements.append(Placement(position=position, item_id=item_id))
        session.add(show)
    return show


def hang_and_tell(name: str, item_ids: list[int]) -> str:
    return f"{hang(name, item_ids).name} is open"


def hang_and_count(name: str, item_ids: list[int]) -> str:
    hang(name, item_ids)
    return f"{name} is open, with {len(item_ids)} items"


def swap(first_id: int, second_id: int) -> list[str]:
    with make_session() as session:
        query = select(Item).where(Item.id.in_([first_id, second_id]))
        first, second = session.scalars(query.options(joinedload(Item.room))).all()
        first.room, second.room = second.room, first.room
        titles = [first.title, second.title]
        session.commit()
    return titles

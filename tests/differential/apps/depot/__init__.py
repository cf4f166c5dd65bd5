"""A depot: places in places, items of several kinds, how much of which lies where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, Text, create_engine, event, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, WriteOnlyMapped, joinedload, mapped_column
from sqlalchemy.orm import relationship, selectin_polymorphic, selectinload, sessionmaker, undefer

engine = create_engine("sqlite:///depot.db")
audit_engine = create_engine("sqlite:///audit.db")
Depot = sessionmaker(engine)
Audit = sessionmaker(audit_engine, expire_on_commit=False)
changes: list[str] = []


class Base(DeclarativeBase):
    pass


class Place(Base):
    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))

    parent: Mapped[Place | None] = relationship(back_populates="children", remote_side=[id])
    children: Mapped[list[Place]] = relationship(back_populates="parent")
    entries: Mapped[list[Entry]] = relationship(back_populates="place")
    items: AssociationProxy[list[Item]] = association_proxy("entries", "item")
    movements: WriteOnlyMapped[Movement] = relationship(order_by="Movement.id")

    @property
    def path(self) -> str:
        names, place = [self.name], self
        while place.parent_id is not None:
            place = place.parent  # missed: lazy a loop that climbs
            names.append(place.name)
        return "/".join(reversed(names))


class Movement(Base):
    __tablename__ = "movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    text: Mapped[str] = mapped_column(String(80))


class Supplier(Base):
    __tablename__ = "suppliers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    items: Mapped[list[Item]] = relationship(back_populates="supplier")


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    weight: Mapped[int] = mapped_column(default=1)
    manual: Mapped[str] = mapped_column(Text, default="", deferred=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id"))

    supplier: Mapped[Supplier] = relationship(back_populates="items")
    entries: Mapped[list[Entry]] = relationship(back_populates="item")

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}

    @hybrid_property
    def total(self) -> int:
        return sum(entry.quantity for entry in self.entries)

    @total.inplace.expression
    @classmethod
    def _total(cls):
        stmt = select(func.coalesce(func.sum(Entry.quantity), 0)).where(Entry.item_id == cls.id)
        return stmt.scalar_subquery()


class Tool(Item):
    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    voltage: Mapped[int] = mapped_column(default=230)
    __mapper_args__ = {"polymorphic_identity": "tool"}


class Consumable(Item):
    __tablename__ = "consumables"

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    shelf_days: Mapped[int] = mapped_column(default=90)
    __mapper_args__ = {"polymorphic_identity": "consumable", "polymorphic_load": "inline"}


class Entry(Base):
    __tablename__ = "entries"

    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(default=0)

    place: Mapped[Place] = relationship(back_populates="entries")
    item: Mapped[Item] = relationship(back_populates="entries")


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


@event.listens_for(Entry.quantity, "set")
def note_change(entry: Entry, value: int, old: int, initiator: object) -> None:
    if entry.place is not None:
        changes.append(f"{entry.place.name}: {value}")


@dataclass
class Row:
    name: str
    amount: int


def voltages() -> list[int]:
    with Depot() as db:
        return [item.voltage for item in db.scalars(select(Item)) if isinstance(item, Tool)]


def voltages_with_kinds() -> list[int]:
    with Depot() as db:
        items = db.scalars(select(Item).options(selectin_polymorphic(Item, [Tool])))
        return [item.voltage for item in items if isinstance(item, Tool)]


def shelf_days() -> int:
    with Depot() as db:
        return sum(i.shelf_days for i in db.scalars(select(Item)) if isinstance(i, Consumable))


def manuals() -> dict[str, str]:
    with Depot() as db:
        return {item.name: item.manual for item in db.scalars(select(Tool))}


def manuals_loaded() -> dict[str, str]:
    with Depot() as db:
        stmt = select(Tool).options(undefer(Tool.manual))
        return {item.name: item.manual for item in db.scalars(stmt)}


def _walk(place: Place, depth: int = 0) -> Iterator[str]:
    yield "  " * depth + place.name
    for child in place.children:
        yield from _walk(child, depth + 1)


def _count(place: Place) -> int:
    return 1 + sum(_count(child) for child in place.children)


def tree() -> str:
    with Depot() as db:
        root = db.scalars(select(Place).where(Place.parent_id.is_(None))).one()
        return "\n".join(_walk(root))


def tree_size() -> int:
    with Depot() as db:
        stmt = select(Place).where(Place.parent_id.is_(None))
        whole = selectinload(Place.children, recursion_depth=-1)
        return _count(db.scalars(stmt.options(whole)).one())


def path(id: int) -> str:
    with Depot() as db:
        return db.get_one(Place, id).path


def stock(id: int) -> list[Row]:
    with Depot() as db:
        place = db.get_one(Place, id)
        return [Row(entry.item.name, entry.quantity) for entry in place.entries]


def stock_loaded(id: int) -> list[Row]:
    with Depot() as db:
        full = selectinload(Place.entries).joinedload(Entry.item)
        place = db.get_one(Place, id, options=[full])
    return [Row(entry.item.name, entry.quantity) for entry in place.entries]


def contents(id: int) -> list[str]:
    with Depot() as db:
        return sorted(item.name for item in db.get_one(Place, id).items)


def quantities(id: int) -> int:
    with Depot() as db:
        return sum(entry.quantity for entry in db.get_one(Place, id).entries)


def totals() -> dict[str, int]:
    found = {}
    with Depot() as db:
        for item in db.scalars(select(Item)).all():
            found[item.name] = item.total
    return found


def totals_asked() -> dict[str, int]:
    with Depot() as db:
        return dict(db.execute(select(Item.name, Item.total)).all())


def last_movements() -> list[str]:
    found = []
    with Depot() as db:
        for place in db.scalars(select(Place)).all():
            last = db.scalars(place.movements.select().limit(1)).first()  # missed: select statements of a write-only collection are not followed
            found.append(last.text if last else "")
    return found


def clear() -> None:
    with Depot() as db:
        for entry in db.scalars(select(Entry)).all():
            entry.quantity = 0  # missed: lazy listeners of attribute events are not followed
        db.rollback()


def fill_up() -> None:
    with Depot() as db:
        for row in db.scalars(select(Entry).options(joinedload(Entry.place))).all():
            row.quantity = 9
        db.rollback()


def suppliers() -> list[str]:
    lines = []
    with Depot() as db:
        for supplier in db.scalars(select(Supplier)).all():
            for item in supplier.items:
                lines.append(f"{item.name} from {item.supplier.name}")
    return lines


def audit_weight(id: int) -> str:
    with Depot() as db:
        item = db.get_one(Item, id)
        item.weight += 1
        db.commit()
    with Audit() as audit:
        note = Note(text=f"{item.name} weighs {item.weight}")
        audit.add(note)
        audit.commit()
    return note.text


def audit_supplier(id: int) -> str:
    with Depot() as db:
        item = db.get_one(Item, id)
    with Audit() as audit:
        note = Note(text=f"{item.name} by {item.supplier.name}")
        audit.add(note)
        audit.commit()
    return note.text


def audit_both(id: int) -> str:
    with Depot() as db, Audit() as audit:
        item = db.get_one(Item, id)
        note = Note(text=f"{item.name} by {item.supplier.name}")
        audit.add(note)
        audit.commit()
    return note.text


def audit_merged(id: int) -> str:
    with Depot() as db:
        item = db.get_one(Item, id)
    with Audit() as audit:
        copy = audit.merge(item)
        return f"{copy.name} by {copy.supplier.name}"


def tools() -> Iterator[Tool]:
    with Depot() as db:
        yield from db.scalars(select(Tool).order_by(Tool.id))


def first_tool() -> str:
    with closing(tools()) as found:
        tool = next(found)
    return f"{tool.name} {len(tool.entries)}"  # missed: detached a generator that is closed


def first_tool_inside() -> str:
    with closing(tools()) as found:
        tool = next(found)
        return f"{tool.name} {len(tool.entries)}"


def inventory() -> list[str]:
    with Depot() as db:
        items = db.scalars(select(Item).options(joinedload(Item.supplier))).all()
        db.expunge_all()
        return [f"{item.name} {item.supplier.name}" for item in items]


def reweigh(ids: list[int]) -> int:
    with Depot() as db:
        items = db.scalars(select(Item).where(Item.id.in_(ids))).all()
        db.expire_all()
        return sum(item.weight for item in items)  # missed: lazy `expire_all()` is there to load again

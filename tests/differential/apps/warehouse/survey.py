from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload, selectinload

from warehouse.entities import Box, Hall, Session, Shelf


@dataclass
class ShelfInfo:
    code: str
    hall: str

    @classmethod
    def of(cls, shelf: Shelf) -> "ShelfInfo":
        return cls(code=shelf.code, hall=shelf.hall.name)


class Load(NamedTuple):
    shelf: Shelf
    weight: int


def infos(session: DbSession) -> list[ShelfInfo]:
    return [ShelfInfo.of(shelf) for shelf in session.scalars(select(Shelf))]


def infos_joined(session: DbSession) -> list[ShelfInfo]:
    stmt = select(Shelf).options(joinedload(Shelf.hall))
    return [ShelfInfo.of(shelf) for shelf in session.scalars(stmt)]


def by_code(session: DbSession) -> dict[str, Shelf]:
    return {shelf.code: shelf for shelf in session.scalars(select(Shelf))}


def weights(session: DbSession) -> dict[str, int]:
    shelves = by_code(session)
    return {code: sum(box.weight for box in shelf.boxes) for code, shelf in shelves.items()}


def one_weight(session: DbSession, code: str) -> int:
    shelves = by_code(session)
    return sum(box.weight for box in shelves[code].boxes)


def halls_of(session: DbSession) -> list[str]:
    found = []
    for shelf in by_code(session).values():
        found.append(shelf.hall.name)
    return found


def by_hall(session: DbSession) -> dict[int, list[Shelf]]:
    groups = defaultdict(list)
    for shelf in session.scalars(select(Shelf)):
        groups[shelf.hall_id].append(shelf)
    return groups


def boxes_by_hall(session: DbSession) -> dict[int, int]:
    return {
        hall_id: sum(len(shelf.boxes) for shelf in shelves)
        for hall_id, shelves in by_hall(session).items()
    }


def loads(session: DbSession) -> list[tuple[Shelf, int]]:
    stmt = select(Shelf, func.sum(Box.weight)).join(Box).group_by(Shelf.id)
    return [(shelf, weight) for shelf, weight in session.execute(stmt)]


def loaded_halls(session: DbSession) -> list[str]:
    return [f"{shelf.hall.name}: {weight}" for shelf, weight in loads(session)]


def named_loads(session: DbSession) -> list[Load]:
    stmt = select(Shelf, func.sum(Box.weight)).join(Box).group_by(Shelf.id)
    return [Load(shelf, weight) for shelf, weight in session.execute(stmt)]


def named_halls(session: DbSession) -> list[str]:
    return [load.shelf.hall.name for load in named_loads(session)]


def row_halls(session: DbSession) -> list[str]:
    stmt = select(Shelf, func.count(Box.id).label("boxes")).join(Box).group_by(Shelf.id)
    names = []
    for row in session.execute(stmt):
        names.append(f"{row.Shelf.hall.name}: {row.boxes}")
    return names


def walk(session: DbSession) -> Iterator[Shelf]:
    for hall in session.scalars(select(Hall).options(selectinload(Hall.shelves))):
        yield from hall.shelves


def walk_boxes(session: DbSession) -> Iterator[Box]:
    for shelf in walk(session):
        yield from shelf.boxes


def total(session: DbSession) -> int:
    return sum(box.weight for box in walk_boxes(session))


def every_box(session: DbSession) -> Iterator[Box]:
    yield from session.scalars(select(Box).order_by(Box.id))


def codes_of_boxes(session: DbSession) -> list[str]:
    return [box.shelf.code for box in every_box(session)]


def load_hall(hall_id: int) -> tuple[Hall, list[Shelf]]:
    with Session() as session:
        hall = session.get(Hall, hall_id, options=[selectinload(Hall.shelves)])
        assert hall is not None
        return hall, hall.shelves


def codes(hall_id: int) -> list[str]:
    hall, shelves = load_hall(hall_id)
    return [f"{hall.name}-{shelf.code}" for shelf in shelves]


def heaviest(hall_id: int) -> int:
    hall, shelves = load_hall(hall_id)
    return max(box.weight for shelf in shelves for box in shelf.boxes)


def pair() -> tuple[Shelf | None, Shelf | None]:
    with Session() as session:
        shelves = session.scalars(select(Shelf).order_by(Shelf.id).limit(2)).all()
        return shelves[0], shelves[-1]


def first_hall() -> str:
    first, last = pair()
    assert first is not None
    return first.hall.name


def snapshot() -> dict[str, Box]:
    with Session() as session:
        stmt = select(Box).options(joinedload(Box.shelf))
        return {box.shelf.code: box for box in session.scalars(stmt)}


def weight_on(code: str) -> int:
    return snapshot()[code].weight


def shelf_on(code: str) -> str:
    return snapshot()[code].shelf.code


def hall_on(code: str) -> str:
    return snapshot()[code].shelf.hall.name


def grouped(session: DbSession) -> dict[str, int]:
    boxes = session.scalars(select(Box).order_by(Box.shelf_id)).all()
    result = {}
    for shelf, group in groupby(boxes, key=lambda box: box.shelf):
        result[shelf.code] = len(list(group))
    return result


def pairs(session: DbSession) -> list[str]:
    shelves = session.scalars(select(Shelf).order_by(Shelf.id)).all()
    return [f"{a.code}-{b.hall.name}" for a, b in zip(shelves, shelves[1:])]


def numbered(session: DbSession) -> list[str]:
    lines = []
    for number, shelf in enumerate(session.scalars(select(Shelf).order_by(Shelf.id)), 1):
        lines.append(f"{number}. {shelf.hall.name}")
    return lines


def mapped(session: DbSession) -> list[int]:
    return list(map(lambda shelf: len(shelf.boxes), session.scalars(select(Shelf)).all()))


def empty_shelves(session: DbSession) -> list[str]:
    shelves = session.scalars(select(Shelf)).all()
    return [shelf.code for shelf in filter(lambda shelf: not shelf.boxes, shelves)]


def fullest(session: DbSession) -> str:
    return max(session.scalars(select(Shelf)).all(), key=lambda shelf: len(shelf.boxes)).code

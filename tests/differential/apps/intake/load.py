from collections.abc import Iterable, Iterator

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from intake.store import Item, Supplier, engine, make_session

Row = dict[str, object]


def load_rows(rows: list[Row]) -> None:
    with engine.begin() as conn:
        for row in rows:
            conn.execute(insert(Item).values(**row))


def load_rows_at_once(rows: list[Row]) -> None:
    with engine.begin() as conn:
        conn.execute(insert(Item), rows)


def find_or_create(session: Session, name: str) -> Supplier:
    supplier = session.scalars(select(Supplier).where(Supplier.name == name)).one_or_none()
    if supplier is None:
        supplier = Supplier(name=name)
        session.add(supplier)
        session.flush()
    return supplier


def load_items(rows: list[tuple[str, str]]) -> None:
    with make_session() as session:
        for sku, name in rows:
            supplier = find_or_create(session, name)
            session.add(Item(sku=sku, supplier_id=supplier.id))
        session.commit()


def load_items_cached(rows: list[tuple[str, str]]) -> None:
    with make_session() as session:
        suppliers = {s.name: s for s in session.scalars(select(Supplier))}
        for sku, name in rows:
            supplier = suppliers.get(name)
            if supplier is None:
                supplier = suppliers[name] = Supplier(name=name)
            session.add(Item(sku=sku, supplier=supplier))
        session.commit()


def stocks(skus: Iterable[str]) -> dict[str, int]:
    found = {}
    with make_session() as session:
        for sku in skus:
            item = session.execute(select(Item).where(Item.sku == sku)).scalar_one()
            found[sku] = item.stock
    return found


def stocks_at_once(skus: list[str]) -> dict[str, int]:
    with make_session() as session:
        items = session.scalars(select(Item).where(Item.sku.in_(skus)))
        return {item.sku: item.stock for item in items}


def recount(counted: dict[int, int]) -> None:
    with make_session() as session:
        for item_id, stock in counted.items():
            session.execute(update(Item).where(Item.id == item_id).values(stock=stock))
        session.commit()


def recount_commits(counted: dict[int, int]) -> list[int]:
    with make_session() as session:
        items = session.scalars(select(Item).order_by(Item.id)).all()
        seen = []
        for item in items:
            if item.id in counted:
                item.stock = counted[item.id]
                session.commit()
            seen.append(item.stock)
        return seen


def recount_objects(counted: dict[int, int]) -> int:
    with make_session() as session:
        items = session.scalars(select(Item)).all()
        for item in items:
            item.stock = counted.get(item.id, item.stock)
        session.commit()
        return sum(item.stock for item in items)


def suppliers_of(session: Session, items: list[Item]) -> list[str]:
    return [item.supplier.name for item in items]


def low_stock() -> list[str]:
    with make_session() as session:
        items = list(session.scalars(select(Item).where(Item.stock < 5)))
        return suppliers_of(session, items)


def batches(session: Session, size: int) -> Iterator[list[Item]]:
    last = 0
    while True:
        stmt = select(Item).where(Item.id > last).order_by(Item.id).limit(size)
        found = list(session.scalars(stmt))  # undecided: select one batch after the other is meant
        if not found:
            return
        yield found
        last = found[-1].id


def export() -> list[str]:
    lines = []
    with make_session() as session:
        for batch in batches(session, 2):
            for item in batch:
                lines.append(f"{item.sku},{item.supplier.name}")
    return lines


def drop_all_items() -> int:
    with make_session() as session:
        items = session.scalars(select(Item)).all()
        for item in items:
            session.delete(item)
        session.commit()
        return len(items)


def drop_all_items_at_once() -> None:
    with make_session.begin() as session:
        session.execute(delete(Item))

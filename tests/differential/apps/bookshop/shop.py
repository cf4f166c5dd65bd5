from datetime import date

from sqlalchemy import select, update

from .db import SessionLocal
from .models import Book, Customer, Line, Order
from .repositories import OrderRepository


def place(customer_id: int, book_ids: list[int]) -> int:
    with SessionLocal() as session:
        order = Order(customer_id=customer_id, placed=date(2024, 5, 1))
        for book_id in book_ids:
            order.lines.append(Line(book_id=book_id))
        session.add(order)
        session.commit()
        return order.id


def place_and_return(customer_id: int) -> Order:
    with SessionLocal() as session:
        order = Order(customer_id=customer_id, placed=date(2024, 5, 1))
        session.add(order)
        session.commit()
        return order


def confirmation(customer_id: int) -> str:
    order = place_and_return(customer_id)
    return f"Order {order.id} is placed"


def find_order(order_id: int) -> Order | None:
    with SessionLocal() as session:
        return OrderRepository(session).get(order_id)


def show(order_id: int) -> str:
    order = find_order(order_id)
    if order is None:
        return "unknown"
    return f"{order.id}: {len(order.lines)} lines"


def show_date(order_id: int) -> str:
    order = find_order(order_id)
    return str(order.placed) if order else "never"


def show_complete() -> list[str]:
    with SessionLocal() as session:
        orders = OrderRepository(session).complete()
    return [f"{order.customer.name}: {order.total}" for order in orders]


def show_publishers() -> list[str]:
    with SessionLocal() as session:
        orders = OrderRepository(session).with_lines()
    found = []
    for order in orders:
        for line in order.lines:
            found.append(line.book.title)
    return found


def city_of(customer_id: int) -> str:
    with SessionLocal() as session:
        customer = session.get(Customer, customer_id)
    return customer.address.city


def raise_prices(percent: int) -> list[str]:
    with SessionLocal() as session:
        books = session.scalars(select(Book)).all()
        for book in books:
            book.price = book.price + book.price * percent // 100
        session.commit()
        return [book.title for book in books]


def raise_prices_at_once(percent: int) -> None:
    with SessionLocal.begin() as session:
        session.execute(update(Book).values(price=Book.price + percent))


def rename(customer_id: int, name: str) -> str:
    with SessionLocal.begin() as session:
        customer = session.get_one(Customer, customer_id)
        customer.name = name
    return customer.name


def rename_kept(customer_id: int, name: str) -> str:
    with SessionLocal(expire_on_commit=False) as session:
        customer = session.get_one(Customer, customer_id)
        customer.name = name
        session.commit()
    return customer.name

import csv
import io
from collections import defaultdict
from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from .models import Book, Customer, Line, Order, Publisher
from .repositories import BookRepository, OrderRepository


def order_totals(session: Session) -> dict[int, int]:
    totals = {}
    for order in OrderRepository(session).recent():
        totals[order.id] = order.total
    return totals


def order_cities(session: Session) -> list[str]:
    orders = session.scalars(select(Order).options(joinedload(Order.customer))).all()
    return [order.customer.address.city for order in orders]


def sold_titles(session: Session) -> set[str]:
    titles = set()
    for order in OrderRepository(session).with_lines():
        for line in order.lines:
            titles.add(line.book.title)
    return titles


def sold_publishers(session: Session) -> set[str]:
    names = set()
    for order in OrderRepository(session).complete():
        for line in order.lines:
            names.add(line.book.publisher.name)
    return names


def invoice(session: Session, order_id: int) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    order = session.get(Order, order_id)
    if order is None:
        return ""
    writer.writerow(["Customer", order.customer.name])
    for line in order.lines:
        writer.writerow([line.book.title, line.quantity])
    return out.getvalue()


def invoice_eager(session: Session, order_id: int) -> list[tuple[str, int]]:
    order = session.get(
        Order, order_id, options=[selectinload(Order.lines).joinedload(Line.book)]
    )
    assert order is not None
    return [(line.book.title, line.quantity) for line in order.lines]


def dump_orders(session: Session) -> list[dict]:
    orders = OrderRepository(session).complete()
    return [order.to_dict() for order in orders]


def dump_recent(session: Session) -> list[dict]:
    return [order.to_dict() for order in OrderRepository(session).recent()]


def by_customer_name(session: Session) -> list[int]:
    orders = list(session.scalars(select(Order)))
    orders.sort(key=lambda order: order.customer.name)
    return [order.id for order in orders]


def customers_sorted(session: Session) -> list[str]:
    customers = session.scalars(select(Customer)).all()
    return [c.name for c in sorted(customers, key=attrgetter("name"))]


def labels(session: Session) -> list[str]:
    return [customer.label for customer in session.scalars(select(Customer)).all()]


def labels_joined(session: Session) -> list[str]:
    stmt = select(Customer).options(joinedload(Customer.address))
    return [customer.label for customer in session.scalars(stmt).all()]


def word_index(session: Session) -> dict[str, list[str]]:
    index = defaultdict(list)
    for book in BookRepository(session).all():
        for tag in book.tags:
            index[tag.word].append(book.title)
    return index


def catalogue(session: Session) -> list[str]:
    rows = []
    for publisher in BookRepository(session).publishers():
        rows.append(publisher.name)
        rows.extend(f"  {book.title}" for book in publisher.books)
    return rows


def big_spenders(session: Session, minimum: int) -> list[Customer]:
    customers = session.scalars(select(Customer)).all()
    return [c for c in customers if sum(order.total for order in c.orders) >= minimum]


def order_counts(session: Session) -> dict[str, int]:
    stmt = (
        select(Customer.name, func.count(Order.id))
        .join(Order, Order.customer_id == Customer.id)
        .group_by(Customer.name)
    )
    return {name: count for name, count in session.execute(stmt)}


def cheap_books(session: Session) -> list[str]:
    stmt = (
        select(Book)
        .join(Book.publisher)
        .options(contains_eager(Book.publisher))
        .where(Book.price < 1000)
    )
    return [f"{book.title}, {book.publisher.name}" for book in session.scalars(stmt)]


def first_book_of_each(session: Session) -> list[str]:
    firsts = []
    for publisher in session.scalars(select(Publisher).order_by(Publisher.id)).all():
        books = publisher.books
        if books:
            firsts.append(books[0].title)
    return firsts


def any_foreign(session: Session) -> bool:
    orders = session.scalars(select(Order).order_by(Order.id)).all()
    return any(order.customer.name.startswith("Z") for order in orders)


def books_and_publishers(session: Session) -> list[str]:
    publishers = {p.id: p for p in session.scalars(select(Publisher))}
    books = session.scalars(select(Book)).all()
    assert publishers
    return [f"{book.title}: {book.publisher.name}" for book in books]

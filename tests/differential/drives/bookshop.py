from datetime import date

from bookshop import reports, shop
from bookshop.db import Base, SessionLocal
from bookshop.models import Address, Book, Customer, Line, Order, Publisher, Tag

BASE = Base
VERSIONS = ("2.0", "2.1")


def fill(session):
    publishers = [Publisher(name=n) for n in "AB"]
    tags = [Tag(word="new"), Tag(word="old")]
    books = [Book(title=f"t{i}", price=100 * i, publisher=publishers[i % 2], tags=tags) for i in range(4)]
    for i in range(3):
        customer = Customer(name=f"c{i}", address=Address(city=f"x{i}"))
        for k in range(2):
            order = Order(placed=date(2024, 1, i + 1), customer=customer)
            order.lines = [Line(book=books[i]), Line(book=books[k + 1])]
            session.add(order)


def within(function, *args):
    def step():
        with SessionLocal() as session:
            function(session, *args)

    return step


STEPS = [
    within(reports.order_totals),
    within(reports.order_cities),
    within(reports.sold_titles),
    within(reports.sold_publishers),
    within(reports.invoice, 1),
    within(reports.invoice_eager, 1),
    within(reports.dump_orders),
    within(reports.dump_recent),
    within(reports.by_customer_name),
    within(reports.customers_sorted),
    within(reports.labels),
    within(reports.labels_joined),
    within(reports.word_index),
    within(reports.catalogue),
    within(reports.big_spenders, 100),
    within(reports.order_counts),
    within(reports.cheap_books),
    within(reports.first_book_of_each),
    within(reports.any_foreign),
    within(reports.books_and_publishers),
    lambda: shop.place(1, [1, 2]),
    lambda: shop.confirmation(1),
    lambda: shop.show(1),
    lambda: shop.show_date(1),
    shop.show_complete,
    shop.show_publishers,
    lambda: shop.city_of(1),
    lambda: shop.raise_prices(3),
    lambda: shop.raise_prices_at_once(3),
    lambda: shop.rename(1, "new"),
    lambda: shop.rename_kept(1, "newer"),
]

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from .models import Book, Customer, Line, Order, Publisher


class OrderRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, order_id: int) -> Order | None:
        return self.session.get(Order, order_id)

    def recent(self) -> Sequence[Order]:
        stmt = select(Order).order_by(Order.placed.desc()).limit(50)
        return self.session.scalars(stmt).all()

    def complete(self) -> list[Order]:
        stmt = (
            select(Order)
            .options(
                joinedload(Order.customer).joinedload(Customer.address),
                selectinload(Order.lines).joinedload(Line.book).joinedload(Book.publisher),
            )
            .order_by(Order.id)
        )
        return list(self.session.scalars(stmt))

    def with_lines(self) -> list[Order]:
        stmt = select(Order).options(selectinload(Order.lines)).order_by(Order.id)
        return list(self.session.execute(stmt).scalars())


class BookRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Book]:
        return list(self._session.scalars(select(Book).order_by(Book.title)))

    def publishers(self) -> list[Publisher]:
        query = select(Publisher).order_by(Publisher.name)
        return list(self._session.scalars(query).all())

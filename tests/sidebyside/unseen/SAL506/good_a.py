import datetime as dt
from typing import Optional

from sqlalchemy import Select, String, case, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Offer(Base):
    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    shop: Mapped[str] = mapped_column(String(40), index=True)
    title: Mapped[str] = mapped_column(String(120))
    price: Mapped[int]
    featured: Mapped[bool] = mapped_column(default=False)
    until: Mapped[Optional[dt.date]]


class OfferQuery:
    def __init__(self, session: Session, base: Optional[Select] = None):
        self.session = session
        self.base = base if base is not None else select(Offer)
        self.criteria: list = []

    def cheaper_than(self, price: Optional[int]) -> "OfferQuery":
        if price:
            self.criteria.append(Offer.price < price)
        return self

    def valid_on(self, day: Optional[dt.date]) -> "OfferQuery":
        criterion = None
        if day is not None:
            criterion = Offer.until.is_(None) | (Offer.until >= day)
        if criterion is not None:
            self.criteria.append(criterion)
        return self

    def all(self, by_price: bool = False) -> list[Offer]:
        stmt = self.base
        if self.criteria:
            stmt = stmt.where(*self.criteria)
        rank = case((Offer.featured, 0), else_=1)
        order = Offer.price if by_price else Offer.title
        return list(self.session.scalars(stmt.order_by(rank, order, Offer.id)))


def label(offer: Offer) -> str:
    mark = "*" if offer.featured == True else " "  # noqa: E712
    assert offer.price >= 0
    return f"{mark} {offer.title} {'sale' if offer.price < 500 else ''}".rstrip()

from decimal import Decimal

from sqlalchemy import Boolean, Column, Integer, Numeric, String, case, select, true
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    on_sale = Column(Boolean, default=False)
    price = Column(Numeric(10, 2), nullable=False)
    sale_price = Column(Numeric(10, 2))

    @hybrid_property
    def effective(self):
        return self.sale_price if self.on_sale and self.sale_price else self.price

    @effective.expression
    def effective(cls):
        return case((cls.on_sale, cls.sale_price), else_=cls.price)


def cheapest(session, maximum=None, sale_only=None):
    stmt = select(Item).where(
        Item.effective <= maximum if maximum else true(),
        Item.on_sale if sale_only else true(),
    )
    items = session.execute(stmt.order_by(Item.effective)).scalars().all()
    first = items[0] if items else None
    if first and first.on_sale:
        assert first.effective == first.sale_price or first.sale_price is None
    return first.effective if first else Decimal(0)

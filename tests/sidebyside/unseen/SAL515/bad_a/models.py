# target: 1.4
from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Stamped:
    created_on = Column(Date, nullable=False)
    updated_on = Column(Date)


class Supplier(Stamped, Base):
    __tablename__ = "suppliers"

    id = Column(Integer, primary_key=True)
    name = Column(String(120), nullable=False)
    vat_number = Column(String(20), unique=True)
    blocked = Column(Boolean, nullable=False, default=False)
    bills = relationship("Bill", back_populates="supplier")


class Bill(Stamped, Base):
    __tablename__ = "bills"

    id = Column(Integer, primary_key=True)
    supplier_id = Column(ForeignKey("suppliers.id"), nullable=False)
    number = Column(String(40), nullable=False)
    amount = Column(Numeric(10, 2), nullable=False)
    due_on = Column(Date, nullable=False)
    paid_on = Column(Date)
    supplier = relationship("Supplier", back_populates="bills")

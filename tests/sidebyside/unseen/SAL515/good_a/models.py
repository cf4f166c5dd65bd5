# target: 1.4
from sqlalchemy import Column, Date, ForeignKey, Integer, Numeric, String, func, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import column_property, declarative_base, relationship, synonym

Base = declarative_base()


class Stamped:
    created_on = Column(Date, nullable=False)
    updated_on = Column(Date)


class Contract(Stamped, Base):
    __tablename__ = "contracts"

    id = Column(Integer, primary_key=True)
    number = Column(String(40), nullable=False, unique=True)
    party = Column("counterparty", String(120), nullable=False)
    ended_on = Column(Date)
    partner = synonym("party")

    @hybrid_property
    def open(self):
        return self.ended_on == None  # noqa: E711


class Payment(Stamped, Base):
    __tablename__ = "payments"

    id = Column(Integer, primary_key=True)
    contract_id = Column(ForeignKey("contracts.id"), nullable=False)
    amount = Column(Numeric(10, 2), nullable=False)
    contract = relationship("Contract", backref="payments")


Contract.paid = column_property(
    select(func.coalesce(func.sum(Payment.amount), 0))
    .where(Payment.contract_id == Contract.id)
    .correlate(Contract.__table__)
    .scalar_subquery()
)

# target: 1.4
from sqlalchemy import update
from sqlalchemy.orm import configure_mappers, selectinload

from .models import Contract, Payment

configure_mappers()


class Contracts:
    def __init__(self, session):
        self.session = session

    def of_partner(self, partner):
        return (
            self.session.query(Contract)
            .options(selectinload(Contract.payments))
            .filter_by(partner=partner, open=True)
            .order_by(Contract.created_on, Contract.id)
            .all()
        )

    def unpaid(self):
        query = self.session.query(Contract).filter(Contract.paid == 0)
        return [contract.number for contract in query.order_by(Contract.number)]

    def rename(self, number, party):
        stmt = update(Contract).where(Contract.number == number)
        self.session.execute(stmt.values(party=party))
        self.session.commit()

    def pay(self, contract, amount, today):
        payment = Payment(contract=contract, amount=amount, created_on=today)
        self.session.add(payment)
        self.session.commit()
        return len(contract.payments)

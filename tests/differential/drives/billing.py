from decimal import Decimal

import billing
from billing import Base, Customer, Invoice, Line, Payment, engine, scope

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    session.add(Customer(name="nobody"))
    for i in range(3):
        customer = Customer(name=f"c{i}")
        invoice = Invoice(number=f"n{i}", customer=customer)
        invoice.lines = [Line(text="work", price=Decimal(7)), Line(text="way", price=Decimal(3))]
        invoice.payments = [Payment(amount=Decimal(2))]
        session.add(invoice)


def request(handler, *args):
    async def step():
        async with scope() as db:
            await handler(*args, db)

    return step


def alone(handler, *args):
    return lambda: handler(*args)


STEPS = [
    request(billing.show, "n0"),
    request(billing.show_full, "n0"),
    request(billing.show_loaded, "n0"),
    alone(billing.remembered, "n0"),
    alone(billing.remembered_customer, "n0"),
    request(billing.reopen, "n0"),
    request(billing.reopen_with_total, "n1"),
    request(billing.reopen_awaited, "n1"),
    request(billing.send, "n1"),
    request(billing.send_quick, "n1"),
    request(billing.send_partly, "n1"),
    request(billing.register, "new"),
    request(billing.register_first, "newer"),
    request(billing.charge, "n2", Decimal(5)),
    request(billing.charge, "n2", Decimal(500)),
    request(billing.archived_terms, "n2"),
    request(billing.archived_lines, "n2"),
    request(billing.export),
    request(billing.export_loaded),
    request(billing.export_terms),
    request(billing.totals),
    request(billing.remind, ["n0", "n1", "n2"]),
    request(billing.remind_at_once, ["n0", "n1", "n2"]),
    request(billing.forget, "nobody"),
    request(billing.reset, "n0"),
    request(billing.reset_and_show, "n0"),
]

"""Invoices and payments, behind handlers that get what they need from generators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, Numeric, String, Text, event, func, select, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    undefer,
)

engine = create_async_engine("sqlite+aiosqlite:///billing.db")
SessionLocal = async_sessionmaker(engine, class_=AsyncSession)


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Customer(Base):
    __tablename__ = "customer"

    name: Mapped[str] = mapped_column(String(60))
    country: Mapped[str] = mapped_column(String(2), default="de")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    invoices: Mapped[list[Invoice]] = relationship(back_populates="customer")


class Invoice(Base):
    __tablename__ = "invoice"

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    terms: Mapped[str] = mapped_column(Text, default="30 days", deferred=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

    customer: Mapped[Customer] = relationship(back_populates="invoices")
    lines: Mapped[list[Line]] = relationship(back_populates="invoice")
    payments: Mapped[list[Payment]] = relationship(back_populates="invoice", lazy="selectin")

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.count for line in self.lines), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal(0))


class Line(Base):
    __tablename__ = "line"

    text: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    count: Mapped[int] = mapped_column(default=1)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    invoice: Mapped[Invoice] = relationship(back_populates="lines")


class Payment(Base):
    __tablename__ = "payment"

    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    invoice: Mapped[Invoice] = relationship(back_populates="payments")


@event.listens_for(Invoice, "before_insert")
def give_number(mapper, connection, invoice: Invoice) -> None:
    if not invoice.number:
        invoice.number = f"R-{invoice.customer_id}"


class CustomerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    created_at: datetime


class InvoiceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    number: str
    state: str
    paid: Decimal


class InvoiceFull(InvoiceOut):
    total: Decimal
    customer: CustomerOut


class Declined(Exception):
    pass


async def get_db() -> AsyncIterator[AsyncSession]:
    async with SessionLocal() as db:
        try:
            yield db
        except Exception:
            await db.rollback()
            raise


async def get_current(db: AsyncSession, number: str) -> AsyncIterator[Invoice]:
    yield (await db.scalars(select(Invoice).where(Invoice.number == number))).one()


scope = asynccontextmanager(get_db)
recent: dict[str, Invoice] = {}


async def remember(number: str) -> Invoice:
    if number not in recent:
        async with scope() as db:
            async for invoice in get_current(db, number):
                recent[number] = invoice
    return recent[number]


async def show(number: str, db: AsyncSession) -> InvoiceOut:
    async for invoice in get_current(db, number):
        return InvoiceOut.model_validate(invoice)


async def show_full(number: str, db: AsyncSession) -> InvoiceFull:
    query = select(Invoice).where(Invoice.number == number)
    invoice = (await db.scalars(query)).one()
    return InvoiceFull.model_validate(invoice)


async def show_loaded(number: str, db: AsyncSession) -> InvoiceFull:
    query = select(Invoice).where(Invoice.number == number)
    query = query.options(joinedload(Invoice.customer), selectinload(Invoice.lines))
    return InvoiceFull.model_validate((await db.scalars(query)).one())


async def remembered(number: str) -> str:
    invoice = await remember(number)
    return f"{invoice.number}: {invoice.paid}"


async def remembered_customer(number: str) -> str:
    invoice = await remember(number)
    return f"{invoice.number}: {invoice.customer.name}"


async def reopen(number: str, db: AsyncSession) -> str:
    invoice = await db.merge(await remember(number))
    invoice.state = "draft"
    await db.flush()
    return f"{invoice.number} {invoice.state}"


async def reopen_with_total(number: str, db: AsyncSession) -> Decimal:
    invoice = await db.merge(await remember(number), load=False)
    return invoice.total - invoice.paid


async def reopen_awaited(number: str, db: AsyncSession) -> Decimal:
    invoice = await db.merge(await remember(number), load=False)
    await invoice.awaitable_attrs.lines
    return invoice.total - invoice.paid


async def send(number: str, db: AsyncSession) -> InvoiceOut:
    invoice = (await db.scalars(select(Invoice).where(Invoice.number == number))).one()
    invoice.state = "sent"
    await db.commit()
    await db.refresh(invoice)
    return InvoiceOut.model_validate(invoice)


async def send_quick(number: str, db: AsyncSession) -> InvoiceOut:
    invoice = (await db.scalars(select(Invoice).where(Invoice.number == number))).one()
    invoice.state = "sent"
    await db.commit()
    return InvoiceOut.model_validate(invoice)


async def send_partly(number: str, db: AsyncSession) -> str:
    invoice = (await db.scalars(select(Invoice).where(Invoice.number == number))).one()
    invoice.state = "sent"
    await db.commit()
    await db.refresh(invoice, ["state"])
    state = invoice.state
    return f"{invoice.number} is {state}"


async def register(name: str, db: AsyncSession) -> CustomerOut:
    customer = Customer(name=name)
    db.add(customer)
    await db.flush()
    answer = CustomerOut.model_validate(customer)
    await db.commit()
    return answer


async def register_first(name: str, db: AsyncSession) -> str:
    customer = Customer(name=name)
    invoice = Invoice(customer=customer, lines=[Line(text="fee", price=Decimal(5))])
    db.add(invoice)
    await db.flush()
    return f"{invoice.number} for {invoice.customer.name}: {invoice.total}"


async def charge(number: str, amount: Decimal, db: AsyncSession) -> str:
    async for invoice in get_current(db, number):
        try:
            async with db.begin_nested():
                invoice.state = "paid"
                await db.flush()
                if amount > 100:
                    raise Declined(number)
        except Declined:
            return f"still {invoice.state}"
        return f"now {invoice.state}"


async def archive(number: str, db: AsyncSession) -> Invoice:
    query = select(Invoice).where(Invoice.number == number).options(undefer(Invoice.terms))
    invoice = (await db.scalars(query)).one()
    db.expunge(invoice)
    await db.commit()
    return invoice


async def archived_terms(number: str, db: AsyncSession) -> str:
    invoice = await archive(number, db)
    return f"{invoice.number}: {invoice.terms}"


async def archived_lines(number: str, db: AsyncSession) -> list[str]:
    invoice = await archive(number, db)
    return [line.text for line in invoice.lines]


async def export(db: AsyncSession) -> list[str]:
    rows = []
    async for invoice in await db.stream_scalars(select(Invoice)):
        rows.append(f"{invoice.number};{invoice.customer.country}")
    return rows


async def export_loaded(db: AsyncSession) -> list[str]:
    query = select(Invoice).options(joinedload(Invoice.customer)).execution_options(yield_per=2)
    result = await db.stream(query)
    rows = []
    async for part in result.scalars().partitions():
        rows.extend(f"{invoice.number};{invoice.customer.country}" for invoice in part)
    return rows


async def export_terms(db: AsyncSession) -> list[str]:
    found = await db.scalars(select(Invoice).order_by(Invoice.id))
    return [await one.awaitable_attrs.terms for one in found.all()]


async def totals(db: AsyncSession) -> dict[str, Decimal]:
    found = {}
    for invoice in (await db.scalars(select(Invoice))).all():
        await db.refresh(invoice, ["lines"])
        found[invoice.number] = invoice.total
    return found


async def remind(numbers: list[str], db: AsyncSession) -> None:
    for number in numbers:
        await db.execute(update(Invoice).where(Invoice.number == number).values(state="late"))
    await db.commit()


async def remind_at_once(numbers: list[str], db: AsyncSession) -> None:
    await db.execute(update(Invoice).where(Invoice.number.in_(numbers)).values(state="late"))
    await db.commit()


async def forget(name: str, db: AsyncSession) -> str:
    customer = (await db.scalars(select(Customer).where(Customer.name == name))).one()
    await db.delete(customer)
    await db.commit()
    return f"{customer.name} is gone"


async def reset(number: str, db: AsyncSession) -> str:
    async for invoice in get_current(db, number):
        db.expire(invoice, ["state"])
        return f"{invoice.number} of {invoice.customer_id}"


async def reset_and_show(number: str, db: AsyncSession) -> str:
    async for invoice in get_current(db, number):
        db.expire(invoice, ["state"])
        return f"{invoice.number} is {invoice.state}"

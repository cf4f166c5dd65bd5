from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import selectinload, sessionmaker

from .models import Account, Entry

engine = create_async_engine("postgresql+asyncpg://localhost/ledger")
Session = sessionmaker(engine, class_=AsyncSession)
KeepingSession = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


@asynccontextmanager
async def unit():
    async with Session() as session:
        try:
            yield session
            await session.commit()
        except Exception:
            await session.rollback()
            raise


async def open_account(owner):
    async with Session() as session:
        account = Account(owner=owner)
        session.add(account)
        await session.commit()
        return account.id


async def open_account_flushed(owner):
    async with Session() as session:
        account = Account(owner=owner)
        session.add(account)
        await session.flush()
        number = account.id
        await session.commit()
        return number


async def open_account_refreshed(owner):
    async with Session() as session:
        account = Account(owner=owner)
        session.add(account)
        await session.commit()
        await session.refresh(account)
    return account.owner


async def open_account_begin(owner):
    async with Session.begin() as session:
        account = Account(owner=owner)
        session.add(account)
    return account.owner


async def open_account_unit(owner):
    async with unit() as session:
        account = Account(owner=owner)
        session.add(account)
    return account.owner


async def deposit(account_id, amount):
    async with Session() as session:
        account = await session.get(Account, account_id)
        account.balance += amount
        session.add(Entry(account_id=account.id, amount=amount))
        await session.commit()
        return account.balance


async def deposit_told(account_id, amount):
    async with Session() as session:
        account = await session.get(Account, account_id)
        account.balance += amount
        balance = account.balance
        await session.commit()
        return balance


async def opened_after_flush(owner):
    async with KeepingSession() as session:
        account = Account(owner=owner)
        session.add(account)
        await session.flush()
        return account.opened


async def touched_after_flush(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        account.balance = 7
        await session.flush()
        return account.touched


async def doubled_after_commit(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        account.balance = 8
        await session.commit()
        return account.doubled


async def doubled_read_only(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        await session.commit()
        return account.doubled


async def touched_after_refresh(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        account.balance = 9
        await session.commit()
        await session.refresh(account, ["touched"])
        return account.touched


async def owner_after_change(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        account.balance = 10
        await session.commit()
        return account.owner


async def statement(account_id):
    async with Session() as session:
        query = select(Account).where(Account.id == account_id)
        account = (await session.execute(query.options(selectinload(Account.entries)))).scalar_one()
        return [(entry.amount, entry.note) for entry in account.entries]


async def statement_lazy(account_id):
    async with Session() as session:
        account = await session.get(Account, account_id)
        return [entry.amount for entry in account.entries]


async def statement_after_commit(account_id):
    async with Session() as session:
        query = select(Account).options(selectinload(Account.entries))
        account = (await session.execute(query.where(Account.id == account_id))).scalar_one()
        await session.commit()
        return len(account.entries)


async def transfer(source_id, target_id, amount):
    async with Session() as session, session.begin():
        source = await session.get(Account, source_id)
        target = await session.get(Account, target_id)
        source.balance -= amount
        target.balance += amount
    return f"{amount} moved"


async def transfer_told(source_id, target_id, amount):
    async with Session() as session:
        async with session.begin():
            source = await session.get(Account, source_id)
            target = await session.get(Account, target_id)
            source.balance -= amount
            target.balance += amount
        return f"{amount} moved from {source.owner}"


async def import_account(values):
    async with Session() as session:
        account = await session.merge(Account(**values))
        await session.commit()
        return account.id


async def import_account_kept(values):
    async with KeepingSession() as session:
        account = await session.merge(Account(**values))
        await session.commit()
        return account.owner


async def all_owners():
    async with Session() as session:
        accounts = (await session.execute(select(Account))).scalars().all()
        await session.commit()
        return [account.owner for account in accounts]


async def rolled_back(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        account.balance = -1
        await session.rollback()
        return account.owner


async def expired(account_id):
    async with KeepingSession() as session:
        account = await session.get(Account, account_id)
        session.expire(account)
        return account.owner


async def in_sync(account_id):
    async with Session() as session:
        account = await session.get(Account, account_id)
        await session.commit()
        return await session.run_sync(lambda _: account.owner)

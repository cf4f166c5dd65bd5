from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload
from sqlmodel import Session, select
from sqlmodel.ext.asyncio.session import AsyncSession

from door.models import Member

engine = create_async_engine("sqlite+aiosqlite:///door.db")
sync_engine = create_engine("sqlite:///door.db")
maker = async_sessionmaker(engine, class_=AsyncSession)
app = FastAPI()


async def get_session() -> AsyncGenerator[AsyncSession, None]:
    async with maker() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_session)]


async def current_member(session: Db, badge: Annotated[str, Header()]) -> Member:
    member = (await session.exec(select(Member).where(Member.badge == badge))).first()
    if member is None:
        raise HTTPException(401)
    return member


async def member_with_company(session: Db, badge: Annotated[str, Header()]) -> Member:
    statement = select(Member).options(joinedload(Member.company))
    member = (await session.exec(statement.where(Member.badge == badge))).first()
    if member is None:
        raise HTTPException(401)
    return member


def guest(badge: Annotated[str, Header()]) -> Member:
    with Session(sync_engine) as session:
        return session.exec(select(Member).where(Member.badge == badge)).one()


def trusted_guest(member: Annotated[Member, Depends(guest)]) -> Member:
    if not member.name:
        raise HTTPException(403)
    return member


Current = Annotated[Member, Depends(current_member)]
WithCompany = Annotated[Member, Depends(member_with_company)]


@app.get("/name")
async def name(member: Current) -> str:
    return member.name


@app.get("/company")
async def company(member: Current) -> str:
    return member.company.name


@app.get("/company/loaded")
async def company_loaded(member: WithCompany) -> str:
    return member.company.name


@app.post("/open")
async def open_door(member: Current, session: Db) -> str:
    member.opened = Member.opened + 1
    await session.commit()
    return member.name


@app.post("/open/refreshed")
async def open_refreshed(member: Current, session: Db) -> str:
    member.opened = Member.opened + 1
    await session.commit()
    await session.refresh(member)
    return member.name


@app.post("/open/key")
async def open_by_key(member: Current, session: Db) -> str:
    name = member.name
    member.opened = Member.opened + 1
    await session.commit()
    return name


@app.get("/guest")
def guest_name(member: Annotated[Member, Depends(guest)]) -> str:
    return member.name


@app.get("/guest/company")
def guest_company(member: Annotated[Member, Depends(guest)]) -> str:
    return member.company.name


@app.get("/guest/trusted")
def trusted_company(member: Member = Depends(trusted_guest)) -> str:
    return member.company.name

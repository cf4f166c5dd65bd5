from __future__ import annotations

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import immediateload, raiseload, selectinload

from .schema import Member, Message

engine = create_async_engine("sqlite+aiosqlite:///forum.db", echo=False)
sessions = async_sessionmaker(bind=engine, class_=AsyncSession, expire_on_commit=False)


async def authors() -> list[str]:
    async with sessions() as s:
        return [m.author.nick for m in (await s.scalars(select(Message))).unique()]


async def author_roles() -> list[str]:
    async with sessions() as s:
        messages = (await s.scalars(select(Message))).unique().all()
        return [role.name for m in messages for role in m.author.roles]


async def author_themes() -> list[str]:
    async with sessions() as s:
        messages = (await s.scalars(select(Message))).unique().all()
        return [m.author.settings.theme for m in messages]


async def thread(root_id: int) -> list[str]:
    async with sessions() as s:
        root = await s.get_one(Message, root_id)
        return [reply.text for reply in await root.awaitable_attrs.replies]


async def thread_lazy(root_id: int) -> list[str]:
    async with sessions() as s:
        root = await s.get_one(Message, root_id)
        return [reply.text for reply in root.replies]


async def thread_twice(root_id: int) -> int:
    async with sessions() as s:
        root = await s.get_one(Message, root_id)
        await root.awaitable_attrs.replies
        return len(root.replies)


async def two_levels(root_id: int) -> list[str]:
    async with sessions() as s:
        options = selectinload(Message.replies).selectinload(Message.replies)
        root = await s.get_one(Message, root_id, options=[options])
        return [grandchild.text for child in root.replies for grandchild in child.replies]


async def three_levels(root_id: int) -> int:
    async with sessions() as s:
        options = selectinload(Message.replies).selectinload(Message.replies)
        root = await s.get_one(Message, root_id, options=[options])
        count = 0
        for child in root.replies:
            for grandchild in child.replies:
                count += len(grandchild.replies)
        return count


async def tree(root_id: int) -> int:
    async with sessions() as s:
        options = selectinload(Message.replies, recursion_depth=5)
        root = await s.get_one(Message, root_id, options=[options])
        return sum(len(child.replies) for child in root.replies)


async def parents() -> list[str]:
    async with sessions() as s:
        stmt = select(Message).options(immediateload(Message.parent))
        messages = (await s.scalars(stmt)).unique().all()
    return [m.parent.text if m.parent else "" for m in messages]


async def settings_of(nick: str) -> str:
    async with sessions() as s:
        member = (await s.scalars(select(Member).where(Member.nick == nick))).unique().one()
        settings = await member.awaitable_attrs.settings
        return settings.theme


async def settings_of_all() -> list[str]:
    async with sessions() as s:
        members = (await s.scalars(select(Member))).unique().all()
        found = await asyncio.gather(*(s.refresh(m, ["settings"]) for m in members[:1]))
        assert found
        return [m.nick for m in members]


async def themes(nick: str) -> str:
    async with sessions() as s:
        member = (await s.execute(select(Member).filter_by(nick=nick))).unique().scalar_one()
    return member.settings.theme


async def role_names(nick: str) -> list[str]:
    async with sessions() as s:
        member = (await s.execute(select(Member).filter_by(nick=nick))).unique().scalar_one()
    return list(member.role_names)


async def strict(nick: str) -> str:
    async with sessions() as s:
        stmt = select(Member).options(raiseload("*")).where(Member.nick == nick)
        member = (await s.execute(stmt)).unique().scalar_one()
        return member.nick


async def write(nick: str, text: str) -> str:
    async with sessions.begin() as s:
        member = (await s.execute(select(Member).filter_by(nick=nick))).unique().scalar_one()
        message = Message(text=text, author=member)
        s.add(message)
    return f"{message.author.nick}: {message.text}"


async def write_by_key(member_id: int, text: str) -> str:
    async with sessions.begin() as s:
        message = Message(text=text, author_id=member_id)
        s.add(message)
    return f"{message.id}: {message.author.nick}"


async def answer(parent_id: int, member_id: int, text: str) -> int:
    async with sessions.begin() as s:
        parent = await s.get_one(Message, parent_id)
        reply = Message(text=text, author_id=member_id, parent=parent)
        s.add(reply)
    return reply.parent.id

from typing import Annotated, Any

from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from chat.models import Message, Room, keeping_session, new_session

app = FastAPI()


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class MessageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    text: str
    author: AuthorOut


class Hub:
    def __init__(self) -> None:
        self.clients: dict[int, list[WebSocket]] = {}

    async def join(self, room: int, client: WebSocket) -> None:
        await client.accept()
        self.clients.setdefault(room, []).append(client)

    def leave(self, room: int, client: WebSocket) -> None:
        self.clients[room].remove(client)

    async def send(self, room: int, what: dict[str, Any]) -> None:
        for client in self.clients[room]:
            await client.send_json(what)


hub = Hub()


async def get_session():
    async with keeping_session() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_session)]


async def latest(session: AsyncSession, room: int) -> list[Message]:
    statement = select(Message).where(Message.room_id == room).order_by(Message.id.desc()).limit(20)
    return list((await session.scalars(statement)).all())


@app.websocket("/rooms/{room}")
async def talk(client: WebSocket, room: int, session: Db) -> None:
    await hub.join(room, client)
    try:
        while True:
            text = await client.receive_text()
            message = Message(text=text, room_id=room, author_id=1)
            session.add(message)
            await session.commit()
            await hub.send(room, {"id": message.id, "text": message.text})
    except WebSocketDisconnect:
        hub.leave(room, client)


@app.websocket("/rooms/{room}/expired")
async def talk_expired(client: WebSocket, room: int) -> None:
    await client.accept()
    text = await client.receive_text()
    async with new_session() as session:
        message = Message(text=text, room_id=room, author_id=1)
        session.add(message)
        await session.commit()
        await client.send_json({"text": message.text})


@app.websocket("/rooms/{room}/authors")
async def talk_with_author(client: WebSocket, room: int, session: Db) -> None:
    await client.accept()
    text = await client.receive_text()
    message = Message(text=text, room_id=room, author_id=1)
    session.add(message)
    await session.commit()
    await client.send_json({"text": message.text, "author": message.author.name})


@app.websocket("/rooms/{room}/awaited")
async def talk_awaited(client: WebSocket, room: int, session: Db) -> None:
    await client.accept()
    text = await client.receive_text()
    message = Message(text=text, room_id=room, author_id=1)
    session.add(message)
    await session.commit()
    author = await message.awaitable_attrs.author
    await client.send_json({"text": message.text, "author": author.name})


@app.websocket("/rooms/{room}/history")
async def history(client: WebSocket, room: int, session: Db) -> None:
    await client.accept()
    for message in await latest(session, room):
        await client.send_json(MessageOut.model_validate(message).model_dump())
    await client.close()


@app.websocket("/rooms/{room}/history/loaded")
async def history_loaded(client: WebSocket, room: int, session: Db) -> None:
    await client.accept()
    statement = select(Message).options(joinedload(Message.author)).where(Message.room_id == room)
    for message in await session.scalars(statement):
        await client.send_json(MessageOut.model_validate(message).model_dump())
    await client.close()


@app.get("/rooms/{key}/count")
async def count(key: int, session: Db) -> int:
    room = await session.get(Room, key)
    assert room is not None
    return len(room.messages)


@app.get("/rooms/{key}/count/loaded")
async def count_loaded(key: int, session: Db) -> int:
    room = await session.get(Room, key, options=[selectinload(Room.messages)])
    assert room is not None
    return len(room.messages)

import httpx
from chat import app as chat
from chat.models import Base, Message, Room, User, engine
from fastapi import WebSocketDisconnect

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    author = User(name="ann")
    room = Room(name="hall")
    for i in range(2):
        session.add(Message(text=f"m{i}", room=room, author=author))


class Client:
    """Stands for the browser's end of a socket."""

    def __init__(self, *texts):
        self.texts = list(texts)

    async def accept(self):
        pass

    async def close(self):
        pass

    async def receive_text(self):
        if not self.texts:
            raise WebSocketDisconnect(1000)
        return self.texts.pop(0)

    async def send_json(self, what):
        pass


def talked(endpoint, *texts):
    async def step():
        async for session in chat.get_session():
            await endpoint(Client(*texts), 1, session)

    return step


async def expired():
    await chat.talk_expired(Client("x"), 1)


def ask(url):
    async def step():
        transport = httpx.ASGITransport(chat.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get(url)
            assert answer.status_code < 300, answer.text

    return step


STEPS = [
    talked(chat.talk, "a", "b"),
    expired,
    talked(chat.talk_with_author, "a"),
    talked(chat.talk_awaited, "a"),
    talked(chat.history),
    talked(chat.history_loaded),
    ask("/rooms/1/count"),
    ask("/rooms/1/count/loaded"),
]

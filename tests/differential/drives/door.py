import httpx
from door.main import app, engine, sync_engine
from door.models import Company, Member
from sqlmodel import SQLModel

BASE = SQLModel
VERSIONS = ("2.0-web",)
ENGINES = (sync_engine,)
ASYNC_ENGINES = (engine,)


def fill(session):
    session.add(Member(name="m", badge="b", company=Company(name="c")))


def ask(method, url):
    async def step():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, url, headers={"badge": "b"})
            assert answer.status_code < 300, answer.text

    return step


STEPS = [
    ask("GET", "/name"),
    ask("GET", "/company"),
    ask("GET", "/company/loaded"),
    ask("POST", "/open"),
    ask("POST", "/open/refreshed"),
    ask("POST", "/open/key"),
    ask("GET", "/guest"),
    ask("GET", "/guest/company"),
    ask("GET", "/guest/trusted"),
]

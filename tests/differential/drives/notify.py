import httpx
from notify.db import engine
from notify.main import app
from notify.models import Base, Channel, Delivery, Subscriber

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(2):
        channel = Channel(name=f"c{i}")
        for k in range(2):
            subscriber = Subscriber(email=f"s{i}{k}", channel=channel)
            session.add(Delivery(text="t", subscriber=subscriber))


def ask(method, url, **words):
    async def step():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, url, **words)
            assert answer.status_code < 300, answer.text

    return step


NEW = {"email": "n", "channel_id": 1}
STEPS = [
    ask("GET", "/channels"),
    ask("GET", "/channels/1"),
    ask("GET", "/channels/1/lazy"),
    ask("GET", "/channels/1/deep"),
    ask("GET", "/channels/1/deeper"),
    ask("GET", "/channels/1/emails"),
    ask("GET", "/subscribers/"),
    ask("GET", "/subscribers/joined"),
    ask("POST", "/subscribers/", json=NEW),
    ask("POST", "/subscribers/full", json=NEW),
    ask("POST", "/subscribers/full-refreshed", json=NEW),
    ask("PUT", "/subscribers/1?email=x"),
    ask("PUT", "/subscribers/1/refreshed?email=y"),
    ask("POST", "/subscribers/1/send?text=t"),
    ask("POST", "/subscribers/1/send-by-key?text=t"),
    ask("GET", "/subscribers/1/deliveries"),
]

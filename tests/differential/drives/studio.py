import httpx
from studio import api
from studio.database import SessionLocal, engine
from studio.models import Album, Band, Base, Genre, Track
from studio.service import BandService

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(3):
        band = Band(name=f"b{i}")
        for k in range(2):
            album = Album(title=f"a{k}", band=band)
            album.tracks = [Track(name=f"t{n}", genres=[Genre(name="g")]) for n in range(2)]
        session.add(band)


def send(method, url, **json):
    async def step():
        transport = httpx.ASGITransport(api.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, url, json=json or None)
            assert answer.status_code < 300, answer.text

    return step


def get(url):
    return send("GET", url)


def served(name, *args):
    async def step():
        async with SessionLocal() as session:
            await getattr(BandService(session), name)(*args)

    return step


STEPS = [
    *map(get, ("/bands", "/bands/full", "/bands/1", "/bands/1/quick", "/bands/1/plain")),
    *map(get, ("/albums", "/albums/1/first", "/tracks/1", "/lines", "/bands/1/lines")),
    send("POST", "/bands", name="n1"),
    send("POST", "/bands/quick", name="n2"),
    send("POST", "/bands/welcome", name="n3"),
    send("POST", "/bands/1/announce"),
    send("PUT", "/bands/1", name="n4"),
    send("PUT", "/bands/1/touch"),
    served("names"),
    served("longest"),
    served("album_titles"),
    served("album_notes"),
    served("longest_track"),
    served("longest_track_on"),
    served("albums_of", 1),
    served("album_full", 1),
    served("remove_notes", 1),
]

from gallery import art
from gallery.art import Artist, Base, Picture

BASE = Base
VERSIONS = ("2.0", "2.1")
ASYNC_ENGINES = (art.engine,)


def fill(session):
    for i in range(2):
        artist = Artist(name=f"a{i}", born=1900, biography="b")
        for k in range(2):
            session.add(Picture(title="t", year=1950, scan=b"s", thumb=b"t", artist=artist))


def within(function, *args):
    async def step():
        async with art.Session() as session:
            await function(session, *args)

    return step


async def picture_of_artist():
    async with art.Session() as session:
        await art.new_picture(session, await session.get_one(Artist, 1))


STEPS = [
    lambda: art.biography(1),
    lambda: art.biography_undeferred(1),
    lambda: art.biography_refreshed(1),
    art.titles,
    art.years,
    art.years_deferred,
    art.identities,
    art.scans,
    art.thumbs,
    art.files,
    within(art.artists_of),
    within(art.ages),
    within(art.lives),
    within(art.second_statement, 1),
    within(art.second_statement_fills, 1),
    within(art.new_artist, "n"),
    picture_of_artist,
    within(art.new_picture_year, 1),
    within(art.new_picture_artist, 1),
]

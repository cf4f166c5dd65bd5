from press import resolvers
from press.tables import Article, Author, Base, engine, new_session

BASE = Base
VERSIONS = ("2.0", "2.1")
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(2):
        author = Author(name=f"a{i}")
        for k in range(2):
            session.add(Article(title=f"t{k}", author=author))


def asked(resolver, *args):
    async def step():
        async with new_session() as session:
            await resolver(resolvers.Info(session), *args)

    return step


STEPS = [
    asked(resolvers.resolve_article, 1),
    asked(resolvers.resolve_latest),
    asked(resolvers.resolve_bylines),
    asked(resolvers.resolve_authors),
    asked(resolvers.resolve_counts),
    asked(resolvers.add_article, "n", 1),
    asked(resolvers.add_article_refreshed, "n", 1),
    resolvers.titles,
    resolvers.names,
]

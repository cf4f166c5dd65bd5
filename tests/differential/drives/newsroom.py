import newsroom
from newsroom import Article, Author, Base, Comment, FrontPage, Tag, engine

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(3):
        author = Author(name=f"a{i}")
        for k in range(2):
            article = Article(slug=f"s{i}{k}", title=f"t{k}", author=author)
            article.tags = [Tag(name="x"), Tag(name="y")]
            article.comments = [Comment(text="hm")]
        session.add(author)


def call(handler, *args):
    async def step():
        try:
            await handler(*args)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    return step


def drained(feed):
    async def step():
        async for _ in feed():
            pass

    return step


STEPS = [
    call(newsroom.show, 1),
    call(newsroom.show_tagged, 1),
    call(newsroom.headlines),
    call(newsroom.publish, 1),
    call(newsroom.publish_steady, 1),
    call(newsroom.retitle, 1),
    call(newsroom.retitle_dated, 1),
    call(newsroom.move, 1, "s11"),
    call(newsroom.bylines),
    call(newsroom.bylines_signed),
    call(newsroom.tag_cloud),
    call(newsroom.tags_of, 1),
    call(newsroom.outline, False),
    call(newsroom.outline, True),
    call(newsroom.comment, 1, "no"),
    call(newsroom.comment_on, 1, "yes"),
    call(newsroom.comment_count, 1),
    drained(newsroom.feed),
    drained(newsroom.feed_signed),
    call(newsroom.strip_all),
    call(newsroom.front_titles, FrontPage()),
    call(newsroom.front_authors, FrontPage()),
    call(newsroom.mail, False),
    call(newsroom.mail, True),
    call(newsroom.announce, 1),
    call(newsroom.log, [1, 2, 3]),
]

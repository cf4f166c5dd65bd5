from shelf.schema import Context, schema
from shelf.tables import Author, Base, Book, engine, new_session

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(2):
        author = Author(name=f"a{i}")
        for k in range(2):
            session.add(Book(title=f"t{k}", author=author))


def asked(query):
    async def step():
        async with new_session() as session:
            answer = await schema.execute(query, context_value=Context(session))
            for error in answer.errors or ():
                raise error.original_error or error

    return step


STEPS = [
    asked("{ authors { name books { title } } }"),
    asked("{ books { title author } }"),
    asked("{ loadedBooks { title author } }"),
    asked("{ book(key: 1) { title author } }"),
    asked('mutation { addBook(title: "n", authorId: 1) { title author } }'),
    asked('mutation { rename(key: 1, title: "r") { title author } }'),
]

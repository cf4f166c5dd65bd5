from forum import board
from forum.schema import Base, Member, Message, Role, Settings

BASE = Base
VERSIONS = ("2.0", "2.1")
ASYNC_ENGINES = (board.engine,)


def fill(session):
    for i in range(2):
        member = Member(nick=f"n{i}", roles=[Role(name="r"), Role(name="s")])
        member.settings = Settings(theme="dark")
        root = Message(text="root", author=member)
        for _ in range(2):
            child = Message(text="child", author=member, parent=root)
            session.add(Message(text="grandchild", author=member, parent=child))


STEPS = [
    board.authors,
    board.author_roles,
    board.author_themes,
    lambda: board.thread(1),
    lambda: board.thread_lazy(1),
    lambda: board.thread_twice(1),
    lambda: board.two_levels(1),
    lambda: board.three_levels(1),
    lambda: board.tree(1),
    board.parents,
    lambda: board.settings_of("n0"),
    board.settings_of_all,
    lambda: board.themes("n0"),
    lambda: board.role_names("n0"),
    lambda: board.strict("n0"),
    lambda: board.write("n0", "t"),
    lambda: board.write_by_key(1, "t"),
    lambda: board.answer(1, 1, "t"),
]

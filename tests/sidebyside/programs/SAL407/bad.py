from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///todo.db")


def setup():
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS todo (id INTEGER PRIMARY KEY, title TEXT, done INTEGER)"))


def add(title):
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO todo (title, done) VALUES (:title, 0)"), {"title": title})


def finish(todo_id):
    with engine.begin() as conn:
        conn.execute(text("UPDATE todo SET done = 1 WHERE id = :id"), id=todo_id)  # BAD


def titles(done=False):
    with engine.connect() as conn:
        return conn.execute(text("SELECT title FROM todo WHERE done = :done"), {"done": int(done)}).scalars().all()


if __name__ == "__main__":
    setup()
    add("write tests")
    finish(1)
    print(titles())

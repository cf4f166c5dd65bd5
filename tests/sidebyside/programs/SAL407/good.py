from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///todo.db")
INSERT = text("INSERT INTO todo (title, done) VALUES (:title, :done)")


def setup():
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS todo (id INTEGER PRIMARY KEY, title TEXT, done INTEGER)")


def add(*titles):
    rows = [dict(title=title, done=0) for title in titles]
    with engine.begin() as conn:
        conn.execute(INSERT, rows)


def finish(todo_id):
    with engine.begin() as conn:
        conn.exec_driver_sql("UPDATE todo SET done = 1 WHERE id = ?", (todo_id,))
        conn.execute(text("UPDATE todo SET title = title || '!' WHERE id = :id").bindparams(id=todo_id))


def titles(**filters):
    with Session(engine) as session:
        stmt = text("SELECT title FROM todo WHERE done = :done AND title LIKE :title")
        return session.execute(stmt, filters, execution_options={"logging_token": "titles"}).scalars().all()


def archive(pairs):
    with engine.begin() as conn:
        conn.execute(INSERT, tuple({"title": t, "done": d} for t, d in pairs))


if __name__ == "__main__":
    setup()
    add("write tests", "rest")
    finish(1)
    archive([("old", 1)])
    print(titles(done=1, title="%"))

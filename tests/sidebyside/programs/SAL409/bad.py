from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///recipes.db")

FIND = text("SELECT id, title FROM recipes WHERE title LIKE '%:term%' ORDER BY title")  # BAD


def setup():
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS recipes (id INTEGER PRIMARY KEY, title TEXT NOT NULL)"))


def add(title):
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO recipes (title) VALUES (:title)"), {"title": title})


def find(term):
    with engine.connect() as conn:
        return conn.execute(FIND, {"term": term}).all()  # BAD


if __name__ == "__main__":
    setup()
    add("Apple pie")
    print(find("pie"))

from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///recipes.db")

FIND = text("SELECT id, title FROM recipes WHERE title LIKE '%' || :term || '%' ORDER BY title")
STARTS = text("SELECT id FROM recipes WHERE title LIKE :pattern AND note <> 'n/a: none' AND title <> ''")
LITERAL = text(r"SELECT id FROM recipes WHERE note = '\:term'")


def setup():
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS recipes (id INTEGER PRIMARY KEY, title TEXT, note TEXT)"))
        conn.execute(
            text("INSERT INTO recipes (title, note) VALUES (:title, 'it''s due at 12:30')"), {"title": "Apple pie"}
        )


def find(term):
    with engine.connect() as conn:
        return conn.execute(FIND, {"term": term}).all()


def starts(prefix):
    with engine.connect() as conn:
        return conn.execute(STARTS, {"pattern": f"{prefix}%"}).scalars().all()


def placeholders():
    with engine.connect() as conn:
        return conn.execute(LITERAL).scalars().all()


if __name__ == "__main__":
    setup()
    print(find("pie"), starts("App"), placeholders())

import datetime as dt

from sqlalchemy.orm import Session

from . import queries
from .store import connect, pages


def overdue(session: Session, today: dt.date):
    rows = session.execute(queries.OVERDUE, {"today": today.isoformat()})
    return [f"{row.reader}: {row.title}" for row in rows]


def main(url: str = "sqlite:///library.db"):
    engine = connect(url)
    with Session(engine) as session:
        for line in overdue(session, dt.date.today()):
            print(line)
    print(pages(engine), "pages")
    engine.dispose()


if __name__ == "__main__":
    main()

import os

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from .reports import SalesReport, render


def main():
    engine = create_engine(os.environ.get("BOOKSHOP_URL", "sqlite:///bookshop.db"))
    with Session(engine) as session:
        print(render(SalesReport(session)))
    engine.dispose()


if __name__ == "__main__":
    main()

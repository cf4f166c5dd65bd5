import sys

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from .cache import Cache
from .models import Base


def main(prefixes):
    engine = create_engine("sqlite:///cache.db")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        print(Cache(session).invalidate(prefixes), "entries dropped")
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])

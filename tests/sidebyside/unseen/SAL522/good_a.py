# target: 1.4
import datetime as dt

from sqlalchemy import Column, DateTime, Integer, String, create_engine, func
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Letter(Base):
    __tablename__ = "letters"

    id = Column(Integer, primary_key=True)
    recipient = Column(String(200), nullable=False)
    pages = Column(Integer, nullable=False)
    sent_at = Column(DateTime)


class Letters:
    LONG = 10

    def __init__(self, session):
        self.session = session

    def by_length(self):
        is_long = (Letter.pages > self.LONG).label("is_long")
        query = (
            self.session.query(is_long, func.count(Letter.id))
            .filter(Letter.sent_at.isnot(None))
            .group_by(is_long)
        )
        return {bool(long): count for long, count in query}

    def any_to(self, recipient):
        mine = self.session.query(Letter).filter(Letter.recipient == recipient)
        return self.session.query(mine.exists()).scalar()

    def states(self, recipient):
        return (
            self.session.query(Letter.id, (Letter.sent_at != None).label("sent"))  # noqa: E711
            .filter(Letter.recipient == recipient)
            .order_by(Letter.id)
            .all()
        )

    def forget(self, before):
        old = self.session.query(Letter).filter(Letter.sent_at < before)
        removed = old.delete(synchronize_session=False)
        self.session.commit()
        return removed


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        letters = Letters(session)
        print(letters.by_length(), letters.any_to("kim"))
        print(letters.forget(dt.datetime(2020, 1, 1)))


if __name__ == "__main__":
    main()

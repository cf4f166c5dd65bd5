# target: 1.4
import datetime as dt

from sqlalchemy import Column, DateTime, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class LogLine(Base):
    __tablename__ = "log_lines"

    id = Column(Integer, primary_key=True)
    service = Column(String(40), nullable=False, index=True)
    level = Column(String(10), nullable=False)
    message = Column(String(500), nullable=False)
    written_at = Column(DateTime, nullable=False)


class LogView:
    PAGE = 50

    def __init__(self, session, service):
        self.session = session
        self.service = service

    def _page(self, number):
        return (
            self.session.query(LogLine)
            .filter(LogLine.service == self.service)
            .order_by(LogLine.written_at.desc(), LogLine.id.desc())
            .offset(self.PAGE * number)
            .limit(self.PAGE)
        )

    def lines(self, number=0, level=None):
        query = self._page(number)
        if level is not None:
            query = query.filter(LogLine.level == level)  # BAD
        return [line.message for line in query]

    def add(self, level, message):
        line = LogLine(
            service=self.service,
            level=level,
            message=message,
            written_at=dt.datetime.now(),
        )
        self.session.add(line)
        self.session.commit()


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        view = LogView(session, "mailer")
        view.add("error", "no route to host")
        print("\n".join(view.lines(level="error")))


if __name__ == "__main__":
    main()

# target: 1.4
import datetime as dt
import enum

from sqlalchemy import Column, DateTime, Integer, String, create_engine, text
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Stage(str, enum.Enum):
    NEW = "new"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class Lead(Base):
    __tablename__ = "leads"

    id = Column(Integer, primary_key=True)
    company = Column(String(200), nullable=False)
    stage = Column(String(20), nullable=False)
    touched_at = Column(DateTime, nullable=False)


class LeadReport:
    TABLE = "leads"
    STALE_DAYS = 14
    WORKING = (Stage.NEW, Stage.ASSIGNED)

    SELECT = f"SELECT stage, count(*) AS n FROM {TABLE}"
    STALE = (
        SELECT
        + " WHERE touched_at < :limit AND stage IN ("
        + ", ".join(f"'{stage.value}'" for stage in (Stage.NEW, Stage.ASSIGNED))
        + ") GROUP BY stage ORDER BY stage"
    )

    def __init__(self, session):
        self.session = session

    def stale(self, now):
        limit = now - dt.timedelta(days=self.STALE_DAYS)
        rows = self.session.execute(text(self.STALE), {"limit": limit.isoformat(" ")})
        return {row.stage: row.n for row in rows}

    def of_company(self, company):
        needle = "{}".format(company.strip())
        return (
            self.session.query(Lead)
            .filter(text("leads.company = :company"))
            .params(company=needle)
            .order_by(Lead.id)
            .all()
        )


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        report = LeadReport(session)
        for stage, n in report.stale(dt.datetime.now()).items():
            print(f"{stage}: {n} stale")


if __name__ == "__main__":
    main()

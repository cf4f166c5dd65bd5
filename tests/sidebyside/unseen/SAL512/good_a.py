# target: 1.4
import datetime as dt

from sqlalchemy import Column, DateTime, Integer, String, create_engine, select
from sqlalchemy.orm import aliased, declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Measure(Base):
    __tablename__ = "measures"

    id = Column(Integer, primary_key=True)
    probe = Column(String(40), nullable=False, index=True)
    value = Column(Integer, nullable=False)
    taken_at = Column(DateTime, nullable=False)


class MeasureView:
    PAGE = 50

    def __init__(self, session, probe):
        self.session = session
        self.probe = probe

    def _newest(self):
        return self.session.query(Measure).order_by(
            Measure.taken_at.desc(), Measure.id.desc()
        )

    def values(self, number=0, least=None):
        query = self._newest().filter(Measure.probe == self.probe)
        if least is not None:
            query = query.filter(Measure.value >= least)
        page = query.limit(self.PAGE).offset(self.PAGE * number)
        return [measure.value for measure in page]

    def peaks_of_newest(self, least):
        newest = (
            self._newest().filter_by(probe=self.probe).limit(self.PAGE).subquery()
        )
        recent = aliased(Measure, newest)
        return self.session.query(recent).filter(recent.value >= least).count()

    def first_ids(self, before):
        stmt = select(Measure.id).order_by(Measure.id).limit(self.PAGE)
        stmt = stmt.where(Measure.taken_at < before)
        return self.session.execute(stmt).scalars().all()

    def forget(self, before):
        ids = self.first_ids(before)
        gone = self.session.query(Measure).filter(Measure.id.in_(ids))
        removed = gone.delete(synchronize_session=False)
        self.session.commit()
        return removed


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        view = MeasureView(session, "roof")
        print(view.values(least=3), view.peaks_of_newest(10))
        print(view.forget(dt.datetime(2020, 1, 1)))


if __name__ == "__main__":
    main()

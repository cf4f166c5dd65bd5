# target: 1.4
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)

READ = 1
WRITE = 2
ADMIN = 4


class Grant(Base):
    __tablename__ = "grants"

    id = Column(Integer, primary_key=True)
    person = Column(String(40), nullable=False)
    mask = Column(Integer, nullable=False, default=READ)
    revoked = Column(Boolean, nullable=False, default=False)
    level = Column(Integer, nullable=False, default=0)
    bonus = Column(Integer, nullable=False, default=0)

    def allows(self, wanted):
        return not self.revoked and (self.mask & wanted) == wanted


class Grants:
    def __init__(self, session):
        self.session = session

    def holders(self, wanted=READ | WRITE, least=1):
        granted = Grant.mask.op("&")(wanted) == wanted
        strong = (Grant.level + Grant.bonus >= least) | (Grant.mask == ADMIN)
        return (
            self.session.query(Grant)
            .filter(~Grant.revoked & granted & strong)
            .filter((Grant.level >= 0) & (Grant.bonus >= 0))
            .order_by(Grant.person)
            .all()
        )

    def revoke(self, person):
        for grant in self.session.query(Grant).filter_by(person=person):
            grant.revoked = True
        self.session.commit()


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        for grant in Grants(session).holders(wanted=READ):
            print(grant.person, grant.allows(ADMIN & ~WRITE))


if __name__ == "__main__":
    main()

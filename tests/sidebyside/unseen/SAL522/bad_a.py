# target: 1.4
import datetime as dt

from sqlalchemy import Column, DateTime, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Invite(Base):
    __tablename__ = "invites"

    id = Column(Integer, primary_key=True)
    email = Column(String(200), nullable=False)
    code = Column(String(40), nullable=False, unique=True)
    used_at = Column(DateTime)
    sent_at = Column(DateTime, nullable=False)


class Invites:
    LIFETIME = dt.timedelta(days=7)

    def __init__(self, session):
        self.session = session

    def send(self, email, code, now):
        self.session.add(Invite(email=email, code=code, sent_at=now))
        self.session.commit()

    def redeem(self, code, now):
        invite = self.session.query(Invite).filter(Invite.code == code).one_or_none()
        if invite is None or invite.used_at is not None:
            return False
        invite.used_at = now
        self.session.commit()
        return True

    def has_pending(self, email):
        pending = self.session.query(  # BAD
            Invite.email == email,  # BAD
            Invite.used_at.is_(None),  # BAD
        )
        return pending.first() is not None


def main():
    Base.metadata.create_all(engine)
    with Session() as session:
        invites = Invites(session)
        invites.send("kim@example.org", "abc", dt.datetime(2024, 5, 1))
        print(invites.has_pending("kim@example.org"))


if __name__ == "__main__":
    main()

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()

READ, WRITE, ADMIN = 1, 2, 4


class Member(Base):
    __tablename__ = "members"
    id = Column(Integer, primary_key=True)
    name = Column(String(60))
    team = Column(String(20))
    flags = Column(Integer, default=READ, nullable=False)


class MemberService:
    def __init__(self, session):
        self.session = session

    def writers(self, team):
        members = self.session.query(Member).filter((Member.team == team) & (Member.flags > READ)).all()
        return [m for m in members if m.flags & WRITE == WRITE]

    def admins(self):
        return self.session.query(Member).filter(Member.flags.op("&")(ADMIN) == ADMIN).all()

    def grant(self, member_id, flag):
        member = self.session.get(Member, member_id)
        if member.flags & flag != flag:
            member.flags = member.flags | flag
            self.session.commit()
        return member.flags & ADMIN == ADMIN


def service(url):
    return MemberService(sessionmaker(create_engine(url))())

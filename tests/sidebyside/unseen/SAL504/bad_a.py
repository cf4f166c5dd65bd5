# target: 1.4
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
engine = create_engine("sqlite://")
Session = sessionmaker(bind=engine)


class Player(Base):
    __tablename__ = "players"

    id = Column(Integer, primary_key=True)
    nick = Column(String(40), nullable=False, unique=True)
    age = Column(Integer, nullable=False)
    banned = Column(Boolean, nullable=False, default=False)
    league = Column(String(20), nullable=False)


class Draft:
    MINIMUM_AGE = 16

    def __init__(self, session):
        self.session = session

    def candidates(self, league):
        return (
            self.session.query(Player)
            .filter(Player.league == league)
            .filter(~Player.banned & Player.age >= self.MINIMUM_AGE)  # BAD
            .order_by(Player.nick)
            .all()
        )

    def ban(self, nick):
        player = self.session.query(Player).filter_by(nick=nick).one()
        player.banned = True
        self.session.commit()


def main(league):
    Base.metadata.create_all(engine)
    with Session() as session:
        for player in Draft(session).candidates(league):
            print(player.nick, player.age)


if __name__ == "__main__":
    main("bronze")

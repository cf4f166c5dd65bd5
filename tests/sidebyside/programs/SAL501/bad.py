from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    username = Column(String(50), unique=True, nullable=False)
    email = Column(String(120), unique=True, nullable=False)
    active = Column(Boolean, default=True)


class UserRepository:
    def __init__(self, session):
        self.session = session

    def get(self, user_id):
        return self.session.get(User, user_id)

    def find_by_login(self, login):
        login = (login or "").strip().lower()
        return (
            self.session.query(User)
            .filter(User.username == login or User.email == login)  # BAD
            .one_or_none()
        )


def make_repository(url):
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    return UserRepository(sessionmaker(bind=engine)())

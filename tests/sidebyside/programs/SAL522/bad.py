from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True)
    active = Column(Boolean, default=True)


class UserAdmin:
    def __init__(self, url):
        engine = create_engine(url)
        Base.metadata.create_all(engine)
        self.session = sessionmaker(bind=engine)()

    def add(self, name):
        self.session.add(User(name=name))
        self.session.commit()

    def deactivate(self, name):
        changed = self.session.query(User.name == name).update({"active": False})  # BAD
        self.session.commit()
        return changed

    def active_names(self):
        return [u.name for u in self.session.query(User).filter(User.active).order_by(User.name)]

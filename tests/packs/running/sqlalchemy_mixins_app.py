"""sqlalchemy-mixins: models that write themselves, with a registry, and commit unless told not to."""

import os

from sqlalchemy import create_engine
from sqlalchemy.orm import Mapped, declarative_base, mapped_column, scoped_session, sessionmaker
from sqlalchemy_mixins import AllFeaturesMixin

engine = create_engine(os.environ["DATABASE_URL"])
Session = scoped_session(sessionmaker(engine))
Base = declarative_base()


class Note(Base, AllFeaturesMixin):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]

    @classmethod
    def put(cls, text):
        cls.session.add(cls(text=text))  # is: SCOPED_SESSION registry

    def end(self):
        self.session.commit()  # is: SCOPED_SESSION registry


def main() -> None:
    Base.metadata.create_all(engine)
    Note.set_session(Session)
    Note.put("put")
    Note.create(**{"text": "created"}).end()
    Note.create(commit=False, **{"text": "not_committed"})
    Session.remove()
    assert Note.query.count() == 2
    Session.remove()

"""pyramid_basemodel: a registry that pyramid_tm commits and closes, and views of cornice."""

import os

import transaction
from cornice import Service
from pyramid.config import Configurator
from pyramid_basemodel import Base, Session, save
from sqlalchemy import create_engine
from sqlalchemy.orm import Mapped, Session as PlainSession, mapped_column
from webtest import TestApp

engine = create_engine(os.environ["DATABASE_URL"])
notes = Service(name="notes", path="/notes")
saved = Service(name="saved", path="/saved")


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def open_session(request):
    session = PlainSession(engine)
    request.add_finished_callback(lambda request: session.close())
    return session


@notes.post()
def kept(request):
    Session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    return {}


@notes.put()
def own(request):
    request.own.add(Note(text="own"))  # is: SESSION managed
    request.own.commit()
    return {}


@saved.post()
def by_save(request):
    save(Note(text="by_save"))
    Session.flush()  # is: SCOPED_SESSION registry
    return {}


def main() -> None:
    Base.metadata.create_all(engine)
    with Configurator(settings={"sqlalchemy.url": os.environ["DATABASE_URL"]}) as c:
        for name in ("pyramid_tm", "pyramid_basemodel", "cornice"):
            c.include(name)
        c.add_request_method(open_session, "own", reify=True)
        c.add_cornice_service(notes)
        c.add_cornice_service(saved)
        app = TestApp(c.make_wsgi_app())
    transaction.abort()
    assert app.post("/notes").status_int == 200
    assert app.put("/notes").status_int == 200
    assert app.post("/saved").status_int == 200

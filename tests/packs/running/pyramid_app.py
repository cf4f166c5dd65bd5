"""Pyramid: `request.dbsession` of the transaction that pyramid_tm ends with the request."""

import os

import transaction
import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker
from webtest import TestApp

engine = create_engine(os.environ["DATABASE_URL"])
factory = sessionmaker(bind=engine)
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


def get_session(request):
    session = factory()
    zope.sqlalchemy.register(session, transaction_manager=request.tm)
    return session


@view_config(route_name="kept", request_method="POST")
def kept(request):
    request.dbsession.add(Note(text="kept"))  # is: SESSION managed
    return Response("")


@view_config(route_name="flushed", request_method="POST")
def flushed(request):
    request.dbsession.add(Note(text="flushed"))  # is: SESSION managed
    request.dbsession.flush()
    return Response("")


def main() -> None:
    Base.metadata.create_all(engine)
    with Configurator(
        settings={"tm.manager_hook": lambda r: transaction.TransactionManager()}
    ) as c:
        c.include("pyramid_tm")
        c.add_request_method(get_session, "dbsession", reify=True)
        c.add_route("kept", "/kept")
        c.add_route("flushed", "/flushed")
        c.add_view(kept, route_name="kept")
        c.add_view(flushed, route_name="flushed")
        app = TestApp(c.make_wsgi_app())
    assert app.post("/kept").status_int == 200
    assert app.post("/flushed").status_int == 200

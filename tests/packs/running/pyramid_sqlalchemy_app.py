"""pyramid_sqlalchemy: a registry that pyramid_tm commits and closes at the end of the request."""

import os

import transaction
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config
from pyramid_sqlalchemy import BaseObject, Session
from sqlalchemy import Column, Integer, String
from webtest import TestApp


class Note(BaseObject):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@view_config(route_name="kept", request_method="POST")
def kept(request):
    Session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    return Response("")


@view_config(route_name="flushed", request_method="POST")
def flushed(request):
    session = Session()
    session.add(Note(text="flushed"))  # is: SESSION registry
    session.flush()
    return Response("")


def main() -> None:
    settings = {"sqlalchemy.url": os.environ["DATABASE_URL"]}
    with Configurator(settings=settings) as c:
        c.include("pyramid_tm")
        c.include("pyramid_sqlalchemy")
        c.add_route("kept", "/kept")
        c.add_route("flushed", "/flushed")
        c.add_view(kept, route_name="kept")
        c.add_view(flushed, route_name="flushed")
        app = TestApp(c.make_wsgi_app())
    BaseObject.metadata.create_all(Session.bind)
    transaction.abort()
    assert app.post("/kept").status_int == 200
    assert app.post("/flushed").status_int == 200

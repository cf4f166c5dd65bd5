"""Pyramid, as its cookiecutter writes it: a request method, and commits by pyramid_tm."""

from __future__ import annotations

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.view import view_config, view_defaults
from sqlalchemy import engine_from_config, text
from sqlalchemy.orm import sessionmaker


def get_engine(settings):
    return engine_from_config(settings, "sqlalchemy.")


def get_session_factory(engine):
    factory = sessionmaker()
    factory.configure(bind=engine)
    return factory


def get_tm_session(session_factory, transaction_manager):
    session = session_factory()
    zope.sqlalchemy.register(session, transaction_manager=transaction_manager)
    return session


def includeme(config: Configurator) -> None:
    session_factory = get_session_factory(get_engine(config.get_settings()))
    config.include("pyramid_tm")
    config.add_request_method(
        lambda request: get_tm_session(session_factory, request.tm), "dbsession", reify=True
    )


@view_config(route_name="home", renderer="json")
def home(request):
    return request.dbsession.execute(text("select 1")).all()  # is: SESSION managed


@view_config(route_name="two")
def two(context, request):
    request.dbsession.execute(text("delete from users"))  # is: SESSION managed
    request.session.flush()  # is: nothing


@view_defaults(route_name="users")
class Users:
    def __init__(self, request):
        self.request = request
        self.session = request.session

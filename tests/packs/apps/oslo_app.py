"""oslo.db: enginefacade gives the context a session while the function or the block runs."""

from __future__ import annotations

import functools

from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import text

context_manager = enginefacade.transaction_context()


@enginefacade.reader
def listed(context):
    return context.session.execute(text("select 1")).all()  # is: SESSION managed


@enginefacade.writer.independent
def written(context, values):
    context.session.execute(text("delete from users"))  # is: SESSION managed


class Api:
    @context_manager.writer
    def create(self, context, values):
        context.session.add(values)  # is: SESSION managed

    @context_manager.reader.connection
    def connected(self, context):
        context.connection.execute(text("select 1"))  # is: CONNECTION managed


def by_hand(context):
    with context_manager.reader.using(context):
        return context.session.query("users").all()  # is: SESSION managed


def bound(context):
    with enginefacade.writer.using(context) as session:
        session.execute(text("delete from users"))  # is: SESSION managed


def nothing(context):
    return context.session.get("user")  # is: nothing


def refined(context):
    with context_manager.writer.independent.using(context):
        return context.session.query("users").all()  # is: SESSION managed


def picks(context):
    return getattr(context, "manager", None) or context_manager


def picked(function):
    @functools.wraps(function)
    def wrapper(context, *args, **kwargs):
        chosen = picks(context)
        with chosen.writer.using(context):
            return function(context, *args, **kwargs)

    return wrapper


@picked
def by_decorator(context, values):
    context.session.add(values)  # is: SESSION managed


@enginefacade.transaction_context_provider
class RequestContext:
    """What a request carries."""


def typed(context: RequestContext):
    context.session.flush()  # is: SESSION managed


def engine():
    return context_manager.writer.get_engine().connect()  # is: ENGINE


class Agent:
    def __init__(self, context):
        self.context = context

    def report(self, values):
        with context_manager.writer.using(self.context):
            self.context.session.add(values)  # is: SESSION managed

"""dependency-injector: what its providers give, by wiring and by calling them."""

import os

from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def open_session(factory: sessionmaker[Session]):
    session = factory()
    yield session
    session.close()


class Container(containers.DeclarativeContainer):
    engine = providers.Singleton(create_engine, os.environ["DATABASE_URL"])
    factory = providers.Singleton(sessionmaker, bind=engine)
    session = providers.Factory(Session, bind=engine)
    resource = providers.Resource(open_session, factory)


@inject
def by_factory(factory=Provide[Container.factory]):
    with factory() as session:
        session.add(Note(text="by_factory"))  # is: SESSION local
        session.commit()


@inject
def by_resource(session=Provide[Container.resource]):
    session.add(Note(text="by_resource"))  # is: SESSION
    session.commit()


@inject
def connected(engine=Provide[Container.engine]):
    with engine.begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="connected"))  # is: CONNECTION managed


def called():
    with Container.session() as session:
        session.add(Note(text="called"))  # is: SESSION local
        session.commit()


def lost():
    with Container.session() as session:
        session.add(Note(text="lost"))  # is: SESSION local


def main() -> None:
    container = Container()
    Base.metadata.create_all(container.engine())
    container.wire(modules=[__name__])
    container.init_resources()
    by_factory()
    by_resource()
    container.shutdown_resources()
    connected()
    called()
    lost()

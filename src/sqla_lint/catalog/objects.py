"""Objects of libraries that hand out a session or engine: what they are, and who ends them.

A row is a dotted name as it is imported or reached: ``a.b.C()`` is what calling ``a.b.C`` gives,
``a.b.c.d`` the attribute ``d`` of ``a.b.c``. Each stands in the documentation of its library.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds as k


class Given(NamedTuple):
    """What a library gives."""

    kind: str
    is_async: bool = False
    owner: str = ""
    traits: frozenset[str] = frozenset()


_REQUEST = frozenset({"request-scoped"})

FLASK_DB = Given(k.FLASK_DB)
# A registry session that the library removes when the request or application context ends.
SCOPED = Given(k.SCOPED_SESSION, owner="registry", traits=_REQUEST)
# A session that the library opens, commits or closes around the code that gets it.
LENT = Given(k.SESSION, owner="managed")
ASYNC_LENT = Given(k.SESSION, is_async=True, owner="managed")
REGISTRY = Given(k.SCOPED_SESSION, owner="registry")
# Airflow makes its sessions with autoflush=False and expire_on_commit=False (its source,
# `airflow.settings.configure_orm`).
_OF_AIRFLOW = frozenset({"no-autoflush", "no-expire"})
AIRFLOW_LENT = LENT._replace(traits=_OF_AIRFLOW)

# What `sqlalchemy.inspect(x)` gives of an object: of all that it may give only this has a session.
STATE = "sqlalchemy.orm.InstanceState()"
_KNOWN_BY_ITS_OBJECT = "attribute"

OBJECTS: dict[str, Given] = {
    f"{STATE}.session": Given(k.SESSION, owner=_KNOWN_BY_ITS_OBJECT),
    f"{STATE}.async_session": Given(k.SESSION, is_async=True, owner=_KNOWN_BY_ITS_OBJECT),
    # Flask-AppBuilder: its SQLA is a flask_sqlalchemy.SQLAlchemy
    "flask_appbuilder.SQLA()": FLASK_DB,
    "flask_appbuilder.models.sqla.SQLA()": FLASK_DB,
    "flask_appbuilder.utils.legacy.get_sqla_class()()": FLASK_DB,
    "flask_appbuilder.extensions.db": FLASK_DB,
    "flask_appbuilder.AppBuilder().session": SCOPED,
    "flask.current_app.appbuilder.session": SCOPED,
    "flask_appbuilder.AppBuilder().get_session": SCOPED,
    "flask.current_app.appbuilder.get_session": SCOPED,
    # Invenio
    "invenio_db.db": FLASK_DB,
    "invenio_db.shared.db": FLASK_DB,
    "invenio_db.shared.SQLAlchemy()": FLASK_DB,
    # Superset's extension points
    "superset.db": FLASK_DB,
    "superset.extensions.db": FLASK_DB,
    # oslo.db before enginefacade
    "oslo_db.sqlalchemy.engines.create_engine()": Given(k.ENGINE),
    "oslo_db.sqlalchemy.session.create_engine()": Given(k.ENGINE),
    "oslo_db.sqlalchemy.orm.get_maker()": Given(k.SESSION_FACTORY),
    "oslo_db.sqlalchemy.session.get_maker()": Given(k.SESSION_FACTORY),
    # CKAN
    "ckan.model.Session": REGISTRY,
    "ckan.model.meta.Session": REGISTRY,
    # other bridges between Flask or Quart and SQLAlchemy
    "flask_sqlalchemy_session.current_session": SCOPED,
    "flask_sqlalchemy_session.flask_scoped_session()": SCOPED,
    "flask_sqlalchemy_lite.SQLAlchemy().session": Given(
        k.SESSION, owner="registry", traits=_REQUEST
    ),
    "flask_sqlalchemy_lite.SQLAlchemy().async_session": Given(
        k.SESSION, True, owner="registry", traits=_REQUEST
    ),
    "flask_sqlalchemy_lite.SQLAlchemy().engine": Given(k.ENGINE),
    # FastAPI-SQLAlchemy and its asyncio twin: `with db(): db.session`
    "fastapi_sqlalchemy.db.session": LENT,
    "fastapi_async_sqlalchemy.db.session": ASYNC_LENT,
    # Airflow's public helpers, seen from a plug-in or DAG
    "airflow.settings.Session": REGISTRY._replace(traits=_OF_AIRFLOW),
    "airflow.settings.engine": Given(k.ENGINE),
    "airflow.utils.session.NEW_SESSION": AIRFLOW_LENT,
    # pyramid_basemodel, the Pyramid cookiecutter's metadata
    "pyramid_basemodel.Session": REGISTRY,
}

# Context managers: what their ``with`` binds.
MANAGERS: dict[str, Given] = {
    "airflow.utils.session.create_session()": AIRFLOW_LENT,
    "airflow.settings.create_session()": AIRFLOW_LENT,
}

# Decorators that pass a session in a parameter of this name, and end it afterwards.
PROVIDERS: dict[str, tuple[str, Given]] = {
    "airflow.utils.session.provide_session": ("session", AIRFLOW_LENT),
    "airflow.utils.db.provide_session": ("session", AIRFLOW_LENT),
}

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
# The trait of a session that a transaction manager commits, rolls back and closes.
BY_MANAGER = "by-manager"

FLASK_DB = Given(k.FLASK_DB)
# A registry session that the library removes when the request or application context ends.
SCOPED = Given(k.SCOPED_SESSION, owner="registry", traits=_REQUEST)
# A session that the library opens, commits or closes around the code that gets it.
LENT = Given(k.SESSION, owner="managed")
ASYNC_LENT = Given(k.SESSION, is_async=True, owner="managed")
# The same where the library makes its sessions with expire_on_commit=False, autoflush=False.
KEEPS = frozenset({"no-expire"})
_NO_AUTOFLUSH = frozenset({"no-autoflush"})
_ASYNC_KEEPING = ASYNC_LENT._replace(traits=KEEPS)
_LENT_UNFLUSHED = LENT._replace(traits=_NO_AUTOFLUSH)
REGISTRY = Given(k.SCOPED_SESSION, owner="registry")
# A registry that zope.sqlalchemy has joined to the transactions of the package `transaction`.
_JOINED = REGISTRY._replace(traits=frozenset({BY_MANAGER}))
_OF_CKAN = REGISTRY._replace(traits=KEEPS | _NO_AUTOFLUSH)
# A session, and no registry, that an application context of Flask has, and closes.
_OF_CONTEXT = Given(k.SESSION, owner="registry", traits=_REQUEST)
# Airflow makes its sessions with autoflush=False and expire_on_commit=False (its source,
# `airflow.settings.configure_orm`).
_OF_AIRFLOW = KEEPS | _NO_AUTOFLUSH
AIRFLOW_LENT = LENT._replace(traits=_OF_AIRFLOW)
# Unless it is told otherwise, the facade that oslo.db had first makes sessions with autocommit=True
# and expire_on_commit=False.
_OF_OLD_FACADE = frozenset({"autocommit", "no-expire"})
_BASE = Given(k.DECLARATIVE_BASE)
_ADVANCED = (
    "advanced_alchemy.config",
    "advanced_alchemy.extensions.fastapi",
    "advanced_alchemy.extensions.flask",
    "advanced_alchemy.extensions.litestar",
    "advanced_alchemy.extensions.sanic",
    "advanced_alchemy.extensions.starlette",
    "litestar.contrib.sqlalchemy.plugins",
    "litestar.plugins.sqlalchemy",
)
_UTILS = ("fastapi_restful", "fastapi_utils")
_UNFLUSHED_FACTORY = Given(k.SESSION_FACTORY, traits=_NO_AUTOFLUSH)
_OF_HELPERS = Given(k.SCOPED_SESSION, owner="registry", traits=_NO_AUTOFLUSH | _REQUEST)

# Removed after every event that the program handles.
_OF_NONEBOT = Given(k.SCOPED_SESSION, True, owner="registry", traits=_REQUEST)

# What `sqlalchemy.inspect(x)` gives of an object: of all that it may give only this has a session.
STATE = "sqlalchemy.orm.InstanceState()"
_KNOWN_BY_ITS_OBJECT = "attribute"

OBJECTS: dict[str, Given] = {
    f"{STATE}.session": Given(k.SESSION, owner=_KNOWN_BY_ITS_OBJECT),
    f"{STATE}.async_session": Given(k.SESSION, is_async=True, owner=_KNOWN_BY_ITS_OBJECT),
    "sqlalchemy.orm.ORMExecuteState().session": Given(k.SESSION, owner=_KNOWN_BY_ITS_OBJECT),
    # Flask-AppBuilder: its SQLA is a flask_sqlalchemy.SQLAlchemy
    "flask_appbuilder.SQLA()": FLASK_DB,
    "flask_appbuilder.models.sqla.SQLA()": FLASK_DB,
    "flask_appbuilder.utils.legacy.get_sqla_class()()": FLASK_DB,
    "flask_appbuilder.extensions.db": FLASK_DB,
    "flask_appbuilder.AppBuilder().session": SCOPED,
    "flask.Flask().appbuilder.session": SCOPED,  # of `current_app`, too
    "flask_appbuilder.AppBuilder().get_session": SCOPED,
    "flask.Flask().appbuilder.get_session": SCOPED,
    # the `datamodel` of a view
    "flask_appbuilder.models.sqla.interface.SQLAInterface().session": SCOPED,
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
    "oslo_db.sqlalchemy.orm.get_maker()": Given(k.SESSION_FACTORY, traits=KEEPS),
    "oslo_db.sqlalchemy.session.get_maker()": Given(k.SESSION_FACTORY, traits=KEEPS),
    **{
        f"oslo_db.sqlalchemy.{facade}{made}.{method}": given
        for facade in ("enginefacade.LegacyEngineFacade", "session.EngineFacade")
        for made in ("()", ".from_config()")
        for method, given in {
            "get_engine()": Given(k.ENGINE),
            "get_session()": Given(k.SESSION, owner="local", traits=_OF_OLD_FACADE),
            "get_sessionmaker()": Given(k.SESSION_FACTORY, traits=_OF_OLD_FACADE),
        }.items()
    },
    # CKAN
    "ckan.model.Session": _OF_CKAN,
    "ckan.model.meta.Session": _OF_CKAN,
    "ckan.model.meta.create_local_session": Given(k.SESSION_FACTORY, traits=KEEPS | _NO_AUTOFLUSH),
    "ckan.types.Context()['session']": _OF_CKAN,
    # other bridges between Flask or Quart and SQLAlchemy
    "flask_sqlalchemy_session.current_session": SCOPED,
    "flask_sqlalchemy_session.flask_scoped_session()": SCOPED,
    **{
        f"flask_sqlalchemy_lite.SQLAlchemy().{path}": given
        for path, given in {
            "session": _OF_CONTEXT,
            "get_session()": _OF_CONTEXT,
            "async_session": _OF_CONTEXT._replace(is_async=True),
            "get_async_session()": _OF_CONTEXT._replace(is_async=True),
            "sessionmaker": Given(k.SESSION_FACTORY),
            "async_sessionmaker": Given(k.SESSION_FACTORY, True),
            "engine": Given(k.ENGINE),
            "get_engine()": Given(k.ENGINE),
            "async_engine": Given(k.ENGINE, True),
            "get_async_engine()": Given(k.ENGINE, True),
        }.items()
    },
    # FastAPI-SQLAlchemy and its asyncio twin: `with db(): db.session`
    "fastapi_sqlalchemy.db.session": LENT,
    "fastapi_async_sqlalchemy.db.session": _ASYNC_KEEPING,
    # fastapi-utils and fastapi-restful, which has the same module
    **{
        f"{module}.session.{path}": given
        for module in _UTILS
        for path, given in {
            "FastAPISessionMaker().cached_engine": Given(k.ENGINE),
            "FastAPISessionMaker().cached_sessionmaker": _UNFLUSHED_FACTORY,
            "FastAPISessionMaker().get_new_engine()": Given(k.ENGINE),
            "FastAPISessionMaker().get_new_sessionmaker()": _UNFLUSHED_FACTORY,
            "get_engine()": Given(k.ENGINE),
            "get_sessionmaker_for_engine()": _UNFLUSHED_FACTORY,
        }.items()
    },
    # Airflow's public helpers, seen from a plug-in or DAG
    "airflow.settings.Session": REGISTRY._replace(traits=_OF_AIRFLOW),
    "airflow.settings.engine": Given(k.ENGINE),
    "airflow.utils.session.NEW_SESSION": AIRFLOW_LENT,
    # nonebot-plugin-orm
    "nonebot_plugin_orm.get_scoped_session()": _OF_NONEBOT,
    "nonebot_plugin_orm.get_session()": Given(k.SESSION, is_async=True, owner="local"),
    # sqlalchemy-helpers, of Fedora's services
    "sqlalchemy_helpers.Base": _BASE,
    "sqlalchemy_helpers.get_base()": _BASE,
    "sqlalchemy_helpers.aio.Base": _BASE,
    "sqlalchemy_helpers.manager.Base": _BASE,
    "sqlalchemy_helpers.DatabaseManager().Session": _OF_HELPERS,
    "sqlalchemy_helpers.DatabaseManager().engine": Given(k.ENGINE),
    "sqlalchemy_helpers.manager.DatabaseManager().Session": _OF_HELPERS,
    "sqlalchemy_helpers.manager.DatabaseManager().engine": Given(k.ENGINE),
    "sqlalchemy_helpers.aio.AsyncDatabaseManager().Session": Given(
        k.SESSION_FACTORY, True, traits=KEEPS
    ),
    "sqlalchemy_helpers.aio.AsyncDatabaseManager().engine": Given(k.ENGINE, True),
    "sqlalchemy_helpers.flask_ext.DatabaseExtension().manager.Session": _OF_HELPERS,
    "sqlalchemy_helpers.flask_ext.DatabaseExtension().manager.engine": Given(k.ENGINE),
    "sqlalchemy_helpers.flask_ext.DatabaseExtension().session": Given(
        k.SESSION, owner="registry", traits=_REQUEST | {"no-autoflush"}
    ),
    # ziggurat-foundations
    "ziggurat_foundations.models.base.get_db_session()": Given(k.SESSION, owner="registry"),
    # the database of a program, as its plug-ins import it
    "CTFd.models.db": FLASK_DB,
    "clld.db.meta.DBSession": _JOINED,
    "geonature.utils.env.DB": FLASK_DB,
    "geonature.utils.env.db": FLASK_DB,
    "indico.core.db.db": FLASK_DB,
    "kotti.DBSession": _JOINED,
    "reana_db.database.Session": REGISTRY._replace(traits=_NO_AUTOFLUSH),
    "tgext.pluggable.app_model.DBSession": _JOINED,
    # made by `create_session()`, which does not expire either
    "z3c.saconfig.Session": REGISTRY._replace(traits=KEEPS | {BY_MANAGER}),
    # Alchemical
    "alchemical.Alchemical().Session": Given(k.SESSION_FACTORY),
    "alchemical.Alchemical().get_engine()": Given(k.ENGINE),
    "alchemical.Model": _BASE,
    "alchemical.aio.Alchemical().Session": Given(k.SESSION_FACTORY, True, traits=KEEPS),
    "alchemical.aio.Alchemical().get_engine()": Given(k.ENGINE, True),
    "alchemical.aio.Model": _BASE,
    "alchemical.flask.Alchemical().Session": Given(k.SESSION_FACTORY),
    "alchemical.flask.Alchemical().get_engine()": Given(k.ENGINE),
    "alchemical.flask.Alchemical().session": _OF_CONTEXT,
    "alchemical.flask.Model": _BASE,
    # Advanced Alchemy, by the modules that have its configurations
    **{
        f"{module}.SQLAlchemy{way}Config().{method}()": Given(kind, way == "Async")
        for module in _ADVANCED
        for way in ("Async", "Sync")
        for method, kind in {
            "create_session_maker": k.SESSION_FACTORY,
            "get_engine": k.ENGINE,
        }.items()
    },
    # Alembic's context
    "alembic.op.get_context().bind": Given(k.CONNECTION, owner="managed"),
    "alembic.op.get_context().connection": Given(k.CONNECTION, owner="managed"),
    # wrappers around an engine
    "langchain.sql_database.SQLDatabase()._engine": Given(k.ENGINE),
    "langchain_community.utilities.SQLDatabase()._engine": Given(k.ENGINE),
    "langchain_community.utilities.SQLDatabase.from_uri()._engine": Given(k.ENGINE),
    "langchain_community.utilities.sql_database.SQLDatabase()._engine": Given(k.ENGINE),
    "langchain_community.utilities.sql_database.SQLDatabase.from_uri()._engine": Given(k.ENGINE),
    "llama_index.core.SQLDatabase().engine": Given(k.ENGINE),
    "llama_index.core.SQLDatabase.from_uri().engine": Given(k.ENGINE),
    # pyramid_sqlalchemy
    "pyramid_sqlalchemy.BaseObject": _BASE,
    "pyramid_sqlalchemy.Session": _JOINED,
    "pyramid_sqlalchemy.meta.Session": _JOINED,
    # pyramid_basemodel, the Pyramid cookiecutter's metadata
    "pyramid_basemodel.Session": _JOINED,
}

# Names that annotate what a framework hands to a function.
ANNOTATIONS: dict[str, Given] = {
    "airflow.api_fastapi.common.db.common.AsyncSessionDep": ASYNC_LENT._replace(traits=_OF_AIRFLOW),
    "airflow.api_fastapi.common.db.common.SessionDep": AIRFLOW_LENT,
    "fastapi_sqla.AsyncSession": _ASYNC_KEEPING,
    "fastapi_sqla.Session": LENT,
    "fastapi_sqla.async_sqla.AsyncSession": _ASYNC_KEEPING,
    "fastapi_sqla.sqla.Session": LENT,
    "nonebot_plugin_orm.async_scoped_session": _OF_NONEBOT,
}

# Context managers: what their ``with`` binds.
MANAGERS: dict[str, Given] = {
    **{f"{module}.SQLAlchemyAsyncConfig().get_session()": ASYNC_LENT for module in _ADVANCED},
    **{f"{module}.SQLAlchemySyncConfig().get_session()": LENT for module in _ADVANCED},
    **{
        f"{module}.session.{made}context_session()": _LENT_UNFLUSHED
        for module in _UTILS
        for made in ("", "FastAPISessionMaker().")
    },
    # Alchemical: a new session in a transaction
    "alchemical.Alchemical().begin()": LENT,
    "alchemical.aio.Alchemical().begin()": _ASYNC_KEEPING,
    "alchemical.flask.Alchemical().begin()": LENT,
    "homeassistant.components.recorder.util.session_scope()": LENT,
    "homeassistant.helpers.recorder.session_scope()": LENT,
    "langflow.services.deps.session_scope()": _ASYNC_KEEPING,
    "lfx.services.deps.session_scope()": _ASYNC_KEEPING,
    "open_webui.internal.db.get_db()": LENT._replace(traits=KEEPS | _NO_AUTOFLUSH),
    "fastapi_sqla.open_session()": LENT,
    "fastapi_sqla.async_sqla.open_session()": _ASYNC_KEEPING,
    "fastapi_sqla.sqla.open_session()": LENT,
    "airflow.utils.session.create_session()": AIRFLOW_LENT,
    "airflow.settings.create_session()": AIRFLOW_LENT,
}

# Fixtures of plug-ins of pytest, by name: there when the project has the fixture that they want.
# pytest-flask-sqlalchemy works on a `_db`.
PLUGIN_FIXTURES: dict[str, tuple[str, Given]] = {
    "db_engine": ("_db", Given(k.ENGINE)),
    "db_session": ("_db", SCOPED),
}


# What a hook of Airflow's gives, by the end of its name: all that speak SQL have the method.
HOOKED = "Hook().get_sqlalchemy_engine()"
ENGINE = Given(k.ENGINE)


# Decorators that pass a session in a parameter of this name, and end it afterwards.
PROVIDERS: dict[str, tuple[str, Given]] = {
    "airflow.utils.session.provide_session": ("session", AIRFLOW_LENT),
    "airflow.utils.db.provide_session": ("session", AIRFLOW_LENT),
}

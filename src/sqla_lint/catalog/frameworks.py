"""What frameworks hand out, as tables: requests and applications on which a project keeps its
session, decorators that give a function its first parameter, base classes with a session.

Names are dotted, as in `objects`: ``a.b.C()`` is an object of the class ``a.b.C``.
"""

from __future__ import annotations

from functools import lru_cache

from sqla_lint.catalog import kinds as k
from sqla_lint.catalog import oslo
from sqla_lint.catalog.objects import FLASK_DB, KEEPS, REGISTRY, SCOPED, Given

# Dotted names for which the answer is remembered: a program uses some thousands.
REMEMBERED = 16_384

# Decorators that make a group of commands of a function, and what then stands under its name.
# Source: Click documentation, "Commands and Groups".
COMMAND_GROUP = "click.core.Group()"
COMMAND_GROUPS = frozenset(
    {"click.group", "rich_click.group", "flask.Flask().cli.group", f"{COMMAND_GROUP}.group"}
)

# Classes on whose objects projects set attributes and read them elsewhere, by the one name that
# stands for each: `request.state.db = …` in a middleware is what `request.state.db` is in a route.
HOLDERS: dict[str, str] = {
    "starlette.requests.Request": "starlette.requests.Request()",
    "starlette.requests.HTTPConnection": "starlette.requests.Request()",
    "starlette.websockets.WebSocket": "starlette.requests.Request()",
    "fastapi.Request": "starlette.requests.Request()",
    "fastapi.WebSocket": "starlette.requests.Request()",
    "fastapi.requests.Request": "starlette.requests.Request()",
    "starlette.applications.Starlette": "starlette.applications.Starlette()",
    "fastapi.FastAPI": "starlette.applications.Starlette()",
    "fastapi.applications.FastAPI": "starlette.applications.Starlette()",
    "flask.Flask": "flask.Flask()",
    "quart.Quart": "flask.Flask()",
    "pyramid.request.Request": "pyramid.request.Request()",
    "aiohttp.web.Request": "aiohttp.web.Request()",
    "aiohttp.web.Application": "aiohttp.web.Application()",
    "litestar.Request": "litestar.Request()",
    "litestar.Litestar": "litestar.Litestar()",
    "litestar.datastructures.State": "litestar.Litestar().state",
    "sanic.Request": "sanic.Request()",
    "sanic.request.Request": "sanic.Request()",
    "sanic.Sanic": "sanic.Sanic()",
    "ckan.types.Context": "ckan.types.Context()",
    "strawberry.Info": "strawberry.Info()",
    "strawberry.types.Info": "strawberry.Info()",
    "strawberry.types.info.Info": "strawberry.Info()",
    "click.Context": "click.Context()",
    "typer.Context": "click.Context()",
    **oslo.CONTEXTS,
}

# Attributes whose class is a type parameter of the class of the object: `Info[Context].context`.
GENERIC: dict[str, dict[str, int]] = {
    "agents.RunContextWrapper": {"context": 0},
    "pydantic_ai.RunContext": {"deps": 0},
    "pydantic_ai.tools.RunContext": {"deps": 0},
    "strawberry.Info": {"context": 0, "root_value": 1},
    "strawberry.types.Info": {"context": 0, "root_value": 1},
    "strawberry.types.info.Info": {"context": 0, "root_value": 1},
}

# Annotations of libraries that say of a value what it is for, and not what it is.
ASIDE: frozenset[str] = frozenset(
    {
        *("strawberry.Private", "strawberry.private.Private", "strawberry.types.private.Private"),
        *("strawberry.Parent", "strawberry.parent.Parent"),
    }
)

# The same object under another name.
_SAME: dict[str, str] = {
    "starlette.requests.Request().app": "starlette.applications.Starlette()",
    "fastapi.FastAPI()": "starlette.applications.Starlette()",
    "flask.current_app": "flask.Flask()",
    "quart.current_app": "flask.Flask()",
    "quart.Quart()": "flask.Flask()",
    "quart.g": "flask.g",
    "aiohttp.web.Request().app": "aiohttp.web.Application()",
    "pyramid.config.Configurator().registry": "pyramid.registry.Registry()",
    "pyramid.request.Request().registry": "pyramid.registry.Registry()",
    "litestar.Request().app": "litestar.Litestar()",
    "sanic.Request().app": "sanic.Sanic()",
    "sqlalchemy_helpers.aio.manager_from_config()": "sqlalchemy_helpers.aio.AsyncDatabaseManager()",
    "sqlalchemy_helpers.fastapi.manager_from_config()": (
        "sqlalchemy_helpers.aio.AsyncDatabaseManager()"
    ),
    "ckan.types.Context()['model']": "ckan.model",
    # an extension has the context of the operation before the resolvers have it
    "strawberry.extensions.SchemaExtension().execution_context": "strawberry.Info()",
    "strawberry.extensions.base_extension.SchemaExtension().execution_context": "strawberry.Info()",
    **oslo.SAME,
}

# Frameworks that run a whole script for each interaction; what it imports stays.
RUN_AGAIN: frozenset[str] = frozenset({"streamlit"})

# What begins with one of these may be set by the project.
KEPT_ON: tuple[str, ...] = (
    "ckan.types.Context()",
    "click.Context()",
    "starlette.requests.Request()",
    "starlette.applications.Starlette()",
    "flask.Flask()",
    "flask.g",
    "pyramid.registry.Registry()",
    "pyramid.request.Request()",
    "aiohttp.web.Request()",
    "aiohttp.web.Application()",
    "litestar.Litestar()",
    "litestar.Request()",
    "sanic.Request()",
    "sanic.Sanic()",
    "strawberry.Info()",
    # what a thread, a task or a greenlet keeps for itself
    "asgiref.local.Local()",
    "contextvars.ContextVar(",
    "gevent.local.local()",
    "threading.local()",
    "werkzeug.local.Local()",
)

# Methods that a framework calls on classes that stand on its own: position and kind of what it
# hands to them.
HANDED_TO_METHODS: dict[str, tuple[int, str]] = {
    "starlette.middleware.base.BaseHTTPMiddleware().dispatch": (1, "starlette.requests.Request()"),
    "fastapi.middleware.base.BaseHTTPMiddleware().dispatch": (1, "starlette.requests.Request()"),
} | {
    f"starlette.endpoints.HTTPEndpoint().{method}": (1, "starlette.requests.Request()")
    for method in ("get", "post", "put", "patch", "delete", "head")
}

# Decorators whose function gets such an object as its parameter `request`, or as its only one.
_AIOHTTP_ROUTES = ("get", "post", "put", "patch", "delete", "head", "route", "view")
REQUEST_VIEWS: dict[str, str] = {
    f"aiohttp.web.RouteTableDef().{method}()": "aiohttp.web.Request()" for method in _AIOHTTP_ROUTES
} | {
    "fastapi.FastAPI().middleware()": "starlette.requests.Request()",
    "starlette.applications.Starlette().middleware()": "starlette.requests.Request()",
    "aiohttp.web.middleware": "aiohttp.web.Request()",
    **{
        f"cornice.Service().{method}()": "pyramid.request.Request()"
        for method in ("delete", "get", "head", "options", "patch", "post", "put")
    },
    "pyramid.view.view_config()": "pyramid.request.Request()",
    "pyramid.view.notfound_view_config()": "pyramid.request.Request()",
    "pyramid.view.forbidden_view_config()": "pyramid.request.Request()",
    "pyramid.view.exception_view_config()": "pyramid.request.Request()",
    "pyramid.view.view_defaults()": "pyramid.request.Request()",
}

# Decorators whose function gets such an object, or a part of one, as its first parameter.
HANDED_FIRST: dict[str, str] = {
    f"{module}.{name}": given
    for module in ("click", "click.decorators", "rich_click")
    for name, given in {
        "pass_context": "click.Context()",
        "pass_obj": "click.Context().obj",
    }.items()
} | {
    "alembic.operations.Operations.implementation_for()": "alembic.operations.Operations()",
    "alembic.operations.base.Operations.implementation_for()": "alembic.operations.Operations()",
}

# Functions that a framework knows by their parameters (CKAN docs, "Action API reference"): whose
# module imports it, and what the first one is.
SIGNATURES: dict[tuple[str, ...], tuple[str, str]] = {
    ("context", "data_dict"): ("ckan.", "ckan.types.Context()"),
}

SIGNED = 2  # how many parameters these have

HANDED_METHODS = frozenset(label.rpartition(".")[2] for label in HANDED_TO_METHODS)

# dependency-injector: a provider calls its first argument with the rest (its documentation,
# "Providers"), and ``= Provide[Container.session]`` is what a provider gives.
_PROVIDERS = ("Callable", "ContextLocalSingleton", "Factory", "Resource", "Singleton")
_PROVIDERS_APART = ("ThreadLocalSingleton", "ThreadSafeSingleton")
PROVIDERS = frozenset(
    f"dependency_injector.providers.{name}" for name in (*_PROVIDERS, *_PROVIDERS_APART)
)
PROVIDE = "dependency_injector.wiring.Provide"

# What marks a parameter as that which a function gives: FastAPI's, and what works like it in
# FastStream, FastDepends and Taskiq (their documentation, "Dependency Injection").
DEPENDENCIES = frozenset({"Depends", "Security", "TaskiqDepends"})
_DEPENDING = frozenset({"fast_depends", "fastapi", "faststream", "taskiq"})

# Calls that register functions, which then get such an object as their first parameter.
CALLBACKS: dict[str, str] = (
    {
        f"aiohttp.web.Application().{signal}.append": "aiohttp.web.Application()"
        for signal in ("cleanup_ctx", "on_cleanup", "on_shutdown", "on_startup")
    }
    | {f"aiohttp.web.{method}": "aiohttp.web.Request()" for method in _AIOHTTP_ROUTES}
    | {
        f"aiohttp.web.Application().router.add_{method}": "aiohttp.web.Request()"
        for method in _AIOHTTP_ROUTES
    }
    | {
        "pyramid.config.Configurator().add_request_method": "pyramid.request.Request()",
        "pyramid.config.Configurator().add_view": "pyramid.request.Request()",
        "starlette.routing.Route": "starlette.requests.Request()",
        "telegram.ext.CallbackQueryHandler": "telegram.Update()",
        "telegram.ext.CommandHandler": "telegram.Update()",
        "telegram.ext.MessageHandler": "telegram.Update()",
    }
)

# Attributes that objects of a class have from its base in a library: `Base().session`.
_LENT = Given(k.SESSION, owner="managed")
_SHARED = Given(k.SCOPED_SESSION, owner="managed")
_ASYNC = Given(k.SESSION, is_async=True, owner="managed")
INHERITED: dict[str, Given] = {
    f"{module}.{name}.session": given
    for module in ("advanced_alchemy.repository", "litestar.contrib.sqlalchemy.repository")
    for name, given in {
        "SQLAlchemyAsyncRepository()": _ASYNC,
        "SQLAlchemyAsyncSlugRepository()": _ASYNC,
        "SQLAlchemySyncRepository()": _LENT,
        "SQLAlchemySyncSlugRepository()": _LENT,
    }.items()
} | {
    "fastapi_users_db_sqlalchemy.SQLAlchemyUserDatabase().session": _ASYNC,
    **{
        f"{name}().session": Given(k.SESSION, owner="attribute")
        for name in (
            "flask_sqlalchemy.BaseQuery",
            "flask_sqlalchemy.query.Query",
            "sqlalchemy.orm.Query",
            "sqlalchemy.orm.query.Query",
        )
    },
    "fastapi_users.db.SQLAlchemyUserDatabase().session": _ASYNC,
    **{
        f"{module}.{name}().db": FLASK_DB
        for module in ("flask_security", "flask_security.datastore")
        for name in ("SQLAlchemyDatastore", "SQLAlchemyUserDatastore")
    },
    "flask_appbuilder.security.sqla.manager.SecurityManager().get_session": Given(
        k.SCOPED_SESSION, owner="registry", traits=frozenset({"request-scoped"})
    ),
    "flask_appbuilder.security.sqla.manager.SecurityManager().session": Given(
        k.SCOPED_SESSION, owner="registry", traits=frozenset({"request-scoped"})
    ),
    **{
        f"flask_appbuilder.{name}().{path}": SCOPED
        for name in (
            "BaseView",
            "ModelRestApi",
            "ModelView",
            "api.BaseApi",
            "api.ModelRestApi",
            "views.ModelView",
        )
        for path in ("appbuilder.get_session", "appbuilder.session", "datamodel.session")
    },
    **{
        # the hub's one session, made with expire_on_commit=False
        f"jupyterhub.{name}().db": Given(k.SESSION, owner="attribute", traits=KEEPS)
        for name in (
            "apihandlers.APIHandler",
            "apihandlers.base.APIHandler",
            "auth.Authenticator",
            "auth.LocalAuthenticator",
            "handlers.BaseHandler",
            "handlers.base.BaseHandler",
            "spawner.LocalProcessSpawner",
            "spawner.Spawner",
        )
    },
    **{
        f"sqlalchemy_mixins.{name}().session": REGISTRY
        for name in (
            "ActiveRecordMixin",
            "AllFeaturesMixin",
            "SessionMixin",
            "SmartQueryMixin",
            "activerecord.ActiveRecordMixin",
            "session.SessionMixin",
            "smartquery.SmartQueryMixin",
        )
    },
    # what they were given, which their documentation has as a registry
    "flask_admin.contrib.sqla.ModelView().session": _SHARED,
    "flask_admin.contrib.sqla.view.ModelView().session": _SHARED,
    "factory.alchemy.SQLAlchemyModelFactory()._meta.sqlalchemy_session": _SHARED,
    f"{oslo.CONTEXT}.session": oslo.LENT,
    f"{oslo.CONTEXT}.connection": Given(k.CONNECTION, owner="managed"),
}


# What leads from an object to one of these: the `datamodel` of a view.
ON_THE_WAY = frozenset(
    label.rpartition(".")[0] for label in INHERITED if label.rpartition("().")[2].count(".") == 1
) | {"strawberry.Info()"}

# Methods of schemas that give a dictionary (pydantic docs, "Serialization").
DUMPS = frozenset(
    {
        "pydantic.BaseModel().dict",
        "pydantic.BaseModel().model_dump",
        "sqlmodel.SQLModel().model_dump",
    }
)


# The packages that have other names for something: most labels are of none of them.
_RENAMED = frozenset(name.partition(".")[0] for name in _SAME)


# Calls in a class body that describe an attribute, whose value the objects have.
_FIELDS = (
    "attr.attrib()",
    "attr.ib()",
    "attrs.field()",
    "dataclasses.field()",
    "pydantic.Field()",
    "pydantic.PrivateAttr()",
    "pydantic.fields.",
    "traitlets.",
)


def is_field(label: str) -> bool:
    """The value of a class attribute is a description of what objects have there."""
    return label.startswith(_FIELDS) and label.endswith("()")


@lru_cache(maxsize=REMEMBERED)
def canonical(label: str) -> str:
    """The one name of what a library's object or its attribute is."""
    if label.partition(".")[0] not in _RENAMED:
        return label
    for name, other in _SAME.items():
        if label.startswith(name):
            return other + label[len(name) :]
    return label


def depends(label: str) -> bool:
    """Marks a parameter as that which a function gives."""
    first, _, rest = label.partition(".")
    return first in _DEPENDING and rest.rpartition(".")[2] in DEPENDENCIES


def keeps(label: str) -> bool:
    """An object of a framework, or a part of one, on which a project may set what it likes."""
    return canonical(label).startswith(KEPT_ON)

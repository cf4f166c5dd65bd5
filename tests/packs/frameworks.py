"""The environments that applications run in, one per set of libraries that go together.

Built like those of the proofs, by the first run.
"""

from __future__ import annotations

from pathlib import Path

from proofs.environments import Environment

HERE = Path(__file__).parent

FRAMEWORKS = Environment(
    "frameworks",
    ("2.0",),
    (3, 11),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "advanced-alchemy==1.12.0",
        "aiohttp==3.14.5",
        "aiosqlite",
        "alembic==1.20.1",
        "celery==5.7.0",
        "fastapi==0.165.0",
        "flask==3.1.3",
        "flask-sqlalchemy==3.1.1",
        "httpx",
        "litestar==2.25.0",
        "oslo.db==18.1.1",
        "pyramid==2.1",
        "pyramid-tm==2.6",
        "pytest",
        "setuptools<81",  # pyramid and its plug-ins ask for pkg_resources
        "sqlmodel==0.0.50",
        "webtest",
        "zope.sqlalchemy==4.1",
    ),
)
# Airflow asks for other versions than the rest, and for SQLAlchemy 1.4.
PINNED = (HERE / "airflow.txt").read_text(encoding="utf-8").splitlines()
AIRFLOW = Environment(
    "airflow", ("1.4",), (3, 10), ("--no-deps", *(line for line in PINNED if line[0] != "#"))
)

# What stands between a framework and SQLAlchemy.
BRIDGES = Environment(
    "bridges",
    ("2.0",),
    (3, 11),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "aiosqlite",
        "alchemical==1.0.3",
        "cornice==6.1.0",
        "dependency-injector==4.49.1",
        "factory-boy==3.3.3",
        "fastapi==0.165.0",
        "fastapi-async-sqlalchemy==0.7.1.post3",
        "fastapi-restful==0.6.0",
        "fastapi-sqla==3.3.0",
        "fastapi-sqlalchemy==0.2.1",
        "fastapi-users-db-sqlalchemy==7.0.0",
        "fastapi-users==15.0.5",
        "fastapi-utils==0.8.0",
        "faststream==0.7.8",
        "flask==3.1.3",
        "flask-admin==2.2.1",
        "flask-security-too==5.9.2",
        "flask-sqlalchemy==3.1.1",
        "flask-sqlalchemy-lite==0.2.1",
        "httpx",
        "invenio-db==2.6.1",
        "openai-agents==0.24.0",
        "pydantic-ai-slim==2.68.0",
        "pyramid==2.1",
        "pyramid-basemodel==1.0.0",
        "pyramid-sqlalchemy==1.6",
        "pyramid-tm==2.6",
        "python-telegram-bot==22.8",
        "quart==0.22.0",
        "sanic==25.12.1",
        "sanic-testing",
        "setuptools<81",
        "sqlalchemy-helpers==2.0.1",
        "sqlalchemy-mixins==2.0.5",
        "strawberry-graphql==0.341.2",
        "streamlit==1.67.0",
        "taskiq==0.13.0",
        "typing-inspect",  # fastapi-utils asks for it, and does not say so
        "webtest",
        "z3c.saconfig==2.1",
        "ziggurat-foundations==0.9.1",
    ),
)
# Programs and wrappers that stand on SQLAlchemy.
PROGRAMS = Environment(
    "programs",
    ("2.0",),
    (3, 11),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "advanced-alchemy==1.12.0",
        "aiosqlite",
        "asgiref==3.13.0",
        "flask==3.1.3",
        "flask-appbuilder==5.3.0",
        "gevent==26.9.0",
        "jupyterhub==6.1.1",
        "langchain-community==0.4.2",
        "llama-index-core==0.14.25",
        "neutron-lib==5.0.1",
        "nonebot-plugin-orm[default]==0.8.4",
        "oslo.db==18.1.1",
        "osprofiler==4.4.0",
    ),
)
# Programs that ask for older versions of their own helpers.
RESEARCH = Environment(
    "research",
    ("2.0",),
    (3, 10),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "clld==9.2.2",
        "clldutils<4",
        "psycopg2-binary",
        "reana-db==0.7.2",
        "setuptools<81",
        "tgext.pluggable==0.9.0",
        "turbogears2==2.5.1",
    ),
)
# CKAN says itself what it runs on.
CKAN = Environment("ckan", ("2.0",), (3, 10), ("ckan[requirements]==2.12.0", "setuptools<81"))
# Home Assistant pins what it needs.
HOME = Environment(
    "home",
    ("2.0",),
    (3, 11),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "fnv-hash-fast",
        "homeassistant==2024.3.3",
        "psutil-home-assistant",
    ),
)
# What is not made any more, on the last SQLAlchemy that it runs on.
OLDER = Environment(
    "older",
    ("1.4",),
    (3, 10),
    (
        "sqlalchemy==1.4.54",
        "flask==2.0.3",
        "flask-sqlalchemy==2.5.1",
        "flask-sqlalchemy-session==1.1",
        "oslo.db==13.1.0",
        "pytest-flask-sqlalchemy==1.1.0",
        "setuptools<81",
        "werkzeug==2.0.3",
    ),
)

# The first Python that these releases do not run on.
TOO_NEW = {AIRFLOW: (3, 13), HOME: (3, 13)}

# The applications by their environment; the others run among the frameworks.
_APPS = {
    AIRFLOW: ("airflow",),
    BRIDGES: (
        "agents",
        "alchemical",
        "dependency_injector",
        "factory_boy",
        "fast_depends",
        "fastapi_async_sqlalchemy",
        "fastapi_sqla",
        "fastapi_sqlalchemy",
        "fastapi_users",
        "fastapi_utils",
        "flask_admin",
        "flask_security",
        "flask_sqlalchemy_lite",
        "invenio",
        "pydantic_ai",
        "pyramid_basemodel",
        "pyramid_sqlalchemy",
        "quart",
        "sanic",
        "sqlalchemy_helpers",
        "sqlalchemy_mixins",
        "starlette",
        "strawberry",
        "streamlit",
        "taskiq",
        "telegram",
        "z3c_saconfig",
        "ziggurat_foundations",
    ),
    CKAN: ("ckan",),
    HOME: ("homeassistant",),
    OLDER: ("flask_sqlalchemy_2", "oslo_legacy", "pytest_flask_sqlalchemy"),
    PROGRAMS: (
        "advanced_alchemy",
        "flask_appbuilder",
        "gevent",
        "jupyterhub",
        "langchain",
        "neutron",
        "nonebot",
    ),
    RESEARCH: ("clld", "reana", "tgext_pluggable"),
}
_ELSEWHERE = {f"{name}_app": environment for environment, names in _APPS.items() for name in names}


def environment_of(app: str) -> Environment:
    """Where an application runs, by its name."""
    return _ELSEWHERE.get(app, FRAMEWORKS)

"""Libraries that stand on SQLAlchemy, as small tables: SQLModel and Flask-SQLAlchemy."""

from __future__ import annotations

from sqla_lint.catalog import kinds as k
from sqla_lint.catalog.member import Member

# Their modules that only pass SQLAlchemy's names on: the name leads to SQLAlchemy's own.
_FORWARDS: dict[str, str] = {
    "sqlmodel": "sqlalchemy",
    "sqlmodel.sql.expression": "sqlalchemy",
}

# class -> kind of an instance, asyncio twin
_CLASSES: dict[str, tuple[str, bool]] = {
    "sqlmodel.Session": (k.SESSION, False),
    "sqlmodel.ext.asyncio.session.AsyncSession": (k.SESSION, True),
    "sqlmodel.SQLModel": (k.DECLARATIVE_BASE, False),
    "flask_sqlalchemy.SQLAlchemy": (k.FLASK_DB, False),
    "flask_sqlalchemy.BaseQuery": (k.QUERY, False),
    "flask_sqlalchemy.session.Session": (k.SESSION, False),
}

# Methods of a SQLModel table that give a new object of it (SQLModel docs, "Multiple Models with
# FastAPI").
VALIDATING = frozenset({"model_validate", "from_orm", "parse_obj", "validate"})

# other ways to the same thing
_ALIASES: dict[str, str] = {
    "sqlmodel.orm.session.Session": "sqlmodel.Session",
    "sqlmodel.main.SQLModel": "sqlmodel.SQLModel",
    "sqlmodel.main.Field": "sqlmodel.Field",
    "sqlmodel.main.Relationship": "sqlmodel.Relationship",
    "flask_sqlalchemy.extension.SQLAlchemy": "flask_sqlalchemy.SQLAlchemy",
    "flask_sqlalchemy.query.Query": "flask_sqlalchemy.BaseQuery",
}

_FUNCTIONS: dict[str, Member] = {
    "sqlmodel.Session": Member(k.SESSION, enters=k.SESSION, effects=("open",)),
    "sqlmodel.ext.asyncio.session.AsyncSession": Member(
        k.SESSION, enters=k.SESSION, effects=("open",), is_async=True
    ),
    "sqlmodel.SQLModel": Member(k.ENTITY),
    "sqlmodel.Field": Member(k.COLUMN_EXPR),
    "sqlmodel.Relationship": Member(k.RELATIONSHIP),
    "sqlmodel.col": Member(k.COLUMN_EXPR),
    "flask_sqlalchemy.SQLAlchemy": Member(k.FLASK_DB),
}

_NAMES: frozenset[str] = frozenset((*_CLASSES, *_FUNCTIONS))

# SQLModel's `Session.exec`: scalars for a select of one thing, which is how it is used; rows for
# a select of several, which then pass for scalars here.
_EXEC = {
    False: Member(k.SCALARS, effects=("execute",), raises="db"),
    True: Member(k.SCALARS, coroutine=True, awaitable=True, effects=("execute",), raises="db"),
}

# `db.X` is SQLAlchemy's X for every X of these modules (Flask-SQLAlchemy copies their names).
FLASK_PROXIES: tuple[str, ...] = ("sqlalchemy", "sqlalchemy.orm")

_FLASK_DB: dict[str, Member] = {
    "session": Member(k.SCOPED_SESSION, property=True),
    "engine": Member(k.ENGINE, property=True),
    "engines": Member(k.DICT, property=True, of=k.ENGINE),
    "get_engine": Member(k.ENGINE, deprecated="3.0"),
    "Model": Member(k.DECLARATIVE_BASE, property=True),
    "metadata": Member(k.METADATA, property=True),
    "metadatas": Member(k.DICT, property=True, of=k.METADATA),
    "Query": Member(k.CLASS, property=True),
    "Table": Member(k.TABLE),
    "create_all": Member(k.NONE, effects=("execute",), raises="db"),
    "drop_all": Member(k.NONE, effects=("execute",), raises="db"),
    "reflect": Member(k.NONE, effects=("execute",), raises="db"),
    "init_app": Member(k.NONE),
    "create_scoped_session": Member(k.SCOPED_SESSION),
    "create_session": Member(k.SESSION_FACTORY),
    "get_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "first_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "one_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "paginate": Member(k.INSTANCE, effects=("execute",), raises="db"),
    "relationship": Member(k.RELATIONSHIP),
    "dynamic_loader": Member(k.RELATIONSHIP),
    "backref": Member(),
    "relation": Member(k.RELATIONSHIP),
}

# What Flask-SQLAlchemy's Query adds (`Model.query`, `db.session.query`).
_FLASK_QUERY: dict[str, Member] = {
    "get_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "first_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "one_or_404": Member(k.ENTITY, effects=("execute",), raises="db"),
    "paginate": Member(k.INSTANCE, effects=("execute",), raises="db"),
}


def canonical(dotted: str) -> str | None:
    """The one name of something a pack defines; None for everything else."""
    name = _ALIASES.get(dotted, dotted)
    return name if name in _NAMES else None


def forwarded(dotted: str) -> str:
    """A name a pack only passes on, as SQLAlchemy's; "" for others: ``sqlmodel.select``."""
    module, _, name = dotted.rpartition(".")
    target = _FORWARDS.get(module)
    return f"{target}.{name}" if target and canonical(dotted) is None else ""


def class_kind(name: str) -> tuple[str, bool] | None:
    """The kind of an instance of a pack's class, by canonical name."""
    return _CLASSES.get(name)


def function(name: str) -> Member | None:
    """What calling something of a pack gives, by canonical name."""
    return _FUNCTIONS.get(name)


def member(kind: str, is_async: bool, name: str) -> Member | None:
    """A member only a pack knows."""
    if name == "exec" and kind == k.SESSION:
        return _EXEC[is_async]
    if kind == k.FLASK_DB:
        return _FLASK_DB.get(name)
    if kind == k.QUERY:
        return _FLASK_QUERY.get(name)
    return None

"""How a program configures its database: URLs, and options of engines and of frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.written import Written, strings

ENGINE_MAKERS = frozenset({"create_engine", "create_async_engine"})
_FLASK_URL = "SQLALCHEMY_DATABASE_URI"
# A table of the names of settings has them as values; no URL looks like one.
_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
_ALEMBIC_URL = "sqlalchemy.url"
_APPS = frozenset({"flask.Flask", "quart.Quart", "apiflask.APIFlask", "connexion.FlaskApp"})
_ASYNC_WRAPPER = "AsyncEngine"


def library_name(operation: Operation) -> str:
    """The dotted name of a function outside the project that is called; "" for others."""
    op, on = operation.op, operation.on
    if op.do != "call" or on.name != NAME:
        return ""
    return dotted_label(on, op.name)


def makes_engine(operation: Operation) -> str:
    """`create_engine` or `create_async_engine`, when one of them is called; else ""."""
    on, op = operation.on, operation.op
    if op.do != "call":
        return ""
    name = library_name(operation)
    last = name.rpartition(".")[2]
    if name.startswith(("sqlalchemy", "sqlmodel")) and last in ENGINE_MAKERS:
        return last
    return str(op.name) if on.name == kinds.FLASK_DB and op.name in ENGINE_MAKERS else ""


def given(operation: Operation, position: int, *keywords: str) -> tuple[Arg, Kind] | None:
    """An argument of a call, by position or keyword."""
    plain = 0
    for arg, kind in zip(operation.op.args, operation.arg_kinds, strict=True):
        if arg.star:
            return None
        if arg.keyword is None:
            if plain == position:
                return arg, kind
            plain += 1
        elif arg.keyword in keywords:
            return arg, kind
    return None


def database_urls(operation: Operation) -> Iterator[tuple[Written, bool | None]]:
    """The URLs that an operation hands over, each with whether its engine is async."""
    function, op = operation.function, operation.op
    maker = makes_engine(operation)
    if maker:
        url = given(operation, 0, "url")
        is_async: bool | None = maker == "create_async_engine"
        if not is_async and _wraps_engines(function):
            is_async = None
        if url is not None:
            for one in strings(function, url[0].value, url[1], url[0].at):
                yield one, is_async
        return
    name = library_name(operation)
    if name.startswith("sqlalchemy") and name.endswith(".make_url"):
        url = given(operation, 0, "name_or_url")
        if url is not None:
            for one in strings(function, url[0].value, url[1], url[0].at):
                yield one, None
    elif name.startswith("sqlalchemy") and name.endswith(".URL.create"):
        dialect = given(operation, 0, "drivername")
        if dialect is not None and isinstance(dialect[0].value, Const):
            yield Written(f"{dialect[0].value.value!s}://", dialect[0].at, False), None
    for arg, kind in _configured(operation):
        for one in strings(function, arg.value, kind, arg.at):
            if one.text:  # else it holds the place of what is configured later
                yield one, None
    sets = op.do == "call" and op.name == "set_main_option" and len(op.args) == 2
    if sets and op.args[0].value == Const(_ALEMBIC_URL):
        for one in strings(function, op.args[1].value, operation.arg_kinds[1], op.args[1].at):
            yield one, None


def _wraps_engines(function: Function) -> bool:
    """`AsyncEngine(create_engine(...))`: what SQLModel's first documentation told."""
    return any(
        op.do == "call" and _ASYNC_WRAPPER in (op.name, str(op.on).rpartition(".")[2])
        for other in function.typed.module.functions.values()
        for block in other.blocks
        for op in block.ops
    )


def _configured(operation: Operation) -> Iterator[tuple[Arg, Kind]]:
    """What is configured as the URL of Flask-SQLAlchemy: a key of its own, whoever sets it."""
    op = operation.op
    if op.do == "setitem" and len(op.args) == 2 and op.args[0].value == Const(_FLASK_URL):
        yield op.args[1], operation.arg_kinds[1]
    elif op.do == "call":
        for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
            if arg.keyword == _FLASK_URL:
                yield arg, kind
    elif op.do == "move" and op.dst == _FLASK_URL and op.on is not None:
        names_a_key = isinstance(op.on, Const) and _KEY.fullmatch(str(op.on.value))
        if operation.function.typed.function.kind in ("class", "module") and not names_a_key:
            yield Arg(op.on, op.at), operation.on
    elif op.do == "pack" and op.name == "dict":
        pairs = zip(op.args[::2], op.args[1::2], operation.arg_kinds[1::2], strict=False)
        if not any(arg.star for arg in op.args):
            for key, value, kind in pairs:
                if key.value == Const(_FLASK_URL):
                    yield value, kind


def is_flask_app(kind: Kind) -> bool:
    """An application object of Flask or one of its twins."""
    return kind.name == FOREIGN and kind.label.removesuffix("()") in _APPS


def shares_sqlite(operation: Operation) -> bool:
    """`connect_args={"check_same_thread": False}`: several threads are meant."""
    options = given(operation, -1, "connect_args")
    pack = operation.function.maker(options[0].value) if options is not None else None
    if pack is None or pack.op.name != "dict":
        return False
    pairs = zip(pack.op.args[::2], pack.op.args[1::2], strict=False)
    return any(
        key.value == Const("check_same_thread") and value.value == Const(False)
        for key, value in pairs
    )

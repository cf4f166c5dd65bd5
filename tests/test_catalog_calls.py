"""What the catalog says comes back is what comes back: real calls on SQLite, in memory.

A row names a member and the arguments of a call. Where a version has no such member, the catalog
must say so too.
"""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import importlib
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from sqla_lint import catalog
from sqla_lint.catalog import kinds as k

sa = pytest.importorskip("sqlalchemy")
from sqlalchemy import orm  # noqa: E402
from sqlalchemy.pool import StaticPool  # noqa: E402

CATALOG = catalog.load((int(sa.__version__.split(".")[0]), int(sa.__version__.split(".")[1])))
FUTURE = {"future": True} if CATALOG.version < (2, 0) else {}
pytestmark = [
    pytest.mark.skipif(CATALOG.release != sa.__version__, reason="not a version the catalog ships"),
    pytest.mark.filterwarnings("ignore"),
]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    Base: Any = orm.declarative_base()


class User(Base):
    __tablename__ = "users"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20))
    data = sa.Column(sa.JSON)
    posts = orm.relationship("Post", back_populates="user")


class Post(Base):
    __tablename__ = "posts"
    id = sa.Column(sa.Integer, primary_key=True)
    user_id = sa.Column(sa.ForeignKey("users.id"))
    user = orm.relationship(User, back_populates="posts")


USERS = User.__table__
STATEMENT = sa.select(User)
NAMES = sa.select(User.name)

_PLAIN: tuple[tuple[type, str], ...] = (
    (bool, k.BOOL),
    (int, k.INT),
    (str, k.STR),
    (float, k.FLOAT),
    (bytes, k.BYTES),
    (collections.abc.Mapping, k.DICT),
    (list, k.LIST),
    (tuple, k.TUPLE),
    (collections.abc.Set, k.SET),
)


def kind_of(value: object) -> tuple[str, bool]:
    """The kind of a real object, and whether it is the asyncio twin."""
    if value is None:
        return k.NONE, False
    if isinstance(value, type):
        return (k.DECLARATIVE_BASE if hasattr(value, "registry") else k.CLASS), False
    if hasattr(type(value), "__mapper__"):
        return k.ENTITY, False
    for cls in type(value).__mro__:
        found = CATALOG.class_kind(f"{cls.__module__}.{cls.__qualname__}")
        if found is not None:
            return found
    if hasattr(value, "executemany") and hasattr(value, "fetchone"):
        return k.CURSOR, False
    for plain, kind in _PLAIN:
        if isinstance(value, plain):
            return kind, False
    if hasattr(value, "__next__") or hasattr(value, "__anext__"):
        return k.GENERATOR, False
    if hasattr(value, "__enter__") or hasattr(value, "__aenter__"):
        return k.CONTEXT_MANAGER, hasattr(value, "__aenter__")
    return k.INSTANCE, False


def agrees(
    member: catalog.Member, receiver: tuple[str, bool], value: object, *, entered: bool = False
) -> bool:
    """Whether a real value is what the member says; what it leaves open agrees with anything."""
    said = member.enters if entered else member.returns
    twin = member.is_async
    if said == k.SELF:
        said, twin = receiver
    if not said or (value is None and member.optional):
        return True
    kind, is_async = kind_of(value)
    if said == k.SAVEPOINT and kind == k.TRANSACTION:
        return True  # one class for both
    if said == k.MAPPED_CLASS:
        return kind in (k.MAPPED_CLASS, k.INSTANCE)
    if said == k.GENERATOR:
        return isinstance(value, (collections.abc.Iterable, collections.abc.AsyncIterable))
    if said == k.LIST:  # annotated Sequence
        return kind in (k.LIST, k.TUPLE)
    if said == k.INSTANCE:
        return True
    if said == k.CONTEXT_MANAGER:
        return hasattr(value, "__enter__") or hasattr(value, "__aenter__")
    return (kind, is_async) == (said, twin)


def make_engine(style: Any = FUTURE) -> Any:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, **style)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(User), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    return engine


def session() -> Any:
    return orm.Session(make_engine(), **FUTURE)


def connection() -> Any:
    return make_engine().connect()


def entity(of: Any) -> Any:
    return of.get(User, 1)


def each(names: str, arguments: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), arguments)


RECEIVERS: dict[str, Callable[[], Any]] = {
    k.ENGINE: lambda: make_engine({}),  # 1.4's own, which has `execute`
    k.CONNECTION: connection,
    k.RAW_CONNECTION: lambda: make_engine().raw_connection(),
    k.CURSOR: lambda: make_engine().raw_connection().cursor(),
    k.SESSION: session,
    k.SESSION_FACTORY: lambda: orm.sessionmaker(make_engine(), **FUTURE),
    k.SCOPED_SESSION: lambda: orm.scoped_session(orm.sessionmaker(make_engine(), **FUTURE)),
    k.TRANSACTION: lambda: connection().begin(),
    k.SAVEPOINT: lambda: session().begin_nested(),
    k.RESULT: lambda: connection().execute(sa.select(USERS.c.id, USERS.c.name)),
    k.SCALARS: lambda: session().scalars(STATEMENT),
    k.MAPPINGS: lambda: session().execute(STATEMENT).mappings(),
    k.ROW: lambda: connection().execute(sa.select(USERS.c.id, USERS.c.name)).first(),
    k.ROW_MAPPING: lambda: session().execute(STATEMENT).mappings().first(),
    k.SELECT: lambda: STATEMENT,
    k.INSERT: lambda: sa.insert(USERS),
    k.UPDATE: lambda: sa.update(USERS),
    k.DELETE: lambda: sa.delete(USERS),
    k.QUERY: lambda: session().query(User),
    k.TEXT: lambda: sa.text("select id, name from users where id = :id"),
    k.COLUMN_EXPR: lambda: User.name,
    k.TABLE: lambda: USERS,
    k.METADATA: lambda: Base.metadata,
    k.INSPECTOR: lambda: sa.inspect(make_engine()),
    k.URL: lambda: sa.engine.make_url("sqlite:///a.db"),
    k.LOADER_OPTION: lambda: orm.selectinload(User.posts),
    k.REGISTRY: lambda: orm.registry(),
}

ONE = (1,)
ARGUMENTS: dict[str, dict[str, Any]] = {
    k.ENGINE: {
        **each("connect begin raw_connection dispose clear_compiled_cache", ()),
        **each("execution_options get_execution_options", ()),
        **each("execute scalar", (sa.text("select 1"),)),
        "has_table": ("users",),
        "table_names": (),
    },
    k.CONNECTION: {
        **each("begin begin_nested begin_twophase commit rollback close", ()),
        **each("in_transaction in_nested_transaction get_transaction", ()),
        **each("get_nested_transaction execution_options invalidate detach", ()),
        **each("get_execution_options get_isolation_level", ()),
        **each("execute scalar scalars", (sa.text("select 1"),)),
        "exec_driver_sql": ("select 1",),
        "schema_for_object": (USERS,),
    },
    k.RAW_CONNECTION: each("cursor commit rollback close invalidate detach", ()),
    k.CURSOR: {"close": (), "fetchall": (), "fetchmany": ()},
    k.SESSION: {
        **each("begin begin_nested commit rollback flush close reset", ()),
        **each("invalidate connection get_bind in_transaction", ()),
        **each("in_nested_transaction get_transaction get_nested_transaction", ()),
        **each("expire_all expunge_all", ()),
        **each("execute scalar scalars", (STATEMENT,)),
        **each("get get_one", (User, 1)),
        **each("delete expire expunge refresh is_modified merge", entity),
        "query": (User,),
        "add": (User(id=9),),
        "add_all": ([User(id=9)],),
        "bulk_save_objects": ([User(id=9)],),
        "bulk_insert_mappings": (User, [{"id": 9}]),
        "bulk_update_mappings": (User, [{"id": 1, "name": "z"}]),
        "object_session": (User(),),
        "identity_key": (User, 1),
        "merge_all": ([User(id=1)],),
    },
    k.SESSION_FACTORY: {"__call__": (), "begin": (), "configure": (), "close_all": ()},
    k.SCOPED_SESSION: {
        **each("__call__ registry begin begin_nested commit rollback", ()),
        **each("flush close reset remove connection get_bind expire_all", ()),
        **each("execute scalar scalars", (STATEMENT,)),
        **each("get get_one", (User, 1)),
        "query": (User,),
        "add": (User(id=9),),
        "query_property": (),
    },
    k.TRANSACTION: each("commit rollback close", ()),
    k.SAVEPOINT: each("commit rollback close", ()),
    k.RESULT: {
        **each("all fetchall fetchone fetchmany first close scalar", ()),
        **each("scalars mappings unique partitions keys tuples freeze", ()),
        "columns": (0,),
        "yield_per": (10,),
    },
    k.SCALARS: {
        **each("all fetchall fetchmany first close unique partitions", ()),
        "yield_per": (10,),
    },
    k.MAPPINGS: {
        **each("all fetchall fetchone fetchmany first close unique keys", ()),
        "partitions": (),
        "columns": ("User",),
    },
    k.ROW: {"_asdict": (), "_tuple": (), "keys": (), "has_key": ("id",)},
    k.ROW_MAPPING: {"keys": (), "items": (), "values": ()},
    k.SELECT: {
        **each("where filter having order_by group_by", (User.id > 1,)),
        **each("limit offset fetch", ONE),
        **each("distinct with_for_update subquery cte alias lateral", ()),
        **each("scalar_subquery exists as_scalar label_style", ()),
        **each("union union_all intersect except_", (STATEMENT,)),
        **each("add_columns with_only_columns", (User.id,)),
        **each("join outerjoin", (User.posts,)),
        **each("prefix_with suffix_with with_statement_hint", ("x",)),
        "join_from": (User, Post),
        "outerjoin_from": (User, Post),
        "filter_by": {"id": 1},
        "select_from": (User,),
        "options": (orm.selectinload(User.posts),),
        "execution_options": {"a": 1},
        "correlate": (User,),
        "correlate_except": (User,),
        "label": ("x",),
        "slice": (1, 2),
        "params": {"a": 1},
        "compile": (),
        "get_final_froms": (),
        "set_label_style": (sa.LABEL_STYLE_NONE,) if hasattr(sa, "LABEL_STYLE_NONE") else None,
    },
    k.INSERT: {
        "values": {"name": "a"},
        "returning": (USERS.c.id,),
        "from_select": (["name"], NAMES),
        "inline": (),
        "execution_options": {"a": 1},
        "return_defaults": (),
        "prefix_with": ("x",),
        "compile": (),
        "cte": (),
    },
    k.UPDATE: {
        "values": {"name": "a"},
        "where": (USERS.c.id == 1,),
        "filter": (USERS.c.id == 1,),
        "filter_by": {"id": 1},
        "returning": (USERS.c.id,),
        "execution_options": {"a": 1},
        "cte": (),
    },
    k.DELETE: {
        "where": (USERS.c.id == 1,),
        "filter": (USERS.c.id == 1,),
        "filter_by": {"id": 1},
        "returning": (USERS.c.id,),
        "execution_options": {"a": 1},
    },
    k.QUERY: {
        **each("filter where having order_by group_by", (User.id > 1,)),
        **each("limit offset yield_per get", ONE),
        **each("all first count distinct exists subquery cte with_for_update", ()),
        **each("scalar_subquery as_scalar reset_joinpoint populate_existing", ()),
        **each("enable_eagerloads enable_assertions autoflush", (True,)),
        **each("join outerjoin", (User.posts,)),
        **each("add_columns with_entities add_column", (User.id,)),
        **each("union union_all intersect except_", lambda q: q),
        **each("with_labels apply_labels from_self", ()),
        **each("prefix_with suffix_with", ("x",)),
        "add_entity": (Post,),
        "filter_by": {"id": 1},
        "select_from": (User,),
        "options": (orm.selectinload(User.posts),),
        "execution_options": {"a": 1},
        "from_statement": (sa.text("select * from users"),),
        "correlate": (User,),
        "label": ("x",),
        "slice": (0, 1),
        "params": {"a": 1},
        "delete": {"synchronize_session": False},
        "update": ({"name": "x"},),
        "merge_result": None,
    },
    k.TEXT: {
        "bindparams": {"id": 1},
        "columns": (USERS.c.id,),
        "execution_options": {"a": 1},
        "compile": (),
    },
    k.COLUMN_EXPR: {
        **each("desc asc is_distinct_from distinct nulls_first nullslast", ()),
        **each("like ilike contains startswith endswith match", ("x",)),
        **each("is_ is_not isnot", (None,)),
        **each("in_ not_in notin_", ([1],)),
        **each("not_like notilike concat collate label", ("x",)),
        **each("__eq__ __ne__ __lt__ __add__", ("x",)),
        "between": (1, 2),
        "is_distinct_from": (1,),
        "regexp_match": ("x",),
        "op": None,
        "cast": (sa.Integer,),
        "any_": (),
    },
    k.TABLE: {
        **each("select insert update delete alias", ()),
        "join": (Post.__table__,),
        "outerjoin": (Post.__table__,),
        "to_metadata": lambda _: sa.MetaData(),
        "exists": None,
    },
    k.METADATA: {
        "create_all": lambda _: make_engine(),
        "drop_all": lambda _: make_engine(),
    },
    k.INSPECTOR: {
        **each("get_table_names get_view_names get_schema_names", ()),
        **each(
            "get_columns get_pk_constraint get_foreign_keys get_indexes has_table"
            " get_unique_constraints get_check_constraints",
            ("users",),
        ),
        **each("get_multi_columns get_multi_indexes", ()),
    },
    k.URL: {
        "set": {"database": "b"},
        "render_as_string": (),
        "get_backend_name": (),
        "get_dialect": (),
        "update_query_dict": ({"a": "b"},),
        "difference_update_query": (["a"],),
        "translate_connect_args": (),
    },
    k.LOADER_OPTION: {
        **each("joinedload selectinload", (Post.user,)),
        "load_only": None,
    },
    k.REGISTRY: {"generate_base": (), "configure": (), "dispose": ()},
}
# Calls that need another database, or another state of the receiver.
IMPOSSIBLE = {
    (k.CONNECTION, "begin_twophase"),
    (k.CURSOR, "fetchmany"),
}
# AttributeError inside SQLAlchemy 1.4 itself.
BROKEN_IN_1_4 = {(k.RESULT, "scalar"), (k.RESULT, "freeze")}


def called(receiver: Any, name: str, arguments: Any) -> Any:
    method = getattr(receiver, name)
    if callable(arguments):
        arguments = (arguments(receiver),)
    return method(**arguments) if isinstance(arguments, dict) else method(*arguments)


def rows(table: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(kind, name, arguments, id=f"{kind}.{name}")
        for kind, calls in table.items()
        for name, arguments in calls.items()
        if arguments is not None and (kind, name) not in IMPOSSIBLE
    ]


@pytest.mark.parametrize(("kind", "name", "arguments"), rows(ARGUMENTS))
def test_a_call_gives_what_the_catalog_says(kind: str, name: str, arguments: Any) -> None:
    receiver = RECEIVERS[kind]()
    assert kind_of(receiver) == (kind, False) or kind in (k.SAVEPOINT, k.CURSOR, k.RAW_CONNECTION)
    member = CATALOG.member(kind, False, name)
    if member is None:
        assert not hasattr(receiver, name)
        return
    if not hasattr(receiver, name):
        pytest.skip("another class of this kind has it")
    value = called(receiver, name, arguments)
    assert not member.coroutine
    assert not member.property
    assert agrees(member, (kind, False), value), (member, value)
    if member.generative:
        assert value is not receiver
    if member.enters and value is not None:
        with value as bound:
            assert agrees(member, (kind, False), bound, entered=True), (member, bound)


# --- asyncio ------------------------------------------------------------------------------------

ASYNC_ARGUMENTS: dict[str, dict[str, Any]] = {
    k.ENGINE: {
        **each("connect begin raw_connection dispose execution_options", ()),
    },
    k.CONNECTION: {
        **each("begin begin_nested commit rollback close in_transaction", ()),
        **each("get_transaction get_nested_transaction invalidate", ()),
        **each("get_raw_connection aclose in_nested_transaction", ()),
        **each("execute scalar scalars stream stream_scalars", (NAMES,)),
        "exec_driver_sql": ("select 1",),
        "execution_options": (),
        "run_sync": (lambda connection: None,),
    },
    k.SESSION: {
        **each("begin begin_nested commit rollback flush close aclose", ()),
        **each("connection get_bind reset invalidate in_transaction", ()),
        **each("get_transaction get_nested_transaction expire_all", ()),
        **each("execute scalar scalars stream stream_scalars", (STATEMENT,)),
        **each("get get_one", (User, 1)),
        "get_async_bind": (),
        "add": (User(id=9),),
        "add_all": ([User(id=9)],),
        "merge": (User(id=1),),
        "run_sync": (lambda session: None,),
    },
    k.SESSION_FACTORY: {"__call__": (), "begin": (), "configure": ()},
    k.SCOPED_SESSION: {
        **each("__call__ registry begin commit rollback close remove", ()),
        **each("execute scalar scalars stream", (STATEMENT,)),
        "get": (User, 1),
        "add": (User(id=9),),
    },
    k.TRANSACTION: each("commit rollback close", ()),
    k.RESULT: {
        **each("all fetchone fetchmany first close scalar scalars", ()),
        **each("mappings unique partitions keys freeze", ()),
    },
    k.SCALARS: each("all fetchmany first close unique partitions", ()),
    k.MAPPINGS: each("all fetchone fetchmany first close unique", ()),
}


async def async_receiver(kind: str) -> Any:
    from sqlalchemy.ext import asyncio as sa_async

    engine = sa_async.create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(sa.insert(User), [{"id": 1, "name": "a"}])
    maker: Any = getattr(sa_async, "async_sessionmaker", None)
    match kind:
        case k.ENGINE:
            return engine
        case k.CONNECTION:
            return await engine.connect()
        case k.SESSION:
            return sa_async.AsyncSession(engine)
        case k.SESSION_FACTORY:
            return maker(engine) if maker else None
        case k.SCOPED_SESSION:
            factory = maker or orm.sessionmaker
            made = factory(engine, class_=sa_async.AsyncSession)
            return sa_async.async_scoped_session(made, scopefunc=lambda: 1)
        case k.TRANSACTION:
            return await (await engine.connect()).begin()
        case k.RESULT:
            return await sa_async.AsyncSession(engine).stream(STATEMENT)
        case k.SCALARS:
            return await sa_async.AsyncSession(engine).stream_scalars(STATEMENT)
        case k.MAPPINGS:
            return (await sa_async.AsyncSession(engine).stream(STATEMENT)).mappings()
    raise AssertionError(kind)


@pytest.mark.parametrize(("kind", "name", "arguments"), rows(ASYNC_ARGUMENTS))
def test_an_asyncio_call_gives_what_the_catalog_says(kind: str, name: str, arguments: Any) -> None:
    pytest.importorskip("aiosqlite")
    if CATALOG.version == (1, 4) and (kind, name) in BROKEN_IN_1_4:
        pytest.skip("broken in 1.4")

    async def check() -> None:
        receiver = await async_receiver(kind)
        member = CATALOG.member(kind, True, name)
        if member is None:
            assert receiver is None or not hasattr(receiver, name)
            return
        value = called(receiver, name, arguments)
        assert member.coroutine == inspect.iscoroutine(value), member
        if member.awaitable and value is not None:
            awaited = await value
            assert agrees(member, (kind, True), awaited), (member, awaited)
        else:
            assert not hasattr(value, "__await__")
            assert agrees(member, (kind, True), value), (member, value)
        if member.enters and member.is_async and not member.coroutine and value is not None:
            async with called(await async_receiver(kind), name, arguments) as bound:
                assert agrees(member, (kind, True), bound, entered=True), (member, bound)

    asyncio.run(asyncio.wait_for(check(), 20))


# --- functions ----------------------------------------------------------------------------------

FUNCTIONS: dict[str, Any] = {
    "sqlalchemy.create_engine": ("sqlite://",),
    "sqlalchemy.ext.asyncio.create_async_engine": ("sqlite+aiosqlite://",),
    "sqlalchemy.engine_from_config": ({"sqlalchemy.url": "sqlite://"},),
    "sqlalchemy.select": (User,),
    "sqlalchemy.future.select": (User,),
    "sqlalchemy.sql.expression.select": (User,),
    "sqlalchemy.insert": (User,),
    "sqlalchemy.dialects.postgresql.insert": (User,),
    "sqlalchemy.dialects.sqlite.insert": (User,),
    "sqlalchemy.dialects.mysql.insert": (User,),
    "sqlalchemy.update": (User,),
    "sqlalchemy.delete": (User,),
    "sqlalchemy.text": ("select 1",),
    "sqlalchemy.and_": (User.id == 1, User.id == 2),
    "sqlalchemy.or_": (User.id == 1, User.id == 2),
    "sqlalchemy.not_": (User.id == 1,),
    "sqlalchemy.func.count": (),
    "sqlalchemy.func.now": (),
    "sqlalchemy.func.no_such_function": (1,),
    "sqlalchemy.case": ((User.id == 1, "x"),),
    "sqlalchemy.cast": (User.id, sa.String),
    "sqlalchemy.literal": (1,),
    "sqlalchemy.literal_column": ("1",),
    "sqlalchemy.bindparam": ("x",),
    "sqlalchemy.column": ("x",),
    "sqlalchemy.table": ("x",),
    "sqlalchemy.exists": (STATEMENT,),
    "sqlalchemy.desc": (User.id,),
    "sqlalchemy.distinct": (User.id,),
    "sqlalchemy.extract": ("year", User.id),
    "sqlalchemy.null": (),
    "sqlalchemy.true": (),
    "sqlalchemy.tuple_": (User.id, User.name),
    "sqlalchemy.type_coerce": (User.id, sa.String),
    "sqlalchemy.union": (STATEMENT, STATEMENT),
    "sqlalchemy.union_all": (STATEMENT, STATEMENT),
    "sqlalchemy.join": (USERS, Post.__table__),
    "sqlalchemy.orm.aliased": (User,),
    "sqlalchemy.orm.declarative_base": (),
    "sqlalchemy.ext.declarative.declarative_base": (),
    "sqlalchemy.orm.joinedload": (User.posts,),
    "sqlalchemy.orm.selectinload": (User.posts,),
    "sqlalchemy.orm.subqueryload": (User.posts,),
    "sqlalchemy.orm.lazyload": (User.posts,),
    "sqlalchemy.orm.raiseload": (User.posts,),
    "sqlalchemy.orm.noload": (User.posts,),
    "sqlalchemy.orm.contains_eager": (User.posts,),
    "sqlalchemy.orm.load_only": (User.id,),
    "sqlalchemy.orm.defer": (User.id,),
    "sqlalchemy.orm.undefer": (User.id,),
    "sqlalchemy.orm.with_loader_criteria": (User, User.id == 1),
    "sqlalchemy.orm.relationship": ("User",),
    "sqlalchemy.orm.relation": ("User",),
    "sqlalchemy.orm.mapped_column": (),
    "sqlalchemy.orm.column_property": (sa.literal(1),),
    "sqlalchemy.orm.sessionmaker": (),
    "sqlalchemy.ext.asyncio.async_sessionmaker": (),
    "sqlalchemy.orm.scoped_session": (orm.sessionmaker(),),
    "sqlalchemy.orm.Session": (),
    "sqlalchemy.orm.session.Session": (),
    "sqlalchemy.ext.asyncio.AsyncSession": (),
    "sqlalchemy.orm.object_session": (User(),),
    "sqlalchemy.orm.Session.object_session": (User(),),
    "sqlalchemy.orm.foreign": (User.id,),
    "sqlalchemy.orm.registry": (),
    "sqlalchemy.MetaData": (),
    "sqlalchemy.Column": ("x", sa.Integer),
    "sqlalchemy.ForeignKey": ("a.b",),
    "sqlalchemy.Index": ("x",),
    "sqlalchemy.UniqueConstraint": ("x",),
    "sqlalchemy.Integer": (),
    "sqlalchemy.types.String": (20,),
    "sqlalchemy.DDL": ("select 1",),
    "sqlalchemy.schema.CreateTable": (USERS,),
    "sqlalchemy.engine.make_url": ("sqlite://",),
    "sqlalchemy.engine.URL.create": ("sqlite",),
    "sqlalchemy.engine.url.URL.create": ("sqlite",),
}


@pytest.mark.parametrize("dotted", FUNCTIONS)
def test_a_function_gives_what_the_catalog_says(dotted: str) -> None:
    if ".asyncio." in dotted:
        pytest.importorskip("aiosqlite")
    target: Any = sa
    for name in dotted.split(".")[1:]:
        if inspect.ismodule(target):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{target.__name__}.{name}")
        target = getattr(target, name, None)
    member = CATALOG.function(dotted)
    if target is None:
        assert not CATALOG.exists(dotted)
        return
    assert member is not None
    assert member.returns
    value = target(*FUNCTIONS[dotted])
    if member.returns == k.DECLARATIVE_BASE:
        assert isinstance(value, type)
    else:
        assert agrees(member, ("", False), value), (member, value)


# --- effects ------------------------------------------------------------------------------------


def test_open_takes_a_connection_from_the_pool_and_close_gives_it_back(tmp_path: Any) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db", poolclass=sa.pool.QueuePool, **FUTURE)
    for name in ("connect", "raw_connection"):
        member = CATALOG.member(k.ENGINE, False, name)
        assert member is not None
        assert "open" in member.effects
        opened = getattr(engine, name)()
        assert engine.pool.checkedout() == 1
        opened.close()
        assert engine.pool.checkedout() == 0


@pytest.mark.parametrize("name", ["execute", "scalar", "scalars", "get", "connection", "refresh"])
def test_what_executes_begins_the_sessions_transaction(name: str) -> None:
    opened = session()
    user = opened.get(User, 1)
    opened.commit()
    arguments = {"get": (User, 2), "connection": (), "refresh": (user,)}.get(name, (STATEMENT,))
    if not hasattr(opened, name):
        pytest.skip("not in this version")
    member = CATALOG.member(k.SESSION, False, name)
    assert member is not None
    assert "execute" in member.effects
    getattr(opened, name)(*arguments)
    assert opened.in_transaction()


@pytest.mark.parametrize("name", ["commit", "rollback", "close"])
def test_what_ends_ends_the_sessions_transaction(name: str) -> None:
    opened = session()
    opened.execute(STATEMENT)
    member = CATALOG.member(k.SESSION, False, name)
    assert member is not None
    assert member.effects == (name,)
    getattr(opened, name)()
    assert not opened.in_transaction()


@pytest.mark.parametrize("name", ["first", "one", "one_or_none", "scalar", "scalar_one"])
def test_what_reads_one_row_closes_the_result(name: str) -> None:
    result = connection().execute(sa.select(USERS.c.id).where(USERS.c.id == 1))
    member = CATALOG.member(k.RESULT, False, name)
    assert member is not None
    assert "close" in member.effects
    getattr(result, name)()
    with pytest.raises(sa.exc.ResourceClosedError):
        result.all()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (k.RESULT, "one"),
        (k.RESULT, "scalar_one"),
        (k.SCALARS, "one"),
        (k.MAPPINGS, "one"),
        (k.QUERY, "one"),
        (k.SESSION, "get_one"),
    ],
)
def test_lookup_is_raised_when_nothing_is_found(kind: str, name: str) -> None:
    opened = session()
    nothing = STATEMENT.where(User.id == 77)
    receiver = {
        k.RESULT: lambda: opened.execute(nothing),
        k.SCALARS: lambda: opened.scalars(nothing),
        k.MAPPINGS: lambda: opened.execute(nothing).mappings(),
        k.QUERY: lambda: opened.query(User).filter_by(id=77),
        k.SESSION: lambda: opened,
    }[kind]()
    member = CATALOG.member(kind, False, name)
    if member is None:
        assert not hasattr(receiver, name)
        return
    assert member.raises == "lookup"
    with pytest.raises(sa.exc.NoResultFound):
        getattr(receiver, name)(*((User, 77) if kind == k.SESSION else ()))
    assert opened.execute(STATEMENT).first() is not None  # the Session goes on


@pytest.mark.parametrize("name", ["flush", "commit"])
def test_a_failed_flush_leaves_the_session_failed(name: str) -> None:
    opened = session()
    opened.add(User(id=1))
    member = CATALOG.member(k.SESSION, False, name)
    assert member is not None
    assert member.raises == "flush"
    with pytest.raises(sa.exc.IntegrityError):
        getattr(opened, name)()
    if name == "flush":
        with pytest.raises(sa.exc.PendingRollbackError):
            opened.execute(STATEMENT)

"""What the catalog answers, for each version it ships; no SQLAlchemy is needed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from sqla_lint import catalog
from sqla_lint.catalog import Member, effects, kinds, load, overrides, packs

ALL = [load(version) for version in catalog.SHIPPED]
V14, V20, V21 = ALL
ids = [each.release for each in ALL]


def test_the_nearest_version_that_is_not_newer_is_taken() -> None:
    assert load((1, 3)).release == load((1, 4)).release == catalog.SHIPPED[1, 4]
    assert load((2, 0)).version == (2, 0)
    assert load((2, 7)).release == load((9, 0)).release == catalog.SHIPPED[2, 1]


def test_the_version_is_that_of_the_file_name() -> None:
    for version, release in catalog.SHIPPED.items():
        assert (load(version).version, load(version).release) == (version, release)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("sqlalchemy.orm.session.Session", "sqlalchemy.orm.Session"),
        ("sqlalchemy.sql.expression.select", "sqlalchemy.select"),
        ("sqlalchemy.sql.select", "sqlalchemy.select"),
        ("sqlalchemy.future.select", "sqlalchemy.select"),
        ("sqlalchemy.ext.asyncio.session.AsyncSession", "sqlalchemy.ext.asyncio.AsyncSession"),
        ("sqlalchemy.engine.base.Engine", "sqlalchemy.Engine"),
        ("sqlalchemy.orm.exc.NoResultFound", "sqlalchemy.exc.NoResultFound"),
        ("sqlalchemy.sql.func.count", "sqlalchemy.func.count"),
        ("sqlalchemy.orm.query.Query.get", "sqlalchemy.orm.Query.get"),
        ("sqlmodel.select", "sqlalchemy.select"),
        ("sqlmodel.orm.session.Session", "sqlmodel.Session"),
    ],
)
@pytest.mark.parametrize("known", ALL, ids=ids)
def test_a_thing_has_one_name_whichever_way_it_is_imported(
    known: catalog.Catalog, path: str, name: str
) -> None:
    assert known.canonical(path) == name
    assert known.canonical(name) == name  # also where it cannot be imported by that


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_what_is_not_there_has_no_name(known: catalog.Catalog) -> None:
    for dotted in (
        "sqlalchemy.nope",
        "sqlalchemy.orm.Session.nope",
        "sqlalchemy_utils.UUIDType",
        "sqlalchemyx.select",
        "os.path",
        "",
        "sqlmodel.nope",
    ):
        assert known.canonical(dotted) is None
        assert not known.exists(dotted)
        assert known.function(dotted) is None
        assert known.class_kind(dotted) is None


def test_exists_goes_by_the_path_and_the_version() -> None:
    def where(dotted: str) -> list[bool]:
        return [known.exists(dotted) for known in ALL]

    assert where("sqlalchemy.Engine") == [False, True, True]
    assert where("sqlalchemy.engine.Engine") == [True, True, True]
    assert where("sqlalchemy.orm.mapped_column") == [False, True, True]
    assert where("sqlalchemy.orm.eagerload") == [True, False, False]
    assert where("sqlalchemy.engine.Engine.execute") == [True, False, False]
    assert where("sqlalchemy.ext.asyncio.async_sessionmaker") == [False, True, True]
    assert where("sqlalchemy.sql.selectable.Select.c") == [True, True, False]
    assert where("sqlalchemy.dialects.firebird") == [True, False, False]
    assert where("sqlalchemy.Table.count") == [False, False, False]


CLASSES = {
    "sqlalchemy.orm.Session": (kinds.SESSION, False),
    "sqlalchemy.ext.asyncio.AsyncSession": (kinds.SESSION, True),
    "sqlalchemy.engine.Connection": (kinds.CONNECTION, False),
    "sqlalchemy.ext.asyncio.AsyncConnection": (kinds.CONNECTION, True),
    "sqlalchemy.engine.Engine": (kinds.ENGINE, False),
    "sqlalchemy.ext.asyncio.AsyncEngine": (kinds.ENGINE, True),
    "sqlalchemy.orm.sessionmaker": (kinds.SESSION_FACTORY, False),
    "sqlalchemy.orm.scoped_session": (kinds.SCOPED_SESSION, False),
    "sqlalchemy.ext.asyncio.async_scoped_session": (kinds.SCOPED_SESSION, True),
    "sqlalchemy.engine.Result": (kinds.RESULT, False),
    "sqlalchemy.engine.CursorResult": (kinds.RESULT, False),
    "sqlalchemy.engine.ScalarResult": (kinds.SCALARS, False),
    "sqlalchemy.engine.MappingResult": (kinds.MAPPINGS, False),
    "sqlalchemy.ext.asyncio.AsyncResult": (kinds.RESULT, True),
    "sqlalchemy.engine.Row": (kinds.ROW, False),
    "sqlalchemy.sql.selectable.Select": (kinds.SELECT, False),
    "sqlalchemy.sql.selectable.ScalarSelect": (kinds.COLUMN_EXPR, False),
    "sqlalchemy.orm.Query": (kinds.QUERY, False),
    "sqlalchemy.Column": (kinds.COLUMN_EXPR, False),
    "sqlalchemy.orm.attributes.InstrumentedAttribute": (kinds.COLUMN_EXPR, False),
    "sqlalchemy.sql.functions.FunctionElement": (kinds.COLUMN_EXPR, False),
    "sqlalchemy.Table": (kinds.TABLE, False),
    "sqlalchemy.MetaData": (kinds.METADATA, False),
    "sqlalchemy.sql.elements.TextClause": (kinds.TEXT, False),
    "sqlalchemy.sql.selectable.Subquery": (kinds.FROM_CLAUSE, False),
    "sqlalchemy.orm.Load": (kinds.LOADER_OPTION, False),
    "sqlalchemy.ForeignKey": (kinds.SCHEMA_ITEM, False),
    "sqlalchemy.dialects.postgresql.JSONB": (kinds.TYPE, False),
    "sqlmodel.Session": (kinds.SESSION, False),
    "sqlmodel.ext.asyncio.session.AsyncSession": (kinds.SESSION, True),
    "flask_sqlalchemy.SQLAlchemy": (kinds.FLASK_DB, False),
}


@pytest.mark.parametrize("known", ALL, ids=ids)
@pytest.mark.parametrize("dotted", CLASSES)
def test_a_class_has_a_kind(known: catalog.Catalog, dotted: str) -> None:
    assert known.class_kind(dotted) == CLASSES[dotted]
    member = known.function(dotted)
    assert member is not None
    if dotted != "sqlmodel.SQLModel":
        assert (member.returns, member.is_async) == CLASSES[dotted]
        assert known.returns_async(dotted) == CLASSES[dotted][1]


AWAITED = "delete execute commit flush refresh merge get rollback close scalars"
PLAIN = "add add_all begin begin_nested expire expunge in_transaction"


def of(known: catalog.Catalog, kind: str, name: str, is_async: bool = False) -> Member:
    member = known.member(kind, is_async, name)
    assert member is not None, (kind, name)
    return member


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_asyncio_twins_say_what_must_be_awaited(known: catalog.Catalog) -> None:
    for name in AWAITED.split():
        assert of(known, kinds.SESSION, name, True).coroutine, name
        assert not of(known, kinds.SESSION, name).coroutine, name
    for name in PLAIN.split():
        assert not of(known, kinds.SESSION, name, True).coroutine, name
    assert of(known, kinds.CONNECTION, "execute", True).coroutine
    assert of(known, kinds.CONNECTION, "stream", True).awaitable
    assert of(known, kinds.RESULT, "all", True).coroutine
    assert not of(known, kinds.RESULT, "scalars", True).coroutine


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_connect_of_an_async_engine_is_awaited_or_entered(known: catalog.Catalog) -> None:
    connect = of(known, kinds.ENGINE, "connect", True)
    assert (connect.coroutine, connect.awaitable) == (False, True)
    assert (connect.returns, connect.enters, connect.is_async) == ("CONNECTION", "CONNECTION", True)


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_with_binds(known: catalog.Catalog) -> None:
    assert of(known, kinds.ENGINE, "begin").enters == kinds.CONNECTION
    assert of(known, kinds.ENGINE, "connect").enters == kinds.CONNECTION
    assert of(known, kinds.SESSION, "begin").enters == kinds.TRANSACTION
    assert of(known, kinds.SESSION, "begin_nested").enters == kinds.SAVEPOINT
    assert of(known, kinds.SESSION_FACTORY, "__call__").returns == kinds.SESSION
    assert of(known, kinds.SESSION_FACTORY, "begin").enters == kinds.SESSION
    assert of(known, kinds.SESSION, "no_autoflush").enters == kinds.SESSION
    session = known.function("sqlalchemy.orm.Session")
    assert session is not None
    assert session.enters == kinds.SESSION
    assert known.entered(kinds.QUERY, False) == ""


def test_a_result_is_a_context_manager_from_2_0_on() -> None:
    assert [bool(known.entered(kinds.RESULT, False)) for known in ALL] == [False, True, True]


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_what_is_generative_and_what_changes_in_place(known: catalog.Catalog) -> None:
    for kind, name in (
        (kinds.SELECT, "where"),
        (kinds.SELECT, "filter_by"),
        (kinds.QUERY, "filter"),
        (kinds.QUERY, "filter_by"),
        (kinds.INSERT, "values"),
        (kinds.UPDATE, "where"),
        (kinds.ENGINE, "execution_options"),
    ):
        member = of(known, kind, name)
        assert member.generative, name
        assert member.returns in (kinds.SELF, kind), name
    for kind, name in ((kinds.RESULT, "unique"), (kinds.RESULT, "yield_per")):
        assert not of(known, kind, name).generative
        assert of(known, kind, name).returns == kinds.SELF


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_a_registry_is_a_session_with_remove(known: catalog.Catalog) -> None:
    for name in known.members(kinds.SESSION):
        if name in ("add", "execute", "commit", "query", "get", "rollback", "flush", "begin"):
            assert (
                of(known, kinds.SCOPED_SESSION, name).effects
                == of(known, kinds.SESSION, name).effects
            )
    assert of(known, kinds.SCOPED_SESSION, "remove").effects == ("remove",)
    assert known.member(kinds.SESSION, False, "remove") is None


def test_members_come_and_go_with_versions() -> None:
    def where(kind: str, name: str) -> list[bool]:
        return [known.member(kind, False, name) is not None for known in ALL]

    assert where(kinds.ENGINE, "execute") == [True, False, False]
    assert where(kinds.SESSION, "get_one") == [False, True, True]
    assert where(kinds.SESSION, "query") == [True, True, True]
    assert where(kinds.QUERY, "from_self") == [True, False, False]
    assert of(V14, kinds.ENGINE, "execute").deprecated == "1.4"


def test_flask_sqlalchemys_object_passes_sqlalchemys_names_on() -> None:
    assert of(V20, kinds.FLASK_DB, "session").returns == kinds.SCOPED_SESSION
    assert of(V20, kinds.FLASK_DB, "engine").returns == kinds.ENGINE
    assert of(V20, kinds.FLASK_DB, "Model").returns == kinds.DECLARATIVE_BASE
    assert of(V20, kinds.FLASK_DB, "select").returns == kinds.SELECT
    assert of(V20, kinds.FLASK_DB, "text").returns == kinds.TEXT
    assert of(V20, kinds.FLASK_DB, "Column").returns == kinds.COLUMN_EXPR
    assert of(V20, kinds.FLASK_DB, "joinedload").returns == kinds.LOADER_OPTION
    assert V20.flask_proxied("Column") == "sqlalchemy.Column"
    assert V20.member(kinds.FLASK_DB, False, "nope") is None
    assert of(V20, kinds.QUERY, "get_or_404").returns == kinds.ENTITY


def test_sqlmodels_exec_is_a_member_of_sessions() -> None:
    assert not of(V20, kinds.SESSION, "exec").coroutine
    assert of(V20, kinds.SESSION, "exec", True).coroutine


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_exceptions_know_their_bases(known: catalog.Catalog) -> None:
    ancestors = known.ancestors("sqlalchemy.exc.IntegrityError")
    assert ancestors[0] == "sqlalchemy.exc.IntegrityError"
    assert {"sqlalchemy.exc.DBAPIError", "sqlalchemy.exc.SQLAlchemyError", "Exception"} <= {
        *ancestors
    }
    assert "sqlalchemy.exc.DBAPIError" not in known.ancestors("sqlalchemy.exc.NoResultFound")


@pytest.mark.parametrize("known", ALL, ids=ids)
def test_every_row_uses_known_words(known: catalog.Catalog) -> None:
    documented = (effects.__doc__ or "").split()
    for kind in known._members:
        for name in known.members(kind.rstrip("!"), kind.endswith("!")):
            member = of(known, kind.rstrip("!"), name, kind.endswith("!"))
            assert {member.returns, member.enters, member.of} <= {*kinds.ALL, "Self", ""}
            assert set(member.effects) <= set(documented)
            assert member.raises in ("", "db", "flush", "lookup")
            assert not (member.property and member.coroutine)


def test_every_effect_and_every_override_is_of_use_in_some_version() -> None:
    for row in effects.EFFECTS:
        for name in row.names.split():
            assert any(
                name in each.members(kind, twin)
                for each in ALL
                for kind in row.kinds
                for twin in (False, True)
            ), (row.kinds, name)
    for override in overrides.OVERRIDES:
        assert any(
            name in (each._members.get(where, {}) if where else each._functions)
            for each in ALL
            for where in override.where
            for name in override.names.split()
        ), override


def test_packs_do_not_hide_sqlalchemys_own_members() -> None:
    for name in (*packs._FLASK_QUERY, "exec"):
        kind = kinds.SESSION if name == "exec" else kinds.QUERY
        assert all(name not in known.members(kind) for known in ALL)


def test_the_data_loads_in_milliseconds_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, sqla_lint.catalog as c; c.load((2, 0)).function('sqlalchemy.select');"
        "print([m for m in ('sqlalchemy', 'libcst', 'ast', 'sqla_lint.catalog.generate')"
        " if m in sys.modules])"
    )
    root = Path(catalog.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(root)},
    )
    assert done.stdout.strip() == "[]"
    begun = time.perf_counter()
    catalog.load_file(catalog.DATA / "sqlalchemy-2.0.json")
    assert time.perf_counter() - begun < 0.2  # 2-4 ms; a loaded machine is not a failure

"""What a proof stands on: its cases, and a database that tells what a program did to it."""

from __future__ import annotations

import asyncio
import functools
import gc
import importlib.util
import logging
import sqlite3
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

KINDS = ("error", "rows", "held", "queries", "equivalence")
VERSIONS = ("1.4", "1.4-future", "2.0", "2.1")
MODERN = ("1.4-future", "2.0", "2.1")  # nothing commits by itself
RELEASED = ("2.0", "2.1")
SQLITE, POSTGRESQL = "sqlite", "postgresql"

POOL_SIZE = 3  # small, so that a leak is felt after a few calls
POOL_SECONDS = 0.2  # how long to wait for a connection that nobody returns
BUSY_SECONDS = 0.5  # how long SQLite waits for a lock

T = TypeVar("T")


class Equal(NamedTuple):
    """What a case of an equivalence proof measured: both programs answer alike, one costs less."""

    answer: Any
    cost: int


class Case(NamedTuple):
    """A scenario, played with each of the programs.

    It returns what harm was seen, or None. Programs whose name starts with "bad" must show harm on
    the versions of ``harmful`` and none on the other ``versions``; all other programs never.
    """

    name: str
    play: Callable[[Any, Stage], str | Equal | None]
    programs: tuple[str, ...]
    versions: tuple[str, ...]
    harmful: tuple[str, ...]
    database: str


def case(
    *programs: str,
    versions: Iterable[str] = VERSIONS,
    harmful: Iterable[str] | None = None,
    database: str = SQLITE,
) -> Callable[[Callable[[Any, Stage], str | Equal | None]], Case]:
    """Make a function ``(program, db)`` a case of the proof it stands in."""
    where = tuple(versions)
    harm = where if harmful is None else tuple(harmful)

    def declare(play: Callable[[Any, Stage], str | Equal | None]) -> Case:
        names = programs or ("bad", "corrected")
        return Case(play.__name__, play, names, where, harm, database)

    return declare


def cases(proof: ModuleType) -> list[Case]:
    """The cases of a proof, in source order."""
    return [value for value in vars(proof).values() if isinstance(value, Case)]


def load(path: Path, name: str) -> Any:
    """Import a file under a name of its own."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and declarative annotations look themselves up
    spec.loader.exec_module(module)
    return module


class Stage:
    """One database and all engines that are made while a program is played.

    ``create_engine`` and ``create_async_engine`` are led here, whatever URL the program asks for.
    """

    def __init__(self, version: str, database: str, folder: Path, server: Server | None) -> None:
        self.version = version
        self.database = database
        self.statements: list[str] = []  # what reached the driver
        self.complaints: list[str] = []  # what the pool wrote to its log
        self.as_written = False  # engines are made as the program says, and lead where it says
        self._file = folder / "proof.db"
        self._server = server
        self._engines: list[Any] = []
        self._watch_log()
        self._lead_engines_here()

    # --- what a case asks ----------------------------------------------------------------------

    @functools.cached_property
    def engine(self) -> Any:
        """An engine for programs that are given one."""
        import sqlalchemy

        return sqlalchemy.create_engine("sqlite://")

    @functools.cached_property
    def async_engine(self) -> Any:
        """An async engine for programs that are given one."""
        from sqlalchemy.ext import asyncio as ext

        return ext.create_async_engine("sqlite+aiosqlite://")

    def session(self, **options: Any) -> Any:
        """A session for programs that are given one."""
        from sqlalchemy.orm import Session

        if self.version == "1.4-future":
            options.setdefault("future", True)
        return Session(self.engine, **options)

    def held(self) -> int:
        """How many connections are checked out of the pools; the collector is not asked."""
        return sum(engine.pool.checkedout() for engine in self._engines)

    def leaks(self) -> str | None:
        """`held` as a harm."""
        held = self.held()
        return f"{held} connection(s) still checked out" if held else None

    def exhausted(self, call: Callable[[], object], times: int = 4 * POOL_SIZE) -> str | None:
        """The harm when the pool runs dry before ``call`` ran that often."""
        from sqlalchemy.exc import TimeoutError as PoolTimeout

        for turn in range(times):
            try:
                call()
            except PoolTimeout as error:
                return f"call {turn + 1}: {error}"
        return None

    def error(self, call: Callable[[], object], *names: str) -> str | None:
        """The harm when ``call`` raises one of the named exceptions; any other is an error."""
        try:
            call()
        except Exception as error:
            family = {kind.__name__ for kind in type(error).__mro__}
            cause = type(getattr(error, "orig", None)).__name__
            if family.isdisjoint(names) and cause not in names:
                raise
            return f"{type(error).__name__}: {error}"
        return None

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another connection sees, past SQLAlchemy."""
        return self._elsewhere(sql)

    def _elsewhere(self, *statements: str) -> list[tuple[Any, ...]]:
        if self._server is not None:
            return self._server.query(*statements)
        rows: list[tuple[Any, ...]] = []
        other = sqlite3.connect(self._file, timeout=BUSY_SECONDS)
        try:
            other.execute("PRAGMA synchronous = OFF")
            for sql in statements:
                rows = other.execute(sql).fetchall()
            other.commit()
            return rows
        finally:
            other.close()

    def value(self, sql: str) -> Any:
        """The first column of the first row of `query`."""
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def backends(self, state: str) -> int:
        """How many sessions of this database the PostgreSQL server has in a state."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE state = '{}' AND application_name = '{}'"
        assert self._server is not None
        return int(self.value(sql.format(state, self._server.schema)))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run async code."""
        return asyncio.run(coroutine)

    def collected(self) -> None:
        """Let the cyclic collector run."""
        gc.collect()

    def calls(self, work: Callable[[], T]) -> tuple[T, int]:
        """The answer of some work, and how many Python functions it called: a cost that is the same
        on every machine."""
        count = 0

        def see(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event == "call"

        sys.setprofile(see)
        try:
            answer = work()
        finally:
            sys.setprofile(None)
        return answer, count

    # --- how it is set up ------------------------------------------------------------------------

    def prepare(self, program: ModuleType, setup: Iterable[str]) -> None:
        """Make the tables of a program, after the statements of the proof."""
        import sqlalchemy

        self._elsewhere(*setup)
        for value in list(vars(program).values()):
            metadata = value if isinstance(value, sqlalchemy.MetaData) else None
            if metadata is None and isinstance(value, type):
                metadata = getattr(value, "metadata", None)
            if isinstance(metadata, sqlalchemy.MetaData) and metadata.tables:
                with self.engine.begin() as connection:
                    metadata.create_all(connection)
        self.statements.clear()

    def _options(
        self, options: dict[str, Any], pool: type, server: Server | None
    ) -> dict[str, Any]:
        options.pop("connect_args", None)  # they were meant for another driver
        if options.setdefault("poolclass", pool) is pool:
            options.update(pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_SECONDS)
        options["connect_args"] = server.connect_args if server else {"timeout": BUSY_SECONDS}
        return options

    def _lead_engines_here(self) -> None:
        import sqlalchemy
        import sqlalchemy.engine
        import sqlalchemy.engine.create
        from sqlalchemy.ext import asyncio as ext
        from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

        server = self._server
        make, make_async = sqlalchemy.create_engine, ext.create_async_engine

        def create_engine(url: Any = None, **options: Any) -> Any:
            if self.as_written:
                return make(url, **options)
            if self.version == "1.4-future":
                options.setdefault("future", True)
            to = server.url if server else f"sqlite:///{self._file}"
            engine = make(to, **self._options(options, QueuePool, server))
            self._adopt(engine, options)
            return engine

        def create_async_engine(url: Any = None, **options: Any) -> Any:
            if self.as_written:
                return make_async(url, **options)
            own = server.for_asyncio() if server else None
            to = own.url if own else f"sqlite+aiosqlite:///{self._file}"
            engine = make_async(to, **self._options(options, AsyncAdaptedQueuePool, own))
            self._adopt(engine.sync_engine, options)
            return engine

        # the fixtures and Flask-SQLAlchemy look in different places
        module: Any
        for module in (sqlalchemy, sqlalchemy.engine, sqlalchemy.engine.create):
            module.create_engine = create_engine
        module = ext
        module.create_async_engine = create_async_engine

    def _adopt(self, engine: Any, options: dict[str, Any]) -> None:
        from sqlalchemy import event

        self._engines.append(engine)

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            self.statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        if engine.dialect.name != "sqlite":
            return

        # the documented recipe: without it the driver begins late and commits DDL by itself
        def connect(driver: Any, record: Any) -> None:
            driver.isolation_level = None
            cursor = driver.cursor()
            cursor.execute("PRAGMA synchronous = OFF")  # a proof need not survive a power cut
            cursor.close()

        def begin(conn: Any) -> None:
            level = options.get("isolation_level")
            level = conn.get_execution_options().get("isolation_level", level)
            if level != "AUTOCOMMIT":
                conn.exec_driver_sql("BEGIN")

        event.listen(engine, "connect", connect)
        event.listen(engine, "begin", begin)

    def _watch_log(self) -> None:
        complaints = self.complaints

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                complaints.append(record.getMessage())

        logging.getLogger("sqlalchemy.pool").addHandler(Handler())
        warnings.simplefilter("always")

        def show(message: Warning | str, *rest: Any, **others: Any) -> None:
            complaints.append(str(message))

        warnings.showwarning = show


class Server(NamedTuple):
    """A PostgreSQL server, and the schema of one case in it."""

    address: str  # the folder of its socket, or host:port
    port: int
    driver: str  # psycopg2 or psycopg
    schema: str
    asyncio: str = ""  # the driver of async engines, when it is another one

    def for_asyncio(self) -> Server | None:
        """The same for async engines; psycopg2 has no async twin, and they stay on SQLite."""
        if self.asyncio:
            return self._replace(driver=self.asyncio)
        return self if self.driver != "psycopg2" else None

    @property
    def url(self) -> str:
        return f"postgresql+{self.driver}://postgres@/postgres?host={self.address}&port={self.port}"

    @property
    def connect_args(self) -> dict[str, Any]:
        if self.driver == "asyncpg":
            settings = {"search_path": self.schema, "application_name": self.schema}
            return {"server_settings": settings}
        return {
            "options": f"-c search_path={self.schema}",
            "application_name": self.schema,
        }

    def query(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements on a connection of its own; the rows of the last."""
        psycopg = __import__(self.driver)
        connection = psycopg.connect(
            host=self.address,
            port=self.port,
            user="postgres",
            dbname="postgres",
            options=f"-c search_path={self.schema}",
        )
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            for sql in statements:
                cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

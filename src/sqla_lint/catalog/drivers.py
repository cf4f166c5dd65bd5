"""Dialects, their drivers, and what a database URL or an option of `create_engine()` may be.

Sources: SQLAlchemy docs, "Engine Configuration" (Database URLs, Engine Creation API) and
"Dialects"; the tests hold every row against the installed library.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

# --- dialects and drivers ------------------------------------------------------------------------

SYNC, ASYNC, BOTH = "sync", "async", "both"

# The drivers that SQLAlchemy ships a dialect for, in any of 1.4, 2.0 and 2.1.
DRIVERS: dict[str, dict[str, str]] = {
    "postgresql": {
        "psycopg2": SYNC,
        "psycopg": BOTH,
        "psycopg_async": ASYNC,
        "psycopg2cffi": SYNC,
        "pg8000": SYNC,
        "asyncpg": ASYNC,
    },
    "mysql": {
        "mysqldb": SYNC,
        "pymysql": SYNC,
        "mysqlconnector": SYNC,
        "mariadbconnector": SYNC,
        "cymysql": SYNC,
        "pyodbc": SYNC,
        "aiomysql": ASYNC,
        "asyncmy": ASYNC,
    },
    "sqlite": {"pysqlite": SYNC, "pysqlcipher": SYNC, "aiosqlite": ASYNC},
    "oracle": {"cx_oracle": SYNC, "oracledb": BOTH, "oracledb_async": ASYNC},
    "mssql": {"pyodbc": SYNC, "pymssql": SYNC, "aioodbc": ASYNC, "mssqlpython": SYNC},
}
DRIVERS["mariadb"] = DRIVERS["mysql"]
# What a URL without a driver takes where that is a sync driver in every version.
_SYNC_BY_DEFAULT = frozenset({"mysql", "mariadb", "sqlite", "mssql"})
_OF_OTHERS = frozenset({"postgis", "gsheets", "sqlite_utils", "mysql_odbc", "duckdb"})
_NEAR_OPTION = 0.85
_SIMILAR = 0.8  # "sqlite3" and "postgress" are near enough, "postgis" is not


class Problem(NamedTuple):
    """Why an engine cannot work: what happens, what helps, and the part of the URL that is wrong
    with what it should be, where that is sure."""

    message: str
    help: str
    wrong: str = ""
    right: str = ""


_NAME = re.compile(r"(?P<dialect>\w+)(?:\+(?P<driver>\w+))?://", re.ASCII)
# As SQLAlchemy splits it: the user name ends at the first ":", the password at the first "@".
_AUTHORITY = re.compile(
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<host>\[[^/?]+\]|[^/:?]+)?(?::(?P<port>[^/?]*))?(?P<rest>.*)",
    re.DOTALL,
)
_POSTGRES = frozenset({"sslmode", "channel_binding"})  # libpq's words; asyncpg refuses them


def dialect_of(url: str) -> str:
    """The dialect that a URL names, when it is one of SQLAlchemy's own; else ""."""
    match = _NAME.match(url)
    return match["dialect"] if match and match["dialect"] in DRIVERS else ""


def url_problem(
    url: str, is_async: bool | None, hole: str, version: tuple[int, int]
) -> Problem | None:
    """What is wrong with a URL, in which ``hole`` stands for what is not known, for a sync or an
    async engine (None: not known which)."""
    match = _NAME.match(url)
    if match is None:
        known = hole not in url.partition("://")[0]
        return Problem(f"{_CANNOT} a URL: ArgumentError", _FORM) if known else None
    dialect, driver = match["dialect"], match["driver"]
    after = url[match.end() :]
    if dialect not in DRIVERS:
        return _misspelt_dialect(dialect, match[0])
    if driver is not None and driver not in DRIVERS[dialect]:
        near = get_close_matches(driver, DRIVERS[dialect], 1, _SIMILAR)
        if not near:
            return None
        return Problem(
            f"there is no driver `{driver}` for {dialect}: NoSuchModuleError",
            f"did you mean `{dialect}+{near[0]}`?",
            f"{dialect}+{driver}://",
            f"{dialect}+{near[0]}://",
        )
    return (
        _wrong_loop(dialect, driver, is_async, version)
        or (_sqlite(after, hole) if dialect == "sqlite" else _authority(after, hole))
        or _query(driver, url)
    )


_CANNOT = "SQLAlchemy cannot parse this as"
_FORM = "write it as `dialect+driver://user:password@host:port/database`"


def _misspelt_dialect(dialect: str, scheme: str) -> Problem | None:
    if dialect.lower() in _OF_OTHERS:
        return None
    if dialect.lower() == "postgres":
        near = ["postgresql"]
    else:
        near = get_close_matches(dialect.lower(), DRIVERS, 1, _SIMILAR)
    if not near:
        return None
    removed = (
        " (removed in SQLAlchemy 1.4)"
        if near[0] == "postgresql" and dialect.lower() == "postgres"
        else ""
    )
    return Problem(
        f"there is no dialect `{dialect}`{removed}: NoSuchModuleError",
        f"write `{near[0]}{scheme[len(dialect) :]}`",
        scheme,
        near[0] + scheme[len(dialect) :],
    )


def _wrong_loop(
    dialect: str, driver: str | None, is_async: bool | None, version: tuple[int, int]
) -> Problem | None:
    default = SYNC if dialect in _SYNC_BY_DEFAULT or version < (2, 1) else BOTH
    kind = DRIVERS[dialect][driver] if driver else default
    drivers = [name for name, of in DRIVERS[dialect].items() if of == ASYNC]
    if is_async and kind == SYNC:
        named = f"the driver `{driver}`" if driver else f"the default driver of {dialect}"
        return Problem(
            f"{named} is not async: InvalidRequestError",
            f"use an async driver, such as `{dialect}+{drivers[0]}`" if drivers else "",
        )
    if is_async is False and kind == ASYNC:
        return Problem(
            f"`{driver}` is an async driver: a sync engine raises MissingGreenlet when it is used",
            "use `create_async_engine()`, or a sync driver",
        )
    return None


def _sqlite(after: str, hole: str) -> Problem | None:
    if not after or after[0] in "/?" or after.startswith(hole):
        return None
    return Problem(
        "a file of SQLite comes after three slashes: the engine cannot be made",
        "write `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite://`",
        "sqlite://",
        "sqlite:///",
    )


def _authority(after: str, hole: str) -> Problem | None:
    match = _AUTHORITY.match(after)
    if match is None:
        return None
    port = match["port"]
    if port and hole not in port and not port.isdecimal():
        return Problem(f"the port `{port}` is no number: ValueError", _FORM)
    if match["password"] is not None and "@" in (match["host"] or ""):
        return Problem(
            "the password ends at its first `@`: what follows is taken for the host",
            "write `%40` for `@`, or use `URL.create()`",
        )
    return None


def _query(driver: str | None, url: str) -> Problem | None:
    words = {part.partition("=")[0] for part in url.partition("?")[2].split("&")} & _POSTGRES
    if driver != "asyncpg" or not words:
        return None
    word = sorted(words)[0]
    known = words == {"sslmode"}
    return Problem(
        f"asyncpg has no option `{word}`: connecting raises TypeError",
        "write `ssl=`" if known else f"leave `{word}` out",
        "sslmode=" if known else "",
        "ssl=" if known else "",
    )


# --- options of create_engine() ------------------------------------------------------------------

_ENGINE = """
    connect_args creator async_creator echo echo_pool enable_from_linting execution_options future
    hide_parameters insertmanyvalues_page_size isolation_level json_deserializer json_serializer
    label_length logging_name max_identifier_length module paramstyle plugins pool poolclass
    pool_logging_name pool_pre_ping pool_recycle pool_reset_on_return query_cache_size
    skip_autocommit_rollback use_insertmanyvalues dbapi dialect url
    convert_unicode encoding strategy listeners case_sensitive implicit_returning
    pool_threadlocal use_threadlocal use_batch_mode
    empty_in_strategy legacy_schema_aliasing
    pool_size max_overflow pool_timeout pool_use_lifo
    compiler_linting server_side_cursors supports_native_boolean
"""
# The dialects' own, all of them together.
_DIALECTS = """
    use_ansi native_uuid
    executemany_mode executemany_batch_page_size executemany_values_page_size client_encoding
    use_native_unicode use_native_hstore use_native_uuid implicit_returning native_inet_types
    prepared_statement_cache_size prepared_statement_name_func use_setinputsizes
    native_datetime json_serializer json_deserializer
    auto_convert_lobs coerce_to_decimal arraysize encoding_errors threaded optimize_limits
    use_nchar_for_unicode exclude_tablespaces use_binds_for_limits enable_offset_fetch
    ignore_no_transaction_on_rollback fast_executemany use_setinputsizes schema_name
    deprecate_large_types legacy_schema_aliasing query_timeout use_scope_identity
    is_mariadb prefix_escape thick_mode driver supports_sane_rowcount
"""
KNOWN_OPTIONS = frozenset(_ENGINE.split()) | frozenset(_DIALECTS.split())

# What the drivers' own `connect()` takes, and people give to `create_engine()` by mistake.
DRIVER_OPTIONS = frozenset(
    [
        "check_same_thread",
        "timeout",
        "connect_timeout",
        "sslmode",
        "ssl",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "ssl_ca",
        "ssl_cert",
        "ssl_key",
        "ssl_disabled",
        "options",
        "application_name",
        "charset",
        "autocommit",
        "command_timeout",
        "server_settings",
        "statement_cache_size",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "use_unicode",
        "init_command",
        "read_timeout",
        "write_timeout",
        "detect_types",
        "uri",
        "host",
        "port",
        "user",
        "username",
        "password",
        "database",
        "dbname",
        "unix_socket",
        "auth_plugin",
    ]
)
_OF_SQLITE = frozenset({"check_same_thread", "detect_types", "uri", "cached_statements"})

_QUEUE = frozenset({"pool_size", "max_overflow", "pool_timeout", "pool_use_lifo"})
# The options that a pool class refuses (TypeError, "Invalid argument(s)").
REFUSED: dict[str, frozenset[str]] = {
    "NullPool": _QUEUE,
    "StaticPool": _QUEUE,
    "AssertionPool": _QUEUE,
    "SingletonThreadPool": _QUEUE - {"pool_size"},
}
# What raises TypeError for a string, at once or with the first connection.
NUMBERS = frozenset({"pool_size", "max_overflow", "pool_recycle"})
# Of strings these know "debug" alone: KeyError.
_ECHOES = frozenset({"echo", "echo_pool"})
SYNC_POOLS = frozenset({"QueuePool"})


def pool_of(url: str, version: tuple[int, int]) -> str:
    """The pool class that a URL of SQLite gets when none is named; "" for other databases, or when
    it depends on the release."""
    match = _NAME.match(url)
    if match is None or match["dialect"] != "sqlite":
        return ""
    path = url[match.end() :].partition("?")[0]
    memory = path in ("", "/", "/:memory:")
    if match["driver"] == "aiosqlite":
        return "StaticPool" if memory else "NullPool" if version < (2, 0) else ""
    return "SingletonThreadPool" if memory else "NullPool" if version < (2, 0) else "QueuePool"


def option_problem(option: str, dialect: str) -> Problem | None:
    """What is wrong with a keyword of `create_engine()`, for one of SQLAlchemy's own dialects or,
    for "", for one that is not known."""
    if option in KNOWN_OPTIONS or option.startswith("_"):
        return None
    if option in DRIVER_OPTIONS and (dialect or option in _OF_SQLITE):
        return Problem(
            f"`{option}` is an option of the driver: `create_engine()` raises TypeError",
            f'give it in `connect_args={{"{option}": ...}}`',
        )
    near = get_close_matches(option, KNOWN_OPTIONS, 1, _NEAR_OPTION) if dialect else []
    if near:
        return Problem(
            f"`create_engine()` has no option `{option}`: TypeError", f"did you mean `{near[0]}`?"
        )
    return None


def pool_problem(option: str, pool: str) -> Problem | None:
    """What is wrong with an option of a pool class."""
    if option not in REFUSED.get(pool, ()):
        return None
    return Problem(
        f"`{pool}` has no option `{option}`: `create_engine()` raises TypeError",
        f"leave `{option}` out, or use another pool class",
    )


def string_problem(option: str, from_environment: bool, text: str) -> Problem | None:
    """What is wrong with a string as the value of an option; ``text`` is "" when not known."""
    if option in NUMBERS:
        return Problem(
            f"`{option}` is a string: TypeError when the pool is used",
            f"write `{option}=int(...)`",
        )
    if option in _ECHOES and text != "debug":
        set_ = " as soon as the variable is set" if from_environment else ""
        return Problem(
            f"`{option}` is a string: KeyError{set_}",
            f'give `{option}` True, False or `"debug"`',
        )
    if option == "pool_pre_ping":
        return Problem(
            "`pool_pre_ping` is a string: any text turns it on, `false` too",
            'compare it: `pool_pre_ping=value == "true"`',
        )
    return None


# Well-known options that a driver's `connect()` refuses.
_LIBPQ = frozenset(
    [
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "connect_timeout",
        "application_name",
        "options",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "channel_binding",
    ]
)
_ASYNCPG = frozenset({"command_timeout", "server_settings", "statement_cache_size"})
_MYSQL = frozenset({"charset", "init_command", "use_unicode", "ssl_ca", "unix_socket"})
_REFUSED_BY: dict[str, frozenset[str]] = {
    "psycopg2": _OF_SQLITE | _ASYNCPG | _MYSQL | {"ssl", "timeout"},
    "psycopg": _OF_SQLITE | _ASYNCPG | _MYSQL | {"ssl", "timeout"},
    "asyncpg": _OF_SQLITE | _LIBPQ | _MYSQL,
    "pysqlite": _LIBPQ | _ASYNCPG | _MYSQL | {"ssl"},
    "aiosqlite": _LIBPQ | _ASYNCPG | _MYSQL | {"ssl"},
    "pymysql": _OF_SQLITE | _ASYNCPG | (_LIBPQ - {"connect_timeout"}),
    "aiomysql": _OF_SQLITE | _ASYNCPG | (_LIBPQ - {"connect_timeout"}),
    "mysqldb": _OF_SQLITE | _ASYNCPG | (_LIBPQ - {"connect_timeout"}),
}
_DEFAULT_DRIVER = {
    "postgresql": "psycopg2",
    "mysql": "mysqldb",
    "mariadb": "mysqldb",
    "sqlite": "pysqlite",
}


def connect_option_problem(option: str, url: str) -> Problem | None:
    """What is wrong with a key of `connect_args`."""
    match = _NAME.match(url)
    if match is None or match["dialect"] not in DRIVERS:
        return None
    driver = match["driver"] or _DEFAULT_DRIVER.get(match["dialect"], "")
    if option not in _REFUSED_BY.get(driver, ()):
        return None
    instead = {"sslmode": "ssl", "connect_timeout": "timeout"}.get(option, "")
    return Problem(
        f"{driver} has no option `{option}`: connecting raises an error",
        f"write `{instead}`"
        if driver == "asyncpg" and instead
        else f"give `{option}` only to the driver that knows it",
    )


# --- what create_engine() took once --------------------------------------------------------------


class Former(NamedTuple):
    """A parameter that came to an end: since when it is refused (else it only warns), and what to
    do; ``idle`` when it had no effect in 1.4 any more, so that leaving it out changes nothing."""

    refused: tuple[int, int] | None
    help: str
    idle: bool = False


FORMER_OPTIONS: dict[str, Former] = {
    "encoding": Former((2, 0), "leave it out: drivers of Python 3 take text", True),
    "convert_unicode": Former((2, 0), "leave it out: drivers of Python 3 take text", True),
    "case_sensitive": Former((2, 0), "leave it out: names of columns are case-sensitive"),
    "listeners": Former((1, 4), "register them with `event.listen(engine, ...)`"),
    "pool_threadlocal": Former((1, 4), "leave it out"),
    "use_threadlocal": Former((1, 4), "leave it out"),
    "strategy": Former(None, "use `create_mock_engine()`"),
    "empty_in_strategy": Former(None, "leave it out: it has no effect", True),
    "server_side_cursors": Former(None, "use `execution_options(stream_results=True)`"),
    "implicit_returning": Former(None, "leave it out: it has no effect since 2.0"),
    "use_batch_mode": Former((1, 4), "use `executemany_mode`"),
}

"""SAL306: pandas is given what it cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    EVERYTHING,
    Applicability,
    Call,
    Kind,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    may_be_sqlite,
    of_database,
    rule,
)

_READS = frozenset({"pandas.read_sql", "pandas.read_sql_query", "pandas.read_sql_table"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


@rule(
    "SAL306",
    "pandas-connection",
    group="preview",
    severity=Severity.ERROR,
    fix="unsafe",
    on=of_database(EVERYTHING),
)
def pandas_connection(call: Call) -> Iterator[Report]:
    """pandas is given a Session, a driver's connection or something of asyncio.

    ## What it does
    Reports `read_sql()` and `to_sql()` with a Session, an AsyncEngine, AsyncConnection or
    AsyncSession, and `to_sql()` with a `raw_connection()`.

    ## Why is this bad?
    pandas takes engines and Connections. It treats anything else as a connection of SQLite's driver
    and calls `cursor()` on it: AttributeError for a Session; on other databases than SQLite,
    `to_sql()` asks `sqlite_master`: DatabaseError.

    ## Example
    ```python
    frame.to_sql("users", session)
    ```

    ## Use instead
    ```python
    frame.to_sql("users", session.connection())
    ```

    ## Fix safety
    Unsafe: the connection takes part in the session's transaction, which must be committed. Not
    offered for asyncio, where `run_sync()` is needed.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    `read_sql()` with a raw connection works, with a warning, and is not reported. `to_sql` is known
    by its name and the kind of what it is given.

    ## References
    pandas docs, "read_sql", "DataFrame.to_sql": con.
    """
    writes = call.name == "to_sql"
    if not writes and call.library_name not in _READS:
        return
    given = call.argument(1, "con")
    if given is None:
        return
    arg, kind = given
    what = _refused(kind, writes)
    if kind.name == kinds.RAW_CONNECTION and may_be_sqlite(call.function.project):
        return  # pandas knows that driver
    if what:
        plain = kind.name in _SESSIONS and not kind.is_async
        yield Report(
            arg.at,
            f"pandas cannot use {what}: it takes an engine or a Connection",
            help="give it the engine, or `session.connection()`"
            if not kind.is_async
            else "use `await connection.run_sync(...)`, which gives a Connection",
            rewrite=Rewrite(
                "give it the session's connection",
                Applicability.UNSAFE,
                (Replace(arg.at, "{0:primary}.connection()", (arg.at,)),),
            )
            if plain
            else None,
        )


def _refused(kind: Kind, writes: bool) -> str:
    if kind.name in _SESSIONS:
        return "a Session"
    if kind.name in (kinds.ENGINE, kinds.CONNECTION) and kind.is_async:
        return "an engine or connection of asyncio"
    if kind.name == kinds.RAW_CONNECTION and writes:
        return "a connection of the driver"
    return ""

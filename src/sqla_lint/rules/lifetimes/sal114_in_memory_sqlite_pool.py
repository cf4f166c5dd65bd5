"""SAL114: an SQLite database in memory, and a pool that gives each thread another one."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    NAME,
    Applicability,
    Import,
    Op,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    database_urls,
    drivers,
    given,
    kinds,
    makes_engine,
    operations,
    rule,
    shares_sqlite,
    sqltext,
)

_IN_MEMORY = frozenset({"SingletonThreadPool", "StaticPool"})  # what such URLs get by default
_SEVERAL = ("NullPool", "QueuePool", "AsyncAdaptedQueuePool")


@rule(
    "SAL114",
    "in-memory-sqlite-pool",
    group="preview",
    severity=Severity.ERROR,
    fix="unsafe",
    on=operations("call", receivers=[NAME, kinds.FLASK_DB]),
)
def in_memory_sqlite_pool(operation: Operation) -> Iterator[Report]:
    """An SQLite database in memory that threads or connections do not share.

    ## What it does
    Reports `create_engine("sqlite://", connect_args={"check_same_thread": False})` without
    `poolclass=StaticPool`, and an SQLite database in memory with a pool of several connections.

    ## Why is this bad?
    Each connection to `sqlite://` is a database of its own, and the default pool gives each thread
    another connection: tables made in one thread do not exist in the next, `OperationalError: no
    such table`. `check_same_thread` allows sharing a connection, but nothing shares it.

    ## Example
    ```python
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False})
    ```

    ## Use instead
    ```python
    shared = {"check_same_thread": False}
    engine = create_engine("sqlite://", connect_args=shared, poolclass=StaticPool)
    ```

    ## Fix safety
    Unsafe: all threads share one connection, and its transaction, from then on. Without a
    `poolclass` to replace there is no fix.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Engines without options are not reported: one thread may be all there is.

    ## References
    SQLAlchemy docs, "SQLite": Using a Memory Database in Multiple Threads.
    """
    if not makes_engine(operation) or any(arg.star for arg in operation.op.args):
        return
    version = operation.function.target
    texts = [url.text for url, _ in database_urls(operation)]
    if not texts or any(sqltext.HOLE in text for text in texts):
        return
    if any(drivers.pool_of(text, version) not in _IN_MEMORY for text in texts):
        return
    if given(operation, -1, "creator") is not None:
        return
    pool = given(operation, -1, "poolclass")
    if pool is not None:
        name = pool[1].label.rpartition(".")[2]
        if name in _SEVERAL and not _is_one(operation):
            yield Report(
                pool[0].at,
                f"each connection of a `{name}` to an SQLite database in memory is an empty"
                " database of its own: no such table",
                help="use `poolclass=StaticPool`",
                rewrite=Rewrite(
                    "use StaticPool",
                    Applicability.UNSAFE,
                    (
                        Import("sqlalchemy.pool", "StaticPool"),
                        Replace(pool[0].at, "{StaticPool}"),
                    ),
                ),
            )
    elif shares_sqlite(operation) and "aiosqlite" not in texts[0]:
        yield Report(
            operation.at,
            "each thread gets an SQLite database in memory of its own, an empty one: no such table",
            help="add `poolclass=StaticPool`, which `check_same_thread` is for",
        )


def _is_one(operation: Operation) -> bool:
    """All that its function does with the engine is to take one connection, which it keeps; or a
    fixture hands it out as it is, and makes no tables on it."""
    function = operation.function
    names = {operation.op.dst}
    calls: list[Op] = []
    for other in function.operations():
        op = other.op
        given = {arg.value for arg in op.args} & names
        if op.do in ("move", "setattr") and (given or op.on in names):
            names.add(op.dst)
        elif op.do == "call" and (given or op.on in names):
            calls.append(op)
    if function.entry == "fixture":
        return not any(op.name in _MAKES_TABLES for op in calls)
    connects = [op for op in calls if op.name == "connect" and op.on in names]
    return not function.is_module and len(calls) == len(connects) == 1


_MAKES_TABLES = frozenset({"create_all", "run_sync", "connect", "begin"})

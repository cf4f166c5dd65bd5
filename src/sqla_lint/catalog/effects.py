"""What members do to the object they are called on, and what they may raise.

No annotation says this; it is the part of the catalog that was written by hand, once for all
versions (a row for a member that a version does not have is without effect there). Rows are read
off SQLAlchemy's documentation and held against running code by tests/test_catalog_calls.py.

Events
    open          returns a new resource the caller must end
    begin         a transaction begins         begin_nested  a savepoint begins
    execute       a statement is sent (and, on a Session or Connection, a transaction begins)
    write         ... one that changes data, or work for the next flush to write
    stream        ... whose rows stay on the server: the result must be closed
    read          rows are taken from a result; it can be exhausted by that
    flush commit rollback prepare close reset invalidate detach
    add delete merge expire refresh remove      (remove: the registry's session is closed)

Failures
    db        the database refuses: DBAPIError and its kin
    flush     the same while flushing: the Session refuses everything until rollback()
    lookup    NoResultFound or MultipleResultsFound
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds as k


class Effect(NamedTuple):
    kinds: tuple[str, ...]
    names: str  # space-separated
    effects: str = ""  # space-separated
    raises: str = ""


_SESSIONS = (k.SESSION, k.SCOPED_SESSION)
_TRANSACTIONS = (k.TRANSACTION, k.SAVEPOINT)
_RESULTS = (k.RESULT, k.SCALARS, k.MAPPINGS)

EFFECTS: tuple[Effect, ...] = (
    # --- engine
    Effect((k.ENGINE,), "connect raw_connection", "open", "db"),
    Effect((k.ENGINE,), "begin", "open begin", "db"),
    Effect((k.ENGINE,), "dispose", "close"),
    Effect((k.ENGINE,), "execute scalar transaction run_callable", "execute", "db"),
    Effect((k.ENGINE,), "table_names has_table", "execute", "db"),
    # --- connection
    Effect((k.CONNECTION,), "execute scalar scalars exec_driver_sql", "execute", "db"),
    Effect((k.CONNECTION,), "stream stream_scalars", "execute stream", "db"),
    Effect((k.CONNECTION,), "begin begin_twophase", "begin", "db"),
    Effect((k.CONNECTION,), "begin_nested", "begin_nested", "db"),
    Effect((k.CONNECTION,), "commit", "commit", "db"),
    Effect((k.CONNECTION,), "commit_prepared rollback_prepared recover_twophase", "execute", "db"),
    Effect((k.CONNECTION,), "rollback", "rollback", "db"),
    Effect((k.CONNECTION,), "close aclose", "close"),
    Effect((k.CONNECTION,), "invalidate", "invalidate"),
    Effect((k.CONNECTION,), "detach", "detach"),
    Effect((k.CONNECTION,), "run_sync", "", "db"),
    Effect((k.CONNECTION,), "transaction run_callable", "execute", "db"),
    Effect((k.CONNECTION,), "__exit__ __aexit__", "close"),
    # --- the driver's connection
    Effect((k.RAW_CONNECTION,), "cursor", "open"),
    Effect((k.RAW_CONNECTION,), "commit", "commit", "db"),
    Effect((k.RAW_CONNECTION,), "rollback", "rollback", "db"),
    Effect((k.RAW_CONNECTION,), "close", "close"),
    Effect((k.RAW_CONNECTION,), "invalidate", "invalidate"),
    Effect((k.RAW_CONNECTION,), "detach", "detach"),
    Effect((k.CURSOR,), "execute executemany callproc", "execute", "db"),
    Effect((k.CURSOR,), "fetchone fetchmany fetchall", "read", "db"),
    Effect((k.CURSOR,), "close", "close"),
    # --- session
    Effect(_SESSIONS, "execute scalar scalars", "execute", "db"),
    Effect(_SESSIONS, "stream stream_scalars", "execute stream", "db"),
    Effect(_SESSIONS, "get", "execute", "db"),
    Effect(_SESSIONS, "get_one", "execute", "lookup"),
    Effect(_SESSIONS, "connection", "execute", "db"),
    Effect(_SESSIONS, "begin", "begin", "db"),
    Effect(_SESSIONS, "begin_nested", "begin_nested", "flush"),
    Effect(_SESSIONS, "flush", "flush", "flush"),
    Effect(_SESSIONS, "commit", "commit", "flush"),
    Effect(_SESSIONS, "prepare", "prepare", "flush"),
    Effect(_SESSIONS, "rollback", "rollback", "db"),
    Effect(_SESSIONS, "close aclose", "close"),
    Effect(_SESSIONS, "reset", "reset"),
    Effect(_SESSIONS, "invalidate", "invalidate"),
    Effect(_SESSIONS, "add add_all", "add write"),
    Effect(_SESSIONS, "delete delete_all", "delete write", "db"),
    Effect(_SESSIONS, "merge merge_all", "merge write", "db"),
    Effect(
        _SESSIONS,
        "bulk_save_objects bulk_insert_mappings bulk_update_mappings",
        "execute write flush",
        "flush",
    ),
    Effect(_SESSIONS, "expire expire_all", "expire"),
    Effect(_SESSIONS, "expunge expunge_all", "detach"),
    Effect(_SESSIONS, "refresh", "refresh execute", "db"),
    Effect((k.SESSION,), "__exit__ __aexit__", "close"),
    Effect((k.SESSION,), "run_sync", "", "db"),
    Effect((k.SCOPED_SESSION,), "remove", "remove"),
    Effect((k.SESSION_FACTORY,), "__call__", "open"),
    Effect((k.SESSION_FACTORY,), "begin", "open begin"),
    # --- transaction: what its end does to the connection or session is up to the protocols
    Effect(_TRANSACTIONS, "commit", "commit", "flush"),
    Effect(_TRANSACTIONS, "rollback", "rollback", "db"),
    Effect(_TRANSACTIONS, "prepare", "prepare", "flush"),
    Effect(_TRANSACTIONS, "close", "close"),
    # --- results
    Effect(
        _RESULTS,
        "all fetchall fetchmany fetchone partitions __iter__ __next__ __aiter__ __anext__",
        "read",
        "db",
    ),
    Effect(_RESULTS, "first scalar", "read close", "db"),
    Effect(
        _RESULTS,
        "one one_or_none scalar_one scalar_one_or_none",
        "read close",
        "lookup",
    ),
    Effect(_RESULTS, "close", "close"),
    # --- query: it sends the statement when asked for rows
    Effect(
        (k.QUERY,),
        "all first count scalar get __iter__ __getitem__ delete update",
        "execute",
        "db",
    ),
    Effect((k.QUERY,), "one one_or_none", "execute", "lookup"),
    Effect((k.QUERY,), "delete update", "write"),
    # --- schema
    Effect((k.METADATA,), "create_all drop_all reflect", "execute", "db"),
    Effect((k.TABLE, k.SCHEMA_ITEM), "create drop", "execute", "db"),
    Effect(
        (k.INSPECTOR,),
        "get_table_names get_view_names get_schema_names get_temp_table_names get_temp_view_names"
        " get_sequence_names get_view_definition get_columns get_pk_constraint get_foreign_keys"
        " get_indexes get_unique_constraints get_check_constraints get_table_comment"
        " get_table_options get_multi_columns get_multi_indexes get_multi_foreign_keys"
        " get_multi_pk_constraint get_multi_unique_constraints get_multi_check_constraints"
        " get_multi_table_comment get_multi_table_options get_sorted_table_and_fkc_names"
        " has_table has_sequence has_index has_schema reflect_table reflecttable",
        "execute",
        "db",
    ),
)


def table() -> dict[tuple[str, str], tuple[tuple[str, ...], str]]:
    """(kind, member) -> (effects, raises); rows add up."""
    out: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {}
    for row in EFFECTS:
        for kind in row.kinds:
            for name in row.names.split():
                effects, raises = out.get((kind, name), ((), ""))
                out[kind, name] = ((*effects, *row.effects.split()), row.raises or raises)
    return out

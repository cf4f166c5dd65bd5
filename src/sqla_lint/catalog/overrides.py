"""Corrections to what SQLAlchemy's annotations say, each with its reason.

``where`` is a kind (``!``: the asyncio twin), or "" for functions, which go by canonical name. A
correction applies to what a version has; it adds nothing. Every one of them is held against real
calls by tests/test_catalog_calls.py, as far as it says what comes back.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds as k


class Override(NamedTuple):
    where: tuple[str, ...]
    names: str  # space-separated
    fields: dict[str, object]  # of Member
    why: str
    only: str = ""  # the one version it is for


FUNCTIONS = ("",)
_SESSIONS = (k.SESSION, k.SCOPED_SESSION)
_ASYNC_SESSIONS = (k.SESSION + "!", k.SCOPED_SESSION + "!")
_STARTABLE = (k.CONNECTION + "!", k.TRANSACTION + "!", k.SAVEPOINT + "!")
_STATEMENTS = (k.SELECT, k.INSERT, k.UPDATE, k.DELETE, k.TEXT, k.DDL)
_AGAIN = {"returns": k.SELF, "generative": True}

OVERRIDES: tuple[Override, ...] = (
    # --- annotated with the type variable of a base class
    Override(
        _STARTABLE,
        "__aenter__ start",
        {"returns": k.SELF, "is_async": True},
        "StartableContext[AsyncConnection]: entering or awaiting gives the object itself",
    ),
    Override(
        (k.RAW_CONNECTION,),
        "cursor",
        {"returns": k.CURSOR},
        "1.4's _ConnectionFairy forwards to the driver",
    ),
    # --- annotated Any or with a union, though one kind it is
    Override(
        (*_SESSIONS, *_ASYNC_SESSIONS),
        "no_autoflush",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "property": True, "is_async": False},
        "a property that is a context manager; `with` binds the Session, of AsyncSession the sync"
        " one, of a registry the current one",
    ),
    Override(
        (*_SESSIONS, *_ASYNC_SESSIONS),
        "get_bind",
        {"returns": k.ENGINE, "is_async": False},
        "Union[Engine, Connection]: an Engine unless the Session was bound to a Connection; the"
        " sync one for AsyncSession too",
    ),
    Override(
        _ASYNC_SESSIONS,
        "get_async_bind",
        {"returns": k.ENGINE, "is_async": True},
        "the same for AsyncEngine and AsyncConnection (2.1)",
    ),
    Override(
        (*_SESSIONS, *_ASYNC_SESSIONS, k.CONNECTION, k.CONNECTION + "!"),
        "begin_nested get_nested_transaction",
        {"returns": k.SAVEPOINT},
        "the class is that of begin() (SessionTransaction, AsyncTransaction); what it is, is a"
        " savepoint",
    ),
    Override(
        (k.SESSION_FACTORY,),
        "__call__",
        {"returns": k.SESSION, "enters": k.SESSION},
        "_S, a type variable",
    ),
    Override(
        (k.SESSION_FACTORY + "!",),
        "__call__",
        {"returns": k.SESSION, "enters": k.SESSION, "is_async": True},
        "_AS, a type variable",
    ),
    Override(
        (k.SESSION_FACTORY,),
        "begin",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION},
        "contextlib.AbstractContextManager[_S]: begins, and commits or rolls back and closes",
    ),
    Override(
        (k.SESSION_FACTORY + "!",),
        "begin",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "is_async": True},
        "_AsyncSessionContextManager[_AS], a private class",
    ),
    Override(
        (k.SCOPED_SESSION,),
        "__call__ registry",
        {"returns": k.SESSION, "enters": k.SESSION, "property": False},
        "_S, a type variable; `registry` is an attribute that is called for the current Session",
    ),
    Override(
        (k.SCOPED_SESSION + "!",),
        "__call__ registry",
        {"returns": k.SESSION, "enters": k.SESSION, "is_async": True, "property": False},
        "_AS, a type variable; as for scoped_session",
    ),
    Override(
        (k.SCOPED_SESSION,),
        "session_factory",
        {"returns": k.SESSION_FACTORY, "property": True},
        "Union[sessionmaker[_S], Callable]",
    ),
    # --- copies that SQLAlchemy's decorator does not mark
    Override(
        (k.ENGINE, k.ENGINE + "!"),
        "execution_options",
        _AGAIN,
        "gives an OptionEngine over the same pool; the receiver is as before. Connection's changes"
        " the Connection (2.x) or copies it (1.4), so that stays out",
    ),
    Override(
        (k.QUERY,),
        "filter_by outerjoin where union union_all intersect intersect_all except_ except_all"
        " with_parent with_labels apply_labels from_self with_statement_hint",
        _AGAIN,
        "call decorated methods; in 1.4 without an annotation that says so",
    ),
    Override(
        (k.SELECT, k.UPDATE, k.DELETE),
        "filter filter_by outerjoin outerjoin_from",
        _AGAIN,
        "as for Query",
    ),
    Override(
        (k.TABLE,),
        "insert",
        {"returns": k.INSERT},
        "annotated with a name that only dml.py can import",
    ),
    # --- results
    Override(
        (k.QUERY,),
        "get",
        {"returns": k.ENTITY, "optional": True},
        "Optional[Any]: by primary key there are only entities",
    ),
    Override(
        (k.SCALARS, k.SCALARS + "!"),
        "all fetchall",
        {"returns": k.LIST, "of": ""},
        "Sequence of a type variable; entities or values, as selected",
    ),
    Override(
        (k.ROW,),
        "_tuple tuple t _t",
        {"returns": k.SELF},
        "typed as a tuple for type checkers; it is the Row itself",
    ),
    # --- 1.4 only, so no annotation anywhere
    Override((k.ENGINE,), "execute", {"returns": k.RESULT}, "connectionless execution", "1.4"),
    Override((k.ENGINE,), "table_names", {"returns": k.LIST, "of": k.STR}, "", "1.4"),
    Override((k.ENGINE, k.TABLE), "has_table exists", {"returns": k.BOOL}, "", "1.4"),
    Override((k.CONNECTION,), "connect", {"returns": k.CONNECTION}, "a branch of itself", "1.4"),
    Override(_STATEMENTS, "execute", {"returns": k.RESULT}, "bound metadata", "1.4"),
    Override(
        (k.TRANSACTION, k.SAVEPOINT),
        "commit rollback",
        {"returns": ""},
        "1.4's SessionTransaction gives its parent, Transaction gives None",
        "1.4",
    ),
    Override(
        (k.ENGINE + "!",),
        "begin",
        {"awaitable": True},
        "1.4's AsyncEngine._trans_ctx can be awaited, too",
        "1.4",
    ),
    Override((k.ROW,), "values items", {"returns": k.LIST}, "LegacyRow is a mapping", "1.4"),
    Override((k.ROW,), "has_key", {"returns": k.BOOL}, "LegacyRow is a mapping", "1.4"),
    # --- functions
    Override(
        FUNCTIONS,
        "sqlalchemy.orm.declarative_base sqlalchemy.ext.declarative.declarative_base"
        " sqlalchemy.ext.automap.automap_base sqlalchemy.orm.as_declarative",
        {"returns": k.DECLARATIVE_BASE},
        "a class made at run time, annotated Any",
    ),
    Override((k.REGISTRY,), "generate_base", {"returns": k.DECLARATIVE_BASE}, "the same"),
    Override(
        FUNCTIONS,
        "sqlalchemy.orm.aliased sqlalchemy.orm.with_polymorphic",
        {"returns": k.MAPPED_CLASS},
        "AliasedClass stands for the mapped class; of a Table, aliased() gives a FromClause",
    ),
    Override(
        FUNCTIONS,
        "sqlalchemy.orm.relation",
        {"returns": k.RELATIONSHIP},
        "1.4's old name of relationship",
    ),
    Override(
        FUNCTIONS,
        "sqlalchemy.orm.eagerload",
        {"returns": k.LOADER_OPTION},
        "1.4's old name of joinedload",
    ),
    Override(
        FUNCTIONS,
        "sqlalchemy.orm.foreign sqlalchemy.orm.remote sqlalchemy.dialects.postgresql.array_agg",
        {"returns": k.COLUMN_EXPR},
        "give the annotated column or a function over it",
    ),
    Override(FUNCTIONS, "sqlalchemy.orm.mapper", {"returns": k.MAPPER}, "2.0's only raises", "1.4"),
    Override(
        (k.COLUMN_EXPR,),
        "as_boolean as_string as_integer as_float as_numeric as_json has_key has_all has_any"
        " contained_by path_exists path_match delete_path astext",
        {"returns": k.COLUMN_EXPR},
        "JSON's and HSTORE's comparators have no annotations",
    ),
)

"""The names of kinds: what a value is, as far as SQLAlchemy code cares.

A kind is a plain string, so that facts and caches stay plain data. Whether a kind is the asyncio
twin (`AsyncSession` beside `Session`) is a separate flag wherever a kind is passed around.
"""

from __future__ import annotations

# --- where connections and transactions live
ENGINE = "ENGINE"
CONNECTION = "CONNECTION"
RAW_CONNECTION = "RAW_CONNECTION"  # the driver's connection, as the pool hands it out
CURSOR = "CURSOR"  # the driver's cursor
POOL = "POOL"
SESSION = "SESSION"
SESSION_FACTORY = "SESSION_FACTORY"  # sessionmaker, async_sessionmaker
SCOPED_SESSION = "SCOPED_SESSION"  # scoped_session, async_scoped_session
TRANSACTION = "TRANSACTION"
SAVEPOINT = "SAVEPOINT"

# --- what comes back
RESULT = "RESULT"  # rows
SCALARS = "SCALARS"  # the first column of each row
MAPPINGS = "MAPPINGS"  # each row as a mapping
ROW = "ROW"
ROW_MAPPING = "ROW_MAPPING"
ENTITY = "ENTITY"  # an instance of a mapped class
COLLECTION = "COLLECTION"  # a relationship's collection on an instance

# --- what is sent
SELECT = "SELECT"
INSERT = "INSERT"
UPDATE = "UPDATE"
DELETE = "DELETE"
QUERY = "QUERY"
TEXT = "TEXT"
DDL = "DDL"  # CreateTable(...), DDL("...")
COLUMN_EXPR = "COLUMN_EXPR"
LOADER_OPTION = "LOADER_OPTION"
FROM_CLAUSE = "FROM_CLAUSE"  # subquery, CTE, alias, join, values

# --- what describes the database
TABLE = "TABLE"
METADATA = "METADATA"
SCHEMA_ITEM = "SCHEMA_ITEM"  # ForeignKey, Index, constraints, Sequence, Identity
TYPE = "TYPE"  # Integer, String(20)
INSPECTOR = "INSPECTOR"
URL = "URL"

# --- what describes the mapping
MAPPED_CLASS = "MAPPED_CLASS"
DECLARATIVE_BASE = "DECLARATIVE_BASE"
MAPPER = "MAPPER"
REGISTRY = "REGISTRY"
RELATIONSHIP = "RELATIONSHIP"
FLASK_DB = "FLASK_DB"  # flask_sqlalchemy.SQLAlchemy()

# --- Python's own
COROUTINE = "COROUTINE"
GENERATOR = "GENERATOR"
CONTEXT_MANAGER = "CONTEXT_MANAGER"
TASK = "TASK"
MODULE = "MODULE"
CLASS = "CLASS"
FUNCTION = "FUNCTION"
STR = "STR"
INT = "INT"
BOOL = "BOOL"
FLOAT = "FLOAT"
NONE = "NONE"
BYTES = "BYTES"
LIST = "LIST"
TUPLE = "TUPLE"
SET = "SET"
DICT = "DICT"
INSTANCE = "INSTANCE"
UNKNOWN = "UNKNOWN"

# --- not kinds, but words used in place of one
SELF = "Self"  # the kind of the receiver

ALL: frozenset[str] = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and name != "SELF"
)

# What leads a program to its database, itself or as an object of the program's own that holds it.
HANDLES = frozenset(
    {CONNECTION, ENGINE, FLASK_DB, INSTANCE, SCOPED_SESSION, SESSION, SESSION_FACTORY}
)

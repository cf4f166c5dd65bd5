"""Which classes of SQLAlchemy are which kind.

A class has the kind of the first class in its method resolution order that stands here. Names are
tried in every version; one that a version lacks is passed over. ``!`` marks the asyncio twin.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds as k

ANCHORS: tuple[tuple[str, str], ...] = (
    ("sqlalchemy.engine.Engine", k.ENGINE),
    ("sqlalchemy.ext.asyncio.AsyncEngine", k.ENGINE + "!"),
    ("sqlalchemy.engine.Connection", k.CONNECTION),
    ("sqlalchemy.ext.asyncio.AsyncConnection", k.CONNECTION + "!"),
    ("sqlalchemy.pool.PoolProxiedConnection", k.RAW_CONNECTION),
    ("sqlalchemy.pool.base._ConnectionFairy", k.RAW_CONNECTION),
    ("sqlalchemy.engine.interfaces.DBAPIConnection", k.RAW_CONNECTION),
    ("sqlalchemy.engine.interfaces.DBAPICursor", k.CURSOR),
    ("sqlalchemy.pool.Pool", k.POOL),
    ("sqlalchemy.orm.Session", k.SESSION),
    ("sqlalchemy.ext.asyncio.AsyncSession", k.SESSION + "!"),
    ("sqlalchemy.orm.sessionmaker", k.SESSION_FACTORY),
    ("sqlalchemy.ext.asyncio.async_sessionmaker", k.SESSION_FACTORY + "!"),
    ("sqlalchemy.orm.scoped_session", k.SCOPED_SESSION),
    ("sqlalchemy.ext.asyncio.async_scoped_session", k.SCOPED_SESSION + "!"),
    ("sqlalchemy.engine.NestedTransaction", k.SAVEPOINT),
    ("sqlalchemy.engine.Transaction", k.TRANSACTION),
    ("sqlalchemy.orm.session.SessionTransaction", k.TRANSACTION),
    ("sqlalchemy.ext.asyncio.AsyncTransaction", k.TRANSACTION + "!"),
    ("sqlalchemy.ext.asyncio.AsyncSessionTransaction", k.TRANSACTION + "!"),
    # results
    ("sqlalchemy.engine.Result", k.RESULT),
    ("sqlalchemy.engine.TupleResult", k.RESULT),
    ("sqlalchemy.engine.ScalarResult", k.SCALARS),
    ("sqlalchemy.engine.MappingResult", k.MAPPINGS),
    ("sqlalchemy.ext.asyncio.AsyncResult", k.RESULT + "!"),
    ("sqlalchemy.ext.asyncio.AsyncTupleResult", k.RESULT + "!"),
    ("sqlalchemy.ext.asyncio.AsyncScalarResult", k.SCALARS + "!"),
    ("sqlalchemy.ext.asyncio.AsyncMappingResult", k.MAPPINGS + "!"),
    ("sqlalchemy.engine.Row", k.ROW),
    ("sqlalchemy.engine.RowMapping", k.ROW_MAPPING),
    # statements
    ("sqlalchemy.sql.selectable.ScalarSelect", k.COLUMN_EXPR),
    ("sqlalchemy.sql.selectable.SelectBase", k.SELECT),
    ("sqlalchemy.sql.dml.Insert", k.INSERT),
    ("sqlalchemy.sql.dml.Update", k.UPDATE),
    ("sqlalchemy.sql.dml.Delete", k.DELETE),
    ("sqlalchemy.orm.Query", k.QUERY),
    ("sqlalchemy.sql.elements.TextClause", k.TEXT),
    ("sqlalchemy.schema.DDLElement", k.DDL),
    ("sqlalchemy.sql.ddl._DDLCompiles", k.DDL),
    # schema; before the expressions they also are
    ("sqlalchemy.schema.Column", k.COLUMN_EXPR),
    ("sqlalchemy.schema.Table", k.TABLE),
    ("sqlalchemy.sql.selectable.TableClause", k.TABLE),
    ("sqlalchemy.schema.MetaData", k.METADATA),
    ("sqlalchemy.schema.SchemaItem", k.SCHEMA_ITEM),
    ("sqlalchemy.types.TypeEngine", k.TYPE),
    ("sqlalchemy.engine.reflection.Inspector", k.INSPECTOR),
    ("sqlalchemy.engine.url.URL", k.URL),
    # expressions
    ("sqlalchemy.sql.functions.FunctionElement", k.COLUMN_EXPR),
    ("sqlalchemy.orm.interfaces.PropComparator", k.COLUMN_EXPR),
    ("sqlalchemy.sql.operators.Operators", k.COLUMN_EXPR),
    ("sqlalchemy.sql.selectable.FromClause", k.FROM_CLAUSE),
    # mapping
    ("sqlalchemy.orm.MappedColumn", k.COLUMN_EXPR),
    ("sqlalchemy.orm.ColumnProperty", k.COLUMN_EXPR),
    ("sqlalchemy.orm.RelationshipProperty", k.RELATIONSHIP),
    ("sqlalchemy.orm.Mapper", k.MAPPER),
    ("sqlalchemy.orm.registry", k.REGISTRY),
    ("sqlalchemy.orm.DeclarativeBase", k.DECLARATIVE_BASE),
    ("sqlalchemy.orm.DeclarativeBaseNoMeta", k.DECLARATIVE_BASE),
    ("sqlalchemy.orm.util.AliasedClass", k.MAPPED_CLASS),
    ("sqlalchemy.orm.interfaces.ORMOption", k.LOADER_OPTION),
)

# Kinds that some objects of another kind's class have: `begin_nested()` of a Session gives a
# SessionTransaction too.
SHARED: tuple[tuple[str, str], ...] = (
    ("sqlalchemy.orm.session.SessionTransaction", k.SAVEPOINT),
    ("sqlalchemy.ext.asyncio.AsyncTransaction", k.SAVEPOINT + "!"),
    ("sqlalchemy.ext.asyncio.AsyncSessionTransaction", k.SAVEPOINT + "!"),
)
# ColumnElement passes unknown attributes on to the comparator of its type; those are in the union
# of COLUMN_EXPR's classes because every comparator is one (TypeEngine.Comparator and its heirs).

# Where a member is defined by several classes of a kind, the first of these that has it speaks.
FIRST: tuple[str, ...] = (
    "sqlalchemy.engine.Connection",
    "sqlalchemy.engine.Engine",
    "sqlalchemy.engine.Result",
    "sqlalchemy.engine.CursorResult",
    "sqlalchemy.orm.session.SessionTransaction",
    "sqlalchemy.engine.RootTransaction",
    "sqlalchemy.sql.selectable.Select",
    "sqlalchemy.sql.selectable.CompoundSelect",
    "sqlalchemy.sql.dml.Insert",
    "sqlalchemy.sql.dml.Update",
    "sqlalchemy.sql.dml.Delete",
    "sqlalchemy.orm.Query",
    "sqlalchemy.schema.Column",
    "sqlalchemy.orm.attributes.InstrumentedAttribute",
    "sqlalchemy.sql.elements.ColumnElement",
    "sqlalchemy.schema.Table",
    "sqlalchemy.pool.base._ConnectionFairy",
    "sqlalchemy.pool.PoolProxiedConnection",
    "sqlalchemy.orm.Load",
)

# What 1.4 has although no class statement shows it: it passes these on to the driver's objects,
# and hangs the loader options on `Load` with setattr (those that `sqlalchemy.orm` exports too).
UNSEEN_IN_1_4: tuple[str, ...] = (k.RAW_CONNECTION, k.CURSOR)
LOADERS_IN_1_4 = k.LOADER_OPTION

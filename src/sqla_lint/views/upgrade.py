"""What a newer SQLAlchemy takes away, as it is met in an operation."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint import catalog
from sqla_lint.catalog import kinds
from sqla_lint.ir import RAISED, Arg, Block, Operand, Ref
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.views.configuration import library_name
from sqla_lint.views.function import Call, Function, Operation
from sqla_lint.views.versions import asks_version, decides_by_version, is_asked, is_fallback
from sqla_lint.views.written import only_binding

OLDEST = (1, 4)
# The receiver of these may have any attribute: columns, the user's own, what SQLAlchemy sets on it.
_OPEN = frozenset(
    {kinds.ROW, kinds.COLUMN_EXPR, kinds.ENTITY, kinds.MAPPED_CLASS, kinds.TYPE}
    | {kinds.DECLARATIVE_BASE}
)
_LISTS = frozenset({kinds.LIST, kinds.COLLECTION, kinds.TUPLE, kinds.SET})


def sqlalchemy_name(operation: Operation) -> str:
    """The canonical name of the function of SQLAlchemy that is called, in any version; "" for
    others. `db.select` of Flask-SQLAlchemy is SQLAlchemy's own."""
    name = library_name(operation)
    op = operation.op
    if not name and op.do == "call" and op.name and operation.on.name == kinds.FLASK_DB:
        name = _oldest().flask_proxied(op.name) or ""
    if not name:
        return ""
    return operation.function.project.catalog.canonical(name) or _oldest().canonical(name) or ""


class Removed(NamedTuple):
    """What an older SQLAlchemy has and the target has not, and the version that took it away."""

    name: str
    since: str


def removed_member(operation: Operation) -> Removed | None:
    """`Engine.table_names`: the class and name of a member that is used here."""
    op, on = operation.op, operation.on
    if op.do not in ("call", "getattr") or op.name is None or on.name in _OPEN:
        return None
    target = operation.function.project.catalog
    if target.version <= OLDEST or "subclass" in on.traits:
        return None
    if not target.has_members(on.name, on.is_async) or op.name in COMPOUND_KEYWORDS:
        return None
    if target.member(on.name, on.is_async, op.name) is not None:
        return None
    if may_be_own(operation):
        return None
    for version, next_one in _TAKEN_AWAY:
        known = version < target.version and catalog.load(version)
        if known and known.member(on.name, on.is_async, op.name):
            return Removed(f"{on.name.title().replace('_', '')}.{op.name}", next_one)
    return None


# The last version that has something, and the one that took it away.
_TAKEN_AWAY = (((2, 0), "2.1"), (OLDEST, "2.0"))


def removed_name(operation: Operation) -> Removed | None:
    """The dotted name that is imported or called here."""
    op = operation.op
    if op.do == "call":
        name = library_name(operation) if op.name else ""  # else its import has been told of
    elif op.do == "getattr" or op.args:
        name = operation.result.label if operation.result.name == NAME else ""
    else:
        name = ""
    target = operation.function.project.catalog
    if not name.startswith("sqlalchemy.") or name.startswith(FILLED) or target.exists(name):
        return None
    holder, _, last = name.rpartition(".")
    if last in COMPOUND_KEYWORDS and holder.endswith(".CompoundSelect"):
        return None
    if op.do != "import" and not target.exists(holder):
        return None  # what holds it is gone, and has been told of
    if name in FORMER_NAMES:
        return Removed(name, "1.4")
    for version, next_one in _TAKEN_AWAY:
        if version < target.version and catalog.load(version).exists(name):
            return Removed(name, next_one)
    return None


# What SQLAlchemy fills in when it is imported, from elsewhere: no source of the place says so.
FILLED = (
    "sqlalchemy.util.preloaded",
    "sqlalchemy.util.langhelpers.preloaded",
    "sqlalchemy.orm.evaluator.EvaluatorCompiler",
    "sqlalchemy.util.concurrency.greenlet",
    *(f"sqlalchemy.sql.coercions.{name}" for name in ("elements", "lambdas", "schema")),
    "sqlalchemy.sql.coercions.selectable",
    *(f"sqlalchemy.sql.type_api.{kind}TYPE" for kind in ("BOOLEAN", "INTEGER", "MATCH", "NULL")),
    *(f"sqlalchemy.sql.type_api.{kind}TYPE" for kind in ("NUMERIC", "STRING")),
    *(f"sqlalchemy.sql.type_api.{name}" for name in ("INDEXABLE", "TABLEVALUE")),
    "sqlalchemy.sql.type_api._resolve_value_to_type",
)
# The same of the class: it hands on the members of an enumeration.
COMPOUND_KEYWORDS = frozenset(
    {"EXCEPT", "EXCEPT_ALL", "INTERSECT", "INTERSECT_ALL", "UNION", "UNION_ALL"}
)

# What 1.3 had and 1.4 has not; the tables of members begin with 1.4.
FORMER_NAMES = frozenset(
    f"sqlalchemy.{name}"
    for name in (
        "Binary",
        "types.Binary",
        "engine.RowProxy",
        "engine.ResultProxy",
        "engine.result.RowProxy",
        "engine.result.ResultProxy",
        "ext.declarative.api",
        "interfaces.PoolListener",
        "orm.comparable_property",
        "orm.eagerload_all",
        "orm.joinedload_all",
        "orm.lazyload_all",
        "orm.subqueryload_all",
        "orm.contains_alias",
        "orm.interfaces.AttributeExtension",
        "orm.interfaces.MapperExtension",
        "orm.interfaces.SessionExtension",
    )
)


def is_guarded(operation: Operation) -> bool:
    """Another way is ready for it, or has been tried: it stands in a `try` or in the handler of
    what another version raises, or the file asks for the version."""
    function, op = operation.function, operation.op
    for block in function.typed.function.blocks:
        if op in block.ops and (block.exc > RAISED or is_fallback(block) or _is_bare(block)):
            return True
        if op.do == "import" and any(o.dst == op.dst and o is not op for o in block.ops):
            return True  # the same name from two places
    return asks_version(function) or decides_by_version(function)


def _is_bare(block: Block) -> bool:
    return any(op.do == "catch" and op.ann is None for op in block.ops[:1])


def asks_for(operation: Operation | Call) -> bool:
    """The function asks whether the receiver, or what the receiver is given, has an attribute: it
    may be one that has it."""
    return is_asked(operation.function, operation.op)


def may_be_own(operation: Operation) -> bool:
    """Only what is done with a parameter tells what it is, and a class of the project has a method
    of that name: the parameter may be an object of it."""
    op, function = operation.op, operation.function.typed.function
    bare = any(one.name == op.on and one.ann is None for one in function.params)
    modules = operation.function.project.knowledge.index.modules.values()
    return bare and any(
        f"{name}.{op.name}" in module.functions for module in modules for name in module.classes
    )


def elements(function: Function, arg: Arg, kind: Kind) -> tuple[str, tuple[Ref, ...]] | None:
    """How the elements of a list are written as arguments, `a, b` or `*columns`: a template that
    counts from 0, and its refs. None when it is not surely a list or tuple."""
    made = function.maker(arg.value)
    if made is not None and made.op.do == "pack" and made.op.name in ("list", "tuple"):
        parts = [f"{'*' * a.star}{{{i}}}" for i, a in enumerate(made.op.args)]
        return ", ".join(parts), tuple(a.at for a in made.op.args)
    if kind.name in _LISTS:
        return "*{0:primary}", (arg.at,)
    return None


def is_display(function: Function, operand: Operand) -> bool:
    """A list or tuple that is written here."""
    made = function.maker(operand)
    return made is not None and made.op.do == "pack" and made.op.name in ("list", "tuple")


def model_of(operation: Operation) -> tuple[Kind, Ref] | None:
    """The only mapped class that the chain of a query or select starts from, and where it is
    written."""
    function = operation.function
    made = _made(function, operation.op.on)
    while made is not None and made.op.do == "call":
        if made.op.name in ("query", "select") or (made.op.name is None and made.op.on == "select"):
            if len(made.op.args) != 1 or made.arg_kinds[0].name != kinds.MAPPED_CLASS:
                return None
            return made.arg_kinds[0], made.op.args[0].at
        if made.op.name in ("join", "outerjoin", "select_from"):
            return None
        made = _made(function, made.op.on)
    return None


def _made(function: Function, operand: Operand | None) -> Operation | None:
    """The operation that made a value, also when it was given a name, once."""
    made = function.maker(operand)
    if made is None and isinstance(operand, str):
        bound = only_binding(function.typed.function, operand)
        made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    return made


def flask_db_name(function: Function) -> str:
    """What the `SQLAlchemy()` object of Flask-SQLAlchemy is called here; "" when it is not."""
    names = function.project.knowledge.globals.get(function.typed.module.name, {})
    body = function.typed.module.body
    for name, kind in names.items():
        if kind.name == kinds.FLASK_DB and name in body.locals:
            return "" if name in function.typed.function.locals else name
    return ""


def _oldest() -> catalog.Catalog:
    return catalog.load(OLDEST)

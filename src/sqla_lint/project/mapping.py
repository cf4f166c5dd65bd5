"""What a mapping says, as plain data: tables, columns, relationships, attributes, models, bases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.ir import Ann, Ref
from sqla_lint.project.values import Value


class Type(NamedTuple):
    """A column's type as it is written. ``mutable``: changes in place are tracked."""

    name: str  # the last part: "String", "JSON"
    dotted: str  # resolved: "sqlalchemy.String", "app.types:Money"
    at: Ref
    args: tuple[Value, ...] = ()
    words: tuple[tuple[str, Value], ...] = ()
    mutable: bool = False
    varies: bool = False  # has variants for other databases
    tracker: str = ""  # the class that tracks changes in place, resolved

    def word(self, keyword: str) -> Value | None:
        """The value of a keyword argument."""
        return next((value for name, value in self.words if name == keyword), None)


class ForeignKey(NamedTuple):
    """One column's foreign key. ``target`` is ``table.column`` as written, or the resolved name of
    a column (``app.models:User.id``); "" when it is not constant."""

    target: str
    at: Ref
    ondelete: str = ""
    use_alter: bool = False
    named_at: Ref = -1  # where the target is named


@dataclass(frozen=True, slots=True)
class Column:
    """A column. What is None is not said (``nullable``) or not known (``opaque``). No tuple: it has
    an ``index``."""

    name: str  # the attribute or, in a Core table, the column
    db_name: str
    at: Ref
    path: str
    type: Type | None = None
    nullable: bool | None = None  # as written, or as the annotation says
    primary_key: bool | None = None
    unique: bool | None = None
    index: bool | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    default: Value | None = None  # `default=`, `default_factory=`, `insert_default=`
    onupdate: Value | None = None
    server_default: Value | None = None
    server_onupdate: Value | None = None
    computed: bool = False  # Computed, Identity, Sequence
    deferred: bool = False
    opaque: bool = False  # not all of its arguments can be read
    call: Value | None = None  # the call that makes it


Direction: TypeAlias = Literal["many-to-one", "one-to-many", "many-to-many", ""]


class Relationship(NamedTuple):
    """A relationship as it is written; `Models.relation` resolves it."""

    name: str
    at: Ref
    path: str
    target: Value | None = None  # the class, its name as a string, a lambda
    annotated: str = ""  # the class its annotation names, resolved or as written
    many: bool | None = None  # a list by uselist=, collection_class= or annotation; None: unsaid
    lazy: str = "select"
    cascade: str | None = None
    back_populates: str | None = None
    backref: Value | None = None
    secondary: Value | None = None
    call: Value | None = None
    opaque: bool = False
    outside: bool = False  # its class is imported from outside the project
    backref_of: str = ""  # ``module:Class.attribute`` that made this one by `backref=`

    def word(self, keyword: str) -> Value | None:
        """The value of a keyword argument of the call."""
        return None if self.call is None else self.call.word(keyword)

    def cascades(self, event: str) -> bool | None:
        """Whether "delete", "save-update" and the like go on to what it holds; None when what is
        given as `cascade=` is not known. Source: SQLAlchemy docs, "Cascades"."""
        if self.cascade is None:
            return event in ("save-update", "merge") if self.word("cascade") is None else None
        words = {word.strip() for word in self.cascade.split(",")}
        return not words.isdisjoint({"all", event})


Role: TypeAlias = Literal[
    "column",
    "relationship",
    "hybrid",
    "synonym",
    "proxy",  # association_proxy
    "composite",
    "expression",  # column_property of an expression, query_expression
    "property",  # a Python property
    "method",
    "plain",  # anything else that a body binds
    "opaque",  # may be any of these
]
MAPPED_ROLES: frozenset[Role] = frozenset(
    {"column", "relationship", "hybrid", "synonym", "proxy", "composite", "expression"}
)


class Attribute(NamedTuple):
    """One attribute of a class. ``owner`` is the class whose body has it."""

    name: str
    role: Role
    at: Ref
    path: str
    owner: str
    column: Column | None = None
    relationship: Relationship | None = None
    value: Value | None = None
    ann: Ann | None = None
    declared: bool = False  # by a function: declared_attr, hybrid, property, method
    decorators: tuple[Value, ...] = ()
    function: str = ""  # label of that function


class Table(NamedTuple):
    """A table: of Core, or of a model. ``open``: it may have columns that are not known."""

    name: str  # "" when it is not constant
    schema: str | None  # None when it is not said or not constant
    at: Ref
    path: str
    module: str
    label: str  # the variable (``module:name``) or the class
    metadata: str = ""  # resolved name of its MetaData or base, as far as known
    columns: tuple[Column, ...] = ()
    constraints: tuple[Value, ...] = ()
    open: bool = False

    def column(self, name: str) -> Column | None:
        """A column by its name in the database."""
        return next((c for c in self.columns if c.db_name == name), None)

    def attribute(self, name: str) -> Column | None:
        """A column by the name of its attribute."""
        return next((c for c in self.columns if c.name == name), None)


class Base(NamedTuple):
    """A declarative base, registry, or Flask-SQLAlchemy object: whose models know each other."""

    label: str
    at: Ref = -1
    path: str = ""
    known: bool = True  # defined in the project or by SQLModel; else other models may exist
    metadata: str = ""  # the MetaData it was given
    style: Literal["sqlalchemy", "flask", "sqlmodel", "automap"] = "sqlalchemy"


Inheritance: TypeAlias = Literal["", "joined", "single", "concrete"]


class Model(NamedTuple):
    """A mapped class."""

    label: str  # ``module:qualname``
    name: str
    at: Ref
    path: str
    module: str
    base: str  # label of its `Base`; "" when unknown
    bases: tuple[str, ...] = ()  # resolved; "" where unknown
    complete: bool = True  # every class it inherits from is known
    parent: str = ""  # the mapped class it inherits from
    inheritance: Inheritance = ""
    table: Table | None = None  # its own table; None for single-table heirs
    attributes: tuple[Attribute, ...] = ()  # of its own body, in order
    mixins: tuple[str, ...] = ()  # unmapped classes of the project it inherits from
    table_args: Attribute | None = None
    mapper_args: Attribute | None = None
    dataclass: bool = False
    dynamic: bool = False  # `__getattr__`, automap, reflection: may have more attributes
    style: Literal["declarative", "sqlmodel", "flask", "imperative"] = "declarative"


class Relation(NamedTuple):
    """A relationship, resolved."""

    target: Model | None
    direction: Direction = ""
    many: bool | None = None
    reverse: str = ""  # the attribute of the target that back_populates or backref names


class Mixin(NamedTuple):
    """A class that is not mapped itself but gives its heirs columns: mixin, abstract, base."""

    label: str
    at: Ref
    path: str
    attributes: tuple[Attribute, ...] = ()
    complete: bool = True
    base: str = ""
    table_args: Attribute | None = None
    mapper_args: Attribute | None = None

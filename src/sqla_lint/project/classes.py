"""Classes of the project: their bases, attributes and methods, and which of them are mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Class, Function, Module
from sqla_lint.project.kind import FOREIGN, NAME, Kind, join

# Bases whose subclasses are declarative bases or mapped classes themselves.
# Source: SQLAlchemy docs, "Declarative Mapping Styles".
DECLARATIVE_BASES = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta"})
SQLMODEL_BASES = frozenset({"sqlmodel.SQLModel", "sqlmodel.main.SQLModel"})

# Bases that say nothing about mapping, so that a class with them is still fully known.
PLAIN_BASES = frozenset(
    {
        "builtins.object",
        "typing.Generic",
        "typing.Protocol",
        "abc.ABC",
        "enum.Enum",
        "sqlalchemy.orm.MappedAsDataclass",
        "sqlalchemy.ext.asyncio.AsyncAttrs",
    }
)


# What a body calls to describe columns without a foreign key. Types are written with a capital.
_COLUMN_WORDS = frozenset(
    {"mapped_column", "relationship", "relation", "backref", "column_property", "association_proxy"}
    | {"declarative_base", "validates", "synonym", "hybrid_property", "deferred", "text", "utcnow"}
)


def _may_point(body: Function) -> bool:
    for block in body.blocks:
        for op in block.ops:
            if op.do == "closure" and any(_declares(arg) for arg in op.args):
                return True
            if op.do == "import" or (op.do == "closure" and op.args):
                continue
            if any(arg.keyword == "foreign_key" for arg in op.args):
                return True
            if op.do != "call":
                continue
            last = op.name or str(op.on).rpartition(".")[2]
            if last.startswith("ForeignKey"):
                return True
            if last[:1].islower() and last not in _COLUMN_WORDS:
                return True
    return "__table__" in body.locals


def _describes_a_table(body: dict[str, Kind]) -> bool:
    """A class with the name of a table and its columns is mapped, whatever base of another library
    does it."""
    named = body.get("__tablename__")
    return named is not None and any(kind.name == kinds.COLUMN_EXPR for kind in body.values())


def _declares(decorator: Arg) -> bool:
    """`@declared_attr`: a function that makes a column, perhaps with a foreign key."""
    place = decorator.value
    return isinstance(place, str) and "declared_attr" in place.split(".")


_TELL_NOTHING = frozenset({FOREIGN, kinds.UNKNOWN})

# A class with more classes below it is a root of half the project: no method of it is looked for.
SUBCLASSES_LIMIT = 100


class Mapping(Enum):
    """Whether a class is mapped."""

    NO = "no"
    BASE = "base"  # a declarative base, a mixin of one, or an abstract class: has no table
    YES = "yes"


class Shape(NamedTuple):
    """What a class is by its bases."""

    label: str
    mapping: Mapping
    resembles: Kind | None
    complete: bool
    bases: tuple[Kind, ...]
    arguments: tuple[tuple[Kind, ...], ...] = ()


@dataclass(slots=True)
class ClassInfo:
    """A class of the project. ``attributes`` holds what its body and its methods assign."""

    label: str
    module: Module
    node: Class
    bases: tuple[Kind, ...] = ()
    attributes: dict[str, Kind] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    mapping: Mapping = Mapping.NO
    complete: bool = True  # every base is known
    resembles: Kind | None = None  # a subclass of Session is a SESSION
    keywords: frozenset[str] = frozenset()
    variables: tuple[str, ...] = ()  # its type parameters
    arguments: tuple[tuple[Kind, ...], ...] = ()  # of each base: `User` of `Repository[User]`
    annotated: frozenset[str] = frozenset()  # names that the body annotates
    fields: tuple[str, ...] = ()  # see `project.outside`

    @property
    def shape(self) -> Shape:
        """What the class is, apart from its attributes and methods."""
        return Shape(
            self.label, self.mapping, self.resembles, self.complete, self.bases, self.arguments
        )

    def note(self, name: str, kind: Kind) -> None:
        """One more assignment to an attribute."""
        before = self.attributes.get(name)
        self.attributes[name] = kind if before is None else join(before, kind)


class Classes:
    """All classes of the project by label (``module:qualname``)."""

    def __init__(self) -> None:
        self.by_label: dict[str, ClassInfo] = {}
        self._below: dict[str, list[str]] | None = None  # class → classes right below it
        self._ancestries: dict[str, tuple[ClassInfo, ...]] = {}
        self._named: dict[str, tuple[str, ...]] | None = None  # name → classes that have it

    def named(self, name: str) -> tuple[str, ...]:
        """The classes of a name, whatever their modules."""
        if self._named is None:
            found: dict[str, list[str]] = {}
            for label in sorted(self.by_label):
                found.setdefault(label.rpartition(":")[2].rpartition(".")[2], []).append(label)
            self._named = {last: tuple(labels) for last, labels in found.items()}
        return self._named.get(name, ())

    def get(self, label: str) -> ClassInfo | None:
        return self.by_label.get(label)

    def rebuilt(self) -> None:
        """To be told when there are other classes, or other bases."""
        self._ancestries.clear()
        self._below = None
        self._named = None

    def ancestry(self, label: str) -> tuple[ClassInfo, ...]:
        """The class and its project bases, nearest first, each once."""
        known = self._ancestries.get(label)
        if known is None:
            known = self._ancestries[label] = self._above(label)
        return known

    def _above(self, label: str) -> tuple[ClassInfo, ...]:
        found: dict[str, ClassInfo] = {}
        queue = [label]
        for name in queue:
            info = self.by_label.get(name)
            if info is None or name in found:
                continue
            found[name] = info
            queue.extend(b.label for b in info.bases if b.name in (kinds.CLASS, kinds.MAPPED_CLASS))
        return tuple(found.values())

    def lineage(self, label: str) -> list[str]:
        """The labels of its `ancestry`."""
        return [info.label for info in self.ancestry(label)]

    def role(self, label: str) -> tuple[Mapping, Kind | None] | None:
        """What an object of the class is for SQLAlchemy; None where there is no such class."""
        info = self.by_label.get(label)
        return None if info is None else (info.mapping, info.resembles)

    def shape(self, label: str) -> tuple[Shape, ...]:
        """What a class and those above it are, apart from their attributes and methods."""
        return tuple([info.shape for info in self.ancestry(label)])

    def attribute(self, label: str, name: str) -> Kind | None:
        """The kind of a class or instance attribute, through the bases; None when there is none."""
        for info in self.ancestry(label):
            if name in info.attributes:
                return info.attributes[name]
        return None

    def is_field(self, label: str, name: str) -> bool:
        """An annotated attribute of a SQLModel table: a column by its annotation alone. What begins
        with an underscore is private."""
        if name.startswith("_"):
            return False
        return self.is_sqlmodel(label) and any(
            name in info.annotated for info in self.ancestry(label)
        )

    def is_sqlmodel(self, label: str) -> bool:
        """A class of SQLModel's, table or not."""
        return any(b.label in SQLMODEL_BASES for info in self.ancestry(label) for b in info.bases)

    def method(self, label: str, name: str) -> str | None:
        """The label of the function that ``name`` calls, through the bases."""
        for info in self.ancestry(label):
            if name in info.methods:
                return info.methods[name]
        return None

    def overridden(self, label: str, name: str) -> str | None:
        """The method of a base that a class has one of its own for."""
        for info in self.ancestry(label)[1:]:
            if name in info.methods:
                return info.methods[name]
        return None

    def implemented(self, label: str, name: str) -> tuple[str, ...]:
        """The methods of that name in the classes below one, nearest first on each way down."""
        return tuple(
            sorted(
                info.methods[name] for info in self._nearest(label, lambda one: name in one.methods)
            )
        )

    def is_overridden(self, label: str, name: str) -> bool:
        """A class below has a method of that name of its own: it may be that one that is called."""
        return bool(self.implemented(label, name))

    def below(self, label: str, name: str) -> tuple[tuple[str, ...], Kind | None]:
        """What the classes below one have that it has not itself: the methods of that name; without
        any, what they keep in the attribute, where all that have it agree."""
        found: Kind | None = None
        if self._below is not None and label not in self._below:
            return (), None
        methods = self.implemented(label, name)
        if not methods:
            for info in self._nearest(label, lambda one: name in one.attributes):
                kind = info.attributes[name]
                found = kind if found is None else join(found, kind)
        return methods, found

    def keeping(self, label: str, name: str) -> list[ClassInfo]:
        """The classes below one that have an attribute, nearest first on each way down."""
        return self._nearest(label, lambda one: name in one.attributes)

    def has_mapped_heirs(self, label: str) -> bool:
        """Some class below one is mapped: what is said to be of this one may be of that."""
        return bool(self._nearest(label, lambda one: one.mapping is Mapping.YES))

    def _nearest(self, label: str, has: Callable[[ClassInfo], bool]) -> list[ClassInfo]:
        """The classes below one that have something, nearest first on each way down."""
        below = self._below
        if below is None:
            below = self._below = {}
            for info in self.by_label.values():
                for base in info.bases:
                    if base.name in (kinds.CLASS, kinds.MAPPED_CLASS):
                        below.setdefault(base.label, []).append(info.label)
        if label not in below:
            return []
        found: list[ClassInfo] = []
        seen = {label}
        queue = list(below.get(label, ()))
        while queue and len(seen) < SUBCLASSES_LIMIT:
            one = queue.pop(0)
            if one in seen:
                continue
            seen.add(one)
            lower = self.by_label.get(one)
            if lower is not None and has(lower):
                found.append(lower)
            else:
                queue.extend(below.get(one, ()))
        return found

    def complete(self, label: str) -> bool:
        """Every class of the ancestry has only known bases."""
        ancestry = self.ancestry(label)
        return bool(ancestry) and all(info.complete for info in ancestry)

    def points_elsewhere(self, label: str) -> bool:
        """A foreign key may be among the columns of the class, its mixins or its bases: one is
        written there, or a function of somebody else's makes columns."""
        return any(
            _may_point(info.module.functions[info.node.qualname])
            for info in self.ancestry(label)
            if info.node.qualname in info.module.functions
        )

    def classify(self, labels: Iterable[str]) -> dict[str, Shape]:
        """Decide, bases first, which classes are mapped and which resemble SQLAlchemy's own. Gives
        what those that were looked at have been before."""
        done: dict[str, Shape] = {}
        for label in labels:
            self._classify(label, done)
        return done

    def _classify(self, label: str, done: dict[str, Shape]) -> None:
        if label in done:
            return
        info = self.by_label[label]
        done[label] = info.shape
        declarative = False
        info.complete = True
        for base in info.bases:
            if base.name in (kinds.CLASS, kinds.MAPPED_CLASS) and base.label in self.by_label:
                self._classify(base.label, done)
                above = self.by_label[base.label]
                declarative |= above.mapping is not Mapping.NO
                info.resembles = info.resembles or above.resembles
            elif base.name == kinds.DECLARATIVE_BASE:
                declarative = True
            elif base.name == NAME and base.label.rpartition(".")[2] in DECLARATIVE_BASES:
                declarative |= base.label.startswith("sqlalchemy.")
            elif base.name == NAME and base.label in SQLMODEL_BASES:
                declarative = True
            elif base.name in _TELL_NOTHING or (
                base.name == NAME and base.label not in PLAIN_BASES
            ):
                info.complete = False
        body = info.attributes
        if not declarative and not info.complete:
            declarative = _describes_a_table(body)
        if not declarative:
            return
        has_table = (
            "__tablename__" in body
            or "__table__" in body
            or "table" in info.keywords
            or self._gets_its_table_by_itself(info)
        )
        abstract = "__abstract__" in body or any(
            b.name == NAME and b.label.rpartition(".")[2] in DECLARATIVE_BASES for b in info.bases
        )
        info.mapping = Mapping.YES if has_table and not abstract else Mapping.BASE

    def _gets_its_table_by_itself(self, info: ClassInfo) -> bool:
        """Flask-SQLAlchemy names tables itself; a subclass of a mapped class shares or joins its
        parent's; a base may name tables in a `declared_attr`."""
        for base in info.bases:
            if base.name == kinds.DECLARATIVE_BASE and base.owner == "flask":
                return True
            if base.label in self.by_label:
                above = self.by_label[base.label]
                if above.mapping is Mapping.YES or "__tablename__" in above.methods:
                    return True
                if above is not info and self._gets_its_table_by_itself(above):
                    return True
        return False

"""What is known of the project while it is being linked, and the questions `infer` asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from sys import intern
from typing import Any, NamedTuple

from sqla_lint.catalog import Catalog, Member, frameworks, hooks, kinds, objects, oslo, packs
from sqla_lint.ir import Function, Module, Op
from sqla_lint.project import loading, moments, statement, workers
from sqla_lint.project.annotations import ALIAS
from sqla_lint.project.bodies import is_put_away
from sqla_lint.project.changes import Changes, Question
from sqla_lint.project.classes import Classes, ClassInfo, Mapping
from sqla_lint.project.fixtures import MARKS, called_as, fixture
from sqla_lint.project.index import Index
from sqla_lint.project.kind import (
    AWAITABLES,
    CALLED,
    COLUMNS,
    EITHER,
    EMPTY,
    FOREIGN,
    LOADED_BY,
    MODULE,
    NAME,
    NAMESPACE,
    NO_EXEC,
    NONE,
    OR,
    OWNED,
    QUERY_PROPERTY,
    UNKNOWN,
    Kind,
    entries,
    is_a,
    join,
    lacks,
    lent_by,
    own_class,
    unread,
)
from sqla_lint.project.outline import Outline, outline
from sqla_lint.project.outside import fields
from sqla_lint.project.related import led_to, named_by
from sqla_lint.project.returned import handed_through, hands_back, yielded
from sqla_lint.project.sayings import Sayings
from sqla_lint.project.testfiles import Patterns, is_test_file
from sqla_lint.project.variables import bind, is_variable, mentions, values, variable
from sqla_lint.sqltext import HOLE

_NO_ANSWER = frozenset({kinds.UNKNOWN, kinds.NONE})  # of a body that is `...`, or raises

# How many times a re-export may be followed before the name is unknown (import cycles).
RESOLVE_LIMIT = 12

# Functions of libraries that hand out a connection they own.
# Source: Alembic docs, "Operation Reference": get_bind; "Runtime Objects": get_bind.
_HYBRID = frozenset({"hybrid"})
_GIVEN_CONNECTIONS = frozenset({"alembic.op.get_bind", "alembic.context.get_bind"})

_COLUMN_COLLECTION_METHODS = frozenset(
    {"keys", "values", "items", "get", "contains_column", "as_readonly"}
)
# What gives a variable of the environment: a string, whatever is in it.
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "os.environ.setdefault"})
# Decorators of libraries that make a property, beside those whose name ends with the word; what of
# these gives something else on the class, or is none of objects.
_PROPERTIES = frozenset({"property", "cached_property", "reify"})
_ON_CLASSES = frozenset({"abstractproperty", "classproperty", "hybrid_property", "query_property"})
# Attributes that no class body of SQLAlchemy's names: its constructors set them.
_SET_BY_INIT = {
    (kinds.CONNECTION, "engine"): kinds.ENGINE,
    (kinds.QUERY, "session"): kinds.SESSION,
}
# What an object has by the classes below its own.
_HELD_BELOW = frozenset({kinds.ENGINE, kinds.SCOPED_SESSION, kinds.SESSION_FACTORY})
# What gives a module by its name.
_IMPORTING = frozenset(
    {
        "importlib.import_module",
        "oslo_utils.importutils.import_module",
        "oslo_utils.importutils.try_import",
        "pytest.importorskip",
    }
)
_FROM_CLAUSES = frozenset({kinds.TABLE, kinds.FROM_CLAUSE})
_FUNC_PREFIXES = (
    "sqlalchemy.func.",
    "sqlalchemy.sql.func.",
    "sqlalchemy.sql.expression.func.",
    "sqlmodel.func.",
)
_COLUMN_MAKERS = frozenset(
    {"Column", "mapped_column", "column_property", "composite", "deferred", "query_expression"}
)
_BASE_MAKERS = frozenset({"declarative_base", "automap_base", "generate_base"})
_RELATIONSHIP_MAKERS = frozenset(
    {"relationship", "relation", "dynamic_loader", "backref", "Relationship"}
)


class Told(NamedTuple):
    """What the user says in the settings, most of it by dotted names."""

    session_types: frozenset[str] = frozenset()  # classes that behave like a Session
    session_factories: frozenset[str] = frozenset()  # callables that make one
    committing_decorators: frozenset[str] = frozenset()  # decorators that commit
    session_objects: frozenset[str] = frozenset()  # objects that are sessions or registries
    dialect: str = ""  # the database the code is written for
    tests: tuple[Patterns, ...] = ()  # what holds tests, when it is not what usually does

    def is_test(self, path: str) -> bool:
        """Whether a file holds tests."""
        return is_test_file(path, self.tests)


_NOTHING: dict[str, Kind] = {}


def _set_later(found: Kind | None, assigned: Kind | None) -> Kind | None:
    """A global, by what the module itself binds it to, and by what it is set to later: that
    matters where the module holds its place with None or an empty container."""
    if assigned is None:
        return found
    if found is None or found.name == kinds.NONE or EMPTY in found.traits:
        return assigned if found is None else join(found, assigned)
    return found


class Summary(NamedTuple):
    """What a function gives its caller."""

    returns: Kind = UNKNOWN
    yields: Kind = UNKNOWN


@dataclass(slots=True)
class Knowledge:
    """Everything that is known across functions; filled by `link`, round by round."""

    index: Index
    catalog: Catalog
    told: Told = field(default_factory=Told)
    classes: Classes = field(default_factory=Classes)
    globals: dict[str, dict[str, Kind]] = field(default_factory=dict)
    # module → its globals that functions or other modules set
    assigned: dict[str, dict[str, Kind]] = field(default_factory=dict)
    functions: dict[str, tuple[Module, Function]] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    decorators: dict[str, tuple[Kind, ...]] = field(default_factory=dict)
    # function → who hands it to a call of a library → that call: see `project.announced`
    announced: dict[str, dict[str, str]] = field(default_factory=dict)
    cells: dict[str, dict[str, Kind]] = field(default_factory=dict)
    # the kinds that callers pass for parameters that say nothing themselves: (label, name)
    arguments: dict[tuple[str, str], Kind] = field(default_factory=dict)
    # function (by identity) → what is the same in every round
    outlines: dict[int, Outline] = field(default_factory=dict)
    # what the project sets on objects of frameworks: `request.state.db`
    kept: dict[str, Kind] = field(default_factory=dict)
    # (class, attribute) → what it must be for the sake of what methods do with it
    shown: dict[tuple[str, str], Kind] = field(default_factory=dict)
    # folder → its `conftest` module
    conftests: dict[str, str] = field(default_factory=dict)
    # the name of a fixture of pytest → module that has one → function
    fixtures: dict[str, dict[str, str]] = field(default_factory=dict)
    # (function, event of SQLAlchemy that calls it, mapped class): see `project.listeners`
    listeners: frozenset[tuple[str, str, str]] = frozenset()
    # labels of those that are called while rows are written
    of_mappers: frozenset[str] = frozenset()
    # labels of the functions that call something as listeners are registered
    listening: set[str] = field(default_factory=set)
    # methods that do nothing but raise NotImplementedError
    left_to_others: set[str] = field(default_factory=set)
    # a module that could not be read completely (star import of the unknown) has unknown names
    open_modules: set[str] = field(default_factory=set)

    # what the inference in progress has asked, with the answers it got
    asked: dict[Question, object] = field(default_factory=dict)
    # all questions that were ever asked: many functions ask the same
    questions: dict[Question, Question] = field(default_factory=dict)
    sayings: Sayings = field(default_factory=Sayings)  # who says what all are asked for
    # what belongs to libraries, as far as that rests on nothing in the project
    libraries: dict[tuple[str, str], Kind] = field(default_factory=dict)
    # to be told of each change of an answer
    changes: Changes = field(default_factory=Changes)

    # --- questions -----------------------------------------------------------------------------

    def ask(self, *question: str) -> Any:
        """The answer to a question, noted in ``asked``: while all answers stay the same, whoever
        asked need not be inferred again."""
        answer = self.answer(question)
        known = self.questions.get(question)
        if known is None:
            known = tuple([intern(word) for word in question])
            self.questions[known] = known
        self.asked[known] = answer
        return answer

    def answer(self, question: Question) -> object:
        """What is known now; None where nothing is."""
        about, label, *rest = question
        if about == "global":
            found = self.globals.get(label, _NOTHING).get(rest[0])
            assigned = self.assigned.get(label)
            return found if assigned is None else _set_later(found, assigned.get(rest[0]))
        if about == "cell":
            found = self.cells.get(label, _NOTHING).get(rest[0])
            assigned = self.assigned.get(label)
            return found if assigned is None else _set_later(found, assigned.get(rest[0]))
        if about == "summary":
            return self.summaries.get(label)
        if about == "decorators":
            return self.decorators.get(label, ())
        if about == "attribute":
            held = self.classes.attribute(label, rest[0])
            if self.shown and (held is None or held.name in _NO_ANSWER):
                return self._shown(label, rest[0]) or held
            return held
        if about == "method":
            return self.classes.method(label, rest[0])
        if about == "class":
            return self.classes.role(label)
        if about == "bases":
            return self.classes.shape(label)
        if about == "argument":
            return self.arguments.get((label, rest[0]))
        if about == "overridden":
            return self.classes.overridden(label, rest[0])
        if about == "implemented":
            return self.classes.implemented(label, rest[0])
        if about == "below":
            return self.classes.below(label, rest[0])
        if about == "fields":
            return fields(self.classes.ancestry(label))
        if about == "named":
            return self.classes.named(label)
        if about == "kept":
            return self.kept.get(label)
        if about == "fixture":
            return fixture(self, label, rest[0])
        if about == "star":
            names = dict(self.globals.get(label, _NOTHING))
            for name, later in self.assigned.get(label, _NOTHING).items():
                names[name] = _set_later(names.get(name), later) or later
            return names
        assert about == "open"
        return label in self.open_modules

    def _shown(self, label: str, name: str) -> Kind | None:
        """What an attribute must be for the sake of what methods do with it."""
        for above in self.classes.lineage(label):
            if (above, name) in self.shown:
                return self.shown[above, name]
        return None

    def outlined(self, function: Function) -> Outline:
        """What the operations of a function tell without any kinds."""
        known = self.outlines.get(id(function))
        if known is None:
            known = outline(function)
            if not is_put_away(function):  # else it would keep the operations
                self.outlines[id(function)] = known
        return known

    def saying(self, *words: str) -> Iterator[Op]:
        """The operations of all functions that say one of these words (see `sayings`)."""
        return self.sayings.operations(self.index.modules.values(), *words)

    # --- answers -------------------------------------------------------------------------------

    def _note(self, *question: str) -> None:
        """The answer is another one. Whoever has not asked yet will hear the new one: most names of
        most functions nobody else ever asks for."""
        if question in self.questions:
            self.changes.note(*question)

    def tell_globals(self, module: str, cells: dict[str, Kind]) -> bool:
        """The globals of a module; whether they are others than before."""
        before = self.globals.get(module)
        if before == cells:
            return False
        self.globals[module] = cells
        self._differ("global", module, before or _NOTHING, cells)
        self._note("star", module)
        return True

    def tell_cells(self, label: str, cells: dict[str, Kind]) -> bool:
        """The variables of a scope; whether they are others than before."""
        before = self.cells.get(label)
        if before == cells:
            return False
        self.cells[label] = cells
        self._differ("cell", label, before or _NOTHING, cells)
        return True

    def _differ(
        self, about: str, label: str, before: dict[str, Kind], now: dict[str, Kind]
    ) -> None:
        for name in before.keys() | now.keys():
            if before.get(name) != now.get(name):
                self._note(about, label, name)

    def tell_summary(self, label: str, summary: Summary) -> bool:
        """What a function gives; whether it is something else than before."""
        if self.summaries.get(label) == summary:
            return False
        self.summaries[label] = summary
        self._note("summary", label)
        return True

    def tell_decorators(self, label: str, decorators: tuple[Kind, ...]) -> None:
        """What a function is decorated with."""
        if self.decorators.get(label) != decorators:
            self.decorators[label] = decorators
            self._note("decorators", label)
            name = called_as(label, decorators)
            if name is not None and "." not in label.partition(":")[2]:
                self.fixtures.setdefault(name, {})[label.partition(":")[0]] = label

    def tell_announced(self, label: str, by: str, call: str) -> None:
        """What a function of the project is handed to by another one."""
        self.announced.setdefault(label, {})[by] = call

    def tell_open(self, module: str) -> None:
        """A module binds names that are not known."""
        if module not in self.open_modules:
            self.open_modules.add(module)
            self._note("open", module)

    # --- names ---------------------------------------------------------------------------------

    def dotted(self, name: str, module: Module, depth: int = 0) -> Kind:
        """The kind of an absolute dotted name as imported by ``module``."""
        found = self.index.resolve(name, module)
        if found is None:
            return self.foreign(NAME, name)
        there, rest = found
        if not rest:
            return Kind(MODULE, label=there.name)
        return self.member_of_module(there, rest, depth)

    def member_of_module(self, module: Module, names: tuple[str, ...], depth: int = 0) -> Kind:
        """``module.a.b``."""
        if depth > RESOLVE_LIMIT:
            return UNKNOWN
        kind = self.global_name(module, names[0])
        for name in names[1:]:
            kind = self.attribute(kind, name)
        return kind

    def global_name(self, module: Module, name: str) -> Kind:
        """A global of a module, read from inside a function or from another module."""
        known: Kind | None = self.ask("global", module.name, name)
        if known is None:
            submodule = self.index.find(f"{module.name}.{name}", module)
            if submodule is not None and module.is_package:
                return Kind(MODULE, label=submodule.name)
            if f"{module.name}.{name}" in self.index.packages:
                return Kind(NAME, label=f"{module.name}.{name}")  # an empty package
            return UNKNOWN if module.functions else unread(module, name)
        if known.owner == "local":
            return known._replace(owner="module")
        return known

    # --- attributes ----------------------------------------------------------------------------

    def attribute(self, of: Kind, name: str) -> Kind:
        """The kind of ``of.name``, read as a value."""
        if of.name in (NAME, FOREIGN):
            if of.of and (own_types := frameworks.GENERIC.get(of.label.removesuffix("()"))):
                at = own_types.get(name, len(of.of))
                return of.of[at] if at < len(of.of) else UNKNOWN
            label = f"{of.label}.{name}"
            if of.name == NAME and label in self.index.modules:
                return Kind(MODULE, label=label)  # `import a.b`, where nothing is known of `a`
            return self.foreign(of.name, label)
        if of.name == MODULE:
            module = self.index.modules.get(of.label)
            return self.member_of_module(module, (name,)) if module else UNKNOWN
        if of.name in _FROM_CLAUSES and name in ("c", "columns"):
            return Kind(COLUMNS, label=of.label)
        if of.name == COLUMNS:
            if name in _COLUMN_COLLECTION_METHODS:
                return UNKNOWN
            return Kind(kinds.COLUMN_EXPR, label=f"{of.label}.c.{name}")
        if of.name in (kinds.CLASS, kinds.MAPPED_CLASS):
            return self._class_attribute(of, name)
        if of.name in (kinds.INSTANCE, kinds.ENTITY):
            return self._instance_attribute(of, name)
        if of.name == AWAITABLES:
            given = self.attribute(of.of[0], name)
            return Kind(kinds.COROUTINE, True, (given,)) if given.known else UNKNOWN
        if of.name == kinds.ROW:
            for selected in of.of:
                whole = selected.name in (kinds.MAPPED_CLASS, kinds.ENTITY)
                if whole and selected.label.rpartition(":")[2].rpartition(".")[2] == name:
                    return self.as_value(selected, of)
        if of.label and of.name in (kinds.TUPLE, NAMESPACE):
            return entries(of).get(name, UNKNOWN)
        if (of.name, name) in _SET_BY_INIT:
            return Kind(_SET_BY_INIT[of.name, name], of.is_async, owner="attribute")
        own = own_class(of)
        if own is not None:
            found = self._own_attribute(of, own, name)
            if found is not None:
                return found
        member = self.catalog.member(of.name, of.is_async, name)
        if member is None or lacks(of, name):
            return UNKNOWN
        if not member.property:
            return Kind("METHOD", label=name, of=(of,))
        if member.returns in ("", "Self"):
            return of if member.returns == "Self" else UNKNOWN
        if member.returns == kinds.DECLARATIVE_BASE:
            return Kind(member.returns, owner="flask" if of.name == kinds.FLASK_DB else "")
        is_async = of.is_async and not name.startswith("sync_")
        if name == "engine" and of.name == kinds.ENGINE:
            is_async = False  # that of an AsyncEngine is the Engine that it works with
        return self._owned(Kind(member.returns, is_async), of)

    def _own_attribute(self, of: Kind, label: str, name: str) -> Kind | None:
        """What a subclass of a class of SQLAlchemy's adds itself."""
        method = self.ask("method", label, name)
        if method is not None:
            if self.is_property(method):
                return self.called(method)
            return Kind("METHOD", label=method, of=(of,))
        kind: Kind | None = self.ask("attribute", label, name)
        if kind is None or not kind.known:
            return None
        return kind._replace(owner="attribute") if kind.owner == "local" else kind

    def foreign(self, name: str, label: str) -> Kind:
        """Something of a library that is not ours, by its dotted name."""
        known = self.libraries.get((name, label))
        if known is None:
            known = self._foreign(name, label)
            if not frameworks.canonical(label).startswith(frameworks.KEPT_ON):
                self.libraries[name, label] = known
        return known

    def _foreign(self, name: str, label: str) -> Kind:
        one_name = frameworks.canonical(label)
        given = objects.OBJECTS.get(one_name) or frameworks.INHERITED.get(one_name)
        if given is None and one_name.endswith(objects.HOOKED) and one_name.startswith("airflow."):
            given = objects.ENGINE
        if label in self.told.session_objects:
            given = objects.REGISTRY
        if given is not None:
            return Kind(given.kind, given.is_async, owner=given.owner, traits=given.traits)
        if one_name.startswith(frameworks.KEPT_ON):
            kept: Kind | None = self.ask("kept", one_name)
            if kept is not None and kept.known:
                return kept._replace(owner="managed") if kept.owner == "local" else kept
        if one_name.startswith(oslo.FACADE):
            label = one_name  # what hangs on it may have another name again
            given = oslo.given(label)
            if given is not None:
                return Kind(given.kind, owner=given.owner, traits=given.traits)
            if oslo.is_mode(label):
                return Kind(FOREIGN, label=oslo.plain(label))
        given = objects.MANAGERS.get(label) or oslo.lent(label)
        if given is not None:
            held = Kind(given.kind, given.is_async, owner=given.owner, traits=given.traits)
            return Kind(kinds.CONTEXT_MANAGER, given.is_async, (held,))
        return Kind(name, label=label) if len(label) <= FOREIGN_LABEL_LIMIT else UNKNOWN

    def _owned(self, kind: Kind, by: Kind) -> Kind:
        """An object that hangs on another: `db.session`, `session.connection()`."""
        if kind.name == kinds.SCOPED_SESSION:
            # Flask-SQLAlchemy removes it when the application context ends
            ended = {"request-scoped"} if by.name == kinds.FLASK_DB else set()
            return kind._replace(owner="registry", traits=by.traits | ended)
        if kind.name in (kinds.SESSION, kinds.CONNECTION):
            return kind._replace(owner=by.owner or "attribute")
        return kind

    def _class_attribute(self, of: Kind, name: str) -> Kind:
        label = self.ask("method", of.label, name)
        if label is not None:
            if of.name == kinds.MAPPED_CLASS and self._is_hybrid(label):
                model = of.label.rpartition(":")[2]
                return Kind(kinds.COLUMN_EXPR, label=f"{model}.{name}", traits=_HYBRID)
            if self._is_of_classes(label):
                return self.called(label)
            return Kind(kinds.FUNCTION, label=label)
        self.ask("bases", of.label)
        kind: Kind | None = self.ask("attribute", of.label, name)
        related = kind is not None and kind.name == kinds.RELATIONSHIP
        if of.name == kinds.MAPPED_CLASS and not related and self.classes.is_field(of.label, name):
            kind = Kind(kinds.COLUMN_EXPR)
        if name == "query" and of.name == kinds.MAPPED_CLASS:
            known = kind if kind is not None else self.ask("kept", QUERY_PROPERTY)
            if known is not None and known.name == QUERY_PROPERTY:
                traits = self._loaded_by_mapping(of) | known.traits | {"all-rows", "unordered"}
                return Kind(kinds.QUERY, of=(self.instance(of),), owner="registry", traits=traits)
        if kind is None:
            if name == "query" and self._is_flask_model(of.label):
                traits = self._loaded_by_mapping(of) | {"all-rows", "unordered"}
                own: Kind | None = self.ask("attribute", of.label, "query_class")
                if own is not None:  # with methods of its own
                    traits |= {"subclass"} | self.instance(own).traits
                return Kind(kinds.QUERY, of=(self.instance(of),), owner="registry", traits=traits)
            if name == "__table__":
                return Kind(kinds.TABLE, label=of.label)
            if name == "metadata" and self._is_declarative(of):
                return Kind(kinds.METADATA)
            makes = name in packs.VALIDATING and self.classes.is_sqlmodel(of.label)
            if makes and of.name == kinds.MAPPED_CLASS:
                return of  # it gives a new object, as the class does
            given = self._inherited(of, name)
            if given.name == kinds.SCOPED_SESSION or given.label in frameworks.ON_THE_WAY:
                return given
            if of.name == kinds.MAPPED_CLASS:  # a backref, as far as can be seen
                model = of.label.rpartition(":")[2]
                return Kind(kinds.UNKNOWN, label=f"{model}.{name}", traits=_SOME_ATTRIBUTE)
            return UNKNOWN
        if kind.name in (kinds.COLUMN_EXPR, kinds.RELATIONSHIP):
            info = self.classes.get(of.label)
            if info is None or info.mapping is Mapping.NO:
                return UNKNOWN
            traits = kind.traits
            if kind.name == kinds.RELATIONSHIP:
                many = self._is_collection(of.label, kind)
                traits = frozenset({"relationship", "collection"} if many else {"relationship"})
                if "plain" in kind.traits and not many:
                    traits |= {"perhaps"}  # a collection: its foreign keys say
            model = of.label.rpartition(":")[2]
            return Kind(kinds.COLUMN_EXPR, label=f"{model}.{name}", traits=traits | {"mapped"})
        if kind.owner == "local":
            return kind._replace(owner="attribute")
        return kind

    def _is_collection(self, label: str, relationship: Kind) -> bool:
        """A relationship is surely a list: it says so, or no foreign key leads the other way."""
        if "plain" in relationship.traits:
            return self.classes.complete(label) and not self.classes.points_elsewhere(label)
        return "collection" in relationship.traits

    def _loaded_by_mapping(self, of: Kind) -> frozenset[str]:
        """ "eager-mapped" when the mapping of a class joins a collection to every SELECT of it."""
        perhaps: set[str] = set()
        self.ask("bases", of.label)
        for info in self.classes.ancestry(of.label):
            for name, kind in info.attributes.items():
                if kind.name == kinds.RELATIONSHIP and "eager" in kind.traits:
                    known: Kind | None = self.ask("attribute", of.label, name)
                    if known == kind and self._is_collection(of.label, kind):
                        return frozenset({"eager-mapped"})
                    if known == kind and "plain" in kind.traits:
                        model = of.label.rpartition(":")[2]
                        perhaps.add(f"eager-mapped{statement.IF}{model}.{name}")
        return frozenset(perhaps)

    def _is_declarative(self, of: Kind) -> bool:
        info = self.classes.get(of.label)
        return info is not None and info.mapping is not Mapping.NO

    def _is_flask_model(self, label: str) -> bool:
        return any(
            base.name == kinds.DECLARATIVE_BASE and base.owner == "flask"
            for info in self.classes.ancestry(label)
            for base in info.bases
        )

    def _instance_attribute(self, of: Kind, name: str) -> Kind:
        if not of.label and of.of:  # Flask-SQLAlchemy's Pagination
            return Kind(kinds.LIST, of=of.of) if name == "items" else UNKNOWN
        label = self.ask("method", of.label, name)
        if label is not None:
            function = self.functions.get(label)
            if function and self.is_property(label):
                return self.called(label, awaited=False)
            return Kind("METHOD", label=label, of=(of,))
        kind: Kind | None = self.ask("attribute", of.label, name)
        if kind is None:
            kind = self._inherited(of, name)
            if not kind.known and of.name == kinds.ENTITY and name == "awaitable_attrs":
                return Kind(AWAITABLES, of=(of,))
            if kind.known or of.name == kinds.ENTITY:
                return kind
            kind = self._below(of, name)
            return kind if kind.known else self._of_what_it_wraps(of, name)
        if kind.name == kinds.RELATIONSHIP and of.name == kinds.ENTITY:
            return led_to(self, of, name, kind)
        if kind.name in (kinds.COLUMN_EXPR, kinds.RELATIONSHIP):
            return UNKNOWN
        if kind.owner == "local":
            return kind._replace(owner="attribute")
        return self._named_below(of, name) or kind if kind.name == kinds.NONE else kind

    def _named_below(self, of: Kind, name: str) -> Kind | None:
        """The mapped class that each class below one names where it says None itself:
        ``model = None``, and ``model = Invoice``."""
        held: Kind | None = self.ask("below", of.label, name)[1]
        return held if held is not None and held.name == kinds.MAPPED_CLASS else None

    def _of_what_it_wraps(self, of: Kind, name: str) -> Kind:
        """An attribute that a `__getattr__` takes from the one object that the class keeps."""
        label = self.ask("method", of.label, "__getattr__")
        entry = self.functions.get(label) if label is not None else None
        kept = handed_through(entry[1]) if entry is not None else None
        if kept is None or kept == name:
            return UNKNOWN
        inner = self._instance_attribute(of, kept)
        return self.attribute(inner, name) if inner.name in _WRAPPED else UNKNOWN

    def _inherited(self, of: Kind, name: str) -> Kind:
        """An attribute that a class has from its base in a library."""
        self.ask("bases", of.label)
        for info in self.classes.ancestry(of.label):
            for base in info.bases:
                if base.name == NAME:
                    label = frameworks.canonical(f"{base.label}().{name}")
                    if label in frameworks.INHERITED or label in self.told.session_objects:
                        return self.foreign(FOREIGN, label)
                    if label in frameworks.ON_THE_WAY:
                        return Kind(FOREIGN, label=label)
                    if label in frameworks.DUMPS:
                        return Kind(FOREIGN, label=label)
            label = f"{oslo.CONTEXT}.{name}"
            if label in frameworks.INHERITED and self._provides_context(info):
                return self.foreign(FOREIGN, label)
        return UNKNOWN

    def is_typed_dict(self, label: str) -> bool:
        """Its objects are dictionaries with a class for each key."""
        self.ask("bases", label)
        return any(
            base.name == NAME and base.label.rpartition(".")[2] == "TypedDict"
            for info in self.classes.ancestry(label)
            for base in info.bases
        )

    def is_named_tuple(self, label: str) -> bool:
        """Its objects are tuples of their fields."""
        self.ask("bases", label)
        return any(
            base.name == NAME and base.label.rpartition(".")[2] == "NamedTuple"
            for info in self.classes.ancestry(label)
            for base in info.bases
        )

    def _provides_context(self, info: ClassInfo) -> bool:
        """Its objects are contexts of oslo.db's enginefacade."""
        decorators = self.ask("decorators", info.label) if info.node.decorators else ()
        return any(decorator.label == oslo.PROVIDES_CONTEXT for decorator in decorators)

    def _below(self, of: Kind, name: str) -> Kind:
        """What a class does not have and the classes below it have: the object is one of these.

        ``self.backend.get_session()`` where the backend is annotated as the base of all backends.
        """
        labels: tuple[str, ...]
        held: Kind | None
        labels, held = self.ask("below", of.label, name)
        if not labels:
            if held is None or held.name not in OWNED | _HELD_BELOW:
                return UNKNOWN
            return held._replace(owner="attribute") if held.owner == "local" else held
        if len(labels) == 1 and not self.is_property(labels[0]):
            return Kind("METHOD", label=labels[0], of=(of,))
        if not labels or any(
            self.is_property(one) != self.is_property(labels[0]) for one in labels
        ):
            return UNKNOWN
        given = reduce(join, [self.called(one) for one in labels])
        if not given.known or self.is_property(labels[0]):
            return given
        return Kind(kinds.FUNCTION, of=(given,))

    def _implementation(self, label: str) -> Kind:
        """What the methods give that an abstract one is there for, where they agree."""
        of, _, name = label.rpartition(".")
        labels: tuple[str, ...] = self.ask("implemented", of, name)
        return reduce(join, [self.called(one) for one in labels]) if labels else UNKNOWN

    def _is_hybrid(self, label: str) -> bool:
        """Decorated so that reading the attribute of the class gives an SQL expression."""
        return any(
            d.name == NAME and d.label.rpartition(".")[2] == "hybrid_property"
            for d in self.ask("decorators", label.partition("#")[0])  # "#2" is its `.expression`
        )

    def is_property(self, label: str) -> bool:
        """Decorated so that reading the attribute calls it."""
        entry = self.functions.get(label)
        if entry is not None and not entry[1].decorators:
            return False
        return any(self._makes_property(d) for d in self.ask("decorators", label))

    def _is_of_classes(self, label: str) -> bool:
        """Decorated with a descriptor of the project: reading the attribute of the class calls
        it, too."""
        entry = self.functions.get(label)
        if entry is None or not entry[1].decorators:
            return False
        return any(
            d.name == kinds.CLASS and self._makes_property(d) for d in self.ask("decorators", label)
        )

    def _makes_property(self, decorator: Kind) -> bool:
        """A decorator of a library by its name; one of the project by what it gives."""
        if decorator.name in (NAME, FOREIGN):
            last = decorator.label.rpartition(".")[2].removesuffix("()")
            return last in _PROPERTIES or (last.endswith("property") and last not in _ON_CLASSES)
        if decorator.name == kinds.CLASS:
            return self.ask("method", decorator.label, "__get__") is not None
        if decorator.name != kinds.FUNCTION or not decorator.label:
            return False
        made: Summary = self.ask("summary", decorator.label) or Summary()
        given = made.returns
        if given.name == kinds.FUNCTION and given.label:
            return any(
                d.label.rpartition(".")[2] in _PROPERTIES
                for d in self.ask("decorators", given.label.partition("#")[0])  # "#2" sets it
            )
        if given.name == kinds.INSTANCE:
            return self.ask("method", given.label, "__get__") is not None
        return given.name == FOREIGN and given.label == "builtins.property()"

    # --- classes -------------------------------------------------------------------------------

    def instance(self, of: Kind) -> Kind:
        """What calling or annotating with a class gives."""
        if dotted_name(of) in self.told.session_types:
            return Kind(kinds.SESSION)
        if of.name == ALIAS:
            return of.of[0]
        if of.name == NAME:
            found = self.catalog.class_kind(of.label)
            if found is None and of.label in objects.ANNOTATIONS:
                lent = objects.ANNOTATIONS[of.label]
                return Kind(lent.kind, lent.is_async, owner=lent.owner, traits=lent.traits)
            if found is None:
                holder = frameworks.HOLDERS.get(of.label)
                if holder is not None:
                    return Kind(FOREIGN, label=holder)
                worker = workers.is_worker(of.label)
                return Kind(FOREIGN, label=f"{of.label}()") if worker else UNKNOWN
            return Kind(found[0], found[1])
        if of.name == kinds.SESSION_FACTORY:  # `session: SessionLocal`
            return of.of[0] if of.of else Kind(kinds.SESSION, of.is_async)
        if of.name == kinds.SCOPED_SESSION:
            return Kind(kinds.SESSION, of.is_async)
        if of.name == kinds.CLASS and of.of and not of.label:
            return reduce(join, map(self.instance, of.of))
        if of.name in (kinds.CLASS, kinds.MAPPED_CLASS):
            self.ask("class", of.label)
            info = self.classes.get(of.label)
            if info is None:
                return UNKNOWN
            if info.resembles is not None:
                traits = info.resembles.traits | {"subclass", is_a(of.label)}
                if info.resembles.name == kinds.SESSION and self._commits_on_leaving(of.label):
                    traits |= {"commits"}
                return info.resembles._replace(traits=traits)
            if info.mapping is Mapping.YES:
                return Kind(kinds.ENTITY, label=of.label)
            return Kind(kinds.INSTANCE, label=of.label, of=of.of)
        if of.name == kinds.UNKNOWN and ":" in of.label:
            return of._replace(traits=CALLED)  # of a module that is not read
        return UNKNOWN

    def _commits_on_leaving(self, label: str) -> bool:
        """The end of a ``with`` over an object of a class commits it, or calls what may."""
        for name in ("__exit__", "__aexit__"):
            entry = self.functions.get(self.classes.method(label, name) or "")
            if entry is None or not entry[1].params:
                continue
            own = entry[1].params[0].name
            if any(
                op.do == "call" and op.on == own and op.name not in _COMMITTING_NOTHING
                for block in entry[1].blocks
                for op in block.ops
            ):
                return True
        return False

    def bound(self, kind: Kind, of: Kind) -> Kind:
        """What something of an object or class is, with its type variables known: the user that
        `Repository[User]().get()` gives."""
        if not mentions(kind):
            return kind
        label = of.label if of.name in _OF_A_CLASS else own_class(of)
        if not label:
            return kind
        self.ask("bases", label)
        known = values(self.classes, label, of.of if of.name in _GENERIC else ())
        if of.name in (kinds.INSTANCE, kinds.ENTITY) and (info := self.classes.get(label)):
            of = self.class_kind(info)._replace(of=of.of if of.name == kinds.INSTANCE else ())
        return bind(kind, known | {"Self": of}, self.instance)

    def class_kind(self, info: ClassInfo) -> Kind:
        """The kind of the class object itself."""
        if info.mapping is Mapping.YES:
            return Kind(kinds.MAPPED_CLASS, label=info.label)
        return Kind(kinds.CLASS, label=info.label)

    # --- calls ---------------------------------------------------------------------------------

    def called(self, label: str, *, awaited: bool = False) -> Kind:
        """What calling a project function gives."""
        if label.replace(":", ".") in self.told.session_factories:
            return Kind(kinds.SESSION, owner="local")
        entry = self.functions.get(label)
        if entry is None:
            one, _, others = label.partition(OR)
            return join(self.called(one), self.called(others)) if others else UNKNOWN
        _, function = entry
        summary: Summary = self.ask("summary", label) or Summary()
        if label in self.left_to_others and summary.returns.name in _NO_ANSWER:
            given = self._implementation(label)
            if given.known:
                return given
        for decorator in self.ask("decorators", label) if function.decorators else ():
            last = decorator.label.rpartition(".")[2].removesuffix("()")
            if last == "abstractmethod" and summary.returns.name in _NO_ANSWER:
                given = self._implementation(label)
                if given.known:
                    return given
            if decorator.name not in (NAME, FOREIGN):
                if not self._passes_on(decorator, function):
                    return UNKNOWN  # a decorator of the project may return anything
            elif last in ("contextmanager", "asynccontextmanager"):
                return self.managed(label, last.startswith("async"))
        if function.is_generator:
            return Kind(kinds.GENERATOR, function.is_async, (summary.yields,), label=label)
        if function.is_async:
            return Kind(kinds.COROUTINE, True, (summary.returns,))
        return summary.returns

    def managed(self, label: str, is_async: bool) -> Kind:
        """What ``contextmanager(f)()`` gives."""
        summary: Summary = self.ask("summary", label) or Summary()
        held = yielded(self.functions[label][1], summary.yields, summary.returns)
        if held.owner in ("local", "managed"):
            held = held._replace(owner="managed", traits=held.traits | {lent_by(label)})
        elif not held.owner and held.name in OWNED:
            held = held._replace(owner="managed")
        return Kind(kinds.CONTEXT_MANAGER, is_async, (held,), label=label)

    def _passes_on(self, decorator: Kind, function: Function) -> bool:
        """A decorator of the project whose wrapper, marked with `functools.wraps`, gives nothing
        of its own: what the wrapped function returns, as far as it can be seen."""
        if decorator.name == kinds.CLASS and self._makes_property(decorator):
            getter = self.ask("method", decorator.label, "__get__")
            told: Summary = self.ask("summary", getter) or Summary()
            return not told.returns.known or told.returns.name in (NAME, FOREIGN, kinds.INSTANCE)
        itself = self.functions.get(decorator.label)
        if itself is not None and hands_back(itself[1]):
            return True
        made: Summary = self.ask("summary", decorator.label) or Summary()
        if made.returns.label == "builtins.property()":
            return True
        wrapper = (
            made.returns.label.partition("#")[0] if made.returns.name == kinds.FUNCTION else ""
        )
        entry = self.functions.get(wrapper)
        if entry is None:
            return False
        marks = {
            d.label.rpartition(".")[2].removesuffix("()") for d in self.ask("decorators", wrapper)
        }
        inner: Summary = self.ask("summary", wrapper) or Summary()
        return (
            bool(marks & {"wraps", "wrapt", "decorator"})
            and entry[1].is_async == function.is_async
            and not entry[1].is_generator
            and not inner.returns.known
        )

    def call_name(self, label: str, args: Sequence[Kind], words: dict[str, Kind]) -> Kind:
        """What calling something outside the project gives, by its dotted name."""
        last = label.rpartition(".")[2]
        if label in self.told.session_factories:
            return Kind(kinds.SESSION, owner="local")
        if label == "contextvars.ContextVar" and args and args[0].name == kinds.STR:
            return Kind(FOREIGN, label=f"contextvars.ContextVar({args[0].label!r})")
        if label in oslo.WRAPPERS and len(args) > oslo.WRAPPERS[label]:
            return args[oslo.WRAPPERS[label]]
        if label in _IMPORTING and args and args[0].name == kinds.STR:
            there = args[0].label
            known = there in self.index.modules
            return Kind(MODULE if known else NAME, label=there) if _is_module(there) else UNKNOWN
        if label in ("typing.cast", "typing_extensions.cast") and args:
            told = self.instance(args[0])
            return args[1] if not told.known and len(args) > 1 else told
        if label in _ENVIRONMENT:
            return from_environment(words.get("default") or (args[1] if len(args) > 1 else NONE))
        if label in ("functools.partial", "functools.partialmethod") and args:
            return args[0]._replace(traits=args[0].traits | {"partial"})
        if last in ("contextmanager", "asynccontextmanager") and label.startswith("contextlib."):
            if args and args[0].name == kinds.FUNCTION and args[0].label in self.functions:
                return args[0]._replace(is_async=last[0] == "a", traits=frozenset({"manages"}))
            return UNKNOWN
        if label == "operator.attrgetter" and args:
            return Kind(FOREIGN, label=f"{label}()", of=tuple(args))
        if label in ("typing.NewType", "typing_extensions.NewType") and len(args) > 1:
            of_type = self.instance(args[1])
            return Kind(ALIAS, of=(of_type,)) if of_type.known else UNKNOWN
        if label == "typing.TypeVar" or label == "typing_extensions.TypeVar":
            bound = self.instance(words["bound"]) if "bound" in words else UNKNOWN
            if len(args) > _CONSTRAINED:  # one of these
                bound = reduce(join, map(self.instance, args[1:]))
            sessions = bound.name in OWNED or bound.name == EITHER
            if args and args[0].name == kinds.STR and not sessions:
                return variable(args[0].label, bound)
            return Kind(ALIAS, of=(bound,)) if bound.known else UNKNOWN
        if label == "contextlib.nullcontext" and args:
            return Kind(kinds.CONTEXT_MANAGER, label=label, of=(args[0],))
        if label in ("contextlib.closing", "contextlib.aclosing") and args:
            return Kind(kinds.CONTEXT_MANAGER, label=label, of=(args[0],))
        if label in _GIVEN_CONNECTIONS:
            return Kind(kinds.CONNECTION, owner="managed")
        if label in MARKS and words.get("name", UNKNOWN).name == kinds.STR:
            return Kind(FOREIGN, label=f"{label}()", of=(words["name"],))
        if args and frameworks.depends(label):
            return self._dependency(args[0])
        if (
            last == "scoped_session"
            and label.startswith("sqlalchemy")
            and len(args) + len(words) > 1
        ):
            made = self._made(Kind(kinds.SCOPED_SESSION), args, words)
            return made._replace(traits=made.traits | {"own-scope"})
        if label.startswith(_FUNC_PREFIXES):
            traits = selected_from(args)
            if last == "count":
                traits |= {"counts"}
                if all(map(_is_no_column, args)):
                    traits |= {"row-count"}
            return Kind(kinds.COLUMN_EXPR, traits=traits)
        if last == "inspect" and args and label.startswith("sqlalchemy"):
            if args[0].name in (kinds.CONNECTION, kinds.ENGINE):
                return Kind(kinds.INSPECTOR)
            state = args[0].name not in _NO_STATE
            return Kind(FOREIGN, label=objects.STATE) if state else UNKNOWN
        if last == "aliased" and label.startswith("sqlalchemy") and args:
            more = {"alias"} if len(args) == 1 and "alias" not in words else {"alias", "selected"}
            return args[0]._replace(traits=args[0].traits | more)
        if last in _BASE_MAKERS and label.startswith("sqlalchemy"):
            return Kind(kinds.DECLARATIVE_BASE)
        if label.startswith(("sqlalchemy", "sqlmodel")):
            if last in _COLUMN_MAKERS:
                return Kind(kinds.COLUMN_EXPR)
            if last in _RELATIONSHIP_MAKERS:
                target = named_by(args, words)
                return Kind(kinds.RELATIONSHIP, of=target, traits=statement.related(words))
        member = self.catalog.function(label)
        if member is not None and member.returns:
            made = self._made(Kind(member.returns, member.is_async), args, words, label)
            if made.name == kinds.LOADER_OPTION:
                told = loading.made(last, args, made)
                if "*" in words or "recursion_depth" in words:
                    told = told._replace(loaded=frozenset({loading.ANYTHING}))
                return told._replace(traits=statement.loaded(last, args))
            if made.owner == "local" and "open" not in member.effects:
                return made._replace(owner="attribute")  # object_session(x): whose it is, who knows
            if made.name == kinds.COLUMN_EXPR:
                needed = statement.parameter(args, words) if last == "bindparam" else frozenset()
                needed |= statement.needing(args)
                fixed = loading.all_fixed(args) if last == "and_" else made.loaded
                return made._replace(traits=made.traits | needed, loaded=fixed)
            return made
        else:
            found = self.catalog.class_kind(label)
            if found is None:
                if last in ("task", "shared_task") and "base" in words:
                    return Kind(FOREIGN, label=f"{label}()", of=(self.instance(words["base"]),))
                moment = moments.made(label, args, words)
                if moment is not None:
                    return moment
                return self.foreign(FOREIGN, f"{label}()")
            return self._made(Kind(found[0], found[1]), args, words, label)

    def _dependency(self, of: Kind) -> Kind:
        """What FastAPI and its like pass for `Depends(f)`."""
        if of.name == kinds.INSTANCE:
            label = self.ask("method", of.label, "__call__")
            of = Kind("METHOD", label=label) if label is not None else UNKNOWN
        if of.name == kinds.FUNCTION or (of.name == "METHOD" and ":" in of.label):
            given = self.called(of.label)
            if given.name in (kinds.GENERATOR, kinds.COROUTINE) and given.of:
                given = given.of[0]
            if not given.known:
                return UNKNOWN
            return given._replace(owner="managed", traits=given.traits | {lent_by(of.label)})
        made = self.instance(of)
        return made._replace(owner="managed") if made.name == kinds.INSTANCE else made

    def lent(self, label: str) -> Kind:
        """The same of the function of a label."""
        return self._dependency(Kind(kinds.FUNCTION, label=label))

    def _made(self, kind: Kind, args: Sequence[Kind], words: dict[str, Kind], by: str = "") -> Kind:
        """A new object of SQLAlchemy's: what its arguments say of it, and what has made it."""
        traits = set(kind.traits)
        options = words.get("execution_options", UNKNOWN)
        told = entries(options) if options.name == kinds.DICT else {}
        level = words.get("isolation_level") or told.get("isolation_level")
        if level is not None and level.name == kinds.STR and level.label.upper() == "AUTOCOMMIT":
            traits |= {"autocommit", "level-autocommit"}
        if words.get("autocommit", NONE).label == "True":
            traits.add("autocommit")
        if words.get("future", NONE).label == "True":
            traits.add("future")
        if words.get("poolclass", NONE).label.endswith((".StaticPool", ".SingletonThreadPool")):
            traits.add("one-connection")
        if words.get("expire_on_commit", NONE).label == "False":
            traits.add("no-expire")
        elif (kind.name in _EXPIRING and _says_true(words, "expire_on_commit")) or (
            kind.name == kinds.FLASK_DB and not words.keys() & {"session_options", "**"}
        ):
            traits.add("expires")
        if words.get("autoflush", NONE).label == "False":
            traits.add("no-autoflush")
        if kind.name in _EXPIRING and _is_own_class(words.get("class_"), words, by):
            traits.add(NO_EXEC)
        if "binds" in words or "twophase" in words:
            traits.add("several-engines")
        bind = words.get("bind") or (args[0] if args else UNKNOWN)
        if bind.name in (kinds.ENGINE, kinds.CONNECTION):
            traits |= bind.traits & {"autocommit", "level-autocommit", "future"}
        if kind.name == kinds.SESSION_FACTORY:
            made = words.get("class_", UNKNOWN)
            if "class_" in words and not self.instance(made).known:
                traits.add("unknown-class")
            session = self.instance(made) if made.known else Kind(kinds.SESSION, kind.is_async)
            if session.name != kinds.SESSION:
                session = Kind(kinds.SESSION, kind.is_async)
                traits -= {"expires"} if made.known else set()
            elif "subclass" in session.traits:
                traits.discard("expires")
            if bind.name == kinds.CONNECTION:
                traits.add("joined")
            engine = bind.label if bind.name == kinds.ENGINE else ""
            return Kind(
                kind.name, session.is_async, (session,), label=engine, traits=frozenset(traits)
            )
        if kind.name == kinds.SCOPED_SESSION:
            factory = args[0] if args else UNKNOWN
            return kind._replace(
                is_async=kind.is_async or factory.is_async, owner="registry", traits=factory.traits
            )
        if kind.name in (kinds.SESSION, kinds.CONNECTION, kinds.RAW_CONNECTION):
            # Docs, "Joining a Session into an External Transaction": it holds no connection of its
            # own, and closing it leaves the transaction to the connection's owner.
            # What cannot be told from an engine may be a connection.
            joined = bool("bind" in words or args) and bind.name != kinds.ENGINE
            return kind._replace(
                owner="joined" if joined else "local", traits=frozenset(traits), label=bind.label
            )
        if kind.name in (kinds.TEXT, kinds.DDL) and args and args[0].name == kinds.STR:
            return kind._replace(label=args[0].label)
        if kind.name in (kinds.SELECT, kinds.QUERY, kinds.INSERT, kinds.UPDATE, kinds.DELETE):
            return self._begun(kind._replace(of=tuple(args)), args)
        if kind.name == kinds.LOADER_OPTION:
            return kind  # see `call_name`
        if kind.name == kinds.COLUMN_EXPR:
            return kind._replace(traits=selected_from(args))
        return kind._replace(traits=frozenset(traits))

    def _begun(self, kind: Kind, args: Sequence[Kind]) -> Kind:
        """A new statement: what it rests on, and what it surely is."""
        traits = selected_from(args) | statement.begun(kind, args)
        for arg in args:
            if arg.name == kinds.MAPPED_CLASS and kind.name in (kinds.SELECT, kinds.QUERY):
                traits |= self._loaded_by_mapping(arg)
        return kind._replace(traits=kind.traits | traits)

    def call_member(
        self, of: Kind, name: str, args: Sequence[Kind], words: dict[str, Kind]
    ) -> Kind:
        """What ``of.name(...)`` gives for a kind of SQLAlchemy's."""
        if lacks(of, name):
            return UNKNOWN
        own = own_class(of) if of.name in hooks.HOOKS else None
        if own is not None and self._is_decided_by(own, of, name):
            return UNKNOWN
        if name == "execution_options":
            level = words.get("isolation_level")
            if level is not None and level.label.upper() == "AUTOCOMMIT":
                return of._replace(traits=of.traits | {"autocommit", "level-autocommit"})
            return of
        if of.name == kinds.FLASK_DB and name in _OR_404 and args:
            one = args[0].of[0] if args[0].name == kinds.SELECT and args[0].of else args[0]
            loaded = args[0].loaded | _options(words.get("options"))
            source = args[0]._replace(traits=frozenset({"by session"}), loaded=loaded)
            return self.as_value(one, source)
        if of.name == kinds.FLASK_DB:
            proxied = self.catalog.flask_proxied(name)
            if proxied is not None:
                return self.call_name(proxied, args, words)
        if of.name == kinds.SCOPED_SESSION and name == "query_property":
            return Kind(QUERY_PROPERTY, traits=of.traits)
        if of.name == kinds.TABLE and name in _TABLE_STATEMENTS:
            return self._begun(Kind(_TABLE_STATEMENTS[name], of=(of,)), (of, *args))
        if of.name == kinds.LOADER_OPTION:
            further = statement.loaded_further(of, name, args)
            member = self.catalog.member(of.name, of.is_async, name)
            if member is None:
                return UNKNOWN
            return loading.further(of, name, args)._replace(traits=further)
        if of.name in _READ and name == "unique":
            return of._replace(traits=of.traits - statement.eager(of.traits))
        if of.name == kinds.TEXT:  # bindparams(), params(): values may have been given
            return of._replace(traits=of.traits | {"bound"})
        if name == "returning" and of.name in statement.WRITES:
            return of._replace(traits=statement.continued(of, name, args))
        member = self.catalog.member(of.name, of.is_async, name)
        if member is None:
            return UNKNOWN
        kind = self._returned(of, name, member, args, words)
        if of.name == kinds.COLUMN_EXPR and "row-count" in of.traits:
            return kind._replace(traits=statement.counted(of, name))
        if of.name == kind.name == kinds.COLUMN_EXPR and name in statement.CRITERIA:
            few = name == "in_" and not loading.are_plain(args)
            given = loading.fixed(of) if few else kind.loaded
            traits = selected_from((of, *args))
            if "." in of.label and "mapped" in of.traits:
                traits |= {"criterion"}
            return kind._replace(traits=traits, loaded=given)
        if kind.name in _STATEMENTS and of.name in _STATEMENTS:
            kind = kind._replace(traits=statement.continued(of, name, args) | selected_from(args))
            given = loading.narrowed(of.loaded, name, args, words)
            if name == "options":
                given = loading.with_options(of.loaded, args, "*" in words)
            elif name == "with_polymorphic":
                given = loading.with_heirs(of.loaded)
            if given is not of.loaded:
                kind = kind._replace(loaded=given)
        elif kind.name in _STATEMENTS:
            kind = self._begun(kind, args)
        if of.name == kinds.SESSION_FACTORY and name == "begin":
            session = of.of[0] if of.of else Kind(kinds.SESSION, of.is_async)
            session = session._replace(
                owner="managed", traits=of.traits | {"begin"}, label=of.label
            )
            return Kind(kinds.CONTEXT_MANAGER, of.is_async, (session,))
        if member.enters:
            entered = self._entered(of, member.enters)
            if kind.name in (kinds.UNKNOWN, kinds.CONTEXT_MANAGER):
                kind = Kind(kinds.CONTEXT_MANAGER, of.is_async, (entered,))
        if member.coroutine:
            return Kind(kinds.COROUTINE, True, (kind,))
        return kind

    def _is_decided_by(self, own: str, of: Kind, name: str) -> bool:
        """A class of the project overrides what a member of SQLAlchemy's is made of, with something
        that is not known to give the same."""
        named = hooks.CLASSES.get(of.name, _NOT_NAMED).get(name)
        if named is not None and self.ask("attribute", own, named) is not None:
            return True
        version = self.catalog.version
        for hook in hooks.decided_by(of.name, name, is_async=of.is_async, version=version):
            label = self.ask("method", own, hook)
            if label is not None:
                member = self.catalog.member(of.name, of.is_async, hook)
                if member is None or not self._gives(self.called(label), member):
                    return True
        return False

    def _gives(self, kind: Kind, member: Member) -> bool:
        """What a method gives is what the member that it overrides gives."""
        if kind.name == kinds.COROUTINE and kind.of:
            kind = kind.of[0]
        return kind.name in (member.returns, member.enters) and kind.known

    def _entered(self, of: Kind, name: str) -> Kind:
        kind = Kind(name, of.is_async, owner="managed", traits=of.traits, label=of.label)
        if name in (kinds.CONNECTION, kinds.SESSION):
            return kind._replace(traits=of.traits | {"begin"})
        return kind

    def _returned(
        self,
        of: Kind,
        name: str,
        member: Member,
        args: Sequence[Kind],
        words: dict[str, Kind],
    ) -> Kind:
        returns = member.returns
        if name == "exec" and args and args[0].name in _GIVES_RESULT:
            returns = kinds.RESULT  # SQLModel's gives scalars of a select alone
        if returns == "Self":
            return of
        if returns == "":
            if name in _ONE_ELEMENT:
                return self._element(of)
            source = args[0] if args and args[0].name == kinds.SELECT else of
            if name not in _ONE_SCALAR or not source.of:
                return UNKNOWN
            return self.as_value(source.of[0], source._replace(traits=_by(of, source)))
        if returns in _COLLECTIONS:
            return Kind(returns, of=(self._element(of),))
        if returns == kinds.ENTITY and of.name == kinds.QUERY:
            return self._element(of)
        if returns == kinds.ENTITY:
            if name in ("get", "get_one") and args:
                loaded = _options(words.get("options"))
                return self.as_value(args[0], Kind(kinds.SELECT, traits=_by(of), loaded=loaded))
            return args[0] if args else UNKNOWN
        if name == "paginate" and returns == kinds.INSTANCE:
            source = args[0] if args and args[0].name == kinds.SELECT else of
            page = tuple(self.as_value(one, source) for one in source.of[:1])
            return Kind(kinds.INSTANCE, of=page)
        if returns == kinds.DICT and of.name == kinds.ROW:  # a value of each column, by its name
            values = {self.as_value(one, of) for one in of.of}
            return Kind(kinds.DICT, of=tuple(values) if len(values) == 1 else ())
        is_async = member.is_async or (of.is_async and returns in _TWINS)
        handed = _elements(of, name, args)
        if returns == kinds.QUERY and name in ("query", "with_entities") and "*" in words:
            handed = ()
        kind = Kind(returns, is_async, handed)
        if returns in (kinds.CONNECTION, kinds.SESSION, kinds.RAW_CONNECTION):
            made = of.name in (kinds.ENGINE, kinds.SESSION_FACTORY)
            if name == "object_session":
                return kind._replace(owner="attribute", traits=of.traits)  # that of an entity
            lent = "managed" if of.owner == "local" else of.owner
            label = of.label if made else ""
            return kind._replace(owner="local" if made else lent, traits=of.traits, label=label)
        if returns in _STATEMENTS and of.name in _STATEMENTS:
            return kind._replace(traits=of.traits, label=of.label, loaded=of.loaded)
        if returns in _READ:
            source = args[0] if args and args[0].name == kinds.SELECT else of
            if source.name == kinds.SELECT or of.name in _READ:
                traits = statement.eager(source.traits) | _by(of, source)
                return kind._replace(traits=traits, loaded=source.loaded)
        if returns in (kinds.ROW, kinds.MAPPINGS):
            return kind._replace(loaded=of.loaded, traits=_by(of))
        return kind

    def _element(self, of: Kind) -> Kind:
        """One row, scalar or entity of a result or query."""
        if of.name == kinds.SCALARS and len(of.of) == 1:
            return self.as_value(of.of[0], of)
        if of.name == kinds.SCALARS and of.of:  # SQLModel's exec() of several things
            return Kind(kinds.ROW, of=of.of, loaded=of.loaded, traits=_by(of))
        if of.name == kinds.QUERY and len(of.of) == 1 and of.of[0].name != kinds.COLUMN_EXPR:
            return self.as_value(of.of[0], of)
        if of.name == kinds.QUERY and not of.of:
            return UNKNOWN  # `query(*args)` of one class gives its objects, of several things rows
        if of.name in (kinds.RESULT, kinds.QUERY):
            return Kind(kinds.ROW, of=of.of, loaded=of.loaded, traits=_by(of))
        return Kind(kinds.ROW_MAPPING) if of.name == kinds.MAPPINGS else UNKNOWN

    def as_value(self, selected: Kind, source: Kind) -> Kind:
        """What a selected thing is in a row of a source: a mapped class gives its entities."""
        if selected.name in (kinds.MAPPED_CLASS, kinds.ENTITY):
            whole = selected.name == kinds.MAPPED_CLASS
            if not whole and source.name in _HANDED_ON:
                return selected  # whether it was loaded, and with what, it knows itself
            entity = self.instance(selected) if whole else selected
            traits = entity.traits | {"queried"} | (source.traits & LOADED_BY)
            return entity._replace(loaded=source.loaded, traits=traits)
        if selected.name == ALIAS and is_variable(selected):
            traits = selected.of[0].traits | {"queried"} | (source.traits & LOADED_BY)
            return selected.of[0]._replace(loaded=source.loaded, traits=traits)
        if selected.name == kinds.CLASS:  # mapped in a way that is not known
            return UNKNOWN
        return UNKNOWN if selected.name in _SELECTED else selected


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def from_environment(default: Kind) -> Kind:
    """A string of the environment; its default, where it has one, is in ``of``."""
    given = (default,) if default.known and default.name != kinds.NONE else ()
    return Kind(kinds.STR, of=given, label=HOLE, traits=frozenset({"environ"}))


def _says_true(words: dict[str, Kind], option: str) -> bool:
    """An option that is true by default surely is."""
    return "**" not in words and words.get(option, _TRUE).label == "True"


def _is_own_class(given: Kind | None, words: dict[str, Kind], by: str) -> bool:
    """A factory, or a constructor, makes sessions of a class of SQLAlchemy's."""
    if not by.startswith("sqlalchemy.") or (given is None and "**" in words):
        return False
    return given is None or (given.name == NAME and given.label.startswith("sqlalchemy."))


def _by(of: Kind, source: Kind | None = None) -> frozenset[str]:
    """ "by session" when a Session loads, whose rows hold entities; "by async" when it is an
    AsyncSession: what is not loaded then cannot be."""
    told = of.traits | (source.traits if source is not None else frozenset())
    if of.name == kinds.QUERY:
        told |= {"by session"}
    if of.name in (kinds.SESSION, kinds.SCOPED_SESSION):
        told |= {"by session", "by async"} if of.is_async else {"by session"}
    return told & LOADED_BY


def _options(given: Kind | None) -> frozenset[str]:
    """What the ``options=`` of `Session.get` load."""
    if given is None:
        return frozenset()
    if given.name not in (kinds.LIST, kinds.TUPLE) or not given.of:
        return frozenset({loading.ANYTHING})
    return loading.with_options(frozenset(), given.of, starred=False)


def dotted_name(kind: Kind) -> str:
    """The name of a class or function as a user writes it; "" for anything else."""
    if kind.name in (NAME, kinds.CLASS, kinds.MAPPED_CLASS, kinds.FUNCTION):
        return kind.label.replace(":", ".")
    return ""


def selected_from(args: Sequence[Kind]) -> frozenset[str]:
    """What a statement or expression over these arguments rests on: "mapped" classes, their
    "hybrid" attributes, "table"s."""
    found: set[str] = set()
    for kind in args:
        if kind.name == kinds.MAPPED_CLASS:
            found.add("mapped")
        elif kind.name == kinds.TABLE or (kind.name == kinds.COLUMN_EXPR and ".c" in kind.label):
            found.add("table")
        found |= kind.traits & {"mapped", "table", "hybrid"}
    return frozenset(found) | statement.needing(args)


def _is_no_column(kind: Kind) -> bool:
    """`*` or 1: counted are the rows, whatever they are."""
    return kind.name in (kinds.STR, kinds.INT, kinds.TEXT) and kind.label in ("*", "1")


# What the `__exit__` of a Session's class may call on itself that commits nothing.
_COMMITTING_NOTHING = frozenset(
    {"__aexit__", "__exit__", "close", "expunge_all", "invalidate", "rollback"}
)
_GENERIC = frozenset({kinds.CLASS, kinds.INSTANCE})
_OF_A_CLASS = _GENERIC | {kinds.ENTITY, kinds.MAPPED_CLASS}
_SOME_ATTRIBUTE = frozenset({"attribute"})
_EXPIRING = frozenset({kinds.SESSION, kinds.SESSION_FACTORY})
# What is wrapped, and asked for all that the wrapper does not have.
_WRAPPED = OWNED | {kinds.ENGINE, kinds.SCOPED_SESSION}
_TRUE = Kind(kinds.BOOL, label="True")
_READ = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY, kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_GIVES_RESULT = statement.WRITES | {kinds.TEXT}
_TABLE_STATEMENTS = {
    "insert": kinds.INSERT,
    "update": kinds.UPDATE,
    "delete": kinds.DELETE,
    "select": kinds.SELECT,
}
# What is SQL where it is selected, and some value in a row.
_HANDED_ON = frozenset({kinds.COLLECTION, kinds.GENERATOR})
_SELECTED = _STATEMENTS | _FROM_CLAUSES | {kinds.COLUMN_EXPR, kinds.TEXT}
# What is inspected and has no state of an object.
_NO_STATE = frozenset({kinds.CLASS, kinds.MAPPED_CLASS, kinds.TABLE, kinds.COLUMN_EXPR, NAME})
_CONSTRAINED = 2  # a name, and one of at least two types
_NOT_NAMED: dict[str, str] = {}
_OR_404 = frozenset({"get_or_404", "first_or_404", "one_or_404"})
_ONE_ELEMENT = frozenset({"first", "one", "one_or_none", "get", "fetchone"})
_ONE_SCALAR = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
_COLLECTIONS = frozenset({kinds.LIST, kinds.GENERATOR})

# A chain of attributes and calls of a foreign object is named no further than this.
FOREIGN_LABEL_LIMIT = 120


# What hangs on an async object is async itself; its results are ordinary, buffered ones, but for
# those of `stream()`, which the catalog says.
_TWINS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.TRANSACTION, kinds.SAVEPOINT})


def _elements(of: Kind, name: str, args: Sequence[Kind]) -> tuple[Kind, ...]:
    """The element kinds a call hands on: what a select selects, its result yields."""
    if name in (
        "query",
        "select",
        "with_only_columns",
        "with_entities",
        "insert",
        "update",
        "delete",
    ):
        return tuple(args)
    if name in statement.ADDS_SELECTED:
        return (*of.of, *args) if of.of else ()
    if name in statement.SET_OPERATIONS and of.name == kinds.SELECT:
        return ()  # the columns of all of them, whatever was selected: a Query gives entities
    selected = args[0].of if args and args[0].name == kinds.SELECT else of.of
    return selected[:1] if name in ("scalars", "stream_scalars") else selected

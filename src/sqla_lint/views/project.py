"""A whole project: its models, tables, mixins and bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqla_lint.ir import ENTRY, EXIT, MODULE_BODY, RAISED, Ann, Function, Module, Ref
from sqla_lint.project.bodies import may_say
from sqla_lint.project.declared import Reader
from sqla_lint.project.index import imported_names
from sqla_lint.project.kind import Kind
from sqla_lint.project.linked import Project as Linked
from sqla_lint.project.mapping import Attribute, Column, Mixin, Model, Table
from sqla_lint.project.models import Models
from sqla_lint.project.spoken import is_said
from sqla_lint.project.surroundings import defined_elsewhere
from sqla_lint.project.values import Value
from sqla_lint.views.migrations import RUNNING

# Keywords that choose among the tables of a MetaData.
_CHOOSING = frozenset({"include_name", "include_object", "include_schemas", "tables"})


class MetadataUse(NamedTuple):
    """All tables of a base are made, or shown to alembic, here."""

    base: str  # label; "" when unknown
    module: str
    path: str
    at: Ref
    what: str  # what happens when there are none
    top: bool  # in the body of the module
    function: str = ""  # else qualname of the function


def annotation_names(ann: Ann) -> Iterator[tuple[str, Ref]]:
    """The variables that evaluating an annotation reads."""
    if ann.kind == "name" and ann.name != "None":
        yield ann.name.partition(".")[0], ann.at
    for one in ann.args:
        yield from annotation_names(one)


def optional(models: Models, attribute: Attribute) -> bool | None:
    """Whether the annotation of a column allows None; None when it does not tell."""
    module = models.scopes.index.modules.get(attribute.owner.partition(":")[0])
    if module is None or attribute.ann is None:
        return None
    return Reader(models.scopes).optional(attribute.ann, module, attribute.owner)


_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__enter__", "__call__"})


@dataclass(frozen=True, slots=True)
class Project:
    """The linked project. A rule that asks for it is called once per run; its reports name the file
    they lie in."""

    linked: Linked
    target: tuple[int, int]  # the SQLAlchemy version the code is for

    @property
    def models(self) -> Models:
        """The mapped classes and tables."""
        return self.linked.models

    def is_test(self, path: str) -> bool:
        """Whether the settings call a file a test."""
        return self.linked.knowledge.told.is_test(path)

    def in_body(self, attribute: Attribute) -> bool:
        """The body of its class binds it, not an assignment after the class statement."""
        name, _, qualname = attribute.owner.partition(":")
        module = self.linked.knowledge.index.modules.get(name)
        if module is None:
            return False
        bindings = self.models.scopes.body(module, qualname).bindings
        return any(b.name == attribute.name for b in bindings)

    def typing_only(self, attribute: Attribute, name: str) -> int | None:
        """Where a name of the attribute's module is imported under ``if TYPE_CHECKING:`` and
        nowhere else; None when it exists at run time."""
        module = self.linked.knowledge.index.modules.get(attribute.owner.partition(":")[0])
        if module is None:
            return None
        bindings = [
            b for b in self.models.scopes.body(module, MODULE_BODY).bindings if b.name == name
        ]
        if not bindings or not all(b.typing_only for b in bindings):
            return None
        return bindings[0].at

    def classes(self) -> Iterator[Model | Mixin]:
        """Mapped classes, and the classes that give them columns; each once."""
        yield from self.models.models.values()
        yield from self.models.mixins.values()

    def attributes(self) -> Iterator[Attribute]:
        """What the bodies of those classes declare."""
        for one in self.classes():
            yield from one.attributes

    def columns(self) -> Iterator[Column]:
        """Every column that is written down, of classes and of Core tables; each once."""
        seen: set[tuple[str, int]] = set()
        for attribute in self.attributes():
            if attribute.column is not None:
                seen.add((attribute.column.path, attribute.column.at))
                yield attribute.column
        for table in self.models.tables:
            for column in table.columns:
                if (column.path, column.at) not in seen:
                    seen.add((column.path, column.at))
                    yield column

    def plainly(self, table: Table) -> bool:
        """A table is defined on every way through its module."""
        module = self.linked.knowledge.index.modules.get(table.module)
        if module is None:
            return False
        name = table.label.partition(":")[2].removesuffix(".__table__")
        scope, _, variable = name.rpartition(".")
        body = self.models.scopes.body(module, scope.removesuffix(".<locals>") or MODULE_BODY)
        for one in body.bindings:
            if one.closure == name or (one.name == variable and not one.closure):
                return not one.conditional
        return False

    def table_words(self, table: Table) -> Iterator[str]:
        """The options of a table: keywords of ``Table``, keys of ``__table_args__``."""
        model = self.models.of(table.label)
        value = None
        if model is not None:
            value = model.table_args.value if model.table_args is not None else None
            for one in (value, *value.args) if value is not None else ():
                if one.do == "dict":
                    yield from (k.text for k in one.args[::2] if k.text is not None)
            return
        value = self.models.scopes.value(table.label)
        if value is not None:
            yield from (word for word, _ in value.words)

    def imports(self, module: str, other: str) -> bool:
        """Importing one module imports the other."""
        return other in self.models.imports.reached(module)

    def reached(self, start: str) -> frozenset[str]:
        """The modules that importing one loads, itself included; also what functions import."""
        return self.models.imports.reached(start)

    def loaded_before(self, start: str, use: MetadataUse) -> frozenset[str]:
        """The modules that importing one loads, up to a use of metadata."""
        module = self.linked.knowledge.index.modules[use.module]
        return self.models.imports.reached_before(start, module, use.function, use.at)

    def entries(self, module: str) -> frozenset[str]:
        """The modules that lead to one, itself included."""
        return self.models.imports.leading_to(module)

    def companions(self, use: MetadataUse) -> frozenset[str]:
        """Other modules that the process of a use of metadata may have loaded before it: for an
        environment of alembic those that run its commands, for a test all other tests."""
        modules = self.linked.knowledge.index.modules
        if self.is_test(use.path):
            return frozenset(name for name, one in modules.items() if self.is_test(one.path))
        if "alembic.context" not in imported_names(modules[use.module]):
            return frozenset()
        running = (name for name, one in modules.items() if RUNNING & imported_names(one))
        return frozenset().union(*(self.entries(name) for name in running))

    def imported(self, module: str) -> frozenset[str]:
        """The dotted names that a module imports, wherever in it."""
        return frozenset(imported_names(self.linked.knowledge.index.modules[module]))

    def imported_by_code(self, module: str) -> bool:
        """Some other module imports one, beside tests."""
        return any(
            other.name != module
            and not self.is_test(other.path)
            and any(n == module or n.startswith(f"{module}.") for n in imported_names(other))
            for other in self.linked.knowledge.index.modules.values()
        )

    def chooses_tables(self, module: str) -> bool:
        """A module says which tables are meant: `include_object`, `create_all(tables=)`."""
        code = self.linked.knowledge.index.modules[module]
        return any(
            arg.keyword in _CHOOSING
            for function in code.functions.values()
            for block in function.blocks
            for op in block.ops
            for arg in op.args
        )

    def imports_by_name(self) -> bool:
        """Modules are imported by strings."""
        return self.models.imports.by_name()

    def unread(self, word: str, near: str) -> bool:
        """A file beside ``near`` that this run has not read has the word."""
        modules = self.linked.knowledge.index.modules.values()
        paths = {module.path for module in modules if module.is_read}
        return defined_elsewhere(word, near, paths)

    def dialects(self) -> frozenset[str]:
        """The database that the settings name, else those that the project's URLs name."""
        return self.linked.dialects

    def keeps_in_sqlite(self, path: str) -> bool:
        """SQLite is where the project keeps what a file writes: the settings say it, or a URL that
        is more than a stand-in. What tests say counts for tests."""
        told = self.linked.knowledge.told
        if told.dialect or told.is_test(path):
            return self.dialects() == {"sqlite"}
        return self.models.imports.keeps_in_sqlite(lambda other: not told.is_test(other))

    def gives(self, label: str) -> Kind:
        """What a function of the project gives when it is called."""
        return self.linked.knowledge.called(label)

    def metadata_uses(self) -> Iterator[MetadataUse]:
        """Where all tables of a base are made, or shown to alembic."""
        for module, function, calls in self._calls("create_all"):
            top = function == MODULE_BODY
            for call in calls:
                on = call.on.name if call.on is not None and call.on.do == "name" else ""
                what = "`create_all()` makes no table"
                yield MetadataUse(
                    self._base(on),
                    module.name,
                    module.path,
                    call.at,
                    what,
                    top,
                    "" if top else function,
                )
        for module in self.linked.knowledge.index.modules.values():
            if "target_metadata" not in module.body.locals:
                continue
            for one in self.models.scopes.body(module, MODULE_BODY).bindings:
                if one.name == "target_metadata" and one.value is not None:
                    what = "autogenerate sees no table"
                    base = self._base(one.value.name if one.value.do == "name" else "")
                    yield MetadataUse(base, module.name, module.path, one.at, what, True)

    def names(self, dotted: str) -> bool:
        """Some code of the project reads something of that dotted name."""
        last = dotted.rpartition(".")[2]
        for module in self.linked.knowledge.index.modules.values():
            for function in module.functions.values():
                if not may_say(function, last):
                    continue
                for op in (op for block in function.blocks for op in block.ops):
                    for one in (op.on, *(arg.value for arg in op.args)):
                        if not isinstance(one, str):
                            continue
                        read = f"{one}.{last}" if op.name == last else one
                        if f".{dotted}." in f".{read}.":
                            return True
        return False

    def is_run(self, module: str, qualname: str) -> bool:
        """Some code of the project calls a function, or hands it on; a framework does what is
        decorated, and what is a method of a class with bases. An import, or `__all__`, only passes
        its name along."""
        function = self.function(f"{module}:{qualname}")
        if function is None or function.decorators:
            return True
        of = self.linked.knowledge.classes.by_label.get(f"{module}:{function.parent}")
        if of is not None and of.bases:
            return True
        owner, _, name = qualname.rpartition(".")
        word = owner.rpartition(".")[2] if name in _CONSTRUCTORS else name
        return is_said(self.linked.knowledge.index.modules.values(), word, function)

    def _base(self, name: str) -> str:
        """The base that a name of a MetaData (or Flask-SQLAlchemy's object) belongs to; of one
        without a base, that only tables name, the name itself."""
        models = self.models
        plain = name.removesuffix(".metadata")
        plain = models.aliases.get(plain, plain)
        if plain in models.bases:
            return plain
        found = [b.label for b in models.bases.values() if models.metadata_of(b) == plain]
        if found:
            return found[0] if len(found) == 1 else ""
        own = models.is_metadata(plain) and any(t.metadata == plain for t in models.tables)
        return plain if own else ""

    def _calls(self, method: str) -> Iterator[tuple[Module, str, list[Value]]]:
        """The calls of a method, by module and function."""
        knowledge = self.linked.knowledge
        for module, function in knowledge.sayings.where(knowledge.index.modules.values(), method):
            if not any(op.name == method for block in function.blocks for op in block.ops):
                continue
            body = self.models.scopes.body(module, function.qualname)
            calls = [
                c for c in body.calls if c.name.rpartition(".")[2] == method and c.on is not None
            ]
            yield module, function.qualname, calls

    def function(self, label: str) -> Function | None:
        """A function of the project."""
        found = self.linked.knowledge.functions.get(label)
        return found[1] if found is not None else None

    def ends_without_value(self, function: Function) -> bool:
        """Some way through the function ends without a `return`; one that says None means it."""
        waiting = [ENTRY]
        seen = {ENTRY}
        while waiting:
            block = function.blocks[waiting.pop()]
            returned = [op for op in block.ops if op.do == "return"]
            targets = [e.to for e in block.edges] + [h.to for h in block.handlers]
            if EXIT in targets and not returned:
                return True
            if any(op.raises for op in block.ops):
                targets.append(block.exc)
            for to in targets:
                if to not in seen and to not in (EXIT, RAISED):
                    seen.add(to)
                    waiting.append(to)
        return False

    def statements(self, label: str) -> list[Value]:
        """Calls in a class body whose value nobody keeps."""
        module_name, _, qualname = label.partition(":")
        module = self.linked.knowledge.index.modules.get(module_name)
        if module is None:
            return []
        return self.models.scopes.body(module, qualname).discarded

    def class_words(self) -> Iterator[tuple[str, Ref, str]]:
        """Path, place and name of keywords that are True in class statements of SQLModel."""
        models = self.models
        for label, mixin in models.mixins.items():
            base = models.bases.get(mixin.base)
            if base is None or base.style != "sqlmodel":
                continue
            module = self.linked.knowledge.index.modules[label.partition(":")[0]]
            for keyword, ann in module.classes[label.partition(":")[2]].keywords:
                if ann.name == "True":
                    yield module.path, ann.at, keyword

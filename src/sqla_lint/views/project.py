"""A whole project: its models, tables, mixins and bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqla_lint.ir import MODULE_BODY, Ann, Ref
from sqla_lint.project.declared import Reader
from sqla_lint.project.index import imported_names
from sqla_lint.project.linked import Project as Linked
from sqla_lint.project.mapping import Attribute, Column, Mixin, Model, Table
from sqla_lint.project.models import Models
from sqla_lint.project.values import Value


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
        name = table.label.partition(":")[2]
        scope, _, variable = name.partition(".")
        if variable not in ("", "__table__"):
            return False
        for one in self.models.scopes.body(module, MODULE_BODY).bindings:
            if one.closure == scope or (one.name == scope and not one.closure):
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
        return other in self.reached(module)

    def reached(self, start: str) -> frozenset[str]:
        """The modules that importing one loads, itself included; also what functions import."""
        index = self.linked.knowledge.index
        seen = {start}
        waiting = [start]
        while waiting:
            module = index.modules.get(waiting.pop())
            if module is None:
                continue
            names = set(imported_names(module))
            parts = module.name.split(".")
            names |= {".".join(parts[:i]) for i in range(1, len(parts))}  # its packages
            for name in names:
                found = index.find(name, module)
                if found is not None and found.name not in seen:
                    seen.add(found.name)
                    waiting.append(found.name)
        return frozenset(seen)

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

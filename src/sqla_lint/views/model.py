"""A mapped class, with what it inherits and what it refers to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqla_lint.ir import Module, Ref
from sqla_lint.project import models as mapped
from sqla_lint.project.entry import is_script
from sqla_lint.project.linked import Project as Linked
from sqla_lint.project.mapping import Attribute, Column, ForeignKey, Relation, Relationship, Table
from sqla_lint.project.mapping import Model as Mapped
from sqla_lint.views.changed import changed_when_new
from sqla_lint.views.deleted import Deletion, deletions
from sqla_lint.views.migratedkeys import minded_by_migrations


def near(word: str, names: Iterable[str]) -> str:
    """The name that was probably meant; "" when none is close."""
    found = difflib.get_close_matches(word, list(names), 1, 0.75)
    return found[0] if found else ""


class State(NamedTuple):
    """Attributes of `self`, with the first place of each."""

    only_in_init: dict[str, Ref]
    read: dict[str, Ref]  # by other methods


class Script(NamedTuple):
    """A module that is run, where it uses a model."""

    name: str
    path: str
    at: Ref


@dataclass(frozen=True, slots=True)
class Model:
    """One mapped class. A rule that asks for it is called once for each in the linted files."""

    facts: Mapped
    project: Linked
    target: tuple[int, int]  # the SQLAlchemy version the code is for

    @property
    def models(self) -> mapped.Models:
        """All models of the project, and the questions about them."""
        return self.project.models

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.facts.name

    @property
    def table(self) -> Table | None:
        """Its table: its own, or that of the parent it shares."""
        return self.models.table_of(self.facts)

    @property
    def own(self) -> tuple[Attribute, ...]:
        """The attributes of its own body."""
        return self.facts.attributes

    @property
    def exhaustive(self) -> bool:
        """`attributes` are all there are."""
        return self.models.exhaustive(self.facts)

    def attributes(self) -> dict[str, Attribute]:
        """Every attribute along the bases, backrefs included."""
        return self.models.attributes(self.facts)

    def columns(self) -> list[Column]:
        """The columns that its own body declares."""
        return [a.column for a in self.facts.attributes if a.column is not None]

    def relationships(self) -> list[Relationship]:
        """The relationships that its own body declares."""
        return [a.relationship for a in self.facts.attributes if a.relationship is not None]

    def resolved(self, relation: Relationship) -> Relation:
        """A relationship with its target, direction and the reverse side."""
        return self.models.resolved(self.facts, relation)

    def links(self, child: Mapped) -> list[tuple[Column, ForeignKey]]:
        """The foreign keys of another class's tables that lead to this one's, and their columns."""
        own = self.models.tables_of(self.facts)
        return [
            (column, key)
            for table in self.models.tables_of(child)
            for column in table.columns
            for key in column.foreign_keys
            if any(self.models.leads_to(key, one) for one in own)
        ]

    def is_minded(self, child: Mapped, column: Column, key: ForeignKey) -> bool:
        """The database does something about the rows of a foreign key when what they lead to is
        deleted: its model says so, or the migrations that make it."""
        return bool(key.ondelete) or any(
            minded_by_migrations(self.project, table, column)
            for table in self.models.tables_of(child)
        )

    def scripts_without(self, other: Mapped) -> Iterator[Script]:
        """Scripts that use this model themselves, and load no module that defines another one."""
        imports = self.models.imports
        if other.module == self.facts.module or imports.by_name():
            return
        if other.module in imports.reached(self.facts.module):
            return
        modules = self.project.knowledge.index.modules
        for name in sorted(imports.leading_to(self.facts.module)):
            module = modules.get(name)
            if module is None or name == self.facts.module or not is_script(module):
                continue
            if other.module in imports.reached(name):
                continue
            at = _use(self.models, module, self.facts.label)
            if at is not None:
                yield Script(module.name, module.path, at)

    def changes_in_place(self, name: str) -> bool:
        """Some code changes the value of an attribute of a new object in place."""
        lineage = {one.label for one in self.models.lineage(self.facts)} | set(self.facts.mixins)
        return any(
            attribute == name and (label in lineage or self._is_heir(label))
            for label, attribute in changed_when_new(self.project)
        )

    def _is_heir(self, label: str) -> bool:
        heir = self.models.of(label)
        return heir is not None and self.facts in self.models.lineage(heir)

    def deletions(self) -> tuple[Deletion, ...]:
        """Where its objects are deleted through a session, in the whole project: what a test
        deletes, it has made for that, and knows what hangs on it."""
        is_test = self.project.knowledge.told.is_test
        found = deletions(self.project, self.facts.label)
        return tuple(one for one in found if not is_test(one.path))

    def state(self) -> State | None:
        """What methods of the class set and read on `self`; None when a loaded object is prepared
        by a method of its own."""
        module = self.project.knowledge.index.modules.get(self.facts.module)
        if module is None:
            return None
        written: dict[str, set[str]] = {}
        first: dict[str, Ref] = {}
        read: dict[str, Ref] = {}
        for attribute in self.facts.attributes:
            names = {d.name.rpartition(".")[2] for d in attribute.decorators}
            if names & {"reconstructor", "listens_for"}:
                return None
            function = module.functions.get(attribute.function.partition(":")[2])
            if function is None or not function.params or names & {"classmethod", "staticmethod"}:
                continue
            me = function.params[0].name
            for op in (op for block in function.blocks for op in block.ops):
                if op.on != me or op.name is None:
                    continue
                if op.do == "setattr":
                    written.setdefault(op.name, set()).add(attribute.name)
                    if attribute.name == "__init__":
                        first.setdefault(op.name, op.at)
                elif op.do == "getattr" and attribute.name != "__init__":
                    read.setdefault(op.name, op.at)
        only = {name: at for name, at in first.items() if written[name] == {"__init__"}}
        return State(only, read)


def _use(models: mapped.Models, module: Module, label: str) -> Ref | None:
    """Where a module makes or selects objects of a class."""
    for qualname in module.functions:
        for call in models.scopes.body(module, qualname).calls:
            if call.name == label or (call.library and any(a.name == label for a in call.args)):
                return call.at
    return None

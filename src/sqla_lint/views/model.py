"""A mapped class, with what it inherits and what it refers to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sqla_lint.project import models as mapped
from sqla_lint.project.linked import Project as Linked
from sqla_lint.project.mapping import Attribute, Column, Relation, Relationship, Table
from sqla_lint.project.mapping import Model as Mapped


def near(word: str, names: Iterable[str]) -> str:
    """The name that was probably meant; "" when none is close."""
    found = difflib.get_close_matches(word, list(names), 1, 0.75)
    return found[0] if found else ""


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

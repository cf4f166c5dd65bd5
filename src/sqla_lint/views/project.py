"""A whole project: its models, tables, mixins and bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqla_lint.project.linked import Project as Linked
from sqla_lint.project.mapping import Attribute, Mixin, Model
from sqla_lint.project.models import Models


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

    def classes(self) -> Iterator[Model | Mixin]:
        """Mapped classes, and the classes that give them columns; each once."""
        yield from self.models.models.values()
        yield from self.models.mixins.values()

    def attributes(self) -> Iterator[Attribute]:
        """What the bodies of those classes declare."""
        for one in self.classes():
            yield from one.attributes

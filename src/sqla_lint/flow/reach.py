"""An attribute of an object, or of the objects that its relationships lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.flow.heirs import of_heirs
from sqla_lint.project.linked import Project
from sqla_lint.project.loading import beyond, is_left_out, may_be_loaded

# Relationships one behind the other that are followed from an object.
REACH_DEPTH = 3


class Reach(NamedTuple):
    """``steps`` lead from an object of ``models[0]``: all but the last are relationships, each of
    the class beside it."""

    models: tuple[str, ...]
    steps: tuple[Mapped, ...]
    heir: str = ""  # whose attribute the last step is, when the class itself has none: `flow.heirs`

    @property
    def last(self) -> Mapped:
        """The attribute itself."""
        return self.steps[-1]

    @property
    def owner(self) -> str:
        """The class whose attribute it is."""
        return self.heir or self.models[-1]

    def model_of(self, depth: int) -> str:
        """The class of the objects that a step is read of."""
        return self.owner if depth == len(self.models) - 1 else self.models[depth]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the steps."""
        return tuple(step.name for step in self.steps)

    @property
    def path(self) -> str:
        """The names with dots between them."""
        return ".".join(self.names)

    @property
    def is_direct(self) -> bool:
        """An attribute of the object itself."""
        return len(self.steps) == 1

    @property
    def through_many(self) -> bool:
        """A collection surely stands on the way: of a relationship whose foreign key is not known
        it cannot be told."""
        return any(step.many is True for step in self.steps[:-1])

    @property
    def goes_back(self) -> bool:
        """The last step leads back to where the one before it came from: those objects are in the
        session, and are found without a statement."""
        if len(self.steps) < 2:
            return False
        return leads_back(self.models[-2], self.steps[-2], self.last)

    @property
    def rounds(self) -> int:
        """How often the last step is taken, one time after the other: more than once in a tree."""
        last = (self.models[-1], self.last.name)
        steps = reversed([(m, s.name) for m, s in zip(self.models, self.steps, strict=True)])
        return sum(1 for _ in takewhile(lambda step: step == last, steps))

    def behind(self, loaded: frozenset[str]) -> frozenset[str]:
        """What the options of a statement load of the object whose attribute it is."""
        for step in self.steps[:-1]:
            loaded = beyond(loaded, step.name)
        return loaded

    def is_reached(self, loaded: frozenset[str]) -> bool:
        """All relationships on the way may be loaded: reading none of them fails before."""
        for step in self.steps[:-1]:
            if step.load != "eager" and not may_be_loaded(loaded, step.name):
                return False
            loaded = beyond(loaded, step.name)
        return True

    def may_be_loaded(self, loaded: frozenset[str]) -> bool:
        """Some option may load it."""
        return may_be_loaded(self.behind(loaded), self.last.name)

    def is_left_out(self, loaded: frozenset[str]) -> bool:
        """Options surely leave it out."""
        return not self.last.always and is_left_out(self.behind(loaded), self.last.name)


def leads_back(model: str, before: Mapped, last: Mapped) -> bool:
    """An attribute leads from where a relationship of a model led back to that model."""
    relation, other = before.relation, last.relation
    if relation is None or last.many is True or model != last.target:
        return False
    if not relation.reverse and other is not None and not other.reverse:
        return True  # by the same foreign key, as it seems: no side names the other
    return relation.reverse == last.name


def direct(model: str, attribute: Mapped) -> Reach:
    """An attribute of the object itself."""
    return Reach((model,), (attribute,))


def reaches(project: Project, model: str, names: Iterable[str]) -> Iterator[Reach]:
    """The attributes that these names may mean: of a model, and of what is behind relationships
    that are among them."""
    plain = sorted({part for name in names for part in name.split(".")})
    waiting: list[tuple[tuple[str, ...], tuple[Mapped, ...]]] = [((model,), ())]
    while waiting:
        models, before = waiting.pop(0)
        for name in plain:
            attribute = mapped(project, models[-1], name)
            if attribute is None:
                below = of_heirs(project, models[-1]).get(name)
                if below is not None:
                    yield Reach(models, (*before, below.attribute), below.heir)
                continue
            reach = Reach(models, (*before, attribute))
            yield reach
            leads = attribute.role == "relationship" and attribute.load and attribute.target
            if leads and len(reach.steps) < REACH_DEPTH and not reach.goes_back:
                waiting.append(((*models, attribute.target), reach.steps))

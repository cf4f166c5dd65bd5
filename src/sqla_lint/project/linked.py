"""The linked project: what rules and the flow analysis ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from sqla_lint.catalog import Catalog, kinds
from sqla_lint.project.bodies import Shelf
from sqla_lint.project.changes import Question
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.mapped import models_of
from sqla_lint.project.models import Models
from sqla_lint.project.order import Plan
from sqla_lint.project.passed import Key, Passed
from sqla_lint.project.shared import Shared

# A function that has an operand of one of these kinds is looked at by rules.
DATABASE_KINDS = frozenset(
    {
        kinds.ENGINE,
        kinds.CONNECTION,
        kinds.RAW_CONNECTION,
        kinds.SESSION,
        kinds.SESSION_FACTORY,
        kinds.SCOPED_SESSION,
        kinds.TRANSACTION,
        kinds.SAVEPOINT,
        kinds.RESULT,
        kinds.QUERY,
        kinds.SELECT,
        kinds.INSERT,
        kinds.UPDATE,
        kinds.DELETE,
        kinds.TEXT,
        kinds.COLUMN_EXPR,
        kinds.MAPPED_CLASS,
        kinds.ENTITY,
        kinds.FLASK_DB,
        kinds.METADATA,
    }
)


@dataclass(slots=True)
class Inferred:
    """The last inference of a function, and the answers it rests on."""

    typed: Typed  # without the kinds of operands where no database is touched
    asked: dict[Question, object]
    passed: Passed  # (function label, parameter) → what its calls pass
    unresolved: Counter[str]  # reason → receivers of database calls whose kind is not known
    rests: tuple[Question, ...] | None  # what these answers change with; None: who knows
    since: int  # the time on the clock of `Knowledge.changes` when they were the same


class Lineage(NamedTuple):
    """What the bases of the classes of a module rest on."""

    rests: tuple[Question, ...]
    since: int


@dataclass(slots=True)
class Project:
    """The linked project: what rules and the flow analysis ask."""

    knowledge: Knowledge
    typed: dict[str, Typed] = field(default_factory=dict)  # functions that touch a database
    troubles: dict[str, tuple[str, str]] = field(default_factory=dict)  # label → path, message
    inferred: dict[str, Inferred] = field(default_factory=dict)  # every function, as it was last
    plans: dict[str, Plan] = field(default_factory=dict)  # module → the turns of its functions
    lineages: dict[str, Lineage] = field(default_factory=dict)  # module → see there
    # what functions want for parameters by themselves, as it was before callers told
    wanted: dict[Key, Kind] = field(default_factory=dict)
    taken_back: Counter[Key] = field(default_factory=Counter)  # how often callers disagreed again
    mapped: Models | None = None  # see `models`
    # what rules have worked out about the whole project, by name; void when a module changes
    memo: dict[str, object] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)  # module → modules it imports
    shelf: Shelf | None = None  # where bodies are put away, of a large program
    shared: Shared = field(default_factory=Shared)  # what the operations of a large program have

    @property
    def catalog(self) -> Catalog:
        """What SQLAlchemy is, for the target version."""
        return self.knowledge.catalog

    @property
    def models(self) -> Models:
        """The mapped classes and tables, found when they are first asked for."""
        if self.mapped is None:
            self.mapped = models_of(self.knowledge)
        return self.mapped

    @property
    def dialects(self) -> frozenset[str]:
        """The database that the settings name, else those that the project's URLs name."""
        told = self.knowledge.told.dialect
        if told:
            return frozenset({told.replace("postgresql", "postgres")})
        return self.models.imports.dialects()

"""The linked project: what rules and the flow analysis ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqla_lint.catalog import Catalog, kinds
from sqla_lint.project.infer import Typed
from sqla_lint.project.knowledge import Knowledge

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
class Project:
    """The linked project: what rules and the flow analysis ask."""

    knowledge: Knowledge
    typed: dict[str, Typed] = field(default_factory=dict)  # functions that touch a database

    @property
    def catalog(self) -> Catalog:
        """What SQLAlchemy is, for the target version."""
        return self.knowledge.catalog

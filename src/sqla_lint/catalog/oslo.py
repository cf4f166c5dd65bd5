"""oslo.db's enginefacade: what its readers, writers and contexts give, by dotted names.

Source: oslo.db documentation, "Usage" (enginefacade), and the reference of `enginefacade`. A reader
or writer is refined by attributes in any order (``writer.independent.using(context)``), and every
`transaction_context()` has its own of both; so names are read part by part, not row by row.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds as k
from sqla_lint.catalog.objects import KEEPS, Given

FACADE = "oslo_db.sqlalchemy.enginefacade."
# The object that has the session while a decorated function or a `using()` block runs.
CONTEXT = f"{FACADE}Context()"
# The decorator of classes whose objects are such contexts.
PROVIDES_CONTEXT = f"{FACADE}transaction_context_provider"

_MODES = frozenset({"reader", "writer"})
_REFINEMENTS = frozenset(
    {"independent", "savepoint", "connection", "async_", "allow_async", "replace", "transaction"}
)

# Objects of libraries that stand for the same thing.
SAME: dict[str, str] = {
    "neutron_lib.db.api.CONTEXT_READER": f"{FACADE}reader",
    "neutron_lib.db.api.CONTEXT_WRITER": f"{FACADE}writer",
    "neutron_lib.db.api.get_writer_session()": f"{FACADE}writer.get_sessionmaker()()",
    "neutron_lib.db.api.get_reader_session()": f"{FACADE}reader.get_sessionmaker()()",
    "neutron_lib.context.get_admin_context()": CONTEXT,
    "neutron_lib.context.Context()": CONTEXT,
    f"{CONTEXT}.elevated()": CONTEXT,
}
# Classes of such contexts.
CONTEXTS: dict[str, str] = {
    "neutron_lib.context.Context": CONTEXT,
    "neutron_lib.context.ContextBaseWithSession": CONTEXT,
}
# Decorators that work with the session of the context in the parameter of this name.
TAKES_CONTEXT: dict[str, str] = {
    "neutron_lib.db.api.retry_if_session_inactive()": "context",
}

# Functions that give one of their arguments back, watched: at which position.
WRAPPERS: dict[str, int] = {"osprofiler.sqlalchemy.wrap_session": 1}

# A facade that is not told otherwise makes sessions with expire_on_commit=False.
LENT = Given(k.SESSION, owner="managed", traits=KEEPS)
_GIVEN: dict[str, Given] = {
    "get_engine()": Given(k.ENGINE),
    "get_sessionmaker()": Given(k.SESSION_FACTORY, traits=KEEPS),
    "get_sessionmaker()()": Given(k.SESSION, owner="local", traits=KEEPS),
}


def is_mode(label: str) -> bool:
    """A reader or a writer, refined or not: decorates functions, and lends by ``using()``."""
    if not label.startswith(FACADE):
        return False
    parts = label[len(FACADE) :].split(".")
    refined = [part for part in parts if part != "transaction_context()"]
    return bool(_MODES.intersection(refined)) and set(refined) <= _MODES | _REFINEMENTS


def plain(label: str) -> str:
    """The same reader or writer, whichever facade it is of."""
    return label.replace("transaction_context().", "")


def is_known(label: str) -> bool:
    """A facade, a reader or writer, or a context."""
    return label in (CONTEXT, f"{FACADE}transaction_context()") or is_mode(label)


def given(label: str) -> Given | None:
    """What one of the facade's objects is, when it is an engine or a factory."""
    mode, _, last = label.rpartition(".")
    return _GIVEN.get(last) if last in _GIVEN and is_mode(mode) else None


def lent(label: str) -> Given | None:
    """What a ``with`` over it binds: ``reader.using(context)``."""
    mode, _, last = label.rpartition(".")
    if last != "using()" or not is_mode(mode):
        return None
    connected = "connection" in mode.split(".")
    return Given(k.CONNECTION, owner="managed") if connected else LENT

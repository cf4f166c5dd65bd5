"""Corrections to what SQLAlchemy's annotations say, each with its reason.

``where`` is a kind (``!``: the asyncio twin) or, for functions, "". A correction applies to what
exists; it adds nothing, except where ``adds`` names the versions in which the member exists though
no class statement shows it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds as k


class Override(NamedTuple):
    where: str
    names: str  # space-separated
    fields: dict[str, object]  # of Member
    why: str
    adds: tuple[str, ...] = ()


OVERRIDES: tuple[Override, ...] = (
    # --- annotated with a type variable of a base class
    Override(
        k.CONNECTION + "!", "__aenter__ start", {"returns": k.SELF, "is_async": True},
        "StartableContext[AsyncConnection]: entering gives the connection itself",
    ),
    Override(
        k.TRANSACTION + "!", "__aenter__ start", {"returns": k.SELF, "is_async": True},
        "StartableContext, as for AsyncConnection",
    ),
    Override(
        k.SAVEPOINT + "!", "__aenter__ start", {"returns": k.SELF, "is_async": True},
        "StartableContext, as for AsyncConnection",
    ),
    # --- annotated Any, or too wide
    Override(
        k.SESSION,
        "no_autoflush",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "property": True},
        "a property that is a context manager over the session itself",
    ),
    Override(
        k.SCOPED_SESSION,
        "no_autoflush",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "property": True},
        "proxied; annotated Any. What `with` binds is the Session, not the registry",
    ),
    Override(
        k.SESSION + "!",
        "no_autoflush",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "property": True},
        "proxied from Session, annotated Any; a plain `with`, binding the *sync* Session",
    ),
    Override(
        k.SCOPED_SESSION + "!",
        "no_autoflush",
        {"returns": k.CONTEXT_MANAGER, "enters": k.SESSION, "property": True},
        "as for AsyncSession",
    ),
    Override(
        k.SESSION,
        "get_bind",
        {"returns": k.ENGINE},
        "Union[Engine, Connection]; an Engine unless the Session was bound to a Connection",
    ),
    Override(
        k.SCOPED_SESSION,
        "get_bind",
        {"returns": k.ENGINE},
        "as for Session",
    ),
    Override(
        k.SESSION + "!",
        "get_bind",
        {"returns": k.ENGINE, "is_async": False},
        "gives the sync Engine below the AsyncEngine",
    ),
    Override(
        k.SCOPED_SESSION + "!",
        "get_bind",
        {"returns": k.ENGINE, "is_async": False},
        "as for AsyncSession",
    ),
    Override(
        k.CONNECTION,
        "begin_nested",
        {"returns": k.SAVEPOINT},
        "1.4 may also give a Transaction",
    ),
    Override(
        k.SESSION,
        "begin_nested",
        {"returns": k.SAVEPOINT},
        "the class is SessionTransaction, as for begin(); what it means is a savepoint",
    ),
    Override(k.SCOPED_SESSION, "begin_nested", {"returns": k.SAVEPOINT}, "as for Session"),
    Override(
        k.SESSION,
        "get_nested_transaction",
        {"returns": k.SAVEPOINT},
        "as for begin_nested",
    ),
    Override(
        k.CONNECTION + "!",
        "begin_nested get_nested_transaction",
        {"returns": k.SAVEPOINT},
        "AsyncTransaction in both uses",
    ),
    Override(
        k.SESSION + "!",
        "begin_nested get_nested_transaction",
        {"returns": k.SAVEPOINT},
        "AsyncSessionTransaction in both uses",
    ),
    Override(
        k.SCOPED_SESSION + "!",
        "begin_nested",
        {"returns": k.SAVEPOINT},
        "as for AsyncSession",
    ),
)

"""What is followed through a function: an object, by the operation that makes it or by its name."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import Kind

SELF = "self"  # the object itself, or its context manager
OF_SESSION = "s:"  # before the role of a name of the session of an object: see `flow.entities`

Position = tuple[int, int]  # block, operation
NOWHERE: Position = (-1, -1)


class Root(NamedTuple):
    """A tracked object: made by an operation, or a handle that was there before (``place``).

    ``also`` are other names of the same object: `db.session` and `User.query` hang on one session.
    """

    kind: Kind
    position: Position  # the operation that made it, or NOWHERE
    place: Place = ""
    role: str = SELF
    also: tuple[tuple[Place, str], ...] = ()


def opened_as(op: Op, root: Root) -> frozenset[tuple[Place, str]]:
    """The names of an object after the operation that makes it: a ``with`` without ``as`` binds
    none, but what it enters may hold the object."""
    bound = {(op.dst, root.role)} if op.dst is not None else set()
    return frozenset({*bound, *root.also})

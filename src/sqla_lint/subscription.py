"""What a rule subscribes to: which operations it wants to see, in which functions.

A rule says it in ``@rule(on=...)``; `lint` makes a table of it, so that a rule costs nothing where
it does not apply. A rule that says nothing sees everything its view has to show.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Do


class On(NamedTuple):
    """An empty field asks for nothing in particular."""

    do: frozenset[str] = frozenset()  # what the operation does
    names: frozenset[str | None] = frozenset()  # its name: a method, an operator
    receivers: frozenset[str] = frozenset()  # kinds of what it is done on
    present: frozenset[str] = frozenset()  # kinds one of which some operand of the function has
    plain: bool = True  # also operations that have nothing of a database

    def wants(self, do: str, name: str | None) -> bool:
        """Whether an operation of this sort is shown, whatever it is done on."""
        return (not self.do or do in self.do) and (not self.names or name in self.names)


EVERYTHING = On()


def operations(
    *do: Do,
    names: Iterable[str | None] = (),
    receivers: Iterable[str] = (),
    present: Iterable[str] = (),
) -> On:
    """Operations that do one of these."""
    return On(frozenset(do), frozenset(names), frozenset(receivers), frozenset(present))


def calls(*names: str | None, receivers: Iterable[str] = (), present: Iterable[str] = ()) -> On:
    """Calls of methods of these names; None is a call of the receiver itself."""
    return On(frozenset({"call"}), frozenset(names), frozenset(receivers), frozenset(present))


def of_database(on: On) -> On:
    """The same, where the receiver, the result or an argument has to do with a database."""
    return on._replace(plain=False)


def functions_with(*kinds: str) -> On:
    """Functions in which something is of one of these kinds."""
    return On(present=frozenset(kinds))


# Calls that run a statement on a Session or Connection; Alembic's are named the same.
EXECUTING = calls("execute", "scalar", "scalars", "stream", "stream_scalars", "exec")
# Calls that may send a statement, or a Query of its own.
SENDING = calls(receivers=[kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION, kinds.QUERY])
# Functions that have something that has transactions.
IN_TRANSACTIONS = functions_with(
    kinds.CONNECTION,
    kinds.QUERY,
    kinds.RAW_CONNECTION,
    kinds.SAVEPOINT,
    kinds.SCOPED_SESSION,
    kinds.SESSION,
    kinds.TRANSACTION,
)
# The same, and functions that may enter a unit of work of the project's, which keeps its session.
IN_UNITS = functions_with(*IN_TRANSACTIONS.present, kinds.INSTANCE)

"""What the body of a function says of a parameter that says nothing itself.

A parameter that is replaced where it is missing is of the kind of what replaces it:
``if session is None: session = Session()``, ``session = session or Session()``.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds, oslo
from sqla_lint.ir import Function
from sqla_lint.project.kind import FOREIGN, Kind

# Of these one is as good as another to whoever uses it: code that takes either is written for both.
_STAND_INS = frozenset(
    {
        kinds.CONNECTION,
        kinds.ENGINE,
        kinds.FLASK_DB,
        kinds.INSTANCE,
        kinds.SCOPED_SESSION,
        kinds.SESSION,
        kinds.SESSION_FACTORY,
    }
)


def replaces(kind: Kind) -> bool:
    """What stands beside it in ``x or kind`` is of the same kind, as far as it is used."""
    return kind.name in _STAND_INS or (kind.name == FOREIGN and oslo.is_known(kind.label))


def replaced(function: Function) -> dict[int, frozenset[str]]:
    """Blocks that are only reached while a parameter is missing, with these parameters."""
    found: dict[int, frozenset[str]] = {}
    names = {param.name for param in function.params}
    if not names:
        return found
    for block in function.blocks:
        for edge in block.edges:
            test = edge.test
            if test is not None and test.place in names and test.holds is (test.is_ == "none"):
                found[edge.to] = found.get(edge.to, frozenset()) | {test.place}
    return found


def guards(function: Function) -> dict[str, str]:
    """The results of tests with the place whose being there they tell: ``x is not None``."""
    found: dict[str, str] = {}
    for block in function.blocks:
        if block.ops and block.ops[-1].do == "test" and isinstance(block.ops[-1].on, str):
            places = {edge.test.place for edge in block.edges if edge.test is not None}
            if len(places) == 1:
                found[block.ops[-1].on] = places.pop()
    return found

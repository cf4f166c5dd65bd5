"""What the body of a function says of a parameter that says nothing itself.

A parameter that is replaced where it is missing is of the kind of what replaces it:
``if session is None: session = Session()``, ``session = session or Session()``.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds, oslo
from sqla_lint.ir import Function
from sqla_lint.project.kind import FOREIGN, Kind


def replaces(kind: Kind) -> bool:
    """What stands beside it in ``x or kind`` is of the same kind, as far as it is used: of handles
    one is as good as another to whoever uses it, and code that takes either is written for both."""
    return kind.name in kinds.HANDLES or (kind.name == FOREIGN and oslo.is_known(kind.label))


# The same of a variable that some call of nobody knows what gives where it is there.
_KEPT_SOMEWHERE = frozenset(
    {kinds.INSTANCE, kinds.SCOPED_SESSION, kinds.SESSION, kinds.SESSION_FACTORY}
)


def replaces_unknown(kind: Kind) -> bool:
    """What is made where a variable is missing is what is found where it is not:
    ``session = cache.get(key)``, ``if session is None: session = Session()``."""
    return kind.name in _KEPT_SOMEWHERE


def replaced(function: Function) -> dict[int, frozenset[str]]:
    """Blocks that are only reached while a variable is missing, with these variables."""
    found: dict[int, frozenset[str]] = {}
    for block in function.blocks:
        for edge in block.edges:
            test = edge.test
            if (
                test is not None
                and test.holds is (test.is_ == "none")
                and test.place.isidentifier()
            ):
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


def kept_in(function: Function, name: str) -> set[str]:
    """The attributes in which a variable is kept: ``self.engine = engine``."""
    return {
        op.dst
        for block in function.blocks
        for op in block.ops
        if op.do == "setattr" and op.dst is not None and op.args and op.args[0].value == name
    }


def is_kept(function: Function, place: str) -> bool:
    """What a function returns has a place of its own, where the function finds it the next time: an
    attribute, an element of a container, a global variable."""
    if "." in place or place in function.globals:
        return True
    ops = [op for block in function.blocks for op in block.ops]
    names = {place, *(op.on for op in ops if op.do == "move" and op.dst == place)}
    names |= {op.dst for op in ops if op.do == "move" and op.on in names and op.dst is not None}
    return any(
        (op.do in ("setattr", "setitem") and op.args and op.args[-1].value in names)
        or (op.do == "getitem" and op.dst in names)
        or (op.do == "move" and op.dst in names and op.dst in function.globals)
        for op in ops
    )

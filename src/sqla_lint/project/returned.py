"""What the return annotation of a function says where its body says nothing."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Function
from sqla_lint.project.bodies import may_say
from sqla_lint.project.containers import CONTAINERS
from sqla_lint.project.kind import FOREIGN, NAME, NONE, UNKNOWN, Kind
from sqla_lint.project.variables import is_some

# What a body gives when it says nothing of use: a call of an unknown library, `...`, `pass`,
# `raise NotImplementedError`.
_SAY_NOTHING = frozenset({kinds.UNKNOWN, kinds.NONE, NAME, FOREIGN})
_YIELDING = frozenset({kinds.GENERATOR, kinds.COLLECTION})


def declared(
    function: Function, annotation: Kind, returns: Kind, yields: Kind
) -> tuple[Kind, Kind]:
    """What a function returns and yields, by its body and else by its annotation.

    Nobody knows who must end what an annotation alone tells of.
    """
    if annotation == NONE or not (annotation.known or annotation.traits):
        return returns, yields
    if not function.is_generator:
        some = is_some(returns) and not is_some(annotation)
        silent = returns.name in _SAY_NOTHING or some
        silent = silent or _says_less(returns, annotation)
        return (annotation if silent else returns), yields
    if yields.name in _SAY_NOTHING and annotation.name in _YIELDING and annotation.of:
        return returns, annotation.of[0]
    return returns, yields


def _says_less(returns: Kind, annotation: Kind) -> bool:
    """The body gives a container of nobody knows what, and the annotation says of what."""
    if returns.name not in CONTAINERS or annotation.name not in CONTAINERS:
        return False
    return any(one.known for one in annotation.of) and not any(one.known for one in returns.of)


def hands_back(decorator: Function) -> bool:
    """It gives the function that it is put on: by its body, or by its annotations, where a variable
    stands for the type of both (``def d(f: F) -> F``)."""
    params = [param for param in decorator.params if param.kind in ("positional", "normal")]
    if len(params) != 1:
        return False
    given, says = params[0], decorator.returns
    if says is not None and says.kind == "name" and given.ann is not None:
        return given.ann.kind == "name" and given.ann.name == says.name
    ops = [op for block in decorator.blocks for op in block.ops]
    returned = {op.on for op in ops if op.do == "return"}
    return returned == {given.name} and not any(op.dst == given.name for op in ops)


def yielded(function: Function, summary_yields: Kind, summary_returns: Kind) -> Kind:
    """What the body of a ``with`` over a context manager gets.

    An abstract one has no ``yield``: ``def session(self) -> Iterator[Session]: ...``.
    """
    if function.is_generator:
        return summary_yields
    if summary_returns.name in _YIELDING and summary_returns.of:
        return summary_returns.of[0]
    return UNKNOWN


def is_left_to_others(function: Function) -> bool:
    """A method that says it is for the classes below: all it does is raise NotImplementedError."""
    if not may_say(function, _NOT_IMPLEMENTED) or len(function.blocks) != _STRAIGHT:
        return False
    ops = function.blocks[ENTRY].ops
    if not ops or ops[-1].do != "raise":
        return False
    raised = ops[-1].on
    if raised == _NOT_IMPLEMENTED:
        return True
    return any(op.dst == raised and op.on == _NOT_IMPLEMENTED for op in ops)


_NOT_IMPLEMENTED = "NotImplementedError"
_STRAIGHT = 3  # blocks of a function without branches


def handed_through(function: Function) -> str | None:
    """The attribute that a `__getattr__` asks for all that it is asked for itself:
    ``return getattr(self._session, name)``."""
    if len(function.params) != _SELF_AND_NAME or not may_say(function, "getattr"):
        return None
    own, name = [param.name for param in function.params]
    ops = [op for block in function.blocks for op in block.ops]
    kept = {op.dst: op.name for op in ops if op.do == "getattr" and op.on == own}
    for op in ops:
        if op.do == "call" and op.on == "getattr" and len(op.args) > 1 and op.args[1].value == name:
            value = op.args[0].value
            found = kept.get(value) if isinstance(value, str) else None
            if found is None and isinstance(value, str) and value.startswith(f"{own}."):
                found = value.removeprefix(f"{own}.")
            return found if found is not None and found.isidentifier() else None
    return None


_SELF_AND_NAME = 2

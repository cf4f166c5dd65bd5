"""Which operations may have given a place its value, looking back from where it is read.

A way on which a test has already shown that the value is one of those allowed (``if x not in
ALLOWED: raise``, ``x.isdigit()``, ``isinstance(x, int)``) ends at that test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqla_lint.ir import ENTRY, Const, Edge, Function, Op, Operand, Place

Position: TypeAlias = tuple[int, int]  # block and operation
# A call that only returns when what this place holds is allowed.
Admits: TypeAlias = Callable[[Position, Place], bool]


class Definitions(NamedTuple):
    """Where a value may come from: operations, the function's entry, or past a test of it."""

    positions: tuple[Position, ...]
    entry: bool = False
    tested: bool = False


# Looking back past more blocks than this costs more than an answer is worth: unknown instead.
SEARCH_LIMIT = 600

_SHAPE_TESTS = frozenset(
    {"isdigit", "isdecimal", "isnumeric", "isidentifier", "isalnum", "isalpha"}
)
_NO_TEXT = frozenset({"int", "float", "bool", "UUID", "Decimal", "date", "datetime", "Enum"})
_MATCHES = frozenset({"match", "fullmatch"})


@dataclass
class Graph:
    """A function's blocks, ready to be walked backwards."""

    function: Function
    before: list[list[tuple[int, Edge | None]]] = field(default_factory=list)
    makers: dict[Place, list[Position]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        blocks = self.function.blocks
        self.before = [[] for _ in blocks]
        for number, block in enumerate(blocks):
            for edge in block.edges:
                self.before[edge.to].append((number, edge))
            for handler in block.handlers:
                self.before[handler.to].append((number, None))
            if any(op.raises for op in block.ops):
                self.before[block.exc].append((number, None))
            for i, op in enumerate(block.ops):
                if op.dst is not None:
                    self.makers.setdefault(op.dst, []).append((number, i))

    def op(self, position: Position) -> Op:
        """The operation at a position."""
        return self.function.blocks[position[0]].ops[position[1]]

    def definitions(self, place: Place, at: Position, admits: Admits) -> Definitions:
        """What may have given ``place`` the value it has before the operation ``at``."""
        if place[0] == "%":
            return Definitions(tuple(self.makers.get(place, ())))
        root = place.partition(".")[0]
        read: Position | None = None  # an attribute: the last read of it is its definition
        found: dict[Position, None] = {}
        entry = tested = False
        waiting = [at]
        seen: set[int] = set()
        while waiting:
            if len(seen) > SEARCH_LIMIT:
                return Definitions((), entry=True)
            number, stop = waiting.pop()
            ops = self.function.blocks[number].ops
            for i in range(stop - 1, -1, -1):
                op = ops[i]
                if op.dst == place and op.do == "getattr":
                    read = read or (number, i)
                    continue
                if op.dst == place and op.do != "declare":
                    found[number, i] = None
                    break
                if op.dst == root and read is not None:
                    found[read] = None
                    break
                given = op.do == "call" and op.discarded and place in [a.value for a in op.args]
                if given and admits((number, i), place):
                    tested = True
                    break
            else:
                if number == ENTRY and read is not None:
                    found[read] = None
                elif number == ENTRY and "@" not in place:  # a comprehension binds its variables
                    entry = True
                for earlier, edge in self.before[number]:
                    if edge is not None and self.shows(edge, place):
                        tested = True
                    elif earlier not in seen:
                        seen.add(earlier)
                        waiting.append((earlier, len(self.function.blocks[earlier].ops)))
        return Definitions(tuple(sorted(found)), entry, tested)

    def shows(self, edge: Edge, place: Place) -> bool:
        """Taking an edge means that ``place`` is one of the values that were allowed."""
        if edge.test is None or edge.test.is_ != "true":
            return False
        return self.decides(edge.test.place, place, edge.test.holds)

    def decides(self, test: Operand | None, place: Place, holds: bool) -> bool:
        """That ``test`` is true (or false) means that ``place`` is one of the values allowed."""
        if not isinstance(test, str):
            return False
        for position in self.makers.get(test, ()) if test[0] == "%" else ():
            op = self.op(position)
            if op.do == "unary" and op.name == "not":
                return self.decides(op.on, place, not holds)
            if op.do == "compare" and op.args:
                return _compares(op, place, holds) and not self._is_text(op.args[0].value)
            if op.do == "call" and holds:
                return _calls(op, place)
        return False

    def _is_text(self, operand: Operand) -> bool:
        """``x in "abc"`` asks for a part of a text, not for one of several values."""
        return isinstance(operand, Const) and isinstance(operand.value, str)


def _compares(op: Op, place: Place, holds: bool) -> bool:
    if op.on == place and op.name in ("in", "not in"):
        return holds is (op.name == "in")
    if op.name in ("==", "!="):
        sides = (op.on, op.args[0].value)
        if place in sides and any(isinstance(side, Const) for side in sides):
            return holds is (op.name == "==")
    return False


def _calls(op: Op, place: Place) -> bool:
    if op.on == place and op.name in _SHAPE_TESTS:
        return True
    given = [arg.value for arg in op.args]
    if op.name in _MATCHES:
        return place in given
    if op.name is None and op.on == "isinstance" and len(given) == 2:
        return given[0] == place and str(given[1]).rpartition(".")[2] in _NO_TEXT
    return False

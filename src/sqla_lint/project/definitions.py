"""Which operations may have given a place its value, looking back from where it is read.

A way on which a test has already shown that the value is one of those allowed (``if x not in
ALLOWED: raise``, ``x.isdigit()``, ``isinstance(x, int)``) ends at that test. So does a way that
answers the same test of the same value in two ways (``if isinstance(x, str): x = quote(x)``, and
``if isinstance(x, str)`` once more).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqla_lint.ir import ENTRY, Edge, Function, Op, Operand, Place
from sqla_lint.project import allowed
from sqla_lint.project.allowed import Admits
from sqla_lint.ways import behind

Position: TypeAlias = tuple[int, int]  # block and operation


class Definitions(NamedTuple):
    """Where a value may come from: operations, the function's entry, or past a test of it."""

    positions: tuple[Position, ...]
    entry: bool = False
    tested: bool = False


# Looking back past more blocks than this costs more than an answer is worth: unknown instead.
SEARCH_LIMIT = 600

# What the edges of a way have told of the value, by test.
Claim: TypeAlias = tuple[str, bool]
NOTHING: frozenset[Claim] = frozenset()


@dataclass
class Graph:
    """A function's blocks, ready to be walked backwards."""

    function: Function
    ends: frozenset[Position] = frozenset()  # calls that never come back
    before: list[list[tuple[int, Edge | None]]] = field(default_factory=list)
    makers: dict[Place, list[Position]] = field(default_factory=dict)
    _asked: set[int] = field(default_factory=set)  # loops whose turns are being looked at
    _in_flag: bool = False  # the settings of a variable are looked at
    _known: dict[tuple[Place, Position, Admits], Definitions] = field(default_factory=dict)
    _told: dict[tuple[Place, Place, tuple[Position, ...], Admits], bool] = field(
        default_factory=dict
    )

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

    def definitions(self, place: Place, at: Position, ask: Admits) -> Definitions:
        """What may have given ``place`` the value it has before the operation ``at``."""
        if place[0] == "%":
            return Definitions(tuple(self.makers.get(place, ())))
        if self._asked or self._in_flag:  # inside of a loop, of which it tells only half
            return self._found(place, at, ask)
        key = place, at, ask  # of one hole, half a dozen questions ask it
        if key not in self._known:
            self._known[key] = self._found(place, at, ask)
        return self._known[key]

    def _found(self, place: Place, at: Position, ask: Admits) -> Definitions:
        root = place.partition(".")[0]
        read: Position | None = None  # an attribute: the last read of it is its definition
        found: dict[Position, None] = {}
        entry = tested = False
        waiting = [(*at, False, False, NOTHING)]
        seen: set[tuple[int, bool, bool, frozenset[Claim]]] = set()
        while waiting:
            if len(seen) > SEARCH_LIMIT:
                return Definitions((), entry=True)
            number, stop, raised, was_ended, claims = waiting.pop()
            ops = self.function.blocks[number].ops
            for i in range(stop - 1, -1, -1):
                op = ops[i]
                if (number, i) in self.ends:
                    break
                if op.dst == place and op.do == "getattr":
                    read = read or (number, i)
                    continue
                if op.dst == place and op.do != "declare":
                    found[number, i] = None
                    break
                if op.dst == root and read is not None:
                    found[read] = None
                    break
                asks = op.do in ("call", "getitem") and place in [a.value for a in op.args]
                # what raised may have been the test
                if asks and not raised and (allowed.insists(op) or ask((number, i), place, None)):
                    tested = True
                    break
            else:
                if number == ENTRY and read is not None:
                    found[read] = None
                elif number == ENTRY and "@" not in place:  # a comprehension binds its variables
                    entry = True
                for earlier, edge in self.before[number]:
                    if edge is not None and allowed.shows(self, edge, place, ask):
                        tested = True
                        continue
                    ended = edge is not None and edge.when == "done"
                    if ended and self._all_allowed(earlier, place, ask):
                        tested = True
                        continue
                    # a comprehension that has ended binds nothing more: what it kept went
                    # through its conditions
                    ended = ended and "@" in place
                    if was_ended and edge is not None and edge.when == "false":
                        continue
                    claim = self._claim(edge, place) if edge is not None else None
                    if claim is not None and (claim[0], not claim[1]) in claims:
                        continue
                    told = claims if claim is None else claims | {claim}
                    raises = edge is None
                    if (earlier, raises, ended, told) not in seen:
                        seen.add((earlier, raises, ended, told))
                        last = len(self.function.blocks[earlier].ops)
                        waiting.append((earlier, last - 1 if ended else last, raises, ended, told))
        entry = entry and not (found and self.is_own(place))
        return Definitions(tuple(sorted(found)), entry, tested)

    def is_own(self, place: Place) -> bool:
        """A variable that the function binds itself: on a way that does not, reading it raises."""
        function = self.function
        return (
            function.kind not in ("class", "module")
            and place in function.locals
            and all(param.name != place for param in function.params)
        )

    def _claim(self, edge: Edge, place: Place) -> Claim | None:
        """What taking an edge says of the value: of which class it is, or that it is None."""
        test = edge.test
        if test is None:
            return None
        if test.place == place:
            return ("None", test.holds) if test.is_ == "none" else None
        made, holds = self.makers.get(test.place, ()), test.holds
        op = self.op(made[0]) if len(made) == 1 else None
        if op is not None and op.do == "unary" and op.name == "not":
            made, holds = self.makers.get(str(op.on), ()), not holds
            op = self.op(made[0]) if len(made) == 1 else None
        if op is None or op.do != "call" or op.on != "isinstance" or len(op.args) != 2:
            return None
        asked, of = (arg.value for arg in op.args)
        return (f"a {of}", holds) if asked == place and str(of)[:1] != "%" else None

    def decides(self, test: Operand | None, place: Place, holds: bool, ask: Admits) -> bool:
        """That ``test`` is true (or false) means that ``place`` is one of the values allowed."""
        return allowed.decides(self, test, place, holds, ask)

    def all_tested(
        self, variable: Place, place: Place, ways: Sequence[Position], ask: Admits
    ) -> bool:
        """Wherever the variable is set, a test has shown that ``place`` is allowed. A test of
        another such variable shows nothing: each would be looked at below each other one."""
        if self._in_flag:
            return False
        key = variable, place, tuple(ways), ask
        if key not in self._told:
            self._in_flag = True
            self._told[key] = all(
                one.tested and not one.positions and not one.entry
                for one in (self.definitions(place, at, ask) for at in ways)
            )
            self._in_flag = False
        return self._told[key]

    def _all_allowed(self, head: int, place: Place, ask: Admits) -> bool:
        """A loop over ``place`` that has come to its end: each turn of it tests its element."""
        last = self.function.blocks[head].ops[-1:]
        if head in self._asked or not last or last[0].dst is None:
            return False
        if not allowed.takes_from(self, last[0], place):
            return False
        inside = self._inside(head)
        self._asked.add(head)
        turns = [
            self.definitions(last[0].dst, (earlier, len(self.function.blocks[earlier].ops)), ask)
            if edge is None or not allowed.shows(self, edge, last[0].dst, ask)
            else None
            for earlier, edge in self.before[head]
            if earlier in inside
        ]
        self._asked.discard(head)
        return bool(turns) and all(
            turn is None or (turn.tested and not turn.positions and not turn.entry)
            for turn in turns
        )

    def _inside(self, head: int) -> set[int]:
        """The blocks that a turn of a loop may come through."""
        blocks = self.function.blocks
        starts = [edge.to for edge in blocks[head].edges if edge.when == "item"]
        return behind(blocks, starts, stop={head}, swallowed=True) - {head}

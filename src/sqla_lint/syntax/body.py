"""The graph of one function under construction: what the lowering of each construct writes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from sys import intern
from typing import Final, TypeAlias

import libcst as cst

from sqla_lint import ir
from sqla_lint.ir import Ann, Arg, Block, Const, Do, Edge, Op, Operand, Place, Ref, Test, When
from sqla_lint.syntax.graph import UNLED
from sqla_lint.syntax.names import Scope, inner_name
from sqla_lint.syntax.ways import Frame, Way, function_frame, lead

# Names are interned: many functions and modules use the same ones, and a program keeps them all.

# Longer attribute paths are read into temporaries: their names would grow with the square.
PATH_PARTS: Final = 8

# What cannot raise in the model, but may be why somebody wrote a `try`.
SUSPECTS: Final[frozenset[Do]] = frozenset(
    {
        "augassign",
        "binop",
        "closure",
        "compare",
        "delete",
        "format",
        "getattr",
        "move",
        "return",
        "setattr",
        "unary",
        "unpack",
    }
)

ValueTable: TypeAlias = Mapping[type[cst.CSTNode], Callable[..., Operand]]
StatementTable: TypeAlias = Mapping[type[cst.CSTNode], Callable[..., None]]


@dataclass(slots=True, eq=False)
class Unit:
    """What the bodies of one file share."""

    module: ir.Module
    refs: dict[int, Ref]
    values: ValueTable
    statements: StatementTable
    scopes: list[Scope] = field(default_factory=list)
    pending: list[Callable[[], None]] = field(default_factory=list)
    # A definition in a `finally` body is lowered once, however many copies the body has.
    defined: dict[int, Scope] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    closures: list[tuple[Block, int, Scope]] = field(default_factory=list)

    def unique(self, qualname: str) -> str:
        count = self.taken.get(qualname, 0) + 1
        self.taken[qualname] = count
        return qualname if count == 1 else f"{qualname}#{count}"


class Body:
    """A function being lowered: the block at hand, the frame around it, its scope."""

    __slots__ = (
        "blocks",
        "comps",
        "copying",
        "facts",
        "frame",
        "function",
        "here",
        "last_comp",
        "last_loop",
        "last_temp",
        "loops",
        "scope",
        "unit",
        "values",
        "wary",
    )

    def __init__(self, unit: Unit, scope: Scope, function: ir.Function) -> None:
        self.unit = unit
        self.values = unit.values
        self.scope = scope
        self.function = function
        self.blocks: list[Block] = [Block(exc=UNLED), Block(exc=UNLED), Block(exc=UNLED)]
        self.here = self.blocks[ir.ENTRY]
        self.frame: Frame = function_frame()
        self.loops: tuple[int, ...] = ()
        self.comps: tuple[dict[str, Place], ...] = ()
        self.facts: dict[Place, Test] = {}  # what it means that a temporary is true
        self.copying = 0  # how many copies of `finally` bodies we are inside of
        self.wary = False  # in a `try` whose author expects an attribute or a name to raise
        self.last_temp = self.last_comp = self.last_loop = 0

    # --- places and names

    def ref(self, node: cst.CSTNode) -> Ref:
        return self.unit.refs[id(node)]

    def temp(self) -> Place:
        self.last_temp += 1
        return intern(f"%{self.last_temp}")

    def read(self, name: str) -> Place:
        for scope in reversed(self.comps):
            if name in scope:
                return scope[name]
        name = intern(name)
        self.scope.read.add(name)
        return name

    def bind(self, name: str) -> Place:
        name = intern(name)
        self.scope.bound.add(name)
        return name

    def bind_target(self, name: str) -> Place:
        """Like `bind`, for targets that may belong to a comprehension."""
        if self.comps and name in self.comps[-1]:
            return self.comps[-1][name]
        return self.bind(name)

    # --- blocks and edges

    def block(self, loops: tuple[int, ...] | None = None) -> int:
        """A new block in the loops of the code at hand, or in the given ones."""
        self.blocks.append(Block([], [], UNLED, (), self.loops if loops is None else loops))
        return len(self.blocks) - 1

    def start(self, block: int) -> None:
        """Go on in ``block``, under the frame at hand. Each block is started once."""
        self.here = self.blocks[block]

    def edge(self, to: int, when: When = "next", test: Test | None = None) -> None:
        self.here.edges.append(Edge(to, when, test))

    def go(self, to: int) -> None:
        """Continue in ``to``, which is started elsewhere; what follows here is dead code."""
        self.here.edges.append(Edge(to))
        self.start(self.block())

    def fall(self, to: int) -> None:
        """Continue in ``to`` and start it."""
        self.here.edges.append(Edge(to))
        self.start(to)

    def fresh(self) -> None:
        """Go on in a new block: the frame at hand has changed."""
        self.fall(self.block())

    def leave(self, way: Way) -> None:
        """Go where ``way`` leads; what follows here is dead code."""
        self.go(lead(self.frame, way))

    def dead_end(self) -> None:
        """Nothing follows; the last operation raises."""
        self.start(self.block())

    @contextmanager
    def elsewhere(self, block: int, frame: Frame, loops: tuple[int, ...]) -> Iterator[None]:
        """Lower something into ``block`` under another frame, then come back."""
        saved = self.here, self.frame, self.loops, self.comps, self.wary
        self.frame, self.loops, self.comps, self.wary = frame, loops, (), False
        self.start(block)
        try:
            yield
        finally:
            self.here, self.frame, self.loops, self.comps, self.wary = saved

    @contextmanager
    def loop(self) -> Iterator[None]:
        outer = self.loops
        self.last_loop += 1
        self.loops = (*outer, self.last_loop)
        try:
            yield
        finally:
            self.loops = outer

    @contextmanager
    def framed(self, frame: Frame) -> Iterator[None]:
        outer = self.frame
        self.frame = frame
        try:
            yield
        finally:
            self.frame = outer

    # --- operations

    def emit(
        self,
        do: Do,
        at: Ref,
        dst: Place | None = None,
        on: Operand | None = None,
        name: str | None = None,
        args: tuple[Arg, ...] = (),
        ann: Ann | None = None,
    ) -> None:
        """Append an operation that cannot raise (in the model, see `raising`)."""
        if self.wary and do in SUSPECTS:
            self.raising(do, at, dst, on, name, args, ann)
            return
        self.here.ops.append(Op(do, at, dst, on, name and intern(name), args, False, False, ann))

    def raising(
        self,
        do: Do,
        at: Ref,
        dst: Place | None = None,
        on: Operand | None = None,
        name: str | None = None,
        args: tuple[Arg, ...] = (),
        ann: Ann | None = None,
    ) -> None:
        """Append an operation that may raise.

        The model: calls, await, yield, entering and leaving ``with``, the next element of a loop,
        subscripts, raise, failing assertions and imports may raise; attribute access, arithmetic,
        comparison, formatting and unpacking may not, unless nothing else in the body of a ``try``
        could (see `exits.may_raise`).
        """
        here = self.here
        if here.exc == UNLED:
            here.exc = lead(self.frame, "exc")
        here.ops.append(Op(do, at, dst, on, name and intern(name), args, True, False, ann))

    def value(self, node: cst.CSTNode) -> Operand:
        """Lower an expression; the operand that holds its value."""
        return self.values[type(node)](self, node)

    def decide(self, operand: Operand, at: Ref, yes: int, no: int) -> None:
        """Test ``operand``: true leads to ``yes``, false to ``no``. Both are started elsewhere."""
        if isinstance(operand, Const):
            self.here.edges.append(Edge(yes if operand.value else no))
            return
        self.emit("test", at, on=operand)
        fact = self.facts.get(operand)
        if fact is None:
            fact = Test(operand, "true", True)
        self.here.edges.append(Edge(yes, "true", fact))
        self.here.edges.append(Edge(no, "false", fact._replace(holds=not fact.holds)))

    # --- nested definitions

    def inner_scope(self, node: cst.CSTNode, name: str, kind: str) -> tuple[Scope, bool]:
        """The scope of a nested definition, and whether it is met for the first time."""
        known = self.unit.defined.get(id(node))
        if known is not None:
            return known, False
        around: dict[str, Place] = {}
        for comp in self.comps:
            around.update(comp)
        qualname = self.unit.unique(inner_name(self.scope, name))
        assert kind in ("def", "lambda", "class")
        scope = Scope(qualname, kind, self.scope, around)  # type: ignore[arg-type]
        self.unit.defined[id(node)] = scope
        self.unit.scopes.append(scope)
        return scope, True

    def close_over(self, scope: Scope, at: Ref, dst: Place, decorators: tuple[Arg, ...]) -> None:
        """Append the closure operation; what it captures is filled in when the file is done."""
        self.unit.closures.append((self.here, len(self.here.ops), scope))
        self.emit("closure", at, dst, None, scope.qualname, decorators)

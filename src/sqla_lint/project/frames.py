"""A function as a reader of strings stands in it: its kinds, its graph, what its caller gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Const, Op, Operand
from sqla_lint.project.bodies import opened
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Graph, Position
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import UNKNOWN, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.raising import raises_always


@dataclass(eq=False)
class Frame:
    """A function, and for its parameters where their values come from, when that is known."""

    typed: Typed
    graph: Graph
    given: dict[str, Spot] = field(default_factory=dict)
    depth: int = 0  # how many calls lie between this and where the question was asked
    receiver: Spot | None = None  # the object whose method it is, where it is called

    @property
    def label(self) -> str:
        """``module:qualname``."""
        return f"{self.typed.module.name}:{self.typed.function.qualname}"

    def op(self, at: Position) -> Op:
        """The operation at a position."""
        return self.graph.op(at)

    def on(self, at: Position) -> Spot:
        """What an operation is done on."""
        op = self.op(at)
        assert op.on is not None
        return Spot(self, op.on, at, self.typed.on[at[0]][at[1]], op.at)

    def args(self, at: Position) -> list[Spot]:
        """The arguments of an operation; none where it is never reached."""
        given = self.typed.args[at[0]][at[1]]
        pairs = zip(self.op(at).args, given, strict=False)
        return [Spot(self, arg.value, at, kind, arg.at) for arg, kind in pairs]

    def returned(self) -> Iterator[Spot]:
        """What the function returns."""
        for number, block in enumerate(self.typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do == "return" and op.on is not None:
                    yield self.on((number, i))


@dataclass(frozen=True, eq=False)
class Spot:
    """An operand where it is read."""

    frame: Frame
    operand: Operand
    at: Position
    kind: Kind
    ref: int  # the expression, for steps and fixes

    def same(self, operand: Operand) -> Spot:
        """Another operand of the same operation, of unknown kind."""
        return Spot(self.frame, operand, self.at, UNKNOWN, self.ref)


class Frames:
    """The frames of a project, made when they are asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._plain: dict[str, Frame | None] = {}
        self._callers: dict[str, list[str]] | None = None
        self._given: dict[str, list[dict[str, Spot]]] = {}  # see `callers`
        self._calls: dict[str, dict[str, list[Position]]] = {}
        self._inherited: dict[tuple[str, str], Frame] = {}  # a method, and the class that has it

    def of(self, label: str) -> Frame | None:
        """The frame of a function as nobody in particular calls it."""
        if label not in self._plain:
            self._plain[label] = self._made(label)
        return self._plain[label]

    def _made(self, label: str) -> Frame | None:
        entry = self.project.knowledge.functions.get(label)
        if entry is None:
            return None
        typed = self.project.typed.get(label)
        if typed is None:  # it touches no database: its kinds were not kept
            module, function = entry
            typed = infer(module, opened(function), self.project.knowledge)
        return Frame(typed, Graph(typed.function, self._ends(typed)))

    def _ends(self, typed: Typed) -> frozenset[Position]:
        """The calls of a function that never come back."""
        knowledge = self.project.knowledge
        return frozenset(
            (number, i)
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == "call"
            and op.discarded
            and raises_always(op, typed.on[number][i], knowledge)
        )

    def body(self, module: str) -> Frame | None:
        """The frame of a module's body."""
        return self.of(f"{module}:{MODULE_BODY}")

    def callee(self, frame: Frame, at: Position) -> Frame | None:
        """The project function that a call calls, its parameters given by this call."""
        op = frame.op(at)
        knowledge = self.project.knowledge
        function = called(knowledge, op, frame.typed.on[at[0]][at[1]])
        plain = self.of(function.label) if ":" in function.label else None
        if plain is None:
            return None
        if op.name is not None:
            plain = self._for_heir(plain, frame.typed.on[at[0]][at[1]])
        spots = frame.args(at)
        given: dict[str, Spot] = {}
        for (_, name), spot in zip(parameters(knowledge, op, function), spots, strict=False):
            if name is not None:
                given[name] = spot
        for param in plain.typed.function.params if not any(arg.star for arg in op.args) else ():
            if isinstance(param.default, Const):  # it is left out
                spot = Spot(frame, param.default, at, UNKNOWN, op.at)
                given.setdefault(param.name, spot)
        receiver = frame.on(at) if op.name is not None else None
        return Frame(plain.typed, plain.graph, given, frame.depth + 1, receiver)

    def _for_heir(self, plain: Frame, on: Kind) -> Frame:
        """An inherited method, read for the class that it is called on: in a mixin `cls` and `self`
        say nothing of columns."""
        owner = plain.label.rpartition(".")[0]
        if on.name not in (kinds.MAPPED_CLASS, kinds.ENTITY) or on.label in ("", owner):
            return plain
        found = self._inherited.get((plain.label, on.label))
        if found is None:
            typed = plain.typed
            typed = infer(typed.module, typed.function, self.project.knowledge, heir=on.label)
            found = self._inherited[plain.label, on.label] = Frame(typed, plain.graph)
        return found

    def _calling(self) -> dict[str, list[str]]:
        """The functions that pass anything to each function."""
        if self._callers is None:
            self._callers = {}
            for other, inferred in self.project.inferred.items():
                for label in sorted({key[0] for key in inferred.passed}):
                    self._callers.setdefault(label, []).append(other)
        return self._callers

    def callers(self, label: str, name: str) -> list[Spot]:
        """What calls in the project pass for a parameter, as far as they are known."""
        given = self._given.get(label)
        if given is None:
            given = self._given[label] = list(self._passed(label))
        return [spots[name] for spots in given if name in spots]

    def _passed(self, label: str) -> Iterator[dict[str, Spot]]:
        """What each call of a function passes, by parameter."""
        for other in self._calling().get(label, ()):
            frame = self.of(other)
            if frame is None:
                continue
            for at in self._calls_in(frame).get(label, ()):
                callee = self.callee(frame, at)
                if callee is not None:
                    yield callee.given

    def _calls_in(self, frame: Frame) -> dict[str, list[Position]]:
        """The calls of a function, by the label of what they call."""
        known = self._calls.get(frame.label)
        if known is None:
            known = self._calls[frame.label] = {}
            on, knowledge = frame.typed.on, self.project.knowledge
            for number, block in enumerate(frame.typed.function.blocks):
                for i, op in enumerate(block.ops):
                    if op.do == "call":
                        label = called(knowledge, op, on[number][i]).label
                        if ":" in label:
                            known.setdefault(label, []).append((number, i))
        return known


def described(graph: Graph, operand: Operand) -> str:
    """An operand as the user wrote it, as far as it can be told: ``user.name``, ``key()``."""
    if not isinstance(operand, str):
        return repr(operand.value)
    if operand[0] != "%":
        return operand.partition("@")[0]
    made = graph.makers.get(operand, ())
    op = graph.op(made[0]) if made else None
    if op is None:
        return "..."
    on = described(graph, op.on) if op.on is not None else ""
    if op.do == "call":
        if op.name in ("join",) and op.args:
            return described(graph, op.args[0].value)
        return f"{on}.{op.name}()" if op.name else f"{on}()"
    if op.do in ("getattr", "setattr"):
        return f"{on}.{op.name}"
    if op.do == "getitem":
        index = ", ".join(described(graph, arg.value) for arg in op.args)
        return f"{on}[{index}]"
    if op.do == "await":
        return on
    if op.do in ("pack", "format", "binop", "ifelse", "boolop"):
        inner = [described(graph, a.value) for a in op.args if isinstance(a.value, str)]
        return inner[0] if inner else "..."
    return "..."

"""Whether a session has its connection where something begins: a statement of the same transaction
was sent before, here or in a function that got the session, and nothing has ended it since.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import ENTRY, EXIT, Block, Op, Operand, Place
from sqla_lint.project import workers
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import dotted_label
from sqla_lint.views.beside import DEPTH, HANDLES, Handle, Position, given_to, original
from sqla_lint.views.function import Function

ASKING = frozenset(
    {"execute", "scalar", "scalars", "exec", "get", "get_one", "stream", "stream_scalars"}
)
ENDING = frozenset({"commit", "rollback", "close", "aclose", "reset", "invalidate", "remove"})
# An awaitable is looked for through so many names, wrappers and lists.
LINKS = 12


def is_held(function: Function, handle: Handle, at: Position, before: bool) -> bool:
    """The session surely has its connection before an operation. ``before``: it had it when the
    function began."""
    reader = _Reader(function)
    names = _names(function.typed, handle.name) | {
        place
        for place in {op.on for _, _, op in function.positions if isinstance(op.on, str)}
        if original(function, place) == handle.name
    }
    way = _Way(reader, function.typed, frozenset(names), DEPTH)
    return way.at(at, way.states(before))


def leaves_held(function: Function, typed: Typed, place: Place) -> bool:
    """A function surely gives the session, that it knows by a name, its connection, and leaves it
    that when it returns."""
    return _Reader(function).after(typed, place, False, DEPTH)


def callees(
    function: Function, typed: Typed, at: Position, names: frozenset[str]
) -> list[tuple[Typed, Place]]:
    """The function of the project that a call calls, once for each name that a session has in it:
    of a parameter, of an attribute of ``self``, or the same, where it is captured."""
    op, on = typed.function.blocks[at[0]].ops[at[1]], typed.on[at[0]][at[1]]
    if op.do != "call":
        return []
    knowledge = function.project.knowledge
    run = called(knowledge, op, on)
    callee = function.project.typed.get(run.label)
    if callee is None:
        return []
    code = callee.function
    found = [
        name
        for arg, name in parameters(knowledge, op, run)
        if name is not None and arg.value in names
    ]
    if run.name == "METHOD" and isinstance(op.on, str) and code.params:
        me = code.params[0].name
        found += [me + name[len(op.on) :] for name in names if name.startswith(f"{op.on}.")]
        if typed is function.typed:  # `users.count()` after `users = Users(session)`
            found += [
                place
                for place in _attributes(callee, me)
                if given_to(function, op.on + place[len(me) :]) in names
            ]
    elif op.name is None:
        found += [
            name
            for name in names
            if name.partition(".")[0] in code.captures and name.partition(".")[0] not in code.locals
        ]
    return [(callee, place) for place in dict.fromkeys(found)]


def _attributes(typed: Typed, me: Place) -> set[Place]:
    return {
        op.on
        for block, kinds in zip(typed.function.blocks, typed.on, strict=False)
        for op, kind in zip(block.ops, kinds, strict=False)
        if isinstance(op.on, str) and op.on.startswith(f"{me}.") and kind.name in HANDLES
    }


def _names(typed: Typed, place: Place) -> frozenset[str]:
    """A place, and names that only stand for it."""
    ops = [op for block in typed.function.blocks for op in block.ops]
    moved = {op.dst for op in ops if op.dst is not None and op.do == "move" and op.on == place}
    others = {op.dst for op in ops if op.do != "move" or op.on != place}
    return frozenset({place} | (moved - others))


class _Reader:
    """What functions do to the connection of a session, remembered for one question."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._after: dict[tuple[str, Place, bool, int], bool] = {}
        self._ends: dict[tuple[str, Place, int], bool] = {}

    def after(self, typed: Typed, place: Place, held: bool, depth: int) -> bool:
        """Whether the session has its connection when a function has returned."""
        key = (f"{typed.module.name}:{typed.function.qualname}", place, held, depth)
        if key not in self._after:
            self._after[key] = held  # a function that calls itself
            way = _Way(self, typed, _names(typed, place), depth)
            # a function that never returns is not gone on after
            self._after[key] = way.states(held).get(EXIT, True)
        return self._after[key]

    def ends(self, typed: Typed, place: Place, depth: int) -> bool:
        """A function may end the transaction of the session, wherever it is left."""
        key = (f"{typed.module.name}:{typed.function.qualname}", place, depth)
        if key not in self._ends:
            self._ends[key] = False
            self._ends[key] = _Way(self, typed, _names(typed, place), depth).ends()
        return self._ends[key]


class _Way:
    """The ways through one function."""

    def __init__(self, reader: _Reader, typed: Typed, names: frozenset[str], depth: int) -> None:
        self.reader, self.typed, self.names, self.depth = reader, typed, names, depth
        self.makers: dict[Place, list[Position]] = {}
        for number, i, op in self._positions():
            if op.dst is not None:
                self.makers.setdefault(op.dst, []).append((number, i))

    def _positions(self) -> Iterator[tuple[int, int, Op]]:
        for number, block in enumerate(self.typed.function.blocks):
            for i, op in enumerate(block.ops):
                yield number, i, op

    def states(self, held: bool) -> dict[int, bool]:
        """Whether the session surely has its connection where each block begins."""
        states, waiting = {ENTRY: held}, [ENTRY]
        while waiting:
            number = waiting.pop()
            block = self.typed.function.blocks[number]
            state, raised = self._through(number, block, states[number], len(block.ops))
            ways = [(edge.to, state) for edge in block.edges if edge.when != "swallow"]
            ways += [(handler.to, state) for handler in block.handlers]
            if any(op.raises for op in block.ops):
                ways.append((block.exc, raised))
            for to, new in ways:
                if to not in states or (states[to] and not new):
                    states[to] = new
                    waiting.append(to)
        return states

    def at(self, at: Position, states: dict[int, bool]) -> bool:
        """The same before an operation."""
        block = self.typed.function.blocks[at[0]]
        return self._through(at[0], block, states.get(at[0], False), at[1])[0]

    def _through(self, number: int, block: Block, held: bool, until: int) -> tuple[bool, bool]:
        """After so many operations of a block; and where one of them raised."""
        raised = held
        for i in range(until):
            op = block.ops[i]
            if op.do in ("call", "leave") and self._ends_at((number, i)):
                held = raised = False
            elif op.do == "await" or (op.do == "return" and not self.typed.function.is_async):
                done = list(self._awaited(op.on))
                if any(self._ends_at(at) for at in done):
                    held = raised = False
                held = held or any(self._sends_at(at, held) for at in done)
        return held, raised

    def ends(self) -> bool:
        """Some operation may end the transaction."""
        return any(
            op.do in ("call", "leave") and self._ends_at((number, i))
            for number, i, op in self._positions()
        )

    # --- one operation ---

    def _awaited(self, value: Operand | None) -> Iterator[Position]:
        """What made the coroutines behind an awaitable: through names, tasks and `gather`."""
        waiting: list[Operand | None] = [value]
        seen: set[Operand | None] = set()
        while waiting and len(seen) < LINKS:
            value = waiting.pop()
            if value in seen or not isinstance(value, str):
                continue
            seen.add(value)
            makers = self.makers.get(value, [])
            for at in makers:
                op = self.typed.function.blocks[at[0]].ops[at[1]]
                if op.do == "move":
                    waiting.append(op.on)
                elif op.do == "call" and self._is_wrapper(at):
                    waiting += [arg.value for arg in op.args]
                elif op.do == "call" and len(makers) == 1:
                    yield at

    def _is_wrapper(self, at: Position) -> bool:
        op, on = self.typed.function.blocks[at[0]].ops[at[1]], self.typed.on[at[0]][at[1]]
        label = workers.plain(dotted_label(on, op.name))
        start = workers.start(label)
        return (
            label in workers.WRAPPERS
            or label in workers.TOGETHER
            or (start is not None and start.given == "coroutine")
        )

    def _ends_at(self, at: Position) -> bool:
        op, on = self.typed.function.blocks[at[0]].ops[at[1]], self.typed.on[at[0]][at[1]]
        if op.do == "leave":  # of the session, or of what its `begin()` gave
            made = [
                self.typed.function.blocks[n].ops[i] for n, i in self.makers.get(str(op.on), ())
            ]
            return op.on in self.names or any(
                one.do == "call" and one.on in self.names and one.name == "begin" for one in made
            )
        if op.on in self.names and on.name in HANDLES:
            return op.name in ENDING
        return bool(self.depth) and any(
            self.reader.ends(callee, place, self.depth - 1)
            for callee, place in callees(self.reader.function, self.typed, at, self.names)
        )

    def _sends_at(self, at: Position, held: bool) -> bool:
        op, on = self.typed.function.blocks[at[0]].ops[at[1]], self.typed.on[at[0]][at[1]]
        if op.on in self.names and on.name in HANDLES:
            return op.name in ASKING
        if not self.depth:
            return False
        found = callees(self.reader.function, self.typed, at, self.names)
        return bool(found) and all(
            not callee.function.is_generator
            and self.reader.after(callee, place, held, self.depth - 1)
            for callee, place in found
        )

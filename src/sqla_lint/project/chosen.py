"""Whether somebody is likely to choose a value: a way is known, or open, on which foreign text gets
there.

A request, the arguments of a function that anybody may call, rows, files and what other libraries
give are such ways. What the program's own callers write down, a helper that nobody calls, a name
that is imported and the key of an object are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Function, Op
from sqla_lint.project import harmless
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Graph, Position
from sqla_lint.project.entry import entry, is_own
from sqla_lint.project.frames import Frame, Spot, described
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label, is_own_function
from sqla_lint.project.origins import Origins, is_script

# Values are followed through so many operations and calls; what lies further may be anything.
DEPTH_LIMIT = 12
STEP_LIMIT = 400
CALLERS_LIMIT = 24
IDLE_LIMIT = 3  # of calls between functions that nothing uses

_THROUGH = frozenset({"move", "await", "next", "unpack", "getitem"})
_PUT_TOGETHER = frozenset({"binop", "boolop", "format", "ifelse", "pack", "setattr"})
# Functions that give again what they are given, in another form.
_SAME = (
    *("builtins.", "os.path.", "pathlib.", "posixpath.", "textwrap.", "copy.", "json.dumps"),
    *("typing.cast", "functools.", "itertools.", "operator.", "re."),
)
_READS = frozenset({"builtins.input", "builtins.open"})
# What the objects of an application are told apart by: made up by it, or by its database.
_KEYS = frozenset({"id", "pk", "uuid", "uid", "oid"})
# Of these nothing is known but how they were come by.
_UNSEEN = frozenset({kinds.UNKNOWN, FOREIGN, NAME})
# Names of methods that dictionaries, texts and the like have: a call by such a name tells nothing.
_COMMON = frozenset(name for one in (dict, list, set, str) for name in dir(one))


class Chosen:
    """Answers about one value at a time."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._knowledge = origins.frames.project.knowledge
        self._active: set[tuple[int, Position]] = set()
        self._steps = 0

    def likely(self, spot: Spot) -> bool:
        """Foreign text may well be in it."""
        self._active.clear()
        self._steps = 0
        return self._may(spot, 0)

    def _may(self, spot: Spot, depth: int) -> bool:
        if not isinstance(spot.operand, str):
            return False
        if harmless.is_from_outside(spot.kind):
            return True
        self._steps += 1
        if depth > DEPTH_LIMIT or self._steps > STEP_LIMIT:
            return True
        if self._origins.harmless(spot):
            return False
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self._origins.admits(frame))
        return any(self._is_made(frame, at, depth + 1) for at in found.positions) or (
            found.entry and self._enters(spot, depth + 1)
        )

    def _is_made(self, frame: Frame, at: Position, depth: int) -> bool:
        key = (id(frame), at)
        if key in self._active:
            return False  # a loop adds nothing new
        self._active.add(key)
        try:
            return self._operation(frame, at, frame.op(at), depth)
        finally:
            self._active.discard(key)

    def _operation(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        kind = frame.typed.dst[at[0]][at[1]]
        if harmless.is_from_outside(kind):
            return True
        if op.do in _THROUGH:
            return self._may(frame.on(at), depth)
        if op.do in _PUT_TOGETHER:
            return any(self._may(one, depth) for one in frame.args(at))
        if op.do == "augassign":
            return any(self._may(one, depth) for one in (frame.on(at), *frame.args(at)))
        if op.do == "import":
            return any(self._may(one, depth) for one in self._origins.imported(frame, op))
        if op.do == "getattr":
            return self._attribute(frame, at, op, depth)
        return op.do != "call" or self._call(frame, at, op, depth)

    def _attribute(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        spots = list(self._origins.attribute(frame, at, op))
        if spots:
            return any(self._may(one, depth) for one in spots)
        on = frame.on(at)
        if on.kind.name not in (kinds.UNKNOWN, NAME, kinds.MODULE, kinds.CLASS):
            return True
        return op.name not in _KEYS and self._may(on, depth)

    def _call(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        if op.on is None:
            return True
        on, args = frame.on(at), frame.args(at)
        callee = called(self._knowledge, op, on.kind)
        if is_own_function(callee):
            there = self._origins.frames.callee(frame, at)
            if there is None or there.depth > DEPTH_LIMIT or there.typed.function.is_generator:
                return True
            ways = list(there.returned()) or list(self._origins.overriding(there))
            return any(self._may(one, depth) for one in ways)
        if on.kind.name in (NAME, FOREIGN):
            label = dotted_label(on.kind, op.name)
            if label in _READS or not label.startswith(_SAME):
                return on.kind.name == FOREIGN or not self._is_of_program(on)
            return any(self._may(one, depth) for one in args)
        if op.name is None:
            return True
        return self._may(on, depth) or any(self._may(one, depth) for one in args)

    def _is_of_program(self, on: Spot) -> bool:
        """Of a part of the program that is not here, as its settings are."""
        root = on.kind.label.partition(".")[0]
        return root == on.frame.typed.module.name.partition(".")[0]

    # --- parameters ----------------------------------------------------------------------------

    def _enters(self, spot: Spot, depth: int) -> bool:
        frame, name = spot.frame, str(spot.operand)
        if name in frame.given:
            return self._may(frame.given[name], depth)
        function = frame.typed.function
        param = next((one for one in function.params if one.name == name), None)
        if param is None:
            return any(self._may(one, depth) for one in self._origins.outer(spot))
        if param.kind in ("star", "starstar"):
            return True
        if entry(frame.typed.module, function, self._knowledge):
            return True
        callers = self._callers(frame, name)
        callers = [one for one in callers if not self._is_idle(one.frame.label)] or callers
        if callers:
            return any(self._may(one, depth + 1) for one in callers[:CALLERS_LIMIT])
        return not is_own(function) or self._is_handed_on(frame)

    def _callers(self, frame: Frame, name: str) -> list[Spot]:
        """What the program itself passes; tests and a module's own script part only show how a
        function may be used."""
        known = self._origins.frames.callers(frame.label, name) or list(self._named(frame, name))
        return [
            one
            for one in known
            if not self._knowledge.told.is_test(one.frame.typed.module.path)
            and (
                is_own(frame.typed.function)
                or not is_script(one.frame)
                or _is_partial(one.frame.op(one.at))
            )
        ]

    def _named(self, frame: Frame, name: str) -> Iterator[Spot]:
        """What is passed by calls that nothing is known of but their name, which is its own."""
        function = frame.typed.function
        last = function.qualname.rpartition(".")[2]
        if last in _COMMON:
            return
        is_method = function.parent in frame.typed.module.classes
        as_called = Kind("METHOD" if is_method else kinds.FUNCTION, label=frame.label)
        for there, at in self._spelt(last):
            op = there.op(at)
            on = there.on(at) if op.on is not None else None
            if on is None or there.label == frame.label:
                continue
            callee = called(self._knowledge, op, on.kind)
            if function.decorators and callee.label.rpartition(":")[2] == function.qualname:
                callee = as_called  # one of several that are chosen by what they are given
            other = not _is_partial(op) and callee.label != frame.label
            if other and (":" in callee.label or on.kind.name not in _UNSEEN):
                continue
            args = there.args(at)
            if _is_partial(op):
                yield from _given_before(op, args, name, function)
                continue
            pairs = zip(parameters(self._knowledge, op, as_called), args, strict=False)
            yield from (one for (_, given), one in pairs if given == name)

    def _spelt(self, last: str) -> list[tuple[Frame, Position]]:
        """The calls of something of that name."""
        memo = self._origins.frames.project.memo
        key = f"calls of {last}"
        known = memo.get(key)
        if isinstance(known, list):
            return known
        found: list[tuple[Frame, Position]] = []
        for label in self._calling().get(last, ()):
            frame = self._origins.frames.of(label)
            for number, block in enumerate(frame.typed.function.blocks if frame else ()):
                for i, op in enumerate(block.ops):
                    if frame is not None and op.do == "call" and _calls(frame, op, last):
                        found.append((frame, (number, i)))
        memo[key] = found
        return found

    def _calling(self) -> dict[str, list[str]]:
        """The functions that may call something of a name, by name: of most of them nothing more is
        known, and to infer one for that costs as much as when it was linked."""
        memo = self._origins.frames.project.memo
        if "calling by name" not in memo:
            found: dict[str, list[str]] = {}
            for label, (_, function) in self._knowledge.functions.items():
                for name in _names_called(function):
                    found.setdefault(name, []).append(label)
            memo["calling by name"] = found
        return cast("dict[str, list[str]]", memo["calling by name"])

    def _is_idle(self, label: str, depth: int = 0) -> bool:
        """The program has no use for a function: nothing calls, reads or imports it, or anything
        of its name, but what is idle itself."""
        module, function = self._knowledge.functions[label]
        last = function.qualname.rpartition(".")[2]
        if (
            function.kind != "def"
            or function.decorators
            or last.startswith("__")
            or last in self._read_uncalled() | self._imported()
            or entry(module, function, self._knowledge)
        ):
            return False
        others = [one for one in self._calling().get(last, ()) if one != label]
        return all(depth < IDLE_LIMIT and self._is_idle(one, depth + 1) for one in others)

    def _imported(self) -> set[str]:
        """The names that modules of the program import."""
        memo = self._origins.frames.project.memo
        if "imported names" not in memo:
            memo["imported names"] = {
                str(op.args[0].value.value)
                for _, function in self._knowledge.functions.values()
                for block in function.blocks
                for op in block.ops
                if op.do == "import" and op.args and isinstance(op.args[0].value, Const)
            }
        return cast("set[str]", memo["imported names"])

    def _is_handed_on(self, frame: Frame) -> bool:
        """Somebody else may call it: it is decorated, or read without being called."""
        function = frame.typed.function
        if function.decorators:
            return True
        return function.qualname.rpartition(".")[2] in self._read_uncalled()

    def _read_uncalled(self) -> set[str]:
        """The last words of what the program reads, hands on or returns."""
        memo = self._origins.frames.project.memo
        if "read without a call" not in memo:
            functions = self._knowledge.functions.values()
            memo["read without a call"] = {
                name for _, function in functions for name in _names_read(function)
            }
        return cast("set[str]", memo["read without a call"])


def _names_read(function: Function) -> Iterator[str]:
    for block in function.blocks:
        for op in block.ops:
            if op.do == "getattr":
                yield op.name or ""
                continue
            for arg in op.args:
                if isinstance(arg.value, str):
                    yield arg.value.rpartition(".")[2]
            if op.do in ("move", "return") and isinstance(op.on, str):
                yield op.on.rpartition(".")[2]


def _names_called(function: Function) -> set[str]:
    """The last words of what it calls, or of what it may get arguments for."""
    calls = [op for block in function.blocks for op in block.ops if op.do == "call"]
    partials = [op.args[0].value for op in calls if _is_partial(op)]
    graph = Graph(function) if partials else None
    names = {_called_as(op) for op in calls}
    if graph is not None:
        names.update(described(graph, one).rpartition(".")[2] for one in partials)
    return names


def _calls(frame: Frame, op: Op, last: str) -> bool:
    """Something of that name is called, or gets arguments for when it is: ``partial(f, n=1)``."""
    if _is_partial(op):
        return described(frame.graph, op.args[0].value).rpartition(".")[2] == last
    return _called_as(op) == last


def _called_as(op: Op) -> str:
    if op.name is not None:
        return op.name
    return op.on.rpartition(".")[2] if isinstance(op.on, str) else ""


def _is_partial(op: Op) -> bool:
    return _called_as(op) in _HANDS_ON and len(op.args) > 0


_HANDS_ON = frozenset({"partial", "partialmethod", "to_thread", "run_in_threadpool"})


def _given_before(op: Op, args: list[Spot], name: str, function: Function) -> Iterator[Spot]:
    """What a function gets beside itself: ``partial(f, 1, n=2)``, ``to_thread(f, 1)``."""
    names = [param.name for param in function.params if param.kind in ("positional", "normal")]
    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
    for number, (arg, one) in enumerate(zip(op.args[1:], args[1:], strict=False)):
        if arg.star:
            return
        if name == (arg.keyword or (names[number] if number < len(names) else "")):
            yield one

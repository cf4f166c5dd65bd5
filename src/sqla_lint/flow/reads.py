"""Which attributes of an object a function of the project reads: summaries, followed into calls."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import Effects
from sqla_lint.ir import ENTRY, EXIT, Function, Op
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind

# How deep an object is followed from function to function.
CALL_DEPTH = 4

_PASS = frozenset({"move", "await"})
_LOOKING = frozenset({"test", "compare", "getattr", "return", "yield", "format", "next", "boolop"})


class Reads(NamedTuple):
    """Attributes read on every normal way, and on some; ``closed`` when nothing else can happen
    to the object there."""

    surely: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    closed: bool = True


NO_READS = Reads()
UNKNOWN_READS = Reads(closed=False)


class Summaries:
    """One per run; remembers what functions read of their parameters."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.project = effects.project
        self._known: dict[tuple[str, str], Reads] = {}
        self._open: set[tuple[str, str]] = set()

    def of(self, label: str, param: str) -> Reads:
        """What a function reads of the object that a parameter of it is."""
        key = (label, param)
        if key in self._known:
            return self._known[key]
        entry = self.project.knowledge.functions.get(label)
        if entry is None or key in self._open or len(self._open) >= CALL_DEPTH:
            return UNKNOWN_READS
        self._open.add(key)
        found = self._scan(label, entry[1], param)
        self._open.discard(key)
        self._known[key] = found
        return found

    def of_self(self, label: str) -> Reads:
        """The same of the object whose method or property it is."""
        entry = self.project.knowledge.functions.get(label)
        if entry is None or not entry[1].params:
            return UNKNOWN_READS
        return self.of(label, entry[1].params[0].name)

    def by_call(self, op: Op, on: Kind, place: str) -> Reads:
        """What the function that a call calls reads of one of its arguments."""
        callee = called(self.project.knowledge, op, on)
        if callee.name in (NAME, FOREIGN):
            return UNKNOWN_READS
        if callee.name not in (kinds.FUNCTION, "METHOD") or ":" not in callee.label:
            return UNKNOWN_READS
        if self.effects._wrapped(callee.label):
            return UNKNOWN_READS
        found: Reads | None = None
        seen = 0
        for arg, name in parameters(self.project.knowledge, op, callee):
            if arg.value == place:
                seen += 1
                found = self.of(callee.label, name) if name is not None else UNKNOWN_READS
        given = sum(1 for arg in op.args if arg.value == place)
        return found if found is not None and seen == given == 1 else UNKNOWN_READS

    def _scan(self, label: str, function: Function, param: str) -> Reads:
        names, closed = {param}, True
        sites: dict[str, set[int]] = {}
        typed = self.project.typed.get(label)
        for number, block in enumerate(function.blocks):
            for i, op in enumerate(block.ops):
                given = any(arg.value in names for arg in op.args)
                if op.on not in names and not given:
                    continue
                on = typed.on[number][i] if typed is not None else UNKNOWN
                reads = NO_READS
                if op.do == "getattr" and op.name is not None:
                    reads = self._read(label, function, op.name)
                elif op.do == "call" and op.on in names and op.name is not None:
                    reads = self._method(on, op.name)
                elif op.do == "call" and given:
                    place = next(str(a.value) for a in op.args if a.value in names)
                    reads = self.by_call(op, on, place)
                elif op.do in _PASS and op.dst is not None:
                    names.add(op.dst)
                elif op.do not in _LOOKING:
                    reads = UNKNOWN_READS
                closed &= reads.closed
                for name in reads.surely:
                    sites.setdefault(name, set()).add(number)
                for name in reads.maybe:
                    sites.setdefault(name, set())
        surely = {name for name, at in sites.items() if at and not avoidable(function, at)}
        return Reads(frozenset(surely), frozenset(sites), closed)

    def _read(self, label: str, function: Function, name: str) -> Reads:
        """Reading an attribute: a property reads more."""
        one = frozenset({name})
        owner = function.parent
        if owner is not None:
            module = label.partition(":")[0]
            prop = self.project.knowledge.classes.method(f"{module}:{owner}", name)
            if prop is not None and prop != label and function.params:
                inner = self.of_self(prop)
                return Reads(one | inner.surely, one | inner.maybe, inner.closed)
        return Reads(one, one)

    def _method(self, on: Kind, name: str) -> Reads:
        label = on.label if on.name in (kinds.ENTITY, kinds.INSTANCE) else ""
        method = self.project.knowledge.classes.method(label, name) if label else None
        return self.of_self(method) if method is not None else UNKNOWN_READS


def avoidable(function: Function, blocks: set[int]) -> bool:
    """The function can be left normally without going through any of these blocks."""
    seen, waiting = {ENTRY}, [ENTRY]
    while waiting:
        number = waiting.pop()
        if number in blocks:
            continue
        if number == EXIT:
            return True
        for edge in function.blocks[number].edges:
            if edge.when != "swallow" and edge.to not in seen:
                seen.add(edge.to)
                waiting.append(edge.to)
    return False

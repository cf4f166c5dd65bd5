"""Conditions a way has established: `if own: close()` is seen to match `if own: open()`.

Only conditions that a function tests more than once, and flags it sets to a constant, are kept:
others cannot correlate anything, and each kept one may double the facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqla_lint.ir import ENTRY, Const, Function, Op, Place, Test

_EMPTYING = frozenset({"clear", "discard", "pop", "popleft", "remove"})

Holds = frozenset[tuple[str, str, bool]]

_SAME = "same as "  # a held (x, "same as own", b) says: own is true exactly when (x is None) is b

# Conditions kept per function: beyond this, correlation is given up, not time.
GUARD_LIMIT = 6


class Guards:
    """The conditions of one function that are worth keeping."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._keys = _keys_of_temporaries(function)
        counts: Counter[str] = Counter()
        for block in function.blocks:
            tested = {self.key(e.test.place) for e in block.edges if e.test is not None}
            counts.update(k for k in tested if k)
        self._same = _none_tests(function)
        ops = [op for block in function.blocks for op in block.ops]
        self._surely = {op.dst for op in ops if _is_something(op)}
        flags = {op.dst for op in ops if _is_flag(op)}
        often = sorted(k for k, n in counts.items() if n > 1 or k in flags or k in self._same)
        often += sorted({tested for tested, _ in self._same.values()} - set(often))
        told = {op.dst for op in ops if op.do == "move" and isinstance(op.on, Const)}
        emptied = {op.on for op in ops if op.name in _EMPTYING}
        told |= {str(op.on) for op in ops if _fills(op) and op.on not in emptied}
        counted = _counters(ops)
        told |= counted
        often += sorted(
            k
            for k in counts.keys() - set(often)
            if (_compared(k) or k) in told or _asks_for_some(k) in counted
        )
        self.kept = frozenset(often[:GUARD_LIMIT])
        self._holding: list[Holds | None] | None = None
        self._counting = {
            place: [k for k in self.kept if k == place or _asks_for_some(k) == place]
            for place in counted
        }
        self._filled = {
            str(op.dst): str(op.on) for op in ops if _fills(op) and op.on in told & self.kept
        }
        same = {tested for tested, _ in self._same.values()}
        held = {*self.kept, *self._filled, *same}
        # places whose new value changes what holds
        self.mentioned = frozenset(p for key in held for p in leading(key.split(" ", 1)[0]))

    def key(self, place: Place) -> str:
        """How a tested place is called when it is tested again; "" when it cannot be."""
        if place[0] != "%":
            return place
        return self._keys.get(place, "")

    def through(self, held: Holds, test: Test) -> Holds | None:
        """What holds on an edge; None when the way cannot take it."""
        key = self.key(test.place)
        if key not in self.kept:
            return held
        if (key, test.is_, not test.holds) in held:
            return None
        if test.holds and (key, "true" if test.is_ == "none" else "none", True) in held:
            return None
        out = held | {(key, test.is_, test.holds)}
        # `own = x is None` said the same; `x or make()` makes one where x is None, too
        none = test.holds if test.is_ == "none" else not test.holds
        for _, word, same in [g for g in held if g[0] == key and g[1].startswith(_SAME)]:
            out |= {(word[len(_SAME) :], "true", same is none)}
        return out

    def after(self, held: Holds, assigned: Place) -> Holds:
        """What still holds when a place has got a new value."""
        if not held:
            return held
        gone = {g for g in held if _mentions(g[0], assigned)}
        return held - gone if gone else held

    def assigned(self, held: Holds, op: Op) -> Holds:
        """What holds after an operation with a result; a flag that is set is known."""
        assert op.dst is not None
        if op.dst not in self.mentioned:
            return held
        if op.dst in self._filled:
            return self.after(held, self._filled[op.dst]) | {(self._filled[op.dst], "true", True)}
        held = self.after(held, op.dst)
        if op.do == "augassign":  # `written += 1`
            held |= {(key, "true", True) for key in self._counting.get(op.dst, ())}
        if op.do == "move" and isinstance(op.on, Const):
            held |= {(k, "true", t) for k in self.kept for t in _truth(k, op.dst, op.on)}
        if op.dst in self.kept and _is_flag(op):
            assert isinstance(op.on, Const)
            value = op.on.value
            held |= {(op.dst, "true", bool(value)), (op.dst, "none", value is None)}
        elif op.dst in self.kept and op.do == "move" and op.on in self._surely:
            held |= {(op.dst, "true", True), (op.dst, "none", False)}  # `failed = error`
        elif op.dst in self.kept and op.dst in self._same and op.do == "move":
            tested, same = self._same[op.dst]
            held |= {(tested, _SAME + op.dst, same)}
        return held

    def holding(self, block: int) -> Holds:
        """What surely holds when a block is entered, whichever way led there."""
        if self._holding is None:
            self._holding = self._solve()
        return self._holding[block] or frozenset()

    def _solve(self) -> list[Holds | None]:
        blocks = self.function.blocks
        entry: list[Holds | None] = [None] * len(blocks)
        entry[ENTRY] = frozenset()
        if not self.kept:
            return [frozenset()] * len(blocks)
        waiting = [ENTRY]
        while waiting:
            number = waiting.pop()
            before = entry[number] or frozenset()
            held = before
            for op in blocks[number].ops:
                if op.dst is not None and op.do != "getattr":
                    held = self.assigned(held, op)
            targets: list[tuple[int, Holds]] = []
            for edge in blocks[number].edges:
                out = held if edge.test is None else self.through(held, edge.test)
                if out is not None:
                    targets.append((edge.to, out))
            targets.append((blocks[number].exc, before & held))
            targets += [(h.to, before) for h in blocks[number].handlers]
            for to, out in targets:
                old = entry[to]
                new = out if old is None else old & out
                if old is None or new != old:
                    entry[to] = new
                    waiting.append(to)
        return entry


def _keys_of_temporaries(function: Function) -> dict[Place, str]:
    """Comparisons of a name with a constant are the same condition wherever they are written."""
    keys: dict[Place, str] = {}
    for block in function.blocks:
        for op in block.ops:
            if op.do == "compare" and op.dst is not None and op.args:
                left, right = op.on, op.args[0].value
                if isinstance(left, str) and left[0] != "%" and isinstance(right, Const):
                    keys[op.dst] = f"{left} {op.name} {right.value!r}"
    return keys


def _none_tests(function: Function) -> dict[Place, tuple[Place, bool]]:
    """Names that say whether another is None: `own = session is None` → own: (session, True)."""
    compares: dict[Place, tuple[Place, bool]] = {}
    found: dict[Place, tuple[Place, bool]] = {}
    for block in function.blocks:
        for op in block.ops:
            if op.do == "compare" and op.name in ("is", "is not") and op.dst and op.args:
                if isinstance(op.on, str) and op.args[0].value == Const(None):
                    compares[op.dst] = (op.on, op.name == "is")
            elif op.do == "move" and op.on in compares and op.dst is not None:
                found[op.dst] = compares[str(op.on)]
    return found


def _is_flag(op: Op) -> bool:
    """`done = False`: a name gets a constant that a test can tell."""
    return (
        op.do == "move"
        and isinstance(op.on, Const)
        and (op.on.value is None or isinstance(op.on.value, bool))
    )


def _compared(key: str) -> str:
    """The name that is compared with a constant; "" when the condition is no comparison."""
    name, _, rest = key.partition(" ")
    return name if rest.startswith(("== ", "!= ")) else ""


def _asks_for_some(key: str) -> str:
    """The name that is asked for more than nothing: `written > 0`."""
    name, _, rest = key.partition(" ")
    return name if rest in ("> 0", "!= 0", ">= 1") else ""


def _counters(ops: list[Op]) -> set[Place]:
    """Names that begin as a number that is not negative, and are only ever added to."""
    found: dict[Place, bool] = {}
    for op in ops:
        if op.dst is None:
            continue
        adds = op.do == "augassign" and op.name == "+" and op.on == op.dst
        value = op.args[0].value if adds and op.args else op.on if op.do == "move" else None
        number = value.value if isinstance(value, Const) else None
        counts = isinstance(number, int) and not isinstance(number, bool) and number >= adds
        found[op.dst] = counts and found.get(op.dst, True)
    added = {op.dst for op in ops if op.do == "augassign" and op.dst is not None}
    return {place for place in added if found[place]}


def _truth(key: str, place: Place, value: Const) -> Iterator[bool]:
    """Whether a comparison holds for a name that has got this value."""
    name, word, other = (*key.split(" ", 2), "", "")[:3]
    told = repr(value.value)
    if name == place and word in ("==", "!=") and (told == other or _differ(told, other)):
        yield (told == other) is (word == "==")


def _differ(one: str, other: str) -> bool:
    """Two constants that are written in other words are not equal: texts, whole numbers."""
    return (one[0] in "'\"" and other[0] in "'\"") or (one.isdigit() and other.isdigit())


def _fills(op: Op) -> bool:
    """`errors.append(...)`: the container is empty no more."""
    return op.do == "call" and op.name in ("append", "add") and op.dst is not None


def _is_something(op: Op) -> bool:
    """It gives what is neither None nor false: an exception that was caught, a text of one."""
    if op.do == "format":
        return any(isinstance(arg.value, Const) and arg.value.value for arg in op.args)
    return op.do == "catch" or (op.do == "call" and op.name is None and op.on in ("str", "repr"))


def leading(place: Place) -> Iterator[Place]:
    """A place, and those it starts at: `a.b` and `a`."""
    yield place
    while "." in place:
        place = place.rpartition(".")[0]
        yield place


def _mentions(key: str, place: Place) -> bool:
    name = key.split(" ", 1)[0]
    return name == place or name.startswith(place + ".")

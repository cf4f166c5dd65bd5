"""What was put into a container, one by one: also into one that an object keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.iteration import SAME_ELEMENTS
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function

# Containers are followed through names, lists of lists and the like so far.
DEPTH = 6

_ALL_OF = frozenset({"listcomp", "setcomp", "gen"})
_LITERALS = frozenset({"list", "set", "tuple"})
_PUTTING = frozenset({"append", "add", "appendleft"})


class Element(NamedTuple):
    """A value that was put into a container. ``function``: where that was done; ``many``: in a
    loop."""

    function: Function
    value: Place
    kind: Kind
    many: bool


def elements(function: Function, place: Place) -> tuple[Element, ...]:
    """What a name of a loop stands for, in all its turns; nothing when it is none."""
    taken = [
        op
        for _, _, op in function.positions
        if op.dst == place and op.do in ("next", "unpack") and isinstance(op.on, str)
    ]
    if len(taken) != 1 or sum(op.dst == place for _, _, op in function.positions) != 1:
        return ()
    op = taken[0]
    if op.do == "unpack":  # `for name, load in loads.items()`
        pairs = [o for _, _, o in function.positions if o.dst == op.on and o.do == "next"]
        made = function.maker(pairs[0].on) if len(pairs) == 1 else None
        of_items = made is not None and made.op.name == "items" and op.name == "1"
        container = str(made.op.on) if made and of_items else ""
    else:
        container = str(op.on)
    return tuple(_within(function, container, set(), DEPTH)) if container else ()


_Seen: TypeAlias = set[tuple[str, Place]]  # containers, by function and name


def _within(function: Function, place: Place, seen: _Seen, depth: int) -> Iterator[Element]:
    """The elements of a container."""
    if depth == 0 or (function.label, place) in seen:
        return
    seen.add((function.label, place))
    typed = function.typed
    bound = False
    for number, i, op in function.positions:
        if op.do == "call" and op.on == place and op.name in _PUTTING and len(op.args) == 1:
            loops = bool(typed.function.blocks[number].loops)
            yield from _put(function, op.args[0].value, typed.args[number][i][0], many=loops)
        if op.dst != place or op.do in ("delete", "leave"):
            continue
        if op.do == "getattr" and op.dst == f"{op.on}.{op.name}":
            continue  # a path that is read
        bound = True
        yield from _made(function, (number, i), op, seen, depth)
    owner, dot, name = place.rpartition(".")
    if dot and not bound:
        yield from _kept(function, owner, name, seen, depth)


def _made(
    function: Function, at: tuple[int, int], op: Op, seen: _Seen, depth: int
) -> Iterator[Element]:
    typed = function.typed
    if op.do == "move" and isinstance(op.on, str):
        yield from _within(function, op.on, seen, depth - 1)
    elif op.do == "pack" and len(typed.args[at[0]][at[1]]) == len(op.args):
        pairs = list(zip(op.args, typed.args[at[0]][at[1]], strict=True))
        if op.name in ("dict", "dictcomp"):
            pairs = pairs[1::2]
        elif op.name not in _LITERALS | _ALL_OF:
            return
        for arg, kind in pairs:
            if not arg.star:
                many = op.name in _ALL_OF or op.name == "dictcomp"
                yield from _put(function, arg.value, kind, many=many)
    elif op.do == "call" and op.name in ("values", "copy") and isinstance(op.on, str):
        yield from _within(function, op.on, seen, depth - 1)
    elif op.do == "call" and typed.on[at[0]][at[1]].label in SAME_ELEMENTS and len(op.args) == 1:
        yield from _within(function, str(op.args[0].value), seen, depth - 1)


def _put(function: Function, value: Operand, kind: Kind, *, many: bool) -> Iterator[Element]:
    if isinstance(value, str):
        yield Element(function, value, kind, many)


def _kept(
    function: Function, owner: Place, name: str, seen: _Seen, depth: int
) -> Iterator[Element]:
    """What an object has put into an attribute of its own where it was made, and nowhere else."""
    code = function.typed.function
    knowledge = function.project.knowledge
    info = knowledge.classes.get(f"{function.typed.module.name}:{code.parent}")
    if info is None or not code.params or owner != code.params[0].name:
        return
    init = knowledge.classes.method(info.label, "__init__")
    setters = [
        (label, op)
        for label in info.methods.values()
        if (entry := knowledge.functions.get(label)) is not None
        for block in entry[1].blocks
        for op in block.ops
        if op.do == "setattr" and op.name == name
    ]
    if init is None or len(setters) != 1 or setters[0][0] != init:
        return
    typed = function.project.typed.get(init) or function.effects.inferred(init)
    value = setters[0][1].args[-1].value
    if isinstance(value, str):
        yield from _within(function.of(typed), value, seen, depth - 1)

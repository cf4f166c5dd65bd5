"""The criteria that `*criteria` hands to a statement: elements of a list that the program writes
down, fills, or has a function return."""

from __future__ import annotations

from sqla_lint.ir import Op
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.texts import Reader
from sqla_lint.views.ownlists import own_list

DEPTH = 4  # lists made of lists, and helpers that return what helpers return

_DISPLAYS = frozenset({"list", "tuple", "set"})
_COMPREHENSIONS = frozenset({"listcomp", "gen", "setcomp"})
_COPIES = frozenset({"builtins.list", "builtins.tuple", "builtins.set"})
_ADDS = frozenset({"append", "insert", "add"})
# What only looks at a list.
_LOOKS = frozenset({"test", "next", "return", "augassign", "getitem", "ifelse"})
_ASKS = frozenset({"len", "bool", "any", "list", "tuple", "set"})


def listed(known: Reader, there: Spot, depth: int = 0) -> list[Spot] | None:
    """Every element that a list may have; None when there may be others."""
    frame, operand = there.frame, there.operand
    if not isinstance(operand, str) or depth > DEPTH:
        return None
    if "." in operand:
        return _kept(known, there, depth + 1)
    named = operand[0] != "%"
    if named and _is_given(frame, operand) and operand not in frame.given:
        return None
    found: list[Spot] = []
    makers = list(known.origins.makers(there))
    if not makers:
        return None
    attributes = _attributes(known, there) if named else []
    kept = _all(known, attributes, depth + 1)
    if kept is None:
        return None
    found += kept
    for made in makers:
        if attributes and made.frame.label != frame.label:
            continue  # what the attribute was made of
        elements = _made(known, made, depth + 1)
        if elements is None:
            return None
        found += elements
    if named and operand not in frame.given:
        added = _added(known, there, operand, depth + 1)
        if added is None:
            return None
        found += added
    return found


def _is_given(frame: Frame, name: str) -> bool:
    return any(param.name == name for param in frame.typed.function.params)


def _kept(known: Reader, there: Spot, depth: int) -> list[Spot] | None:
    """The elements of a list that an object was made with."""
    own = own_list(known, there)
    lists = _all(known, list(own.lists), depth) if own is not None else None
    return None if own is None or lists is None else [*lists, *own.elements]


def _attributes(known: Reader, there: Spot) -> list[Spot]:
    """The attributes that a name stands for: ``where = self.where``."""
    frame, place = there.frame, str(there.operand)
    bound = frame.graph.definitions(place, there.at, known.origins.admits(frame))
    moved = [frame.on(at) for at in bound.positions if frame.op(at).do == "move"]
    return [one for one in moved if "." in str(one.operand)]


def _made(known: Reader, made: Spot, depth: int) -> list[Spot] | None:
    frame, at = made.frame, made.at
    op, args = frame.op(at), frame.args(at)
    if op.do == "pack" and op.name in _DISPLAYS:
        found: list[Spot] = []
        for arg, spot in zip(op.args, args, strict=False):
            inner = listed(known, spot, depth) if arg.star else [spot]
            if inner is None:
                return None
            found += inner
        return found
    if op.do == "pack" and op.name in _COMPREHENSIONS and len(args) == 1:
        return args
    if op.do == "ifelse":
        return _all(known, args, depth)
    if op.do in ("binop", "augassign") and (op.name or "").rstrip("=") == "+":
        return _all(known, [frame.on(at), *args] if op.do == "augassign" else args, depth)
    if op.do != "call":
        return None
    if op.name is None and frame.on(at).kind.label in _COPIES:
        return _all(known, args, depth)
    callee = known.frames.callee(frame, at)
    if callee is None or callee.typed.function.is_generator:
        return None
    if known.origins.is_wrapped(callee.label):
        return None
    returned = list(callee.returned())
    return _all(known, returned, depth) if returned else None


def _all(known: Reader, lists: list[Spot], depth: int) -> list[Spot] | None:
    found: list[Spot] = []
    for one in lists:
        elements = listed(known, one, depth)
        if elements is None:
            return None
        found += elements
    return found


def _added(known: Reader, there: Spot, place: str, depth: int) -> list[Spot] | None:
    """What the function adds to the list that is read there; None when something else may."""
    found: list[Spot] = []
    frame = there.frame
    read = _bound(known, frame, place, there.at)
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "call" and op.on == place:
                args = frame.args((number, i))
                filled = _bound(known, frame, place, (number, i))
                if read and filled and read.isdisjoint(filled):
                    continue  # another list, which had the name before or gets it afterwards
                if op.name in _ADDS and args:
                    found.append(args[-1])
                    continue
                inner = _all(known, args, depth) if op.name == "extend" else None
                if inner is None:
                    return None
                found += inner
            elif not _only_looks(op, place):
                return None
    return found


def _bound(known: Reader, frame: Frame, place: str, at: Position) -> frozenset[Position]:
    """Where the list was bound to its name that has it at a position; nothing when that is not
    sure."""
    made = frame.graph.definitions(place, at, known.origins.admits(frame))
    return frozenset() if made.entry or made.tested else frozenset(made.positions)


def _only_looks(op: Op, place: str) -> bool:
    if op.do in _LOOKS or op.dst == place or (op.do == "binop" and op.name == "+"):
        return True
    if op.do == "call" and op.name is None and op.on in _ASKS:
        return True
    starred = [arg.value for arg in op.args if arg.star]
    plain = [arg.value for arg in op.args if not arg.star]
    return op.on != place and place not in plain and (not starred or op.do in ("call", "pack"))

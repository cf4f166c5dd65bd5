"""Which containers of a function its operations put something into."""

from __future__ import annotations

from sqla_lint.ir import Function, Op, Place

_MAKERS = frozenset({"defaultdict", "deque", "dict", "list", "OrderedDict", "set", "sorted"})
_DISPLAYS = frozenset({"dict", "dictcomp", "list", "listcomp", "set", "setcomp"})
_ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "update"})
# `groups[key]`, `groups.setdefault(key, [])`: a container in the container.
_INNER = frozenset({"setdefault", "get"})


def puts(function: Function) -> dict[int, Place]:
    """By the id of an operation: the local name of the container that holds its arguments then,
    itself or in a container inside."""
    own = _containers(function)
    found: dict[int, Place] = {}
    for block in function.blocks:
        inside: dict[Place, Place] = {}  # temporaries that are containers in containers
        for op in block.ops:
            on = op.on if isinstance(op.on, str) else ""
            holder = on if on in own else inside.get(on)
            if holder is not None and _is_put(op):
                found[id(op)] = holder
            if op.dst is not None:
                inside.pop(op.dst, None)
                if holder is not None and op.dst[0] == "%" and _is_inner(op):
                    inside[op.dst] = holder
    return found


def _containers(function: Function) -> set[Place]:
    """The names that are bound to containers that the function itself has made, and to nothing
    else: what is put into the collection of a relationship, or into another's, goes further."""
    made: set[Place] = set()
    others = {param.name for param in function.params}
    for block in function.blocks:
        fresh: set[Place] = set()  # temporaries, until they are bound again
        for op in block.ops:
            if op.dst is None or op.do in ("getattr", "setattr", "augassign"):
                continue
            is_made = op.on in fresh if op.do == "move" else _makes(op)
            if op.dst[0] == "%":
                (fresh.add if is_made else fresh.discard)(op.dst)
            else:
                (made if is_made else others).add(op.dst)
    return made - others


def _makes(op: Op) -> bool:
    if op.do == "pack":
        return op.name in _DISPLAYS
    return op.do == "call" and op.name is None and str(op.on).rpartition(".")[2] in _MAKERS


def _is_put(op: Op) -> bool:
    if op.do == "call":
        return op.name in _ADDING
    return op.do == "setitem" or (op.do == "augassign" and op.name in ("+=", "|="))


def _is_inner(op: Op) -> bool:
    return op.do == "getitem" or (op.do == "call" and op.name in _INNER)

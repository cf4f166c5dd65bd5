"""Exception clauses that name a tuple of the module: ``except ERRORS:`` takes what is in it."""

from __future__ import annotations

from sqla_lint.ir import MODULE_BODY, Ann, Function, Handler, Module, Op, Place


def open_tuples(module: Module) -> None:
    """Put the types in the place of the tuple's name."""
    if not any(block.handlers for one in module.functions.values() for block in one.blocks):
        return
    known = _tuples(module.functions[MODULE_BODY])
    if not known:
        return
    for function in module.functions.values():
        for block in function.blocks:
            if block.handlers:
                block.handlers = tuple(_opened(h, known, function) for h in block.handlers)


def _opened(handler: Handler, known: dict[Place, tuple[Ann, ...]], inside: Function) -> Handler:
    if not any(ann.kind == "name" and ann.name in known for ann in handler.types):
        return handler
    types: list[Ann] = []
    for ann in handler.types:
        found = known.get(ann.name, ()) if ann.kind == "name" else ()
        if not found or _is_own(inside, ann.name):
            found = (ann,)
        types += (one._replace(at=ann.at) for one in found)
    return handler._replace(types=tuple(types))


def _is_own(function: Function, name: Place) -> bool:
    if function.kind == "module":
        return False
    return any(param.name == name for param in function.params) or any(
        op.dst == name for block in function.blocks for op in block.ops
    )


def _tuples(body: Function) -> dict[Place, tuple[Ann, ...]]:
    """The tuples of names that a module binds, and nothing else; with all that it binds to one."""
    ops = [op for block in body.blocks for op in block.ops if op.dst is not None]
    made = {op.dst: op for op in ops if op.dst is not None and op.dst[0] == "%"}
    found: dict[Place, list[Ann]] = {}
    others: set[Place] = set()
    for op in ops:
        if op.dst is None or op.dst[0] == "%":
            continue
        types = _names(op, made) if op.do == "move" else None
        if types is None:
            others.add(op.dst)
        else:
            found.setdefault(op.dst, []).extend(types)
    return {name: tuple(types) for name, types in found.items() if types and name not in others}


def _names(move: Op, made: dict[Place, Op]) -> list[Ann] | None:
    """What a tuple consists of; None for anything else. A tuple that is packed out again names
    what its name has had before."""
    pack = made.get(move.on) if isinstance(move.on, str) else None
    if pack is None or pack.do != "pack" or pack.name != "tuple":
        return None
    types = []
    for arg in pack.args:
        if arg.star and arg.value == move.dst:
            continue
        name = _dotted(arg.value, made)
        if arg.star or not name:
            return None
        types.append(Ann("name", name))
    return types


def _dotted(operand: object, made: dict[Place, Op]) -> str:
    if not isinstance(operand, str):
        return ""
    if operand[0] != "%":
        return operand
    op = made.get(operand)
    owner = _dotted(op.on, made) if op is not None and op.do == "getattr" else ""
    return f"{owner}.{op.name}" if op is not None and owner else ""

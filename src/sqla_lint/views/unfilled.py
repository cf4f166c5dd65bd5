"""Caches that are asked before something is made, and that nothing is ever put into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import MODULE_BODY, Const, Edge, Module, Op, Operand, Place
from sqla_lint.ir import Function as Code
from sqla_lint.views.function import Function
from sqla_lint.ways import only_through

_READS = frozenset({"get", "keys", "values", "items", "pop", "popitem", "clear", "copy"})
_LOOKING = frozenset({"len", "list", "tuple", "sorted", "bool", "iter", "set"})
_EMPTY = frozenset({"dict", "OrderedDict", "WeakValueDictionary"})
# What says in a class body what each object begins with.
_FIELDS = frozenset({"field", "Field", "PrivateAttr", "attrib", "ib"})
_FACTORIES = frozenset({"default_factory", "factory"})
_MISSES = frozenset({"KeyError", "LookupError", "AttributeError", "Exception"})
_NEUTRAL = frozenset({"property", "staticmethod", "classmethod"})


class _Cache(NamedTuple):
    """An attribute of a class's objects (``owner`` is the class's label), or a global."""

    name: str
    owner: str


def asked_in_vain(function: Function, made: Op) -> Place | None:
    """What is made only where a cache does not have it, and nothing is ever put into the cache:
    the place of that."""
    code, at = function.typed.function, function.position(made)
    if at is None or any(str(one) not in _NEUTRAL for one in code.decorators):
        return None
    for place in sorted({place for place in _asked(code) if place}):
        missing = _missing(code, place)
        cache = _cache(function, place) if only_through(code, at[0], missing) else None
        if cache is not None and _stays_empty(function, cache):
            return place
    return None


# --- where it is asked


def _asked(code: Code) -> Iterator[Place]:
    """The places that may be such caches: attributes of the object, and globals."""
    own = code.params[0].name if code.params else ""
    for block in code.blocks:
        operands: list[Operand | None] = [
            edge.test.place for edge in block.edges if edge.test is not None
        ]
        for op in block.ops:
            operands += [op.on, *(arg.value for arg in op.args)] if op.do in _ASKING else []
        for operand in operands:
            if not isinstance(operand, str) or operand[0] == "%":
                continue
            head, _, rest = operand.partition(".")
            if (rest and "." not in rest and head == own) or (
                not rest and head not in code.locals and code.captures.get(head) in _OF_MODULE
            ):
                yield operand


_OF_MODULE = (None, MODULE_BODY)
_ASKING = frozenset({"call", "compare", "getitem"})


def _missing(code: Code, place: Place) -> frozenset[tuple[int, int]]:
    """The ways, from block to block, that are gone only where the cache has nothing."""
    found: set[Place | None] = set()  # what it gave
    inside: dict[Place | None, bool] = {}  # the answers whether it has something
    for block in code.blocks:
        for op in block.ops:
            if op.do == "call" and op.on == place and op.name == "get":
                found.add(op.dst)
            elif op.do == "compare" and op.name in ("in", "not in"):
                if op.args and op.args[0].value == place:
                    inside[op.dst] = op.name == "in"
            elif op.do == "move" and op.on in found:
                found.add(op.dst)
    found.add(place)
    ways: set[tuple[int, int]] = set()
    for number, block in enumerate(code.blocks):
        ways.update((number, e.to) for e in block.edges if _says_missing(e, found, inside))
        if any(op.do == "getitem" and op.on == place for op in block.ops):
            catching = code.blocks[block.exc]
            ways.update(
                (block.exc, handler.to)
                for handler in catching.handlers
                if any(ann.name in _MISSES for ann in handler.types)
            )
    return frozenset(ways)


def _says_missing(edge: Edge, found: set[Place | None], inside: dict[Place | None, bool]) -> bool:
    test = edge.test
    if test is None:
        return False
    if test.place in found:
        return test.holds == (test.is_ == "none")
    return test.is_ == "true" and test.place in inside and test.holds != inside[test.place]


# --- whether anything is put into it


def _cache(function: Function, place: Place) -> _Cache | None:
    head, _, name = place.partition(".")
    if not name:
        return _Cache(head, "")
    parent = function.typed.function.parent
    return _Cache(name, f"{function.typed.module.name}:{parent}") if parent else None


def _stays_empty(function: Function, cache: _Cache) -> bool:
    """It begins empty, and all that the project does with it is to look into it; or it is None, and
    nothing else is ever put in its place."""
    begins, handed = set[str](), False
    module = function.typed.module
    for other in function.project.knowledge.index.modules.values():
        for code in other.functions.values():
            if not cache.owner and other is not module:
                if _reaches(code, cache.name):
                    return False
                continue
            if cache.owner and _is_of_another(function, other, code, cache):
                continue
            done = _done(code, cache)
            if "filled" in done:
                return False
            handed = handed or "handed" in done
            begins |= done - {"handed"}
    return begins == {"none"} or ("empty" in begins and not handed)


def _reaches(code: Code, name: str) -> bool:
    """Another module may get at a global."""
    return any(
        (op.do == "import" and any(arg.value == Const(name) for arg in op.args))
        or (op.do in ("getattr", "setattr") and op.name == name)
        for block in code.blocks
        for op in block.ops
    )


def _is_of_another(function: Function, module: Module, code: Code, cache: _Cache) -> bool:
    """A class body or method of a class that has nothing to do with that of the cache, which does
    nothing with other objects' attributes of this name."""
    parent = code.qualname if code.kind == "class" else code.parent
    if parent is None or parent not in module.classes:
        return False
    classes, label = function.project.knowledge.classes, f"{module.name}:{parent}"
    if cache.owner in classes.lineage(label) or label in classes.lineage(cache.owner):
        return False
    own = code.params[0].name if code.params else ""
    return all(
        op.on == own
        for block in code.blocks
        for op in block.ops
        if op.do in ("getattr", "setattr") and op.name == cache.name
    )


def _done(code: Code, cache: _Cache) -> set[str]:
    """What a function does to it: it begins as "none" or "empty", may be "filled", or is "handed"
    to something else."""
    made: dict[Operand | None, Op] = {}
    done = set[str]()
    for block in code.blocks:
        for op in block.ops:
            if op.dst is not None and op.dst[0] == "%":
                made[op.dst] = op
            if _sets(code, op, cache):
                value = op.args[0].value if op.do == "setattr" else op.on
                empty = "empty" if _is_empty(value, made) else "filled"
                done.add("none" if value == Const(None) else empty)
            elif Const(cache.name) in (arg.value for arg in op.args):
                done.add("filled")  # `setattr(registry, "_engines", ...)`
            elif not _only_looks(code, op, cache):
                done.add("handed")
    return done


def _sets(code: Code, op: Op, cache: _Cache) -> bool:
    if cache.owner:
        in_body = code.kind == "class" and op.do == "move" and op.dst == cache.name
        return in_body or (op.do == "setattr" and op.name == cache.name)
    mine = code.kind == "module" or cache.name in code.globals
    return mine and op.do == "move" and op.dst == cache.name


def _is_empty(value: Operand | None, made: dict[Operand | None, Op]) -> bool:
    op = made.get(value)
    if op is None:
        return False
    if op.do == "pack":
        return op.name == "dict" and not op.args
    name = op.name or op.on
    if op.do == "call" and name in _EMPTY:
        return not op.args
    return (
        op.do == "call"
        and name in _FIELDS
        and any(arg.keyword in _FACTORIES and arg.value in _EMPTY for arg in op.args)
    )


def _only_looks(code: Code, op: Op, cache: _Cache) -> bool:
    """It leaves the cache as it is."""
    if op.do == "getattr" and op.name == cache.name and cache.owner:
        return op.dst is not None and op.dst[0] != "%" and not _is_it(code, op.on, cache)
    if _is_it(code, op.dst, cache):
        return op.do in ("getattr", "declare")
    if any(_is_it(code, arg.value, cache) for arg in op.args):
        looks = op.do == "call" and op.name is None and op.on in _LOOKING
        return looks or (op.do == "compare" and op.name in ("in", "not in"))
    if not _is_it(code, op.on, cache):
        return True
    if op.do == "call":
        return op.name in _READS
    return op.do in ("getitem", "compare", "test", "next", "unary", "delete")


def _is_it(code: Code, operand: Operand | None, cache: _Cache) -> bool:
    if not isinstance(operand, str):
        return False
    if cache.owner:
        return operand.endswith(f".{cache.name}")
    return operand == cache.name and (code.kind == "module" or cache.name not in code.locals)

"""Changes of nested values in classes that notice changes of their own level only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import ENTRY, EXIT, Module, Op, Operand
from sqla_lint.ir import Function as Code
from sqla_lint.project.mentions import CHANGING
from sqla_lint.views.function import Function
from sqla_lint.views.mutations import SHALLOW
from sqla_lint.views.once import per_project
from sqla_lint.ways import behind

# What gives a value that is inside, where the class has no method of that name.
_GIVING = frozenset({"get", "values", "items"})
# With its own of these, a class may make what is inside notice its changes, too.
_DEEPER = frozenset({"__getitem__", "__setitem__", "changed", "coerce"})
_TELLING = frozenset({"changed", "flag_modified", "flag_dirty"})


class InnerChange(NamedTuple):
    """The method of a class on `MutableDict` that changes something inside of a value."""

    op: Op
    type: str  # the class
    base: str  # `MutableDict`


def inner_changes(function: Function) -> Iterator[InnerChange]:
    """The first change of each method of the classes of a module."""
    module, classes = function.typed.module, function.project.knowledge.classes
    if not function.is_module or not module.classes:
        return
    for qualname in module.classes:
        ancestry = classes.ancestry(f"{module.name}:{qualname}")
        bases = {base.label for info in ancestry for base in info.bases if ":" not in base.label}
        shallow = sorted(bases & SHALLOW)
        own = {name for info in ancestry for name in info.methods}
        if len(bases) != 1 or not shallow or own & _DEEPER or _is_told(function):
            continue  # the last of it is asked where the others let it matter: it reads all
        name, methods = qualname.rpartition(".")[2], _methods(module, qualname)
        if any(_makes(op, name) for code in methods for block in code.blocks for op in block.ops):
            continue
        for code in methods:
            op = _changed_inside(code, _GIVING - own)
            if op is not None:
                yield InnerChange(op, name, shallow[0].rpartition(".")[2])


def _methods(module: Module, qualname: str) -> list[Code]:
    return [
        code
        for code in module.functions.values()
        if code.parent == qualname
        and code.kind == "def"
        and code.params
        and not code.qualname.rpartition(".")[2].startswith("__")
    ]


def _makes(op: Op, name: str) -> bool:
    """A value that notices its own changes is made here, and perhaps put inside."""
    made = str(op.on).rpartition(".")[2] if op.name is None else op.name
    return op.do == "call" and (made == name or made.startswith("Mutable"))


@per_project
def _is_told(function: Function) -> bool:
    """Somewhere somebody says that a value was changed: callers of these methods may."""
    return any(
        op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in _TELLING
        for op in function.project.knowledge.saying(*_TELLING)
    )


def _changed_inside(code: Code, giving: frozenset[str]) -> Op | None:
    """The first change of a nested value that some way leaves untold."""
    own, inner = code.params[0].name, set[Operand]()
    ops = [(number, op) for number, block in enumerate(code.blocks) for op in block.ops]
    told = {number for number, op in ops if _tells(op, own)}
    bound = Counter(op.dst for _, op in ops)
    for number, op in ops:
        changes = _changes(op) and op.on in inner and number not in told
        if (
            changes
            and number in behind(code.blocks, [ENTRY], stop=told, swallowed=True)
            and EXIT in behind(code.blocks, [number], stop=told, swallowed=True)
        ):
            return op
        if op.dst is None or (op.dst[0] != "%" and bound[op.dst] > 1):
            continue
        gives = op.do == "getitem" or (op.do == "call" and op.name in giving)
        leads = op.do in ("move", "next", "getitem", "unpack") and op.on in inner
        (inner.add if leads or (gives and op.on == own) else inner.discard)(op.dst)
    return None


def _changes(op: Op) -> bool:
    return op.do == "setitem" or (op.do == "call" and op.name in CHANGING)


def _tells(op: Op, own: str) -> bool:
    """A change of the top level, which is noticed; or somebody else has the object."""
    if op.on == own and _changes(op):
        return True
    if op.do == "delete":
        return True
    hands = op.do in ("call", "pack", "setattr", "setitem")
    return hands and any(arg.value == own for arg in op.args)

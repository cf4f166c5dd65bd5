"""Where a program asks for the version of a library, and goes another way for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeAlias, TypeVar

from sqla_lint.ir import EXIT, Ann, Block, Const, Module, Op, Operand
from sqla_lint.ir import Function as Body
from sqla_lint.project.index import absolute
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function
from sqla_lint.ways import behind

# A flag is made of a version in so many steps (attribute, split, slice, a comprehension's elements,
# `int`, a name, compare, what a function returns), and imported through one or two modules.
STEPS = 24
# Modules whose versions are not those of a library.
_OTHERS = frozenset({"platform", "sqlite3", "sys"})
_R = TypeVar("_R")


@per_function
def decides_by_version(function: Function) -> bool:
    """A branch of the function is taken by what is worked out from a version, or by a name that
    says version: the other is for another. So is a function that only one branch defines."""
    module, body = function.typed.module, function.typed.function
    tested = [(module, body, on) for on in _tests(body)]
    return _rest_on_version(function, tested) or _is_of_a_branch(function)


def _tests(body: Body) -> Iterator[Operand | None]:
    return (op.on for block in body.blocks for op in block.ops if op.do in ("test", "ifelse"))


def _is_of_a_branch(function: Function) -> bool:
    """It is defined where a test of the version leads one way, and the other goes on, too."""
    module, body = function.typed.module, function.typed.function
    while body.parent is not None and body.parent in module.functions:
        around = module.functions[body.parent]
        there = {
            number
            for number, block in enumerate(around.blocks)
            for op in block.ops
            if op.do == "closure" and op.name == body.qualname
        }
        for block in around.blocks:
            ways = {edge.when: edge.to for edge in block.edges}
            if not block.ops or block.ops[-1].do != "test" or {"true", "false"} - ways.keys():
                continue
            after = [
                behind(around.blocks, [ways[when]], swallowed=True) for when in ("true", "false")
            ]
            leading = [bool(there & reached) for reached in after]
            if leading[0] == leading[1] or EXIT not in after[leading.index(False)]:
                continue  # the other way ends in an error: what is written is for this version
            if _rest_on_version(function, [(module, around, block.ops[-1].on)]):
                return True
        body = around
    return False


def asks_version(function: Function) -> bool:
    """The file looks at the version of a library."""
    return any(
        (op.do == "getattr" and op.name == "__version__")
        or (op.do == "import" and op.args and "VERSION" in str(op.dst).upper())
        for other in function.typed.module.functions.values()
        for block in other.blocks
        for op in block.ops
    )


_Place: TypeAlias = tuple[Module, Body, "Operand | None"]


def _rest_on_version(function: Function, places: list[_Place]) -> bool:
    """Whether one of these is made of a version. Each is looked at once: what loops bind leads to
    itself on very many ways."""
    seen: set[tuple[str, str, str]] = set()
    bindings: dict[tuple[str, str], dict[str, list[Op]]] = {}
    for _ in range(STEPS):
        after: list[_Place] = []
        for module, scope, operand in places:
            where = (module.name, scope.qualname)
            if not isinstance(operand, str) or _is_of_another(operand):
                continue
            if (*where, operand) in seen:
                continue
            seen.add((*where, operand))
            if "VERSION" in operand.upper():
                return True
            if where not in bindings:
                bindings[where] = _bindings(scope)
            bound = bindings[where].get(operand, [])
            root, _, path = operand.partition(".")
            if (path or not bound) and scope is not module.body and root not in scope.locals:
                after.append((module, module.body, operand))
            after += _of_self(module, scope, operand)
            after += _of_module(function, module, bindings[where], operand)
            for op in bound:
                if _says_version(op):
                    if op.do == "import" or not _is_of_another(op.on):
                        return True
                    continue
                after += _made_of(module, scope, op)
        places = after
    return False


def _bindings(scope: Body) -> dict[str, list[Op]]:
    found: dict[str, list[Op]] = {}
    for block in scope.blocks:
        for op in block.ops:
            if op.dst is not None:
                found.setdefault(op.dst, []).append(op)
    return found


def _is_of_another(operand: Operand | None) -> bool:
    return str(operand).partition(".")[0] in _OTHERS


def _says_version(op: Op) -> bool:
    if op.do != "import":
        return op.do in ("getattr", "call") and "version" in (op.name or "").lower()
    name = op.args[0].value if op.args else None
    return isinstance(name, Const) and "VERSION" in str(name.value).upper()


def _made_of(module: Module, scope: Body, op: Op) -> list[_Place]:
    """What the operation takes; of a function of the project what it returns, and of one that
    returns only constants what it decides by."""
    if op.do == "closure":
        made = module.functions.get(op.name or "")
        if made is None or made.kind not in ("def", "lambda"):
            return []
        given = [o.on for block in made.blocks for o in block.ops if o.do == "return"]
        if all(isinstance(one, Const) for one in given):
            given += _tests(made)
        return [(module, made, one) for one in given]
    taken = [(module, scope, place) for place in (op.on, *(arg.value for arg in op.args))]
    if op.do in ("call", "getattr") and op.name and isinstance(op.on, str):
        taken.append((module, scope, f"{op.on}.{op.name}"))
    return taken


def _of_module(
    function: Function, module: Module, bindings: dict[str, list[Op]], place: str
) -> list[_Place]:
    """What is imported, or read from an imported module, where it is bound: ``compat.NEW``."""
    root, _, rest = place.partition(".")
    found: list[_Place] = []
    for op in bindings.get(root, ()):
        if op.do != "import":
            continue
        name = op.args[0].value.value if op.args and isinstance(op.args[0].value, Const) else None
        dotted = absolute(module, op.name or "")
        if isinstance(name, str):
            dotted = f"{dotted}.{name}"
        elif dotted.partition(".")[0] == root:
            dotted = root  # `import a.b` binds `a`
        index = function.project.knowledge.index
        there = index.resolve(f"{dotted}.{rest}" if rest else dotted, module)
        if there is not None and len(there[1]) == 1:
            found.append((there[0], there[0].body, there[1][0]))
    return found


def _of_self(module: Module, scope: Body, place: str) -> list[_Place]:
    """What the methods, and the class itself, bind an attribute to: ``self.is_new``."""
    root, _, name = place.partition(".")
    owner = module.functions.get(scope.parent or "")
    if root not in ("self", "cls") or not name or owner is None or owner.kind != "class":
        return []
    methods = [one for one in module.functions.values() if one.parent == owner.qualname]
    stored = [
        (module, one, op.args[0].value)
        for one in methods
        for block in one.blocks
        for op in block.ops
        if op.do == "setattr" and op.on == root and op.name == name and op.args
    ]
    return [(module, owner, name), *stored]


# What a way that another version does not have raises.
_NOT_THERE = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError"})
_NOT_THERE |= {"ArgumentError"}


def is_fallback(block: Block) -> bool:
    """It is the handler of what a spelling raises that this version does not know."""
    return any(
        op.do == "catch" and op.ann is not None and not _NOT_THERE.isdisjoint(_names(op.ann))
        for op in block.ops[:1]
    )


def _names(ann: Ann) -> set[str]:
    return {ann.name.rpartition(".")[2]}.union(*(_names(one) for one in ann.args))


def _is_in_fallback(operation: Operation) -> bool:
    position = operation.function.position(operation.op)
    if position is None:
        return False
    return is_fallback(operation.function.typed.function.blocks[position[0]])


def of_every_version(check: Callable[[Operation], Iterator[_R]]) -> Callable[..., Iterator[_R]]:
    """A rule on what another version has not, which is silent where a function decides by version,
    or has tried another spelling: what is written there is for the other one."""

    @wraps(check)
    def told(operation: Operation) -> Iterator[_R]:
        for report in check(operation):
            if not decides_by_version(operation.function) and not _is_in_fallback(operation):
                yield report

    return told

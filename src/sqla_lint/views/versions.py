"""Where a program asks for the version of a library, and goes another way for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeAlias, TypeVar

from sqla_lint.ir import EXIT, RAISED, Ann, Block, Const, Module, Op, Operand
from sqla_lint.ir import Function as Body
from sqla_lint.project.bodies import may_say
from sqla_lint.project.index import absolute
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function, per_project
from sqla_lint.ways import behind

# A flag is made of a version in so many steps (attribute, split, slice, a comprehension's elements,
# `int`, a name, compare, what a function returns), and imported through one or two modules.
STEPS = 24
# So many `try`, and `with`, lie in each other at the most.
FRAMES = 12
# Modules whose versions are not those of a library.
_OTHERS = frozenset({"platform", "sqlite3", "sys"})
_R = TypeVar("_R")


@per_function
def decides_by_version(function: Function) -> bool:
    """A branch of the function is taken by what is worked out from a version, or by a name that
    says version: the other is for another. So is a function that only one branch defines, and a
    module that only one branch imports."""
    module, body = function.typed.module, function.typed.function
    tested = [(module, body, on) for on in _tests(body)]
    if _rest_on_version(function, tested) or _is_of_a_branch(function):
        return True
    return module.name in _of_branches(function)


@per_project
def _of_branches(function: Function) -> frozenset[str]:
    """The modules of the project that are only imported where the version is asked for, or where
    another import has failed."""
    index, told = function.project.knowledge.index, function.project.knowledge.told
    guarded: set[str] = set()
    plain: set[str] = set()
    for module in index.modules.values():
        names = _imported_in(module)
        if told.is_test(module.path) or not names:
            continue
        branches = _may_branch(function, module)
        for number, body, dotted in names:
            there = index.resolve(dotted, module)
            if there is None:
                continue
            tried = is_fallback(body.blocks[number])
            chosen = branches and body.kind == "module" and _is_chosen(body, number)
            (guarded if tried or chosen else plain).add(there[0].name)
    return frozenset(guarded - plain)


def _imported_in(module: Module) -> list[tuple[int, Body, str]]:
    """What a module imports, each with the block and the function that does it."""
    return [
        (number, body, f"{absolute(module, op.name)}{_last(op)}")
        for body in module.functions.values()
        if may_say(body, "import")
        for number, block in enumerate(body.blocks)
        for op in block.ops
        if op.do == "import" and op.name
    ]


def _last(op: Op) -> str:
    name = op.args[0].value.value if op.args and isinstance(op.args[0].value, Const) else None
    return f".{name}" if isinstance(name, str) else ""


def _may_branch(function: Function, module: Module) -> bool:
    """The body of a module tests the version."""
    tested = [(module, module.body, on) for on in _tests(module.body)]
    return bool(tested) and _rest_on_version(function, tested)


def _is_chosen(body: Body, number: int) -> bool:
    """A block lies behind one side of a test only."""
    for block in body.blocks:
        ways = {edge.when: edge.to for edge in block.edges}
        if not block.ops or block.ops[-1].do != "test" or {"true", "false"} - ways.keys():
            continue
        after = [behind(body.blocks, [ways[when]], swallowed=True) for when in ("true", "false")]
        if (number in after[0]) != (number in after[1]):
            return True
    return False


def _tests(body: Body) -> Iterator[Operand | None]:
    return (op.on for block in body.blocks for op in block.ops if op.do in ("test", "ifelse"))


def _is_of_a_branch(function: Function) -> bool:
    """It is defined where a test of the version leads one way, and the other goes on, too; or in a
    ``try`` and its handler, for where an import fails."""
    module, body = function.typed.module, function.typed.function
    while body.parent is not None and body.parent in module.functions:
        around = module.functions[body.parent]
        there = {
            number
            for number, block in enumerate(around.blocks)
            for op in block.ops
            if op.do == "closure" and op.name == body.qualname
        }
        if any(is_fallback(around.blocks[one]) or _is_tried(around, one) for one in there):
            return True
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
    fallbacks: set[int] = set()
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
                fallbacks |= _fallbacks(scope)
            bound = bindings[where].get(operand, [])
            root, _, path = operand.partition(".")
            if (path or not bound) and scope is not module.body and root not in scope.locals:
                after.append((module, module.body, operand))
            after += _of_self(module, scope, operand)
            after += _of_module(function, module, bindings[where], operand)
            for op in bound:
                if id(op) in fallbacks or _asks_library(bindings, module, op):
                    return True
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


def _fallbacks(scope: Body) -> set[int]:
    """What is bound to a constant where an import, or a spelling, has failed: ``NEW = False``."""
    return {
        id(op)
        for block in scope.blocks
        if is_fallback(block)
        for op in block.ops
        if op.do == "move" and isinstance(op.on, Const)
    }


def _asks_library(
    bindings: dict[tuple[str, str], dict[str, list[Op]]], module: Module, op: Op
) -> bool:
    """``hasattr(sqlalchemy, "Uuid")``"""
    if op.do != "call" or op.on != "hasattr" or not op.args:
        return False
    root = str(op.args[0].value).partition(".")[0]
    there = (module.name, module.body.qualname)
    known = bindings.get(there) or _bindings(module.body)
    return any(
        one.do == "import" and (one.name or "").startswith(_LIBRARIES)
        for one in known.get(root, ())
    )


_LIBRARIES = ("sqlalchemy", "flask_sqlalchemy", "alembic", "sqlmodel")


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
# The same of a `try` around it, which may also run what it is given.
_MISSING = _NOT_THERE | {"ObjectNotExecutableError"}


def is_fallback(block: Block) -> bool:
    """It is the handler of what a spelling raises that this version does not know."""
    return any(
        op.do == "catch" and op.ann is not None and not _NOT_THERE.isdisjoint(_names(op.ann))
        for op in block.ops[:1]
    )


def _names(ann: Ann) -> set[str]:
    return {ann.name.rpartition(".")[2]}.union(*(_names(one) for one in ann.args))


def is_for_another(function: Function, op: Op) -> bool:
    """What is written here is for another version, or not for the library's own object."""
    position = function.position(op)
    if position is None:
        return decides_by_version(function)
    return (
        is_fallback(function.typed.function.blocks[position[0]])
        or _is_tried(function.typed.function, position[0])
        or is_asked(function, op)
        or _is_patched(function, op)
        or decides_by_version(function)
    )


def _is_tried(body: Body, number: int) -> bool:
    """The block lies in a ``try`` whose handler is ready for a version that does not know it."""
    blocks = body.blocks
    number = blocks[number].exc
    for _ in range(FRAMES):
        if number <= RAISED:
            return False
        caught = [one for handler in blocks[number].handlers for one in handler.types]
        if any(not _MISSING.isdisjoint(_names(one)) for one in caught):
            return True
        out = blocks[number].edges if blocks[number].handlers else ()
        number = out[-1].to if out else blocks[number].exc
    return False


def is_asked(function: Function, op: Op) -> bool:
    """The function asks whether the receiver, or what the receiver is given, has an attribute: it
    may be one that has it."""
    asked = _asked(function)
    if not asked:
        return False
    start = op.on
    while (made := function.maker(start)) is not None and made.op.do in ("await", "call"):
        start = made.op.on
    return bool(asked & {op.on, start}) or any(arg.value in asked for arg in op.args)


@per_function
def _asked(function: Function) -> frozenset[object]:
    """What the function asks for attributes."""
    return frozenset(
        op.args[0].value
        for block in function.typed.function.blocks
        for op in block.ops
        if asks_for_attribute(op)
    )


def asks_for_attribute(op: Op) -> bool:
    """``hasattr(x, "name")``, ``getattr(x, "name", None)``"""
    return op.do == "call" and op.name is None and len(op.args) == _ASKING.get(str(op.on))


# With so many arguments, of which the last is what is given where it is not there.
_ASKING = {"hasattr": 2, "getattr": 3}


def _is_patched(function: Function, op: Op) -> bool:
    """The project puts a method of that name on a class of SQLAlchemy's, or the function on the
    object itself."""
    return op.name in _patched(function) or any(
        one.do == "setattr" and one.name == op.name and one.on == op.on and one is not op
        for block in function.typed.function.blocks
        for one in block.ops
    )


@per_project
def _patched(function: Function) -> frozenset[str]:
    """The names of what is put on classes of SQLAlchemy's."""
    found: set[str] = set()
    for typed in function.project.typed.values():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do == "setattr" and op.name and _is_library(typed.on[number][i]):
                    found.add(op.name)
                elif op.do == "call" and op.on == "setattr" and len(op.args) == len(_PUTTING):
                    name = op.args[1].value
                    if isinstance(name, Const) and _is_library(typed.args[number][i][0]):
                        found.add(str(name.value))
    return frozenset(found)


_PUTTING = ("object", "name", "value")


def _is_library(kind: Kind) -> bool:
    return kind.name == NAME and kind.label.startswith("sqlalchemy.")


def of_every_version(check: Callable[[Operation], Iterator[_R]]) -> Callable[..., Iterator[_R]]:
    """A rule on what another version has not, which is silent where a function decides by version,
    asks for what is there, or tries one spelling and then another: what is written there is for the
    other one."""

    @wraps(check)
    def told(operation: Operation) -> Iterator[_R]:
        for report in check(operation):
            if not is_for_another(operation.function, operation.op):
                yield report

    return told

"""Parameters and attributes that their annotations call expressions, and whose truth is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import MODULE_BODY, Ann, Const, Module, Op, Operand, Ref
from sqla_lint.ir import Function as Code
from sqla_lint.project.classes import ClassInfo
from sqla_lint.project.kind import UNKNOWN
from sqla_lint.project.reexports import imported_name, made_in
from sqla_lint.views.function import Function

ALIASES = 6  # names of types that name types

# Classes of expressions; what they say of their truth is for all of them the same.
_EXPRESSIONS = frozenset(
    {"BinaryExpression", "BooleanClauseList", "ClauseElement", "ColumnClause", "ColumnElement"}
    | {"ColumnExpressionArgument", "ColumnOperators", "UnaryExpression"}
)
_MANY = frozenset(
    {"Sequence", "Iterable", "Collection", "list", "List", "tuple", "Tuple", "set", "Set"}
)
_UNIONS = frozenset({"Optional", "Union"})


class Declared(NamedTuple):
    """What may be an expression, as its annotation says, and where its truth is asked."""

    name: str
    at: Ref
    said: Ref
    path: str = ""  # of the file where it is said, when it is another one


class _Member(NamedTuple):
    """A class that an annotation names: the value is of it, or a collection of such."""

    name: str
    many: bool
    module: Module


def declared_criteria(function: Function) -> Iterator[Declared]:
    """Parameters and attributes of `self` that are expressions or None, as they say, or a list of
    such, and whose truth is asked before anything asks what they are."""
    tests = {op.on: op.at for _, _, op in reversed(function.positions) if op.do == "test"}
    rebound = {op.dst for _, _, op in function.positions if op.do not in ("declare", "getattr")}
    module = function.typed.module
    for param in function.typed.function.params:
        if param.ann is None or param.name not in tests or param.name in rebound:
            continue
        if param.kind in ("star", "starstar"):
            continue  # all of them, of each of which the annotation speaks
        if _says_expression(function, param.ann, module):
            at = tests[param.name]
            if not _is_sorted_out(function, param.name, at):
                yield Declared(param.name, at, param.at)
    params = function.typed.function.params
    first = params[0].name if params else ""
    for place, at in tests.items():
        if not isinstance(place, str) or place in rebound or not first:
            continue
        root, _, name = place.partition(".")
        if root != first or not name.isidentifier() or _is_sorted_out(function, place, at):
            continue
        said = _attribute(function, name)
        if said is not None:
            own = said[1].path == module.path
            yield Declared(place, at, said[0], "" if own else said[1].path)


def _is_sorted_out(function: Function, place: str, before: Ref) -> bool:
    """``isinstance(place, ...)`` has been asked: it may be the other thing by then."""
    return any(
        op.do == "call" and op.on == "isinstance" and op.at < before and op.args[0].value == place
        for _, _, op in function.positions
        if op.args
    )


def _attribute(function: Function, name: str) -> tuple[Ref, Module] | None:
    """Where the class says that an attribute is an expression, or what is put into it."""
    classes = function.project.knowledge.classes
    ancestry = classes.ancestry(function.label.rpartition(".")[0])
    found: tuple[Ref, Module] | None = None
    for info in ancestry:
        for code, op in _sets(info, name):
            value = op.args[-1].value if op.args else None
            if value == Const(None):
                continue
            params = [param for param in code.params if param.name == value]
            rebinds = any(o.dst == value for block in code.blocks for o in block.ops)
            ann = params[0].ann if params and not rebinds else None
            if ann is None or not _says_expression(function, ann, info.module):
                return None
            found = found or (params[0].at, info.module)
    if found is not None:
        return found
    for info in ancestry:
        body = info.module.functions.get(info.node.qualname)
        for op in (op for block in body.blocks for op in block.ops) if body is not None else ():
            if op.dst == name and op.ann is not None:
                said = _says_expression(function, op.ann, info.module)
                return (op.at, info.module) if said else None
    return None


def _sets(info: ClassInfo, name: str) -> Iterator[tuple[Code, Op]]:
    """The assignments to an attribute of `self` in the methods of a class."""
    prefix = f"{info.node.qualname}."
    for label, code in info.module.functions.items():
        if not label.startswith(prefix) or not code.params:
            continue
        place = f"{code.params[0].name}.{name}"
        for block in code.blocks:
            for op in block.ops:
                if op.dst == place and op.do != "getattr":
                    yield code, op


def _says_expression(function: Function, ann: Ann, module: Module) -> bool:
    members = [one for one in _members(function, ann, module, 0) if one.name != "None"]
    return (
        bool(members)
        and not all(one.many for one in members)
        and all(_is_expression_class(function, one) for one in members)
    )


def _members(function: Function, ann: Ann, module: Module, depth: int) -> Iterator[_Member]:
    """The classes that an annotation names; "" for what is no class."""
    last = ann.args[0].name.rpartition(".")[2] if ann.kind == "item" and ann.args else ""
    if ann.kind == "union" or last in _UNIONS:
        for one in ann.args[ann.kind == "item" :]:
            yield from _members(function, one, module, depth)
    elif ann.kind == "tuple":  # Union[A, B]
        for one in ann.args:
            yield from _members(function, one, module, depth)
    elif last in _MANY:
        for one in ann.args[1:]:
            for member in _members(function, one, module, depth):
                yield member._replace(many=True)
    elif ann.kind == "item" and ann.args:
        yield _Member(ann.args[0].name, False, module)
    else:
        alias = _alias(function, ann.name, module, depth) if ann.kind == "name" else None
        yield from [_Member(ann.name, False, module)] if alias is None else alias


def _alias(function: Function, name: str, module: Module, depth: int) -> list[_Member] | None:
    """The classes behind ``Name = Union[A, None]`` of a module; None for any other name."""
    body = module.functions.get(MODULE_BODY)
    made = [op for block in body.blocks for op in block.ops if op.dst == name] if body else []
    if len(made) != 1 or body is None or depth > ALIASES:
        return None
    if made[0].do == "import":
        dotted = imported_name(module, made[0])
        index = function.project.knowledge.index
        found = made_in(index, dotted, module) if dotted is not None else None
        return _alias(function, found[1], found[0], depth + 1) if found is not None else None
    if made[0].do != "move" or made[0].on is None:
        return None
    parts = list(_written(function, body, made[0].on, module, depth + 1))
    return parts if len(parts) > 1 else None


def _written(
    function: Function, body: Code, operand: Operand, module: Module, depth: int
) -> Iterator[_Member]:
    """The classes that an expression of types names."""
    if operand == Const(None):
        yield _Member("None", False, module)
        return
    if not isinstance(operand, str) or depth > ALIASES:
        yield _Member("", False, module)
        return
    made = [op for block in body.blocks for op in block.ops if op.dst == operand]
    op = made[0] if len(made) == 1 and operand[0] == "%" else None
    if op is None:
        alias = _alias(function, operand, module, depth + 1)
        yield from [_Member(operand, False, module)] if alias is None else alias
        return
    last = str(op.on).rpartition(".")[2]
    if (op.do == "binop" and op.name == "|") or (op.do == "getitem" and last in _UNIONS):
        for arg in op.args:
            yield from _written(function, body, arg.value, module, depth + 1)
    elif op.do == "getitem" and last in _MANY:
        for arg in op.args:
            for member in _written(function, body, arg.value, module, depth + 1):
                yield member._replace(many=True)
    elif op.do == "getitem":
        yield _Member(str(op.on), False, module)
    else:
        yield _Member("", False, module)


def _is_expression_class(function: Function, member: _Member) -> bool:
    first, _, rest = member.name.partition(".")
    known = function.project.knowledge.globals.get(member.module.name, {})
    kind = known.get(first, UNKNOWN)
    label = f"{kind.label}.{rest}" if rest else kind.label
    return label.startswith("sqlalchemy.") and label.rpartition(".")[2] in _EXPRESSIONS

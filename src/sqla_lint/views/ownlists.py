"""Lists that objects are made with: what `__init__` puts into an attribute that nobody changes
afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Op
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.linked import Project
from sqla_lint.project.mentions import CHANGING
from sqla_lint.project.texts import Reader

_MEMO = "lists of objects that are changed"
_MAKER = "__init__"
_ADDS = frozenset({"append", "insert"})
# What only looks at a list that it is given, or makes another of it.
_LOOKS = frozenset({"all", "any", "bool", "isinstance", "iter", "len", "list", "set", "tuple"})
_ANYBODY = ""  # changes an attribute of that name, of whatever object


class OwnList(NamedTuple):
    """The lists that an attribute is made of, and the elements that are added to it."""

    lists: tuple[Spot, ...]
    elements: tuple[Spot, ...] = ()


def own_list(known: Reader, there: Spot) -> OwnList | None:
    """What the list in ``self.name`` is made of; None when something else may change it."""
    frame, place = there.frame, str(there.operand)
    bound = frame.graph.definitions(place, there.at, known.origins.admits(frame))
    if bound.entry or not bound.positions:
        return None
    lists: list[Spot] = []
    elements: list[Spot] = []
    for at in bound.positions:
        op = frame.op(at)
        if op.do != "getattr" or op.name is None or frame.on(at).kind.name != kinds.INSTANCE:
            return None
        made = _made(known, frame.on(at).kind.label, op.name)
        if made is None:
            return None
        lists += made.lists
        elements += made.elements
    return OwnList(tuple(lists), tuple(elements))


def _made(known: Reader, label: str, name: str) -> OwnList | None:
    project = known.frames.project
    for info in project.knowledge.classes.ancestry(label):
        init = known.frames.of(info.methods.get(_MAKER, ""))
        if init is None or not init.typed.function.params:
            continue
        place = f"{init.typed.function.params[0].name}.{name}"
        if place in init.graph.makers:
            return None if _is_changed(project, label, name) else _in_maker(init, place)
    return None


def _in_maker(init: Frame, place: str) -> OwnList | None:
    """What ``self.name = [...]``, ``self.name += [...]`` and ``self.name.append(...)`` give it."""
    lists: list[Spot] = []
    elements: list[Spot] = []
    for number, block in enumerate(init.typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.dst == place and op.do != "getattr":
                if op.do != "setattr":
                    return None
                lists += _assigned(init, (number, i))
            elif op.do == "call" and op.on == place:
                args = init.args((number, i))
                if op.name in _ADDS and args:
                    elements.append(args[-1])
                elif op.name == "extend" and args:
                    lists.append(args[0])
                elif op.name in CHANGING:
                    return None
            elif place in _given_away(op):
                return None
    return OwnList(tuple(lists), tuple(elements)) if lists else None


def _assigned(init: Frame, at: Position) -> list[Spot]:
    """What is assigned; of ``+=`` what is added, as the rest is there already."""
    (value,) = init.args(at)[:1]
    made = init.graph.makers.get(str(value.operand), ())
    if len(made) == 1 and init.op(made[0]).do == "augassign" and init.op(made[0]).name == "+":
        return init.args(made[0])
    return [value]


def _is_changed(project: Project, label: str, name: str) -> bool:
    """Somebody but the `__init__` of the class, or of one above or below it, may change it."""
    if _MEMO not in project.memo:
        project.memo[_MEMO] = frozenset(_changes(project))
    changed = cast("frozenset[_Change]", project.memo[_MEMO])
    classes = project.knowledge.classes
    above = set(classes.lineage(label))
    for one in changed:
        if one.name != name:
            continue
        if one.of == _ANYBODY or (one.of in above and not one.in_maker):
            return True
        if one.of != label and label in classes.lineage(one.of):
            return True
    return False


class _Change(NamedTuple):
    """An attribute that is set or changed in place, and the class whose method does it to its own
    object."""

    name: str
    of: str
    in_maker: bool


def _changes(project: Project) -> Iterator[_Change]:
    for module, function in project.knowledge.functions.values():
        label = f"{module.name}:{function.parent}" if function.parent in module.classes else ""
        own = f"{function.params[0].name}." if label and function.params else ""
        in_maker = function.qualname.rpartition(".")[2] == _MAKER
        for place in _changed(function):
            base, _, name = place.rpartition(".")
            its_own = bool(own) and f"{base}." == own
            yield _Change(name, label if its_own else _ANYBODY, its_own and in_maker)


def _changed(function: Code) -> Iterator[str]:
    ops = [op for block in function.blocks for op in block.ops]
    names = {op.dst: op.on for op in ops if op.do == "move" and "." in str(op.on)}
    for op in ops:
        if op.do == "setattr":
            yield f"{op.on}.{op.name}"
        touched = list(_given_away(op))
        if op.do in ("setitem", "augassign") or (op.do == "call" and op.name in CHANGING):
            touched.append(str(op.on))
        for one in touched:
            place = str(names.get(one, one))
            if "." in place:
                yield place


def _given_away(op: Op) -> Iterator[str]:
    """Places whose lists a function gets that may change them, or that are kept elsewhere."""
    if op.do in ("return", "yield") and isinstance(op.on, str):
        yield op.on
    looks = op.do == "call" and op.name is None and op.on in _LOOKS
    if looks or op.do not in ("call", "pack", "setattr", "setitem"):
        return
    yield from (arg.value for arg in op.args if not arg.star and isinstance(arg.value, str))

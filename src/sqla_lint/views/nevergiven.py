"""Attributes that an object could be given and that nothing in the program gives it.

``def __init__(self, db_session=None): self.db_session = db_session``, and each call of the class
leaves the session out: what is done with it never runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Const, Module, Op, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project.bodies import may_say
from sqla_lint.project.callers import parameters
from sqla_lint.project.kind import METHOD, UNKNOWN, Kind, class_name
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function
from sqla_lint.views.inprograms import in_programs
from sqla_lint.views.once import per_project
from sqla_lint.views.sql import reader

_INIT = "__init__"
_CLASSES = frozenset({kinds.CLASS, kinds.MAPPED_CLASS})
_ASKING = frozenset({"isinstance", "issubclass"})
# What makes objects of a class without saying its name.
_BY_CLASS = frozenset({"classmethod", "builtins.classmethod"})


def is_never_given(function: Function, place: Place) -> bool:
    """``self.db_session``, or ``self.executor.db_session``: None for all objects of a program."""
    root, *names = place.split(".")
    if not names:
        return False
    code, knowledge = function.typed.function, function.project.knowledge
    kind = function.typed.cells.get(root, UNKNOWN)
    if code.params and root == code.params[0].name and code.parent in function.typed.module.classes:
        info = knowledge.classes.get(f"{function.typed.module.name}:{code.parent}")
        kind = knowledge.instance(knowledge.class_kind(info)) if info is not None else UNKNOWN
    for name in names[:-1]:
        kind = knowledge.attribute(kind, name)
    return kind.name == kinds.INSTANCE and names[-1] in _never_given(function, kind.label)


def _never_given(function: Function, label: str) -> frozenset[str]:
    known = _known(function)
    if label not in known:
        known[label] = frozenset(_found(function, label))
    return known[label]


@per_project
def _known(function: Function) -> dict[str, frozenset[str]]:
    """What has been asked: class → its attributes."""
    return {}


def _found(function: Function, label: str) -> Iterator[str]:
    """The attributes of a class that are kept parameters which no call gives. None where others
    than the program may make its objects, or somebody may who does not say its name."""
    knowledge = function.project.knowledge
    init = knowledge.functions.get(f"{label}.{_INIT}")
    info = knowledge.classes.get(label)
    if init is None or info is None or init[1].decorators:
        return
    if init[0].name not in in_programs(function):
        return
    if not is_all_known(knowledge, f"{label}.{_INIT}") or _has_others(function, label, init[0]):
        return
    kept = dict(_kept(init[1]))
    given = _given(function, label) if kept else None
    if given is None:
        return
    for name, attribute in kept.items():
        if name not in given and not _is_set_elsewhere(function, label, attribute):
            yield attribute


def _has_others(function: Function, label: str, module: Module) -> bool:
    """A class stands on it, or one of its methods is the class's own."""
    classes = function.project.knowledge.classes
    below = any(one != label and label in classes.lineage(one) for one in classes.by_label)
    own = label.partition(":")[2]
    decorators = function.project.knowledge.decorators
    return below or any(
        one.label in _BY_CLASS
        for qualname, code in module.functions.items()
        if code.parent == own
        for one in decorators.get(f"{module.name}:{qualname}", ())
    )


def _kept(init: Code) -> Iterator[tuple[str, str]]:
    """Parameters that are None unless they are given, with the attributes they are kept in."""
    ops = [op for block in init.blocks for op in block.ops]
    bound = {op.dst for op in ops}
    own = init.params[0].name if init.params else ""
    for param in init.params[1:]:
        if param.default != Const(None) or param.name in bound:
            continue
        kept = [op for op in ops if op.do == "setattr" and op.args[0].value == param.name]
        names = {op.name for op in kept if op.on == own}
        if len(kept) == 1 and len(names) == 1:
            yield param.name, names.pop() or ""


def _given(function: Function, label: str) -> set[str] | None:
    """The parameters that calls of a class in the program give; None where something else is done
    with the class, or nothing."""
    knowledge, name = function.project.knowledge, class_name(label)
    init = Kind(METHOD, label=f"{label}.{_INIT}")
    given: set[str] = set()
    count = 0
    for other, (module, code) in knowledge.functions.items():
        if knowledge.told.is_test(module.path) or not may_say(code, name):
            continue
        frame = reader(function.project).frames.of(other)
        for number, block in enumerate(code.blocks):
            for i, op in enumerate(block.ops):
                if op.do in ("import", "closure") or not _says(code, op, name):
                    continue
                on = frame.typed.on[number][i] if frame is not None else UNKNOWN
                made = on if op.name is None else knowledge.attribute(on, op.name)
                if op.do == "call" and op.name is None and op.on in _ASKING:
                    continue
                if op.do in ("getattr", "move") and op.name == name:
                    continue  # `module.Class`, on the way to its call
                if op.do != "call" or made.name not in _CLASSES or made.label != label:
                    return None
                if name in names_in(op._replace(on=None, name=None)):
                    return None  # the class is also handed to itself
                count += 1
                for arg, parameter in parameters(knowledge, op, init):
                    if parameter is None:
                        return None
                    if arg.value != Const(None):
                        given.add(parameter)
    return given if count else None


def _says(code: Code, op: Op, name: str) -> bool:
    if name in names_in(op):
        return True
    listed = code.qualname == MODULE_BODY and op.do == "pack"  # `__all__`
    return not listed and any(
        text == name or text.endswith((f".{name}", f":{name}")) for text in texts_in(op)
    )


def _is_set_elsewhere(function: Function, label: str, attribute: str) -> bool:
    """Something beside the constructor may set the attribute of an object of the class."""
    knowledge, own = function.project.knowledge, label.partition(":")[2]
    for other, (module, code) in knowledge.functions.items():
        if other == f"{label}.{_INIT}" or not may_say(code, attribute):
            continue
        receiver = code.params[0].name if code.params else ""
        of_another = code.parent in module.classes and code.parent != own
        for block in code.blocks:
            for op in block.ops:
                if op.do == "setattr" and op.name == attribute:
                    if not (of_another and op.on == receiver):
                        return True
                elif op.do == "call" and op.on == "setattr" and attribute in texts_in(op):
                    return True
    return False

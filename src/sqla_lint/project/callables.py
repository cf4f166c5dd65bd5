"""What ``Callable[[Session, int], User]`` says of the functions that are passed for it."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Module
from sqla_lint.project.annotations import annotated
from sqla_lint.project.kind import EITHER, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge

_NAMES = frozenset({"Callable", "Concatenate"})


def called_with(ann: Ann, module: Module, knowledge: Knowledge) -> tuple[Kind, ...]:
    """The kinds of the arguments, as far as the annotation tells; () for one of something else."""
    if ann.kind == "union":
        some = [one for one in ann.args if one.name != "None" and one.kind != "const"]
        return called_with(some[0], module, knowledge) if len(some) == 1 else ()
    if ann.kind != "item" or not ann.args or ann.args[0].kind != "name":
        return ()
    last = ann.args[0].name.rpartition(".")[2]
    if last == "Optional" and len(ann.args) > 1:
        return called_with(ann.args[1], module, knowledge)
    if last not in _NAMES or len(ann.args) < 2:
        return ()
    if last == "Concatenate":
        return _kinds(ann.args[1:], module, knowledge)
    first = ann.args[1]
    if first.kind == "tuple":
        return _kinds(first.args, module, knowledge)
    return called_with(first, module, knowledge) if first.kind == "item" else ()


def _kinds(args: tuple[Ann, ...], module: Module, knowledge: Knowledge) -> tuple[Kind, ...]:
    def resolve(name: str) -> Kind:
        first, *rest = name.split(".")
        kind = knowledge.global_name(module, first)
        for part in rest:
            kind = knowledge.attribute(kind, part)
        return kind

    found = [annotated(one, resolve, knowledge.instance) for one in args]
    return tuple([_handed(kind) for kind in found])


def _handed(kind: Kind) -> Kind:
    if kind.name == EITHER:
        return UNKNOWN
    return kind._replace(owner="caller") if kind.name in _OWNED else kind


_OWNED = frozenset({kinds.CONNECTION, kinds.SESSION})

"""Sessions that only FastAPI and its like fill in, of functions that the project calls itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import frameworks, kinds
from sqla_lint.ir import Op, Param
from sqla_lint.project.bodies import opened
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import UNKNOWN
from sqla_lint.views.calling import askers
from sqla_lint.views.function import Function

_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})


class LeftOut(NamedTuple):
    """A parameter whose default is `Depends(...)`, and a call that gives nothing for it."""

    param: Param
    marker: str  # the dotted name of what its default calls
    method: str  # the first that the function calls on it
    caller: str  # label
    path: str  # of the caller
    call: Op


def left_out(function: Function) -> Iterator[LeftOut]:
    """What calls of a function leave to a framework, which does not make them: the function gets
    the marker itself, and calls a method on it. The first call for each parameter."""
    marked = tuple(_marked(function))
    if not marked or not _is_plain(function):
        return
    found: set[str] = set()
    for caller, typed, op, given in _calls(function):
        for param, marker, method in marked:
            if param.name not in given and param.name not in found:
                found.add(param.name)
                yield LeftOut(param, marker, method, caller, typed.module.path, op)


def _marked(function: Function) -> Iterator[tuple[Param, str, str]]:
    typed = function.typed
    for param in typed.function.params:
        if typed.cells.get(param.name, UNKNOWN).name not in _LENT:
            continue
        marker = _marker(function, param)
        if not frameworks.depends(marker):
            continue
        ops = [op for _, _, op in function.positions]
        if any(op.dst == param.name for op in ops):
            continue  # it is asked, or made when it is missing
        used = (o.name for o in ops if o.do == "call" and o.on == param.name and o.name)
        if (first := next(used, None)) is not None:
            yield param, marker, first


def _marker(function: Function, param: Param) -> str:
    """What the default calls, in the scope around the function, by its dotted name."""
    module, parent = function.typed.module, function.typed.function.parent
    around = module.functions.get(parent) if parent else module.body
    if around is None or param.default is None:
        return ""
    for block in around.blocks:
        for op in block.ops:
            if op.do == "call" and op.dst == param.default and isinstance(op.on, str):
                first, _, rest = op.on.partition(".")
                names = function.project.knowledge.globals.get(module.name, {})
                label = names.get(first, UNKNOWN).label
                return ".".join(one for one in (label, rest, op.name) if one)
    return ""


def _is_plain(function: Function) -> bool:
    """Nothing else fills its parameters in: FastAPI's decorators give it back as it is."""
    decorators = function.project.knowledge.decorators.get(function.label, ())
    return len(decorators) == len(function.typed.function.decorators) and all(
        one.label.startswith("fastapi.") for one in decorators
    )


def _calls(function: Function) -> Iterator[tuple[str, Typed, Op, set[str | None]]]:
    """The calls of a function, with the names of the parameters that are given something."""
    project = function.project
    for caller in sorted(askers(function).get(function.label, ())):
        typed = project.typed.get(caller)
        if typed is None:  # its operands are not kept
            project.knowledge.asked = {}
            module, code = project.knowledge.functions[caller]
            typed = infer(module, opened(code), project.knowledge, ())
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do != "call" or any(arg.star for arg in op.args):
                    continue
                callee = called(project.knowledge, op, typed.on[number][i])
                if callee.label == function.label:
                    given = {name for _, name in parameters(project.knowledge, op, callee)}
                    yield caller, typed, op, given

"""The strings that an operand may be, followed to where they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.ir import Function as Body
from sqla_lint.project.kind import Kind
from sqla_lint.sqltext import HOLE
from sqla_lint.views.function import Function

# A string is followed through so many names, choices and defaults; programs have one or two.
STEPS = 6
_ENVIRONMENT = frozenset({"os.environ", "environ", "os"})
_READERS = frozenset({"get", "getenv", "setdefault"})


class Written(NamedTuple):
    """A string, with `HOLE` for what is not known, and where it is written: in this file when it is
    ``here``, else where it is used."""

    text: str
    at: Ref
    here: bool
    is_default: bool = False  # what a variable of the environment says goes before it


def strings(function: Function, operand: Operand, kind: Kind, at: Ref) -> tuple[Written, ...]:
    """What an operand of kind ``kind`` at ``at`` may be."""
    found = tuple(
        one
        for one in _followed(function, operand, at, function.typed.function, STEPS)
        # in place of what is missing, an empty text stands for none at all
        if one.text or not one.is_default
    )
    whole = {one.text for one in found}
    if kind.name == kinds.STR and not kind.label and not found:
        return ()
    if kind.name == kinds.STR and kind.label and kind.label != HOLE:
        if kind.label in whole:
            return tuple(one for one in found if one.text == kind.label)
        return (Written(kind.label, at, False),)
    if kind.name == kinds.STR and kind.label == HOLE and "environ" in kind.traits:
        texts = {one.label for one in kind.of if one.name == kinds.STR}
        kept = tuple(one for one in found if one.text in texts and one.is_default)
        return kept or tuple(Written(text, at, False, True) for text in texts if text)
    return found if kind.name in (kinds.STR, kinds.UNKNOWN) else ()


def _followed(
    function: Function, operand: Operand, at: Ref, scope: Body, steps: int
) -> Iterator[Written]:
    if isinstance(operand, Const):
        if isinstance(operand.value, str):
            yield Written(operand.value, at, True)
        return
    if steps == 0:
        return
    bound = only_binding(scope, operand)
    if bound is None:
        for param in scope.params:
            # an empty default stands for none at all
            if param.name == operand and isinstance(param.default, Const) and param.default.value:
                for one in _followed(function, param.default, param.at, scope, 1):
                    yield one._replace(is_default=True)
        body = function.typed.module.body
        free = operand.isidentifier() and operand not in scope.locals
        bound = only_binding(body, operand) if free else None
        scope = body
    if bound is None:
        return
    if bound.do == "move" and bound.on is not None:
        yield from _followed(function, bound.on, bound.at, scope, steps - 1)
    elif bound.do in ("boolop", "ifelse"):
        for arg in bound.args:
            for one in _followed(function, arg.value, arg.at, scope, steps - 1):
                yield one if one.text else one._replace(is_default=True)
    elif bound.do == "call" and _reads_environment(bound):
        plain = [arg for arg in bound.args if arg.keyword in (None, "default") and not arg.star]
        if len(plain) == 2:
            for one in _followed(function, plain[1].value, plain[1].at, scope, steps - 1):
                yield one._replace(is_default=True)
    elif bound.do == "format":
        parts = [a.value.value if isinstance(a.value, Const) else HOLE for a in bound.args]
        yield Written("".join(map(str, parts)), bound.at, True)


def _reads_environment(op: Op) -> bool:
    if op.name is None:
        return op.on == "getenv"
    return op.name in _READERS and op.on in _ENVIRONMENT


def only_binding(scope: Body, place: str) -> Op | None:
    """The only operation of a function that binds a place."""
    bound = [
        op
        for block in scope.blocks
        for op in block.ops
        if op.dst == place and op.do not in ("getattr", "declare")
    ]
    return bound[0] if len(bound) == 1 else None

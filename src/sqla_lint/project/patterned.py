"""Parameters that a framework checks: `Query("asc", pattern="^(asc|desc)$")`, and those that it
converts: `@click.option("--days", type=int)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import MODULE_BODY, Const, Op, Operand, Param
from sqla_lint.project import harmless
from sqla_lint.project.frames import Frame

_PATTERN = frozenset({"pattern", "regex"})
_OPTIONS = frozenset({"argument", "option"})
# Types of click, and Python's own, that let no text through but a few words.
_TYPES = frozenset(
    {"bool", "float", "int", "BOOL", "Choice", "DateTime", "FLOAT", "FloatRange", "INT", "IntRange"}
    | {"UUID"}
)
_MARKERS = frozenset({"Body", "Cookie", "Field", "Form", "Header", "Path", "Query"})


def is_patterned(frame: Frame, param: Param) -> bool:
    """The default of a parameter says which texts it may be, and none of them can hold SQL."""
    made = _called(frame, param.default)
    if made is None or (made.name or str(made.on)).rpartition(".")[2] not in _MARKERS:
        return False
    patterns = [arg.value for arg in made.args if arg.keyword in _PATTERN]
    return bool(patterns) and all(
        isinstance(one, Const)
        and isinstance(one.value, str)
        and _is_whole(one.value)
        and harmless.lets_words_through(f"({one.value})")
        for one in patterns
    )


def is_converted(frame: Frame, param: Param) -> bool:
    """An option of a command is a number, a date, or one of a few words."""
    decorators = frame.typed.function.decorators
    made = [op for op in _around(frame) if op.do == "call" and op.dst in decorators]
    return any(
        (op.name or str(op.on)).rpartition(".")[2] in _OPTIONS
        and param.name in _names(op)
        and _is_plain(frame, op)
        for op in made
    )


def _names(option: Op) -> set[str]:
    told = [arg.value.value for arg in option.args if isinstance(arg.value, Const)]
    return {one.lstrip("-").replace("-", "_") for one in told if isinstance(one, str)}


def _is_plain(frame: Frame, option: Op) -> bool:
    into = next((arg.value for arg in option.args if arg.keyword == "type"), None)
    if not isinstance(into, str):
        return any(
            arg.keyword == "default" and isinstance(arg.value, Const) and _is_number(arg.value)
            for arg in option.args
        )
    made = _called(frame, into)
    name = (made.name or str(made.on)) if made is not None else into
    return name.rpartition(".")[2] in _TYPES


def _is_number(value: Const) -> bool:
    return isinstance(value.value, (int, float))


def _is_whole(pattern: str) -> bool:
    """It says what all of the text is; without a `$` anything may follow."""
    return pattern.startswith(("^", r"\A")) and pattern.endswith(("$", r"\Z", r"\z"))


def _around(frame: Frame) -> Iterator[Op]:
    """The operations of the scope around the function."""
    module, parent = frame.typed.module, frame.typed.function.parent
    around = module.functions.get(parent or MODULE_BODY)
    for block in around.blocks if around is not None else ():
        yield from block.ops


def _called(frame: Frame, operand: Operand | None) -> Op | None:
    """The call, in the scope around the function, that makes a default or an option."""
    made = [op for op in _around(frame) if op.do == "call" and op.dst == operand]
    return made[0] if isinstance(operand, str) and len(made) == 1 else None

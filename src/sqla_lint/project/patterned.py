"""Parameters that a framework checks against a pattern: `Query("asc", pattern="^(asc|desc)$")`."""

from __future__ import annotations

from sqla_lint.ir import MODULE_BODY, Const, Op, Operand, Param
from sqla_lint.project import harmless
from sqla_lint.project.frames import Frame

_PATTERN = frozenset({"pattern", "regex"})
_MARKERS = frozenset({"Body", "Cookie", "Field", "Form", "Header", "Path", "Query"})


def is_patterned(frame: Frame, param: Param) -> bool:
    """The default of a parameter says which texts it may be, and none of them can hold SQL."""
    made = _maker(frame, param.default)
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


def _is_whole(pattern: str) -> bool:
    """It says what all of the text is; without a `$` anything may follow."""
    return pattern.startswith(("^", r"\A")) and pattern.endswith(("$", r"\Z", r"\z"))


def _maker(frame: Frame, operand: Operand | None) -> Op | None:
    """The operation, in the scope around the function, that makes a default."""
    module, parent = frame.typed.module, frame.typed.function.parent
    around = module.functions.get(parent or MODULE_BODY)
    ops = (op for block in (around.blocks if around is not None else ()) for op in block.ops)
    made = [op for op in ops if op.do == "call" and op.dst == operand]
    return made[0] if isinstance(operand, str) and len(made) == 1 else None

"""The response models through which FastAPI reads what routes return."""

from __future__ import annotations

from sqla_lint.ir import MODULE_BODY, Function, Module, Operand


def response_model(module: Module, function: Function) -> str | None:
    """The name that a route gives as its `response_model`, or that stands in the brackets of
    ``list[Name]`` there; "" when it gives something else, and None when it gives none."""
    outer = module.functions.get(function.parent or MODULE_BODY)
    wanted = set(function.decorators)
    for block in outer.blocks if outer is not None and wanted else ():
        for op in block.ops:
            if op.do != "call" or op.dst not in wanted:
                continue
            for arg in op.args:
                if arg.keyword == "response_model" and outer is not None:
                    return _written(outer, arg.value)
    return None


def annotated_model(function: Function) -> str:
    """The name that a function is annotated to return, alone or in ``list[Name]``."""
    returns = function.returns
    if returns is None:
        return ""
    if returns.kind == "item" and len(returns.args) == 2 and returns.args[1].kind == "name":
        return returns.args[1].name
    return returns.name if returns.kind == "name" else ""


def _written(outer: Function, operand: Operand) -> str:
    """The name that an operand is, or that stands in the brackets of ``list[Name]``."""
    if not isinstance(operand, str):
        return ""
    if operand[0] != "%":
        return operand
    for block in outer.blocks:
        for op in block.ops:
            if op.dst == operand and op.do == "getitem" and op.args:
                inner = op.args[0].value
                return inner if isinstance(inner, str) and inner[0] != "%" else ""
    return ""

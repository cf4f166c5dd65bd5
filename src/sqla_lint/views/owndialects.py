"""Dialects that a project registers itself: `registry.register("name", ...)`."""

from __future__ import annotations

from sqla_lint.ir import Const
from sqla_lint.project.bodies import may_say
from sqla_lint.views.function import Function


def registers_dialect(function: Function, url: str) -> bool:
    """Some code of the project registers the dialect of a URL: by name only, good for silence."""
    dialect = url.partition(":")[0].partition("+")[0]
    for module in function.project.knowledge.index.modules.values():
        for body in module.functions.values():
            if not may_say(body, "register"):
                continue
            for op in (op for block in body.blocks for op in block.ops):
                if op.do != "call" or not op.args:
                    continue
                said = op.name or str(op.on).rpartition(".")[2]
                first = op.args[0].value
                if said != "register" or not isinstance(first, Const):
                    continue
                if str(first.value).partition(".")[0] == dialect:
                    return True
    return False

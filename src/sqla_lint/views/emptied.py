"""Whether a program takes sessions out of its registries as it serves, not only at its end."""

from __future__ import annotations

from sqla_lint.views.ending import ends_serving
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project


@per_project
def empties_registries(function: Function) -> bool:
    """Something calls `remove()`, or hands it on, that is not only done as an application stops:
    there it takes out the session of whoever does it, and no other."""
    project = function.project
    for label, (_, code) in project.knowledge.functions.items():
        for block in code.blocks:
            for op in block.ops:
                if op.name != "remove":
                    continue
                if op.do == "getattr":
                    return True
                if op.do == "call" and not op.args:
                    typed = project.typed.get(label)
                    if typed is None or not ends_serving(function.of(typed), op):
                        return True
    return False

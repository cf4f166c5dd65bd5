"""Dialects that a project registers itself: `registry.register("name", ...)`."""

from __future__ import annotations

from sqla_lint.ir import Const
from sqla_lint.views.function import Function


def registers_dialect(function: Function, url: str) -> bool:
    """Some code of the project registers the dialect of a URL: by name only, good for silence."""
    dialect = url.partition(":")[0].partition("+")[0]
    return any(
        op.do == "call"
        and (op.name or str(op.on).rpartition(".")[2]) == "register"
        and isinstance(first := op.args[0].value if op.args else None, Const)
        and str(first.value).partition(".")[0] == dialect
        for op in function.project.knowledge.saying("register")
    )

"""Which modules are of a program, for every view that asks."""

from __future__ import annotations

from sqla_lint.project.ofprograms import of_programs
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project


@per_project
def in_programs(function: Function) -> frozenset[str]:
    """The names of the modules whose functions nobody calls but the program itself."""
    return of_programs(function.project.knowledge, function.project.models.imports)

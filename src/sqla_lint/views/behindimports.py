"""What stands behind an import in a function that fails whenever it is done."""

from __future__ import annotations

from sqla_lint.ir import Ref
from sqla_lint.project.definitions import Position
from sqla_lint.project.unimportable import own_packages, raises_import_error
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function, per_project
from sqla_lint.ways import only_through


def is_behind_failed_import(function: Function, at: Ref) -> bool:
    """No way comes to an expression but through such an import: ``from app.models import Task``,
    and that module has no `Task`."""
    failing = _failing(function)
    if not failing:
        return False
    places = [
        (n, i) for n, i, op in function.positions if at in (op.at, *[arg.at for arg in op.args])
    ]
    return bool(places) and all(_is_behind(function, failing, place) for place in places)


@per_function
def _failing(function: Function) -> tuple[Position, ...]:
    index, module = function.project.knowledge.index, function.typed.module
    imports = [(n, i, op) for n, i, op in function.positions if op.do == "import"]
    if not imports or function.is_module:
        return ()
    own = _own(function)
    return tuple((n, i) for n, i, op in imports if raises_import_error(index, module, op, own))


@per_project
def _own(function: Function) -> frozenset[str]:
    return own_packages(function.project.knowledge.index)


def _is_behind(function: Function, failing: tuple[Position, ...], place: Position) -> bool:
    number, i = place
    if any(block == number and before < i for block, before in failing):
        return True
    code = function.typed.function
    ways = {(block, edge.to) for block, _ in failing for edge in code.blocks[block].edges}
    return only_through(code, number, ways)

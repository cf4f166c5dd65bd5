"""THE visitor: lowers a file to `ir.Module`, one graph per function, and drops the tree."""

from __future__ import annotations

from typing import Final

import libcst as cst

from sqla_lint import ir
from sqla_lint.ir import MODULE_BODY, Arg
from sqla_lint.layout import count_lines
from sqla_lint.syntax import (
    caught,
    comprehensions,
    conditions,
    definitions,
    exits,
    expressions,
    patterns,
    statements,
)
from sqla_lint.syntax.body import Body, StatementTable, Unit, ValueTable
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.names import Scope, resolve
from sqla_lint.syntax.parse import parse
from sqla_lint.syntax.refs import number, statement_starts

VALUES: Final[ValueTable] = {
    **expressions.TABLE,
    **conditions.TABLE,
    **comprehensions.TABLE,
    **definitions.VALUES,
}
STATEMENTS: Final[StatementTable] = {
    **statements.TABLE,
    **exits.TABLE,
    **patterns.TABLE,
    **definitions.STATEMENTS,
}


def lower(source: bytes, path: str, name: str, is_package: bool = False) -> ir.Module:
    """The file as plain data. Raises `ParseFailure` where it is not Python."""
    return deeply(lambda: _lower(source, path, name, is_package))


def _lower(source: bytes, path: str, name: str, is_package: bool) -> ir.Module:
    module = lower_tree(parse(source, path), path, name, is_package)
    module.lines = count_lines(source)
    return module


def lower_tree(tree: cst.Module, path: str, name: str, is_package: bool = False) -> ir.Module:
    """The same from a parsed tree; to be called where the stack is deep (`deep.deeply`)."""
    module = ir.Module(path, name, is_package=is_package)
    unit = Unit(module, number(tree), VALUES, STATEMENTS)
    unit.taken[MODULE_BODY] = 1
    scope = Scope(MODULE_BODY, "module", None)
    unit.scopes.append(scope)
    graph = ir.Function(
        MODULE_BODY, unit.refs[id(tree)], "module", doc=definitions.has_docstring(tree)
    )
    module.functions[MODULE_BODY] = graph
    definitions.finish(Body(unit, scope, graph), lambda body: statements.suite(body, tree))
    while unit.pending:
        batch = unit.pending
        unit.pending = []
        for work in batch:
            work()
    _finish_closures(unit)
    module.starts = statement_starts(tree, unit.refs)
    for one in unit.scopes:
        definitions.complete(module.functions[one.qualname], one)
    caught.open_tuples(module)
    return module


def _finish_closures(unit: Unit) -> None:
    """Tell each closure operation what it captures."""
    resolve(unit.scopes)
    for block, index, scope in unit.closures:
        if scope.needs:
            op = block.ops[index]
            captured = tuple(Arg(place, op.at) for place in scope.needs)
            block.ops[index] = op._replace(args=captured + op.args)

"""Lowers functions, lambdas and classes: a closure operation here, a graph of their own later.

Not modelled: that calling a decorator, or running a class body, may raise where the definition
stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

import libcst as cst

from sqla_lint import ir
from sqla_lint.ir import Ann, Arg, Operand, Param
from sqla_lint.syntax import literals
from sqla_lint.syntax.annotations import Annotations
from sqla_lint.syntax.body import Body, StatementTable, ValueTable
from sqla_lint.syntax.documented import documented
from sqla_lint.syntax.graph import trim
from sqla_lint.syntax.names import Scope
from sqla_lint.syntax.statements import suite

ParamKind: TypeAlias = Literal["positional", "normal", "keyword", "star", "starstar"]


def function(body: Body, node: cst.FunctionDef) -> None:
    name = node.name.value
    at = body.ref(node)
    decorators = _decorators(body, node)
    params = _parameters(body, node.params)
    if node.type_parameters is not None:
        annotations = Annotations(body.ref, body.read)
        bounds = dict(_variables(node.type_parameters, annotations))
        params = tuple([param._replace(ann=_bounded(param.ann, bounds)) for param in params])
    returns: Ann | None = None
    if node.returns is not None:
        returns = Annotations(body.ref, body.read).lower(node.returns.annotation)
    scope, new = body.inner_scope(node, name, "def")
    if new:
        graph = ir.Function(
            qualname=scope.qualname,
            at=at,
            kind="def",
            params=params,
            returns=returns,
            is_async=node.asynchronous is not None,
            parent=body.scope.qualname,
            decorators=tuple(arg.value for arg in decorators),
            doc=has_docstring(node.body),
            documented=_documented(node.body, params),
        )
        _bind_type_parameters(scope, node.type_parameters)
        statements = node.body

        def fill(inner: Body) -> None:
            suite(inner, statements)

        later(body, scope, graph, fill)
    body.close_over(scope, at, body.bind(name), decorators)


def lambda_(body: Body, node: cst.Lambda) -> Operand:
    at = body.ref(node)
    params = _parameters(body, node.params)
    scope, new = body.inner_scope(node, "<lambda>", "lambda")
    if new:
        graph = ir.Function(
            qualname=scope.qualname,
            at=at,
            kind="lambda",
            params=params,
            parent=body.scope.qualname,
        )
        result = node.body

        def fill(inner: Body) -> None:
            value = inner.value(result)
            inner.emit("return", inner.ref(result), None, value)

        later(body, scope, graph, fill)
    dst = body.temp()
    body.close_over(scope, at, dst, ())
    return dst


def class_(body: Body, node: cst.ClassDef) -> None:
    name = node.name.value
    at = body.ref(node)
    decorators = _decorators(body, node)
    annotations = Annotations(body.ref, body.read)
    bases: list[Ann] = []
    keywords: list[tuple[str, Ann]] = []
    for arg in (*node.bases, *node.keywords):
        if not isinstance(arg.value, cst.Name):
            body.value(arg.value)
        if arg.keyword is not None:
            keywords.append((arg.keyword.value, annotations.lower(arg.value)))
        elif arg.star == "":
            bases.append(annotations.lower(arg.value))
        else:
            bases.append(Ann("other", at=body.ref(arg.value)))
    scope, new = body.inner_scope(node, name, "class")
    if new:
        operands = tuple(arg.value for arg in decorators)
        body.unit.module.classes[scope.qualname] = ir.Class(
            scope.qualname,
            at,
            tuple(bases),
            tuple(keywords),
            operands,
            tuple(_variables(node.type_parameters, annotations)),
        )
        graph = ir.Function(
            qualname=scope.qualname,
            at=at,
            kind="class",
            parent=body.scope.qualname,
            decorators=operands,
            doc=has_docstring(node.body),
        )
        _bind_type_parameters(scope, node.type_parameters)
        statements = node.body

        def fill(inner: Body) -> None:
            suite(inner, statements)

        later(body, scope, graph, fill)
    body.close_over(scope, at, body.bind(name), decorators)


def type_alias(body: Body, node: cst.TypeAlias) -> None:
    """``type X = …`` declares X; the value is evaluated lazily, so it is only an annotation."""
    ann = Annotations(body.ref, body.read).lower(node.value)
    at = body.ref(node)
    body.emit("declare", at, body.bind(node.name.value), None, "type", (), ann)


def later(body: Body, scope: Scope, graph: ir.Function, fill: Callable[[Body], None]) -> None:
    """Lower a nested body once the one at hand is done: depth of nesting costs no stack."""
    unit = body.unit
    unit.module.functions[scope.qualname] = graph  # holds its place in the order of the source
    unit.pending.append(lambda: finish(Body(unit, scope, graph), fill))


def finish(body: Body, fill: Callable[[Body], None]) -> None:
    """Lower a body into its function."""
    graph = body.function
    for param in graph.params:
        body.scope.bound.add(param.name)
    fill(body)
    body.edge(ir.EXIT)
    graph.blocks = body.blocks


def complete(graph: ir.Function, scope: Scope) -> None:
    """What can be told only when the whole file is lowered."""
    graph.blocks = trim(list(graph.blocks))
    graph.locals = scope.locals()
    graph.globals = frozenset(scope.globals)
    graph.captures = scope.captures


# --- parts


def _decorators(body: Body, node: cst.FunctionDef | cst.ClassDef) -> tuple[Arg, ...]:
    return tuple(
        Arg(body.value(one.decorator), body.ref(one.decorator), "decorator")
        for one in node.decorators
    )


def _parameters(body: Body, node: cst.Parameters) -> tuple[Param, ...]:
    """The parameters; defaults are evaluated here, in the enclosing scope."""
    annotations = Annotations(body.ref, body.read)
    result: list[Param] = []
    for param, kind in _by_kind(node):
        ann = None if param.annotation is None else annotations.lower(param.annotation.annotation)
        default = None if param.default is None else body.value(param.default)
        result.append(Param(param.name.value, body.ref(param), ann, default, kind))
    return tuple(result)


def _by_kind(node: cst.Parameters) -> Iterator[tuple[cst.Param, ParamKind]]:
    for param in node.posonly_params:
        yield param, "positional"
    for param in node.params:
        yield param, "normal"
    if isinstance(node.star_arg, cst.Param):
        yield node.star_arg, "star"
    for param in node.kwonly_params:
        yield param, "keyword"
    if node.star_kwarg is not None:
        yield node.star_kwarg, "starstar"


def _variables(
    node: cst.TypeParameters | None, annotations: Annotations
) -> Iterator[tuple[str, Ann]]:
    for one in node.params if node is not None else ():
        param = one.param
        bound = param.bound if isinstance(param, cst.TypeVar) else None
        yield param.name.value, annotations.lower(bound) if bound is not None else Ann("other")


def _bounded(ann: Ann | None, bounds: Mapping[str, Ann]) -> Ann | None:
    """An annotation of a parameter with what is said of the type parameters of its function:
    ``def save[S: (Session, AsyncSession)](session: S)``."""
    if ann is None:
        return None
    bound = bounds.get(ann.name) if ann.kind == "name" else None
    if bound is not None and bound.kind != "other":
        return bound._replace(kind="union") if bound.kind == "tuple" else bound
    if ann.kind != "union":
        return ann
    return ann._replace(args=tuple([_bounded(one, bounds) or one for one in ann.args]))


def _bind_type_parameters(scope: Scope, node: cst.TypeParameters | None) -> None:
    """Type parameters count as variables of the scope they stand at."""
    if node is not None:
        scope.bound.update(one.param.name.value for one in node.params)


def has_docstring(node: cst.BaseSuite | cst.Module) -> bool:
    return _docstring(node) is not None


def _docstring(node: cst.BaseSuite | cst.Module) -> str | None:
    if not node.body:
        return None
    first = node.body[0]
    if isinstance(first, cst.SimpleStatementLine):
        first = first.body[0] if first.body else first
    if not isinstance(first, cst.Expr):
        return None
    value = first.value
    if isinstance(value, (cst.SimpleString, cst.ConcatenatedString)):
        text = literals.constant_text(value)
        return text if isinstance(text, str) else None
    return None


def _documented(node: cst.BaseSuite, params: tuple[Param, ...]) -> tuple[tuple[str, Ann], ...]:
    bare = {param.name for param in params if param.ann is None}
    text = _docstring(node) if bare else None
    return documented(text, bare) if text else ()


VALUES: Final[ValueTable] = {cst.Lambda: lambda_}
STATEMENTS: Final[StatementTable] = {
    cst.FunctionDef: function,
    cst.ClassDef: class_,
    cst.TypeAlias: type_alias,
}

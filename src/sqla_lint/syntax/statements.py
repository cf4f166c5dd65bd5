"""Lowers simple statements, conditionals and loops."""

from __future__ import annotations

from typing import Final

import libcst as cst

from sqla_lint.ir import Ann, Arg, Const, Operand
from sqla_lint.syntax.annotations import Annotations
from sqla_lint.syntax.body import Body, StatementTable
from sqla_lint.syntax.conditions import branch
from sqla_lint.syntax.expressions import NONE, OPERATORS
from sqla_lint.syntax.targets import assign, delete, index_args, is_variable, path, store
from sqla_lint.syntax.ways import Frame


def suite(body: Body, node: cst.BaseSuite | cst.Module) -> None:
    """The statements of a block, in order."""
    statements = body.unit.statements
    for one in node.body:
        if isinstance(one, cst.SimpleStatementLine):
            for small in one.body:
                statements[type(small)](body, small)
        else:
            statements[type(one)](body, one)


# --- simple statements


def expression(body: Body, node: cst.Expr) -> None:
    value = body.value(node.value)
    if isinstance(value, Const):
        return
    ops = body.here.ops
    if ops and ops[-1].dst == value and value[0] == "%":
        ops[-1] = ops[-1]._replace(discarded=True)
    elif is_variable(value) and not (ops and ops[-1].dst == value):
        # Only read, as in `try: unicode` / `except NameError:`.
        body.emit("move", body.ref(node.value), None, value)
        body.here.ops[-1] = body.here.ops[-1]._replace(discarded=True)
    else:
        ops[-1] = ops[-1]._replace(discarded=True)


def assignment(body: Body, node: cst.Assign) -> None:
    value = body.value(node.value)
    for target in node.targets:
        assign(body, target.target, value)


def annotated(body: Body, node: cst.AnnAssign) -> None:
    ann = annotation(body, node.annotation)
    target = node.target
    if node.value is not None:
        assign(body, target, body.value(node.value), ann)
        return
    at = body.ref(target)
    if isinstance(target, cst.Name):
        body.emit("declare", at, body.bind(target.value), None, None, (), ann)
    elif isinstance(target, cst.Attribute):
        base = body.value(target.value)
        name = target.attr.value
        body.emit("declare", at, path(base, name), base, name, (), ann)


def annotation(body: Body, node: cst.Annotation) -> Ann:
    return Annotations(body.ref, body.read).lower(node.annotation)


def augmented(body: Body, node: cst.AugAssign) -> None:
    target = node.target
    at = body.ref(target)
    operator = _AUGMENTED[type(node.operator)]

    def step(current: Operand, dst: str) -> None:
        args = (Arg(body.value(node.value), body.ref(node.value)),)
        body.emit("augassign", body.ref(node), dst, current, operator, args)

    if isinstance(target, cst.Name):
        name = target.value
        step(body.read(name), body.bind_target(name))
    elif isinstance(target, cst.Attribute):
        base = body.value(target.value)
        attr = target.attr.value
        place = path(base, attr)
        current, result = place or body.temp(), body.temp()
        body.emit("getattr", at, current, base, attr)
        step(current, result)
        body.emit("setattr", at, place, base, attr, (Arg(result, at),))
    elif isinstance(target, cst.Subscript):
        on = body.value(target.value)
        indices = index_args(body, target)
        current, result = body.temp(), body.temp()
        body.raising("getitem", at, current, on, None, indices)
        step(current, result)
        body.raising("setitem", at, None, on, None, (*indices, Arg(result, at)))
    else:
        body.value(target)
        body.value(node.value)


_AUGMENTED: Final[dict[type[cst.CSTNode], str]] = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.MatrixMultiplyAssign: "@",
}
assert not set(_AUGMENTED) & set(OPERATORS)


def return_(body: Body, node: cst.Return) -> None:
    """The value is known first; `leave` and the body of `finally` follow the operation."""
    value = NONE if node.value is None else body.value(node.value)
    body.emit("return", body.ref(node), None, value)
    body.leave("ret")


def raise_(body: Body, node: cst.Raise) -> None:
    value: Operand | None = None
    args: tuple[Arg, ...] = ()
    if node.exc is not None:
        value = body.value(node.exc)
    if node.cause is not None:
        cause = node.cause.item
        args = (Arg(body.value(cause), body.ref(cause), "from"),)
    body.raising("raise", body.ref(node), None, value, None, args)
    body.dead_end()


def assert_(body: Body, node: cst.Assert) -> None:
    """A failing assertion calls and raises AssertionError; ``python -O`` is not modelled."""
    at = body.ref(node)
    fine, failed = body.block(), body.block()
    branch(body, node.test, fine, failed)
    body.start(failed)
    args: tuple[Arg, ...] = ()
    if node.msg is not None:
        args = (Arg(body.value(node.msg), body.ref(node.msg)),)
    error = body.temp()
    body.emit("call", at, error, body.read("AssertionError"), None, args)
    body.raising("raise", at, None, error)
    body.start(fine)


def delete_(body: Body, node: cst.Del) -> None:
    delete(body, node.target)


def global_(body: Body, node: cst.Global) -> None:
    body.scope.globals.update(item.name.value for item in node.names)


def nonlocal_(body: Body, node: cst.Nonlocal) -> None:
    body.scope.nonlocals.update(item.name.value for item in node.names)


def pass_(_body: Body, _node: cst.Pass) -> None:
    pass


def break_(body: Body, _node: cst.Break) -> None:
    body.leave("brk")


def continue_(body: Body, _node: cst.Continue) -> None:
    body.leave("cont")


# --- imports


def import_(body: Body, node: cst.Import | cst.LazyImport) -> None:
    """``import a.b`` loads a.b and binds a: two operations."""
    for alias in node.names:
        at = body.ref(alias)
        name = dotted(alias.name)
        if alias.asname is not None:
            bound = alias.asname.name
            assert isinstance(bound, cst.Name)
            body.raising("import", at, body.bind(bound.value), None, name)
        elif "." in name:
            top = name.partition(".")[0]
            body.raising("import", at, None, None, name)
            body.emit("import", at, body.bind(top), None, top)
        else:
            body.raising("import", at, body.bind(name), None, name)


def import_from(body: Body, node: cst.ImportFrom | cst.LazyImportFrom) -> None:
    module = "." * len(node.relative) + ("" if node.module is None else dotted(node.module))
    if isinstance(node.names, cst.ImportStar):
        at = body.ref(node)
        body.raising("import", at, None, None, module, (Arg(Const("*"), at),))
        return
    for alias in node.names:
        at = body.ref(alias)
        name = dotted(alias.name)
        bound = name
        if alias.asname is not None:
            assert isinstance(alias.asname.name, cst.Name)
            bound = alias.asname.name.value
        body.raising("import", at, body.bind(bound), None, module, (Arg(Const(name), at),))


def dotted(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(node.value)
    return ".".join(reversed(parts))


# --- conditionals and loops


def if_(body: Body, node: cst.If) -> None:
    after = body.block()
    rest: cst.If | cst.Else | None = node
    while isinstance(rest, cst.If):  # a loop, because chains of elif can be long
        yes, no = body.block(), body.block()
        branch(body, rest.test, yes, no)
        body.start(yes)
        suite(body, rest.body)
        body.go(after)
        body.start(no)
        rest = rest.orelse
    if rest is not None:
        suite(body, rest.body)
    body.fall(after)


def while_(body: Body, node: cst.While) -> None:
    after = body.block()
    no = after if node.orelse is None else body.block()
    with body.loop():
        head, yes = body.block(), body.block()
        body.fall(head)
        branch(body, node.test, yes, no)
        _loop_body(body, node.body, head, after, yes)
    _else(body, node.orelse, no, after)


def for_(body: Body, node: cst.For) -> None:
    iterable = body.value(node.iter)
    after = body.block()
    done = after if node.orelse is None else body.block()
    with body.loop():
        head, item = body.block(), body.block()
        body.fall(head)
        place, rest = store(body, node.target)
        name = None if node.asynchronous is None else "async"
        body.raising("next", body.ref(node.iter), place, iterable, name)
        body.edge(item, "item")
        body.edge(done, "done")
        body.start(item)
        if rest is not None:
            assign(body, rest, place)
        body.fresh()
        _loop_body(body, node.body, head, after, None)
    _else(body, node.orelse, done, after)


def _loop_body(body: Body, node: cst.BaseSuite, head: int, after: int, start: int | None) -> None:
    with body.framed(Frame(body.frame, {"brk": after, "cont": head})):
        if start is not None:
            body.start(start)
        suite(body, node)
        body.edge(head)


def _else(body: Body, orelse: cst.Else | None, start: int, after: int) -> None:
    """The ``else`` of a loop: it runs when the loop was not left by ``break``."""
    if orelse is None:
        body.start(after)
        return
    body.start(start)
    suite(body, orelse.body)
    body.fall(after)


TABLE: Final[StatementTable] = {
    cst.Expr: expression,
    cst.Assign: assignment,
    cst.AnnAssign: annotated,
    cst.AugAssign: augmented,
    cst.Return: return_,
    cst.Raise: raise_,
    cst.Assert: assert_,
    cst.Del: delete_,
    cst.Global: global_,
    cst.Nonlocal: nonlocal_,
    cst.Pass: pass_,
    cst.Break: break_,
    cst.Continue: continue_,
    cst.Import: import_,
    cst.ImportFrom: import_from,
    cst.LazyImport: import_,
    cst.LazyImportFrom: import_from,
    cst.If: if_,
    cst.While: while_,
    cst.For: for_,
}

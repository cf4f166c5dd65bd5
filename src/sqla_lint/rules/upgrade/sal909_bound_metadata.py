"""SAL909: bound metadata."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Const,
    Drop,
    Function,
    Operand,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    given,
    kinds,
    of_database,
    of_every_version,
    only_binding,
    operations,
    rule,
    sqlalchemy_name,
)

_BASES = frozenset(
    {"sqlalchemy.orm.declarative_base", "sqlalchemy.ext.declarative.declarative_base"}
    | {"sqlalchemy.ext.automap.automap_base"}
)
_ENGINES = frozenset({kinds.ENGINE, kinds.CONNECTION})
_NEEDING = {
    kinds.METADATA: frozenset({"create_all", "drop_all", "reflect"}),
    kinds.TABLE: frozenset({"create", "drop"}),
}


@rule(
    "SAL909",
    "bound-metadata",
    severity=Severity.ERROR,
    fix="unsafe",
    versions="2.0, 2.1",
    on=of_database(operations("call", "getattr", "setattr")),
)
@of_every_version
def bound_metadata(operation: Operation) -> Iterator[Report]:
    """An engine is bound to a MetaData, or a table looks for it there.

    ## What it does
    Reports `MetaData(bind=engine)`, `metadata.bind`, `declarative_base(bind=engine)`, `Table(...,
    autoload=True)`, and `create_all()`, `drop_all()` and `reflect()` of a MetaData, `create()` and
    `drop()` of a table, without an engine.

    ## Why is this bad?
    Removed in 2.0: `TypeError` or `AttributeError`; setting `metadata.bind` has no effect.

    ## Example
    ```python
    metadata = MetaData(bind=engine)
    users = Table("users", metadata, autoload=True)
    ```

    ## Use instead
    ```python
    metadata = MetaData()
    users = Table("users", metadata, autoload_with=engine)
    ```

    ## Fix safety
    Safe for an `autoload` beside `autoload_with`; unsafe where the engine has to be handed on:
    other code may rely on the bound one.

    ## Versions
    2.0 and 2.1; the new spelling also works in 1.4.

    ## Limits
    A MetaData that is passed in from somewhere unknown is not followed.

    ## References
    SQLAlchemy docs, "2.0 Migration": "Implicit" and "Connectionless" execution, "bound metadata"
    removed.
    """
    op, on = operation.op, operation.on
    if operation.function.target < (2, 0):
        return
    if on.name == kinds.METADATA and op.name == "bind" and op.do in ("setattr", "getattr"):
        does = "has no effect" if op.do == "setattr" else "raises AttributeError"
        yield Report(
            op.at,
            f"a MetaData has no `bind` since SQLAlchemy 2.0: this {does}",
            help="hand the engine to what needs it: `metadata.create_all(engine)`",
        )
        return
    if op.do != "call" or any(arg.star for arg in op.args):
        return
    name = sqlalchemy_name(operation)
    if name == "sqlalchemy.MetaData" or name in _BASES:
        bound = _bound(operation)
        if bound is not None:
            drop = Rewrite("leave it out", Applicability.UNSAFE, (Drop(bound.at),))
            yield Report(
                op.at,
                f"`{name.rpartition('.')[2]}()` takes no engine since SQLAlchemy 2.0: TypeError",
                help="hand the engine to what needs it: `metadata.create_all(engine)`",
                rewrite=None if _needed(operation.function) else drop,
            )
    elif name == "sqlalchemy.Table":
        yield from _autoload(operation)
    elif op.name in _NEEDING.get(on.name, ()) and given(operation, 0, "bind") is None:
        yield Report(
            op.at,
            f"`{op.name}()` needs an engine or connection since SQLAlchemy 2.0: TypeError",
            help=f"write `{op.name}(engine)`",
        )


def _bound(operation: Operation) -> Arg | None:
    for arg, kind in zip(operation.op.args, operation.arg_kinds, strict=True):
        if arg.keyword == "bind" or (arg.keyword is None and kind.name in _ENGINES):
            return arg
    return None


def _needed(function: Function) -> bool:
    """A table of this file still takes its engine from there."""
    return any(
        arg.keyword == "autoload" and arg.value == Const(True)
        for other in function.typed.module.functions.values()
        for block in other.blocks
        for op in block.ops
        for arg in op.args
    )


def _autoload(operation: Operation) -> Iterator[Report]:
    words = {arg.keyword: arg for arg in operation.op.args if arg.keyword}
    autoload = words.get("autoload")
    if autoload is None:
        return
    rewrite = None
    if "autoload_with" in words or autoload.value == Const(False):
        rewrite = Rewrite("leave `autoload` out", Applicability.SAFE, (Drop(autoload.at),))
    elif autoload.value == Const(True) and len(operation.op.args) > 1:
        engine = _engine_of(operation.function, operation.op.args[1].value)
        if engine is not None:
            # the argument begins two nodes before its value: itself, and its keyword
            edit = Replace(autoload.at - 2, "autoload_with={0}", (engine.at,))
            rewrite = Rewrite("name the engine", Applicability.UNSAFE, (edit,))
    yield Report(
        autoload.at,
        "`Table()` has no `autoload` since SQLAlchemy 2.0: TypeError",
        help="write `autoload_with=engine`",
        rewrite=rewrite,
    )


def _engine_of(function: Function, metadata: Operand) -> Arg | None:
    """The engine that a MetaData made here is bound to."""
    made = function.maker(metadata)
    if made is None and isinstance(metadata, str):
        bound = only_binding(function.typed.function, metadata)
        made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    if made is None or sqlalchemy_name(made) != "sqlalchemy.MetaData":
        return None
    engine = _bound(made)
    return engine if engine is not None and _is_name(engine.value) else None


def _is_name(value: Operand) -> bool:
    return isinstance(value, str) and value[0] != "%"

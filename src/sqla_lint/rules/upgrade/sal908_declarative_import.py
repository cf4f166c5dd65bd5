"""SAL908: declarative functions imported from `ext`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Const,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_guarded,
    operations,
    rule,
)

_OLD = "sqlalchemy.ext.declarative"
_WARNING = frozenset({"declarative_base", "as_declarative", "has_inherited_table", "synonym_for"})
# These moved, too, and say nothing of it.
_MOVED = _WARNING | {"declared_attr", "DeclarativeMeta"}
# Nodes of `from sqlalchemy.ext.declarative import` before the first name that is imported.
_NODES = 5
# Nodes of an imported name: without and with `as`.
_NAME_NODES = (2, 4)


@rule(
    "SAL908",
    "declarative-import",
    severity=Severity.WARNING,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("import"),
)
def declarative_import(operation: Operation) -> Iterator[Report]:
    """A declarative function is imported from where it was before 1.4.

    ## What it does
    Reports `from sqlalchemy.ext.declarative import declarative_base`, `declared_attr` and the like.

    ## Why is this bad?
    They moved to `sqlalchemy.orm` in 1.4; the old place warns since 2.0 (`MovedIn20Warning`).

    ## Example
    ```python
    from sqlalchemy.ext.declarative import declarative_base
    ```

    ## Use instead
    ```python
    from sqlalchemy.orm import declarative_base
    ```

    ## Fix safety
    Safe: both places give the same object since 1.4. Left alone when the statement also imports
    what stayed.

    ## Versions
    2.0 and 2.1; the new place exists in 1.4.

    ## Limits
    An import in a `try`, or in a file that asks for the version, is left alone, and so is one that
    nothing uses: the warning comes with the call.

    ## References
    SQLAlchemy docs, "2.0 Migration": The declarative extension is now part of the ORM.
    """
    op = operation.op
    if (
        op.name != _OLD
        or not op.args
        or operation.function.target < (2, 0)
        or is_guarded(operation)
    ):
        return
    block = next(b for b in operation.function.typed.function.blocks if op in b.ops)
    together = [o for o in block.ops if o.do == "import" and o.name == _OLD and o.args]
    place = together.index(op)
    if place and op.at - together[place - 1].at in _NAME_NODES:
        return  # the same statement
    same = [op]
    for other in together[place + 1 :]:
        if other.at - same[-1].at not in _NAME_NODES:
            break
        same.append(other)
    names = [str(o.args[0].value.value) for o in same if isinstance(o.args[0].value, Const)]
    local = {str(o.args[0].value.value): o.dst for o in same if isinstance(o.args[0].value, Const)}
    warning = [name for name in names if name in _WARNING and _is_used(operation, local[name])]
    if warning:
        edit = Replace(op.at - _NODES, "sqlalchemy.orm")
        rewrite = Rewrite("import it from `sqlalchemy.orm`", Applicability.SAFE, (edit,))
        yield Report(
            op.at,
            f"`{warning[0]}` moved to `sqlalchemy.orm`: MovedIn20Warning",
            help=f"write `from sqlalchemy.orm import {warning[0]}`",
            rewrite=rewrite if _MOVED.issuperset(names) else None,
        )


def _is_used(operation: Operation, name: str | None) -> bool:
    """Something in the module reads the name, or another module may."""
    function = operation.function
    if name is None or function.typed.module.path.endswith("__init__.py"):
        return True
    return (
        name in {str(place).partition(".")[0] for place in function.readers}
        or function.read_elsewhere(name)
        or function.imported_elsewhere(name)
    )

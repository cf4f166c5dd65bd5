"""Code whose SQL its own author writes, and names that SQLAlchemy hands to code of its own kind.

What Alembic compares and renders, or creates as an entity, says what the schema of the program is;
what `@compiles` is put on writes the clause that its author has given it. A dialect is asked by an
Inspector of a table that is there, and its options are those of the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.ir import MODULE_BODY, Const, Module, Op
from sqla_lint.project.classes import ClassInfo
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.knowledge import Knowledge

_HOOKS = re.compile(r"alembic\.(?:autogenerate|context|ddl|operations)\b|alembic_utils\b")
_COMPILES = "compiles"  # of `sqlalchemy.ext.compiler`
_DIALECT = re.compile(r"(?:.*\.)?\w*Dialect(?:_\w+)?")


def is_authored(frame: Frame, knowledge: Knowledge) -> bool:
    """A function of a module, or of a class, that belongs to Alembic's own work, a method of a
    dialect, or a function that compiles an element."""
    if _compiles(frame) or is_dialect(frame, knowledge):
        return True
    modules = [frame.typed.module, *(info.module for info in _owners(frame, knowledge))]
    return any(map(_hooks_in, modules))


def _compiles(frame: Frame) -> bool:
    """`@compiles(Element)` stands before it."""
    body = frame.typed.module.functions.get(MODULE_BODY)
    decorators = frame.typed.function.decorators
    return bool(decorators) and any(
        op.do == "call"
        and op.dst in decorators
        and (op.name or str(op.on).rpartition(".")[2]) == _COMPILES
        for block in (body.blocks if body is not None else ())
        for op in block.ops
    )


def is_told_dialect(spot: Spot, knowledge: Knowledge) -> bool:
    """A parameter of a dialect's method."""
    function = spot.frame.typed.function
    return any(param.name == spot.operand for param in function.params) and is_dialect(
        spot.frame, knowledge
    )


def is_option(frame: Frame, knowledge: Knowledge) -> bool:
    """The parameters of a function are options of a dialect, given where the engine is made."""
    return frame.typed.function.qualname.endswith(".__init__") and is_dialect(frame, knowledge)


def is_dialect(frame: Frame, knowledge: Knowledge) -> bool:
    """A method of a dialect of SQLAlchemy."""
    return any(
        base.label.startswith("sqlalchemy") and _DIALECT.fullmatch(base.label)
        for info in _owners(frame, knowledge)
        for base in info.bases
    )


def _owners(frame: Frame, knowledge: Knowledge) -> Iterator[ClassInfo]:
    """The class that a method stands in, and those above it."""
    function = frame.typed.function
    owner = function.parent
    if owner is not None and owner in frame.typed.module.classes:
        yield from knowledge.classes.ancestry(f"{frame.typed.module.name}:{owner}")


def _hooks_in(module: Module) -> bool:
    body = module.functions.get(MODULE_BODY)
    return any(
        op.do == "import" and _HOOKS.match(_imported(op)) is not None
        for block in (body.blocks if body is not None else ())
        for op in block.ops
    )


def _imported(op: Op) -> str:
    """What an operation imports, dotted: ``from alembic import context``."""
    what = op.args[0].value if op.args else None
    name = what.value if isinstance(what, Const) else None
    return f"{op.name}.{name}" if isinstance(name, str) else op.name or ""

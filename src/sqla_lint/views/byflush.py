"""What only a flush gives to a new object: keys, and what has a default."""

from __future__ import annotations

from sqla_lint.ir import Const, Op
from sqla_lint.project.bodies import may_say
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Model
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_MAKERS = ("__init__", "__new__", "__post_init__", "model_post_init")
_MADE_AT_ONCE = "force_instant_defaults"  # of SQLAlchemy-Utils
_LISTENS = frozenset({"listens_for", "listen"})


def given_by_flush(project: Project, model: Model) -> frozenset[str]:
    """The attributes of a class that its constructor leaves at None, and that a flush fills."""
    if not model.complete or model.dynamic:
        return frozenset()
    classes = project.knowledge.classes
    if any(classes.method(model.label, name) is not None for name in _MAKERS):
        return frozenset()
    plain = model.style != "sqlmodel" and not model.dataclass
    return frozenset(
        name
        for name, column in project.models.columns_of(model).items()
        if not column.opaque and _is_given(column, plain=plain)
    )


def _is_given(column: Column, *, plain: bool) -> bool:
    if plain:
        filled = column.default is not None or column.server_default is not None
        return column.primary_key is True or (filled and not column.foreign_keys)
    default = column.default
    nothing = default is None or (default.do == "const" and default.const is None)
    return column.primary_key is True and nothing


@per_project
def gives_at_once(function: Function) -> bool:
    """Something in the project gives new objects their values at once: a listener of `init`, or an
    extension."""
    knowledge = function.project.knowledge
    listening = (
        knowledge.functions[one][1] for one in knowledge.listening & knowledge.functions.keys()
    )
    return any(
        _listens(op) for code in listening for block in code.blocks for op in block.ops
    ) or any(
        op.do == "import" and any(arg.value == Const(_MADE_AT_ONCE) for arg in op.args)
        for module in knowledge.index.modules.values()
        if may_say(module.body, _MADE_AT_ONCE)
        for block in module.body.blocks
        for op in block.ops
    )


def _listens(op: Op) -> bool:
    """``event.listens_for(Base, "init")``"""
    called = op.name or str(op.on)
    return op.do == "call" and called in _LISTENS and any(a.value == Const("init") for a in op.args)

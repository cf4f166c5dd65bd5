"""Where a session that several threads share is made, and where their work uses it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Op, Place
from sqla_lint.views.beside import Handle, Work
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note, elsewhere


def made_of_object(function: Function, handle: Handle) -> tuple[Note, ...]:
    """Where the object whose method this is makes the session that it keeps."""
    owner, _, name = handle.name.rpartition(".")
    parent = function.typed.function.parent
    if owner != "self" or parent is None:
        return ()
    ancestry = function.project.knowledge.classes.ancestry(f"{function.typed.module.name}:{parent}")
    for info in ancestry:
        for label in info.methods.values():
            module, code = function.project.knowledge.functions[label]
            for op in (op for block in code.blocks for op in block.ops):
                if op.do == "setattr" and op.on == "self" and op.name == name:
                    return (
                        Note("made here, once for all", op.at, elsewhere(function, module.path)),
                    )
    return ()


def used_by(function: Function, work: Work, handle: Handle) -> Iterator[Note]:
    """Where the work, a method of the same object, uses the session first."""
    entry = function.project.knowledge.functions.get(work.function.label)
    if entry is None or not handle.name.startswith("self."):
        return
    module, code = entry
    for op in (op for block in code.blocks for op in block.ops):
        if _uses(op, handle.name):
            yield Note("used there", op.at, elsewhere(function, module.path))
            return


def _uses(op: Op, place: Place) -> bool:
    return op.do == "call" and (op.on == place or any(arg.value == place for arg in op.args))

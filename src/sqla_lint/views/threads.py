"""Classes that are threads, and what of them the thread runs."""

from __future__ import annotations

from sqla_lint.views.flask import deeper, depths
from sqla_lint.views.function import Function

_THREADS = frozenset({"threading.Thread", "threading.Timer"})


def works(function: Function, label: str) -> frozenset[str]:
    """`run()` of a thread, and the methods of its object that it calls, where nothing is entered
    that may be a context."""
    knowledge = function.project.knowledge
    found, waiting = {"run"}, ["run"]
    while waiting:
        entry = knowledge.functions.get(knowledge.classes.method(label, waiting.pop()) or "")
        if entry is None or not entry[1].params:
            continue
        body, own = entry[1], entry[1].params[0].name
        for number, depth in depths(body).items():
            for op in body.blocks[number].ops:
                if op.do == "call" and op.on == own and op.name and depth <= 0:
                    waiting += [op.name] if op.name not in found else []
                    found.add(op.name)
                depth += deeper(op)
    return frozenset(found)


def is_thread(function: Function, label: str) -> bool:
    """A class on `threading.Thread` that pushes no context of its own."""
    knowledge = function.project.knowledge
    ancestry = knowledge.classes.ancestry(label)
    return any(base.label in _THREADS for info in ancestry for base in info.bases) and not any(
        (op.name in ("app_context", "app") and op.do != "setattr")
        or str(op.on).endswith(".app_context")
        for info in ancestry
        for method in info.methods.values()
        for block in knowledge.functions[method][1].blocks
        for op in block.ops
    )

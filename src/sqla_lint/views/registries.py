"""What is called on the registry inside of a `scoped_session`: `sessions.registry.set(session)`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.project.infer import Typed

# Source: SQLAlchemy's `ScopedRegistry` and `ThreadLocalRegistry`.
_REGISTRY = "registry"


def called_inside(typed: Typed) -> Iterator[str | None]:
    """The methods that a function calls on such registries."""
    ops = [
        (op, typed.on[number][i])
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
    ]
    places = {
        op.dst
        for op, on in ops
        if op.do == "getattr" and op.name == _REGISTRY and on.name == kinds.SCOPED_SESSION
    }
    return (op.name for op, _ in ops if op.do == "call" and op.on in places)

"""In which order things are inferred, so that what they rest on is known when their turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqla_lint.ir import MODULE_BODY, Function, Module

_RANK = {"module": 0, "class": 1, "def": 2, "lambda": 3}
_MAKERS = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__"})
_OWN = frozenset({"self", "cls"})


class Plan(NamedTuple):
    """The functions of a module by their turn."""

    module: Module
    bodies: tuple[
        tuple[str, Function], ...
    ]  # of the module, and of classes that lie in no function
    functions: tuple[tuple[str, Function], ...]  # after what they call
    defaults: dict[str, set[str]]  # scope → places in it that are defaults of parameters


def plan(module: Module) -> Plan:
    """The turns of a module: scopes before the scopes inside them."""
    outside_in = sorted(
        module.functions.items(),
        key=lambda item: (item[0].count("."), _RANK[item[1].kind], item[1].at),
    )
    bodies = {MODULE_BODY}
    for qualname, function in outside_in:
        if function.kind == "class" and function.parent in bodies:
            bodies.add(qualname)
    rest = [item for item in outside_in if item[0] not in bodies]
    outer = {q: f for q, f in rest if f.kind == "def" and f.parent in bodies}
    by_name = {(f.parent, q.rpartition(".")[2].partition("#")[0]): q for q, f in outer.items()}
    needs = {qualname: _called(function, by_name) for qualname, function in outer.items()}
    first = sorted(needs, key=lambda qualname: qualname.rpartition(".")[2] not in _MAKERS)
    turns = dependencies_first({qualname: needs[qualname] for qualname in first})
    return Plan(
        module,
        tuple(item for item in outside_in if item[0] in bodies),
        (
            *((qualname, outer[qualname]) for qualname in turns),
            *(item for item in rest if item[0] not in outer),
        ),
        _default_places(module),
    )


def _called(function: Function, by_name: Mapping[tuple[str | None, str], str]) -> list[str]:
    """The functions of the module and methods of its class that a function calls or reads."""
    found: dict[str, None] = {}
    for block in function.blocks:
        for op in block.ops:
            if op.do == "call" and op.name is None:
                called = by_name.get((MODULE_BODY, op.on)) if isinstance(op.on, str) else None
            elif op.on in _OWN and op.name is not None and op.do in ("call", "getattr"):
                called = by_name.get((function.parent, op.name))
            else:
                continue
            if called is not None:
                found[called] = None
    return list(found)


def _default_places(module: Module) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for function in module.functions.values():
        for param in function.params:
            if isinstance(param.default, str) and function.parent is not None:
                found.setdefault(function.parent, set()).add(param.default)
    return found


def dependencies_first(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Each after what it needs, as far as cycles allow."""
    order: list[str] = []
    seen: set[str] = set()
    for start in needs:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(needs[start]))]
        while stack:
            name, rest = stack[-1]
            for other in rest:
                if other not in seen:
                    seen.add(other)
                    stack.append((other, iter(needs.get(other, ()))))
                    break
            else:
                stack.pop()
                order.append(name)
    return order

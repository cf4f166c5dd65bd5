"""What holds of every graph, whatever the source."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from sqla_lint.ir import ENTRY, EXIT, MODULE_BODY, RAISED, Block, Function, Module, Op

# The operands of these may not exist on the paths that skipped them (see `syntax.conditions` and
# `syntax.comprehensions`).
_MAY_BE_SKIPPED = frozenset({"boolop", "ifelse"})
_COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp", "gen"})


def check_module(module: Module) -> None:
    functions = module.functions
    assert MODULE_BODY in functions
    for qualname, function in functions.items():
        assert function.qualname == qualname
        assert function.parent in functions or qualname == MODULE_BODY
        assert {scope.partition("@")[0] for scope in function.captures.values()} <= set(functions)
        check_function(function)
        _check_names(function, functions[MODULE_BODY])
    for qualname in module.classes:
        assert functions[qualname].kind == "class"


def check_function(function: Function) -> None:
    blocks = function.blocks
    for end in (EXIT, RAISED):
        assert blocks[end] == Block()
    for block in blocks:
        _check_block(block, len(blocks))
    assert _reachable(blocks) | {EXIT, RAISED} == set(range(len(blocks)))
    _check_temporaries(function)


def _check_block(block: Block, count: int) -> None:
    for to in successors(block):
        assert 0 <= to < count
        assert to != ENTRY
    if block.handlers:
        assert not block.ops
        assert [edge.when for edge in block.edges] in ([], ["pass"])
        return
    ways = {edge.when for edge in block.edges}
    dos = [op.do for op in block.ops]
    last = dos[-1] if dos else None
    assert (last == "test") == bool(ways & {"true", "false"})
    assert "test" not in dos[:-1]
    assert (last == "next") == bool(ways & {"item", "done"})
    if "swallow" in ways:
        assert block.ops[-1].do == "leave"
        assert block.ops[-1].name == "exc"
    if last == "raise":
        assert not block.edges
    if not block.edges and last is not None:
        assert last == "raise"


def successors(block: Block) -> Iterator[int]:
    yield from (edge.to for edge in block.edges)
    yield from (handler.to for handler in block.handlers)
    if any(op.raises for op in block.ops):
        yield block.exc


def _reachable(blocks: list[Block]) -> set[int]:
    seen, stack = {ENTRY}, [ENTRY]
    while stack:
        for to in successors(blocks[stack.pop()]):
            if to not in seen:
                seen.add(to)
                stack.append(to)
    return seen


def _operands(op: Op) -> Iterator[str]:
    if isinstance(op.on, str):
        yield op.on
    for arg in op.args:
        if isinstance(arg.value, str):
            yield arg.value


def _check_temporaries(function: Function) -> None:
    """Whatever path leads to a use of a temporary has assigned it."""
    blocks = function.blocks
    before: list[frozenset[str] | None] = [None] * len(blocks)
    before[ENTRY] = frozenset()
    stack = [ENTRY]

    def arrive(to: int, defined: frozenset[str]) -> None:
        known = before[to]
        merged = defined if known is None else known & defined
        if merged != known:
            before[to] = merged
            stack.append(to)

    while stack:
        index = stack.pop()
        block = blocks[index]
        defined = before[index]
        assert defined is not None
        for op in block.ops:
            if op.raises:
                arrive(block.exc, defined)
            if op.dst is not None and op.dst[0] == "%":
                defined |= {op.dst}
        for edge in block.edges:
            arrive(edge.to, defined)
        for handler in block.handlers:
            arrive(handler.to, defined)
    for index, block in enumerate(blocks):
        known = before[index]
        if known is None:
            continue
        for op in block.ops:
            skipped = op.do in _MAY_BE_SKIPPED or op.name in _COMPREHENSIONS
            if not skipped:
                for place in _operands(op):
                    assert place[0] != "%" or place in known, (function.qualname, op)
            if op.dst is not None and op.dst[0] == "%":
                known |= {op.dst}


def _check_names(function: Function, module: Function) -> None:
    """Every variable is a local, captured, or bound nowhere in the file (a builtin)."""
    made = {op.dst for block in function.blocks for op in block.ops if op.dst is not None}
    for block in function.blocks:
        for op in block.ops:
            for place in _operands(op):
                name = place.partition(".")[0]
                if name[0] == "%":
                    continue
                if "@" in name:
                    assert name in made, (function.qualname, op)
                    continue
                assert (
                    name in function.locals
                    or name in function.captures
                    or name not in module.locals
                    or hasattr(builtins, name)
                ), (function.qualname, op)

"""Units of work: who outlives a failure, what is written where, what a loop commits."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.catalog.objects import BY_MANAGER
from sqla_lint.flow.effects import statement_event
from sqla_lint.flow.root import SELF, Position, Root
from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import Kind
from sqla_lint.views.atimport import fails_import
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.scripts import ends_program
from sqla_lint.views.slow import slow_calls
from sqla_lint.views.transactions import operations_of
from sqla_lint.ways import behind, leads

_WRITES = frozenset({"write", "add"})
_WORKING = frozenset({"add", "add_all", "delete", "merge", "commit", "flush", "execute"})
_OF_ENGINE = frozenset(
    {"begin", "connect", "exec_driver_sql", "execute", "raw_connection", "scalar", "scalars"}
)
_READERS = ("pandas.read_sql", "polars.read_database")
_CHANGES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.STR})
_ONE_ROW = frozenset({"add", "delete", "merge"})


def begins_by_hand(function: Function, root: Root) -> bool:
    """The function begins the transaction itself, without a ``with``: it must end it itself."""
    return any(
        use.op.name in ("begin", "begin_twophase")
        and use.op.dst is not None
        and not function.is_entered(use.op.dst)
        for use in function.uses(root)
    )


_ENDED_ELSEWHERE = frozenset({"autocommit", BY_MANAGER})


def outlives(function: Function, root: Root) -> bool:
    """The object lives on after this function failed, and nobody is known to roll it back."""
    kind = root.kind
    if not _ENDED_ELSEWHERE.isdisjoint(kind.traits):
        return False
    if function.is_legacy(kind) and not begins_by_hand(function, root):
        return False
    if root.place in _rolled_back_elsewhere(function) and not _makes(function, root):
        return False
    if kind.owner in ("attribute", "registry", "module") and fails_import(function):
        return False
    if kind.owner == "attribute":
        return not function.class_ends(root.place)
    if kind.owner in ("registry", "module") and ends_program(function):
        return False
    if kind.owner == "registry":
        return "request-scoped" not in kind.traits and not function.registry_removed()
    if kind.owner == "module":
        return not function.module_ends(root.place)
    return kind.owner == "caller"


@per_project
def _rolled_back_elsewhere(function: Function) -> frozenset[Place]:
    """The attributes that methods roll back which do nothing else with a session: those of a base
    of handlers, say, whose session other objects share."""
    knowledge = function.project.knowledge
    return frozenset(
        op.on
        for _, code in knowledge.sayings.where(knowledge.index.modules.values(), "rollback")
        for block in code.blocks
        for op in block.ops
        if op.do == "call" and op.name == "rollback" and isinstance(op.on, str) and "." in op.on
        if not any(o.name in _WORKING for b in code.blocks for o in b.ops if o.do == "call")
    )


def _makes(function: Function, root: Root) -> bool:
    """The class of the function makes the session that it keeps."""
    attribute = root.place.rpartition(".")[2]
    parent = function.typed.function.parent
    classes = function.project.knowledge.classes
    for info in classes.ancestry(f"{function.typed.module.name}:{parent}"):
        for label in info.methods.values():
            typed = function.project.typed.get(label)
            if typed is None:
                continue
            for number, i, op in function.of(typed).positions:
                kept = op.do == "setattr" and op.name == attribute
                if kept and any(kind.owner == "local" for kind in typed.args[number][i]):
                    return True
    return False


def is_handed_in(function: Function, root: Root) -> bool:
    """The class of the function keeps what its `__init__` was given: it is somebody else's."""
    attribute = root.place.rpartition(".")[2]
    classes = function.project.knowledge.classes
    parent = f"{function.typed.module.name}:{function.typed.function.parent}"
    entry = function.project.knowledge.functions.get(classes.method(parent, "__init__") or "")
    given = {param.name for param in entry[1].params} if entry is not None else frozenset()
    return entry is not None and any(
        op.do == "setattr" and op.name == attribute and op.args[-1].value in given
        for block in entry[1].blocks
        for op in block.ops
    )


def other_writes(function: Function, root: Root, roots: tuple[Root, ...]) -> set[Position]:
    """Where something is written over another object of the same engine. Blocks that follow one
    another often bind the same name: what may be said to the object itself is not the other's."""
    own = {id(use.op) for use in function.uses(root)}
    ops = {
        id(use.op)
        for other in roots
        if other != root and other.kind.label == root.kind.label
        for use in function.uses(other)
        if {"write", "flush"} & set(use.happening.events)
    }
    return {(number, i) for number, i, op in operations_of(function) if id(op) in ops - own}


def begun_in_vain(function: Function, root: Root) -> Op | None:
    """What begins a transaction of several changes of rows on an object that is on AUTOCOMMIT."""
    uses = function.uses(root)
    begun = [use.op for use in uses if use.op.do == "call" and use.op.name == "begin"]
    if not begun and "begin" in root.kind.traits:
        begun = [function.opening(root)]
    arguments = {
        id(op): function.typed.args[number][i][:1] for number, i, op in operations_of(function)
    }
    changes = 0
    for use in uses:
        given = arguments[id(use.op)]
        if not {"write", "add"} & set(use.happening.events):
            continue
        schema = given and use.op.name == "execute" and not _is_row_change(given[0])
        changes += not schema
    return begun[0] if begun and changes > 1 else None


def _is_row_change(statement: Kind) -> bool:
    if statement.name in (kinds.INSERT, kinds.UPDATE, kinds.DELETE):
        return True
    return statement.name in _CHANGES and bool(statement.label) and _is_change(statement.label)


def bypasses(function: Function, root: Root) -> set[Position]:
    """Where the engine of a session is worked with, past the session."""
    engines: set[Place | None] = {
        use.op.dst
        for use in function.uses(root)
        if use.role == SELF
        and (
            (use.op.do == "call" and use.op.name == "get_bind")
            or (use.op.do == "getattr" and use.op.name == "bind")
        )
    }
    engines |= {
        op.dst for _, _, op in operations_of(function) if op.do == "move" and op.on in engines
    }
    engines.discard(None)
    found = set()
    for number, i, op in operations_of(function):
        if op.do != "call":
            continue
        on = function.typed.on[number][i]
        reads = f"{on.label}.{op.name}".startswith(_READERS)
        given = reads and any(arg.value in engines for arg in op.args)
        if given or (op.on in engines and op.name in _OF_ENGINE):
            found.add((number, i))
    return found


def writes_alone(function: Function) -> list[Op]:
    """Writes that 1.4 commits one by one, as far as one can follow the other."""
    found: list[tuple[Position, Op]] = []
    for number, i, op in operations_of(function):
        on, args = function.typed.on[number][i], function.typed.args[number][i]
        # what others made they may have begun
        mine = on.owner in ("local", "module")
        by_itself = mine and function.is_legacy(on) and "begin" not in on.traits
        alone = on.name == kinds.ENGINE or (by_itself and not _begun(function, op.on))
        if op.do != "call" or op.name != "execute" or not alone or not args:
            continue
        if (
            args[0].name in _CHANGES
            and _is_change(args[0].label)
            and (statement_event(args[0]) == "write")
        ):
            found.append(((number, i), op))
    return [
        op
        for position, op in found
        if any(
            follows(function, position, other) or follows(function, other, position)
            for other, _ in found
            if other != position
        )
    ]


def _is_change(sql: str) -> bool:
    return not sql or sql.lstrip()[:6].lower() in ("insert", "update", "delete")


def _begun(function: Function, place: object) -> bool:
    return any(
        op.do == "call" and op.on == place and op.name in ("begin", "begin_nested")
        for _, _, op in operations_of(function)
    )


def may_be_committed(function: Function, root: Root, mark: Position) -> bool:
    """A plain way leads from an operation to a commit of the object."""
    where = {id(op): (number, i) for number, i, op in operations_of(function)}
    return any(
        use.op.do == "call"
        and use.op.name == "commit"
        and follows(function, mark, where[id(use.op)])
        for use in function.uses(root)
    )


def follows(function: Function, one: Position, other: Position) -> bool:
    """A plain way leads from one operation to another."""
    return leads(function.typed.function, one, other)


def _reachable(function: Function, start: int, avoid: frozenset[int]) -> set[int]:
    """The blocks to which plain ways lead from behind a block."""
    blocks = function.typed.function.blocks
    starts = [edge.to for edge in blocks[start].edges]
    return behind(blocks, starts, stop=avoid) - avoid


def turns(function: Function, root: Root) -> Iterator[Op]:
    """The commits of an object in every turn of a `for` loop that writes a row."""
    blocks = function.typed.function.blocks
    where = {id(op): number for number, _, op in operations_of(function)}
    slow = {number for number, _ in slow_calls(function)}
    made = blocks[root.position[0]].loops if root.position[0] >= 0 else ()
    uses = function.uses(root)
    for use in uses:
        number = where[id(use.op)]
        if use.op.name != "commit" or use.op.do != "call" or not blocks[number].loops:
            continue
        loop = blocks[number].loops[-1]
        header = next(
            (n for n, b in enumerate(blocks) if b.loops[-1:] == (loop,) and _is_header(b.edges)),
            None,
        )
        inside = {n for n, block in enumerate(blocks) if loop in block.loops}
        if header is None or loop in made or inside & slow or _isolates(function, number, loop):
            continue
        within = [u for u in uses if where[id(u.op)] in inside]
        writes = [u for u in within if _WRITES & set(u.happening.events)]
        if not writes or not all(_writes_one(function, u.op, loop, where) for u in writes):
            continue
        rounds = _reachable(function, number, frozenset())
        skipped = any(
            where[id(u.op)] != number
            and header in _reachable(function, where[id(u.op)], frozenset({number}))
            for u in writes
        )
        if (
            header not in rounds
            or skipped
            or any(op.do == "yield" for n in inside for op in blocks[n].ops)
        ):
            continue
        yield use.op


def _is_header(edges: object) -> bool:
    return any(edge.when == "item" for edge in edges)  # type: ignore[attr-defined]


def _isolates(function: Function, number: int, loop: int) -> bool:
    """A failing commit is handled within its turn."""
    blocks = function.typed.function.blocks
    handlers = blocks[blocks[number].exc].handlers
    return any(loop in blocks[handler.to].loops for handler in handlers)


def _writes_one(function: Function, op: Op, loop: int, where: dict[int, int]) -> bool:
    """One row or so: not in a loop of its own, not from a list."""
    if function.typed.function.blocks[where[id(op)]].loops[-1] != loop:
        return False
    if op.do == "await":
        made = function.maker(op.on)
        return made is not None and _writes_one(function, made.op, loop, where)
    if op.do != "call":
        return True
    if op.name not in ("execute", "exec"):
        return op.name in _ONE_ROW
    made = function.maker(op.args[0].value) if len(op.args) == 1 else None
    kind = made.result if made is not None else None
    return kind is not None and (
        kind.name == kinds.INSERT or kind.label.lstrip()[:6].lower() == "insert"
    )

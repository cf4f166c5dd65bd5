"""Names that the program's own schema gives, and options of an object that a function is patched
into: nobody chooses them here, though nothing is known of the objects that hold them.

`base.metadata.tables` and `table.c` of an object of unknown kind hold names of tables and columns;
`self` of a function outside of a class is an object of whatever class it is put into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Function, Op
from sqla_lint.project import harmless
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import NAME
from sqla_lint.project.origins import Origins

# Loops in loops over attributes: real ones are a few steps long.
DEPTH_LIMIT = 12

_NAMES_OF = frozenset(
    {"database", "db_name", "dbname", "default_schema_name", "fullname", "name", "schema"}
    | {"schema_name", "table_name", "tablename"}
)
_KEYS_OF = frozenset({Const("name"), Const("schema"), Const("table_name")})
_TOLD = frozenset({Const("column_name"), Const("table_name"), Const("table_schema")})
_SELECTING = frozenset({kinds.SELECT, kinds.QUERY})
_PARTS = frozenset({"move", "await", "next", "unpack", "getitem", "getattr"})
_WALKS = frozenset({"items", "keys", "values", "copy"})
_SAME = frozenset(
    f"builtins.{name}" for name in ("iter", "list", "sorted", "set", "tuple", "reversed", "dict")
)

Ends = Callable[[Frame, Position, Op], bool]


def names_schema(origins: Origins, spot: Spot) -> bool:
    """A key or an element of the tables of a MetaData, or of the columns of a table."""
    return _comes_from(origins, spot, _is_schema, "", 0)


def is_patched_in(origins: Origins, spot: Spot) -> bool:
    """An attribute of the `self` of a function that stands in no class."""
    return _comes_from(origins, spot, _never, "self", 0)


def is_imported(spot: Spot) -> bool:
    """What the body of a module reads of what it imports: ``LABEL = vocabulary.label``."""
    frame = spot.frame
    if frame.typed.function.kind != "module" or not isinstance(spot.operand, str):
        return False
    made = [frame.op(at) for at in frame.graph.makers.get(spot.operand, ())]
    roots = {str(op.on).partition(".")[0] for op in made if op.do == "getattr"}
    return (
        len(made) == 1
        and all(
            any(frame.op(at).do == "import" for at in frame.graph.makers.get(root, ()))
            for root in roots
        )
        and bool(roots)
    )


def is_called(origins: Origins, spot: Spot) -> bool:
    """``table.name``, ``column["name"]`` of objects that nothing is known of, or an Inspector's
    ``default_schema_name``."""
    makers = list(_made(origins, spot, 0))
    return bool(makers) and all(one is not None and _is_name(one) for one in makers)


def _made(origins: Origins, spot: Spot, depth: int) -> Iterator[Spot | None]:
    """The operations that give a value, through names and parameters that a call here gives; None
    for what comes in from elsewhere."""
    frame = spot.frame
    if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
        return
    found = frame.graph.definitions(spot.operand, spot.at, origins.admits(frame))
    given = frame.given.get(spot.operand) if found.entry else None
    if found.entry and given is None:
        yield None
    elif given is not None:
        yield from _made(origins, given, depth + 1)
    for at in found.positions:
        op = frame.op(at)
        if op.do in ("move", "await"):
            yield from _made(origins, frame.on(at), depth + 1)
        elif op.do in ("boolop", "ifelse"):
            for one in frame.args(at):
                yield from _made(origins, one, depth + 1)
        else:
            yield Spot(frame, op.dst or "", at, frame.typed.dst[at[0]][at[1]], op.at)


def _is_name(made: Spot) -> bool:
    op = made.frame.op(made.at)
    if op.on is None or made.frame.on(made.at).kind.known:
        return False
    if op.do == "getattr":
        return op.name in _NAMES_OF
    looks_up = op.do == "getitem" or (op.do == "call" and op.name == "get")
    return looks_up and len(op.args) == 1 and op.args[0].value in _KEYS_OF


def is_option(spot: Spot) -> bool:
    """An option of the command line, which whoever runs the program gives."""
    return spot.kind.label.startswith("argparse.")


def is_selected_from(spot: Spot) -> bool:
    """A FROM clause: a statement of the same function selects from it, which takes no text."""
    return any(
        op.do == "call"
        and op.name == "select_from"
        and kind.name in _SELECTING
        and any(arg.value == spot.operand for arg in op.args)
        for block, kinds_ in zip(
            spot.frame.typed.function.blocks, spot.frame.typed.on, strict=False
        )
        for op, kind in zip(block.ops, kinds_, strict=False)
    )


def is_attribute(spot: Spot) -> bool:
    """The name of an attribute: the same function reads one so called, without anything in its
    place if there is none, or asks whether there is one."""
    function = spot.frame.typed.function
    names = {spot.operand} | {
        op.dst
        for block in function.blocks
        for op in block.ops
        if op.do == "move" and op.on == spot.operand
    }
    return isinstance(spot.operand, str) and any(
        op.do == "call"
        and op.name is None
        and op.on == "getattr"
        and len(op.args) > 1
        and op.args[1].value in names
        and (len(op.args) == 2 or _is_asked(function, op))
        for block in function.blocks
        for op in block.ops
    )


def _is_asked(function: Function, read: Op) -> bool:
    """What ``getattr(x, name, None)`` gives is tested for None."""
    if read.args[2].value != Const(None):
        return False
    ops = [op for block in function.blocks for op in block.ops]
    held = {read.dst} | {op.dst for op in ops if op.do == "move" and op.on == read.dst}
    return any(
        edge.test is not None and edge.test.place in held and edge.test.is_ in ("none", "true")
        for block in function.blocks
        for edge in block.edges
    )


def _never(frame: Frame, at: Position, op: Op) -> bool:
    return False


def _is_schema(frame: Frame, at: Position, op: Op) -> bool:
    if op.do == "getitem" and len(op.args) == 1 and op.args[0].value in _TOLD:
        return not harmless.is_from_outside(frame.on(at).kind)  # what was read from a catalog
    if op.do == "call" and op.name in ("keys", "items") and not op.args:
        return _reads(frame, op.on, {"columns"})
    if op.do != "getattr" or frame.on(at).kind.known:
        return False
    if op.name == "tables":
        return _reads(frame, op.on, {"metadata"})
    return op.name in ("c", "sorted_tables")


def _reads(frame: Frame, operand: object, names: set[str]) -> bool:
    """An operand is an attribute of one of these names, of an object of unknown kind."""
    if not isinstance(operand, str):
        return False
    found = frame.graph.makers.get(operand, ())
    if len(found) == 1 and frame.op(found[0]).do == "move" and frame.op(found[0]).on != operand:
        return _reads(frame, frame.op(found[0]).on, names)
    return any(_is_named(frame.op(at), names) and not frame.on(at).kind.known for at in found)


def _is_named(op: Op, names: set[str]) -> bool:
    """``x.metadata``, or ``attributes["metadata"]``."""
    if op.do == "getitem":
        key = op.args[0].value if len(op.args) == 1 else None
        return isinstance(key, Const) and key.value in names
    return op.do == "getattr" and op.name in names


def _comes_from(origins: Origins, spot: Spot, ends: Ends, param: str, depth: int) -> bool:
    """Every way back leads through parts of it to what ``ends`` knows, or to that parameter."""
    if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
        return False
    frame = spot.frame
    found = frame.graph.definitions(spot.operand, spot.at, origins.admits(frame))
    if found.entry:
        given = frame.given.get(spot.operand)
        if given is not None:
            if not _comes_from(origins, given, ends, param, depth + 1):
                return False
        elif depth == 0 or spot.operand != param or not _is_free(frame, param):
            return False
    return bool(found.positions or found.entry) and all(
        _gives(origins, frame, at, ends, param, depth + 1) for at in found.positions
    )


def _is_free(frame: Frame, param: str) -> bool:
    """The first parameter of a function of the module."""
    function = frame.typed.function
    first = function.params[0].name if function.params else ""
    return first == param and "." not in function.qualname


def _gives(
    origins: Origins, frame: Frame, at: Position, ends: Ends, param: str, depth: int
) -> bool:
    op = frame.op(at)
    if ends(frame, at, op):
        return True
    if op.do in _PARTS:
        on = frame.on(at)
        own = on.kind.name in (kinds.INSTANCE, kinds.ENTITY)  # its class says what it holds
        return not own and _comes_from(origins, on, ends, param, depth)
    if op.do == "call" and op.name in _WALKS and not op.args:
        return _comes_from(origins, frame.on(at), ends, param, depth)
    args = frame.args(at)
    if op.do == "call" and op.name == "split" and len(args) > 1:
        module = frame.on(at).kind  # `re.split(pattern, text)`
        return module.label in ("re", "re.split") and _comes_from(
            origins, args[1], ends, param, depth
        )
    if op.do == "call" and op.name is None and args:
        on = frame.on(at)
        same = on.kind.name == NAME and on.kind.label in _SAME
        return same and _comes_from(origins, args[0], ends, param, depth)
    if op.do == "pack" and op.name in ("listcomp", "gen", "setcomp") and args:
        return _comes_from(origins, args[0], ends, param, depth)
    return False

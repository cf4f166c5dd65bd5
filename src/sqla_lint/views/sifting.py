"""Rows that are fetched for what the database could do with them: deleted, filtered, summed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.ir import Ann, Const, Edge, Op, Place
from sqla_lint.project.kind import class_name
from sqla_lint.project.listeners import listeners
from sqla_lint.project.models import Models
from sqla_lint.views.behind import Definitions, definitions, maker
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.loopstatements import in_migration

# Calls from a statement to its rows that are looked at.
CHAIN_LIMIT = 24
# Blocks that one condition of a loop is made of.
CONDITION_LIMIT = 8

_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ROWS = frozenset({kinds.SCALARS, kinds.LIST, kinds.COROUTINE})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
# What leaves a statement one that a criterion, or DELETE, can be put to.
_PLAIN = frozenset({"all", "execution_options", "filter", "filter_by", "options", "order_by"})
_PLAIN |= {"query", "scalars", "select", "where", "unique", "exec"}
_GATHERERS = frozenset({"builtins.list", "builtins.tuple", "builtins.iter"})
_CONDITION = frozenset({"getattr", "compare", "unary", "boolop", "test", "move"})
_COMPARED = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"})
# Types whose values compare in the database as they do in Python.
_ALIKE = frozenset(
    {"BigInteger", "Boolean", "Date", "DateTime", "Enum", "Float", "Integer", "Numeric"}
    | {"SmallInteger", "String", "Text", "Unicode", "UnicodeText", "Uuid", "UUID", "BIGINT"}
    | {"BOOLEAN", "DATE", "DATETIME", "FLOAT", "INTEGER", "NUMERIC", "TIMESTAMP", "VARCHAR"}
)
_NUMBERS = frozenset({"BigInteger", "Float", "Integer", "Numeric", "SmallInteger"})
_FOLDING = {"builtins.sum": "sum", "builtins.min": "min", "builtins.max": "max"}
# Events by which a project takes part in each deletion.
_DELETING = frozenset({"before_delete", "after_delete", "before_flush", "after_flush"})


class Sifted(NamedTuple):
    """Rows of one model that a loop goes through; ``how`` is "deleted", "filtered", or the name of
    the aggregate; ``op`` is where it is done."""

    op: Op
    model: str
    how: str
    attribute: str = ""

    @property
    def name(self) -> str:
        """The name of the class."""
        return class_name(self.model)


class _Loop(NamedTuple):
    """A loop over the rows of a statement that nothing else reads."""

    header: int
    id: int
    element: Place
    model: str
    next: Op


def deleted_rows(function: Function) -> Iterator[Sifted]:
    """Loops that load objects only to delete them."""
    for loop in _loops(function):
        calls = list(_deletions(function, loop))
        if len(calls) == 1 and _deletes_alone(function, loop.model):
            yield Sifted(calls[0], loop.model, "deleted")


def sifted_rows(function: Function) -> Iterator[Sifted]:
    """Loops that drop rows by their columns, or make one number of them."""
    for loop in _loops(function):
        attribute = _condition(function, loop)
        if attribute:
            yield Sifted(loop.next, loop.model, "filtered", attribute)
            continue
        found = _folded(function, loop)
        if found is not None:
            yield found


def _loops(function: Function) -> Iterator[_Loop]:
    typed = function.typed
    if not any(block.loops for block in typed.function.blocks) or in_migration(function):
        return
    defined: Definitions | None = None
    for number, block in enumerate(typed.function.blocks):
        if not block.loops or not any(edge.when == "item" for edge in block.edges):
            continue
        for i, op in enumerate(block.ops):
            entity = typed.dst[number][i]
            if op.do != "next" or op.dst is None or entity.name != kinds.ENTITY:
                continue
            if not entity.label or "queried" not in entity.traits:
                continue
            defined = defined or definitions(function)
            here = next((o for o in function.operations() if o.op is op), None)
            if here is not None and _is_fetched_for(function, defined, here):
                yield _Loop(number, block.loops[-1], op.dst, entity.label, op)


def _is_fetched_for(function: Function, defined: Definitions, loop: Operation) -> bool:
    """What a loop goes through is a plain statement that is run here and read by nothing else."""
    before, user, in_rows = loop.op.on, loop, True
    for _ in range(CHAIN_LIMIT):
        if not isinstance(before, str):
            return False
        if in_rows and len(function.readers.get(before, ())) != 1:
            return False
        made = maker(defined, before, user)
        if made is None or (in_rows and len(defined.get(before, ())) != 1):
            return False
        op, user = made.op, made
        if op.do in ("move", "await"):
            before = op.on
        elif op.do == "getattr":  # Model.query
            return op.name == "query" and made.result.name == kinds.QUERY
        elif op.do != "call":
            return False
        elif op.name is None and made.on.label in _GATHERERS and len(op.args) == 1:
            before = op.args[0].value
        elif op.name is None:
            return made.result.name == kinds.SELECT
        elif op.name not in _PLAIN and op.name != "execute":
            return False
        elif made.on.name in _RUNNERS and op.name == "query":
            return True
        elif made.on.name in _RUNNERS:
            in_rows = False
            if not made.arg_kinds or made.arg_kinds[0].name not in _STATEMENTS:
                return False
            before = op.args[0].value
        elif made.result.name == kinds.SELECT and made.on.name != kinds.SELECT:
            return True  # sa.select(), db.select()
        else:
            in_rows = in_rows and made.on.name in _ROWS | {kinds.RESULT}
            before = op.on
    return False


# --- deleted -------------------------------------------------------------------------------------


def _deletions(function: Function, loop: _Loop) -> Iterator[Op]:
    """The `session.delete()` of a loop that does nothing else; nothing when it does."""
    typed = function.typed
    found: list[Op] = []
    for number, block in enumerate(typed.function.blocks):
        if loop.id not in block.loops:
            continue
        for i, op in enumerate(block.ops):
            if op is loop.next or op.do == "await":
                continue
            deletes = op.do == "call" and op.name == "delete"
            ours = deletes and typed.on[number][i].name in _RUNNERS
            if not ours or [arg.value for arg in op.args] != [loop.element]:
                return
            found.append(op)
    yield from found


def _deletes_alone(function: Function, label: str) -> bool:
    """The session has nothing to do for a deletion but to send it: no cascade, no row of a table
    between, no event."""
    models = function.project.models
    model = models.of(label)
    if model is None or not models.exhaustive(model) or models.heirs(model) or model.parent:
        return False
    if _takes_part(function):
        return False
    if model.mapper_args is not None:
        return False  # a version counter, perhaps
    return all(
        attribute.relationship is None or _is_left_alone(models, label, name)
        for name, attribute in models.attributes(model).items()
    )


def _is_left_alone(models: Models, label: str, name: str) -> bool:
    model = models.models[label]
    own = models.attributes(model)[name].relationship
    assert own is not None
    if own.opaque:
        return False
    viewed, passive = own.word("viewonly"), own.word("passive_deletes")
    if viewed is not None and viewed.truth:
        return True
    relation = models.relation(model, name)
    if relation is None or not relation.direction:
        return False
    if relation.direction == "many-to-one":
        return own.cascades("delete") is False
    by_database = passive is not None and (passive.truth or passive.text == "all")
    return relation.direction == "one-to-many" and by_database


def _takes_part(function: Function) -> bool:
    """The project listens to deletions."""
    known = function.project.memo.get("listens to deletions")
    if not isinstance(known, bool):
        found = listeners(function.project.knowledge)
        known = function.project.memo["listens to deletions"] = any(
            one.event in _DELETING for one in found
        )
    return known


# --- filtered, summed up -------------------------------------------------------------------------


def _condition(function: Function, loop: _Loop) -> str:
    """The column by which the first condition of a loop passes over rows; "" when there is none,
    or when it asks more than columns and values."""
    blocks = function.typed.function.blocks
    waiting = [edge.to for edge in blocks[loop.header].edges if edge.when == "item"]
    seen: set[int] = set()
    columns: list[str] = []
    passes = decides = False
    while waiting and len(seen) < CONDITION_LIMIT:
        number = waiting.pop()
        if number in seen or number == loop.header:
            continue
        block = blocks[number]
        if not block.ops or block.ops[-1].do != "test" or loop.id not in block.loops:
            continue  # what is done with a row
        if any(op.do not in _CONDITION for op in block.ops):
            continue
        asked = _asked(function, loop, block.ops)
        if not asked:
            return ""  # it asks something else of a row, or nothing of it
        seen.add(number)
        columns += [column.name for column in asked]
        if _is_kept_in_loop(function, loop, block.ops):
            return ""
        decides = decides or _decides(function, loop, asked, block.ops)
        for edge in block.edges:
            passes = passes or (edge.to == loop.header and not _is_one_row(asked, block.ops, edge))
            waiting.append(edge.to)
    return columns[0] if passes and decides and columns else ""


def _decides(function: Function, loop: _Loop, asked: list[Mapped], ops: list[Op]) -> bool:
    """It compares a column with a value, or asks whether a Boolean is true; that there is a value
    at all, most conditions only make sure of."""
    compared = [op for op in ops if op.do == "compare"]
    if compared:
        return any(arg.value != Const(None) for op in compared for arg in op.args)
    return all(_is_boolean(function, loop, column) for column in asked)


def _is_boolean(function: Function, loop: _Loop, column: Mapped) -> bool:
    kind = column.column.type if column.column is not None else None
    if kind is not None:
        return kind.name in ("Boolean", "BOOLEAN")
    model = function.project.models.of(loop.model)
    found = function.project.models.attribute(model, column.name) if model is not None else None
    return found is not None and found.ann is not None and "bool" in _words(found.ann)


def _words(ann: Ann) -> set[str]:
    return {ann.name}.union(*(_words(arg) for arg in ann.args))


def _is_kept_in_loop(function: Function, loop: _Loop, ops: list[Op]) -> bool:
    """It asks what the loop itself has gathered so far."""
    blocks = function.typed.function.blocks
    changed = {
        place
        for block in blocks
        if loop.id in block.loops
        for op in block.ops
        for place in ((op.on,) if op.do in ("setitem", "call", "augassign") else ()) + (op.dst,)
        if isinstance(place, str) and place[0] != "%"
    } - {loop.element}
    asked = {arg.value for op in ops if op.do == "compare" for arg in op.args}
    asked |= {op.on for op in ops if op.do == "compare" and op.on is not None}
    return any(place in changed for place in asked if "." not in str(place))


def _is_one_row(asked: list[Mapped], ops: list[Op], edge: Edge) -> bool:
    """What is passed over is the row of one key, so that nearly all are wanted."""
    compared = ops[-2] if len(ops) > 1 else ops[-1]
    one = len(asked) == 1 and asked[0].column is not None and asked[0].column.primary_key
    equal = compared.do == "compare" and (
        (compared.name == "==" and edge.when == "true")
        or (compared.name == "!=" and edge.when == "false")
    )
    return bool(one) and equal


def _asked(function: Function, loop: _Loop, ops: list[Op]) -> list[Mapped] | None:
    """The columns that a part of a condition asks; None when it asks anything else of a row."""
    found: list[Mapped] = []
    known = {loop.element}
    for op in ops:
        if op.on == loop.element or any(arg.value == loop.element for arg in op.args):
            column = _column(function, loop, op)
            if column is None or op.dst is None:
                return None
            found.append(column)
            known.add(op.dst)
        elif op.do == "getattr" and op.on in known:
            return None  # of a value of the row
        elif op.do == "compare" and op.name not in _COMPARED:
            return None
    return found


def _column(function: Function, loop: _Loop, op: Op) -> Mapped | None:
    """A plain column that is read of a row."""
    if op.do != "getattr" or op.name is None or op.on != loop.element:
        return None
    found = mapped(function.project, loop.model, op.name)
    if found is None or found.role != "column" or found.column is None:
        return None
    kind = found.column.type
    if kind is not None and (kind.name not in _ALIKE or ":" in kind.dotted):
        return None
    return found


def _folded(function: Function, loop: _Loop) -> Sifted | None:
    """One number is made of a column of all rows: `sum(...)`, or `total += row.amount`."""
    blocks = function.typed.function.blocks
    inside = [b for n, b in enumerate(blocks) if loop.id in b.loops and n != loop.header]
    ops = [op for block in inside for op in block.ops]
    if not ops or any(edge.when in ("true", "false") for block in inside for edge in block.edges):
        return None
    column = _column(function, loop, ops[0])
    if column is None or column.column is None:
        return None
    kind = column.column.type
    if len(ops) == 2 and ops[1].do == "augassign":
        added = ops[1].name in ("+", "+=") and ops[1].args[0].value == ops[0].dst
        number = kind is not None and kind.name in _NUMBERS
        return Sifted(loop.next, loop.model, "sum", column.name) if added and number else None
    if len(ops) != 1:
        return None
    for operation in function.operations():
        pack = operation.op
        of_it = pack.do == "pack" and [arg.value for arg in pack.args] == [ops[0].dst]
        if not of_it or pack.name not in ("gen", "listcomp") or pack.dst is None:
            continue
        readers = function.readers.get(pack.dst, [])
        call = next((o for o in function.operations() if readers and o.op is readers[0]), None)
        if len(readers) != 1 or call is None or call.op.do != "call" or len(call.op.args) != 1:
            return None
        how = _FOLDING.get(call.on.label) if call.op.name is None else None
        return Sifted(call.op, loop.model, how, column.name) if how is not None else None
    return None

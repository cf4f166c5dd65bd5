"""Functions that stand in a table of their module, and who takes them out of it.

``CHECKS = [("users", has_users), ("names", has_names)]``: nothing but what goes through `CHECKS`
calls them, as long as nothing hands the table on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import Const, Module, Op, Operand
from sqla_lint.ir import Function as Code
from sqla_lint.regex import pattern
from sqla_lint.views.function import Function
from sqla_lint.views.spelled import mentions

_FILLING = frozenset({"append", "extend", "insert", "update"})
_LOOKUPS = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})
# Functions that look at what they are handed, or go through it, and call none of it.
_LOOKING = frozenset(
    {"all", "any", "bool", "dict", "enumerate", "iter", "len", "list", "max", "min", "next"}
    | {"print", "range", "reversed", "set", "sorted", "str", "tuple", "zip"}
)
_READING = frozenset({"compare", "getitem", "next", "test"})
_DISPLAYS = frozenset({"dict", "list", "set", "tuple"})
_NUMBERED = pattern(r"^v?\d|\d$")  # `1.2.0`, `0003_add_name`, `step_4`
# Tables in tables that are followed from a function to the name that holds it.
DEPTH = 4


class Table(NamedTuple):
    """A table of functions."""

    name: str
    ordered: bool  # it has an order: a sequence, or keys that are numbers or end with one


def takers(
    function: Function, module: Module, code: Code, op: Op, name: str
) -> list[tuple[Module, Code]]:
    """The functions that take something out of the tables into which an operation puts what has a
    name, with their modules; none where it goes elsewhere, or somebody else may get a table."""
    found: dict[int, tuple[Module, Code]] = {}
    for table in tables(module, code, op, name):
        users = _users(function, module, table.name)
        if users is None:
            return []
        found |= users
    return list(found.values())


def tables(module: Module, code: Code, op: Op, name: str) -> list[Table]:
    """The tables into which an operation puts what has a name; none where it goes elsewhere."""
    put = list(_put(module, op, name, DEPTH)) if code.kind == "module" else []
    found = [table for table in put if table is not None]
    return found if len(found) == len(put) else []


def _put(module: Module, op: Op, value: Operand, depth: int) -> Iterator[Table | None]:
    """The tables into which an operation of a module's body puts a value; None for everything else
    that it does with it."""
    given = any(arg.value == value for arg in op.args)
    holder: Operand | None = None
    if op.do == "pack" and op.name in _DISPLAYS and given and op.dst is not None and depth:
        ordered = op.name != "dict" or all(_is_number(key.value) for key in op.args[::2])
        users = [one for block in module.body.blocks for one in block.ops if _reads(one, op.dst)]
        for user in users:
            for table in _put(module, user, op.dst, depth - 1):
                yield table and table._replace(ordered=table.ordered and ordered)
        if users:
            return
    elif op.do == "move" and depth < DEPTH:
        holder = op.dst
    elif op.args[-1:] and op.args[-1].value == value and _fills(op, op.on):
        holder = op.on
    named = isinstance(holder, str) and holder.isidentifier()
    numbered = op.do != "setitem" or _is_number(op.args[0].value)
    yield Table(str(holder), numbered) if named else None


def _is_number(key: Operand) -> bool:
    if not isinstance(key, Const) or isinstance(key.value, bool):
        return False
    return isinstance(key.value, (int, float)) or (
        isinstance(key.value, str) and _NUMBERED.search(key.value) is not None
    )


def _reads(op: Op, place: Operand) -> bool:
    return op.on == place or any(arg.value == place for arg in op.args)


def _users(function: Function, module: Module, table: str) -> dict[int, tuple[Module, Code]] | None:
    """The functions that take something out of a table; None where somebody else may get it."""
    found: dict[int, tuple[Module, Code]] = {}
    for there, code, _, op in mentions(function, table):
        own = there is module and code.kind == "module"
        if not _looks(op, table) and not (own and _fills(op, table)):
            return None
        if code.kind != "module":
            found[id(code)] = (there, code)
    return found


def _looks(op: Op, name: str) -> bool:
    """It reads the table, or says its name in a list of names."""
    if any(_ends_with(arg.value, name) for arg in op.args):
        return op.do == "compare" or (op.do == "call" and op.name is None and op.on in _LOOKING)
    if _ends_with(op.on, name):
        return op.do in _READING or (op.do == "call" and op.name in _LOOKUPS)
    return op.do == "pack" and op.name != name


def _ends_with(operand: Operand | None, name: str) -> bool:
    return isinstance(operand, str) and operand.rpartition(".")[2] == name


def _fills(op: Op, name: Operand | None) -> bool:
    return op.on == name and (op.do == "setitem" or (op.do == "call" and op.name in _FILLING))

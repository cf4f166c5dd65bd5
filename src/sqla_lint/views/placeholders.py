"""The fix for values by position: names in the text, and a dictionary of values beside it.

Only where the text is one literal of this function and the values are written in place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqla_lint import sqltext
from sqla_lint.finding import Applicability, Edit, Replace, Rewrite
from sqla_lint.ir import Arg, Const, Operand, Ref
from sqla_lint.regex import pattern
from sqla_lint.sqltext import Placeholder
from sqla_lint.views.binding import free_name, literal
from sqla_lint.views.function import Call, Operation
from sqla_lint.views.sql import made_by

_PLACE = pattern(r"[A-Za-z_][\w.]*")
_COLUMN = pattern(
    r"([A-Za-z_]\w*)[\"`\]]?\s*(?:=|<>|!=|[<>]=?|(?:NOT\s+)?(?:I?LIKE|IN|BETWEEN))\s*\(?\s*$", re.I
)
_INSERT = pattern(r"\bINTO\s+[^\s(]+\s*\(([\w\s,]*)\)\s*VALUES\s*\([^()]*\)\s*;?\s*$", re.I)


def text_literal(call: Call) -> Arg | None:
    """The literal that is the whole text a call executes, where `text()` of it is called in this
    function."""
    if not call.op.args:
        return None
    argument = call.op.args[0]
    if not isinstance(argument.value, Const):
        made = made_by(call, argument, call.arg_kinds[0])
        if len(made) != 1 or made[0][1].do != "call" or not made[0][1].args:
            return None
        if not any(one.op is made[0][1] for one in call.function.operations()):
            return None
        argument = made[0][1].args[0]
    return argument if isinstance(argument.value, Const) else None


def named(call: Call) -> Rewrite | None:
    """`text("... = %s"), (x,)` as `text("... = :x"), {"x": x}`, and `%(x)s` as `:x`."""
    sql = call.executed_text()
    argument = text_literal(call)
    if sql is None or argument is None or argument.value != Const(sql) or ":" in sql:
        return None
    found = sqltext.placeholders(sql)
    styles = {one.style for one in found}
    parameters = call.parameters()
    if styles == {"pyformat"}:
        if parameters.given != "names" or {one.name for one in found} != set(parameters.names):
            return None
        names = [one.name for one in found]
        edits: tuple[Edit, ...] = ()
    elif parameters.given == "positions" and styles in ({"format"}, {"qmark"}):
        rows = _rows(call, len(found))
        if rows is None:
            return None
        names = _names(sql, found, rows[0].values)
        edits = _dictionaries(names, rows)
    else:
        return None
    if not all(name.isidentifier() for name in names):
        return None
    template = literal(_renamed(sql, found, names))
    if template is None:
        return None
    return Rewrite("name the values", Applicability.SAFE, (Replace(argument.at, template), *edits))


def in_order(call: Call) -> Rewrite | None:
    """`text("... = :x"), (x,)` as `text("... = :x"), {"x": x}`."""
    sql = call.executed_text()
    names = list(sqltext.bind_names(sql, call.target)) if sql is not None else []
    rows = _rows(call, len(names)) if names else None
    if rows is None:
        return None
    only = len(names) == 1  # else it is a guess that they stand in the same order
    return Rewrite(
        "name the values",
        Applicability.SAFE if only else Applicability.UNSAFE,
        _dictionaries(names, rows),
    )


class _Row(NamedTuple):
    """The display of one row of values."""

    at: Ref
    values: tuple[Arg, ...]


def _rows(call: Call, count: int) -> list[_Row] | None:
    """The rows that are given, each written here with a value for each parameter."""
    pack = _display(call)
    if pack is None or not pack.op.args:
        return None
    inner = [(arg, call.function.maker(arg.value)) for arg in pack.op.args]
    tuples = [
        _Row(arg.at, one.op.args)
        for arg, one in inner
        if one is not None and one.op.do == "pack" and one.op.name == "tuple"
    ]
    rows = tuples or [_Row(pack.op.at, pack.op.args)]
    if tuples and len(tuples) != len(inner):
        return None
    if not tuples and pack.op.name not in ("tuple", "list"):
        return None
    plain = all(not arg.star and not arg.keyword for row in rows for arg in row.values)
    return rows if plain and all(len(row.values) == count for row in rows) else None


def _display(call: Call) -> Operation | None:
    """The tuple, list or comprehension that is given, also through a variable that is read here
    alone."""
    at = call.parameters().at
    given = next((arg.value for arg in call.op.args if arg.at == at), None)
    pack = call.function.maker(given) if given is not None else None
    if pack is None and isinstance(given, str):
        bound = [one for one in call.function.operations() if one.op.dst == given]
        alone = len(bound) == 1 and call.function.readers.get(given, []) == [call.op]
        if alone and bound[0].op.do == "move":
            pack = call.function.maker(bound[0].op.on)
    names = ("tuple", "list", "listcomp")
    return pack if pack is not None and pack.op.do == "pack" and pack.op.name in names else None


def _dictionaries(names: Sequence[str], rows: Sequence[_Row]) -> tuple[Replace, ...]:
    text = "{{" + ", ".join(f'"{name}": {{{n}}}' for n, name in enumerate(names)) + "}}"
    return tuple(Replace(row.at, text, tuple(arg.at for arg in row.values)) for row in rows)


def _names(sql: str, found: Sequence[Placeholder], row: Sequence[Arg]) -> list[str]:
    """A name for each value: its variable's, else its column's."""
    columns = _INSERT.search(sql)
    listed = [name.strip() for name in columns[1].split(",")] if columns is not None else []
    taken: set[str] = set()
    names: list[str] = []
    for number, (one, arg) in enumerate(zip(found, row, strict=True)):
        compared = _COLUMN.search(sql[: one.start])
        name = _own(arg.value)
        if not name and len(listed) == len(found):
            name = listed[number]
        if not name and compared is not None:
            name = compared[1]
        name = free_name(name.lower() if name.isidentifier() else "value", taken)
        taken.add(name)
        names.append(name)
    return names


def _own(operand: Operand) -> str:
    plain = isinstance(operand, str) and _PLACE.fullmatch(operand)
    return operand.rpartition(".")[2] if plain and isinstance(operand, str) else ""


def _renamed(sql: str, found: Sequence[Placeholder], names: Sequence[str]) -> str:
    out, end = "", 0
    doubled = any(one.style in ("format", "pyformat") for one in found)
    for one, name in zip(found, names, strict=True):
        between = sql[end : one.start]
        out += (between.replace("%%", "%") if doubled else between) + f":{name}"
        end = one.start + len(one.text)
    rest = sql[end:]
    return out + (rest.replace("%%", "%") if doubled else rest)

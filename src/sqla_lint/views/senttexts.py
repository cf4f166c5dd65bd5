"""The SQL texts that a call executes, each with the values that are given for it: its own, and
those that the callers of its function hand over with their values.

``def rows(self, sql, **params): return self.conn.execute(text(sql), params)``
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, UNKNOWN, Kind, dotted_label
from sqla_lint.project.mentions import CHANGING
from sqla_lint.sqltext import HOLE
from sqla_lint.views.function import Call, Function, Operation, Parameters
from sqla_lint.views.givenkeys import keys_given, keys_of
from sqla_lint.views.once import per_function
from sqla_lint.views.paths import Note
from sqla_lint.views.sql import CALLERS, reader

_VALUES = ("params", "parameters")
_OPTIONS = frozenset({"execution_options", "bind_arguments"})
_ASKS = frozenset({"isinstance", "len", "print", "str"})
_TEXTS = frozenset({"sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text"})


_Given: TypeAlias = tuple[Parameters, Collection[str] | None]


class SentText(NamedTuple):
    """A text that is wholly known, and what is given for its parameters; ``keys`` are all names
    that may get a value, None when there may be others. ``path`` is the file, where it is another,
    and ``steps`` show where it is executed then."""

    sql: str
    given: Parameters
    keys: Collection[str] | None
    at: Ref
    path: str = ""
    steps: tuple[Note, ...] = ()


class _Taken(NamedTuple):
    """The parameters of a function that are executed: the text, and the values, "" for none."""

    text: str
    values: str


def sent_texts(call: Call) -> Iterator[SentText]:
    """The texts that a call executes."""
    sql = call.executed_text()
    if sql is not None:
        given = call.parameters()
        yield SentText(sql, given, _keys(call, given), call.at)
        return
    taken = _taken(call)
    if taken is None:
        return
    own, known = call.function.typed, reader(call.function.project)
    for spot in known.frames.callers(call.function.label, taken.text)[:CALLERS]:
        sql = _constant(call, spot)
        passed = _passed(call, spot, taken) if sql is not None else None
        if sql is not None and passed is not None:
            path = spot.frame.typed.module.path
            here = Note("it is executed here", call.at, own.module.path)
            given, keys = passed
            at = spot.frame.op(spot.at).at
            yield SentText(sql, given, keys, at, path, (here,))


def _keys(call: Call, given: Parameters) -> Collection[str] | None:
    if given.given in ("none", "names"):
        return given.names
    return keys_given(call) if given.given == "unknown" else None


def _constant(call: Call, spot: Spot) -> str | None:
    """The text that a caller hands over, as a string or as a `text()`, when it is one constant."""
    if spot.kind.name == kinds.TEXT:
        sql = "" if "bound" in spot.kind.traits else spot.kind.label
        return sql if sql and HOLE not in sql else None
    texts = list(reader(call.function.project).texts(spot))
    sql = texts[0].sql if len(texts) == 1 else ""
    return sql if sql.strip() and HOLE not in sql else None


# --- what a function executes of what it is given ------------------------------------------------


def _taken(call: Call) -> _Taken | None:
    """The parameters that this call executes as they are; None for any other call, and where the
    function executes the text in other ways, too."""
    function = call.function
    if call.executed() is None or not function.typed.function.params:
        return None
    if reader(function.project).origins.is_wrapped(function.label):
        return None
    all_of_them = _all_taken(function)
    here = all_of_them.get(id(call.op))
    if here is None or any(one != here for one in all_of_them.values() if one is not None):
        return None
    return here if list(all_of_them.values()).count(here) == 1 else None


@per_function
def _all_taken(function: Function) -> dict[int, _Taken | None]:
    """What each call of a function executes of what the function is given, by operation; None where
    the values are not known."""
    params = {
        param.name
        for param in function.typed.function.params
        if param.kind in ("positional", "normal", "keyword", "starstar")
    }
    found: dict[int, _Taken | None] = {}
    for call in function.calls():
        given = call.executed()
        text = _text(function, given[0].value, params) if given is not None else ""
        if text:
            values = _values(call, params) if _only_executed(call, text) else None
            found[id(call.op)] = None if values is None else _Taken(text, values)
    return found


def _only_executed(call: Call, text: str) -> bool:
    """Nothing else is done with the text: no other call runs it on another way."""
    for op in call.function.readers.get(text, ()):
        told = op.discarded or (op.do == "call" and op.on in _ASKS)  # a logger, `isinstance()`
        if op is not call.op and not told and _inside_of(call.function, op) != text:
            return False
    return True


def _inside_of(function: Function, op: Op) -> Operand | None:
    return _inside(function.maker(op.dst))


def _text(function: Function, operand: Operand, params: set[str]) -> str:
    """The parameter that is executed, or that `text()` is made of: one that is never bound to
    anything but a `text()` of itself. "" for anything else."""
    bound = _bound(function, operand)
    if operand in params:
        return str(operand) if all(_inside(one) == operand for one in bound) else ""
    made = bound or [function.maker(operand)]
    inside = _inside(made[0]) if len(made) == 1 else None
    if not isinstance(inside, str) or inside not in params or _bound(function, inside):
        return ""
    return inside


def _inside(made: Operation | None) -> Operand | None:
    """``sql`` of ``text(sql)``."""
    if made is None or made.op.do != "call" or made.on.name != NAME or len(made.op.args) != 1:
        return None
    label = dotted_label(made.on, made.op.name)
    return made.op.args[0].value if label in _TEXTS else None


def _bound(function: Function, place: Operand) -> list[Operation | None]:
    """What a name is bound to in the function; None for what no single operation makes."""
    if not isinstance(place, str) or place[0] == "%":
        return []
    ops = [op for _, _, op in function.positions if op.dst == place and op.do != "declare"]
    return [function.maker(op.on) if op.do == "move" else None for op in ops]


def _values(call: Call, params: set[str]) -> str | None:
    """The parameter that gives the values, "" without any; None where something else does."""
    others = [arg for arg in call.op.args if arg.keyword not in _OPTIONS][1:]
    if not others:
        return ""
    if len(others) > 1 or others[0].star or others[0].keyword not in (None, *_VALUES):
        return None
    function, operand = call.function, others[0].value
    operand = _or_nothing(function, function.maker(operand)) or operand
    if operand not in params or not isinstance(operand, str):
        return None
    for one in _bound(function, operand):  # `if params is None: params = {}`
        if not _is_empty(one) and _or_nothing(function, one) != operand:
            return None
    return None if any(_changes(op, operand) for _, _, op in function.positions) else operand


def _or_nothing(function: Function, made: Operation | None) -> Operand | None:
    """``params`` of ``params or {}``, ``dict(params)`` and ``{**params}``."""
    if made is None:
        return None
    op = made.op
    if op.do == "boolop" and op.name == "or" and len(op.args) == 2:
        return op.args[0].value if _is_empty(function.maker(op.args[1].value)) else None
    copied = op.do == "pack" and op.name == "dict" and len(op.args) == 1 and op.args[0].star
    called_dict = op.do == "call" and made.on.label == "builtins.dict" and len(op.args) == 1
    return op.args[0].value if copied or called_dict else None


def _is_empty(made: Operation | None) -> bool:
    return made is not None and made.op.do == "pack" and not made.op.args


def _changes(op: Op, place: str) -> bool:
    if op.on != place:
        return False
    return op.do in ("setitem", "augassign", "delete") or (op.do == "call" and op.name in CHANGING)


# --- what a caller gives -------------------------------------------------------------------------


def _passed(
    call: Call, spot: Spot, taken: _Taken
) -> tuple[Parameters, Collection[str] | None] | None:
    """The values that the call which hands the text over gives with it."""
    if not taken.values:
        return Parameters("none"), ()
    frame, op = spot.frame, spot.frame.op(spot.at)
    on = frame.typed.on[spot.at[0]][spot.at[1]]
    knowledge = call.function.project.knowledge
    params = {param.name: param for param in call.function.typed.function.params}
    pairs = list(parameters(knowledge, op, called(knowledge, op, on)))
    if params[taken.values].kind == "starstar":
        if any(arg.star for arg, _ in pairs):
            return None
        names = tuple(name for _, name in pairs if name is not None and name not in params)
        return Parameters("names", names, op.at), names
    if any(arg.star for arg, _ in pairs):
        return None
    args = dict(zip((name for _, name in pairs), frame.args(spot.at), strict=False))
    there = args.get(taken.values)
    default = params[taken.values].default
    if there is None:
        return (Parameters("none"), ()) if default in (None, Const(None)) else None
    if there.operand == Const(None):
        return Parameters("none"), ()
    # as if the caller executed it
    text = next(arg for arg, name in pairs if name == taken.text)
    values = next(arg for arg, name in pairs if name == taken.values)
    as_sent = op._replace(
        name="execute", args=(text._replace(keyword=None), values._replace(keyword=None))
    )
    kinds_given = (Kind(kinds.TEXT), there.kind)
    sent = Call(
        call.function.of(frame.typed), as_sent, Kind(kinds.CONNECTION), kinds_given, UNKNOWN
    )
    given = sent.parameters()
    if given.given in ("none", "names"):
        return given, given.names
    return given, keys_of(
        reader(call.function.project), there
    ) if given.given == "unknown" else None

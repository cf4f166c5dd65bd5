"""Sessions that a middleware puts on the request, for the routes that come after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import frameworks, kinds
from sqla_lint.ir import EXIT, RAISED, Const, Op, Operand
from sqla_lint.ir import Function as Body
from sqla_lint.project.kind import FOREIGN, NAME
from sqla_lint.views.function import Function
from sqla_lint.ways import behind

# What lives as long as one request.
_REQUESTS: tuple[str, ...] = (
    "starlette.requests.Request()",
    "flask.g",
    "pyramid.request.Request()",
)
_REQUESTS += ("aiohttp.web.Request()", "litestar.Request()", "sanic.Request()")
# Requests that are mappings themselves: `request["db"] = session`.
_MAPPINGS = ("aiohttp.web.Request()",)
_ENDERS = frozenset({"close", "aclose", "remove", "rollback", "invalidate", "reset"})
_BEGINNERS = frozenset({"begin", "begin_nested"})  # their blocks close nothing
_CLOSERS = frozenset({"enter_context", "enter_async_context", "push", "callback", "closing"})
_SESSIONS_OR_UNKNOWN = frozenset({kinds.SESSION, kinds.UNKNOWN})


class Stored(NamedTuple):
    """A session on the request. ``handed`` is where the routes are called, when they are called
    here and the session is closed only if they return; None when nobody closes it at all."""

    made: Op
    place: str
    handed: Op | None


def left_on_request(function: Function) -> Iterator[Stored]:
    """Sessions that this function makes, puts on the request, and that nobody closes, or nobody
    when a route raises."""
    for root in function.made(kinds.SESSION):
        made = function.op(root.position)
        for number, i, op in function.positions:
            slot = _slot(op)
            if slot is None:
                continue
            names = _names(function, {made.dst})
            on = function.typed.on[number][i]
            label = frameworks.canonical(on.label) if on.name in (NAME, FOREIGN) else ""
            requests = _REQUESTS if op.do == "setattr" else _MAPPINGS
            if op.args[-1].value not in names or not label.startswith(requests):
                continue
            place, key = slot
            names |= {place, *_names(function, {place, *_read(function, op, key)})}
            given = [one for _, _, one in function.positions if _gives_away(one, names, op)]
            if any(one.do != "return" for one in given):
                break
            if given and (not function.serves_requests or _somebody_closes(function)):
                break  # it is asked for where it is needed, and may be closed there
            here = {
                n
                for n, block in enumerate(function.typed.function.blocks)
                if any(_ends(one, names) for one in block.ops)
            }
            elsewhere = _ended_elsewhere(function, key)
            if not here and not elsewhere:
                yield Stored(made, place, None)
            elif here and not elsewhere:
                handed = _handed(function, op, names)
                if handed is not None and _leaves_by_raise(
                    function.typed.function, handed[0], here
                ):
                    yield Stored(made, place, handed[1])
            break


def _slot(op: Op) -> tuple[str, Operand] | None:
    """Where `request.state.db = session` and `request["db"] = session` put it: how that is
    written, and its last part."""
    if op.do == "setattr" and op.args and op.name is not None and op.on:
        return f"{op.on}.{op.name}", Const(op.name)
    if op.do == "setitem" and len(op.args) == 2 and isinstance(op.on, str):
        key = op.args[0].value
        if isinstance(key, Const) and isinstance(key.value, str):
            return f'{op.on}["{key.value}"]', key
        return (f"{op.on}[{key}]", key) if isinstance(key, str) and key[0] != "%" else None
    return None


def _read(function: Function, stored: Op, key: Operand) -> set[Operand | None]:
    """What is read out of the mapping again."""
    return {
        op.dst
        for _, _, op in function.positions
        if op.do == "getitem" and op.on == stored.on and any(arg.value == key for arg in op.args)
    }


def _names(function: Function, made: set[Operand | None]) -> set[Operand]:
    known: set[Operand] = {one for one in made if one is not None}
    for _ in range(2):  # a second round finds names bound after their first use
        known |= {
            op.dst
            for _, _, op in function.positions
            if op.dst is not None and op.do in ("move", "enter") and op.on in known
        }
    return known


def _ends(op: Op, names: set[Operand]) -> bool:
    return (op.do == "call" and op.on in names and op.name in _ENDERS) or (
        op.do in ("enter", "leave") and op.on in names
    )


def _gives_away(op: Op, names: set[Operand], stored: Op) -> bool:
    """Somebody else may close it: it is an argument, a result, or kept in a second place."""
    if op is stored:
        return False
    given = any(arg.value in names for arg in op.args) and op.do in ("call", "setattr", "setitem")
    return given or (op.do in ("return", "yield", "closure") and op.on in names)


def _somebody_closes(function: Function) -> bool:
    """Some function of the project closes a session that it did not make, or what may be one."""
    for typed in function.project.typed.values():
        if function.project.knowledge.told.is_test(typed.module.path):
            continue
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on = typed.on[number][i]
                if on.owner == "local" or on.name not in _SESSIONS_OR_UNKNOWN:
                    continue
                if op.do == "call" and (op.name in _ENDERS or op.name in _CLOSERS):
                    return True
                if op.do == "enter" and on.name == kinds.SESSION:
                    return True
                if op.do == "getattr" and op.name in _ENDERS:
                    return True  # handed on uncalled
    return False


def _handed(function: Function, stored: Op, names: set[Operand]) -> tuple[int, Op] | None:
    """The first call after it that is given the request: that of the routes."""
    request = str(stored.on).partition(".")[0]
    params = {param.name for param in function.typed.function.params}
    for number, _, op in function.positions:
        called = op.on in params or str(op.on).startswith("self.")
        after = op.do == "call" and op.at > stored.at and op.on not in names
        if after and called and any(arg.value == request for arg in op.args):
            return number, op
    return None


def _leaves_by_raise(code: Body, start: int, ends: set[int]) -> bool:
    """When an operation of the block raises, some way out closes nothing."""
    ways = behind(code.blocks, [code.blocks[start].exc], stop=ends, caught=True)
    return not ways.isdisjoint((RAISED, EXIT))


def _ended_elsewhere(function: Function, key: Operand) -> bool:
    """Another function that knows the attribute, or the key, closes something."""
    name = str(key.value) if isinstance(key, Const) else key.rpartition(".")[2]
    for label, (_, code) in function.project.knowledge.functions.items():
        if label == function.label:
            continue
        ops = [op for block in code.blocks for op in block.ops]
        knows = any(
            op.name == name
            or (isinstance(op.on, str) and op.on.endswith(f".{name}"))
            or any(arg.value in (Const(name), key) for arg in op.args)
            for op in ops
        )
        begun = {op.dst for op in ops if op.do == "call" and op.name in _BEGINNERS}
        if knows and any(
            (op.do == "call" and (op.name in _ENDERS or op.name in _CLOSERS))
            or (op.do == "enter" and op.on not in begun)
            for op in ops
        ):
            return True
    return False

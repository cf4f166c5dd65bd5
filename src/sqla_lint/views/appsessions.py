"""Sessions that an application, or the context of its workers, keeps for all requests and jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import frameworks, kinds
from sqla_lint.flow.root import Root
from sqla_lint.ir import MODULE_BODY, Const, Op, Operand
from sqla_lint.project.kind import FOREIGN
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note, elsewhere

# What lives as long as the application.
_APPLICATIONS: tuple[str, ...] = (
    "aiohttp.web.Application()",
    "fastapi.FastAPI().state",
    "litestar.Litestar().state",
    "sanic.Sanic().ctx",
    "starlette.applications.Starlette().state",
)
_SERVING = frozenset({"route", "handler", "task"})
_ENDING = frozenset({"close", "aclose", "rollback", "remove"})
# The settings of a worker of arq: what it runs, and what it calls when it begins.
_STARTING = "on_startup"
_WORKERS = frozenset({"functions", "cron_jobs"})


class KeptForAll(NamedTuple):
    """A session, what puts it where all find it, by which name, and a use of it."""

    root: Root
    stored: Op
    place: str
    used: Note


def kept_for_all(function: Function) -> Iterator[KeptForAll]:
    """The sessions of a function that begins an application or worker."""
    if function.entry in _SERVING or function.is_module:
        return
    for root in function.made(kinds.SESSION):
        names = _names(function, function.op(root.position).dst)
        for number, i, op in function.positions:
            if op.do not in ("setattr", "setitem") or not op.args:
                continue
            if op.args[-1].value not in names:
                continue
            on = function.typed.on[number][i]
            label = frameworks.canonical(on.label) if on.name == FOREIGN else ""
            key = op.name if op.do == "setattr" else _key(op)
            if key is None:
                continue
            if label in _APPLICATIONS:
                used = _used_by_routes(function, key)
            elif op.do == "setitem" and op.on == _context(function):
                used = _used_by_jobs(function, key)
            else:
                continue
            if used is not None:
                place = f"{op.on}.{key}" if op.do == "setattr" else f'{op.on}["{key}"]'
                yield KeptForAll(root, op, place, used)


def _names(function: Function, made: Operand | None) -> set[Operand | None]:
    known = {made}
    for _, _, op in function.positions:
        if op.do in ("move", "enter", "await") and op.on in known and op.dst is not None:
            known.add(op.dst)
    return known


def _key(op: Op) -> str | None:
    index = op.args[0].value
    return index.value if isinstance(index, Const) and isinstance(index.value, str) else None


def _used_by_routes(function: Function, key: str) -> Note | None:
    """A route has the session by that name."""
    for label, typed in sorted(function.project.typed.items()):
        if label == function.label or function.of(typed).entry not in _SERVING:
            continue
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                named = (
                    op.name == key
                    if op.do == "getattr"
                    else op.do == "getitem" and bool(op.args and op.args[0].value == Const(key))
                )
                if named and typed.dst[number][i].name == kinds.SESSION:
                    return Note("used here", op.at, elsewhere(function, typed.module.path))
    return None


def _context(function: Function) -> str | None:
    """The context that a worker of arq gives a function when it begins."""
    params = function.typed.function.params
    name = function.qualname.rpartition(".")[2]
    if len(params) != 1 or function.typed.function.parent != MODULE_BODY:
        return None
    for info in function.project.knowledge.classes.by_label.values():
        body = info.module.functions.get(info.node.qualname)
        if body is None or _STARTING not in body.locals or _WORKERS.isdisjoint(body.locals):
            continue
        starts = [o.on for b in body.blocks for o in b.ops if o.dst == _STARTING]
        if name in starts:
            return params[0].name
    return None


def _used_by_jobs(function: Function, key: str) -> Note | None:
    """A function that is given the context has the session by that name, and works on it."""
    project = function.project
    for label, (module, code) in sorted(project.knowledge.functions.items()):
        if label == function.label or not code.params or code.kind != "def":
            continue
        context = code.params[0].name
        ops = [op for block in code.blocks for op in block.ops]
        for op in ops:
            index = op.args[0].value if op.do == "getitem" and op.args else None
            if op.on != context or index != Const(key):
                continue
            held = {op.dst, *(o.dst for o in ops if o.do == "move" and o.on == op.dst)}
            works = any(
                o.do == "call" and o.on in held and o.name is not None and o.name not in _ENDING
                for o in ops
            ) or any(o.do == "call" and any(a.value in held for a in o.args) for o in ops)
            if works:
                return Note("used here", op.at, elsewhere(function, module.path))
    return None

"""Routes that no request reaches: no application includes their router, and nobody is handed it.

The program must make an application of the same framework and include other routers: those of a
library others include. A router counts as used as soon as anything but its own routes says it,
under any name it was imported by; where modules are looked for by their names, as soon as its
module may be among those that are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import pairwise
from typing import NamedTuple

from sqla_lint.ir import Const, Function, Module, Op, Operand
from sqla_lint.project.bodies import may_say
from sqla_lint.project.imports import Imports
from sqla_lint.project.index import Index, absolute, within
from sqla_lint.project.kind import FUNCTIONS
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.spoken import names_in, texts_in

# What holds routes until an application includes it.
_ROUTERS = frozenset(
    {
        *("aiogram.Router()", "aiohttp.web.RouteTableDef()"),
        *("fastapi.APIRouter()", "fastapi.routing.APIRouter()"),
        *("flask.Blueprint()", "quart.Blueprint()", "sanic.Blueprint()"),
    }
)
# Applications, by the library whose routers they include.
_APPLICATIONS = {
    "aiogram.Dispatcher": "aiogram",
    "aiohttp.web.Application": "aiohttp",
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "flask.Flask": "flask",
    "quart.Quart": "quart",
    "sanic.Sanic": "sanic",
}
_ADDED = frozenset({"include_router", "include_routers", "register_blueprint"})
# What is done to a router, and says nothing of who includes it.
_PREPARING = _ADDED | {
    *("add_api_route", "add_api_websocket_route", "add_route", "add_url_rule"),
    *("add_event_handler", "add_websocket_route"),
}
_ASKING = frozenset({"getattr", "hasattr"})
_EVERY = "*"
# Other decorators of a route that hand it to nobody.
_WRAPPING = ("flask_login.", "flask_jwt_extended.", "functools.", "slowapi.")
_PARTS = re.compile(r"[.:]")
_WORD = re.compile(r"\w+")

# A variable of a module: (name of the module, name).
_Place = tuple[str, str]


class _Names(NamedTuple):
    """The names under which the code of a project may say something of these modules.

    ``own``      what a module calls a router or handler of its own, or an imported one
    ``modules``  what it calls a module that has some
    ``pairs``    the last part of such a module's name, and the name there
    """

    own: dict[_Place, set[_Place]]
    modules: dict[_Place, dict[str, set[_Place]]]
    pairs: dict[_Place, set[_Place]]


def unrouted(knowledge: Knowledge, imports: Imports) -> frozenset[str]:
    """The labels of these functions."""
    routers = _routers(knowledge)
    if not routers or not (made := _applications(knowledge)):
        return frozenset()
    handlers = _handlers(knowledge, routers)
    holders = _holders(knowledge, imports, routers, handlers)
    left = _left(routers, holders)
    kept = routers.keys() - left
    living = {(root(at), routers[at]) for at in kept} & made
    left = {at for at in left if (root(at), routers[at]) in living}
    if left:
        words = _looked_for(knowledge, imports)
        left = {at for at in left if words.isdisjoint((_stem(at[0]), _stem(_package(at))))}
    return frozenset(
        ":".join(at) for at, of in handlers.items() if of <= left and at not in holders
    )


def root(at: _Place) -> str:
    """The outermost package of a module."""
    return at[0].partition(".")[0]


def _package(at: _Place) -> str:
    return at[0].rpartition(".")[0]


def _stem(name: str) -> str:
    return name.partition("@")[0].rpartition(".")[2]


# --- routers, what stands below them, and who includes them --------------------------------------


def _routers(knowledge: Knowledge) -> dict[_Place, str]:
    """The routers that are variables of modules, with the library; not those of tests."""
    found: dict[_Place, str] = {}
    for name, known in knowledge.globals.items():
        module = knowledge.index.modules.get(name)
        if module is None or knowledge.told.is_test(module.path):
            continue
        for variable, kind in known.items():
            if kind.label in _ROUTERS and _is_made_in(module, variable):
                found[name, variable] = kind.label.partition(".")[0]
    return found


def _is_made_in(module: Module, variable: str) -> bool:
    return any(op.do == "move" and op.dst == variable for op in _ops(module.body))


def _handlers(knowledge: Knowledge, routers: dict[_Place, str]) -> dict[_Place, frozenset[_Place]]:
    """The functions of modules that stand below their routes, with the routers: of those whose
    other decorators register nothing."""
    found: dict[_Place, frozenset[_Place]] = {}
    for name in {name for name, _ in routers}:
        module = knowledge.index.modules[name]
        marks: dict[Operand, _Place] = {
            op.dst: (name, first)
            for op in _ops(module.body)
            if op.do in ("call", "getattr") and op.dst is not None
            if (name, first := str(op.on).partition(".")[0]) in routers
        }
        for code in module.functions.values():
            if "." in code.qualname or not any(one in marks for one in code.decorators):
                continue
            kinds_of = knowledge.decorators.get(f"{name}:{code.qualname}", ())
            others = [
                kind
                for kind, one in zip(kinds_of, code.decorators, strict=False)
                if one not in marks
            ]
            if all(kind.name in FUNCTIONS or kind.label.startswith(_WRAPPING) for kind in others):
                of = frozenset(marks[one] for one in code.decorators if one in marks)
                found[name, code.qualname] = of
    return found


def _applications(knowledge: Knowledge) -> set[tuple[str, str]]:
    """The packages that make applications, with the library of these."""
    found: set[tuple[str, str]] = set()
    words = {label.rpartition(".")[2] for label in _APPLICATIONS}
    for module in knowledge.index.modules.values():
        if knowledge.told.is_test(module.path):
            continue
        known = knowledge.globals.get(module.name, {})
        for code in module.functions.values():
            for op in _ops(code) if may_say(code, *words) else ():
                kind = known.get(str(op.on)) if op.do == "call" else None
                label = f"{kind.label}.{op.name}" if kind and op.name else kind and kind.label
                if label in _APPLICATIONS:
                    found.add((root((module.name, "")), _APPLICATIONS[label]))
    return found


def _left(routers: dict[_Place, str], holders: dict[_Place, set[_Place | None]]) -> set[_Place]:
    """The routers that nobody has, or only such."""
    left = set(routers)
    while kept := {at for at in left if any(one not in left for one in holders.get(at, ()))}:
        left -= kept
    return left


# --- who says them -------------------------------------------------------------------------------


def _holders(
    knowledge: Knowledge,
    imports: Imports,
    routers: dict[_Place, str],
    handlers: dict[_Place, frozenset[_Place]],
) -> dict[_Place, set[_Place | None]]:
    """Who has each of these: other routers that include it, and None for whoever else says it."""
    things = routers.keys() | handlers.keys()
    names = _names(knowledge.index, things)
    found: dict[_Place, set[_Place | None]] = {}
    words = {name for _, name in names.own} | {name for _, name in names.modules}
    words |= {stem for stem, _ in names.pairs}
    for module in knowledge.index.modules.values():
        if not module.is_read:
            for at in _imported_unread(knowledge.index, module, things):
                found.setdefault(at, set()).add(None)
        elif not knowledge.told.is_test(module.path):
            marks = {one for code in module.functions.values() for one in code.decorators}
            for code in module.functions.values():
                for op in _ops(code) if may_say(code, *words) else ():
                    by = None
                    if (on := (module.name, str(op.on))) in routers:
                        if op.dst in marks:
                            continue
                        by = on if op.name in _ADDED else None
                    for at in _said_by(module, op, names):
                        if at != on or op.name not in _PREPARING:
                            found.setdefault(at, set()).add(by)
    return found


def _said_by(module: Module, op: Op, names: _Names) -> Iterator[_Place]:
    if op.do == "import":
        return
    for path in _paths(op):
        first = (module.name, path[0])
        yield from names.own.get(first, ())
        members = names.modules.get(first)
        if members is not None:
            for name, found in members.items():
                if len(path) == 1 or path[1] == name:
                    yield from found
        for pair in pairwise(path):
            yield from names.pairs.get(pair, ())
    for text in texts_in(op):
        *_, stem, name = _PARTS.split("." + text)
        yield from names.pairs.get((stem, name), ())
        yield from names.own.get((module.name, text), ())  # `__all__`
        if op.do == "call" and op.on in _ASKING:
            yield from (
                at for (_, one), found in names.pairs.items() if one == text for at in found
            )


def _paths(op: Op) -> Iterator[list[str]]:
    """The dotted names that an operation says, in parts."""
    if isinstance(op.on, str):
        further = [op.name] if op.name and op.do in ("call", "getattr", "setattr") else []
        yield [*op.on.split("."), *further]
    for arg in op.args:
        if isinstance(arg.value, str):
            yield arg.value.split(".")


def _names(index: Index, things: Set[_Place]) -> _Names:
    """What they may be called, however often they are imported from where they were imported to."""
    own: dict[_Place, set[_Place]] = {at: {at} for at in things}
    given = [one for module in index.modules.values() for one in _given(index, module)]
    moved = True
    while moved:
        moved = False
        members: dict[str, set[str]] = {}
        for name, variable in own:
            members.setdefault(name, set()).add(variable)
        for into, name, source, attribute in given:
            for variable in members.get(source, ()) if attribute == _EVERY else (attribute,):
                found = own.get((source, variable))
                if found is not None:
                    known = own.setdefault((into, variable if name == _EVERY else name), set())
                    moved = moved or not found <= known
                    known |= found
    modules: dict[_Place, dict[str, set[_Place]]] = {}
    for into, name, source, attribute in given:
        if not attribute:
            for at, found in own.items():
                if at[0] == source:
                    modules.setdefault((into, name), {})[at[1]] = found
    pairs: dict[_Place, set[_Place]] = {}
    for (module, name), found in own.items():
        pairs.setdefault((_stem(module), name), set()).update(found)
    return _Names(own, modules, pairs)


def _given(index: Index, module: Module) -> Iterator[tuple[str, str, str, str]]:
    """What imports give a module: its name for it, of which module, and the name there, if it is
    not that module itself."""
    for code in module.functions.values():
        for op in _ops(code) if may_say(code, "import") else ():
            if op.do != "import" or op.name is None:
                continue
            dotted = absolute(module, op.name)
            source = index.find(dotted, module)
            if not op.args:
                if source is not None and op.dst and op.dst != dotted.partition(".")[0]:
                    yield module.name, op.dst, source.name, ""
                continue
            attribute = op.args[0].value.value if isinstance(op.args[0].value, Const) else ""
            inner = index.find(within(dotted, str(attribute)), module)
            if inner is not None and op.dst:
                yield module.name, op.dst, inner.name, ""
            if source is not None:
                yield module.name, op.dst or _EVERY, source.name, str(attribute)


def _imported_unread(index: Index, module: Module, things: Set[_Place]) -> Iterator[_Place]:
    """Those of what a file imports that is not parsed: of a module all."""
    for dotted in module.imports:
        found = index.resolve(dotted, module)
        if found is not None:
            of, rest = found
            yield from (at for at in things if at[0] == of.name and (not rest or rest[0] == at[1]))


def _looked_for(knowledge: Knowledge, imports: Imports) -> set[str]:
    """The words of modules that import others by their names, and their own names."""
    words: set[str] = set()
    for module in knowledge.index.modules.values():
        if module.loads:
            words.update(module.loads, _WORD.findall(" ".join((*module.imports, module.name))))
        if imports.loads_by_name(module):
            words.add(_stem(module.name))
            for code in module.functions.values():
                for op in _ops(code):
                    words |= names_in(op)
                    for text in texts_in(op):
                        words.update(_WORD.findall(text))
    return words


def _ops(code: Function) -> Iterator[Op]:
    for block in code.blocks:
        yield from block.ops

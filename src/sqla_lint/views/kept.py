"""Functions that keep the objects they give for later calls: caches, containers of a module."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.stored import attaches
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Op, Operand
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind, lenders
from sqla_lint.project.linked import Project
from sqla_lint.views.calling import calls, property_reads
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# Decorators that call a function once for the same arguments.
# Source: the docs of functools, cachetools, async-lru, Flask-Caching, aiocache, dogpile.cache,
# asyncache, methodtools, Werkzeug, Django.
CACHES = frozenset(
    {
        "aiocache.cached",
        "async_lru.alru_cache",
        "asyncache.cached",
        "asyncache.cachedmethod",
        "cachetools.cached",
        "cachetools.cachedmethod",
        "cachetools.func.lfu_cache",
        "cachetools.func.lru_cache",
        "cachetools.func.ttl_cache",
        "flask_caching.Cache().cached",
        "flask_caching.Cache().memoize",
        "django.utils.functional.cached_property",
        "functools.cache",
        "functools.cached_property",
        "functools.lru_cache",
        "methodtools.lru_cache",
        "werkzeug.utils.cached_property",
    }
)
# These leave what a function gives as it is.
_PLAIN = frozenset({"builtins.classmethod", "builtins.property", "builtins.staticmethod"})
_TAKING = frozenset({"get", "pop", "setdefault"})
# What these keep they keep as it was: a copy of it has no session, either.
_CACHE_OBJECTS = frozenset({"flask_caching.Cache()"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ATTACHING = frozenset({"add", "add_all", "merge", "refresh"})
_PUTTING = frozenset({"set", "add"})


def is_cached(project: Project, label: str) -> bool:
    """A function is decorated with a cache, and with nothing else that does something."""
    labels = [one.label for one in project.knowledge.decorators.get(label, ())]
    others = [one.removesuffix("()") for one in labels if one not in _PLAIN]
    return len(others) == 1 and others[0] in CACHES


def is_attached_again(function: Function, label: str, name: str) -> bool:
    """Somebody hands to a session what a cached function or property gives, or sets an attribute
    of it: then that is another one for all."""
    typed = function.project.typed
    given = (*calls(function).get(label, ()), *property_reads(function).get(label, ()))
    return any(attaches(typed[caller], (at,), name) for caller, at in given)


def is_plain(project: Project, label: str) -> bool:
    """A function gives what it gives: it is a property at most."""
    return all(one.label in _PLAIN for one in project.knowledge.decorators.get(label, ()))


def containers(function: Function) -> frozenset[str]:
    """The globals in which a function keeps entities, and from which it returns them."""
    typed = function.typed
    kept, taken = set[str](), set[str]()
    returned = {op.on for _, _, op in function.positions if op.do == "return"}
    if any(
        op.do == "call" and op.name in _ATTACHING and typed.on[number][i].name in _SESSIONS
        for number, i, op in function.positions
    ):
        return frozenset()  # what was kept may belong to the session of this request again
    for number, i, op in function.positions:
        if not isinstance(op.on, str) or not function.is_global(op.on):
            continue
        if op.do == "setitem" or _stores(function, op, typed.on[number][i]):
            given = typed.args[number][i]
            if given and given[-1].name == kinds.ENTITY:
                kept.add(op.on)
        elif op.do == "getitem" or _takes(function, op, typed.on[number][i]):
            moved = {o.dst for _, _, o in function.positions if o.do == "move" and o.on == op.dst}
            if {op.dst, *moved} & returned:
                taken.add(op.on)
    return frozenset(kept & taken)


def _stores(function: Function, op: Op, on: Kind) -> bool:
    """A call that keeps its last argument: of a cache, or of a class of the project one method of
    which puts that parameter into a container of its object."""
    if op.do != "call" or op.name is None or not op.args or op.args[-1].keyword or op.args[-1].star:
        return False
    if on.name == FOREIGN:
        return on.label in _CACHE_OBJECTS and op.name in _PUTTING
    method = _method(function, op, on)
    if method is None or len(method.params) <= len(op.args):
        return False
    param = method.params[len(op.args)].name
    own = f"{method.params[0].name}."
    held: set[Operand | None] = {param}
    for block in method.blocks:
        for one in block.ops:
            if not any(arg.value in held for arg in one.args):
                continue
            if one.do == "pack":
                held.add(one.dst)
            elif one.do == "setitem" and str(one.on).startswith(own):
                return True
    return False


def _takes(function: Function, op: Op, on: Kind) -> bool:
    """A call that may give what was kept before: `get()`, or a method of the class that looks into
    a container of its object."""
    if op.do != "call" or op.name is None:
        return False
    method = _method(function, op, on)
    if method is None:
        return op.name in _TAKING
    own = f"{method.params[0].name}."
    return any(
        str(one.on).startswith(own)
        and (one.do == "getitem" or (one.do == "call" and one.name in _TAKING))
        for block in method.blocks
        for one in block.ops
    )


def _method(function: Function, op: Op, on: Kind) -> Code | None:
    """The method of a class of the project that is called."""
    if on.name != kinds.INSTANCE or not on.label or op.name is None:
        return None
    label = function.project.knowledge.classes.method(on.label, op.name)
    entry = function.project.knowledge.functions.get(label or "")
    return entry[1] if entry is not None and entry[1].params else None


def comes_unread(function: Function, label: str, origin: Origin, reach: Reach) -> bool:
    """Somebody calls the function and does not read the attribute: then nobody has loaded it when
    the session that could is gone."""
    typed = function.project.typed
    readers = {one for one, _ in calls(function).get(label, ())}
    readers |= lent_to(function).get(label, frozenset())
    return origin.callee == label and any(
        not _may_read(function.project, typed[one], reach) for one in readers
    )


def _may_read(project: Project, typed: Typed, reach: Reach) -> bool:
    """A function reads the attribute, or asks a method or property of the object, or a function of
    the project that it hands the object to, which may do so."""
    model = reach.models[0]
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "getattr" and op.name == reach.names[0]:
                return True
            asks = on.name == kinds.ENTITY and op.do in ("call", "getattr")
            if asks and project.knowledge.classes.method(on.label, op.name or "") is not None:
                return True
            given = op.do == "call" and on.name not in (NAME, FOREIGN)
            if given and any(
                kind.name == kinds.ENTITY and kind.label == model for kind in typed.args[number][i]
            ):
                return True
    return False


@per_project
def lent_to(function: Function) -> dict[str, frozenset[str]]:
    """The functions that a framework gives what a dependency returns, by its label."""
    found: dict[str, set[str]] = {}
    for label, typed in function.project.typed.items():
        for param in typed.function.params:
            kind = typed.cells.get(param.name)
            for lender in lenders(kind) if kind is not None else ():
                found.setdefault(lender, set()).add(label)
    return {lender: frozenset(labels) for lender, labels in found.items()}

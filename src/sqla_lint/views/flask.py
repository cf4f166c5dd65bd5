"""How a program sets up Flask-SQLAlchemy: its keys, its instances, its contexts."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Const, Op, Operand, Ref
from sqla_lint.ir import Function as Body
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.project.surroundings import defined_elsewhere
from sqla_lint.views.configuration import is_flask_app
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_project

# Source: Flask-SQLAlchemy 3 docs, "Configuration": Configuration Keys.
KEYS = frozenset(
    f"SQLALCHEMY_{name}"
    for name in ("DATABASE_URI", "ENGINE_OPTIONS", "BINDS", "ECHO", "RECORD_QUERIES")
) | {"SQLALCHEMY_TRACK_MODIFICATIONS"}
# Source: the same docs, "Change log", 3.0.
REMOVED_KEYS = {
    "SQLALCHEMY_POOL_SIZE": "pool_size",
    "SQLALCHEMY_POOL_TIMEOUT": "pool_timeout",
    "SQLALCHEMY_POOL_RECYCLE": "pool_recycle",
    "SQLALCHEMY_MAX_OVERFLOW": "max_overflow",
    "SQLALCHEMY_NATIVE_UNICODE": "",
    "SQLALCHEMY_COMMIT_ON_TEARDOWN": "",
}
_PREFIX = "SQLALCHEMY_"
_NEAR = 0.92  # one or two letters
_LETTERS = 2

_FOR_GOOD = 1000  # deeper than any nesting
_CURRENT = "flask.current_app"  # false where there is no context
_PUSHES = frozenset({"push", "__enter__", "enter_context"})
_NEEDING = frozenset({"create_all", "drop_all", "reflect"})
_LAZY_MEMBERS = frozenset({"remove", "configure", "registry"})
_HELD = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.QUERY})


class Key(NamedTuple):
    """A key of the configuration that is set, and where."""

    name: str
    at: Ref
    place: str  # of the application, where that is known
    value: Operand | None = None


def is_gone(key: Key) -> bool:
    """Flask-SQLAlchemy no longer reads the key, and does not what is set: an option that is off or
    left to its default is what it does anyway."""
    off = isinstance(key.value, Const) and not key.value.value
    return key.name in REMOVED_KEYS and not off


def keys_set(operation: Operation) -> Iterator[Key]:
    """The keys of Flask-SQLAlchemy that an operation sets."""
    op = operation.op
    if op.do == "setitem" and len(op.args) == 2 and _is_config(op.on):
        name = op.args[0].value
        if isinstance(name, Const) and isinstance(name.value, str):
            place = str(op.on).rpartition(".")[0]
            yield Key(name.value, op.args[0].at, place, op.args[1].value)
    elif op.do == "call" and op.name in ("update", "from_mapping") and _is_config(op.on):
        for arg in op.args:
            if arg.keyword:
                yield Key(arg.keyword, arg.at, str(op.on).rpartition(".")[0], arg.value)
    elif op.do == "move" and _is_class_key(operation):
        yield Key(str(op.dst), op.at, "", op.on)


def _is_class_key(operation: Operation) -> bool:
    """An attribute of a class of settings, in a project that uses Flask-SQLAlchemy."""
    function, dst = operation.function, operation.op.dst
    if dst is None or not dst.startswith(_PREFIX):
        return False
    return function.typed.function.kind == "class" and bool(instances(function))


def _is_config(place: object) -> bool:
    return isinstance(place, str) and place.endswith(".config")


@per_project
def instances(function: Function) -> dict[str, Kind]:
    """The instances of Flask-SQLAlchemy that modules of the project hold, by `module:variable`."""
    return {
        kind.label: kind
        for names in function.project.knowledge.globals.values()
        for kind in names.values()
        if kind.name == kinds.FLASK_DB and kind.label
    }


def misspelt_key(function: Function, name: str) -> str:
    """The key that is surely meant by one that Flask-SQLAlchemy does not know and the project does
    not read; "" for others."""
    if not name.startswith(_PREFIX) or name in KEYS or name in REMOVED_KEYS:
        return ""
    near = get_close_matches(name, KEYS, 1, _NEAR)
    if not near or name.startswith(near[0] + "_") or abs(len(name) - len(near[0])) > _LETTERS:
        return ""
    return "" if _is_read(function, name) else near[0]


def _is_read(function: Function, name: str) -> bool:
    for _, body in function.project.knowledge.functions.values():
        for block in body.blocks:
            for op in block.ops:
                asks = op.do == "getitem" or (op.do == "call" and op.name in ("get", "pop"))
                if asks and any(arg.value == Const(name) for arg in op.args):
                    return True
                if op.do == "getattr" and op.name == name:
                    return True
    return False


class Initialised(NamedTuple):
    """An application that Flask-SQLAlchemy is initialised with, and where."""

    app: str
    at: Ref
    position: tuple[int, int]


def initialised(function: Function) -> Iterator[Initialised]:
    """`db.init_app(app)` and `SQLAlchemy(app)`."""
    typed = function.typed
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call" or not op.args or op.args[0].star:
                continue
            if op.args[0].keyword not in (None, "app"):
                continue
            inits = op.name == "init_app" and typed.on[number][i].name == kinds.FLASK_DB
            makes = typed.dst[number][i].name == kinds.FLASK_DB
            app = op.args[0].value
            if (inits or makes) and isinstance(app, str) and app[0] != "%":
                yield Initialised(app, op.at, (number, i))


def is_initialised(function: Function, label: str) -> bool:
    """Somebody initialises an instance with an application, or may."""
    for typed in function.project.typed.values():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, dst = typed.on[number][i], typed.dst[number][i]
                inits = op.do == "call" and op.name == "init_app" and on.name == kinds.FLASK_DB
                if inits and on.label in ("", label):
                    return True
                bound = f"{typed.module.name}:{op.dst}" if typed.function.kind == "module" else ""
                if op.do == "move" and dst.name == kinds.FLASK_DB and label in (dst.label, bound):
                    made = op.on
                    if any(o.dst == made and o.args for o in block.ops if o.do == "call"):
                        return True
                passed = zip(op.args, typed.args[number][i], strict=False)
                if op.do == "call" and any(k.label == label for _, k in passed):
                    return True  # handed on
    return False


def is_never_initialised(function: Function, label: str) -> bool:
    """The project makes an application of Flask and configures its database, and nothing in it can
    initialise the instance."""
    if is_initialised(function, label):
        return False
    makes = configures = False
    for typed in function.project.typed.values():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, dst = typed.on[number][i], typed.dst[number][i]
                if op.name == "init_app" and on.name == kinds.UNKNOWN:
                    return False  # of a list of extensions
                if op.do == "pack" and any(k.label == label for k in typed.args[number][i]):
                    return False
                makes = makes or is_flask_app(dst)
                configures = configures or _names_key(op)
    if not makes or not configures:
        return False
    paths = {m.path for m in function.project.knowledge.index.modules.values() if m.is_read}
    return not defined_elsewhere("init_app", function.typed.module.path, paths)


def _names_key(op: Op) -> bool:
    return any(
        (arg.keyword or "").startswith(_PREFIX)
        or (
            isinstance(arg.value, Const)
            and isinstance(arg.value.value, str)
            and arg.value.value.startswith(_PREFIX)
        )
        for arg in op.args
    )


def outside_context(function: Function, *, of_helpers: bool) -> Iterator[Op]:
    """The operations that need an application context and surely have none, when the function is
    run without one; ``of_helpers``: also calls of functions of the project that have such an
    operation."""
    if _pushed_anywhere(function) or has_own_context(function, function.label):
        return
    for op, on, dst in _without_context(function):
        if _needs(function, op, on, dst) or (of_helpers and _calls_needing(function, op, on)):
            yield op


def _without_context(function: Function) -> Iterator[tuple[Op, Kind, Kind]]:
    typed = function.typed
    known = depths(typed.function)
    for number, block in enumerate(typed.function.blocks):
        depth = known.get(number)
        if depth is None:
            continue
        for i, op in enumerate(block.ops):
            if depth <= 0:
                yield op, typed.on[number][i], typed.dst[number][i]
            depth += deeper(op)


def _calls_needing(function: Function, op: Op, on: Kind) -> bool:
    if op.do != "call" or op.name is not None or on.name != kinds.FUNCTION:
        return False
    typed = function.project.typed.get(on.label)
    if typed is None or function.project.knowledge.decorators.get(on.label):
        return False
    if typed.function.is_async or typed.function.is_generator:
        return False
    called = function.of(typed)
    if makes_app(called):
        return False  # told of there
    return any(_needs(called, *one) for one in _without_context(called))


def _pushed_anywhere(function: Function) -> bool:
    """Some module pushes a context for good when it is imported."""
    memo, knowledge = function.project.memo, function.project.knowledge
    if "a context is pushed" not in memo:
        memo["a context is pushed"] = any(
            op.do == "call" and op.name in _PUSHES
            for _, body in knowledge.sayings.where(knowledge.index.modules.values(), *_PUSHES)
            if body.kind == "module"
            for block in body.blocks
            for op in block.ops
        )
    return bool(memo["a context is pushed"])


def _pushed_around(function: Function, label: str) -> bool:
    """Another method of its class, such as `setUp`, pushes a context: it may still be there."""
    knowledge = function.project.knowledge
    module, body = knowledge.functions[label]
    if body.parent is None or body.parent not in module.classes:
        return False
    return any(
        is_pushing(function, method)
        for info in knowledge.classes.ancestry(f"{module.name}:{body.parent}")
        for method in info.methods.values()
    )


def is_pushing(function: Function, label: str) -> bool:
    """A function of the project pushes a context, which may last."""
    body = function.project.knowledge.functions[label][1]
    return any(op.do == "call" and op.name in _PUSHES for block in body.blocks for op in block.ops)


def has_own_context(function: Function, label: str) -> bool:
    """A function asks whether there is a context, or its object pushes one."""
    knowledge = function.project.knowledge
    module, body = knowledge.functions[label]
    known = knowledge.globals.get(module.name, {})
    return _pushed_around(function, label) or any(
        any(edge.test and _is_current(known.get(edge.test.place)) for edge in block.edges)
        or any(op.do == "call" and _calls_has_context(op) for op in block.ops)
        for block in body.blocks
    )


def _is_current(kind: Kind | None) -> bool:
    return kind is not None and kind.label == _CURRENT


def _calls_has_context(op: Op) -> bool:
    return (op.name or str(op.on)).endswith("has_app_context")


def calls_outside(body: Body) -> Iterator[Op]:
    """The calls of a function where it has entered nothing that may be a context. Not of what it
    also calls within: ``if app: with app.app_context(): return work()``, ``return work()``."""
    outside: list[Op] = []
    within: set[str] = set()
    for number, depth in depths(body).items():
        for op in body.blocks[number].ops:
            if op.do == "call" and depth <= 0:
                outside.append(op)
            elif op.do == "call":
                within.add(called(op))
            depth += deeper(op)
    yield from (op for op in outside if called(op) not in within)


def called(op: Op) -> str:
    """The last name of what is called."""
    return op.name or str(op.on).rpartition(".")[2]


def _needs(function: Function, op: Op, on: Kind, dst: Kind) -> bool:
    if on.name == kinds.FLASK_DB:
        if any(arg.keyword == "app" for arg in op.args):
            return False  # `create_all(app=app)` of Flask-SQLAlchemy 2 makes its own context
        return (op.do == "call" and op.name in _NEEDING) or (
            op.do == "getattr" and dst.name == kinds.ENGINE
        )
    if op.do != "call" or on.name not in _HELD or op.name in _LAZY_MEMBERS:
        return False
    return on.owner == "registry" and ("request-scoped" in on.traits or _is_of_flask(function, on))


def _is_of_flask(function: Function, query: Kind) -> bool:
    """`Model.query` of Flask-SQLAlchemy, and not of a registry of the program's own."""
    return any(
        base.name == kinds.DECLARATIVE_BASE and base.owner == "flask"
        for of in query.of
        for info in function.project.knowledge.classes.ancestry(of.label)
        for base in info.bases
    )


def deeper(op: Op) -> int:
    """Any `with` may enter a context; a pushed one lasts."""
    if op.do == "enter":
        return 1
    if op.do == "leave":
        return -1
    return _FOR_GOOD if op.do == "call" and op.name in _PUSHES else 0


def depths(body: Body) -> dict[int, int]:
    """Block → how many contexts may be entered when it begins, without an exception before."""
    known: dict[int, int] = {ENTRY: 0}
    waiting = [ENTRY]
    while waiting:
        number = waiting.pop()
        depth = known[number] + sum(map(deeper, body.blocks[number].ops))
        depth = min(depth, _FOR_GOOD)
        for edge in body.blocks[number].edges:
            before = known.get(edge.to)
            if before is None or depth > before:
                known[edge.to] = depth
                waiting.append(edge.to)
    return known


def has_app(function: Function) -> bool:
    """A module that makes an application, or imports one: whoever runs it as a script has that and
    no other to push. Others are written for a shell that has pushed one."""
    known = function.project.knowledge.globals.get(function.typed.module.name, {})
    return makes_app(function) or any(is_flask_app(kind) for kind in known.values())


def makes_app(function: Function) -> bool:
    """A function that makes the application of Flask, or calls another that does. One that is
    handed the application, or reads it somewhere, may run in its context."""
    if _constructs_app(function):
        return True
    project = function.project
    return any(
        on.name == kinds.FUNCTION
        and (called := project.typed.get(on.label)) is not None
        and _constructs_app(function.of(called))
        for _, on in _calls_giving_app(function)
    )


def _constructs_app(function: Function) -> bool:
    return any(on.name == NAME for _, on in _calls_giving_app(function))


def _calls_giving_app(function: Function) -> Iterator[tuple[Op, Kind]]:
    typed = function.typed
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "call" and is_flask_app(typed.dst[number][i]):
                yield op, typed.on[number][i]

"""Parameters that say nothing themselves: the kind on which all known callers agree."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache

from sqla_lint.catalog import kinds
from sqla_lint.catalog.frameworks import CALLBACKS, HOLDERS
from sqla_lint.ir import Arg, Const, Function, Op, Operand, Param
from sqla_lint.project.arguments import CALLABLE, bound
from sqla_lint.project.arguments import called as called
from sqla_lint.project.arguments import parameters as parameters
from sqla_lint.project.callables import called_with
from sqla_lint.project.classes import Classes
from sqla_lint.project.handing import handed_over
from sqla_lint.project.infer import Typed
from sqla_lint.project.keyed import WORTH, by_name, keywords_of
from sqla_lint.project.kind import (
    FOREIGN,
    FUNCTIONS,
    NAME,
    OWNED,
    UNKNOWN,
    Kind,
    dotted_label,
    entries,
)
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.linked import DATABASE_KINDS
from sqla_lint.project.passed import Given, Key, Passed, both
from sqla_lint.project.registered import registered
from sqla_lint.project.tabled import Made, functions_of_table, made_once
from sqla_lint.project.workers import is_worker_object

# What a caller passes is asked for these kinds only: others decide nothing.
_MIGRATIONS = "alembic.operations.Operations()"  # what `op` stands for, made by hand
_HANDED_ON = (DATABASE_KINDS - {kinds.COLUMN_EXPR, kinds.TEXT}) | {
    kinds.CONTEXT_MANAGER,
    kinds.FUNCTION,
    kinds.INSTANCE,
}
BY_FRAMEWORKS = frozenset(HOLDERS.values()) | frozenset(CALLBACKS.values())
# Of these the class or function must be the same, too.
_BY_LABEL = frozenset({kinds.INSTANCE, kinds.FUNCTION})

STARSTAR = 2  # `Arg.star` of ``**keywords``
_KEY_AND_VALUE = ("key", "value")  # the arguments of a setitem

# Parameters hand each other's kinds on; a chain longer than this is left alone.
CHAIN_LIMIT = 20


def wrapped(label: str) -> str:
    """Stands for the functions that a decorator of the project is put on: what its wrapper passes
    them."""
    return f"{label}>"


def handed_to(label: str, parameter: str) -> str:
    """Stands for the functions that are passed for a parameter: what the function calls them
    with."""
    return f"{label}>{parameter}"


def agreed(passed: Iterable[Passed], classes: Classes) -> dict[Key, Kind]:
    """Parameters for which every call in the project passes the same kind.

    It holds as far as the project is complete: a caller elsewhere may pass something else.
    """
    given: dict[Key, set[Kind]] = {}
    sources: dict[Key, set[Key]] = {}
    for one in passed:
        for key, more in one.items():
            there = given.get(key)
            if there is None:
                given[key] = set(more.kinds)
            else:
                there |= more.kinds
            if more.sources:
                sources.setdefault(key, set()).update(more.sources)
    found: dict[Key, Kind | None] = {key: _all(some, classes) for key, some in given.items()}
    own = dict(found)
    linked = [(key, sources[key]) for key in given if key in sources]
    for _ in range(CHAIN_LIMIT):
        moved = False
        for key, handed_on in linked:
            kind = own[key]
            for source in handed_on:
                nothing = None if ">" in source[0] else UNKNOWN
                kind = both(kind, found.get(source, nothing), classes)
            if kind != found[key]:
                found[key] = kind
                moved = True
        if not moved:
            break
    else:
        for key, _ in linked:
            found[key] = UNKNOWN
    return {
        key: _owned(kind)
        for key, kind in found.items()
        if kind is not None
        and (kind.name in _HANDED_ON or _is_handed_on(kind))
        and (kind.label or kind.name not in _BY_LABEL)
    }


_LISTS = frozenset({kinds.COLLECTION, kinds.LIST})
_LENT = "lent for a call"


def _lent(kind: Kind) -> Kind:
    """What a function is called with by whoever it was handed to: he ends it."""
    return kind._replace(traits=kind.traits | {_LENT}) if kind.name in OWNED else kind


def _owned(kind: Kind) -> Kind:
    if _LENT in kind.traits:
        return kind._replace(owner="managed", traits=kind.traits - {_LENT})
    return kind._replace(owner="caller" if kind.owner else "")


def _is_handed_on(kind: Kind) -> bool:
    """An object of a library whose methods matter, a dictionary whose keys do, a list of rows, or a
    method of an object of the project's, of a session or a connection."""
    if kind.name == kinds.DICT:
        return any(one.name in WORTH for one in entries(kind).values())
    if kind.name in _LISTS:
        return bool(kind.of) and all(one.name == kinds.ROW for one in kind.of)
    label = kind.label
    if kind.name == "METHOD":
        return ":" in label or (bool(kind.of) and kind.of[0].name in OWNED)
    return label == _MIGRATIONS or label in BY_FRAMEWORKS or is_worker_object(label)


def _all(passed: set[Kind], classes: Classes) -> Kind | None:
    if len(passed) == 1:  # most often
        return next(iter(passed))
    found: Kind | None = None
    for kind in sorted(passed, key=repr):
        found = both(found, kind, classes)
    return found


def passed_by(typed: Typed, knowledge: Knowledge) -> Passed:
    """What a function passes to functions of the project."""
    found: Passed = {}
    in_tests = knowledge.told.is_test(typed.module.path)
    outline = knowledge.outlined(typed.function)
    handed_on = _handed_on(typed.function, outline.assigned)
    made: Made | None = None
    for number, i, op in outline.calls:
        args = typed.args[number][i]
        on = typed.on[number][i]
        if len(args) != len(op.args):
            continue
        if op.name == "run_sync" and on.is_async and on.name in OWNED:
            for key, given in _run_sync(knowledge, on, args):
                found[key] = found[key].also(given) if key in found else given
        if op.args:
            for key, given in registered(knowledge, op, on, args):
                found[key] = found[key].also(given) if key in found else given
        if op.name is not None and on.name not in CALLABLE:
            continue
        each: tuple[Kind, ...] = (on,)
        if op.name is None and op.args and not on.label and on.name in _ONE_OF_SEVERAL:
            made = made_once(typed) if made is None else made
            each = functions_of_table(typed, made, op.on) or each
        for one in each:
            for key, given in _given(knowledge, op, typed, one, args, handed_on, in_tests):
                found[key] = found[key].also(given) if key in found else given
    return found


# What a function that is taken out of a table of functions is.
_ONE_OF_SEVERAL = frozenset({kinds.FUNCTION, kinds.UNKNOWN})


def _given(
    knowledge: Knowledge,
    op: Op,
    typed: Typed,
    on: Kind,
    args: tuple[Kind, ...],
    handed_on: Container[str],
    in_tests: bool,
) -> Iterator[tuple[Key, Given]]:
    decorator = _decorator(op, typed)
    if decorator is not None:
        around = _around(decorator, typed)
        for name, kind in (*_to_wrapped(op, args), *_put_into(op, typed)):
            yield (wrapped(decorator), name), Given(frozenset({kind}))
            if around is not None:
                yield (wrapped(around), name), Given(frozenset({kind}))
            yield (handed_to(decorator, str(op.on)), name), Given(frozenset({_lent(kind)}))
        return
    if on.name in (NAME, FOREIGN):
        yield from _to_callbacks(knowledge, op, on, args)
        for key, arg, kind in handed_over(op, on, args, lambda one: parameters_of(knowledge, one)):
            source = _source(arg, handed_on, typed)
            if kind.known or source is None:
                yield key, Given(frozenset({kind}))
            else:
                yield key, Given(sources=frozenset({source}), through=frozenset({source}))
        return
    if op.name is None and isinstance(op.on, str) and op.on in handed_on:
        own = f"{typed.module.name}:{typed.function.qualname}"
        for name, kind in _to_wrapped(op, args):
            yield (handed_to(own, op.on), name), Given(frozenset({_lent(kind)}))
    callee = called(knowledge, op, on)
    if "partial" in on.traits or "partial" in callee.traits:
        return  # its positions are others
    yield from _left_out(knowledge, op, callee)
    for (arg, param), kind in zip(parameters(knowledge, op, callee), args, strict=False):
        if param is None:
            if arg.star == STARSTAR:
                yield from _by_names(callee, kind, _names(knowledge, callee), op)
            continue
        if arg.keyword is not None and param not in _names(knowledge, callee):
            yield (by_name(callee.label), param), Given(_only_kind(kind))
            continue
        yield from _callback(knowledge, kind, handed_to(callee.label, param))
        yield from _declared(knowledge, kind, callee.label, param)
        source = _source(arg, handed_on, typed)
        through = _NO_KEY if source is None else _only_key(source)
        vague = kind.name in (kinds.UNKNOWN, FOREIGN) and kind.label not in BY_FRAMEWORKS
        if in_tests and vague:  # a test may pass a stand-in
            if through:
                yield (callee.label, param), Given(through=through)
            continue
        if through and not kind.known:
            yield (callee.label, param), Given(sources=through, through=through)
        else:
            yield (callee.label, param), Given(_only_kind(kind), through=through)


def _left_out(knowledge: Knowledge, op: Op, callee: Kind) -> Iterator[tuple[Key, Given]]:
    """The function that a parameter stands for where the call does not pass it: its default."""
    entry = knowledge.functions.get(callee.label)
    if entry is None or any(arg.star for arg in op.args):
        return
    module, function = entry
    named = [p for p in function.params if isinstance(p.default, str) and p.default[0] != "%"]
    if not named:
        return
    passed = {name for _, name in parameters(knowledge, op, callee)}
    for param in named:
        if param.name not in passed and str(param.default) in module.body.locals:
            kind = knowledge.global_name(module, str(param.default))
            if kind.name == kinds.FUNCTION:
                yield (callee.label, param.name), Given(_only_kind(kind))


def _names(knowledge: Knowledge, callee: Kind) -> set[str]:
    """The parameters of a function that may be passed by name."""
    params = knowledge.functions[callee.label][1].params
    return {p.name for p in params if p.kind in ("normal", "keyword")}


def _by_names(callee: Kind, given: Kind, names: set[str], op: Op) -> Iterator[tuple[Key, Given]]:
    """What ``**given`` passes: the entries of a dictionary, or keywords that are handed on."""
    if given.name != kinds.DICT:
        return
    for key, kind in entries(given).items():
        label = callee.label if key in names else by_name(callee.label)
        yield (label, key), Given(_only_kind(kind))
    owner = keywords_of(given)
    if owner is not None:
        said = {arg.keyword for arg in op.args}
        for name in sorted(names.difference(said)):
            yield (callee.label, name), Given(sources=frozenset({(by_name(owner), name)}))


_NO_KEY: frozenset[Key] = frozenset()
# Sets of one, shared: most calls pass what others pass, too.
_SETS_KEPT = 4096


@lru_cache(_SETS_KEPT)
def _only_key(one: Key) -> frozenset[Key]:
    return frozenset({one})


@lru_cache(_SETS_KEPT)
def _only_kind(one: Kind) -> frozenset[Kind]:
    return frozenset({one})


def _to_callbacks(
    knowledge: Knowledge, op: Op, on: Kind, args: tuple[Kind, ...]
) -> Iterator[tuple[Key, Given]]:
    """What a framework passes to the functions that a call registers with it."""
    holder = CALLBACKS.get(dotted_label(on, op.name))
    if holder is None:
        return
    for kind in args:
        entry = knowledge.functions.get(kind.label) if kind.name == kinds.FUNCTION else None
        if entry is not None and entry[1].params:
            given = Given(frozenset({Kind(FOREIGN, label=holder)}))
            yield (kind.label, entry[1].params[0].name), given


def _callback(knowledge: Knowledge, passed: Kind, to: str) -> Iterator[tuple[Key, Given]]:
    """A function that is passed for a parameter gets what the parameter is called with."""
    for position, param in parameters_of(knowledge, passed):
        sources = frozenset({(to, str(position)), (to, param.name)})
        yield (passed.label, param.name), Given(sources=sources)


def _declared(
    knowledge: Knowledge, passed: Kind, label: str, param: str
) -> Iterator[tuple[Key, Given]]:
    """A function that is passed for a ``Callable[[Session, int], User]`` gets what that says."""
    if passed.name not in FUNCTIONS:
        return
    module, function = knowledge.functions[label]
    ann = next((one.ann for one in function.params if one.name == param), None)
    if ann is None:
        return
    gets = called_with(ann, module, knowledge)
    for position, own in parameters_of(knowledge, passed):
        kind = gets[position] if position < len(gets) else UNKNOWN
        if own.ann is None and kind.name in DATABASE_KINDS:
            yield (passed.label, own.name), Given(frozenset({_lent(kind)}))


def parameters_of(knowledge: Knowledge, passed: Kind) -> Iterator[tuple[int, Param]]:
    """The parameters of a function that is a value, by the position of what they get."""
    if passed.name not in FUNCTIONS or "partial" in passed.traits:
        return
    entry = knowledge.functions.get(passed.label)
    if entry is None:
        return
    given = bound(knowledge, passed, entry[1])
    positional = [p for p in entry[1].params if p.kind in ("positional", "normal")]
    yield from enumerate(positional[given:])


def _run_sync(
    knowledge: Knowledge, on: Kind, args: tuple[Kind, ...]
) -> Iterator[tuple[Key, Given]]:
    """``await connection.run_sync(f)`` calls ``f`` with the plain twin of the connection."""
    for position, param in parameters_of(knowledge, args[0]) if args else ():
        kind = on._replace(is_async=False, owner="caller") if position == 0 else None
        if kind is None and position < len(args):
            kind = args[position]
        if kind is not None:
            yield (args[0].label, param.name), Given(frozenset({kind}))


def _source(arg: Arg, handed_on: Container[str], typed: Typed) -> Key | None:
    """The parameter that an argument is, when it is one of those that are handed on."""
    if isinstance(arg.value, str) and arg.value in handed_on:
        return f"{typed.module.name}:{typed.function.qualname}", arg.value
    return None


def _handed_on(function: Function, assigned: Container[str]) -> frozenset[str]:
    """Parameters that are never assigned."""
    return frozenset(
        p.name
        for p in function.params
        if p.kind in ("positional", "normal", "keyword") and p.name not in assigned
    )


def _decorator(op: Op, typed: Typed) -> str | None:
    """The label of the function whose parameter is called: in ``def d(f): def w(*a): f(*a)``
    the call of ``f``."""
    if op.name is not None or not isinstance(op.on, str):
        return None
    outer = typed.function.captures.get(op.on)
    function = typed.module.functions.get(outer) if outer is not None else None
    if function is None or not any(param.name == op.on for param in function.params):
        return None
    return f"{typed.module.name}:{outer}"


def _around(decorator: str, typed: Typed) -> str | None:
    """The function that a decorator is defined in: it may be put on functions itself, where its
    arguments are optional."""
    inner = typed.module.functions.get(decorator.partition(":")[2])
    outer = typed.module.functions.get(inner.parent) if inner is not None and inner.parent else None
    return f"{typed.module.name}:{outer.qualname}" if outer and outer.kind == "def" else None


def _to_wrapped(op: Op, args: tuple[Kind, ...]) -> Iterator[tuple[str, Kind]]:
    """Parameters by name or position with what is passed for them."""
    position: int | None = 0
    for arg, kind in zip(op.args, args, strict=True):
        if arg.star:
            position = None
        elif arg.keyword is not None:
            yield arg.keyword, kind
        elif position is not None:
            yield str(position), kind
            position += 1


def _put_into(op: Op, typed: Typed) -> Iterator[tuple[str, Kind]]:
    """What a wrapper puts into the keywords that it passes on: ``kwargs["session"] = session``."""
    passed_on = {arg.value for arg in op.args if arg.star == STARSTAR}
    for number, block in enumerate(typed.function.blocks if passed_on else ()):
        for i, put in enumerate(block.ops):
            if put.do == "setitem" and put.on in passed_on and len(put.args) == len(_KEY_AND_VALUE):
                key = _named(put.args[0].value, typed)
                if isinstance(key, Const) and isinstance(key.value, str):
                    yield key.value, typed.args[number][i][1]


def _named(key: Operand, typed: Typed) -> Operand | None:
    """A key, or the default of the argument of the decorator that says it: in
    ``def provide(name="session"): ...`` the key of ``kwargs[name] = session``."""
    if isinstance(key, Const):
        return key
    outer = typed.module.functions.get(typed.function.captures.get(key, ""))
    params = outer.params if outer is not None else ()
    return next((param.default for param in params if param.name == key), None)

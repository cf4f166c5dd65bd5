"""Work that runs beside the function that starts it, and what it shares with that function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Op, Operand, Place, Ref
from sqla_lint.ir import Function as Code
from sqla_lint.project import workers
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import AWAITABLES, FOREIGN, FUNCTIONS, NAME, UNKNOWN, Kind, dotted_label
from sqla_lint.views.attached import asked_of, awaits_parts, session_of
from sqla_lint.views.elements import Element, elements
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function, per_project
from sqla_lint.views.paths import Note
from sqla_lint.views.sql import reader as strings

# How far calls of project functions are followed for what a started function uses.
DEPTH = 3

HANDLES = frozenset({kinds.SESSION, kinds.CONNECTION})
ENDING = frozenset({"close", "remove", "aclose"})
_MAP = workers.Start("task", 0, "", "mapped")
LOCKS = ("Lock()", "RLock()", "Semaphore()", "BoundedSemaphore()", "Condition()")
_PARTIAL = frozenset({"functools.partial", "functools.partial()"})
# What runs at the same time as whoever starts it, and the last words of what starts such work.
_BESIDE = frozenset({"thread", "process"})
_STARTING = frozenset(
    label.rpartition(".")[2] for label, one in workers.STARTS.items() if one.where in _BESIDE
)
_VARIABLE = "contextvars.ContextVar("
_ENTERING = ("__init__", "__enter__", "__aenter__")
OF_CONTEXT = "of the context"  # a trait of what a context variable gives

Position = tuple[int, int]
# A call, and the function that it calls: which of its parameters run beside it, several at once.
Runs: TypeAlias = "Callable[[Function, Position, Kind], dict[str, workers.Where]]"


class Handle(NamedTuple):
    """A session or connection that started work uses. ``name`` says which: the same name is the
    same object; ``at`` is where it is handed over (the call, when it is captured)."""

    name: str
    kind: Kind
    at: Ref


class Handed(NamedTuple):
    """A value that is given to a started function: as which parameter, when that is known."""

    value: Operand
    kind: Kind
    at: Ref
    parameter: str | None = None


class Work(NamedTuple):
    """One piece of work that is started.

    ``function``  the function that runs (FUNCTION, METHOD or UNKNOWN)
    ``owner``     the place its method is called on
    ``loops``     the loops it is started in
    ``there``     where the owner has its name, when that is another function
    """

    where: workers.Where
    op: Op
    position: Position
    function: Kind
    owner: Place
    handed: tuple[Handed, ...]
    loops: tuple[int, ...]
    many: bool = False  # the same work several times at once
    made: Op | None = None  # the call that made the coroutine
    there: Function | None = None


@per_function
def started(function: Function) -> tuple[Work, ...]:
    """All work that a function starts, in source order, as far as it says what is run."""
    return tuple(_started(function))


def _started(function: Function) -> Iterator[Work]:
    typed = function.typed
    for number, i, op in function.call_positions:
        if len(typed.args[number][i]) != len(op.args):
            continue
        start = _start(function, op, typed.on[number][i])
        at = (number, i)
        loops = typed.function.blocks[number].loops
        if start is None:
            yield from _runner(function, op, at, loops)
            yield from by_helper(function, op, at, loops, _run_by)
        elif start.given == "coroutine":
            for coroutine in coroutines(function, _arguments(op, start)):
                yield coroutine._replace(where=start.where, op=op, position=at, made=coroutine.op)
        else:
            yield _work(function, op, at, start, loops)


def _runner(function: Function, op: Op, at: Position, loops: tuple[int, ...]) -> Iterator[Work]:
    """`Worker(session)`, a class that is a thread and whose `run` uses what it was given."""
    on = function.typed.on[at[0]][at[1]]
    classes = function.project.knowledge.classes
    run = classes.method(on.label, "run") if on.name == kinds.CLASS and op.name is None else None
    if run is None:
        return
    if not outside(function, run, "self", DEPTH) and not _calls_what_is_kept(function, op, on, at):
        return
    for info in classes.ancestry(on.label):
        for base in info.bases:
            where = workers.RUNNERS.get(workers.plain(base.label)) if base.name == NAME else None
            if where is not None:
                pairs = zip(op.args, function.typed.args[at[0]][at[1]], strict=True)
                handed = tuple(Handed(arg.value, kind, arg.at) for arg, kind in pairs)
                yield Work(where, op, at, UNKNOWN, "", handed, loops)
                return


def _calls_what_is_kept(function: Function, op: Op, on: Kind, at: Position) -> bool:
    """`Worker(session.commit)`: its `run` calls the method of a session that it was made with."""
    knowledge = function.project.knowledge
    init, run = (
        knowledge.functions.get(knowledge.classes.method(on.label, name) or "")
        for name in ("__init__", "run")
    )
    if init is None or run is None:
        return False
    kinds_of = function.typed.args[at[0]][at[1]]
    args = zip(parameters(knowledge, op, called(knowledge, op, on)), kinds_of, strict=False)
    given = {
        name for (arg, name), kind in args if _handle_in(function, arg.value, kind) is not None
    }
    kept = {
        stored.name
        for block in init[1].blocks
        for stored in block.ops
        if stored.do == "setattr" and stored.on == "self" and stored.args[-1].value in given
    }
    return any(
        one.do == "call" and one.on == "self" and one.name in kept
        for block in run[1].blocks
        for one in block.ops
    )


def by_helper(
    function: Function, op: Op, at: Position, loops: tuple[int, ...], runs: Runs
) -> Iterator[Work]:
    """`spread(score, users)`: a function of the project runs what it is given several times at
    once, as far as ``runs`` tells that of its parameters."""
    kinds_of = function.typed.args[at[0]][at[1]]
    if all(kind.name not in FUNCTIONS and kind.label not in _PARTIAL for kind in kinds_of):
        return
    knowledge = function.project.knowledge
    helper = called(knowledge, op, function.typed.on[at[0]][at[1]])
    if helper.name not in FUNCTIONS or helper.label == function.label:
        return
    run_there = runs(function, at, helper)
    args = zip(parameters(knowledge, op, helper), kinds_of, strict=False)
    for (arg, parameter), kind in args if run_there else ():
        where = run_there.get(parameter or "")
        if where is not None:
            run, owner, before = _callable(function, arg.value, kind)
            yield Work(where, op, at, run, owner, _named(function, run, before), loops, many=True)


def _run_by(function: Function, at: Position, helper: Kind) -> dict[str, workers.Where]:
    return _runs(function, helper.label)


def _runs(function: Function, label: str) -> dict[str, workers.Where]:
    """The parameters that a function runs in several threads or processes at once."""
    known = _known_runs(function)
    if label not in known:
        known[label] = {}  # one that calls itself adds nothing
        entry = function.project.knowledge.functions.get(label)
        if entry is not None and any(
            op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in _STARTING
            for block in entry[1].blocks
            for op in block.ops
        ):
            known[label] = dict(_runs_of(function, label, entry[1]))
    return known[label]


@per_project
def _known_runs(function: Function) -> dict[str, dict[str, workers.Where]]:
    """What has been asked of functions."""
    return {}


def _runs_of(function: Function, label: str, code: Code) -> Iterator[tuple[str, workers.Where]]:
    frame = strings(function.project).frames.of(label)
    bound = {op.dst for block in code.blocks for op in block.ops if op.do != "getattr"}
    params = {param.name for param in code.params} - bound
    if frame is None:
        return
    there = function.of(frame.typed)
    for number, i, op in there.call_positions:
        start = _start(there, op, there.typed.on[number][i])
        if start is None or start.given == "coroutine" or start.where not in _BESIDE:
            continue
        given = next((arg.value for arg in op.args if arg.keyword == start.keyword), None)
        plain = [arg.value for arg in op.args if arg.keyword is None and not arg.star]
        if given is None and 0 <= start.callable < len(plain):
            given = plain[start.callable]
        repeated = start.given == "mapped" or there.typed.function.blocks[number].loops
        if given in params and repeated:
            yield str(given), start.where


def _start(function: Function, op: Op, on: Kind) -> workers.Start | None:
    if on.name in (NAME, FOREIGN):
        return workers.start(dotted_label(on, op.name))
    if on.name == kinds.FUNCTION and op.name:
        own = function.project.knowledge.decorators.get(on.label, ())
        if any(workers.is_queued(d.label) for d in own):
            return workers.sender(op.name)
    return None


def _arguments(op: Op, start: workers.Start) -> Iterator[Operand]:
    position = 0
    for arg in op.args:
        if arg.keyword == start.keyword or (arg.keyword is None and position == start.callable):
            yield arg.value
        position += arg.keyword is None


def _work(
    function: Function, op: Op, at: Position, start: workers.Start, loops: tuple[int, ...]
) -> Work:
    pairs = list(zip(op.args, function.typed.args[at[0]][at[1]], strict=True))
    plain = [pair for pair in pairs if pair[0].keyword is None and not pair[0].star]
    words = {arg.keyword: (arg, kind) for arg, kind in pairs if arg.keyword}
    run, owner = UNKNOWN, ""
    before: list[tuple[Arg, Kind]] = []
    found = words.get(start.keyword) or (
        plain[start.callable] if 0 <= start.callable < len(plain) else None
    )
    if start.callable < 0:
        run = function.typed.on[at[0]][at[1]]
    elif found is not None:
        run, owner, before = _callable(function, found[0].value, found[1])
    given = list(before)
    if start.given == "packed":
        given += _packed(function, plain, words, start)
    elif start.given == "rest":
        given += plain[start.callable + 1 :]
        given += [pair for word, pair in words.items() if word != start.keyword]
    handed = _named(function, run, given)
    return Work(start.where, op, at, run, owner, handed, loops, start.given == "mapped")


def _callable(
    function: Function, value: Operand, kind: Kind
) -> tuple[Kind, Place, list[tuple[Arg, Kind]]]:
    """A function given as a value: its kind, what a bound method hangs on, what `partial` holds."""
    made = function.maker(value)
    if (
        made is not None
        and made.op.do == "call"
        and _label(made.op, made.on) == ("functools.partial")
    ):
        first, *rest = zip(made.op.args, made.arg_kinds, strict=True)
        run, owner, before = _callable(function, first[0].value, first[1])
        return run, owner, before + rest
    if kind.name == "METHOD":
        place = made.op.on if made is not None and made.op.do == "getattr" else value
        if isinstance(place, str) and made is None:
            place = place.rpartition(".")[0]
        return kind, place if isinstance(place, str) else "", []
    return (kind if kind.name == kinds.FUNCTION else UNKNOWN), "", []


def _label(op: Op, on: Kind) -> str:
    if on.name not in (NAME, FOREIGN):
        return ""
    return dotted_label(on, op.name)


def _packed(
    function: Function,
    plain: list[tuple[Arg, Kind]],
    words: dict[str, tuple[Arg, Kind]],
    start: workers.Start,
) -> Iterator[tuple[Arg, Kind]]:
    sequence = words.get(start.packed[0]) or (
        plain[start.at] if 0 <= start.at < len(plain) else None
    )
    if sequence is not None:
        pack = _pack(function, sequence[0].value)
        if pack is not None:
            yield from zip(pack[0].args, pack[1], strict=True)
    named = words.get(start.packed[1]) or (
        plain[start.at + 1] if 0 <= start.at + 1 < len(plain) else None
    )
    if named is not None:
        pack = _pack(function, named[0].value)
        if pack is not None and pack[0].name == "dict":
            pairs = list(zip(pack[0].args, pack[1], strict=True))
            for (_, key), (arg, kind) in zip(pairs[::2], pairs[1::2], strict=False):
                yield arg._replace(keyword=key.label), kind


def _pack(function: Function, value: Operand) -> tuple[Op, tuple[Kind, ...]] | None:
    for _, _, op, kinds_ in makers(function, value):
        if op.do == "pack" and len(kinds_) == len(op.args):
            return op, kinds_
    return None


def _named(function: Function, run: Kind, given: list[tuple[Arg, Kind]]) -> tuple[Handed, ...]:
    """Arguments with the parameters of the function they are for."""
    knowledge = function.project.knowledge
    call = Op("call", -1, args=tuple(arg for arg, _ in given))
    names = {id(arg): name for arg, name in parameters(knowledge, call, run)}
    return tuple(Handed(arg.value, kind, arg.at, names.get(id(arg))) for arg, kind in given)


def makers(function: Function, place: Operand) -> Iterator[tuple[int, int, Op, tuple[Kind, ...]]]:
    """The operations that may have made the value of a place, moves looked through."""
    seen: set[Operand] = set()
    waiting = [place]
    typed = function.typed
    while waiting:
        wanted = waiting.pop()
        if wanted in seen or not isinstance(wanted, str):
            continue
        seen.add(wanted)
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.dst != wanted:
                    continue
                if op.do == "move" and op.on is not None:
                    waiting.append(op.on)
                else:
                    yield number, i, op, typed.args[number][i]


# --- coroutines --------------------------------------------------------------------------------


def coroutines(function: Function, values: Iterable[Operand]) -> Iterator[Work]:
    """The calls that made the coroutines of these values: lists of them, tasks and wrappers are
    looked through."""
    typed = function.typed
    seen: set[Operand] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop(0)
        if value in seen or not isinstance(value, str):
            continue
        seen.add(value)
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.on == value and op.do == "call" and op.name in ("append", "extend", "add"):
                    waiting += [arg.value for arg in op.args]
                if op.dst != value or op.do in ("delete", "leave"):
                    continue
                if op.do == "move" and op.on is not None:
                    waiting.append(op.on)
                elif op.do in ("pack", "binop", "ifelse", "boolop", "augassign"):
                    waiting += [arg.value for arg in op.args]
                elif op.do == "getattr" and typed.on[number][i].name == AWAITABLES:
                    yield from _awaitable(function, op, (number, i), block.loops)
                elif op.do == "call":
                    label = workers.plain(_label(op, typed.on[number][i]))
                    start = _MAP if label == "builtins.map" else workers.start(label)
                    if start is _MAP:
                        yield _work(function, op, (number, i), _MAP, block.loops)
                    elif label in workers.WRAPPERS or (start and start.given == "coroutine"):
                        waiting += [arg.value for arg in op.args[:1]]
                    elif start is not None and start.where == "awaited thread":
                        yield _work(function, op, (number, i), start, block.loops)
                    elif len(typed.args[number][i]) == len(op.args):
                        yield from _of_elements(function, op, (number, i)) or (
                            _coroutine(function, op, (number, i), block.loops),
                        )


def _of_elements(function: Function, op: Op, at: Position) -> tuple[Work, ...]:
    """`load()` or `panel.load()` for each of a container whose elements are known: a method of an
    object in each turn."""
    if not isinstance(op.on, str) or ("@" not in op.on and op.on[0] == "%"):
        return ()
    found: list[Work] = []
    for element in elements(function, op.on):
        if op.name is None:
            run, owner, _ = _callable(element.function, element.value, element.kind)
            runs = [run] if run.name == "METHOD" and owner else []
        else:
            owner = element.value
            runs = list(_methods(element, op.name))
        many = element.many and len(runs) == 1
        found += [
            Work("task", op, at, run, owner, (), (), many, there=element.function) for run in runs
        ]
    return tuple(found)


def _methods(element: Element, name: str) -> Iterator[Kind]:
    """The methods of that name of what an element is an object of: one of several classes."""
    knowledge = element.function.project.knowledge
    classes = {element.kind.label} if element.kind.label else set[str]()
    made = element.function.maker(element.value)
    if not classes and made is not None and made.op.do == "call" and made.op.name is None:
        classes = {one.label for one in made.on.of if one.name == kinds.CLASS}
    for label in sorted(classes):
        method = knowledge.classes.method(label, name)
        if method is not None:
            yield Kind("METHOD", label=method)


def _awaitable(function: Function, op: Op, at: Position, loops: tuple[int, ...]) -> Iterator[Work]:
    """`user.awaitable_attrs.posts`: the session of the object sends a statement."""
    on = function.typed.on[at[0]][at[1]]
    session = session_of(function, asked_of(function, op, on))
    if session is not None:
        handed = (Handed(session.name, session.kind, op.at),)
        yield Work("task", op, at, UNKNOWN, "", handed, loops)


def _coroutine(function: Function, op: Op, at: Position, loops: tuple[int, ...]) -> Work:
    on = function.typed.on[at[0]][at[1]]
    args = function.typed.args[at[0]][at[1]]
    if on.name in HANDLES and isinstance(op.on, str) and op.name:
        handed = (Handed(op.on, on, op.at),)
        return Work("task", op, at, UNKNOWN, "", handed, loops)
    run = called(function.project.knowledge, op, on)
    owner = op.on if run.name == "METHOD" and isinstance(op.on, str) else ""
    return Work(
        "task", op, at, run, owner, _named(function, run, list(zip(op.args, args, strict=True))),
        loops,
    )  # fmt: skip


# --- what work shares --------------------------------------------------------------------------


def handles(function: Function, work: Work) -> tuple[Handle, ...]:
    """Sessions and connections that outlive a piece of work and that it uses."""
    found: dict[str, Handle] = {}
    entry = function.project.knowledge.functions.get(work.function.label)
    for handed in work.handed:
        if handed.kind.name == kinds.ENTITY:
            session = loading(function, work, handed)
            if session is not None and not is_locked(function, work.function.label):
                found.setdefault(session.name, session)
        given = _handle_in(function, handed.value, handed.kind)
        if given is None:
            continue
        if work.function.name in FUNCTIONS and entry is not None:
            if handed.parameter is None or not uses_name(entry[1], handed.parameter):
                continue
            if is_locked(function, work.function.label):
                continue
        name = original(function, given[0])
        found.setdefault(name, Handle(name, given[1], handed.at))
    if work.owner and _is_of_handle(work.function):
        name = original(function, work.owner)  # `Thread(target=session.commit)`
        found.setdefault(name, Handle(name, work.function.of[0], work.op.at))
    if entry is not None and work.function.name in FUNCTIONS:
        there = work.there or function
        for name, kind in outside(there, work.function.label, work.owner, DEPTH).items():
            if OF_CONTEXT in kind.traits and (
                work.where != "task" or _sets_context(there, work.function.label, DEPTH)
            ):
                continue  # a thread has a context of its own, or a copy that ends with it
            name = given_to(there, name)
            if work.there is not None and "@" in name:
                continue  # each turn has its own
            kind = there.typed.cells.get(name, kind)
            found.setdefault(name, Handle(name, kind, work.op.at))
    return tuple(found.values())


def _handle_in(function: Function, value: Operand, kind: Kind) -> tuple[Place, Kind] | None:
    """A session or connection that is handed over, or whose bound method is: `session.commit`; not
    what ends it."""
    if kind.name in HANDLES:
        return (value, kind) if isinstance(value, str) else None
    run, owner, _ = _callable(function, value, kind)
    return (owner, run.of[0]) if owner and _is_of_handle(run) else None


def _is_of_handle(method: Kind) -> bool:
    of = method.of[0].name if method.of else ""
    return of in HANDLES and method.label not in ENDING


def loading(function: Function, work: Work, handed: Handed) -> Handle | None:
    """The session that loads what a piece of work awaits of an object that it is given."""
    if handed.parameter is None or not isinstance(handed.value, str):
        return None
    if not awaits_parts(function, work.function.label, handed.parameter, handed.kind.label):
        return None
    session = session_of(function, handed.value)
    if session is None:
        return None
    return Handle(original(function, session.name), session.kind, handed.at)


def original(function: Function, place: Place) -> str:
    """The first name of an object: ``s`` in ``t = s``."""
    for _ in range(DEPTH):
        bound = [
            op for block in function.typed.function.blocks for op in block.ops if op.dst == place
        ]
        if len(bound) != 1 or bound[0].do not in ("move", "getattr"):
            break
        on = bound[0].on
        if bound[0].do == "getattr" or not isinstance(on, str) or on[0] == "%":
            break
        place = on
    return place


def given_to(function: Function, name: str) -> str:
    """The session that an object was made with, for the attribute that keeps it: ``session`` for
    ``users.session`` after ``users = Users(session)``, also for ``service.users.session``."""
    for _ in range(DEPTH):
        shorter = _given_to(function, name)
        if shorter == name:
            break
        name = shorter
    return name


def _given_to(function: Function, name: str) -> str:
    owner, dot, path = name.partition(".")
    attribute, more, rest = path.partition(".")
    made = [(n, i, op) for n, i, op, _ in makers(function, owner)] if dot else []
    if len(made) != 1 or made[0][2].do != "call":
        return name
    number, i, op = made[0]
    on = function.typed.on[number][i]
    of = on.of if on.name == kinds.CLASS and not on.label and op.name is None else ()
    given = {_given_as(function, op, one, attribute) for one in of or (on,)}
    one = given.pop() if len(given) == 1 else ""
    return one + more + rest if one else name


def _given_as(function: Function, op: Op, on: Kind, attribute: str) -> str:
    """What a constructor is given for an attribute; "" when that is not known."""
    knowledge = function.project.knowledge
    init = called(knowledge, op, on)
    entry = knowledge.functions.get(init.label)
    if entry is None:
        return ""
    kept = {
        stored.args[0].value
        for block in entry[1].blocks
        for stored in block.ops
        if stored.do == "setattr" and stored.on == "self" and stored.name == attribute
    }
    for arg, parameter in parameters(knowledge, op, init):
        if parameter is not None and parameter in kept and isinstance(arg.value, str):
            return original(function, arg.value)
    return ""


def outside(function: Function, label: str, owner: Place, depth: int) -> dict[str, Kind]:
    """Sessions and connections that a function uses and that are none of its own: captured ones,
    those of the module, those of the object its method is called on."""
    project = function.project
    typed = project.typed.get(label)
    if depth == 0 or is_locked(function, label):
        return {}
    if typed is None:  # it touches no database itself: what the functions it calls use
        inferred = project.inferred.get(label)
        called_ones = [q[1] for q in inferred.asked if q[0] == "summary"] if inferred else []
        return {
            name: kind
            for other in called_ones
            if other != label
            for name, kind in outside(function, other, "", depth - 1).items()
        }
    code = typed.function
    me = code.params[0].name if code.params and owner else ""
    found: dict[str, Kind] = {}
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            pairs = [(op.on, typed.on[number][i])]
            pairs += zip([a.value for a in op.args], typed.args[number][i], strict=False)
            for place, kind in pairs:
                if kind.name in HANDLES and kind.owner != "local" and isinstance(place, str):
                    name = outer_name(function, typed, place, me, owner)
                    if name and op.do not in ("closure", "setattr"):
                        found.setdefault(name, kind)
            context = _of_context(function, typed, (number, i))
            if context:
                kind = typed.dst[number][i]
                found.setdefault(context, kind._replace(traits=kind.traits | {OF_CONTEXT}))
            if op.do == "call" and op.name is not None and isinstance(op.on, str):
                method = called(project.knowledge, op, typed.on[number][i])
                whose = owner if op.on == me else outer_name(function, typed, op.on, me, owner)
                if method.name == "METHOD" and method.label != label and whose and ":" not in whose:
                    for name, kind in outside(function, method.label, whose, depth - 1).items():
                        found.setdefault(name, kind)
            elif op.do == "call" and op.name is None and typed.on[number][i].name == kinds.FUNCTION:
                other = typed.on[number][i].label
                if other != label:
                    for name, kind in outside(function, other, "", depth - 1).items():
                        found.setdefault(name, kind)
    return found


def _of_context(function: Function, typed: Typed, at: Position) -> str:
    """The context variable of a module that an operation asks for its session: a task has that of
    whoever starts it. "" for everything else."""
    number, i = at
    op = typed.function.blocks[number].ops[i]
    asked = op.do == "call" and op.name == "get" and isinstance(op.on, str)
    if not asked or not typed.on[number][i].label.startswith(_VARIABLE):
        return ""
    if typed.dst[number][i].name not in HANDLES:
        return ""
    return outer_name(function, typed, str(op.on), "", "")


def _sets_context(function: Function, label: str, depth: int) -> bool:
    """A function, or one that it calls or whose ``with`` it enters, sets a context variable: what
    comes after that has another session."""
    project, knowledge = function.project, function.project.knowledge
    inferred = project.inferred.get(label)
    typed = project.typed.get(label) or (inferred.typed if inferred is not None else None)
    if typed is None or depth == 0:
        return False
    for number, block in enumerate(typed.function.blocks):
        for op, on in zip(block.ops, typed.on[number], strict=True):
            if op.do != "call":
                continue
            if op.name == "set" and on.label.startswith(_VARIABLE):
                return True
            callees = {called(knowledge, op, on).label}
            if on.name == kinds.CLASS and op.name is None:
                entering = (knowledge.classes.method(on.label, name) for name in _ENTERING)
                callees |= {method for method in entering if method is not None}
            if any(_sets_context(function, one, depth - 1) for one in callees - {label, ""}):
                return True
    return False


def made_of_module(function: Function, handle: Handle) -> tuple[Note, ...]:
    """Where a session of a module is made; nothing for all others."""
    name, _, variable = handle.name.partition(":")
    module = function.project.knowledge.index.modules.get(name) if variable else None
    if module is None:
        return ()
    path = "" if module is function.typed.module else module.path
    return tuple(
        Note("made here, once for all", op.at, path)
        for block in module.body.blocks
        for op in block.ops
        if op.dst == variable and op.do in ("call", "move")
    )[:1]


def outer_name(function: Function, typed: Typed, place: Place, me: str, owner: Place) -> str:
    """What a function calls what one that it starts finds outside of itself; "" for its own."""
    code, module = typed.function, typed.module.name
    first, _, rest = place.partition(".")
    if me and first == me and rest:
        return f"{owner}.{rest}"
    if first[0] == "%" or "@" in first or first in code.locals:
        return ""
    scope = code.captures.get(first)
    if scope == "<module>" or first in code.globals:
        return "" if rest else f"{module}:{first}"
    return place if scope is not None and _is_seen(function, typed, first, scope) else ""


def _is_seen(function: Function, typed: Typed, name: str, scope: str) -> bool:
    """What another function captures is a name of this one, or of one around both."""
    if typed.module is not function.typed.module:
        return False
    code = function.typed.function
    return scope.partition("@")[0] == code.qualname or code.captures.get(name) == scope


def uses_name(code: Code, name: str) -> bool:
    """A function does something with one of its parameters."""
    return any(
        operand == name or (isinstance(operand, str) and operand.startswith(name + "."))
        for block in code.blocks
        for op in block.ops
        for operand in (op.on, *(arg.value for arg in op.args))
    )


def is_locked(function: Function, label: str) -> bool:
    """It enters a lock: whoever shares something with it waits."""
    return any(True for _ in locks(function, label))


def locks(function: Function, label: str) -> Iterator[Op]:
    """Where a function enters a lock, as far as its kind or its name tells that."""
    entry = function.project.knowledge.functions.get(label)
    typed = function.project.typed.get(label)
    if entry is None:
        return
    for number, block in enumerate(entry[1].blocks):
        for i, op in enumerate(block.ops):
            if op.do != "enter" and not (op.do == "call" and op.name == "acquire"):
                continue
            known = typed.on[number][i].label if typed is not None else ""
            last = str(op.on).rpartition(".")[2].lower()
            if known.endswith(LOCKS) or "lock" in last or "sem" in last or "mutex" in last:
                yield op

"""SAL112: the factory, generator or manager of a session used as if it were the session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Call,
    Function,
    Kind,
    Note,
    Op,
    Operand,
    Operation,
    Ref,
    Report,
    Severity,
    ends_after,
    frameworks,
    kinds,
    left_out,
    library_name,
    operations,
    rule,
)

_LENDS = {
    kinds.SESSION_FACTORY: "is a session factory, not a session: call it to get one",
    kinds.FUNCTION: "is a function that gives the session: it must be called",
    kinds.GENERATOR: "is a generator that yields the session: it must be entered or iterated",
    kinds.CONTEXT_MANAGER: "is a context manager: enter it with `with` to get the session",
}
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})


def lender_misused(operation: Operation) -> Iterator[Report]:
    """A generator that lends a session is entered, given to `Depends()`, or dropped."""
    op = operation.op
    if op.do == "enter":
        if _lent_by_generator(operation.on):
            yield Report(
                op.at,
                f"{_shown(op.on)} is a generator, not a context manager: `with` raises",
                help="decorate its function with `@contextmanager` or `@asynccontextmanager`",
            )
        return
    if op.name in _METHODS:
        if _lent_by_generator(operation.on) and _drops(operation, op.on):
            yield from _dropped(operation, operation.on)
        return
    if len(op.args) != 1 or not _lent_by_generator(operation.arg_kinds[0]):
        return
    name, argument = library_name(operation), op.args[0]
    if frameworks.depends(name):
        marker = name.rpartition(".")[2]
        error = "AttributeError" if name.startswith("taskiq") else "TypeError"
        yield Report(
            argument.at,
            f"`{marker}()` is given a generator, not the function that makes it: {error}",
            help=f"leave the parentheses out: `{marker}(get_db)`",
        )
    elif name in ("builtins.next", "builtins.anext") and _drops(operation, argument.value):
        yield from _dropped(operation, operation.arg_kinds[0])


def _dropped(operation: Operation, generator: Kind) -> Iterator[Report]:
    if any(one.owner in _KEEPERS for one in generator.of):
        return  # what it lends lives on, and is somebody else's to end
    yield Report(
        operation.op.at,
        "the generator that lends this session is dropped at once: it cleans up before the"
        " first use, and nobody closes the session after the last one",
        help="use `with contextmanager(...)() as session:`, or a `with` on the factory",
        group="pedantic" if ends_after(operation.function, operation.op) else None,
        subject=_given(operation),
    )


def _lent_by_generator(kind: Kind) -> bool:
    return kind.name == kinds.GENERATOR and any(one.name in _LENT for one in kind.of)


def _given(operation: Operation) -> Ref:
    """Where the session is had: with `anext()`, of the `await`."""
    for other in operation.function.operations():
        if other.op.do == "await" and other.op.on == operation.op.dst:
            return other.op.at
    return operation.op.at


def _drops(operation: Operation, generator: Operand | None) -> bool:
    """The generator is made in the call, and what it lends is neither closed nor handed on."""
    function = operation.function
    made = function.maker(generator)
    if made is None or function.is_module or function.entry in ("test", "fixture"):
        return False
    held = {operation.op.dst}
    for other in function.operations():
        op = other.op
        if op.do in ("move", "await") and op.on in held:
            held.add(op.dst)
        elif op.do == "setattr" and op.args[0].value in held:
            if op.dst is None or not op.dst.startswith("self.") or _is_closed(function, op):
                return False
            held.add(op.dst)
        elif _hands_on(op, held):
            return False
    return True


def _is_closed(function: Function, store: Op) -> bool:
    """Somebody closes the attribute of an object, here or anywhere in the project."""
    return any(
        (op.name in _CLOSES or op.do == "enter")
        and str(op.on).rpartition(".")[2] == store.name
        and op.on != store.name
        for _, code in function.project.knowledge.functions.values()
        for block in code.blocks
        for op in block.ops
    )


def _hands_on(op: Op, held: set[str | None]) -> bool:
    if op.on in held and (op.do in ("enter", "return", "yield") or op.name in _CLOSES):
        return True
    closing = op.do == "call" and str(op.on) == "closing"
    return closing and op.args[0].value in held


_METHODS = ("__anext__", "__next__")
_KEEPERS = frozenset({"attribute", "caller", "module", "registry"})
_TAKES = (None, "async", *_METHODS, *sorted(frameworks.DEPENDENCIES))
_CLOSES = frozenset({"close", "aclose", "remove"})


@rule(
    "SAL112",
    "factory-not-called",
    severity=Severity.ERROR,
    also=(
        lender_misused,
        operations("enter", "call", names=_TAKES),
    ),
)
def factory_not_called(function: Function) -> Iterator[Report]:
    """A method of a session is called on what only makes or lends sessions.

    ## What it does
    Reports `SessionLocal.query(...)` on a `sessionmaker`, `get_db().execute(...)` on a generator or
    context manager that yields a session, the same where one is handed to a function that calls
    such methods on it, and the call of a session as if it were a factory. Also a generator that is
    entered with `with`, called in `Depends(get_db())`, or taken from with `next(get_db())`; and a
    call that leaves a parameter `db: Session = Depends(get_db)` to its default.

    ## Why is this bad?
    `AttributeError` at run time: neither a factory nor a generator has these methods. A session
    cannot be called: `TypeError`. After `next(get_db())` nothing holds the generator: it closes the
    session before its first use, and nobody does after the last. `Depends()`, and what works
    like it in FastStream, FastDepends and Taskiq, is filled in only for routes, subscribers, tasks
    and their dependencies.

    ## Example
    ```python
    db = get_db()
    db.execute(select(User))
    ```

    ## Use instead
    ```python
    with contextmanager(get_db)() as db:
        db.execute(select(User))
    ```

    ## Fix safety
    No fix: where the session begins and ends, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A `scoped_session` is both, and is not reported. What a command takes from a generator, once,
    and what an application takes as it stops, goes with the process: it is told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Session Basics": Using a sessionmaker.
    """
    for call in function.calls():
        yield from _receiver(call)
        yield from _arguments(call)
        if call.name is None and call.on.name == kinds.SESSION and _is_made(call.on):
            yield Report(
                call.at,
                f"{_shown(call.op.on)} is a session, not a factory: calling it raises TypeError",
                help="make a `sessionmaker` or `async_sessionmaker`, and call that",
            )
    for one in left_out(function):
        marker = one.marker.rpartition(".")[2]
        yield Report(
            one.param.at,
            f"`{one.param.name}` is left to {_framework(one.marker)} by a call that it does not"
            f" make: it is the `{marker}()` itself there, and its `{one.method}()` raises"
            " AttributeError",
            help="take the session where it is filled in, and hand it over",
            steps=(Note(f"called without it by `{_name(one.caller)}`", one.call.at, one.path),),
        )


def _framework(marker: str) -> str:
    return "FastAPI" if marker.startswith("fastapi.") else f"`{marker.partition('.')[0]}`"


def _receiver(call: Call) -> Iterator[Report]:
    if call.name is None or not _lacks(call, call.on, call.name):
        return
    if any(param.name == call.op.on for param in call.function.typed.function.params):
        return  # its caller is told
    yield Report(
        call.at,
        f"{_shown(call.op.on)} {_LENDS[call.on.name]}; `{call.name}()` raises AttributeError",
        help="use the session it gives",
    )


def _arguments(call: Call) -> Iterator[Report]:
    if not any(kind.name in _LENDS for kind in call.arg_kinds):
        return
    for arg, kind, methods in call.methods_of_arguments():
        wrong = sorted(name for name in methods if _lacks(call, kind, name))
        if wrong:
            yield Report(
                arg.at,
                f"{_shown(arg.value)} {_LENDS[kind.name]}; the `{wrong[0]}()` of the called"
                " function raises AttributeError",
                help="hand over the session it gives",
            )


def _lacks(call: Call, lender: Kind, method: str) -> bool:
    """A session has this method, and what makes or lends it has not."""
    catalog = call.function.project.catalog
    if lender.name not in _LENDS or catalog.member(lender.name, lender.is_async, method):
        return False
    if method in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
        return False  # entered by hand, which is what `with` does
    if lender.name == kinds.GENERATOR and method in ("close", "aclose"):
        return False  # generators have them, too
    lent = call.lent_by(lender)
    if lent is None or lent.name not in _LENT:
        return False
    return catalog.member(lent.name, lent.is_async, method) is not None


def _is_made(session: Kind) -> bool:
    """It was certainly made by `Session()`: annotations say Session of factories, too."""
    return session.owner in ("local", "module") and "subclass" not in session.traits


def _name(label: str) -> str:
    return label.rpartition(":")[2].rpartition(".")[2]


def _shown(operand: Operand | None) -> str:
    return f"`{operand}`" if isinstance(operand, str) and operand[0] != "%" else "this"

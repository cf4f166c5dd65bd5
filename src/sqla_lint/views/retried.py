"""Work on a session that is tried again when it fails, and the session was not rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Op, Ref
from sqla_lint.ir import Function as Code
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.ways import behind

# Decorators that call a function again when it raises, with the place of the exceptions that they
# wait for.
_DECORATORS: dict[str, tuple[int, str]] = {
    "backoff.on_exception": (1, "exception"),
    "retry.retry": (0, "exceptions"),
    "retrying.retry": (-1, "retry_on_exception"),
    "stamina.retry": (-1, "on"),
    "tenacity.retry": (-1, "retry"),
}
# What they are told to call before the next attempt may roll back.
_BETWEEN = frozenset(
    {"after", "before", "before_sleep", "on_backoff", "on_giveup", "retry_error_callback"}
)
_WIDE = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})
_OF_DATABASES = frozenset(
    {"SQLAlchemyError", "DBAPIError", "DatabaseError", "IntegrityError", "InterfaceError"}
    | {"InternalError", "OperationalError", "ProgrammingError", "StaleDataError"}
)
_ENDING = frozenset({"rollback", "close", "aclose", "remove", "reset", "begin_nested", "begin"})
_SENDING = frozenset({"commit", "flush"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


class Retried(NamedTuple):
    """A commit or flush that may fail, and what calls it again. ``at`` lies in the function that is
    looked at."""

    at: Ref
    name: str  # what is called: "commit", or the function that commits
    by: str
    steps: tuple[Note, ...]


def retried(function: Function) -> Iterator[Retried]:
    """Such work of a function: under a decorator, or handed to a function that tries again."""
    sent = _sent(function)
    by = _decorator(function) if sent is not None else ""
    if sent is not None and by:
        yield Retried(sent.at, sent.name or "", by, ())
    yield from _handed(function)


def _sent(function: Function) -> Op | None:
    """The first commit or flush of a session that was there before, in a function that ends it on
    no way."""
    ops = function.positions
    if any(op.do == "call" and op.name in _ENDING for _, _, op in ops):
        return None
    if any(op.do == "enter" and isinstance(op.on, str) for _, _, op in ops) and function.made(
        kinds.SESSION
    ):
        return None
    for number, i, op in ops:
        on = function.typed.on[number][i]
        if op.do == "call" and op.name in _SENDING and on.name in _SESSIONS:
            return op if on.owner != "local" else None
    return None


# --- decorators ----------------------------------------------------------------------------------


def _decorator(function: Function) -> str:
    """The decorator that calls the function again after any failure of the database."""
    if not function.typed.function.decorators or function.catches:
        return ""
    for label, op in _decorated_by(function):
        found = _DECORATORS.get(label)
        if found is None:
            continue
        if op is None:
            return label
        if any(arg.keyword in _BETWEEN or arg.star for arg in op.args):
            continue
        if _waits_for_any(function, op, *found):
            return label
    return ""


def _decorated_by(function: Function) -> Iterator[tuple[str, Op | None]]:
    """The names of the decorators, and the calls that made them."""
    module, parent = function.typed.module, function.typed.function.parent
    scope = module.functions.get(parent, module.body) if parent is not None else module.body
    ops = [op for block in scope.blocks for op in block.ops]
    marks = [
        arg.value
        for op in ops
        if op.do == "closure" and op.name == function.qualname
        for arg in op.args
        if arg.keyword == "decorator"
    ]
    labels = [
        kind.label.removesuffix("()")
        for kind in function.project.knowledge.decorators.get(function.label, ())
        if kind.name in (NAME, FOREIGN)
    ]
    if len(marks) == len(labels):
        for mark, label in zip(marks, labels, strict=True):
            yield label, next((op for op in ops if op.dst == mark and op.do == "call"), None)


def _waits_for_any(function: Function, op: Op, place: int, keyword: str) -> bool:
    given = [arg.value for arg in op.args if arg.keyword == keyword]
    plain = [arg.value for arg in op.args if arg.keyword is None]
    if not given and 0 <= place < len(plain):
        given = [plain[place]]
    if not given:
        return True
    module, parent = function.typed.module, function.typed.function.parent
    scope = module.functions.get(parent, module.body) if parent is not None else module.body
    names: set[str] = set()
    waiting = list(given)
    for _ in range(8):  # `retry_if_exception_type((A, B))`
        if not waiting:
            break
        value = waiting.pop()
        made = [o for b in scope.blocks for o in b.ops if o.dst == value and o.do in _MAKING]
        if made:
            waiting += [arg.value for arg in made[0].args]
        elif isinstance(value, str):
            names.add(value.rpartition(".")[2])
    return bool(names) and names <= _OF_DATABASES | _WIDE


_MAKING = frozenset({"call", "pack"})


# --- functions that call a function again --------------------------------------------------------


def _handed(function: Function) -> Iterator[Retried]:
    knowledge = function.project.knowledge
    for number, i, op in function.call_positions:
        args = function.typed.args[number][i]
        if not any(kind.name in FUNCTIONS for kind in args):
            continue
        callee = called(knowledge, op, function.typed.on[number][i])
        entry = knowledge.functions.get(callee.label)
        if entry is None or entry[1].decorators or entry[1].is_generator:
            continue
        module, code = entry
        pairs = zip(parameters(knowledge, op, callee), args, strict=False)
        for (_, name), kind in pairs:
            again = _calls_again(code, name) if name is not None else None
            work = _work(function, kind) if again is not None else None
            sent = _sent(work) if work is not None else None
            if again is None or work is None or sent is None or work.catches:
                continue
            steps = (
                Note("this may fail", sent.at, elsewhere(function, work.typed.module.path)),
                Note("tried again here", again.at, elsewhere(function, module.path)),
            )
            by = callee.label.rpartition(":")[2]
            yield Retried(op.at, work.qualname, by, steps)


def _work(function: Function, kind: Kind) -> Function | None:
    typed = function.project.typed.get(kind.label)
    return function.of(typed) if kind.name in FUNCTIONS and typed else None


def _calls_again(code: Code, name: str) -> Op | None:
    """Where a function calls its parameter in a loop, which goes on when that raises."""
    ops = [op for block in code.blocks for op in block.ops]
    if any(op.do == "call" and op.name in _ENDING for op in ops):
        return None
    if any(op.dst == name for op in ops):
        return None
    for number, block in enumerate(code.blocks):
        for op in block.ops:
            if op.do != "call" or op.on != name or op.name is not None or not block.loops:
                continue
            for handler in code.blocks[block.exc].handlers:
                wide = not handler.types or any(_is_wide(one) for one in handler.types)
                if wide and number in behind(code.blocks, [handler.to]):
                    return op
    return None


def _is_wide(ann: Ann) -> bool:
    if ann.kind == "tuple":
        return any(_is_wide(one) for one in ann.args)
    return ann.name.rpartition(".")[2] in _OF_DATABASES | _WIDE

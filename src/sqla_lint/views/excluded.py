"""Branches that no call of the program takes: `if session is None`, and all calls give one."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Const, Op, Operand, Place, Ref
from sqla_lint.project.allowed import NAMES, never
from sqla_lint.project.bodies import may_say
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Position
from sqla_lint.project.entry import is_own
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import MODULE
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.views.beside import HANDLES
from sqla_lint.views.conditions import passed_tests
from sqla_lint.views.dead import is_all_in_program
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function
from sqla_lint.views.nevergiven import is_never_given
from sqla_lint.views.nones import perhaps_none
from sqla_lint.views.sql import reader
from sqla_lint.ways import behind

# What tests a name: what is tested, and what for; and what the test says there.
_Test = tuple[Place, str, bool]
# Calls are looked at until so many gave it.
CALLS = 60


def is_excluded(function: Function, at: Ref) -> bool:
    """An expression is only come to where a parameter is what no call in the program gives, or an
    attribute what no object is made with. Not in what others may call: of a library, or of a class
    that stands on one of others."""
    code = function.typed.function
    if code.kind == "def" and _needs_what_is_never_given(function, at):
        return True
    if code.kind != "def" or function.entry or code.decorators or "<locals>" in code.qualname:
        return False
    if not is_own(code) and not is_all_in_program(function):
        return False
    knowledge = function.project.knowledge
    in_class = code.parent in function.typed.module.classes
    if in_class and not is_all_known(knowledge, function.label):
        return False
    places = [(n, i) for n, i, op in function.positions if op.at == at]
    if not places:
        return False
    frame = reader(function.project).frames.of(function.label)
    return frame is not None and all(
        any(_is_never_so(function, test) for test in _tests(frame, place)) for place in places
    )


def _needs_what_is_never_given(function: Function, at: Ref) -> bool:
    """`if self.session is None: return` stands before it, and no object has one."""
    places = [(n, i) for n, i, op in function.positions if op.at == at]
    frame = reader(function.project).frames.of(function.label) if places else None
    return frame is not None and all(
        any(
            test.holds is (test.is_ == "true")
            and "." in test.place
            and test.place[0] != "%"
            and is_never_given(function, test.place)
            for _, test in passed_tests(frame, place)
        )
        for place in places
    )


def _tests(frame: Frame, at: Position) -> Iterator[_Test]:
    """What surely holds of parameters, as they were given, where an operation is."""
    code = frame.typed.function
    params = {param.name for param in code.params if param.kind in ("normal", "keyword")}
    for number, test in passed_tests(frame, at):
        end = (number, len(code.blocks[number].ops))
        if _as_given(frame, test.place, end, params):
            yield test.place, test.is_, test.holds
            continue
        made = _made(frame, test.place, end)  # `own = session is None`
        op = frame.op(made) if made is not None else None
        if made is None or op is None or test.is_ != "true" or op.do != "compare":
            continue
        if op.name not in ("is", "is not") or [arg.value for arg in op.args] != [Const(None)]:
            continue
        if isinstance(op.on, str) and _as_given(frame, op.on, made, params):
            yield op.on, "none", test.holds is (op.name == "is")


def _as_given(frame: Frame, place: Place, at: Position, params: set[Place]) -> bool:
    if place not in params:
        return False
    found = frame.graph.definitions(place, at, never)
    return found.entry and not found.positions


def _made(frame: Frame, place: Place, at: Position) -> Position | None:
    """The one operation that gives a name its value there."""
    for _ in range(NAMES):
        found = frame.graph.definitions(place, at, never)
        if found.entry or len(found.positions) != 1:
            return None
        at = found.positions[0]
        op = frame.op(at)
        if op.do != "move" or not isinstance(op.on, str):
            return at
        place = op.on
    return None


def _is_never_so(function: Function, test: _Test) -> bool:
    """All calls are known by name, there is one, and each gives the parameter something else."""
    name, is_, holds = test
    param = next(one for one in function.typed.function.params if one.name == name)
    count = 0
    for given in _given(function, name):
        count += 1
        if given is None or count > CALLS:
            return False
        operand = param.default if given.operand == name and given.ref < 0 else given.operand
        if isinstance(operand, Const):
            answer: bool | None = operand.value is None if is_ == "none" else bool(operand.value)
        elif operand is not None and _is_object(function, given):
            answer = is_ == "true"
        else:
            answer = None
        if answer is None or answer is holds:
            return False
    return count > 0


def _is_object(function: Function, there: Spot) -> bool:
    """A session or connection, or what the caller has called methods of: not None."""
    if perhaps_none(reader(function.project), there, 0):
        return False
    if there.kind.name in HANDLES:
        return True
    blocks = there.frame.typed.function.blocks
    return any(
        op.do == "call" and op.on == there.operand and op.name is not None
        for number, block in enumerate(blocks)
        for op in block.ops[: there.at[1] if number == there.at[0] else None]
        if number == there.at[0]
        or there.at[0] not in behind(blocks, [ENTRY], stop={number}, caught=True)
    )


def _given(function: Function, parameter: str) -> Iterator[Spot | None]:
    """What each call in the program gives for a parameter; None where that is not known, or where
    the function is handed on."""
    project, code = function.project, function.typed.function
    name = code.qualname.rpartition(".")[2].partition("#")[0]
    for label, (module, other) in project.knowledge.functions.items():
        if other is code or project.knowledge.told.is_test(module.path) or not may_say(other, name):
            continue
        frame: Frame | None = None
        for number, block in enumerate(other.blocks):
            for i, op in enumerate(block.ops):
                if op.do == "closure" or not _says(op, name):
                    continue
                if op.do == "import":
                    if op.dst is not None and op.dst.rpartition(".")[2] not in (name, "", "*"):
                        yield None  # by another name
                    continue
                frame = frame or reader(project).frames.of(label)
                if frame is None or not _is_call(op, name):
                    yield None
                elif not _is_of_another(function, frame, (number, i)):
                    yield _argument(function, frame, (number, i), parameter)


def _says(op: Op, name: str) -> bool:
    return name in names_in(op) or any(
        text == name or text.endswith((f".{name}", f":{name}")) for text in texts_in(op)
    )


def _is_call(op: Op, name: str) -> bool:
    """It calls a function of that name, and does nothing else with it."""
    mine = op.name == name if op.name is not None else str(op.on).rpartition(".")[2] == name
    others: list[Operand | None] = [arg.value for arg in op.args]
    if op.name is not None:
        others.append(op.on)
    return (
        op.do == "call"
        and mine
        and not any(isinstance(one, str) and name in one.split(".") for one in others)
        and not any(arg.star for arg in op.args)
    )


def _is_of_another(function: Function, frame: Frame, at: Position) -> bool:
    """The call is known to be of another function of that name."""
    run = called(function.project.knowledge, frame.op(at), frame.typed.on[at[0]][at[1]])
    return ":" in run.label and run.label != function.label and run.name == kinds.FUNCTION


def _argument(function: Function, frame: Frame, at: Position, parameter: str) -> Spot | None:
    """What a call gives for a parameter. With no place in the source: the default."""
    code, op, on = function.typed.function, frame.op(at), frame.typed.on[at[0]][at[1]]
    run = called(function.project.knowledge, op, on)
    if run.label == function.label:
        names = [name for _, name in parameters(function.project.knowledge, op, run)]
        if None in names:
            return None
    else:
        is_method = code.parent in function.typed.module.classes
        if is_method and (op.name is None or on.name in (kinds.CLASS, MODULE)):
            return None
        positional = [one.name for one in code.params if one.kind in ("positional", "normal")]
        left = positional[1:] if is_method else positional
        names = []
        for arg in op.args:
            names.append(arg.keyword or (left.pop(0) if left else None))
    for name, spot in zip(names, frame.args(at), strict=False):
        if name == parameter:
            return spot
    return Spot(frame, parameter, at, on, -1)

"""Expired objects that the generator of an answer of Flask reads, when the request is over."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import direct
from sqla_lint.flow.root import NOWHERE
from sqla_lint.flow.solve import solve
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Op, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import class_name, dotted_label
from sqla_lint.views.beside import original
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.handedover import Later, is_bound

_RESPONSES = frozenset(
    {"flask.Response", "flask.wrappers.Response", "flask.current_app.response_class"}
)
_BODY = frozenset({None, "response"})
# When the answer is given, what has expired stays so: the session is removed before it is read.
_STREAMED: Protocol = protocols.LOADED_SYNC._replace(
    moves={**protocols.LOADED_SYNC.moves, ("expired", "bulk"): "raised"}
)


def read_while_streamed(function: Function) -> Iterator[Later]:
    """Columns that the generator of a streamed answer reads of objects that have expired."""
    for operation in function.operations():
        op, on = operation.op, operation.on
        label = dotted_label(on, op.name)
        if op.do != "call" or label not in _RESPONSES:
            continue
        body = next((arg for arg in op.args if arg.keyword in _BODY and not arg.star), None)
        call = function.maker(body.value) if body is not None else None
        if call is not None and call.op.do == "call":
            yield from _of_generator(function, call)


def _of_generator(function: Function, call: Operation) -> Iterator[Later]:
    knowledge = function.project.knowledge
    callee = called(knowledge, call.op, call.on)
    entry = knowledge.functions.get(callee.label)
    if entry is None or not entry[1].is_generator or entry[1].is_async:
        return
    if knowledge.decorators.get(callee.label):  # `stream_with_context`
        return
    name = class_name(callee.label)
    pairs = list(parameters(knowledge, call.op, callee))
    for (arg, param), kind in zip(pairs, call.arg_kinds, strict=False):
        if param is None or kind.name != kinds.ENTITY or not isinstance(arg.value, str):
            continue
        for read in _reads(entry[1], param):
            if _is_expired(function, call.op, arg.value, kind.label, str(read.name)):
                yield Later(arg.at, _name(kind.label), str(read.name), read, entry[0].path, name)
                break


def _reads(code: Code, param: str) -> Iterator[Op]:
    """What a generator reads of a parameter that it does nothing else with."""
    ops = [op for block in code.blocks for op in block.ops]
    if any(op.dst == param or any(arg.value == param for arg in op.args) for op in ops):
        return
    yield from (op for op in ops if op.do == "getattr" and op.on == param and op.name)


def _is_expired(function: Function, call: Op, value: str, model: str, name: str) -> bool:
    attribute = mapped(function.project, model, name)
    position = function.position(call)
    if attribute is None or attribute.column is None or position is None:
        return False
    entities = reader(function)
    names: set[Operand] = {value, original(function, value)}
    for origin in entities.origins(function):
        made = origin.root.position
        if made == NOWHERE or origin.model != model or not _is_of_request(function, origin):
            continue
        start = entities.start(origin, direct(model, attribute))
        if not start or attribute.load != "eager" or not is_bound(function, made, names):
            continue
        effects = entities.effects_of(function, origin, attribute)
        effects.watched = call
        protocol = _STREAMED._replace(start=start)
        ends = solve(
            function.typed,
            protocol,
            (origin.root,),
            effects,
            Confidence.PLAIN,
            {position: "bulk"},
        ).ends
        if any(e.way == "fault" and e.state == "raised" for e in ends):
            return True
    return False


def _is_of_request(function: Function, origin: Origin) -> bool:
    """The session is that of the request; another one, somebody may keep open."""
    typed = function.project.typed.get(origin.callee)
    roots = function.request_session()
    roots = roots or (function.of(typed).request_session() if typed is not None else ())
    return any("request-scoped" in root.kind.traits for root in roots)


def _name(label: str) -> str:
    return class_name(label)

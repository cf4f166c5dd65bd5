"""The options that a program gives to an engine, its pool and its driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import drivers, kinds
from sqla_lint.catalog.drivers import Problem
from sqla_lint.ir import Const, Operand, Ref
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.sqltext import HOLE
from sqla_lint.views.configuration import given, makes_engine
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.written import only_binding

_FLASK_OPTIONS = "SQLALCHEMY_ENGINE_OPTIONS"


class Option(NamedTuple):
    """An option with its value, and where the value stands."""

    name: str
    value: Operand
    kind: Kind
    at: Ref


def engine_options(operation: Operation) -> tuple[Option, ...]:
    """The keywords of a call that makes an engine, or the keys of Flask-SQLAlchemy's options."""
    op = operation.op
    if makes_engine(operation):
        return tuple(
            Option(arg.keyword, arg.value, kind, arg.at)
            for arg, kind in zip(op.args, operation.arg_kinds, strict=True)
            if arg.keyword is not None
        )
    value: Operand | None = None
    if op.do == "setitem" and len(op.args) == 2 and op.args[0].value == Const(_FLASK_OPTIONS):
        value = op.args[1].value
    elif op.do == "move" and op.dst == _FLASK_OPTIONS:
        value = op.on
    return tuple(_items(operation.function, value))


def _items(function: Function, operand: Operand | None) -> Iterator[Option]:
    """The keys and values of a dictionary that is written here."""
    made = function.maker(operand)
    if made is None and isinstance(operand, str):
        bound = only_binding(function.typed.function, operand)
        made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    if made is None or made.op.do != "pack" or made.op.name != "dict":
        return
    if any(arg.star for arg in made.op.args):
        return
    keys, values = made.op.args[::2], made.op.args[1::2]
    for key, value, kind in zip(keys, values, made.arg_kinds[1::2], strict=False):
        if isinstance(key.value, Const) and isinstance(key.value.value, str):
            yield Option(key.value.value, value.value, kind, value.at)


def option_problems(operation: Operation) -> Iterator[tuple[Ref, Problem]]:
    """What is wrong with the options of an engine."""
    options = engine_options(operation)
    if not options:
        return
    maker = makes_engine(operation)
    url = given(operation, 0, "url") if maker else None
    known = url is not None and url[1].name == kinds.STR and url[1].label not in ("", HOLE)
    text = url[1].label if url is not None and known else ""
    dialect = drivers.dialect_of(text)
    is_async = maker == "create_async_engine"
    pool = _pool(operation, options, text)
    for option in options:
        problem = (
            drivers.option_problem(option.name, dialect)
            or drivers.pool_problem(option.name, pool)
            or _value_problem(option)
        )
        if problem is not None:
            yield option.at, problem
        elif option.name == "connect_args" and text:
            for inner in _items(operation.function, option.value):
                wrong = drivers.connect_option_problem(inner.name, text)
                if wrong is not None:
                    yield inner.at, wrong
        elif option.name == "poolclass" and is_async and pool in drivers.SYNC_POOLS:
            yield (
                option.at,
                Problem(
                    f"`{pool}` cannot be used with an async engine: ArgumentError",
                    "leave `poolclass` out, or use `AsyncAdaptedQueuePool`",
                ),
            )


def _pool(operation: Operation, options: tuple[Option, ...], url: str) -> str:
    for option in options:
        if option.name in ("poolclass", "pool", "creator"):
            named = option.name == "poolclass" and option.kind.name == NAME
            return option.kind.label.rpartition(".")[2] if named else ""
    star = any(arg.star for arg in operation.op.args)
    return "" if star else drivers.pool_of(url, operation.function.target)


def _value_problem(option: Option) -> Problem | None:
    if option.kind.name != kinds.STR:
        return None
    from_environment = "environ" in option.kind.traits
    whole = isinstance(option.value, Const)
    if not whole and not from_environment:
        return None
    return drivers.string_problem(option.name, from_environment, option.kind.label if whole else "")

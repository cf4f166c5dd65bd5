"""How the project makes rows, and asks for them: which attributes the objects of a class are
given, which columns the statements of a module write, whether `Model.query` is read. By name only:
good for silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import ENTRY, EXIT, Const, Function, Module, Op
from sqla_lint.project.bodies import may_say
from sqla_lint.project.kind import class_name
from sqla_lint.project.mapping import Model, Table
from sqla_lint.views.project import Project
from sqla_lint.ways import behind

_ADDING = frozenset({"add", "add_all", "merge"})


class Making(NamedTuple):
    """A row that is made: the names it is given, and whether it may be given others."""

    words: frozenset[str]
    open: bool = False


def objects_made(project: Project, model: Model) -> Iterator[Making]:
    """The calls of a class by its name, in code that is no test."""
    for _, op in _made(project, model):
        words = frozenset(arg.keyword for arg in op.args if arg.keyword)
        open_ = any(arg.star or arg.keyword is None for arg in op.args)
        yield Making(words, open_)


def _made(project: Project, model: Model) -> Iterator[tuple[Function, Op]]:
    for module in project.linked.knowledge.index.modules.values():
        if project.is_test(module.path):
            continue
        for function in module.functions.values():
            if not may_say(function, model.name):
                continue
            for op in _calls(function):
                if (op.name or str(op.on).rpartition(".")[2]) == model.name:
                    yield function, op


def is_never_left_out(project: Project, model: Model, name: str) -> bool:
    """Every object that is saved has its own value of an attribute: whoever makes one gives it, or
    the class does."""
    given = is_always_given(objects_made(project, model), name)
    return given or _gives_itself(project, model, name)


def _gives_itself(project: Project, model: Model, name: str) -> bool:
    """Every object of a class has its own value of an attribute before it is saved: from its
    constructor, or from the method that adds it, which whoever makes one calls."""
    knowledge = project.linked.knowledge
    init = knowledge.functions.get(knowledge.classes.method(model.label, "__init__") or "")
    if init is not None and EXIT not in _without(init[1], name):
        return True
    for label in _methods(project, model):
        code = knowledge.functions[label][1]
        if may_say(code, name) and _is_set_before_added(code, name):
            saving = label.rpartition(".")[2]
            makers = [maker for maker, _ in _made(project, model)]
            return bool(makers) and all(
                any(op.name == saving for op in _calls(maker)) for maker in makers
            )
    return False


def _methods(project: Project, model: Model) -> Iterator[str]:
    info = project.linked.knowledge.classes.get(model.label)
    for label in info.methods.values() if info is not None else ():
        if label in project.linked.knowledge.functions:
            yield label


def _is_set_before_added(code: Function, name: str) -> bool:
    own = code.params[0].name if code.params else ""
    adding = [
        (number, i)
        for number, block in enumerate(code.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "call" and op.name in _ADDING and any(arg.value == own for arg in op.args)
    ]
    without = _without(code, name)
    given = dict(_given(code, name))
    return bool(adding) and all(
        number not in without or given.get(number, i) < i for number, i in adding
    )


def _without(code: Function, name: str) -> set[int]:
    """The blocks that a way comes to which gives the object of a method no value before them."""
    return behind(code.blocks, [ENTRY], stop=dict(_given(code, name)), caught=True)


def _given(code: Function, name: str) -> Iterator[tuple[int, int]]:
    """Where a method sets an attribute of its object, to something else than the None that stands
    for a parameter that was left out: for that the default of the column is taken."""
    own = code.params[0].name if code.params else ""
    bound = {op.dst for op in _ops(code)}
    perhaps = {p.name for p in code.params if p.default == Const(None)} - bound
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "setattr" and op.on == own and op.name == name:
                value = op.args[0].value
                if value != Const(None) and value not in perhaps:
                    yield number, i
                    break


def rows_written(project: Project, table: Table) -> Iterator[Making]:
    """What ``.values(...)`` of the table's module write that has a name of its columns."""
    module = project.linked.knowledge.index.modules.get(table.module)
    names = {column.db_name for column in table.columns}
    for function in module.functions.values() if module is not None else ():
        if not may_say(function, "values"):
            continue
        packs = {op.dst: op for op in _ops(function) if op.do == "pack" and op.name == "dict"}
        for op in _calls(function):
            if op.name != "values":
                continue
            words = {arg.keyword for arg in op.args if arg.keyword}
            open_ = any(arg.star for arg in op.args)
            for arg in op.args:
                pack = packs.get(str(arg.value)) if arg.keyword is None and not arg.star else None
                keys = [one.value for one in pack.args[::2]] if pack is not None else []
                words |= {str(key.value) for key in keys if isinstance(key, Const)}
                whole = pack is not None and not any(one.star for one in pack.args)
                open_ |= arg.keyword is None and not (
                    whole and all(isinstance(key, Const) for key in keys)
                )
            if words & names or open_:
                yield Making(frozenset(words), open_)


def is_always_given(makings: Iterator[Making], name: str) -> bool:
    """Every row that is seen to be made is given a value for a column; and some are."""
    found = list(makings)
    return bool(found) and all(name in making.words for making in found)


def is_left_out(makings: Iterator[Making], name: str) -> bool:
    """Some row is surely made without a value for a column."""
    return any(name not in making.words and not making.open for making in makings)


def updates(project: Project, module_name: str) -> bool:
    """Some function of a module makes an UPDATE: one of `on_conflict_do_update()` does not count,
    which leaves out what ``onupdate=`` says."""
    module: Module | None = project.linked.knowledge.index.modules.get(module_name)
    return module is not None and any(
        (op.name or str(op.on).rpartition(".")[2]) == "update"
        for function in module.functions.values()
        if may_say(function, "update")
        for op in _calls(function)
    )


def is_queried(project: Project, label: str) -> bool:
    """Some code reads ``Model.query`` of a class by its name."""
    name = class_name(label)
    return any(
        op.name == "query" and op.do == "getattr" and str(op.on).rpartition(".")[2] == name
        for module in project.linked.knowledge.index.modules.values()
        for function in module.functions.values()
        if may_say(function, name)
        for op in _ops(function)
    )


def _calls(function: Function) -> Iterator[Op]:
    return (op for op in _ops(function) if op.do == "call")


def _ops(function: Function) -> Iterator[Op]:
    return (op for block in function.blocks for op in block.ops)

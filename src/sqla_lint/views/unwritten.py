"""Tables of Core into which a program writes by text only, or not at all: what a column's default
says reaches no row. By name only: good for silence."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Ann, Const, Function, Op, Operand
from sqla_lint.project.bodies import may_say
from sqla_lint.project.entry import entries_beside
from sqla_lint.project.kind import class_name
from sqla_lint.project.mapping import Table
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.views.project import Project

_MAPPERS = frozenset({"map_imperatively", "mapper"})
# What goes through tables without their names, and what takes one out by a name.
_THROUGH = ("sorted_tables", "tables", "automap_base", "reflect")


def is_unwritten(project: Project, table: Table) -> bool:
    """No code but its mapping has the variable of a table, or its name as a key, nor the class that
    is mapped to it; and the table is of a program, whose code is here."""
    name = _variable(project, table)
    knowledge = project.linked.knowledge
    if not name.isidentifier() or table.module.partition(".")[0] not in entries_beside(knowledge):
        return False
    classes: set[str] = set()
    for op in _saying(project, {name, table.name} - {""}):
        called = op.name or str(op.on).rpartition(".")[2]
        if op.do == "call" and called == "Table":
            continue
        if op.do == "getattr" and str(op.dst).rpartition(".")[2] == name:
            continue  # to be read, by what comes next
        if op.do == "move" and op.dst == "__tablename__":
            continue  # of another mapping
        if op.do != "call" or called not in _MAPPERS or not isinstance(op.args[0].value, str):
            return False
        classes.add(op.args[0].value.rpartition(".")[2])
    return not _goes_through(project) and not any(_is_used(project, one) for one in classes)


def _variable(project: Project, table: Table) -> str:
    """The variable or attribute that a table is kept in; "" when there is no one."""
    name = class_name(table.label)
    if name.isidentifier():
        return name
    module = project.linked.knowledge.index.modules.get(table.module)
    for function in module.functions.values() if module is not None else ():
        ops = list(_ops(function))
        made = {op.dst for op in ops if op.do == "call" and op.at == table.at}
        kept = [op for op in ops if op.do in ("setattr", "move") and _first(op) in made]
        if len(kept) == 1:
            return kept[0].name or str(kept[0].dst)
    return ""


def _first(op: Op) -> Operand | None:
    return op.args[0].value if op.do == "setattr" and op.args else op.on


def _is_used(project: Project, name: str) -> bool:
    """Some code, beside what maps it, has the name of a class."""
    for op in _saying(project, {name}):
        if (op.name or str(op.on).rpartition(".")[2]) in _MAPPERS or op.do == "closure":
            continue
        if op.do == "getattr" and str(op.dst).rpartition(".")[2] == name:
            continue
        if op.do == "import" and str(op.dst).rpartition(".")[2] == name:
            continue  # to be said by what comes next
        return True
    return any(
        ann is not None and name in _words(ann)
        for function in _functions(project)
        for ann in (*(param.ann for param in function.params), function.returns)
    )


def _words(ann: Ann) -> set[str]:
    return set(ann.name.split(".")).union(*(_words(one) for one in ann.args))


def _goes_through(project: Project) -> bool:
    for function in _functions(project):
        if any(
            op.name == word or (op.do == "call" and op.on == word)
            for word in _THROUGH
            if may_say(function, word)
            for op in _ops(function)
            if op.do in ("getattr", "call")
        ):
            return True
        if not may_say(function, "insert") or not any(
            "insert" in names_in(op) for op in _ops(function)
        ):
            continue
        if any(
            op.do == "call" and op.on == "getattr" and not isinstance(op.args[1].value, Const)
            for op in _ops(function)
            if len(op.args) > 1
        ):
            return True
    return False


def _saying(project: Project, words: set[str]) -> Iterator[Op]:
    """The operations that say one of these names, or hold a text that is one."""
    for function in _functions(project):
        if any(may_say(function, word) for word in words):
            for op in _ops(function):
                if not words.isdisjoint(names_in(op)) or not words.isdisjoint(texts_in(op)):
                    yield op


def _functions(project: Project) -> Iterator[Function]:
    for module in project.linked.knowledge.index.modules.values():
        if not project.is_test(module.path):
            yield from module.functions.values()


def _ops(function: Function) -> Iterator[Op]:
    return (op for block in function.blocks for op in block.ops)

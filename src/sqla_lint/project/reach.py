"""Which functions run again and again: for every request, for every task, through which calls."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.catalog.frameworks import DEPENDENCIES, RUN_AGAIN, depends
from sqla_lint.ir import MODULE_BODY, Ann, Function, Module
from sqla_lint.project.entry import entry
from sqla_lint.project.kind import MODULE, NAME, dotted_label
from sqla_lint.project.linked import Project
from sqla_lint.ways import passes_by

# Calls are followed from an entry point no further than this: a longer way is hard to believe.
CALL_CHAIN = 4

# Decorators that leave it to the calls how often a function runs.
_PLAIN = frozenset(
    {"contextmanager", "asynccontextmanager", "staticmethod", "classmethod", "override"}
)

_REPEATED = frozenset({"route", "task", "handler"})

Chain = tuple[str, ...]  # labels, from the entry point to the function


def reached(project: Project) -> dict[str, Chain]:
    """Functions that every run of a route, task or dependency calls, with the first and
    shortest way there. A call that a helper makes on some ways only is not followed."""
    starts: dict[str, Chain] = {label: (label,) for label in _starts(project)}
    return _spread(project, starts | _of_scripts(project))


def _of_scripts(project: Project) -> dict[str, Chain]:
    """What the body of a script calls that a framework runs anew for each interaction."""
    found: dict[str, Chain] = {}
    imported = {name for names in project.imports.values() for name in names}
    for module, names in project.knowledge.globals.items():
        body = f"{module}:{MODULE_BODY}"
        if body not in project.knowledge.functions or module in imported:
            continue
        if not any(k.name == NAME and k.label in RUN_AGAIN for k in names.values()):
            continue
        for callee in _callees(project, body):
            if _runs_plainly(project, callee):
                found[callee] = (body, callee)
    return found


def looped(project: Project) -> dict[str, Chain]:
    """Functions that a loop calls in its turns; the chain starts with the function of the loop."""
    found: dict[str, Chain] = {}
    for label, (module, function) in project.knowledge.functions.items():
        if project.knowledge.told.is_test(module.path) or not any(
            block.loops for block in function.blocks
        ):
            continue
        called = {
            name
            for block in function.blocks
            if block.loops
            for op in block.ops
            if op.do == "call"
            for name in (op.name, op.on if op.name is None else None)
        }
        for callee in _callees(project, label):
            last = callee.rpartition(":")[2].rpartition(".")[2]
            if last in called and callee != label and _runs_plainly(project, callee):
                found.setdefault(callee, (label, callee))
    return _spread(project, found)


def _spread(project: Project, starts: dict[str, Chain]) -> dict[str, Chain]:
    found = dict(starts)
    waiting = list(found)
    while waiting:
        label = waiting.pop(0)
        chain = found[label]
        if len(chain) > CALL_CHAIN:
            continue
        for callee in _callees(project, label):
            if callee in found or callee not in project.knowledge.functions:
                continue
            if not _runs_plainly(project, callee):
                continue
            if len(chain) == 1 or _always_calls(project, label, callee):
                found[callee] = (*chain, callee)
                waiting.append(callee)
    return found


def _starts(project: Project) -> Iterator[str]:
    knowledge = project.knowledge
    for label, (module, function) in knowledge.functions.items():
        if knowledge.told.is_test(module.path):
            continue
        if entry(module, function, knowledge) in _REPEATED:
            yield label
        for param in function.params:
            for name in _dependencies(param.ann) if param.ann is not None else ():
                given_by = _function_named(project, module, name)
                if _runs_plainly(project, given_by):
                    yield given_by
    for typed in project.typed.values():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, args = typed.on[number][i], typed.args[number][i]
                if op.do != "call" or on.name != NAME or not args:
                    continue
                marks = depends(dotted_label(on, op.name))
                if not marks or args[0].name != kinds.FUNCTION:
                    continue
                if _runs_plainly(project, args[0].label):
                    yield args[0].label


def _dependencies(ann: Ann) -> Iterator[str]:
    """The names in `Annotated[Session, Depends(get_db)]`."""
    if ann.kind == "call" and ann.args[0].name.rpartition(".")[2] in DEPENDENCIES:
        yield from (one.name for one in ann.args[1:2] if one.kind == "name")
    for one in ann.args:
        yield from _dependencies(one)


def _function_named(project: Project, module: Module, name: str) -> str:
    """The label of a function of the project by the name it has in a module; "" for others."""
    first, _, rest = name.partition(".")
    kind = project.knowledge.globals.get(module.name, {}).get(first)
    if kind is None or (rest and kind.name != MODULE):
        return ""
    return f"{kind.label}:{rest}" if rest else kind.label


def _runs_plainly(project: Project, label: str) -> bool:
    """Each call of it runs it: no decorator that is unknown, or that remembers answers."""
    return label in project.knowledge.functions and all(
        decorator.label.rpartition(".")[2] in _PLAIN
        for decorator in project.knowledge.decorators.get(label, ())
    )


def _callees(project: Project, label: str) -> Iterator[str]:
    """The functions of the project that a function calls: it has asked what they return."""
    inferred = project.inferred.get(label)
    for question in inferred.asked if inferred is not None else ():
        if question[0] == "summary":
            yield question[1]
        elif question[0] == "class":
            yield from _constructor(project, label, question[1])


def _constructor(project: Project, label: str, of: str) -> Iterator[str]:
    """The `__init__` of a class of which a function makes an object."""
    entry = project.knowledge.functions.get(label)
    name = of.rpartition(":")[2].rpartition(".")[2]
    made = entry is not None and any(
        op.do == "call" and name in (op.name, op.on if op.name is None else None)
        for block in entry[1].blocks
        for op in block.ops
    )
    method = project.knowledge.classes.method(of, "__init__") if made else None
    if method is not None:
        yield method


def _always_calls(project: Project, label: str, callee: str) -> bool:
    """No normal way through a function avoids its calls of another."""
    name = callee.rpartition(":")[2].removesuffix(".__init__").rpartition(".")[2]
    function = project.knowledge.functions[label][1]
    calling = {
        number
        for number, block in enumerate(function.blocks)
        for op in block.ops
        if op.do == "call" and name in (op.name, op.on if op.name is None else None)
    }
    return bool(calling) and not passes_by(function, calling)


def is_endless(function: Function) -> bool:
    """Only an exception ends its loop."""
    return any(block.loops for block in function.blocks) and not passes_by(function, set())

"""Functions whose program ends with them: what they hold goes with it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.ir import MODULE_BODY, RAISED, Block, Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.project.bodies import may_say
from sqla_lint.project.entry import entry
from sqla_lint.project.kind import MODULE
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.reach import is_endless
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.spelled import mentions
from sqla_lint.views.tables import takers

_SETTING = "set_defaults"
# Callers of callers are followed no further than this.
CALLERS = 4


def ends_program(function: Function) -> bool:
    """A failure of the function ends the program: its module is run as a script of a project that
    serves no requests, and none of its callers in the module catches anything or loops."""
    return not function.serves_requests and _is_of_script(
        function.typed.module, function.typed.function
    )


def _is_of_script(module: Module, code: Code) -> bool:
    if not _is_script(module):
        return False
    wanted = {code.qualname.rpartition(".")[2]}
    seen: set[str] = set()
    for _ in range(CALLERS):
        callers: set[str] = set()
        for other in module.functions.values():
            for block in other.blocks:
                for op in block.ops:
                    named = op.name or (op.on if op.do == "call" else None)
                    if op.do != "call" or named not in wanted:
                        if any(arg.value in wanted for arg in op.args):
                            return False  # somebody else calls it
                        continue
                    if block.exc != RAISED or block.loops:
                        return False  # what goes on and on is started again when it fails
                    callers.add(other.qualname.rpartition(".")[2])
        seen |= wanted
        wanted = callers - seen - {MODULE_BODY}
        if not wanted:
            return True
    return False


def _is_script(module: Module) -> bool:
    """``if __name__ == "__main__":``"""
    return any(
        op.do == "compare"
        and op.on == "__name__"
        and any(arg.value == Const("__main__") for arg in op.args)
        for block in module.functions[MODULE_BODY].blocks
        for op in block.ops
    )


def is_command(function: Function) -> bool:
    """A command line runs it once, and then the process ends: a command, the one function of a
    script, or a function inside of these."""
    return is_command_code(function, function.typed.module, function.qualname)


def is_command_code(function: Function, module: Module, qualname: str) -> bool:
    """The same of any function of the project."""
    knowledge = function.project.knowledge
    parts = qualname.split(".<locals>.")
    names = [".<locals>.".join(parts[: i + 1]) for i in range(len(parts))]
    around = [module.functions[name] for name in names if name in module.functions]
    return any(
        (entry(module, code, knowledge) == "command" and not _is_called_too(function, module, code))
        or f"{module.name}:{code.qualname}" in _of_parsers(function)
        or _is_main(module, code)
        for code in around
    )


def _is_called_too(function: Function, module: Module, code: Code) -> bool:
    """A call makes a command of it, which leaves its name to whoever calls it, and others do than
    commands and scripts."""
    knowledge, name = function.project.knowledge, code.qualname.rpartition(".")[2]
    if f"{module.name}:{code.qualname}" not in knowledge.announced:
        return False
    return any(
        _calls(there, op, name, knowledge)
        and other.kind != "module"
        and entry(there, other, knowledge) != "command"
        for there, other, _, op in mentions(function, name)
    )


def _calls(module: Module, op: Op, name: str, knowledge: Knowledge) -> bool:
    """A call of a function by its name, or of a module's function."""
    if op.do != "call" or not isinstance(op.on, str):
        return False
    if op.name is None:
        return op.on.rpartition(".")[2] == name
    return op.name == name and knowledge.global_name(module, op.on).name == MODULE


def _is_for_commands(function: Function) -> bool:
    """Commands alone call the function, each once, and what it raises ends them, or take it out of
    a table: nothing else of the project that may load its module, tests aside, so much as says its
    name."""
    name = function.qualname.rpartition(".")[2]
    if function.typed.function.decorators:
        return False
    called = False
    for module, code, block, op in own_mentions(function):
        calling = [(module, code)]
        if op.do != "call" or any(arg.value == name for arg in op.args):
            calling = takers(function, module, code, op, name)  # each of a table runs once
        elif block.exc != RAISED or block.loops:
            return False
        if not calling or not all(_is_run_by_commands(function, *one) for one in calling):
            return False
        called = True
    return called


def own_mentions(function: Function) -> Iterator[tuple[Module, Code, Block, Op]]:
    """Where the project, tests aside, says the function's name, and may mean the function."""
    for module, code, block, op in mentions(function, function.qualname.rpartition(".")[2]):
        if not _means_another(function, module):
            yield module, code, block, op


def _means_another(function: Function, module: Module) -> bool:
    """A module does not load a function's, itself or by way of others, and what it calls by the
    function's name is something else. Where modules are loaded by strings that is told of scripts
    alone."""
    own, imports = function.typed.module, function.project.models.imports
    if imports.by_name() and not _is_script(own):
        return False
    return module.name not in imports.leading_to(own.name)


def _is_run_by_commands(function: Function, module: Module, code: Code) -> bool:
    return is_command_code(function, module, code.qualname) and not is_endless(code)


@per_project
def _of_parsers(function: Function) -> frozenset[str]:
    """What `argparse` is to call for a command: ``parser.set_defaults(func=show)``."""
    found: set[str] = set()
    for module in function.project.knowledge.index.modules.values():
        for code in module.functions.values():
            if not may_say(code, _SETTING):
                continue
            for block in code.blocks:
                for op in block.ops:
                    if op.do == "call" and op.name == _SETTING:
                        found.update(_labels(function, module, op))
    return frozenset(found)


def _labels(function: Function, module: Module, op: Op) -> Iterator[str]:
    """The functions of the project that a call is given by keyword."""
    knowledge = function.project.knowledge
    for arg in op.args:
        if arg.keyword and isinstance(arg.value, str) and arg.value.isidentifier():
            if arg.value in module.functions:
                yield f"{module.name}:{arg.value}"
            else:
                known = knowledge.global_name(module, arg.value)
                if known.name == kinds.FUNCTION:
                    yield known.label


def _is_main(module: Module, code: Code) -> bool:
    """The only function that its script calls, with nothing and once; nobody else calls it."""
    name = code.qualname
    if any(param.default is None for param in code.params):
        return False
    calls = [
        (other.qualname, op.on)
        for other in module.functions.values()
        for block in other.blocks
        for op in block.ops
        if op.do == "call" and op.name is None and op.on in module.functions
        if other.qualname == MODULE_BODY or op.on == name
    ]
    return calls == [(MODULE_BODY, name)] and _is_of_script(module, code)


def ends_with_command(function: Function, root: Root) -> bool:
    """What the function leaves open goes with the process of the command that runs it, once."""
    if function.typed.function.blocks[root.position[0]].loops:
        return False
    return is_of_commands(function)


def is_of_commands(function: Function) -> bool:
    """It is a command, or commands alone call it, each once."""
    return is_command(function) or _is_for_commands(function)


def fails_once(function: Function) -> bool:
    """A failure of the function leaves nothing behind that others miss: it ends the program, or
    what the function sets up (tables, an engine) is not there to work with."""
    if is_of_commands(function):
        return True
    typed = function.typed
    for number, i, op in function.positions:
        on, dst = typed.on[number][i], typed.dst[number][i]
        if op.do != "call":
            continue
        if op.name in _MAKING and (on.name in _SCHEMA or _is_table(function, op.on)):
            return True
        if dst.name == kinds.ENGINE and function.qualname.endswith("__init__"):
            return True
    return False


def _is_table(function: Function, operand: object) -> bool:
    """The table of some class."""
    if not isinstance(operand, str):
        return False
    made = function.maker(operand)
    name = made.op.name if made is not None and made.op.do == "getattr" else operand
    return (name or "").rpartition(".")[2] == "__table__"


_SCHEMA = frozenset({kinds.METADATA, kinds.TABLE, kinds.FLASK_DB})
_MAKING = frozenset({"create_all", "drop_all", "create", "drop"})

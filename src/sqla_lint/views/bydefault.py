"""Objects that are the default of a parameter: made once, when the function is defined."""

from __future__ import annotations

from sqla_lint.flow.root import SELF, Root
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function


def default_of(function: Function, root: Root) -> str | None:
    """The parameter whose default an object is, or what holds it, in a function that is defined
    here and reads it; unless each call that is known passes something else."""
    places = {function.op(root.position).dst}
    places |= {
        use.op.dst for use in function.uses(root) if SELF in use.given and use.op.do == "call"
    }
    for code in function.typed.module.functions.values():
        if code.parent != function.qualname or code.kind != "def":
            continue
        for param in code.params:
            if (
                param.default in places
                and _reads(code, param.name)
                and _is_left_out(function, code, param.name)
            ):
                return param.name
    return None


def _reads(code: Code, name: Place) -> bool:
    return any(
        isinstance(one, str) and (one == name or one.startswith(name + "."))
        for block in code.blocks
        for op in block.ops
        for one in (op.on, *(arg.value for arg in op.args))
    )


def _is_left_out(function: Function, code: Code, name: str) -> bool:
    knowledge = function.project.knowledge
    found = 0
    for label, (number, i) in calls(function).get(
        f"{function.typed.module.name}:{code.qualname}", ()
    ):
        typed = function.project.typed[label]
        if knowledge.told.is_test(typed.module.path):
            continue
        found += 1
        op = typed.function.blocks[number].ops[i]
        callee = called(knowledge, op, typed.on[number][i])
        given = [one for _, one in parameters(knowledge, op, callee)]
        if name not in given and not any(arg.star for arg in op.args):
            return True
    return found == 0

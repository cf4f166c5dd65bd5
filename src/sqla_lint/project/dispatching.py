"""Names under which several functions stand, of which the arguments choose one: those of
`functools.singledispatch`, multimethod, plum and the like. Nobody can say which one is called."""

from __future__ import annotations

from sqla_lint.ir import Function, Module, Operand

_DISPATCHERS = frozenset(
    {"dispatch", "multidispatch", "multimethod", "singledispatch", "singledispatchmethod"}
)
# What may stand on both of two functions, of which the second replaces the first all the same.
_PLAIN = frozenset({"abstractmethod", "classmethod", "property", "staticmethod"})


def is_dispatched(function: Function, module: Module) -> bool:
    """The function is one of several of its name, by its decorator: one that dispatches by what it
    is called, or that stands on an earlier function of the name as well."""
    if not function.decorators:
        return False
    own = {_last(one) for one in function.decorators}
    if own & _DISPATCHERS:
        return True
    name, _, number = function.qualname.partition("#")
    if not number.isdigit():
        return False
    earlier = (name, *(f"{name}#{i}" for i in range(2, int(number))))
    before = {
        _last(one)
        for each in earlier
        if each in module.functions
        for one in module.functions[each].decorators
    }
    return bool((own & before) - _PLAIN)


def _last(decorator: Operand) -> str:
    """`dispatch` of ``@plum.dispatch``; all that are called are alike: ``@dispatch(int)``."""
    if not isinstance(decorator, str):
        return ""
    return "()" if decorator[:1] == "%" else decorator.rpartition(".")[2]

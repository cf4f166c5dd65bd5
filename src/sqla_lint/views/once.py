"""Views whose answer is the same for every rule that asks: worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from sqla_lint.views.function import Function

_T = TypeVar("_T")
View = Callable[[Function], _T]


def per_function(view: View[_T]) -> View[_T]:
    """The answer of a view for a function, remembered as long as the function is looked at."""

    @wraps(view)
    def asked(function: Function) -> _T:
        if view not in function.kept:
            function.kept[view] = view(function)
        return cast(_T, function.kept[view])

    return asked


def per_project(view: View[_T]) -> View[_T]:
    """The answer of a view that is the same in every function of the project."""
    name = f"{view.__module__}.{view.__qualname__}"

    @wraps(view)
    def asked(function: Function) -> _T:
        memo = function.project.memo
        if name not in memo:
            memo[name] = view(function)
        return cast(_T, memo[name])

    return asked

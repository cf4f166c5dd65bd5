"""What is known of single modules by themselves: kept for an editor, where one of many modules
changes at a time, and asked anew everywhere else, where it would only take room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from sqla_lint.ir import Module

_T = TypeVar("_T")


class Facts:
    """Answers by question and module; each is void when another module takes the place of its."""

    def __init__(self) -> None:
        self.kept = False
        self._known: dict[tuple[str, str], tuple[Module, object]] = {}

    def of(self, module: Module, question: str, answer: Callable[[Module], _T]) -> _T:
        """The answer, which rests on the module alone and on which names there are in the index."""
        if not self.kept:
            return answer(module)
        known = self._known.get((question, module.name))
        if known is not None and known[0] is module:
            return cast("_T", known[1])
        found = answer(module)
        self._known[question, module.name] = (module, found)
        return found

    def forget(self) -> None:
        """There are other names."""
        self._known.clear()

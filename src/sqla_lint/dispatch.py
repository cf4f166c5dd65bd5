"""Which rules see which operation: a table, so that a rule costs nothing where it does not apply.

Operations are walked once for all rules. What each of them wants is decided per sort of operation
(what it does, and its name), once per run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.rule import Call, Compare, Function, RuleInfo

_Sort = tuple[str, str | None, str]  # what an operation does, its name, the kind of its receiver

# The views of single operations, and what an operation must do to be shown in one.
_SHOWN = {"Call": "call", "Compare": "compare", "Operation": None}


class Dispatch:
    """The table of one run."""

    def __init__(self, rules: Iterable[RuleInfo]) -> None:
        listed = tuple(rules)
        self._whole = tuple(info for info in listed if info.view == "Function")
        self._single = tuple(info for info in listed if info.view in _SHOWN)
        self._by_sort: dict[_Sort, tuple[RuleInfo, ...]] = {}

    def subjects(self, function: Function) -> Iterator[tuple[RuleInfo, object]]:
        """Rules with what they are to look at in a function; of a rule, in source order."""
        present = function.typed.present
        for info in self._whole:
            if not info.on.present or not info.on.present.isdisjoint(present):
                yield info, function
        absent = {
            info.code
            for info in self._single
            if info.on.present and info.on.present.isdisjoint(present)
        }
        for operation in function.reached:
            op = operation.op
            sort = (op.do, op.name, operation.on.name)
            wanting = self._by_sort.get(sort)
            if wanting is None:
                wanting = self._by_sort[sort] = self._wanting(*sort)
            view: Call | Compare | None = None
            for info in wanting:
                if absent and info.code in absent:
                    continue
                if info.view == "Operation":
                    yield info, operation
                    continue
                if view is None:  # an operation is a call, or a comparison, or neither
                    if info.view == "Call":
                        view = Call(
                            function, op, operation.on, operation.arg_kinds, operation.result
                        )
                    elif operation.arg_kinds:
                        view = Compare(function, op, operation.on, operation.arg_kinds[0])
                    else:  # a test of a pattern: there is no right side
                        continue
                yield info, view

    def _wanting(self, do: str, name: str | None, on: str) -> tuple[RuleInfo, ...]:
        return tuple(
            info
            for info in self._single
            if _SHOWN[info.view] in (None, do) and info.on.wants(do, name)
            if not info.on.receivers or on in info.on.receivers
        )

"""Which rules see which operation: a table, so that a rule costs nothing where it does not apply.

Operations are walked once for all rules. What each of them wants is decided per sort of operation
(what it does, and its name), once per run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.rule import Call, Compare, Function, Operation, RuleInfo

_Sort = tuple[str, str | None]  # what an operation does, and its name

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
        typed = function.typed
        for number, block in enumerate(typed.function.blocks):
            receivers, arguments, results = typed.on[number], typed.args[number], typed.dst[number]
            for i, op in enumerate(block.ops):
                wanting = self._by_sort.get((op.do, op.name))
                if wanting is None:
                    wanting = self._by_sort[op.do, op.name] = self._wanting(op.do, op.name)
                args = arguments[i]
                if not wanting or len(args) != len(op.args):  # the latter is never reached
                    continue
                on = receivers[i]
                views: dict[str, object] = {}
                for info in wanting:
                    if info.on.receivers and on.name not in info.on.receivers:
                        continue
                    if info.code in absent:
                        continue
                    view = views.get(info.view)
                    if view is None:
                        if info.view == "Compare":
                            if not args:  # a test of a pattern: there is no right side
                                continue
                            view = Compare(function, op, on, args[0])
                        else:
                            made = Call if info.view == "Call" else Operation
                            view = made(function, op, on, args, results[i])
                        views[info.view] = view
                    yield info, view

    def _wanting(self, do: str, name: str | None) -> tuple[RuleInfo, ...]:
        return tuple(
            info
            for info in self._single
            if _SHOWN[info.view] in (None, do) and info.on.wants(do, name)
        )

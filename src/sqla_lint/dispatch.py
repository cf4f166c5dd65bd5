"""Which rules see which operation: a table, so that a rule costs nothing where it does not apply.

Operations are walked once for all rules. What each of them wants is decided per sort of operation
(what it does, and its name), once per run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import FOREIGN, MODULE, NAME, Kind, own_class
from sqla_lint.rule import Call, Compare, Function, RuleInfo

_Sort = tuple[str, str | None, str]  # what an operation does, its name, the kind of its receiver

# The views of single operations, and what an operation must do to be shown in one.
_SHOWN = {"Call": "call", "Compare": "compare", "Operation": None}

# Kinds of values that have nothing of a database, unless something is in them that has.
_PLAIN = frozenset(
    {
        kinds.UNKNOWN,
        kinds.NONE,
        kinds.BOOL,
        kinds.INT,
        kinds.FLOAT,
        kinds.STR,
        kinds.BYTES,
        kinds.LIST,
        kinds.TUPLE,
        kinds.SET,
        kinds.DICT,
        kinds.COLLECTION,
        kinds.FUNCTION,
        kinds.CLASS,
        kinds.INSTANCE,
        MODULE,
        NAME,
        FOREIGN,
    }
)
_OF_LIBRARIES = frozenset({NAME, FOREIGN})
_LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "alembic")


class _Wanting(NamedTuple):
    """The rules that want an operation: all, and those that take a plain one."""

    any: tuple[RuleInfo, ...]
    plain: tuple[RuleInfo, ...]


class Dispatch:
    """The table of one run."""

    def __init__(self, rules: Iterable[RuleInfo]) -> None:
        listed = tuple(rules)
        self._whole = tuple(info for info in listed if info.view == "Function")
        self._single = tuple(info for info in listed if info.view in _SHOWN)
        self._by_sort: dict[_Sort, _Wanting] = {}
        self._by_name: dict[tuple[str, str | None], tuple[RuleInfo, ...]] = {}

    def subjects(self, function: Function) -> Iterator[tuple[RuleInfo, object]]:
        """Rules with what they are to look at in a function; of a rule, in source order."""
        typed = function.typed
        present = typed.present
        for info in self._whole:
            if not info.on.present or not info.on.present.isdisjoint(present):
                yield info, function
        absent = {
            info.code
            for info in self._single
            if info.on.present and info.on.present.isdisjoint(present)
        }
        for operation in function.reached:
            op, on, result = operation.op, operation.on, operation.result
            arg_kinds = operation.arg_kinds
            sort = (op.do, op.name, on.name)
            both = self._by_sort.get(sort)
            if both is None:
                both = self._by_sort[sort] = self._wanting(*sort)
            if not both.any:
                continue
            wanting = both.plain if _is_plain(on, result, arg_kinds) else both.any
            if on.traits and op.do == "call" and _is_own(function, on, op.name):
                continue
            view: Call | Compare | None = None
            for info in wanting:
                if absent and info.code in absent:
                    continue
                if info.view == "Operation":
                    yield info, operation
                    continue
                if view is None:  # an operation is a call, or a comparison, or neither
                    if info.view == "Call":
                        view = Call(function, op, on, arg_kinds, result)
                    elif arg_kinds:
                        view = Compare(function, op, on, arg_kinds[0])
                    else:  # a test of a pattern: there is no right side
                        continue
                yield info, view

    def _wanting(self, do: str, name: str | None, on: str) -> _Wanting:
        named = self._by_name.get((do, name))
        if named is None:
            named = self._by_name[do, name] = tuple(
                info
                for info in self._single
                if _SHOWN[info.view] in (None, do) and info.on.wants(do, name)
            )
        wanting = tuple(info for info in named if not info.on.receivers or on in info.on.receivers)
        return _Wanting(wanting, tuple(info for info in wanting if info.on.plain))


def _is_own(function: Function, on: Kind, name: str | None) -> bool:
    """The method of a class of the project that stands on one of SQLAlchemy's, which may do
    anything with what it is given."""
    label = own_class(on) if name is not None else None
    classes = function.project.knowledge.classes
    return label is not None and classes.method(label, name or "") is not None


def _is_plain(on: Kind, result: Kind, args: tuple[Kind, ...]) -> bool:
    """Nothing of an operation has to do with a database, as far as its kinds tell."""
    return _is_value(on) and _is_value(result) and all(map(_is_value, args))


def _is_value(kind: Kind) -> bool:
    if kind.name not in _PLAIN or kind.of:
        return False
    return kind.name not in _OF_LIBRARIES or not kind.label.startswith(_LIBRARIES)

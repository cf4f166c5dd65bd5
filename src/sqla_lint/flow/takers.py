"""Callables of libraries that take every element they are given, or hand them on one by one."""

from __future__ import annotations

from typing import Literal

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Op
from sqla_lint.project.kind import FOREIGN, NAME, Kind

Taking = Literal["all", "some", "handed on", ""]

_ALL = frozenset(
    {
        *(f"builtins.{name}" for name in ("dict", "frozenset", "list", "set", "sorted", "sum")),
        *("builtins.tuple", "builtins.max", "builtins.min", "math.fsum", "math.prod"),
        *("collections.Counter", "collections.OrderedDict", "collections.deque"),
        *("functools.reduce", "heapq.nlargest", "heapq.nsmallest"),
        *(f"statistics.{name}" for name in ("fmean", "mean", "median", "mode", "pstdev", "stdev")),
        *("pandas.DataFrame", "pandas.DataFrame.from_records", "polars.DataFrame"),
    }
)
_SOME = frozenset({"builtins.all", "builtins.any", "builtins.next"})
# The iterators of these come to their end when what they are given does.
_HANDED_ON = frozenset(
    {
        *(f"builtins.{name}" for name in ("enumerate", "filter", "iter", "map")),
        *("itertools.filterfalse", "itertools.groupby", "itertools.starmap", "tqdm.tqdm"),
    }
)
_COMPARING = frozenset({"builtins.max", "builtins.min"})  # several arguments with each other
_SECOND = frozenset({"functools.reduce", "heapq.nlargest", "heapq.nsmallest"})
_SECOND |= frozenset({"builtins.filter", "builtins.map", "itertools.filterfalse"})
_SECOND |= frozenset({"itertools.starmap"})
_PAIRED = "builtins.map"  # ends with the shortest of what it is given
_METHODS = {kinds.LIST: frozenset({"extend"}), kinds.STR: frozenset({"join"})}
_WRITERS = frozenset({"csv.writer()", "csv.DictWriter()"})


def taking(op: Op, arg: Arg, on: Kind, callee: Kind) -> Taking:
    """What of the elements of an argument a call takes; "" where that is not known."""
    if arg.star:
        return "all" if arg.star == 1 else ""
    plain = [one for one in op.args if one.keyword is None]
    if arg.keyword is not None or any(one.star for one in plain):
        return ""
    first = plain[0] is arg
    if op.name is not None and first and op.name in _METHODS.get(on.name, ()):
        return "all"
    if op.name == "writerows" and on.label in _WRITERS:
        return "all" if first else ""
    label = callee.label
    if callee.name not in (NAME, FOREIGN) or first is (label in _SECOND):
        return ""
    if label in _SOME:
        return "some"
    if label in _COMPARING or label == _PAIRED:
        whole = len(plain) == (2 if label == _PAIRED else 1)
        return ("handed on" if label == _PAIRED else "all") if whole else ""
    if plain.index(arg) > 1:
        return ""
    return "all" if label in _ALL else "handed on" if label in _HANDED_ON else ""

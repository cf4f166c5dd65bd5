"""The fix for a result that is read twice: its rows are kept where it is made.

Only for a variable that is bound once, and that nothing but whole reads and loops look at: a list
gives each of them what the result gave the first.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.finding import Applicability, Replace, Rewrite
from sqla_lint.flow.root import Root
from sqla_lint.ir import Op, Place
from sqla_lint.views.function import Function

_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_WHOLE = frozenset({"all", "fetchall"})
# Views of a result: each takes what is left of the same rows.
_VIEWS = frozenset({"scalars", "mappings"})
_COLLECTS = frozenset({"list", "tuple", "set", "sorted", "enumerate"})


def rows_kept(function: Function, root: Root) -> Rewrite | None:
    """`result = execute(...)` as `result = execute(...).all()`, and `result.all()` as `result`."""
    name = function.bound_name(root)
    if name is None or not name.isidentifier():
        return None
    made = _made(function, name)
    readers = function.readers.get(name, [])
    if made is None or not readers:
        return None
    views = {op.name for op in readers if op.do == "call" and op.on == name and op.name in _VIEWS}
    if not views:
        reads = _reads(function, name, readers, name)
        ending = ".all()"
    elif len(views) == 1 and all(op.do == "call" and op.name in views for op in readers):
        reads = []
        for op in readers:
            inner = _reads(function, op.dst, function.readers.get(op.dst or "", []), name)
            if op.args or inner is None or op.on != name:
                return None
            reads += inner or [Replace(op.at, name)]
        ending = f".{views.pop()}().all()"
    else:
        return None
    if reads is None:
        return None
    edits = (Replace(made, f"{{0:primary}}{ending}", (made,)), *reads)
    return Rewrite("keep the rows", Applicability.UNSAFE, edits)


def _made(function: Function, name: Place) -> int | None:
    """The expression that a variable is bound to, when there is one; not a streaming one."""
    if any(param.name == name for param in function.typed.function.params):
        return None
    bound = [one for one in function.operations() if one.op.dst == name]
    if len(bound) != 1 or bound[0].op.do not in ("move", "call", "await"):
        return None
    made = function.maker(bound[0].op.on) if bound[0].op.do == "move" else bound[0]
    if made is None or made.op.do not in ("call", "await"):
        return None
    if made.result.name not in _RESULTS or made.result.is_async:
        return None
    return made.op.at


def _reads(
    function: Function, place: Place | None, readers: list[Op], name: Place
) -> list[Replace] | None:
    """What `result.all()` becomes; None when something else reads it."""
    edits: list[Replace] = []
    for op in readers:
        if op.do == "call" and op.on == place and op.name in _WHOLE and not op.args:
            edits.append(Replace(op.at, name))
        elif op.do == "next" and op.on == place:
            continue
        elif op.do == "call" and op.name is None and op.on in _COLLECTS:
            if len(op.args) != 1:
                return None
        else:
            return None
    return edits

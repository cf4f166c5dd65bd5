"""Objects of SQLAlchemy that a comma behind the call has put into a tuple, and that are used as if
they were still themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Module, Op, Place, Ref
from sqla_lint.ir import Function as Code
from sqla_lint.project.reexports import imported_name, made_in
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note

_OBJECTS = frozenset(
    {kinds.TABLE, kinds.ENGINE, kinds.METADATA, kinds.SESSION_FACTORY, kinds.SCOPED_SESSION}
    | {kinds.SESSION, kinds.CONNECTION, kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE}
    | {kinds.QUERY, kinds.TEXT, kinds.COLUMN_EXPR, kinds.FLASK_DB, kinds.ENTITY, kinds.FROM_CLAUSE}
)
_OF_TUPLES = frozenset({"count", "index"})
_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "exec"})
_AS_OBJECT = frozenset({"setattr", "enter"})
_AS_TUPLE = frozenset({"next", "unpack", "getitem", "augassign", "binop", "compare", "yield"})


class Stray(NamedTuple):
    """The tuple, the object in it, the name it is bound to, and a use that fails."""

    at: Ref
    inner: Ref
    name: Place
    use: Note


def stray_commas(function: Function) -> Iterator[Stray]:
    """Tuples of one object that the program uses as the object, and never as a tuple."""
    for number, i, op in function.positions:
        if op.do != "pack" or op.name != "tuple" or len(op.args) != 1 or op.args[0].star:
            continue
        given = function.typed.args[number][i]
        made = function.maker(op.args[0].value)
        if not given or given[0].name not in _OBJECTS or made is None or made.op.do != "call":
            continue
        readers = function.readers.get(op.dst or "", ())
        if len(readers) != 1 or readers[0].do not in ("move", "setattr"):
            continue
        name = readers[0].dst
        if name is None or name[0] == "%" or (readers[0].do == "setattr" and name[:5] != "self."):
            continue
        use = _failing_use(function, name)
        if use is not None:
            yield Stray(op.at, op.args[0].at, name, use)


def _failing_use(function: Function, name: Place) -> Note | None:
    found: Note | None = None
    own = function.typed.module
    for module, place, code in _readers(function, name):
        if code.kind == "def" and place in {param.name for param in code.params}:
            continue
        for block in code.blocks:
            for op in block.ops:
                answer = _answer(op, place)
                if answer == "tuple" or (op.dst == place and _binds_again(op, function, code)):
                    return None
                if answer == "object" and found is None:
                    path = "" if module is own else module.path
                    found = Note(f"`{place}` is used as the object here", op.at, path)
    return found


def _binds_again(op: Op, function: Function, code: Code) -> bool:
    """Something else is bound to the name, too."""
    if op.do in ("getattr", "declare", "import"):
        return False
    made = function.maker(op.on if op.do == "move" else op.args[0].value if op.args else None)
    return code is not function.typed.function or made is None or made.op.name != "tuple"


def _answer(op: Op, place: Place) -> str:
    """How an operation uses what a place holds: as the object, as a tuple, or "" for neither."""
    if op.on == place:
        if op.do in _AS_TUPLE:
            return "tuple"
        if op.do == "call":
            return "tuple" if op.name in _OF_TUPLES else "object"
        if op.do == "getattr":
            return "" if op.name in _OF_TUPLES or (op.name or "")[:2] == "__" else "object"
        return "object" if op.do in _AS_OBJECT else ""
    for number, arg in enumerate(op.args):
        if arg.value != place:
            continue
        if arg.star or op.do in _AS_TUPLE:
            return "tuple"
        if op.do != "call":
            continue
        if op.name in _RUNS and number == 0:
            return "object"
        if arg.keyword == "bind" or (op.name in ("create_all", "drop_all") and number == 0):
            return "object"
    return ""


def _readers(function: Function, name: Place) -> Iterator[tuple[Module, Place, Code]]:
    """The functions that may read what a name holds, with what they call it."""
    module, own = function.typed.module, function.typed.function
    if name[:5] == "self.":
        for code in module.functions.values():
            if code.parent == own.parent and code.kind == "def":
                yield module, name, code
        return
    if own.kind == "class":
        for code in module.functions.values():
            if code.parent == own.qualname and code.kind == "def":
                yield module, f"self.{name}", code
                yield module, f"cls.{name}", code
        return
    yield module, name, own
    if own.kind != "module":
        for code in module.functions.values():
            if code.captures.get(name) == own.qualname:
                yield module, name, code
        return
    for code in module.functions.values():
        if (
            code is not own
            and name not in code.locals
            and code.captures.get(name, MODULE_BODY) == MODULE_BODY
        ):
            yield module, name, code
    yield from _importers(function, name)


def _importers(function: Function, name: Place) -> Iterator[tuple[Module, Place, Code]]:
    index, own = function.project.knowledge.index, function.typed.module
    modules = {typed.module.name: typed.module for typed in function.project.typed.values()}
    for other in modules.values():
        if other is own:
            continue
        for block in other.body.blocks:
            for op in block.ops:
                if op.do != "import" or not op.args or op.dst is None:
                    continue
                dotted = imported_name(other, op)
                if dotted is None or dotted.rpartition(".")[2] != name:
                    continue
                if made_in(index, dotted, other) == (own, name):
                    for code in other.functions.values():
                        if op.dst not in code.locals or code is other.body:
                            yield other, op.dst, code

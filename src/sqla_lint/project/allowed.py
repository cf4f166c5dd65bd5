"""Which tests show that a value, or each element of a collection, is one of those allowed.

``x in ALLOWED``, ``x.isdigit()``, ``set(xs) <= ALLOWED``, ``all(x in ALLOWED for x in xs)``, and
what names hold such an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from sqla_lint.ir import Const, Edge, Op, Operand, Place

if TYPE_CHECKING:
    from sqla_lint.project.definitions import Graph, Position

# A call whose answer, when it is true (or false), shows that what this place holds is allowed;
# with None: one that only returns then.
Admits: TypeAlias = "Callable[[Position, Place, bool | None], bool]"

_SHAPE_TESTS = frozenset(
    {"isdigit", "isdecimal", "isnumeric", "isidentifier", "isalnum", "isalpha"}
)
_NO_TEXT = frozenset({"int", "float", "bool", "UUID", "Decimal", "date", "datetime", "Enum"})
_NUMBERS = frozenset({"Decimal", "UUID", "float", "int"})
_MATCHES = frozenset({"match", "fullmatch"})
_TAKES_AWAY = frozenset({"replace", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix"})
_ENDS_TEXT = frozenset("'\"`;\\")
_FOLDS = frozenset({"lower", "upper", "casefold"})
_WHOLE = frozenset({"set", "frozenset"})
_EQUALS = frozenset({"==", "!=", "in", "not in", "is", "is not"})
# An answer is followed through so many names and operators.
DEPTH_LIMIT = 6
NAMES = 12  # names of names


def never(at: Position, place: Place, holds: bool | None) -> bool:
    """No call shows anything."""
    return False


def insists(op: Op) -> bool:
    """A call that raises unless what it is given, and nothing else, is a number or the like."""
    name = op.name or str(op.on).rpartition(".")[2]
    return op.do == "call" and len(op.args) == 1 and name in _NUMBERS


def decides(
    graph: Graph, test: Operand | None, place: Place, holds: bool, ask: Admits, depth: int = 0
) -> bool:
    """That ``test`` is true (or false) means that ``place``, or each of its elements, is one of
    those allowed."""
    if not isinstance(test, str) or depth > DEPTH_LIMIT:
        return False
    makers = graph.makers.get(test, ())
    if test[0] != "%" and len(makers) != 1:
        return _only_set_where_shown(graph, test, place, lambda v: bool(v) is not holds, ask)
    return any(_shows(graph, position, place, holds, ask, depth + 1) for position in makers)


def _shows(
    graph: Graph, position: Position, place: Place, holds: bool, ask: Admits, depth: int
) -> bool:
    op = graph.op(position)
    if op.do == "move":
        return decides(graph, op.on, place, holds, ask, depth)
    if op.do == "unary" and op.name == "not":
        return decides(graph, op.on, place, not holds, ask, depth)
    if op.do == "compare" and op.args:
        other = op.args[0].value
        if op.name in ("<=", "<", ">=", ">"):
            smaller = op.on if op.name[0] == "<" else other
            return holds and _is_whole(graph, smaller, place)
        # `x in "abc"` asks for a part of a text, not for one of several values
        is_text = isinstance(other, Const) and isinstance(other.value, str)
        shown = (
            _compares(op, place, holds)
            or _compares_folded(graph, op, place, holds)
            or _equals_one(graph, op, place, holds)
        )
        return shown and not (is_text and op.name in ("in", "not in"))
    if op.do == "call":
        if holds and (_calls(graph, op, place) or _picks(graph, op, place, ask)):
            return True
        if op.name is None and op.on in ("all", "any") and len(op.args) == 1:
            if op.on == "any" and holds and _some(graph, op, place, ask, depth):
                return True
            return holds is (op.on == "all") and _each(graph, op, place, holds, ask, depth)
        if op.name == "difference":
            return not holds and _is_whole(graph, op.on, place)
        return ask(position, place, holds)
    if op.do == "binop" and op.name == "-":
        return not holds and _is_whole(graph, op.args[0].value, place)
    if op.do == "pack" and op.name in ("listcomp", "setcomp"):
        return not holds and _leaves_out(graph, op, place, ask)
    return False


def _compares(op: Op, place: Place, holds: bool) -> bool:
    if op.on == place and op.name in ("in", "not in"):
        return holds is (op.name == "in")
    if op.name in ("==", "!="):
        sides = (op.on, op.args[0].value)
        if place in sides and any(isinstance(side, Const) for side in sides):
            return holds is (op.name == "==")
    return False


def _equals_one(graph: Graph, op: Op, place: Place, holds: bool) -> bool:
    """``column["name"] == place`` for one of several columns: what `in` asks of all."""
    if op.name not in ("==", "!=") or holds is not (op.name == "=="):
        return False
    sides = op.on, op.args[0].value
    return any(
        one == place and _is_of_element(graph, other, place, 0)
        for one, other in (sides, sides[::-1])
    )


def _is_of_element(graph: Graph, operand: Operand | None, place: Place, depth: int) -> bool:
    """An element of a collection that is gone through, or part of one. Not of one that was made of
    ``place`` itself."""
    if not isinstance(operand, str) or depth > DEPTH_LIMIT:
        return False
    makers = graph.makers.get(operand, ())
    op = graph.op(makers[0]) if len(makers) == 1 else None
    if op is None:
        return False
    if op.do == "next":
        made = [graph.op(at) for at in graph.makers.get(str(op.on), ())]
        ways = {op.on, *(one.on for one in made), *(a.value for one in made for a in one.args)}
        return place not in ways
    part = op.do in ("getattr", "getitem", "unpack") or (op.do == "call" and op.name == "get")
    return part and _is_of_element(graph, op.on, place, depth + 1)


def _some(graph: Graph, op: Op, place: Place, ask: Admits, depth: int) -> bool:
    """``any(column.name == place for column in columns)``"""
    return any(
        pack.do == "pack"
        and pack.name in ("gen", "listcomp")
        and len(pack.args) == 1
        and decides(graph, pack.args[0].value, place, True, ask, depth)
        for pack in _made(graph, str(op.args[0].value))
    )


def _picks(graph: Graph, op: Op, place: Place, ask: Admits) -> bool:
    """``next((column for column in columns if column.name == place), None)``"""
    if op.name is not None or op.on != "next" or len(op.args) != 2:
        return False
    default = op.args[1].value
    packs = [at for at in graph.makers.get(str(op.args[0].value), ()) if graph.op(at).name == "gen"]
    if not isinstance(default, Const) or default.value or len(packs) != 1:
        return False
    return any(
        edge is not None and edge.when == "done" and _keeps_shown(graph, head, place, ask)
        for head, edge in graph.before[packs[0][0]]
    )


def _keeps_shown(graph: Graph, head: int, place: Place, ask: Admits) -> bool:
    """A comprehension keeps an element only where its conditions show ``place``."""
    blocks = graph.function.blocks
    kept = [
        edge
        for number, edge in graph.before[head]
        if edge is not None and edge.when != "false"
        if blocks[number].loops[-1:] == blocks[head].loops[-1:]
    ]
    return bool(kept) and all(
        edge.when == "true" and shows(graph, edge, place, ask) for edge in kept
    )


def _only_set_where_shown(
    graph: Graph, variable: Place, place: Place, is_other: Callable[[object], bool], ask: Admits
) -> bool:
    """A variable that is set to something else than what ``is_other`` says only where a test has
    shown it: ``found = False``, and ``found = True`` below ``if column.name == place``."""
    makers = graph.makers.get(variable, ())
    if len(makers) < 2 or len(graph.makers.get(place, ())) > 1 or not graph.is_own(variable):
        return False
    rest = []
    for at in makers:
        op = graph.op(at)
        if op.do != "move":
            return False
        if not (isinstance(op.on, Const) and is_other(op.on.value)):
            rest.append(at)
    return bool(rest) and graph.all_tested(variable, place, rest, ask)


def _compares_folded(graph: Graph, op: Op, place: Place, holds: bool) -> bool:
    """``place.lower() in ALLOWED``: no letter that another case changes ends a name."""
    if not isinstance(op.on, str) or op.name not in ("in", "not in") or op.on[0] != "%":
        return False
    made = list(_made(graph, op.on))
    folds = [one for one in made if one.do == "call" and one.name in _FOLDS and not one.args]
    return (
        bool(folds)
        and folds == made
        and _compares(op._replace(on=place), place, holds)
        and all(one.on == place for one in folds)
    )


def _calls(graph: Graph, op: Op, place: Place) -> bool:
    if op.name in _SHAPE_TESTS and _is_but_for_signs(graph, op.on, place, 0):
        return True
    given = [arg.value for arg in op.args]
    if op.name in _MATCHES:
        return place in given
    if op.name is None and op.on == "hasattr" and len(given) == 2:
        return given[1] == place  # one of the names that somebody wrote
    if op.name is None and op.on == "isinstance" and len(given) == 2:
        return given[0] == place and str(given[1]).rpartition(".")[2] in _NO_TEXT
    if op.name == "issubset":
        return _is_whole(graph, op.on, place)
    if op.name == "issuperset" and len(given) == 1:
        return given[0] == place or _is_whole(graph, given[0], place)
    return False


def _is_but_for_signs(graph: Graph, operand: Operand | None, place: Place, depth: int) -> bool:
    """What a test of its shape is made of, or that without signs that end no name:
    ``name.replace("_", "").isalnum()``."""
    if operand == place:
        return True
    if not isinstance(operand, str) or operand[0] != "%" or depth > DEPTH_LIMIT:
        return False
    makers = graph.makers.get(operand, ())
    op = graph.op(makers[0]) if len(makers) == 1 else None
    if op is None or op.do != "call" or op.name not in _TAKES_AWAY:
        return False
    signs = [arg.value.value if isinstance(arg.value, Const) else None for arg in op.args]
    return all(
        isinstance(one, str) and not _ENDS_TEXT.intersection(one) for one in signs
    ) and _is_but_for_signs(graph, op.on, place, depth + 1)


def _is_whole(graph: Graph, operand: Operand | None, place: Place) -> bool:
    """``set(place)`` or ``place.keys()``."""
    return isinstance(operand, str) and any(
        op.do == "call"
        and (
            (op.name is None and op.on in _WHOLE and [a.value for a in op.args] == [place])
            or (op.name == "keys" and op.on == place)
        )
        for op in _made(graph, operand)
    )


def _made(graph: Graph, operand: str, depth: int = NAMES) -> Iterator[Op]:
    makers = graph.makers.get(operand, ())
    if operand[0] == "%" or len(makers) == 1:
        for at in makers:
            op = graph.op(at)
            if op.do == "move" and isinstance(op.on, str) and depth:
                yield from _made(graph, op.on, depth - 1)
            else:
                yield op


def _each(graph: Graph, op: Op, place: Place, holds: bool, ask: Admits, depth: int) -> bool:
    """``all(x in ALLOWED for x in place)``, or ``any(x not in ALLOWED for x in place)``."""
    for pack in _made(graph, str(op.args[0].value)):
        if pack.do != "pack" or pack.name not in ("gen", "listcomp") or len(pack.args) != 1:
            continue
        element = pack.args[0].value
        turns = _turns(graph, place)
        if any(decides(graph, element, one, holds, ask, depth) for one in turns):
            return True
    return False


def _leaves_out(graph: Graph, pack: Op, place: Place, ask: Admits) -> bool:
    """``[x for x in place if x not in ALLOWED]``: when it is empty, all of them are allowed."""
    elements = [arg.value for arg in pack.args]
    return any(
        shows(graph, edge, variable, ask)
        for variable in _turns(graph, place)
        if variable in elements
        for block in graph.function.blocks
        for edge in block.edges
        if edge.when == "false"
    )


def _turns(graph: Graph, place: Place) -> Iterator[Place]:
    """The variables that take the elements of a collection one after the other."""
    for variable, makers in graph.makers.items():
        if any(takes_from(graph, graph.op(at), place) for at in makers):
            yield variable


def takes_from(graph: Graph, op: Op, place: Place) -> bool:
    """An operation takes the next element of a collection."""
    return op.do == "next" and (op.on == place or _is_whole(graph, op.on, place))


def shows(graph: Graph, edge: Edge, place: Place, ask: Admits) -> bool:
    """Taking an edge means that ``place`` is one of the values that were allowed."""
    if edge.test is None:
        return False
    if edge.test.is_ != "true":
        return not edge.test.holds and _is_found(graph, edge.test.place, place, ask)
    makers = graph.makers.get(edge.test.place, ())
    if len(makers) == 1:  # most tests are about something else, and are asked for each place
        number, i = makers[0]
        op = graph.function.blocks[number].ops[i]
        sides = (op.on, *(arg.value for arg in op.args))
        folded = op.name in ("in", "not in") and str(op.on)[0] == "%"
        if op.do == "compare" and op.name in _EQUALS and place not in sides and not folded:
            return False
    return decides(graph, edge.test.place, place, edge.test.holds, ask)


def _is_found(graph: Graph, variable: Place, place: Place, ask: Admits) -> bool:
    """That a variable is not None means that ``place`` was one of those looked through, or
    matched."""
    if len(graph.makers.get(variable, ())) != 1:
        return _only_set_where_shown(graph, variable, place, lambda value: value is None, ask)
    return any(
        op.do == "call"
        and (
            (op.name in _MATCHES and _calls(graph, op, place))
            or (op.args[1:] and op.args[1].value == Const(None) and _picks(graph, op, place, ask))
        )
        for op in _made(graph, variable)
    )

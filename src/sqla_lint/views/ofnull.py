"""What a criterion says of a row that has no match in an outer join: one whose columns there are
all NULL.

SQL has three answers: true, false and unknown. A criterion of which "true" is no possible answer
leaves all these rows out.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Frame, Spot, described
from sqla_lint.project.kind import DATABASE_LIBRARIES, NAME
from sqla_lint.project.texts import Reader
from sqla_lint.views.nones import perhaps_none
from sqla_lint.views.sources import column_source, read_of, source

T, F, N = "true", "false", "unknown"
Answers = frozenset[str]
ANY: Answers = frozenset({T, F, N})
_UNKNOWN: Answers = frozenset({N})
_NOT = {T: F, F: T, N: N}

DEPTH = 20  # expressions in expressions; a helper that calls itself has no end
HELPERS = 3  # functions that return criteria

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
# Methods of a column that answer "unknown" for NULL, whatever they are given.
_ASKS = frozenset(
    {"like", "ilike", "not_like", "not_ilike", "notlike", "notilike", "between", "match"}
    | {"startswith", "endswith", "contains", "istartswith", "iendswith", "icontains"}
    | {"regexp_match"}
)
_NEGATIONS = frozenset(
    {"not_in", "notin_", "not_like", "notlike", "not_ilike", "notilike", "is_not", "isnot"}
)
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%"})
# Functions that give NULL for NULL on every database.
# Source: the function references of PostgreSQL, MySQL and SQLite.
_STRICT = frozenset(
    {"lower", "upper", "trim", "ltrim", "rtrim", "length", "char_length", "abs", "date", "round"}
    | {"floor", "ceil", "substr", "substring", "replace", "year", "month", "day", "strftime"}
    | {"date_trunc", "date_part"}
)
_WRAPPERS = frozenset({"cast", "type_coerce", "extract", "collate", "col"})  # `sqlmodel.col()`
_SAME = frozenset({"label", "collate", "cast", "self_group"})


class Absent(NamedTuple):
    """The FROM that has no row, and who reads."""

    known: Reader
    source: str


def leaves_out(absent: Absent, criterion: Spot) -> bool:
    """No row without a match meets the criterion."""
    return T not in _answers(absent, criterion, 0)


def speaks_of_null(absent: Absent, criterion: Spot) -> bool:
    """The criterion asks whether a column there is NULL: the author has thought of these rows."""
    return any(_asks_null(absent, one) for one in _parts(absent, criterion, 0))


def is_negative(absent: Absent, criterion: Spot) -> bool:
    """It asks for what is not so, which a row without a match would be meant by, too."""
    return any(_negates(absent, one) for one in _parts(absent, criterion, 0))


def reads(absent: Absent, expression: Spot) -> bool:
    """An expression has something of the FROM in it, or is the FROM itself."""
    return any(
        _is_absent(absent, one)
        or _leads_to(absent, one)
        or source(absent.known, one) == absent.source
        for one in _parts(absent, expression, 0)
    )


def column_in(absent: Absent, criterion: Spot) -> str:
    """The first column in a criterion that is read there, as it is written."""
    for one in _parts(absent, criterion, 0):
        if _is_absent(absent, one):
            inside = one.frame.depth > 0 and one.kind.label  # what a helper calls it says little
            told = ".".join(one.kind.label.rpartition(":")[2].split(".")[-2:])
            return told if inside else described(one.frame.graph, one.operand)
    return ""


# --- answers ---------------------------------------------------------------------------------


def _answers(absent: Absent, one: Spot, depth: int) -> Answers:
    if depth > DEPTH or isinstance(one.operand, Const):
        return ANY
    if _is_null(absent, one, depth):
        return _UNKNOWN
    made = _made(absent, one)
    if made is None:
        return ANY
    frame, at, op = made.frame, made.at, made.frame.op(made.at)
    if op.do == "unary" and op.name == "~":
        return _negated(_answers(absent, frame.on(at), depth + 1))
    if op.do == "binop" and op.name in ("&", "|"):
        return _joined(absent, frame.args(at), op.name == "&", depth)
    if op.do == "compare":
        return _compared(absent, made, op, depth)
    if op.do != "call" or op.on is None:
        return ANY
    if _library(made):
        return _by_function(absent, made, op, depth)
    if op.name is not None and frame.on(at).kind.name == kinds.COLUMN_EXPR:
        return _by_method(absent, made, op, depth)
    return _returned(absent, made, depth)


def _negated(answers: Answers) -> Answers:
    return frozenset(_NOT[one] for one in answers)


def _joined(absent: Absent, sides: list[Spot], all_of: bool, depth: int) -> Answers:
    """``a & b``, or ``a | b``; side by side, since all ways of many sides at once are too many."""
    of_both = _of_all if all_of else _of_any
    found = frozenset({T if all_of else F})
    for side in sides:
        ways = product(found, _answers(absent, side, depth + 1))
        found = frozenset(of_both(one, other) for one, other in ways)
    return found


def _of_all(one: str, other: str) -> str:
    return F if F in (one, other) else N if N in (one, other) else T


def _of_any(one: str, other: str) -> str:
    return T if T in (one, other) else N if N in (one, other) else F


def _compared(absent: Absent, made: Spot, op: Op, depth: int) -> Answers:
    """A NULL that is compared with a value is neither equal to it nor different."""
    frame, at = made.frame, made.at
    args = frame.args(at)
    if op.name not in _COMPARISONS or len(args) != 1:
        return ANY
    for null, other in ((frame.on(at), args[0]), (args[0], frame.on(at))):
        if _is_null(absent, null, depth + 1):
            none = _is_null_call(absent, other) or perhaps_none(absent.known, other)
            by_null = op.name in ("==", "!=") and none
            return ANY if by_null else _UNKNOWN
    return ANY


def _by_function(absent: Absent, made: Spot, op: Op, depth: int) -> Answers:
    last = _library(made)
    if last not in ("and_", "or_", "not_"):
        return ANY
    sides: list[Spot] = []
    for arg, side in zip(op.args, made.frame.args(made.at), strict=False):
        if not arg.star:
            sides.append(side)
        elif last != "and_":
            return ANY  # of `and_()` one of the others may say enough
    if last == "not_":
        return _negated(_answers(absent, sides[0], depth + 1)) if len(sides) == 1 else ANY
    return _joined(absent, sides, last == "and_", depth) if sides else ANY


def _by_method(absent: Absent, made: Spot, op: Op, depth: int) -> Answers:
    on, args = made.frame.on(made.at), made.frame.args(made.at)
    if op.name in ("any", "has") and _is_absent(absent, on):
        return frozenset({F})  # EXISTS of something that belongs to no row
    if not _is_null(absent, on, depth + 1):
        return ANY
    if op.name in _ASKS:
        return _UNKNOWN
    if op.name in ("in_", "not_in", "notin_"):
        if args and _has_elements(absent, args[0]):
            return _UNKNOWN
        return _UNKNOWN | {F if op.name == "in_" else T}  # nothing is in an empty list
    if op.name == "is_" and args:
        value = args[0].operand
        told = isinstance(value, Const) and isinstance(value.value, bool)
        return frozenset({F}) if told or _is_truth(absent, args[0]) else ANY
    return ANY


def _is_truth(absent: Absent, one: Spot) -> bool:
    """``true()`` or ``false()``."""
    made = _made(absent, one)
    return made is not None and _library(made) in ("true", "false")


def _has_elements(absent: Absent, there: Spot) -> bool:
    """A list that is written down: of none at all everything is not."""
    made = _made(absent, there)
    op = made.frame.op(made.at) if made is not None else None
    written = op is not None and op.do == "pack" and op.name in ("list", "tuple", "set")
    return written and op is not None and bool(op.args) and not any(arg.star for arg in op.args)


def _returned(absent: Absent, made: Spot, depth: int) -> Answers:
    """Of what a function of the project returns."""
    callee = _callee(absent, made)
    if callee is None:
        return ANY
    returned = list(callee.returned())
    found = [_answers(absent, one, depth + 1) for one in returned]
    return frozenset().union(*found) if found else ANY


def _callee(absent: Absent, made: Spot) -> Frame | None:
    known = absent.known
    callee = known.frames.callee(made.frame, made.at)
    if callee is None or callee.depth > HELPERS or known.origins.is_wrapped(callee.label):
        return None
    function = callee.typed.function
    return None if function.is_generator or function.is_async else callee


# --- NULLs -----------------------------------------------------------------------------------


def _is_null(absent: Absent, one: Spot, depth: int) -> bool:
    """An expression over columns of the FROM that is NULL when they are."""
    if depth > DEPTH or one.kind.name != kinds.COLUMN_EXPR:
        return False
    if _is_absent(absent, one):
        return _is_plain(absent, one)
    made = _made(absent, one)
    if made is None:
        return False
    frame, at, op = made.frame, made.at, made.frame.op(made.at)
    inside: Callable[[Spot], bool] = lambda side: _is_null(absent, side, depth + 1)  # noqa: E731
    if op.do == "binop" and op.name in _ARITHMETIC:
        if op.name == "+" and any(side.kind.name == kinds.STR for side in frame.args(at)):
            return False  # Oracle takes a NULL for no text
        return any(map(inside, frame.args(at)))
    if op.do == "unary" and op.name == "-":
        return inside(frame.on(at))
    if op.do != "call" or op.on is None:
        return False
    called = _library(made)
    if called:
        strict = called in _WRAPPERS or called.removeprefix("func.") in _STRICT
        return strict and any(map(inside, frame.args(at)))
    return op.name in _SAME and inside(frame.on(at))


def _is_absent(absent: Absent, one: Spot) -> bool:
    """A column or relationship that is read of the FROM."""
    if one.kind.name != kinds.COLUMN_EXPR or not isinstance(one.operand, str):
        return False
    return column_source(absent.known, one) == absent.source


def _is_plain(absent: Absent, one: Spot) -> bool:
    """A column of a table, or a relationship: no expression that a class has as an attribute, which
    may say something else of NULL."""
    owner = read_of(absent.known, one)
    if owner is None or owner.kind.name != kinds.MAPPED_CLASS:
        return owner is not None
    models = absent.known.project.models
    model = models.of(owner.kind.label)
    attribute = models.attribute(model, one.kind.label.rpartition(".")[2]) if model else None
    return attribute is not None and attribute.role in ("column", "relationship")


def _leads_to(absent: Absent, one: Spot) -> bool:
    """A relationship to the class: ``contains_eager(Project.tasks)``."""
    if "relationship" not in one.kind.traits:
        return False
    owner = read_of(absent.known, one)
    models = absent.known.project.models
    model = models.of(owner.kind.label) if owner is not None else None
    relation = models.relation(model, one.kind.label.rpartition(".")[2]) if model else None
    target = relation.target if relation is not None else None
    return target is not None and target.label == absent.source


def _negates(absent: Absent, one: Spot) -> bool:
    made = _made(absent, one)
    op = made.frame.op(made.at) if made is not None else None
    if made is None or op is None:
        return False
    negates = (op.do == "compare" and op.name == "!=") or (op.do == "unary" and op.name == "~")
    if op.do == "call":
        negates = _library(made) == "not_" or op.name in _NEGATIONS
    sides = [made.frame.on(made.at)] if op.on is not None else []
    sides += made.frame.args(made.at)
    return negates and any(
        _is_absent(absent, part) for side in sides for part in _parts(absent, side, 1)
    )


def _asks_null(absent: Absent, one: Spot) -> bool:
    """``Task.id.is_(None)``, ``is_not(None)``, ``== None``, `coalesce()`."""
    made = _made(absent, one)
    if made is None:
        return False
    frame, at, op = made.frame, made.at, made.frame.op(made.at)
    sides = [frame.on(at)] if op.on is not None else []
    sides += frame.args(at)
    if op.do == "compare" or (op.do == "call" and op.name in _NULL_TESTS):
        none = any(_is_none(absent, side) for side in sides)
        return (none or op.name in _NULL_SAFE) and any(_is_absent(absent, side) for side in sides)
    return False


_NULL_SAFE = frozenset({"is_distinct_from", "is_not_distinct_from", "isnot_distinct_from"})
_NULL_TESTS = _NULL_SAFE | {"is_", "is_not", "isnot"}


def _is_none(absent: Absent, one: Spot) -> bool:
    return one.operand == Const(None) or _is_null_call(absent, one)


def _is_null_call(absent: Absent, one: Spot) -> bool:
    """``null()``."""
    made = _made(absent, one)
    return made is not None and _library(made) == "null"


# --- expressions -----------------------------------------------------------------------------


def _made(absent: Absent, one: Spot) -> Spot | None:
    makers = list(absent.known.origins.makers(one))
    return makers[0] if len(makers) == 1 else None


def _library(made: Spot) -> str:
    """What a call calls of SQLAlchemy: ``and_``, ``func.lower``; "" for anything else."""
    op = made.frame.op(made.at)
    if op.do != "call" or op.on is None:
        return ""
    kind = made.frame.on(made.at).kind
    if kind.name == kinds.FLASK_DB:
        return op.name or ""
    if kind.name != NAME or kind.label.partition(".")[0] not in DATABASE_LIBRARIES:
        return ""
    *owners, last = f"{kind.label}.{op.name}".split(".") if op.name else kind.label.split(".")
    return f"func.{last}" if "func" in owners else last


def _parts(absent: Absent, one: Spot, depth: int) -> list[Spot]:
    """An expression and all that it is made of, as far as it can be read."""
    found = [one]
    if depth > DEPTH or _is_absent(absent, one):
        return found
    made = _made(absent, one)
    if made is None:
        return found
    op = made.frame.op(made.at)
    if op.do not in ("compare", "binop", "unary", "call", "pack"):
        return found
    inner = [made.frame.on(made.at)] if op.on is not None and op.do != "pack" else []
    inner += made.frame.args(made.at)
    if op.do == "call" and op.on is not None and not _library(made):
        callee = _callee(absent, made)
        inner += list(callee.returned()) if callee is not None else []
    for side in inner:
        found += _parts(absent, side, depth + 1)
    return found

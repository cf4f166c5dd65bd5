"""Values that tell of which class something is: what ``isinstance(session, AsyncSession)`` gives.

Such a value is an ANSWER: ``of`` the objects that are asked for, its label the function in which it
is an answer and the place there that it is about, its traits what its being true, or false, says of
that. It stays one wherever it is kept, turned round or returned: who calls ``is_async(session)``
knows as much as who asks himself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from sqla_lint.catalog import Catalog, kinds
from sqla_lint.ir import ENTRY, Ann, Const, Function, Op, Place
from sqla_lint.project.arguments import called, parameters
from sqla_lint.project.kind import (
    ANSWER,
    EITHER,
    FALSE_IS,
    FALSE_NOT,
    FALSITY,
    METHOD,
    NAME,
    TRUE_IS,
    TRUE_NOT,
    TRUTH,
    UNKNOWN,
    Kind,
    dotted_label,
    join,
    own_class,
)
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.narrowing import TOLD, contradicts, narrowed
from sqla_lint.project.outline import OF_NAME
from sqla_lint.ways import behind

_BETWEEN = "|"  # in a label: the function, and the place
_LOOKS = "by looks"  # of the answer of `hasattr`: other classes have that, too
_SAYS = frozenset({TRUE_IS, FALSE_NOT})
_TURNED = {TRUE_IS: FALSE_IS, TRUE_NOT: FALSE_NOT, FALSE_IS: TRUE_IS, FALSE_NOT: TRUE_NOT}
_GUARDS = {"TypeGuard": frozenset({TRUE_IS}), "TypeIs": _SAYS}
_IS_COROUTINE = frozenset(
    f"{module}.iscoroutinefunction" for module in ("asyncio", "asyncio.coroutines", "inspect")
)
_IS, _IS_NOT = frozenset({"in", "is", "=="}), frozenset({"is not", "not in", "!="})
_TWO = 2  # arguments, ways of a test
TWINS = (kinds.CONNECTION, kinds.ENGINE, kinds.SESSION)
_ASYNC = tuple([Kind(name, True) for name in TWINS])


def answer(
    scope: str, place: object, of: Iterable[Kind], says: frozenset[str] = _SAYS
) -> Kind | None:
    """What is told of a place; None where it is none, or nothing that is told of is asked for."""
    asked = list(of)
    some = tuple([one for one in asked if one.name in TOLD or one.name == EITHER])
    if len(some) < len(asked):
        says -= {TRUE_IS, FALSE_IS}  # it may be one of the others
    if not some or not isinstance(place, str) or place[0] == "%" or "@" in place:
        return None
    return Kind(ANSWER, of=some, label=f"{scope}{_BETWEEN}{place}", traits=says)


def about(kind: Kind) -> tuple[str, Place]:
    """The function in which it is an answer, and what it is about there."""
    scope, _, place = kind.label.partition(_BETWEEN)
    return scope, place


def turned(kind: Kind) -> Kind:
    """``not`` an answer."""
    return kind._replace(traits=frozenset([_TURNED.get(one, one) for one in kind.traits]))


def combined(name: str, given: Collection[Kind]) -> Kind | None:
    """Answers among what ``and`` or ``or`` is made of: the one thing that they are about."""
    answers = [kind for kind in given if kind.name == ANSWER]
    if not answers or len({kind.label for kind in answers}) > 1:
        return None
    sure, other = (TRUTH, FALSITY) if name == "and" else (FALSITY, TRUTH)
    traits = frozenset[str]().union(*(kind.traits & (sure | {_LOOKS}) for kind in answers))
    if len(answers) == len(given) and len({kind.traits for kind in answers}) == 1:
        traits |= answers[0].traits & other  # `isinstance(x, A) or isinstance(x, B)`
    of = tuple(dict.fromkeys([one for kind in answers for one in kind.of]))
    return answers[0]._replace(of=of, traits=traits)


class Asking(NamedTuple):
    """A function in which it may be asked of which class something is."""

    knowledge: Knowledge
    scope: str
    function: Function
    types: Mapping[Place, Place]  # see `project.outline`


def by_call(asking: Asking, op: Op, on: Kind, given: tuple[Kind, ...]) -> Kind | None:
    """What a call of the language answers: isinstance, hasattr and the like."""
    knowledge, scope, function, types = asking
    label = dotted_label(on, op.name)
    if on.name != NAME or not op.args or any(arg.star or arg.keyword for arg in op.args):
        return None
    what = op.args[0].value
    if label in _IS_COROUTINE:
        there, name = _attribute(function, what)
        some = [
            one
            for one in _ASYNC
            if (member := knowledge.catalog.member(one.name, True, name)) and member.coroutine
        ]
        return answer(scope, there, some, _SAYS | {_LOOKS})
    if len(op.args) != _TWO:
        return given[0] if label == "builtins.bool" and given[0].name == ANSWER else None
    if label == "builtins.isinstance":
        return answer(scope, what, _asked_for(knowledge, given[1]))
    if label == "builtins.issubclass":
        return answer(scope, types.get(str(what)), _asked_for(knowledge, given[1]))
    name_given = op.args[1].value
    if label == "builtins.hasattr" and isinstance(name_given, Const):
        some, both = _having(knowledge.catalog, str(name_given.value))
        if both and not some:  # only that it is none of them can be known
            return answer(scope, what, both, frozenset({FALSE_NOT, _LOOKS}))
        return answer(scope, what, some, _SAYS | {_LOOKS})
    return None


def asks(function: Function, name: Place) -> bool:
    """A function asks of which class something is, or what that wraps:
    ``isinstance(getattr(session, "_session", session), AsyncSession)``."""
    for block in function.blocks:
        for op in block.ops:
            if op.do != "call" or op.on != "isinstance" or op.name is not None or not op.args:
                continue
            what = op.args[0].value
            if name in (what, _attribute(function, what)[0]):
                return True
    return False


def by_compare(asking: Asking, op: Op, of: tuple[Kind, Kind]) -> Kind | None:
    """What a comparison answers: ``type(x) is Session``, ``type(x).__name__ == "AsyncSession"``."""
    knowledge, scope, _, types = asking
    sides = (op.on, op.args[0].value)
    for here, other, kind in ((0, 1, of[1]), (1, 0, of[0])):
        place, text = sides[here], sides[other]
        found: Kind | None = None
        if place in types and op.name in _IS | _IS_NOT:
            found = answer(scope, types[str(place)], [knowledge.instance(kind)])
        elif isinstance(text, Const) and "Async" in str(text.value):
            named = types.get(f"{place}{OF_NAME}")
            found = answer(scope, named, _ASYNC, _SAYS | {_LOOKS})
        if found is not None:
            return turned(found) if op.name in _IS_NOT else found
    return None


def by_annotation(
    scope: str, function: Function, named: Ann, kind: Kind, first: int
) -> Kind | None:
    """What a function answers that is annotated as a type guard, of the parameter at ``first``."""
    says = _GUARDS.get(named.args[0].name.rpartition(".")[2]) if named.kind == "item" else None
    if says is None or first >= len(function.params):
        return None
    return answer(scope, function.params[first].name, [kind], says)


def by_branches(function: Function, number: int, test: Place, told: Kind) -> Kind | None:
    """What a function answers that returns True on one way of a test and False on the other."""
    blocks = function.blocks
    ways: list[set[int]] = []
    for holds in (True, False):
        starts = [
            edge.to
            for edge in blocks[number].edges
            if edge.test is not None and edge.test.place == test and edge.test.holds is holds
        ]
        ways.append(behind(blocks, starts, swallowed=True))
    ways.append(behind(blocks, [ENTRY], stop={number}, swallowed=True, caught=True))
    given: list[set[bool]] = [set(), set(), set()]
    for at, block in enumerate(blocks):
        for op in block.ops:
            if op.do != "return":
                continue
            if op.on is not None and not isinstance(op.on, Const):
                return None
            value = bool(op.on.value) if op.on is not None else False
            for way, values in zip(ways, given, strict=True):
                if at in way:
                    values.add(value)
    traits = set(told.traits - TRUTH - FALSITY)
    for value, own in ((True, TRUTH), (False, FALSITY)):
        on = [value in values for values in given]
        if on in ([True, False, False], [False, True, False]):
            came = told.traits & (TRUTH if on[0] else FALSITY)
            traits |= came if came <= own else turned(told._replace(traits=came)).traits
    return told._replace(traits=frozenset(traits))


def here(asking: Asking, op: Op, on: Kind, kind: Kind) -> Kind:
    """An answer that a call gives, or an attribute, about what the function at hand knows."""
    knowledge, scope = asking.knowledge, asking.scope
    there, place = about(kind)
    if there == scope:
        return kind
    entry = knowledge.functions.get(there)
    root, dot, rest = place.partition(".")
    operand: object = None
    if entry is not None and entry[1].params:
        is_first = entry[1].params[0].name == root
        if op.do == "getattr":
            operand = op.on if is_first else None
        else:
            callee = called(knowledge, op, on)
            if callee.label == there:
                names = {name: arg.value for arg, name in parameters(knowledge, op, callee)}
                operand = names.get(root)
                if operand is None and is_first and callee.name == METHOD and op.name is not None:
                    operand = op.on
    found = f"{operand}{dot}{rest}" if isinstance(operand, str) else None
    return answer(scope, found, kind.of, kind.traits) or Kind(kinds.BOOL)


def kept(asking: Asking, op: Op, kind: Kind) -> Kind:
    """An answer that is kept on an object, beside what it is about:
    ``self.is_async = isinstance(session, AsyncSession)``."""
    scope, function = asking.scope, asking.function
    there, place = about(kind)
    if there == scope and not place.startswith(f"{op.on}."):
        for block in function.blocks:
            for one in block.ops:
                if one.do == "setattr" and one.on == op.on and one.args[0].value == place:
                    return kind._replace(label=f"{scope}{_BETWEEN}{op.on}.{one.name}")
        return Kind(kinds.BOOL)
    return kind


def seen(asking: Asking, module: str, kind: Kind) -> Kind:
    """An answer in a variable of a function around, or of the module."""
    there, place = about(kind)
    root = place.partition(".")[0]
    outer = asking.function.captures.get(root)
    if outer is None or f"{module}:{outer}" != there:
        return Kind(kinds.BOOL)
    return kind._replace(label=f"{asking.scope}{_BETWEEN}{place}")


def known_by(before: Kind, told: Kind, *, holds: bool) -> Kind | None:
    """What something is that was ``before``, where an answer is true, or false; None: the same."""
    if _LOOKS in told.traits and before.name not in TWINS and before.name != EITHER:
        return None
    same = any(_alike(before, one) and own_class(one) is None for one in told.of)
    says = told.traits & (TRUTH if holds else FALSITY)
    if _LOOKS in told.traits and not says:
        return None
    if says & {TRUE_IS, FALSE_IS}:
        if any(_alike(before, one) for one in told.of):
            return None
        fitting = [one for one in told.of if one.name == before.name]
        if before.name == EITHER:
            both = [k for k in before.of if any(_alike(k, one) for one in told.of)]
            return both[0] if len(both) == 1 else None
        of = fitting[0] if len(fitting) == 1 else reduce(join, told.of)
        return narrowed(before, of, holds=True)
    if says:
        if before.name == EITHER:
            left = [k for k in before.of if not any(_alike(k, one) for one in told.of)]
            if not left:
                return UNKNOWN  # it is none of those that it may be
            return left[0] if len(left) == 1 else None
        return UNKNOWN if same else None
    return UNKNOWN if same else doubted(before, told)


def is_no_twin(before: Kind, told: Kind, *, holds: bool) -> bool:
    """Something that is taken to be synchronous is not its twin, where an answer is true, or false:
    ``if isinstance(session, AsyncSession): ... else: session.commit()``."""
    if not before.known or before.is_async or _LOOKS in told.traits:
        return False
    twin = any(one.name == before.name and one.is_async for one in told.of)
    return twin and (TRUE_NOT if holds else FALSE_NOT) in told.traits


def doubted(before: Kind, told: Kind) -> Kind | None:
    """What something may be of which it is asked whether it is something else; None: the same."""
    if any(_alike(before, one) for one in told.of):
        return None
    others = [one for one in told.of if contradicts(before, one)]
    fitting = [one for one in others if one.name == before.name]
    return join(before, (fitting or others)[0]) if others else None


def _alike(one: Kind, other: Kind) -> bool:
    return (one.name, one.is_async) == (other.name, other.is_async)


def _asked_for(knowledge: Knowledge, given: Kind) -> list[Kind]:
    several = given.of if given.name == kinds.TUPLE and given.of else (given,)
    return [knowledge.instance(one) for one in several]


def _having(catalog: Catalog, name: str) -> tuple[list[Kind], list[Kind]]:
    """Of a pair of twins the one that has an attribute which the other has not; and the twins that
    both have it."""
    one: list[Kind] = []
    both: list[Kind] = []
    for kind in TWINS:
        has = [catalog.member(kind, is_async, name) is not None for is_async in (False, True)]
        if has[0] != has[1]:
            one.append(Kind(kind, has[1]))
        elif all(has):
            both += [Kind(kind), Kind(kind, True)]
    return one, both


def _maker(function: Function, place: object) -> Op | None:
    return next((op for block in function.blocks for op in block.ops if op.dst == place), None)


def _attribute(function: Function, value: object) -> tuple[object, str]:
    """The object and the name of `x.execute`, and of `getattr(x, "execute", None)`."""
    op = _maker(function, value) if isinstance(value, str) else None
    if op is not None and op.do == "getattr":
        return op.on, op.name or ""
    asks = op is not None and op.do == "call" and op.name is None and op.on == "getattr"
    if op is not None and asks and len(op.args) >= _TWO and isinstance(op.args[1].value, Const):
        return op.args[0].value, str(op.args[1].value.value)
    return None, ""

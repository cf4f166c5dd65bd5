"""Objects of one open session that come into another with an object they are related to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.ir import ENTRY, MODULE_BODY, Arg, Const, Op, Operand, Place, Ref
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, UNKNOWN, lenders
from sqla_lint.views.addedby import added_by_helper, keeps_own
from sqla_lint.views.beside import ENDING, makers, original
from sqla_lint.views.function import Function
from sqla_lint.views.origins import Origin, origin, still_open
from sqla_lint.views.paths import Note
from sqla_lint.views.units import follows

# A chain of calls from a helper to what is taken of its answer is no longer than this.
STEPS = 6
# What a framework hands over is there before the first operation.
OF_REQUEST: Position = (ENTRY, -1)

_COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp", "gen"})
# Who owns a session that a function makes.
MADE = frozenset({"local", "joined"})
LETTING_GO = ENDING | {"expunge", "expunge_all", "invalidate", "make_transient", "merge", "reset"}


class Carried(NamedTuple):
    """An object that is added to a session, or is in it, and what of another session comes along
    over which attribute. ``mine`` says whose session that is."""

    at: Ref
    entity: Place
    along: Place
    attribute: str
    mine: str
    other: Place
    there: Note | None  # where a function that is called adds it


class _Add(NamedTuple):
    position: Position
    op: Op
    added: Operand
    other: Place
    there: Note | None = None


class Link(NamedTuple):
    """An object that is put into a relationship of another one."""

    at: Ref
    position: Position
    object: Place
    attribute: str
    value: Place


def carried(function: Function) -> Iterator[Carried]:
    """Related objects that `add()` takes along, though another session has them."""
    if function.typed.present.isdisjoint((kinds.ENTITY, kinds.MAPPED_CLASS)):
        return
    found = list(links(function))
    adds = list(_adds(function)) if found else []
    for link in found if adds else ():
        since = belongs(function, link.value, link.position)
        if since is None:
            continue
        names = names_of(function, link.object)
        for position, op, added, other, there in adds:
            if added not in names or other == since.session:
                continue
            if not _is_another(function, since, op, other):
                continue
            if follows(function, link.position, position):
                then, at = position, op.at
            elif follows(function, position, link.position):
                then, at = link.position, link.at
            else:
                continue
            if still_open(function, since, then):
                mine = since.session
                yield Carried(at, link.value, str(added), link.attribute, mine, other, there)
                break


def put_together(function: Function) -> Iterator[Carried]:
    """Objects of two open sessions of which one is put into a relationship of the other: its
    session takes what it is given at once."""
    if kinds.ENTITY not in function.typed.present:
        return
    for link in links(function):
        if function.op(link.position).name is None:
            continue  # a new object has no session before it is added to one
        since = belongs(function, link.value, link.position)
        into = belongs(function, link.object, link.position) if since is not None else None
        if since is None or into is None:
            continue
        mine, other = _own(function, since), _own(function, into)
        if mine is None or other is None or mine.session == other.session:
            continue
        if all(still_open(function, one, link.position) for one in (mine, other)):
            along = link.object
            yield Carried(
                link.at, link.value, along, link.attribute, since.session, into.session, None
            )


def _own(function: Function, since: Origin) -> Origin | None:
    """The same, by a name that no other session of the function has: that of one which is made
    here, or that of the object which has made it for itself."""
    if not since.session.endswith("()"):
        begun = since.kind.owner == "managed" and "begin" in since.kind.traits
        made_here = since.kind.owner in MADE or begun
        return since if made_here and "." not in since.session else None
    if since.position == OF_REQUEST:
        return None
    loading = function.op(since.position)
    if loading.do != "call" or not isinstance(loading.on, str) or loading.name is None:
        return None
    number, i = since.position
    callee = called(function.project.knowledge, loading, function.typed.on[number][i])
    typed = function.project.typed.get(callee.label)
    given = _given_back(function.of(typed)) if typed is not None else None
    if given is None or not given.session.startswith("self."):
        return None
    keeper = original(function, loading.on)
    if keeper[0] == "%" or not _is_made_here(function, keeper):
        return None
    kept = keeps_own(function, callee.label, given.session)
    return since._replace(session=keeper) if kept else None


def _is_made_here(function: Function, place: Place) -> bool:
    """An object is newly made by this function, or by a ``with`` of it that gives it."""
    for _ in range(STEPS):
        made = list(makers(function, place))
        if len(made) != 1:
            return False
        number, i, op, _ = made[0]
        if op.do == "call":
            return function.typed.on[number][i].name == kinds.CLASS
        if op.do != "enter" or not isinstance(op.on, str):
            return False
        place = op.on
    return False


def _adds(function: Function) -> Iterator[_Add]:
    """What is added to a session that the function makes, or that a function which is called makes
    or keeps for itself."""
    for number, i, op in function.call_positions:
        on = function.typed.on[number][i]
        if not op.args:
            continue
        if op.name == "add" and on.name == kinds.SESSION and on.owner == "local":
            if isinstance(op.on, str) and op.on[0] != "%":
                yield _Add((number, i), op, op.args[0].value, original(function, op.on))
        elif on.name not in (kinds.SESSION, kinds.SCOPED_SESSION):
            for added, other, there in added_by_helper(function, op, on, (number, i)):
                yield _Add((number, i), op, added, other, there)


def _is_another(function: Function, since: Origin, add: Op, other: Place) -> bool:
    """The session that is added to is not the one that the object is from: of two objects that keep
    a session, each must have made its own."""
    if not since.session.endswith("()") or "." not in other.removesuffix("()"):
        return True  # one of them is made here
    if since.position == OF_REQUEST:
        return False
    loading = function.op(since.position)
    if loading.do != "call" or loading.on == add.on:
        return False
    number, i = since.position
    callee = called(function.project.knowledge, loading, function.typed.on[number][i])
    typed = function.project.typed.get(callee.label)
    given = _given_back(function.of(typed)) if typed is not None else None
    return given is not None and keeps_own(function, callee.label, given.session)


def links(function: Function) -> Iterator[Link]:
    """Where an object is put into a relationship that takes it along: `save-update` is the
    default."""
    for number, i, op in function.positions:
        on = function.typed.on[number][i]
        given: list[tuple[str, Arg, Place | None]] = []
        label = on.label
        if op.do == "setattr" and on.name == kinds.ENTITY and isinstance(op.on, str) and op.args:
            given = [(op.name or "", op.args[-1], op.on)]
        elif op.do == "call" and op.name is None and on.name == kinds.MAPPED_CLASS:
            given = [(arg.keyword, arg, op.dst) for arg in op.args if arg.keyword]
        elif op.do == "call" and op.name == "append" and "." in str(op.on) and op.args:
            read = function.reader_of(str(op.on))  # `album.tracks.append(track)`
            if read is not None and read.on.name == kinds.ENTITY and isinstance(read.op.on, str):
                label = read.on.label
                given = [(read.op.name or "", op.args[0], read.op.on)]
        for name, arg, place in given:
            if not isinstance(arg.value, str) or place is None:
                continue
            if _cascades(function, label, name):
                yield Link(op.at, (number, i), place, name, arg.value)


def _cascades(function: Function, label: str, name: str) -> bool:
    models = function.project.models
    model = models.of(label)
    attribute = models.attribute(model, name) if model is not None else None
    related = attribute.relationship if attribute is not None else None
    if related is None or related.opaque or related.word("viewonly") is not None:
        return False
    return related.cascades("save-update") is True


def names_of(function: Function, place: Place) -> set[Operand]:
    """A place, and the names that its value is bound to."""
    moved = {op.dst for _, _, op in function.positions if op.do == "move" and op.on == place}
    return {place, *(name for name in moved if name is not None)}


def belongs(function: Function, place: Place, before: Position) -> Origin | None:
    """The one session that an object was loaded from: here, or by a function that is called."""
    here = origin(function, place, before)
    if here is not None:
        return here if here.kind.name == kinds.SESSION else None
    made = list(makers(function, place))
    if not made:
        return _of_request(function, place)
    for _ in range(STEPS):
        if len(made) != 1:
            return None
        number, i, op, _ = made[0]
        if op.do == "call":
            return _by_helper(function, (number, i), op)
        if op.do not in ("await", "next", "getitem", "unpack") or op.on is None:
            return None
        made = list(makers(function, op.on))
    return None


def _of_request(function: Function, place: Place) -> Origin | None:
    """As `belongs`, of a parameter for which a framework calls a dependency: that loads it from a
    session which another dependency keeps open until the request is over."""
    cells, knowledge = function.typed.cells, function.project.knowledge
    params = {param.name for param in function.typed.function.params}
    giving = list(lenders(cells.get(place, UNKNOWN))) if place in params else []
    typed = function.project.typed.get(giving[0]) if len(giving) == 1 else None
    if typed is None or typed.function.is_generator or typed.function.decorators:
        return None
    inside = function.of(typed)
    given = _given_back(inside)
    if given is None or _lets_go(inside):
        return None
    keeping = lenders(typed.cells.get(given.session, UNKNOWN))
    codes = [knowledge.functions[one][1] for one in keeping if one in knowledge.functions]
    if not codes or not all(code.is_generator for code in codes):
        return None
    mine = [name for name in sorted(params) if lenders(cells.get(name, UNKNOWN)) == keeping]
    session = mine[0] if mine else f"{giving[0].rpartition(':')[2]}()"
    return given._replace(session=session, position=OF_REQUEST)


def _by_helper(function: Function, position: Position, op: Op) -> Origin | None:
    """As `belongs`, of what a call gives: by the session that it is given, or by the one that the
    object of its method keeps."""
    knowledge = function.project.knowledge
    callee = called(knowledge, op, function.typed.on[position[0]][position[1]])
    typed = function.project.typed.get(callee.label)
    if typed is None or callee.name not in FUNCTIONS or knowledge.decorators.get(callee.label):
        return None
    inside = function.of(typed)
    given = _given_back(inside)
    if given is None or _lets_go(inside):
        return None
    name = callee.label.rpartition(":")[2]
    params = {param.name for param in typed.function.params}
    if given.session not in params and not given.session.startswith("self."):
        return given._replace(session=f"{name}()", position=position)
    if given.session.startswith("self."):
        if any(_lets_go(other) for other in _called_beside(function, op)):
            return None
        return given._replace(session=f"{name}()", position=position)
    for arg, parameter in parameters(knowledge, op, callee):
        if parameter == given.session and isinstance(arg.value, str) and arg.value[0] != "%":
            return given._replace(session=original(function, arg.value), position=position)
    return None


def _called_beside(function: Function, op: Op) -> Iterator[Function]:
    """Methods that are called on the same object: they may let go of what it has loaded."""
    for number, i, other in function.call_positions:
        if other.on == op.on and other.name is not None:
            on = function.typed.on[number][i]
            callee = called(function.project.knowledge, other, on)
            typed = function.project.typed.get(callee.label)
            if typed is not None:
                yield function.of(typed)


def _lets_go(function: Function) -> bool:
    return any(
        op.do in ("enter", "yield")
        or (op.do == "call" and (op.name in LETTING_GO or op.on in LETTING_GO))
        for _, _, op in function.positions
    )


def _given_back(function: Function) -> Origin | None:
    """The session, a parameter or an attribute, that everything which a function returns was
    loaded from."""
    params = {param.name for param in function.typed.function.params}
    found: set[str] = set()
    last: Origin | None = None
    for number, i, op in function.positions:
        if op.do != "return" or op.on is None or op.on == Const(None):
            continue
        last = _returned(function, op.on, (number, i))
        if last is None or last.kind.name != kinds.SESSION:
            return None
        found.add(last.session)
    session = found.pop() if len(found) == 1 else ""
    left = last is not None and last.kind.owner == "local"  # made here, and closed by nobody
    shared = function.typed.function.captures.get(session) == MODULE_BODY
    known = session in params or session.startswith("self.") or left or shared
    return last if known and session else None


def _returned(function: Function, value: Operand, before: Position) -> Origin | None:
    if not isinstance(value, str):
        return None
    made = list(makers(function, value))
    if len(made) == 1 and made[0][2].do == "pack" and made[0][2].args:
        pack = made[0][2]
        element = pack.args[-1].value if pack.name in _COMPREHENSIONS else None
        return origin(function, element, before) if isinstance(element, str) else None
    return origin(function, value, before)

"""Which FROMs of a statement nothing joins: by its joins, its criteria and mapped relationships.

Everything that adds a table must be understood; one thing that is not, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, dotted_label
from sqla_lint.project.linked import Project
from sqla_lint.views.criteria import listed
from sqla_lint.views.function import Call, Function, Operation
from sqla_lint.views.handedstatements import handed_statement
from sqla_lint.views.paths import Note
from sqla_lint.views.sql import reader, spot

_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_SILENT = frozenset(
    {"options", "order_by", "group_by", "limit", "offset", "distinct", "execution_options"}
    | {"with_for_update", "params", "filter_by", "slice", "populate_existing", "yield_per"}
    | {"enable_eagerloads", "with_hint", "prefix_with", "suffix_with"}
)
_CRITERIA = frozenset({"where", "filter", "having"})
_JOINS = frozenset({"join", "outerjoin"})
_LOGIC = frozenset({"and_", "or_", "not_", "true", "false", "null"})
_PARTS = frozenset({"cast", "case", "literal", "distinct", "desc", "asc", "extract", "type_coerce"})
_METHODS = frozenset(
    {"like", "ilike", "not_like", "in_", "not_in", "notin_", "is_", "is_not", "isnot", "between"}
    | {
        "contains",
        "startswith",
        "endswith",
        "desc",
        "asc",
        "label",
        "cast",
        "op",
        "concat",
        "match",
    }
    | {
        "collate",
        "nulls_last",
        "nulls_first",
        "is_distinct_from",
        "icontains",
        "distinct",
        "self_group",
    }
)
_CORRELATED = frozenset({"any", "has"})


class _NotKnownError(Exception):
    """Something adds a table in a way that is not modelled."""


# What may name tables that are not seen: a function may be a declared attribute.
_OPEN = frozenset(
    {kinds.TEXT, kinds.FROM_CLAUSE, kinds.TABLE, kinds.UNKNOWN, kinds.FUNCTION, "METHOD"}
)


@dataclass
class _Froms:
    """Tables, and which of them belong together."""

    project: Project
    group: dict[str, str] = field(default_factory=dict)
    joined: bool = False  # selects a join of mapped classes as if it were a table
    asked: bool = False  # has a criterion that names a table
    here: Spot | None = None  # what is looked at
    entered: dict[str, Spot] = field(default_factory=dict)  # where each table came in
    depth: int = 0  # of the expression that is looked at

    def add(self, name: str) -> str:
        self.group.setdefault(name, name)
        if self.here is not None:
            self.entered.setdefault(name, self.here)
        while self.group[name] != name:
            name = self.group[name]
        return name

    def connect(self, names: set[str]) -> None:
        roots = [self.add(name) for name in sorted(names)]
        for root in roots[1:]:
            self.group[root] = self.add(roots[0])

    def loose(self) -> tuple[str, ...]:
        """One name of each group, when there are several."""
        roots = {self.add(name) for name in list(self.group)}
        return tuple(sorted(roots)) if len(roots) > 1 else ()


class Apart(NamedTuple):
    """Tables that nothing joins, and where each table of the statement comes into it."""

    names: tuple[str, ...]
    steps: tuple[Note, ...] = ()


def unconnected(call: Call | Operation) -> Apart | None:
    """The tables that stand apart in the statement a call runs, or in the Query that something
    takes the elements of; None when that is not known."""
    start = _statement(call) if isinstance(call, Call) else _iterated(call)
    if start is None:
        return None
    try:
        each = list(_each(start, call.function.project))
    except _NotKnownError:
        return None
    if any(froms.joined for froms in each) and call.function.target < (2, 0):
        return None  # 1.4 keeps the join
    for froms in each:
        names = froms.loose()
        if froms.joined:
            names = tuple(sorted(froms.group)) if froms.asked else ()
        if names:
            return Apart(names, tuple(_entrances(call, froms)))
    return Apart(())


def _each(start: Spot, project: Project) -> Iterator[_Froms]:
    """What belongs together in a statement, for each of the calls that may begin it: what is built
    on one of them, without the tables that another begins with."""
    built = _Built()
    _builders(start, _Froms(project), built, set())
    begins = [key for key, (made, op) in built.calls.items() if _begins(made, op)]
    for first in begins or (None,):
        froms = _Froms(project)
        for name in built.read:
            froms.add(name)
        for key, (made, op) in built.calls.items():
            if first is None or len(begins) == 1 or first in built.above(key):
                _apply(made, op, froms)
        if len(begins) > 1 and froms.loose():
            _leave_out(built, begins, first, froms)
        _inherit(froms)
        yield froms


def _leave_out(built: _Built, begins: list[_Key], first: _Key | None, froms: _Froms) -> None:
    """What other beginnings have counts as joined where only a call names it that may follow
    them, too: a test may stand around it."""
    own, others = _Froms(froms.project), _Froms(froms.project)
    for key, (made, op) in built.calls.items():
        above = built.above(key).intersection(begins)
        if above == {first}:
            _apply(made, op, own)
        elif first not in above:
            _apply(made, op, others)
    for name in set(others.group) - set(own.group):
        froms.connect({name, *own.group})


def _begins(made: Spot, op: Op) -> bool:
    return op.name is None or made.frame.on(made.at).kind.name not in _STATEMENTS


def _entrances(call: Call | Operation, froms: _Froms) -> Iterator[Note]:
    """The steps of a statement: which tables come in where."""
    own = call.function.typed.module.path
    places: dict[tuple[str, int], list[str]] = {}
    for name, there in froms.entered.items():
        places.setdefault((there.frame.typed.module.path, there.ref), []).append(name)
    for (path, ref), names in sorted(places.items()):
        listed = " and ".join(f"`{name}`" for name in names)
        verb = "comes" if len(names) == 1 else "come"
        yield Note(f"{listed} {verb} in here", ref, "" if path == own else path)


def _statement(call: Call) -> Spot | None:
    given = call.executed() or handed_statement(call)
    if given is not None:
        return spot(call, *given)
    sent = call.runs()
    if sent is None or call.op.on is None:
        return None
    there = spot(call, call.op.args[0], call.on) if call.op.args else None
    frame = reader(call.function.project).frames.of(call.function.label)
    if frame is None:
        return None
    here = call.function.position(call.op)
    return there if here is None else frame.on(here)


def _iterated(operation: Operation) -> Spot | None:
    frame = reader(operation.function.project).frames.of(operation.function.label)
    here = operation.function.position(operation.op)
    if frame is None or here is None:
        return None
    return frame.on(here) if operation.op.do == "next" else frame.args(here)[0]


def joined_before(function: Function, op: Op) -> frozenset[str] | None:
    """The tables that a statement has when a method of it is called; None when not known."""
    project = function.project
    frame = reader(project).frames.of(function.label)
    here = function.position(op)
    if frame is None or here is None:
        return None
    froms = _Froms(project)
    try:
        _collect(frame.on(here), froms, 0)
    except _NotKnownError:
        return None
    return frozenset(froms.group)


HELPERS = 3  # that make the criteria of helpers
LINKS = 40  # calls in a chain, over all its branches
DEPTH = 40  # expressions in expressions; helpers that call themselves have no end


_Key = tuple[str, tuple[int, int]]


@dataclass
class _Built:
    """The calls that built a statement, each after those it is called on: joins look to their
    left, whatever branch the left was built in."""

    calls: dict[_Key, tuple[Spot, Op]] = field(default_factory=dict)
    on: dict[_Key, set[_Key]] = field(default_factory=dict)  # the calls that each is called on
    read: list[str] = field(default_factory=list)  # the classes of `Model.query`

    def above(self, key: _Key) -> set[_Key]:
        """A call, and all that it is built on."""
        found, waiting = {key}, [key]
        while waiting:
            more = self.on.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found


def _collect(start: Spot, froms: _Froms, depth: int) -> None:
    """All calls that built a statement, on whatever way."""
    built = _Built()
    _builders(start, froms, built, set())
    for name in built.read:
        froms.add(name)
    for made, op in built.calls.values():
        _apply(made, op, froms)


def _builders(current: Spot, froms: _Froms, built: _Built, done: set[_Key]) -> set[_Key]:
    """The calls that give a value, which are noted with those below them."""
    makers = list(reader(froms.project).origins.makers(current))
    begun = _read_of(current, froms) if not makers and current.kind.owner == "registry" else None
    if begun is not None and begun.kind.name == kinds.MAPPED_CLASS:
        built.read.append(_entity(begun))  # `Model.query`
        return set()
    if not makers or len(done) > LINKS:
        raise _NotKnownError
    keys = {(made.frame.label, made.at) for made in makers}
    for made in makers:
        key = (made.frame.label, made.at)
        if key in done:
            continue
        done.add(key)
        op = made.frame.op(made.at)
        if op.do != "call":
            raise _NotKnownError
        on = made.frame.on(made.at)
        if on.kind.name in _STATEMENTS and op.name is not None:
            built.on[key] = _builders(on, froms, built, done)
        built.calls[key] = (made, op)
    return keys


def _apply(made: Spot, op: Op, froms: _Froms) -> None:
    frame, at = made.frame, made.at
    args = frame.args(at)
    criteria = op.name in _CRITERIA
    if len(args) != len(op.args) or (not criteria and any(arg.star for arg in op.args)):
        raise _NotKnownError
    on = frame.on(at)
    plain = _plain(op, args, froms)
    if on.kind.name not in _STATEMENTS or op.name is None:
        if op.name not in ("query", "select") and on.kind.label.rpartition(".")[2] != "select":
            raise _NotKnownError
        for one in plain:
            froms.here = one
            _selected(one, froms)
        return
    froms.here = made
    if op.name in _SILENT:
        return
    if op.name in _CRITERIA:
        for one in (turn for given in plain for turn in _turns(given, froms)):
            froms.here = one
            names = _criterion(_known(one), froms)
            froms.asked = froms.asked or bool(names)
        return
    if op.name in ("add_columns", "add_entity"):
        for one in plain:
            _selected(one, froms)
        return
    if op.name == "select_from":
        for one in plain:
            froms.connect(_from(one, froms))
        return
    if op.name in _JOINS and plain and not froms.joined:
        _join(plain, froms)
        return
    member = froms.project.catalog.member(on.kind.name, False, op.name)
    if member is None or op.name in ("with_only_columns", "with_entities", "from_statement"):
        raise _NotKnownError
    if made.kind.name in _STATEMENTS:
        raise _NotKnownError  # a union, a correlation


def _plain(op: Op, args: list[Spot], froms: _Froms) -> list[Spot]:
    """The arguments without a keyword, with the elements of what a star hands over."""
    found: list[Spot] = []
    for arg, one in zip(op.args, args, strict=True):
        if arg.star:
            elements = listed(reader(froms.project), one) if arg.star == 1 else None
            if elements is None:
                raise _NotKnownError
            found += elements
        elif not arg.keyword:
            found.append(one)
    return found


def _turns(one: Spot, froms: _Froms) -> list[Spot]:
    """A criterion, or each that a loop takes of a list: ``for criterion in criteria``."""
    made = _maker(one, froms)
    if made is None or made.frame.op(made.at).do != "next":
        return [one]
    return listed(reader(froms.project), made.frame.on(made.at)) or [one]


def _is_alias(one: Spot) -> bool:
    return "alias" in one.kind.traits


def _entity(one: Spot) -> str:
    """What a mapped class is called here: an alias is a table of its own, by its variable."""
    if not one.kind.label:
        raise _NotKnownError  # `with_polymorphic(Employee, "*")`
    if "selected" in one.kind.traits:
        raise _NotKnownError  # `aliased(User, newest)` is that subquery, whatever it is called
    if not _is_alias(one):
        return _model(one.kind.label)
    if not isinstance(one.operand, str) or one.operand[0] == "%":
        raise _NotKnownError
    return one.operand


def _table(one: Spot, froms: _Froms) -> str:
    """What a table is called: ``Model.__table__`` as its class is, one that is made with a name by
    that name, wherever it is kept, others by their variable."""
    if one.kind.label:
        return _model(one.kind.label)
    made = _maker(one, froms)
    if made is not None and made.frame.op(made.at).do == "call":
        on = made.frame.on(made.at).kind
        name = made.frame.op(made.at).args[:1]
        called = on.label.rpartition(".")[2] if on.name == NAME else ""
        if "Table" in (called, made.frame.op(made.at).name) and name:
            said = name[0].value.value if isinstance(name[0].value, Const) else None
            if isinstance(said, str):
                return said
    if one.frame.depth:
        raise _NotKnownError  # a helper's own name of what its caller may call otherwise
    if not isinstance(one.operand, str) or one.operand[0] == "%":
        raise _NotKnownError  # `TABLES["users"]`: which one, and whether it is another's, is open
    return one.operand


def _selected(one: Spot, froms: _Froms) -> None:
    if one.kind.name == kinds.MAPPED_CLASS:
        froms.add(_entity(one))
        return
    if one.kind.name == kinds.TABLE and _table(one, froms).isidentifier():
        froms.add(_table(one, froms))
        return
    if one.kind.name == kinds.FROM_CLAUSE:
        froms.joined = True
        for name in _from(one, froms, mapped=True):
            froms.add(name)
        return
    for name in _criterion(one, froms):
        froms.add(name)


def _from(one: Spot, froms: _Froms, *, mapped: bool = False) -> set[str]:
    """The tables of a FROM: a class, a table, or a join of them."""
    if one.kind.name == kinds.MAPPED_CLASS:
        return {_entity(one)}
    if one.kind.name == kinds.TABLE and not mapped and isinstance(one.operand, str):
        return {_table(one, froms)}
    made = _maker(one, froms)
    op = made.frame.op(made.at) if made is not None else None
    if made is None or op is None or op.do != "call":
        raise _NotKnownError
    on = made.frame.on(made.at)
    if on.kind.name in (kinds.TABLE, kinds.FROM_CLAUSE) and op.name in _JOINS and not mapped:
        return _from(on, froms) | _from(made.frame.args(made.at)[0], froms)
    library = dotted_label(on.kind, op.name)
    if on.kind.name != NAME or library.rpartition(".")[2] not in _JOINS:
        raise _NotKnownError
    if mapped and library.startswith("sqlalchemy.orm"):
        raise _NotKnownError  # selected, it is one entity
    found: set[str] = set()
    for side in made.frame.args(made.at)[:2]:
        found |= _from(side, froms, mapped=mapped)
    return found


def _join(plain: list[Spot], froms: _Froms) -> None:
    target, *on = plain
    left = set(froms.group)
    if target.kind.name == kinds.MAPPED_CLASS:
        names = {_entity(target)}
    elif target.kind.name == kinds.TABLE and isinstance(target.operand, str):
        names = {_table(target, froms)}
    elif "relationship" in target.kind.traits and not on:
        froms.connect(_related(target, froms))
        return
    else:
        raise _NotKnownError
    if not on:
        froms.connect(names | left)
        return
    if "relationship" in on[0].kind.traits:
        froms.connect(names | {_owner(on[0], froms)})
        return
    asked = _criterion(_known(on[0]), froms)
    if asked and not asked & names:  # it says nothing of what is joined
        for name in names:
            froms.add(name)
        return
    if asked <= names and not _is_of_itself(on[0], froms):
        # without names, or of what is joined alone (`Key.id == key_id`): it is meant for every pair
        asked = left
    froms.connect(names | asked)


def _is_of_itself(criterion: Spot, froms: _Froms) -> bool:
    """``Address.user_id == Address.id``: a slip for a column of the other table."""
    made = _maker(criterion, froms)
    if made is None or made.frame.op(made.at).do != "compare":
        return False
    sides = [made.frame.on(made.at), *made.frame.args(made.at)]
    return all(side.kind.name == kinds.COLUMN_EXPR for side in sides)


def _known(one: Spot) -> Spot:
    """A whole criterion: one that is unknown, or that a method makes, may name any table."""
    if one.kind.name in (kinds.UNKNOWN, kinds.FUNCTION, "METHOD"):
        raise _NotKnownError
    return one


def _owner(attribute: Spot, froms: _Froms) -> str:
    """The class, or the alias, that an attribute is read of."""
    on = _read_of(attribute, froms)
    if on is not None and on.kind.name == kinds.MAPPED_CLASS:
        return _entity(on)
    return attribute.kind.label.rpartition(".")[0]


def _related(target: Spot, froms: _Froms) -> set[str]:
    """Both ends of a relationship."""
    source, _, name = target.kind.label.rpartition(".")
    models = froms.project.models
    if _owner(target, froms) != source:
        raise _NotKnownError  # of an alias, or of a class that inherits it
    for model in models.named(source):
        relation = models.relation(model, name)
        if relation is not None and relation.target is not None:
            return {source, _model(relation.target.label)}
    raise _NotKnownError


def _criterion(one: Spot, froms: _Froms) -> set[str]:
    """The tables in an expression; those in one comparison belong together."""
    if froms.depth > DEPTH:
        raise _NotKnownError
    froms.depth += 1
    found = _in_expression(one, froms)
    froms.depth -= 1
    return found


def _in_expression(one: Spot, froms: _Froms) -> set[str]:
    if isinstance(one.operand, Const):
        return set()
    if one.kind.name == kinds.MAPPED_CLASS:
        return {_entity(one)}
    if one.kind.name != kinds.COLUMN_EXPR:
        if one.kind.name in _OPEN:
            made = _maker(one, froms)
            op = made.frame.op(made.at) if made is not None else None
            if one.kind.name != kinds.UNKNOWN or (op is not None and op.do in ("binop", "call")):
                raise _NotKnownError
            read = _read_of(one, froms)
            dotted = isinstance(one.operand, str) and "." in one.operand
            if (read is None and dotted) or (
                read is not None and read.kind.name in (kinds.MAPPED_CLASS, kinds.CLASS)
            ):
                raise _NotKnownError  # an attribute that a mixin or a library gives
        return set()  # a value
    made = _maker(one, froms)
    on = _read_of(one, froms)
    of_class = on is not None and on.kind.name == kinds.MAPPED_CLASS
    mapped = of_class and on is not None and ("mapped" in one.kind.traits or _is_alias(on))
    leaf = _entity(on) if on is not None and mapped else _leaf(one, froms)
    if leaf:
        froms.add(leaf)
        return {leaf}
    if made is None:
        raise _NotKnownError
    frame, at = made.frame, made.at
    op = frame.op(at)
    args = frame.args(at)
    if op.do == "getattr":
        leaf = _leaf(made, froms)
        if not leaf:
            raise _NotKnownError
        froms.add(leaf)
        return {leaf}
    if op.do in ("compare", "binop"):
        sides = [frame.on(at), *args] if op.do == "compare" else args
        found = set().union(*(_criterion(side, froms) for side in sides))
        if op.do == "compare" or op.name not in ("&", "|"):
            froms.connect(found)
        return found
    if op.do == "unary":
        return _criterion(frame.on(at), froms)
    if op.do != "call":
        raise _NotKnownError
    on = frame.on(at)
    library = dotted_label(on.kind, op.name)
    last = library.rpartition(".")[2] if on.kind.name == NAME else ""
    if last in _LOGIC:
        args = _plain(op, args, froms)
    elif any(arg.star for arg in op.args):
        raise _NotKnownError
    if on.kind.name == NAME:
        inner = [_criterion(side, froms) for side in args]
        found = set().union(*inner)
        if last in _LOGIC:
            return found
        if ".func." in f".{library}" or last in _PARTS:
            froms.connect(found)
            return found
        raise _NotKnownError
    if on.kind.name == kinds.COLUMN_EXPR and op.name in _CORRELATED:
        return _criterion(on, froms)
    if on.kind.name == kinds.COLUMN_EXPR and op.name in _METHODS:
        found = _criterion(on, froms)
        for side in args:
            if side.kind.name not in _STATEMENTS:
                found |= _criterion(side, froms)
        froms.connect(found)
        return found
    return _returned(made, froms)


def _returned(made: Spot, froms: _Froms) -> set[str]:
    """The tables in the criteria that a function of the project returns."""
    known = reader(froms.project)
    callee = known.frames.callee(made.frame, made.at)
    if callee is None or callee.depth > HELPERS or known.origins.is_wrapped(callee.label):
        raise _NotKnownError
    if callee.typed.function.is_generator or callee.typed.function.is_async:
        raise _NotKnownError
    found: set[str] = set()
    returned = list(callee.returned())
    for one in returned:
        found |= _criterion(_known(one), froms)
    if not returned:
        raise _NotKnownError
    return found


def _read_of(one: Spot, froms: _Froms) -> Spot | None:
    """What an attribute is read of; None for what is no attribute, or one of several."""
    origins = reader(froms.project).origins
    for _ in range(LINKS):
        if not isinstance(one.operand, str):
            return None
        frame = one.frame
        found = frame.graph.definitions(one.operand, one.at, origins.admits(frame))
        if len(found.positions) != 1 or found.entry:
            return None
        at = found.positions[0]
        op = frame.op(at)
        if op.do == "getattr":
            return frame.on(at)
        if op.do != "move":
            return None
        one = frame.on(at)
    return None


def _leaf(one: Spot, froms: _Froms) -> str:
    """The table of an attribute or column that is named here; "" for other expressions."""
    label = one.kind.label
    if "mapped" in one.kind.traits and "." in label:
        return label.rpartition(".")[0]
    of_class = label.partition(".c.")[0]
    if of_class and ".c." in label:  # of `Model.__table__`
        return _model(of_class)
    columns = _read_of(one, froms) if ".c." in label else None
    table = _read_of(columns, froms) if columns is not None else None
    if table is not None and table.kind.name == kinds.TABLE:
        return _table(table, froms)
    place = one.operand if isinstance(one.operand, str) else ""
    parts = place.split(".")
    if len(parts) == 3 and (one.frame.depth or place[0] == "%"):
        raise _NotKnownError
    if len(parts) == 3 and parts[1] in ("c", "columns") and ".c." in label:
        return parts[0]
    return ""


def _maker(one: Spot, froms: _Froms) -> Spot | None:
    makers = list(reader(froms.project).origins.makers(one))
    return makers[0] if len(makers) == 1 else None


def _model(label: str) -> str:
    return label.rpartition(":")[2]


def _inherit(froms: _Froms) -> None:
    """A class and its mapped bases share a table or are joined by their mapping."""
    models = froms.project.models
    for name in list(froms.group):
        for model in models.named(name):
            above = {_model(other.label) for other in models.lineage(model)}
            shared = above & set(froms.group)
            if len(shared) > 1:
                froms.connect(shared)
    for one in list(froms.group):  # heirs of one class without tables of their own
        tables = [models.table_of(model) for model in models.named(one)]
        for other in list(froms.group):
            others = [models.table_of(model) for model in models.named(other)]
            if any(table is not None and table in others for table in tables):
                froms.connect({one, other})

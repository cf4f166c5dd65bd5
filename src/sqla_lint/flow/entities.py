"""What one operation does to one attribute of one mapped object, and to the session it hangs on.

`flow.solve` asks it like `flow.effects`. The object is known under names with the roles
    SELF            the object itself
    MANY            a collection of such objects: iterating gives SELF
    SELF>n, MANY>n  an object, or a collection, that n relationships on the way lead to
    AWAITED, AWAITED>n  its `awaitable_attrs`
    MANY>n.name     a collection of what an attribute of each of these is: an association proxy
    SELF@f/…        what keeps it in a field: see `flow.keeping`
    s:<role>        a name of its session, with the role it has for `flow.effects`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import Proxy, is_mapped_column, mapped, proxied, read_as_attribute
from sqla_lint.flow.effects import BEGUN, CLOSER, FAILS, NOTHING, Effects, Happening, Names
from sqla_lint.flow.guards import Guards
from sqla_lint.flow.heirs import of_heirs
from sqla_lint.flow.holders import is_holder
from sqla_lint.flow.keeping import MANY as MANY
from sqla_lint.flow.keeping import Keeper, field_given, keeper, keeping
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.reads import (
    ANY,
    ASKED,
    INNER,
    KEEPS,
    LOOKERS,
    TRANSIENT,
    Reads,
    Summaries,
)
from sqla_lint.flow.root import OF_SESSION as OF_SESSION
from sqla_lint.flow.root import SELF, Root
from sqla_lint.flow.serializing import read_by_asdict, read_by_validating
from sqla_lint.flow.shape import Shape
from sqla_lint.flow.working import Work, read_by_work
from sqla_lint.flow.workunits import PART, UNIT, Unit, adds, by_method, by_part
from sqla_lint.ir import Const, Function, Op, Place
from sqla_lint.project.callers import called
from sqla_lint.project.flags import flags
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import COLLECTORS, ONE_BY_ONE, applying, hands_on
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.ways import passes_by

CONTEXT = "context"  # what removes the session when it is left

# Functions that call each other are followed so far to the commit or rollback at the end of one.
COMMIT_DEPTH = 2
_ENDING_SURELY = f"{__name__}.ending"  # where these are remembered, for the whole project

_SESSION_ROLES = frozenset(
    {UNIT, PART, SELF, BEGUN, CLOSER, kinds.TRANSACTION, kinds.CONTEXT_MANAGER, kinds.QUERY}
    | {kinds.SAVEPOINT}
)
_STATEMENT_KINDS = frozenset({kinds.SELECT, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ROW})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_RUNNING = frozenset({"read", "execute"})
_WRITING = frozenset({"flush", "write", "add"})
# Methods of a session about an object that is passed.
_GIVEN = {
    "add": "add",
    "add_all": "add",
    "expunge": "expunge",
    "expire": "expire",
    "merge": "",  # what it gives is another object
    "delete": "escape",
    "is_modified": "",
    "__contains__": "",
}
_OF_LIST = {
    "copy": MANY,
    "get": SELF,
    "items": MANY,
    "pop": SELF,
    "popleft": SELF,
    "setdefault": SELF,
    "values": MANY,
}
_ENDS = frozenset({"escape", "expunge", "add", "sets"})
_CHANGES = frozenset({"read", "refresh", "load", "set", "sets", "escape", "expunge", "add"})
_SETATTR = 3  # arguments of `setattr(user, name, value)`
_COLLECTIONS = frozenset(
    {kinds.LIST, kinds.COLLECTION, kinds.TUPLE, kinds.SET, kinds.ROW, kinds.DICT}
)
_ADDITION = frozenset({"augassign", "binop"})
# What an element of a collection may be that holds objects in turn: a pair, a group.
_NESTED = frozenset({kinds.COLLECTION, kinds.LIST, kinds.TUPLE})
_APPLYING = frozenset({"builtins.map", "functools.reduce"})
_SHOWING = frozenset(f"builtins.{name}" for name in ("repr", "str", "print", "format"))
# Methods of a list that neither read its elements nor hand them on.
_LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse", "clear", "copy"})


def session_roles(roles: dict[Place, str]) -> dict[Place, str]:
    """The session's names among the names of an object."""
    n = len(OF_SESSION)
    return {p: r[n:] for p, r in roles.items() if r.startswith(OF_SESSION)}


_STEPS = ">"
_AWAITED = "awaited"
_EACH = "."
_NO_PLACES: Mapping[int, Place] = {}
_NO_NAMES: Mapping[int, frozenset[str]] = {}


class Own(NamedTuple):
    """The role of a name, taken apart."""

    many: bool
    depth: int  # relationships behind the object
    each: str = ""  # of each of many the attribute that an element is: see `Proxy`


def _own(role: str | None) -> Own | None:
    """What a role says of the object; None for roles of its session."""
    if role is None or role.startswith(OF_SESSION):
        return None
    what, _, rest = role.partition(_STEPS)
    if what not in (SELF, MANY):
        return None
    depth, _, each = rest.partition(_EACH)
    return Own(what == MANY, int(depth or 0), each)


def _of_proxy(role: str | None) -> Own | None:
    """The same of what an association proxy gives; None for all other roles."""
    own = _own(role)
    return own if own is not None and own.each else None


def _role(many: bool, depth: int, each: str = "") -> str:
    role = _deep(MANY if many else SELF, depth)
    return f"{role}{_EACH}{each}" if each else role


def _deep(what: str, depth: int) -> str:
    return f"{what}{_STEPS}{depth}" if depth else what


def _started(work: Work, events: tuple[str, ...]) -> tuple[str, ...]:
    """What work does with an object, when that is, by what its function does."""
    if work.when == "now":
        return events
    if work.when == "copied":
        return ("copied",) if events == ("read",) else ()  # one that it adds may be loaded
    if "add" in events:
        return ()  # that may load what it reads
    return (work.when,) if "read" in events else ()


def _awaited(role: str | None) -> int | None:
    """How deep the object stands whose `awaitable_attrs` it is; None for anything else."""
    what, _, depth = (role or "").partition(_STEPS)
    return int(depth or 0) if what == _AWAITED else None


def is_handle(role: str) -> bool:
    """A name with this role stands for the session, for what will be it, or for what keeps it."""
    return role in _SESSION_ROLES or role.startswith("await ") or is_holder(role)


def _of_unit(op: Op, sessions: dict[Place, str]) -> bool:
    """The operation is about a unit of work, or what hangs on it."""
    return any(sessions.get(str(p)) in (UNIT, PART) for p in (op.on, *(a.value for a in op.args)))


def is_of_expression(function: Function, header: int) -> bool:
    """The loop is one of a generator expression, which runs later."""
    blocks = function.blocks
    for _ in blocks:
        after = next((e.to for e in blocks[header].edges if e.when == "done"), None)
        if after is None:
            return False
        ops = blocks[after].ops
        if ops and ops[0].do == "pack":
            return ops[0].name == "gen"
        if all(edge.when != "done" for edge in blocks[after].edges) or len(ops) != 1:
            return False
        header = after
    return False


class AttributeEffects(Effects):
    """Reads operations for one attribute of objects of one model, or of what is behind them."""

    def __init__(
        self,
        effects: Effects,
        summaries: Summaries,
        session: Kind,
        reach: Reach,
        leaving: tuple[str, ...] = (),
        shape: Shape | None = None,
    ) -> None:
        self.plain = effects
        self.summaries = summaries
        self.project = effects.project
        self.session = session
        self.reach = reach
        self.model = reach.models[0]
        self.names = reach.names
        self.gone_through: set[int] = set()  # calls that read it of each object
        self._loops: dict[tuple[int, str], tuple[str, ...]] = {}
        self.dumps: dict[int, Reads] = {}  # what calls of schemas read
        # what templates read of what an operation hands them, by its id and the name of that
        self.shown: Mapping[tuple[int, Place], Reads] = {}
        # what work does that an operation makes together with the object, likewise
        self.held: Mapping[tuple[int, Place], Work] = {}
        self.watched: Op | None = None  # what is told apart from all others, by who asks
        self.gives = "return"  # the operation by which the function hands objects to its caller
        self.unit: Unit | None = None  # the unit of work that keeps the session
        # the local containers that operations put something into
        self.puts = shape.puts if shape is not None else _NO_PLACES
        self.named = shape.named if shape is not None else _NO_NAMES
        self.leaving = leaving  # what its lender does when the block is left
        self.by_turn = (
            False  # what matters is the turn of a loop: a list that keeps it loads nothing
        )
        # what puts it away, and by which name: see `flow.stores`
        self.kept_by: tuple[Op, Place] | None = None
        self.put_away: frozenset[int] = frozenset()  # what does so, and nothing else, by its id
        self.by_update = False  # it is what an UPDATE makes anew, whatever is changed
        self.by_change = False  # it is whether what is changed comes into a session
        self.spent: tuple[str, ...] = ()  # what a generator does that has given its last object

    def guards(self, function: Function) -> Guards:
        """Remembered with those of all other questions."""
        return self.plain.guards(function)

    def shape(self, typed: Typed) -> Shape:
        """Remembered with those of all other questions."""
        return self.plain.shape(typed)

    def possible(self, typed: Typed, root: Root) -> frozenset[str] | None:
        """Anything: what sessions do happens to an attribute, too."""
        return None

    def never_returns(self, op: Op, on: Kind) -> bool:
        """Remembered with those of all other questions."""
        return self.plain.never_returns(op, on)

    def of(
        self,
        op: Op,
        roles: dict[Place, str],
        root: Kind,
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> Happening:
        """What ``op`` does to the attribute."""
        if op is self.watched:
            return NOTHING
        events: list[str] = []
        gained = ""
        sessions = session_roles(roles)
        about = self._about(op, roles, on, args, dst)
        holder, held = "", ""
        if about is not None:
            events += about.events
            gained, holder, held = about.role, about.holder, about.held
            if "transient" in events or "hollow" in events:  # it has left the session
                return about
        if self.unit is not None and _of_unit(op, sessions):
            done, role = self._by_unit(self.unit, op, sessions, roles, on)
            return (
                Happening((*events, *done), gained or role)
                if events or done or role or gained
                else NOTHING
            )
        if op.on in sessions or any(a.value in sessions for a in op.args):
            said = self.plain.of(op, sessions, self.session, on, args, dst)
            events += self._of_session(op, said, sessions, roles, on, args, dst)
            if not gained and said.role and is_handle(said.role):
                again = op.do == "call" and op.name == "refresh"  # has happened to the object
                gained = OF_SESSION + ("await  " if again else said.role)
        if not (events or gained or holder):
            return NOTHING
        return Happening(tuple(events), gained, holder=holder, held=held)

    def exhausted(self, typed: Typed, number: int, names: Names) -> tuple[str, ...]:
        """A loop over all objects has done with each what its body does."""
        op = typed.function.blocks[number].ops[-1]
        own = _own(dict(names).get(str(op.on)))
        if op.do != "next" or op.dst is None or own is None or not own.many:
            return ()
        key = (op.at, typed.function.qualname)
        if key not in self._loops:
            self._loops[key] = self._changes_each(
                typed, number, dict(names), op.dst, _role(False, own.depth)
            )
            if typed.on[number][-1].name == kinds.GENERATOR and not is_of_expression(
                typed.function, number
            ):
                self._loops[key] += self.spent
        return self._loops[key]

    def _taken(self, op: Op, args: tuple[Kind, ...]) -> tuple[str, ...]:
        """What a generator does whose objects a call takes, all of them."""
        taken = self.spent and any(
            kind.name == kinds.GENERATOR and (arg.star or arg is op.args[0])
            for arg, kind in zip(op.args, args, strict=False)
        )
        return self.spent if taken else ()

    def _changes_each(
        self, typed: Typed, number: int, names: dict[Place, str], element: Place, role: str
    ) -> tuple[str, ...]:
        function = typed.function
        found: set[str] = set()
        body = next(e.to for e in function.blocks[number].edges if e.when == "item")
        loop = function.blocks[body].loops[-1:]
        roles = {p: r for p, r in names.items() if r.startswith(OF_SESSION)} | {element: role}
        for inner, block in enumerate(function.blocks):
            if not loop or loop[0] not in block.loops:
                continue
            for i, op in enumerate(block.ops):
                if op.dst == element or len(typed.args[inner][i]) != len(op.args):
                    continue
                on, args, dst = typed.on[inner][i], typed.args[inner][i], typed.dst[inner][i]
                about = self._about(op, roles, on, args, dst)
                if about is None:
                    continue
                found |= set(about.events) & _CHANGES
                if about.role and op.dst is not None:
                    roles[op.dst] = about.role
        if found & _ENDS:
            return ("escape",)
        return ("each",) if found else ()

    # --- the session -----------------------------------------------------------------------------

    def _of_session(
        self,
        op: Op,
        said: Happening,
        sessions: dict[Place, str],
        roles: dict[Place, str],
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> list[str]:
        role = sessions.get(op.on) if isinstance(op.on, str) else None
        out: list[str] = []
        if op.do == "leave" and role == SELF and self.leaving:
            commits = op.name != "exc" and "commit" in self.leaving
            out += ["sent", *self._ended()] if commits else []
        done = set(said.events) - {FAILS}
        if op.do == "call" and role is None and done:
            # the session is an argument, or what has the method keeps it: what may happen there
            if done <= _RUNNING | _WRITING:
                return ["reload", "flush"]
            if done == {"rollback"} and self._surely_ends("rollback", op, on):
                return ["rollback"]
            return ["sent", *self._ended()] if self._ends_with_commit(op, on, done) else ["escape"]
        kept = op.do == "call" and is_holder(role) and "commit" in done
        if kept and not self._ends_with_commit(op, on, done):
            return ["escape"]
        if role == CONTEXT:  # Flask-SQLAlchemy removes the session with it
            return ["close"] if op.do == "leave" else []
        if op.do == "call" and op.name in ("expire_all", "reset", "expunge_all"):
            return ["expire" if op.name == "expire_all" else "expunge"]
        for event in said.events:
            if event in ("commit", "flush"):
                out.append("sent")
            if event == "commit":
                out += self._ended()
            elif event in _RUNNING or event in ("write", "flush"):
                out.append("flush")
                if event in _RUNNING and self._may_load(op, on, args, dst):
                    out.append("reload")
            elif event in ("rollback", "close", "nest", "undo"):
                out.append(event)
            elif event == "unnest":
                out.append("release")
            elif event == "escape" and op.do not in ("return", "yield"):
                out.append("escape")
        return out

    def _by_unit(
        self, unit: Unit, op: Op, sessions: dict[Place, str], roles: dict[Place, str], on: Kind
    ) -> tuple[list[str], str]:
        """What an operation on a unit of work, or on what hangs on it, does to the object; the role
        of what it gives."""
        role = sessions.get(op.on, "") if isinstance(op.on, str) else ""
        if op.do in ("move", "await", "enter"):
            return [], OF_SESSION + role
        if op.do == "getattr":
            return [], OF_SESSION + (SELF if op.name == unit.attribute else PART)
        if op.do == "leave" and role == UNIT:
            if op.name == "exc":
                return ["escape"], ""
            return self._sent(unit.leaving), ""
        if op.do == "call" and not role:  # somebody is given it
            return list(by_part(self.project, op, on)), ""
        if op.do != "call":
            return (["escape"] if op.do in ("yield", "closure", "setattr") else []), ""
        if any(_own(roles.get(str(arg.value))) is not None for arg in op.args):
            return [], ""  # told by what becomes of the object
        if role == UNIT and op.name is not None:
            return self._sent(by_method(self.project, unit, op.name)), ""
        return list(by_part(self.project, op, on)), ""

    def _sent(self, events: tuple[str, ...]) -> list[str]:
        out: list[str] = []
        for event in events:
            out += ["sent", *self._ended()] if event == "commit" else [event]
        return out

    def _ends_with_commit(self, op: Op, on: Kind, done: set[str]) -> bool:
        return done <= _WRITING | {"commit"} and self._surely_ends("commit", op, on)

    def _surely_ends(self, how: str, op: Op, on: Kind, depth: int = COMMIT_DEPTH) -> bool:
        """A function of the project commits, or rolls back, at its end, whatever happens, itself or
        by another one, and does nothing after that could load again."""
        knowledge = self.project.knowledge
        callee = called(knowledge, op, on)
        entry = knowledge.functions.get(callee.label)
        if entry is None or self.plain._wrapped(callee.label):
            return False
        if on.name == kinds.INSTANCE and knowledge.classes.is_overridden(on.label, op.name or ""):
            return False
        known: dict[tuple[str, str, int], bool]
        known = self.project.memo.setdefault(_ENDING_SURELY, {})  # type: ignore[assignment]
        key = (how, callee.label, depth)
        if key not in known:
            known[key] = False  # of one that calls itself
            known[key] = self._ends_last(how, callee.label, depth)
        return known[key]

    def _ends_last(self, how: str, label: str, depth: int) -> bool:
        typed = self.project.typed.get(label)
        if typed is None:
            return False
        ending = set[int]()
        for number, block in enumerate(typed.function.blocks):
            i = max((i for i, op in enumerate(block.ops) if op.do == "call"), default=None)
            if i is not None:
                op, on = block.ops[i], typed.on[number][i]
                own = op.name == how and on.name in _SESSIONS
                if own or (depth > 0 and self._surely_ends(how, op, on, depth - 1)):
                    ending.add(number)
        return bool(ending) and not passes_by(typed.function, ending)

    def _ended(self) -> list[str]:
        if "expires" in self.session.traits:
            return ["flush", "expire"]
        return ["flush", "settle" if "no-expire" in self.session.traits else "perhaps"]

    def _may_load(self, op: Op, on: Kind, args: tuple[Kind, ...], dst: Kind) -> bool:
        """A statement may give the same object again: it selects its model, or what is unknown."""
        if op.name == "refresh":
            return False
        known = False
        for kind in (on, *args, dst, *dst.of):
            if kind.name in _STATEMENT_KINDS and kind.of:
                known = True
                if any(self._is_it(of) for of in kind.of):
                    return True
            elif kind.name in (kinds.MAPPED_CLASS, kinds.ENTITY):
                known = True
                if self._is_it(kind):
                    return True
        return not known

    def _is_it(self, of: Kind) -> bool:
        if of.name in (kinds.COLUMN_EXPR, kinds.TABLE):
            return False
        return of.name not in (kinds.MAPPED_CLASS, kinds.ENTITY) or of.label in (
            "",
            *self.reach.models,
            self.reach.heir,
        )

    # --- the object ------------------------------------------------------------------------------

    def _about(
        self, op: Op, roles: dict[Place, str], on: Kind, args: tuple[Kind, ...], dst: Kind
    ) -> Happening | None:
        own = _own(roles.get(op.on)) if isinstance(op.on, str) else None
        given = [str(a.value) for a in op.args if _own(roles.get(str(a.value))) is not None]
        if own is None and not given:
            awaited = _awaited(roles.get(op.on)) if isinstance(op.on, str) else None
            if awaited is not None:
                return self._sought(op, awaited, roles[str(op.on)])
            if any(_awaited(roles.get(str(arg.value))) is not None for arg in op.args):
                return Happening(("escape",))  # whatever is asked of them there
            return self._about_keeper(op, roles, on, args, dst)
        do = op.do
        if self.kept_by is not None and op is self.kept_by[0]:
            last = _own(roles.get(self.kept_by[1]))
            kept = last is not None and not last.depth
            return Happening(("hand",) if kept else ("escape",))
        if id(op) in self.put_away:
            return NOTHING
        if any(
            found.each for p in (op.on, *given) if (found := _own(roles.get(str(p)))) is not None
        ):
            return self._about_proxy(op, roles, on, args)
        put = self._put(op, given, roles)
        if put is not None:
            return put._replace(events=self._taken(op, args)) if op.name == "extend" else put
        template = self.shown.get((id(op), given[0])) if given else None
        if template is not None:
            return self._shown(op, template, given[0], roles)
        work = self.held.get((id(op), given[0])) if given else None
        if work is not None:
            said = self._shown(op, work.reads, given[0], roles)
            return said._replace(events=_started(work, said.events))
        if own is not None:
            role = roles[str(op.on)]
            if do in ("move", "await"):
                return Happening((), role)
            if do == "getattr":
                return NOTHING if own.many else self._read(op, op.name or "", own.depth)
            if do in ("next", "getitem", "unpack") and own.many:
                return self._element(op, own.depth, dst)
            if do == "setattr" and self.by_change:
                return Happening(self._by_setting(op, own, given))
            if do in _ADDITION and op.name in ("+", "+=") and own.many:
                return Happening((), role)
            if do == "setattr" and not own.many and op.name == self.names[own.depth]:
                return Happening(("set",))
            if do == "setattr" and not own.many and not own.depth and self._writes(op.name or ""):
                return Happening(("change", *(("escape",) if given else ())))
            if do == self.gives and (do == "return" or not own.depth):
                return Happening(("hand",)) if not own.depth else NOTHING
        if do in ("ifelse", "boolop"):
            return Happening((), roles[given[0]]) if given else NOTHING
        if do in _ADDITION and op.name in ("+", "+=") and given:
            return Happening((), roles[given[0]])
        if do == "format" and given:
            shown = _own(roles[given[0]])
            return Happening(self._by_showing(shown.depth) if shown and not shown.many else ())
        if do == "setattr":
            return Happening(("escape",)) if given else NOTHING
        if do == "pack" and given:
            first = _own(roles[given[0]])
            taken = self._taken(op, args) if any(arg.star for arg in op.args) else ()
            return Happening(taken, _role(True, first.depth if first is not None else 0))
        if do in ("yield", "closure", "setitem") and (given or do == "yield"):
            return Happening(("escape",))
        if do == "call":
            return self._called(op, roles, own, given, on, args, dst)
        return NOTHING

    def _by_setting(self, op: Op, own: Own, given: list[str]) -> tuple[str, ...]:
        """Whether an assignment changes the row, or hands the object to somebody, or somebody to
        the object: what is related comes into sessions together."""
        if given or own.many or own.depth:
            return ("escape",)
        if self._is_related(op.name or ""):
            return ("escape",)
        return ("set",) if op.name == self.names[0] else ()

    def _is_related(self, name: str) -> bool:
        found = mapped(self.project, self.model, name)
        return found is not None and found.role == "relationship"

    def _shown(self, op: Op, reads: Reads, place: Place, roles: dict[Place, str]) -> Happening:
        """A template is rendered with the object, or with a dictionary that has it."""
        first = _own(roles[place])
        assert first is not None
        reads = self.summaries.expanded(reads, self.reach.model_of(first.depth))
        said = self._reads_given(op, reads, first)
        wanted = ".".join(self.names[first.depth :])
        if "read" in said.events and self.reach.through_many and wanted in reads.each:
            self.gone_through.add(id(op))
        role = _role(True, first.depth) if op.do == "pack" else ""
        return Happening(said.events, role)

    def _put(self, op: Op, given: list[str], roles: dict[Place, str]) -> Happening | None:
        """`found.append(user)`: a container of the function holds the object, too."""
        holder = self.puts.get(id(op))
        if holder is None:
            return None
        if op.do == "augassign" and op.dst is not None:  # the name is bound anew
            known = next((roles[place] for place in (str(op.on), *given) if place in roles), "")
            return Happening((), known)
        if not given:
            return None
        if op.do == "setitem" and given != [str(op.args[-1].value)]:
            return None
        first = _own(roles[given[0]])
        assert first is not None
        return Happening(holder=holder, held=_role(True, first.depth))

    def _element(self, op: Op, depth: int, dst: Kind) -> Happening:
        """One of many. Which kind of collection it is only the object's own names tell; of what
        is behind a relationship each turn of a loop gives an element."""
        if depth:
            if dst.name in _NESTED:
                return Happening((), _role(True, depth))
            turn = op.do == "next" or (op.do == "unpack" and dst.label == self.reach.models[depth])
            return Happening((), _role(False, depth)) if turn else NOTHING
        if dst.name == kinds.ENTITY:
            return Happening((), SELF) if dst.label == self.model else NOTHING
        return Happening((), MANY) if dst.name in _COLLECTIONS else NOTHING

    def _read(self, op: Op, name: str, depth: int) -> Happening:
        last = depth == len(self.names) - 1
        if name == self.names[depth]:
            if last:
                return Happening(("read",))
            return Happening((), _role(self.reach.steps[depth].many is not False, depth + 1))
        if last and self.reach.heir and self._is_of_heir(name):
            return Happening(("load",))
        if name == ASKED:
            return Happening((), _deep(_AWAITED, depth))
        if name in INNER:
            return Happening(("escape",))
        model = self.reach.model_of(depth)
        method = self.project.knowledge.classes.method(model, name)
        if method is not None:
            method = read_as_attribute(self.project.knowledge, method)
            if not method:
                return NOTHING
            return self._reads_given(op, self.summaries.of_self(method, model), Own(False, depth))
        proxy = proxied(self.project, model, name)
        if proxy is not None:
            return self._proxied(proxy, depth)
        if depth:
            return NOTHING
        if self.by_change and self._is_related(name):
            return Happening(("related",))
        return Happening(("other",) if is_mapped_column(self.project, model, name) else ())

    def _sought(self, op: Op, depth: int, role: str) -> Happening:
        """`await user.awaitable_attrs.posts`: it is loaded, where something waits for it."""
        if op.do in ("move", "await"):
            return Happening((), role)
        if op.do != "getattr":
            return Happening(("escape",))
        if op.name != self.names[depth]:
            return NOTHING if depth else Happening(("sought",))
        if depth == len(self.names) - 1:
            return Happening(("await",))
        return Happening((), _role(self.reach.steps[depth].many is not False, depth + 1))

    def _is_of_heir(self, name: str) -> bool:
        """Another column of the same heir: all of them are loaded together."""
        found = of_heirs(self.project, self.reach.models[-1]).get(name)
        return found is not None and found.heir == self.reach.heir

    def _proxied(self, proxy: Proxy, depth: int) -> Happening:
        """An association proxy reads the relationship that it leads through."""
        names = {proxy.through} if proxy.many else {proxy.through, f"{proxy.through}.{proxy.value}"}
        found = frozenset(names)
        further = proxy.through == self.names[depth] and depth < len(self.names) - 1
        gives = _role(True, depth + 1, proxy.value) if proxy.many and further else ""
        return Happening(self._by(Reads(found, found), depth), gives)

    def _about_proxy(
        self, op: Op, roles: dict[Place, str], on: Kind, args: tuple[Kind, ...]
    ) -> Happening:
        """An operation on what an association proxy gives, or with it."""
        own = _own(roles.get(op.on)) if isinstance(op.on, str) else None
        if own is not None and own.each:
            if op.do in ("move", "await"):
                return Happening((), roles[str(op.on)])
            asks = op.do in ("next", "getitem", "unpack")
            return self._out_of_proxy(op, own, whole=False) if asks else NOTHING
        if op.do != "call":
            return NOTHING
        first = next(
            one
            for arg in op.args
            if (one := _own(roles.get(str(arg.value)))) is not None and one.each
        )
        callee = called(self.project.knowledge, op, on)
        if callee.name not in (NAME, FOREIGN):
            return Happening(("escape",))
        if callee.label in LOOKERS:
            return NOTHING
        return self._by_library(callee.label, op, roles, args, first)

    def _out_of_proxy(self, op: Op, own: Own, *, whole: bool) -> Happening:
        """An element of what an association proxy gives is asked for, or all of them."""
        if own.each != self.names[own.depth]:
            return NOTHING
        if own.depth < len(self.names) - 1:
            return Happening((), _role(whole, own.depth + 1))
        if whole or op.do == "next":
            self.gone_through.add(id(op))
        return Happening(("read",))

    def _writes(self, name: str) -> bool:
        """Assigning the attribute changes a column of the object's row."""
        found = mapped(self.project, self.model, name)
        return found is not None and (found.role == "column" or found.many is False)

    def _by(self, reads: Reads, depth: int) -> tuple[str, ...]:
        if reads.frees and not depth:
            return self._by_freeing(reads)
        added = ("add",) if reads.adds and not depth else ()
        wanted = ".".join(self.names[depth:])
        if wanted in reads.awaited:
            return (*added, "await")
        if wanted in reads.surely:
            return (*added, "read")
        if not reads.closed or wanted in reads.maybe:
            return ("escape",)
        if reads.sets and not depth:
            told = self._by_assigning(reads.sets)
            if told:
                return (*added, *told)
        if reads.awaited and not depth:
            return (*added, "sought")
        return (*added, "other") if reads.surely and not depth else added

    def _by_freeing(self, reads: Reads) -> tuple[str, ...]:
        """What a function reads of an object that it makes transient, before that or after."""
        wanted = ".".join(self.names)
        if wanted in reads.hollow:
            return ("hollow", "escape")
        if wanted in reads.maybe or not reads.sets.isdisjoint({wanted, ANY}):
            return ("escape",)
        return ("transient", "escape")

    def _by_assigning(self, names: frozenset[str]) -> tuple[str, ...]:
        """A function assigns attributes of the object that it is given."""
        if self.by_change:
            return ("set",) if self.names[0] in names else ("sets",) if ANY in names else ()
        if self.names[0] in names:
            return ("escape",)
        if self.by_update:
            return ("change",) if ANY in names or any(map(self._writes, names)) else ()
        return ("sets",) if ANY in names else ()

    def _called(
        self,
        op: Op,
        roles: dict[Place, str],
        own: Own | None,
        given: list[str],
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> Happening:
        if own is not None and op.name is not None:
            if own.many:
                if op.name == "sort":
                    return Happening(self._by_functions(op, args, own.depth))
                kept = _OF_LIST.get(op.name)
                if kept == SELF and dst.name in _COLLECTIONS and not own.depth:
                    return Happening((), MANY)
                return NOTHING if kept is None else Happening((), _role(kept == MANY, own.depth))
            model = self.reach.model_of(own.depth)
            method = self.project.knowledge.classes.method(model, op.name)
            if method is None:
                return Happening(("escape",))
            passed = flags(self.project.knowledge, op, on)
            return self._reads_given(op, self.summaries.of_self(method, model, passed), own)
        session = roles.get(op.on, "") if isinstance(op.on, str) else ""
        if not given:
            return NOTHING
        place = given[0]
        first = _own(roles[place])
        assert first is not None
        if session in (OF_SESSION + UNIT, OF_SESSION + PART):
            added = not first.depth and adds(self.project, op, on, place)
            return Happening(("add",) if added else ("escape",))
        of_session = session.startswith(OF_SESSION) and not is_holder(session[len(OF_SESSION) :])
        if of_session or on.name in (kinds.SESSION, kinds.SCOPED_SESSION):
            told = self._by_session(op, first.depth)
            if first.depth and told:  # what becomes of a related object that has the attribute
                own_loads = first.depth == len(self.names) - 1 and told[0] in ("load", "refresh")
                told = told if own_loads else ("escape",)
            return Happening(told)
        if id(op) in self.dumps:
            return self._reads_given(op, self.dumps[id(op)], first)
        if on.name == kinds.CLASS and op.name is None and len(given) == 1:
            field = field_given(self.project.knowledge, op, on, place)
            if field:
                return Happening((), keeping(False, field, roles[place]))
        fields = read_by_asdict(self.plain, op, on, self.reach.model_of(first.depth))
        if fields:
            return self._reads_given(op, Reads(fields, fields, each=fields), first)
        callee = called(self.project.knowledge, op, on)
        if callee.name in (NAME, FOREIGN):
            started = self._by_work(op, on, args, place, first)
            if started:
                return Happening(started)
            return self._by_library(callee.label, op, roles, args, first)
        if on.name in _COLLECTIONS and op.name == "append" and self.by_turn:
            return NOTHING
        if on.name == kinds.LIST or (op.name in _LIST_METHODS and not on.known):
            return Happening(("escape",))
        model = self.reach.model_of(first.depth)
        fields = read_by_validating(self.project.knowledge, op, on)
        if fields:
            return self._reads_given(op, self.summaries.of_fields(fields, model), first)
        reads = self.summaries.by_call(op, on, place, model)
        said = self._reads_given(op, reads, first)
        kept = keeping(False, reads.kept, roles[place]) if reads.kept else ""
        kept = roles[place] if reads.frees and reads.gives else kept
        return said._replace(role=kept) if kept else said

    def _by_work(
        self, op: Op, on: Kind, args: tuple[Kind, ...], place: Place, first: Own
    ) -> tuple[str, ...]:
        """What work does that a call starts with the object, now or when the caller has gone on, or
        with a copy of it;
        () when it starts none that is known."""
        model = self.reach.models[first.depth]
        work = read_by_work(self.summaries, op, on, args, place, model)
        if work is None:
            return ()
        return _started(work, self._by(work.reads, first.depth))

    def _reads_given(self, op: Op, reads: Reads, first: Own) -> Happening:
        """A call reads of what it is given, of each when that is many."""
        events = self._by(reads, first.depth)
        each = ".".join(self.names[first.depth :]) in reads.each
        loads = "read" in events or "await" in events
        if loads and each and (first.many or self.reach.through_many):
            self.gone_through.add(id(op))
        return Happening(events)

    def _about_keeper(
        self, op: Op, roles: dict[Place, str], on: Kind, args: tuple[Kind, ...], dst: Kind
    ) -> Happening | None:
        """An operation on an object that keeps others in a field, or with one."""
        one = keeper(roles.get(op.on)) if isinstance(op.on, str) else None
        places = [str(arg.value) for arg in op.args if keeper(roles.get(str(arg.value)))]
        if one is None and not places:
            return None
        do, place = op.do, str(op.on) if one is not None else places[0]
        role = roles[place]
        found = keeper(role)
        assert found is not None
        template = self.shown.get((id(op), places[0])) if places else None
        if template is not None:
            return Happening(self._read_of_keeper(op, template, found))
        holder = self.puts.get(id(op))
        if holder is not None and places and do != "augassign":
            return Happening(holder=holder, held=keeping(True, found.field, found.inner))
        if do in ("move", "await", "ifelse", "boolop"):
            return Happening((), role)
        if one is not None and do in ("getattr", "next", "getitem", "unpack"):
            return self._out_of(op, one, dst)
        if do == self.gives and one is not None:
            return Happening(("hand",))
        if do == "pack":
            return Happening((), keeping(True, found.field, found.inner))
        if do == "call":
            return self._called_with_keeper(op, place, role, on, args)
        if do in ("yield", "closure", "setitem", "setattr", "return"):
            return Happening(("escape",)) if places or do == "yield" else NOTHING
        return NOTHING

    def _out_of(self, op: Op, one: Keeper, dst: Kind) -> Happening:
        """What a field gives, or a collection of objects with such a field."""
        if op.do == "getattr":
            return Happening((), one.inner) if op.name == one.field and not one.many else NOTHING
        if dst.name == kinds.INSTANCE:
            return Happening((), keeping(False, one.field, one.inner)) if one.many else NOTHING
        if one.many:  # a collection of collections of them
            several = dst.name in _COLLECTIONS
            return Happening((), keeping(True, one.field, one.inner)) if several else NOTHING
        own = _own(one.inner)  # a named tuple
        if own is None or own.depth:
            return NOTHING
        return self._element(op, 0, dst)

    def _called_with_keeper(
        self, op: Op, place: Place, role: str, on: Kind, args: tuple[Kind, ...]
    ) -> Happening:
        found = keeper(role)
        assert found is not None
        if place == op.on:  # a method of it
            if found.many:
                return NOTHING if op.name in _LIST_METHODS else Happening(("escape",))
            return Happening(self._by_method_of_keeper(op, on, found))
        if on.name == kinds.CLASS and op.name is None:
            field = field_given(self.project.knowledge, op, on, place)
            return Happening((), keeping(False, field, role)) if field else Happening(("escape",))
        own = _own(found.inner)
        model = KEEPS + self.reach.model_of(own.depth) if own is not None else ""
        callee = called(self.project.knowledge, op, on)
        if callee.name in (NAME, FOREIGN):
            if callee.label in LOOKERS:
                return NOTHING
            work = read_by_work(self.summaries, op, on, args, place, model)
            if work is not None:
                events = self._read_of_keeper(op, work.reads, found)
                told = _started(work, events)
                return Happening(told if told or work.when == "now" else ("escape",))
            passed = hands_on(callee.label) and found.many
            return Happening((), role) if passed else Happening(("escape",))
        reads = self.summaries.by_call(op, on, place, model)
        return Happening(self._read_of_keeper(op, reads, found))

    def _by_method_of_keeper(self, op: Op, on: Kind, found: Keeper) -> tuple[str, ...]:
        """What a method of an object reads of what that keeps."""
        classes, own, name = self.project.knowledge.classes, _own(found.inner), op.name or ""
        method = classes.method(on.label, name) if on.label else None
        if method is None or own is None or classes.is_overridden(on.label, name):
            return ("escape",)
        if self.plain._wrapped(method):
            return ("escape",)
        told = flags(self.project.knowledge, op, on)
        model = KEEPS + self.reach.model_of(own.depth)
        return self._read_of_keeper(op, self.summaries.of_self(method, model, told), found)

    def _read_of_keeper(self, op: Op, reads: Reads, found: Keeper) -> tuple[str, ...]:
        """What a function or a template reads of what an object that it is given keeps."""
        path, own = found.field, _own(found.inner)
        if own is None or not reads.closed or reads.sets:
            return ("escape",)
        wanted = ".".join((path, *self.names[own.depth :]))
        if wanted in reads.surely:
            if wanted in reads.each and (found.many or own.many):
                self.gone_through.add(id(op))
            return ("read",)
        return ("escape",) if path in reads.maybe else ()

    def _by_session(self, op: Op, depth: int) -> tuple[str, ...]:
        names = self.named.get(id(op))
        if names is not None and self.names[depth] not in names:
            return ()  # the others stay as they are
        if op.name == "refresh":
            if len(op.args) == 1:
                return ("refresh",)
            told = [a for a in op.args[1:] if a.keyword in (None, "attribute_names")]
            return ("load",) if told else ("refresh",)
        if op.name == "expire" and len(op.args) > 1:
            return ("expire",) if names is not None else ("escape",)
        event = _GIVEN.get(op.name or "", "foreign")
        if op.name == "merge" and self.by_change:
            event = "add"  # what it is by now is written
        return (event,) if event else ()

    def _by_library(
        self, label: str, op: Op, roles: dict[Place, str], args: tuple[Kind, ...], own: Own
    ) -> Happening:
        role = _role(own.many, own.depth)
        if own.each:
            if label in ONE_BY_ONE:
                return Happening((), _role(True, own.depth, own.each))
            whole = hands_on(label)
            return self._out_of_proxy(op, own, whole=True) if whole else Happening(("escape",))
        if hands_on(label) and own.many:
            taken = self._taken(op, args) if label in COLLECTORS else ()
            return Happening((*taken, *self._by_functions(op, args, own.depth)), role)
        if label in _APPLYING and own.many:
            position = applying(label) or 0
            return Happening(self._by_functions(op, args, own.depth, position) or ("escape",))
        if label in ("builtins.next", "builtins.min", "builtins.max") and own.many:
            events = self._by_functions(op, args, own.depth)
            events += self._taken(op, args) if label != "builtins.next" else ()
            return Happening(events, SELF if not own.depth else "")
        if label == "builtins.getattr" and len(op.args) > 1 and not own.many:
            name = op.args[1].value
            known = isinstance(name, Const) and isinstance(name.value, str)
            if not known:
                return Happening(("escape",))
            return self._read(op, str(name.value), own.depth)  # type: ignore[union-attr]
        if label == "builtins.setattr" and not own.many and not own.depth:
            return Happening(self._by_setattr(op, roles))
        if label in ("builtins.setattr", "builtins.hasattr"):
            return Happening(("escape",))
        if label in _SHOWING and not own.many:
            return Happening(self._by_showing(own.depth))
        if label in LOOKERS:
            return NOTHING
        if label in TRANSIENT and not own.many and not own.depth:
            return Happening(("transient", "escape"))
        if label.startswith(("sqlalchemy.", "copy.", "builtins.")):
            return Happening(("escape",))
        return Happening(("foreign",))

    def _by_setattr(self, op: Op, roles: dict[Place, str]) -> tuple[str, ...]:
        """`setattr(user, name, value)` of the object itself."""
        places = [place for arg in op.args if (place := str(arg.value)) in roles]
        if len(op.args) != _SETATTR or places != [op.args[0].value]:
            return ("escape",)
        named = op.args[1].value
        if not isinstance(named, Const):
            return ("change",) if self.by_update else ("sets",)
        name = str(named.value)
        if name == self.names[0]:
            return ("set",)
        return ("change",) if self._writes(name) else ()

    def _by_showing(self, depth: int) -> tuple[str, ...]:
        """`repr(user)`, `f"{user}"`: what the class says of itself."""
        model = self.reach.model_of(depth)
        for name in ("__str__", "__repr__"):
            method = self.project.knowledge.classes.method(model, name)
            if method is not None:
                return self._by(self.summaries.of_self(method, model), depth)
        return ()

    def _by_functions(
        self, op: Op, args: tuple[Kind, ...], depth: int, position: int = 0
    ) -> tuple[str, ...]:
        """`sorted(users, key=lambda user: ...)`"""
        events: tuple[str, ...] = ()
        model = self.reach.model_of(depth)
        for kind in args:
            reads = self.summaries.by_value(kind, model, position)
            if reads is not None:
                events += self._by(reads, depth)
        if "read" in events:
            self.gone_through.add(id(op))
        return events

"""What one operation does to one attribute of one mapped object, and to the session it hangs on.

`flow.solve` asks it like `flow.effects`. The object is known under names with the roles
    SELF            the object itself
    MANY            a collection of such objects: iterating gives SELF
    s:<role>        a name of its session, with the role it has for `flow.effects`
"""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import is_mapped_column
from sqla_lint.flow.effects import BEGUN, CLOSER, NOTHING, Effects, Happening, Names
from sqla_lint.flow.guards import Guards
from sqla_lint.flow.reads import UNKNOWN_READS, Reads, Summaries, avoidable
from sqla_lint.flow.root import SELF, Root
from sqla_lint.flow.shape import Shape
from sqla_lint.ir import Const, Function, Op, Place
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind

MANY = "many"
OF_SESSION = "s:"

_SESSION_ROLES = frozenset({SELF, BEGUN, CLOSER, kinds.TRANSACTION, kinds.CONTEXT_MANAGER})
_STATEMENT_KINDS = frozenset({kinds.SELECT, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ROW})
_RUNNING = frozenset({"read", "execute"})
# Methods of a session about an object that is passed.
_GIVEN = {
    "add": "add",
    "add_all": "add",
    "expunge": "expunge",
    "expire": "expire",
    "merge": "add",
    "delete": "escape",
    "is_modified": "",
    "__contains__": "",
}
_OF_LIST = {"copy": MANY, "pop": SELF}
_ENDS = frozenset({"escape", "expunge", "add"})
_CHANGES = frozenset({"read", "refresh", "load", "set", "escape", "expunge", "add"})
_ITERATORS = frozenset(
    f"builtins.{name}"
    for name in ("list", "sorted", "reversed", "iter", "set", "tuple", "frozenset", "filter")
) | {"builtins.enumerate", "builtins.zip"}
_COLLECTIONS = frozenset({kinds.LIST, kinds.COLLECTION, kinds.TUPLE, kinds.SET, kinds.ROW})
_LOOKERS = frozenset(
    f"builtins.{name}"
    for name in ("print", "len", "isinstance", "id", "type", "bool", "hash", "callable", "repr")
) | {"builtins.str"}
# Methods of a list that neither read its elements nor hand them on.
_LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse", "clear", "copy"})


def session_roles(roles: dict[Place, str]) -> dict[Place, str]:
    """The session's names among the names of an object."""
    n = len(OF_SESSION)
    return {p: r[n:] for p, r in roles.items() if r.startswith(OF_SESSION)}


def is_handle(role: str) -> bool:
    """A name with this role stands for the session, or for what will be it."""
    return role in _SESSION_ROLES or role.startswith("await ")


class AttributeEffects(Effects):
    """Reads operations for one attribute (``name``) of objects of one model (``model``)."""

    def __init__(
        self,
        effects: Effects,
        summaries: Summaries,
        session: Kind,
        model: str,
        name: str,
        leaving: tuple[str, ...] = (),
    ) -> None:
        self.plain = effects
        self.summaries = summaries
        self.project = effects.project
        self.session = session
        self.model = model
        self.name = name
        self._loops: dict[tuple[int, str], tuple[str, ...]] = {}
        self.leaving = leaving  # what its lender does when the block is left

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
        events: list[str] = []
        gained = ""
        sessions = session_roles(roles)
        about = self._about(op, roles, on, args, dst)
        if about is not None:
            events += about.events
            gained = about.role
        if op.on in sessions or any(a.value in sessions for a in op.args):
            said = self.plain.of(op, sessions, self.session, on, args, dst)
            events += self._of_session(op, said, sessions, roles, on, args, dst)
            if not gained and said.role and is_handle(said.role):
                again = op.do == "call" and op.name == "refresh"  # has happened to the object
                gained = OF_SESSION + ("await  " if again else said.role)
        return Happening(tuple(events), gained) if events or gained else NOTHING

    def exhausted(self, typed: Typed, number: int, names: Names) -> tuple[str, ...]:
        """A loop over all objects has done with each what its body does."""
        op = typed.function.blocks[number].ops[-1]
        if op.do != "next" or op.dst is None or dict(names).get(str(op.on)) != MANY:
            return ()
        key = (op.at, typed.function.qualname)
        if key not in self._loops:
            self._loops[key] = self._changes_each(typed, number, dict(names), op.dst)
        return self._loops[key]

    def _changes_each(
        self, typed: Typed, number: int, names: dict[Place, str], element: Place
    ) -> tuple[str, ...]:
        function = typed.function
        found: set[str] = set()
        body = next(e.to for e in function.blocks[number].edges if e.when == "item")
        loop = function.blocks[body].loops[-1:]
        roles = {p: r for p, r in names.items() if r.startswith(OF_SESSION)} | {element: SELF}
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
            out += self._ended() if op.name != "exc" and "commit" in self.leaving else []
        if op.do == "call" and role is None:  # the session is an argument: what may happen there
            harmless = _RUNNING | {"flush", "write", "add"}
            if set(said.events) <= harmless:
                return ["reload", "flush"]
            if set(said.events) <= {"commit", "flush", "write", "add"} and self._surely_commits(
                op, on
            ):
                return self._ended()
            return ["escape"]
        if op.do == "call" and op.name in ("expire_all", "reset", "expunge_all"):
            return ["expire" if op.name == "expire_all" else "expunge"]
        for event in said.events:
            if event == "commit":
                out += self._ended()
            elif event in _RUNNING or event in ("write", "flush"):
                out.append("flush")
                if event in _RUNNING and self._may_load(op, on, args, dst):
                    out.append("reload")
            elif event in ("rollback", "close"):
                out.append(event)
            elif event == "escape" and op.do not in ("return", "yield"):
                out.append("escape")
        return out

    def _surely_commits(self, op: Op, on: Kind) -> bool:
        """A function of the project commits at its end, whatever happens, and does nothing after
        that could load again."""
        callee = called(self.project.knowledge, op, on)
        entry = self.project.knowledge.functions.get(callee.label)
        if entry is None or self.plain._wrapped(callee.label):
            return False
        commits = {
            number
            for number, block in enumerate(entry[1].blocks)
            for i, inner in enumerate(block.ops)
            if inner.do == "call"
            and inner.name == "commit"
            and all(later.do != "call" for later in block.ops[i + 1 :])
        }
        return bool(commits) and not avoidable(entry[1], commits)

    def _ended(self) -> list[str]:
        if "expires" in self.session.traits:
            return ["flush", "expire"]
        return ["flush"] if "no-expire" in self.session.traits else ["flush", "perhaps"]

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
        return of.name not in (kinds.MAPPED_CLASS, kinds.ENTITY) or of.label in ("", self.model)

    # --- the object ------------------------------------------------------------------------------

    def _about(
        self, op: Op, roles: dict[Place, str], on: Kind, args: tuple[Kind, ...], dst: Kind
    ) -> Happening | None:
        role = roles.get(op.on) if isinstance(op.on, str) else None
        own = role if role in (SELF, MANY) else None
        given = [a.value for a in op.args if roles.get(str(a.value)) in (SELF, MANY)]
        if own is None and not given:
            return None
        do = op.do
        if do in ("move", "await"):
            return Happening((), own or "")
        if do in ("ifelse", "boolop"):
            return Happening((), roles[str(given[0])]) if given else NOTHING
        if do == "getattr" and own == SELF:
            return Happening(self._read(op.name or ""))
        if do in ("next", "getitem", "unpack") and own == MANY:
            if dst.name == kinds.ENTITY:
                return Happening((), SELF) if dst.label == self.model else NOTHING
            return Happening((), MANY) if dst.name in _COLLECTIONS else NOTHING
        if do == "setattr":
            if own == SELF and op.name == self.name:
                return Happening(("set",))
            return Happening(("escape",)) if given else NOTHING
        if do == "pack":
            return Happening((), MANY) if given else NOTHING
        if do == "return":
            return Happening(("hand",))
        if do in ("yield", "closure", "setitem") and (given or do == "yield"):
            return Happening(("escape",))
        if do == "call":
            return self._called(op, roles, own, [str(g) for g in given], on, args)
        return NOTHING

    def _read(self, name: str) -> tuple[str, ...]:
        if name == self.name:
            return ("read",)
        if name in ("awaitable_attrs", "__dict__"):
            return ("escape",)
        classes = self.project.knowledge.classes
        method = classes.method(self.model, name)
        if method is not None:
            reads = self.summaries.of_self(method)
            return self._by(reads) if self.project.knowledge.is_property(method) else ()
        return ("other",) if is_mapped_column(self.project, self.model, name) else ()

    def _by(self, reads: Reads) -> tuple[str, ...]:
        if self.name in reads.surely:
            return ("read",)
        if not reads.closed or self.name in reads.maybe:
            return ("escape",)
        return ("other",) if reads.surely else ()

    def _called(
        self,
        op: Op,
        roles: dict[Place, str],
        own: str | None,
        given: list[str],
        on: Kind,
        args: tuple[Kind, ...],
    ) -> Happening:
        if own is not None and op.name is not None:
            if own == MANY:
                return Happening((), _OF_LIST.get(op.name, ""))
            method = self.project.knowledge.classes.method(self.model, op.name)
            reads = self.summaries.of_self(method) if method is not None else UNKNOWN_READS
            return Happening(self._by(reads))
        session = roles.get(op.on, "") if isinstance(op.on, str) else ""
        if session.startswith(OF_SESSION) or on.name in (kinds.SESSION, kinds.SCOPED_SESSION):
            return Happening(self._by_session(op))
        callee = called(self.project.knowledge, op, on)
        place = given[0]
        many = roles[place] == MANY
        if callee.name in (NAME, FOREIGN):
            return self._by_library(callee.label, op, roles, args, many)
        if on.name == kinds.LIST or (op.name in _LIST_METHODS and not on.known):
            return Happening(("escape",))
        if many:
            return Happening(("escape",))
        reads = self.of_schema(op, on) or self.summaries.by_call(op, on, place)
        return Happening(self._by(reads))

    def _by_session(self, op: Op) -> tuple[str, ...]:
        if op.name == "refresh":
            if len(op.args) == 1:
                return ("refresh",)
            names = [a for a in op.args[1:] if a.keyword in (None, "attribute_names")]
            return ("load",) if names else ("refresh",)
        if op.name == "expire" and len(op.args) > 1:
            return ("escape",)
        event = _GIVEN.get(op.name or "", "foreign")
        return (event,) if event else ()

    def _by_library(
        self, label: str, op: Op, roles: dict[Place, str], args: tuple[Kind, ...], many: bool
    ) -> Happening:
        if label in _ITERATORS and many:
            events: tuple[str, ...] = ()
            for kind in args:
                if kind.name == kinds.FUNCTION:  # sorted(users, key=lambda user: ...)
                    entry = self.project.knowledge.functions.get(kind.label)
                    if entry is not None and entry[1].params:
                        reads = self.summaries.of(kind.label, entry[1].params[0].name)
                        events += self._by(reads)
            return Happening(events, MANY)
        if label in ("builtins.next", "builtins.min", "builtins.max") and many:
            return Happening((), SELF)
        if label == "builtins.getattr" and len(op.args) > 1 and not many:
            name = op.args[1].value
            known = isinstance(name, Const) and isinstance(name.value, str)
            return Happening(self._read(str(name.value)) if known else ("escape",))  # type: ignore[union-attr]
        if label in ("builtins.setattr", "builtins.hasattr"):
            return Happening(("escape",))
        if label in _LOOKERS:
            return NOTHING
        if label.startswith(("sqlalchemy.", "copy.", "builtins.")):
            return Happening(("escape",))
        return Happening(("foreign",))

    # --- schemas -----------------------------------------------------------------------------

    def of_schema(self, op: Op, on: Kind) -> Reads | None:
        """`UserOut.model_validate(user)`: a pydantic model reads the attributes that its fields
        are named after."""
        if op.name not in ("model_validate", "from_orm", "validate") or on.name != kinds.CLASS:
            return None
        fields = schema_fields(self.project.knowledge.classes.ancestry(on.label))
        return Reads(fields, fields) if fields else None


def schema_fields(ancestry: list) -> frozenset[str]:  # type: ignore[type-arg]
    """The fields of a pydantic class; none when it is no such class."""
    based = any(
        base.name == NAME and base.label in ("pydantic.BaseModel", "pydantic.main.BaseModel")
        for info in ancestry
        for base in info.bases
    )
    if not based:
        return frozenset()
    fields = {name for info in ancestry for name in info.annotated}
    return frozenset(name for name in fields if not name.startswith("_") and name != "model_config")

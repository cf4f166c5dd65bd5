"""What one operation does to one tracked object, through any of the names that hang on it.

A tracked object (a *root*: a Connection or Session) is known under names, each with a role:
    SELF        the object itself, or its context manager
    a kind      an object that hangs on it: TRANSACTION, SAVEPOINT, RESULT, QUERY, ENTITY, ...
    "await X"   a coroutine of its method X: nothing happens before it is awaited
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.flow import holders
from sqla_lint.flow.contained import lets_out
from sqla_lint.flow.drained import drains
from sqla_lint.flow.guards import Guards
from sqla_lint.flow.holders import is_holder
from sqla_lint.flow.possible import possible
from sqla_lint.flow.root import SELF, Root
from sqla_lint.flow.shape import Shape, shape
from sqla_lint.flow.takers import taking
from sqla_lint.flow.wrappers import Wrapper, is_transparent, wrapper_of
from sqla_lint.ir import Arg, Const, Function, Op, Operand, Place
from sqla_lint.project.bodies import opened
from sqla_lint.project.callers import parameters
from sqla_lint.project.flags import Flags
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import (
    FOREIGN,
    FUNCTIONS,
    MODULE,
    NAME,
    UNKNOWN,
    Kind,
    is_own_function,
    lacks,
)
from sqla_lint.project.linked import Project
from sqla_lint.project.raising import ALWAYS_RAISE, is_abstract, reaches_exit
from sqla_lint.project.reach import Chain, looped, reached

CLOSER = "closer"  # contextlib.closing(x): leaving it closes x
BEGUN = "begun"  # session.begin() and the like, entered: leaving it commits
# The event of a function that is called: what it does with the object may fail, and the exception
# leaves it.
FAILS = "fails"

Names = frozenset[tuple[Place, str]]

# Roles whose methods and elements still hang on the root.
_DERIVED = frozenset(
    {
        kinds.TRANSACTION,
        kinds.SAVEPOINT,
        kinds.RESULT,
        kinds.SCALARS,
        kinds.MAPPINGS,
        kinds.QUERY,
        kinds.ENTITY,
        kinds.CURSOR,
        kinds.INSPECTOR,
        kinds.COLLECTION,
        kinds.LIST,
        kinds.ROW,
        kinds.CONTEXT_MANAGER,
    }
)

# Functions that look at their arguments and keep nothing.
_LOOKERS = frozenset(
    f"builtins.{name}"
    for name in [
        "print",
        "len",
        "isinstance",
        "id",
        "type",
        "bool",
        "repr",
        "str",
        "hash",
        "hasattr",
        "getattr",
        "callable",
        "vars",
        "dir",
        "list",
        "tuple",
        "sorted",
        "set",
        "iter",
        "next",
        "enumerate",
        "zip",
        "map",
        "filter",
        "any",
        "all",
        "sum",
        "min",
        "max",
        "dict",
        "issubclass",
        "format",
    ]
)
# Libraries that run statements on a connection they are handed and give it back.
# Source: pandas documentation, "IO tools: SQL queries".
_BORROWERS = frozenset(
    {
        "pandas.read_sql",
        "pandas.read_sql_query",
        "pandas.read_sql_table",
        "polars.read_database",
        "alembic.migration.MigrationContext.configure",
        "alembic.runtime.migration.MigrationContext.configure",
    }
)

# How deep calls between project functions are followed for what happens to a parameter.
CALL_DEPTH = 6


# Shapes are asked for function by function, and for the few functions that one calls.
SHAPES_KEPT = 200


class Happening(NamedTuple):
    """What an operation does: events on the root, in order; the role its result gets ("" none).

    ``loose``: a function of the project did it, and the order of the events is not known.
    ``holder``: a place that holds the object from now on, with the role ``held``.
    """

    events: tuple[str, ...] = ()
    role: str = ""
    loose: bool = False
    holder: Place = ""
    held: str = ""


NOTHING = Happening()


class Effects:
    """Reads operations of a project. One per run; remembers what functions do to parameters."""

    # the operation that makes what an object will hang on, which it was there before, with the role
    begins: tuple[Op | None, str] = (None, "")
    # Handlers are believed to run: what raises is not asked as long as nothing has happened.
    handlers_run: bool = False

    def __init__(self, project: Project) -> None:
        self.project = project
        self.catalog = project.catalog
        self._parameters: dict[tuple[str, str, str, bool, str], frozenset[str]] = {}
        self._open: set[tuple[str, str]] = set()
        self._drained: dict[tuple[str, str], bool] = {}
        self._reached: dict[str, Chain] | None = None
        self._looped: dict[str, Chain] | None = None
        # what is remembered for `views.blocking`
        # label and flags → how calling it waits for the database
        self.blocking: dict[tuple[str, Flags], str] = {}
        self.tasks: bool | None = None  # the project starts tasks
        self._guards: dict[int, tuple[Function, Guards]] = {}
        self._shapes: dict[int, tuple[Typed, Shape]] = {}
        self._possible: dict[tuple[int, Root], frozenset[str] | None] = {}
        self._exits: dict[str, bool] = {}
        self.altered: dict[str, bool] = {}  # function → a decorator may do more than call it
        self.paths: frozenset[str] = frozenset()  # the files whose findings are wanted
        self.kept: dict[str, object] = {}  # what others who live as long keep here, by name

    def guards(self, function: Function) -> Guards:
        """The conditions of a function that its ways depend on."""
        known = self._guards.get(id(function))
        if known is None:
            known = self._guards[id(function)] = function, Guards(function)
        return known[1]

    def shape(self, typed: Typed) -> Shape:
        """What of a function is the same for every object that is followed."""
        known = self._shapes.get(id(typed))
        if known is None:
            if len(self._shapes) >= SHAPES_KEPT:
                self._shapes.clear()
                self._possible.clear()
            known = self._shapes[id(typed)] = typed, shape(typed)
        return known[1]

    def possible(self, typed: Typed, root: Root) -> frozenset[str] | None:
        """The events that may happen to an object in a function, on any path; None for any."""
        held = self.shape(typed)  # lives as long as what is remembered of its objects
        key = (id(typed), root)
        if key not in self._possible:
            self._possible[key] = possible(typed, held, root, self)
        return self._possible[key]

    def reached(self) -> dict[str, Chain]:
        """See `project.reach`."""
        if self._reached is None:
            self._reached = reached(self.project)
        return self._reached

    def never_returns(self, op: Op, on: Kind) -> bool:
        """A call that always raises: `sys.exit`, `abort`, a function of the project that only
        builds an error and raises it."""
        if op.do != "call":
            return False
        if lacks(on, op.name):
            return True
        callee = self._callee(op, on)
        if callee.name in (NAME, FOREIGN):
            return callee.label in ALWAYS_RAISE
        if callee.name not in FUNCTIONS:
            return False
        entry = self.project.knowledge.functions.get(callee.label)
        if entry is None or entry[1].is_async or entry[1].is_generator:
            return False
        known = self._exits.get(callee.label)
        if known is None:
            known = reaches_exit(entry[1]) or is_abstract(entry[1])
            self._exits[callee.label] = known
        return not known

    def looped(self) -> dict[str, Chain]:
        """See `project.reach`."""
        if self._looped is None:
            self._looped = looped(self.project)
        return self._looped

    # --- one operation -------------------------------------------------------------------------

    def of(
        self,
        op: Op,
        roles: dict[Place, str],
        root: Kind,
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> Happening:
        """What ``op`` does to the root that is known under ``roles``.

        ``on``, ``args`` and ``dst`` are the kinds `infer` found for the operands of the operation.
        """
        role = roles.get(op.on) if isinstance(op.on, str) else None
        do = op.do
        if do == "call":
            return self._call(op, role, roles, root, on, args, dst)
        if do in ("move", "await", "ifelse", "boolop"):
            return self._pass_on(op, role, roles)
        if do == "enter":
            return self._enter(role, on, dst)
        if do == "leave":
            return self._leave(op, role, root, on)
        if do in ("getattr", "getitem", "unpack"):
            return self._part(op, role, root, on, dst)
        if do == "next":
            if role is None:
                return NOTHING
            return Happening(_iterated(role), _derived(dst))
        if do in ("setattr", "setitem"):
            return self._store(op, role, roles)
        if do == "yield":
            return Happening(("lend", "escape")) if _is_handle(role) else NOTHING
        if do == "return":
            if role in _UNREAD:
                return Happening(("hand",))
            return Happening(("escape",)) if _is_handle(role) else NOTHING
        if do in ("pack", "closure", "raise"):
            starred = [a.value for a in op.args if a.star == 1 and isinstance(a.value, str)]
            if any(roles.get(place) in _RESULTS for place in starred):
                return Happening(("fetch", "drain"))  # [*rows]
            kept = any(_is_handle(roles.get(a.value)) for a in op.args if isinstance(a.value, str))
            return Happening(("escape",)) if kept else NOTHING
        return NOTHING

    def exhausted(self, typed: Typed, number: int, names: Names) -> tuple[str, ...]:
        """What has happened when the loop whose next element a block takes has taken the last."""
        return exhausted(typed.function.blocks[number].ops[-1], names)

    def _pass_on(self, op: Op, role: str | None, roles: dict[Place, str]) -> Happening:
        if op.do in ("ifelse", "boolop"):
            args = [a.value for a in op.args if isinstance(a.value, str)]
            given = [roles[place] for place in args if place in roles]
            if any(map(is_holder, given)):
                return Happening(("escape",))
            return Happening((), SELF) if SELF in given else NOTHING
        if role is None:
            return NOTHING
        if op.do == "await" and role.startswith("await "):
            _, events, after = role.split(" ", 2)
            return Happening(tuple(e for e in events.split(",") if e), after)
        return Happening((), role)

    def _enter(self, role: str | None, on: Kind, dst: Kind) -> Happening:
        if role is None:
            return NOTHING
        if role == CLOSER:
            return Happening((), SELF)
        if is_holder(role):
            same = dst.label == on.label and self._enters_as_itself(on)
            return Happening((), role) if same else Happening(("escape",))
        if role.startswith("await "):  # async with conn.stream(...), session.begin()
            _, events, after = role.split(" ", 2)
            return Happening(tuple(e for e in events.split(",") if e), after)
        return Happening(("block",) if role in (kinds.TRANSACTION, BEGUN) else (), role)

    def _leave(self, op: Op, role: str | None, root: Kind, on: Kind) -> Happening:
        failed = op.name == "exc"
        if role is not None and is_holder(role):
            return Happening(tuple(self._left(role, root, on)), loose=True)
        if role == SELF:
            if "begin" in root.traits:
                return Happening(("end", "rollback" if failed else "commit", "close"))
            if "commits" in root.traits:
                return Happening(("rollback" if failed else "commit", "close"))
            return Happening(("close",))
        if role == CLOSER:
            return Happening(("close",))
        if role in (kinds.TRANSACTION, BEGUN):
            return Happening(("end", "rollback" if failed else "commit"))
        if role == kinds.SAVEPOINT:
            return Happening(("undo", "unnest") if failed else ("unnest",))
        return NOTHING

    def _enters_as_itself(self, on: Kind) -> bool:
        """The `__enter__` of an object does nothing but to return the object."""
        classes = self.project.knowledge.classes
        for name in ("__enter__", "__aenter__"):
            entry = self.project.knowledge.functions.get(classes.method(on.label, name) or "")
            if entry is None or not entry[1].params or classes.is_overridden(on.label, name):
                continue
            me = entry[1].params[0].name
            ops = [op for block in entry[1].blocks for op in block.ops]
            return bool(ops) and all(op.do == "return" and op.on == me for op in ops)
        return False

    def _left(self, role: str, root: Kind, on: Kind) -> list[str]:
        """What the `__exit__` of an object does to the session that it keeps."""
        classes = self.project.knowledge.classes
        for name in ("__exit__", "__aexit__"):
            label = classes.method(on.label, name)
            entry = self.project.knowledge.functions.get(label or "")
            if classes.is_overridden(on.label, name):
                return ["escape"]
            if label is not None and entry is not None and entry[1].params:
                done = self.done_to(label, entry[1].params[0].name, root, role)
                # to roll back whatever there is, and close, is to close
                lost = "commit" not in done and "close" in done
                return _ordered(done - {"rollback"} if lost else done)
        return ["escape"]

    def _part_of_holder(self, op: Op, role: str, root: Kind, on: Kind) -> Happening:
        if op.do != "getattr" or op.name is None:
            return Happening(("escape",))
        given = holders.attribute(role, op.name)
        if given:
            return Happening((), given)
        method = self.project.knowledge.classes.method(on.label, op.name)
        # a bound method may be called by anyone, a property do anything
        return NOTHING if on.name == kinds.INSTANCE and method is None else Happening(("escape",))

    def _part(self, op: Op, role: str | None, root: Kind, on: Kind, dst: Kind) -> Happening:
        if role is None:
            return NOTHING
        if is_holder(role):
            return self._part_of_holder(op, role, root, on)
        if role == SELF:
            if op.do != "getattr" or op.name is None:
                return Happening(("escape",))
            member = self.catalog.member(root.name, root.is_async, op.name)
            if member is None or not member.property:
                # a bound method taken as a value may be called by anyone, any time
                return Happening(("escape",)) if member is not None else NOTHING
            return Happening(("ask",)) if op.name in _ASKS else NOTHING
        if role == kinds.QUERY and op.do == "getitem":
            return Happening(("read",), _derived(dst))
        if role == kinds.TRANSACTION and op.do == "getattr" and op.name in _ASKS:
            return Happening(("ask",))
        return Happening((), _derived(dst))

    def _store(self, op: Op, role: str | None, roles: dict[Place, str]) -> Happening:
        value = op.args[-1].value if op.args else None
        if isinstance(value, str) and _is_handle(roles.get(value)):
            return Happening(("escape",))
        if is_holder(role):
            taken = op.do != "setattr" or op.name is None or holders.attribute(role or "", op.name)
            return Happening(("escape",)) if taken else NOTHING
        if role == kinds.ENTITY and op.do == "setattr":
            return Happening(("touch", "add"))
        return NOTHING

    # --- calls ---------------------------------------------------------------------------------

    def _call(
        self,
        op: Op,
        role: str | None,
        roles: dict[Place, str],
        root: Kind,
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> Happening:
        events: list[str] = []
        gained = ""
        loose = False
        if role is not None and is_holder(role):
            events += self._method_of_kept(op, role, root, on)
            gained = _loaded(dst) if events else ""
            loose = True
        elif role is not None and op.name is not None:
            happening = self._method(op, role, root, args, dst)
            events += happening.events
            gained = happening.role
        elif role == SELF:  # a registry called: `Session()`
            gained = SELF
        for i, arg in enumerate(op.args):
            held = roles.get(arg.value) if isinstance(arg.value, str) else None
            if held is None:
                continue
            more = self._argument(op, arg, i, held, root, on, args, dst)
            events += more.events
            gained = gained or more.role
            loose = loose or more.loose
        if op.name is not None and not events and on.name == kinds.INSTANCE:
            events += self._method_of_holder(op, roles, root, on)
            loose = bool(events)
        if not events and not gained and root.owner == "registry":
            if self._reaches(op, on):
                events.append("escape")
            else:
                callee = self._callee(op, on)
                events += _ordered(self.done_to_registry(callee.label, root, CALL_DEPTH))
                loose = bool(events)
        return Happening(tuple(events), gained, loose) if events or gained else NOTHING

    def _method_of_holder(self, op: Op, roles: dict[Place, str], root: Kind, on: Kind) -> list[str]:
        """What `self._save()` does to `self.session`."""
        if not isinstance(op.on, str):
            return []
        inside = [
            place[len(op.on) :]
            for place, role in roles.items()
            if role == SELF and place.startswith(op.on + ".")
        ]
        callee = self._callee(op, on) if inside else UNKNOWN
        entry = self.project.knowledge.functions.get(callee.label)
        if callee.name != "METHOD" or entry is None or not entry[1].params:
            return []
        me = entry[1].params[0].name

        def done_by(label: str, itself: str) -> set[str]:
            return {e for rest in inside for e in self.done_to(label, itself + rest, root)}

        return self._done_by_any(op, on, (callee.label, me), done_by)

    def _method_of_kept(self, op: Op, role: str, root: Kind, on: Kind) -> list[str]:
        """What `repo.save()` does to the session that `repo` was made with."""
        callee = self._callee(op, on) if op.name is not None else UNKNOWN
        entry = self.project.knowledge.functions.get(callee.label)
        if callee.name != "METHOD" or entry is None or not entry[1].params:
            return ["escape"]
        me = entry[1].params[0].name

        def done_by(label: str, itself: str) -> set[str]:
            return set(self.done_to(label, itself, root, role))

        return self._done_by_any(op, on, (callee.label, me), done_by)

    def _done_by_any(
        self, op: Op, on: Kind, callee: tuple[str, str], done_by: Callable[[str, str], set[str]]
    ) -> list[str]:
        """What a method does, or any that classes below have instead: where one of these does
        more, it is not known which is called."""
        done = done_by(*callee)
        for below in self._below(op, on, callee[1]):
            more = done_by(*below)
            done |= more | (_ESCAPES if more - done else set())
        return _ordered(done)

    def _below(self, op: Op, on: Kind, me: str) -> Iterator[tuple[str, str]]:
        """The methods that `self.done()` may call instead, those of classes below, with their name
        for `self`."""
        if on.name != kinds.INSTANCE or op.on != me or op.name is None:
            return
        knowledge = self.project.knowledge
        for label in knowledge.classes.implemented(on.label, op.name):
            entry = knowledge.functions.get(label)
            if entry is not None and entry[1].params:
                yield label, entry[1].params[0].name

    def _method(
        self, op: Op, role: str, root: Kind, args: tuple[Kind, ...], dst: Kind
    ) -> Happening:
        assert op.name is not None
        if role.startswith("await "):
            return NOTHING
        kind, is_async = (root.name, root.is_async) if role == SELF else (role, False)
        if role in (CLOSER, BEGUN) or (role == SELF and lacks(root, op.name)):
            return NOTHING
        if role in (kinds.TRANSACTION, kinds.SAVEPOINT):
            is_async = root.is_async
        member = self.catalog.member(kind, is_async, op.name)
        if member is None:
            if role != SELF:
                return Happening((), _derived(dst))
            if op.name == "execution_options":
                return Happening((), SELF)
            return Happening(("escape",), "")
        events = tuple(self._events(role, op, member.effects, args))
        if role == SELF and "autocommit" in dst.traits:
            events = (*events, "autocommit")
        after = SELF if role == SELF and _is_itself(op, member.returns) else ""
        if role == SELF and member.returns == root.name and root.owner == "registry":
            after = SELF
        if role == SELF and op.name in ("begin", "begin_twophase"):
            after = BEGUN if member.coroutine or member.enters else ""
            after = kinds.TRANSACTION
        elif role == SELF and op.name == "begin_nested":
            after = kinds.SAVEPOINT
        after = after or _derived(_awaited(dst))
        if member.coroutine:
            return Happening((), f"await {','.join(events)} {after}")
        return Happening(events, after)

    def _events(
        self, role: str, op: Op, effects: tuple[str, ...], args: tuple[Kind, ...]
    ) -> Iterator[str]:
        """The catalog's effects of a member as events of the root's protocols."""
        if role in (kinds.TRANSACTION, BEGUN):
            if "commit" in effects:
                yield "commit"
            if "rollback" in effects or "close" in effects:
                yield "rollback"
            return
        if role == kinds.SAVEPOINT:
            if {"rollback", "close"} & set(effects):
                yield "undo"
            if {"commit", "rollback", "close"} & set(effects):
                yield "unnest"
            return
        if role == SELF and op.name in _ASKS:
            yield "ask"
        if role == SELF and "begin_nested" in effects:
            yield "nest"
        if role == kinds.INSPECTOR:
            yield "read"
            return
        if role in _RESULTS and "read" in effects:
            yield "fetch"
            if op.name not in _PARTIAL:
                yield "drain"
        elif role in _RESULTS and "close" in effects:
            yield "drain"  # nothing can be read afterwards
        if role in _RESULTS or role in (kinds.ENTITY, kinds.ROW):
            return
        if "begin" in effects and role == SELF and not _given(op, "subtransactions", True):
            yield "begin"  # 1.4 joins the transaction that is there when it is asked to
        if "merge" in effects and _given(op, "load", False):
            pass  # it takes a state over as it is: there is nothing to write
        elif "add" in effects or "delete" in effects or "merge" in effects:
            if "merge" in effects:
                yield "read"
            yield "add"
        elif op.name in _BULK:
            yield from ("add", "flush")  # fails like a flush
        elif "execute" in effects:
            if "write" in effects:
                yield "write"
            elif role == kinds.QUERY or op.name in _READERS:
                yield "read"
            elif op.name == "connection":
                yield "take"
            elif self._refused(role, op, args):
                yield "execute"  # a plain string raises: there is nothing to commit (SAL403)
            else:
                yield statement_event(args[0] if args else UNKNOWN)
        for name in ("flush", "commit", "rollback"):
            if name in effects:
                yield name
        if "refresh" in effects and "execute" not in effects:
            yield "read"
        if "close" in effects or "remove" in effects:
            yield "close"
        if "reset" in effects or "invalidate" in effects:
            yield "rollback"
        if "detach" in effects:
            yield "escape" if op.name == "detach" else "expunge"

    def _refused(self, role: str, op: Op, args: tuple[Kind, ...]) -> bool:
        """A plain string where the target version wants a statement."""
        strict = self.catalog.version >= (2, 0) and role == SELF and op.name != "exec_driver_sql"
        return strict and bool(args) and args[0].name == kinds.STR

    def _argument(
        self,
        op: Op,
        arg: Arg,
        position: int,
        held: str,
        root: Kind,
        on: Kind,
        args: tuple[Kind, ...],
        dst: Kind,
    ) -> Happening:
        if not _is_handle(held) and held not in _UNREAD:
            return NOTHING
        callee = self._callee(op, on)
        if held in _UNREAD:
            if held in _RESULTS and self._drains(callee, op, arg):
                return Happening(("fetch", "drain"))
            taken = taking(op, arg, on, callee)
            if taken == "handed on":
                return Happening((), held)
            events = _iterated(held) if taken else ()
            whole = held in _RESULTS and taken == "all"
            return Happening((*events, "drain") if whole else events)
        if callee.name in (NAME, FOREIGN):
            if callee.label in ("contextlib.closing", "contextlib.aclosing"):
                return Happening((), CLOSER)
            if callee.label in _LOOKERS or callee.label in _BORROWERS:
                return Happening(("read",) if callee.label in _BORROWERS else ())
            if callee.label.startswith("sqlalchemy."):
                return _joined(root, dst) or Happening((), _derived(dst))  # inspect(conn)
            if callee.label.rpartition(".")[2] == "to_sql":
                return Happening(("load",))
            return Happening(("pass", "escape"))
        if callee.name == kinds.SESSION_FACTORY or callee.name == kinds.SCOPED_SESSION:
            return _joined(root, dst) or NOTHING
        if callee.name == kinds.CLASS and (held == SELF or is_holder(held)):
            kept = holders.kept_by_new(self, callee, op, position, held)
            return Happening((), kept) if kept else Happening(("escape",))
        if op.name is not None and on.name in (kinds.METADATA, kinds.TABLE):
            return Happening(
                ("write",) if op.name in ("create_all", "drop_all", "create", "drop") else ("read",)
            )
        if op.name == "to_sql":  # DataFrame.to_sql(name, con)
            return Happening(("load",) if arg.keyword == "con" or position == 1 else ("escape",))
        if is_own_function(callee):
            role = held if is_holder(held) else SELF
            done = tuple(_ordered(self.parameter(callee, op, arg, position, root, role)))
            done = ("pass", *done) if "escape" in done else done
            given = _derived(_awaited(dst))
            late = given and dst.name == kinds.COROUTINE
            return Happening(done, f"await  {given}" if late else given, loose=True)
        if on.name in _STATEMENTS or on.name in (kinds.QUERY, kinds.SELECT):
            return NOTHING
        if on.name == kinds.LIST and op.name == "append" and held == SELF:
            return Happening(("keep", "escape"))
        return Happening(("pass", "escape"))

    def _drains(self, callee: Kind, op: Op, arg: Arg) -> bool:
        """A function of the project surely reads to its end what it is given here."""
        entry = self.project.knowledge.functions.get(callee.label)
        if entry is None or callee.name not in FUNCTIONS:
            return False
        knowledge = self.project.knowledge
        name = next((n for a, n in parameters(knowledge, op, callee) if a is arg), None)
        if name is None or self._wrapped(callee.label) or entry[1].is_async:
            return False
        key = (callee.label, name)
        if key not in self._drained:
            self._drained[key] = False  # while it is being worked out
            typed = self.project.typed.get(callee.label)

            def passes(inner: Op, place: Place) -> bool:
                on = _kind_of(typed, inner)
                given = next(a for a in inner.args if a.value == place)
                return self._drains(self._callee(inner, on), inner, given)

            self._drained[key] = drains(entry[1], name, passes)
        return self._drained[key]

    def _callee(self, op: Op, on: Kind) -> Kind:
        if op.name is None:
            return on
        if on.name in (
            NAME,
            FOREIGN,
            MODULE,
            kinds.CLASS,
            kinds.INSTANCE,
            kinds.MAPPED_CLASS,
            kinds.ENTITY,
        ):
            return self.project.knowledge.attribute(on, op.name)
        return UNKNOWN

    def _reaches(self, op: Op, on: Kind) -> bool:
        """A call that does not name a registry session may still use it: anything of the project
        that is not known to leave it alone."""
        callee = self._callee(op, on)
        if is_own_function(callee):
            return self._may_end(callee.label, 0)
        if callee.name == kinds.CLASS:
            label = self.project.knowledge.classes.method(callee.label, "__init__")
            return label is not None and self._may_end(label, 0)
        if on.name in (kinds.INSTANCE, kinds.CLASS):
            return True
        return not callee.known and not on.known and op.name is None

    def _may_end(self, label: str, depth: int) -> bool:
        """A function of the project that may commit, roll back or close some session."""
        entry = self.project.knowledge.functions.get(label)
        if entry is None or depth > CALL_DEPTH:
            return True
        typed = self.project.typed.get(label)
        for number, block in enumerate(entry[1].blocks):
            for i, op in enumerate(block.ops):
                if op.do != "call":
                    continue
                if op.name in ("commit", "rollback", "close", "remove", "begin"):
                    return True
                on = typed.on[number][i] if typed is not None else UNKNOWN
                callee = self._callee(op, on)
                if is_own_function(callee):
                    if self._may_end(callee.label, depth + 1):
                        return True
                elif op.name is None and not callee.known:
                    return True
        return False

    def inferred(self, label: str) -> Typed:
        """The kinds of a function in which nothing of SQLAlchemy's is in sight: what it calls of
        the object that holds a session."""
        knowledge = self.project.knowledge
        knowledge.asked = {}
        module, function = knowledge.functions[label]
        return infer(module, opened(function), knowledge, ())

    def done_to_registry(self, label: str, root: Kind, depth: int) -> frozenset[str]:
        """The events a function of the project may cause on a registry's session that it is not
        given, but finds for itself."""
        typed = self.project.typed.get(label)
        entry = self.project.knowledge.functions.get(label)
        if entry is not None and (self._wrapped(label) or entry[1].is_generator):
            return _ESCAPES
        if typed is None or entry is None or depth == 0:
            return frozenset()
        key = (label, "", root.name, root.is_async, "registry")
        known = self._parameters.get(key)
        if known is not None:
            return known
        self._parameters[key] = frozenset()  # a function that calls itself adds nothing
        roles = {
            op.on: kinds.QUERY if kind.name == kinds.QUERY else SELF
            for row, block in zip(typed.on, entry[1].blocks, strict=True)
            for kind, op in zip(row, block.ops, strict=True)
            if kind.owner == "registry" and isinstance(op.on, str) and op.on[0] != "%"
        }
        found = set(self._scan(label, entry[1], roles, root)) if roles else set()
        found |= self.done_by_calls(typed, root, depth - 1)
        self._parameters[key] = frozenset(found)
        return self._parameters[key]

    def done_by_calls(self, typed: Typed, root: Kind, depth: int = CALL_DEPTH) -> set[str]:
        """The events that the functions which a function calls may cause on a registry's session
        that they find for themselves."""
        found: set[str] = set()
        for row, block in zip(typed.on, typed.function.blocks, strict=True):
            for kind, op in zip(row, block.ops, strict=True):
                callee = self._callee(op, kind) if op.do == "call" else UNKNOWN
                if callee.name in FUNCTIONS:
                    found |= self.done_to_registry(callee.label, root, depth)
        return found

    # --- functions of the project --------------------------------------------------------------

    def parameter(
        self, callee: Kind, op: Op, arg: Arg, position: int, root: Kind, role: str = SELF
    ) -> frozenset[str]:
        """What a project function may do to the object passed as this argument."""
        entry = self.project.knowledge.functions.get(callee.label)
        if entry is None or arg.star:
            return _ESCAPES
        _, function = entry
        params = [p for p in function.params if p.kind not in ("star", "starstar")]
        if arg.keyword is not None:
            name = arg.keyword if any(p.name == arg.keyword for p in params) else None
        else:
            shift = 1 if callee.name == "METHOD" else 0
            before = sum(1 for a in op.args[:position] if a.keyword is None)
            index = before + shift
            name = params[index].name if index < len(params) else None
        if name is None:
            return _ESCAPES
        return self.done_to(callee.label, name, root, role)

    def done_to(self, label: str, name: str, root: Kind, role: str = SELF) -> frozenset[str]:
        """The events a function may cause on the object its parameter ``name`` is (or holds),
        flow aside."""
        key = (label, name, root.name, root.is_async, role)
        if key in self._parameters:
            return self._parameters[key]
        if (label, name) in self._open or len(self._open) >= CALL_DEPTH:
            return _ESCAPES
        entry = self.project.knowledge.functions.get(label)
        if entry is None or self._is_altered(label) or entry[1].is_generator:
            return _ESCAPES
        self._open.add((label, name))
        roles = holders.roles_inside(name, role)
        found = frozenset(_as_begun(self._scan(label, entry[1], roles, root)))
        self._open.discard((label, name))
        self._parameters[key] = found
        return found

    def _wrapped(self, label: str) -> bool:
        """A decorator that is not known to leave the function as it is."""
        return bool(self._altering(label))

    def wrapper_of(self, label: str) -> Wrapper | None:
        """The function of the project that is called instead of a decorated one."""
        return wrapper_of(self.project.knowledge, self._altering(label))

    def _altering(self, label: str) -> list[Kind]:
        decorators = self.project.knowledge.decorators.get(label, ())
        return [d for d in decorators if d.label.rpartition(".")[2] not in _AS_IT_IS]

    def _is_altered(self, label: str) -> bool:
        """A decorator may do something with what the function is given."""
        if not self._wrapped(label):
            return False
        known = self.altered.get(label)
        if known is None:
            knowledge = self.project.knowledge
            known = self.altered[label] = not all(
                is_transparent(knowledge, d) or d.label.rpartition(".")[2] in _AS_IT_IS
                for d in knowledge.decorators.get(label, ())
            )
        return known

    def _scan(
        self, label: str, function: Function, roles: dict[Place, str], root: Kind
    ) -> dict[str, None]:
        """In the order in which they are first met."""
        typed = self.project.typed.get(label)
        if typed is None and (any(map(is_holder, roles.values())) or any("." in p for p in roles)):
            typed = self.inferred(label)
        found: dict[str, None] = {}
        root = root._replace(owner="caller")
        for number, block in enumerate(function.blocks):
            for i, op in enumerate(block.ops):
                on, args, dst = _kinds_at(typed, number, i)
                happening = self.of(op, roles, root, on, args, dst)
                ours = happening.events
                found.update((e, None) for e in ours if e not in _OF_ITS_OWN)
                fails = FAILS in ours if happening.loose else op.raises and bool(ours)
                if fails and FAILS not in found and lets_out(function, number):
                    found[FAILS] = None
                if happening.role and op.dst is not None:
                    roles[op.dst] = happening.role
        return found


def _loaded(dst: Kind) -> str:
    """The role of mapped objects that a method gives which works with the session."""
    given = _derived(_awaited(dst))
    if given not in (kinds.ENTITY, kinds.COLLECTION, kinds.LIST):
        return ""
    return f"await  {given}" if dst.name == kinds.COROUTINE else given


def _given(op: Op, keyword: str, value: object) -> bool:
    return any(arg.keyword == keyword and arg.value == Const(value) for arg in op.args)  # type: ignore[arg-type]


def _is_itself(op: Op, returns: str) -> bool:
    return returns == "Self" or op.name == "execution_options"


def exhausted(op: Op, names: Names) -> tuple[str, ...]:
    """What happens when a loop has taken the last element."""
    role = dict(names).get(op.on) if op.do == "next" and isinstance(op.on, str) else None
    return ("drain",) if role in _RESULTS else ()


def _iterated(role: str) -> tuple[str, ...]:
    """What taking the next element does: a query runs, a result is read."""
    if role == kinds.QUERY:
        return ("read",)
    return ("fetch",) if role in _RESULTS else ()


_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_UNREAD = _RESULTS | {kinds.QUERY}
# What a function does with a query or result that it made itself is no event for its caller.
_OF_ITS_OWN = frozenset({"hand", "fetch", "drain", "pass", FAILS})
# These may leave rows in a result for the next read.
_PARTIAL = frozenset({"fetchone", "fetchmany", "partitions", "__next__", "__iter__"})
# What tells whether a Session or Connection is still in a working transaction.
_ASKS = frozenset({"is_active", "in_transaction", "in_nested_transaction", "get_transaction"})
# Decorators that leave a function as it is.
_AS_IT_IS = frozenset({"staticmethod", "classmethod", "wraps", "override"})
_HANDLES = frozenset({SELF, CLOSER, BEGUN, kinds.TRANSACTION, kinds.CONTEXT_MANAGER})
_ESCAPES = frozenset({"escape"})
_READERS = frozenset({"get", "get_one", "refresh"})
_BULK = frozenset({"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"})
_STATEMENTS = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.DDL})
_ORDER = (
    "lend",
    "keep",
    "pass",
    "escape",
    "ask",
    "load",
    "block",
    "begin",
    "nest",
    "touch",
    "add",
    "write",
    "execute",
    "read",
    "take",
    "join",
    "flush",
    "expunge",
    "undo",
    "unnest",
    "end",
    "rollback",
    "commit",
    "close",
    "autocommit",
    FAILS,
)


def _joined(root: Kind, dst: Kind) -> Happening | None:
    """``Session(bind=conn)``."""
    made = dst.name in (kinds.SESSION, kinds.SESSION_FACTORY)
    return Happening(("join",)) if made and root.name == kinds.CONNECTION else None


def _is_handle(role: str | None) -> bool:
    """Whoever has it can do anything with the object."""
    return role in _HANDLES or is_holder(role)


def _ordered(events: Iterable[str]) -> list[str]:
    """Events of a callee in the order that makes fewest claims: what may commit has committed."""
    return sorted(events, key=_ORDER.index)


def _as_begun(events: Iterable[str]) -> list[str]:
    """Events without a `begin` that may follow the end of the transaction that was there."""
    met = list(events)
    ends = [met.index(e) for e in ("commit", "rollback", "close", "ask") if e in met]
    if "begin" in met and ends and min(ends) < met.index("begin"):
        met.remove("begin")
    return met


def _kind_of(typed: Typed | None, op: Op) -> Kind:
    """The kind an operation is done on."""
    for number, block in enumerate(typed.function.blocks if typed is not None else ()):
        for i, one in enumerate(block.ops):
            if one is op and typed is not None:
                return typed.on[number][i]
    return UNKNOWN


def _kinds_at(typed: Typed | None, number: int, i: int) -> tuple[Kind, tuple[Kind, ...], Kind]:
    if typed is None:
        return UNKNOWN, (), UNKNOWN
    return typed.on[number][i], typed.args[number][i], typed.dst[number][i]


def _awaited(kind: Kind) -> Kind:
    return kind.of[0] if kind.name == kinds.COROUTINE and kind.of else kind


def _derived(kind: Kind) -> str:
    return kind.name if kind.name in _DERIVED else ""


# Databases and what belongs to a whole server are made and dropped outside of transactions, or end
# them (PostgreSQL docs, CREATE DATABASE; MySQL docs, "Statements That Cause an Implicit Commit").
# PostgreSQL refuses CONCURRENTLY in a transaction; tables are refreshed by CrateDB, Spark, Impala.
_OUTSIDE_TRANSACTIONS = re.compile(
    r"\s*((create|drop|alter)\s+(database|tablespace|user|role|login)"
    r"|(create(\s+unique)?|drop)\s+index\s+concurrently|refresh\s+table)\b",
    re.IGNORECASE,
)
# What is executed ends the transaction past SQLAlchemy, which does not know of it. With psycopg2
# each statement then stands by itself.
_ENDED_BY_TEXT = re.compile(r"\s*(commit|end|rollback|abort)\b(?!\s+(to|prepared))", re.IGNORECASE)


def statement_event(statement: Kind) -> str:
    """Whether executing a statement reads or writes, or cannot be told ("execute")."""
    if statement.name in (kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.DDL):
        return "write"
    if statement.name in (kinds.SELECT, kinds.COLUMN_EXPR, kinds.TABLE, kinds.FROM_CLAUSE):
        return "read"
    if statement.name in (kinds.TEXT, kinds.STR) and statement.label:
        if _OUTSIDE_TRANSACTIONS.match(statement.label):
            return "execute"
        if _ENDED_BY_TEXT.match(statement.label):
            return "escape"
        writes = sqltext.writes(statement.label)
        if writes is not None:
            return "write" if writes else "read"
        if sqltext.kind(statement.label) in ("session-setting",):
            return "read"
    return "execute"


def operands(op: Op) -> Iterator[Operand]:
    """Everything an operation reads."""
    if op.on is not None and not isinstance(op.on, Const):
        yield op.on
    for arg in op.args:
        if not isinstance(arg.value, Const):
            yield arg.value

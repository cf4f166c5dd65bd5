"""Attributes and globals in which a program keeps mapped objects for later: what is put there, and
what is taken out again.

An attribute holds one object, or a container or queue of them; a global a container or queue. What
is done with one by any other name than its own is not followed: then nothing is said of it
(`Handling.lost`). A plain object that is put into a queue when it is made keeps what its
constructor was given.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import frameworks, kinds, queues
from sqla_lint.flow.keeping import field_given
from sqla_lint.flow.reads import LOOKERS
from sqla_lint.flow.root import Position
from sqla_lint.ir import MODULE_BODY, Const, Op, Operand, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import hands_on
from sqla_lint.project.kind import EMPTY, FOREIGN, NAME, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.linked import Project

CONTAINERS = frozenset({kinds.COLLECTION, kinds.DICT, kinds.LIST, kinds.SET, kinds.TUPLE})
_LIBRARIES = frozenset({NAME, FOREIGN})
_OWNERS = frozenset({kinds.CLASS, kinds.INSTANCE})
PUTTING = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})
TAKING = frozenset({"copy", "get", "items", "pop", "popitem", "popleft", "values"})
_LOOKING = frozenset({"clear", "count", "discard", "index", "keys", "remove", "__contains__"})
# What else is done with a container that nothing comes out of or goes into.
HARMLESS = frozenset({"compare", "test", "boolop", "delete", "format"})
# Containers in containers: a dictionary of lists.
_DEPTH = 3


class Store(NamedTuple):
    """An attribute of a class or of its objects, ``owner`` the topmost of its bases; or a global,
    without an owner: all of one name are one, since modules import them from each other; or what a
    framework lets a program set on requests and the like: see `frameworks.keeps`."""

    owner: str
    name: str

    @property
    def is_lent(self) -> bool:
        """It is there while something goes on that others run: a request."""
        return bool(self.owner) and ":" not in self.owner

    @property
    def label(self) -> str:
        """How it is called where functions have labels."""
        return f"{self.owner}.{self.name}"


class Handling(NamedTuple):
    """What a function does with stores."""

    puts: tuple[tuple[Store, Position], ...] = ()
    takes: tuple[tuple[Store, Position], ...] = ()
    lost: frozenset[Store] = frozenset()
    made: tuple[Store, ...] = ()  # fields of what is made with an object, and is not sent away


def makes(op: Op) -> bool:
    """An operation of `Handling.puts` makes the object that keeps what is put there."""
    return op.do == "call" and op.name is None


def what_is_put(typed: Typed, at: Position) -> tuple[Operand | None, Kind]:
    """The value that an operation puts into a store: the last argument, or what is bound anew."""
    op = typed.function.blocks[at[0]].ops[at[1]]
    if op.do == "move":
        return op.on, typed.on[at[0]][at[1]]
    given = typed.args[at[0]][at[1]]
    if makes(op):
        kept = [
            (arg.value, kind)
            for arg, kind in zip(op.args, given, strict=False)
            if entity_in(kind) is not None
        ]
        return kept[0] if len(kept) == 1 else (None, UNKNOWN)
    return (op.args[-1].value, given[-1]) if op.args and given else (None, UNKNOWN)


def is_queue(kind: Kind) -> bool:
    """A queue of the standard library."""
    return kind.name == FOREIGN and kind.label in queues.QUEUES


def entity_in(kind: Kind, depth: int = _DEPTH) -> Kind | None:
    """The mapped objects of one class that a value is, or that a container holds."""
    if kind.name == kinds.ENTITY and kind.label:
        return kind
    if (kind.name not in CONTAINERS and not is_queue(kind)) or not depth:
        return None
    held = [one for of in kind.of if (one := entity_in(of, depth - 1)) is not None]
    return held[0] if len(held) == 1 else None


def handling(project: Project, typed: Typed) -> Handling:
    """What a function does with stores of mapped objects."""
    known: dict[str, Handling] = project.memo.setdefault(__name__, {})  # type: ignore[assignment]
    label = f"{typed.module.name}:{typed.function.qualname}"
    if typed is not project.typed.get(label):  # read for one class
        return _Handling(project.knowledge, typed).found()
    if label not in known:
        known[label] = _Handling(project.knowledge, typed).found()
    return known[label]


class _Handling:
    def __init__(self, knowledge: Knowledge, typed: Typed) -> None:
        self.knowledge = knowledge
        self.typed = typed
        self.puts: list[tuple[Store, Position]] = []
        self.takes: list[tuple[Store, Position]] = []
        self.lost: set[Store] = set()
        self.made: list[Store] = []
        self.held: dict[Place, Store] = {}  # names of containers
        self.coming: dict[Place, Store] = {}  # what is awaited of queues
        self.globals: dict[Place, bool] = {}

    def found(self) -> Handling:
        typed = self.typed
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, given, result = typed.on[number][i], typed.args[number][i], typed.dst[number][i]
                if op.do in ("getattr", "setattr") and on.name in _OWNERS and on.label:
                    self._attribute((number, i), op, on, given, result)
                elif on.name in _LIBRARIES and frameworks.keeps(on.label):
                    self._of_framework((number, i), op, on, given, result)
                elif op.do == "getattr" and on.name == kinds.MODULE and op.name is not None:
                    self.lost |= {Store("", op.name)} if entity_in(result) else set()
                else:
                    self._operation((number, i), op, on, result)
                    if makes(op) and on.name == kinds.CLASS:
                        self._message((number, i), op, on)
        return Handling(tuple(self.puts), tuple(self.takes), frozenset(self.lost), tuple(self.made))

    def _message(self, at: Position, op: Op, on: Kind) -> None:
        """`queue.put(Job(user))`: whoever takes it out has the user as it is here."""
        value, _ = what_is_put(self.typed, at)
        several = sum(entity_in(kind) is not None for kind in self.typed.args[at[0]][at[1]])
        if not several:
            return
        field = field_given(self.knowledge, op, on, value) if value is not None else ""
        ancestry = self.knowledge.classes.ancestry(on.label)
        if not ancestry:
            return
        if field and self._is_sent(op.dst):
            self.puts.append((Store(ancestry[-1].label, field), at))
        else:
            self.made.append(Store(ancestry[-1].label, field))

    def _is_sent(self, place: Place | None) -> bool:
        """All that is done with a value is to put it into a queue."""
        names, sent = {place}, False
        for number, block in enumerate(self.typed.function.blocks):
            for i, op in enumerate(block.ops):
                given = any(arg.value in names for arg in op.args)
                if not given and op.on not in names:
                    continue
                on = self.typed.on[number][i]
                if given and op.do == "call" and op.name in queues.PUTTING and is_queue(on):
                    sent = True
                elif op.dst is not None and op.do in ("move", "pack"):
                    names.add(op.dst)
                elif op.do not in HARMLESS:
                    return False
        return sent

    def _attribute(
        self, at: Position, op: Op, on: Kind, given: tuple[Kind, ...], result: Kind
    ) -> None:
        seen = result if op.do == "getattr" else given[0] if given else UNKNOWN
        if op.do == "getattr" and entity_in(seen) is None:
            return
        ancestry = self.knowledge.classes.ancestry(on.label)
        if not ancestry or op.name is None or self.knowledge.classes.method(on.label, op.name):
            return
        store = Store(ancestry[-1].label, op.name)
        if op.do == "getattr":
            if op.dst is not None:
                if not is_queue(result):  # what comes out of it does so by a call
                    self.takes.append((store, at))
                if result.name != kinds.ENTITY:
                    self.held[op.dst] = store
        elif is_queue(seen):
            if not self._is_new(op.args[0].value):
                self.lost.add(store)
        elif entity_in(seen) is not None:
            self.puts.append((store, at))
        elif seen.name != kinds.NONE and EMPTY not in seen.traits:
            self.lost.add(store)

    def _of_framework(
        self, at: Position, op: Op, on: Kind, given: tuple[Kind, ...], result: Kind
    ) -> None:
        """`request.state.user = user`, `request["user"] = user`"""
        name = op.name or ""
        if op.do in ("getitem", "setitem"):
            key = op.args[0].value
            if not isinstance(key, Const):
                return
            name = f"[{key.value!r}]"
        store = Store(frameworks.canonical(on.label), name)
        if op.do in ("getattr", "getitem") and entity_in(result) is not None:
            self.takes.append((store, at))
        elif op.do in ("setattr", "setitem") and entity_in(given[-1]) is not None:
            self.puts.append((store, at))

    def _operation(self, at: Position, op: Op, on: Kind, result: Kind) -> None:
        if op.dst is not None and self._binds_global(op, on, result):
            if op.do == "move" and on.name in CONTAINERS:  # `global KNOWN`
                self.puts.append((Store("", op.dst), at))
                return
            self.lost.add(Store("", op.dst))
        if op.do == "await" and op.on in self.coming:
            self.takes.append((self.coming[str(op.on)], at))
        store = self._store(op.on)
        if store is not None and is_queue(on):
            self._queued(at, op, store, result)
            return
        if store is None:
            for arg in op.args:
                passed = self._store(arg.value)
                if passed is not None and not self._only_looks(at, op):
                    self.lost.add(passed)
            return
        if op.do == "setitem" or (op.do == "call" and op.name in PUTTING):
            self.puts.append((store, at))
            if op.name == "setdefault" and self.is_global(op.on) and entity_in(result) is not None:
                self.takes.append((store, at))
        elif op.do in ("getitem", "next") or (op.do == "call" and op.name in TAKING):
            if self.is_global(op.on) and entity_in(result) is not None:
                self.takes.append((store, at))
        elif op.do not in HARMLESS and not (op.do == "call" and op.name in _LOOKING):
            self.lost.add(store)

    def _is_new(self, value: Operand) -> bool:
        """The function makes it: a queue with nothing in it."""
        made = [op for b in self.typed.function.blocks for op in b.ops if op.dst == value]
        return len(made) == 1 and made[0].do == "call" and not any(a.star for a in made[0].args)

    def _queued(self, at: Position, op: Op, store: Store, result: Kind) -> None:
        """An operation on a queue of mapped objects."""
        if op.do == "call" and op.name in queues.PUTTING and len(op.args) == 1:
            self.puts.append((store, at))
        elif op.do == "call" and op.name in queues.TAKING:
            if result.name == kinds.COROUTINE and op.dst is not None:
                self.coming[op.dst] = store
            elif entity_in(result) is not None:
                self.takes.append((store, at))
        elif op.do == "move":
            self.lost.add(store)

    def _binds_global(self, op: Op, on: Kind, result: Kind) -> bool:
        """A global is bound to something that is not empty."""
        of_module = self.typed.function.qualname == MODULE_BODY
        bound = of_module and str(op.dst)[0] != "%" and op.do != "getattr"
        if not (bound or (op.do == "move" and self.is_global(op.dst))):
            return False
        if of_module and is_queue(result):
            return False  # it is empty
        return entity_in(result) is not None and EMPTY not in on.traits

    def _only_looks(self, at: Position, op: Op) -> bool:
        on = self.typed.on[at[0]][at[1]]
        library = on.name in (NAME, FOREIGN) and op.do == "call" and op.name is None
        return op.do in HARMLESS or (library and (on.label in LOOKERS or hands_on(on.label)))

    def _store(self, operand: Operand | None) -> Store | None:
        if not isinstance(operand, str):
            return None
        known = self.held.get(operand)
        if known is not None or not self.is_global(operand):
            return known
        if operand not in self.globals:
            kind = self.knowledge.global_name(self.typed.module, operand)
            holds = kind.name in CONTAINERS or is_queue(kind)
            self.globals[operand] = holds and entity_in(kind) is not None
        return Store("", operand) if self.globals[operand] else None

    def is_global(self, operand: Operand | None) -> bool:
        """A plain name that the function does not bind."""
        plain = isinstance(operand, str) and operand[0] != "%" and "." not in operand
        return plain and operand not in self.typed.function.locals

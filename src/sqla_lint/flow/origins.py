"""Where the mapped objects of a function come from: its statements, its callees, its constructors.

An `Origin` is an object (or a collection of them) with the session it hangs on, as far as known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.entities import MANY, OF_SESSION, is_handle
from sqla_lint.flow.root import NOWHERE, SELF, Position, Root
from sqla_lint.flow.uses import Use, uses
from sqla_lint.ir import Op, Place, Ref
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import UNKNOWN, Kind

_SOURCES = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ROW}
    | {kinds.COROUTINE}
)
_GIVING = frozenset({"call", "await", "next", "getitem", "unpack", "getattr"})
# `list(session.scalars(...))`: its objects come from the session, too.
_GATHERERS = frozenset(f"builtins.{name}" for name in ("list", "tuple", "set", "sorted"))
_COLLECTIONS = frozenset({kinds.LIST, kinds.COLLECTION})
_NO_TEMPS = "%"


class Session(NamedTuple):
    """A session of a function under all its names; ``leaving``: what its lender does when its
    block is left."""

    kind: Kind
    names: frozenset[tuple[Place, str]]
    uses: tuple[Use, ...]
    leaving: tuple[str, ...] = ()
    at: Ref = -1  # the operation that makes it; -1 for one that was there before


class Origin(NamedTuple):
    """An object, or a collection of them. ``how``: loaded, made, given, or called (then ``callee``
    is the function that gave it)."""

    entity: Kind
    root: Root
    how: str
    session: Session | None = None
    callee: str = ""
    set_at_once: frozenset[str] = frozenset()  # attributes that its constructor is given
    open: bool = False  # ... or may be
    by_async: bool = False  # the function that gave it has an AsyncSession

    @property
    def model(self) -> str:
        """The label of its class."""
        return self.entity.label

    @property
    def is_async(self) -> bool:
        """It hangs on an AsyncSession."""
        own = self.session is not None and self.session.kind.is_async
        return own or self.by_async or "by async" in self.entity.traits


def entity_of(kind: Kind) -> tuple[Kind, str] | None:
    """The entity a kind is or collects, and the role of a place that holds it."""
    if kind.name == kinds.ENTITY and kind.label:
        return kind, SELF
    if kind.name in _COLLECTIONS and len(kind.of) == 1:
        one = kind.of[0]
        if one.name == kinds.ENTITY and one.label:
            return one, MANY
    return None


@dataclass
class Origins:
    """Finds them in one function."""

    typed: Typed
    effects: Effects
    sessions: tuple[Session, ...]

    def all(self) -> Iterator[Origin]:
        """Every origin."""
        yield from self._loaded()
        yield from self._called()
        yield from self._made()
        yield from self._given()

    @cached_property
    def _ops(self) -> list[tuple[Position, Op, Kind, Kind]]:
        on, dst = self.typed.on, self.typed.dst
        return [
            ((number, i), op, on[number][i], dst[number][i])
            for number, block in enumerate(self.typed.function.blocks)
            for i, op in enumerate(block.ops)
        ]

    def _loaded(self) -> Iterator[Origin]:
        places = {id(op): (at, on, dst) for at, op, on, dst in self._ops}
        owners = self._owners()
        seen: set[Position] = set()
        for session in self.sessions:
            for use in session.uses:
                at, on, dst = places[id(use.op)]
                if owners[id(use.op)] is not session:
                    continue
                found = entity_of(dst)
                gathers = on.label in _GATHERERS and bool(_SOURCES & set(use.given))
                gives = on.name in _SOURCES and bool(use.role)
                if found is None or use.op.do not in _GIVING or not (gives or gathers):
                    continue
                entity, role = found
                if "queried" not in entity.traits or at in seen:
                    continue
                seen.add(at)
                yield Origin(entity, self._root(entity, at, role, session), "loaded", session)

    def _called(self) -> Iterator[Origin]:
        awaits = {op.on: (at, dst) for at, op, _, dst in self._ops if op.do == "await"}
        for at, op, on, dst in self._ops:
            if op.do != "call":
                continue
            if dst.name == kinds.COROUTINE:
                there = awaits.get(op.dst)
                if there is None:
                    continue
                at, dst = there
            found = entity_of(dst)
            if found is None or "queried" not in found[0].traits | _MADE:
                continue
            callee = called(self.effects.project.knowledge, op, on)
            if callee.name not in (kinds.FUNCTION, "METHOD") or ":" not in callee.label:
                continue
            entity, role = found
            given = {arg.value for arg in op.args}
            session = next((s for s in self.sessions if given & {p for p, _ in s.names}), None)
            root = self._root(entity, at, role, session)
            by_async = self._is_async(callee.label)
            yield Origin(entity, root, "called", session, callee.label, by_async=by_async)

    def _is_async(self, label: str) -> bool:
        """A function of the project works with an AsyncSession."""
        typed = self.effects.project.typed.get(label)
        return typed is not None and any(
            kind.is_async and kind.name in (kinds.SESSION, kinds.SCOPED_SESSION)
            for row in typed.on
            for kind in row
        )

    def _made(self) -> Iterator[Origin]:
        for at, op, on, dst in self._ops:
            made = op.do == "call" and on.name == kinds.MAPPED_CLASS and op.name is None
            if not made or dst.name != kinds.ENTITY or op.dst is None:
                continue
            words = frozenset(arg.keyword for arg in op.args if arg.keyword)
            for session in self._adding(op.dst):
                yield Origin(
                    dst,
                    self._root(dst, at, SELF, session),
                    "made",
                    session,
                    set_at_once=words,
                    open=any(arg.star or arg.keyword is None for arg in op.args),
                )

    def _given(self) -> Iterator[Origin]:
        for param in self.typed.function.params:
            kind = self.typed.cells.get(param.name, UNKNOWN)
            if kind.name == kinds.ENTITY and kind.label:
                for session in self._adding(param.name):
                    names = _names(session)
                    root = Root(kind, NOWHERE, param.name, SELF, names)
                    yield Origin(kind, root, "given", session)

    def _owners(self) -> dict[int, Session]:
        """The session that each operation is done with: where several have the same name one after
        the other, the last one that was made before."""
        found: dict[int, Session] = {}
        for session in sorted(self.sessions, key=lambda s: s.at):
            for use in session.uses:
                known = found.get(id(use.op))
                if known is None or session.at < use.op.at:
                    found[id(use.op)] = session
        return found

    def _adding(self, place: Place) -> list[Session]:
        """The sessions to which an object is added, by whatever name."""
        known = {place}
        for _, op, _, _ in self._ops:
            kept = op.do == "pack" and any(arg.value in known for arg in op.args)
            if op.dst is not None and (kept or (op.do == "move" and op.on in known)):
                known.add(op.dst)
        owners = self._owners()
        return [
            session
            for session in self.sessions
            if any(
                u.op.name in _ADDING
                and owners[id(u.op)] is session
                and any(arg.value in known for arg in u.op.args)
                for u in session.uses
            )
        ]

    def _root(self, entity: Kind, at: Position, role: str, session: Session | None) -> Root:
        return Root(entity, at, "", role, _names(session) if session is not None else ())


_ADDING = frozenset({"add", "add_all", "merge"})
_MADE = frozenset({"queried"})


def _names(session: Session) -> tuple[tuple[Place, str], ...]:
    return tuple((place, OF_SESSION + role) for place, role in sorted(session.names))


def session_of(
    typed: Typed, root: Root, effects: Effects, leaving: tuple[str, ...] = ()
) -> Session:
    """A session with its names and everything that is done with it."""
    done = uses(typed, root, effects)
    names = {(root.place, root.role)} if root.position == NOWHERE else set()
    names |= set(root.also)
    at = -1
    if root.position != NOWHERE:
        block, i = root.position
        at, dst = typed.function.blocks[block].ops[i].at, typed.function.blocks[block].ops[i].dst
        if dst is not None:
            names.add((dst, root.role))
    names |= {
        (use.op.dst, use.happening.role)
        for use in done
        if use.op.dst is not None and is_handle(use.happening.role)
    }
    return Session(root.kind, frozenset(names), done, leaving, at)

"""What a rule looks at: a function, a call, a comparison or any operation, with its kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Literal, NamedTuple, cast

from sqla_lint import sqltext
from sqla_lint.catalog import Member, kinds
from sqla_lint.catalog.protocols import (
    LENT,
    Protocol,
)
from sqla_lint.finding import (
    Confidence,
    Edit,
    Import,
)
from sqla_lint.flow.contained import SUPPRESSORS
from sqla_lint.flow.effects import BEGUN, CLOSER, Effects
from sqla_lint.flow.holders import is_holder
from sqla_lint.flow.root import NOWHERE, SELF, Position, Root
from sqla_lint.flow.solve import NOTHING_WATCHED, Solution, Trail, solve
from sqla_lint.flow.uses import Use, uses
from sqla_lint.ir import Arg, Const, Op, Operand, Place, Ref
from sqla_lint.project import statement
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.entry import entry
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import COLLECTORS
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind, dotted_label, lenders
from sqla_lint.project.knowledge import dotted_name
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Model
from sqla_lint.project.reexports import imported_name, made_in
from sqla_lint.views.paths import Note as Note
from sqla_lint.views.paths import notes
from sqla_lint.views.registries import called_inside

_ENDERS = frozenset({"rollback", "close", "remove", "aclose"})
_HOOKS = ("after_request", "teardown", "middleware", "after_app_request")
_AROUND = frozenset({"__call__", "dispatch"})
_FRAMEWORK = frozenset({NAME, FOREIGN})
_WORKERS = frozenset({"add", "add_all", "delete", "merge", "commit", "flush", "execute"})
_REGISTRIES = frozenset({kinds.SCOPED_SESSION, kinds.SESSION})

_LENDERS = frozenset({kinds.SESSION_FACTORY, kinds.GENERATOR, kinds.CONTEXT_MANAGER})
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_ASKING = frozenset(
    {"callable", "isinstance", "hasattr", "getattr", "next", "anext", "iter", "type"}
)
_TO_PANDAS = frozenset({"to_sql", "read_sql", "read_sql_query", "read_sql_table"})
_BORROWERS = ("sqlalchemy", "sqlmodel", "pandas", "builtins.print")
_HANDING = frozenset({"call", "move", "enter", "await"})
_PASSING = _HANDING | {"leave", "return", "yield", "test", "compare"}
_OF_AN_ENGINE = frozenset(
    {kinds.ENGINE, kinds.SESSION_FACTORY, kinds.SESSION, kinds.CONNECTION, kinds.METADATA}
)
_HOLDING = frozenset(
    {SELF, CLOSER, BEGUN, kinds.TRANSACTION, kinds.SAVEPOINT, kinds.CURSOR, kinds.CONTEXT_MANAGER}
)
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_AWAITED = frozenset({kinds.COROUTINE})
_CHAINED = _RESULTS | {kinds.QUERY, kinds.COROUTINE, kinds.SELECT, kinds.INSERT}
_CHAINED |= {kinds.UPDATE, kinds.DELETE, kinds.TEXT}
# What `made`, `handles` and the like are asked for.
_FOLLOWED = _RESULTS | {
    kinds.ENGINE,
    kinds.SESSION_FACTORY,
    kinds.SESSION,
    kinds.SCOPED_SESSION,
    kinds.CONNECTION,
    kinds.RAW_CONNECTION,
    kinds.QUERY,
    kinds.TRANSACTION,
    kinds.SAVEPOINT,
}
LAZY = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.QUERY})


def needs_it(use: Use) -> bool:
    """The operation needs the object to be open: rows that were fetched do not, and an entity is
    only handed on."""
    roles = {use.role, *use.given}
    if roles & (LAZY | _HOLDING):
        return True
    return kinds.ENTITY in roles and use.op.do not in ("return", "yield", "move")


@dataclass
class Function:
    """A function that touches a database, with what is known of every operand."""

    typed: Typed
    project: Project
    effects: Effects
    target: tuple[int, int]
    kept: dict[object, object] = field(default_factory=dict, repr=False)  # see `views.once`

    def forget(self) -> None:
        """Drop what was worked out. Views refer to each other, and a run collects no cycles: else
        all of them would stay until its end."""
        given = {one.name for one in fields(self)}
        for name in [name for name in vars(self) if name not in given]:
            del vars(self)[name]
        self.kept.clear()

    def of(self, typed: Typed) -> Function:
        """Another function of the project: one that lends, one that is called."""
        others = cast("dict[int, Function]", self.effects.kept.setdefault("functions", {}))
        known = others.get(id(typed))
        if known is None or known.typed is not typed:
            known = others[id(typed)] = Function(typed, self.project, self.effects, self.target)
        return known

    @cached_property
    def label(self) -> str:
        """``module:qualname``."""
        return f"{self.typed.module.name}:{self.typed.function.qualname}"

    @property
    def qualname(self) -> str:
        """As Python names it; ``<module>`` for the module body."""
        return self.typed.function.qualname

    @property
    def is_module(self) -> bool:
        """The body of the file."""
        return self.typed.function.kind == "module"

    @property
    def is_class(self) -> bool:
        """The body of a class."""
        return self.typed.function.kind == "class"

    @property
    def is_async(self) -> bool:
        """An ``async def``."""
        return self.typed.function.is_async

    @property
    def is_generator(self) -> bool:
        """Has a ``yield``."""
        return self.typed.function.is_generator

    @cached_property
    def catches(self) -> bool:
        """Has an ``except``, or a ``with suppress(...)``."""
        return any(
            block.handlers
            or any(
                op.do == "leave" and on.label in SUPPRESSORS
                for op, on in zip(block.ops, kinds_on, strict=True)
            )
            for block, kinds_on in zip(self.typed.function.blocks, self.typed.on, strict=True)
        )

    @cached_property
    def entry(self) -> str:
        """How it is reached: see `project.entry`."""
        return entry(self.typed.module, self.typed.function, self.project.knowledge)

    @cached_property
    def is_test_code(self) -> bool:
        """Lies in a file that the settings call a test, or in a class of test cases: those are told
        by the name of a base, since every test library has its own. It only ever silences."""
        knowledge = self.project.knowledge
        if knowledge.told.is_test(self.typed.module.path):
            return True
        owner = self.label.rpartition(".")[0]
        return any(
            base.label.rpartition(".")[2].endswith("TestCase")
            for info in knowledge.classes.ancestry(owner)
            for base in info.bases
        )

    def is_legacy(self, kind: Kind) -> bool:
        """A Connection of a 1.4 engine without `future=True`: it commits each statement by itself
        and begins nothing."""
        return (
            kind.name == kinds.CONNECTION
            and self.target < (2, 0)
            and not kind.is_async
            and "future" not in kind.traits
        )

    # --- objects

    def has_none_of(self, names: frozenset[str]) -> bool:
        """No operand of it is of one of these kinds."""
        return self.typed.present.isdisjoint(names)

    def made(self, *names: str) -> tuple[Root, ...]:
        """Objects of these kinds that an operation of this function makes and owns."""
        if self.typed.present.isdisjoint(names):
            return ()
        return tuple(
            Root(kind, (number, i))
            for number, i, op, kind in self._handled
            if kind.name in names and kind.owner == "local" and self._makes(op, number, i)
        )

    @cached_property
    def _handled(self) -> tuple[tuple[int, int, Op, Kind], ...]:
        """Operations that give something that is followed, with what they give."""
        if self.typed.present.isdisjoint(_FOLLOWED):
            return ()
        dst = self.typed.dst
        return tuple(
            (number, i, op, dst[number][i])
            for number, i, op in self.positions
            if dst[number][i].name in _FOLLOWED
        )

    @cached_property
    def positions(self) -> tuple[tuple[int, int, Op], ...]:
        """Every operation, reached or not, with its block and its place there."""
        return tuple(
            (number, i, op)
            for number, block in enumerate(self.typed.function.blocks)
            for i, op in enumerate(block.ops)
        )

    @property
    def call_positions(self) -> tuple[tuple[int, int, Op], ...]:
        """Every call, reached or not, with its block and its place there."""
        return self.project.knowledge.outlined(self.typed.function).calls

    def _makes(self, op: Op, number: int, i: int) -> bool:
        on = self.typed.on[number][i]
        if op.do == "call":  # `conn.execution_options()` gives the same connection again
            known = on.name in (kinds.CONNECTION, kinds.SESSION)
            return not known and not self._is_shared_by_maker(op, on)
        return op.do == "await" and on.name == kinds.COROUTINE

    def _is_shared_by_maker(self, op: Op, on: Kind) -> bool:
        """The function that makes it has handed it to somebody else, too, who may end it."""
        callee = called(self.project.knowledge, op, on)
        typed = self.project.typed.get(callee.label)
        if callee.name not in FUNCTIONS or typed is None:
            return False
        known = cast("dict[str, bool]", self.effects.kept.setdefault("shared by maker", {}))
        if callee.label not in known:
            known[callee.label] = False  # while it is being worked out
            maker = self.of(typed)
            known[callee.label] = any(
                {"pass", "escape"} <= set(use.happening.events)
                for root in maker.made(kinds.SESSION, kinds.CONNECTION)
                for use in maker.uses(root)
            )
        return known[callee.label]

    def begun(self, *names: str) -> tuple[Root, ...]:
        """Objects that a ``with`` of a begin() binds; leaving it commits."""
        if self.typed.present.isdisjoint(names):
            return ()
        roots = []
        for number, i, op, kind in self._handled:
            if op.do == "enter" and kind.name in names and "begin" in kind.traits:
                roots.append(Root(kind, (number, i)))
        return tuple(roots)

    def entered(self, *names: str) -> tuple[Root, ...]:
        """Objects that a ``with`` over a manager binds and closes when it is left: those of a
        begin(), and of context managers of the project that close what they made."""
        if self.typed.present.isdisjoint(names):
            return ()
        roots = []
        for number, i, op, kind in self._handled:
            if op.do != "enter" or kind.name not in names or not isinstance(op.on, str):
                continue
            if self.typed.on[number][i].name != kinds.CONTEXT_MANAGER:
                continue
            if "begin" in kind.traits or self._closed_by_lender(kind):
                roots.append(Root(kind, (number, i), also=((op.on, SELF),)))
        return tuple(roots)

    def borrowed_in_block(self, *names: str) -> tuple[Root, ...]:
        """Objects that a ``with`` over a manager binds, with the manager as another name: those of
        a begin(), and what context managers of the project lend; the trait "commits" says that
        the manager commits it in the end."""
        roots = []
        for number, i, op, kind in self._handled:
            if op.do != "enter" or kind.name not in names or not isinstance(op.on, str):
                continue
            if self.typed.on[number][i].name != kinds.CONTEXT_MANAGER:
                continue
            if "commit" in self._done_by_lender(kind):
                kind = kind._replace(traits=kind.traits | {"commits"})
            roots.append(Root(kind, (number, i), also=((op.on, SELF),)))
        return tuple(roots)

    def followed(self, *names: str) -> tuple[Root, ...]:
        """Every object of these kinds, whoever made it."""
        return tuple(
            dict.fromkeys(
                (*self.made(*names), *self.borrowed_in_block(*names), *self.handles(*names))
            )
        )

    def _done_by_lender(self, kind: Kind) -> frozenset[str]:
        found: set[str] = set()
        for label in lenders(kind):
            typed = self.project.typed.get(label)
            if typed is not None:
                lender = self.of(typed)
                for root in lender.made(kind.name):
                    for use in lender.uses(root):
                        found.update(use.happening.events)
        return frozenset(found)

    @property
    def lends(self) -> bool:
        """A generator that a framework or a ``with`` runs to its end: a FastAPI dependency, a
        context manager."""
        own = self.project.knowledge.decorators.get(self.label, ())
        manager = any(d.label.rpartition(".")[2] in _MANAGERS for d in own)
        return manager or self.is_dependency

    @property
    def is_dependency(self) -> bool:
        """A framework calls it for each request, to hand what it gives to the route."""
        return self.reached_from == (self.label,) and not self.entry

    def borrowers_close(self) -> bool:
        """Somebody who borrows what this function lends closes it himself."""
        memo = self.project.memo
        if "closed by borrowers" not in memo:
            memo["closed by borrowers"] = {
                label
                for typed in self.project.typed.values()
                for number, block in enumerate(typed.function.blocks)
                for i, op in enumerate(block.ops)
                if op.name in _ENDERS or op.do == "enter"
                for label in lenders(typed.on[number][i])
            }
        closed = memo["closed by borrowers"]
        assert isinstance(closed, set)
        return self.label in closed

    def _closed_by_lender(self, kind: Kind) -> bool:
        labels = lenders(kind)
        typed = self.project.typed.get(labels[0]) if len(labels) == 1 else None
        if typed is None or kind.owner != "managed":
            return False
        lender = self.of(typed)
        solution = lender.solve(LENT, lender.made(kind.name))
        return len(solution.roots) == 1 and solution.complete and not solution.ends

    def lent(self, *names: str) -> tuple[Root, ...]:
        """Objects that a context manager or dependency of the project makes, lends and closes, and
        on which it does nothing else: whoever borrows one must commit for himself.

        A dependency that has one injected shares it with the route, which may commit later.
        """
        roots = list(self.lent_to(*names)) if self.entry == "route" else []
        for number, i, op, kind in self._handled:
            if op.do == "enter" and kind.name in names and self.only_lent(kind):
                also: tuple[tuple[Place, str], ...] = ()
                if isinstance(op.on, str) and self._closed_by_lender(kind):
                    also = ((op.on, SELF),)  # leaving the manager closes it
                roots.append(Root(kind, (number, i), also=also))
        return tuple(roots)

    def lent_to(self, *names: str) -> tuple[Root, ...]:
        """Parameters that a dependency of the project gives, as for `lent`."""
        return tuple(root for root in self.handles(*names) if self.only_lent(root.kind))

    def only_lent(self, kind: Kind) -> bool:
        """A manager or dependency of the project makes, lends and closes it, and no more."""
        labels = lenders(kind)
        if len(labels) != 1 or "begin" in kind.traits:
            return False
        typed = self.project.typed.get(labels[0])
        if typed is None or kind.owner != "managed":
            return False
        lender = self.of(typed)
        made = lender.made(kind.name)
        events = {
            event
            for root in made
            for use in lender.uses(root)
            if use.op.do != "yield"
            for event in use.happening.events
        }
        return len(made) == 1 and not events - {"close", "rollback"}

    def handles(self, *names: str) -> tuple[Root, ...]:
        """Objects of these kinds that were there before: parameters, attributes, globals."""
        if self.typed.present.isdisjoint(names):
            return ()
        found: dict[Place, Kind] = {}
        for place, kind in self._there:
            if kind.name in names:
                found.setdefault(place, kind)
        return tuple(Root(k, NOWHERE, p) for p, k in found.items() if p not in self._assigned)

    @cached_property
    def _there(self) -> tuple[tuple[Place, Kind], ...]:
        """Names of what is followed, each with what it is, where somebody else made it."""
        found: dict[tuple[Place, Kind], None] = {}
        typed = self.typed
        for number, i, op in self.positions:
            pairs: list[tuple[Operand | None, Kind]] = [(op.on, typed.on[number][i])]
            if typed.args[number][i]:
                pairs += zip((a.value for a in op.args), typed.args[number][i], strict=False)
            for operand, kind in pairs:
                if kind.name not in _FOLLOWED or kind.owner in ("local", ""):
                    continue
                if isinstance(operand, str) and operand[0] != "%":
                    found[operand, kind] = None
        return tuple(found)

    @cached_property
    def _assigned(self) -> frozenset[Place]:
        return frozenset(
            op.dst
            for _, _, op in self.positions
            if op.dst is not None and op.do not in ("getattr", "declare")
        )

    def request_session(self) -> tuple[Root, ...]:
        """The registry session that the function uses, under all its names (`db.session`,
        `Model.query`); more than one registry is more than this can tell."""
        sessions = [r for r in self.handles(kinds.SCOPED_SESSION) if r.kind.owner == "registry"]
        queries = [r for r in self.handles(kinds.QUERY) if r.kind.owner == "registry"]
        known = sessions or queries
        if not known:
            return ()
        first, *others = known
        also = tuple((r.place, SELF) for r in others) if sessions else ()
        if not sessions:
            first = first._replace(
                role=kinds.QUERY, kind=Kind(kinds.SCOPED_SESSION, owner="registry")
            )
            queries = queries[1:]
        return (first._replace(also=also + tuple((r.place, kinds.QUERY) for r in queries)),)

    def solve(
        self,
        protocol: Protocol,
        roots: tuple[Root, ...],
        worst: Confidence = Confidence.PLAIN,
        watched: Mapping[Position, str] = NOTHING_WATCHED,
    ) -> Solution:
        """Follow objects through a protocol along every path."""
        return solve(self.typed, protocol, roots, self.effects, worst, watched)

    def uses(self, root: Root) -> tuple[Use, ...]:
        """Every operation on an object, whatever the path."""
        found = self._uses.get(root)
        if found is None:
            found = self._uses[root] = uses(self.typed, root, self.effects)
        return found

    @cached_property
    def _uses(self) -> dict[Root, tuple[Use, ...]]:
        return {}

    # --- operations

    def position(self, op: Op) -> Position | None:
        """Where an operation of this function stands."""
        return self._where.get(id(op))

    @cached_property
    def _where(self) -> dict[int, Position]:
        return {id(op): (number, i) for number, i, op in self.positions}

    def op(self, position: tuple[int, int]) -> Op:
        """The operation at a position of an `End` or `Root`."""
        return self.typed.function.blocks[position[0]].ops[position[1]]

    def calls(self) -> Iterator[Call]:
        """Every call."""
        for one in self.reached:
            if one.op.do == "call":
                yield Call(self, one.op, one.on, one.arg_kinds, one.result)

    def compares(self) -> Iterator[Compare]:
        """Every comparison, chained ones one by one."""
        for one in self.reached:
            if one.op.do == "compare" and one.arg_kinds:
                yield Compare(self, one.op, one.on, one.arg_kinds[0])

    def operations(self) -> Iterator[Operation]:
        """Every operation that is reached."""
        return iter(self.reached)

    @cached_property
    def reached(self) -> tuple[Operation, ...]:
        """The operations that some way through the function leads to."""
        typed = self.typed
        return tuple(
            Operation(self, op, typed.on[number][i], typed.args[number][i], typed.dst[number][i])
            for number, i, op in self.positions
            if len(typed.args[number][i]) == len(op.args)
        )

    @cached_property
    def readers(self) -> dict[Operand, list[Op]]:
        """Place → the operations that read it, in the order of the blocks."""
        found: dict[Operand, list[Op]] = {}
        for _, _, op in self.positions:
            for place in dict.fromkeys((op.on, *(arg.value for arg in op.args))):
                if isinstance(place, str):
                    found.setdefault(place, []).append(op)
        return found

    def maker(self, operand: Operand | None) -> Operation | None:
        """The operation that made a temporary."""
        return self._makers.get(operand) if isinstance(operand, str) else None

    @cached_property
    def _makers(self) -> dict[Place, Operation]:
        makers: dict[Place, Operation] = {}
        for operation in self.operations():
            dst = operation.op.dst
            if dst is not None and dst[0] == "%":
                makers.setdefault(dst, operation)
        return makers

    def reader_of(self, operand: Operand | None) -> Operation | None:
        """The first operation that reads an attribute into a place: ``user.posts``."""
        return self._readers.get(operand) if isinstance(operand, str) else None

    @cached_property
    def _readers(self) -> dict[Place, Operation]:
        readers: dict[Place, Operation] = {}
        for operation in self.operations():
            if operation.op.do == "getattr" and operation.op.dst is not None:
                readers.setdefault(operation.op.dst, operation)
        return readers

    def results(self, *, of_helpers: bool = False) -> tuple[Root, ...]:
        """The results of the statements that this function runs, or lets a function of the project
        run for it."""
        if self.typed.present.isdisjoint(_RESULTS):
            return ()
        roots = []
        for number, i, op, kind in self._handled:
            on = self.typed.on[number][i]
            ran = op.do == "call" and (
                on.name in _RUNNERS or (of_helpers and self._is_helper(op, on))
            )
            if kind.name in _RESULTS and (ran or (op.do == "await" and on.name in _AWAITED)):
                roots.append(Root(kind, (number, i), "", kind.name))
        return tuple(roots)

    def _is_helper(self, op: Op, on: Kind) -> bool:
        """A function of the project is called."""
        return ":" in called(self.project.knowledge, op, on).label

    def chain_start(self, operand: Operand | None) -> Operand | None:
        """Where a chain of calls starts: ``q`` of ``q.filter(a).limit(1)``; a temporary when it
        starts with a call that makes the object."""
        while (made := self.maker(operand)) is not None:
            chained = made.op.do == "call" and made.op.name and made.on.name in _CHAINED
            if made.op.do != "await" and not chained:
                break
            operand = made.op.on
        return operand

    def always(self, place: Place, name: str) -> bool:
        """Everything that is bound to a local variable is of this kind."""
        if any(param.name == place for param in self.typed.function.params):
            return False
        bound = []
        for number, block in enumerate(self.typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.dst == place:
                    bound.append(self.typed.dst[number][i])
                    made = self.maker(op.on) if op.do == "move" else None
                    if made is not None and made.op.do in ("ifelse", "boolop"):
                        bound += made.arg_kinds
        return bool(bound) and all(kind.name == name for kind in bound)

    def is_read(self, name: Place, *, by_itself: bool = True) -> bool:
        """Something reads a local variable, or may. ``name = name.method()`` counts when
        ``by_itself``."""
        function = self.typed.function
        if function.kind != "def" or name not in function.locals or name in function.globals:
            return True
        if self._is_captured(name):
            return True
        if by_itself or name not in self._read_names:
            return name in self._read_names
        readers = [
            op
            for place in self.readers
            if str(place).partition(".")[0] == name
            for op in self.readers[place]
        ]
        return not all(op.on == name and self._only_rebuilds(op, name) for op in readers)

    def _is_captured(self, name: Place) -> bool:
        """Another function of the module uses a variable of an outer one of this name."""
        key = f"captured in {self.typed.module.name}"
        counts = self.project.memo.get(key)
        if counts is None:
            functions = self.typed.module.functions.values()
            counts = self.project.memo[key] = Counter(n for f in functions for n in f.captures)
        assert isinstance(counts, Counter)
        return counts[name] > (name in self.typed.function.captures)

    @cached_property
    def _read_names(self) -> frozenset[str]:
        return frozenset(str(place).partition(".")[0] for place in self.readers)

    def only_counted(self, name: Operand) -> Operation | None:
        """What makes the value of a local variable that nothing reads but `len()`."""
        if not isinstance(name, str) or not self.is_own(name):
            return None
        made = [o for o in self.operations() if o.op.dst == name]
        readers = [
            op
            for place in self.readers
            if str(place).partition(".")[0] == name
            for op in self.readers[place]
        ]
        if len(made) != 1 or any(op.do != "call" or op.on != "len" for op in readers):
            return None
        return self.maker(made[0].op.on) if made[0].op.do == "move" else made[0]

    def is_own(self, name: Place) -> bool:
        """A variable of a function that no inner function sees."""
        function = self.typed.function
        if function.kind != "def" or name not in function.locals or name in function.globals:
            return False
        if any(param.name == name for param in function.params):
            return False
        return not self._is_captured(name)

    def _only_rebuilds(self, op: Op, name: Place) -> bool:
        """A chain of calls whose end is bound to ``name`` again."""
        if op.dst == name:
            return True
        if op.do != "call" or op.name is None or op.dst is None or op.dst[0] != "%":
            return False
        readers = self.readers.get(op.dst, ())
        return bool(readers) and all(
            other.on == op.dst and self._only_rebuilds(other, name) for other in readers
        )

    def only_tested(self, place: Place | None) -> bool:
        """A value decides a branch and goes nowhere else, by itself or with others (`a and b`)."""
        return place is not None and all(
            op.do == "test" or (op.do == "boolop" and op.dst != place and self.only_tested(op.dst))
            for op in self.readers.get(place, ())
        )

    def name_of(self, root: Root) -> str:
        """What the user calls an object: the first name it is bound to, else its kind."""
        if root.place:
            return f"`{root.place}`"
        if root.position != NOWHERE:
            dst = self.op(root.position).dst
            if dst is not None and dst[0] != "%":
                return f"`{dst}`"
            for use in self.uses(root):
                other = is_holder(use.happening.role) and use.happening.role != root.role
                bound = None if other else use.op.dst
                if use.op.do in ("move", "enter", "await") and bound and bound[0] != "%":
                    return f"`{bound}`"
        for place, role in root.also:
            if role == SELF and place[0] != "%":
                return f"`{place}`"
        return f"the {root.kind.name.lower()}"

    def bound_name(self, root: Root) -> Place | None:
        """The variable an object is assigned to, when it has exactly one."""
        bound = {
            use.op.dst
            for use in self.uses(root)
            if use.op.do in ("move", "await")
            and use.happening.role == root.role
            and use.op.dst is not None
            and use.op.dst[0] != "%"
        }
        dst = self.op(root.position).dst
        if dst is not None and dst[0] != "%":
            bound.add(dst)
        return bound.pop() if len(bound) == 1 else None

    def attribute_read(self, name: str) -> bool:
        """A function reads an attribute of this class: by the class in the module, else a method
        by its own object or class."""
        own = self.qualname.rpartition(".")[2]
        module = self.typed.module
        return any(
            isinstance(op.on, str)
            and op.on.startswith((f"{own}.{name}", f"self.{name}", f"cls.{name}"))
            and (op.on.startswith(own) or function.parent == self.qualname)
            for function in module.functions.values()
            for block in function.blocks
            for op in block.ops
        )

    def kept_by(self, root: Root) -> set[Place]:
        """Names of objects of the project's classes that were made with an object."""
        made = {
            use.op.dst
            for use in self.uses(root)
            for operation in (self.maker(use.op.dst),)
            if SELF in use.given and use.op.do == "call"
            if operation is None or operation.result.name == kinds.INSTANCE
        }
        moved = {
            op.dst
            for block in self.typed.function.blocks
            for op in block.ops
            if op.do == "move" and op.on in made
        }
        return {place for place in made | moved if place is not None and place[0] != "%"}

    def entered_name(self, root: Root) -> Place | None:
        """The variable a ``with`` binds an object to."""
        for use in self.uses(root):
            if use.op.do == "enter" and use.op.dst is not None and use.op.dst[0] != "%":
                return use.op.dst
        return None

    def opening(self, root: Root) -> Op:
        """The call that made an object; for one that a ``with`` binds, that of its manager."""
        op = self.op(root.position)
        if op.do == "call":
            return op
        made = (other for _, _, other in self.positions if other.do == "call")
        return next((other for other in made if other.dst == op.on), op)

    def entering(self, root: Root) -> Op | None:
        """The ``with`` that enters an object, when there is one."""
        for use in self.uses(root):
            if use.op.do == "enter" and use.role == SELF:
                return use.op
        return None

    def falls_through(self, entered: Op) -> bool:
        """Some way out of a ``with`` is the end of its body."""
        return any(
            op.do == "leave" and op.on == entered.on and op.name == "next"
            for block in self.typed.function.blocks
            for op in block.ops
        )

    def engine_of(self, root: Root) -> tuple[Edit | None, str, tuple[Ref, ...]] | None:
        """How the engine of a session is written here: an import it needs, a template, its refs."""
        call = self.opening(root)
        for number, arg in enumerate(call.args):
            if arg.keyword == "bind" or (arg.keyword is None and number == 0 and not arg.star):
                return None, "{0:primary}", (arg.at,)
        module, _, name = root.kind.label.partition(":")
        if not name or name in self.typed.function.locals:
            return None
        if module == self.typed.module.name:
            return None, name, ()
        body = self.typed.module.body
        if name in body.locals:
            here = self.project.knowledge.globals[self.typed.module.name].get(name)
            return (None, name, ()) if here is not None and here.label == root.kind.label else None
        return Import(module, name), "{" + name + "}", ()

    def is_entered(self, place: Place) -> bool:
        """A ``with`` enters what this place holds."""
        return any(op.do == "enter" and op.on == place for op in self.readers.get(place, ()))

    @property
    def commits_by_decorator(self) -> bool:
        """The settings say that one of its decorators commits what the function wrote."""
        knowledge = self.project.knowledge
        return any(
            dotted_name(decorator) in knowledge.told.committing_decorators
            for decorator in knowledge.decorators.get(self.label, ())
        )

    # --- who else ends an object

    def class_ends(self, place: Place) -> bool:
        """Some method of the class or its bases rolls back ``self.x``, one that calls this method
        ends it, or `__exit__` closes it."""
        parent = self.typed.function.parent
        if parent is None or not place.startswith("self."):
            return True  # an attribute of something else: nobody knows
        classes = self.project.knowledge.classes
        labels = [
            label
            for info in classes.ancestry(f"{self.typed.module.name}:{parent}")
            for label in info.methods.values()
        ]
        exits = [label for label in labels if label.endswith(("__exit__", "__aexit__"))]
        cleaners = [label for label in labels if not self._works(label)]
        callers = [label for label in labels if self._is_called_by(label)]
        return (
            self._ends(place, cleaners, frozenset({"rollback"}))
            or self._ends(place, exits)
            or self._ends(place, callers)
            or not classes.complete(f"{self.typed.module.name}:{parent}")
        )

    def _is_called_by(self, label: str) -> bool:
        """A method calls this one, on the same object."""
        name = self.qualname.rpartition(".")[2]
        entry = self.project.knowledge.functions.get(label)
        return entry is not None and any(
            op.do == "call" and op.on == "self" and op.name == name
            for block in entry[1].blocks
            for op in block.ops
        )

    def _works(self, label: str) -> bool:
        """A method with work of its own rolls back for itself, not for others."""
        typed = self.project.typed.get(label)
        return typed is not None and any(
            op.do == "call" and op.name in _WORKERS
            for block in typed.function.blocks
            for op in block.ops
        )

    def module_ends(self, place: Place) -> bool:
        """Some other function of the module rolls back or closes a module's object."""
        module = self.typed.module
        labels = [f"{module.name}:{name}" for name in module.functions]
        return self._ends(place, [label for label in labels if not self._works(label)])

    def registry_removed(self) -> bool:
        """The project removes, closes or rolls back a registry session anywhere else."""
        return not self.registry_removers() <= {self.label}

    def registry_removers(self) -> set[str]:
        """The functions of the project that do, and that do no work with one."""
        memo = self.project.memo
        if "registry removed" not in memo:
            memo["registry removed"] = {
                label
                for label, typed in self.project.typed.items()
                if any(
                    op.do == "call"
                    and op.name in _ENDERS
                    and typed.on[number][i].name in _REGISTRIES
                    for number, block in enumerate(typed.function.blocks)
                    for i, op in enumerate(block.ops)
                )
                and not self._works(label)
            }
        removers = memo["registry removed"]
        assert isinstance(removers, set)
        return removers

    def may_be_committed_for_it(self) -> bool:
        """Something around an entry point may commit its registry session: a decorator that is
        the project's own or unknown, a hook that the framework runs after every request, or who
        puts the sessions into the registry."""
        knowledge = self.project.knowledge
        own = knowledge.decorators.get(self.label, ())
        if any(d.name not in _FRAMEWORK for d in own):
            return True
        memo = self.project.memo
        if "a hook commits" not in memo:
            memo["a hook commits"] = any(map(self._is_committing_hook, self.project.typed))
        return bool(memo["a hook commits"])

    def _is_committing_hook(self, label: str) -> bool:
        typed, decorators = self.project.typed[label], self.project.knowledge.decorators
        commits = [
            typed.on[number][i]
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == "call" and op.name == "commit"
        ]
        if not commits or self.project.knowledge.told.is_test(typed.module.path):
            return False
        hooks = [d.label for d in decorators.get(label, ())]
        if any(word in hook for hook in hooks for word in _HOOKS):
            return True
        # a dependency, a middleware; or what puts the session into the registry is who commits it
        code = typed.function
        yields = [block.loops for block in code.blocks for op in block.ops if op.do == "yield"]
        around = yields == [()] or code.qualname.rpartition(".")[2] in _AROUND
        if around and not code.decorators and any(on.owner == "registry" for on in commits):
            return True
        return "set" in called_inside(typed)

    def _ends(self, place: Place, labels: list[str], names: frozenset[str] = _ENDERS) -> bool:
        """One of these functions rolls back, closes or removes the object. The asking function
        itself does not count: its own rollback is on no path that fails."""
        for label in labels:
            typed = self.project.typed.get(label)
            if typed is None or label == self.label:
                continue
            for block in typed.function.blocks:
                for op in block.ops:
                    if op.do == "call" and op.name in names and op.on == place:
                        return True
        return False

    def read_elsewhere(self, name: Place) -> bool:
        """A function other than this one uses the module variable ``name``."""
        module = self.typed.module
        return any(
            name not in function.locals
            and any(
                op.on == name
                or any(a.value == name for a in op.args)
                or (isinstance(op.on, str) and op.on.startswith(name + "."))
                for block in function.blocks
                for op in block.ops
            )
            for function in module.functions.values()
            if function is not self.typed.function
        )

    def imported_elsewhere(self, name: Place) -> bool:
        """A function of another module uses this module's variable ``name``, imported by name."""
        index = self.project.knowledge.index
        for other in {
            typed.module.name: typed.module for typed in self.project.typed.values()
        }.values():
            if other is self.typed.module or self.project.knowledge.told.is_test(other.path):
                continue
            imports = any(
                op.do == "import"
                and op.dst == name
                and (dotted := imported_name(other, op)) is not None
                and (found := made_in(index, dotted, other)) is not None
                and (found[0] is self.typed.module and found[1] == name)
                for block in other.body.blocks
                for op in block.ops
            )
            if imports and any(
                op.on == name or any(arg.value == name for arg in op.args)
                for function in other.functions.values()
                if function.kind == "def"
                for block in function.blocks
                for op in block.ops
            ):
                return True
        return False

    @property
    def reached_from(self) -> tuple[str, ...]:
        """The functions through which every run of a route, task or dependency comes here, by
        label, this one last; () when none is known to."""
        return self.effects.reached().get(self.label, ())

    @property
    def looped_from(self) -> tuple[str, ...]:
        """The functions through which the turns of a loop come here, that of the loop first; only
        itself when it has a loop of its own; () when none is known to."""
        return self.effects.looped().get(self.label, ())

    def is_used_up_in_loop(self, op: Op) -> bool:
        """An object is made in a loop, and nothing is done with it after the loop."""
        made = next((b.loops for b in self.typed.function.blocks if op in b.ops), ())
        known = self._aliases(op.dst)
        return bool(made) and all(
            block.loops[: len(made)] == made
            for block in self.typed.function.blocks
            for other in block.ops
            if other.do != "leave"
            and (other.on in known or any(a.value in known for a in other.args))
        )

    def _aliases(self, made: Place | None) -> set[Place | None]:
        """The names of an object, and of what SQLAlchemy makes of it."""
        known = {made}
        for _ in range(2):  # a second round finds names bound after their first use
            for number, block in enumerate(self.typed.function.blocks):
                for i, op in enumerate(block.ops):
                    given = op.on in known or any(arg.value in known for arg in op.args)
                    of_it = self.typed.dst[number][i].name in _OF_AN_ENGINE
                    if given and (op.do == "move" or of_it):
                        known.add(op.dst)
        return known

    def is_global(self, operand: Operand) -> bool:
        """A constant, or something of the module: the same at every call."""
        if not isinstance(operand, str):
            return True
        return operand[0] != "%" and operand.partition(".")[0] not in self.typed.function.locals

    def returns_any_of(self, made: Place | None) -> bool:
        """An object, or what SQLAlchemy makes of it, is returned."""
        known = self._aliases(made)
        return any(
            op.do == "return" and op.on in known
            for block in self.typed.function.blocks
            for op in block.ops
        )

    @property
    def serves_requests(self) -> bool:
        """The project has routes or tasks, which run beside and after each other."""
        return bool(self.effects.reached())

    def calls_anywhere(self, method: str, labels: tuple[str, ...] = ()) -> bool:
        """Some function (of these, or any of the project) calls a method of this name without
        arguments, or hands it on uncalled."""
        functions = self.project.knowledge.functions
        return any(
            op.name == method and ((op.do == "call" and not op.args) or op.do == "getattr")
            for label in labels or functions
            for block in functions[label][1].blocks
            for op in block.ops
        )

    def siblings(self) -> tuple[str, ...]:
        """The methods of the class whose `__init__` this is; () for other functions."""
        if not self.makes_its_object:
            return ()
        own = self.label.removesuffix("__init__")
        return tuple(label for label in self.project.knowledge.functions if label.startswith(own))

    def is_kept(self, made: Place | None, chain: tuple[str, ...]) -> bool:
        """Something that outlives this call may keep an object, or what SQLAlchemy makes of it: it
        is stored, captured, handed to the unknown, here or by the callers of ``chain``."""
        kept, returned = self._fate(made)
        if kept or not returned or len(chain) < 2:
            return kept or (returned and self.makes_its_object)
        typed = self.project.typed.get(chain[-2])
        name = self.qualname.removesuffix(".__init__").rpartition(".")[2]
        if typed is None:
            return not self.makes_its_object or not self._only_used(chain[-2], name)
        caller = self.of(typed)
        return any(
            caller.is_kept(op.dst, chain[:-1])
            for block in typed.function.blocks
            for op in block.ops
            if op.do == "call" and name in (op.name, op.on if op.name is None else None)
        )

    def _only_used(self, label: str, name: str) -> bool:
        """A function that knows of no database calls methods of the objects it makes by ``name``,
        and does nothing else with them."""
        entry = self.project.knowledge.functions.get(label)
        ops = [op for block in entry[1].blocks for op in block.ops] if entry is not None else []
        known = {op.dst for op in ops if op.do == "call" and name == op.on and op.name is None}
        known |= {op.dst for op in ops if op.do == "move" and op.on in known}
        plain = all(place is not None and "." not in place for place in known)
        return (
            bool(known)
            and plain
            and not any(
                (op.on in known and op.do not in ("call", "move"))
                or any(arg.value in known for arg in op.args)
                for op in ops
            )
        )

    @property
    def makes_its_object(self) -> bool:
        """An `__init__`: what it stores lives as long as the object that its caller gets."""
        return self.qualname.endswith(".__init__")

    def _stores_in_own(self, op: Op) -> bool:
        """`self.x = …` in an `__init__` that does nothing else with its object than to fill it."""
        params = self.typed.function.params
        if not self.makes_its_object or op.do != "setattr" or not params:
            return False
        me = params[0].name
        return op.on == me and not any(
            arg.value == me
            for block in self.typed.function.blocks
            for other in block.ops
            for arg in other.args
        )

    def _fate(self, made: Place | None) -> tuple[bool, bool]:
        """Whether an object, or what SQLAlchemy makes of it, is kept; whether it is returned, by
        itself or as part of a new object."""
        function = self.typed.function
        known, returned = {made}, False
        for _ in range(2):  # a second round finds names bound after their first use
            for number, block in enumerate(function.blocks):
                for i, op in enumerate(block.ops):
                    if op.on not in known and not any(arg.value in known for arg in op.args):
                        continue
                    returned = returned or op.do == "return"
                    if self._stores_in_own(op):
                        returned = True
                        known.add(op.dst)
                        continue
                    dst = op.dst if op.do in _HANDING else None
                    handed = op.do == "call" and op.on not in known
                    if op.do not in _PASSING or (handed and not self._gives_back(op, number, i)):
                        return True, returned
                    if dst is not None and (dst in function.globals or "." in dst):
                        return True, returned
                    if op.do == "move" or self.typed.dst[number][i].name in _OF_AN_ENGINE:
                        known.add(dst)
        return False, returned

    def _gives_back(self, op: Op, number: int, i: int) -> bool:
        on = self.typed.on[number][i]
        if op.name in _TO_PANDAS or on.name in _OF_AN_ENGINE:
            return True
        return on.name == NAME and on.label.startswith(_BORROWERS)

    def uses_registry(self, method: str = "") -> bool:
        """Some function of the project calls a method (any, for "") of a registry session that no
        framework ends."""
        memo = self.project.memo
        if "called on registries" not in memo:
            memo["called on registries"] = frozenset(self._called_on_registries())
        called = cast("frozenset[str | None]", memo["called on registries"])
        return method in called if method else bool(called)

    def _called_on_registries(self) -> Iterator[str | None]:
        return (
            op.name
            for typed in self.project.typed.values()
            if typed.function.kind == "def"
            and not self.project.knowledge.told.is_test(typed.module.path)
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == "call"
            and typed.on[number][i].owner == "registry"
            and typed.on[number][i].name in _REGISTRIES
            and "request-scoped" not in typed.on[number][i].traits
        )

    def free_name(self, *wanted: str) -> str:
        """The first of these names that nothing in the function or module is called."""
        body = self.typed.module.body
        taken = self.typed.function.locals | body.locals | frozenset(self.typed.function.captures)
        for name in wanted:
            if name not in taken:
                return name
        return wanted[0] + "_"

    def path_of(self, label: str) -> tuple[str, ...]:
        """The path of the file of another function, as a step wants it: "" for this one's; () when
        it is not known."""
        entry = self.project.knowledge.functions.get(label)
        if entry is None:
            return ()
        return ("" if entry[0] is self.typed.module else entry[0].path,)

    def path(self, trail: Trail | None) -> tuple[Note, ...]:
        """The steps of a trail in the user's words, first step first."""
        return tuple(notes(self, trail))


class Parameters(NamedTuple):
    """The parameters of a call of `execute`: "none", "names" (a dictionary display with these
    keys), "positions" (a tuple, or a list of values), or "unknown"."""

    given: Literal["none", "names", "positions", "unknown"]
    names: tuple[str, ...] = ()
    at: Ref = -1


_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
_VALUES = ("params", "parameters")
_NO_VALUES = frozenset({"execution_options", "bind_arguments"})
_SCALARS = frozenset({kinds.INT, kinds.STR, kinds.FLOAT, kinds.BOOL, kinds.TUPLE})


def _is_row(pack: Operation) -> bool:
    """A tuple of values; one of dictionaries is a sequence of rows."""
    return pack.op.name == "tuple" and not any(k.name == kinds.DICT for k in pack.arg_kinds)


def _is_text(operand: Operand) -> bool:
    return isinstance(operand, Const) and isinstance(operand.value, str)


@dataclass
class Call:
    """One call: ``on.name(args)``, or ``on(args)`` when ``name`` is None."""

    function: Function
    op: Op
    on: Kind
    arg_kinds: tuple[Kind, ...]
    result: Kind

    @property
    def name(self) -> str | None:
        """The method's name."""
        return self.op.name

    @property
    def at(self) -> Ref:
        """The call expression."""
        return self.op.at

    @property
    def target(self) -> tuple[int, int]:
        """The SQLAlchemy version the code is for."""
        return self.function.target

    def lent_by(self, of: Kind) -> Kind | None:
        """What a factory, or a function of the project, gives when it is called, entered or
        iterated; None when that is not known."""
        if of.name == kinds.FUNCTION:
            own = self.function.project.knowledge.decorators.get(of.label, ())
            if any(d.label.rpartition(".")[2] not in _MANAGERS for d in own):
                return None
            of = self.function.project.knowledge.called(of.label)
            return self.lent_by(of) if of.name in _LENDERS else None
        return of.of[0] if of.name in _LENDERS and of.of else None

    def methods_of_arguments(self) -> Iterator[tuple[Arg, Kind, frozenset[str]]]:
        """Arguments with the methods that the called function of the project calls on them, as
        far as its parameter stays what it was given and is never asked what it is."""
        knowledge = self.function.project.knowledge
        callee = called(knowledge, self.op, self.on)
        passed = zip(parameters(knowledge, self.op, callee), self.arg_kinds, strict=False)
        for (arg, name), kind in passed:
            if name is None:
                continue
            function = knowledge.functions[callee.label][1]
            ops = [op for block in function.blocks for op in block.ops]
            if any(
                op.dst == name
                or (op.on == name and op.do not in ("call", "getattr"))
                or (op.on == name and op.do == "call" and op.name is None)
                or (op.do == "call" and op.on in _ASKING and any(a.value == name for a in op.args))
                for op in ops
            ):
                continue
            methods = {op.name for op in ops if op.do == "call" and op.on == name and op.name}
            yield arg, kind, frozenset(methods)

    @property
    def library_name(self) -> str:
        """The dotted name of a function outside the project that is called; "" for others."""
        if self.on.name != NAME:
            return ""
        return dotted_label(self.on, self.name)

    def executed_text(self) -> str | None:
        """The whole text of a `text()` that a Session or Connection is told to run; None when it is
        something else, or not all of it is known."""
        if self.migrates:
            given = self.argument(0, "sqltext")
            if given is not None and given[1].name == kinds.STR:
                sql = given[1].label  # it becomes a text()
                return sql if sql and sqltext.HOLE not in sql else None
        elif self.name not in _RUNS or self.on.name not in _RUNNERS:
            return None
        else:
            given = self.argument(0, "statement")
        if given is None or given[1].name != kinds.TEXT or "bound" in given[1].traits:
            return None
        sql = given[1].label
        return sql if sql and sqltext.HOLE not in sql else None

    @property
    def migrates(self) -> bool:
        """Alembic's `op.execute()`: a plain string becomes a `text()`, and there are no values."""
        named = self.on.label in ("alembic.op", "alembic.operations.Operations()")
        return self.name == "execute" and self.on.name in (NAME, FOREIGN) and named

    def executed(self) -> tuple[Arg, Kind] | None:
        """The statement that a Session or Connection is told to run."""
        if self.name not in _RUNS or self.on.name not in _RUNNERS:
            return None
        return self.argument(0, "statement")

    def runs(self) -> tuple[Ref, Kind] | None:
        """The statement or Query that this call sends to the database: where it is given."""
        given = self.executed()
        if given is not None:
            return given[0].at, given[1]
        if self.on.name != kinds.QUERY or self.name is None:
            return None
        member = self.function.project.catalog.member(self.on.name, False, self.name)
        sent = member is not None and "execute" in member.effects
        return (self.at, self.on) if sent else None

    def needed(self) -> tuple[str, ...]:
        """Parameters of a `text()` inside the statement or Query that this call sends to the
        database, which get no value."""
        ran = self.runs()
        names = statement.needs(ran[1]) if ran is not None else ()
        if not names or self.on.name == kinds.QUERY:
            return names
        given = self.parameters()
        if given.given not in ("none", "names"):
            return ()
        return tuple(name for name in names if name not in given.names)

    def parameters(self) -> Parameters:
        """What is given for the parameters of the statement, as far as it is written here."""
        others = [arg for arg in self.op.args if arg.keyword not in _NO_VALUES][1:]
        if self.migrates:
            return Parameters("none")
        if not others:
            return Parameters("none")
        if len(others) > 1 or others[0].star or others[0].keyword not in (None, *_VALUES):
            return Parameters("unknown")
        pack = self.function.maker(others[0].value)
        if pack is None or pack.op.do != "pack":
            known = self._are_positions(others[0].value)
            return Parameters("positions" if known else "unknown", at=others[0].at)
        if pack.op.name == "dict":
            keys = pack.op.args[::2]
            if any(a.star for a in pack.op.args) or not all(_is_text(a.value) for a in keys):
                return Parameters("unknown", at=others[0].at)
            names = tuple(str(a.value.value) for a in keys if isinstance(a.value, Const))
            return Parameters("names", names, others[0].at)
        if _is_row(pack):
            return Parameters("positions", at=others[0].at)
        if pack.op.name == "listcomp" and self._are_rows(pack):
            return Parameters("positions", at=others[0].at)
        if pack.op.name == "list" and any(k.name != kinds.DICT for k in pack.arg_kinds):
            known = all(k.name in _SCALARS for k in pack.arg_kinds)
            return Parameters("positions" if known else "unknown", at=others[0].at)
        return Parameters("unknown", at=others[0].at)

    def _are_positions(self, operand: Operand) -> bool:
        """A variable that only ever holds a tuple of values, or a list of such tuples that is made
        in one go."""
        if not isinstance(operand, str) or operand in {
            param.name for param in self.function.typed.function.params
        }:
            return False
        bound = [o.op for o in self.function.operations() if o.op.dst == operand]
        made = [self.function.maker(op.on) if op.do == "move" else None for op in bound]
        return bool(made) and all(
            pack is not None
            and pack.op.do == "pack"
            and (_is_row(pack) or (pack.op.name == "listcomp" and self._are_rows(pack)))
            for pack in made
        )

    def _are_rows(self, pack: Operation) -> bool:
        """Each element of a comprehension is a tuple or list of values, written there."""
        element = self.function.maker(pack.op.args[0].value) if pack.op.args else None
        return (
            element is not None
            and element.op.do == "pack"
            and (_is_row(element) or element.op.name == "list")
        )

    def values(self) -> Iterator[tuple[str, Arg, Kind]]:
        """The values of a dictionary of parameters that is written in place, by name."""
        at = self.parameters().at
        given = next((arg for arg in self.op.args if arg.at == at), None)
        pack = self.function.maker(given.value) if given is not None else None
        if pack is None or pack.op.name != "dict" or any(arg.star for arg in pack.op.args):
            return
        args = pack.op.args
        for key, value, kind in zip(args[::2], args[1::2], pack.arg_kinds[1::2], strict=False):
            if isinstance(key.value, Const) and isinstance(key.value.value, str):
                yield key.value.value, value, kind

    def annotated(self, operand: Operand) -> str:
        """What a parameter of this function is annotated with, or how a value is displayed
        ("listcomp")."""
        made = self.function.maker(operand)
        if made is not None and made.op.do == "pack":
            return made.op.name or ""
        assigned = [
            op.on
            for block in self.function.typed.function.blocks
            for op in block.ops
            if op.dst == operand
        ]
        if len(assigned) == 1 and isinstance(assigned[0], str) and assigned[0][0] == "%":
            return self.annotated(assigned[0])
        for param in self.function.typed.function.params:
            if param.name == operand and param.ann is not None and not assigned:
                ann = param.ann.args[0] if param.ann.kind == "item" else param.ann
                return ann.name.rpartition(".")[2]
        return ""

    def result_uses(self) -> tuple[Ref, ...]:
        """Everything that is done with the result, and with what comes out of it."""
        if self.name == "scalar":
            return ()
        return tuple(use.op.at for use in self._result() if needs_it(use))

    def leaves(self) -> bool:
        """The result, or what still reads from it, leaves the function."""
        return self.name != "scalar" and any(
            use.op.do in ("return", "yield", "setattr", "setitem", "closure")
            or "escape" in use.happening.events
            for use in self._result()
            if use.role in LAZY or not use.role
        )

    def _result(self) -> tuple[Use, ...]:
        here = self.function.position(self.op)
        if here is not None:
            return self.function.uses(Root(self.result, here, "", kinds.RESULT))
        return ()

    def argument(self, position: int, *keywords: str) -> tuple[Arg, Kind] | None:
        """A positional argument, or the same given by keyword."""
        plain = 0
        for arg, kind in zip(self.op.args, self.arg_kinds, strict=True):
            if arg.star:
                return None
            if arg.keyword is None:
                if plain == position:
                    return arg, kind
                plain += 1
            elif arg.keyword in keywords:
                return arg, kind
        return None


@dataclass
class Compare:
    """One comparison: ``left operator right``."""

    function: Function
    op: Op
    left: Kind
    right: Kind

    @property
    def at(self) -> Ref:
        """The comparison expression."""
        return self.op.at

    @property
    def operator(self) -> str:
        """As written: ``is not``, ``==``."""
        return self.op.name or ""

    @property
    def is_only_tested(self) -> bool:
        """Its value decides a branch and goes nowhere else."""
        return self.function.only_tested(self.op.dst)

    @property
    def operands(self) -> tuple[Operand, Operand]:
        """Both sides."""
        assert self.op.on is not None
        return self.op.on, self.op.args[0].value


@dataclass(slots=True)
class Operation:
    """Any operation, for rules about operators, awaits and bare attributes."""

    function: Function
    op: Op
    on: Kind
    arg_kinds: tuple[Kind, ...]
    result: Kind

    @property
    def at(self) -> Ref:
        """The expression."""
        return self.op.at

    @property
    def call(self) -> Call | None:
        """The call that it is; None for others."""
        if self.op.do != "call":
            return None
        return Call(self.function, self.op, self.on, self.arg_kinds, self.result)

    def iterates(self) -> tuple[Operand, Kind] | None:
        """What a loop, or a call of `list()` and its like, takes the elements of."""
        if self.op.do == "next" and self.op.on is not None:
            return self.op.on, self.on
        wraps = self.op.do == "call" and self.op.name is None and len(self.op.args) == 1
        if wraps and self.on.label in COLLECTORS and not self.op.args[0].star:
            return self.op.args[0].value, self.arg_kinds[0]
        return None

    def member(self) -> Member | None:
        """What the catalog says of a method that is called here on an object of SQLAlchemy's."""
        if self.op.do != "call" or self.op.name is None:
            return None
        catalog = self.function.project.catalog
        return catalog.member(self.on.name, self.on.is_async, self.op.name)

    def model_named(self, name: str) -> Model | None:
        """The mapped class that a name means where this stands; else the only one of the name."""
        models = self.function.project.models
        typed = self.function.typed
        found = models.of(models.scopes.resolve(typed.module, typed.function, name))
        named = models.named(name.rpartition(".")[2])
        return found or (named[0] if len(named) == 1 else None)


def is_expression(operand: Operand | None, kind: Kind) -> bool:
    """An SQL expression over mapped attributes or table columns, written here: not a variable,
    which may hold something else on another day."""
    if kind.name != kinds.COLUMN_EXPR or not isinstance(operand, str):
        return False
    written_here = "." in operand or operand[0] == "%"
    rests = bool(kind.traits & {"mapped", "table", "hybrid"})
    return written_here and (rests or ".c" in kind.label)

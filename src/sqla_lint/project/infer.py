"""The kind of every operand of a function: forward over its blocks, joined where ways meet."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import reduce
from heapq import heappop, heappush

from sqla_lint.catalog import frameworks, kinds, objects, oslo, queues
from sqla_lint.ir import (
    ENTRY,
    MODULE_BODY,
    RAISED,
    Ann,
    Arg,
    Const,
    Edge,
    Function,
    Module,
    Op,
    Operand,
    Param,
    Place,
)
from sqla_lint.project import (
    answering,
    handedoptions,
    keyed,
    loading,
    moments,
    own_use,
    tasks,
    uses,
    written,
)
from sqla_lint.project.alternatives import asked
from sqla_lint.project.annotations import ALIAS, annotated, parts_of
from sqla_lint.project.announced import announced
from sqla_lint.project.arguments import bound as bound_before
from sqla_lint.project.arguments import called
from sqla_lint.project.classes import PLAIN_BASES
from sqla_lint.project.containers import CONTAINERS, filled, made_empty, named, put
from sqla_lint.project.dispatching import is_dispatched
from sqla_lint.project.handedtypes import handed_types
from sqla_lint.project.index import absolute, within
from sqla_lint.project.iteration import TAKES, given_by, joined, left_open, takes_of_dropped
from sqla_lint.project.kind import (
    ANSWER,
    CALLED,
    COLUMNS,
    DATABASE_LIBRARIES,
    EITHER,
    EMPTY,
    EXPIRY,
    FILLED,
    FOREIGN,
    FUNCTIONS,
    LOADED_BY,
    MADE_BY,
    MODULE,
    NAME,
    NAMESPACE,
    NO_AUTOFLUSH,
    NO_EXEC,
    NONE,
    OWNED,
    QUERY_PROPERTY,
    UNKNOWN,
    Kind,
    dotted_label,
    entries,
    imported,
    join,
    lacks,
    lenders,
    own_class,
)
from sqla_lint.project.knowledge import Knowledge, from_environment, selected_from
from sqla_lint.project.narrowing import contradicts, may_be_asked, narrowed, weakened
from sqla_lint.project.outside import Outside, given_fields
from sqla_lint.project.own_use import replaces
from sqla_lint.project.related import annotated_target
from sqla_lint.project.returned import declared
from sqla_lint.project.statement import annotated_relation
from sqla_lint.project.variables import bind, is_some, is_variable, mentions, variable
from sqla_lint.project.workers import is_worker_object
from sqla_lint.sqltext import HOLE

# A block is walked again when the kinds that reach it change. After so many visits what still moves
# is unknown: kinds only ever fall (known → unknown), so three rounds settle real code, and the
# limit is never met.
BLOCK_VISITS = 4
BLOCK_LIMIT = 40

# Text followed through concatenation and formatting is cut here; the rest of it is not known.
TEXT_LIMIT = 16_000

Env = dict[str, Kind]

_CONST_KINDS = {
    bool: kinds.BOOL,
    int: kinds.INT,
    float: kinds.FLOAT,
    str: kinds.STR,
    bytes: kinds.BYTES,
    type(None): kinds.NONE,
}
# Of these the default of a parameter tells what the parameter is.
_DEFAULTS = frozenset({kinds.SCOPED_SESSION, kinds.SESSION_FACTORY})
_DISPLAYS = frozenset({"dict", "list", "set", "tuple"})
_LISTS = frozenset({kinds.COLLECTION, kinds.LIST})
_IS_FILLED = frozenset({FILLED})
# What is left with the exception of its block.
_PASSING_ON = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.TRANSACTION, kinds.SAVEPOINT})
_PACKS = {
    "list": kinds.LIST,
    "tuple": kinds.TUPLE,
    "set": kinds.SET,
    "dict": kinds.DICT,
    "dictcomp": kinds.DICT,
    "listcomp": kinds.COLLECTION,
    "setcomp": kinds.COLLECTION,
    "gen": kinds.COLLECTION,
}
# Objects that are known by the variable of the module that holds them.
_NAMED = frozenset({kinds.ENGINE, kinds.FLASK_DB})
_SEQUENCES = frozenset(
    {kinds.COLLECTION, kinds.QUERY, kinds.SCALARS, kinds.LIST, kinds.TUPLE, kinds.SET}
)
_POPPED = frozenset({kinds.COLLECTION, kinds.LIST, kinds.SET})
_SLICE = Kind("SLICE")
_SUPER = "SUPER"  # `super()` of a class with several bases, which are in `of`
_SLICED = frozenset({kinds.LIST, kinds.COLLECTION, kinds.TUPLE})
# Annotations that say no more than none.
_VAGUE = frozenset({"Any", "typing.Any", "t.Any", "object"})
# What stands in a union of types that is a value.
# What keeps mapped objects for who reads them; a dictionary of lists of pairs.
_KEEPING = frozenset({kinds.LIST, kinds.COLLECTION, kinds.TUPLE, kinds.SET, kinds.DICT})
_KEPT_DEPTH = 3
_TYPES = frozenset({NAME, ALIAS, kinds.CLASS, kinds.MAPPED_CLASS, kinds.NONE})
# What a class of the project that stands on one of these may call in its own way.
_CALLED_BY_CLASS = frozenset({kinds.SCOPED_SESSION, kinds.SESSION_FACTORY})
# What an annotation makes of a connection of the driver.
_PERHAPS_RAW = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.UNKNOWN})
_READING = frozenset({"get", "pop", "setdefault"})  # of dictionaries
_AWAITED = frozenset({kinds.SESSION, kinds.CONNECTION})
# What tells that it is no such thing, in whatever version, whatever a docstring says.
_NEVER_HAD = {
    kinds.ENGINE: frozenset({"begin_nested", "close", "commit", "in_transaction", "rollback"}),
    kinds.CONNECTION: frozenset({"dispose", "raw_connection"}),
}
_COROUTINES = frozenset({"execute", "exec", "scalar", "scalars", "commit", "flush", "connection"})
# What only a Session can be asked for, whatever else is known of it.
_QUERIED = frozenset({kinds.MAPPED_CLASS, kinds.COLUMN_EXPR})
# What a column is compared with in a criterion: a value, such as a parameter brings.
_COMPARED = frozenset({kinds.STR, kinds.INT, kinds.FLOAT, kinds.BOOL, kinds.UNKNOWN})
_TELL_NOTHING_OF_IT = frozenset({kinds.UNKNOWN, FOREIGN, NAME})
_SOME_SESSION = Kind(kinds.SESSION, owner="attribute")
_OSLO_CONTEXT = Kind(FOREIGN, label=oslo.CONTEXT)
_EXIT_STACKS = frozenset({"contextlib.ExitStack()", "contextlib.AsyncExitStack()"})
_ENTERING = frozenset(
    f"{stack}.{method}"
    for stack in _EXIT_STACKS
    for method in ("enter_context", "enter_async_context")
)
_TELL_NOTHING = frozenset({kinds.UNKNOWN, FOREIGN})
# What an annotation tells of a value that a library made: `field()`, `attr.ib()`, `Field(...)`.
DATABASE = frozenset(
    {kinds.CONNECTION, kinds.ENGINE, kinds.SCOPED_SESSION, kinds.SESSION, kinds.SESSION_FACTORY}
)
_TAKING_OPTIONS = frozenset({kinds.SELECT, kinds.QUERY, kinds.LOADER_OPTION})
_GETTING = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.FLASK_DB})
_OWN = frozenset({"self", "cls"})
# Methods that get the class without being told to.
_OF_THE_CLASS = frozenset({"__class_getitem__", "__init_subclass__", "__new__"})
_YES_NO, _NO_YES = ("True", "False"), ("False", "True")
_ISINSTANCE = ("object", "class")  # its arguments
_FRAMEWORK_CALLS = frozenset({"using", "add_request_method"})
_TYPE_VARIABLES = frozenset({"typing.TypeVar", "typing_extensions.TypeVar"})
_TYPE_OF = 2  # `Type` and what it is of
_STARRED = frozenset({"*", "**"})
_STRINGS = frozenset({"builtins.basestring", "builtins.str", "builtins.unicode"})
# How a session was made only its maker knows; of what class it is, all who take it.
_LASTING = frozenset({"subclass"})
_OVERLOADS = frozenset({"typing.overload", "typing_extensions.overload"})
# Packages whose generic types may be given names.
_OF_TYPES = frozenset({"builtins", "collections", "contextlib", "typing", "typing_extensions"})
_IDENTITY = frozenset({"is", "is not", "in", "not in"})


@dataclass(slots=True)
class Typed:
    """A function with the kinds of its operands, per block and operation."""

    module: Module
    function: Function
    on: list[list[Kind]] = field(default_factory=list)
    args: list[list[tuple[Kind, ...]]] = field(default_factory=list)
    dst: list[list[Kind]] = field(default_factory=list)
    returns: Kind = UNKNOWN
    yields: Kind = UNKNOWN
    cells: Env = field(default_factory=dict)  # every name bound here, over all its definitions
    at_exit: Env = field(default_factory=dict)  # its parameters, when it returns
    stored: list[tuple[str, str, Kind]] = field(default_factory=list)  # class label, name, kind
    kept: list[tuple[str, Kind]] = field(default_factory=list)  # what it sets on a request, an app
    # globals that it sets, of its module or another one: module, name, kind
    assigned: list[tuple[str, str, Kind]] = field(default_factory=list)
    # what the uses of attributes of its class tell of them: class label, name, kind
    shown: list[tuple[str, str, Kind]] = field(default_factory=list)
    # attributes of other classes' objects that it sets, or gives when it makes them
    outside: list[Outside] = field(default_factory=list)
    temporaries: Env = field(default_factory=dict)  # kinds of those a default of a function names
    present: frozenset[str] = frozenset()  # the names of the kinds of all operands
    # what belongs to libraries, by dotted names: what operations are done on, what they give
    done_on: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()  # those of both that a library made
    # ways from block to block on which something is the plain one of two twins, having been asked
    plain_ways: frozenset[tuple[int, int]] = frozenset()


class Inference:
    """One function's inference. ``run`` gives the result."""

    def __init__(
        self,
        module: Module,
        function: Function,
        knowledge: Knowledge,
        defaults: Container[str],
        heir: str = "",
    ) -> None:
        self.module = module
        self.function = function
        self.knowledge = knowledge
        self.owner_class = _class_of(module, function)
        self.heir = heir
        self.typed = Typed(module, function)
        self.outline = knowledge.outlined(function)
        self.defaults = defaults
        self.known: dict[object, Kind] = {}  # of constants, and of names from outside
        self.inside: dict[Place, tuple[Place, Kind]] = {}  # containers, with what they are in
        self.join = imported if function.kind == "module" else join
        # of the operation at hand: what it is done on, and its arguments
        self.on = UNKNOWN
        self.given: tuple[Kind, ...] = ()
        self.returns: Kind | None = None
        self.yields: Kind | None = None
        self.demanded: Env = {}  # what the body says of parameters of which nothing else is known
        self.nameless: set[str] = set()  # these parameters
        self.replaced: dict[int, frozenset[str]] = {}
        self.parameters = frozenset([param.name for param in function.params])
        self.missing: frozenset[str] | None = None  # in the block at hand
        self.beside: set[str] | None = None  # the relative imports of the function
        self.instead: list[tuple[str, str, Kind]] = []  # see `project.alternatives`
        self.scope = f"{module.name}:{function.qualname}"
        self.asking = answering.Asking(knowledge, self.scope, function, self.outline.types)
        self.number = ENTRY  # the block at hand
        self.answering: set[int] = set()  # blocks in which it is asked of which class something is
        self.tests: dict[int, tuple[Place, Kind]] = {}  # blocks that end with a test of an answer
        self.stops = False  # the block at hand ends before its end: an operation surely raises
        self.again = False  # the second walk, which knows what the first has demanded

    # --- the walk ------------------------------------------------------------------------------

    def run(self) -> Typed:
        typed = self._walk()
        shown = self._shown_by_uses() if self.outline.telling else []
        self._note_instead()
        if self.demanded:
            self.typed, self.returns, self.yields = Typed(self.module, self.function), None, None
            self.again, self.replaced = True, {}
            typed = self._walk()
        typed.shown = shown
        return typed

    def _shown_by_uses(self) -> list[tuple[str, str, Kind]]:
        """What is done with variables and attributes tells what they are: notes it of the
        variables, and gives the attributes of the class of the method."""
        function, shown = self.function, []
        told = uses.told_by_uses(function, self.typed, self.outline.telling, self.knowledge.catalog)
        for place, kind in told.items():
            root, _, name = place.rpartition(".")
            if not root and place in self.nameless:
                self._demands(place, kind)
            elif not root and place in function.locals - self.parameters:
                if self.typed.cells.get(place, UNKNOWN).name in _TELL_NOTHING:
                    self.demanded[place] = kind
            elif root:
                first = root.partition(".")[0]
                if first in self.parameters and first not in self.outline.assigned:
                    self.demanded[place] = kind
                if root == (function.params[0].name if function.params else "") and (
                    self.owner_class is not None
                ):
                    shown.append((f"{self.module.name}:{self.owner_class}", name, kind))
        return shown

    def _demands(self, place: Operand, kind: Kind) -> None:
        """The body uses a parameter as if it were of this kind."""
        if place in self.nameless:
            before = self.demanded.get(str(place))
            self.demanded[str(place)] = kind if before is None else join(before, kind)

    def _replaces(self, name: str, kind: Kind) -> None:
        """What is made where a variable is missing."""
        if name in self.nameless:
            self._demands(name, kind)
        elif (
            own_use.replaces_unknown(kind)
            and name in self.function.locals - self.parameters
            and self.typed.cells[name].name in _TELL_NOTHING
        ):
            before = self.demanded.get(name)
            self.demanded[name] = kind if before is None else join(before, kind)

    def _note_instead(self) -> None:
        """What is taken on one way of a test is what is made on the other."""
        for dst, given, kind in self.instead:
            kind = kind._replace(owner="", traits=kind.traits & _LASTING)
            if given in self.nameless:
                self._demands(given, kind)
            elif dst in self.parameters or dst not in self.outline.assigned:
                continue
            elif "." in dst or self.typed.cells.get(dst, UNKNOWN).name in _TELL_NOTHING:
                before = self.demanded.get(dst)
                self.demanded[dst] = kind if before is None else join(before, kind)

    def _walk(self) -> Typed:
        blocks = self.function.blocks
        entry: list[Env | None] = [None] * len(blocks)
        entry[ENTRY] = self._parameters()
        visits = [0] * len(blocks)
        typed = self.typed
        for block in blocks:
            typed.on.append([UNKNOWN] * len(block.ops))
            typed.args.append([()] * len(block.ops))
            typed.dst.append([UNKNOWN] * len(block.ops))
        crossing = self.outline.crossing
        asking = {one[0] for one in self.outline.asking}
        waiting = [ENTRY]  # a heap: blocks are numbered roughly in source order
        queued = {ENTRY}
        while waiting:
            number = heappop(waiting)
            queued.discard(number)
            visits[number] += 1
            before = entry[number]
            assert before is not None
            self.stops = False
            told = after = self._block(number, dict(before))
            block = blocks[number]
            if number in asking or number in self.answering:
                after = self._doubted(number, after)
            for op in block.ops:  # no other block reads them
                if op.dst is not None and op.dst[0] == "%" and op.dst not in crossing:
                    after.pop(op.dst, None)
            targets = [
                (edge.to, self._along(edge, number, after, told))
                for edge in (() if self.stops else block.edges)
                if edge.when != "swallow" or self._may_swallow(number)
            ]
            targets += [(handler.to, after) for handler in block.handlers]
            if block.exc != RAISED and any(op.raises for op in block.ops):
                targets.append((block.exc, _meet(before, after, self.join)))
            for to, env in targets:
                old = entry[to]
                give_up = visits[to] >= BLOCK_VISITS
                new = env if old is None else _meet(old, env, self.join, give_up)
                if new is old:
                    continue
                if old is None or (visits[to] < BLOCK_LIMIT and new != old):
                    entry[to] = new
                    if to not in queued:
                        queued.add(to)
                        heappush(waiting, to)
        _note_present(typed)
        at_exit = entry[1] or {}
        names = [param.name for param in self.function.params]
        typed.at_exit = {name: at_exit[name] for name in names if name in at_exit}
        if self.function.qualname == MODULE_BODY:
            typed.cells.update(_rebound(typed.cells, at_exit))
        if function_sets := [name for name in typed.cells if self._is_shared(name)]:
            own = self.module.name
            typed.assigned += [(own, name, typed.cells[name]) for name in function_sets]
        for name in typed.cells.keys() & self.function.captures.keys():
            outer = self.function.captures[name]
            if outer != MODULE_BODY and "@" not in name and name not in self.function.locals:
                label = f"{self.module.name}:{outer}"
                typed.assigned.append((label, name, typed.cells[name]))
        typed.returns = self.returns if self.returns is not None else NONE
        if self.tests and typed.returns.name == kinds.BOOL:
            typed.returns = self._returned_by_tests() or typed.returns
        typed.yields = self.yields if self.yields is not None else UNKNOWN
        if self.function.returns is not None:
            says = self.annotation(self.function.returns, {})
            guard = self._guard(self.function.returns)
            typed.returns = typed.returns if guard is None else guard
            typed.returns, typed.yields = declared(self.function, says, typed.returns, typed.yields)
        return typed

    def _doubted(self, number: int, env: Env) -> Env:
        """After ``is_async = isinstance(engine, AsyncEngine)`` an Engine may be either; what is
        taken to be one for what is done with it, anything: that stands behind a test of the
        name."""
        ops = self.function.blocks[number].ops
        kept = {op.on for op in ops if op.do == "move"}
        for i, op in enumerate(ops):
            told = self.typed.dst[number][i]
            if told.name == ANSWER and self.typed.on[number][i].label != "builtins.isinstance":
                scope, about = answering.about(told)
                before = env.get(about) if scope == self.scope else None
                either = answering.doubted(before, told) if before is not None else None
                env = env if either is None else {**env, about: either}
                continue
            if op.do != "call" or self.typed.on[number][i].label != "builtins.isinstance":
                continue
            place, given = op.args[0].value if op.args else None, self.typed.args[number][i]
            if isinstance(place, str) and place in env and len(given) == len(_ISINSTANCE):
                of = self.knowledge.instance(given[1])
                if contradicts(env[place], of):
                    env = {**env, place: join(env[place], of)}
                elif place in self.demanded and op.dst in kept and may_be_asked(of):
                    env = {**env, place: UNKNOWN}
        return env

    def _may_swallow(self, number: int) -> bool:
        """A ``with`` may end an exception of its block; that of a session does not."""
        ops = self.function.blocks[number].ops
        left = [on for op, on in zip(ops, self.typed.on[number], strict=True) if op.do == "leave"]
        return not left or any(on.name not in _PASSING_ON for on in left)

    def _guard(self, says: Ann) -> Kind | None:
        """What the annotation of a type guard says that the function answers."""
        if says.kind != "item" or len(says.args) != _TYPE_OF:
            return None
        of = self.annotation(says.args[1], {})
        first = int(self.owner_class is not None and not self.function.decorators)
        return answering.by_annotation(self.scope, self.function, says, of, first)

    def _returned_by_tests(self) -> Kind | None:
        """``if isinstance(x, C): return True``, ``return False``."""
        found = [
            told
            for number, (test, answer) in self.tests.items()
            if (told := answering.by_branches(self.function, number, test, answer)) is not None
        ]
        return found[0] if len(found) == 1 else None

    def _along(self, edge: Edge, number: int, env: Env, told: Env) -> Env:
        """What holds on a way: after ``isinstance(x, Session)`` x is known, as where x is None.
        ``told`` is what was known before the block has asked."""
        test = edge.test
        if test is None:
            return env
        if test.is_ == "none" and test.holds and env.get(test.place, NONE) is UNKNOWN:
            return {**env, test.place: NONE}
        if test.is_ != "true":
            return env
        answer = self._answer(test.place, number, told)
        if answer.name == ANSWER:
            self.tests[number] = (test.place, answer)
            scope, about = answering.about(answer)
            if scope == self.scope and not self._is_changed(about, test.place):
                before = self._told_of(about, number, told)
                kind = answering.known_by(before, answer, holds=test.holds)
                plain = kind is not None and before.is_async and not kind.is_async
                if plain or answering.is_no_twin(before, answer, holds=test.holds):
                    self.typed.plain_ways |= {(number, edge.to)}
                if kind is not None:
                    return {**env, about: kind}
        if test.place[0] != "%":
            return env
        for i, op in enumerate(self.function.blocks[number].ops):
            if op.dst != test.place:
                continue
            on, given = self.typed.on[number][i], self.typed.args[number][i]
            place: Operand | None = None
            before, of = on, UNKNOWN
            if op.do == "call" and len(op.args) == len(_ISINSTANCE):
                if on.label == "builtins.isinstance":
                    place, before, of = op.args[0].value, given[0], given[1]
            elif op.do == "compare" and op.name == "match" and given:
                place, of = op.on, given[0]  # `case Session():`
            if isinstance(place, str) and place[0] != "%":
                several = of.of if of.name == kinds.TUPLE and of.of else (of,)
                some = reduce(join, map(self.knowledge.instance, several))
                kind = narrowed(before, some, holds=test.holds)
                if kind is None and before.name in _TELL_NOTHING and not test.holds:
                    kind = self._left_of_union(place, several)
                elif kind is None and place in self.demanded:
                    kind = weakened(before, some, holds=test.holds)
                elif kind is None and not test.holds and before.name == kinds.STR:
                    kind = UNKNOWN if any(one.label in _STRINGS for one in several) else None
                return env if kind is None else {**env, place: kind}
        return env

    def _answer(self, place: Place, number: int, env: Env) -> Kind:
        """What is tested at the end of a block, if it tells of which class something is."""
        if place[0] != "%":
            captured = place in self.function.captures and place not in self.function.locals
            return env.get(place) or (self.kind(place, env) if captured else UNKNOWN)
        if number in self.answering:
            for op, kind in zip(
                self.function.blocks[number].ops, self.typed.dst[number], strict=True
            ):
                if op.dst == place:
                    return kind
        return env.get(place, UNKNOWN)

    def _answers(self, kind: Kind | None) -> Kind:
        """A value that may be an answer, made in the block at hand."""
        if kind is not None and kind.name == ANSWER:
            self.answering.add(self.number)
        return kind or UNKNOWN

    def _is_changed(self, place: Place, test: Place) -> bool:
        """A parameter that may be something else by the time that a name is tested which tells of
        it."""
        root = place.partition(".")[0]
        return test[0] != "%" and root in self.parameters and root in self.outline.assigned

    def _told_of(self, place: Place, number: int, env: Env) -> Kind:
        """What something is before it is asked of which class: an attribute that the block reads,
        too."""
        found = env.get(place)
        if found is None and "." in place:
            root, *rest = place.split(".")
            found = self.kind(root, env)
            for name in rest:
                found = self.knowledge.attribute(found, name)
        return self.kind(place, env) if found is None else found

    def _left_of_union(self, place: str, gone: tuple[Kind, ...]) -> Kind | None:
        """What a parameter is that is annotated ``str | Engine`` where it is no text."""
        if place in self.outline.assigned:
            return None
        ann = next((one.ann for one in self.function.params if one.name == place), None)
        labels = {one.label for one in gone}

        def is_gone(part: Ann) -> bool:
            name = part.args[0].name if part.kind == "item" else part.name
            return name == "None" or (bool(name) and self._dotted(name, {}).label in labels)

        parts = parts_of(ann) if ann is not None else ()
        left = [part for part in parts if not is_gone(part)]
        if not left or len(left) == len(parts):
            return None
        kind = reduce(join, [self.annotation(part, {}) for part in left])
        return kind._replace(owner="caller") if kind.name in OWNED else kind

    def _block(self, number: int, env: Env) -> Env:
        typed = self.typed
        self.number = number
        cells, owners, defaults = typed.cells, self.outline.owners, self.defaults
        receivers, arguments, results = typed.on[number], typed.args[number], typed.dst[number]
        kind_of, known, acts = self.kind, env.get, _DO.get
        replaced = self.missing = self.replaced.get(number)
        instead = self.outline.instead.get(number)
        again = self.again
        for i, op in enumerate(self.function.blocks[number].ops):
            # most operands are names that `env` knows: no call for them, this is the hottest place
            place = op.on
            if place is not None:
                receivers[i] = known(place) or kind_of(place, env)  # type: ignore[arg-type]
            if op.args:
                arguments[i] = tuple(
                    [known(arg.value) or kind_of(arg.value, env) for arg in op.args]  # type: ignore[arg-type]
                )
            act = acts(op.do)
            if act is None:
                kind = UNKNOWN
            else:
                self.on, self.given = receivers[i], arguments[i]
                kind = act(self, op, env)
                receivers[i] = self.on
            results[i] = kind
            dst = op.dst
            if self.stops:
                break
            if dst is not None:
                if kind.name in _NAMED and not kind.label and self._is_global(dst):
                    kind = kind._replace(label=f"{self.module.name}:{dst}")
                if kind.name == kinds.SESSION_FACTORY and op.do == "move" and self._is_global(dst):
                    kind = kind._replace(traits=kind.traits | self._made_by(dst, kind))
                if dst in owners and op.do not in ("getattr", "setattr"):
                    _forget_paths(env, dst)
                env[dst] = kind
                if instead and dst in instead and replaces(kind):
                    self.instead.append((dst, instead[dst], kind))
                if dst in defaults:
                    typed.temporaries[dst] = kind
                if dst[0] != "%" and "." not in dst:
                    if kind.name in _TELL_NOTHING and dst in self.demanded and again:
                        kind = results[i] = env[dst] = self.demanded[dst]
                    old = cells.get(dst)
                    cells[dst] = kind if old is None else self.join(old, kind)
                    if replaced and dst in replaced and replaces(kind):
                        self._replaces(dst, kind)
        return env

    def _is_global(self, place: str) -> bool:
        if self.function.kind == "module":
            return place.isidentifier()
        return self._is_shared(place)

    def _is_shared(self, name: str) -> bool:
        """A name of the module, seen in a function: what is bound to it there, others see."""
        function = self.function
        return function.captures.get(name) == MODULE_BODY and name not in function.locals

    def _made_by(self, dst: str, kind: Kind) -> frozenset[str]:
        """The variable of a module that holds a factory: its sessions know where they come from."""
        known = any(trait.startswith(MADE_BY) for trait in kind.traits)
        return frozenset() if known else frozenset({f"{MADE_BY}{self.module.name}:{dst}"})

    # --- operands ------------------------------------------------------------------------------

    def kind(self, operand: Operand, env: Env) -> Kind:
        """The kind of an operand where ``env`` holds."""
        if isinstance(operand, Const):
            key = (type(operand.value), operand.value)
            constant = self.known.get(key)
            if constant is None:
                constant = self.known[key] = _constant(operand)
            return constant
        found = env.get(operand)
        if found is not None:
            return found
        if operand[0] == "%" or "." in operand or "@" in operand:
            return UNKNOWN
        free = self.known.get(operand)
        if free is None:
            free = self._free(operand)
            if free.name == ANSWER:
                free = answering.seen(self.asking, self.module.name, free)
            self.known[operand] = free
        return free

    def _free(self, name: str) -> Kind:
        function = self.function
        if name in function.locals and function.kind != "class":
            return UNKNOWN
        if name in function.locals and self._type_parameter(name) is not None:
            return self._type_parameter(name) or UNKNOWN
        outer = function.captures.get(name)
        if outer is not None and outer != MODULE_BODY:
            cell = self.knowledge.ask("cell", f"{self.module.name}:{outer}", name) or UNKNOWN
            around = self.module.functions.get(outer)
            if cell.name in answering.TWINS and around is not None and answering.asks(around, name):
                return join(cell, Kind(cell.name, not cell.is_async))  # which one it is there
            return cell._replace(owner="caller") if cell.owner == "local" else cell
        if self.knowledge.ask("global", self.module.name, name) is not None:
            return self.knowledge.global_name(self.module, name)
        if name in self.module.body.locals:
            return UNKNOWN
        of_class = self._type_parameter(name)
        if of_class is not None:
            return of_class
        if self.knowledge.ask("open", self.module.name):
            return UNKNOWN
        return Kind(NAME, label=f"builtins.{name}")

    def _type_parameter(self, name: str) -> Kind | None:
        """``M`` of the ``class Repository[M: Base]`` that the function is in."""
        node = self.module.classes.get(self.owner_class or self.function.qualname)
        for one, bound in node.variables if node is not None else ():
            if one == name:
                return variable(name, self.annotation(bound, {}))
        return None

    def _parameters(self) -> Env:
        env: Env = {}
        function = self.function
        outer = self._outer_env()
        for position, param in enumerate(function.params):
            kind = UNKNOWN
            if param.kind in ("star", "starstar"):
                label = f"{self.module.name}:{function.qualname}"
                kind = Kind(kinds.TUPLE) if param.kind == "star" else keyed.keywords(label)
            elif position == 0 and self.owner_class is not None and param.ann is None:
                kind = self._receiver()
            elif param.ann is not None:
                kind = self.annotation(param.ann, {})
            if (
                not kind.known
                and param.default is not None
                and not isinstance(param.default, Const)
            ):
                default = outer.get(param.default, UNKNOWN)
                if param.ann is None and param.default[0] != "%" and not default.known:
                    default = self.knowledge.global_name(self.module, param.default)
                if default.owner == "managed" or default.name in _DEFAULTS:
                    kind = default
            elif param.default is not None and not isinstance(param.default, Const):
                default = outer.get(param.default, UNKNOWN)
                if default.owner == "managed":
                    kind = kind._replace(owner="managed", traits=kind.traits | default.traits)
            if not kind.known and (param.ann is None or param.ann.name in _VAGUE):
                kind = self._unless_asked(self.told(position, param.name), param.name)
                if not kind.known and function.documented:
                    kind = self._documented(param.name)
                if not kind.known:
                    kind = self.demanded.get(param.name, UNKNOWN)
                    self.nameless.add(param.name)
            if kind.name in _PERHAPS_RAW and param.ann is not None:
                kind = self._of_a_pool(param) or kind
            if kind.name in _AWAITED and not kind.is_async and param.name in self._awaited():
                given = self._handed(param, outer)  # that a caller gives it is stronger than both
                known = NO_EXEC in given.traits or given.owner == "managed"  # annotated alone: no
                if given.name != kind.name or given.is_async or not known:
                    kind = kind._replace(is_async=True)  # an annotation that its own uses belie
            if kind.name in (kinds.SESSION, kinds.CONNECTION) and kind.owner != "managed":
                kind = kind._replace(owner="caller", traits=kind.traits | self._expiry(param, kind))
            elif kind.name == kinds.SESSION and not kind.traits & EXPIRY:
                kind = kind._replace(traits=kind.traits | self._expiry_lent(kind))
            env[param.name] = kind
            self.typed.cells[param.name] = kind
        if not self.demanded:
            self.replaced = self.outline.replaced
        env.update({place: kind for place, kind in self.demanded.items() if "." in place})
        return env

    def _unless_asked(self, told: Kind, name: str) -> Kind:
        """What the callers pass that are known, and what the function asks for beside."""
        for _, place, of in self.outline.asking if told.known else ():
            if place == name:
                other = self.knowledge.instance(self._imported_here(of) or self._dotted(of, {}))
                told = join(told, other) if contradicts(told, other) else told
        return told

    def _imported_here(self, name: str) -> Kind | None:
        """What an import in the function itself takes from a library."""
        for block in self.function.blocks if name in self.function.locals else ():
            for op in block.ops:
                if op.do == "import" and op.dst == name and op.args and op.name:
                    taken = op.args[0].value
                    library = op.name.partition(".")[0]
                    if library in DATABASE_LIBRARIES and isinstance(taken, Const):
                        return Kind(NAME, label=f"{op.name}.{taken.value!s}")
        return None

    def _documented(self, name: str) -> Kind:
        """What the docstring says of a parameter, in names that the module knows or that are
        whole."""

        def named(dotted: str) -> Kind:
            first = dotted.partition(".")[0]
            if first in DATABASE_LIBRARIES and "." in dotted:
                return Kind(NAME, label=dotted)
            return self._dotted(dotted, {}) if first in self.module.body.locals else UNKNOWN

        for one, ann in self.function.documented:
            if one == name:
                kind = annotated(ann, named, self.knowledge.instance)
                return UNKNOWN if self._is_belied(name, kind) else kind
        return UNKNOWN

    def _is_belied(self, name: str, told: Kind) -> bool:
        """The function itself asks for what no such thing ever had: an Engine's `commit()`."""
        never = _NEVER_HAD.get(told.name, frozenset())
        return bool(never) and any(
            op.do == "call" and op.on == name and op.name in never
            for block in self.function.blocks
            for op in block.ops
        )

    def _of_a_pool(self, param: Param) -> Kind | None:
        """What a listener of a pool gets is a connection of the driver, whatever its annotation
        says."""
        label = f"{self.module.name}:{self.function.qualname}"
        told: Kind | None = self.knowledge.ask("argument", label, param.name)
        return told if told is not None and told.name == kinds.RAW_CONNECTION else None

    def told(self, position: int, name: str) -> Kind:
        """What is known of a parameter that says nothing itself: from the decorators of its
        function, the method it overrides, pytest, and the callers."""
        knowledge, function = self.knowledge, self.function
        label = f"{self.module.name}:{function.qualname}"
        if function.decorators:
            for decorator in knowledge.ask("decorators", label):
                kind = self._provided(decorator, position, name)
                if kind.known:
                    return kind
        if self.owner_class is not None:
            of = f"{self.module.name}:{self.owner_class}"
            method = function.qualname.rpartition(".")[2].partition("#")[0]
            above = knowledge.ask("overridden", of, method)
            if above is not None:
                there = self._name_above(above, position, name)
                kind = knowledge.ask("cell", above, there) or UNKNOWN
                if kind.known:
                    return kind
            kind = self._handed_to_method(of, method, position)
            if kind.known:
                return kind
        if position == 0 and len(function.params) == frameworks.SIGNED:
            known_by = frameworks.SIGNATURES.get(tuple([one.name for one in function.params]))
            if known_by is not None and self._imports(known_by[0]):
                return Kind(FOREIGN, label=known_by[1])
        told: Kind = knowledge.ask("argument", label, name) or UNKNOWN
        if not told.known and self._is_test():
            fixture = knowledge.ask("fixture", self.module.name, name)
            if fixture is not None and fixture != label:
                return self._fixture(fixture)
            wants, given = objects.PLUGIN_FIXTURES.get(name, ("", None))
            if given is not None and wants in knowledge.fixtures:
                return Kind(given.kind, owner=given.owner, traits=given.traits)
        return told

    def _name_above(self, above: str, position: int, name: str) -> str:
        """How the method of the base calls a parameter: the one of its name, else of its place."""
        entry = self.knowledge.functions.get(above)
        params = entry[1].params if entry is not None else ()
        if any(one.name == name for one in params) or position >= len(params):
            return name
        there = params[position]
        plain = there.kind == self.function.params[position].kind == "normal"
        return there.name if plain else name

    def _imports(self, prefix: str) -> bool:
        """The module has something of a library."""
        known = self.knowledge.globals.get(self.module.name, {})
        return any(one.name == NAME and one.label.startswith(prefix) for one in known.values())

    def _handed_to_method(self, of: str, method: str, position: int) -> Kind:
        """What the base of a library's hands to a method of the class."""
        self.knowledge.ask("bases", of)
        for info in self.knowledge.classes.ancestry(of):
            for base in info.bases if method in frameworks.HANDED_METHODS else ():
                handed = frameworks.HANDED_TO_METHODS.get(f"{base.label}().{method}")
                if base.name == NAME and handed is not None and handed[0] == position:
                    return Kind(FOREIGN, label=handed[1])
        return UNKNOWN

    def _provided(self, decorator: Kind, position: int, name: str) -> Kind:
        """What a decorator passes to the function it is put on."""
        if decorator.name == NAME:
            provider = objects.PROVIDERS.get(decorator.label)
            if provider is not None and provider[0] == name:
                given = provider[1]
                return Kind(given.kind, given.is_async, owner=given.owner, traits=given.traits)
        if decorator.name in (NAME, FOREIGN):
            return self._by_framework(decorator, position, name)
        if decorator.name in FUNCTIONS:
            for key in (name, str(position)):
                kind: Kind | None = self.knowledge.ask("argument", f"{decorator.label}>", key)
                if kind is not None:
                    return kind._replace(owner="managed") if kind.name in OWNED else kind
        return UNKNOWN

    def _by_framework(self, decorator: Kind, position: int, name: str) -> Kind:
        label = decorator.label
        holder = frameworks.REQUEST_VIEWS.get(label)
        first_of = len(self.function.params) == 1 or label.endswith(".middleware()")
        if holder is not None and (name == "request" or (first_of and position == 0)):
            return Kind(FOREIGN, label=holder)
        if position == 0 and decorator.of and label.endswith((".task()", ".shared_task()")):
            return decorator.of[0]  # bind=True: the task itself
        first = 1 if self.owner_class is not None else 0
        handed = frameworks.HANDED_FIRST.get(label)
        if handed is not None and position == first:
            return self.knowledge.foreign(FOREIGN, handed)
        if (position == first and oslo.is_mode(label)) or oslo.TAKES_CONTEXT.get(label) == name:
            return _OSLO_CONTEXT
        return UNKNOWN

    def _is_test(self) -> bool:
        """A function to which pytest gives fixtures."""
        name = self.function.qualname.rpartition(".")[2]
        if name.startswith("test"):
            return True
        label = f"{self.module.name}:{self.function.qualname}"
        return bool(self.function.decorators) and any(
            "fixture" in d.label for d in self.knowledge.ask("decorators", label)
        )

    def _fixture(self, label: str) -> Kind:
        summary = self.knowledge.ask("summary", label)
        entry = self.knowledge.functions.get(label)
        if summary is None or entry is None:
            return UNKNOWN
        kind: Kind = summary.yields if entry[1].is_generator else summary.returns
        return kind._replace(owner="managed") if kind.name in OWNED else kind

    def _expiry(self, param: Param, kind: Kind) -> frozenset[str]:
        """Whether commit expires the objects of a session that is passed, and queries flush it: all
        callers agree."""
        if kind.name != kinds.SESSION or param.ann is None:
            return frozenset()
        return _of_factory(self._handed(param, {}))

    def _handed(self, param: Param, outer: Env) -> Kind:
        """What all callers give, or the dependency that is the default."""
        if isinstance(param.default, str) and outer.get(param.default, UNKNOWN).owner == "managed":
            return outer[param.default]
        label = f"{self.module.name}:{self.function.qualname}"
        return self.knowledge.ask("argument", label, param.name) or UNKNOWN

    def _expiry_lent(self, kind: Kind) -> frozenset[str]:
        """The same of ``Annotated[Session, Depends(get_db)]``: what the dependency gives tells."""
        labels = lenders(kind)
        return _of_factory(self.knowledge.lent(labels[0])) if len(labels) == 1 else frozenset()

    def _awaited(self) -> frozenset[str]:
        """Names a method of which is awaited: they are objects of the asyncio extension, whatever
        their annotation says."""
        if not self.function.is_async:
            return frozenset()
        called: dict[str, str] = {}
        found: set[str] = set()
        for block in self.function.blocks:
            for op in block.ops:
                if op.do == "call" and op.name in _COROUTINES and isinstance(op.on, str):
                    called[op.dst or ""] = op.on
                elif op.do == "await" and op.on in called:
                    found.add(called[str(op.on)])
        return frozenset(found)

    def _outer_env(self) -> Env:
        parent = self.function.parent
        scope = f"{self.module.name}:{parent}#temps"
        return {
            param.default: kind
            for param in self.function.params
            if isinstance(param.default, str)
            and (kind := self.knowledge.ask("cell", scope, param.default)) is not None
        }

    def _receiver(self) -> Kind:
        """``self`` or ``cls``."""
        assert self.owner_class is not None
        label = f"{self.module.name}:{self.owner_class}"
        self.knowledge.ask("class", label)
        info = self.knowledge.classes.get(self.heir or label)
        if info is None:
            return UNKNOWN
        own = f"{self.module.name}:{self.function.qualname}"
        for decorator in self.knowledge.ask("decorators", own) if self.function.decorators else ():
            last = decorator.label.rpartition(".")[2]
            if last == "staticmethod":
                return UNKNOWN
            if last in ("classmethod", "declared_attr", "validates", "expression"):
                return self.knowledge.class_kind(info)
        if self.function.qualname.rpartition(".")[2] in _OF_THE_CLASS:
            return self.knowledge.class_kind(info)
        kind = self.knowledge.instance(self.knowledge.class_kind(info))
        return kind._replace(owner="caller") if info.resembles is not None else kind

    def annotation(self, ann: Ann, env: Env) -> Kind:
        """The kind an annotation gives."""
        return annotated(ann, lambda name: self._dotted(name, env), self.knowledge.instance)

    def _dotted(self, name: str, env: Env) -> Kind:
        first, *rest = name.split(".")
        kind = self.kind(first, env)
        for part in rest:
            kind = self.knowledge.attribute(kind, part)
        return kind

    # --- operations ----------------------------------------------------------------------------

    def _call(self, op: Op, env: Env) -> Kind:
        given = self._given_by(op, env)
        if self.on.name == NAME and len(op.args) <= len(_ISINSTANCE):
            asks = answering.by_call(self.asking, op, self.on, self.given)
            if asks is not None:
                return self._answers(asks)
        elif given.name == ANSWER:
            return self._answers(answering.here(self.asking, op, self.on, given))
        if given.of or given.loaded:
            for label in {*handedoptions.handed_by(given)}:
                given = self._with_options(op, given, label)
        return given

    def _with_options(self, op: Op, given: Kind, label: str) -> Kind:
        """What a call gives, where the options are known that it hands to the function."""
        callee = called(self.knowledge, op, self.on)
        if callee.label != label or not handedoptions.is_called_plainly(self.knowledge, callee):
            return given
        own = {arg.value: one for arg in op.args if (one := self._own_options(arg.value))}
        call = handedoptions.Call(self.knowledge, op, self.given, callee, own)
        return call.told(given)

    def _own_options(self, operand: Operand) -> Kind | None:
        """The options that a parameter is: what they load, the caller says."""
        if self.function.kind != "def" or isinstance(operand, Const):
            return None
        name = handedoptions.parameter(self.function, self.outline.assigned, operand)
        label = f"{self.module.name}:{self.function.qualname}"
        return handedoptions.mark(label, name) if name is not None else None

    def _loads(self, arg: Arg, kind: Kind) -> Kind:
        """What the options load that an argument is, or holds, as one option."""
        own = self._own_options(arg.value)
        if own is not None:
            return own
        return Kind(kinds.LOADER_OPTION, loaded=handedoptions.loads(arg.value, kind))

    def _given_by(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        callee = self.on
        if callee.name == _SUPER:
            callee = self.on = self._of_bases(callee, op.name or "")
        if lacks(callee, op.name):
            self.stops, self.on = True, callee._replace(name=kinds.UNKNOWN)
            return UNKNOWN
        if op.name in _FRAMEWORK_CALLS:
            self._told_to_framework(op, callee, env)
        args, words = self._arguments(op)
        words = self._spread(op) | words | {"*" * a.star: UNKNOWN for a in op.args if a.star}
        if op.name == "options" and callee.name in _TAKING_OPTIONS:
            args = [
                self._loads(arg, kind) if arg.star or self._own_options(arg.value) else kind
                for arg, kind in zip(op.args, self.given, strict=True)
            ]
            words = {}
        elif "options" in words and callee.name in _GETTING:
            place = [arg.keyword for arg in op.args].index("options")
            option = self._loads(op.args[place], self.given[place])
            words["options"] = Kind(kinds.LIST, of=(option,))
        if callee.name in (NAME, FOREIGN):
            label = dotted_label(callee, op.name)
            for function in announced(label, args, words):
                by = f"{self.module.name}:{self.function.qualname}"
                self.knowledge.tell_announced(function, by, label)
            plain = [
                (k, a.star) for a, k in zip(op.args, self.given, strict=True) if a.keyword is None
            ]
            task = tasks.asked(callee, op.name) or tasks.begun(label, plain, words)
            run = None if task is not None else tasks.in_thread(label)
            if run is not None and run < len(args) and args[run].name in FUNCTIONS:
                task = tasks.begun_in_thread(label, self.call(args[run], [], {}))
            if task is None and args:
                task = tasks.waited_for(label, args[0])
            if task is not None:
                return task
            if callee.of and callee.label in queues.QUEUES and op.name in queues.TAKING:
                taken = callee.of[0]
                waits = queues.QUEUES[callee.label] and op.name not in queues.AT_ONCE
                return Kind(kinds.COROUTINE, True, (taken,)) if waits else taken
        if op.name is None:
            if callee.label == "builtins.setattr" and len(args) > 2:
                self._sets(op, args)
            given = self.call(callee, args, words)
            return left_open(given, args[0]) if takes_of_dropped(callee.label, op) else given
        if callee.name == kinds.GENERATOR and op.name in TAKES:
            given = given_by(TAKES[op.name], [callee], self.next_of) or UNKNOWN
            return left_open(given, callee) if str(op.on).startswith("%") else given
        if op.name == "query" and callee.name in _TELL_NOTHING_OF_IT:
            callee = self._queried(op, callee, args, env)
        if callee.name in (NAME, FOREIGN):
            if op.name == "set" and args and callee.label.startswith("contextvars."):
                self._keep(f"{callee.label}.get()", args[0])
            if op.name == "get" and callee.of:  # ContextVar[Session]
                return callee.of[0]
            if moments.is_moment(callee):
                return moments.method(callee, op.name, words) or UNKNOWN
            return self.call(self.knowledge.attribute(callee, op.name), args, words)
        reads = callee.name == kinds.INSTANCE and op.name in _READING and bool(args)
        if reads and self.knowledge.is_typed_dict(callee.label):
            return self._item(callee, named(args[0]))
        if callee.name in (MODULE, kinds.CLASS, kinds.MAPPED_CLASS, kinds.INSTANCE, kinds.ENTITY):
            given = self.call(self.knowledge.attribute(callee, op.name), args, words)
            return self.knowledge.bound(given, callee)
        if op.name == "__new__" and args and args[0].name == kinds.CLASS and not callee.known:
            return self.knowledge.instance(args[0])
        if callee.name == kinds.STR:
            return _string_method(callee, op, args)
        if callee.name in (kinds.LIST, kinds.COLLECTION, kinds.TUPLE, kinds.DICT, kinds.SET):
            now = put(callee, op.name, args)
            self._puts(op, now, env, args[-1] if args else UNKNOWN)
            if callee.name == kinds.DICT and op.name in _READING and args:
                told = self._under(now or callee, named(args[0]))
                if told is not None:
                    return told
            if op.name == "setdefault" and now is not None and now.of:
                return self._inside(op, now.of[0])
            return _of_collection(callee, op.name)
        if own_class(callee) is not None:
            own = self.knowledge.attribute(callee, op.name)
            if own.name == "METHOD" and ":" in own.label:
                return self.call(own, args, words)
        if callee.name == kinds.FLASK_DB:
            held = self.knowledge.attribute(callee, op.name)
            if held.name in (kinds.SCOPED_SESSION, kinds.SESSION_FACTORY):
                return self.call(held, args, words)
        return self.knowledge.call_member(callee, op.name, args, words)

    def _sets(self, op: Op, args: list[Kind]) -> None:
        """``setattr(self, "session", session)``."""
        on, name = args[0], args[1]
        plain = name.name == kinds.STR and name.label.isidentifier()
        if plain and on.name in (kinds.INSTANCE, kinds.CLASS) and op.args[0].value in _OWN:
            self.typed.stored.append((on.label, name.label, args[2]))

    def _queried(self, op: Op, callee: Kind, args: list[Kind], env: Env) -> Kind:
        """What mapped classes are queried of, and their columns: only a Session takes them."""
        if not any(kind.name in _QUERIED for kind in args):
            return callee
        place = op.on
        if isinstance(place, str) and place[0] != "%":
            env[place] = _SOME_SESSION
            self._demands(place, _SOME_SESSION)
        self.on = _SOME_SESSION
        return _SOME_SESSION

    def _arguments(self, op: Op) -> tuple[list[Kind], dict[str, Kind]]:
        """What is given by position, and by keyword."""
        args: list[Kind] = []
        words: dict[str, Kind] = {}
        for arg, kind in zip(op.args, self.given, strict=True):
            if arg.keyword:
                words[arg.keyword] = kind
            elif not arg.star and arg.keyword is None:
                args.append(kind)
        return args, words

    def _spread(self, op: Op) -> dict[str, Kind]:
        """What `**options` gives by keyword, where it is known what the dictionary surely has."""
        return {
            key: value
            for arg, kind in zip(op.args, self.given, strict=True)
            if arg.star == 2 and kind.name == kinds.DICT and FILLED not in kind.traits
            for key, value in entries(kind).items()
            if key
        }

    def _told_to_framework(self, op: Op, callee: Kind, env: Env) -> None:
        """Calls after which an object of a framework has a session."""
        args, words = self._arguments(op)
        if op.name == "using" and op.args:  # oslo.db: `with enginefacade.writer.using(context):`
            place = op.args[0].value
            facade = callee.name in (NAME, FOREIGN) and oslo.is_mode(callee.label)
            unknown = not args or not args[0].known
            if facade and unknown and isinstance(place, str) and place[0] != "%":
                env[place] = _OSLO_CONTEXT
                self._demands(place, _OSLO_CONTEXT)
        elif op.name == "add_request_method" and callee.name in (kinds.UNKNOWN, FOREIGN):  # Pyramid
            name = words.get("name", args[1] if len(args) > 1 else UNKNOWN)
            maker = words.get("callable", args[0] if args else UNKNOWN)
            if maker.name == kinds.FUNCTION and maker.label:
                called = name.label if name.name == kinds.STR else maker.label.rpartition(":")[2]
                given = self.knowledge.called(maker.label)
                given = given._replace(owner="managed") if given.name in OWNED else given
                self.typed.kept.append((f"pyramid.request.Request().{called}", given))

    def call(self, callee: Kind, args: list[Kind], words: dict[str, Kind]) -> Kind:
        """What calling a value of this kind gives."""
        knowledge = self.knowledge
        if callee.name in (NAME, FOREIGN):
            if callee.label == "builtins.super":
                return self._super(args)
            if callee.label == "builtins.getattr" and len(args) > 1:
                plain = args[1].name == kinds.STR and args[1].label.isidentifier()
                return knowledge.attribute(args[0], args[1].label) if plain else UNKNOWN
            if written.is_cast(callee.label) and args and args[0].name == kinds.STR:
                told = self.annotation(written.parsed(args[0].label), {})
                return args[1] if not told.known and len(args) > 1 else told
            if callee.label in _TYPE_VARIABLES and args:
                args, words = self._unquoted(args, words)
            if callee.label in _ENTERING and args:
                entered = self.entered(args[0])
                if entered.name in OWNED:
                    entered = entered._replace(owner="managed")  # the stack ends it
                waits = callee.label.endswith("enter_async_context")
                return Kind(kinds.COROUTINE, True, (entered,)) if waits else entered
            element = given_by(callee.label, args, self.next_of)
            if element is None:
                element = keyed.by_fields(callee, args, words)
            if callee.label == "builtins.dict" and words and not args:
                element = keyed.displayed([(Const(word), kind) for word, kind in words.items()])
            if element is None:
                element = made_empty(callee.label, args, words) or self._provider(
                    callee.label, args, words
                )
            if element is None and frameworks.is_field(f"{callee.label}()"):
                element = self._field(callee.label, words)
            return element or knowledge.call_name(callee.label, args, words)
        if callee.name == kinds.FUNCTION:
            if not callee.label:  # Callable[[], Session]
                return callee.of[0] if callee.of else UNKNOWN
            if "manages" in callee.traits:  # contextmanager(f)
                return knowledge.managed(callee.label, callee.is_async)
            return self._of_types(knowledge.called(callee.label), callee, args, words)
        if callee.name == "METHOD":
            if ":" in callee.label:
                return self._of_types(knowledge.called(callee.label), callee, args, words)
            return knowledge.call_member(callee.of[0], callee.label, args, words)
        if callee.name in (kinds.CLASS, kinds.MAPPED_CLASS):
            made = knowledge.instance(callee)
            if made.name == kinds.INSTANCE and not made.of and args:
                made = made._replace(of=self._given_types(callee.label, args, words))
            if made.name in (kinds.SESSION, kinds.CONNECTION):
                made = made._replace(owner="local")
            elif made.name == kinds.SCOPED_SESSION:
                made = made._replace(owner="registry")
            elif made.name == kinds.INSTANCE and (args or words) and not words.keys() & _STARRED:
                self.typed.outside += given_fields(knowledge, callee.label, args, words)
            return made
        own = own_class(callee) if callee.name in _CALLED_BY_CLASS else None
        if own is not None and (label := knowledge.ask("method", own, "__call__")) is not None:
            return knowledge.called(label)
        if callee.name == kinds.SESSION_FACTORY:
            session = callee.of[0] if callee.of else Kind(kinds.SESSION, callee.is_async)
            if not callee.of and not callee.is_async:  # `sessionmaker` makes async ones, too
                session = session._replace(traits=frozenset({"unknown-class"}))
            traits = callee.traits | session.traits
            if words.get("expire_on_commit", NONE).label == "False":
                traits = traits - {"expires"} | {"no-expire"}
            elif words.keys() & {"expire_on_commit", "**"}:
                traits -= {"expires"}
            if words.get("autoflush", NONE).label == "False":
                traits |= {NO_AUTOFLUSH}
            given = [words["bind"]] if "bind" in words else []
            joined = "joined" in traits or any(k.name == kinds.CONNECTION for k in given)
            owner = "joined" if joined else "local"
            engine = given[0].label if given else callee.label
            return session._replace(owner=owner, traits=traits, label=engine)
        if callee.name == kinds.SCOPED_SESSION:
            return Kind(kinds.SESSION, callee.is_async, owner="registry", traits=callee.traits)
        if callee.name == ALIAS and args and not callee.label:  # of a NewType
            return args[0] if args[0].known else callee.of[0]
        if callee.name == ALIAS and callee.of and is_variable(callee):  # `self.model(name="x")`
            return callee.of[0]
        if callee.name == EITHER:
            return Kind(EITHER, True, of=tuple([self.call(one, args, words) for one in callee.of]))
        if callee.name == kinds.INSTANCE:
            label = knowledge.ask("method", callee.label, "__call__")
            return knowledge.called(label) if label else UNKNOWN
        if callee.name == kinds.UNKNOWN and ":" in callee.label:
            return callee._replace(traits=CALLED)  # of a module that is not read
        return UNKNOWN

    def _field(self, label: str, words: dict[str, Kind]) -> Kind | None:
        """A field whose value a factory makes: ``field(default_factory=Session)``."""
        maker = words.get("default_factory") or words.get("factory")
        made = self.call(maker, [], {}) if maker is not None else UNKNOWN
        return Kind(FOREIGN, label=f"{label}()", of=(made,)) if made.name in DATABASE else None

    def _of_types(
        self, given: Kind, callee: Kind, args: list[Kind], words: dict[str, Kind]
    ) -> Kind:
        """What a function of the project gives, for the classes that it is handed."""
        knowledge = self.knowledge
        entry = knowledge.functions.get(callee.label)
        if entry is None or not mentions(given):
            return given
        params = entry[1].params[bound_before(knowledge, callee, entry[1]) :]
        return bind(given, handed_types(params, args, words), knowledge.instance)

    def _given_types(
        self, label: str, args: list[Kind], words: dict[str, Kind]
    ) -> tuple[Kind, ...]:
        """What the type variables of a class are for the sake of what its constructor is given:
        ``Repository(User, session)`` with a parameter ``model: type[M]``."""
        knowledge = self.knowledge
        knowledge.ask("bases", label)
        info = knowledge.classes.get(label)
        if info is None or not info.variables or words.keys() & _STARRED:
            return ()
        entry = knowledge.functions.get(knowledge.ask("method", label, "__init__") or "")
        if entry is None or entry[0] is not info.module:
            return ()
        found: dict[str, Kind] = {}
        given = [*args]
        for param in entry[1].params[1:]:
            kind = words.get(param.name) or (given.pop(0) if given else UNKNOWN)
            ann = param.ann
            if (
                ann is not None
                and ann.kind == "item"
                and len(ann.args) == _TYPE_OF
                and ann.args[0].name.rpartition(".")[2] in ("Type", "type")
            ):
                found[ann.args[1].name] = kind
        of = tuple([found.get(name, UNKNOWN) for name in info.variables])
        return of if any(kind.known for kind in of) else ()

    def _unquoted(
        self, args: list[Kind], words: dict[str, Kind]
    ) -> tuple[list[Kind], dict[str, Kind]]:
        """The arguments of TypeVar: bounds and constraints may be written as text."""

        def plain(kind: Kind) -> Kind:
            if kind.name != kinds.STR:
                return kind
            told = self.annotation(written.parsed(kind.label), {})
            return Kind(ALIAS, of=(told,)) if told.known else UNKNOWN

        more = {name: plain(kind) if name == "bound" else kind for name, kind in words.items()}
        return [args[0], *map(plain, args[1:])], more

    def _provider(self, label: str, args: list[Kind], words: dict[str, Kind]) -> Kind | None:
        """A provider of a container of dependencies: what calling it gives."""
        if not args or label not in frameworks.PROVIDERS:
            return None
        keywords = {word: _provided_by(kind) for word, kind in words.items()}
        given = self.call(args[0], [_provided_by(one) for one in args[1:]], keywords)
        if given.name in (kinds.GENERATOR, kinds.CONTEXT_MANAGER) and given.of:
            given = given.of[0]
        return Kind(kinds.FUNCTION, of=(given,)) if given.known else None

    def _super(self, args: list[Kind]) -> Kind:
        """``super()`` in a method, or ``super(C, self)``: what the only base of the class that says
        anything is."""
        if args and args[0].name in (kinds.CLASS, kinds.MAPPED_CLASS):
            label = args[0].label
        elif self.owner_class is None or (args and args[0].known):
            return UNKNOWN
        else:
            label = f"{self.module.name}:{self.owner_class}"
        self.knowledge.ask("bases", label)
        info = self.knowledge.classes.get(label)
        bases = [
            self.knowledge.instance(base)
            for base in (info.bases if info is not None else ())
            if base.label not in PLAIN_BASES
        ]
        known = [base for base in bases if base.known]
        if len(known) != 1:
            return Kind(_SUPER, of=tuple(bases)) if known else UNKNOWN
        return known[0]._replace(owner="caller") if info and info.resembles else known[0]

    def _of_bases(self, bases: Kind, name: str) -> Kind:
        """The first of several bases that has a method of that name, where those before it are
        known not to have one, and none after it overrides that of a base that both have."""
        ask = self.knowledge.ask
        for number, base in enumerate(bases.of):
            if base.name != kinds.INSTANCE or not base.label:
                return UNKNOWN
            label = ask("method", base.label, name)
            if label is not None:
                later = [one.label for one in bases.of[number + 1 :] if one.label]
                above = label.rpartition(".")[0]
                shared = [one for one in later if above in self.knowledge.classes.lineage(one)]
                return base if all(ask("method", one, name) == label for one in shared) else UNKNOWN
        return UNKNOWN

    def _move(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        kind = self.on
        if op.ann is not None and kind.name == kinds.RELATIONSHIP:
            target = kind.of or annotated_target(op.ann)
            return kind._replace(of=target, traits=annotated_relation(op.ann, kind.traits))
        return kind if op.ann is None else self._annotated(op.ann, kind, env)

    def _annotated(self, ann: Ann, value: Kind, env: Env) -> Kind:
        """What ``x: ann = value`` binds: the annotation tells where the value does not."""
        says = UNKNOWN
        if value.name == kinds.STR and ann.name.rpartition(".")[2] == "TypeAlias":
            of_text = self.annotation(written.parsed(value.label), {})
            return Kind(ALIAS, of=(of_text,)) if of_text.known else value
        if value.name == kinds.SESSION and not value.is_async:  # `sessionmaker` makes either
            says = self.annotation(ann, env)
            if says.name == value.name and says.is_async:
                return says._replace(owner=value.owner)
        if value.name == kinds.NONE and self.function.kind != "def":
            return says if says.known else self.annotation(ann, env)  # what it is later
        if value.name not in _TELL_NOTHING and EMPTY not in value.traits and not is_some(value):
            return value
        says = says if says.known else self.annotation(ann, env)
        if value.name == FOREIGN and says.name == FOREIGN and says.of:
            return value._replace(of=says.of)
        kept = says.known and (frameworks.keeps(value.label) or frameworks.is_field(value.label))
        if value.name == FOREIGN and says.name not in DATABASE and not kept:
            return value
        return says if says.known and (EMPTY not in value.traits or says.of) else value

    def _declare(self, op: Op, env: Env) -> Kind:
        kind = UNKNOWN if op.ann is None else self.annotation(op.ann, env)
        return Kind(ALIAS, of=(kind,)) if op.name == "type" and kind.known else kind

    def _enter(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        manager = self.on
        if manager.name == EITHER:
            manager = manager.of[op.name == "async"]
        if op.name == "async" and manager.name in _AWAITED:
            manager = manager._replace(is_async=True)
        return self.entered(manager, is_async=op.name == "async")

    def entered(self, manager: Kind, *, is_async: bool = False) -> Kind:
        """What ``with manager as x`` binds."""
        if manager.name == kinds.CONTEXT_MANAGER:
            return manager.of[0] if manager.of else UNKNOWN
        if manager.name == kinds.INSTANCE:
            for name in ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__"):
                label = self.knowledge.ask("method", manager.label, name)
                if label is not None:
                    kind = self.knowledge.called(label)
                    if kind.name == kinds.COROUTINE and kind.of:
                        kind = kind.of[0]
                    if kind.name in (kinds.SESSION, kinds.CONNECTION):
                        kind = kind._replace(owner="managed")
                    return manager if self._is_base(kind, manager) else kind
            return UNKNOWN
        if manager.name in (kinds.SESSION, kinds.CONNECTION, kinds.TRANSACTION, kinds.SAVEPOINT):
            return self._entered_by_class(manager, is_async=is_async) or manager
        if manager.name == FOREIGN and (
            is_worker_object(manager.label) or manager.label in _EXIT_STACKS
        ):
            return manager
        return UNKNOWN

    def _entered_by_class(self, manager: Kind, *, is_async: bool) -> Kind | None:
        """What the `__enter__` of the project's class of a session or connection gives, where it is
        known to be something else."""
        own = own_class(manager)
        label = (
            self.knowledge.ask("method", own, "__aenter__" if is_async else "__enter__")
            if own is not None
            else None
        )
        if label is None:
            return None
        kind = self.knowledge.called(label)
        if kind.name == kinds.COROUTINE and kind.of:
            kind = kind.of[0]
        return kind if kind.known and kind.name != manager.name else None

    def _is_base(self, kind: Kind, of: Kind) -> bool:
        """An object of a base: `__enter__` of the base gives itself, an object of the class."""
        if kind.name != kinds.INSTANCE or not kind.label:
            return False
        self.knowledge.ask("bases", of.label)
        return kind.label in self.knowledge.classes.lineage(of.label)

    def _await(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        kind = self.on
        if kind.name == EITHER:
            kind = kind.of[1]
        if kind.name == kinds.COROUTINE:
            return kind.of[0] if kind.of else UNKNOWN
        if kind.name in (kinds.CONNECTION, kinds.TRANSACTION, kinds.SAVEPOINT):
            return kind
        if kind.name in (kinds.RESULT, kinds.SCALARS) and kind.is_async:
            return kind  # what `AsyncConnection.stream()` gives may be awaited or entered
        if kind.name == kinds.CONTEXT_MANAGER and kind.of:
            return kind.of[0]
        return tasks.awaited(kind) or UNKNOWN

    def _getattr(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        assert op.name is not None
        if op.dst is not None and op.dst in env and "." in op.dst:
            return env[op.dst]  # assigned in this function
        if self.on.name == _SUPER:
            self.on = self._of_bases(self.on, op.name)
        given = self.knowledge.bound(self.knowledge.attribute(self.on, op.name), self.on)
        if given.name == ANSWER:
            return self._answers(answering.here(self.asking, op, self.on, given))
        return given

    def _setattr(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        assert op.name is not None
        value = self.given[0]
        if op.ann is not None:
            value = self._annotated(op.ann, value, env)
        on = self.on
        if value.name == ANSWER:
            value = answering.kept(self.asking, op, value)
        if self.again and op.dst in self.demanded and value.name in _TELL_NOTHING:
            value = self.demanded[op.dst]
        if self.missing and replaces(value) and op.dst is not None:
            for name in self.missing & self.nameless:
                if any(op.dst == dst for dst in own_use.kept_in(self.function, name)):
                    self._demands(name, value)
        if on.name in (kinds.INSTANCE, kinds.CLASS) and (
            op.on in _OWN or on.label == f"{self.module.name}:{self.owner_class}"
        ):
            self.typed.stored.append((on.label, op.name, value))
        elif on.name in (kinds.INSTANCE, kinds.CLASS) and on.label:
            self.typed.outside.append(Outside(on.label, op.name, value))
        elif on.name in (NAME, FOREIGN):
            self._keep(f"{on.label}.{op.name}", value)
        elif on.name == NAMESPACE and isinstance(op.on, str) and op.on[0] != "%":
            self._puts(op, keyed.with_attribute(on, op.name, value), env, value)
        elif on.name == MODULE:
            self.typed.assigned.append((on.label, op.name, value))
        elif value.name == QUERY_PROPERTY and op.name == "query":  # `Base.query = …`
            self.typed.kept.append((QUERY_PROPERTY, value))
        return value

    def _keep(self, label: str, value: Kind) -> None:
        if frameworks.keeps(label):
            self.typed.kept.append((frameworks.canonical(label), value))

    def _setitem(self, op: Op, env: Env) -> Kind:
        on = self.on
        if on.name == FOREIGN and len(op.args) == 2:
            value = self.given[1]
            self._keep(f"{on.label}[{_key(op.args[0].value)}]", value)
        elif len(op.args) == 2:
            value = self.given[1]
            self._puts(op, filled(on, value, op.args[0].value), env, value)
        return UNKNOWN

    def _under(self, of: Kind, key: Operand) -> Kind | None:
        """What a dictionary has under a key; None where it does not tell its keys apart."""
        owner = keyed.keywords_of(of)
        if owner is None:
            return keyed.under(of, key)
        name = keyed.key_of(key)
        told = None if name is None else self.knowledge.ask("argument", keyed.by_name(owner), name)
        return told or UNKNOWN

    def _by_position(self, of: Kind, index: int) -> Kind:
        """A field of an object of a NamedTuple."""
        knowledge = self.knowledge
        named: tuple[str, ...] = knowledge.ask("fields", of.label)
        if not -len(named) <= index < len(named) or not knowledge.is_named_tuple(of.label):
            return UNKNOWN
        return knowledge.attribute(of, named[index])

    def _item(self, of: Kind, key: Operand) -> Kind:
        """What the object of a class has under a key: a TypedDict by its annotations."""
        name = keyed.key_of(key)
        if name is not None and self.knowledge.is_typed_dict(of.label):
            return self.knowledge.ask("attribute", of.label, name) or UNKNOWN
        if isinstance(key, Const) and type(key.value) is int:
            return self._by_position(of, key.value)
        label = self.knowledge.ask("method", of.label, "__getitem__")
        return self.knowledge.called(label) if label is not None else UNKNOWN

    def _puts(self, op: Op, now: Kind | None, env: Env, value: Kind) -> None:
        """A container that something was put into, and whoever else holds it. That one is told of
        what is put there here alone: all that is in it has been told to this function before."""
        place = op.on
        if now is None or not isinstance(place, str):
            return
        if place[0] == "%":  # `groups[key].append(value)`
            outer, kind = self.inside.get(place, ("", UNKNOWN))
            if outer and kind is env.get(place):
                place, now = outer, filled(self.kind(outer, env), now)
            if now is None or place[0] == "%":
                return
        env[place] = now
        if now.traits == _IS_FILLED and not now.label and place == op.on:
            now = now._replace(of=(value,))
        holder, _, name = place.rpartition(".")
        if not holder and self._is_shared(place):
            self.typed.assigned.append((self.module.name, place, now))
        elif not holder and place in self.typed.cells:
            self.typed.cells[place] = self.join(self.typed.cells[place], now)
        elif holder in _OWN:
            self._stored(holder, name, now)
        elif holder and self.kind(holder, env).name == FOREIGN:
            self._keep(f"{self.kind(holder, env).label}.{name}", now)

    def _inside(self, op: Op, kind: Kind) -> Kind:
        """A container in a container."""
        if kind.name in CONTAINERS and op.dst is not None and isinstance(op.on, str):
            self.inside[op.dst] = (op.on, kind)
        return kind

    def _stored(self, holder: str, name: str, value: Kind) -> None:
        """An attribute of the object or class that a method belongs to."""
        params = self.function.params
        if self.owner_class is not None and params and params[0].name == holder:
            self.typed.stored.append((f"{self.module.name}:{self.owner_class}", name, value))

    def _getitem(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        of = self.on
        if of.name == NAME and of.label in ("typing.Annotated", "typing_extensions.Annotated"):
            inner = self.knowledge.instance(self.kind(op.args[0].value, env))
            for arg in op.args[1:]:
                given = self.kind(arg.value, env)
                if given.owner == "managed":
                    inner = inner._replace(owner="managed", traits=inner.traits | given.traits)
            return Kind(ALIAS, of=(inner,))
        if of.name == NAME and of.label == frameworks.PROVIDE:
            given = _provided_by(self.given[0])
            return given._replace(owner="managed") if given.known else UNKNOWN
        if of.name == NAME and of.label == "os.environ":
            return from_environment(NONE)
        if of.name == NAME and of.label in ("typing.Union", "typing.Optional"):
            parts = [self.kind(arg.value, env) for arg in op.args]
            return self._union(parts)
        if of.name == NAME and of.label.partition(".")[0] in _OF_TYPES:
            return self._alias(of, [self.kind(arg.value, env) for arg in op.args])
        if of.name in (FOREIGN, NAME) and op.args and frameworks.keeps(of.label):
            return self.knowledge.foreign(FOREIGN, f"{of.label}[{_key(op.args[0].value)}]")
        if of.name == COLUMNS:
            return Kind(kinds.COLUMN_EXPR, label=f"{of.label}.c[]")
        if of.name == kinds.COLUMN_EXPR:
            return Kind(kinds.COLUMN_EXPR)
        if of.name == kinds.ROW:
            return self._element(of, op.args[0].value)
        if of.name == kinds.DICT:
            told = self._under(of, op.args[0].value)
            if told is not None:
                return told
            return self._inside(op, joined(of.of)) if of.of else UNKNOWN
        if of.name == kinds.INSTANCE and of.label:
            return self._item(of, op.args[0].value)
        if of.name in _SEQUENCES:
            if self.kind(op.args[0].value, env) is _SLICE and of.name in _SLICED:
                return of if of.name != kinds.TUPLE else UNKNOWN
            if of.name == kinds.TUPLE or of.name == kinds.LIST:
                return self._element(of, op.args[0].value)
            return self._instance_of_element(of)
        if of.name == kinds.CLASS and of.label:  # Repository[Model]
            return of._replace(of=tuple([self.kind(arg.value, env) for arg in op.args]))
        if of.name in (kinds.SESSION_FACTORY, NAME, kinds.CLASS):
            return of  # sessionmaker[Session]
        return UNKNOWN

    def _alias(self, of: Kind, given: list[Kind]) -> Kind:
        """The value of ``Maker = Callable[[], Session]``, to be used in annotations."""
        by_name = {str(number): kind for number, kind in enumerate(given)}
        says = Ann("item", args=(Ann("name", of.label), *[Ann("name", name) for name in by_name]))
        kind = annotated(says, lambda name: by_name.get(name, UNKNOWN), self.knowledge.instance)
        return Kind(ALIAS, of=(kind,)) if kind.known else of

    def _element(self, of: Kind, index: Operand) -> Kind:
        if FILLED in of.traits and of.of:
            return self.knowledge.as_value(of.of[0], of)
        if isinstance(index, Const) and isinstance(index.value, int) and of.of:
            try:
                return self.knowledge.as_value(of.of[index.value], of)
            except IndexError:
                return UNKNOWN
        if len(of.of) == 1 and of.of[0].name == kinds.ENTITY:  # `users[i]`
            return self.knowledge.as_value(of.of[0], of)
        return UNKNOWN

    def _instance_of_element(self, of: Kind) -> Kind:
        return self.knowledge.as_value(of.of[0], of) if of.of else UNKNOWN

    def _binop(self, op: Op, env: Env) -> Kind:
        left, right = self.given
        if kinds.COLUMN_EXPR in (left.name, right.name):
            loaded = loading.all_fixed((left, right)) if op.name == "&" else frozenset()
            traits = selected_from((left, right))
            if op.name in ("&", "|"):
                traits |= left.traits & right.traits & {"criterion"}
            return Kind(kinds.COLUMN_EXPR, traits=traits, loaded=loaded)
        if op.name == "|" and {left.name, right.name} <= _TYPES:
            return self._union([left, right])
        return moments.moved(left, op.name or "", right) or _combine(left, op.name or "", right)

    def _union(self, parts: list[Kind]) -> Kind:
        """The value of ``Name = A | B``, to be used in annotations."""
        found: Kind | None = None
        for part in parts:
            if part.name == kinds.STR:
                kind = self.annotation(written.parsed(part.label), {})
            else:
                kind = NONE if part.name == kinds.NONE else self.knowledge.instance(part)
            found = kind if found is None else join(found, kind)
        return Kind(ALIAS, of=(found,)) if found is not None and found.known else UNKNOWN

    def _augassign(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        left, right = self.on, self.given[0]
        if left.name == kinds.COLUMN_EXPR:
            return left
        return moments.moved(left, op.name or "", right) or _combine(left, op.name or "", right)

    def _unary(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        if op.name == "not":
            if self.on.name == ANSWER:
                return self._answers(answering.turned(self.on))
            return Kind(kinds.BOOL)
        kind = self.on
        return kind._replace(label="") if kind.name in (kinds.COLUMN_EXPR, kinds.INT) else UNKNOWN

    def _compare(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        if op.args and self.outline.types:
            sides = (self.on, self.given[0])
            asks = answering.by_compare(self.asking, op, sides)
            if asks is not None:
                return self._answers(asks)
        if op.name in _IDENTITY:
            return Kind(kinds.BOOL)
        if not op.args:  # a match against a pattern without a value
            return Kind(kinds.BOOL)
        left, right = self.on, self.given[0]
        if kinds.COLUMN_EXPR in (left.name, right.name):
            traits = selected_from((left, right))
            if "." in left.label and "mapped" in left.traits and right.name in _COMPARED:
                traits |= {"criterion"}
            loaded: frozenset[str] = frozenset()
            if op.name == "==":
                column = left if left.name == kinds.COLUMN_EXPR else right
                of_one = kinds.COLUMN_EXPR not in (left.name, right.name) or left.name != right.name
                loaded = loading.fixed(column) if of_one else loaded
            return Kind(kinds.COLUMN_EXPR, traits=traits, loaded=loaded)
        return Kind(kinds.BOOL) if left.known and right.known else UNKNOWN

    def _boolop(self, op: Op, env: Env) -> Kind:
        told = answering.combined(op.name or "", self.given)
        if told is not None:
            return self._answers(told)
        replaced = op.name == "or" and replaces(self.given[-1])
        found: Kind | None = None
        for kind in self.given:
            if replaced and kind.name in _TELL_NOTHING and not replaces(kind):
                continue
            found = kind if found is None else join(found, kind)
        return found or UNKNOWN

    def _ifelse(self, op: Op, env: Env) -> Kind:
        one, other = self.given
        test = self.kind(str(op.on), env)
        if test.name == ANSWER and (one.label, other.label) in (_YES_NO, _NO_YES):
            return self._answers(test if one.label == "True" else answering.turned(test))
        for here, there, arg in ((one, other, op.args[0]), (other, one, op.args[1])):
            if (
                here.name in _TELL_NOTHING
                and replaces(there)
                and isinstance(arg.value, str)
                and self._is_about(str(op.on)) == arg.value
            ):
                return there  # `session if session is not None else Session()`
        return join(one, other)

    def _is_about(self, test: Place) -> str | None:
        """The variable whose being there, or being of a class, a test tells."""
        about = own_use.guards(self.function).get(test)
        if about is None or about == test:
            blocks = self.function.blocks
            about = next((found[test] for b in blocks if test in (found := asked(b))), None)
        return about

    def _format(self, op: Op, env: Env) -> Kind:
        parts = []
        for arg, kind in zip(op.args, self.given, strict=True):
            plain = kind.name == kinds.STR and (isinstance(arg.value, Const) or not arg.keyword)
            parts.append(kind.label if plain and kind.label else HOLE)
        return _text("".join(parts))

    def _pack(self, op: Op, env: Env) -> Kind:
        name = op.name or ""
        if name == "slice":
            return _SLICE
        if name not in _PACKS:
            return UNKNOWN
        given = [kind for a, kind in zip(op.args, self.given, strict=True) if not a.star]
        of = tuple(given if len(op.args) <= 32 else ())
        if name in _DISPLAYS and not given and op.args and all(a.star == 1 for a in op.args):
            spread = joined([self.next_of(kind) for kind in self.given])
            of = (spread,) if spread.known else ()
        if name == "dict":
            values = given[1::2]
            several = len(given) > 2 or keyed.is_option(op.args[0].value if op.args else None)
            if several and not any(arg.star for arg in op.args):
                pairs = zip([arg.value for arg in op.args[::2]], values, strict=True)
                told = keyed.displayed(pairs)
                if told is not None:
                    return told
            of = tuple(values[:1]) if values and all(v == values[0] for v in values) else ()
        elif name == "dictcomp":
            of = self.given[1:2]
        traits = frozenset({EMPTY}) if not op.args and name in _DISPLAYS else frozenset[str]()
        loaded = frozenset[str]()
        if len(given) < len(op.args) and all(kind.name == kinds.LOADER_OPTION for kind in given):
            starred = [(a, k) for a, k in zip(op.args, self.given, strict=True) if a.star]
            if given or all(self._own_options(arg.value) for arg, _ in starred):
                loaded = loaded.union(*(self._loads(*one).loaded for one in starred))
        return Kind(_PACKS[name], of=of if len(op.args) <= 32 else (), traits=traits, loaded=loaded)

    def _unpack(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        of = self.on
        index = op.name or ""
        if of.name in (kinds.ROW, kinds.TUPLE, kinds.LIST) and index.lstrip("-").isdigit():
            return self._element(of, Const(int(index)))
        if of.name == kinds.INSTANCE and of.label and index.lstrip("-").isdigit():
            return self._by_position(of, int(index))
        return UNKNOWN

    def _next(self, op: Op, env: Env) -> Kind:
        assert op.on is not None
        return self.next_of(self.on)

    def next_of(self, of: Kind) -> Kind:
        """What iterating yields."""
        if of.name == kinds.RESULT or (of.name == kinds.SCALARS and len(of.of) > 1):
            return Kind(kinds.ROW, of=of.of, loaded=of.loaded, traits=of.traits & LOADED_BY)
        if of.name == kinds.QUERY:
            if len(of.of) == 1 and of.of[0].name != kinds.COLUMN_EXPR:
                return self._instance_of_element(of)
            return Kind(kinds.ROW, of=of.of, loaded=of.loaded, traits=of.traits & LOADED_BY)
        if of.name in (kinds.SCALARS, kinds.COLLECTION, kinds.GENERATOR):
            return self._instance_of_element(of)
        if of.name in (kinds.LIST, kinds.TUPLE, kinds.SET) and of.of:
            return joined(of.of)
        return UNKNOWN

    def _closure(self, op: Op, env: Env) -> Kind:
        label = f"{self.module.name}:{op.name}"
        if self.function.kind == "def":
            self._set_by_inner(op, env)
        decorators = tuple(self.kind(a.value, env) for a in op.args if a.keyword == "decorator")
        self.knowledge.ask("class", label)
        info = self.knowledge.classes.get(label)
        self.knowledge.tell_decorators(label, decorators)
        if info is not None:
            return self.knowledge.class_kind(info)
        if any(d.label.removesuffix("()") in frameworks.COMMAND_GROUPS for d in decorators):
            return Kind(FOREIGN, label=frameworks.COMMAND_GROUP)
        if any(one.label in _OVERLOADS for one in decorators):
            return NONE  # what comes after it is called
        if decorators and is_dispatched(self.module.functions[op.name or ""], self.module):
            return UNKNOWN
        return Kind(kinds.FUNCTION, label=label)

    def _set_by_inner(self, op: Op, env: Env) -> None:
        """What a function in this one puts where this one holds a place with None."""
        own = f"{self.module.name}:{self.function.qualname}"
        for arg in op.args:
            name = arg.value
            if isinstance(name, str) and env.get(name, UNKNOWN).name == kinds.NONE:
                kind = self.knowledge.ask("cell", own, name)
                if kind is not None and kind.known and kind.name != kinds.NONE:
                    env[name] = kind._replace(owner="" if kind.owner == "local" else kind.owner)

    def _import(self, op: Op, env: Env) -> Kind:
        assert op.name is not None
        dotted = absolute(self.module, op.name)
        if op.name[0] != "." and self._is_beside(op):
            dotted = absolute(self.module, f".{op.name}")
        if op.args:
            attr = op.args[0].value
            assert isinstance(attr, Const)
            if attr.value == "*":
                self._star(dotted, env)
                return UNKNOWN
            there = self.knowledge.index.find(dotted, self.module)
            own = there is not None and there.is_package and there is not self.module
            if there is not None and own and attr.value in there.body.locals:
                # what a package binds comes before a module in it that is called the same
                return self.knowledge.member_of_module(there, (str(attr.value),))
            return self.knowledge.dotted(within(dotted, str(attr.value)), self.module)
        bound = op.dst
        if bound is not None and "." in op.name and bound == op.name.split(".")[0]:
            dotted = bound  # `import a.b` binds a
        return self.knowledge.dotted(dotted, self.module)

    def _is_beside(self, op: Op) -> bool:
        """The import of a module that is otherwise imported as the one beside this:
        ``try: from .models import User``, ``except ImportError: from models import User``."""
        if self.beside is None:
            self.beside = set()
            for block in self.function.blocks:
                for one in block.ops:
                    if one.do == "import" and one.name is not None and one.name[0] == ".":
                        attr = one.args[0].value if one.name == "." and one.args else None
                        last = str(attr.value) if isinstance(attr, Const) else one.name[1:]
                        self.beside.add(f".{last}")
        if f".{op.name}" not in self.beside:
            return False
        return self.knowledge.index.resolve(op.name or "", self.module) is None

    def _star(self, dotted: str, env: Env) -> None:
        there = self.knowledge.index.find(dotted, self.module)
        if there is not None:
            found = self.knowledge.ask("star", there.name)
            listed = {kind.label for kind in found.get("__all__", UNKNOWN).of}
            for name, kind in found.items():
                if not name.startswith("_") or name in listed:
                    env[name] = kind
                    self.typed.cells[name] = kind
        elif dotted.split(".")[0] in ("sqlalchemy", "sqlmodel"):
            for name in self.knowledge.catalog.exports(dotted):
                env[name] = Kind(NAME, label=f"{dotted}.{name}")
                self.typed.cells[name] = env[name]
        else:
            self.knowledge.tell_open(self.module.name)

    def _return(self, op: Op, env: Env) -> Kind:
        kind = NONE if op.on is None else self.on
        if kind.owner == "local" and own_use.is_kept(self.function, str(op.on)):
            kind = kind._replace(owner="")  # the next caller may be given the same one
        self.returns = kind if self.returns is None else join(self.returns, kind)
        return UNKNOWN

    def _yield(self, op: Op, env: Env) -> Kind:
        kind = NONE if op.on is None else self.on
        if op.name == "from":
            lends = kind.name == kinds.GENERATOR
            kind = (kind.of[0] if kind.of else UNKNOWN) if lends else self.next_of(kind)
        self.yields = kind if self.yields is None else join(self.yields, kind)
        return UNKNOWN


# What the operations give; those that are missing give nothing known.
_DO: dict[str, Callable[[Inference, Op, Env], Kind]] = {
    "call": Inference._call,
    "move": Inference._move,
    "declare": Inference._declare,
    "enter": Inference._enter,
    "await": Inference._await,
    "getattr": Inference._getattr,
    "setattr": Inference._setattr,
    "setitem": Inference._setitem,
    "getitem": Inference._getitem,
    "binop": Inference._binop,
    "augassign": Inference._augassign,
    "unary": Inference._unary,
    "compare": Inference._compare,
    "boolop": Inference._boolop,
    "ifelse": Inference._ifelse,
    "format": Inference._format,
    "pack": Inference._pack,
    "unpack": Inference._unpack,
    "next": Inference._next,
    "closure": Inference._closure,
    "import": Inference._import,
    "return": Inference._return,
    "yield": Inference._yield,
}


def infer(
    module: Module,
    function: Function,
    knowledge: Knowledge,
    defaults: Container[str] = (),
    heir: str = "",
) -> Typed:
    """The kinds of a function's operands, as far as ``knowledge`` reaches now.

    ``defaults`` are places that are defaults of parameters of functions defined in this one: their
    kinds are kept in `Typed.temporaries`. ``heir`` is the class that it is read for, a
    method that the class inherits.
    """
    return Inference(module, function, knowledge, defaults, heir).run()


def _keeps_entity(kind: Kind, depth: int) -> bool:
    """A collection of mapped objects, in whatever collections."""
    return any(
        one.name == kinds.ENTITY or (depth > 0 and one.of and _keeps_entity(one, depth - 1))
        for one in kind.of
    )


def _note_present(typed: Typed) -> None:
    """Which kinds there are, and which names of libraries."""
    found: set[str] = set()
    done_on: set[str] = set()
    given: set[str] = set()
    foreign: set[str] = set()
    for rows, labels in ((typed.on, done_on), (typed.dst, given)):
        for row in rows:
            for kind in row:
                if kind is not UNKNOWN:
                    found.add(kind.name)
                    if kind.name == FOREIGN:
                        foreign.add(kind.label)
                        labels.add(kind.label)
                    elif kind.name == NAME:
                        labels.add(kind.label)
                    elif kind.of and kind.name == kinds.INSTANCE and not kind.label:
                        found.update(one.name for one in kind.of)  # what a page has
                    elif kind.of and kind.name in _KEEPING and _keeps_entity(kind, _KEPT_DEPTH):
                        found.add(kinds.ENTITY)
    for arg_rows in typed.args:
        for args in arg_rows:
            for kind in args:
                if kind is not UNKNOWN:
                    found.add(kind.name)
    typed.present = frozenset(found)
    typed.done_on = frozenset(done_on)
    typed.given = frozenset(given)
    typed.foreign = frozenset(foreign)


def _rebound(cells: Env, at_exit: Env) -> Env:
    """Names of a module that an import binds, and the module anew for itself, as functions see
    them: ``from sqlalchemy.orm import Session``, ``Session = sessionmaker(engine)``."""
    return {
        name: at_exit[name]
        for name, kind in cells.items()
        if kind.name == NAME and at_exit.get(name, kind).name in kinds.HANDLES
    }


def _of_factory(session: Kind) -> frozenset[str]:
    """What a session tells of the factory that made it."""
    if session.name != kinds.SESSION:
        return frozenset()
    told = EXPIRY | {NO_AUTOFLUSH, NO_EXEC}
    return frozenset(t for t in session.traits if t in told or t.startswith(MADE_BY))


def _provided_by(kind: Kind) -> Kind:
    """What a provider that is an argument of another one gives."""
    return kind.of[0] if kind.name == kinds.FUNCTION and not kind.label and kind.of else kind


def _key(operand: Operand) -> str:
    """How an item of a framework's object is called, by its constant key or the key's name."""
    return repr(operand.value) if isinstance(operand, Const) else operand.rpartition(".")[2]


def _of_collection(of: Kind, method: str) -> Kind:
    """A method of a list, tuple, set or dictionary (whose ``of`` is the kind of its values)."""
    if method == "copy":
        return of
    if of.name == kinds.DICT and method == "get" and EMPTY in of.traits:
        return NONE  # as far as can be seen: what comes instead of it decides
    if method in ("pop", "popleft") and of.of and of.name in _POPPED:
        return joined(of.of)
    if of.name == kinds.DICT and of.of:
        value = joined(of.of)
        if method in _READING:
            return value
        if method == "values":
            return Kind(kinds.COLLECTION, of=(value,))
        if method == "items":
            return Kind(kinds.COLLECTION, of=(Kind(kinds.TUPLE, of=(UNKNOWN, value)),))
    return UNKNOWN


def _class_of(module: Module, function: Function) -> str | None:
    parent = function.parent
    if function.kind == "def" and parent in module.classes:
        return parent
    return None


def _meet(a: Env, b: Env, join: Callable[[Kind, Kind], Kind], give_up: bool = False) -> Env:
    """What holds where two ways meet. A name bound on one way only keeps its kind: on the other
    way a use of it would be a NameError."""
    if a == b:  # most often: nothing was bound since
        return a
    out = a | b
    if len(out) == len(a) + len(b):  # nothing in common
        return out
    for place, kind in a.items():
        other = out[place]
        if other is not kind and other != kind:
            out[place] = UNKNOWN if give_up else join(kind, other)
    return out


def _forget_paths(env: Env, place: str) -> None:
    """``place`` has a new value: what was known of its attributes is gone."""
    prefix = place + "."
    for known in [p for p in env if p.startswith(prefix)]:
        del env[known]


def _constant(operand: Const) -> Kind:
    value = operand.value
    name = _CONST_KINDS.get(type(value))
    if name is None:
        return UNKNOWN
    if isinstance(value, str):
        return _text(value)
    return Kind(name, label=repr(value)[:40])


def _text(value: str) -> Kind:
    return Kind(kinds.STR, label=value[:TEXT_LIMIT] + HOLE * (len(value) > TEXT_LIMIT))


def _combine(left: Kind, operator: str, right: Kind) -> Kind:
    """Python arithmetic on what is not SQL."""
    if operator in ("+", "+=") and kinds.STR in (left.name, right.name):
        if left.name == right.name:
            return _text((left.label or HOLE) + (right.label or HOLE))
        if left.name == kinds.UNKNOWN or right.name == kinds.UNKNOWN:
            known = left if left.name == kinds.STR else right
            text = known.label or HOLE
            return _text(text + HOLE if known is left else HOLE + text)
    if operator in ("%", "%=") and left.name == kinds.STR:
        return _text(_without_percent(left.label) if left.label else HOLE)
    if left.name == right.name and left.name in (kinds.INT, kinds.FLOAT):
        return Kind(left.name)
    if left.name in _LISTS and right.name in _LISTS:
        inside = joined((*left.of, *right.of)) if left.of and right.of else UNKNOWN
        return Kind(kinds.COLLECTION, of=(inside,) if inside.known else ())
    return UNKNOWN


def _without_percent(text: str) -> str:
    """A %-template with holes for its conversions."""
    out, i = [], 0
    while i < len(text):
        if text[i] != "%" or i + 1 >= len(text):
            out.append(text[i])
            i += 1
            continue
        if text[i + 1] == "%":
            out.append("%")
            i += 2
            continue
        i += 1
        if text[i] == "(":
            close = text.find(")", i)
            i = close + 1 if close > 0 else len(text)
        while i < len(text) and not text[i].isalpha():
            i += 1
        i += 1
        out.append(HOLE)
    return "".join(out)


_STRING_KEEPERS = frozenset({"strip", "lstrip", "rstrip", "upper", "lower", "dedent", "expandtabs"})


def _string_method(of: Kind, op: Op, args: list[Kind]) -> Kind:
    if op.name in _STRING_KEEPERS:
        return of
    if op.name == "format":
        return _text(_without_braces(of.label) if of.label else HOLE)
    if op.name in ("join", "replace", "title", "format_map", "ljust", "rjust", "zfill"):
        return _text(HOLE)
    if op.name in ("split", "splitlines"):
        return Kind(kinds.COLLECTION, of=(Kind(kinds.STR),))
    return UNKNOWN


def _without_braces(text: str) -> str:
    out, depth, i = [], 0, 0
    while i < len(text):
        c = text[i]
        if depth == 0 and text[i : i + 2] in ("{{", "}}"):
            out.append(c)
            i += 2
            continue
        if c == "{":
            depth += 1
        elif c == "}" and depth:
            depth -= 1
            if depth == 0:
                out.append(HOLE)
        elif depth == 0:
            out.append(c)
        i += 1
    return "".join(out)

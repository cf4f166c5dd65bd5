"""Where a value comes from, and whether SQL could hide in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.ir import EXIT, MODULE_BODY, Const, Op
from sqla_lint.project import allowed, harmless
from sqla_lint.project.allowed import Admits
from sqla_lint.project.authored import is_option
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.configured import is_configured
from sqla_lint.project.constructed import constructed
from sqla_lint.project.definitions import Position
from sqla_lint.project.entry import entry, is_own
from sqla_lint.project.frames import Frame, Frames, Spot
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind, dotted_label, is_own_function
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.patterned import is_converted, is_patterned
from sqla_lint.project.reexports import imported_name, made_in
from sqla_lint.sqltext import HOLE

# Values are followed through so many operations and calls; what lies further may be anything.
DEPTH_LIMIT = 24
STEP_LIMIT = 2000  # operations looked at for one value
CALLERS_LIMIT = 24
DISPLAYS_DEPTH = 4  # helpers inside helpers that hand a tuple on
CALLERS_DEPTH = 14

_ARITHMETIC = frozenset({"-", "*", "/", "//", "**", "<<", ">>", "&", "|", "^", "@"})
_SAME_VALUES = frozenset(
    f"builtins.{name}"
    for name in (
        *("list", "tuple", "set", "frozenset", "sorted", "reversed", "dict", "enumerate", "zip"),
        *("str", "repr", "min", "max", "next", "iter", "filter"),
    )
) | {"json.dumps"}
_OF_PATHS = ("os.path.", "pathlib.", "posixpath.")
_NUMBER_MAKERS = frozenset({"builtins.int", "builtins.float", "builtins.len", "builtins.bool"})
_MATCHING = frozenset({"match", "fullmatch", "search"})
_OF_PAIRS = frozenset({"builtins.dict", "collections.OrderedDict"})
# What calls the function it is given, and gives its answer.
_RUNS_FUNCTION = frozenset({"run_sync", "to_thread", "run_in_threadpool"})
_LOOKUPS = frozenset({"get", "pop", "setdefault"})
_ADDITIONS = frozenset({"append", "add", "insert", "appendleft"})
_SCHEMA = frozenset({kinds.INSPECTOR, kinds.MAPPED_CLASS, kinds.METADATA, kinds.TABLE})
# What a statement has read.
_READ = frozenset(
    {kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.ROW, kinds.ROW_MAPPING, kinds.CURSOR}
)
_READING = frozenset({"scalar", "scalars", "execute"})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION, kinds.ENGINE})
_PARTS = frozenset({"move", "await", "next", "unpack", "getitem", "getattr"})
_PROPERTIES = frozenset({"property", "cached_property", "computed_field"})
_SCRIPT_PARTS = frozenset({MODULE_BODY, "main", "demo", "example", "run"})


@dataclass
class Origins:
    """Answers about the values of one project."""

    frames: Frames
    settings: bool = False  # what only the settings of the program give is harmless, too
    _active: set[tuple[int, Position, str]] = field(default_factory=set)
    known_admits: dict[str, Admits] = field(default_factory=dict)  # by function, whoever calls it
    _steps: int = 0

    # --- ways back -----------------------------------------------------------------------------

    def outer(self, spot: Spot) -> Iterator[Spot]:
        """What an enclosing function or the module binds to a name that is free here."""
        frame, name = spot.frame, str(spot.operand)
        function = frame.typed.function
        if name in function.locals and function.kind != "class":
            return
        if any(param.name == name for param in function.params):
            return
        scope = function.captures.get(name, MODULE_BODY)
        there = self.frames.of(f"{frame.typed.module.name}:{scope}")
        if there is not None and there.label != frame.label:
            yield from self._bound(there, name)

    def _bound(self, frame: Frame, name: str) -> Iterator[Spot]:
        """Every value a scope binds to a name: a read of it at the scope's end."""
        if name in frame.graph.makers:
            for number, i in frame.graph.makers[name]:
                kind = frame.typed.dst[number][i]
                yield Spot(frame, name, (number, i + 1), kind, frame.op((number, i)).at)
        elif any(param.name == name for param in frame.typed.function.params):
            yield Spot(frame, name, (0, 0), UNKNOWN, -1)

    def imported(self, frame: Frame, op: Op) -> Iterator[Spot]:
        """What another module of the project binds to a name that is imported here."""
        module = frame.typed.module
        dotted = imported_name(module, op)
        if dotted is None or frame.depth > DEPTH_LIMIT:
            return
        found = made_in(self.frames.project.knowledge.index, dotted, module)
        there = self.frames.body(found[0].name) if found is not None else None
        if found is not None and there is not None and there.label != frame.label:
            yield from self._bound(there, found[1])

    def attribute(self, frame: Frame, at: Position, op: Op) -> Iterator[Spot]:
        """What a class body, a module or ``__init__`` binds to an attribute that is read here."""
        on, name = frame.on(at).kind, op.name or ""
        knowledge = self.frames.project.knowledge
        if on.name == kinds.MODULE:
            there = self.frames.body(on.label)
            if there is not None:
                yield from self._bound(there, name)
            return
        if on.name not in (kinds.CLASS, kinds.MAPPED_CLASS, kinds.INSTANCE, kinds.ENTITY):
            return
        if on.name == kinds.ENTITY and name[:2] != "__":
            return
        declared: Frame | None = None
        for info in knowledge.classes.ancestry(on.label):
            body = self.frames.of(info.label)
            if body is None or name not in body.graph.makers:
                continue
            makers = [body.op(position) for position in body.graph.makers[name]]
            if any(made.do != "declare" for made in makers):
                yield from self._bound(body, name)
                if on.name == kinds.INSTANCE and all(made.ann is not None for made in makers):
                    yield from constructed(self.frames, on.label, name)
                return
            declared = declared or body
        for info in knowledge.classes.ancestry(on.label):
            label = info.methods.get("__init__")
            init = self.frames.of(label) if label is not None else None
            stored = init.graph.makers.get(f"self.{name}", ()) if init is not None else ()
            found = False
            for position in stored:
                if init is not None and init.op(position).do == "setattr":
                    found = True
                    yield from init.args(position)[:1]
            if found:
                return  # what a base has set before it is overwritten
        if declared is not None:
            below = knowledge.classes.keeping(on.label, name)
            bodies = [body for info in below if (body := self.frames.of(info.label)) is not None]
            written = [one for body in bodies for one in self._bound(body, name)]
            written = written or constructed(self.frames, on.label, name)
            yield from written or self._bound(declared, name)

    def property_read(self, frame: Frame, at: Position, op: Op) -> Frame | None:
        """The property of a class of the project that is read here."""
        on, knowledge = frame.on(at), self._knowledge
        if on.kind.name not in (kinds.INSTANCE, kinds.ENTITY):
            return None
        label = knowledge.classes.method(on.kind.label, op.name or "")
        decorators = knowledge.decorators.get(label or "", ())
        read = any(d.label.rpartition(".")[2] in _PROPERTIES for d in decorators if d.name == NAME)
        plain = self.frames.of(label) if label is not None and read else None
        if plain is None or not plain.typed.function.params:
            return None
        given = {plain.typed.function.params[0].name: on}
        return Frame(plain.typed, plain.graph, given, frame.depth + 1)

    def makers(self, spot: Spot, depth: int = 0) -> Iterator[Spot]:
        """The operations that make what an operand holds, through names: each as the spot of its
        own result. Nothing for what a parameter brings."""
        if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
            return
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self.admits(frame))
        for at in found.positions:
            op = frame.op(at)
            if op.do in ("move", "await"):
                yield from self.makers(frame.on(at), depth + 1)
            elif op.do == "import":
                for one in self.imported(frame, op):
                    yield from self.makers(one, depth + 1)
            elif op.do == "getattr":
                for one in self.attribute(frame, at, op):
                    yield from self.makers(one, depth + 1)
            else:
                yield Spot(frame, op.dst or "", at, frame.typed.dst[at[0]][at[1]], op.at)
        if found.entry:
            given = frame.given.get(spot.operand)
            for one in (given,) if given is not None else self.outer(spot):
                yield from self.makers(one, depth + 1)

    def element(self, frame: Frame, at: Position, op: Op) -> list[Spot]:
        """What stands at the index that is unpacked here, in each tuple that it may be taken from;
        also a tuple that a function of the project returns. Nothing when one is not known."""
        found: list[Spot] = []
        index = op.name or ""
        makers = list(self.makers(frame.on(at))) if index.isdecimal() else []
        for made in makers:
            for there in self._turns(made) or self._displays(made):
                parts = there.frame.args(there.at)
                if any(arg.star for arg in there.frame.op(there.at).args):
                    return []
                if int(index) >= len(parts):
                    return []
                found.append(parts[int(index)])
            if not found:
                return []
        return found

    def _turns(self, made: Spot) -> list[Spot]:
        """The tuples of a display that a loop takes one after the other: ``for a, b in ((1, 2),
        (3, 4))``."""
        if made.frame.op(made.at).do != "next":
            return []
        found: list[Spot] = []
        for whole in self.makers(made.frame.on(made.at)):
            op = whole.frame.op(whole.at)
            if op.do != "pack" or op.name not in ("tuple", "list", "set"):
                return []
            if any(arg.star for arg in op.args):
                return []
            for one in whole.frame.args(whole.at):
                turn = list(self.makers(one))
                if len(turn) != 1 or not self._displays(turn[0]):
                    return []
                found += self._displays(turn[0])
        return found

    def _displays(self, made: Spot) -> list[Spot]:
        """The tuples that an operation gives: it is one, or calls what returns some."""
        frame, op = made.frame, made.frame.op(made.at)
        if op.do == "pack":
            return [made] if op.name in ("tuple", "list") else []
        if op.do == "getitem" or (op.do == "call" and op.name in _LOOKUPS):
            return self._looked_up(made)
        there = self.frames.callee(frame, made.at) if op.do == "call" else None
        if there is None or there.depth > DISPLAYS_DEPTH or self.is_wrapped(there.label):
            return []
        if there.typed.function.is_generator:
            return []
        found: list[Spot] = []
        for returned in there.returned():
            ways = [d for one in self.makers(returned) for d in self._displays(one)]
            if not ways:
                return []
            found += ways
        return found

    def _looked_up(self, made: Spot) -> list[Spot]:
        """The tuples that a dictionary that is written down holds, and the one that is given when
        it has no such key: ``{"a": (1, 2)}.get(key, (key, 3))``."""
        values = made.frame.args(made.at)[1:] if made.frame.op(made.at).do == "call" else []
        for whole in self.makers(made.frame.on(made.at)):
            op = whole.frame.op(whole.at)
            if op.do != "pack" or op.name != "dict" or any(arg.star for arg in op.args):
                return []
            values += whole.frame.args(whole.at)[1::2]
        found: list[Spot] = []
        for value in values:
            ways = [d for one in self.makers(value) for d in self._displays(one)]
            if not ways:
                return []
            found += ways
        return found

    def is_wrapped(self, label: str) -> bool:
        """A decorator of the project's own, or an unknown one, may change what it returns."""
        decorators = self.frames.project.knowledge.decorators.get(label, ())
        return any(d.name not in (NAME, FOREIGN) for d in decorators)

    def admits(self, frame: Frame) -> Admits:
        """Calls of functions of the project that only return, or answer so, when an argument is
        allowed."""
        known = self.known_admits.get(frame.label)
        if known is None:
            known = self.known_admits[frame.label] = partial(self._checks, frame)
        return known

    def _checks(self, frame: Frame, at: Position, place: str, holds: bool | None) -> bool:
        knowledge = self.frames.project.knowledge
        op, on = frame.op(at), frame.typed.on[at[0]][at[1]]
        if on.name == kinds.CLASS and harmless.is_enum_class(on.label, knowledge):
            return holds is None  # `Kind(name)` and `Kind[name]` raise for what is none
        if op.do != "call":
            return False
        callee = called(knowledge, op, on)
        there = self.frames.of(callee.label) if ":" in callee.label else None
        if there is None:
            return False
        for arg, name in parameters(knowledge, op, callee):
            if name is None or arg.value != place:
                continue
            if holds is not None:
                if self._answers(there, name, holds):
                    return True
            else:
                found = there.graph.definitions(name, (EXIT, 0), allowed.never)
                if found.tested and not found.entry and not found.positions:
                    return True
        return False

    def _answers(self, frame: Frame, name: str, holds: bool) -> bool:
        """A function gives a true (or false) answer only when its parameter is allowed."""
        answers = 0
        for returned in frame.returned():
            operand = returned.operand
            if isinstance(operand, Const) and bool(operand.value) is not holds:
                continue
            if not isinstance(operand, Const) and frame.graph.decides(
                operand, name, holds, allowed.never
            ):
                answers += 1
                continue
            found = frame.graph.definitions(name, returned.at, allowed.never)
            if not found.tested or found.positions or found.entry:
                return False
            answers += 1
        return answers > 0

    # --- harmless ------------------------------------------------------------------------------

    def harmless(self, spot: Spot, depth: int = 0) -> bool:
        """No SQL can hide in a value."""
        if isinstance(spot.operand, Const):
            return True
        if harmless.is_harmless(spot.kind):
            return True
        if spot.kind.name == kinds.STR and spot.kind.label and HOLE not in spot.kind.label:
            return True
        self._steps = 1 if depth == 0 else self._steps + 1
        if depth > DEPTH_LIMIT or self._steps > STEP_LIMIT:
            return False
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self.admits(frame))
        if not (found.positions or found.tested or found.entry):
            return False
        return all(self._made_harmless(frame, at, depth + 1) for at in found.positions) and (
            not found.entry or self._enters_harmless(spot, depth + 1)
        )

    def _made_harmless(self, frame: Frame, at: Position, depth: int) -> bool:
        op = frame.op(at)
        key = (id(frame.graph), at, op.do)
        if key in self._active:
            return True  # a loop adds nothing new
        self._active.add(key)
        try:
            return self._operation(frame, at, op, depth)
        finally:
            self._active.discard(key)

    def _operation(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        if harmless.is_harmless(frame.typed.dst[at[0]][at[1]]):
            return True
        if op.do == "call" and self._converts(frame, at, op):
            return True
        if self.settings and is_configured(frame, at, op, self._knowledge):
            return True
        if op.do in ("move", "await", "next", "unpack", "getitem"):
            if op.ann is not None and harmless.plain(op.ann, self._knowledge, self._module(frame)):
                return True
            parts = self.element(frame, at, op) if op.do == "unpack" else []
            if parts:
                return all(self.harmless(one, depth) for one in parts)
            if op.do == "unpack" and (
                self._is_part_of_unread(frame.on(at))
                or (op.name == "0" and self._counts(frame, at))
            ):
                return True
            keyed = self._keyed(frame, at, op)
            if keyed is not None:
                return self.keys_harmless(keyed, depth)
            if op.do == "getitem" and (
                self._values_harmless(frame.on(at), depth) or self._set_harmless(frame, op, depth)
            ):
                return True
            return self.harmless(frame.on(at), depth)
        if op.do in ("compare", "unary", "closure"):
            return True
        if op.do in ("pack", "format", "setattr"):
            return all(self.harmless(one, depth) for one in frame.args(at))
        if op.do in ("boolop", "ifelse"):
            return all(
                self.harmless(one, depth)
                or (
                    op.do == "ifelse"
                    and isinstance(one.operand, str)
                    and frame.graph.decides(op.on, one.operand, number == 0, self.admits(frame))
                )
                for number, one in enumerate(frame.args(at))
            )
        if op.do in ("binop", "augassign"):
            return self._arithmetic(frame, at, op, depth)
        if op.do == "getattr":
            return op.name in harmless.NEW_KEYS or self._attribute(frame, at, op, depth)
        if op.do == "import":
            spots = list(self.imported(frame, op))
            if not spots:  # of a part of the program that is not here
                return harmless.is_constant_name(str(op.dst))
            return all(self.harmless(one, depth) for one in spots)
        if op.do == "call":
            return self._call(frame, at, op, depth)
        return False

    def _converts(self, frame: Frame, at: Position, op: Op) -> bool:
        """``request.args.get("page", 1, type=int)``, a converted value or the default."""
        if op.name not in ("get", "getlist"):
            return False
        args = frame.args(at)
        given = {arg.keyword: one.kind for arg, one in zip(op.args, args, strict=False)}
        into = given.get("type")
        if into is None or not (
            into.label in _NUMBER_MAKERS | {"uuid.UUID"}
            or (into.name == kinds.CLASS and harmless.is_enum_class(into.label, self._knowledge))
        ):
            return False
        rest = [
            one for arg, one in zip(op.args, args, strict=False) if arg.keyword in (None, "default")
        ]
        return all(isinstance(one.operand, Const) or self.harmless(one, 1) for one in rest[1:])

    def _is_part_of_unread(self, spot: Spot) -> bool:
        """What is taken apart is given by functions of the project that were not read: nothing is
        known of its parts, unless a request went in."""
        makers = list(self.makers(spot))
        for made in makers:
            on = made.frame.on(made.at) if made.frame.op(made.at).do == "call" else None
            if on is None or on.kind.name != kinds.UNKNOWN or not on.kind.label:
                return False
            if any(self.outside(one) for one in made.frame.args(made.at)):
                return False
        return bool(makers)

    def _counts(self, frame: Frame, at: Position) -> bool:
        """The number that ``enumerate`` gives beside an element."""
        turns = list(self.makers(frame.on(at)))
        return bool(turns) and all(
            one.frame.op(one.at).do == "next"
            and one.frame.on(one.at).kind.label == "builtins.enumerate()"
            for one in turns
        )

    def _keyed(self, frame: Frame, at: Position, op: Op) -> Spot | None:
        """The mapping whose keys an operation gives one after the other, if it may be one: the
        elements of ``mapping``, the first parts of ``mapping.items()``."""
        if op.do == "next":
            return frame.on(at)
        if op.do == "unpack" and op.name == "0" and isinstance(op.on, str):
            for earlier in frame.graph.makers.get(op.on, ()):
                turn = frame.op(earlier)
                if turn.do == "next":
                    items = [m for m in self.makers(frame.on(earlier)) if m.frame is frame]
                    made = frame.op(items[0].at) if len(items) == 1 else None
                    if made is not None and made.do == "call" and made.name == "items":
                        return frame.on(items[0].at)
        return None

    def keys_harmless(self, spot: Spot, depth: int = 0) -> bool:
        """No SQL can hide in what a loop over a value takes from it: of a mapping, its keys."""
        if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
            return True
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self.admits(frame))
        if not (found.positions or found.tested or found.entry):
            return False
        if found.entry:
            given = frame.given.get(spot.operand)
            beyond = [given] if given is not None else list(self.outer(spot))
            if not beyond or not all(self.keys_harmless(one, depth + 1) for one in beyond):
                return self.harmless(spot, depth)
        return all(
            self._gives_keys(frame, at, depth + 1) or self._made_harmless(frame, at, depth + 1)
            for at in found.positions
        )

    def _values_harmless(self, spot: Spot, depth: int) -> bool:
        """No SQL can hide in the values of a dictionary that is written down, whatever its keys."""
        params = {param.name for param in spot.frame.typed.function.params}
        makers = list(self.makers(spot)) if spot.operand not in params else []
        for made in makers:
            op, args = made.frame.op(made.at), made.frame.args(made.at)
            if op.do != "pack" or op.name != "dict" or any(arg.star for arg in op.args):
                return False
            if not all(self.harmless(one, depth) for one in args[1::2]):
                return False
        return bool(makers)

    def _set_harmless(self, frame: Frame, read: Op, depth: int) -> bool:
        """The function itself puts something harmless in the place of the item that is read."""
        key = read.args[0].value if len(read.args) == 1 else None
        if not isinstance(key, Const):
            return False
        return any(
            op.do == "setitem"
            and op.on == read.on
            and op.args[0].value == key
            and self.harmless(frame.args((number, i))[-1], depth)
            for number, block in enumerate(frame.typed.function.blocks)
            for i, op in enumerate(block.ops)
        )

    def _pairs_harmless(self, spot: Spot, depth: int) -> bool:
        """The first parts of pairs that are written down: ``OrderedDict([("a", 1), ("b", 2)])``."""
        makers = list(self.makers(spot))
        for made in makers:
            op = made.frame.op(made.at)
            if op.do != "pack" or op.name not in ("list", "tuple"):
                return False
            for one in made.frame.args(made.at):
                pairs = [p for m in self.makers(one) for p in self._displays(m)]
                firsts = [p.frame.args(p.at)[:1] for p in pairs]
                if not firsts or not all(f and self.harmless(f[0], depth) for f in firsts):
                    return False
        return bool(makers)

    def _gives_keys(self, frame: Frame, at: Position, depth: int) -> bool:
        op, args = frame.op(at), frame.args(at)
        if op.do in ("move", "await"):
            return self.keys_harmless(frame.on(at), depth)
        if op.do == "import":
            spots = list(self.imported(frame, op))
            return bool(spots) and all(self.keys_harmless(one, depth) for one in spots)
        of_pairs = op.do == "call" and op.name is None and len(args) == 1
        if of_pairs and frame.on(at).kind.label in _OF_PAIRS and not op.args[0].star:
            return self._pairs_harmless(args[0], depth)
        if op.do == "pack" and op.name in ("dict", "dictcomp"):
            keys = args[::2] if op.name == "dict" else args[:1]
            merged = any(arg.star for arg in op.args)
            return not merged and all(self.harmless(one, depth) for one in keys)
        if op.do == "getattr" and op.name == "__dict__":
            return True  # names of attributes
        if op.do != "call":
            return False
        on = frame.on(at)
        if op.name == "keys" and not args:
            return self.keys_harmless(on, depth)
        if op.name is None and on.kind.label in _SAME_VALUES and args:
            return all(self.keys_harmless(one, depth) for one in args)
        return harmless.names_fields(op, on.kind)

    def _arithmetic(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        operator = (op.name or "").rstrip("=")
        sides = frame.args(at)
        if op.do == "augassign":
            sides = [frame.on(at), *sides]
        if any(side.kind.name in (kinds.INT, kinds.FLOAT) for side in sides) and operator != "*":
            return True
        if operator in _ARITHMETIC and not any(s.kind.name == kinds.STR for s in sides):
            return True
        return all(self.harmless(one, depth) for one in sides)

    def _attribute(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        on = frame.on(at)
        if harmless.is_own_name(op):
            return True
        if on.kind.name in (kinds.INSTANCE, kinds.ENTITY, kinds.CLASS, kinds.MAPPED_CLASS):
            if self.is_of_enum(on.kind):
                return True
            if harmless.is_plain_attribute(on.kind.label, op.name or "", self._knowledge):
                return True
            there = self.property_read(frame, at, op)
            spots = list(there.returned() if there is not None else self.attribute(frame, at, op))
            return bool(spots) and all(self.harmless(one, depth) for one in spots)
        if on.kind.name == kinds.MODULE:
            spots = list(self.attribute(frame, at, op))
            return bool(spots) and all(self.harmless(one, depth) for one in spots)
        return self.harmless(on, depth)

    def is_of_enum(self, kind: Kind) -> bool:
        """An enumeration of the project, or a member of it."""
        owned = kind.name in (kinds.INSTANCE, kinds.ENTITY, kinds.CLASS, kinds.MAPPED_CLASS)
        return owned and harmless.is_enum_class(kind.label, self._knowledge)

    def _call(self, frame: Frame, at: Position, op: Op, depth: int) -> bool:
        on = frame.on(at)
        args = frame.args(at)
        if harmless.quotes(op):
            return True
        if on.kind.name == NAME:
            name = dotted_label(on.kind, op.name)
            if name in _SAME_VALUES or name.startswith(_OF_PATHS):
                return all(self.harmless(one, depth) for one in args)
            if args and all(one.kind.name in _SCHEMA for one in args):
                return True  # what another library tells of a table
            if name == "builtins.map" and args:
                numbers = args[0].kind.label in _NUMBER_MAKERS
                return numbers or all(self.harmless(one, depth) for one in args[1:])
        callee = called(self._knowledge, op, on.kind)
        if is_own_function(callee):
            there = self.frames.callee(frame, at)
            if there is None or there.depth > DEPTH_LIMIT or there.typed.function.is_generator:
                return False
            if harmless.plain(there.typed.function.returns, self._knowledge, self._module(there)):
                return True
            returned = list(there.returned()) or list(self.overriding(there))
            return all(self.harmless(one, depth) for one in returned)
        if on.kind.name == kinds.CLASS and harmless.is_enum_class(on.kind.label, self._knowledge):
            return True
        handed = self._handed(op, args)
        if handed is not None:
            returned = list(handed.returned())
            return bool(returned) and all(self.harmless(one, depth) for one in returned)
        if op.name is None:
            return False
        if op.name == "group" and self._is_limited(on):
            return True
        rest = args[1:] if op.name in _LOOKUPS else args
        held = self.harmless(on, depth)
        held = held or (op.name in _LOOKUPS and self._values_harmless(on, depth))
        return held and all(self.harmless(one, depth) for one in rest)

    def overriding(self, there: Frame) -> Iterator[Spot]:
        """What the methods return that stand for an abstract one; nothing is known without any."""
        owner, _, name = there.label.rpartition(".")
        for label in self._knowledge.classes.implemented(owner, name):
            frame = self.frames.of(label)
            if frame is not None:
                yield from frame.returned()

    def _handed(self, op: Op, args: list[Spot]) -> Frame | None:
        """The function of the project whose answer is given: ``await conn.run_sync(names)``."""
        if op.name not in _RUNS_FUNCTION or not args or args[0].kind.name != kinds.FUNCTION:
            return None
        there = self.frames.of(args[0].kind.label)
        return None if there is None or there.typed.function.is_generator else there

    def _is_limited(self, spot: Spot) -> bool:
        """A match of patterns that let no quote through."""
        makers = list(self.makers(spot))
        patterns: list[Spot] = []
        for made in makers:
            op = made.frame.op(made.at)
            if op.do != "call" or op.name not in _MATCHING or not op.args:
                return False
            on = made.frame.on(made.at)
            by_module = made.frame.args(made.at)[:1]
            compiled = [one for one in self.makers(on) if one.frame.op(one.at).name == "compile"]
            patterns += [s for one in compiled for s in one.frame.args(one.at)[:1]] or by_module
        written = [one.operand.value for one in patterns if isinstance(one.operand, Const)]
        return len(written) == len(patterns) >= len(makers) > 0 and all(
            isinstance(pattern, str) and harmless.lets_words_through(pattern) for pattern in written
        )

    def _enters_harmless(self, spot: Spot, depth: int) -> bool:
        """A parameter, or a name of an outer scope, holds nothing that could be SQL."""
        frame, name = spot.frame, str(spot.operand)
        if name in frame.given:
            return self.harmless(frame.given[name], depth)
        function = frame.typed.function
        for param in function.params:
            if param.name == name:
                if harmless.plain(param.ann, self._knowledge, self._module(frame)):
                    return True
                if is_option(frame, self._knowledge) or is_patterned(frame, param):
                    return True
                if function.decorators and is_converted(frame, param):
                    return True
                return param.kind not in ("star", "starstar") and self._all_callers(
                    frame, name, depth
                )
        spots = list(self.outer(spot))
        return bool(spots) and all(self.harmless(one, depth) for one in spots)

    def _all_callers(self, frame: Frame, name: str, depth: int) -> bool:
        """Every call that is known passes something harmless.

        Calls by tests and by a module's own script part show how a function may be used, no more.
        """
        function = frame.typed.function
        own = is_own(function)
        in_migration = is_migration(frame)
        if depth > CALLERS_DEPTH:
            return False
        callers = self.frames.callers(frame.label, name)[:CALLERS_LIMIT]
        told = self.frames.project.knowledge.told
        tested = [c for c in callers if told.is_test(c.frame.typed.module.path)]
        callers = [c for c in callers if c not in tested]
        if tested and not callers and "." not in function.qualname:
            callers = tested  # a helper of tests, wherever it is kept
        if not (own or in_migration):
            callers = [c for c in callers if not is_script(c.frame)]
        if in_migration and not callers:
            return True  # nobody calls it
        return bool(callers) and all(self.harmless(one, depth + 1) for one in callers)

    def stored(self, spot: Spot, depth: int = 0) -> bool:
        """The database itself gave the value: it is read from a row."""
        if spot.kind.name in _READ:
            return True
        if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
            return False
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self.admits(frame))
        if found.entry:
            given = frame.given.get(spot.operand)
            if given is None or not self.stored(given, depth + 1):
                return False
        return bool(found.positions or found.entry) and all(
            self._gives_stored(frame, at, depth + 1) for at in found.positions
        )

    def _gives_stored(self, frame: Frame, at: Position, depth: int) -> bool:
        op = frame.op(at)
        key = (id(frame.graph), at, "stored")
        if key in self._active:
            return True
        self._active.add(key)
        try:
            if op.do == "call" and op.name is None:
                on = frame.on(at)
                same = on.kind.name == NAME and on.kind.label in _SAME_VALUES
                if same and any(self.stored(one, depth) for one in frame.args(at)):
                    return True
                return self._returns_stored(frame, at, depth)
            if op.do == "call" and op.on is not None:
                on = frame.on(at)
                runs = on.kind.name in _RUNNERS or (not on.kind.known and _reads(frame.args(at)))
                if runs and op.name in _READING:
                    return True
                return self._returns_stored(frame, at, depth) or self.stored(on, depth)
            if op.do in _PARTS:
                return self.stored(frame.on(at), depth)
            if op.do == "pack" and op.name in ("listcomp", "gen", "setcomp"):
                args = frame.args(at)
                return bool(args) and self.stored(args[0], depth)
            return False
        finally:
            self._active.discard(key)

    def _returns_stored(self, frame: Frame, at: Position, depth: int) -> bool:
        """A function of the project gives what it has read from a row."""
        callee = self.frames.callee(frame, at)
        if callee is None or callee.depth > DISPLAYS_DEPTH or self.is_wrapped(callee.label):
            return False
        returned = list(callee.returned())
        return bool(returned) and all(
            self.stored(one, depth) for one in returned if not isinstance(one.operand, Const)
        )

    def sources(self, spot: Spot, depth: int = 0) -> Iterator[Spot]:
        """The statements whose rows a value is read from."""
        if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
            return
        for at in spot.frame.graph.makers.get(spot.operand, ()):
            if spot.frame.op(at).do == "getattr" and spot.frame.on(at).kind.name in _READ:
                yield from self.sources(spot.frame.on(at), depth + 1)  # `row.name`
        for made in self.makers(spot):
            op = made.frame.op(made.at)
            if op.do == "pack":
                for one in made.frame.args(made.at)[:1]:
                    yield from self.sources(one, depth + 1)
            elif op.do == "call" and self._returns_stored(made.frame, made.at, depth):
                callee = self.frames.callee(made.frame, made.at)
                for one in callee.returned() if callee is not None else ():
                    yield from self.sources(one, depth + 1)
            elif op.do == "call" and op.name is None:
                for one in made.frame.args(made.at):
                    yield from self.sources(one, depth + 1)
            elif op.on is not None:
                on, args = made.frame.on(made.at), made.frame.args(made.at)
                if on.kind.name in _RUNNERS or (not on.kind.known and _reads(args)):
                    yield from args[:1]
                else:
                    yield from self.sources(on, depth + 1)

    def made_by_call(self, spot: Spot, depth: int = 0) -> bool:
        """A function's own calls gave the value, not its caller."""
        if not isinstance(spot.operand, str) or depth > DEPTH_LIMIT:
            return False
        frame = spot.frame
        found = frame.graph.definitions(spot.operand, spot.at, self.admits(frame))
        if found.entry or not found.positions:
            return False
        return all(self._is_own_call(frame, at, depth + 1) for at in found.positions)

    def _is_own_call(self, frame: Frame, at: Position, depth: int) -> bool:
        op = frame.op(at)
        if op.do in _PARTS:
            return self.made_by_call(frame.on(at), depth)
        if op.do != "call" or op.on is None:
            return False
        if op.name is None:
            return True
        on = frame.on(at)  # `filters.get(name)` gives a part of what the caller gave
        return on.kind.name in (NAME, kinds.MODULE, kinds.CLASS) or self.made_by_call(on, depth)

    def outside(self, spot: Spot) -> bool:
        """Whoever uses the program chooses the value: it is read from a request, or is a parameter
        of a route."""
        if harmless.is_from_outside(spot.kind):
            return True
        frame, name = spot.frame, spot.operand
        if not isinstance(name, str):
            return False
        found = frame.graph.definitions(name, spot.at, self.admits(frame))
        for at in found.positions:
            if harmless.is_from_outside(frame.typed.dst[at[0]][at[1]]):
                return True
            op = frame.op(at)
            if op.do in ("move", "getitem", "await") and self.outside(frame.on(at)):
                return True
        if not found.entry:
            return False
        if name in frame.given:
            return self.outside(frame.given[name])
        function = frame.typed.function
        is_param = any(p.name == name and p.kind == "normal" for p in function.params)
        plain = not spot.kind.known or spot.kind.name == kinds.STR
        return (
            is_param and plain and entry(frame.typed.module, function, self._knowledge) == "route"
        )

    @property
    def _knowledge(self) -> Knowledge:
        return self.frames.project.knowledge

    @staticmethod
    def _module(frame: Frame) -> str:
        return frame.typed.module.name


def is_script(frame: Frame) -> bool:
    """The part of a module that runs when it is run itself."""
    return frame.typed.function.qualname in _SCRIPT_PARTS


def _reads(args: list[Spot]) -> bool:
    """What is run is SQL that gives rows: whoever runs it has a database."""
    kind = args[0].kind if args else UNKNOWN
    if kind.name in (kinds.STR, kinds.TEXT):
        return sqltext.writes(kind.label) is False
    return kind.name == kinds.SELECT


def is_migration(frame: Frame) -> bool:
    """A file of Alembic's versions: nobody else calls its functions."""
    body = frame.typed.module.functions.get(MODULE_BODY)
    bound = {op.dst for block in body.blocks for op in block.ops} if body is not None else set()
    return {"revision", "down_revision"} <= bound

"""Follows a string back to what it is put together from, within a function and across calls.

It is asked only where a string becomes SQL, and looks back from there: literals, `+`, `%`,
`.format`, f-strings, `join`, additions in loops and branches, constants of modules and classes,
and what functions of the project return.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project import gathered, harmless, strings, unchosen
from sqla_lint.project.authored import is_told_dialect
from sqla_lint.project.callers import called
from sqla_lint.project.chosen import Chosen
from sqla_lint.project.configured import is_configured
from sqla_lint.project.defaults import is_left_at_default
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Frames, Spot, described
from sqla_lint.project.iteration import SAME_ELEMENTS
from sqla_lint.project.kind import NAME, UNKNOWN, Kind, dotted_label, is_own_function
from sqla_lint.project.linked import Project
from sqla_lint.project.origins import Origins
from sqla_lint.project.strings import Hole, Texts, constant, holding
from sqla_lint.regex import pattern
from sqla_lint.sqltext import HOLE

# How many operations one question may look at before the rest is unknown: real statements take
# a few dozen.
STEP_LIMIT = 600
# What a helper's helper puts in by itself is too far away to say what it is, but for its place.
LEAF_DEPTH = 1
CALL_DEPTH = 4  # helper functions inside helper functions
CALLERS_LIMIT = 24  # of one method

_KEEPERS = frozenset({"strip", "lstrip", "rstrip", "upper", "lower", "title", "expandtabs"})
_KEEPERS |= {"ljust", "rjust", "zfill", "casefold", "removeprefix", "removesuffix"}
_SAME_TEXT = frozenset(
    {"textwrap.dedent", "textwrap.indent", "inspect.cleandoc", "builtins.str", "sys.intern"}
)
_KEY = r"(?:(?:\w+\.)*(?:\w+_)?id|count\([^()]*\)|(?:max|min)\((?:\w+_)?id\))"
_KEYS_ONLY = pattern(rf"\s*SELECT\s+(?:DISTINCT\s+)?{_KEY}(?:\s*,\s*{_KEY})*\s+FROM\b", re.I)
_OF_SERVER = pattern(
    rf"(?!.*\bFROM\b)\s*SELECT\s+(?:[^'{HOLE}]*|quote_(?:ident|literal)\([^()]*\))\s*;?\s*",
    re.I | re.S,
)
_CAREFUL = frozenset({"replace", "translate", "sub", "match", "fullmatch", "quote"})
_TEMPLATE = "string.Template()"
_DISPLAYS = frozenset({"list", "tuple", "set"})
_NAMING = frozenset({"call", "getattr", "import", "unpack"})
_LISTS = _DISPLAYS | {"listcomp", "setcomp", "gen"}
_COMPREHENSIONS = frozenset({"gen", "listcomp", "setcomp", "dictcomp"})


@dataclass
class Reader:
    """Reads strings of one project."""

    project: Project
    frames: Frames = field(init=False)
    origins: Origins = field(init=False)
    trusting: Origins = field(init=False)
    chosen: Chosen = field(init=False)
    _steps: int = 0
    _active: set[tuple[int, Position]] = field(default_factory=set)
    _gathering: set[tuple[object, ...]] = field(default_factory=set)
    _known: dict[tuple[str, str, Position, Kind, int], Texts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.frames = Frames(self.project)
        self.origins = Origins(self.frames)
        self.trusting = Origins(self.frames, settings=True, known_admits=self.origins.known_admits)
        self.chosen = Chosen(self.trusting)
        self._do: dict[str, Callable[[Frame, Position, Op], Texts]] = {
            "move": self._same,
            "await": self._same,
            "format": self._format,
            "binop": self._binop,
            "augassign": self._augassign,
            "call": self._call,
            "ifelse": self._either,
            "boolop": self._either,
            "getattr": self._getattr,
            "setattr": self._setattr,
            "import": self._import,
            "unpack": self._unpack,
        }

    def texts(self, spot: Spot) -> Texts:
        """What an operand may hold as a text."""
        frame, operand = spot.frame, spot.operand
        if not isinstance(operand, str) or self.frames.of(frame.label) is not frame:
            return self._afresh(spot)
        key = (frame.label, operand, spot.at, spot.kind, spot.ref)
        known = self._known.get(key)  # who calls a function asks again what it does with a text
        if known is None:
            known = self._known[key] = self._afresh(spot)
        return known

    def _afresh(self, spot: Spot) -> Texts:
        self._steps = 0
        self._active.clear()
        self._gathering.clear()
        return self._texts(spot)

    def _texts(self, spot: Spot) -> Texts:
        operand, kind = spot.operand, spot.kind
        if isinstance(operand, Const):
            return constant(operand.value if isinstance(operand.value, str) else str(operand.value))
        if kind.name == kinds.STR and kind.label and HOLE not in kind.label:
            return constant(kind.label)
        self._steps += 1
        if self._steps > STEP_LIMIT:
            return self._leaf(spot, known=True)
        found = spot.frame.graph.definitions(operand, spot.at, self.origins.admits(spot.frame))
        ways = [self._defined(spot, at) for at in found.positions]
        if found.tested:
            ways.append(self._leaf(spot, known=True))
        if found.entry:
            ways.append(self._free(spot))
        return strings.alternatives(ways)

    def _defined(self, spot: Spot, at: Position) -> Texts:
        key = (id(spot.frame), at)
        if key in self._active:
            return ()  # one more turn of a loop
        op = spot.frame.op(at)
        act = self._do.get(op.do)
        if act is None:
            return self._leaf(spot)
        self._active.add(key)
        made = act(spot.frame, at, op)
        self._active.discard(key)
        whole = [t for t in made if len(t.parts) == 1 and isinstance(t.parts[0], Hole)]
        if op.do in _NAMING and whole and len(made) == len(whole) == 1:
            hole = whole[0].holes[0]
            if hole.operand == op.dst:  # nothing more is known than where it is read
                leaf = self._leaf(spot, known=hole.harmless)
                return tuple(_of_part(text) for text in leaf) if hole.part else leaf
            if op.do == "getattr":  # call it what it is called here
                here = described(spot.frame.graph, spot.operand)
                return holding(hole._replace(name=here, at=spot.ref, function=spot.frame.label))
        return made

    def _leaf(self, spot: Spot, *, known: bool = False) -> Texts:
        """A value that is no text of this program."""
        frame = spot.frame
        known = known or spot.kind.name == kinds.INSTANCE  # its own class says how it is written
        stored = self.origins.stored(spot)
        sources = (
            [t for one in self.origins.sources(spot) for t in self._texts(one)] if stored else []
        )
        known = known or _are_keys(sources)
        known = known or unchosen.is_patched_in(self.origins, spot) or unchosen.is_imported(spot)
        known = known or unchosen.is_selected_from(spot) or unchosen.is_attribute(spot)
        harmless_ = known or self.origins.harmless(spot)
        set_up = not harmless_ and self.trusting.harmless(spot)
        of_schema = unchosen.names_schema(self.origins, spot)
        of_schema = of_schema or is_told_dialect(spot, self.project.knowledge)
        return holding(
            Hole(
                described(frame.graph, spot.operand),
                spot.ref,
                frame.label,
                spot.operand,
                harmless=harmless_,
                set_up=set_up,
                outside=self.origins.outside(spot),
                far=self._depth(spot) > LEAF_DEPTH,
                own=frame.depth > 0 and self.origins.made_by_call(spot),
                stored=stored,
                part=_is_part(frame, spot.operand)
                or of_schema
                or unchosen.is_option(spot)
                or self._is_of_parts(spot),
                named=of_schema
                or unchosen.is_called(self.origins, spot)
                or (bool(sources) and all(sqltext.asks_catalog(one.sql) for one in sources)),
                by_default=not harmless_ and is_left_at_default(self.origins, spot),
                words=spot.kind.name == kinds.STR,
                likely=not (harmless_ or set_up) and self.chosen.likely(spot),
            )
        )

    def _is_of_parts(self, spot: Spot) -> bool:
        """An element of ``[column.name for column in columns]``."""
        graph = spot.frame.graph
        turns = [graph.op(at) for at in graph.makers.get(str(spot.operand), ())]
        if len(turns) != 1 or turns[0].do != "next":
            return False
        at = graph.makers[str(spot.operand)][0]
        wholes = list(self.origins.makers(spot.frame.on(at)))
        return bool(wholes) and all(
            (op := one.frame.op(one.at)).do == "pack"
            and op.name in _COMPREHENSIONS
            and len(op.args) == 1
            and _is_part(one.frame, op.args[0].value)
            for one in wholes
        )

    def _depth(self, spot: Spot) -> int:
        """How far away the function is that puts a value in: what is looped over in a helper, its
        caller has brought."""
        for _ in range(CALL_DEPTH):
            frame, operand = spot.frame, spot.operand
            if not isinstance(operand, str):
                break
            found = frame.graph.definitions(operand, spot.at, self.origins.admits(frame))
            ops = [(at, frame.op(at)) for at in found.positions]
            if found.entry and not ops and operand in frame.given:
                spot = frame.given[operand]
            elif len(ops) == 1 and not found.entry and ops[0][1].do in ("next", "move", "await"):
                spot = frame.on(ops[0][0])
            else:
                break
        return spot.frame.depth

    # --- names from elsewhere ------------------------------------------------------------------

    def _free(self, spot: Spot) -> Texts:
        """A parameter, or a name of an enclosing scope or of the module."""
        frame, name = spot.frame, str(spot.operand)
        if name in frame.given:
            return self._texts(frame.given[name])
        elsewhere = list(self.origins.outer(spot))
        if elsewhere:
            return strings.alternatives([self._texts(one) for one in elsewhere])
        return self._leaf(spot)

    def _import(self, frame: Frame, at: Position, op: Op) -> Texts:
        spots = list(self.origins.imported(frame, op))
        if spots:
            return strings.alternatives([self._texts(one) for one in spots])
        return self._own(frame, at, op)

    def _getattr(self, frame: Frame, at: Position, op: Op) -> Texts:
        if self.origins.is_of_enum(frame.on(at).kind):
            return self._own(frame, at, op)  # its members were written down
        spots = self._property(frame, at, op) or list(self.origins.attribute(frame, at, op))
        put = self._put_by_methods(frame, at, op)
        if spots:
            texts = strings.alternatives([self._texts(one) for one in spots])
            whole = [text.parts for text in texts if len(text.parts) == 1 and text.holes]
            if not whole or not is_configured(frame, at, op, self.project.knowledge):
                return strings.alternatives([put, texts])
        return strings.alternatives([put, self._own(frame, at, op)])

    def _setattr(self, frame: Frame, at: Position, op: Op) -> Texts:
        """An attribute that is read where it was set before."""
        return strings.alternatives([self._texts(one) for one in frame.args(at)[:1]])

    def _put_by_methods(self, frame: Frame, at: Position, op: Op) -> Texts:
        """The texts that methods of an object put together in an attribute. Of what they only store
        nothing is claimed."""
        on, name = self._object(frame.on(at)), op.name or ""
        key = ("text", on.kind.label, name)
        if key in self._gathering:
            return ()
        self._gathering.add(key)
        found = [
            self._texts(setting)
            for method, place in self._putting(on, name)
            for setting in gathered.settings_of(method, place)
        ]
        self._gathering.discard(key)
        texts = strings.alternatives(found)
        together = tuple(text for text in texts if any(isinstance(p, str) for p in text.parts))
        return together if len(together) == len(texts) else (*together, strings.UNCLAIMED)

    def _putting(self, on: Spot, name: str) -> Iterator[tuple[Frame, str]]:
        """The methods that put something into an attribute; of an object that a function makes
        itself, those that this function calls."""
        blocks, made_here = on.frame.typed.function.blocks, self._is_made_there(on)
        called = {op.name for block in blocks for op in block.ops if op.do == "call"}
        for method, place in gathered.put_by_methods(self.frames, on.kind, name):
            if not made_here or method.label.rpartition(".")[2] in called:
                yield method, place

    def _is_made_there(self, on: Spot) -> bool:
        """A function makes an object itself; others are handed to it."""
        admits = self.origins.admits(on.frame)
        return bool(on.frame.graph.definitions(str(on.operand), on.at, admits).positions)

    def _object(self, on: Spot) -> Spot:
        """An object as it is known where it comes from."""
        frame, params = on.frame, on.frame.typed.function.params
        given = frame.given.get(str(on.operand))
        if given is None and params and on.operand == params[0].name:
            given = frame.receiver
        if given is None or given.kind.name != kinds.INSTANCE:
            return on
        return self._object(given)

    def _property(self, frame: Frame, at: Position, op: Op) -> list[Spot]:
        """What a property of a class of the project returns, when it puts a text together."""
        there = self.origins.property_read(frame, at, op)
        if there is None or frame.depth >= CALL_DEPTH:
            return []
        spots = list(there.returned())
        return spots if any(self._is_put_together(one) for one in spots) else []

    def _is_put_together(self, spot: Spot) -> bool:
        return any(
            made.frame.op(made.at).do in ("format", "binop") for made in self.origins.makers(spot)
        )

    def _unpack(self, frame: Frame, at: Position, op: Op) -> Texts:
        spots = self.origins.element(frame, at, op)
        if spots:
            return strings.alternatives([self._texts(one) for one in spots])
        return self._own(frame, at, op)

    def _own(self, frame: Frame, at: Position, op: Op) -> Texts:
        """What an operation gives, as a value of its own."""
        kind = frame.typed.dst[at[0]][at[1]]
        place = op.dst or ""
        return self._leaf(Spot(frame, place, (at[0], at[1] + 1), kind, op.at))

    # --- operations ----------------------------------------------------------------------------

    def _same(self, frame: Frame, at: Position, op: Op) -> Texts:
        module = frame.typed.module.name
        if op.ann is not None and harmless.plain(op.ann, self.project.knowledge, module):
            return self._own(frame, at, op)
        return self._texts(frame.on(at))

    def _either(self, frame: Frame, at: Position, op: Op) -> Texts:
        ways = []
        for number, spot in enumerate(frame.args(at)):
            decided = op.do == "ifelse" and isinstance(spot.operand, str)
            ask = self.origins.admits(frame)
            if decided and frame.graph.decides(op.on, str(spot.operand), number == 0, ask):
                ways.append(self._leaf(spot, known=True))
            else:
                ways.append(self._texts(spot))
        return strings.alternatives(ways)

    def _format(self, frame: Frame, at: Position, op: Op) -> Texts:
        pieces = []
        for arg, spot in zip(op.args, frame.args(at), strict=False):
            texts = self._texts(spot)
            if arg.keyword:
                texts = strings.converted(texts, arg.keyword.replace("!s", ""))
            pieces.append(texts)
        return strings.concatenated(pieces)

    def _binop(self, frame: Frame, at: Position, op: Op) -> Texts:
        sides = frame.args(at)
        if len(sides) != 2:
            return ()
        return self._combined(frame, at, op, sides[0], op.name or "", sides[1])

    def _augassign(self, frame: Frame, at: Position, op: Op) -> Texts:
        right = frame.args(at)
        if not right:
            return ()
        return self._combined(frame, at, op, frame.on(at), op.name or "", right[0])

    def _combined(
        self, frame: Frame, at: Position, op: Op, left: Spot, operator: str, right: Spot
    ) -> Texts:
        operator = operator.rstrip("=")
        if operator == "+" and not _is_number(left) and not _is_number(right):
            return strings.concatenated([self._texts(left), self._texts(right)])
        if operator == "%":
            template = self._texts(left)
            if any(isinstance(p, str) and "%" in p for t in template for p in t.parts):
                if self._is_locals(right):
                    words = self._variables(frame, at, strings.named(template))
                    return strings.percent(template, (), words)
                return strings.percent(template, *self._values(right))
        if operator == "*" and not left.kind.known | right.kind.known:
            return self._own(frame, at, op)
        if operator == "*":
            for side, other in ((left, right), (right, left)):
                if side.kind.name == kinds.STR and other.kind.name != kinds.STR:
                    return self._texts(side)
        return self._own(frame, at, op)

    def _is_locals(self, spot: Spot) -> bool:
        return any(
            made.frame.op(made.at).do == "call"
            and made.frame.on(made.at).kind.label == "builtins.locals"
            for made in self.origins.makers(spot)
        )

    def _variables(self, frame: Frame, at: Position, names: set[str]) -> dict[str, Texts]:
        """What the function's own variables hold at a call of ``locals()``."""
        function = frame.typed.function
        own = names & (set(function.locals) | {param.name for param in function.params})
        return {
            name: self._texts(Spot(frame, name, at, UNKNOWN, frame.op(at).at))
            for name in sorted(own)
        }

    def _substituted(
        self, frame: Frame, at: Position, on: Spot, words: dict[str, Spot], plain: list[Spot]
    ) -> Texts:
        """``Template("... $name").substitute(name=...)``."""
        named = {name: self._texts(one) for name, one in words.items()}
        for spot in plain:
            named |= self._values(spot)[1]
        ways: list[Texts] = []
        for made in self.origins.makers(on):
            template = made.frame.args(made.at)[:1]
            ways += [strings.dollars(self._texts(one), named) for one in template]
        return strings.alternatives(ways) if ways else self._own(frame, at, frame.op(at))

    def _values(self, spot: Spot) -> tuple[list[Texts], dict[str, Texts]]:
        """What stands to the right of ``%``: values by position, and by name."""
        packs = [p for p in self._packs(spot) if p[0].op(p[1]).name in ("tuple", "dict")]
        if len(packs) != 1:
            return [self._texts(spot)] * 8, {}
        frame, at = packs[0]
        args = frame.args(at)
        if frame.op(at).name == "tuple":
            return [self._texts(one) for one in args], {}
        words = {}
        if not any(arg.star for arg in frame.op(at).args):
            for key, value in zip(args[::2], args[1::2], strict=False):
                if isinstance(key.operand, Const):
                    words[str(key.operand.value)] = self._texts(value)
        return [], words

    def _packs(self, spot: Spot) -> list[tuple[Frame, Position]]:
        """The displays that an operand may hold."""
        found = []
        for there in self.origins.makers(spot):
            op = there.frame.op(there.at)
            if op.do == "pack":
                found.append((there.frame, there.at))
        return found

    def _call(self, frame: Frame, at: Position, op: Op) -> Texts:
        spots = frame.args(at)
        words = {a.keyword: s for a, s in zip(op.args, spots, strict=False) if a.keyword}
        plain = [s for a, s in zip(op.args, spots, strict=False) if not a.keyword and not a.star]
        on = frame.on(at)
        if on.kind.name == NAME:
            name = dotted_label(on.kind, op.name)
            if name in _SAME_TEXT and plain:
                return self._texts(plain[0])
            if name.startswith("sqlalchemy") and name.endswith(".text") and plain:
                return self._texts(plain[0])
        callee = called(self.project.knowledge, op, on.kind)
        if is_own_function(callee):
            if harmless.quotes(op) and self._is_careful(frame, at):
                return self._own(frame, at, op)
            return self._called(frame, at, op)
        if op.name in _KEEPERS:
            return strings.mapped(self._texts(on), op.name)
        if op.name == "format":
            values = [self._texts(one) for one in plain]
            template = self._texts(on)
            if any(isinstance(p, str) and "{" in p for t in template for p in t.parts):
                named = {name: self._texts(one) for name, one in words.items()}
                if any(
                    a.star == 2 and self._is_locals(s) for a, s in zip(op.args, spots, strict=False)
                ):
                    named |= self._variables(frame, at, strings.named(template))
                return strings.braces(template, values, named)
        if op.name in ("substitute", "safe_substitute") and on.kind.label == _TEMPLATE:
            return self._substituted(frame, at, on, words, plain)
        if op.name == "join" and len(plain) == 1:
            return strings.joined(self._texts(on), self._elements(plain[0]))
        if harmless.doubles_quotes(op):
            return self._own(frame, at, op)
        if op.name == "replace" and len(plain) == 2:
            return strings.replaced(self._texts(on), *map(self._texts, plain))
        return self._own(frame, at, op)

    def _is_careful(self, frame: Frame, at: Position) -> bool:
        """A helper that quotes a name does more than to put quotes around it."""
        callee = self.frames.callee(frame, at)
        return callee is not None and any(
            op.do == "raise" or (op.do == "call" and op.name in _CAREFUL)
            for block in callee.typed.function.blocks
            for op in block.ops
        )

    def _called(self, frame: Frame, at: Position, op: Op) -> Texts:
        callee = self.frames.callee(frame, at)
        if callee is None or callee.depth > CALL_DEPTH or callee.typed.function.is_generator:
            return self._own(frame, at, op)
        if self.origins.is_wrapped(callee.label):
            return self._own(frame, at, op)
        ways = [self._texts(spot) for spot in callee.returned()]
        if not any(isinstance(part, str) for way in ways for text in way for part in text.parts):
            own = self._own(frame, at, op)  # it hands a value on: say what it is called here
            holes = [hole for way in ways for text in way for hole in text.holes]
            if holes and all(hole.part or hole.harmless for hole in holes):
                return tuple(_of_part(text) for text in own)
            return own
        return strings.alternatives(ways) if ways else self._own(frame, at, op)

    # --- elements ------------------------------------------------------------------------------

    def _elements(self, spot: Spot) -> list[Texts]:
        """What ``join`` puts together: one text for each element, one for all of a loop."""
        found: list[Texts] = []
        makers = list(self.origins.makers(spot))
        place = (id(spot.frame), spot.operand)
        if place in self._gathering:  # what is added to it is asked already
            for there in makers:
                found += self._elements_of(there)
        else:
            self._gathering.add(place)
            for there in makers:
                found += self._elements_of(there)
            found += self._added(spot, set())
            self._gathering.discard(place)
        if found or (makers and all(_is_empty(there) for there in makers)):
            return found
        texts = self._leaf(spot)
        return [tuple(t for t in (_many(text) for text in texts))]

    def _elements_of(self, there: Spot) -> Iterator[Texts]:
        frame, at = there.frame, there.at
        key = (id(frame), at)
        if key in self._gathering:
            return  # one more turn of a loop
        self._gathering.add(key)
        yield from self._elements_made(frame, at)
        self._gathering.discard(key)

    def _elements_made(self, frame: Frame, at: Position) -> Iterator[Texts]:
        op, args = frame.op(at), frame.args(at)
        if op.do == "pack" and op.name in _DISPLAYS:
            for arg, spot in zip(op.args, args, strict=False):
                if arg.star:
                    yield from self._elements(spot)
                else:
                    yield self._texts(spot)
        elif op.do == "pack" and op.name in _COMPREHENSIONS and args:
            yield self._texts(args[0])
        elif op.do == "pack" and op.name == "dict":
            for arg, spot in zip(op.args[::2], args[::2], strict=False):
                if not arg.star:
                    yield self._texts(spot)
        elif op.do == "call" and op.name == "keys" and not args:
            yield from self._elements(frame.on(at))
        elif op.do == "call" and (listed := self._returned_elements(frame, at)):
            yield from listed
        elif op.do == "call" and harmless.names_fields(op, frame.on(at).kind):
            kind = frame.typed.dst[at[0]][at[1]]
            whole = Spot(frame, op.dst or "", (at[0], at[1] + 1), kind, op.at)
            yield self._leaf(whole, known=True)
        elif op.do == "call" and op.name is None and args:
            callee = frame.on(at).kind.label
            if callee in SAME_ELEMENTS:
                yield from self._elements(args[0])
            elif callee == "builtins.map" and len(args) == 2:
                through = args[0].kind.label
                if through in ("builtins.str", "builtins.repr"):
                    yield from self._elements(args[1])
                else:
                    yield self._own(frame, at, op)
            else:
                yield self._own(frame, at, op)
        elif op.do == "augassign":
            yield from self._elements(frame.on(at))  # what is added is found with what else is
        elif op.do == "binop" and args:
            for side in args:
                if side.kind.name in (kinds.LIST, kinds.COLLECTION, kinds.TUPLE):
                    yield from self._elements(side)
                elif side.kind.name == kinds.STR:
                    yield self._texts(side)
        else:
            yield self._own(frame, at, op)

    def _returned_elements(self, frame: Frame, at: Position) -> list[Texts]:
        """The elements of a list that a function of the project puts together."""
        callee = self.frames.callee(frame, at)
        if callee is None or callee.depth > CALL_DEPTH or callee.typed.function.is_generator:
            return []
        if self.origins.is_wrapped(callee.label):
            return []
        found: list[Texts] = []
        for spot in callee.returned():
            if not self._is_list(spot):
                return []
            found += self._elements(spot)
        return found

    def _is_list(self, spot: Spot) -> bool:
        makers = list(self.origins.makers(spot))
        return bool(makers) and all(
            made.frame.op(made.at).do == "pack" and made.frame.op(made.at).name in _LISTS
            for made in makers
        )

    def _added(self, spot: Spot, seen: set[tuple[int, str, Position]]) -> Iterator[Texts]:
        """What is added to a list, wherever that is done; ``seen``: where that was asked before."""
        frame, place = spot.frame, spot.operand
        if not isinstance(place, str) or (id(frame), place, spot.at) in seen:
            return
        seen.add((id(frame), place, spot.at))
        if place[0] != "%":
            yield from self._additions(gathered.added(self.frames, frame, place))
        found = frame.graph.definitions(place, spot.at, self.origins.admits(frame))
        for at in found.positions:
            op = frame.op(at)
            if op.do == "move":
                yield from self._added(frame.on(at), seen)
            elif op.do == "getattr" and op.name is not None:
                on = self._object(frame.on(at))
                yield from self._added_by_methods(on, op.name, frame.label)
        if found.entry and place in frame.given:
            yield from self._added(frame.given[place], seen)

    def _additions(self, found: Iterator[gathered.Addition]) -> Iterator[Texts]:
        for one in found:
            if one.several:
                yield from self._elements(one.spot)
            else:
                yield self._texts(one.spot)

    def _added_by_methods(self, on: Spot, name: str, here: str) -> Iterator[Texts]:
        """What the methods of an object add to the list that it keeps, but for the one that reads
        it, which has been looked at."""
        key = ("list", on.kind.label, name)
        if key in self._gathering:
            return
        self._gathering.add(key)
        for method, place in self._putting(on, name):
            if method.label == here:
                continue
            for one in gathered.added(self.frames, method, place):
                handed = self._handed_in(on, one.spot)
                yield from [handed] if handed else self._additions(iter((one,)))
            for setting in gathered.settings_of(method, place):
                yield from self._elements(setting)
        self._gathering.discard(key)

    def _handed_in(self, on: Spot, spot: Spot) -> Texts:
        """What a parameter of a method of an object holds where its calls put a text together; of
        an object that a function makes itself, in the calls of that function."""
        method, name = spot.frame, str(spot.operand)
        if method.given or all(param.name != name for param in method.typed.function.params):
            return ()
        if self._is_made_there(spot):
            return ()
        made_here = self._is_made_there(on)
        callers = [
            one
            for one in self.frames.callers(method.label, name)[:CALLERS_LIMIT]
            if not self.project.knowledge.told.is_test(one.frame.typed.module.path)
            and (not made_here or one.frame.label == on.frame.label)
        ]
        found = strings.alternatives([self._texts(one) for one in callers])
        return tuple(text for text in found if any(isinstance(part, str) for part in text.parts))


def _are_keys(sources: list[strings.Text]) -> bool:
    """Rows of statements that select keys or counts only: numbers, or what is made up; or of one
    without a table: what the server says of itself, or has quoted."""
    return bool(sources) and all(
        _KEYS_ONLY.match(one.sql) or _OF_SERVER.fullmatch(one.sql) for one in sources
    )


def _many(text: strings.Text) -> strings.Text:
    return strings.Text(
        tuple(p if isinstance(p, str) else p._replace(many=True) for p in text.parts)
    )


def _of_part(text: strings.Text) -> strings.Text:
    return strings.Text(
        tuple(p if isinstance(p, str) else p._replace(part=True) for p in text.parts)
    )


def _is_empty(there: Spot) -> bool:
    op = there.frame.op(there.at)
    return op.do == "pack" and not op.args


_NAMED = frozenset({"name", "fullname", "key", "schema", "description", "type"})


def _is_part(frame: Frame, operand: Operand) -> bool:
    """``column.name`` of an object that nothing is known of: it may well be SQLAlchemy's; or an
    attribute that need not be there, with a constant in its place."""
    if not isinstance(operand, str):
        return False
    for at in frame.graph.makers.get(operand, ()):
        op = frame.op(at)
        if op.do == "getattr" and op.name in _NAMED:
            return not frame.on(at).kind.known
        if op.do == "call" and op.name is None and op.on == "getattr" and len(op.args) == 3:
            # `getattr(self, "prefix", "DBA")`: what the program itself may have set
            return all(isinstance(arg.value, Const) for arg in op.args[1:])
    return False


def _is_number(spot: Spot) -> bool:
    value = spot.operand.value if isinstance(spot.operand, Const) else None
    return isinstance(value, (int, float)) or spot.kind.name in (kinds.INT, kinds.FLOAT)


def spot_of(frame: Frame, at: Position, operand: Operand, ref: int) -> Spot:
    """An operand of an operation with its kind."""
    for spot in frame.args(at):
        if spot.operand == operand:
            return spot
    return Spot(frame, operand, at, UNKNOWN, ref)

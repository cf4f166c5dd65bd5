"""What code means by the names that it says: functions and classes of the project, as far as that
is known; a method of a class, of those above and of those below it; else whatever has the name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Ann, Const, Module, Op, Operand
from sqla_lint.ir import Function as Code
from sqla_lint.project.index import absolute, within
from sqla_lint.project.kind import FOREIGN, MODULE, NAME, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.views.function import Function

# What the project's own classes are, and their objects.
_OURS = frozenset({kinds.CLASS, kinds.MAPPED_CLASS, kinds.INSTANCE, kinds.ENTITY})
_DEFINED = frozenset({kinds.CLASS, kinds.FUNCTION, kinds.MAPPED_CLASS})
# Objects whose methods are none of the project's.
_OTHERS = (
    frozenset({NAME, kinds.DICT, kinds.LIST, kinds.SET, kinds.TUPLE, kinds.STR, kinds.BYTES})
    | frozenset({kinds.INT, kinds.BOOL, kinds.FLOAT, kinds.SELECT, kinds.QUERY, kinds.RESULT})
    | frozenset({kinds.SCALARS, kinds.MAPPINGS, kinds.ENGINE, kinds.COLUMN_EXPR, kinds.TABLE})
    | frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.METADATA})
)
# Libraries whose objects call nothing of the project's by the names that are called on them.
_PLAIN_LIBRARIES = frozenset(
    {"asyncio", "collections", "datetime", "decimal", "httpx", "json", "logging", "pathlib", "re"}
    | {"random", "redis", "requests", "socket", "structlog", "subprocess", "threading", "time"}
)
# What finds things by names that are not written down.
_LOOKING = frozenset({"eval", "exec", "globals"})
_LOOKING_AT = frozenset({"__getattribute__", "getmembers", "methodcaller"})
# What gives all that a class or a module has.
_ALL_OF = frozenset({"__dict__", "dir", "getmembers", "vars"})
# What calls a function that it is handed.
_RUNNING = frozenset(
    {"Process", "Thread", "Timer", "add_job", "add_task", "apply_async", "call_soon", "create_task"}
    | {"map", "partial", "run_in_executor", "run_sync", "starmap", "submit", "to_thread"}
)
# Tables of names, and calls that register something, where a module or class is made.
_TELLING = frozenset({"call", "pack"})
_PUT_TOGETHER = frozenset({"augassign", "binop", "format"})
_GETATTR = frozenset({"getattr", "hasattr", "delattr", "setattr"})

_WORD = re.compile(r"[A-Za-z_]\w*")
# A text that is a name, a dotted one, or the path of a file.
_NAMING = re.compile(r"[\w.:\-][\w./:\-]*\Z")
# What code in a text calls, and what it names with dots.
_IN_TEXT = re.compile(r"[A-Za-z_]\w*(?=\s*\()|(?<=[\w\])][.:])[A-Za-z_]\w*")
_TEMPLATE = re.compile(r"\{[{%]")

ANY = "*"  # a method of a class, or a function of a module, that no name is known of


class Meant(NamedTuple):
    """What one function, or the body of a class or module, says.

    ``module``   where it stands
    ``labels``   functions and classes that it surely means
    ``methods``  the label of a class, and the name of what is asked of it or of its objects
    ``names``    of things of which nothing is known
    ``plain``    names that are texts: they mean something where a program looks for such
    ``parts``    texts of which names are put together
    ``words``    all that it says, whatever it means
    ``looks``    it looks for something by a name that it does not say
    """

    module: str
    labels: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    plain: tuple[str, ...]
    parts: tuple[str, ...]
    words: tuple[str, ...]
    looks: bool


def meant(
    function: Function, label: str, module: Module, code: Code, known: frozenset[str]
) -> Meant:
    """What a function of the project means, of the names that are ``known``; of what touches no
    database less is told."""
    read = _Reading(function, label, module, code)
    return Meant(
        module.name,
        tuple(read.labels),
        tuple(read.methods),
        tuple(read.names & known),
        tuple(read.plain & known),
        tuple(read.parts) if read.looks else (),
        tuple(read.words & known),
        read.looks,
    )


class _Reading:
    def __init__(self, function: Function, label: str, module: Module, code: Code) -> None:
        self.knowledge: Knowledge = function.project.knowledge
        self.module, self.code = module, code
        self.globals = self.knowledge.globals.get(module.name, {})
        self.labels: set[str] = set()
        self.methods: set[tuple[str, str]] = set()
        self.names: set[str] = set()
        self.plain: set[str] = set()
        self.parts: set[str] = set()
        self.words: set[str] = set()
        self.looks = False
        self.imported: set[str] = set()
        self.made: dict[str, Kind] = {}
        self.used: set[str] = set()
        self.own = self._own_object()
        self.offered = self._offered()
        typed = function.project.typed.get(label)
        bound = Counter(op.dst for block in code.blocks for op in block.ops)
        bound.update(param.name for param in code.params)
        once = {place for place, count in bound.items() if count == 1 and place is not None}
        for number, block in enumerate(code.blocks):
            kinds_on = typed.on[number] if typed and number < len(typed.on) else ()
            kinds_of = typed.args[number] if typed and number < len(typed.args) else ()
            for i, op in enumerate(block.ops):
                on = kinds_on[i] if i < len(kinds_on) else UNKNOWN
                args = kinds_of[i] if i < len(kinds_of) else ()
                self._read(op, on, args)
                if not on.known and op.dst in once:
                    self._keep(op.dst, op)
        self._signature()
        self._unused()

    def _own_object(self) -> dict[str, Kind]:
        """The name of the object of a method, also in functions inside of it."""
        found: dict[str, Kind] = {}
        scopes: list[tuple[str | None, Code]] = [(None, self.code)]
        for name, scope in self.code.captures.items():
            if scope in self.module.functions:
                scopes.append((name, self.module.functions[scope]))
        for captured, method in scopes:
            if method.parent in self.module.classes and method.params and method.kind == "def":
                if "staticmethod" in method.decorators:
                    continue
                name = method.params[0].name
                if captured in (None, name):
                    label = f"{self.module.name}:{method.parent}"
                    found[name] = Kind(kinds.INSTANCE, label=label)
        return found

    def _offered(self) -> set[Operand | None]:
        """The lists of names that a module, but none of the top, offers in its `__all__`."""
        if self.code.kind != "module" or "." not in self.module.name:
            return set()
        ops = [op for block in self.code.blocks for op in block.ops]
        return {op.on for op in ops if op.do in ("move", "augassign") and op.dst == "__all__"} | {
            arg.value
            for op in ops
            if "__all__" in (op.on, op.dst) and op.do in ("call", "augassign")
            for arg in op.args
        }

    def _signature(self) -> None:
        for param in self.code.params:
            if param.ann is not None:
                self.names |= set(_names(param.ann))
            if isinstance(param.default, str) and param.default[0] != "%":
                self.names |= set(param.default.split("."))
        if self.code.returns is not None:
            self.names |= set(_names(self.code.returns))

    def _keep(self, place: str, op: Op) -> None:
        """What a call gives: an object of a library's, by the name of what was called; and what a
        function imports from a library."""
        if op.do == "import" and op.name is not None:
            dotted = absolute(self.module, op.name)
            given = op.args[0].value if op.args else None
            if isinstance(given, Const):
                dotted = within(dotted, str(given.value))
            if self.knowledge.index.resolve(dotted, self.module) is None:
                self.made[place] = Kind(NAME, label=dotted)
            return
        kind = self._kind(op.on)
        if op.do == "call" and kind.name == NAME:
            label = f"{kind.label}.{op.name}" if op.name else kind.label
            self.made[place] = Kind(FOREIGN, label=f"{label}()")
        elif op.do == "move":
            self.made[place] = kind

    def _read(self, op: Op, on: Kind, args: tuple[Kind, ...]) -> None:
        self.words |= names_in(op)
        if op.ann is not None:
            self.names |= set(_names(op.ann))
        if op.do == "import":
            self._import(op)
            return
        for operand in (op.on, *(arg.value for arg in op.args)):
            if isinstance(operand, str):
                self._name(operand.partition(".")[0])
        if op.name is not None and op.do in ("call", "getattr"):
            self._attribute(op.on, op.name, on)
        self._texts(op)
        self._looks(op, args)

    def _import(self, op: Op) -> None:
        """A name that a function imports, or a module by another name, or for who takes it from
        there. What a package imports for others is not used by that, but at the top."""
        given = op.args[0].value if op.args else None
        if not isinstance(given, Const):
            return
        name = str(given.value)
        self.words.add(name)
        if self.code.kind != "module" or op.dst not in (name, None):
            self.names.add(name)
        elif not self.module.is_package:
            self.imported.add(name)
        elif "." not in self.module.name:
            self.names.add(name)

    def _unused(self) -> None:
        """What a module imports and says nowhere it hands on."""
        others = [code for code in self.module.functions.values() if code is not self.code]
        for name in self.imported - self.used:
            if not any(code.captures.get(name) == MODULE_BODY for code in others):
                self.names.add(name)

    def _name(self, name: str) -> None:
        code = self.code
        if not name or name[0] == "%" or "@" in name:
            return
        self.used.add(name)
        if name in code.locals and code.kind == "class":
            self.methods.add((f"{self.module.name}:{code.qualname}", name))
        if name in code.locals and code.kind != "module" and name not in code.globals:
            return
        if code.captures.get(name, MODULE_BODY) != MODULE_BODY:
            return
        kind = self.globals.get(name, UNKNOWN)
        if kind.name in _DEFINED and kind.label:
            self.labels.add(kind.label)
        elif kind.name == kinds.CLASS:
            self.labels |= {one.label for one in kind.of}
        elif kind.name not in (MODULE, NAME):
            self.names.add(name)

    def _kind(self, operand: Operand | None) -> Kind:
        """What an operand is, as far as names tell."""
        if not isinstance(operand, str):
            return UNKNOWN
        first, *rest = operand.split(".")
        kind = self.made.get(first, self.own.get(first))
        if kind is None:
            if (
                first in self.code.locals
                or first in self.code.captures.keys() - self.globals.keys()
            ):
                return UNKNOWN
            kind = self.globals.get(first, UNKNOWN)
        for name in rest:
            kind = self.knowledge.attribute(kind, name) if kind.known else UNKNOWN
        return kind

    def _attribute(self, of: Operand | None, name: str, on: Kind) -> None:
        """``of.name``: called, or read."""
        kind = on if on.known else self._kind(of)
        if isinstance(of, Const) or kind.name in _OTHERS or self._is_plain(kind):
            return
        if kind.name == MODULE:
            self._of_module(kind, name)
        elif kind.name in _OURS and kind.label:
            self.methods.add((kind.label, name))
        elif kind.name == kinds.CLASS and kind.of:
            self.methods |= {(one.label, name) for one in kind.of}
        else:
            self.names.add(name)

    def _is_plain(self, kind: Kind) -> bool:
        return kind.name == FOREIGN and kind.label.partition(".")[0] in _PLAIN_LIBRARIES

    def _of_module(self, module: Kind, name: str) -> None:
        kind = self.knowledge.attribute(module, name)
        if kind.name in _DEFINED and kind.label:
            self.labels.add(kind.label)
        elif kind.name not in (MODULE, NAME):
            self.names.add(name)

    def _texts(self, op: Op) -> None:
        if op.dst in self.offered:
            return
        asks = op.do == "call" and op.name is None and op.on in _GETATTR
        telling = asks or (self.code.kind in ("class", "module") and op.do in _TELLING)
        for text in texts_in(op):
            words = _WORD.findall(text)
            self.words.update(words)
            if op.do in _PUT_TOGETHER:
                self.parts.add(text)
            if _NAMING.match(text) and len(words) == 1:
                (self.names if telling else self.plain).update(words)
            elif _NAMING.match(text) or _TEMPLATE.search(text):
                self.names.update(words)
            else:
                self.names.update(_IN_TEXT.findall(text))

    def _looks(self, op: Op, args: tuple[Kind, ...]) -> None:
        """It finds something by a name that it does not say, and may call it."""
        if op.do not in ("call", "getattr"):
            return
        last = op.name or str(op.on).rpartition(".")[2]
        if last in _ALL_OF:
            of = op.args[0].value if op.do == "call" and op.args else op.on
            self._all_of(self._kind(of))
        if op.name is not None:
            self.looks |= last in _LOOKING_AT
        elif op.on in _LOOKING:
            self.looks = True
            self.labels.add(f"{self.module.name}:{ANY}")
        elif op.on == "getattr" and len(op.args) > 1:
            if isinstance(op.args[1].value, Const) or not self._is_run(op.dst):
                return
            kind = args[0] if args and args[0].known else self._kind(op.args[0].value)
            self.looks |= not self._all_of(kind)

    def _all_of(self, kind: Kind) -> bool:
        """It may mean anything of a class, an object or a module; False when that is not ours."""
        if kind.name in _OURS and kind.label:
            self.methods.add((kind.label, ANY))
        elif kind.name == MODULE:
            self.labels.add(f"{kind.label}:{ANY}")
        return kind.name in _OURS or kind.name in _OTHERS or kind.name == MODULE

    def _is_run(self, place: Operand | None) -> bool:
        """Something calls what is there, or gives it to somebody who may."""
        ops = [op for block in self.code.blocks for op in block.ops]
        places = {place} | {op.dst for op in ops if op.do == "move" and op.on == place}
        return any(
            (op.do == "return" and op.on in places and self.code.kind == "def")
            or (op.do == "call" and op.name is None and op.on in places)
            or (
                op.do == "call"
                and (op.name or str(op.on).rpartition(".")[2]) in _RUNNING
                and any(arg.value in places for arg in op.args)
            )
            for op in ops
        )


def _names(ann: Ann) -> Iterator[str]:
    if ann.name:
        yield from ann.name.split(".")
    for one in ann.args:
        yield from _names(one)

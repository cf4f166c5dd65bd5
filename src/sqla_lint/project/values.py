"""Expressions of declarations as plain trees, with their names resolved across the project.

What is *declared* (columns, tables, relationships) is read as it stands, without flow: a call with
its arguments, a name with what it leads to. A name is written

    ``sqlalchemy.orm.relationship``   for what lies outside the project (``builtins.list``),
    ``app.models:User``               for a class, function or variable of the project,
    ``app.models:User.id``            for what hangs on one,
    ``app.models:``                   for a module of the project, and
    ``""``                            where nobody knows.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Ann, Const, Function, Module, Op, Operand, Ref
from sqla_lint.project.index import absolute, within
from sqla_lint.project.knowledge import RESOLVE_LIMIT, Knowledge

ValueDo: TypeAlias = Literal[
    "const",  # const
    "name",  # name
    "call",  # name(args, words), or on.name(args, words) when the receiver is no plain name
    "attr",  # on.name, for a receiver that is no plain name
    "item",  # args[0][args[1:]]
    "list",  # also tuple, set: args
    "tuple",
    "set",
    "dict",  # args alternate key, value
    "op",  # operator name over args
    "text",  # an f-string or string that is put together
    "function",  # a lambda or def: name is its label
    "star",  # *args[0] or **args[0]
    "unknown",
]

# What module-level names of Flask-SQLAlchemy's object lead to: `db.Column` is SQLAlchemy's.
_FLASK_ORM = frozenset({"relationship", "relation", "backref", "dynamic_loader", "aliased"})
_FLASK_OWN = frozenset({"Model", "session", "engine", "metadata", "Query", "init_app"})


class Value(NamedTuple):
    """One expression. ``at`` lies in the file of the module that ``module`` names."""

    do: ValueDo
    at: Ref
    name: str = ""
    const: object = None
    args: tuple[Value, ...] = ()
    words: tuple[tuple[str, Value], ...] = ()
    on: Value | None = None
    module: str = ""
    source: str = ""  # of a call: the callee as written, where that is a plain dotted name

    def word(self, keyword: str) -> Value | None:
        """The value of a keyword argument."""
        return next((value for name, value in self.words if name == keyword), None)

    def argument(self, position: int, keyword: str) -> Value | None:
        """An argument that may be given by position or by keyword."""
        given = self.word(keyword)
        if given is None and position < len(self.args):
            before = self.args[: position + 1]
            given = None if any(a.do == "star" for a in before) else before[-1]
        return given

    @property
    def starred(self) -> bool:
        """Some arguments are not written here: ``f(*args)``, ``f(**words)``."""
        return any(a.do == "star" for a in self.args)

    @property
    def text(self) -> str | None:
        """The string, if it is a constant one."""
        return self.const if self.do == "const" and isinstance(self.const, str) else None

    @property
    def truth(self) -> bool | None:
        """The boolean, if it is a constant one."""
        return self.const if self.do == "const" and isinstance(self.const, bool) else None

    @property
    def library(self) -> str:
        """The last part of a name of SQLAlchemy's (or SQLModel's) that is called or read here;
        "" for all else."""
        return of_library(self.name) if self.do in ("call", "name") else ""


NOTHING = Value("unknown", -1)


def of_library(name: str) -> str:
    """The last part of a dotted name of SQLAlchemy's or SQLModel's; "" for others."""
    if name.startswith(("sqlalchemy.", "sqlmodel.")):
        return name.rpartition(".")[2]
    return ""


class Binding(NamedTuple):
    """One place where a scope binds a name."""

    name: str
    at: Ref
    value: Value | None = None
    ann: Ann | None = None
    closure: str = ""  # qualname of a def or class
    decorators: tuple[Value, ...] = ()
    imported: str = ""  # absolute dotted name
    conditional: bool = False  # not on every way through the body
    typing_only: bool = False  # under `if TYPE_CHECKING:`


@dataclass(slots=True)
class Body:
    """A scope, read: what it binds in order, and what it sets on other objects."""

    bindings: list[Binding] = field(default_factory=list)
    sets: list[tuple[str, str, Value, Ref]] = field(default_factory=list)  # on, attribute, value
    returns: list[Value] = field(default_factory=list)
    calls: list[Value] = field(default_factory=list)  # every call, in order
    discarded: list[Value] = field(default_factory=list)  # those that are statements
    stars: list[str] = field(default_factory=list)  # modules of star imports


class Scopes:
    """The bodies of a project, read on demand, and what names in them mean."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.index = knowledge.index
        self._bodies: dict[tuple[str, str], Body] = {}
        self._globals: dict[str, dict[str, list[Binding]]] = {}
        self._names: dict[tuple[str, str], str] = {}

    # --- bodies --------------------------------------------------------------------------------

    def body(self, module: Module, qualname: str) -> Body:
        """The class, function or module body of that name."""
        key = (module.name, qualname)
        found = self._bodies.get(key)
        if found is None:
            found = self._bodies[key] = Body()  # first: a body may ask for itself
            function = module.functions.get(qualname)
            if function is not None:
                _Reader(self, module, function, found).read()
        return found

    def bound(self, module: Module) -> dict[str, list[Binding]]:
        """The globals of a module by name."""
        found = self._globals.get(module.name)
        if found is None:
            found = {}
            for one in _imports_and_names(module):
                found.setdefault(one.name, []).append(one)
            self._globals[module.name] = found
        return found

    def value(self, name: str) -> Value | None:
        """What a variable of a module or class was bound to, by its resolved name; None when it
        is no variable or is bound more than once."""
        module_name, _, path = name.partition(":")
        module = self.index.modules.get(module_name)
        if module is None or not path:
            return None
        scope, _, last = path.rpartition(".")
        body = self.body(module, scope.removesuffix(".<locals>") or MODULE_BODY)
        values = [b.value for b in body.bindings if b.name == last]
        return values[0] if len(values) == 1 else None

    def returned(self, label: str) -> Value | None:
        """The one value a function of the project returns; None when it has several."""
        module_name, _, qualname = label.partition(":")
        module = self.index.modules.get(module_name)
        function = module.functions.get(qualname) if module is not None else None
        if module is None or function is None or function.is_generator or function.is_async:
            return None
        returns = self.body(module, qualname).returns
        return returns[0] if len(returns) == 1 else None

    # --- names ---------------------------------------------------------------------------------

    def resolve(self, module: Module, function: Function, dotted: str) -> str:
        """What a dotted name means where ``function`` uses it."""
        first, *rest = dotted.split(".")
        name = self._first(module, function, first)
        for part in rest:
            name = self.append(name, part, module)
        return name

    def _first(self, module: Module, function: Function, name: str) -> str:
        if "@" in name or name.startswith("%"):
            return ""
        scope: Function | None = function
        while scope is not None and scope.kind != "module":
            visible = scope is function or scope.kind != "class"
            if visible and name in scope.locals and name not in scope.globals:
                return self._local(module, scope, name)
            scope = module.functions.get(scope.parent or "")
        return self.global_name(module, name)

    def _local(self, module: Module, scope: Function, name: str) -> str:
        inner = f"{scope.qualname}.{name}"
        if scope.kind != "class":
            inner = f"{scope.qualname}.<locals>.{name}"
        if any(p.name == name for p in scope.params):
            return ""
        for op in _ops(scope):
            if op.dst == name and op.do == "import":
                return self._imported(module, _import_name(module, op), 0)
        return f"{module.name}:{inner}"

    def global_name(self, module: Module, name: str, depth: int = 0) -> str:
        """What a global of a module leads to, through imports and plain renamings."""
        key = (module.name, name)
        known = self._names.get(key)
        if known is not None:
            return known
        if depth > RESOLVE_LIMIT:
            return ""
        self._names[key] = ""  # a cycle leads nowhere
        found = self._global(module, name, depth)
        self._names[key] = found
        return found

    def _global(self, module: Module, name: str, depth: int) -> str:
        if not module.is_read:
            return ""
        bindings = self.bound(module).get(name, [])
        imported = [b for b in bindings if b.imported]
        if imported and len(imported) == len(bindings):
            if len(imported) > 1:
                imported = _last(module, imported)
            names = [self._imported(module, b.imported, depth + 1) for b in imported]
            inside = [n for n in names if ":" in n]
            known = [n for n in names if n.startswith("sqlalchemy")]
            return (inside or known or names)[0]
        if bindings:
            last = bindings[-1]
            if last.closure:
                return f"{module.name}:{last.closure}"
            if len(bindings) == 1:
                alias = self._alias(module, name)
                if alias:
                    return alias
            return f"{module.name}:{name}"
        submodule = self.index.find(f"{module.name}.{name}", module) if module.is_package else None
        if submodule is not None:
            return f"{submodule.name}:"
        return self._by_star(module, name, depth) or (
            f"builtins.{name}" if hasattr(builtins, name) else ""
        )

    def _alias(self, module: Module, name: str) -> str:
        """`Model = db.Model`: the name of the thing itself."""
        for op in _ops(module.body):
            if op.do == "move" and op.dst == name and isinstance(op.on, str) and op.on[0] != "%":
                if op.on.partition(".")[0] == name:
                    return ""
                return self.resolve(module, module.body, op.on)
        return ""

    def _by_star(self, module: Module, name: str, depth: int) -> str:
        outside = []
        for op in _ops(module.body):
            if op.do != "import" or op.dst is not None or not op.args:
                continue
            dotted = absolute(module, op.name or "")
            there = self.index.find(dotted, module)
            if there is None:
                outside.append(dotted)
            elif there is not module and not name.startswith("_"):
                found = self.global_name(there, name, depth + 1)
                if found and not found.startswith("builtins."):
                    return found
        for dotted in outside:
            if self.knowledge.catalog.exists(f"{dotted}.{name}"):
                return f"{dotted}.{name}"
        return ""

    def _imported(self, module: Module, dotted: str, depth: int) -> str:
        found = self.index.resolve(dotted, module)
        if found is None:
            return dotted
        there, rest = found
        if not rest:
            return f"{there.name}:"
        name = self.global_name(there, rest[0], depth)
        for part in rest[1:]:
            name = self.append(name, part, there)
        return name

    def append(self, name: str, attribute: str, module: Module) -> str:
        """The name of ``name.attribute``."""
        if not name:
            return ""
        if name.endswith(":"):
            there = self.index.modules.get(name[:-1])
            return self.global_name(there, attribute) if there is not None else ""
        if ":" not in name:
            found = self.index.find(f"{name}.{attribute}", module)
            return f"{found.name}:" if found is not None else f"{name}.{attribute}"
        if attribute not in _FLASK_OWN and self.is_flask(name):
            if attribute in self._put_on_flask:
                return f"{name}.{attribute}"
            return (
                f"sqlalchemy.orm.{attribute}"
                if attribute in _FLASK_ORM
                else (f"sqlalchemy.{attribute}")
            )
        return f"{name}.{attribute}"

    def is_flask(self, name: str) -> bool:
        """A variable that holds Flask-SQLAlchemy's object."""
        module_name, _, variable = name.partition(":")
        kind = self.knowledge.globals.get(module_name, {}).get(variable)
        return kind is not None and kind.name == kinds.FLASK_DB

    @cached_property
    def _put_on_flask(self) -> frozenset[str]:
        """What modules put in place of names of SQLAlchemy's: ``db.JSONB = ...``."""
        return frozenset(
            op.name
            for module in self.index.modules.values()
            for op in _ops(module.body)
            if op.do == "setattr" and op.name and self.is_flask(f"{module.name}:{op.on}")
        )

    def annotation(self, module: Module, owner: str, dotted: str) -> str:
        """What a name in an annotation of a class body means. Names that the body binds to columns
        are not meant: ``date: Mapped[date]``."""
        body = module.functions.get(owner)
        while body is not None and body.kind == "class":
            nested = f"{body.qualname}.{dotted}"
            if nested in module.classes:
                return f"{module.name}:{nested}"
            body = module.functions.get(body.parent or "")
        if body is None:
            body = module.body
        return self.resolve(module, body, dotted)


class _Reader:
    """Reads one body, operation by operation."""

    def __init__(self, scopes: Scopes, module: Module, function: Function, body: Body) -> None:
        self.scopes = scopes
        self.module = module
        self.function = function
        self.body = body
        self.temps: dict[str, Value] = {}
        self.bound: set[str] = set()

    def read(self) -> None:
        function = self.function
        quiet = typing_blocks(function)
        always = _always(function)
        for number, block in enumerate(function.blocks):
            for op in block.ops:
                self._op(op, number not in always, number in quiet)

    def _op(self, op: Op, conditional: bool, typing_only: bool) -> None:
        dst = op.dst
        if op.do == "return":
            if op.on is not None:
                self.body.returns.append(self._operand(op.on, op.at))
            return
        if op.do == "setattr":
            if isinstance(op.on, str) and op.name is not None and op.on[0] != "%":
                on = self.scopes.resolve(self.module, self.function, op.on)
                value = self._operand(op.args[0].value, op.args[0].at)
                self.body.sets.append((on, op.name, value, op.at))
            return
        if op.do == "import":
            if dst is not None:
                imported = _import_name(self.module, op)
                self._bind(Binding(dst, op.at, imported=imported), conditional, typing_only)
            elif op.args:
                self.body.stars.append(absolute(self.module, op.name or ""))
            return
        if op.do == "closure":
            decorators = tuple(
                self._operand(a.value, a.at) for a in op.args if a.keyword == "decorator"
            )
            if dst is not None and dst[0] != "%":
                one = Binding(dst, op.at, closure=op.name or "", decorators=decorators)
                self._bind(one, conditional, typing_only)
            elif dst is not None:
                label = f"{self.module.name}:{op.name}"
                self.temps[dst] = Value("function", op.at, label, module=self.module.name)
            return
        if op.do == "declare":
            if dst is not None and dst.isidentifier():
                self._bind(Binding(dst, op.at, ann=op.ann), conditional, typing_only)
            return
        if dst is None:
            if op.do == "call":
                value = self._made(op)
                self.body.calls.append(value)
                if op.discarded:
                    self.body.discarded.append(value)
            return
        if dst[0] != "%":
            if dst.isidentifier():
                value = self._operand(op.on, op.at) if op.do == "move" else self._made(op)
                ann = op.ann if op.do == "move" else None
                self._bind(Binding(dst, op.at, value, ann), conditional, typing_only)
            return
        value = self._operand(op.on, op.at) if op.do == "move" else self._made(op)
        self.temps[dst] = value
        if op.do == "call":
            self.body.calls.append(value)
            if op.discarded:
                self.body.discarded.append(value)

    def _bind(self, one: Binding, conditional: bool, typing_only: bool) -> None:
        self.bound.add(one.name)
        one = one._replace(conditional=conditional, typing_only=typing_only)
        self.body.bindings.append(one)

    def _operand(self, operand: Operand | None, at: Ref) -> Value:
        if operand is None:
            return NOTHING
        here = self.module.name
        if isinstance(operand, Const):
            return Value("const", at, const=operand.value, module=here)
        if operand[0] == "%":
            known = self.temps.get(operand, NOTHING)
            return known if known.at >= 0 else Value("unknown", at, module=here)
        return Value("name", at, self._name(operand), module=here)

    def _name(self, place: str) -> str:
        function = self.function
        first = place.partition(".")[0]
        if function.kind == "class" and first in function.locals and first not in self.bound:
            parent = self.module.functions.get(function.parent or "")
            if parent is not None and parent.kind != "class":
                return self.scopes.resolve(self.module, parent, place)
        return self.scopes.resolve(self.module, function, place)

    def _made(self, op: Op) -> Value:
        here = self.module.name
        args = tuple(self._argument(a.value, a.at, a.star) for a in op.args if a.keyword is None)
        if op.do == "call":
            words = tuple((a.keyword, self._operand(a.value, a.at)) for a in op.args if a.keyword)
            on = self._operand(op.on, op.at)
            if on.do != "name":
                called = Value("call", op.at, op.name or "", None, args, words, on, here)
                return called
            name = on.name
            if op.name is not None:
                name = self.scopes.append(name, op.name, self.module)
            receiver = on if op.name is not None else None
            written = f"{op.on}.{op.name}" if op.name is not None else str(op.on)
            return Value("call", op.at, name, None, args, words, receiver, here, written)
        if op.do == "getattr":
            on = self._operand(op.on, op.at)
            if on.do == "name":
                name = self.scopes.append(on.name, op.name or "", self.module)
                return Value("name", op.at, name, module=here)
            return Value("attr", op.at, op.name or "", on=on, module=here)
        if op.do == "getitem":
            return Value("item", op.at, "", None, (self._operand(op.on, op.at), *args), module=here)
        if op.do == "pack" and op.name in ("list", "tuple", "set", "dict"):
            return Value(op.name, op.at, "", None, args, module=here)  # type: ignore[arg-type]
        if op.do == "unary":
            on = self._operand(op.on, op.at)
            if op.name == "-" and isinstance(on.const, (int, float)):
                return Value("const", op.at, const=-on.const, module=here)
            return Value("op", op.at, op.name or "", None, (on,), module=here)
        if op.do in ("binop", "compare", "boolop"):
            first = () if op.on is None else (self._operand(op.on, op.at),)
            every = (*first, *args)
            if op.name in ("+", "%") and every and every[0].text is not None:
                return Value("text", op.at, module=here)
            return Value("op", op.at, op.name or "", None, every, module=here)
        if op.do == "format":
            return Value("text", op.at, module=here)
        return Value("unknown", op.at, module=here)

    def _argument(self, value: Operand, at: Ref, star: int) -> Value:
        made = self._operand(value, at)
        return made if not star else Value("star", at, "", None, (made,), module=self.module.name)


# --- parts ---------------------------------------------------------------------------------------


def _ops(function: Function) -> Iterator[Op]:
    for block in function.blocks:
        yield from block.ops


def _import_name(module: Module, op: Op) -> str:
    dotted = absolute(module, op.name or "")
    if op.args and isinstance(op.args[0].value, Const):
        return within(dotted, str(op.args[0].value.value))
    return dotted


def _imports_and_names(module: Module) -> Iterator[Binding]:
    """What the module body binds, without reading its expressions."""
    for op in _ops(module.body):
        if op.dst is None or not op.dst.isidentifier():
            continue
        if op.do == "import":
            yield Binding(op.dst, op.at, imported=_import_name(module, op))
        elif op.do == "closure":
            yield Binding(op.dst, op.at, closure=op.name or "")
        elif op.do != "declare":
            yield Binding(op.dst, op.at)


def _last(module: Module, imported: list[Binding]) -> list[Binding]:
    """Of several imports of one name the last one, where every way through the module passes it:
    ``from pydantic import Field``, ``from sqlmodel import Field``."""
    last = max(imported, key=lambda one: one.at)
    always = _always(module.body)
    passed = any(
        op.at == last.at and op.dst == last.name
        for number in always
        for op in module.body.blocks[number].ops
    )
    return [last] if passed else imported


def typing_blocks(function: Function) -> frozenset[int]:
    """The blocks that no run reaches: they lie under ``if TYPE_CHECKING:``."""
    waiting = [0]
    reached = {0}
    while waiting:
        block = function.blocks[waiting.pop()]
        last = block.ops[-1] if block.ops else None
        asked = last.on if last is not None and last.do == "test" else None
        typing = isinstance(asked, str) and asked.rpartition(".")[2] == "TYPE_CHECKING"
        targets = [e.to for e in block.edges if not (typing and e.when == "true")]
        targets += [h.to for h in block.handlers]
        if any(op.raises for op in block.ops):
            targets.append(block.exc)
        for to in targets:
            if to not in reached:
                reached.add(to)
                waiting.append(to)
    return frozenset(range(len(function.blocks))) - reached


def _always(function: Function) -> frozenset[int]:
    """The blocks that every plain way through the body passes."""
    blocks = function.blocks
    needed = set()
    for number in range(len(blocks)):
        if number in (1, 2):
            continue
        seen = {number}
        waiting = [0] if number != 0 else []
        reached = False
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            if at == 1:
                reached = True
                break
            waiting.extend(e.to for e in blocks[at].edges)
        if not reached:
            needed.add(number)
    return frozenset(needed)

"""Which files have to do with a database though their bytes do not say so.

Parsing is most of the work, so only what may matter is parsed. Beside the files that name
SQLAlchemy (`scan`) these are, found in rounds as more of the project becomes known:
    up      files that import something of theirs that gives or touches a database object,
    down    modules whose functions are handed one, or decorate or lie below what holds one, or are
            imported beside a transaction and may wait for a network,
    beside  tests that take a fixture which gives one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from sqla_lint.catalog import kinds
from sqla_lint.catalog.waiting import WAITING
from sqla_lint.ir import Ann, Module, Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.classes import ClassInfo
from sqla_lint.project.classes import Mapping as Mapped
from sqla_lint.project.entry import entry
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import CALLED, MODULE, NAME, Kind
from sqla_lint.project.knowledge import Summary
from sqla_lint.project.linked import DATABASE_KINDS, Project
from sqla_lint.project.scan import ROOTS, Scan
from sqla_lint.project.served import annotated_model, response_model

# What hands on a database object, or describes one.
_GIVING = DATABASE_KINDS | {
    kinds.TABLE,
    kinds.DECLARATIVE_BASE,
    kinds.REGISTRY,
    kinds.RELATIONSHIP,
    kinds.LOADER_OPTION,
    kinds.FROM_CLAUSE,
    kinds.SCALARS,
    kinds.MAPPINGS,
    kinds.ROW,
    kinds.CURSOR,
    kinds.POOL,
    kinds.INSPECTOR,
    kinds.MAPPER,
    kinds.URL,
    kinds.DDL,
}

_SEVERAL = frozenset({kinds.COLLECTION, kinds.LIST, kinds.TUPLE})

# Elements of elements of a kind are followed no further than this: a list of results of rows.
DEPTH = 4

# Texts are put together in few steps; the modules they come from are the last of them.
TEXT_STEPS = 40
_PUT_TOGETHER = frozenset({"binop", "format", "pack", "augassign", "ifelse", "boolop"})
_PUTTING_TOGETHER = frozenset({"format", "join", "replace", "substitute"})
_TEXT_TAKERS = frozenset({"text", "literal_column", "DDL", "make_url"})
_TEXT_TAKERS |= {"create_engine", "create_async_engine"}
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION, kinds.ENGINE})
_IN_TRANSACTION = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
_RUNS = frozenset({"execute", "scalar", "scalars", "exec_driver_sql", "stream"})

_SCHEMAS = ("flask_marshmallow.", "marshmallow.", "marshmallow_sqlalchemy.")

_Import = tuple[str, str]  # the module of the project, and the name in it ("" for the module)


class Contacts:
    """The files of a project that are not read yet, and what decides about them."""

    def __init__(self, project: Project, scans: Mapping[str, Scan]) -> None:
        self.project = project
        self.unread: dict[str, Module] = {
            module.path: module
            for module in project.knowledge.index.modules.values()
            if not module.functions and module.path in scans
        }
        self._imports = {
            path: tuple(self._resolved(scans[path], module)) for path, module in self.unread.items()
        }
        self._waiting = frozenset(
            path
            for path in self.unread
            if any(one.partition(".")[0] in WAITING for one in scans[path].imports)
        )
        self._scans = scans
        self._given: dict[_Import, bool] = {}
        self._schemas: set[tuple[str, str]] = set()  # classes that were looked for, by module
        self._texts: dict[str, set[str]] = {}  # function → its parameters that become SQL
        # what decided about tests beside what they import: names of fixtures, round by round, and
        # in which round a file was found; those found by these names
        self.patterns: list[bytes | None] = []
        self.round: dict[str, int] = {}
        self.beside: set[str] = set()

    def _resolved(self, scan: Scan, module: Module) -> Iterator[_Import]:
        index = self.project.knowledge.index
        for dotted in scan.imports:
            found = index.resolve(dotted, module)
            if found is not None and found[0] is not module:
                yield found[0].name, found[1][0] if found[1] else ""

    def more(self, read: Callable[[str], bytes | None]) -> set[str]:
        """The files to read next. ``read`` gives the bytes of a file."""
        self._given.clear()
        found = set(self._below())
        fixtures = self._fixtures()
        for path, imports in self._imports.items():
            if path not in found and any(self._gives(one) for one in imports):
                found.add(path)
        if fixtures is not None:
            for path in self.unread.keys() - found:
                source = read(path) if self.project.knowledge.told.is_test(path) else None
                if source is not None and fixtures.search(source):
                    found.add(path)
                    self.beside.add(path)
        found &= set(self.unread)
        for path in found:
            del self.unread[path], self._imports[path]
            self.round[path] = len(self.patterns)
        self.patterns.append(None if fixtures is None else fixtures.pattern)
        return found

    # --- up ------------------------------------------------------------------------------------

    def _gives(self, one: _Import) -> bool:
        known = self._given.get(one)
        if known is None:
            known = self._given[one] = self._decide(*one)
        return known

    def _decide(self, module: str, name: str) -> bool:
        there = self.project.knowledge.index.modules[module]
        if not there.functions:
            return False
        bound = self.project.knowledge.globals.get(module, {})
        if name in ("", "*"):
            return any(self._giving(kind) for kind in bound.values())
        kind = bound.get(name)
        return kind is not None and self._giving(kind)

    def _giving(self, kind: Kind, depth: int = 0) -> bool:
        if kind.name in _GIVING:
            return True
        if kind.name == NAME:
            return kind.label.startswith(ROOTS)
        if kind.name == kinds.FUNCTION:
            if kind.label in self.project.typed:
                return True
            summary = self.project.knowledge.summaries.get(kind.label, Summary())
            return depth < DEPTH and (
                self._giving(summary.returns, depth + 1) or self._giving(summary.yields, depth + 1)
            )
        if kind.name in (kinds.CLASS, kinds.INSTANCE):
            return self._holds(kind.label)
        return depth < DEPTH and any(self._giving(one, depth + 1) for one in kind.of)

    def _holds(self, label: str) -> bool:
        """A class that has to do with a database: mapped, or with such attributes or methods."""
        return any(
            info.mapping is not Mapped.NO
            or info.resembles is not None
            or any(kind.name in _GIVING for kind in info.attributes.values())
            or any(method in self.project.typed for method in info.methods.values())
            for info in self.project.knowledge.classes.ancestry(label)
        )

    # --- down ----------------------------------------------------------------------------------

    def _below(self) -> Iterator[str]:
        knowledge = self.project.knowledge
        self._texts.clear()
        self._schemas.clear()
        for label, typed in self.project.typed.items():
            for decorator in knowledge.decorators.get(label, ()):
                yield from self._where(decorator)
            yield from self._handed_on(typed)
            yield from self._served(typed)
            yield from self._written(typed)
        for typed in self.project.typed.values() if self._texts else ():
            yield from self._given_texts(typed)
        yield from self._waited_for()
        for info in knowledge.classes.by_label.values():
            for base in info.bases:  # a base keeps what its subclasses use
                yield from self._where(base)
                if base.label.startswith(_SCHEMAS):
                    yield from self._nested(info)

    def _waited_for(self) -> Iterator[str]:
        """Files that may wait for a network, imported where somebody has a transaction."""
        if not self._waiting:
            return
        modules = {
            typed.module.path: typed.module
            for typed in self.project.typed.values()
            if not _IN_TRANSACTION.isdisjoint(typed.present)
        }
        index = self.project.knowledge.index
        for path, module in modules.items():
            scan = self._scans.get(path)
            for name, _ in self._resolved(scan, module) if scan is not None else ():
                if index.modules[name].path in self._waiting:
                    yield index.modules[name].path

    def _handed_on(self, typed: Typed) -> Iterator[str]:
        """Functions that are not read: given a database object, entered, or run beside a registry
        session that they may end."""
        registry = any(
            kind.owner == "registry"
            for row in (*typed.on, *typed.dst)
            for kind in row
            if kind.owner
        )
        read, set_back = _values_of_entities(typed)
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do != "call":
                    continue
                on = typed.on[number][i]
                if op.name is not None and on.name == MODULE:
                    on = self.project.knowledge.attribute(on, op.name)
                if on.name == NAME and on.label.startswith(ROOTS):
                    for kind in typed.args[number][i]:  # a URL, a default: what does it hold?
                        yield from self._where(kind)
                given = any(map(_is_given, typed.args[number][i]))
                if given:
                    yield from self._handed_beside(typed, op, typed.args[number][i])
                if on.name != kinds.UNKNOWN or not on.label:
                    continue
                if on.traits == CALLED and not given:
                    continue
                entered = any(
                    other.do in ("enter", "await") and other.on == op.dst
                    for other in block.ops[i + 1 :]
                )
                changed = op.discarded or op.dst in set_back
                of_entity = changed and any(arg.value in read for arg in op.args)
                if given or entered or registry or of_entity:
                    yield from self._where(on)

    def _handed_beside(self, typed: Typed, op: Op, args: tuple[Kind, ...]) -> Iterator[str]:
        """Functions that are handed over together with database objects, to be called with them:
        ``BackgroundTask(mailer.welcome, user)``."""
        for arg, kind in zip(op.args, args, strict=False):
            if kind.name != kinds.UNKNOWN:
                continue
            yield from self._where(kind)
            bound = _makers(typed).get(arg.value, ()) if isinstance(arg.value, str) else ()
            for number, i in bound:
                if typed.function.blocks[number].ops[i].do == "getattr":
                    yield from self._where(typed.on[number][i])

    def _served(self, typed: Typed) -> Iterator[str]:
        """Where the response model is that reads the objects which a route returns."""
        if not typed.function.decorators or not _returns_objects(typed):
            return
        named = response_model(typed.module, typed.function)
        named = annotated_model(typed.function) if named is None else named
        yield from self._schema(typed.module, named)

    def _schema(self, module: Module, named: str) -> Iterator[str]:
        """Where a class is, and where those are that its fields hold."""
        if (module.name, named) in self._schemas:
            return
        self._schemas.add((module.name, named))
        knowledge = self.project.knowledge
        first, *rest = named.split(".")
        kind = knowledge.global_name(module, first)
        for part in rest:
            kind = knowledge.attribute(kind, part)
        yield from self._where(kind)
        for info in knowledge.classes.ancestry(kind.label) if kind.name == kinds.CLASS else ():
            body = info.module.functions.get(info.node.qualname)
            for block in body.blocks if body is not None else ():
                for op in block.ops:
                    if op.ann is not None and op.dst in info.annotated:
                        for inner in _names(op.ann):
                            yield from self._schema(info.module, inner)

    def _nested(self, info: ClassInfo) -> Iterator[str]:
        """Where the schemas are that stand in the fields of one."""
        body = info.module.functions.get(info.node.qualname)
        codes = [body] if body is not None else []
        codes += [
            code
            for code in info.module.functions.values()
            if code.kind == "lambda" and code.parent == info.node.qualname
        ]
        for code in codes:
            for block in code.blocks:
                for op in block.ops:
                    operands = (op.on, *(arg.value for arg in op.args)) if op.do == "call" else ()
                    for name in operands:
                        if isinstance(name, str) and name.isidentifier():
                            yield from self._where(
                                self.project.knowledge.global_name(info.module, name)
                            )

    def _written(self, typed: Typed) -> Iterator[str]:
        """Where the SQL or the URL is written that a function hands to SQLAlchemy."""
        made: dict[Place, list[tuple[int, int]]] | None = None
        params = {param.name for param in typed.function.params}
        label = f"{typed.module.name}:{typed.function.qualname}"
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do != "call" or not op.args or not _takes_text(op, typed.on[number][i]):
                    continue
                if made is None:
                    made = _makers(typed)
                waiting = [(op.args[0].value, typed.args[number][i][:1])]
                for _ in range(TEXT_STEPS):
                    if not waiting:
                        break
                    place, known = waiting.pop()
                    if place in params:
                        self._texts.setdefault(label, set()).add(str(place))
                    for kind in known:
                        yield from self._where(kind)
                    for n, j in made.get(place, ()) if isinstance(place, str) else ():
                        one = typed.function.blocks[n].ops[j]
                        on = typed.on[n][j]
                        if one.name is not None and on.name == MODULE:
                            on = self.project.knowledge.attribute(on, one.name)
                        if one.on is not None:
                            waiting.append((one.on, (on,)))
                        if one.do in _PUT_TOGETHER or (
                            one.do == "call" and one.name in _PUTTING_TOGETHER
                        ):
                            waiting += [
                                (arg.value, (kind,))
                                for arg, kind in zip(one.args, typed.args[n][j], strict=False)
                            ]

    def _given_texts(self, typed: Typed) -> Iterator[str]:
        """Where the SQL is written that a function hands to one which makes a statement of it."""
        knowledge = self.project.knowledge
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do != "call" or not op.args:
                    continue
                callee = called(knowledge, op, typed.on[number][i])
                wanted = self._texts.get(callee.label)
                pairs = parameters(knowledge, op, callee) if wanted else ()
                for (arg, name), kind in zip(pairs, typed.args[number][i], strict=False):
                    if wanted and name in wanted:
                        yield from self._where(kind)
                        yield from self._read_of_module(typed, arg.value)

    def _read_of_module(self, typed: Typed, place: Operand) -> Iterator[str]:
        """Where an attribute of a module is bound: ``statements.USERS``."""
        for n, j in _makers(typed).get(place, ()) if isinstance(place, str) else ():
            op, on = typed.function.blocks[n].ops[j], typed.on[n][j]
            if op.do == "getattr" and op.name is not None and on.name == MODULE:
                yield from self._where(self.project.knowledge.attribute(on, op.name))

    def _where(self, kind: Kind) -> Iterator[str]:
        """The file that a kind which is not read is in."""
        if kind.name == kinds.UNKNOWN and kind.label:
            module = self.project.knowledge.index.modules.get(kind.label.partition(":")[0])
            if module is not None:
                yield module.path

    # --- beside --------------------------------------------------------------------------------

    def _fixtures(self) -> re.Pattern[bytes] | None:
        knowledge = self.project.knowledge
        names = set()
        for label, (module, function) in knowledge.functions.items():
            if function.kind != "def" or not function.decorators:
                continue
            if entry(module, function, knowledge) != "fixture":
                continue
            if self._giving(Kind(kinds.FUNCTION, label=label)):
                names.add(re.escape(function.qualname.rpartition(".")[2]))
        return re.compile(rf"\b(?:{'|'.join(sorted(names))})\b".encode()) if names else None


def _returns_objects(typed: Typed) -> bool:
    """Mapped objects, or lists of them, are returned."""
    return any(
        op.do == "return"
        and any(one.name == kinds.ENTITY for one in (typed.on[number][i], *typed.on[number][i].of))
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
    )


def _names(ann: Ann) -> Iterator[str]:
    """The names in an annotation."""
    if ann.kind == "name":
        yield ann.name
    for inner in ann.args:
        yield from _names(inner)


def _is_given(kind: Kind) -> bool:
    """A database object, or a list or tuple of such: whoever is given it reads them."""
    return kind.name in _GIVING or (
        kind.name in _SEVERAL and any(one.name in _GIVING for one in kind.of)
    )


def _values_of_entities(typed: Typed) -> tuple[set[Operand | None], set[Operand | None]]:
    """What is read of mapped objects, and what is set on them: who is given a value of one may
    change it in place."""
    read: set[Operand | None] = set()
    set_back: set[Operand | None] = set()
    if kinds.ENTITY not in typed.present:
        return read, set_back
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if typed.on[number][i].name == kinds.ENTITY and op.do == "getattr":
                read.add(op.dst)
            elif typed.on[number][i].name == kinds.ENTITY and op.do == "setattr" and op.args:
                set_back.add(op.args[0].value)
    return read, set_back


def _takes_text(op: Op, on: Kind) -> bool:
    """A call whose first argument is SQL or a URL."""
    if on.name in _RUNNERS:
        return op.name in _RUNS
    if on.name != NAME or not on.label.startswith(ROOTS):
        return False
    return (op.name or on.label.rpartition(".")[2]) in _TEXT_TAKERS


def _makers(typed: Typed) -> dict[Place, list[tuple[int, int]]]:
    found: dict[Place, list[tuple[int, int]]] = {}
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.dst is not None:
                found.setdefault(op.dst, []).append((number, i))
    return found

"""Where the kind of an operand comes from: a chain of reasons, each with its place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Ann, Const, Function, Module, Op, Operand, Param, Place, Ref
from sqla_lint.project.containers import ADDING
from sqla_lint.project.index import absolute
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import FOREIGN, MODULE, NAME, Kind, is_own_function, lenders, own_class
from sqla_lint.project.linked import Project

# A chain is told no further than this; real ones have three to six reasons.
CHAIN_LIMIT = 12
# Of the callers that agree on an argument, so many are named.
CALLERS_SHOWN = 3


class Reason(NamedTuple):
    """One link of the chain."""

    text: str
    path: str
    at: Ref


class Explainer:
    """Explains operands of one project; remembers what it inferred again to do so."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._typed: dict[str, Typed] = {}

    def typed(self, module: Module, function: Function) -> Typed:
        """A function with the kinds of all its operands, also where no database is touched."""
        label = f"{module.name}:{function.qualname}"
        known = self.project.typed.get(label)
        if known is not None:
            return known
        if label not in self._typed:
            self._typed[label] = infer(module, function, self.project.knowledge)
        return self._typed[label]

    def explain(self, operand: Operand, typed: Typed) -> tuple[Reason, ...]:
        """Why an operand of a function is what it is, from the nearest reason to the farthest."""
        found: list[Reason] = []
        for reason in self._operand(operand, typed, set()):
            found.append(reason)
            if len(found) >= CHAIN_LIMIT:
                break
        return tuple(found)

    # --- operands

    def _operand(
        self, operand: Operand | None, typed: Typed, seen: set[tuple[str, str]]
    ) -> Iterator[Reason]:
        if operand is None or isinstance(operand, Const):
            return
        function, module = typed.function, typed.module
        key = (f"{module.name}:{function.qualname}", operand)
        if key in seen:
            return
        seen.add(key)
        bound = list(_binding(function, operand))
        for number, i in bound[:1]:
            op = function.blocks[number].ops[i]
            yield from self._operation(op, typed, number, i, seen)
        if len(bound) > 1 and operand[0] != "%":
            last = function.blocks[bound[-1][0]].ops[bound[-1][1]]
            yield Reason(f"`{_shown(operand)}` is also bound here", module.path, last.at)
        if bound:
            return
        for position, param in enumerate(function.params):
            if param.name == operand:
                yield from self._parameter(param, position, typed, seen)
                return
        yield from self._free(operand, typed, seen)

    def _free(self, name: Place, typed: Typed, seen: set[tuple[str, str]]) -> Iterator[Reason]:
        outer = typed.function.captures.get(name, MODULE_BODY)
        function = typed.module.functions.get(outer)
        if function is not None and function is not typed.function:
            yield from self._operand(name, self.typed(typed.module, function), seen)
        if outer == MODULE_BODY:
            yield from self._set_later(typed.module.name, name, seen)

    def _set_later(self, module: str, name: str, seen: set[tuple[str, str]]) -> Iterator[Reason]:
        """Where functions set a global of a module, or put something into it."""
        if name not in self.project.knowledge.assigned.get(module, ()):
            return
        for inferred in self.project.inferred.values():
            typed = inferred.typed
            if all(one[:2] != (module, name) for one in typed.assigned):
                continue
            found = next(_setting(typed.module.functions[typed.function.qualname], name), None)
            if found is None or (typed.function.qualname, name) in seen:
                continue
            seen.add((typed.function.qualname, name))
            what = f"`{typed.function.qualname}` sets `{name}` here"
            yield Reason(what, typed.module.path, found.at)
            value = found.args[-1].value if found.args else found.on
            yield from self._operand(value, self.typed(typed.module, typed.function), seen)
            return

    def _parameter(
        self, param: Param, position: int, typed: Typed, seen: set[tuple[str, str]]
    ) -> Iterator[Reason]:
        module, function = typed.module, typed.function
        kind = typed.cells.get(param.name)
        what = f"parameter `{param.name}` of `{function.qualname}`"
        if position == 0 and function.parent in module.classes and param.ann is None:
            yield Reason(
                f"`{param.name}` is an object of `{function.parent}`", module.path, param.at
            )
            return
        if param.ann is not None:
            yield Reason(f"{what} is annotated `{_annotation(param.ann)}`", module.path, param.at)
        elif kind is not None and not kind.known:
            yield Reason(
                f"{what} has no annotation, and its callers do not agree", module.path, param.at
            )
        else:
            yield Reason(f"{what} has no annotation", module.path, param.at)
        for label in lenders(kind) if kind is not None else ():
            yield from self._gives(label, "lends", seen)
        if param.ann is None and kind is not None and kind.known:
            yield from self._callers(f"{module.name}:{function.qualname}", param.name)

    def _callers(self, label: str, name: str) -> Iterator[Reason]:
        """Calls that pass something for a parameter."""
        shown = 0
        for inferred in self.project.inferred.values():
            if (label, name) not in inferred.passed:
                continue
            caller = inferred.typed
            last = label.rpartition(":")[2].rpartition(".")[2]
            for block in caller.module.functions[caller.function.qualname or MODULE_BODY].blocks:
                for op in block.ops:
                    if op.do != "call":
                        continue
                    called = op.name or str(op.on).rpartition(".")[2]
                    handed = any(str(a.value).rpartition(".")[2] == last for a in op.args)
                    if called == last or last == "__init__" or handed:
                        what = f"hands `{last}` over" if handed else "passes it"
                        yield Reason(
                            f"`{caller.function.qualname}` {what} here",
                            caller.module.path,
                            op.at,
                        )
                        shown += 1
                        if shown == CALLERS_SHOWN:
                            return
                        break

    # --- operations

    def _operation(
        self, op: Op, typed: Typed, number: int, i: int, seen: set[tuple[str, str]]
    ) -> Iterator[Reason]:
        path = typed.module.path
        name = _shown(op.dst or "")
        on = typed.on[number][i]
        if op.do == "import":
            yield from self._imported(op, typed, seen)
        elif op.do == "call":
            yield from self._call(op, typed, on, typed.dst[number][i], seen)
        elif op.do == "getattr":
            yield from self._attribute(op, on, typed, seen)
        elif op.do == "enter":
            yield Reason(f"`{name}` is what the `with` gives" if name else "a `with`", path, op.at)
            yield from self._operand(op.on, typed, seen)
        elif op.do == "closure":
            yield Reason(f"`{name}` is defined here", path, op.at)
        elif op.do == "declare":
            said = _annotation(op.ann) if op.ann is not None else "?"
            yield Reason(f"`{name}` is annotated `{said}`", path, op.at)
        elif op.do == "next":
            yield Reason(f"`{name}` is an element", path, op.at)
            yield from self._operand(op.on, typed, seen)
        else:
            if name:
                yield Reason(f"`{name}` is bound here", path, op.at)
            yield from self._operand(op.on, typed, seen)

    def _imported(self, op: Op, typed: Typed, seen: set[tuple[str, str]]) -> Iterator[Reason]:
        assert op.name is not None
        given = op.args[0].value if op.args else None
        attribute = given.value if isinstance(given, Const) else None
        written = f"{op.name}.{attribute}" if isinstance(attribute, str) else op.name
        yield Reason(f"`{_shown(op.dst or '')}` is imported: `{written}`", typed.module.path, op.at)
        dotted = absolute(typed.module, op.name)
        there = self.project.knowledge.index.find(dotted, typed.module)
        if there is not None and isinstance(attribute, str):
            body = self.typed(there, there.body)
            yield from self._operand(attribute, body, seen)
            yield from self._set_later(there.name, attribute, seen)

    def _call(
        self, op: Op, typed: Typed, on: Kind, given: Kind, seen: set[tuple[str, str]]
    ) -> Iterator[Reason]:
        path = typed.module.path
        callee = on
        if op.name is not None and (own_class(on) or on.name in _WITH_ATTRIBUTES):
            callee = self.project.knowledge.attribute(on, op.name)
        if is_own_function(callee):
            name = callee.label.rpartition(":")[2]
            yield Reason(f"`{name}()` is called", path, op.at)
            yield from self._gives(callee.label, "gives", seen)
        elif callee.name == FOREIGN or callee.name == NAME:
            label = callee.label.removeprefix("builtins.")
            yield Reason(f"`{label}()` gives {describe(given)}", path, op.at)
        elif callee.name in (kinds.CLASS, kinds.MAPPED_CLASS):
            yield Reason(f"an object of `{callee.label.rpartition(':')[2]}` is made", path, op.at)
        elif op.name is not None:
            yield Reason(f"`.{op.name}()` of {describe(on)} gives {describe(given)}", path, op.at)
            yield from self._operand(op.on, typed, seen)
            if on.name == MODULE:
                yield from self._set_later(on.label, op.name, seen)
        else:
            yield Reason(f"calling {describe(on)} gives {describe(given)}", path, op.at)
            yield from self._operand(op.on, typed, seen)

    def _gives(self, label: str, verb: str, seen: set[tuple[str, str]]) -> Iterator[Reason]:
        """What a function of the project returns or yields."""
        entry = self.project.knowledge.functions.get(label)
        if entry is None or (label, "()") in seen:
            return
        seen.add((label, "()"))
        module, function = entry
        typed = self.typed(module, function)
        name = label.rpartition(":")[2]
        said = f", annotated `{_annotation(function.returns)}`" if function.returns else ""
        kind = typed.yields if function.is_generator else typed.returns
        yield Reason(f"`{name}` {verb} {describe(kind)}{said}", module.path, function.at)
        wanted = "yield" if function.is_generator else "return"
        for block in function.blocks:
            for op in block.ops:
                if op.do == wanted and op.on is not None and not isinstance(op.on, Const):
                    yield from self._operand(op.on, typed, seen)
                    return

    def _attribute(
        self, op: Op, on: Kind, typed: Typed, seen: set[tuple[str, str]]
    ) -> Iterator[Reason]:
        assert op.name is not None
        path = typed.module.path
        knowledge = self.project.knowledge
        label = own_class(on) or (on.label if on.name in _OBJECTS else "")
        method = knowledge.classes.method(label, op.name) if label else None
        if method is not None:
            yield Reason(f"`.{op.name}` of an object of `{_last(label)}`", path, op.at)
            yield from self._gives(method, "gives", seen)
            return
        stored = self._stored(label, op.name) if label else None
        if stored is not None:
            where, there = stored
            of = f"`.{op.name}` of an object of `{_last(label)}` is set here"
            yield Reason(of, there.module.path, where.at)
            value = where.args[0].value if where.do == "setattr" else where.dst
            yield from self._operand(value, there, seen)
            return
        if on.name == MODULE:
            module = knowledge.index.modules.get(on.label)
            if module is not None:
                yield Reason(f"`{op.name}` of the module `{on.label}`", path, op.at)
                yield from self._operand(op.name, self.typed(module, module.body), seen)
                yield from self._set_later(module.name, op.name, seen)
                return
        if on.name in (NAME, FOREIGN):
            yield Reason(f"`{on.label}.{op.name}` comes from a library", path, op.at)
            return
        if label:
            yield Reason(f"nothing says what `.{op.name}` of a `{_last(label)}` is", path, op.at)
        else:
            yield Reason(f"`.{op.name}` of {describe(on)}", path, op.at)
        yield from self._operand(op.on, typed, seen)

    def _stored(self, label: str, name: str) -> tuple[Op, Typed] | None:
        """Where a class or one of its bases sets an attribute."""
        for info in self.project.knowledge.classes.ancestry(label):
            bodies = [info.node.qualname]
            bodies += [method.partition(":")[2] for method in info.methods.values()]
            for qualname in bodies:
                function = info.module.functions.get(qualname)
                if function is None:
                    continue
                for block in function.blocks:
                    for op in block.ops:
                        stores = op.do == "setattr" and op.name == name and op.on in ("self", "cls")
                        binds = function.kind == "class" and op.dst == name
                        if stores or binds:
                            return op, self.typed(info.module, function)
        return None


_OBJECTS = frozenset({kinds.INSTANCE, kinds.ENTITY, kinds.CLASS, kinds.MAPPED_CLASS})
_WITH_ATTRIBUTES = _OBJECTS | {NAME, FOREIGN, MODULE}


def _binding(function: Function, place: Place) -> Iterator[tuple[int, int]]:
    """The operations that bind a place, in source order."""
    found = [
        (op.at, number, i)
        for number, block in enumerate(function.blocks)
        for i, op in enumerate(block.ops)
        if op.dst == place and op.do not in ("delete",)
    ]
    for _, number, i in sorted(found):
        yield number, i


def _setting(function: Function, name: str) -> Iterator[Op]:
    """The operations that give a global its value, or put something into it."""
    for block in function.blocks:
        for op in block.ops:
            binds = op.dst == name and op.do != "getattr"
            puts = op.on == name and (op.do == "setitem" or op.name in ADDING)
            if binds or puts or (op.do == "setattr" and op.name == name and op.on != "self"):
                yield op


def _shown(place: str) -> str:
    return "" if place[:1] == "%" else place.partition("@")[0]


def _last(label: str) -> str:
    return label.rpartition(":")[2]


def _annotation(ann: Ann) -> str:
    if ann.kind == "item":
        head, *rest = ann.args
        return f"{_annotation(head)}[{', '.join(map(_annotation, rest))}]"
    if ann.kind == "union":
        return " | ".join(map(_annotation, ann.args))
    if ann.kind == "tuple":
        return f"[{', '.join(map(_annotation, ann.args))}]"
    if ann.kind == "call":
        head, *rest = ann.args
        return f"{_annotation(head)}({', '.join(map(_annotation, rest))})"
    return ann.name or "…"


# Kinds in words; the others are said in lower case.
_WORDS = {
    kinds.UNKNOWN: "something unknown",
    kinds.NONE: "None",
    kinds.SESSION_FACTORY: "a session factory",
    kinds.SCOPED_SESSION: "a registry of sessions (scoped_session)",
    kinds.FLASK_DB: "a Flask-SQLAlchemy object",
    kinds.SCALARS: "scalars of a result",
    kinds.MAPPINGS: "mappings of a result",
    kinds.RAW_CONNECTION: "a connection of the driver",
    kinds.STR: "a string",
    kinds.INT: "a number",
    FOREIGN: "an object of another library",
    NAME: "a name of a library",
    "METHOD": "a method",
}
_OF_MODELS = {
    kinds.ENTITY: "an object of `{}`",
    kinds.MAPPED_CLASS: "the mapped class `{}`",
    kinds.INSTANCE: "an object of `{}`",
    kinds.CLASS: "the class `{}`",
    kinds.FUNCTION: "the function `{}`",
    MODULE: "the module `{}`",
}


def describe(kind: Kind) -> str:
    """A kind in words."""
    if kind.name in _OF_MODELS and kind.label:
        return _OF_MODELS[kind.name].format(kind.label.rpartition(":")[2])
    if kind.name in (kinds.COROUTINE, kinds.CONTEXT_MANAGER, kinds.GENERATOR) and kind.of:
        whole = {kinds.COROUTINE: "a coroutine", kinds.GENERATOR: "a generator"}
        return f"{whole.get(kind.name, 'a context manager')} of {describe(kind.of[0])}"
    if kind.name in (NAME, FOREIGN) and kind.label:
        return f"`{kind.label.removeprefix('builtins.')}` of a library"
    plain = kind.name.lower().replace("_", " ")
    word = _WORDS.get(kind.name) or f"{'an' if plain[0] in 'aeiou' else 'a'} {plain}"
    if kind.is_async and kind.name not in (kinds.FUNCTION,):
        word = f"an async {word.partition(' ')[2]}"
    return word


# Who must end an object, in words.
OWNERS = {
    "": "nobody knows who ends it",
    "local": "this function must end it",
    "caller": "the caller ends it",
    "managed": "a context manager, dependency or framework ends it",
    "registry": "a registry keeps it for the thread, task or request",
    "module": "the module keeps it",
    "attribute": "the object that keeps it ends it",
    "joined": "it hangs on a connection of somebody else's",
}

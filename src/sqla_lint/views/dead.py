"""Functions that the program has left behind: what runs of it never comes to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Module
from sqla_lint.project.classes import PLAIN_BASES, ClassInfo, Mapping
from sqla_lint.project.entry import entry
from sqla_lint.project.kind import FOREIGN, NAME
from sqla_lint.project.unloaded import STARTED, unloaded
from sqla_lint.project.unrouted import unrouted
from sqla_lint.views.askedelsewhere import asked_elsewhere
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function
from sqla_lint.views.inprograms import in_programs
from sqla_lint.views.meant import ANY, Meant, meant
from sqla_lint.views.once import per_project

# With so many others of its module in use elsewhere it is no library, whose callers are not here.
LIVING = 3
# Decorators that hand on what they are put on, and nothing else.
_PLAIN = (
    *("abc.", "attr.", "attrs.", "builtins.", "contextlib.", "dataclasses.", "functools."),
    *("typing.", "typing_extensions."),
)
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
# What finds classes that nobody names.
_FINDING = frozenset({"__subclasses__", "getmembers", "iter_entry_points"})
_T = TypeVar("_T")
_SEVERAL = ""  # no name of a module


def is_dead(function: Function) -> bool:
    """A plain function or method that nothing means which runs, in a module whose others are used
    by other modules; and a method of a class that nothing means. Not a method that a base outside
    of the project may call, nor what a decorator may have registered: others with it are used by
    their names. And all of a module that nothing imports, and routes of routers that no application
    includes."""
    if function.typed.module.name in _unloaded(function):
        return True
    return function.label in _dead(function) and function.label in _never_asked_for(function)


@per_project
def _unloaded(function: Function) -> frozenset[str]:
    project = function.project
    return unloaded(project.knowledge, project.models.imports, in_programs(function))


@per_project
def _dead(function: Function) -> frozenset[str]:
    """The labels of all of them, as far as files tell that were parsed."""
    return _life(function).dead()


@per_project
def _never_asked_for(function: Function) -> frozenset[str]:
    """Those of which the other files do not ask either, by name: they have nothing of a database,
    and may call what they are handed all the same."""
    _dead(function)  # told before more is awake
    life = _life(function)
    life.ask(asked_elsewhere(function))
    return life.dead()


@per_project
def _life(function: Function) -> _Life:
    return _Life(function, _sayings(function))


def is_all_in_program(function: Function) -> bool:
    """Who calls it is here: something outside of the code calls functions beside it, of the same
    package, as routes, commands or tasks."""
    return function.typed.module.name in in_programs(function)


def _name(label: str) -> str:
    return label.rpartition(":")[2].rpartition(".")[2].partition("#")[0]


@dataclass(slots=True)
class _Sayings:
    """What all code says, beside tests, and which modules say it.

    ``by_label``  what each function means
    ``inner``     a function that has functions of its own: these
    ``labels``, ``methods``, ``names``, ``words``  the module that says it; `_SEVERAL` for more
    ``looks``     something looks for functions by names that it does not say
    ``finds``     something looks for classes that it does not name
    """

    by_label: dict[str, Meant] = field(default_factory=dict)
    inner: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    methods: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    looks: bool = False
    finds: bool = False


@per_project
def _sayings(function: Function) -> _Sayings:
    knowledge = function.project.knowledge
    known = _FINDING.union(
        _name(label) for label in (*knowledge.functions, *knowledge.classes.by_label)
    )
    counts = Counter(_name(label) for label in knowledge.functions)
    found = _Sayings()
    for label, (module, code) in knowledge.functions.items():
        if knowledge.told.is_test(module.path):
            continue
        says = meant(function, label, module, code, known)
        found.looks |= says.looks
        found.finds |= not _FINDING.isdisjoint(says.words)
        if counts[_name(label)] == 1:  # else it may be another that it calls
            says = says._replace(words=tuple(one for one in says.words if one != _name(label)))
        found.by_label[label] = says
        _note(found.labels, says.labels, module)
        _note(found.methods, says.methods, module)
        _note(found.names, says.names, module)
        _note(found.words, says.words, module)
        outer = _outer(label)
        if outer != label:
            found.inner.setdefault(outer, []).append(label)
    return found


def _note(kept: dict[_T, str], said: Iterable[_T], module: Module) -> None:
    for one in said:
        if kept.setdefault(one, module.name) != module.name:
            kept[one] = _SEVERAL


def _is_made_of(name: str, parts: tuple[str, ...]) -> bool:
    """A name may be put together of one of these and something else."""
    return any(name.startswith(one) or name.endswith(one) for one in parts if len(one) > 1)


def _outer(label: str) -> str:
    return label.partition(".<locals>.")[0]


class _Life:
    """What the code that runs comes to, step by step."""

    def __init__(self, function: Function, sayings: _Sayings) -> None:
        self.function, self.sayings = function, sayings
        self.knowledge = function.project.knowledge
        self.classes = self.knowledge.classes
        self.in_programs = in_programs(function)
        self.unloaded = _unloaded(function)
        self.living: set[str] = set()
        self.living_classes: set[str] = set()
        self.waiting: list[str] = []
        self.asleep: dict[str, list[str]] = {}  # a class → what of it runs when it does
        self.heard: set[object] = set()
        self.used: dict[str, bool] = {}
        self.below: dict[str, list[str]] = {}
        for info in self.classes.by_label.values():
            for base in info.bases:
                self.below.setdefault(base.label, []).append(info.label)
        self.routes = unrouted(self.knowledge, function.project.models.imports)
        self.of_routes = self._of_routes()
        # what is said by names in a program, and in a library by any word
        self.named: dict[str, list[str]] = {}
        self.worded: dict[str, list[str]] = {}
        imports = function.project.models.imports
        self.imported = {
            one for name in self.knowledge.index.modules for one in imports.direct(name)
        }
        # no class is found by its base
        self.is_complete = not sayings.finds
        self.said_elsewhere = self._said_elsewhere()
        self._begin()

    # --- where it begins -----------------------------------------------------------------------

    def ask(self, names: Iterable[str]) -> None:
        """Others ask for these names, too."""
        for name in names:
            self._mean_all(name)
            for label in self.worded.pop(name, ()):
                self._wake(label)

    def dead(self) -> frozenset[str]:
        """The labels of functions that do not run."""
        while self.waiting:
            self._hear(self.sayings.by_label[self.waiting.pop()])
        return frozenset(self.sayings.by_label.keys() - self.living)

    def _begin(self) -> None:
        for label, info in self.classes.by_label.items():
            if self._class_may_be_dead(info):
                self.named.setdefault(_name(label), []).append(label)
            else:
                self._wake_class(label)
        for label, (module, code) in self.knowledge.functions.items():
            if label not in self.sayings.by_label or module.name in self.unloaded:
                continue
            if label in self.routes:
                continue
            if self._may_be_dead(label, module, code):
                told = self.named if self._in_program(module) else self.worded
                told.setdefault(_name(label), []).append(label)
            elif _outer(label) == label:
                self._wake(label)

        for label, name in self._promised():
            self._ask(label, name)

    def _promised(self) -> Iterator[tuple[str, str]]:
        """The methods of interfaces, with their classes: who implements one is asked for them."""
        for label, info in self.classes.by_label.items():
            protocol = any(base.label in _PROTOCOLS for base in info.bases)
            for name, method in info.methods.items():
                decorators = self.knowledge.decorators.get(method, ())
                if protocol or any(one.label == "abc.abstractmethod" for one in decorators):
                    yield label, name

    def _in_program(self, module: Module) -> bool:
        return module.name in self.in_programs

    def _may_be_dead(self, label: str, module: Module, code: Code) -> bool:
        """Nothing outside of the code calls a function, as far as can be told."""
        name = _name(label)
        if code.kind != "def" or "<locals>" in label or name in STARTED or name[:2] == "__":
            return False
        if entry(module, code, self.knowledge):
            return False
        if code.parent in module.classes and not is_all_known(self.knowledge, label):
            return False
        if not code.decorators and (label in self.of_routes or self._in_program(module)):
            return label in self.of_routes or self._is_used(module)
        living = {
            name
            for other in module.functions.values()
            if other.kind == "def" and other.parent == code.parent
            if other.decorators == code.decorators
            if (name := _name(other.qualname))[:2] != "__"
            if self._is_said_elsewhere(f"{module.name}:{other.qualname}", module)
        }
        return len(living) >= LIVING

    def _of_routes(self) -> set[str]:
        """What routes may call that no request reaches, and these: it is no library's."""
        named: dict[str, list[str]] = {}
        for label in self.sayings.by_label if self.routes else ():
            named.setdefault(_name(label), []).append(label)
        found: set[str] = set()
        waiting = [label for label in self.routes if label in self.sayings.by_label]
        while waiting:
            label = waiting.pop()
            for one in (label, *self.sayings.inner.get(label, ())):
                for word in self.sayings.by_label[one].words:
                    more = named.pop(word, ())
                    found.update(more)
                    waiting += more
        return found

    def _is_used(self, module: Module) -> bool:
        """Some other module of a program says a function or a class of this one."""
        known = self.used.get(module.name)
        if known is None:
            known = self.used[module.name] = any(
                self._is_said_elsewhere(label, module)
                for name in module.functions
                if "<" not in name and name[:2] != "__"
                if not self._is_mapped(label := f"{module.name}:{name}")
            )
        return known

    def _is_mapped(self, label: str) -> bool:
        info = self.classes.get(label)
        return info is not None and info.mapping is not Mapping.NO

    def _class_may_be_dead(self, info: ClassInfo) -> bool:
        """Nothing finds a class that nobody names."""
        if "." in info.label.partition(":")[2] or not self._in_program(info.module):
            return False
        if not self.is_complete or info.module.name not in self.imported:
            return False
        for one in self.classes.ancestry(info.label):
            if one.mapping is not Mapping.NO or one.keywords or "__init_subclass__" in one.methods:
                return False
            if any(
                base.name not in (kinds.CLASS, kinds.MAPPED_CLASS) and base.label not in PLAIN_BASES
                for base in one.bases
            ):
                return False
        labels = [info.label, *info.methods.values()]
        return not any(
            decorator.name not in (NAME, FOREIGN) or not decorator.label.startswith(_PLAIN)
            for label in labels
            for decorator in self.knowledge.decorators.get(label, ())
        ) and not any(
            entry(*self.knowledge.functions[label], self.knowledge)
            for label in info.methods.values()
            if label in self.knowledge.functions
        )

    # --- what it comes to ----------------------------------------------------------------------

    def _wake(self, label: str) -> None:
        owner = self._owner(label)
        if owner is not None and owner not in self.living_classes:
            self.asleep.setdefault(owner, []).append(label)
            return
        for one in (label, *self.sayings.inner.get(label, ())):
            if one in self.sayings.by_label and one not in self.living:
                self.living.add(one)
                self.waiting.append(one)

    def _owner(self, label: str) -> str | None:
        module, code = self.knowledge.functions.get(label, (None, None))
        if module is None or code is None or code.kind == "class":
            return None
        if code.parent not in module.classes:
            return None
        owner = f"{module.name}:{code.parent}"
        return owner if self.classes.get(owner) is not None else None

    def _wake_class(self, label: str) -> None:
        if label in self.living_classes or label not in self.classes.by_label:
            return
        self.living_classes.add(label)
        for one in self.asleep.pop(label, ()):
            self._wake(one)
        for base in self.classes.by_label[label].bases:
            self._wake_class(base.label)

    def _hear(self, says: Meant) -> None:
        for label in says.labels:
            if label not in self.heard:
                self.heard.add(label)
                self._mean(label)
        for asked in says.methods:
            if asked not in self.heard:
                self.heard.add(asked)
                self._wake_class(asked[0])
                self._ask(*asked)
        for name in says.names:
            self._mean_all(name)
        if says.looks:
            for name in [one for one in self.named if _is_made_of(one, says.parts)]:
                self._mean_all(name)
        for name in says.plain:
            self._mean_all(name, "" if self.sayings.looks else says.module)
        for word in says.words:
            for label in self.worded.pop(word, ()):
                self._wake(label)

    def _mean(self, label: str) -> None:
        module, _, name = label.partition(":")
        if name == ANY:
            there = self.knowledge.index.modules.get(module)
            for one in (*there.functions, *there.classes) if there is not None else ():
                self._mean(f"{module}:{one}")
        elif label in self.classes.by_label:
            self._wake_class(label)
        else:
            for one in self._alike(label):
                self._wake(one)

    def _alike(self, label: str) -> Iterator[str]:
        """A function, and those that are defined in its place."""
        yield label
        number = 2
        while f"{label}#{number}" in self.knowledge.functions:
            yield f"{label}#{number}"
            number += 1

    def _mean_all(self, name: str, module: str = "") -> None:
        """All of a name, or those of a module."""
        for label in self.named.get(name, ()):
            if module and not label.startswith(f"{module}:"):
                continue
            if label in self.classes.by_label:
                self._wake_class(label)
            else:
                self._wake(label)

    def _ask(self, label: str, name: str) -> None:
        found = self._implementations(label, name)
        if found is None:
            self._mean_all(name)
            return
        for one in found:
            for alike in self._alike(one):
                self._wake(alike)

    def _implementations(self, label: str, name: str) -> set[str] | None:
        """The methods that may be meant, by the class of what is asked; None when any of the name
        may be."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [label]
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            waiting += self.below.get(one, ())
            for info in self.classes.ancestry(one):
                if any(base.label in _PROTOCOLS for base in info.bases):
                    return None
                if name == ANY:
                    found.update(info.methods.values())
                elif name in info.methods:
                    found.add(info.methods[name])
        return found or None

    # --- who says it elsewhere -----------------------------------------------------------------

    def _said_elsewhere(self) -> dict[str, str]:
        """Methods, by label, with the module that asks for them."""
        found: dict[str, str] = {}
        for (label, name), where in self.sayings.methods.items():
            for one in self._implementations(label, name) or ():
                if found.setdefault(one, where) != where:
                    found[one] = _SEVERAL
        return found

    def _is_said_elsewhere(self, label: str, module: Module) -> bool:
        name, own = _name(label), module.name
        if not self._in_program(module):
            return self.sayings.words.get(name, own) != own
        return any(
            where != own
            for where in (
                self.sayings.labels.get(label, own),
                self.sayings.names.get(name, own),
                self.said_elsewhere.get(label, own),
            )
        )

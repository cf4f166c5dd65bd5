"""From lowered modules to what is known of the project: rounds of inference until it settles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sqla_lint.catalog import Catalog, kinds
from sqla_lint.catalog.frameworks import is_field
from sqla_lint.ir import Ann, Function, Module
from sqla_lint.project import uses
from sqla_lint.project.assigned import assigned_by, changed_in
from sqla_lint.project.beside import works_beside
from sqla_lint.project.bodies import Shelf, is_put_away, opened
from sqla_lint.project.callers import agreed, passed_by
from sqla_lint.project.changes import Question, rests_on
from sqla_lint.project.classes import ClassInfo, Shape
from sqla_lint.project.configures import configures
from sqla_lint.project.demands import demanded
from sqla_lint.project.dispatching import is_dispatched
from sqla_lint.project.fixtures import asks_of, conftests
from sqla_lint.project.index import Index, imported_names
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import FOREIGN, NAME, NONE, UNKNOWN, Kind, join
from sqla_lint.project.knowledge import Knowledge, Summary, Told
from sqla_lint.project.linked import DATABASE_KINDS, Inferred, Lineage, Project
from sqla_lint.project.listeners import handed, listeners, may_listen, of_mappers
from sqla_lint.project.makers import note_makers
from sqla_lint.project.order import Plan, dependencies_first, plan
from sqla_lint.project.outside import Outside, fields_of_body, set_outside
from sqla_lint.project.passed import Given, Key, Passed, both
from sqla_lint.project.returned import is_left_to_others
from sqla_lint.project.unresolved import unresolved
from sqla_lint.project.variables import is_variable, variable

# Kinds travel from definition to use one call per round; real code needs three or four. What still
# moves afterwards stays as the last round found it.
LINK_ROUNDS = 5

# What callers pass is known a call further with each round: a route hands its session to a service,
# the service keeps it for a repository.
ARGUMENT_ROUNDS = 4

# What callers agree on can make known what takes it back: a method that is found then, and gives
# something else. After so many times it stays unknown. A kind that gets wider on its way, from the
# class of one caller to what all have in common, does that once or twice.
TAKEN_BACK = 3

# Objects of other libraries that run SQL: whoever calls them touches a database.
_RUN_SQL = ("alembic.op",)


def link(
    modules: Iterable[Module],
    catalog: Catalog,
    user: Told | None = None,
    shelf: Shelf | None = None,
) -> Project:
    """Infer the whole project. Order of ``modules`` does not matter for the result.

    A module without functions has not been read: what it holds is unknown until `extend`. With a
    ``shelf`` the bodies of functions that touch no database are put away there.
    """
    given = sorted(modules, key=lambda m: m.path)
    project = Project(Knowledge(Index(given), catalog, user or Told()), shelf=shelf)
    _infer_again(project, [module for module in given if module.functions])
    return project


def extend(project: Project, modules: Iterable[Module]) -> None:
    """Read more of the project: modules that stood there empty until now."""
    index = project.knowledge.index
    there = {module.path: module for module in index.modules.values()}
    read = sorted(modules, key=lambda m: m.path)
    for module in read:
        module.name = there[module.path].name
        index.replace(module)
    _infer_again(project, read)


def _infer_again(project: Project, new: list[Module]) -> None:
    """Infer new modules, and what their contents change for others."""
    knowledge = project.knowledge
    project.mapped = None
    project.memo.clear()
    for module in new:
        _register(module, knowledge)
        project.imports[module.name] = _imports(module, knowledge.index)
    knowledge.conftests = conftests(knowledge.index)
    importers: dict[str, set[str]] = {}
    needs = {name: _needs(project, name) for name in sorted(project.imports)}
    for name, needed in needs.items():
        for other in needed:
            importers.setdefault(other, set()).add(name)
    order = dependencies_first(needs)
    first = {module.name for module in new}
    first.update(*(importers.get(module.name, ()) for module in new))
    _settle(project, [name for name in order if name in first], order, importers)
    knowledge.listeners = listeners(knowledge)
    knowledge.of_mappers = of_mappers(knowledge.listeners)
    given = handed(knowledge.listeners, knowledge)
    for _ in range(ARGUMENT_ROUNDS):
        passed = (one.passed for one in project.inferred.values())
        told = given | agreed(passed, knowledge.classes)
        told = _at_rest(project, _demands(project, told) | told)
        kept = kept_by(one.typed for one in project.inferred.values())
        changed: set[tuple[str, ...]] = {
            ("kept", label)
            for label in kept.keys() | knowledge.kept.keys()
            if kept.get(label) != knowledge.kept.get(label)
        }
        knowledge.kept = kept
        changed |= _reassign(project) | _show(project)
        changed |= {
            ("argument", *key)
            for key in told.keys() | knowledge.arguments.keys()
            if told.get(key) != knowledge.arguments.get(key)
        }
        if not changed:
            break
        for key in changed:
            knowledge.changes.note(*key)
        knowledge.arguments = told
        waiting = {
            one.typed.module.name
            for one in project.inferred.values()
            if not changed.isdisjoint(one.asked)
        }
        _settle(project, [name for name in order if name in waiting], order, importers)
    note_makers(project)


def _needs(project: Project, name: str) -> list[str]:
    """What a module imports, and what gives its tests their fixtures."""
    knowledge = project.knowledge
    return sorted(project.imports[name].union(asks_of(knowledge, knowledge.index.modules[name])))


def forget_answers(project: Project) -> None:
    """Everything has been read: of the answers that an inference rests on the questions are left
    that tell whom it calls. A module can still be put in the place of another (`relink`), but
    there is no `extend` after this."""
    project.knowledge.changes.forget()
    project.knowledge.questions.clear()
    project.wanted.clear()
    project.shared.clear()
    project.taken_back.clear()
    if project.shelf is not None:
        project.knowledge.outlines.clear()
    for one in project.inferred.values():
        asked: dict[Question, object] = {q: None for q in one.asked if q[0] in _OF_CALLEES}
        one.asked = asked or _NONE_ASKED
        one.passed = dict.fromkeys(one.passed, _GIVEN) if one.passed else _NONE_PASSED
        one.unresolved = one.unresolved or _NONE_UNRESOLVED
        one.rests = None


_OF_CALLEES = frozenset({"class", "method", "summary"})
_GIVEN = Given()
# For all functions that have none.
_NONE_ASKED: dict[Question, object] = {}
_NONE_PASSED: Passed = {}
_NONE_UNRESOLVED: Counter[str] = Counter()


def _demands(project: Project, told: dict[Key, Kind]) -> dict[Key, Kind]:
    """What parameters must be for the sake of the functions they are handed on to."""
    before, wanted = project.knowledge.arguments, project.wanted
    classes = project.knowledge.classes

    def parameter(key: Key) -> Kind:
        one = project.inferred.get(key[0])
        if one is None:
            return UNKNOWN
        heard = key in told or key in before  # what it is was heard from those who ask
        if heard and not _says_itself(one.typed.function, key[1]):
            kind = wanted.get(key, UNKNOWN)
            agreed_on = told.get(key)  # which knows better than the body, where they differ
            return UNKNOWN if agreed_on and both(kind, agreed_on, classes) == UNKNOWN else kind
        kind = wanted[key] = one.typed.cells.get(key[1], UNKNOWN)
        return kind

    passed = (one.passed for one in project.inferred.values())
    return demanded(passed, parameter, told, classes)


def _at_rest(project: Project, told: dict[Key, Kind]) -> dict[Key, Kind]:
    """Without what does not come to rest: a kind that takes itself back is none."""
    taken_back = project.taken_back
    for key, kind in project.knowledge.arguments.items():
        if told.get(key) != kind:
            taken_back[key] += 1
    return {key: kind for key, kind in told.items() if taken_back[key] < TAKEN_BACK}


def _says_itself(function: Function, name: str) -> bool:
    return any(param.name == name and param.ann is not None for param in function.params)


def _reassign(project: Project) -> set[tuple[str, ...]]:
    """Globals that functions set: gives the questions whose answers are others now."""
    knowledge = project.knowledge
    now = assigned_by((one.typed for one in project.inferred.values()), knowledge)
    before = knowledge.assigned
    knowledge.assigned = now
    return changed_in(before, now)


def _show(project: Project) -> set[tuple[str, ...]]:
    """Attributes of which only their uses tell: gives the questions whose answers are others."""
    knowledge = project.knowledge
    now = uses.shown_by((one.typed for one in project.inferred.values()), knowledge.classes)
    now |= set_outside((one.typed for one in project.inferred.values()), knowledge)
    before = knowledge.shown
    knowledge.shown = now
    return uses.changed_in(before, now, knowledge.classes)


def kept_by(functions: Iterable[Typed]) -> dict[str, Kind]:
    """What functions set on objects of frameworks, where all agree."""
    found: dict[str, Kind] = {}
    for typed in functions:
        for label, kind in typed.kept:
            found[label] = join(found[label], kind) if label in found else kind
    return found


def relink(project: Project, module: Module) -> None:
    """Put a module with other contents in the place of the one of the same path.

    Only this module is inferred again; what its new contents mean for others is left for `link`.
    """
    relink_all(project, [module])


def relink_all(project: Project, modules: Iterable[Module]) -> None:
    """The same for several modules at once; what they mean for each other counts."""
    knowledge = project.knowledge
    project.memo.clear()
    project.mapped = None
    index = knowledge.index
    there = {module.path: module.name for module in index.modules.values()}
    new = sorted(modules, key=lambda m: m.path)
    for module in new:
        module.name = there.get(module.path, module.name)
    names = {module.name for module in new}
    tables: tuple[dict[str, Any], ...] = (
        project.typed,
        project.inferred,
        knowledge.functions,
        knowledge.classes.by_label,
    )
    for table in tables:
        for label in [label for label in table if label.partition(":")[0] in names]:
            del table[label]
    for calls in knowledge.announced.values():
        for label in [label for label in calls if label.partition(":")[0] in names]:
            del calls[label]
    for module in new:
        index.replace(module)
    for module in new:
        _register(module, knowledge)
    importers: dict[str, set[str]] = {}
    for name in names:
        for other in project.imports.get(name, set()) & names:
            importers.setdefault(other, set()).add(name)
    order = dependencies_first(
        {name: sorted(project.imports.get(name, set()) & names) for name in sorted(names)}
    )
    _settle(project, order, order, importers)
    note_makers(project)


def _settle(
    project: Project, waiting: list[str], order: list[str], importers: dict[str, set[str]]
) -> None:
    """Rounds over the modules of ``waiting`` and whoever imports what changed."""
    index = project.knowledge.index
    for _ in range(LINK_ROUNDS):
        changed = {name for name in waiting if _infer_module(index.modules[name], project)}
        if not changed:
            return
        again = set(changed)
        frontier = list(changed)
        while frontier:  # a re-export hands a change on
            for name in importers.get(frontier.pop(), ()):
                if name not in again:
                    again.add(name)
                    if index.modules[name].is_package:
                        frontier.append(name)
        waiting = [name for name in order if name in again]


def _register(module: Module, knowledge: Knowledge) -> None:
    for qualname, function in module.functions.items():
        label = f"{module.name}:{qualname}"
        knowledge.functions[label] = (module, function)
        function.locals = _shared(function.locals)
        function.globals = _shared(function.globals)
        if may_listen(function):
            knowledge.listening.add(label)
        else:
            knowledge.listening.discard(label)
        knowledge.outlines.pop(id(function), None)  # of one that is gone
    for qualname, node in module.classes.items():
        label = f"{module.name}:{qualname}"
        info = ClassInfo(label, module, node)
        info.keywords = frozenset(name for name, _ in node.keywords)
        knowledge.classes.by_label[label] = info
        knowledge.changes.note("class", label)
    knowledge.classes.rebuilt()
    knowledge.changes.note("implemented")
    for qualname, function in module.functions.items():
        if function.kind == "def" and function.parent in module.classes:
            if is_left_to_others(function):
                knowledge.left_to_others.add(f"{module.name}:{qualname}")
            else:
                knowledge.left_to_others.discard(f"{module.name}:{qualname}")
            info = knowledge.classes.by_label[f"{module.name}:{function.parent}"]
            name = qualname.rpartition(".")[2].partition("#")[0]
            if f"{name}.setter" in function.decorators or f"{name}.deleter" in function.decorators:
                continue  # reading it calls the first one
            if is_dispatched(function, module):
                info.methods.pop(name, None)
                continue
            info.methods[name] = f"{module.name}:{qualname}"


def _imports(module: Module, index: Index) -> set[str]:
    found = {
        there.name
        for name in imported_names(module)
        if (there := index.find(name, module)) is not None
    }
    found.discard(module.name)
    return found


def _infer_module(module: Module, project: Project) -> bool:
    """One module once more; whether anything others can see of it has changed."""
    knowledge = project.knowledge
    turns = project.plans.get(module.name)
    first = turns is None or turns.module is not module
    if turns is None or first:
        turns = project.plans[module.name] = plan(module)
        project.lineages.pop(module.name, None)
    open_before = module.name in knowledge.open_modules
    own = [("class", f"{module.name}:{qualname}") for qualname in module.classes]
    before = knowledge.changes.now
    bodies, changed, fresh = _infer_bodies(turns, project)
    if knowledge.changes.happened(own, before):  # the classes are others than they seemed
        bodies, changed_again, fresh_again = _infer_bodies(turns, project)
        changed, fresh = changed or changed_again, fresh or fresh_again
    stored: list[tuple[str, str, Kind]] = []
    for qualname, function in turns.functions:
        label = f"{module.name}:{qualname}"
        one = _infer_one(label, function, turns, project)
        changed |= one.changed
        fresh |= one.fresh
        if function.kind == "class":
            bodies.append((label, one.typed))
            if one.fresh:
                _note_class(label, one.typed, knowledge)
        if one.typed.stored:
            stored.extend(one.typed.stored)
            if first:
                _note_first(one.typed.stored, module, knowledge)
    if fresh:
        changed |= _note_stored(bodies, stored, module, knowledge)
    return changed or open_before != (module.name in knowledge.open_modules)


def _infer_bodies(turns: Plan, project: Project) -> tuple[list[tuple[str, Typed]], bool, bool]:
    """The bodies of the module and of its classes, with what they say of the classes; whether
    anything others can see of it has changed, and whether any was inferred at all."""
    knowledge, module = project.knowledge, turns.module
    bodies: list[tuple[str, Typed]] = []
    changed = fresh = False
    for qualname, function in turns.bodies:
        label = f"{module.name}:{qualname}"
        one = _infer_one(label, function, turns, project)
        changed |= one.changed
        fresh |= one.fresh
        if function.kind == "module":
            _resolve_bases(module, project)
            continue
        bodies.append((label, one.typed))
        if one.fresh:
            _note_class(label, one.typed, knowledge)
    if fresh:
        _classify(module, {}, knowledge)
    return bodies, changed, fresh


class _Turn(NamedTuple):
    typed: Typed
    changed: bool  # what others can see of it
    fresh: bool  # it was inferred just now


def _infer_one(label: str, function: Function, turns: Plan, project: Project) -> _Turn:
    knowledge, module = project.knowledge, turns.module
    last = project.inferred.get(label)
    if last is not None and _holds(last, knowledge):
        return _Turn(last.typed, False, False)
    wanted = turns.defaults.get(function.qualname, _NONE_WANTED)
    typed = _inferred(label, module, function, wanted, project)
    cells = typed.cells
    if function.kind == "module":
        changed = knowledge.tell_globals(module.name, cells)
    else:
        changed = knowledge.tell_cells(label, cells)
    if wanted:
        knowledge.tell_cells(
            f"{label}#temps",
            {place: kind for place, kind in typed.temporaries.items() if place in wanted}
            | {place: cells[place] for place in wanted if place in cells},
        )
    if function.kind in ("def", "lambda"):
        changed |= knowledge.tell_summary(label, Summary(typed.returns, typed.yields))
    return _Turn(typed, changed, True)


_NONE_WANTED: frozenset[str] = frozenset()


def _inferred(
    label: str, module: Module, function: Function, defaults: Container[str], project: Project
) -> Typed:
    """A function's inference, anew."""
    knowledge = project.knowledge
    knowledge.asked = {}
    started = knowledge.changes.now
    try:
        outlined = knowledge.outlines[id(function)] = knowledge.outlined(function)
        knowledge.sayings.note(label, outlined.words)
        typed = infer(module, function, knowledge, defaults)
        passed = passed_by(typed, knowledge)
        missing = unresolved(typed, knowledge.outlined(function).database_calls)
        touches = _touches(typed, knowledge)
    except Exception as error:  # a bug of ours costs one function, not the run
        reason = f"internal error: {type(error).__name__} in `{function.qualname}`: {error}"
        project.troubles[label] = (module.path, reason)
        empty = Function(function.qualname, function.at, function.kind)
        typed = Typed(module, empty)
        passed = {}
        missing = Counter()
        touches = False
    if touches:
        project.typed[label] = typed
        typed.present, typed.done_on = _shared(typed.present), _shared(typed.done_on)
        typed.given, typed.foreign = _shared(typed.given), _shared(typed.foreign)
        if project.shelf is not None:
            project.shared.share(typed)
        if is_put_away(function):
            opened(function)
            knowledge.outlines.pop(id(function), None)  # of operations that may be others
    else:
        project.typed.pop(label, None)
        _forget_operands(typed)
        if project.shelf is not None:
            project.shelf.put(function)
            knowledge.outlines.pop(id(function), None)  # it keeps operations
    if project.shelf is not None:
        project.shared.share_names(typed)
    rests = rests_on(knowledge.asked, knowledge.classes.lineage)
    missing, passed = missing or _NONE_UNRESOLVED, passed or _NONE_PASSED
    project.inferred[label] = Inferred(typed, knowledge.asked, passed, missing, rests, started)
    return typed


def _forget_operands(typed: Typed) -> None:
    """Nobody asks for them where no database is touched; most functions of a program are such."""
    typed.on, typed.args, typed.dst = _NO_ROWS, _NO_ARGS, _NO_ROWS
    typed.at_exit = _NO_KINDS
    typed.temporaries = typed.temporaries or _NO_KINDS
    typed.stored = typed.stored or _NONE_STORED
    typed.kept = typed.kept or _NONE_KEPT
    typed.assigned = typed.assigned or _NONE_STORED
    typed.outside = typed.outside or _NONE_OUTSIDE
    typed.present = typed.done_on = typed.given = typed.foreign = _NO_NAMES


@lru_cache(8192)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """One set for all that are equal: each, the empty ones too, takes 216 bytes or more."""
    return names


_NO_NAMES: frozenset[str] = frozenset()
_NO_ROWS: list[list[Kind]] = []
_NO_ARGS: list[list[tuple[Kind, ...]]] = []
_NO_KINDS: dict[str, Kind] = {}
_NONE_STORED: list[tuple[str, str, Kind]] = []
_NONE_OUTSIDE: list[Outside] = []
_NONE_KEPT: list[tuple[str, Kind]] = []


def _holds(last: Inferred, knowledge: Knowledge) -> bool:
    """Every answer that an inference rests on is the same now."""
    changes = knowledge.changes
    if last.rests is not None and not changes.happened(last.rests, last.since):
        return True
    answer = knowledge.answer
    for question, before in last.asked.items():
        now = answer(question)
        if now is not before and now != before:
            return False
    last.rests = rests_on(last.asked, knowledge.classes.lineage)
    last.since = changes.now
    return True


def _resolve_bases(module: Module, project: Project) -> None:
    """The classes that the classes of a module stand on."""
    knowledge = project.knowledge
    changes = knowledge.changes
    known = project.lineages.get(module.name)
    if not module.classes:
        return
    if known is not None and not changes.happened(known.rests, known.since):
        return
    knowledge.asked = {}
    started = changes.now
    infos = [knowledge.classes.by_label[f"{module.name}:{qualname}"] for qualname in module.classes]
    before = {info.label: info.shape for info in infos}
    for info in infos:
        info.bases = tuple([_base(ann, module, knowledge) for ann in info.node.bases])
        info.arguments = tuple(
            [
                tuple(_base(one, module, knowledge, info) for one in ann.args[1:])
                if ann.kind == "item"
                else ()
                for ann in info.node.bases
            ]
        )
        info.variables = _variables(info)
        info.resembles = None
        for base in info.bases:
            found = knowledge.instance(base) if base.name == NAME else UNKNOWN
            if found.name in _EXTENDED:
                info.resembles = found
    if any(info.bases != before[info.label].bases for info in infos):
        knowledge.classes.rebuilt()
        changes.note("implemented")
    _classify(module, before, knowledge)
    for info in infos:
        for base in info.bases:
            knowledge.asked["class", base.label] = None
    rests = rests_on(knowledge.asked, knowledge.classes.lineage) or ()
    project.lineages[module.name] = Lineage(rests, started)


def _classify(module: Module, before: dict[str, Shape], knowledge: Knowledge) -> None:
    """Decide what the classes of a module are. ``before`` says what those have been that are not
    now what they were."""
    labels = [f"{module.name}:{qualname}" for qualname in module.classes]
    before = knowledge.classes.classify(labels) | before
    for label, shape in before.items():
        if knowledge.classes.by_label[label].shape != shape:
            knowledge.changes.note("class", label)


def _variables(info: ClassInfo) -> tuple[str, ...]:
    """The type parameters of a class, in the order in which they are given."""
    if info.node.variables:
        return tuple(name for name, _ in info.node.variables)
    over = list(zip(info.bases, info.arguments, strict=True))
    over = [one for one in over if one[0].label in _GENERIC] or over
    named = [one.label for _, arguments in over for one in arguments if is_variable(one)]
    return tuple(dict.fromkeys(named))


_GENERIC = frozenset({"typing.Generic", "typing_extensions.Generic"})


# A project class that stands on one of these is one of these.
_EXTENDED = frozenset(
    {
        kinds.SESSION,
        kinds.CONNECTION,
        kinds.SCOPED_SESSION,
        kinds.SESSION_FACTORY,
        kinds.ENGINE,
        kinds.FLASK_DB,
    }
)


def _base(ann: Ann, module: Module, knowledge: Knowledge, owner: ClassInfo | None = None) -> Kind:
    if ann.kind == "item":
        return _base(ann.args[0], module, knowledge)
    if ann.kind == "call":
        # class Base(declarative_base()), class X(with_metaclass(M, Base))
        callee = _base(ann.args[0], module, knowledge)
        last = callee.label.rpartition(".")[2]
        if last in ("declarative_base", "automap_base"):
            return Kind(kinds.DECLARATIVE_BASE)
        return UNKNOWN
    if ann.kind != "name":
        return UNKNOWN
    first, *rest = ann.name.split(".")
    if owner is not None and any(name == first for name, _ in owner.node.variables):
        return variable(first, UNKNOWN)
    known: Kind | None = knowledge.ask("global", module.name, first)
    if known is not None:
        kind = known
    elif first in module.body.locals or knowledge.ask("open", module.name):
        return UNKNOWN
    else:
        kind = Kind(NAME, label=f"builtins.{first}")
    for name in rest:
        kind = knowledge.attribute(kind, name)
    return kind


def _note_class(label: str, typed: Typed, knowledge: Knowledge) -> None:
    info = knowledge.classes.get(label)
    if info is None:
        return
    info.annotated = frozenset(
        op.dst
        for block in typed.function.blocks
        for op in block.ops
        if op.ann is not None and op.dst is not None and op.do in ("declare", "move")
    )
    fields = fields_of_body(typed)
    if fields != info.fields:
        info.fields = fields
        knowledge.changes.note("class", label)
    for name, kind in _class_attributes(typed):
        if name not in info.attributes:
            info.attributes[name] = kind
            knowledge.changes.note("class", label)


def _class_attributes(typed: Typed) -> Iterator[tuple[str, Kind]]:
    """What a class body binds and is no method. A field that a library makes an attribute from
    holds a place: what is in it, methods say."""
    for name, kind in typed.cells.items():
        if kind.name == FOREIGN and is_field(kind.label):
            yield name, kind.of[0] if kind.of else NONE
        elif kind.name != kinds.FUNCTION or not kind.label:
            yield name, kind


def _note_first(stored: list[tuple[str, str, Kind]], module: Module, knowledge: Knowledge) -> None:
    """Attributes that a method sets, for the methods that are read next."""
    for label, name, kind in stored:
        info = knowledge.classes.get(label)
        if info is not None and info.module is module:
            before = info.attributes.get(name)
            info.note(name, kind)
            if info.attributes[name] != before:
                knowledge.changes.note("class", label)


def _note_stored(
    bodies: list[tuple[str, Typed]],
    stored: list[tuple[str, str, Kind]],
    module: Module,
    knowledge: Knowledge,
) -> bool:
    """Class attributes anew: what class bodies bind and what methods store."""
    before: dict[str, dict[str, Kind]] = {}
    for label, typed in bodies:
        info = knowledge.classes.get(label)
        if info is not None:
            before[label] = info.attributes
            info.attributes = dict(_class_attributes(typed))
    for label, name, kind in stored:
        info = knowledge.classes.get(label)
        if info is not None and label in before:
            info.note(name, kind)
    changed = [
        label
        for label, old in before.items()
        if knowledge.classes.by_label[label].attributes != old
    ]
    for label in changed:
        knowledge.changes.note("class", label)
    _classify(module, {}, knowledge)
    return bool(changed)


def _touches(typed: Typed, knowledge: Knowledge) -> bool:
    """Rules look at it: it has something of a database, or sets one up, or may share one."""
    return (
        not DATABASE_KINDS.isdisjoint(typed.present)
        or kinds.ROW in typed.present
        or configures(typed, knowledge)
        or works_beside(typed, knowledge)
        or f"{typed.module.name}:{typed.function.qualname}" in knowledge.of_mappers
        or any(label.startswith(_RUN_SQL) for label in typed.done_on)
    )

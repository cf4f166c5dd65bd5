"""Objects that a many-to-one finds in its session: reading it then runs no statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.flow.attributes import Mapped
from sqla_lint.flow.origins import Origin, entities_of
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FUNCTIONS, RELATED, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.loading import may_be_fixed
from sqla_lint.project.mapping import Model
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.ways import behind

# Callers of callers are asked, and no further: who holds an object calls soon.
CALLERS_DEPTH = 2


def may_be_found(function: Function, attribute: Mapped) -> bool:
    """The target of a many-to-one may be an object that the function has met."""
    if not _is_to_one(attribute):
        return False
    return not attribute.target or _meets(function.typed, _classes(function, attribute.target))


def may_be_brought(function: Function, origin: Origin, attribute: Mapped) -> bool:
    """The same, or it is an object that the function was given, passes on, or that a caller has
    whose session it is."""
    if not _is_to_one(attribute):
        return False
    if not attribute.target:
        return True
    targets = _classes(function, attribute.target)
    if _holds(function.typed, targets):
        return True
    own = origin.session is not None and origin.session.kind.owner == "local"
    return not own and _is_held_by_callers(function, targets)


def may_be_heir(function: Function, reach: Reach) -> bool:
    """The function has loaded objects of the heir themselves, with all columns of theirs: what is
    loaded again as an object of its base may be one of them."""
    return _meets(function.typed, _classes(function, reach.heir))


def names_given(function: Function, position: Position) -> frozenset[Place]:
    """The variables that the result of an operation is bound to, awaited or not."""
    if position[0] < 0:
        return frozenset()
    made = function.op(position).dst
    places, found = [made], set[Place]()
    for place in places:
        if place is None:
            continue
        if place[0] != "%":
            found.add(place)
            continue
        places += [op.dst for op in function.readers.get(place, ()) if op.do in ("move", "await")]
    return frozenset(found)


def comes_before(function: Function, one: Position, other: Position) -> bool:
    """A plain way leads from one operation to the other, and the first stands before it."""
    if one[0] < 0 or other[0] < 0:
        return False
    if one[0] == other[0]:
        return one[1] < other[1]
    return other[0] in behind(function.typed.function.blocks, [one[0]]) and (
        function.op(one).at < function.op(other).at
    )


def _is_held_by_callers(function: Function, targets: frozenset[str]) -> bool:
    found, waiting = {function.label}, {function.label}
    for _ in range(CALLERS_DEPTH):
        waiting = {one for label in waiting for one, _ in calls(function).get(label, ())} - found
        if any(_holds(function.project.typed[label], targets) for label in waiting):
            return True
        found |= waiting
    return False


def _is_to_one(attribute: Mapped) -> bool:
    return attribute.role == "relationship" and attribute.many is not True


def _classes(function: Function, target: str) -> frozenset[str]:
    """The class of a relationship and its heirs: an object of an heir has the same key."""
    models = function.project.models
    heirs = (m.label for m in models.models.values() if _stands_on(function.project, m, target))
    return frozenset({target, *heirs})


def _stands_on(project: Project, model: Model, target: str) -> bool:
    return bool(model.parent) and any(m.label == target for m in project.models.lineage(model))


def _meets(typed: Typed, targets: frozenset[str]) -> bool:
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on, made = typed.on[number][i], typed.dst[number][i]
            given = op.do == "await" or (op.do == "call" and on.name in FUNCTIONS)
            # what a function gives may have been loaded there, wherever it was met before
            if _is_one(on, targets, related=False) or _is_one(made, targets, related=given):
                return True
    return False


def _holds(typed: Typed, targets: frozenset[str]) -> bool:
    """Something of the function is such an object: a parameter, an argument, what it meets."""
    if _meets(typed, targets):
        return True
    cells = (typed.cells[p.name] for p in typed.function.params if p.name in typed.cells)
    if any(_is_one(kind, targets, related=False) for kind in cells):
        return True
    args = (kind for row in typed.args for given in row for kind in given)
    return any(_is_one(kind, targets, related=False) for kind in args)


def _is_one(kind: Kind, targets: frozenset[str], *, related: bool) -> bool:
    return any(
        entity.label in targets and (related or RELATED not in entity.traits)
        for entity, _ in entities_of(kind)
    )


def are_few(function: Function, origin: Origin, reach: Reach) -> bool:
    """The statement gives rows that have one target, or a few that are named; or the function asks
    whether the target is one of those it has: they are loaded once, or have been."""
    loaded = origin.entity.loaded
    for model, step in zip(reach.models, reach.steps, strict=False):
        if not _is_to_one(step):
            return False
        names = set(_keys(function.project, model, step))
        class_name = model.rpartition(":")[2]
        if may_be_fixed(loaded, class_name, names) or _is_of_target(function, loaded, step):
            return True
        if step is reach.last and _is_asked(function, names):
            return True
        loaded = frozenset()  # criteria are about the objects of the statement
    return False


def _is_of_target(function: Function, loaded: frozenset[str], step: Mapped) -> bool:
    """``select(Post).join(Post.author).where(User.id == 1)``"""
    model = function.project.models.of(step.target)
    if model is None or model.table is None:
        return False
    keys = [column.name for column in model.table.columns if column.primary_key or column.unique]
    name = step.target.rpartition(":")[2]
    return any(f"={name}.{key}" in loaded for key in keys)


def _keys(project: Project, label: str, step: Mapped) -> Iterator[str]:
    """The attributes that say what a many-to-one leads to: its foreign key, by whatever column;
    itself; and columns that are called like it, or like its class."""
    yield step.name
    model, target = project.models.of(label), project.models.of(step.target)
    if model is None:
        return
    keys = project.models.keys_of(model, target).columns if target is not None else ()
    columns = {name for key in keys for name in key}
    whole = _joined(step.target.rpartition(":")[2])
    for name, attribute in project.models.attributes(model).items():
        column = attribute.column
        plain = name.lstrip("_").removeprefix("fk_")
        of_class = plain.endswith("_id") and _joined(plain[: -len("_id")]) == whole
        called = plain.startswith(f"{step.name}_") or of_class
        if column is not None and (called or column.db_name in columns):
            yield name


def leads_nowhere(project: Project, label: str, step: Mapped, given: frozenset[str]) -> bool:
    """A many-to-one of a new object that was not given a foreign key: that is NULL, and to read
    the relationship sends nothing. Source: SQLAlchemy docs, "Relationship Loading Techniques"."""
    model, target = project.models.of(label), project.models.of(step.target)
    if step.role != "relationship" or step.many is not False or model is None or target is None:
        return False
    keys = project.models.keys_of(model, target)
    columns = {name for key in keys.columns for name in key}
    names = {
        name
        for name, attribute in project.models.attributes(model).items()
        if attribute.column is not None and attribute.column.db_name in columns
    }
    return bool(names) and names.isdisjoint(given)


def _joined(name: str) -> str:
    return name.replace("_", "").lower()


def _is_asked(function: Function, names: set[str]) -> bool:
    """``if post.author_id in known``, ``post.author in members``"""
    made = {op.dst: op for op in _ops(function) if op.do == "getattr" and op.name in names}
    return any(
        op.do == "compare" and op.name in ("in", "not in") and op.on in made
        for op in _ops(function)
    )


def _ops(function: Function) -> Iterator[Op]:
    return (op for block in function.typed.function.blocks for op in block.ops)

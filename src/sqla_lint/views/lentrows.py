"""Rows where an entity is wanted: a function that is annotated with a model returns one, or a name
holds an entity on one way and a row on another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Op, Place, Ref
from sqla_lint.project.definitions import Graph, Position
from sqla_lint.project.kind import Kind
from sqla_lint.project.mapping import Model
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function

_OPTIONAL = frozenset({"Optional"})
_MANY = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "tuple", "Tuple"})
_LISTS = frozenset({kinds.LIST, kinds.COLLECTION})
_UNIONS = frozenset({"Union"})
_NOTHING = frozenset({"None", "NoneType"})
_READS = frozenset({"getattr", "setattr", "call"})


class Returned(NamedTuple):
    """A row, or a list of them, that ``made`` gives and ``at`` returns, as a ``model``."""

    made: Op
    at: Ref
    model: str
    many: bool


class MixedRead(NamedTuple):
    """An attribute of a name that holds a row on one way and something else on another."""

    op: Op
    row: Kind
    made: Op


def returned_rows(function: Function) -> Iterator[Returned]:
    """Rows of one entity that a function returns which says that it returns the entity."""
    ann = function.typed.function.returns
    if ann is None or function.is_generator:
        return
    said = _said(function, ann)
    if said is None:
        return
    model, many = said
    for number, i, op in function.positions:
        if op.do != "return" or not isinstance(op.on, str):
            continue
        for made, kind in _ways(function, op.on, (number, i)):
            row = kind.of[0] if many and kind.name in _LISTS and kind.of else kind
            if row.name != kinds.ROW or many == (row is kind) or not _is_of(function, row, model):
                continue
            yield Returned(made, op.at, model.name, many)


def mixed_reads(function: Function) -> Iterator[MixedRead]:
    """Attributes of names that hold a row of entities when they are read, and whose kind is not
    known because they may hold something else, too."""
    held = {
        op.dst
        for number, i, op in function.positions
        if op.dst is not None
        and op.dst[0] != "%"
        and function.typed.dst[number][i].name == kinds.ROW
    }
    for number, i, op in function.positions:
        if op.do not in _READS or op.name is None or op.on not in held:
            continue
        if function.typed.on[number][i].known or not isinstance(op.on, str):
            continue
        ways = list(_ways(function, op.on, (number, i)))
        if any(made.do == "getitem" and made.on == op.on for made, _ in ways):
            continue  # `user = user[0]`, where it is a row: the same may have been asked before
        for made, kind in ways:
            if kind.name == kinds.ROW:
                yield MixedRead(op, kind, made)
                break


def _said(function: Function, ann: Ann) -> tuple[Model, bool] | None:
    """The model that an annotation names, and whether it names a list of them."""
    if ann.kind == "union" or (ann.kind == "item" and ann.args[0].name in _UNIONS):
        parts = [
            one
            for one in (ann.args if ann.kind == "union" else ann.args[1:])
            if one.name not in _NOTHING
        ]
        return _said(function, parts[0]) if len(parts) == 1 else None
    if ann.kind == "item" and len(ann.args) == 2:
        head = ann.args[0].name.rpartition(".")[2]
        if head in _OPTIONAL:
            return _said(function, ann.args[1])
        inner = _said(function, ann.args[1]) if head in _MANY else None
        return (inner[0], True) if inner is not None and not inner[1] else None
    if ann.kind != "name":
        return None
    models, typed = function.project.models, function.typed
    found = models.of(models.scopes.resolve(typed.module, typed.function, ann.name))
    return (found, False) if found is not None else None


def _is_of(function: Function, row: Kind, model: Model) -> bool:
    """A row of a Session with nothing in it but an entity of the model."""
    if "by session" not in row.traits or len(row.of) != 1:
        return False
    (of,) = row.of
    found = function.project.models.of(of.label) if of.name == kinds.MAPPED_CLASS else None
    return found is not None and found.label == model.label


def _ways(function: Function, place: Place, at: Position) -> Iterator[tuple[Op, Kind]]:
    """What makes the value that a place has here, as far as no test on the way says that the value
    is none or empty."""
    graph = _graph(function)
    for number, i in sorted(_reaching(graph, place, at)):
        op, kind = graph.op((number, i)), function.typed.dst[number][i]
        if op.do == "move" and isinstance(op.on, str) and op.on[0] == "%":
            for there in graph.makers.get(op.on, ()):
                yield graph.op(there), function.typed.dst[there[0]][there[1]]
        else:
            yield op, kind


@per_function
def _graph(function: Function) -> Graph:
    return Graph(function.typed.function)


def _reaching(graph: Graph, place: Place, at: Position) -> set[Position]:
    if place[0] == "%":
        return set(graph.makers.get(place, ()))
    found: set[Position] = set()
    waiting, seen = [at], set[int]()
    while waiting:
        number, stop = waiting.pop()
        ops = graph.function.blocks[number].ops
        for i in range(stop - 1, -1, -1):
            if ops[i].dst == place and ops[i].do != "declare":
                found.add((number, i))
                break
        else:
            for earlier, edge in graph.before[number]:
                test = edge.test if edge is not None else None
                nothing = test is not None and test.holds == (test.is_ == "none")
                if test is not None and test.place == place and nothing:
                    continue
                if earlier not in seen:
                    seen.add(earlier)
                    waiting.append((earlier, len(graph.function.blocks[earlier].ops)))
    return found

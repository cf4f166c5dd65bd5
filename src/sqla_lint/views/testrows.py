"""Rows that a test, or a fixture for each test, commits, and that another test counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import NOWHERE, Root
from sqla_lint.ir import Op
from sqla_lint.project.fixtures import fixture
from sqla_lint.views.behind import behind, definitions, statement_chain
from sqla_lint.views.farwrites import inside
from sqla_lint.views.function import Function
from sqla_lint.views.isolation import cleans, is_emptying, on_lasting_engine, scope_of
from sqla_lint.views.once import per_function, per_project

_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_RUNS = frozenset({"execute", "scalars", "scalar", "exec"})
_COUNTS = frozenset({"all", "count", "one", "one_or_none"})
# What chooses among the rows, or looks at the newest ones only.
_CHOOSING = frozenset(
    {"filter", "filter_by", "get", "group_by", "having", "join", "limit", "offset", "where"}
)
_WIDE = frozenset({"class", "module", "package", "session"})


class Left(NamedTuple):
    """Rows of a class that ``by`` (a fixture or a test) commits, and the test that counts all rows
    of the class. ``at`` lies in the fixture, ``commit`` perhaps in the test."""

    at: Op
    model: str
    commit: Op
    path: str
    by: str
    met_by: str
    own: bool  # the fixture itself commits


def rows_left(function: Function) -> Iterator[Left]:
    """The first such rows of a fixture."""
    if function.entry != "fixture" or cleans(function):
        return
    users = _users(function).get(function.label, ())
    if len(users) > 1:
        yield from _committed_here(function, users) if not scope_of(function) else ()
        yield from _committed_by_tests(function, users)


def _committed_here(function: Function, users: tuple[Function, ...]) -> Iterator[Left]:
    made = _made(function)
    met = [(one, model) for one in users for model in sorted(made & _counted(one))]
    if not met or is_emptying(met[0][0]):
        return
    for root in (*function.made(kinds.SESSION), *function.handles(kinds.SESSION)):
        if not _lasts(function, root):
            continue
        for use in function.uses(root):
            if "commit" in use.happening.events and use.op.do in ("call", "await"):
                test, model = met[0]
                at = use.op
                yield Left(at, model, at, "", function.qualname, test.qualname, True)
                return


def _committed_by_tests(function: Function, users: tuple[Function, ...]) -> Iterator[Left]:
    roots = [root for root in function.made(kinds.SESSION) if _lasts(function, root)]
    if not roots or _undoes(function):
        return
    for test in users:
        commit, made = _commit(test, function.label), _made(test)
        if commit is None or is_emptying(test):
            continue
        for other in users:
            met = sorted(made & _counted(other)) if other is not test else []
            if met and not is_emptying(other):
                at = function.op(roots[0].position)
                path = test.typed.module.path
                yield Left(at, met[0], commit, path, test.qualname, other.qualname, False)
                return


def _lasts(function: Function, root: Root) -> bool:
    """What is committed through a session is there for the next test."""
    if root.position != NOWHERE:
        wide = scope_of(function) in _WIDE
        return wide or bool(root.kind.label) or on_lasting_engine(function, root)
    lender = fixture(function.project.knowledge, function.typed.module.name, root.place)
    typed = function.project.typed.get(lender or "")
    if typed is None:
        return False
    there = function.of(typed)
    return any(one.position != NOWHERE and _lasts(there, one) for one in there.made(kinds.SESSION))


def _undoes(function: Function) -> bool:
    """The fixture rolls back, which another finding is about, or begins what may be undone."""
    return any(
        op.do == "call" and op.name in ("rollback", "begin", "begin_nested", "connect")
        for _, _, op in function.positions
    )


def _commit(test: Function, lender: str) -> Op | None:
    """Where a test commits the session of a fixture."""
    knowledge, module = test.project.knowledge, test.typed.module.name
    for root in test.handles(kinds.SESSION):
        if root.position != NOWHERE or fixture(knowledge, module, root.place) != lender:
            continue
        for use in test.uses(root):
            if "commit" in use.happening.events and use.op.do in ("call", "await"):
                return use.op
    return None


@per_function
def _made(function: Function) -> frozenset[str]:
    """The classes of the objects that a function makes, or one that it calls."""
    found = {
        operation.on.label
        for operation in function.operations()
        if operation.op.do == "call" and operation.op.name is None
        if operation.on.name == kinds.MAPPED_CLASS
    }
    for one in _called(function):
        found |= {
            there.on.label
            for there in one.operations()
            if there.op.do == "call" and there.op.name is None
            if there.on.name == kinds.MAPPED_CLASS
        }
    return frozenset(found)


@per_function
def _counted(function: Function) -> frozenset[str]:
    """The classes of which a test reads all rows, itself or in a function that it calls."""
    found = set(_read_whole(function))
    for one in _called(function):
        found.update(_read_whole(one))
    return frozenset(found)


def _called(function: Function) -> Iterator[Function]:
    for operation in function.operations():
        one = inside(function, operation)
        if one is not None:
            yield one.function


def _read_whole(function: Function) -> Iterator[str]:
    defined = definitions(function)
    for operation in function.operations():
        op = operation.op
        if op.do != "call":
            continue
        runs = operation.on.name in _RUNNERS and op.name in _RUNS and bool(op.args)
        counts = operation.on.name == kinds.QUERY and op.name in _COUNTS
        place = op.args[0].value if runs else op.on if counts else None
        made = defined.get(place, []) if isinstance(place, str) else []
        if len(made) != 1:
            continue
        chain = list(statement_chain(defined, made[0]))
        if chain and not any(call.op.name in _CHOOSING for call in chain):
            models = {
                kind.label
                for one in behind(defined, made[0])
                for kind in (one.on, *one.arg_kinds)
                if kind.name == kinds.MAPPED_CLASS
            }
            if len(models) == 1:
                yield models.pop()


@per_project
def _users(function: Function) -> dict[str, tuple[Function, ...]]:
    """Fixture → the tests that ask for it."""
    knowledge = function.project.knowledge
    found: dict[str, list[Function]] = {}
    for _, typed in sorted(function.project.typed.items()):
        if not typed.function.qualname.rpartition(".")[2].startswith("test"):
            continue
        test = function.of(typed)
        for param in typed.function.params:
            label = fixture(knowledge, typed.module.name, param.name)
            if label is not None:
                found.setdefault(label, []).append(test)
    return {label: tuple(tests) for label, tests in found.items()}

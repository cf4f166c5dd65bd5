"""Sessions of tests: what their fixtures end, and what tests commit nevertheless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import LENT_AND_HELD
from sqla_lint.flow.root import NOWHERE, SELF, Root
from sqla_lint.ir import Const, Op
from sqla_lint.project.fixtures import fixture
from sqla_lint.project.kind import NAME
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_TEST_CASES = ("unittest.TestCase", "unittest.IsolatedAsyncioTestCase", "django.test.TestCase")
_SETTING_UP = frozenset({"setUp", "asyncSetUp", "setup_method"})
_ENDING = frozenset({"close", "aclose", "rollback", "remove", "addCleanup", "addAsyncCleanup"})
_ENDING |= {"enterContext", "enterAsyncContext", "reset"}


# Nothing is run after what lives as long as all tests.
_AT_THE_END = frozenset({"session", "unknown"})


class Commit(NamedTuple):
    """Where a test commits a session that a fixture lends."""

    op: Op
    path: str
    test: str


def left_open(function: Function) -> Iterator[Root]:
    """Sessions on an engine of the module that a fixture, or the set-up of a test case, makes and
    that nothing ends after the test."""
    roots = [root for root in function.made(kinds.SESSION) if root.kind.label]
    if function.entry == "fixture" and scope_of(function) not in _AT_THE_END:
        ends = function.solve(LENT_AND_HELD, tuple(roots)).ends
        yield from dict.fromkeys(end.root for end in ends if end.way == "return")
        for root in roots:
            uses = function.uses(root)
            returned = any(use.op.do == "return" and use.role == SELF for use in uses)
            others = any(
                "close" in use.happening.events or (use.op.do == "getattr" and use.role == SELF)
                for use in uses
            )
            if returned and not others and not function.is_generator:
                yield root
    elif _sets_up(function):
        for root in roots:
            kept = [
                use.op
                for use in function.uses(root)
                if use.op.do == "setattr" and use.op.on == "self" and use.role == ""
            ]
            if len(kept) == 1 and not _is_ended(function, kept[0].name or ""):
                yield root


def _sets_up(function: Function) -> bool:
    parent = function.typed.function.parent
    if parent is None or function.qualname.rpartition(".")[2] not in _SETTING_UP:
        return False
    ancestry = function.project.knowledge.classes.ancestry(f"{function.typed.module.name}:{parent}")
    bases = [base for info in ancestry for base in info.bases]
    return all(
        (base.name == NAME and base.label in _TEST_CASES) or base.name == kinds.CLASS
        for base in bases
    ) and any(base.label in _TEST_CASES for base in bases)


def _is_ended(function: Function, name: str) -> bool:
    """Some method of the test case, or of a class on which it stands or that stands on it, ends
    what `self` has under a name."""
    module, parent = function.typed.module, function.typed.function.parent
    classes = function.project.knowledge.classes
    own = f"{module.name}:{parent}"
    family = [info for info in classes.by_label.values() if _related(function, info.label, own)]
    return any(
        op.name in _ENDING and (op.on in ("self", f"self.{name}") or op.do == "getattr")
        for info in family
        for label in info.methods.values()
        for block in function.project.knowledge.functions[label][1].blocks
        for op in block.ops
    )


def _related(function: Function, one: str, other: str) -> bool:
    classes = function.project.knowledge.classes
    above = {info.label for info in classes.ancestry(one)}
    return other in above or one in {info.label for info in classes.ancestry(other)}


def rolled_back_only(function: Function) -> Iterator[tuple[Root, Op, Commit]]:
    """Sessions on an engine, not on a connection with a transaction of its own, that a fixture
    lends and then rolls back, with the test that commits them."""
    if function.entry != "fixture" or not function.is_generator:
        return
    commit = _commits(function).get(function.label)
    if commit is None or cleans(function):
        return
    for root in function.made(kinds.SESSION):
        if not root.kind.label and not on_lasting_engine(function, root):
            continue
        uses = function.uses(root)
        lent = [n for n, use in enumerate(uses) if "lend" in use.happening.events]
        after = [u.op for u in uses[lent[0] :] if u.op.name == "rollback"] if lent else []
        others = {e for u in uses for e in u.happening.events} & {"write", "add", "begin", "nest"}
        if after and not others:
            yield root, after[0], commit


def on_lasting_engine(function: Function, root: Root) -> bool:
    """The session is made with an engine that a fixture of a wider scope lends."""
    made = function.op(root.position)
    factory = function.maker(made.on) if made.name is None else None  # `sessionmaker(engine)()`
    given = {arg.value for op in (made, factory.op if factory else made) for arg in op.args}
    for param in function.typed.function.params:
        kind = function.typed.cells.get(param.name)
        if param.name not in given or kind is None or kind.name != kinds.ENGINE:
            continue
        lender = fixture(function.project.knowledge, function.typed.module.name, param.name)
        typed = function.project.typed.get(lender or "")
        if typed is not None and scope_of(function.of(typed)):
            return True
    return False


@per_project
def _commits(function: Function) -> dict[str, Commit]:
    """Fixture → the first test that commits what it lends."""
    project = function.project
    found: dict[str, Commit] = {}
    for label, typed in sorted(project.typed.items()):
        if not typed.function.qualname.rpartition(".")[2].startswith("test"):
            continue
        test = function.of(typed)
        for root in test.handles(kinds.SESSION):
            if root.position != NOWHERE or not root.place.isidentifier():
                continue
            lender = fixture(project.knowledge, typed.module.name, root.place)
            if lender is None or lender in found:
                continue
            for use in test.uses(root):
                if "commit" in use.happening.events and use.op.do in ("call", "await"):
                    found[lender] = Commit(use.op, typed.module.path, label.partition(":")[2])
                    break
    return found


@per_project
def cleans(function: Function) -> bool:
    """Some fixture that runs for every test deletes rows or makes the tables anew, or the engine
    lives no longer than a test."""
    return any(
        _is_per_test(function, label) and _empties(function, label)
        for label in function.project.typed
    )


def _empties(function: Function, label: str) -> bool:
    return is_emptying(function.of(function.project.typed[label]))


def is_emptying(function: Function) -> bool:
    """It deletes rows, or makes the tables anew."""
    typed = function.typed
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call":
                continue
            args = typed.args[number][i]
            deletes = any(k.name == kinds.DELETE for k in args) or op.name in _EMPTYING
            texts = [k.label for k in args if k.name in (kinds.TEXT, kinds.STR)]
            if deletes or any(sqltext.kind(text) in ("delete", "truncate") for text in texts):
                return True
    return False


_EMPTYING = frozenset({"drop_all", "create_all", "delete", "unlink", "drop_database", "truncate"})


def _is_per_test(function: Function, label: str) -> bool:
    """A fixture without a wider scope, or the tear-down of a test case."""
    one = function.of(function.project.typed[label])
    if one.entry != "fixture":
        return one.qualname.rpartition(".")[2] in _SETTING_UP | {"tearDown", "teardown_method"}
    return not scope_of(one)


def scope_of(function: Function) -> str:
    """The scope that the decorator of a fixture names; "" for that of a test."""
    module, parent = function.typed.module, function.typed.function.parent
    scope = module.functions.get(parent, module.body) if parent is not None else module.body
    ops = [op for block in scope.blocks for op in block.ops]
    marks = {
        arg.value
        for op in ops
        if op.do == "closure" and op.name == function.qualname
        for arg in op.args
        if arg.keyword == "decorator"
    }
    for op in ops:
        for arg in op.args if op.dst in marks else ():
            if arg.keyword == "scope" and arg.value != Const("function"):
                return str(arg.value.value) if isinstance(arg.value, Const) else "unknown"
    return ""

"""Every path through a function: which ends a protocol finds, and how sure they are."""

from __future__ import annotations

import textwrap

import pytest
from tests.project.program import PRELUDE, linked

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import CONNECTION_LIFETIME, SESSION_LIFETIME, UNIT_OF_WORK
from sqla_lint.finding import Confidence
from sqla_lint.flow.effects import Effects
from sqla_lint.views import Function


def view(source: str, function: str = "f") -> Function:
    project = linked(m=PRELUDE + textwrap.dedent(source))
    return Function(project.typed[f"m:{function}"], project, Effects(project), (2, 0))


def left_open(source: str, worst: Confidence = Confidence.PLAIN) -> list[tuple[str, str, int]]:
    function = view(source)
    solution = function.solve(CONNECTION_LIFETIME, function.made(kinds.CONNECTION), worst)
    return sorted((end.state, end.way, int(end.tier)) for end in solution.ends)


STATEMENT = "c.execute(text('select 1'))"


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        (f"c = engine.connect(); {STATEMENT}", [("begun", "return", 1)]),
        ("c = engine.connect()", [("open", "return", 1)]),
        (f"c = engine.connect(); {STATEMENT}; c.close()", []),
        (f"c = engine.connect(); {STATEMENT}; c.rollback()", [("open", "return", 1)]),
        (f"with engine.connect() as c: {STATEMENT}", []),
        ("c = engine.connect(); return c", []),
        ("c = engine.connect(); thing(c)", []),
        ("c = engine.connect(); thing.append(c)", []),
        ("c = engine.connect(); thing.c = c", []),
        ("c = engine.connect(); print(c)", [("open", "return", 1)]),
        ("c = d = engine.connect(); d.close()", []),
        ("c = engine.connect(); lambda: c.close()", []),
        ("c = engine.connect(); g = c.close; g()", []),
        ("from contextlib import closing\n    with closing(engine.connect()) as c: pass", []),
    ],
)
def test_ways_a_connection_ends(body: str, ends: list[tuple[str, str, int]]) -> None:
    assert left_open(f"def f(thing):\n    {body}\n") == ends


def test_every_branch_is_followed() -> None:
    source = """
    def f(a):
        c = engine.connect()
        if a:
            c.close()
        return 1
    """
    assert left_open(source) == [("open", "return", 1)]


def test_a_flag_correlates_branches() -> None:
    source = """
    def f(c=None):
        own = c is None
        if own:
            c = engine.connect()
        c.execute(text("select 1"))
        if own:
            c.close()
    """
    assert left_open(source) == []


def test_a_loop_may_turn_not_at_all() -> None:
    source = """
    def f(xs):
        c = engine.connect()
        for x in xs:
            c.close()
    """
    assert left_open(source) == [("open", "return", 1)]


def test_none_is_not_a_connection() -> None:
    source = """
    def f():
        c = engine.connect()
        if c is not None:
            c.close()
    """
    assert left_open(source) == []


def test_finally_closes_on_every_way() -> None:
    source = """
    def f(a):
        c = engine.connect()
        try:
            if a:
                return c.execute(text("select 1")).scalar()
            for x in a:
                continue
        finally:
            c.close()
    """
    assert left_open(source, Confidence.ANY_CALL) == []


def test_an_operation_on_the_connection_that_raises_is_tier_two() -> None:
    source = """
    def f():
        c = engine.connect()
        c.execute(text("select 1"))
        c.close()
    """
    assert left_open(source) == []
    assert left_open(source, Confidence.RESOURCE) == [("begun", "raise", 2)]


def test_another_call_that_raises_is_tier_three() -> None:
    source = """
    def f(thing):
        c = engine.connect()
        thing()
        c.close()
    """
    assert left_open(source, Confidence.RESOURCE) == []
    assert left_open(source, Confidence.ANY_CALL) == [("open", "raise", 3)]


def test_a_handler_for_something_else_does_not_take_a_database_failure() -> None:
    source = """
    def f():
        c = engine.connect()
        try:
            c.execute(text("select 1"))
        except KeyError:
            c.close()
            return
        c.close()
    """
    assert left_open(source, Confidence.RESOURCE) == [("begun", "raise", 2)]


def test_a_callee_of_the_project_is_looked_into() -> None:
    source = """
    def end(c): c.close()
    def look(c): return c.execute(text("select 1")).scalar()
    def f():
        c = engine.connect()
        look(c)
        end(c)
    """
    assert left_open(source) == []
    assert left_open(source.replace("end(c)\n    ", "pass\n    ")) == [("begun", "return", 1)]


def test_an_inspector_runs_statements_on_its_connection() -> None:
    source = """
    from sqlalchemy import inspect
    def f():
        c = engine.connect()
        i = inspect(c)
        return i.has_table("t")
    """
    assert left_open(source) == [("begun", "return", 1)]


def test_a_session_holds_nothing_before_its_first_statement() -> None:
    source = """
    def f(a):
        s = SessionLocal()
        s.add(User())
        if a:
            s.scalars(select(User)).all()
    """
    function = view(source)
    solution = function.solve(SESSION_LIFETIME, function.made(kinds.SESSION))
    assert [(e.state, e.way) for e in solution.ends] == [("begun", "return")]


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        ("s.add(User())", True),
        ("s.add(User()); s.flush()", True),
        ("s.add(User()); s.commit()", False),
        ("s.add(User()); s.rollback()", False),
        ("s.add(User()); s.expunge_all()", False),
        ("s.execute(insert(User))", True),
        ("s.execute(text('update t set a = 1'))", True),
        ("s.execute(text('select 1'))", False),
        ("s.execute(thing)", False),
        ("u = s.get(User, 1); u.id = 2", True),
        ("u = s.query(User).first(); u.id += 2", True),
        ("s.query(User).delete()", True),
        ("s.add(User()); thing(s)", False),
        ("with s.begin(): s.add(User())", False),
    ],
)
def test_what_is_lost_when_a_session_is_closed(body: str, lost: bool) -> None:
    function = view(f"def f(thing):\n    with SessionLocal() as s:\n        {body}\n")
    solution = function.solve(UNIT_OF_WORK, function.made(kinds.SESSION))
    assert bool(solution.ends) is lost


def test_an_end_carries_its_path() -> None:
    source = """
    def f():
        s = SessionLocal()
        s.add(User())
        s.close()
    """
    function = view(source)
    (end,) = function.solve(UNIT_OF_WORK, function.made(kinds.SESSION)).ends
    assert [note.message for note in function.path(end.trail)] == [
        "opened here",
        "a change is handed to the session here",
        "closed here",
    ]


def test_too_many_facts_give_the_question_up() -> None:
    branches = "".join(f"        if a{i}:\n            c{i} = c\n" for i in range(14))
    names = ", ".join(f"a{i}" for i in range(14))
    source = f"def f({names}):\n        c = engine.connect()\n{branches}        return 1\n"
    function = view(source)
    solution = function.solve(CONNECTION_LIFETIME, function.made(kinds.CONNECTION))
    assert not solution.complete
    assert solution.ends == ()


def test_a_plain_string_raises_and_writes_nothing() -> None:
    source = """
    def f():
        with engine.connect() as c:
            c.execute("delete from t")
    """
    function = view(source)
    solution = function.solve(UNIT_OF_WORK, function.made(kinds.CONNECTION))
    assert solution.ends == ()
    driver = view(source.replace("execute(", "exec_driver_sql("))
    assert driver.solve(UNIT_OF_WORK, driver.made(kinds.CONNECTION)).ends

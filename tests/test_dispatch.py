"""What a rule asks for is all it sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import sqla_lint.rules  # noqa: F401
from project.program import linked
from sqla_lint.catalog import kinds
from sqla_lint.dispatch import Dispatch
from sqla_lint.flow.effects import Effects
from sqla_lint.rule import Call, Function, Report, RuleInfo, rules
from sqla_lint.subscription import EVERYTHING, On, calls, functions_with, operations

CODE = """
from sqlalchemy import text
from sqlalchemy.orm import Session

def work(session: Session, names):
    for name in names:
        session.execute(text("SELECT 1"))
    session.commit()
    print(not names)
"""


def seen(on: On, view: str = "Operation") -> Counter[tuple[str, str | None]]:
    project = linked(app=CODE)
    info = replace(next(iter(rules().values())), view=view, on=on)
    table = Dispatch([info])
    found: Counter[tuple[str, str | None]] = Counter()
    for typed in project.typed.values():
        function = Function(typed, project, Effects(project), (2, 0))
        for _, subject in table.subjects(function):
            op = getattr(subject, "op", None)
            found[(op.do, op.name) if op is not None and view != "Function" else ("", "")] += 1
    return found


def test_a_rule_that_asks_for_nothing_sees_every_operation() -> None:
    assert {do for do, _ in seen(EVERYTHING)} >= {"call", "next", "unary"}


def test_a_view_of_calls_shows_calls_only() -> None:
    assert {do for do, _ in seen(EVERYTHING, "Call")} == {"call"}


def test_operations_by_what_they_do() -> None:
    assert set(seen(operations("unary", names=["not"]))) == {("unary", "not")}


def test_calls_by_name_and_receiver() -> None:
    assert set(seen(calls("commit", "execute", receivers=[kinds.SESSION]), "Call")) == {
        ("call", "commit"),
        ("call", "execute"),
    }
    assert not seen(calls("commit", receivers=[kinds.ENGINE]), "Call")


def test_functions_by_the_kinds_in_them() -> None:
    assert sum(seen(functions_with(kinds.SESSION), "Function").values()) == 1
    assert not seen(functions_with(kinds.SAVEPOINT), "Function")
    assert not seen(operations(present=[kinds.SAVEPOINT]))


def test_a_rule_that_does_not_apply_is_never_called() -> None:
    """A thousand rules about something else cost no call at all."""
    project = linked(app=CODE)
    asked = 0

    def check(call: Call) -> Iterator[Report]:
        nonlocal asked
        asked += 1
        return iter(())

    some = next(iter(rules().values()))
    infos: list[RuleInfo] = [
        replace(some, code=f"SAL{n}", view="Call", check=check, on=calls(f"method_{n}"))
        for n in range(1000)
    ]
    from sqla_lint.lint import lint

    lint(project, {i.code: i for i in infos}, {"app.py"}, (2, 0), lambda *_: True)
    assert asked == 0

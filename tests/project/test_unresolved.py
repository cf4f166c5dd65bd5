"""Honest silence: what is not known is counted with its reason."""

from __future__ import annotations

from tests.project.program import linked

from sqla_lint.project.unresolved import ATTRIBUTE, PARAMETER, RESULT, VARIABLE

SOURCE = """
from elsewhere import make, thing
def f(session, handle: int):
    session.execute("a")
    session.commit()
    thing.x.y.rollback()
    make()().commit()
    other = session.bind
    for one in other:
        one.commit()
    [].append(session)
"""


def test_unknown_receivers_are_counted_by_reason() -> None:
    found = linked(m=SOURCE).inferred["m:f"].unresolved
    assert found == {PARAMETER: 2, VARIABLE: 1}


def test_known_receivers_are_not_counted() -> None:
    source = "import requests\ns = requests.Session()\ndef f():\n    s.commit()\n"
    assert not linked(m=source).inferred["m:f"].unresolved


def test_every_reason_can_be_given() -> None:
    source = "def f(a):\n    a.b.commit()\n    a()().commit()\n"
    assert linked(m=source).inferred["m:f"].unresolved == {ATTRIBUTE: 1, RESULT: 1}

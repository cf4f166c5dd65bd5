"""What a whole file does in one way is told once."""

from __future__ import annotations

import pytest

from sqla_lint import lint_source
from sqla_lint.finding import Finding
from sqla_lint.settings import Settings

HEAD = """from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")
"""
ONE = """

def clean_{n}() -> None:
    with Session(engine) as session:
        session.execute(text("DELETE FROM t{n}"))
        session.commit()
"""


def found(number: int, settings: Settings) -> list[Finding]:
    program = HEAD + "".join(ONE.format(n=n) for n in range(number))
    findings = lint_source(program, settings=settings).findings
    return [one for one in findings if one.code == "SAL301"]


def test_a_convention_is_told_once() -> None:
    (one,) = found(12, Settings())
    assert one.span is not None
    assert one.span.line == 8
    assert one.message.endswith("; so do 11 more in this file")
    assert "--pedantic" in one.help


@pytest.mark.parametrize("number", [1, 8])
def test_a_few_are_told_one_by_one(number: int) -> None:
    assert len(found(number, Settings())) == number


def test_pedantic_tells_each() -> None:
    findings = found(12, Settings(pedantic=True))
    assert len(findings) == 12
    assert not any("more in this file" in one.message for one in findings)

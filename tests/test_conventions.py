"""What a whole file or program does in one way is told once a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint import lint_paths, lint_source
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


@pytest.mark.parametrize(("files", "told", "as_one"), [(8, 16, 0), (9, 9, 9)])
def test_what_many_files_do_is_told_once_in_each(
    tmp_path: Path, files: int, told: int, as_one: int
) -> None:
    for n in range(files):
        (tmp_path / f"m{n}.py").write_text(HEAD + ONE.format(n=1) + ONE.format(n=2))
    settings = Settings(root=tmp_path, jobs=1, cache_dir=None)
    findings = [
        one for one in lint_paths([tmp_path], settings=settings).findings if one.code == "SAL301"
    ]
    assert len(findings) == told
    assert sum(one.message.endswith("; so does 1 more in this file") for one in findings) == as_one

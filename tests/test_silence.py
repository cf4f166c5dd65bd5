"""Suppression comments that `--add-noqa` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.finding import Finding, Span
from sqla_lint.fix.silence import silence_files, silenced
from sqla_lint.suppress import suppressions


def at(line: int, code: str = "SAL101", path: str = "a.py") -> Finding:
    return Finding(code, "a-name", "m", path, 0, span=Span(line, 1, line, 2))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n", "x = 1  # noqa: SAL101\n"),
        ("x = 1\r\ny = 2\r\n", "x = 1  # noqa: SAL101\r\ny = 2\r\n"),
        ("x = 1", "x = 1  # noqa: SAL101"),
        ("x = 1  # why\n", "x = 1  # why  # noqa: SAL101\n"),
        ("x = 1  # noqa: E501\n", "x = 1  # noqa: E501, SAL101\n"),
        ("x = 1  # noqa: E501 too long\n", "x = 1  # noqa: E501, SAL101 too long\n"),
        ("x = 1  # noqa: SAL101\n", "x = 1  # noqa: SAL101\n"),
        ('x = """\n# no\n"""\n', 'x = """\n# no\n"""  # noqa: SAL101\n'),
        ("x = f(\n  a,\n)\n", "x = f(\n  a,\n)  # noqa: SAL101\n"),
        ("x = 1 + \\\n  2\n", "x = 1 + \\\n  2  # noqa: SAL101\n"),
    ],
)
def test_the_comment_goes_to_the_end_of_the_statement(before: str, after: str) -> None:
    assert silenced(before, [at(1)]) == after
    assert suppressions(after).covers("SAL101", "a-name", Span(1, 1, 1, 2))


def test_codes_of_one_statement_share_a_comment() -> None:
    assert silenced("x = 1\n", [at(1, "SAL403"), at(1)]) == "x = 1  # noqa: SAL101, SAL403\n"


def test_files_are_written_whole_and_once(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes("x = 'é'\r\ny = 2\r\n".encode())
    done = silence_files([at(1, path=str(file)), at(2, path=str(file))])
    assert done == (2, 1, ())
    assert file.read_bytes() == "x = 'é'  # noqa: SAL101\r\ny = 2  # noqa: SAL101\r\n".encode()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.py")
    done = silence_files([at(1, path=gone)])
    assert (done.findings, done.troubles) == (0, (f"{gone}: No such file or directory",))

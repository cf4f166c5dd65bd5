"""Suppression comments: which are seen, and what they silence."""

from __future__ import annotations

import io
import sys
import sysconfig
import tokenize
from pathlib import Path

import pytest

from sqla_lint.finding import Span
from sqla_lint.suppress import statements, suppressions

CODE, NAME = "SAL101", "connection-not-closed"


def silenced(source: str, line: int, end_line: int | None = None) -> bool:
    return suppressions(source).covers(CODE, NAME, Span(line, 1, end_line or line, 2))


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NOQA",
        "# noqa - we know",
        "# noqa: SAL101",
        "# noqa:SAL101",
        "# noqa : sal101",
        "# noqa: E501, SAL101",
        "# noqa: E501 SAL101 closed elsewhere",
        "# noqa: SAL1",
        "# type: ignore  # noqa: SAL101",
        "# sqla-lint: ignore",
        "# sqla-lint: ignore[SAL101]",
        "# sqla-lint: ignore[connection-not-closed] the pool is our own",
        "# sqla-lint:ignore[ SAL403 , SAL101 ]",
        "# sqla-lint: ignore[SAL]",
    ],
)
def test_a_comment_that_names_the_rule_silences_its_line(comment: str) -> None:
    source = f"a = 1\nconn = engine.connect()  {comment}\nb = 2\n"
    assert silenced(source, 2)
    assert not silenced(source, 1)
    assert not silenced(source, 3)


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: E501",
        "# noqa: SAL102",
        "# noqa: because I say so",
        "# noqa:",
        "# noqable",
        "# ruff: noqa",
        "# sqla-lint: ignore[SAL102]",
        "# sqla-lint: ignore[]",
        "# sqla-lint: ignore[connection]",
        "# sqla-lint: disable",
    ],
)
def test_a_comment_that_names_something_else_does_not(comment: str) -> None:
    assert not silenced(f"conn = engine.connect()  {comment}\n", 1)


@pytest.mark.parametrize(
    "literal",
    [
        "'# noqa'",
        '"# noqa"',
        "'''\n# noqa\n'''",
        "'it\\'s # noqa'",
        'f"{x} # noqa"',
        "r'\\' # noqa'",
    ],
)
def test_a_string_is_no_comment(literal: str) -> None:
    assert not silenced(f"x = {literal}\n", 1, 3)


def test_a_comment_on_any_line_of_the_statement_counts() -> None:
    source = 'rows = session.execute(\n    """\n    select 1\n    """\n)  # noqa: SAL101\nx = 1\n'
    assert silenced(source, 2, 4)
    assert silenced(source, 1)
    assert not silenced(source, 6)


def test_a_comment_inside_brackets_belongs_to_the_statement() -> None:
    source = "f(\n    # noqa\n    engine.connect(),\n)\n"
    assert silenced(source, 3)


def test_a_backslash_continues_the_statement() -> None:
    assert silenced("x = \\\n  engine.connect()  # noqa\n", 1)


def test_our_comment_on_its_own_line_holds_for_the_next_statement() -> None:
    source = "# sqla-lint: ignore[SAL101] kept open\n# more words\n\nc = f(\n  1)\nd = 1\n"
    assert silenced(source, 4)
    assert silenced(source, 5)
    assert not silenced(source, 6)


def test_noqa_on_its_own_line_is_for_that_line_only() -> None:
    assert not silenced("# noqa\nc = f()\n", 2)


def test_ignore_file_holds_everywhere() -> None:
    source = "x = 1\n# sqla-lint: ignore-file[SAL101] generated\n"
    assert silenced(source, 1)
    assert not suppressions(source).covers("SAL102", "session-not-closed", Span(1, 1, 1, 2))


def test_what_was_used_is_remembered() -> None:
    found = suppressions("a()  # noqa: SAL101\nb()  # noqa: SAL101\n")
    assert found.covers(CODE, NAME, Span(1, 1, 1, 2))
    assert [directive.line for directive in found.used] == [1]


def test_bad_comments_are_remembered_with_their_line() -> None:
    found = suppressions("a = 1\nb = 2  # sqla-lint: disable=all\n")
    assert found.malformed == (
        (2, "expected `ignore[...]` or `ignore-file[...]` after `sqla-lint:`"),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(newline: str) -> None:
    source = newline.join(["a = '''x", "y'''", "\x0c", "b = 'u\u2028v'", "c()  # noqa", ""])
    assert silenced(source, 5)
    assert not silenced(source, 4)


def test_newer_syntax_and_broken_files_are_read_all_the_same() -> None:
    assert silenced('x = f"{d["a"]}"\nc = f()  # noqa\n', 2)
    assert silenced("x = 'open\nc = f()  # noqa\n", 2)


def test_comments_are_those_of_tokenize() -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(folder.glob("*.py"))[::8]:
        source = path.read_text(encoding="utf-8").replace("\x0c", " ")
        theirs = [
            (token.start[0], token.string)
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        ]
        ours = [comment for statement in statements(source) for comment in statement.comments]
        assert ours == theirs, f"{path} on {sys.version}"


def test_our_comment_over_a_block_holds_for_the_block() -> None:
    source = (
        "# sqla-lint: ignore[SAL101] measured\n"
        "@app.get('/')\n"
        "# more words\n"
        "def f():\n"
        "    a = 1\n"
        "\n"
        "  # oddly indented\n"
        "    if a:\n"
        "        b()\n"
        "\n"
        "c()\n"
    )
    assert [line for line in range(1, 12) if silenced(source, line)] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_a_block_on_one_line_ends_there() -> None:
    source = "# sqla-lint: ignore\nif a: b()\nc()\n"
    assert (silenced(source, 2), silenced(source, 3)) == (True, False)


def test_reasons_are_read() -> None:
    source = (
        "a()  # noqa: SAL101, E501 the pool is our own\n"
        "b()  # sqla-lint: ignore[SAL101] - closed by the caller\n"
        "c()  # noqa: SAL101\n"
    )
    reasons = [directive.reason for directive in suppressions(source).directives]
    assert reasons == ["the pool is our own", "closed by the caller", ""]


def test_either_end_of_a_path_can_be_silenced() -> None:
    source = "a()  # noqa: SAL101\nb()\nc()\n"
    here, there = Span(3, 1, 3, 2), Span(1, 1, 1, 2)
    assert suppressions(source).covers(CODE, NAME, here, there)
    assert not suppressions(source).covers(CODE, NAME, here)

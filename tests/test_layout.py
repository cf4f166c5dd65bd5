"""What differs in comments and layout only is the same program, and nothing else is."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from sqla_lint.layout import same_code
from sqla_lint.syntax import ParseFailure, lower

CODE = """\
from sqlalchemy import text


def count(conn, *, of="t"):
    if of:
        return conn.execute(text(f"SELECT 1 FROM {of}"), {"a": 1}).scalar()
    return None  # nothing
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  # nothing", ""),
        ("    return None", "\n    # here\n    return  None"),
        ('{"a": 1}', '{\n  "a": 1  # one\n}'),
        ("import text\n", "import text\n\n# noqa\n"),
        ("import text", "import \\\n  text"),
    ],
)
def test_comments_and_layout_are_no_code(before: str, after: str) -> None:
    assert before in CODE
    changed = CODE.replace(before, after, 1)
    assert same_code(CODE.encode(), changed.encode())
    assert same_code(CODE.encode(), changed.replace("\n", "\r\n").encode())
    assert same_code(CODE.encode(), changed.removesuffix("\n").encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1 FROM", "1  FROM"),
        ("1 FROM", "1 # FROM"),
        ("{of}", "{ of }"),
        ("{of}", "{of=}"),
        ('"t"', "'t'"),
        ("{of}", "{{of}}"),
        ('{"a": 1}', '({"a": 1})'),
        ('{"a": 1}', '{"a": 1,}'),
        ("    return None", "        return None"),
        ("None", "(None)"),
        ("\n    return None", "; return None"),
        ("    return None", "    None"),
        ("count", "counted"),
        (":\n    if", ':\n    ""\n    if'),
        ("def ", "def ("),
        ("  # nothing", "\r# nothing"),
        ("from", "# coding: latin-1\nfrom"),
        ("    return None", "    \\\n    return None"),
    ],
)
def test_everything_else_is(before: str, after: str) -> None:
    assert before in CODE
    assert not same_code(CODE.encode(), CODE.replace(before, after, 1).encode())


def test_of_what_is_no_python_nothing_is_known() -> None:
    assert not same_code(b"print 1\n", b"print 1\n")
    assert not same_code(b"x = '\xff'\n", b"x = '\xff'\n")
    assert not same_code(b"f'''{'\n", b"f'''{'\n")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="such strings do not nest before")
def test_a_comment_sign_in_a_nested_string_is_no_comment() -> None:
    assert not same_code(b'f"{x["#a"]}"\n', b'f"{x["#b"]}"\n')


def test_what_is_called_the_same_is_lowered_to_the_same() -> None:
    """Random edits of our own files, most of them in layout."""
    rng = random.Random(7)
    files = sorted((Path(__file__).parents[1] / "src" / "sqla_lint").rglob("*.py"))
    same = 0
    for file in rng.sample([one for one in files if 500 < one.stat().st_size < 9_000], 30):
        before = file.read_text("utf-8")
        for _ in range(16):
            at = rng.randrange(len(before))
            piece = rng.choice((" ", "\n", "  # a\n", "#", "(", ",", "\\\n", "\t", "\n\n\n", '"'))
            after = before[:at] + piece + before[at:]
            if same_code(before.encode(), after.encode()):
                same += 1
                assert _lowered(before) == _lowered(after), (file.name, at, piece)
    assert same > 40


def _lowered(text: str) -> str | None:
    try:
        module = lower(text.encode(), "a.py", "a")
    except ParseFailure:
        return None
    module.lines = 0
    spelled = [
        (name, sorted(one.locals), sorted(one.captures.items()), one.params, one.blocks, one.doc)
        for name, one in module.functions.items()
    ]
    return repr((spelled, module.classes, module.starts))

"""Reports: what a finding looks like in each format."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sqla_lint.finding import (
    Applicability,
    Confidence,
    Finding,
    Rewrite,
    Severity,
    Span,
    Step,
)
from sqla_lint.report import RENDERERS, Page, Paint, statistics, summary
from sqla_lint.report.frame import MOST_CODE, Mark, frame
from sqla_lint.report.page import Change
from sqla_lint.settings import OUTPUT_FORMATS

SOURCE = """\
from app import engine, text


def names():
    conn = engine.connect()
    rows = conn.execute(text("select name from users"))
    # a comment

    more = 1
    return [row.name for row in rows]
"""
LEAK = Finding(
    code="SAL101",
    name="connection-not-closed",
    message="`conn` is not closed when `names` returns (line 10): it stays checked out of the pool",
    path="app/db.py",
    at=0,
    severity=Severity.ERROR,
    function="names",
    help="open it with `with engine.connect() as conn:`",
    steps=(
        Step("`conn` is opened", 0, span=Span(5, 12, 5, 28)),
        Step("a transaction begins", 0, span=Span(6, 12, 6, 56)),
        Step("`names` returns", 0, span=Span(10, 5, 10, 38)),
    ),
    rewrite=Rewrite("put the uses of `conn` into a `with` block", Applicability.UNSAFE, ()),
    span=Span(5, 12, 5, 28),
)
RAW = Finding(
    code="SAL403",
    name="raw-string-statement",
    message="a plain string cannot be executed",
    path="app/db.py",
    at=0,
    confidence=Confidence.RESOURCE,
    rewrite=Rewrite("wrap the string in text()", Applicability.SAFE, ()),
    span=Span(9, 5, 9, 13),
)
PAGE = Page((LEAK, RAW), {"app/db.py": SOURCE}, files=7)


def report(name: str, page: Page = PAGE, paint: Paint | None = None) -> list[str]:
    return list(RENDERERS[name](page, paint or Paint()))


def test_every_output_format_has_a_renderer() -> None:
    assert tuple(RENDERERS) == OUTPUT_FORMATS


def test_full_shows_code_path_and_help() -> None:
    assert "\n".join(report("full", replace_findings(LEAK))) == (
        """\
error[SAL101 connection-not-closed]: `conn` is not closed when `names` returns
  (line 10): it stays checked out of the pool
  --> app/db.py:5:12 in `names`
   |
 4 | def names():
 5 |     conn = engine.connect()
   |            ^^^^^^^^^^^^^^^^ 1
 6 |     rows = conn.execute(text("select name from users"))
   |            -------------------------------------------- 2
 7 |     # a comment
   :
10 |     return [row.name for row in rows]
   |     --------------------------------- 3
   |
 1. line 5: `conn` is opened
 2. line 6: a transaction begins
 3. line 10: `names` returns
help: open it with `with engine.connect() as conn:`
fix: put the uses of `conn` into a `with` block (`--fix --unsafe-fixes` does it;
     look it over)
"""
    )


def replace_findings(*findings: Finding) -> Page:
    return Page(findings, {"app/db.py": SOURCE}, files=7)


def test_a_step_in_another_file_is_named_with_it() -> None:
    step = Step("the caller goes on", 0, path="app/web.py", span=Span(3, 1, 3, 2))
    lines = report("full", replace_findings(replace(LEAK, steps=(step,))))
    assert " 1. app/web.py:3: the caller goes on" in lines


def test_a_finding_without_source_or_place_is_still_told() -> None:
    lines = report("full", Page((replace(LEAK, span=None, steps=()),), {}))
    assert lines[2] == "  --> app/db.py:1:1 in `names`"


def test_concise_is_one_line_each() -> None:
    assert report("concise", replace_findings(replace(LEAK, message="two\n lines"), RAW)) == [
        "app/db.py:5:12: SAL101 two lines",
        "app/db.py:9:5: SAL403 [*] a plain string cannot be executed",
    ]


def test_json_has_the_documented_fields() -> None:
    first, second = json.loads("\n".join(report("json")))
    assert first == {
        "code": "SAL101",
        "name": "connection-not-closed",
        "severity": "error",
        "confidence": "plain",
        "message": LEAK.message,
        "filename": "app/db.py",
        "cell": None,
        "location": {"row": 5, "column": 12},
        "end_location": {"row": 5, "column": 28},
        "function": "names",
        "help": "open it with `with engine.connect() as conn:`",
        "path": [
            {
                "message": step.message,
                "filename": "app/db.py",
                "location": {"row": step.span.line, "column": step.span.column},
                "end_location": {"row": step.span.end_line, "column": step.span.end_column},
            }
            for step in LEAK.steps
            if step.span
        ],
        "fix": {
            "applicability": "unsafe",
            "message": "put the uses of `conn` into a `with` block",
            "edits": [],
        },
        "noqa_row": 5,
        "url": None,
    }
    assert (second["confidence"], second["fix"]["applicability"]) == ("resource", "safe")
    assert json.loads("\n".join(report("json", Page(())))) == []


def test_json_says_where_a_noqa_goes() -> None:
    source = 'x = f(\n    """\n    select\n    """,\n)\n'
    finding = replace(RAW, path="a.py", span=Span(2, 5, 4, 8))
    (record,) = json.loads("\n".join(report("json", Page((finding,), {"a.py": source}))))
    assert record["noqa_row"] == 5


def test_json_hands_over_the_edits() -> None:
    page = replace(replace_findings(RAW), changes={0: (Change(0, 4, "x\n"), Change(29, 30, ""))})
    (record,) = json.loads("\n".join(report("json", page)))
    assert record["fix"]["edits"] == [
        {
            "content": "x\n",
            "location": {"row": 1, "column": 1},
            "end_location": {"row": 1, "column": 5},
        },
        {
            "content": "",
            "location": {"row": 2, "column": 1},
            "end_location": {"row": 3, "column": 1},
        },
    ]


def test_github_annotates_and_escapes() -> None:
    odd = replace(RAW, path="a,b:c.py", message="100% of\nit", severity=Severity.ADVICE)
    assert report("github", replace_findings(LEAK, odd)) == [
        "::error file=app/db.py,line=5,col=12,endLine=5,endColumn=28,title=sqla-lint (SAL101)"
        f"::app/db.py:5:12: SAL101 {LEAK.message}",
        "::notice file=a%2Cb%3Ac.py,line=9,col=5,endLine=9,endColumn=13,title=sqla-lint (SAL403)"
        "::a,b:c.py:9:5: SAL403 100%25 of it",
    ]


def test_absolute_paths_below_the_current_folder_are_shown_short() -> None:
    inside = replace(RAW, path=os.path.join(os.getcwd(), "x", "y.py"))
    outside = replace(RAW, path=str(Path(os.path.abspath(os.sep), "elsewhere", "y.py")))
    first, second = report("concise", replace_findings(inside, outside))
    assert first.startswith("x/y.py:9:5:")
    assert second.startswith(f"{Path(outside.path).as_posix()}:9:5:")


def test_colours_only_when_wanted() -> None:
    plain = "\n".join(report("full"))
    colourful = "\n".join(report("full", paint=Paint(colours=True)))
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[SAL101 connection-not-closed]:\x1b[0m" in colourful


def test_prose_wraps_and_code_does_not() -> None:
    lines = report("full", paint=Paint(width=40))
    prose = [line for line in lines if "|" not in line and "-->" not in line]
    assert max(map(len, prose)) <= 45
    assert '6 |     rows = conn.execute(text("select name from users"))' in "\n".join(lines)


def shown(line: str, span: Span) -> tuple[str, str]:
    """The line of code and its underline."""
    _, code, marks, _ = frame([line], [Mark(span, line="^")], Paint())
    return code.removeprefix("1 | "), marks.removeprefix("  | ")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("x = conn", "conn"),
        ("\t\tx = conn", "conn"),
        ("名前 = conn + '日本'", "conn"),
        ("x = '日本'", "'日本'"),
        ("e\u0301 = conn", "conn"),
    ],
)
def test_marks_stand_under_what_they_mark(line: str, word: str) -> None:
    from sqla_lint.report.paint import cells

    at = line.index(word) + 1
    code, marks = shown(line, Span(1, at, 1, at + len(word)))
    before = code[: code.index(word)]
    assert marks == " " * cells(before) + "^" * cells(word)


def test_a_span_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    lines = list(frame(["f(", "  1)"], [Mark(Span(1, 1, 2, 5), line="^")], Paint()))
    assert lines == ["  |", "1 | f(", "  | ^^", "2 |   1)", "  |"]


def test_marks_that_touch_get_rows_of_their_own() -> None:
    marks = [Mark(Span(1, 1, 1, 9), "1", line="^"), Mark(Span(1, 5, 1, 9), "2")]
    assert list(frame(["abc(defg)"], marks, Paint()))[2:4] == ["  | ^^^^^^^^ 1", "  |     ---- 2"]


def test_source_cannot_steer_the_terminal() -> None:
    code, _ = shown("x = '\x1b[2J\x0c\u202e'", Span(1, 1, 1, 2))
    assert code == "x = '\ufffd[2J\ufffd\ufffd'"
    (line,) = report("concise", replace_findings(replace(RAW, message="a\x1b[31m", path="\x1b.py")))
    assert "\x1b" not in line


def test_endless_lines_are_cut_around_the_finding() -> None:
    code, marks = shown("x" * 50_000 + "conn" + "y" * 50_000, Span(1, 50_001, 1, 50_005))
    assert len(code) < MOST_CODE + 10
    assert code[marks.index("^") : marks.index("^") + 4] == "conn"


def test_a_mark_beyond_the_file_does_no_harm() -> None:
    assert list(frame(["x"], [Mark(Span(9, 1, 9, 2))], Paint())) == []
    assert shown("x", Span(1, 5, 1, 9))[0] == "x"


def test_summary_counts_severities_files_and_fixes() -> None:
    assert list(summary(PAGE, Paint(), fixed=None, unsafe=False)) == [
        "Found 1 error and 1 warning in 1 of 7 files.",
        "1 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`.",
    ]
    assert list(summary(PAGE, Paint(), fixed=None, unsafe=True))[1:] == [
        "2 fixable with `--fix`.",
    ]
    assert list(summary(PAGE, Paint(), fixed=2, unsafe=False)) == [
        "Fixed 2 findings.",
        "Found 1 error and 1 warning in 1 of 7 files.",
        "1 fixable with `--fix --unsafe-fixes`.",
    ]
    assert list(summary(Page((), files=1), Paint(), fixed=None, unsafe=False)) == [
        "No findings in 1 file."
    ]


def test_statistics_count_rules() -> None:
    assert list(statistics([RAW, LEAK, RAW], "full", Paint())) == [
        "2  SAL403  [*] raw-string-statement",
        "1  SAL101  [ ] connection-not-closed",
    ]
    assert json.loads("".join(statistics([LEAK], "json", Paint()))) == [
        {"code": "SAL101", "name": "connection-not-closed", "count": 1, "fixable": 0}
    ]

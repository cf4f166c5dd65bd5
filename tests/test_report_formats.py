"""Reports for other programs, held against their formats; and the page, seen by a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

import sqla_lint.rules  # noqa: F401  (rules tell their help in SARIF)
from sqla_lint.finding import Span
from sqla_lint.report import Page
from sqla_lint.report.gitlab import fingerprints
from sqla_lint.report.page import Change
from test_report import LEAK, PAGE, RAW, SOURCE, report

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SCHEMA = os.environ.get("SARIF_SCHEMA", "")


class Trouble(NamedTuple):
    path: str
    line: int | None
    message: str
    fatal: bool = True


BROKEN = replace(PAGE, troubles=(Trouble("app/bad.py", 3, "invalid <syntax>"),))
EDITED = replace(PAGE, changes={1: (Change(0, 4, "with\n"),)})


def whole(name: str, page: Page = PAGE) -> str:
    return "\n".join(report(name, page))


def test_grouped_names_each_file_once() -> None:
    assert report("grouped") == [
        "app/db.py:",
        f"  5:12 SAL101 {LEAK.message}",
        "  9:5  SAL403 [*] a plain string cannot be executed",
        "",
    ]


def test_json_lines_are_the_records_of_json() -> None:
    assert [json.loads(line) for line in report("json-lines")] == json.loads(whole("json"))


def test_gitlab_has_what_the_format_requires() -> None:
    first, second = json.loads(whole("gitlab"))
    assert first["location"] == {"path": "app/db.py", "lines": {"begin": 5, "end": 5}}
    assert (first["severity"], second["severity"]) == ("major", "minor")
    assert first["check_name"] == "SAL101"
    assert first["fingerprint"] != second["fingerprint"]


def test_fingerprints_outlive_moved_lines_and_tell_twins_apart() -> None:
    lower = replace(LEAK, span=Span(6, 12, 6, 28))
    below = replace(PAGE, findings=(lower,))
    below = replace(below, sources={"app/db.py": "\n" + SOURCE})
    assert fingerprints(below) == fingerprints(replace(PAGE, findings=(LEAK,)))
    assert len(set(fingerprints(replace(PAGE, findings=(LEAK, LEAK))))) == 2


def test_junit_counts_and_escapes() -> None:
    odd = replace(RAW, message="a < b & \x00 \x1b")
    root = ET.fromstring(whole("junit", replace(BROKEN, findings=(LEAK, odd))))
    assert (root.get("failures"), root.get("errors")) == ("2", "1")
    failures = [case.find("failure") for case in root.iter("testcase")]
    messages = [failure.get("message") for failure in failures if failure is not None]
    assert messages == [LEAK.message, "a < b & \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"]


def test_junit_of_a_clean_run_has_one_passed_test() -> None:
    root = ET.fromstring(whole("junit", Page((), files=2)))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_sarif_tells_path_fix_and_rule() -> None:
    (run,) = json.loads(whole("sarif", EDITED))["runs"]
    leak, raw = run["results"]
    (flow,) = leak["codeFlows"][0]["threadFlows"]
    told = [place["location"]["message"]["text"] for place in flow["locations"]]
    assert told == [step.message for step in LEAK.steps]
    (replacement,) = raw["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {
        "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 5},
        "insertedContent": {"text": "with\n"},
    }
    rules = run["tool"]["driver"]["rules"]
    assert rules[leak["ruleIndex"]]["id"] == "SAL101"
    assert "## Why is this bad?" in rules[0]["help"]["markdown"]


def test_sarif_says_when_a_file_could_not_be_checked() -> None:
    (run,) = json.loads(whole("sarif", BROKEN))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "invalid <syntax>"


@pytest.mark.skipif(not SCHEMA, reason="SARIF_SCHEMA names no copy of the official schema")
@pytest.mark.parametrize("page", [PAGE, EDITED, BROKEN, Page(())])
def test_sarif_is_valid_by_the_official_schema(page: Page) -> None:
    import jsonschema

    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    problems = [error.message for error in validator.iter_errors(json.loads(whole("sarif", page)))]
    assert problems == []


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = whole("html", BROKEN)
    assert "invalid &lt;syntax&gt;" in page
    for loads in ("<link", "src=", "@import", "http://", "https://", "url("):
        assert loads not in page.replace("http://www.w3.org/2000/svg", "")


def test_code_cannot_break_out_of_the_page() -> None:
    nasty = "x = '</script><script>alert(1)</script>'\n" * 12
    page = whole("html", replace(PAGE, sources={"app/db.py": nasty}))
    assert "<script>alert" not in page


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.slow
def test_a_browser_shows_and_filters_the_page(tmp_path: Path) -> None:
    """The script counts what it shows and draws the path of an opened finding."""
    script = (
        "<script>addEventListener('load', () => {"
        "const f = document.querySelector('.finding'); f.open = true;"
        "const filter = document.getElementById('filter'); filter.value = 'sal101';"
        "filter.dispatchEvent(new Event('input'));"
        "setTimeout(() => {document.body.dataset.ways ="
        "document.querySelectorAll('svg.way path').length;}, 50);"
        "});</script>"
    )
    file = tmp_path / "report.html"
    file.write_text(whole("html").replace("</body>", script + "</body>"), encoding="utf-8")
    assert CHROMIUM is not None
    dom = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom",
         file.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert '<output id="shown">1 of 2</output>' in dom
    assert 'data-ways="2"' in dom

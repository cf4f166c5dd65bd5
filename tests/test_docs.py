"""The committed pages are those that the rules and the settings table make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readme import README, output, renewed
from sqla_lint.docs import generate, pages, registry

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", [name for name, _ in pages()])
def test_a_committed_page_is_up_to_date(name: str) -> None:
    committed = DOCS / name
    assert committed.is_file(), "run `python -m sqla_lint.docs docs`"
    assert committed.read_text(encoding="utf-8") == dict(pages())[name], (
        "run `python -m sqla_lint.docs docs`"
    )


def test_no_page_is_left_over() -> None:
    expected = {name for name, _ in pages() if name.startswith("rules/")}
    assert {f"rules/{path.name}" for path in (DOCS / "rules").glob("*.md")} == expected


def test_generating_replaces_and_removes(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "SAL000-gone.md").write_text("old")
    generate(tmp_path)
    assert not (tmp_path / "rules" / "SAL000-gone.md").exists()
    assert len(list((tmp_path / "rules").iterdir())) == len(registry()) + 1


def test_the_readme_shows_real_output() -> None:
    text = README.read_text(encoding="utf-8")
    assert "<!-- output: sqla-lint " in text
    assert renewed(text) == text, "run `python tests/readme.py`"


def test_the_readme_names_every_rule_that_is_on() -> None:
    text = README.read_text(encoding="utf-8")
    on = {code for code, rule in registry().items() if rule.group == "on"}
    assert {code for code in on if code not in text} == set()
    assert set(re.findall(r"SAL[0-9]{3}", text)) <= set(registry())


@pytest.mark.slow
def test_the_first_target_of_the_readme_has_findings() -> None:
    assert "SAL101" in output("fixtures --statistics")


def test_links_between_pages_lead_somewhere() -> None:
    files = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    for file in files:
        for target in re.findall(r"\]\(([^)#:\s]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"

"""Every fixture says what is found in it: as it is, suppressed, fixed, fixed again, and split."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from elsewhere import bound
from sqla_lint.finding import Finding
from sqla_lint.rule import rules
from sqla_lint.run import Outcome, run
from sqla_lint.settings import Settings

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
RULE_FOLDERS = sorted(FIXTURES.glob("SAL*"))

TARGET_VERSION = "2.0"  # unless a file says otherwise
SPLIT = re.compile(r"^# --- split$", re.MULTILINE)
MARK = re.compile(r"#\s*(expect|missed|false):\s*(SAL\d{3})\b *([^#\n]*)")
MARKS = re.compile(r"[ \t]*#\s*(?:expect|missed|false):\s*SAL\d{3}\b.*")
NOQA_MARKS = re.compile(r"([ \t]*# noqa: [A-Z0-9, ]*?)?" + MARKS.pattern)
TEMPORARY = re.compile(r"%\d")  # what the lowering calls values that have no name
HEADER = re.compile(r"^# run: (.*)$", re.MULTILINE)


class Mark(NamedTuple):
    """What a comment says about its line."""

    what: str  # expect: found; missed: not found, though it should be; false: found, but wrong
    code: str
    line: int
    text: str  # part of the message, or why


def marks(source: str) -> list[Mark]:
    """The marks of a file."""
    return [
        Mark(found[1], found[2], number, found[3].strip())
        for number, line in enumerate(source.splitlines(), 1)
        for found in MARK.finditer(line)
    ]


def unmarked(source: str) -> str:
    """The program without its marks."""
    return MARKS.sub("", source)


def suppressed(source: str) -> str:
    """The program with every mark of a finding turned into a suppression."""

    def noqa(found: re.Match[str]) -> str:
        codes = [code for what, code, _, _ in marks(found[0]) if what != "missed"]
        before = found[1]  # another linter's suppression, which ours has to join
        if not codes:
            return before or ""
        return f"{before + ',' if before else '  # noqa:'} {', '.join(codes)}"

    return NOQA_MARKS.sub(noqa, source)


def settings(source: str, root: Path) -> Settings:
    """The settings that the ``# run:`` line of a file asks for."""
    header = HEADER.search(source)
    words = dict(word.partition("=")[::2] for word in header[1].split()) if header else {}
    unknown = set(words) - {"target-version", "pedantic", "preview", "extend-select"}
    assert not unknown, f"unknown words in '# run:': {unknown}"
    return Settings(
        target_version=words.get("target-version", TARGET_VERSION),
        pedantic="pedantic" in words,
        preview="preview" in words,
        extend_select=tuple(filter(None, words.get("extend-select", "").split(","))),
        root=root,
    )


def lint(folder: Path, files: dict[str, str], *, fix: bool = False) -> Outcome:
    """Write some modules into a folder, and lint them together."""
    for name, source in files.items():
        (folder / name).write_text(source, encoding="utf-8")
    first = next(iter(files.values()))
    paths = [folder / name for name in files]
    outcome = run(paths, settings(first, folder), fix="fix" if fix else "none", unsafe=True)
    assert not outcome.problems, outcome.problems
    for finding in outcome.findings:
        words = (finding.message, finding.help, *(step.message for step in finding.steps))
        assert not any(TEMPORARY.search(one) for one in words), (
            f"a nameless value has a name: {words}"
        )
    return outcome


def mended(folder: Path, source: str) -> str:
    """The program after all fixes, safe and unsafe."""
    lint(folder, {"program.py": source}, fix=True)
    return (folder / "program.py").read_text(encoding="utf-8")


def places(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    """Line and code of each finding."""
    return sorted((finding.span.line, finding.code) for finding in findings if finding.span)


def wanted(source: str) -> list[tuple[int, str]]:
    """Line and code of each finding that the marks announce."""
    return sorted((mark.line, mark.code) for mark in marks(source) if mark.what != "missed")


def told(findings: tuple[Finding, ...]) -> str:
    """The findings, to be read when a test fails."""
    lines = (f"{f.span.line if f.span else 0}: {f.code} {f.message}" for f in findings)
    return "\n".join(lines)


@cache
def read(path: Path) -> str:
    """The text of a fixture."""
    return path.read_text(encoding="utf-8")


def twin(bad: Path) -> Path:
    """The corrected program of a bad one, which need not exist."""
    return bad.with_name(bad.name.replace("bad", "corrected", 1))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


BAD = [path for folder in RULE_FOLDERS for path in sorted(folder.glob("bad*.py"))]
REPORTS = sorted((FIXTURES / "reports").glob("*.py"))
MARKED = [*BAD, *REPORTS]
SILENT = [
    *(path for folder in RULE_FOLDERS for path in sorted(folder.glob("good*.py"))),
    *(path for folder in RULE_FOLDERS for path in sorted(folder.glob("corrected*.py"))),
    *sorted((FIXTURES / "guards").glob("*.py")),
]


@pytest.mark.parametrize("path", MARKED, ids=named)
def test_marked_lines_are_found_and_no_others(path: Path, tmp_path: Path) -> None:
    source = read(path)
    findings = lint(tmp_path, {"program.py": source}).findings
    assert places(findings) == wanted(source), told(findings)
    for mark in marks(source):
        if mark.what == "expect" and mark.text:
            messages = [
                f.message for f in findings if f.span and (f.span.line, f.code) == mark[2:0:-1]
            ]
            assert any(mark.text in message for message in messages), messages


@pytest.mark.parametrize("path", SILENT, ids=named)
def test_right_programs_are_silent(path: Path, tmp_path: Path) -> None:
    source = read(path)
    findings = lint(tmp_path, {"program.py": source}).findings
    assert places(findings) == wanted(source), told(findings)  # only marks of known false alarms


@pytest.mark.parametrize("path", MARKED, ids=named)
def test_suppressions_silence(path: Path, tmp_path: Path) -> None:
    findings = lint(tmp_path, {"program.py": suppressed(read(path))}).findings
    assert not findings, told(findings)


def has_fix(path: Path) -> bool:
    """Whether the rule of a folder changes programs; without one the twin is by hand."""
    return rules()[path.parent.name[:6]].fix in ("safe", "unsafe")


@pytest.mark.parametrize("path", BAD, ids=named)
def test_fixed_is_corrected(path: Path, tmp_path: Path) -> None:
    source = unmarked(read(path))
    corrected = twin(path)
    fixed = mended(tmp_path, source)
    mends = corrected.exists() and has_fix(path)
    assert fixed == (read(corrected) if mends else source)


@pytest.mark.parametrize("path", MARKED, ids=named)
def test_fixed_again_changes_nothing(path: Path, tmp_path: Path) -> None:
    once = mended(tmp_path, unmarked(read(path)))
    compile(once, path.name, "exec")
    assert mended(tmp_path, once) == once


@pytest.mark.parametrize("path", [path for path in BAD if SPLIT.search(read(path))], ids=named)
def test_two_modules_are_understood_like_one(path: Path, tmp_path: Path) -> None:
    source = read(path)
    above, below = SPLIT.split(source)
    header = f"from above import {', '.join(bound(above))}"
    below = below.replace("\n", f"from __future__ import annotations; {header}\n", 1)
    findings = lint(tmp_path, {"above.py": above, "below.py": below}).findings
    moved = above.count("\n")  # the line of the split is the line of the header
    assert sorted(
        (f.span.line + (moved if Path(f.path).name == "below.py" else 0), f.code)
        for f in findings
        if f.span
    ) == wanted(source), told(findings)


def test_every_rule_has_a_fixture_a_page_and_a_line_in_the_changelog() -> None:
    # SAL0 is the linter itself: it has no harm to prove
    known = {rule.code for rule in rules().values() if not rule.code.startswith("SAL0")}
    fixtures = {folder.name.split("-")[0] for folder in RULE_FOLDERS}
    pages = {
        found[0]
        for page in (ROOT / "docs" / "rules").glob("*.md")
        if (found := re.match(r"SAL[1-9]\d\d", page.name))
    }
    changelog = set(re.findall(r"\bSAL[1-9]\d\d\b", read(ROOT / "CHANGELOG.md")))
    assert known == fixtures
    assert known == pages
    assert known == changelog


def test_fixture_folders_are_named_like_their_rules() -> None:
    names = {f"{rule.code}-{rule.name}" for rule in rules().values()}
    assert {folder.name for folder in RULE_FOLDERS} <= names


@pytest.mark.parametrize("folder", RULE_FOLDERS, ids=lambda folder: folder.name)
def test_a_fixture_is_complete(folder: Path) -> None:
    code = folder.name.split("-")[0]
    for name in ("bad.py", "good.py", "corrected.py", "proof.py"):
        assert (folder / name).exists(), name
    assert any(mark.code == code for mark in marks(read(folder / "bad.py")))
    for corrected in folder.glob("corrected*.py"):
        assert corrected.with_name(corrected.name.replace("corrected", "bad", 1)).exists()

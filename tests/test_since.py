"""Findings on lines that changed since a revision, asked of a real git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sqla_lint.finding import Finding, Span, Step
from sqla_lint.since import WHOLE, GitError, Lines, changed_since, crossing, hunks, real


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("".join(f"line{n}\n" for n in range(1, 11)))
    (tmp_path / 'odd "name" é.py').write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "first")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


def finding(path: Path, line: int, *steps: int) -> Finding:
    return Finding(
        "SAL101", "connection-not-closed", "m", str(path), 0, span=Span(line, 1, line, 5),
        steps=tuple(Step("s", 0, span=Span(n, 1, n, 2)) for n in steps),
    )  # fmt: skip


def test_changed_added_and_removed_lines(repository: Path) -> None:
    lines = (repository / "a.py").read_text().splitlines(keepends=True)
    lines[1] = "changed\n"
    del lines[5]  # between line5 and line7
    lines.append("added\n")
    (repository / "a.py").write_text("".join(lines))
    changed = changed_since("HEAD", repository)
    assert changed[real(repository / "a.py")] == [Lines(2, 2), Lines(5, 6), Lines(10, 10)]


def test_files_that_git_does_not_know_are_new(repository: Path) -> None:
    (repository / "new.py").write_text("x\n")
    assert changed_since("HEAD", repository) == {real(repository / "new.py"): [WHOLE]}


def test_names_that_git_quotes(repository: Path) -> None:
    odd = repository / 'odd "name" é.py'
    odd.write_text("two\n")
    assert changed_since("HEAD", repository) == {real(odd): [Lines(1, 1)]}


def test_a_finding_counts_when_it_or_its_path_crosses_a_change(repository: Path) -> None:
    file = repository / "a.py"
    on, path, off = finding(file, 3), finding(file, 8, 1, 3), finding(file, 8, 1, 2)
    assert crossing([on, path, off], {real(file): [Lines(3, 4)]}) == [on, path]


def test_what_git_says_is_handed_on(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(GitError, match="nosuchrev"):
        changed_since("nosuchrev", repository)
    with pytest.raises(GitError, match="not a revision"):
        changed_since("--output=x", repository)
    with pytest.raises(GitError, match="not a git repository"):
        changed_since("HEAD", tmp_path_factory.mktemp("plain"))


def test_hunks_of_a_deleted_file_are_nobodys() -> None:
    assert hunks("--- a.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n-y\n") == {}

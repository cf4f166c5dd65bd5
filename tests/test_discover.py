"""Which files are linted."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sqla_lint.discover import Found, discover
from sqla_lint.scopes import Scopes
from sqla_lint.settings import Settings


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def names(found: Found) -> list[str]:
    return [file.as_posix() for file in found.files]


def test_a_folder_is_walked_in_order_files_before_folders(tree: Path) -> None:
    write("b/z.py", "b/a/y.py", "b/c.py", "a.py", "b/readme.md", "b/stub.pyi", "b/gui.pyw")
    found = discover([Path()], Scopes(Settings()))
    assert names(found) == ["a.py", "b/c.py", "b/gui.pyw", "b/z.py", "b/a/y.py"]
    assert found.troubles == []


@pytest.mark.parametrize(
    "folder",
    [".git", ".venv", "node_modules", "build", "dist", "x/site-packages", "pkg/_vendor", ".tox"],
)
def test_folders_of_others_are_left_out(tree: Path, folder: str) -> None:
    write(f"{folder}/a.py", "mine.py")
    assert names(discover([Path()], Scopes(Settings()))) == ["mine.py"]


def test_an_environment_is_known_by_its_mark(tree: Path) -> None:
    write("py311/pyvenv.cfg", "py311/lib/a.py", "conda/conda-meta/history", "conda/b.py", "mine.py")
    assert names(discover([Path()], Scopes(Settings()))) == ["mine.py"]


def test_what_the_user_names_is_taken(tree: Path) -> None:
    write("build/lib/a.py", "build/lib/dist/b.py", "script", "env/pyvenv.cfg", "env/c.py")
    Path(".gitignore").write_text("build/\nscript\n")
    Path(".git").mkdir()
    found = discover([Path("build/lib"), Path("script"), Path("env")], Scopes(Settings()))
    assert names(found) == ["build/lib/a.py", "script", "env/c.py"]
    assert names(discover([Path("build/lib/dist/b.py")], Scopes(Settings()))) == [
        "build/lib/dist/b.py"
    ]


def test_gitignore_is_respected_and_nested(tree: Path) -> None:
    Path(".git/info").mkdir(parents=True)
    Path(".git/info/exclude").write_text("private.py\n")
    Path(".gitignore").write_text("# ours\ngenerated/\n*_gen.py\n!keep_gen.py\n")
    write("src/app/a.py", "src/app/b_gen.py", "src/app/keep_gen.py", "src/generated/c.py")
    write("src/private.py", "src/app/local.py")
    Path("src/app/.gitignore").write_text("/local.py\n")
    expected = ["src/app/a.py", "src/app/keep_gen.py"]
    assert names(discover([Path()], Scopes(Settings()))) == expected
    assert names(discover([Path("src")], Scopes(Settings()))) == expected
    assert "src/app/local.py" in names(
        discover([Path()], Scopes(Settings(respect_gitignore=False)))
    )


def test_excludes_are_patterns_relative_to_the_settings(tree: Path) -> None:
    write("app/a.py", "app/migrations/b.py", "app/old/c.py", "lib/old/d.py")
    settings = Settings(root=tree, extend_exclude=("migrations", "/app/old/*.py"))
    assert names(discover([Path("app"), Path("lib")], Scopes(settings))) == [
        "app/a.py",
        "lib/old/d.py",
    ]
    assert names(discover([Path("app")], Scopes(Settings(root=tree, exclude=("a.py",))))) == [
        "app/migrations/b.py",
        "app/old/c.py",
    ]


def test_a_file_named_twice_is_linted_once(tree: Path) -> None:
    write("a/b.py")
    found = discover(
        [Path("a"), Path("a/b.py"), Path("a/../a/b.py"), Path("a")], Scopes(Settings())
    )
    assert names(found) == ["a/b.py"]
    assert found.troubles == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_cannot_loop(tree: Path) -> None:
    write("a/b.py")
    os.symlink("..", "a/up")
    os.symlink("b.py", "a/same.py")
    os.symlink("nowhere.py", "a/gone.py")
    assert names(discover([Path()], Scopes(Settings()))) == ["a/b.py"]
    assert discover([Path("a/gone.py")], Scopes(Settings())).troubles[0].fatal


def test_a_missing_path_is_trouble(tree: Path) -> None:
    write("a.py")
    found = discover([Path("nope"), Path("a.py")], Scopes(Settings()))
    assert names(found) == ["a.py"]
    assert found.troubles == [("nope", "no such file or folder", True)]


def test_a_folder_without_python_is_only_a_warning(tree: Path) -> None:
    write("docs/readme.md")
    assert discover([Path("docs")], Scopes(Settings())).troubles == [
        ("docs", "no Python files found in this folder", False)
    ]


def test_named_files_are_left_out_when_excluded_if_that_is_asked(tree: Path) -> None:
    (tree / "lib").mkdir(exist_ok=True)
    (tree / "lib" / "made").mkdir()
    (tree / "lib" / "made" / "a.py").write_text("")
    (tree / "lib" / "own.py").write_text("")
    settings = Settings(root=tree, extend_exclude=("made/",), force_exclude=True)
    named = [Path("lib/made/a.py"), Path("lib/own.py"), Path("lib/made"), Path(".venv/b.py")]
    assert names(discover(named, Scopes(settings))) == ["lib/own.py"]
    assert "lib/made/a.py" in names(discover(named, Scopes(replace(settings, force_exclude=False))))

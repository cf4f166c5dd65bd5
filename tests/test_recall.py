"""What was found last is said again while the rules would see the same, and never otherwise."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sqla_lint import store
from sqla_lint.cache import Cache
from sqla_lint.gather import cache_of
from sqla_lint.outcome import Outcome
from sqla_lint.run import run
from sqla_lint.settings import Settings
from test_cache import DB, FAR, LEAK, PLAIN

CONFTEST = """
import pytest
from app.db import get_session

@pytest.fixture
def handle():
    return get_session()
"""
TEST = """
def test_names(handle):
    assert handle.execute("SELECT 1")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    files = {
        "app/__init__.py": "",
        "app/db.py": DB,
        "app/leak.py": LEAK,
        "app/far.py": FAR,
        "app/plain.py": PLAIN,
        "tests/conftest.py": CONFTEST,
        "tests/test_names.py": TEST,
        "tests/test_plain.py": "def test_it():\n    assert True\n",
        "pyproject.toml": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def everything(outcome: Outcome) -> list[object]:
    return [outcome.findings, outcome.problems, outcome.files, outcome.unresolved]


def checked(root: Path, settings: Settings | None = None) -> bool:
    """A cached run says what an uncached one says; whether it was recalled."""
    settings = settings or Settings(root=root, preview=True, pedantic=True, jobs=1)
    uncached = run([root], settings)
    cached = run([root], settings, cache=cache_of(settings, root))
    assert everything(cached) == everything(uncached)
    return "link" not in cached.timings


def change(root: Path, name: str, before: str, after: str) -> None:
    text = (root / name).read_text()
    assert before in text
    (root / name).write_text(text.replace(before, after, 1))


def test_nothing_is_linked_again_for_comments_and_layout(root: Path) -> None:
    assert not checked(root)
    assert checked(root)
    change(root, "app/leak.py", "def count():\n", "# SELECT\n\ndef count():\n    # leaks\n")
    assert checked(root)
    change(root, "app/db.py", "factory = ", "factory   =   ")
    assert checked(root)
    change(root, "app/plain.py", "a + b", "a - b")  # not parsed: nobody sees what it does
    change(root, "tests/test_plain.py", "assert True", "assert not False")
    assert checked(root)
    change(root, "app/leak.py", "conn.execute(", "conn.execute(  # noqa: SAL101\n        ")
    assert checked(root)
    change(root, "app/leak.py", "# SELECT", "# sqla-lint: ignore-file")
    assert checked(root)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("app/leak.py", "def count", "def counted"),
        ("app/leak.py", "SELECT 1", "SELECT 2"),
        ("app/leak.py", "def count():", "def count(a=True):"),
        ("app/db.py", "return factory()", "return factory"),
        ("app/plain.py", "def add", "import sqlalchemy\ndef add"),
        ("app/plain.py", "def add", "import app.leak\ndef add"),
        ("app/leak.py", "conn =", "conn ="),
        ("tests/test_plain.py", "test_it()", "test_it(handle)"),
        ("tests/test_names.py", "(handle)", "(other)"),
        ("app/leak.py", "return conn", "return (conn"),
    ],
)
def test_any_other_change_is_seen(root: Path, name: str, before: str, after: str) -> None:
    checked(root)
    change(root, name, before, after)
    assert checked(root) is (before == after)


def test_equal_constants_may_differ(root: Path) -> None:
    change(root, "app/leak.py", "def count():", "def count(a=True):")
    checked(root)
    change(root, "app/leak.py", "a=True", "a=1")
    assert not checked(root)


def test_files_come_and_go(root: Path) -> None:
    checked(root)
    (root / "app" / "more.py").write_text(PLAIN)
    assert not checked(root)
    (root / "app" / "more.py").unlink()
    assert checked(root)  # the program of before is remembered
    (root / "app" / "leak.py").rename(root / "app" / "leaks.py")
    assert not checked(root)
    assert checked(root)


def test_a_folder_that_becomes_a_package_renames_what_is_in_it(root: Path) -> None:
    checked(root)
    (root / "tests" / "__init__.py").touch()
    assert not checked(root)
    (root / "__init__.py").touch()  # now it is `project.app`
    assert not checked(root)
    (root / "__init__.py").unlink()
    (root / "app" / "__init__.py").unlink()
    assert not checked(root)


def test_trouble_in_a_file_stays_until_it_changes(root: Path) -> None:
    (root / "app" / "broken.py").write_text("from sqlalchemy import (\n")
    checked(root)
    assert checked(root)
    change(root, "app/leak.py", "def count", "# c\ndef count")
    assert checked(root)
    change(root, "app/broken.py", "(\n", "(  # c\n\n")
    assert checked(root)
    change(root, "app/broken.py", "  # c", "")  # told of another line
    assert checked(root)
    change(root, "app/broken.py", "(", "select")
    assert not checked(root)
    assert checked(root)
    change(root, "app/broken.py", "select", "(select")
    assert not checked(root)
    assert checked(root)


def test_a_name_that_is_looked_for_in_files_that_are_not_read(root: Path) -> None:
    model = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts = relationship("Post")
"""
    (root / "app" / "models.py").write_text(model)
    checked(root)
    assert checked(root)
    change(root, "app/plain.py", "a + b", "a + b  # Post")
    checked(root)
    change(root, "app/plain.py", "  # Post", "")
    checked(root)


@pytest.mark.parametrize(
    "changed",
    [
        {"dialect": "sqlite"},
        {"ignore": ("SAL101",)},
        {"min_severity": "error"},
        {"pedantic": False},
        {"per_file_ignores": (("app/leak.py", ("SAL101",)),)},
        {"preview": False},
        {"require_reasons": True},
        {"select": ("SAL4",)},
        {"session_factories": ("app.plain.add",)},
        {"target_version": "1.4"},
    ],
)
def test_other_settings_are_another_program(root: Path, changed: dict[str, object]) -> None:
    settings = Settings(root=root, preview=True, pedantic=True, jobs=1)
    checked(root, settings)
    assert not checked(root, replace(settings, **changed))  # type: ignore[arg-type]
    assert checked(root, settings)


@pytest.mark.parametrize("what", ["sys.version", "sys.byteorder", "__file__", "_LIBRARIES"])
def test_another_python_or_version_finds_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, what: str, tmp_path: Path
) -> None:
    checked(root)
    assert checked(root)
    values = {"__file__": str(tmp_path / "store.py"), "_LIBRARIES": ("click",)}
    store.fingerprint.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(f"sqla_lint.store.{what}", values.get(what, "another"))
        assert not checked(root)
        assert checked(root)
    store.fingerprint.cache_clear()
    assert checked(root)


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"places": {}, "findings": [1], "unresolved": {}, "problems": []},
        {"places": {}, "findings": [], "unresolved": {}, "problems": []},
        {"places": {}, "findings": [], "unresolved": {}, "problems": [], "files": [(1, 2)]},
    ],
)
def test_a_foreign_record_is_a_miss(root: Path, record: object) -> None:
    checked(root)
    folder = root / store.FOLDER / store.fingerprint() / "programs"
    (file,) = folder.iterdir()
    store.write(str(file), pickle.dumps(record))
    assert not checked(root)
    assert checked(root)


def test_a_record_that_is_cut_is_a_miss(root: Path) -> None:
    checked(root)
    (file,) = (root / store.FOLDER / store.fingerprint() / "programs").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert not checked(root)


def test_a_cache_that_is_only_read_is_still_right(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(root)
    before = {
        path: path.read_bytes() for path in (root / store.FOLDER).rglob("*") if path.is_file()
    }

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("makedirs", "replace", "unlink", "utime"):
        monkeypatch.setattr(store.os, name, refused)
    assert checked(root)
    change(root, "app/leak.py", "def count", "def counted")
    assert not checked(root)
    assert not checked(root)  # what could not be kept is not known
    monkeypatch.undo()
    for path, contents in before.items():
        assert path.read_bytes() == contents


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="all may write")
def test_a_folder_without_the_right_to_write(root: Path) -> None:
    checked(root)
    folders = [path for path in (root / store.FOLDER).rglob("*") if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    try:
        change(root, "app/leak.py", "def count", "def counted")
        assert not checked(root)
    finally:
        for path in folders:
            path.chmod(0o755)


def _little_room() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit there")
def test_a_disk_without_room_costs_the_cache_only(root: Path) -> None:
    """Writes fail in the middle, as on a full disk; small entries find their place."""
    command = [sys.executable, "-m", "sqla_lint", ".", "--preview", "--output-format", "concise"]
    whole = subprocess.run(
        [*command, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    for _ in range(3):
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, preexec_fn=_little_room, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (
            whole.returncode,
            whole.stdout,
            whole.stderr,
        )
    assert not list((root / store.FOLDER).rglob("*.new"))
    assert not checked(root)


def test_no_more_programs_are_kept_than_are_of_use(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(140):
        cache.keep_program(str(number), number)
    assert len(list((tmp_path / store.fingerprint() / "programs").iterdir())) == 100
    assert cache.program("139") == 139


def test_what_cannot_be_parsed_is_told_once(root: Path) -> None:
    """Also when it turns out to matter for another reason later."""
    checked(root)
    start = "import sqlalchemy\nfrom app.db import get_session\n"
    for text in ("session = get_session(\n", "get_session((\n"):
        (root / "app/far.py").write_text(start + text)
        for _ in range(2):
            checked(root)
        change(root, "app/far.py", "(\n", "(  # open\n")
        checked(root)
    settings = Settings(root=root, preview=True, pedantic=True, jobs=1)
    problems = [one.path for one in run([root], settings).problems]
    assert len(problems) == len(set(problems)) == 1

"""Files written whole or not at all, and shown as a diff that other programs apply."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from sqla_lint.fix import WriteError, unified_diff, write_atomically
from sqla_lint.fix import write as write_module


def leftovers(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name.startswith("."))


def test_the_new_bytes_replace_the_old(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old\r\n")
    write_atomically(path, b"\xef\xbb\xbfnew\r\n", expected=b"old\r\n")
    assert path.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_mode_and_symbolic_link_stay(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "a.py"
    real.write_bytes(b"old")
    real.chmod(0o751)
    link = tmp_path / "link.py"
    link.symlink_to(real)
    write_atomically(link, b"new", expected=b"old")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o751


def test_a_file_that_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"edited meanwhile")
    with pytest.raises(WriteError, match=r"a\.py: changed on disk"):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"edited meanwhile"
    assert leftovers(tmp_path) == []


def test_a_file_that_changes_while_it_is_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    keep_owner = write_module._keep_owner

    def edit_meanwhile(temporary: str, before: os.stat_result) -> None:
        keep_owner(temporary, before)
        path.write_bytes(b"edited meanwhile")

    monkeypatch.setattr(write_module, "_keep_owner", edit_meanwhile)
    with pytest.raises(WriteError, match="changed on disk"):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"edited meanwhile"
    assert leftovers(tmp_path) == []


def test_a_read_only_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(WriteError, match=r"a\.py: is read-only"):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    path.chmod(0o644)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"gone\.py: cannot be written: No such file"):
        write_atomically(tmp_path / "gone.py", b"new", expected=b"old")


def test_a_directory_that_takes_no_file_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def refuse(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(write_module.tempfile, "mkstemp", refuse)
    with pytest.raises(WriteError, match=r"a\.py: cannot be written: Permission denied"):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_on_the_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_module.os, step, fail)
    with pytest.raises(WriteError, match="No space left on device"):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_an_interrupt_on_the_way_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write_module.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


OLD = b"a = 1\r\nb = '\x0c'\r\n\r\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nlast"
NEW = b"a = 1\r\nb = '\x0c'\r\nB = 2\r\n\r\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nlast = 1"


def test_the_diff_shows_the_change() -> None:
    assert unified_diff("a.py", b"x\ny\n", b"x\nz\n") == (
        "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n"
    )
    assert unified_diff("a.py", b"x\n", b"x\n") == ""
    latin = b"# coding: latin-1\nx = '\xe9'\n"
    assert "+y = 'é'\n" in unified_diff("a.py", latin, latin + b"y = '\xe9'\n")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("old", "new"),
    [(OLD, NEW), (NEW, OLD), (b"\xef\xbb\xbfx\n", b"\xef\xbb\xbfy\nx\n"), (b"x", b"x\n")],
)
def test_git_applies_the_diff(tmp_path: Path, old: bytes, new: bytes) -> None:
    (tmp_path / "a.py").write_bytes(old)
    diff = unified_diff("a.py", old, new).encode()
    subprocess.run(["git", "apply", "-p0", "-"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "a.py").read_bytes() == new

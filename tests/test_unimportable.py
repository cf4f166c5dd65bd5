"""Modules that nothing can load, and nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
WORK = """
from sqlalchemy.orm import Session
from app.models import {name}


def wrong(session: Session):
    session.execute("SELECT 1")
"""


def codes(folder: Path, *, pedantic: bool = False, **files: str) -> list[str]:
    package = folder / "app"
    package.mkdir(exist_ok=True)
    for name, source in {"__init__": "", "models": MODELS, **files}.items():
        (package / f"{name}.py").write_text(source)
    outcome = run([folder], Settings(target_version="2.0", root=folder, pedantic=pedantic))
    assert not outcome.problems, outcome.problems
    return [finding.code for finding in outcome.findings]


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [
        ("work", WORK.format(name="User"), ["SAL403"]),
        ("work", WORK.format(name="Task"), []),
        ("work", WORK.format(name="*"), ["SAL403"]),
        ("work", "try:\n    from app.models import Task\nexcept ImportError:\n    Task = None\n"
         + WORK.format(name="User"), ["SAL403"]),
        ("work copy", WORK.format(name="User"), []),
        ("work copy", WORK.format(name="User") + '\nif __name__ == "__main__":\n    wrong(None)\n',
         ["SAL403"]),
    ],
)  # fmt: skip
def test_what_cannot_be_imported(tmp_path: Path, name: str, source: str, wanted: list[str]) -> None:
    assert codes(tmp_path, **{name: source, "other": "from app.models import User\n"}) == wanted


@pytest.mark.parametrize(
    "more",
    [
        "\nTask = None\n",
        "\n\ndef __getattr__(name):\n    return name\n",
        "\nglobals()['Task'] = 1\n",
    ],
)
def test_a_module_that_has_the_name_after_all(tmp_path: Path, more: str) -> None:
    files = {"models": MODELS + more, "work": WORK.format(name="Task")}
    assert codes(tmp_path, **files) == ["SAL403"]


FAILS = WORK.format(name="Task")


@pytest.mark.parametrize("name", ["main", "other"])
def test_who_imports_it_fails_like_it(tmp_path: Path, name: str) -> None:
    files = {"work": FAILS, name: "from app.work import wrong\n" + WORK.format(name="User")}
    assert codes(tmp_path, **files) == []


def test_pedants_are_told(tmp_path: Path) -> None:
    files = {"work": FAILS, "main": "from app.work import wrong\nwrong(None)\n"}
    assert codes(tmp_path, pedantic=True, **files) == ["SAL403"]


def test_all_of_a_package_fails_like_it(tmp_path: Path) -> None:
    files = {"__init__": "from .work import wrong\n", "work": FAILS}
    files["fine"] = WORK.format(name="User")
    assert codes(tmp_path, **files) == []


def test_what_is_no_part_of_it_runs(tmp_path: Path) -> None:
    fine = WORK.format(name="User")
    (tmp_path / "away.py").write_text(fine)
    files = {"work": FAILS, "fine": fine}
    assert codes(tmp_path, **files) == ["SAL403", "SAL403"]


def test_a_script_loads_no_package(tmp_path: Path) -> None:
    start = '\nif __name__ == "__main__":\n    wrong(None)\n'
    work = "from sqlalchemy.orm import Session\n\n\ndef wrong(session: Session):\n"
    work += '    session.execute("SELECT 1")\n'
    files = {"__init__": "from .models import Task\n", "script": work + start, "library": work}
    assert codes(tmp_path, **files) == ["SAL403"]


def test_a_folder_in_which_a_program_starts_is_no_package(tmp_path: Path) -> None:
    files = {"__init__": "from .models import Task\n", "main": "from work import wrong\n"}
    files["work"] = "from models import User\n" + WORK.format(name="User").replace(
        "from app.models import User\n", ""
    )
    assert codes(tmp_path, **files) == ["SAL403"]


FINE = WORK.format(name="User")


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        ("from app.missing import thing\n", []),
        ("from .missing import thing\n", []),
        ("import app.missing\n", []),
        ("from . import missing\n", []),
        ("from .missing.deeper import thing\n", []),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.models\n"
            "from .missing import thing\n",
            [],
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .missing import thing\n",
            ["SAL403"],
        ),
        ("try:\n    from .missing import thing\nexcept ImportError:\n    pass\n", ["SAL403"]),
        (
            "try:\n    import thing\nexcept ImportError:\n    from .missing import thing\n",
            ["SAL403"],
        ),
        ("def later():\n    from .missing import thing\n", ["SAL403"]),
        ("import sys\nif sys.argv:\n    from .missing import thing\n", ["SAL403"]),
        ("from missing import thing\n", ["SAL403"]),
        ("from ._missing import thing\n", ["SAL403"]),
        ("from .missing_pb2 import thing\n", ["SAL403"]),
        ("from .local_missing import thing\n", ["SAL403"]),
        ("from .version import thing\n", ["SAL403"]),
        ("from .built import thing\n", ["SAL403"]),
        ("from .folder import thing\n", ["SAL403"]),
    ],
)
def test_modules_that_are_not_there(tmp_path: Path, first: str, wanted: list[str]) -> None:
    (tmp_path / ".gitignore").write_text("local_*.py\n/build/\n")
    (tmp_path / "app" / "folder").mkdir(parents=True)
    (tmp_path / "app" / "built.cpython-312-x86_64-linux-gnu.so").write_text("")
    (tmp_path / "pyproject.toml").write_text('[tool.hatch]\nversion-file = "app/version.py"\n')
    assert codes(tmp_path, work=first + FINE) == wanted


@pytest.mark.parametrize(
    "package",
    [
        "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
        "import sys\nsys.modules['app.missing'] = sys\n",
    ],
)
def test_a_package_that_is_more_than_its_folder(tmp_path: Path, package: str) -> None:
    files = {"__init__": package, "work": "from .missing import thing\n" + FINE}
    assert codes(tmp_path, **files) == ["SAL403"]


def test_a_name_that_is_given_from_outside(tmp_path: Path) -> None:
    files = {"main": "import app.models\napp.models.Task = 1\nimport app.work\n", "work": FAILS}
    assert codes(tmp_path, **files) == ["SAL403"]


@pytest.mark.parametrize("name", ["redis", "unittest"])
def test_a_folder_that_is_called_like_a_library(tmp_path: Path, name: str) -> None:
    """``backend/redis``: the program starts above it."""
    for part in ("", "inner"):
        (tmp_path / name / part).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / part / "__init__.py").write_text("")
    first = f"from {name}.mock import patch\n"
    (tmp_path / name / "work.py").write_text(first + FINE)
    assert codes(tmp_path) == ["SAL403"]


def test_a_package_of_a_folder_that_is_none(tmp_path: Path) -> None:
    """``backend/redis``, which others call so."""
    (tmp_path / "backend" / "redis").mkdir(parents=True)
    for name, source in {
        "__init__": "",
        "client": "from sqlalchemy.orm import Session\nclient = Session()\n",
        "work": "from redis import Redis\nfrom redis.client import client\n" + FINE,
    }.items():
        (tmp_path / "backend" / "redis" / f"{name}.py").write_text(source)
    assert codes(tmp_path, main="from backend.redis.client import client\n") == ["SAL403"]


INSIDE = """
from sqlalchemy.orm import Session


def wrong(session: Session):
    {before}
    session.execute("SELECT 1")
"""


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("from app.models import Task", []),
        ("from .models import Task", []),
        ("from app.missing import Task", []),
        ("if session.new:\n        from app.models import Task", ["SAL403"]),
        (
            "try:\n        from app.models import Task\n    except ImportError:\n        pass",
            ["SAL403"],
        ),
        ("try:\n        from app.models import Task\n    finally:\n        print(1)", []),
        ("from app.models import User", ["SAL403"]),
        ("from elsewhere.models import Task", ["SAL403"]),
    ],
)
def test_behind_an_import_in_a_function(tmp_path: Path, before: str, wanted: list[str]) -> None:
    files = {"work": INSIDE.format(before=before), "other": "from app.models import User\n"}
    assert codes(tmp_path, **files) == wanted


def test_before_an_import_that_fails(tmp_path: Path) -> None:
    source = INSIDE.format(before="session.flush()") + "    from app.models import Task\n"
    assert codes(tmp_path, work=source, other="from app.models import User\n") == ["SAL403"]


def test_pedants_are_told_what_stands_behind_it(tmp_path: Path) -> None:
    files = {"work": INSIDE.format(before="from app.models import Task")}
    files["other"] = "from app.models import User\n"
    assert "SAL403" in codes(tmp_path, pedantic=True, **files)

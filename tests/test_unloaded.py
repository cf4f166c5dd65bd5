"""Modules that a program has left behind: what is wrong in them is shown with `--pedantic`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

MODELS = """
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
SessionLocal = sessionmaker(create_engine("sqlite:///tags.db"))


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True)
"""
MAIN = """
from fastapi import FastAPI

from app.services.names import names

app = FastAPI()


@app.get("/names")
def get_names():
    return names()
"""
NAMES = """
from app.models import SessionLocal, Tag


def names():
    with SessionLocal() as session:
        return [tag.name for tag in session.query(Tag)]
"""
SAVING = """
from app.models import SessionLocal, Tag


def save(name):
    with SessionLocal() as session:
        session.add(Tag(name=name))
"""
JOBS = """
from app.services.saving import save


def work():
    save("a")
"""
SETTINGS = """

class WorkerSettings:
    functions = [save]
"""
BY_NAME = """
import importlib

importlib.import_module("app.services.saving")
"""
BY_PART = """
import importlib

for one in ("names", "saving"):
    importlib.import_module(f"app.services.{one}")
"""
PROGRAM = {
    "app/__init__.py": "",
    "app/services/__init__.py": "",
    "app/models.py": MODELS,
    "app/main.py": MAIN,
    "app/services/names.py": NAMES,
    "app/services/saving.py": SAVING,
}


def codes(tmp_path: Path, files: dict[str, str], *, pedantic: bool = False) -> list[str]:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = Settings(select=("SAL201",), target_version="2.0", root=tmp_path, pedantic=pedantic)
    return [one.code for one in run([tmp_path], settings).findings]


def test_nothing_imports_it(tmp_path: Path) -> None:
    assert codes(tmp_path, PROGRAM) == []
    assert codes(tmp_path, PROGRAM, pedantic=True) == ["SAL201"]


def test_it_says_its_own_name(tmp_path: Path) -> None:
    saving = "import logging\n\nlogger = logging.getLogger('saving')\n" + SAVING
    assert codes(tmp_path, PROGRAM | {"app/services/saving.py": saving}) == []
    starting = {"app/cli.py": "JOBS = ['saving']\n"}
    assert codes(tmp_path, PROGRAM | starting | {"app/services/saving.py": saving}) == ["SAL201"]


BESIDE = {name.replace("app/services", "core/services"): text for name, text in PROGRAM.items()}
BESIDE |= {"app/main.py": MAIN.replace("app.services", "core.services"), "core/__init__.py": ""}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, []),
        # its routes are in a file that has nothing of a database
        (
            {
                "app/main.py": "from fastapi import FastAPI\n\nfrom app import routes\n"
                "from app.models import Tag\n\napp = FastAPI()\nprint(Tag)\n",
                "app/routes.py": "from core.services import names, one\n",
                "core/services/one.py": "",
            },
            [],
        ),
        # a library, which others import as well
        ({"core/__init__.py": "from core.services.names import names\n"}, ["SAL201"]),
        ({"app/main.py": MAIN.replace("from app.services.names", "from names")}, ["SAL201"]),
    ],
)
def test_it_lies_beside_the_program(tmp_path: Path, more: dict[str, str], found: list[str]) -> None:
    assert codes(tmp_path, BESIDE | more) == found


def test_an_example_beside_a_library(tmp_path: Path) -> None:
    files = {
        name.replace("app/", "examples/"): text.replace("from app.", "from examples.")
        for name, text in BESIDE.items()
    }
    assert codes(tmp_path, files) == ["SAL201"]


def test_only_another_that_is_left_behind_imports_it(tmp_path: Path) -> None:
    more = {
        "app/services/jobs.py": JOBS,
        "app/services/one.py": "",
        "app/services/two.py": "",
        "app/main.py": MAIN + "\nimport app.services.one, app.services.two\n",
    }
    assert codes(tmp_path, PROGRAM | more) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app/main.py", MAIN + "\nfrom app.services import saving\n"),
        ("app/main.py", MAIN + "\n\ndef late():\n    import app.services.saving\n"),
        ("app/services/saving.py", SAVING + "\n\nif __name__ == '__main__':\n    save('a')\n"),
        ("app/services/saving.py", SAVING + "\n\nsave('a')\n"),
        ("app/services/saving.py", SAVING + SETTINGS),
        ("app/services/loading.py", BY_NAME),
        ("app/cli.py", BY_PART),
    ],
)
def test_something_may_load_it(tmp_path: Path, name: str, text: str) -> None:
    assert codes(tmp_path, PROGRAM | {name: text}) == ["SAL201"]


def test_it_is_one_of_many_plugins(tmp_path: Path) -> None:
    """A folder of modules that are imported by their names, and nobody says them."""
    more = {
        "app/plugins/__init__.py": "import importlib\nimport pkgutil\n\n\ndef load():\n"
        "    for one in pkgutil.iter_modules(__path__):\n"
        "        importlib.import_module(f'{__name__}.{one.name}')\n",
        "app/plugins/saving.py": SAVING,
        "app/services/saving.py": "",
        "app/main.py": MAIN + "\nfrom app.plugins import load\n\nload()\n",
    }
    assert codes(tmp_path, PROGRAM | more) == ["SAL201"]


def test_it_is_a_library(tmp_path: Path) -> None:
    """Nothing but its own code is here: others import it."""
    assert codes(tmp_path, {k: v for k, v in PROGRAM.items() if k != "app/main.py"}) == ["SAL201"]

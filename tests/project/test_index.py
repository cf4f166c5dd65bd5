"""How modules are called, by where their files lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.project.program import names_of

from sqla_lint.catalog import load
from sqla_lint.project.index import module_name
from sqla_lint.project.link import link
from sqla_lint.syntax import lower

# files, the file that is asked about, its name
NAMES = {
    "a package": (["app/__init__.py", "app/db.py"], "app/db.py", "app.db"),
    "a folder that is none": (["app/db.py"], "app/db.py", "db"),
    "a package with the name of the library": (
        ["zope/sqlalchemy/__init__.py", "zope/sqlalchemy/manager.py"],
        "zope/sqlalchemy/manager.py",
        "zope.sqlalchemy.manager",
    ),
    "its own module": (
        ["zope/sqlalchemy/__init__.py"],
        "zope/sqlalchemy/__init__.py",
        "zope.sqlalchemy",
    ),
    "a module with the name of the library": (
        ["plug-ins/sqlalchemy.py"],
        "plug-ins/sqlalchemy.py",
        "plug_ins.sqlalchemy",
    ),
    "a package in one with the name of the library": (
        ["db/sqlalchemy/__init__.py", "db/sqlalchemy/alembic/__init__.py"],
        "db/sqlalchemy/alembic/__init__.py",
        "db.sqlalchemy.alembic",
    ),
    "migrations that are a package": (
        ["shop/alembic/__init__.py", "shop/alembic/env.py"],
        "shop/alembic/env.py",
        "shop.alembic.env",
    ),
}


@pytest.mark.parametrize(("files", "asked", "name"), NAMES.values(), ids=NAMES)
def test_name(tmp_path: Path, files: list[str], asked: str, name: str) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    assert module_name(tmp_path / asked)[0] == name


FILES = {
    "shop/db/sqlalchemy/__init__.py": "",
    "shop/db/sqlalchemy/orm.py": "class Session: ...\nclass Query: ...\n",
    "shop/db/sqlalchemy/api.py": (
        "from sqlalchemy.orm import Session\nfrom shop.db.sqlalchemy.orm import Query\n"
        "def f():\n    x = Session()\n    y = Query()\n"
    ),
}


def test_the_library_is_not_taken_for_a_part_of_the_project(tmp_path: Path) -> None:
    for file, source in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(source)
    modules = [
        lower(source.encode(), str(tmp_path / file), *module_name(tmp_path / file))
        for file, source in FILES.items()
    ]
    found = names_of(link(modules, load((2, 0))), "db.sqlalchemy.api")
    assert (found["x"].name, found["y"].name) == ("SESSION", "INSTANCE")


def test_a_module_beside_another_in_a_folder_that_is_no_package(tmp_path: Path) -> None:
    """`from . import db`, as written in a package without an `__init__.py`."""
    files = {
        "shop/db.py": (
            "from sqlalchemy.orm import Session\ndef make() -> Session:\n    return Session()\n"
        ),
        "shop/api.py": "from . import db\ndef f():\n    x = db.make()\n",
    }
    modules = [
        lower(source.encode(), str(tmp_path / file), *module_name(tmp_path / file))
        for file, source in files.items()
    ]
    assert names_of(link(modules, load((2, 0))), "api")["x"].name == "SESSION"

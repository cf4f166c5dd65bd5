"""Rules about mappings that lie in several modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

DB = """
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base

engine = create_engine("sqlite:///app.db")
Base = declarative_base()
"""
USER = """
from sqlalchemy import Column, Integer
from app.db import Base


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
MAIN = """
from app.db import Base, engine
{more}

def main():
    Base.metadata.create_all(engine)


if __name__ == "__main__":
    main()
"""
LIBRARY = """
from app.db import Base, engine


def make_tables():
    Base.metadata.create_all(engine)


class Store:
    def make(self):
        Base.metadata.create_all(engine)
"""


def found(folder: Path, **files: str) -> list[tuple[str, str, list[str]]]:
    """Code, file, and the files of the steps of each finding."""
    package = folder / "app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name, source in files.items():
        (package / f"{name}.py").write_text(source)
    outcome = run([folder], Settings(preview=True, target_version="2.0", root=folder))
    assert not outcome.problems, outcome.problems
    return [
        (f.code, Path(f.path).name, [Path(s.path or f.path).name for s in f.steps if s.span])
        for f in outcome.findings
    ]


def test_nothing_imports_the_models(tmp_path: Path) -> None:
    files = {"db": DB, "models": USER, "main": MAIN.format(more="")}
    assert found(tmp_path, **files) == [("SAL617", "main.py", ["models.py"])]


def test_what_a_function_maps_for_itself_is_nobodys_model(tmp_path: Path) -> None:
    body = USER.strip().replace("\n", "\n    ")
    files = {"db": DB, "tested": f"def test_it():\n    {body}\n", "main": MAIN.format(more="")}
    assert not found(tmp_path, **files)


@pytest.mark.parametrize("more", ["from app import models", "import app.models"])
def test_something_imports_the_models(tmp_path: Path, more: str) -> None:
    assert not found(tmp_path, db=DB, models=USER, main=MAIN.format(more=more))


def test_whoever_calls_it_imports_the_models(tmp_path: Path) -> None:
    run_it = "from app import main, models\n\nmain.main()\n"
    assert not found(tmp_path, db=DB, models=USER, main=MAIN.format(more=""), run=run_it)


def test_whoever_calls_a_library_imports_the_models(tmp_path: Path) -> None:
    exports = "from app.main import Store, make_tables\n\n__all__ = ['Store', 'make_tables']\n"
    assert not found(tmp_path, db=DB, models=USER, main=LIBRARY, exports=exports)


@pytest.mark.parametrize(
    "run_it",
    [
        "from app.main import make_tables\n\nmake_tables()\n",
        "from app import main\n\nmain.make_tables()\n",
        "import atexit\n\nfrom app.main import make_tables\n\natexit.register(make_tables)\n",
        "from app.main import Store\n\nStore().make()\n",
    ],
)
def test_some_code_calls_it_without_the_models(tmp_path: Path, run_it: str) -> None:
    files = {"db": DB, "models": USER, "main": LIBRARY, "start": run_it}
    assert found(tmp_path, **files) == [("SAL617", "main.py", ["models.py"])]


def test_alembic_sees_no_model(tmp_path: Path) -> None:
    env = "from app.db import Base\n\ntarget_metadata = Base.metadata\n"
    assert found(tmp_path, db=DB, models=USER, env=env) == [("SAL617", "env.py", ["models.py"])]


def test_what_runs_alembic_imports_the_models(tmp_path: Path) -> None:
    env = (
        "from alembic import context\nfrom app.db import Base\n\ntarget_metadata = Base.metadata\n"
    )
    cli = "import alembic.command\n\nfrom app import models\n"
    assert not found(tmp_path, db=DB, models=USER, env=env, cli=cli)


AUDIT = USER.replace("User", "Audit").replace("users", "audits")
API = "from app.models import User\nfrom app.audit import Audit\n"
ENV = """
from app.db import Base
from app import models
{more}
target_metadata = Base.metadata
"""


def test_alembic_sees_one_of_two_modules(tmp_path: Path) -> None:
    files = {"db": DB, "models": USER, "audit": AUDIT, "api": API, "env": ENV.format(more="")}
    assert found(tmp_path, **files) == [("SAL617", "env.py", ["audit.py"])]


@pytest.mark.parametrize(
    ("more", "api"),
    [
        ("from app import audit\n", API),  # both are imported
        ("from app.api import Audit\n", API),  # by what is imported
        ("", "from app.models import User\n"),  # nobody uses the other one
        ("context.configure(include_object=chosen)\n", API),  # the tables are chosen
    ],
)
def test_alembic_sees_the_modules_that_are_used(tmp_path: Path, more: str, api: str) -> None:
    env = ENV.format(more=more)
    assert not found(tmp_path, db=DB, models=USER, audit=AUDIT, api=api, env=env)


def test_create_all_makes_the_tables_of_one_of_two_modules(tmp_path: Path) -> None:
    main = MAIN.format(more="from app.models import User")
    files = {"db": DB, "models": USER, "audit": AUDIT, "api": API, "main": main}
    assert found(tmp_path, **files) == [("SAL617", "main.py", ["audit.py"])]


def test_another_test_imports_the_models(tmp_path: Path) -> None:
    files = {"test_main": MAIN.format(more=""), "test_users": "from app.models import User\n"}
    assert not found(tmp_path, db=DB, models=USER, **files)


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("", ["SAL617"]),
        ("import app.tables\n", []),
        ("from oslo_utils import importutils\n\nimportutils.try_import('app.tables')\n", []),
    ],
)
def test_a_metadata_of_tables_alone(tmp_path: Path, more: str, codes: list[str]) -> None:
    files = {
        "db": "from sqlalchemy import MetaData\n\nmetadata = MetaData()\n",
        "tables": "from sqlalchemy import Column, Integer, Table\nfrom app.db import metadata\n\n"
        'users = Table("users", metadata, Column("id", Integer, primary_key=True))\n',
        "env": f"from app.db import metadata\n{more}\ntarget_metadata = metadata\n",
    }
    assert [code for code, *_ in found(tmp_path, **files)] == codes


def test_a_side_in_another_file_is_named(tmp_path: Path) -> None:
    posts = """
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import relationship
from app.db import Base


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User", back_populates="posts")
"""
    files = {"db": DB, "models": USER, "posts": posts}
    assert found(tmp_path, **files) == [("SAL607", "posts.py", ["models.py"])]


def test_a_file_that_was_not_given_may_define_the_class(tmp_path: Path) -> None:
    package = tmp_path / "app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "db.py").write_text(DB)
    (package / "posts.py").write_text("class Post: ...\n")
    source = USER.replace("Integer\n", "Integer\nfrom sqlalchemy.orm import relationship\n", 1)
    source += '    posts = relationship("Post")\n'
    (package / "models.py").write_text(source)
    settings = Settings(preview=True, target_version="2.0", root=tmp_path)
    assert not run([package / "models.py"], settings).findings


@pytest.mark.parametrize(
    ("more", "codes"),
    [("", []), ("from app.posts import Post\n", ["SAL607"])],
)
def test_a_class_that_is_only_imported_for_types_configures_nothing(
    tmp_path: Path, more: str, codes: list[str]
) -> None:
    posts = """
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer
from sqlalchemy.orm import relationship
from app.db import Base


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user = relationship("User")
"""
    typed = "\nif TYPE_CHECKING:\n    from app.posts import Post\n"
    user = "from typing import TYPE_CHECKING\n" + USER + typed
    main = f"from app.models import User\n{more}\n\ndef all_of():\n    return User\n"
    files = {"db": DB, "models": user, "posts": posts, "main": main}
    assert [code for code, *_ in found(tmp_path, **files)] == codes

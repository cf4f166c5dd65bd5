"""The SQLAlchemy version a project is written for, from each kind of file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqla_lint.project import target
from sqla_lint.project.requirements import READERS, split
from sqla_lint.project.target import find_target


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("requirements.txt", "flask\nSQLAlchemy>=1.4,<2  # why\n", (1, 4)),
        ("requirements.txt", "sqlalchemy[asyncio]==2.0.36 ; python_version > '3'\n", (2, 0)),
        ("requirements.txt", "sqlalchemy\n", (2, 0)),
        ("requirements.txt", "sqlalchemy>=1.4\n", (2, 0)),
        ("requirements.txt", "sqlalchemy>=2.1\n", (2, 1)),
        ("requirements.txt", "sqlalchemy==2.1.3\n", (2, 1)),
        ("requirements.txt", "sqlalchemy<2.1,>=2.0\n", (2, 0)),
        ("requirements.txt", "sqlalchemy~=1.3.0\n", (1, 4)),
        ("requirements.txt", "sqlalchemy==1.4.46\n", (1, 4)),
        ("requirements-dev.txt", "sqlalchemy<2\n", (1, 4)),
        ("setup.cfg", "[options]\ninstall_requires =\n    sqlalchemy<2\n", (1, 4)),
        ("setup.py", "import x\nx.setup(install_requires=['SQLAlchemy<1.5'])\n", (1, 4)),
        ("pyproject.toml", "[project]\ndependencies = ['sqlalchemy>=2.0.20']\n", (2, 0)),
        ("pyproject.toml", "[tool.poetry.dependencies]\nSQLAlchemy = '^1.4'\n", (1, 4)),
        ("pyproject.toml", "[tool.poetry.dependencies]\nsqlalchemy = {version='~2.0'}\n", (2, 0)),
        ("pyproject.toml", "[project.optional-dependencies]\ndb = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[dependency-groups]\ndb = ['sqlalchemy<2']\n", (1, 4)),
        ("poetry.lock", "[[package]]\nname = 'sqlalchemy'\nversion = '1.4.54'\n", (1, 4)),
        ("uv.lock", "[[package]]\nname = 'sqlalchemy'\nversion = '2.1.9'\n", (2, 1)),
        ("Pipfile.lock", '{"default": {"sqlalchemy": {"version": "==1.4.54"}}}', (1, 4)),
        ("Pipfile", "[packages]\nsqlalchemy = '<2'\n", (1, 4)),
        ("environment.yml", "dependencies:\n  - sqlalchemy=1.4.54\n", (1, 4)),
        ("setup.cfg", "[options]\ninstall_requires = SQLAlchemy<2\n", (1, 4)),
        ("pixi.toml", "[dependencies]\nsqlalchemy = '1.4.*'\n", (1, 4)),
        ("pixi.toml", "[pypi-dependencies]\nsqlalchemy = {version='>=1.4,<2'}\n", (1, 4)),
        ("pixi.toml", "[feature.db.dependencies]\nsqlalchemy = '<2'\n", (1, 4)),
        ("pixi.lock", "- conda: https://c/linux-64/sqlalchemy-1.4.54-py312h66_0.conda\n", (1, 4)),
        ("pixi.lock", "- pypi: https://p\n  name: sqlalchemy\n  version: 1.4.54\n", (1, 4)),
        ("conda-lock.yml", "package:\n- name: sqlalchemy\n  version: 1.4.54\n", (1, 4)),
        ("environment.yaml", "dependencies:\n  - conda-forge::sqlalchemy=1.4\n", (1, 4)),
        ("environment.yml", "dependencies:\n  - 'sqlalchemy<2'\n", (1, 4)),
        ("environment-dev.yml", "dependencies:\n  - sqlalchemy=1.4.*\n", (1, 4)),
        ("conda.yaml", "dependencies:\n  - sqlalchemy 1.4.*\n", (1, 4)),
        ("pyproject.toml", "[tool.pixi.pypi-dependencies]\nsqlalchemy = '<2'\n", (1, 4)),
        ("pyproject.toml", "[tool.pdm.dev-dependencies]\ntest = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.uv]\ndev-dependencies = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.hatch.envs.x]\ndependencies = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.poetry.dev-dependencies]\nsqlalchemy = '^1.4'\n", (1, 4)),
        ("pyproject.toml", "[tool.flit.metadata]\nrequires = ['sqlalchemy<2']\n", (1, 4)),
        ("requirements.txt", "sqlalchemy @ https://f/SQLAlchemy-1.4.54.tar.gz\n", (1, 4)),
        ("PKG-INFO", "Name: x\nRequires-Dist: sqlalchemy<2,>=1.4\n", (1, 4)),
        ("requirements.txt", "sqlmodel>=0.0.14\n", (2, 0)),
        ("requirements.txt", "sqlalchemy-utils<0.39\n", (2, 0)),
        ("requirements.in", "sqlalchemy<2\n", (1, 4)),
        ("dev-constraints.txt", "sqlalchemy==1.4.1\n", (1, 4)),
        ("pyproject.toml", "[tool.uv]\nconstraint-dependencies = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.rye]\ndev-dependencies = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.pdm.resolution.overrides]\nsqlalchemy = '1.4.1'\n", (1, 4)),
        ("pyproject.toml", "[tool.hatch.envs.x]\nextra-dependencies = ['sqlalchemy<2']\n", (1, 4)),
        ("pyproject.toml", "[tool.poetry.dependencies]\nsqlalchemy = '^1.3 || ^1.4'\n", (1, 4)),
        ("pyproject.toml", "[tool.poetry.dependencies]\nsqlalchemy = [{version='1.3'}]\n", (1, 4)),
        ("pyproject.toml", "[project]\nrequires-python = '>=3.5,<3.7'\n", (1, 4)),
        ("setup.cfg", "[options]\npython_requires = >=2.7, <3\n", (1, 4)),
        ("setup.py", "setup(python_requires='>=3.6, <3.7')\n", (1, 4)),
        ("setup.py", "V = '<2'\nsetup(install_requires=['SQLAlchemy' + V])\n", (1, 4)),
        ("setup.py", "V = '<2'\nsetup(install_requires=[f'sqlalchemy{V}'])\n", (1, 4)),
        ("setup.py", "R = {'sqlalchemy': '>=1.3,<1.4'}\nsetup(x=list(R))\n", (1, 4)),
        ("setup.py", "setup(install_requires=\"\"\"\nflask\nsqlalchemy<2\n\"\"\")\n", (1, 4)),
        ("setup.py", "setup(tests_require=['sqlalchemy<2'], x=[['sqlalchemy>=2']])\n", (2, 0)),
        ("setup.py", "setup(keywords='sqlalchemy orm', x=['sqlalchemy<2'])\n", (1, 4)),
        ("setup.cfg", "[metadata]\nkeywords = sqlalchemy, orm\n[o]\nx = sqlalchemy<2\n", (1, 4)),
        ("Pipfile", "[packages]\nsqlalchemy = '*'\n[requires]\npython_version = '3.6'\n", (1, 4)),
        ("poetry.lock", "package = [{name='sqlalchemy', version='1.4.1'},"
         " {name='sqlalchemy', version='2.0.1'}]\n", (2, 0)),
        ("environment.yml", "dependencies:\n  - python=3.6\n  - sqlalchemy\n", (1, 4)),
        ("environment.yml", "dependencies:\n  - python=3.11.4\n  - sqlalchemy\n", (2, 0)),
        ("Dockerfile", "FROM python\nRUN pip install x 'SQLAlchemy==1.3.24' \\\n  y\n", (1, 4)),
        ("Dockerfile", "FROM python:3.6-slim\nRUN pip install sqlalchemy==2.0\n", (2, 0)),
        ("tox.ini", "[testenv]\ndeps = 13: SQLAlchemy<1.4\n  14: SQLAlchemy~=1.4.0\n", (1, 4)),
        ("tox.ini", "[testenv]\ndeps = 14: SQLAlchemy<2\n  20: SQLAlchemy~=2.0\n", (2, 0)),
        ("noxfile.py", "session.install('flask', 'sqlalchemy<2')\n", (1, 4)),
        ("METADATA", "Requires-Dist: sqlalchemy<2; extra == 'old'\n"
         "Requires-Dist: sqlalchemy>=2; extra == 'new'\n", (2, 0)),
        ("METADATA", "License: x\n        \n        y\nRequires-Dist: sqlalchemy<2\n", (1, 4)),
        ("requirements.txt", "sqlalchemy<2; python_version<'3.7'\n"
         "sqlalchemy>=2; python_version>='3.7'\n", (2, 0)),
    ],
)  # fmt: skip
def test_a_file_tells(tmp_path: Path, name: str, text: str, version: tuple[int, int]) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / ".git").mkdir()
    found = find_target(tmp_path / "app.py")
    assert found.version == version
    named = "sqlalchemy-utils" not in text
    assert found.source.startswith(name) is named


def test_a_lock_speaks_before_a_requirement(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['sqlalchemy']\n")
    (tmp_path / "uv.lock").write_text("[[package]]\nname = 'sqlalchemy'\nversion = '1.4.54'\n")
    assert find_target(tmp_path).version == (1, 4)


def test_the_nearest_folder_decides(tmp_path: Path) -> None:
    inner = tmp_path / "old" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("sqlalchemy==2.0.1\n")
    (tmp_path / "old" / "requirements.txt").write_text("sqlalchemy==1.4.1\n")
    assert find_target(inner).version == (1, 4)
    assert find_target(tmp_path).version == (2, 0)


def test_another_project_above_is_not_asked(tmp_path: Path) -> None:
    inner = tmp_path / "project"
    (inner / ".git").mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("sqlalchemy==1.4.1\n")
    assert find_target(inner) == target.Target((2, 0), "default")


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "Pipfile.lock", "uv.lock"])
def test_a_broken_file_says_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\x00 sqlalchemy<2 [[[")
    (tmp_path / ".git").mkdir()
    assert find_target(tmp_path).source == "default"


@given(st.text(), st.sampled_from([reader.read for reader in READERS]))
def test_readers_fail_only_as_expected(text: str, read: object) -> None:
    try:
        requirements = list(read(text))  # type: ignore[operator]
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return
    for requirement in requirements:
        name, specifier, _ = split(requirement)
        assert name == name.lower()
        assert target._admitted(specifier) in target.SHIPPED


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("sqlalchemy==1.4.46 \\\n    --hash=sha256:abc", (1, 4)),
        ("Flask-SQLAlchemy==2.5.1", (1, 4)),
        ("Flask-SQLAlchemy<3", (1, 4)),
        ("Flask-SQLAlchemy>=2.5", (2, 0)),
        ("Flask-SQLAlchemy~=3.0.2", (2, 0)),
        ("sqlmodel==0.0.8", (1, 4)),
        ("sqlmodel>=0.0.24,<0.0.25", (2, 0)),
        ("sqlmodel>=0.0.6,<0.0.9", (1, 4)),
        ("sqlmodel", (2, 0)),
    ],
)
def test_what_another_library_says(
    tmp_path: Path, requirement: str, version: tuple[int, int]
) -> None:
    (tmp_path / "requirements.txt").write_text(f"flask\n{requirement}\n")
    (tmp_path / ".git").mkdir()
    assert find_target(tmp_path).version == version


@pytest.mark.parametrize(
    ("files", "version"),
    [
        # a range, or a name alone, leaves it to what is pinned
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy>=1.3']\n",
          "requirements.txt": "sqlalchemy==1.4.46\n"}, (1, 4)),
        ({"setup.py": "setup(install_requires=['sqlalchemy'])\n",
          "requirements.txt": "sqlalchemy<1.4\n"}, (1, 4)),
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy']\n",
          "tox.ini": "[testenv]\ndeps = SQLAlchemy<2\n"}, (1, 4)),
        ({"requirements.in": "sqlalchemy\n", "requirements.txt": "sqlalchemy==1.4.46\n"}, (1, 4)),
        # but not to a pin that it does not admit, or that is for tests
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy>=2']\n",
          "requirements.txt": "sqlalchemy==1.4.46\n"}, (2, 0)),
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy>=1.4']\n",
          "requirements-dev.txt": "sqlalchemy==1.4.46\n"}, (2, 0)),
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy>=1.4']\n",
          "tox.ini": "[testenv]\ndeps = sa14: SQLAlchemy==1.4.1\n"}, (2, 0)),
        # what is only for the older
        ({"pyproject.toml": "[project]\ndependencies = ['sqlalchemy>=1.3', 'gino']\n"}, (1, 4)),
        ({"requirements.txt": "apache-airflow==2.10.5\nsqlalchemy\n"}, (1, 4)),
        ({"requirements.txt": "apache-airflow>=2\nsqlalchemy\n"}, (2, 0)),
        ({"setup.py": "setup(install_requires=['sqlalchemy>=2', 'gino'])\n"}, (2, 0)),
        # other files are followed
        ({"requirements.txt": "-r deploy/app.txt\n", "deploy/app.txt": "sqlalchemy<2\n"}, (1, 4)),
        ({"requirements.txt": "-c c.txt\nsqlalchemy\n", "c.txt": "sqlalchemy==1.4.1\n"}, (1, 4)),
        ({"requirements.txt": "-r requirements.txt\n-r none.txt\n"}, (2, 0)),
        ({"requirements/base.in": "sqlalchemy<2\n"}, (1, 4)),
        ({"_requirements/orm.txt": "Flask-SQLAlchemy<3\n"}, (1, 4)),
        ({"requirements/dev.txt": "sqlalchemy>=2\n",
          "requirements/web.txt": "sqlalchemy<2\n"}, (1, 4)),
        ({"setup.py": "setup(install_requires=open('deps/install-reqs.txt').read().split())\n",
          "deps/install-reqs.txt": "sqlalchemy<2\n"}, (1, 4)),
        ({"pyproject.toml": "[tool.setuptools.dynamic]\ndependencies = {file = ['d.txt']}\n",
          "d.txt": "sqlalchemy<2\n"}, (1, 4)),
        ({"setup.cfg": "[options]\ninstall_requires = file: d.txt\n",
          "d.txt": "sqlalchemy<2\n"}, (1, 4)),
        # what a build has left
        ({"x.egg-info/requires.txt": "flask\nsqlalchemy<2\n\n[new]\nsqlalchemy>=2\n"}, (1, 4)),
        ({"x-1.dist-info/METADATA": "Requires-Dist: SQLAlchemy (<2,>=1.3)\n"}, (1, 4)),
    ],
)  # fmt: skip
def test_files_tell_together(
    tmp_path: Path, files: dict[str, str], version: tuple[int, int]
) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert find_target(tmp_path).version == version


def test_a_lock_above_tells_what_a_range_leaves_open(tmp_path: Path) -> None:
    inner = tmp_path / "api"
    inner.mkdir()
    (tmp_path / ".git").mkdir()
    (inner / "pyproject.toml").write_text("[project]\ndependencies = ['sqlalchemy>=1.3']\n")
    (tmp_path / "uv.lock").write_text("[[package]]\nname = 'sqlalchemy'\nversion = '1.4.54'\n")
    assert find_target(inner).version == (1, 4)


def test_projects_beside_each_other_are_each_for_their_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in (
        ("old/requirements.txt", "sqlalchemy<2\n"),
        ("old/app/__init__.py", ""),
        ("old/app/deep/__init__.py", ""),
        ("old/tests/requirements.txt", "sqlalchemy>=2\n"),
        ("new/pyproject.toml", "[project]\ndependencies = ['sqlalchemy>=2']\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    inner = str(tmp_path / "old" / "app" / "deep" / "x.py")
    tests = str(tmp_path / "old" / "tests" / "test_x.py")
    new, script = str(tmp_path / "new" / "x.py"), str(tmp_path / "script.py")
    assert target.find_versions([inner, tests, script]) == dict.fromkeys(
        (inner, tests, script), (1, 4)
    )
    found = target.find_versions([inner, new, script])
    assert found == {inner: (1, 4), new: (2, 0), script: (2, 0)}

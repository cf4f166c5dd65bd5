"""Routes that no request reaches: what is wrong in them is shown with `--pedantic`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

DATABASE = """
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
SessionLocal = sessionmaker(create_engine("sqlite:///tags.db"))


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True)
"""
NAMES = """
from fastapi import APIRouter

from app.database import SessionLocal, Tag

router = APIRouter()


@router.get("/names")
def get_names():
    with SessionLocal() as session:
        return [tag.name for tag in session.query(Tag)]
"""
SAVING = """
from fastapi import APIRouter

from app.database import SessionLocal, Tag

router = APIRouter(prefix="/tags")
PREFIX = "/tags"


@router.post("/{name}")
def save(name: str):
    with SessionLocal() as session:
        session.add(Tag(name=name))
"""
MAIN = """
from fastapi import FastAPI

from app.routers import names, saving

app = FastAPI()
app.include_router(names.router)
print(saving.PREFIX)
"""
PROGRAM = {
    "app/__init__.py": "",
    "app/routers/__init__.py": "",
    "app/database.py": DATABASE,
    "app/main.py": MAIN,
    "app/routers/names.py": NAMES,
    "app/routers/saving.py": SAVING,
}
FLASK = {
    "app/__init__.py": """
from flask import Flask


def create_app():
    app = Flask(__name__)
    from app.views import names, saving
    app.register_blueprint(names.bp)
    return app
""",
    "app/views/__init__.py": "",
    "app/database.py": DATABASE,
    "app/views/names.py": NAMES.replace("fastapi import APIRouter", "flask import Blueprint")
    .replace("router = APIRouter()", 'bp = Blueprint("names", __name__)')
    .replace("router", "bp"),
    "app/views/saving.py": """
from flask import Blueprint
from flask_login import login_required

from app.database import SessionLocal, Tag

bp = Blueprint("tags", __name__)


@bp.route("/<name>", methods=["POST"])
@login_required
def save(name):
    keep(name)


def keep(name):
    with SessionLocal() as session:
        session.add(Tag(name=name))
""",
}
FOUND_BY_NAME = """
import importlib
import pkgutil

import app.routers
from app.main import app as application

for one in pkgutil.iter_modules(app.routers.__path__):
    application.include_router(importlib.import_module(f"app.routers.{one.name}").router)
"""
NESTED = """
from fastapi import APIRouter

from app.database import SessionLocal
from app.routers.saving import router as saving_router

api = APIRouter()
api.include_router(saving_router)
"""


def codes(tmp_path: Path, files: dict[str, str], *, pedantic: bool = False) -> list[str]:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = Settings(select=("SAL201",), target_version="2.0", root=tmp_path, pedantic=pedantic)
    return [one.code for one in run([tmp_path], settings).findings]


@pytest.mark.parametrize("program", [PROGRAM, FLASK])
def test_no_application_includes_its_router(tmp_path: Path, program: dict[str, str]) -> None:
    assert codes(tmp_path, program) == []
    assert codes(tmp_path, program, pedantic=True) == ["SAL201"]


@pytest.mark.parametrize(
    "more",
    [
        {"app/main.py": MAIN + "import app.routers.saving as tags\n"},
        {"app/main.py": MAIN + "from app.routers.saving import router as tags\n"},
        {"app/routers/api.py": NESTED, "app/main.py": MAIN + "import app.routers.api\n"},
        {"app/routers/saving.py": SAVING + "\nrouter.add_api_route('/save', save)\n"},
    ],
)
def test_it_is_imported_and_included_in_nothing(tmp_path: Path, more: dict[str, str]) -> None:
    wanted = ["SAL201"] if "add_api_route" in str(more) else []
    assert codes(tmp_path, PROGRAM | more) == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app/main.py", MAIN + "app.include_router(saving.router)\n"),
        ("app/main.py", MAIN + "app.include_router(router=saving.router, prefix='/v1')\n"),
        ("app/main.py", MAIN + "for one in (names, saving):\n    app.include_router(one.router)\n"),
        ("app/main.py", MAIN + "import app.routers.saving\n\nkept = app.routers.saving.router\n"),
        ("app/main.py", MAIN + "import app.routers as r\n\napp.include_router(r.saving.router)\n"),
        ("app/main.py", MAIN + "from app.routers.saving import *\n\napp.include_router(router)\n"),
        ("app/main.py", MAIN + "\n\ndef late():\n    from .routers.saving import router as r\n"
         "    app.include_router(r)\n"),
        ("app/main.py", MAIN + "from app.routers.saving import save\n\nsave('a')\n"),
        ("app/main.py", MAIN + "\n\ndef by_name(of):\n    return getattr(of, 'router', None)\n"),
        ("app/main.py", MAIN + "ROUTERS = ['app.routers.saving:router']\n"),
        ("app/routers/saving.py", SAVING + "\n__all__ = ['router']\n"),
        ("app/routers/saving.py", SAVING + "\nv1 = router\n"),
        ("app/routers/saving.py", SAVING + "\n\ndef setup(app):\n    app.include_router(router)\n"),
        ("app/loading.py", FOUND_BY_NAME),
    ],
)  # fmt: skip
def test_somebody_may_include_it(tmp_path: Path, name: str, text: str) -> None:
    assert codes(tmp_path, PROGRAM | {name: text}) == ["SAL201"]


def test_a_package_hands_it_on(tmp_path: Path) -> None:
    more = {
        "app/routers/__init__.py": "from .saving import router as tags\n",
        "app/main.py": MAIN + "from app.routers import tags\n\napp.include_router(tags)\n",
    }
    assert codes(tmp_path, PROGRAM | more) == ["SAL201"]


def test_a_router_that_is_included_includes_it(tmp_path: Path) -> None:
    more = {
        "app/routers/api.py": NESTED,
        "app/main.py": MAIN + "from app.routers.api import api\n\napp.include_router(api)\n",
    }
    assert codes(tmp_path, PROGRAM | more) == ["SAL201"]


@pytest.mark.parametrize("name", ["app/routers/names.py", "app/main.py"])
def test_others_include_the_routers_of_a_library(tmp_path: Path, name: str) -> None:
    """There is no application, or none that includes a router."""
    text = "from app.routers import saving" if name == "app/main.py" else ""
    assert codes(tmp_path, PROGRAM | {name: text}) == ["SAL201"]

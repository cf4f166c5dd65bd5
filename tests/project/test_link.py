"""What is known across modules."""

from __future__ import annotations

import pytest
from tests.project.program import PRELUDE, linked, names_of

ORDINARY = "from app.db import SessionLocal, User, engine\n"
RELATIVE = "from .db import SessionLocal, User, engine\n"
PACKAGE = "from app import SessionLocal, User, engine\n"
USE = """
def f():
    x = SessionLocal()
    y = User.id
    with engine.connect() as z: pass
"""


@pytest.mark.parametrize(
    "sources",
    [
        {"app__init": "", "app__db": PRELUDE, "app__use": ORDINARY + USE},
        {"app__init": "", "app__db": PRELUDE, "app__use": RELATIVE + USE},
        {"app__init": "", "app__db": PRELUDE, "app__use": "from .db import *\n" + USE},
        {"app__init": "from .db import SessionLocal, User, engine", "app__db": PRELUDE,
         "app__use": PACKAGE + USE},
        {"app__init": "from .db import *", "app__db": PRELUDE,
         "app__use": "from . import SessionLocal, User, engine\n" + USE},
        {"db": PRELUDE, "app__use": "from db import SessionLocal, User, engine\n" + USE},
    ],
    ids=["absolute", "relative", "star", "re-export", "star re-export", "another root"],
)  # fmt: skip
def test_names_are_followed_through_imports(sources: dict[str, str]) -> None:
    found = names_of(linked(**sources), "app.use")
    assert (found["x"].name, found["y"].name, found["z"].name) == (
        "SESSION",
        "COLUMN_EXPR",
        "CONNECTION",
    )


def test_a_module_object_is_followed() -> None:
    project = linked(
        app__init="",
        app__db=PRELUDE,
        app__use="from app import db\nimport app.db as d\n"
        "def f():\n    x = db.SessionLocal()\n    y = d.engine\n",
    )
    found = names_of(project, "app.use")
    assert (found["x"].name, found["y"].name) == ("SESSION", "ENGINE")


def test_import_cycles_end() -> None:
    project = linked(
        a=PRELUDE + "from b import g\ndef h(): return SessionLocal()\n",
        b="from a import h\ndef g(): return h()\ndef f():\n    x = g()\n",
    )
    assert names_of(project, "b")["x"].name == "SESSION"


def test_a_reexport_cycle_is_unknown() -> None:
    project = linked(a="from b import x\n", b="from a import x\ndef f():\n    y = x\n")
    assert names_of(project, "b")["y"].name in ("UNKNOWN", "NAME")


def test_function_level_imports_are_seen() -> None:
    project = linked(
        db=PRELUDE, use="def f():\n    from db import engine\n    x = engine.connect()\n"
    )
    assert names_of(project, "use")["x"].name == "CONNECTION"


def test_mapped_classes_of_another_module_are_inherited() -> None:
    project = linked(
        db=PRELUDE,
        models="from db import Base, Column, Integer, User\n"
        "class Admin(User):\n    level = Column(Integer)\n",
        use="from models import Admin\n"
        "def f():\n    x = Admin.level\n    y = Admin.id\n    z = Admin()\n",
    )
    found = names_of(project, "use")
    assert [found[n].name for n in "xyz"] == ["COLUMN_EXPR", "COLUMN_EXPR", "ENTITY"]


def test_the_order_of_modules_does_not_matter() -> None:
    sources = {
        "db": PRELUDE,
        "use": "from db import SessionLocal\ndef f():\n    x = SessionLocal()\n",
    }
    forwards = names_of(linked(**sources), "use")
    backwards = names_of(linked(**dict(reversed(sources.items()))), "use")
    assert forwards["x"] == backwards["x"]
    assert forwards["x"].name == "SESSION"


@pytest.mark.parametrize(
    "source",
    [
        "import requests\ns = requests.Session()\ndef f():\n    x = s.get('u')\n",
        "import boto3\ns = boto3.Session()\ndef f():\n    x = s.client('s3')\n",
        "from pyspark.sql import SparkSession\ns = SparkSession.builder.getOrCreate()\n"
        "def f():\n    x = s.sql('q')\n",
        "import asyncpg\nasync def f():\n    x = await asyncpg.connect()\n",
        "from pymongo import MongoClient\nc = MongoClient()\n"
        "def f():\n    x = c.db.users.insert_one({})\n",
        "from django.db import connection\ndef f():\n    x = connection.cursor()\n",
        "from peewee import Model, CharField\nclass U(Model):\n    n = CharField()\n"
        "def f():\n    x = U.select()\n",
    ],
)  # fmt: skip
def test_other_libraries_sessions_are_not_ours(source: str) -> None:
    project = linked(m=source)
    assert project.typed == {}

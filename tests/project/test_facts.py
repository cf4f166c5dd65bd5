"""Facts of single modules are kept while one module after the other changes, and never too long."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sqla_lint.ir import Module
from sqla_lint.lsp.folder import Folder
from sqla_lint.project.facts import Facts

FILES = {
    "db.py": """\
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

engine = create_engine("sqlite://")
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass
""",
    "models.py": """\
from datetime import datetime
from db import Base
from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    made: Mapped[datetime] = mapped_column(default=datetime.now())
    tags: Mapped[str] = mapped_column(default=[])
""",
    "more.py": """\
from db import Base
from sqlalchemy.orm import Mapped, mapped_column


class Pet(Base):
    __tablename__ = "pets"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "make.py": """\
from db import Base, engine

def make():
    Base.metadata.create_all(engine)
""",
    "use.py": """\
from models import User

def new():
    return User()
""",
}
EDITS = [
    ("more.py", '"pets"', '"users"'),
    ("db.py", "sqlite://", "mysql://"),
    ("db.py", "sqlite://", "postgresql://"),
    ("use.py", "return User()", "return None"),
    ("use.py", "from models import User", "User = None"),
    ("use.py", "return User()", "user = User()\n    user.made = None\n    user.tags = []"),
    ("make.py", "from db", "import models\nfrom db"),
    ("make.py", "create_all", "drop_all"),
    ("make.py", "def make():", "def make():\n    import_module('models')"),
    ("models.py", "class User", "class Person"),
    ("models.py", '"users"', '"pets"'),
    ("more.py", "class Pet(Base)", "class Pet"),
    ("use.py", "    return", "    setattr(User, 'id', 1)\n    return"),
    ("use.py", "def new", "from sqlalchemy import Table\nfrom db import Base\n"
     "t = Table('users', Base.metadata)\ndef new"),
]  # fmt: skip


@pytest.mark.slow
def test_an_editor_sees_the_same_with_facts_as_without(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "sqla-lint.toml").write_text("preview = true\npedantic = true\n")
    keeping, asking = Folder(tmp_path), Folder(tmp_path)
    keeping.load()
    asking.load()
    for program in asking.programs.values():
        program.project.knowledge.index.facts.kept = False
    rng = random.Random(7)
    texts = dict(FILES)
    seen = set()
    for _ in range(80):
        name, before, after = rng.choice(EDITS)
        texts[name] = (texts if rng.random() < 0.5 else FILES)[name].replace(before, after, 1)
        for file in (name, rng.choice(sorted(FILES))):
            path = str(tmp_path / file)
            found = keeping.findings(path, texts[file])
            assert found == asking.findings(path, texts[file]), (name, before, after, file)
            seen.update(one.code for one in found or ())
    assert {"SAL601", "SAL602"} <= seen


def test_another_module_is_asked_anew() -> None:
    facts = Facts()
    one, other = Module("a.py", "a"), Module("a.py", "a")
    assert [facts.of(one, "id", id), facts.of(other, "id", id)] == [id(one), id(other)]
    facts.kept = True
    assert facts.of(one, "what", lambda _: 1) == 1
    assert facts.of(one, "what", lambda _: 2) == 1
    assert facts.of(other, "what", lambda _: 3) == 3
    assert facts.of(one, "which", lambda _: 4) == 4
    facts.forget()
    assert facts.of(other, "what", lambda _: 5) == 5

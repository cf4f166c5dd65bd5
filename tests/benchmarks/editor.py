"""How long an editor waits: a file of about 1,000 lines in a project of 100 files, changed often.

``python tests/benchmarks/editor.py`` prints processor times of the language server's work; a pause
of 0.2 s after the last key comes on top. On a machine with other work these say more than clocks.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqla_lint.lsp.folder import Folder
from sqla_lint.lsp.hover import kind_at

REPEAT = 9
DATABASE = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

engine = create_engine("sqlite://")
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass
"""
MODEL = """\
from db import Base, Session, engine
from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, mapped_column


class Model{0}(Base):
    __tablename__ = "t{0}"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
FUNCTIONS = """\


def load_{1}(key: int) -> str:
    with Session() as session:
        found = session.scalars(select(Model{0}).where(Model{0}.id == key)).first()
        if found is None:
            return ""
        return found.name


def count_{1}() -> int:
    with engine.connect() as conn:
        return conn.execute(text("SELECT count(*) FROM t{0}")).scalar_one()


def rename_{1}(key: int, name: str) -> None:
    with Session.begin() as session:
        found = session.get(Model{0}, key)
        if found is not None:
            found.name = name
"""


def module(number: int, times: int) -> str:
    return MODEL.format(number) + "".join(FUNCTIONS.format(number, i) for i in range(times))


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        (root / "db.py").write_text(DATABASE)
        for number in range(98):
            (root / f"m{number}.py").write_text(module(number, 5))
        text, path = module(99, 48), str(root / "big.py")
        (root / "big.py").write_text(text)
        folder = Folder(root)
        print(f"{len(text.splitlines())} lines, 100 files")
        print(f"{seconds(folder.load):6.2f} s  the folder is opened, without a cache")
        changes = [
            seconds(lambda n=n: folder.findings(path, text.replace("load_3(", f"load_{n}x(")))  # type: ignore[misc]
            for n in range(REPEAT)
        ]
        print(f"{statistics.median(changes):6.2f} s  a change of the long file")
        small = str(root / "m3.py")
        short = module(3, 5)
        times = [seconds(lambda: folder.findings(small, short)) for _ in range(REPEAT)]
        print(f"{statistics.median(times):6.2f} s  a change of a file of {len(short.splitlines())}")
        folder.findings(path, text)
        program = folder.program(path)
        assert program is not None
        line = text.splitlines().index("        return found.name") + 1
        hovers = [seconds(lambda: kind_at(program, path, text, line, 17)) for _ in range(REPEAT)]
        print(f"{statistics.median(hovers):6.2f} s  pointing at an expression of the long file")


if __name__ == "__main__":
    main()

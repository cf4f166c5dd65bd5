"""Runs the programs of a file with every value, and tells which of them go wrong.

    python -m values.play PROGRAM ANSWERS

writes a JSON object: for each function the values for which it did not do what `WANTED` says.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from values.hostile import TEXTS


class Row(NamedTuple):
    """A row of the table `notes`."""

    id: int
    word: str | None
    number: int | None
    parent_id: int | None


# Every text is somebody's word; the numbers and parents are spread over them.
ROWS = [
    Row(n, word, n % 9 if n % 4 else None, n // 2 or None) for n, word in enumerate(TEXTS, 1)
] + [Row(len(TEXTS) + 1, None, 3, 1)]
CREATE = "CREATE TABLE notes (id INTEGER PRIMARY KEY, word TEXT, number INTEGER, parent_id INTEGER)"


def main(program: str, answers: str) -> None:
    warnings.simplefilter("ignore")
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    module = _loaded(Path(program))
    engine = create_engine("sqlite://", poolclass=StaticPool)
    _table(engine)
    wrong: dict[str, list[str]] = {}
    for name, (values, _) in module.WANTED.items():
        why = [(value, _wrong(engine, module, name, value)) for value in values]
        wrong[name] = [f"{value!r}: {what}" for value, what in why if what is not None]
    Path(answers).write_text(json.dumps(wrong), encoding="utf-8")


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("played", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["played"] = module
    spec.loader.exec_module(module)
    return module


def _table(engine: Any) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE IF EXISTS notes")
        conn.exec_driver_sql(CREATE)
        conn.exec_driver_sql("INSERT INTO notes VALUES (?, ?, ?, ?)", [tuple(row) for row in ROWS])


def _wrong(engine: Any, module: ModuleType, name: str, value: Any) -> str | None:
    """What went wrong when a function was run; None when nothing did."""
    from sqlalchemy.orm import Session

    _, wanted = module.WANTED[name]
    clean = False
    try:
        with Session(engine, future=True) as session:
            found = getattr(module, name)(session, value)
            if found is None:
                session.commit()
        clean = found is not None
        if not clean:
            with engine.connect() as conn:
                found = conn.exec_driver_sql("SELECT * FROM notes ORDER BY id").fetchall()
                found = [Row(*row) for row in found]
    except Exception as error:
        return repr(error)
    finally:
        if not clean:
            _table(engine)
    meant = wanted(ROWS, value)
    return None if found == meant else f"{found} instead of {meant}"


if __name__ == "__main__":
    main(*sys.argv[1:])

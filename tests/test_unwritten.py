"""Defaults of tables of Core that a program never writes through the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

TABLES = """
from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table
from sqlalchemy.orm import registry

from app.things import Receipt

metadata = MetaData()
keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String(50), primary_key=True),
    Column("made", DateTime, default=datetime.now()),
)


class Database:
    def __init__(self) -> None:
        self.metadata = MetaData()
        self.receipts = Table(
            "receipts",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("made", DateTime, default=datetime.now()),
        )
        self.registry = registry(metadata=self.metadata)
        self.registry.map_imperatively(Receipt, self.receipts)
"""
THINGS = """
class Receipt:
    __tablename__ = "receipts"

    id: int
"""
MAIN = """
import click
from sqlalchemy import create_engine, insert, text

from app import tables, things

engine = create_engine("sqlite:///app.db")


def shown(key: str) -> object:
    return getattr(things, key)


@click.command()
def keep(key: str) -> None:
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO idempotency_keys (key) VALUES (:key)"), {"key": key})
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", []),
        ('text("INSERT INTO idempotency_keys (key) VALUES (:key)")', "insert(tables.keys)", [1]),
        ('text("INSERT INTO', 'tables.keys.insert(), text("INSERT INTO', [1]),
        ("import tables", "import tables, write", [1]),  # see below
        ("conn.execute(", "conn.execute(things.Receipt(), ", [2]),
        ("key: str)", "key: str, made: things.Receipt)", [2]),
        ("conn.execute(", "conn.execute(db.receipts, ", [2]),
        ("conn.execute(", "conn.execute(tables.metadata.tables[key], ", [1, 2]),
        ("conn.execute(", "conn.execute(insert(getattr(tables, key)), ", [1, 2]),
        ("conn.execute(", "conn.execute(find('idempotency_keys'), ", [1]),
        ("@click.command()\n", "", [1, 2]),  # a library: others write
    ],
)
def test_what_is_never_inserted_through_its_table(
    tmp_path: Path, old: str, new: str, told: list[int]
) -> None:
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "tables": TABLES, "things": THINGS, "main": MAIN.replace(old, new)}
    files["main"] = MAIN.replace(old, new) if old else MAIN
    if "write" in new:
        files["write"] = (
            "from app.tables import keys\n\ndef write(c):\n    c.execute(keys.insert())\n"
        )
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL601",), target_version="2.0", root=tmp_path)
    findings = run([tmp_path], settings).findings
    lines = [TABLES.count("\n", 0, TABLES.index(word)) for word in ("keys =", "class Database")]
    assert [1 if one.span.line < lines[1] else 2 for one in findings] == told
    pedantic = run([tmp_path], Settings(select=("SAL601",), pedantic=True, root=tmp_path)).findings
    assert len(pedantic) == 2

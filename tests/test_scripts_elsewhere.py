"""What a script's function leaves open, where other modules say the function's name, too."""

from __future__ import annotations

from pathlib import Path

from sqla_lint.run import run
from sqla_lint.settings import Settings

SCRIPT = """
import sys
from sqlalchemy import create_engine, text

def migrate(url):
    conn = create_engine(url).connect()
    for row in conn.execute(text("SELECT name FROM users")):
        print(row)

def usage():
    print("move-users URL")

def main():
    if len(sys.argv) < 2:
        usage()
        sys.exit(1)
    migrate(sys.argv[1])
    sys.exit(0)

if __name__ == "__main__":
    main()
"""
SAYS = """
from flask import Flask, current_app
from flask_migrate import Migrate

def create_app(db):
    migrate = Migrate(Flask(__name__), db)
    return migrate.directory, current_app.extensions["migrate"]
"""
CALLS = """
from tools.move_users import migrate

def on_request(url):
    migrate(url)
"""


def found(folder: Path, **files: str) -> list[str]:
    for name, source in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    outcome = run([folder], Settings(target_version="2.0", root=folder))
    return [f.code for f in outcome.findings if f.code.startswith("SAL1")]


def test_the_name_of_something_else(tmp_path: Path) -> None:
    assert found(tmp_path, tools__move_users=SCRIPT, app=SAYS) == []


def test_the_function_itself(tmp_path: Path) -> None:
    assert "SAL101" in found(tmp_path, tools__move_users=SCRIPT, app=CALLS)


def test_by_way_of_another(tmp_path: Path) -> None:
    hands_on = "from tools import move_users\n"
    calls = "import sqlalchemy\nimport hands\n\ndef f(url):\n    hands.move_users.migrate(url)\n"
    files = {"tools__move_users": SCRIPT, "hands": hands_on, "app": calls}
    assert "SAL101" in found(tmp_path, **files)

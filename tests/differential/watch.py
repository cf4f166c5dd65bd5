"""Runs a program under instrumentation, and writes down what the library does at which line.

    python -m differential.watch NAME ANSWER [DRIVER]

plays the steps of `drives/NAME.py`, on one SQLAlchemy, and writes a JSON list of harms; with a
DRIVER, such as asyncpg, on a PostgreSQL server:
    kind     "detached", "greenlet": what was raised; "lazy": an attribute is loaded by a read, more
             than once from the same place of the same run of a function; "select", "write": a
             statement is sent that often
    what     the exception, or the attribute or statement
    lines    the program's lines on the way, innermost first, as "file:line"; for repetitions from
             the line that repeats outwards
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import os
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple

from proofs.runner import Servers
from proofs.stage import POSTGRESQL, SQLITE, Server, Stage, load

HERE = Path(__file__).parent
APPS = HERE / "apps"
APPS_PREFIX = str(APPS)
RAISED = {"MissingGreenlet": "greenlet", "DetachedInstanceError": "detached"}
# Methods that a program calls to have something loaded or written: no reads.
WRITERS = frozenset({"flush", "commit", "begin", "close", "__exit__", "__aexit__", "_autoflush"})

# What loads relationships with or for their objects, some of it in several statements.
LOADERS = frozenset({"_load", "_load_for_path", "_load_via_child", "_load_via_parent"})
# A generator returns whenever it gives something.
GENERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Place(NamedTuple):
    """A line of a function, in one run of it."""

    run: int
    line: str


class Sent(NamedTuple):
    """Something that was sent to the database, with the program's frames, innermost first."""

    kind: str
    what: str
    places: tuple[Place, ...]


class Watch:
    """Everything that is noticed while a step runs."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.left = ""  # the line at which a function of the program returned last
        # what tasks raised, with the lines at which they were begun
        self.failed: list[tuple[BaseException, list[str]]] = []
        self._runs: dict[int, int] = {}
        self._number = itertools.count()

    def profile(self, frame: FrameType, event: str, argument: object) -> None:
        """Give each run of a function of the program a number."""
        if not frame.f_code.co_filename.startswith(APPS_PREFIX):
            return
        if event == "call":
            code = frame.f_code.co_code
            if not code[frame.f_lasti + 1] & 3:  # not a generator that goes on
                self._runs[id(frame)] = next(self._number)
        elif event == "return" and not frame.f_code.co_flags & GENERATORS:
            self.left = _line(frame)

    def places(self) -> tuple[tuple[Place, ...], str, set[str]]:
        """The program's frames, what the innermost one called, and all functions inside of it."""
        found: list[Place] = []
        inner, called = "", set[str]()
        for frame in _frames():
            code = frame.f_code
            if code.co_filename.startswith(APPS_PREFIX):
                found.append(Place(self._runs.get(id(frame), -1), _line(frame)))
            elif not found:
                file = Path(code.co_filename)
                called.add(code.co_name)
                if "sqlalchemy" in file.parts:
                    inner = f"{file.stem}.{code.co_name}"
        return tuple(found), inner, called

    def begin(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any
    ) -> asyncio.Task[Any]:
        """Make a task, and remember where: no traceback of what it raises tells."""
        lines = [place.line for place in self.places()[0]]
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)

        def end(task: asyncio.Task[Any]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self.failed.append((error, lines))

        task.add_done_callback(end)
        return task

    def lines_of(self, error: BaseException) -> list[str]:
        """The program's lines on the way to an exception, innermost first."""
        begun = [line for failed, lines in self.failed if failed is error for line in lines]
        return list(dict.fromkeys((*_lines(error.__traceback__), *begun))) or [self.left]


def _frames() -> Iterator[FrameType]:
    """From here outwards, through the greenlets of asyncio."""
    import greenlet

    frame: FrameType | None = sys._getframe(2)
    current = greenlet.getcurrent()
    while True:
        while frame is not None:
            yield frame
            frame = frame.f_back
        if current.parent is None:
            return
        current = current.parent
        frame = current.gr_frame


def _line(frame: FrameType) -> str:
    return f"{Path(frame.f_code.co_filename).relative_to(APPS)}:{frame.f_lineno}"


def _is_read(inner: str, called: set[str]) -> bool:
    """An attribute is read, or asked of `awaitable_attrs`, or an element of what an association
    proxy gives."""
    asked = inner.endswith(".greenlet_spawn") and "__get__" in called
    return asked or inner.endswith(".__get__") or inner.startswith("associationproxy.")


def watched(watch: Watch) -> None:
    """Listen to every session and engine."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    lazy = [False]

    def load(state: Any) -> None:
        lazy[0] = state.is_relationship_load or state.is_column_load
        places, inner, called = watch.places()
        read = _is_read(inner, called)
        if lazy[0] and read and places:
            path = state.loader_strategy_path if state.is_relationship_load else None
            what = str(path) if path is not None else "columns"
            watch.sent.append(Sent("lazy", what, places))

    def send(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        places, inner, called = watch.places()
        if not places or called & WRITERS or _is_read(inner, called) or called & LOADERS:
            return
        verb = statement.lstrip().split(None, 1)[0].upper()
        if verb == "SELECT":
            watch.sent.append(Sent("select", statement, places))
        elif verb in ("INSERT", "UPDATE", "DELETE"):
            watch.sent.append(Sent("write", statement, places))

    event.listen(Session, "do_orm_execute", load)
    event.listen(Engine, "before_cursor_execute", send)


def repeated(sent: list[Sent]) -> Iterator[dict[str, Any]]:
    """What is sent more than once by one line of one run of a function."""
    seen: dict[tuple[str, str, Place], list[Sent]] = defaultdict(list)
    for one in sent:
        for place in one.places:
            seen[one.kind, one.what, place].append(one)
    told: set[tuple[str, str, str]] = set()
    for one in sent:
        for depth, place in enumerate(one.places):
            if len(seen[one.kind, one.what, place]) < 2:
                continue
            if (one.kind, one.what, place.line) not in told:
                told.add((one.kind, one.what, place.line))
                lines = [p.line for p in one.places[depth:]]
                yield {
                    "kind": one.kind,
                    "what": one.what,
                    "lines": lines,
                    "inside": [p.line for p in one.places[:depth]],
                }
            break


def raised(error: BaseException, watch: Watch) -> dict[str, Any] | None:
    """The harm that an exception is; None for any other."""
    for name, kind in RAISED.items():
        family = {k.__name__ for k in type(error).__mro__}
        cause = type(getattr(error, "orig", None)).__name__
        if name in family or name == cause:
            return {"kind": kind, "what": name, "lines": watch.lines_of(error), "inside": []}
        if "Validation" in type(error).__name__ and name in str(error):
            return {"kind": kind, "what": name, "lines": watch.lines_of(error), "inside": []}
    return None


def _lines(trace: TracebackType | None) -> Iterator[str]:
    found = []
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(APPS_PREFIX):
            found.append(f"{Path(file).relative_to(APPS)}:{trace.tb_lineno}")
        trace = trace.tb_next
    yield from reversed(found)


def play(name: str, version: str, server: Server | None = None) -> list[dict[str, Any]]:
    """All harms of a program."""
    sys.path.insert(0, str(APPS))
    with tempfile.TemporaryDirectory() as home:
        with closing(sqlite3.connect(Path(home) / "proof.db")) as file:
            file.execute("PRAGMA journal_mode = WAL")  # readers do not keep writers out
        database = SQLITE if server is None else POSTGRESQL
        stage = Stage(version, database, Path(home), server)
        drive = load(HERE / "drives" / f"{name}.py", f"drive_{name}")
        drive.BASE.metadata.create_all(stage.engine)
        with stage.session() as session:
            drive.fill(session)
            session.commit()
        watch = Watch()
        watched(watch)
        harms: list[dict[str, Any]] = []
        for step in drive.STEPS:
            watch.sent, watch.failed = [], []
            failed: set[str] = set()  # lines at which a load was tried, and raised
            sys.setprofile(watch.profile)
            try:
                answer = step()
                if inspect.iscoroutine(answer):
                    asyncio.run(_awaited(watch, answer, getattr(drive, "ASYNC_ENGINES", ())))
            except Exception as error:
                harm = raised(error, watch)
                if harm is None:
                    raise
                harms.append(harm)
                failed = set(harm["lines"])
            finally:
                sys.setprofile(None)
            harms += [
                h
                for h in repeated(watch.sent)
                if h["kind"] != "lazy" or failed.isdisjoint(h["lines"][:1])
            ]
            getattr(drive, "after", lambda: None)()
        return harms


async def _awaited(watch: Watch, coroutine: Any, engines: tuple[Any, ...]) -> None:
    asyncio.get_running_loop().set_task_factory(watch.begin)
    try:
        await coroutine
    finally:
        for engine in engines:
            await engine.dispose()


def main(name: str, answer: str, driver: str = "") -> None:
    import sqlalchemy

    version = ".".join(sqlalchemy.__version__.split(".")[:2])
    servers = Servers(Path(answer).parent)
    try:
        server = servers.schema()._replace(asyncio=driver) if driver else None
        harms = play(name, version, server)
    finally:
        servers.stop()
    Path(answer).write_text(json.dumps(harms), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # a driver's thread may wait for connections that a failed step left open


if __name__ == "__main__":
    main(*sys.argv[1:])

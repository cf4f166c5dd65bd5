"""From files to modules: the work that is done file by file, in this process or in others.

A file is always scanned; it is lowered when its bytes name SQLAlchemy, or when it is asked for.
What comes back from another process is bytes, so that a cache can keep them as they are.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import NamedTuple

from sqla_lint.ir import Module
from sqla_lint.memory import felled
from sqla_lint.outcome import Problem
from sqla_lint.project.index import module_name
from sqla_lint.project.scan import contact, scan
from sqla_lint.stencil import is_stencil

# Fewer bytes than this are lowered in this process: starting another costs more.
PARALLEL_FROM = 400_000
# What one task of a worker is made of: few and large, but enough of them for all workers.
BATCH_BYTES = 300_000
BATCH_FILES = 60
# Seconds in which a pool whose workers are gone ends by itself, where it can.
GRACE = 1.0


class Lowered(NamedTuple):
    """One file: a module, a problem, or neither (no contact)."""

    path: str
    module: Module | None
    problem: Problem | None


class Packed(NamedTuple):
    """The same with the module as bytes: it crosses processes and lies in the cache."""

    path: str
    module: bytes | None
    problem: Problem | None


def lower_file(path: str, source: bytes | None = None) -> Lowered:
    """One file, from its bytes to a module when they name SQLAlchemy. Whatever is wrong with it is
    a `Problem`."""
    try:
        if source is None:
            source = Path(path).read_bytes()
    except OSError as error:
        return Lowered(path, None, unreadable(path, error))
    if not scan(path, source, contact()).origin:
        return Lowered(path, None, None)
    return lower_bytes(path, source)


def lower_bytes(path: str, source: bytes) -> Lowered:
    """The module of these bytes, whatever they say."""
    from sqla_lint.syntax import ParseFailure, lower

    try:
        name, is_package = module_name(Path(path))
        return Lowered(path, lower(source, path, name, is_package), None)
    except ParseFailure as failure:
        if is_stencil(source, failure.line):
            message = f"left out: other files are made from it ({failure.message})"
            return Lowered(path, None, Problem(path, failure.line, message, False, True))
        return Lowered(path, None, Problem(path, failure.line, failure.message, True, True, True))
    except OSError as error:
        return Lowered(path, None, unreadable(path, error))
    except Exception as error:
        message = f"internal error: {type(error).__name__}: {error}"
        return Lowered(path, None, Problem(path, None, message, True))


def unreadable(path: str, error: OSError) -> Problem:
    """In the words of the system."""
    reason = error.strerror or str(error)
    return Problem(path, None, reason[:1].lower() + reason[1:], True, unparsable=True)


def pack(lowered: Lowered) -> Packed:
    """Ready for another process, or for the cache."""
    module = lowered.module
    return Packed(
        lowered.path, None if module is None else pickle.dumps(module, 5), lowered.problem
    )


def lower_batch(batch: Sequence[tuple[str, bytes]]) -> list[Packed]:
    """One task of a worker, with one deep stack for all of it."""
    from sqla_lint.syntax.deep import deeply

    packed = deeply(lambda: [pack(lower_bytes(path, source)) for path, source in batch])
    felled(sum(len(source) for _, source in batch))
    return packed


_Batch = list[tuple[str, bytes]]


def lower_here(batch: Sequence[tuple[str, bytes]]) -> list[Lowered]:
    """The same for this process: nothing needs to be packed."""
    from sqla_lint.syntax.deep import deeply

    lowered = deeply(lambda: [lower_bytes(path, source) for path, source in batch])
    felled(sum(len(source) for _, source in batch))
    return lowered


class Workers:
    """Processes that lower files, or an executor of the caller's.

    To be used in a ``with``: leaving it ends the processes, at once when something went wrong.
    """

    def __init__(self, jobs: int, executor: Executor | None = None) -> None:
        self._jobs = jobs
        self._given = executor
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._end(at_once=kind is not None)

    def lower(self, files: Iterable[tuple[str, bytes]]) -> Iterator[Packed | Lowered]:
        """Results as they come, packed where another process made them."""
        batches = list(_batches(files))
        size = sum(len(source) for batch in batches for _, source in batch)
        if self._given is None and (self._jobs == 1 or size < PARALLEL_FROM):
            for batch in batches:
                yield from lower_here(batch)
            return
        left = yield from self._spread(self._given or self._started(), batches)
        if left:
            self._end(at_once=True)
            yield from self._carefully(left)

    def _spread(
        self, executor: Executor, batches: list[_Batch]
    ) -> Generator[Packed, None, list[_Batch]]:
        """All batches at once; those that a dying worker took with it are given back."""
        left: list[_Batch] = []
        with _interrupts_held():  # workers inherit that: who started them answers Ctrl-C
            futures = {executor.submit(lower_batch, batch): batch for batch in batches}
        for future in as_completed(futures):
            try:
                yield from future.result()
            except BrokenExecutor:
                left.append(futures[future])
        return left

    def _carefully(self, batches: list[_Batch]) -> Iterator[Packed]:
        """Batch by batch, and where a worker dies again file by file: one of them kills it."""
        for batch in batches:
            results = self._alone(batch)
            if results is not None:
                yield from results
                continue
            for path, source in batch:
                alone = self._alone([(path, source)])
                if alone is None:
                    message = "the process that read this file died"
                    yield Packed(path, None, Problem(path, None, message, True, unparsable=True))
                else:
                    yield from alone

    def _alone(self, batch: _Batch) -> list[Packed] | None:
        """In a process that has nothing else to do; None when it dies."""
        with _interrupts_held():
            future = self._started(1).submit(lower_batch, batch)
        try:
            return future.result()
        except BrokenExecutor:
            self._end(at_once=True)
            return None

    def _started(self, jobs: int = 0) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(max_workers=jobs or self._jobs)
        return self._pool

    def _end(self, *, at_once: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        with _interrupts_held():
            # Its manager thread must be gone before the interpreter is: what it leaves behind
            # trips over its own closed pipes at exit.
            if at_once:
                for child in active_children():
                    child.terminate()
                _stop_feeding(pool)
            pool.shutdown(wait=True, cancel_futures=True)


def _stop_feeding(pool: ProcessPoolExecutor) -> None:
    """Let the thread that hands batches to workers fail: with nobody left to read, it waits for
    ever on a full pipe up to Python 3.11 (CPython issue 94777). Later ones see to it themselves,
    and trip when somebody else does it at the same time."""
    manager = getattr(pool, "_executor_manager_thread", None)
    if manager is not None:
        manager.join(GRACE)
        if not manager.is_alive():
            return
    queue = getattr(pool, "_call_queue", None)
    reader = getattr(queue, "_reader", None)
    if reader is not None:
        reader.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches us afterwards, and never a process that is started here."""
    mask: Callable[..., set[signal.Signals]] | None = getattr(signal, "pthread_sigmask", None)
    if mask is None:  # Windows
        yield
        return
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)


def _batches(files: Iterable[tuple[str, bytes]]) -> Iterator[_Batch]:
    batch: _Batch = []
    size = 0
    for path, source in files:
        batch.append((path, source))
        size += len(source)
        if size >= BATCH_BYTES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def jobs_of(wanted: int | None) -> int:
    """How many processes: as told, else one for each processor that is ours."""
    if wanted:
        return wanted
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity is not None else os.cpu_count()) or 1

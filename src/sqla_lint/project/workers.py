"""Libraries that run work beside the function that starts it: threads, tasks, processes, queues."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

# Dotted names for which the answer is remembered: a program uses some thousands.
REMEMBERED = 16_384

Where = Literal["task", "thread", "awaited thread", "process", "background", "queue"]


class Start(NamedTuple):
    """How a call starts work.

    ``callable``  position of the function that is run, or of the first coroutine
    ``keyword``   the same by keyword
    ``given``     "coroutine": it is given coroutines; "rest": the other arguments are the
                  function's; "packed": a tuple and a dictionary hold them; "mapped": the function
                  is called for each element of the next argument
    ``packed``    the keywords of tuple and dictionary
    ``at``        the position of the tuple
    """

    where: Where
    callable: int
    keyword: str = ""
    given: Literal["coroutine", "rest", "packed", "mapped"] = "rest"
    packed: tuple[str, str] = ("args", "kwargs")
    at: int = -1


_THREAD = Start("thread", 1, "target", "packed", at=3)
_PROCESS = _THREAD._replace(where="process")
_TIMER = Start("thread", 1, "function", "packed", at=2)
_TASK = Start("task", 0, "coro", "coroutine")
_NURSERY = Start("task", 0, "func")
_JOB = Start("thread", 0, "func", "packed", at=2)

# By dotted name; the methods of an object follow the name of what made it and "()".
STARTS: dict[str, Start] = {
    "threading.Thread": _THREAD,
    "threading.Timer": _TIMER,
    "_thread.start_new_thread": Start("thread", 0, "", "packed", at=1),
    "concurrent.futures.ThreadPoolExecutor().submit": Start("thread", 0, "fn"),
    "concurrent.futures.ThreadPoolExecutor().map": Start("thread", 0, "fn", "mapped"),
    "multiprocessing.pool.ThreadPool().map": Start("thread", 0, "func", "mapped"),
    "multiprocessing.pool.ThreadPool().imap": Start("thread", 0, "func", "mapped"),
    "multiprocessing.pool.ThreadPool().imap_unordered": Start("thread", 0, "func", "mapped"),
    "multiprocessing.pool.ThreadPool().starmap": Start("thread", 0, "func", "mapped"),
    "multiprocessing.pool.ThreadPool().apply_async": Start("thread", 0, "func", "packed", at=1),
    "concurrent.futures.ProcessPoolExecutor().submit": Start("process", 0, "fn"),
    "concurrent.futures.ProcessPoolExecutor().map": Start("process", 0, "fn", "mapped"),
    "multiprocessing.Process": _PROCESS,
    "multiprocessing.get_context().Process": _PROCESS,
    "multiprocessing.Pool().map": Start("process", 0, "func", "mapped"),
    "multiprocessing.Pool().imap": Start("process", 0, "func", "mapped"),
    "multiprocessing.Pool().imap_unordered": Start("process", 0, "func", "mapped"),
    "multiprocessing.Pool().map_async": Start("process", 0, "func", "mapped"),
    "multiprocessing.Pool().starmap": Start("process", 0, "func", "mapped"),
    "multiprocessing.Pool().apply_async": Start("process", 0, "func", "packed", at=1),
    "asyncio.to_thread": Start("awaited thread", 0, "func"),
    "asyncio.get_event_loop().run_in_executor": Start("awaited thread", 1, "func"),
    "asyncio.get_event_loop().create_task": _TASK,
    "asyncio.create_task": _TASK,
    "asyncio.ensure_future": _TASK,
    "asyncio.run_coroutine_threadsafe": Start("thread", 0, "coro", "coroutine"),
    "asyncio.TaskGroup().create_task": _TASK,
    "anyio.create_task_group().start_soon": _NURSERY,
    "trio.open_nursery().start_soon": _NURSERY,
    "anyio.to_thread.run_sync": Start("awaited thread", 0, "func"),
    "starlette.concurrency.run_in_threadpool": Start("awaited thread", 0, "func"),
    "asgiref.sync.sync_to_async": Start("awaited thread", 0, "func"),
    "fastapi.BackgroundTasks().add_task": Start("background", 0, "func"),
    "starlette.background.BackgroundTask": Start("background", 0, "func"),
    "apscheduler.BackgroundScheduler().add_job": _JOB,
    "rq.Queue().enqueue": Start("queue", 0, "f"),
}

# Calls that wait for several coroutines at once.
TOGETHER = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed"})
# Calls that run an event loop for the one coroutine they are given.
RUNS_ONE = frozenset(
    {
        "anyio.from_thread.run",
        "anyio.run",
        "asgiref.sync.async_to_sync",
        "asyncio.Runner().run",
        "asyncio.get_event_loop().run_until_complete",
        "asyncio.run",
        "trio.run",
        "uvloop.run",
    }
)
# Calls that hand on the one coroutine they are given.
WRAPPERS = frozenset({"asyncio.wait_for", "asyncio.shield", "asyncio.ensure_future"})

_SCHEDULER = "apscheduler.BackgroundScheduler("
_LOOP = "asyncio.get_event_loop("
_ALIASES = (
    (re.compile(r"^concurrent\.futures\.(thread|process)\."), "concurrent.futures."),
    (re.compile(r"^(fastapi|starlette)\.background\.BackgroundTasks"), "fastapi.BackgroundTasks"),
    (re.compile(r"^fastapi\.concurrency\."), "starlette.concurrency."),
    (re.compile(r"^multiprocessing\.context\."), "multiprocessing."),
    (re.compile(r"^multiprocessing\.pool\.Pool"), "multiprocessing.Pool"),
    (re.compile(r"^multiprocessing\.dummy\.Pool"), "multiprocessing.pool.ThreadPool"),
    (re.compile(r"^multiprocessing\.get_context\(\)\.Pool"), "multiprocessing.Pool"),
    (re.compile(r"^asyncio\.(get_running_loop|new_event_loop|AbstractEventLoop)\("), _LOOP),
    (re.compile(r"^asyncio\.(taskgroups|tasks|threads)\."), "asyncio."),
    (re.compile(r"^apscheduler\.schedulers\.\w+\.\w+Scheduler\("), _SCHEDULER),
    (re.compile(r"^flask_apscheduler\.APScheduler\("), _SCHEDULER),
)

# Classes that are threads themselves: `run` is what their objects do.
RUNNERS: dict[str, Where] = {"threading.Thread": "thread", "multiprocessing.Process": "process"}

# Classes whose objects start work: what a parameter or ``with`` of them gives.
_CLASSES = frozenset(key.partition("()")[0] for key in STARTS if "()" in key)

# Decorators of functions that a worker of another process runs, and the methods that send them.
_QUEUED = re.compile(r"^celery\.(Celery\(\)\.task|shared_task|task)|^dramatiq\.actor|^huey\.")
_SENDERS = {
    "delay": Start("queue", -1),
    "send": Start("queue", -1),
    "apply_async": Start("queue", -1, "", "packed", at=0),
}


@lru_cache(maxsize=REMEMBERED)
def plain(label: str) -> str:
    """The one name of a worker that has several."""
    for pattern, name in _ALIASES:
        label = pattern.sub(name, label)
    return label


def is_of_processes(label: str) -> bool:
    """A pool that sends copies of what it works on to other processes."""
    return plain(label).startswith("concurrent.futures.ProcessPoolExecutor(")


def start(label: str) -> Start | None:
    """What a call of this dotted name starts."""
    return STARTS.get(plain(label))


def is_worker(label: str) -> bool:
    """A class (or a function that makes one) whose objects start work."""
    return plain(label + "()").removesuffix("()") in _CLASSES


def is_worker_object(label: str) -> bool:
    """What a call of such a class gives."""
    return label.endswith("()") and is_worker(label[:-2])


def is_queued(decorator: str) -> bool:
    """A decorator that makes a function a task of a queue."""
    return _QUEUED.match(decorator) is not None


def sender(method: str) -> Start | None:
    """A method that puts a task into its queue."""
    return _SENDERS.get(method)


@lru_cache(maxsize=REMEMBERED)
def starts_work(label: str) -> bool:
    """The result of a call that has to do with work beside this function."""
    name = label.partition("()")[0] if label.count("()") < 2 else label.rpartition("()")[0]
    return plain(name) in STARTS or plain(name) in TOGETHER or is_worker(name)

"""SAL111: connections that a process inherits."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Note, Report, Severity, across_fork, rule


@rule("SAL111", "engine-across-fork", group="preview", severity=Severity.ERROR)
def engine_across_fork(function: Function) -> Iterator[Report]:
    """An engine that was used before a process is forked is used in that process, too.

    ## What it does
    Reports `multiprocessing.Process`, `Pool` and `ProcessPoolExecutor` whose function uses an
    engine of the module, or a session bound to it, when the function that starts them has used the
    database before, and nothing in the project calls `engine.dispose()`; `os.fork()` between two
    uses of an engine; and statements that run when a module is imported on an engine that Celery's
    tasks use.

    ## Why is this bad?
    A forked process inherits the connections of the pool: parent and child then speak over one
    socket. Answers get mixed up: `OperationalError: SSL error: decryption failed`, `lost
    synchronization with server`, `ResourceClosedError: This result object does not return rows`.

    ## Example
    ```python
    with multiprocessing.Pool(4) as pool:
        pool.map(rename, user_ids)
    ```

    ## Use instead
    ```python
    def start() -> None:
        engine.dispose(close=False)


    with multiprocessing.Pool(4, initializer=start) as pool:
        pool.map(rename, user_ids)
    ```

    ## Fix safety
    No fix: the process may want an engine of its own.

    ## Versions
    1.4 (`close=False` since 1.4.33), 2.0 and 2.1; where processes are forked, as on Linux before
    Python 3.14.

    ## Limits
    Whether a server forks after it has imported the program (gunicorn's `preload_app`, uWSGI), its
    configuration says, which is mostly not Python. Engines with `NullPool`, projects that start
    processes by "spawn", and those that make an engine in an `initializer` or a handler of
    `worker_process_init`, are not reported.

    ## References
    SQLAlchemy docs, "Connection Pooling": Using Connection Pools with Multiprocessing or os.fork().
    """
    for found in across_fork(function):
        if found.before is None:
            yield Report(
                found.op.at,
                f"this connects when Celery imports the module: its workers are forked afterwards,"
                f" and `{found.task}` uses the connections of `{found.engine}` that they inherit",
                help="call `engine.dispose(close=False)` in a handler of `worker_process_init`, or"
                " do this where no worker imports it",
            )
            continue
        yield Report(
            found.op.at,
            f"this process inherits the connections of `{found.engine}`: parent and child use the"
            " same sockets",
            help="call `engine.dispose(close=False)` first in the process, or make an engine there",
            steps=(Note("the database is used before", found.before.at),),
        )

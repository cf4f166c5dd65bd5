"""Queues of the standard library: what is put into one, somebody else takes out at another time."""

from __future__ import annotations

# The objects, by the name of what makes them; whether taking something out must be awaited.
QUEUES: dict[str, bool] = {
    **{f"asyncio.{name}()": True for name in ("LifoQueue", "PriorityQueue", "Queue")},
    **{f"queue.{name}()": False for name in ("LifoQueue", "PriorityQueue", "Queue", "SimpleQueue")},
    **{f"multiprocessing.{name}()": False for name in ("JoinableQueue", "Queue", "SimpleQueue")},
    "collections.deque()": False,
}
# What puts something into a queue, and what takes something out; the last always at once.
PUTTING = frozenset({"append", "appendleft", "put", "put_nowait"})
TAKING = frozenset({"get", "get_nowait", "pop", "popleft"})
AT_ONCE = frozenset({"get_nowait"})

"""Entities that are put where only text goes: into the session of a web framework, which is a
cookie of JSON, or into Redis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand
from sqla_lint.project.index import imported_names
from sqla_lint.project.kind import FOREIGN
from sqla_lint.project.linked import Project
from sqla_lint.views.function import Function

# Source: Flask docs, "Sessions"; Starlette docs, "Middleware": SessionMiddleware.
_COOKIES = frozenset({"flask.session", "starlette.requests.Request().session"})
# Packages that keep sessions on the server, pickled, and what sets such things by hand.
_STORES = frozenset({"flask_session", "starsessions", "starlette_session", "flask_kvsession"})
_OWN_WAYS = frozenset(
    {"session_interface", "json_encoder", "json_provider_class", "session_serializer"}
)
_MANY = frozenset({kinds.LIST, kinds.COLLECTION, kinds.TUPLE})


# Clients of Redis and their methods that send values. Source: the docs of redis-py; its encoder
# takes bytes, text and numbers.
_CLIENTS = frozenset(
    f"redis.{module}{made}"
    for module in ("", "asyncio.", "client.", "asyncio.client.", "cluster.", "asyncio.cluster.")
    for made in ("Redis()", "StrictRedis()", "RedisCluster()", "from_url()")
) | frozenset(
    f"redis.{module}{name}.from_url()"
    for module in ("", "asyncio.", "client.", "asyncio.client.")
    for name in ("Redis", "StrictRedis")
)
_SENDING = frozenset(
    {"append", "getset", "hset", "hsetnx", "lpush", "lpushx", "psetex", "publish", "rpush"}
    | {"rpushx", "sadd", "set", "setex", "setnx"}
)


class Baked(NamedTuple):
    """An entity, or a list of them, that is assigned to a key of the session; or one that is sent
    to Redis."""

    op: Op
    value: Operand
    model: str


def sent_to_redis(function: Function) -> Iterator[Baked]:
    """Entities that are given to a client of Redis as they are."""
    for operation in function.operations():
        op, on = operation.op, operation.on
        sends = op.do == "call" and op.name in _SENDING and on.name == FOREIGN
        if not sends or on.label not in _CLIENTS:
            continue
        for arg, kind in zip(op.args, operation.arg_kinds, strict=False):
            if kind.name == kinds.ENTITY and kind.label and not arg.star:
                yield Baked(op, arg.value, kind.label)
                break


def baked(function: Function) -> Iterator[Baked]:
    """Entities in session cookies."""
    for operation in function.operations():
        op, given = operation.op, operation.arg_kinds
        if op.do != "setitem" or len(given) != 2 or operation.on.label not in _COOKIES:
            continue
        entity = given[1].of[0] if given[1].name in _MANY and len(given[1].of) == 1 else given[1]
        if entity.name != kinds.ENTITY or not _is_told_by_nothing(function.project, entity.label):
            continue
        if not _is_kept_elsewhere(function.project):
            yield Baked(op, op.args[1].value, entity.label)


def _is_told_by_nothing(project: Project, label: str) -> bool:
    """JSON has no word for its objects: Flask writes data classes, and what has `__html__`."""
    model = project.models.of(label)
    if model is None or not model.complete or model.dataclass:
        return False
    return project.knowledge.classes.method(label, "__html__") is None


def _is_kept_elsewhere(project: Project) -> bool:
    """The project has another store for sessions, or another way to write them."""
    known = project.memo.get("sessions are kept elsewhere")
    if not isinstance(known, bool):
        known = any(
            name.partition(".")[0] in _STORES
            for module in project.knowledge.index.modules.values()
            for name in imported_names(module)
        ) or any(
            op.do == "setattr" and op.name in _OWN_WAYS
            for module in project.knowledge.index.modules.values()
            for function in module.functions.values()
            for block in function.blocks
            for op in block.ops
        )
        project.memo["sessions are kept elsewhere"] = known
    return known

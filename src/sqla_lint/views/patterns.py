"""Values pasted into texts that are no SQL: patterns of LIKE, URLs of databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Op, Ref
from sqla_lint.project.kind import Kind
from sqla_lint.project.strings import Hole
from sqla_lint.regex import pattern
from sqla_lint.sqltext import HOLE
from sqla_lint.views.function import Call, Function
from sqla_lint.views.sql import made_by, reader, spot

_ENGINES = frozenset({"create_engine", "create_async_engine", "engine_from_config"})
# A password that is written down, for a host that is no machine of one's own.
_SECRET = pattern(r"^[\w+]+://[^:@/\s]+:(?P<password>[^@/\s]+)@(?P<host>[\w-]+(?:\.[\w-]+)+)")
_OWN = pattern(
    r"127\.|0\.0\.0\.0|192\.168\.|10\.|.*\.(?:local|internal|test|example|localhost)$", re.I
)
_STANDS_FOR = pattern(
    r"pass(?:word|wd|wort)?|pw|pwd|secret|change_?me|x+|\*+|user(?:name)?|root|postgres|admin|test"
    r"|example|.*(?:your|my)[-_]?pass.*|[<{$%].*",
    re.I,
)
_CREDENTIALS = pattern(r"^[\w+.\ue000]+://([^@/]*)@")


class Between(NamedTuple):
    """The one value in a text, with the constants around it; ``at`` is its expression when it is
    written in this function."""

    name: str
    at: Ref
    before: str
    after: str


def pasted_between(call: Call, argument: Arg, kind: Kind) -> Between | None:
    """The one value that a text is put around; None for anything else."""
    there = spot(call, argument, kind)
    texts = reader(call.function.project).texts(there) if there is not None else ()
    if len(texts) != 1 or len(texts[0].holes) != 1 or len(texts[0].parts) < 2:
        return None
    hole = texts[0].holes[0]
    if hole.harmless or hole.many:
        return None
    before, _, after = texts[0].sql.partition(HOLE)
    made = made_by(call, argument, kind)
    inline = len(made) == 1 and made[0][1].at == argument.at and hole.conversion == ""
    here = inline and hole.function == call.function.label and made[0][1].do in ("format", "binop")
    return Between(hole.name, hole.at if here else -1, before, after)


class Url(NamedTuple):
    """The URL that an engine is made with."""

    at: Ref
    credentials: tuple[Hole, ...] = ()
    masked: bool = False
    unmasked: Ref = -1  # the URL that `str()` masks
    host: str = ""  # of a URL with a password, written in the program


def url_parts(call: Call) -> Url | None:
    """What is pasted into the URL of `create_engine()` before its host."""
    if call.library_name.rpartition(".")[2] not in _ENGINES or not call.library_name.startswith(
        ("sqlalchemy", "sqlmodel")
    ):
        return None
    given = call.argument(0, "url")
    if given is None:
        return None
    arg, kind = given
    for on, op in made_by(call, arg, kind):
        if on == "NAME" and op.do == "call" and op.on == "str" and op.name is None and op.args:
            masked = call.function.maker(arg.value)
            if masked is not None and masked.arg_kinds and masked.arg_kinds[0].name == kinds.URL:
                return Url(arg.at, masked=True, unmasked=masked.op.args[0].at)
    there = spot(call, arg, kind)
    found: list[Hole] = []
    host = ""
    for text in reader(call.function.project).texts(there) if there is not None else ():
        host = host or _host_of_secret(text.sql)
        match = _CREDENTIALS.match(text.sql)
        if match is None:
            continue
        before = text.sql[: match.start(1)].count(HOLE)
        inside = match[1].count(HOLE)
        found += [hole for hole in text.holes[before : before + inside] if not hole.harmless]
    return Url(arg.at, tuple(dict.fromkeys(found)), host=host)


def written_holes(function: Function, holes: Sequence[Hole]) -> tuple[Ref, ...] | None:
    """The expressions of holes, each written in this function and read by what puts the text
    together and by nothing else; None when one is not."""
    places: set[Ref] = set()
    packed = {op.args[0].value for op in _formats(function) if op.do == "binop" and op.args}
    for operation in function.operations():
        op = operation.op
        if op.do == "format" or (op.do == "binop" and op.name in ("%", "+")):
            places |= {arg.at for arg in op.args}
        elif op.do == "call" and op.name == "format" and operation.on.name == kinds.STR:
            places |= {arg.at for arg in op.args if not arg.star}
        elif op.do == "pack" and op.name == "tuple" and op.dst in packed:
            places |= {arg.at for arg in op.args}
    refs = tuple(dict.fromkeys(hole.at for hole in holes))
    own = all(
        hole.function == function.label and not hole.conversion and not _is_made(function, hole)
        for hole in holes
    )
    return refs if refs and own and places.issuperset(refs) else None


# Calls that give a value as it is kept somewhere.
_LOOKUPS = frozenset({"get", "getenv", "getpass", "get_secret_value"})


def _is_made(function: Function, hole: Hole) -> bool:
    """A call has made the value, which may have quoted it."""
    made = [function.maker(hole.operand)]
    for one in function.operations():
        if one.op.dst == hole.operand and one.op.do in ("move", "await", "call"):
            made.append(one if one.op.do == "call" else function.maker(one.op.on))
    called = [one.op for one in made if one is not None and one.op.do in ("call", "await")]
    return any((op.name or op.on) not in _LOOKUPS for op in called)


def _formats(function: Function) -> Iterator[Op]:
    for operation in function.operations():
        if operation.op.do == "binop" and operation.op.name == "%":
            yield operation.op._replace(args=operation.op.args[-1:])


def _host_of_secret(url: str) -> str:
    """The host whose password a URL tells; "" for a placeholder, or a machine of one's own."""
    match = _SECRET.match(url)
    if match is None or HOLE in match[0]:
        return ""
    own = _OWN.match(match["host"]) or _STANDS_FOR.fullmatch(match["password"])
    example = "example" in match["host"]
    return "" if own or example else match["host"]

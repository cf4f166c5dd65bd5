"""What one statement of a SQL string is: its verb, whether it writes, and of what kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.sqltext.tokens import Token, tokens

Kind: TypeAlias = Literal["read", "dml", "ddl", "transaction", "session-setting"]


class Statement(NamedTuple):
    """``writes`` is None when the text cannot tell: procedures, unknown verbs, a hole in charge."""

    verb: str | None
    kind: Kind | None
    writes: bool | None
    locks: bool = False  # SELECT ... FOR UPDATE and the like


NOTHING = Statement(None, None, None)
MAX_NESTING = 20  # WITH in WITH; hand-written SQL has 2 or 3

# verb -> (kind, writes). What stands here needs no look at the rest of the statement.
VERBS: dict[str, tuple[Kind | None, bool | None]] = {
    "INSERT": ("dml", True),
    "UPDATE": ("dml", True),
    "DELETE": ("dml", True),
    "REPLACE": ("dml", True),
    "MERGE": ("dml", True),
    "UPSERT": ("dml", True),
    "LOAD": ("dml", True),
    "NOTIFY": ("dml", True),  # PostgreSQL delivers at commit: lost like a row without one
    "CREATE": ("ddl", True),
    "ALTER": ("ddl", True),
    "DROP": ("ddl", True),
    "TRUNCATE": ("ddl", True),
    "RENAME": ("ddl", True),
    "COMMENT": ("ddl", True),
    "GRANT": ("ddl", True),
    "REVOKE": ("ddl", True),
    "REINDEX": ("ddl", True),
    "REFRESH": ("ddl", True),
    "IMPORT": ("ddl", True),
    "SECURITY": ("ddl", True),
    "VALUES": ("read", False),
    "TABLE": ("read", False),
    "SHOW": ("read", False),
    "DESCRIBE": ("read", False),
    "DESC": ("read", False),
    "FETCH": ("read", False),
    "START": ("transaction", False),
    "COMMIT": ("transaction", False),
    "ROLLBACK": ("transaction", False),
    "ABORT": ("transaction", False),
    "END": ("transaction", False),
    "SAVEPOINT": ("transaction", False),
    "RELEASE": ("transaction", False),
    "LOCK": ("transaction", False),
    "UNLOCK": ("transaction", False),
    "SET": ("session-setting", False),
    "RESET": ("session-setting", False),
    "USE": ("session-setting", False),
    "DISCARD": ("session-setting", False),
    "ATTACH": ("session-setting", False),
    "DETACH": ("session-setting", False),
    "LISTEN": ("session-setting", False),
    "UNLISTEN": ("session-setting", False),
    # housekeeping: nothing of it is lost without a commit, and most refuses to run in a transaction
    "VACUUM": (None, False),
    "ANALYZE": (None, False),
    "ANALYSE": (None, False),
    "OPTIMIZE": (None, False),
    "CHECKPOINT": (None, False),
    "CLUSTER": (None, False),
    "KILL": (None, False),
}
_MAIN_VERBS = frozenset(
    ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES", "TABLE")
)
_BEGINS = frozenset(
    (
        *("TRANSACTION", "TRAN", "WORK", "ISOLATION", "READ", "NOT", "DEFERRED", "DEFERRABLE"),
        *("IMMEDIATE", "EXCLUSIVE", "CONCURRENT", "DISTRIBUTED"),
    )
)


def statement(tokens: Sequence[Token], depth: int = 0) -> Statement:
    """What the statement of these tokens is; nested statements are looked into where they count."""
    if depth > MAX_NESTING:
        return NOTHING
    start = 0
    while start < len(tokens) and tokens[start].text == "(":
        start += 1
    if start == len(tokens) or tokens[start].sort != "word":
        return NOTHING
    verb, rest = tokens[start].text, tokens[start + 1 :]
    if rest and rest[0].sort == "hole" and rest[0].start == tokens[start].start + len(verb):
        return NOTHING  # SEL{...}
    match verb:
        case "SELECT":
            return _select(rest)
        case "WITH":
            return _with(rest, depth + 1)
        case "EXPLAIN":
            return _explain(rest, depth + 1)
        case "BEGIN":
            plain = not rest or rest[0].text in _BEGINS
            return Statement(verb, "transaction", False) if plain else Statement(verb, None, None)
        case "COPY":
            words = [token.text for token in _top(rest) if token.sort == "word"]
            if "FROM" in words:
                return Statement(verb, "dml", True)
            return Statement(verb, "read", False) if "TO" in words else Statement(verb, None, None)
        case "PRAGMA":
            sets = any(token.text == "=" for token in rest)
            return Statement(verb, "session-setting" if sets else "read", False)
        case "PREPARE":
            if rest and rest[0].text == "TRANSACTION":
                return Statement(verb, "transaction", False)
            return Statement(verb, None, None)
    kind, writes = VERBS.get(verb, (None, None))
    return Statement(verb, kind, writes)


def _top(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens outside parentheses."""
    depth = 0
    for token in tokens:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            yield token


def _select(rest: Sequence[Token]) -> Statement:
    words = list(_top(rest))
    locks = False
    writes: bool | None = False
    for token, after in pairwise(words):
        if token.sort != "word":
            continue
        if token.text == "FOR" and after.text in ("UPDATE", "SHARE", "NO", "KEY"):
            locks = True
        elif token.text == "INTO":
            if after.text in ("OUTFILE", "DUMPFILE"):
                writes = None
            elif not after.text.startswith(("@", ":")):
                writes = True  # SELECT ... INTO makes a table
    return Statement("SELECT", "ddl" if writes else "read", writes, locks)


def _with(rest: Sequence[Token], depth: int) -> Statement:
    """``WITH a AS (...), b (x) AS MATERIALIZED (...) <main>``."""
    inner: list[Statement] = []
    index, before = 0, ""
    while index < len(rest):
        token = rest[index]
        if token.text == "(":
            end = _closing(rest, index)
            if before == ")":  # WITH a AS (...) (SELECT ...)
                return _joined(statement(rest[index + 1 : end], depth), inner)
            if before in ("AS", "MATERIALIZED"):
                inner.append(statement(rest[index + 1 : end], depth))
            index, before = end + 1, ")"
            continue
        if token.sort == "word" and token.text in _MAIN_VERBS and before == ")":
            return _joined(statement(rest[index:], depth), inner)
        after = rest[index + 1].text if index + 1 < len(rest) else ""
        if token.sort == "hole" and before in (")", ",", "") and after not in ("AS", "("):
            inner.append(NOTHING)  # a whole CTE is not known
            before = ")"
        else:
            before = token.text
        index += 1
    return Statement("WITH", None, None)


def _joined(main: Statement, inner: Sequence[Statement]) -> Statement:
    """The main statement, which writes as well if one of its data-modifying CTEs does."""
    if any(part.writes for part in inner) and not main.writes:
        return main._replace(kind="dml", writes=True)
    if main.writes is False and any(part.writes is None for part in inner):
        return main._replace(writes=None)
    return main


def _explain(rest: Sequence[Token], depth: int) -> Statement:
    """Only EXPLAIN ANALYZE runs what it explains."""
    runs, index = False, 0
    while index < len(rest):
        token = rest[index]
        if token.text == "(" and index == 0:
            end = _closing(rest, index)
            runs = any(t.text in ("ANALYZE", "ANALYSE") for t in rest[index:end])
            index = end + 1
            continue
        if token.text in ("ANALYZE", "ANALYSE"):
            runs = True
        elif token.text not in ("VERBOSE", "QUERY", "PLAN", "EXTENDED", "FORMATTED", "FOR"):
            break
        index += 1
    writes = statement(rest[index:], depth).writes if runs else False
    return Statement("EXPLAIN", "dml" if writes else "read", writes)


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at ``opening``; the end when none does."""
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].text == "(":
            depth += 1
        elif tokens[index].text == ")":
            depth -= 1
            if depth == 0:
                return index
    return len(tokens)


def split(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The statements of a text, cut at ``;``; the body of a routine or trigger is one."""
    out: list[Sequence[Token]] = []
    start, blocks = 0, 0
    for index, token in enumerate(tokens):
        in_create = tokens[start].text == "CREATE"
        if token.text == ";" and blocks == 0:
            if index > start:
                out.append(tokens[start:index])
            start = index + 1
        elif in_create and token.sort == "word":
            if token.text in ("BEGIN", "CASE"):
                blocks += 1
            elif token.text == "END" and blocks:
                blocks -= 1
    if start < len(tokens):
        out.append(tokens[start:])
    return out


def pieces(sql: str) -> list[str]:
    """The text of each statement, as it is written, without the ``;`` between them."""
    found = tokens(sql)
    starts = [each[0].start for each in split(found)]
    ends = [each[-1] for each in split(found)]
    out: list[str] = []
    for start, last in zip(starts, ends, strict=True):
        after = [token.start for token in found if token.start > last.start and token.text == ";"]
        out.append(sql[start : after[0] if after else len(sql)].strip())
    return out

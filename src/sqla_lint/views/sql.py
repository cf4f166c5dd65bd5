"""What a call gives to the database as SQL text, and what is pasted into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const, Op
from sqla_lint.project.authored import is_authored
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.origins import is_migration
from sqla_lint.project.strings import Hole, Text, Texts, alternatives
from sqla_lint.project.texts import Reader
from sqla_lint.regex import pattern
from sqla_lint.views.function import Call, Function, Operation

# Functions of SQLAlchemy that take SQL text as their first argument.
_TAKES_SQL = frozenset({"text", "literal_column", "DDL"})
_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_RUNS |= {"exec_driver_sql", "executemany"}
_RUNNERS = frozenset(
    {kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION, kinds.ENGINE, kinds.CURSOR}
    | {kinds.RAW_CONNECTION}
)
_STATEMENTS = frozenset({kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.QUERY})
_HINTS = frozenset({"prefix_with", "suffix_with", "with_statement_hint"})
_READS_SQL = frozenset({"pandas.read_sql", "pandas.read_sql_query"})
# Folders and files of programs that are run once, by whoever wrote them.
_MIGRATIONS = frozenset({"migration", "migrations", "alembic"})
_MIGRATES = frozenset({"migrate.py", "migration.py", "migrations.py"})
# The table that Alembic keeps its place in: what writes it tells the ids of the program's own
# migrations.
_ALEMBIC = pattern(r"\balembic_version\b", re.IGNORECASE)
_CONNECTABLE = frozenset({kinds.ENGINE, kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})


class Pasted(NamedTuple):
    """A value in a SQL text, and the position where it stands."""

    hole: Hole
    position: sqltext.Position
    text: Text


class SqlText(NamedTuple):
    """An argument that becomes SQL, with the texts it may be."""

    argument: Arg
    texts: Texts
    in_migration: bool = False
    handed: Texts = ()  # what callers put together that touch no database themselves

    def pasted(self) -> tuple[Pasted, ...]:
        """Values in it that SQL could hide in, each once."""
        found: dict[tuple[int, str], Pasted] = {}
        for text in (*self.texts, *self.handed):
            for number, (hole, position) in enumerate(text.positions()):
                migrates = self.in_migration or _ALEMBIC.search(text.sql) is not None
                if position == "quoted" and _is_name(text, hole, number):
                    continue
                if _is_chosen(hole, position) and not (migrates and _is_ours(hole)):
                    found.setdefault((hole.at, hole.function), Pasted(hole, position, text))
        return tuple(found.values())


def _is_name(text: Text, hole: Hole, number: int) -> bool:
    """What is quoted is the name of a table, a sequence or a setting, which nobody chooses."""
    if hole.named or hole.by_default:
        if _is_of_schema(text.sql):
            return True
        before = sqltext.HOLE.join(text.sql.split(sqltext.HOLE)[: number + 1])
        return hole.by_default and sqltext.takes_name(before)
    return False


def _is_of_schema(sql: str) -> bool:
    """Asks a catalog of a table, or makes or changes one: what is quoted there is its name."""
    return sqltext.asks_catalog(sql) or sqltext.kind(sql) == "ddl"


def _is_ours(hole: Hole) -> bool:
    """Neither a request nor a row of the database brings it."""
    return not (hole.outside or hole.stored)


def _is_chosen(hole: Hole, position: sqltext.Position) -> bool:
    """Somebody chooses what is pasted, as far as can be told."""
    if hole.harmless:
        return False
    if hole.outside:
        return True
    if hole.set_up or hole.own or (position != "quoted" and (hole.far or hole.stored)):
        return False
    return position != "identifier" or (hole.likely and not hole.part and not hole.by_default)


def reader(project: Project) -> Reader:
    """The project's reader of strings."""
    known = project.memo.get("reader")
    if not isinstance(known, Reader):
        known = project.memo["reader"] = Reader(project)
    return known


def spot(call: Call | Operation, argument: Arg, kind: Kind) -> Spot | None:
    """An argument of a call, where it is read."""
    frame = reader(call.function.project).frames.of(call.function.label)
    here = call.function.position(call.op)
    if frame is None or here is None:
        return None
    return Spot(frame, argument.value, here, kind, argument.at)


def sql_text(call: Call) -> SqlText | None:
    """The SQL text that a call takes, followed back to its parts."""
    known = cast("dict[int, SqlText | None]", call.function.kept.setdefault("SQL texts", {}))
    if id(call.op) not in known:
        known[id(call.op)] = _sql_text(call) if call.op.args else None
    return known[id(call.op)]


def _sql_text(call: Call) -> SqlText | None:
    given = _argument(call)
    if given is None or given[1].name in _STATEMENTS | {kinds.TEXT, kinds.DDL}:
        return None
    there = spot(call, *given)
    if there is None:
        return None
    texts = reader(call.function.project).texts(there)
    migrates = (
        _migrates(call.function.typed.module.path)
        or is_migration(there.frame)
        or is_authored(there.frame, call.function.project.knowledge)
    )
    return SqlText(given[0], texts, migrates, _handed_in(call, texts))


def _handed_in(call: Call, texts: Texts) -> Texts:
    """What is put together for a parameter that becomes SQL, by callers that nobody looks at since
    they touch no database: ``rows(f"... {name}")`` of a helper ``rows(sql)``."""
    function, known = call.function, reader(call.function.project)
    names = {param.name for param in function.typed.function.params}
    is_test = function.project.knowledge.told.is_test
    found: list[Texts] = []
    for text in texts:
        whole = text.holes[0] if len(text.parts) == 1 and text.holes else None
        if whole is None or whole.function != function.label or whole.operand not in names:
            continue
        for one in known.frames.callers(function.label, str(whole.operand))[:CALLERS]:
            path = one.frame.typed.module.path
            if one.frame.label in function.project.typed or is_test(path) or _migrates(path):
                continue
            found.append(known.texts(one))
    return tuple(
        text
        for text in alternatives(found)
        if text.holes and any(isinstance(part, str) for part in text.parts)
    )


def _migrates(path: str) -> bool:
    """A file of what is run once, to change the database."""
    *folders, last = path.replace("\\", "/").split("/")
    return not _MIGRATIONS.isdisjoint(folders) or last in _MIGRATES


def _argument(call: Call) -> tuple[Arg, Kind] | None:
    on, name = call.on, call.name
    library = call.library_name
    if library.startswith(("sqlalchemy.", "sqlmodel.")):
        takes = library.rpartition(".")[2] in _TAKES_SQL
        return call.argument(0, "text", "statement") if takes else None
    if on.name == kinds.FLASK_DB and name in _TAKES_SQL:
        return call.argument(0, "text", "statement")
    if on.name in _RUNNERS and name in _RUNS:
        return call.argument(0, "statement")
    if on.name in _STATEMENTS and name in _HINTS:
        return call.argument(0)
    if call.migrates:
        return call.argument(0, "sqltext")
    if library in _READS_SQL:
        con = call.argument(1, "con")
        known = con is not None and con[1].name in _CONNECTABLE
        return call.argument(0, "sql") if known else None
    return _passed_on(call)


def _passed_on(call: Call) -> tuple[Arg, Kind] | None:
    """The argument of a call of the project's own function that runs it as SQL."""
    knowledge = call.function.project.knowledge
    callee = called(knowledge, call.op, call.on)
    typed = call.function.project.typed.get(callee.label)
    if typed is None or callee.label == call.function.label:
        return None
    wanted = _taken_as_sql(call.function.of(typed))
    if not wanted:
        return None
    passed = zip(parameters(knowledge, call.op, callee), call.arg_kinds, strict=False)
    for (arg, name), kind in passed:
        if name in wanted:
            return arg, kind
    return None


def _taken_as_sql(function: Function) -> frozenset[str]:
    """Parameters that a function runs as SQL, as they are."""
    memo = function.project.memo
    key = f"taken as SQL by {function.label}"
    known = memo.get(key)
    if isinstance(known, frozenset):
        return known
    memo[key] = frozenset()  # while it is being worked out: recursion adds nothing
    names = {param.name for param in function.typed.function.params}
    found: set[str] = set()
    for call in function.calls() if names else ():
        sql = sql_text(call)
        for text in sql.texts if sql is not None else ():
            whole = text.holes[0] if len(text.parts) == 1 and text.holes else None
            if whole is not None and whole.function == function.label and whole.operand in names:
                found.add(str(whole.operand))
    memo[key] = frozenset(found)
    return frozenset(found)


def made_by(call: Call | Operation, argument: Arg, kind: Kind) -> list[tuple[str, Op]]:
    """The operations that make what an argument holds, each with the kind it is done on; nothing
    when a parameter may bring it."""
    found: list[tuple[str, Op]] = []
    for made in makers(call, argument, kind):
        op = made.frame.op(made.at)
        found.append((made.frame.on(made.at).kind.name if op.on is not None else "", op))
    return found


def makers(call: Call | Operation, argument: Arg, kind: Kind) -> list[Spot]:
    """The same operations, where they stand."""
    there = spot(call, argument, kind)
    return list(makers_of(reader(call.function.project), there)) if there is not None else []


def run_texts(call: Call) -> tuple[str, ...]:
    """What the `text()` holds that a call executes, on each way that puts it together, with
    `sqltext.HOLE` for what is not constant; nothing when it may be something else."""
    given = call.executed()
    if given is None or given[1].name != kinds.TEXT or "bound" in given[1].traits:
        return ()
    known, found = reader(call.function.project), list[str]()
    for made in makers(call, *given):
        op, args = made.frame.op(made.at), made.frame.args(made.at)
        on = made.frame.on(made.at).kind if op.do == "call" and op.on is not None else None
        name = "" if on is None or on.name != NAME else f"{on.label}.{op.name or ''}".rstrip(".")
        if not name.startswith("sqlalchemy.") or not name.endswith(".text") or len(args) != 1:
            return ()
        found += [text.sql for text in known.texts(args[0])]
    return tuple(dict.fromkeys(found))


def makers_of(known: Reader, there: Spot, depth: int = 0) -> Iterator[Spot]:
    """The operations that make a value, also in functions of the project that return it."""
    for made in known.origins.makers(there):
        callee = None
        if made.frame.op(made.at).do == "call" and depth < RETURNS:
            callee = known.frames.callee(made.frame, made.at)
        if callee is None or callee.typed.function.is_generator or callee.typed.function.is_async:
            yield made
            continue
        if known.origins.is_wrapped(callee.label):
            yield made
            continue
        ways = [list(makers_of(known, returned, depth + 1)) for returned in callee.returned()]
        if ways and all(ways):
            yield from (one for way in ways for one in way)
        else:
            yield made


def passed_kinds(call: Call, argument: Arg) -> list[tuple[Kind, str]]:
    """The kinds that all known calls of the function pass for one of its parameters, when the
    argument is one that is never assigned; tests aside. With each, what displays it ("list",
    "listcomp"), if anything does."""
    name = argument.value
    function = call.function.typed.function
    if not isinstance(name, str) or not any(param.name == name for param in function.params):
        return []
    if any(op.dst == name for block in function.blocks for op in block.ops):
        return []
    frames = reader(call.function.project).frames
    spots = frames.callers(call.function.label, name)[:CALLERS]
    return [
        (one.kind, _displayed(reader(call.function.project), one))
        for one in spots
        if not call.function.project.knowledge.told.is_test(one.frame.typed.module.path)
    ]


def _displayed(known: Reader, there: Spot) -> str:
    makers = list(known.origins.makers(there))
    op = makers[0].frame.op(makers[0].at) if len(makers) == 1 else None
    return (op.name or "") if op is not None and op.do == "pack" else ""


CALLERS = 24  # of one function; more are not asked
RETURNS = 3  # helpers that return what helpers return


_PASSING = frozenset({"scalars", "mappings", "unique", "columns", "yield_per", "partitions"})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})


def statements_behind(call: Call | Operation) -> list[tuple[Kind, Kind]]:
    """The statements whose result a call reads, each with what ran it; nothing when the result may
    come from elsewhere."""
    if call.on.name not in _RESULTS or call.op.on is None:
        return []
    frame = reader(call.function.project).frames.of(call.function.label)
    position = call.function.position(call.op)
    if frame is None or position is None:
        return []
    found: list[tuple[Kind, Kind]] = []
    waiting = [frame.on(position)]
    for _ in range(CHAIN):
        if not waiting:
            return found
        makers = list(reader(call.function.project).origins.makers(waiting.pop()))
        if not makers:
            return []
        for made in makers:
            op = made.frame.op(made.at)
            on = made.frame.on(made.at) if op.do == "call" and op.on is not None else None
            if on is None:
                return []
            if on.kind.name in _RESULTS and op.name in _PASSING:
                waiting.append(on)
                continue
            args = made.frame.args(made.at)
            if on.kind.name not in _RUNNERS or op.name not in _RUNS or not args:
                return []
            found.append((args[0].kind, on.kind))
    return []


CHAIN = 12  # steps from a result back to what ran its statement


def may_be_sqlite(project: Project) -> bool:
    """Some engine of the project is made with a URL of SQLite."""
    known = project.memo.get("sqlite")
    if not isinstance(known, bool):
        known = project.memo["sqlite"] = any(
            kind.name == kinds.STR and kind.label.startswith("sqlite")
            for typed in project.typed.values()
            for number, block in enumerate(typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == "call" and "create_engine" in (op.name, op.on)
            for kind in typed.args[number][i][:1]
        )
    return known


def is_for_postgres(project: Project) -> bool:
    """The settings name PostgreSQL, or every URL of the project does."""
    return project.dialects == {"postgres"}


_COMMITS_DDL = frozenset({"mariadb", "mysql", "oracle", "sqlite"})


def commits_ddl(project: Project) -> bool:
    """Every database that the settings, or the URLs of the project, name commits DDL by itself:
    Python's driver for SQLite begins no transaction for it."""
    return bool(project.dialects) and project.dialects <= _COMMITS_DDL


def may_be_postgres(project: Project) -> bool:
    """The settings, an import or a URL of the project name PostgreSQL."""
    told = project.knowledge.told.dialect
    if told:
        return told.startswith("postgres")
    known = project.memo.get("postgres")
    if not isinstance(known, bool):
        known = project.memo["postgres"] = "postgres" in project.models.imports.dialects() or any(
            op.do == "import" and op.name is not None and _POSTGRESQL.match(op.name) is not None
            for _, function in project.knowledge.functions.values()
            for block in function.blocks
            for op in block.ops
        )
    return known


_POSTGRESQL = pattern(r"sqlalchemy\.dialects\.postgresql\b|psycopg")
_MYSQL = pattern(r"(?:mysql|mariadb)(?:\+\w+)?(?:://|$)")


# Drivers that write a tuple out as a list of values, and those that refuse it.
_WRITES_TUPLES = pattern(
    r"(?:mysql|mariadb|postgres(?:ql)?(?:\+(?:psycopg2\w*|pygresql))?|cockroachdb|redshift)\S*$"
)
_REFUSES_TUPLES = pattern(
    r"(?:sqlite(?:\+\w+)?|postgres(?:ql)?\+(?:asyncpg|psycopg|psycopg_async|pg8000)|mssql(?:\+\w+)?"
    r"|oracle(?:\+\w+)?)://"
)

_ASYNCPG = pattern(r"postgres(?:ql)?\+asyncpg://")
_POSTGRES = pattern(r"postgres(?:ql)?(?:\+\w+)?:/|(?:postgres(?:ql)?|cockroachdb)\+\w+$")


def refuses_tuples(project: Project) -> bool:
    """Every URL that the project names is one whose driver takes no tuple for a value."""
    return _every_url(project, "refuses tuples", _REFUSES_TUPLES, _WRITES_TUPLES)


def refuses_zones(project: Project) -> bool:
    """Every URL of PostgreSQL that the project names is one of asyncpg, which takes no time with a
    zone for a column without one; others leave the zone away."""
    return _every_url(project, "refuses zones", _ASYNCPG, _POSTGRES)


def _every_url(project: Project, name: str, such: re.Pattern[str], any_: re.Pattern[str]) -> bool:
    known = project.memo.get(name)
    if not isinstance(known, bool):
        urls = list(_texts(project))
        found = [url for url in urls if such.match(url)]
        others = any(any_.match(url) and url not in found for url in urls)
        known = project.memo[name] = bool(found) and not others
    return known


def _texts(project: Project) -> Iterator[str]:
    """All texts that are written in functions of the project."""
    for _, function in project.knowledge.functions.values():
        for block in function.blocks:
            for op in block.ops:
                for operand in (op.on, *(arg.value for arg in op.args)):
                    if isinstance(operand, Const) and isinstance(operand.value, str):
                        yield operand.value


def may_be_mysql(project: Project) -> bool:
    """The project names a URL of MySQL or MariaDB, wherever it is used."""
    known = project.memo.get("mysql")
    if not isinstance(known, bool):
        found = any(_MYSQL.match(text) for text in _texts(project))
        known = project.memo["mysql"] = found
    return known

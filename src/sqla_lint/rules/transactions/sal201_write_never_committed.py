"""SAL201: a write that is never committed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    IN_UNITS,
    UNIT_AS_TOLD,
    UNIT_OF_WORK,
    Applicability,
    End,
    Function,
    Insert,
    Note,
    Rename,
    Report,
    Rewrite,
    Root,
    Severity,
    begun_before_migrations,
    commits_ddl,
    guarded_commits,
    held_name,
    injected_inside,
    is_for_postgres,
    joins_transactions,
    kinds,
    made_by_block,
    made_inside,
    may_autocommit,
    may_be_committed,
    never_sent,
    only_in_passing,
    only_reattached,
    only_shown,
    only_told,
    rule,
    session_of_helpers,
    sqltext,
    stacked,
    told_writes,
    writes_nothing,
)

_OWN = (kinds.SESSION, kinds.CONNECTION)
_ENTRIES = frozenset({"route", "task", "command"})
_OF_METADATA = frozenset({"create_all", "drop_all", "create", "drop"})
# What a Connection's `execute()` takes by keyword; 1.x took the parameters of the statement, too.
_KEYWORDS = frozenset({"statement", "parameters", "execution_options", "object_", "object"})


@rule("SAL201", "write-never-committed", severity=Severity.ERROR, fix="unsafe", on=IN_UNITS)
def write_never_committed(function: Function) -> Iterator[Report]:
    """What is written here is silently rolled back.

    ## What it does
    Follows every Connection and Session that a function owns or that a context manager or
    dependency of the project only lends, and the registry session (`db.session`) of a route, task
    or command, from each write on: DML or DDL, `add()`, `delete()`, `merge()`, a changed attribute
    of a loaded entity, `DataFrame.to_sql` in a transaction that has begun. A write after which no
    plain path commits is reported; with `--pedantic` also one that only some paths commit. And a
    Session on a connection of somebody else's (`Session(op.get_bind())`) that is given objects, or
    whose objects are changed, and that is never flushed afterwards. And a statement that an
    environment of alembic runs on the connection before it gives it to `context.configure()`, when
    nothing commits: what begins a transaction must end it, and all migrations are lost with it.
    And a commit that is only made where `session.new`, `dirty` or `deleted` has something, which
    they have not after a flush or a statement.

    ## Why is this bad?
    Since 2.0 every Connection and Session begins a transaction by itself, and closing it, or
    dropping it, rolls back. No exception, no warning: the rows are just not there.

    ## Example
    ```python
    with Session(engine) as session:
        session.add(User(name="ann"))
    ```

    ## Use instead
    ```python
    with Session(engine) as session:
        session.add(User(name="ann"))
        session.commit()
    ```

    ## Fix safety
    Unsafe: `begin()` takes the place of `connect()`, or a `commit()` is added at the end of the
    block or after the write, which may be the wrong place; or the rollback may have been meant.

    ## Versions
    1.4, 2.0 and 2.1. A Connection of a 1.4 engine without `future=True` commits by itself and is
    not reported.

    ## Limits
    What a function writes only when it is told to, and is not (`dry_run=True`), is not written.
    Sessions that are injected, or handed to a function that is not known, may be committed there.
    Tests, which often roll back on purpose, are silent, and so is a connection on AUTOCOMMIT, and
    the registry session of a project that uses zope.sqlalchemy. A
    statement that cannot be read as SQL may be anything and ends the question, unless it is a
    parameter for which a caller passes a text that can. DDL alone is told
    with `--pedantic` where not only PostgreSQL is named: other databases commit it by themselves.
    What a helper that many functions ask for something notes on an object in passing, always with
    the same constant, is found out again at the next call; and what was loaded before, and is put
    into a session only to be read there, is not written; nor is what a function makes of an
    attribute's own value for whoever it returns the object to (``user.key = decrypt(user.key)``).

    ## References
    SQLAlchemy docs, "Working with Transactions and the DBAPI": Committing Changes; "2.0 Migration":
    Library-level autocommit removed.
    """
    if function.entry in ("test", "fixture") or function.commits_by_decorator:
        return
    if function.has_none_of(IN_TRANSACTIONS.present) and not made_by_block(function, *_OWN):
        return
    roots = [
        root
        for root in (
            *function.made(*_OWN),
            *made_inside(function, *_OWN),
            *made_by_block(function, *_OWN),
            *stacked(function, *_OWN),
        )
        if not _commits_by_itself(root, function)
    ]
    lent = (*function.lent(*_OWN), *injected_inside(function, *_OWN))
    roots += (root for root in lent if not _commits_by_itself(root, function))
    committed = function.may_be_committed_for_it() or joins_transactions(function)
    if function.entry in _ENTRIES and not committed:
        roots += function.request_session() or session_of_helpers(function)
    solution = function.solve(UNIT_OF_WORK, tuple(roots))
    last: dict[Root, End] = {}
    for end in solution.ends:
        if function.is_module and _shared(function, end.root):
            continue
        if writes_nothing(function, end.root, function.op(end.mark)):
            continue
        if end.root not in last or end.mark > last[end.root].mark:
            last[end.root] = end
    last = {
        root: end
        for root, end in last.items()
        if not any(one(function, end) for one in (only_in_passing, only_reattached, only_shown))
    }
    for root, end in last.items():
        number = solution.roots.index(root)
        sometimes = (number, end.mark) in solution.committed or may_be_committed(
            function, root, end.mark
        )
        name = "the session" if root.role == kinds.QUERY else function.name_of(root)
        name = held_name(root, name)
        yield Report(
            function.op(end.mark).at,
            f"nothing commits what is written to {name} here"
            + (" on some path" if sometimes else "")
            + ": it is rolled back silently when "
            + ("the session" if root.kind.name != kinds.CONNECTION else "the connection")
            + " is closed",
            help=f"call {name[:-1] + '.commit()`' if name[0] == '`' else '`commit()`'} after the"
            " last write, or do the work in a `begin()` block",
            steps=function.path(end.trail),
            rewrite=None if sometimes else _commit(function, end),
            group="pedantic" if sometimes or _is_committed_ddl(function, root) else None,
            subject=function.op(root.position).at if root.position[0] >= 0 else None,
        )
    yield from _as_told(function, [root for root in roots if root not in last])
    for root, begun in begun_before_migrations(function):
        if not _commits_by_itself(root, function):
            yield Report(
                begun.statement.at,
                "this begins a transaction before alembic is given the connection, and nothing"
                " commits it: alembic leaves that to its beginner, and the migrations are rolled"
                " back silently",
                help="commit after it, or run it after `context.configure()`",
                steps=(
                    Note("a transaction begins here", begun.statement.at),
                    Note("alembic finds it, and begins none of its own", begun.given.at),
                ),
            )
    for guarded in guarded_commits(function):
        name = guarded.name
        yield Report(
            guarded.asked.at,
            f"what was flushed, or written by a statement, is in none of `{name}.new`, `.dirty` and"
            " `.deleted`: nothing commits it here, and it is rolled back silently when the session"
            " is closed",
            help="commit always: with nothing to write it costs next to nothing",
            steps=(
                Note("what is run here may flush", guarded.flushed.at),
                Note("the session is asked for what waits to be flushed", guarded.asked.at),
                Note("only then it is committed", guarded.commit.at),
            ),
        )
    for unsent in never_sent(function):
        name = function.name_of(unsent.root)
        yield Report(
            unsent.op.at,
            f"nothing flushes or commits {name} after this: what is"
            f" {'changed' if unsent.changes else 'added to it'} here is never written, though its"
            " connection is committed",
            help="call `commit()` (or `flush()`) after the last "
            + ("change" if unsent.changes else "`add()`"),
            subject=function.op(unsent.root.position).at,
        )


def _as_told(function: Function, roots: list[Root]) -> Iterator[Report]:
    """A helper that executes what it is given, and some caller gives it a text that writes."""
    told = told_writes(function) if len(roots) == 1 else {}
    if not told or not only_told(function, roots[0], told):
        return
    solution = function.solve(UNIT_AS_TOLD, tuple(roots), watched=dict.fromkeys(told, "write"))
    for end in solution.ends[:1]:
        name, one = function.name_of(end.root), told.get(end.mark)
        if one is None or (0, end.mark) in solution.committed:
            continue
        yield Report(
            function.op(end.mark).at,
            f"nothing commits what is executed with {name} here: the {one.verb} that a caller"
            " passes is rolled back silently",
            help="open it with `begin()`, which commits"
            if end.root.kind.name == kinds.CONNECTION
            else "call `commit()` after it",
            steps=(Note("passed here", one.at, one.path), *function.path(end.trail)),
            rewrite=_commit(function, end),
            subject=function.op(end.root.position).at if end.root.position[0] >= 0 else None,
        )


def _is_committed_ddl(function: Function, root: Root) -> bool:
    """Nothing but DDL is run, and the database may be one that commits it by itself: MySQL, Oracle,
    Python's driver for SQLite. PostgreSQL rolls it back."""
    written = [use for use in function.uses(root) if "write" in use.happening.events]
    if written and all(use.op.name in _OF_METADATA for use in written):
        return commits_ddl(function.project)  # every database that is named
    if any(use.args and _OF_POSTGRESQL.match(use.args[0].label) for use in written):
        return False
    ddl = all(
        use.args
        and use.args[0].name in (kinds.TEXT, kinds.STR, kinds.DDL)
        and (use.args[0].name == kinds.DDL or sqltext.kind(use.args[0].label) == "ddl")
        for use in written
    )
    return bool(written) and ddl and not is_for_postgres(function.project)


_OF_POSTGRESQL = re.compile(r"\s*(?:create|drop|alter)\s+extension\b", re.IGNORECASE)


def _commits_by_itself(root: Root, function: Function) -> bool:
    """AUTOCOMMIT, or a Connection of a legacy 1.4 engine; `execute(stmt, id=1)` is for those, 2.0
    refuses it."""
    if "autocommit" in root.kind.traits or function.is_legacy(root.kind):
        return True
    if may_autocommit(function, root) or _writes_temporarily(root, function):
        return True
    return root.kind.name == kinds.CONNECTION and any(
        arg.keyword and arg.keyword not in _KEYWORDS
        for use in function.uses(root)
        if use.op.do == "call" and use.op.name == "execute" and use.role == "self"
        for arg in use.op.args
    )


_TEMPORARY = re.compile(
    r"\s*create\s+(?:(?:local|global)\s+)?temp(?:orary)?\s+(?:table|view|sequence)\s+"
    r"(?:if\s+not\s+exists\s+)?[\"`\[]?(\w+)",
    re.IGNORECASE,
)


def _writes_temporarily(root: Root, function: Function) -> bool:
    """It makes temporary tables, which end with the connection, and writes no other."""
    texts = [
        use.args[0].label if use.args and use.args[0].name in (kinds.TEXT, kinds.STR) else ""
        for use in function.uses(root)
        if "write" in use.happening.events
    ]
    made = [found[1].lower() for text in texts if (found := _TEMPORARY.match(text))]
    return bool(made) and all(any(name in text.lower() for name in made) for text in texts)


def _shared(function: Function, root: Root) -> bool:
    """A module's session or connection that functions use, too: they may commit."""
    bound = function.bound_name(root)
    return bound is None or function.read_elsewhere(bound)


_BY_HAND = frozenset({"begin", "begin_nested", "begin_twophase"})
_ENDINGS = frozenset({"commit", "rollback", "begin"})


def _commit(function: Function, end: End) -> Rewrite | None:
    """`begin()` for `connect()` where the block does nothing else about its transaction; else a
    commit at the end of the block, or after the write."""
    root = end.root
    if held_name(root, "`x`") != "`x`" or (root.place and not function.uses(root)):
        return None  # whether it or its callers are to commit, the author must say
    if any(use.op.name in _BY_HAND for use in function.uses(root)):
        return None  # where that transaction or savepoint is to end, its author must say
    entered = None if root.place else function.entering(root)
    if entered is None and not root.place and function.op(root.position).do == "enter":
        entered = function.op(root.position)  # what a block lends
    if entered is not None and root.kind.name == kinds.CONNECTION:
        opened = function.opening(root)
        others = {event for use in function.uses(root) for event in use.happening.events}
        if opened.name == "connect" and not others & _ENDINGS:
            return Rewrite(
                "open it with `begin()`, which commits",
                Applicability.UNSAFE,
                (Rename(opened.at, "begin"),),
            )
    if root.role == kinds.QUERY:
        return None
    name = root.place or function.entered_name(root) or function.bound_name(root)
    name = name or function.name_of(root).strip("`")
    if " " in name:
        return None
    commit = f"{'await ' if root.kind.is_async else ''}{name}.commit()"
    at_end = entered is not None and function.falls_through(entered)
    where = (
        Insert(entered.at, "body-end", commit)
        if entered is not None and at_end
        else Insert(function.op(end.mark).at, "after", commit)
    )
    return Rewrite(f"commit: `{commit}`", Applicability.UNSAFE, (where,))

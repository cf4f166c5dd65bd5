"""The protocols of SQLAlchemy's objects, as tables: which event leads from which state to which.

Events are what an operation does to an object, as `flow.effects` reads it from the catalog:
    read, write, execute    a statement runs (write: it changes rows; execute: it cannot be told)
    take                    `session.connection()`: a transaction begins, and nothing when it raises
    load                    rows are written, and committed unless a transaction has begun
    add, flush              a Session's unit of work grows, is sent
    touch                   an entity is changed (an add follows)
    begin, commit, rollback, close, autocommit
    expunge                 objects leave a Session, and with them what was to be written
    fetch, hand             rows of a result are read; a query or an unread result is returned
    lend                    a generator yields the object and will go on (an escape follows)
    nest, unnest, undo      a savepoint begins, ends, is rolled back to before it ends
    ask                     somebody looks whether the transaction still works
    join                    a Session is made on a Connection: it begins and ends the transaction of
                            that, unless there is one
    block, end              a ``with`` over a transaction is entered, is left (a commit or rollback
                            of its own follows)
    fetch, drain            rows of a result are read; all that are left, so that none remain
    escape                  somebody else may now do anything with the object
    keep                    it is put into a list (an escape follows)
    pass                    it is an argument of a function that is not known (an escape follows)
A missing entry means: the state stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from sqla_lint.catalog import kinds

GONE = "gone"  # escaped, or done: no further question


class Protocol(NamedTuple):
    """States and transitions of one kind of object.

    ``kinds``   objects it is about
    ``start``   the state of a new object
    ``moves``   (state, event) → state
    ``bad``     states in which the object must not be left
    ``marks``   states whose entry remembers the operation that led there (the write, the begin)
    ``even_if_raised``  events that have happened also when their operation raises
    ``faults``  bad states that are an end by themselves, wherever the object goes from there
    ``fails``   (state, event) → state, when the operation raises instead of doing it
    ``first``   events that are taken to have come first where the order is not known
    ``theirs``  event → its name when a function that was called did it
    """

    name: str
    kinds: frozenset[str]
    start: str
    moves: Mapping[tuple[str, str], str]
    bad: frozenset[str]
    marks: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    even_if_raised: frozenset[str] = frozenset()
    fails: Mapping[tuple[str, str], str] = MappingProxyType({})
    first: frozenset[str] = frozenset()
    theirs: Mapping[str, str] = MappingProxyType({})


def _all(states: str, event: str, to: str) -> dict[tuple[str, str], str]:
    return {(state, event): to for state in states.split()}


_STATEMENTS = ("read", "write", "execute", "flush", "take")


def _each(states: str, events: tuple[str, ...], to: str) -> dict[tuple[str, str], str]:
    return {(state, event): to for state in states.split() for event in events}


# A statement that fails has begun the transaction all the same.
_RUN = frozenset({"read", "write", "execute", "flush"})

# A Connection in a transaction is a reference cycle: dropped, it stays checked out until the cyclic
# collector runs. Without one it goes back to the pool at once, except under asyncio, where the
# collector cannot give it back at all (semantics: conn-leak-gc, async-conn-leak-gc; measured in
# fixtures/SAL101-connection-not-closed/proof.py).
_IN_TRANSACTION = (
    _all("begun", "commit", "open")
    | _all("begun", "rollback", "open")
    | _all("open begun", "close", GONE)
    | _all("open begun", "escape", GONE)
    | _all("open", "begin", "begun")
)
CONNECTION_LIFETIME = Protocol(
    name="a connection must be closed",
    kinds=frozenset({kinds.CONNECTION}),
    start="open",
    moves=(
        _IN_TRANSACTION
        | _all("open", "read", "begun")
        | _all("open", "write", "begun")
        | _all("open", "execute", "begun")
    ),
    bad=frozenset({"open", "begun"}),
    even_if_raised=_RUN,
)
# The engine of 1.4 without `future=True` begins nothing by itself.
LEGACY_CONNECTION_LIFETIME = CONNECTION_LIFETIME._replace(moves=_IN_TRANSACTION)

# Before the first statement, and after commit or rollback, a Session holds no connection
# (semantics: session-leak-gc, session-idle-holds-connection).
SESSION_LIFETIME = Protocol(
    name="a session must not be left in a transaction",
    kinds=frozenset({kinds.SESSION}),
    start="idle",
    moves=(
        _all("idle", "read", "begun")
        | _all("idle", "write", "begun")
        | _all("idle", "execute", "begun")
        | _all("idle", "flush", "begun")
        | _all("idle", "take", "begun")
        | _all("begun", "commit", "idle")
        | _all("begun", "rollback", "idle")
        | _all("idle begun", "close", GONE)
        | _all("idle begun", "escape", GONE)
    ),
    bad=frozenset({"begun"}),
    marks=frozenset({"begun"}),
    even_if_raised=_RUN,
)


def closed_by_hand(lifetime: Protocol) -> Protocol:
    """Of an object that its function closes itself: that it also is in a list changes nothing."""
    kept = {}
    for state in ("idle", "open", "begun"):
        kept[state, "keep"] = f"{state}, kept"
        kept[f"{state}, kept", "escape"] = state
    return lifetime._replace(moves={**lifetime.moves} | kept)


def worked_on_elsewhere(lifetime: Protocol) -> Protocol:
    """Of an object that its function closes itself, having handed it to the function that it
    decorates: that works with it, and does not keep it."""
    kept = {(state, "escape"): "begun" for state in ("idle", "open", "begun")}
    return lifetime._replace(moves={**lifetime.moves} | kept)


# Leaving a unit of work with `lost` is a silent rollback (semantics: conn-insert-no-commit,
# session-with-no-commit).
UNIT_OF_WORK = Protocol(
    name="what is written must be committed",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="clean",
    moves=(
        _all("clean begun dirty", "write", "dirty")
        | _all("clean begun dirty", "add", "dirty")
        | _each("clean", ("read", "begin"), "begun")
        | _all("begun dirty", "load", "dirty")
        | _each("begun dirty", ("commit", "rollback"), "clean")
        # of entities: changing them changes nothing
        | _all("clean begun dirty", "expunge", "free")
        | _all("free", "touch", "touched")
        | _all("touched", "add", "free")
        | _each("free", ("write", "add"), "dirty")
        | _all("dirty", "close", "lost")
        | _each("clean begun free", ("close", "escape", "autocommit", "execute"), GONE)
        | _all("clean", "join", GONE)
        # "execute" may have been a COMMIT, or the write itself
        | _each("dirty", ("ask", "escape", "autocommit", "execute"), GONE)
    ),
    bad=frozenset({"dirty", "lost"}),
    marks=frozenset({"dirty"}),
    faults=frozenset({"lost"}),
)

# Of what is executed it is known elsewhere what it is.
UNIT_AS_TOLD = UNIT_OF_WORK._replace(
    moves={key: to for key, to in UNIT_OF_WORK.moves.items() if key[1] != "execute"}
)

# A Session on a connection that somebody else commits: what it collects must be sent.
UNSENT = Protocol(
    name="what a session on a connection collects must be flushed",
    kinds=frozenset({kinds.SESSION}),
    start="clean",
    moves=(
        _all("clean pending", "add", "pending")
        | _each(
            "pending",
            ("flush", "commit", "rollback", "read", "write", "execute", "load", "nest", "take"),
            "clean",
        )
        | _all("pending", "close", "lost")
        | _each("clean", ("close", "escape", "autocommit", "begin"), GONE)
        | _each("pending", ("escape", "autocommit", "begin", "expunge"), GONE)
    ),
    bad=frozenset({"pending", "lost"}),
    marks=frozenset({"pending"}),
    faults=frozenset({"lost"}),
)

# A transaction that this function ends must also end when a statement of it raises. `unit` holds
# one write, `units` several: what the first wrote stays pending when the second raises.
FAILING_UNIT = Protocol(
    name="several writes must be rolled back when one of them fails",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="clean",
    moves=(
        _all("clean", "write", "unit")
        | _all("clean", "add", "unit")
        | _all("unit", "write", "units")
        | _all("unit", "add", "units")
        | _all("unit units", "commit", "clean")
        | _all("unit units", "rollback", "clean")
        | _all("clean unit units", "close", GONE)
        | _all("clean unit units", "escape", GONE)
        | _all("clean unit units", "autocommit", GONE)
        | _all("clean", "join", GONE)
        | _all("unit units", "ask", GONE)  # whether there is something to roll back
    ),
    bad=frozenset({"unit", "units"}),
    marks=frozenset({"unit"}),
)

# A transaction that has begun cannot be begun (semantics: session-begin-after-autobegin,
# session-begin-after-add, conn-begin-after-autobegin, conn-begin-twice).
_BEGINS = (
    _each("idle", (*_STATEMENTS, "begin"), "begun")
    | _all("begun", "begin", "again")
    | _all("begun", "commit", "idle")
    | _all("begun", "rollback", "idle")
    | _all("begun", "close", "idle")
    | _all("idle begun", "escape", GONE)
    | _all("idle begun", "autocommit", GONE)
    # `if conn.in_transaction(): conn.commit()`: what it is in is then its own look-out
    | _all("idle begun", "ask", GONE)
)
BEGIN_ONCE = Protocol(
    name="a transaction that has begun cannot be begun again",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="idle",
    moves=_BEGINS,
    bad=frozenset({"again"}),
    marks=frozenset({"begun"}),
    faults=frozenset({"again"}),
)
SESSION_BEGIN_ONCE = BEGIN_ONCE._replace(moves=_BEGINS | _all("idle", "add", "begun"))
BEGUN_ONCE = BEGIN_ONCE._replace(start="begun")  # what a begin() block binds

# After its transaction was ended inside its block, nothing works until the block is left
# (semantics: session-commit-inside-begin-more, conn-commit-inside-begin-block).
BEGIN_BLOCK = Protocol(
    name="after commit inside a begin() block nothing may follow in it",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="outside",
    moves=(
        _all("outside", "block", "inside")
        | _each("inside", ("commit", "rollback"), "ended")
        | _all("inside ended", "end", "left")
        | _each("left", ("commit", "rollback"), "outside")
        | _each("ended", (*_STATEMENTS, "add", "begin"), "after")
        | _all("outside inside ended left", "escape", GONE)
        | _all("inside ended", "close", GONE)
    ),
    bad=frozenset({"after"}),
    marks=frozenset({"ended"}),
    faults=frozenset({"after"}),
)
BEGUN_BLOCK = BEGIN_BLOCK._replace(start="inside")  # what the manager of the block binds

# A Session whose flush failed refuses everything until it is rolled back, and a `begin()` block
# that is left with it commits nothing, without a word (semantics: session-flush-integrity-reuse,
# session-swallow-in-begin). A query flushes what was added before it, and fails like a flush. The
# savepoint in which a flush failed ends the failure with itself.
_SENT = (*_STATEMENTS, "commit", "begin", "nest")
_FLUSHING = ("read", "write", "execute", "flush")
_RESTORED = frozenset({"rollback", "close", "unnest", "pass", "escape", "ask"})
FAILED_SESSION = Protocol(
    name="a session that failed must be rolled back before it goes on",
    kinds=frozenset({kinds.SESSION, kinds.SCOPED_SESSION}),
    start="unknown",
    moves=(
        _all("clean unknown sent", "add", "dirty")
        | _each("dirty", (*_FLUSHING, "expunge"), "sent")
        | _each("clean unknown", ("flush", "write"), "sent")
        | _each("dirty unknown sent", ("commit", "rollback"), "clean")
        | _each("dirty failed", ("rollback", "close", "unnest"), "clean")
        | _each("failed", _SENT, "used")
        | _all("failed", "end", "ending")
        | _all("ending", "rollback", "clean")
        | _all("ending", "commit", "lost")
        | _each("clean dirty unknown sent failed", ("escape", "ask", "autocommit"), GONE)
        # whoever it was given to may have added something, or mended what had failed
        | _all("clean dirty unknown sent", "pass", "passed")
        | _all("passed", "escape", "unknown")
    ),
    bad=frozenset({"failed", "ending", "used", "lost"}),
    marks=frozenset({"failed"}),
    faults=frozenset({"used", "lost"}),
    fails=(
        _each("dirty unknown", ("flush", "commit"), "failed")
        | _all("sent", "commit", "failed")  # a commit the database refuses ends nothing, either
        | _each("dirty", ("read", "write", "execute"), "failed")
    ),
    first=_RESTORED,
)
# A Session that this function made has nothing to flush at first.
OWN_FAILED_SESSION = FAILED_SESSION._replace(start="clean")
# With autoflush off only flush and commit send what was added.
_BY_HAND = {key: to for key, to in FAILED_SESSION.fails.items() if key[1] in ("flush", "commit")}
FAILED_BY_FLUSH = FAILED_SESSION._replace(
    moves={
        key: to
        for key, to in FAILED_SESSION.moves.items()
        if key[0] != "dirty" or key[1] not in ("read", "write", "execute")
    },
    fails=_BY_HAND,
)
OWN_FAILED_BY_FLUSH = FAILED_BY_FLUSH._replace(start="clean")

# After a statement that failed PostgreSQL refuses the rest of the transaction.
FAILED_STATEMENT = Protocol(
    name="a transaction in which a statement failed must be rolled back before it goes on",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION}),
    start="fine",
    moves=(
        _each("failed", ("rollback", "close", "unnest"), "fine")
        | _each("failed", _SENT, "used")
        | _all("failed", "end", "ending")
        | _all("ending", "rollback", "fine")
        | _all("ending", "commit", "used")
        | _each("fine failed", ("escape", "ask", "autocommit"), GONE)
    ),
    bad=frozenset({"failed", "ending", "used"}),
    marks=frozenset({"failed"}),
    faults=frozenset({"used"}),
    fails=_all("fine", "write", "failed"),
    first=_RESTORED,
)

# A full rollback for one row that failed takes with it what was flushed before it and was to stay.
EARLIER_WORK = Protocol(
    name="a rollback for one failure loses the work before it",
    kinds=frozenset({kinds.SESSION, kinds.SCOPED_SESSION}),
    start="clean",
    moves=(
        _all("clean", "add", "new")
        | _all("new", "flush", "kept")
        | _all("clean", "write", "kept")
        | _all("kept", "add", "more")
        | _all("more", "flush", "kept")
        | _each("clean new kept more lost", ("commit", "rollback"), "clean")
        | _all("doomed", "rollback", "lost")
        | _all("lost", "commit", "missed")
        | _each("clean new kept more doomed lost", ("close", "escape", "autocommit"), GONE)
        | _each("new more doomed", ("nest", "unnest", "expunge"), "clean")
    ),
    bad=frozenset({"missed", "lost", "doomed"}),
    marks=frozenset({"lost"}),
    faults=frozenset({"missed"}),
    fails=_all("more", "flush", "doomed") | _all("kept", "write", "doomed"),
    first=_RESTORED,
)

# A helper that answers a failure with a full rollback takes with it what its caller has added. What
# functions that are called add is theirs to look after.
LOST_TO_HELPER = Protocol(
    name="a helper's rollback loses what its caller has added",
    kinds=frozenset({kinds.SESSION, kinds.SCOPED_SESSION}),
    start="clean",
    moves=(
        _each("clean", ("add", "write"), "pending")
        | _each("pending", ("commit", "rollback"), "clean")
        | _each("clean pending", ("close", "escape", "autocommit"), GONE)
        | _each("pending", ("nest", "expunge"), GONE)
        | _all("pending", "helper", "lost")
    ),
    bad=frozenset({"lost"}),
    marks=frozenset({"pending"}),
    faults=frozenset({"lost"}),
    theirs=MappingProxyType(
        {"add": "their add", "write": "their write", "rollback": "their rollback", "nest": "theirs"}
    ),
)

# So does one that stands around a savepoint, whether it was added here, or by the same helper when
# it was called before.
LOST_AROUND_SAVEPOINT = LOST_TO_HELPER._replace(
    name="a rollback around a savepoint loses what was added before it",
    moves={key: to for key, to in LOST_TO_HELPER.moves.items() if key[1] != "nest"},
)
LOST_TO_CALL_BEFORE = LOST_TO_HELPER._replace(
    name="a helper's rollback loses what the helper has added before",
    moves={**LOST_TO_HELPER.moves, **_all("clean", "helper", "pending")},
)

# Alembic begins and commits a transaction of its own, unless there is one when it is configured.
# The connection is handed to it there, which is why one `escape` is no end yet.
BEGUN_BEFORE_MIGRATIONS = Protocol(
    name="a transaction must not have begun when alembic is configured",
    kinds=frozenset({kinds.CONNECTION}),
    start="idle",
    moves=(
        _each("idle", ("read", "write", "execute", "load", "begin"), "begun")
        | _each("begun handed", ("commit", "rollback"), "idle")
        | _each("idle begun handed", ("close", "autocommit"), GONE)
        | _all("begun", "escape", "handed")
        | _all("handed", "escape", GONE)
        | _all("begun handed", "configure", "given")
        | _all("idle begun handed", "configure begun", "given")
        | _each("given", ("commit", "escape", "autocommit"), GONE)
        # `if conn.in_transaction(): conn.commit()`: what it is in is then its own look-out
        | _all("begun handed given", "ask", GONE)
    ),
    bad=frozenset({"handed", "given"}),
    marks=frozenset({"begun"}),
    even_if_raised=_RUN,
)

# What is done beside a savepoint, and not in it.
BESIDE_SAVEPOINT = Protocol(
    name="all of it is done in a savepoint",
    kinds=frozenset({kinds.SESSION, kinds.SCOPED_SESSION}),
    start="outside",
    moves=(
        _all("outside", "nest", "inside")
        | _each("inside", ("unnest", "commit", "rollback", "close", "escape"), "outside")
        | _all("outside", "work", "beside")
    ),
    bad=frozenset({"beside"}),
    faults=frozenset({"beside"}),
)

# What a watched operation does while a transaction is open: it waits for somebody else.
OPEN_WHILE_WAITING = Protocol(
    name="a transaction must not wait for something slow",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="idle",
    moves=(
        _each("idle read", ("write", "execute", "flush"), "changed")
        | _each("idle", ("read", "take"), "read")
        | _all("idle read", "add", "read")
        | _each("read changed", ("commit", "rollback", "close"), "idle")
        | _each("idle read changed", ("escape", "autocommit"), GONE)
        | _all("read", "slow", "held")
        | _all("changed", "slow", "locked")
    ),
    bad=frozenset({"held", "locked"}),
    marks=frozenset({"read", "changed"}),
    faults=frozenset({"held", "locked"}),
    even_if_raised=_RUN,
)

# Whoever gets the message may read before the row is there.
SENT_TOO_EARLY = Protocol(
    name="a message about a row must wait for its commit",
    kinds=frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION}),
    start="clean",
    moves=(
        _each("clean dirty", ("add", "write"), "dirty")
        | _each("dirty sent", ("rollback", "close"), "clean")
        | _all("dirty", "commit", "clean")
        | _all("dirty", "send", "sent")
        | _all("sent", "commit", "early")
        | _each("clean dirty sent", ("escape", "autocommit"), GONE)
    ),
    bad=frozenset({"early"}),
    marks=frozenset({"sent"}),
    faults=frozenset({"early"}),
)

# A helper that ends the transaction of its caller cuts the caller's unit of work in two.
CUT_IN_TWO = Protocol(
    name="a helper must not end its caller's transaction",
    kinds=frozenset({kinds.SESSION, kinds.CONNECTION}),
    start="clean",
    moves=(
        _each("clean dirty", ("add", "write"), "dirty")
        | _each("dirty cut", ("commit", "rollback", "close"), "clean")
        | _each("dirty", ("commit by callee", "rollback by callee"), "cut")
        | _each("cut", ("add", "write"), "halved")
        | _each("clean dirty cut", ("escape", "autocommit"), GONE)
    ),
    bad=frozenset({"halved"}),
    marks=frozenset({"cut"}),
    faults=frozenset({"halved"}),
    theirs={
        "commit": "commit by callee",
        "rollback": "rollback by callee",
        "add": "add by callee",
        "write": "write by callee",
    },
)

# Another connection does not see what is not committed, and cannot write what is locked.
TWO_UNITS = Protocol(
    name="two transactions that write are not one",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="clean",
    moves=(
        _each("clean dirty", ("write", "flush"), "dirty")
        | _all("clean", "add", "pending")
        | _each("pending", ("write", "flush", "read", "execute"), "dirty")
        | _each("clean dirty pending", ("commit", "rollback"), "clean")
        | _each("clean dirty pending", ("close", "escape", "autocommit"), GONE)
        | _all("dirty", "other", "both")
    ),
    bad=frozenset({"both"}),
    marks=frozenset({"dirty"}),
    faults=frozenset({"both"}),
)
UNSEEN = TWO_UNITS._replace(
    name="another connection does not see what a session has not committed",
    moves={**TWO_UNITS.moves} | _all("pending", "other", "both"),
    marks=frozenset({"dirty", "pending"}),
)

# AUTOCOMMIT leaves nothing to roll back.
NOTHING_TO_END = Protocol(
    name="on AUTOCOMMIT there is no transaction",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="clean",
    moves=(
        _all("plain", "autocommit", "clean")
        | _each("clean", ("write", "flush"), "written")
        | _all("clean", "add", "added")
        | _each("added", ("write", "flush", "read", "execute"), "written")
        | _all("written", "rollback", "stays")
        | _each("added written", ("commit",), "clean")
        | _all("added", "rollback", "clean")
        | _each("plain clean added written", ("escape", "close"), GONE)
    ),
    bad=frozenset({"stays"}),
    marks=frozenset({"written"}),
    faults=frozenset({"stays"}),
)
AUTOCOMMIT_LATER = NOTHING_TO_END._replace(start="plain")

# What a generator lends is its own again after the yield, also when the borrower raised there.
LENT = Protocol(
    name="what a generator lends it must close when the borrower raises",
    kinds=frozenset({kinds.CONNECTION, kinds.SESSION}),
    start="own",
    moves=_all("own", "lend", "lent")
    | _all("own lent", "close", GONE)
    | _all("own", "escape", GONE),
    bad=frozenset({"lent"}),
    marks=frozenset({"lent"}),
)
# Without a transaction what was lent holds nothing, closed or not.
LENT_AND_HELD = LENT._replace(
    moves={**LENT.moves}
    | _each("lent", ("commit", "rollback"), "ended")
    | _all("ended", "close", GONE)
)

LENT_BEFORE = LENT_AND_HELD._replace(start="lent")  # by the `__enter__` of an `__exit__`

# A closed Connection stays closed (semantics: conn-use-after-close, conn-use-after-with).
CONNECTION_AFTER_CLOSE = Protocol(
    name="a closed connection runs nothing",
    kinds=frozenset({kinds.CONNECTION}),
    start="open",
    moves=_all("open", "close", "closed") | _each("closed", (*_STATEMENTS, "begin"), "used"),
    bad=frozenset({"used"}),
    marks=frozenset({"closed"}),
    faults=frozenset({"used"}),
)

# A closed Session takes a connection again; entities of a result that was not read are lost with
# it (semantics: session-use-after-close, result-orm-after-session-close).
SESSION_AFTER_CLOSE = Protocol(
    name="what a session does after its close nobody ends",
    kinds=frozenset({kinds.SESSION}),
    start="idle",
    moves=(
        _all("idle", "close", "closed")
        | _each("closed", _STATEMENTS, "again")
        | _all("closed", "fetch", "stale")
        | _each("again", ("commit", "rollback", "close"), "closed")
        | _all("idle closed again", "escape", GONE)
        | _all("idle closed again", "autocommit", GONE)
    ),
    bad=frozenset({"again", "stale"}),
    marks=frozenset({"again"}),
    faults=frozenset({"stale"}),
)

# A query that is run later runs on the session that made it (semantics: result-orm-lazy-return).
HANDED_OUT = Protocol(
    name="a query must not be returned from a session that is closed",
    kinds=frozenset({kinds.SESSION}),
    start="own",
    moves=(
        _all("own", "close", "closed")
        | _each("closed", _STATEMENTS, "own")
        | _all("own", "hand", "handed")
        | _all("closed", "hand", "outlived")
        | _all("handed", "close", "outlived")
        | _all("own closed handed", "escape", GONE)
    ),
    bad=frozenset({"outlived"}),
    marks=frozenset({"handed"}),
    faults=frozenset({"outlived"}),
)

# Rows of `AsyncConnection.stream()` stay on the server until they are read.
UNREAD_OUT = HANDED_OUT._replace(
    name="a stream must not be read from a connection that is closed",
    kinds=frozenset({kinds.CONNECTION}),
    moves={**HANDED_OUT.moves} | _all("closed", "fetch", "outlived"),
)

# A second read of a result gives nothing, or raises when the first one closed it (semantics:
# result-iterated-twice, result-all-then-first, result-first-then-all).
READ_ONCE = Protocol(
    name="a result can be read once",
    kinds=frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS}),
    start="full",
    moves=_all("full", "drain", "empty") | _all("empty", "fetch", "again"),
    bad=frozenset({"again"}),
    marks=frozenset({"empty"}),
    faults=frozenset({"again"}),
)

# A server-side cursor stays open until its transaction ends, its result dropped or not (PostgreSQL;
# measured in fixtures/SAL104-result-not-exhausted/proof.py).
HALF_READ = Protocol(
    name="a streaming result must be read to its end or closed",
    kinds=frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS}),
    start="unread",
    moves=(
        _all("unread", "fetch", "half")
        | _each("unread half", ("drain", "close", "escape", "hand"), GONE)
    ),
    bad=frozenset({"half"}),
    marks=frozenset({"half"}),
)

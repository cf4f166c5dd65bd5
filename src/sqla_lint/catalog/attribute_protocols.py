"""What becomes of one mapped attribute of one object, as tables for `flow.solve`.

The object is the root; its session hangs on it. Events, besides those of `catalog.protocols`:
    read, set       the attribute is read, is assigned
    sets            a function assigns whichever attributes
    other           another column is read: an expired object is loaded again as a whole
    change          another column is assigned: the next flush updates the row
    sent            what was changed surely is written: a flush, a commit
    nest            a savepoint begins
    release, undo   it is released; rolled back to, which expires the objects changed since
    expire          a commit that expires, `expire()`, `expire_all()`
    perhaps         a commit that may expire: nobody knows what the factory says
    settle          a commit that surely expires nothing
    await, sought   this attribute, or another, is asked of `awaitable_attrs`
    refresh, load   `refresh(obj)`; `refresh(obj, [names])` with this attribute
    reload          a statement that may load the same object again
    expunge         the object leaves its session
    later           work that runs some time later, or at once, reads the attribute
    after           work that runs when the function is over reads it: a background task
    streamed        a generator reads it when the request is over and its session is removed
    copied          another process reads it, of a copy that has no session
    foreign         somebody else's function gets the object: it may load it while it can
    escape          anything may happen to the object
    bulk            a statement changes or locks the row of the object
    each            a loop over all objects has read, refreshed or assigned it of each
    transient       the object is made transient (an escape follows)
    hollow          a function makes it transient, and reads the attribute then (an escape follows)
    hand            the object is returned
    related         a relationship of it is read: what is put there may bring it into a session
    committed       another session commits, or this one when the object has left it
States with ``>`` behind them are those of an object that has been returned.
Source: SQLAlchemy docs, "State Management"; "What Happens After a Flush / Commit" of "Session
Basics"; measured in fixtures/SAL108-detached-access and SAL804-async-expired-access.
"""

from __future__ import annotations

from sqla_lint.catalog.protocols import GONE, Protocol

HANDED = ">"

_Moves = dict[tuple[str, str], str]


def _to(states: str, events: str, to: str) -> _Moves:
    return {(state, event): to for state in states.split() for event in events.split()}


# A column, or a relationship that was loaded with its object. `lost` is expired and without a
# session; `settled` is loaded while no transaction has begun, so that a rollback does nothing;
# `either` is loaded again, or was loaded for some of many; `inner` is loaded when a savepoint has
# begun, `touched` is changed since; `flushed` was added and is not committed, so that a rollback
# makes it `new` again, with all that it has, and so are `flushed-inner` and `flushed-touched`;
# `ended` is expired if the object that was given was one of the session.
_LOADED = (
    _to("new given", "add", "pending")
    | _to("pending", "flush", "flushed")
    | _to("pending flushed fresh", "expire", "expired")
    | _to("pending flushed fresh", "perhaps", GONE)
    | _to("flushed", "rollback undo", "new")
    | _to("flushed", "close expunge", GONE)
    | _to("given", "expire", "ended")
    | _to("given", "perhaps rollback close expunge", GONE)
    | _to("ended", "read other set sets add refresh load await reload sought foreign each", GONE)
    | _to("ended", "rollback close expunge", GONE)
    | _to("fresh", "rollback", "expired")
    | _to("flushed fresh", "settle", "settled")
    | _to("settled", "flush reload refresh load await", "fresh")
    | _to("settled", "expire", "expired")
    | _to("settled", "perhaps", GONE)
    | _to("pending", "rollback close expunge", GONE)
    | _to("fresh settled either", "close expunge", GONE)
    | _to("expired", "refresh load await set", "fresh")
    | _to("expired", "reload sought each", "either")
    | _to("either", "expire rollback", "expired")
    | _to("either", "perhaps settle sets", GONE)
    | _to("expired", "close expunge", "lost")
    | _to("lost", "set add each", GONE)
    | _to("expired lost", "sets", GONE)
    | _to("fresh settled", "nest", "inner")
    | _to("inner", "change set", "touched")
    | _to("touched", "undo", "expired")
    | _to("inner touched", "release", "fresh")
    | _to("inner", "undo", "fresh")
    | _to("inner touched", "expire rollback", "expired")
    | _to("inner touched", "perhaps settle close expunge sets each", GONE)
    | _to("flushed", "nest", "flushed-inner")
    | _to("flushed-inner", "change set", "flushed-touched")
    | _to("flushed-touched", "undo", "expired")
    | _to("flushed-inner flushed-touched", "release", "flushed")
    | _to("flushed-inner", "undo", "flushed")
    | _to("flushed-inner flushed-touched", "rollback", "new")
    | _to("flushed-inner flushed-touched", "expire", "expired")
    | _to("flushed-inner flushed-touched", "perhaps settle close expunge sets each", GONE)
    | _to("flushed flushed-inner flushed-touched", "escape", GONE)
    | _to("new given ended pending fresh settled inner touched expired either lost", "escape", GONE)
)
_LOADED_SYNC = (
    _LOADED | _to("expired", "read other", "fresh") | _to("expired", "foreign later", GONE)
)
_LOADED_ASYNC = _LOADED | _to("expired", "read", "io")
_LOST = _to("lost", "read later after streamed copied await", "raised") | _to(
    "expired", "copied", "raised"
)

# A relationship or column that was not loaded with its object. `flushed-bare` was added and is not
# committed: of an object that is new again nothing is loaded. `cut` is without a session.
_UNLOADED = (
    _to("new", "add", "pending")
    | _to("pending", "flush", "flushed-bare")
    | _to("pending flushed-bare", "expire perhaps settle", "bare")
    | _to("flushed-bare", "rollback undo", "new")
    | _to("new pending", "read set", GONE)
    | _to("pending", "rollback close expunge", GONE)
    | _to("flushed-bare bare", "set load await reload", GONE)
    | _to("flushed-bare bare", "close expunge", "cut")
    | _to("cut", "set add", GONE)
    | _to("new pending flushed-bare bare cut", "each sets", GONE)
    | _to("new pending flushed-bare bare cut", "escape", GONE)
)
_UNLOADED_SYNC = _UNLOADED | _to("flushed-bare bare", "read foreign later", GONE)
_LAZY = _to("flushed-bare bare", "read", "io")
_UNLOADED_ASYNC = _UNLOADED | _LAZY
# The same of a new object whose statement would have loaded it, so that `refresh()` does, and the
# load of any column after a commit that expires: `drained`.
_FRESHLY_MADE = (
    _UNLOADED
    | _to("pending flushed-bare bare", "expire perhaps", "drained")
    | _to("flushed-bare bare", "refresh", GONE)
    | _to("drained", "other set sets load await sought refresh reload each escape", GONE)
    | _to("drained", "close expunge", "cut")
)
_FRESHLY_MADE_SYNC = _FRESHLY_MADE | _to("flushed-bare bare drained", "read foreign later", GONE)
_FRESHLY_MADE_ASYNC = _FRESHLY_MADE | _LAZY | _to("drained", "read", "io")
_CUT = _to("cut", "read later after streamed copied await", "raised")
_CUT |= _to("flushed-bare bare drained", "copied", "raised")

_FAULTS = frozenset({"io", "raised", "emptied"})

# What was not loaded when the object was made transient: there is nothing, and nothing to load it.
_HOLLOW = (
    _to("bare cut", "transient", "freeing")
    | _to("freeing", "escape", "hollow")
    | _to("bare cut", "hollow", "emptied")
    | _to("hollow", "read", "emptied")
    | _to("hollow", "set sets add each load refresh escape foreign", GONE)
)

# What work reads that was started here, and that nobody has loaded when the function is over:
# `owed` under an AsyncSession, where it can never be loaded there; `missed` where the session is
# closed when the work begins, `due` while it is still open.
_UNREADABLE = "expired flushed-bare bare drained"
_BROUGHT = "set sets add load await sought refresh reload each foreign escape"
_OWED = (
    _to(_UNREADABLE, "later after", "owed")
    | _to("owed", "hand", "owed" + HANDED)
    | _to("owed owed" + HANDED, _BROUGHT, GONE)
    | _to("owed", "read", "io")
)
_MISSED = (
    _to(_UNREADABLE, "after", "due")
    | _to("due", "hand", "due" + HANDED)
    | _to("due due" + HANDED, "read later " + _BROUGHT, GONE)
    | _to("due", "close expunge", "missed")
    | _to("due" + HANDED, "close expunge", "missed" + HANDED)
    | _to("missed", "hand", "missed" + HANDED)
    | _to("missed missed" + HANDED, _BROUGHT, GONE)
    | _to("missed", "read", "raised")
)
# What the generator of an answer reads that is streamed: until then nobody may bring it.
_MISSED |= (
    _to(_UNREADABLE, "streamed", "parted")
    | _to("parted", "hand", "parted" + HANDED)
    | _to("parted parted" + HANDED, "read later after " + _BROUGHT, GONE)
)
# The first read of a column of an expired object loads them all.
_MISSED_COLUMN = _MISSED | _to(f"due due{HANDED} parted parted{HANDED}", "other", GONE)
# In which of these a function may not leave its object.
LEFT = frozenset(
    f"{state}{handed}" for state in ("owed", "missed", "parted") for handed in ("", HANDED)
)


def _reading(name: str, start: str, moves: _Moves) -> Protocol:
    return Protocol(
        name=name,
        kinds=frozenset(),
        start=start,
        moves=moves,
        bad=_FAULTS | LEFT,
        marks=frozenset({"lost", "cut", "expired"}),
        faults=_FAULTS,
    )


def _handing(name: str, start: str, moves: _Moves) -> Protocol:
    """The same, to learn in which state an object is returned: what is done on the way out, such as
    the end of a ``with``, still happens to it."""
    after = {
        (state + HANDED, event): to if to == GONE else to + HANDED
        for (state, event), to in moves.items()
    }
    lending = _lending(name, start, moves)
    return lending._replace(moves={**lending.moves, **after})


def _lending(name: str, start: str, moves: _Moves) -> Protocol:
    """The same for a generator: an object is used while the generator waits."""
    plain = {state for state, _ in moves} | {to for to in moves.values() if to != GONE}
    handed = {(state, "hand"): state + HANDED for state in plain}
    return Protocol(
        name=name,
        kinds=frozenset(),
        start=start,
        moves={**moves, **handed},
        bad=frozenset(state + HANDED for state in plain),
    )


_NAME = "what is read of an object must be loaded, or loadable"
LOADED_SYNC = _reading(_NAME, "fresh", _LOADED_SYNC | _LOST | _MISSED_COLUMN)
LOADED_ASYNC = _reading(_NAME, "fresh", _LOADED_ASYNC | _LOST | _OWED)
UNLOADED_SYNC = _reading(_NAME, "bare", _UNLOADED_SYNC | _CUT | _MISSED | _HOLLOW)
UNLOADED_ASYNC = _reading(_NAME, "bare", _UNLOADED_ASYNC | _CUT | _OWED | _HOLLOW)
FRESHLY_MADE_SYNC = _reading(_NAME, "bare", _FRESHLY_MADE_SYNC | _CUT | _MISSED_COLUMN)
FRESHLY_MADE_ASYNC = _reading(_NAME, "bare", _FRESHLY_MADE_ASYNC | _CUT | _OWED)
# A column that the database makes anew with each UPDATE. `stale` has expired with the flush; what
# expires everything is told by the tables above.
_COMPUTED = (
    _to("new", "add", "pending")
    | _to("pending", "sent flush", "fresh")
    | _to("given fresh", "change", "changed")
    | _to("changed", "sent", "stale")
    | _to("changed stale", "set refresh load await sought reload expire rollback each", GONE)
    | _to("changed", "close expunge", GONE)
    | _to("stale", "close expunge", "lost")
    | _to("lost", "set add", GONE)
    | _to("new given pending fresh changed stale lost", "escape", GONE)
)
_COMPUTED_SYNC = _COMPUTED | _to("stale", "read other foreign later after", GONE)
_COMPUTED_ASYNC = _COMPUTED | _to("stale", "read", "io")
# The read that loads it, under a session that is still there.
LAZY_READ = _reading(
    "what is read of each object must be loaded with them",
    "bare",
    _UNLOADED | _LAZY,
)
# The same of work that is started here, whatever it does first.
LOADED_BY_WORK = _reading(
    "what threads read of objects of one session must be loaded with them",
    "bare",
    _UNLOADED | _to("flushed-bare bare", "read later", "io"),
)
# The same of what each object is asked for by its `awaitable_attrs`.
AWAITED_READ = LAZY_READ._replace(moves=_UNLOADED | _to("flushed-bare bare", "await", "io"))
# The same of a column of an heir: a load of any other column of an expired object brings it, too.
LAZY_READ_OF_HEIR = _reading(
    "what is read of each object must be loaded with them",
    "bare",
    _FRESHLY_MADE | _LAZY | _to("drained", "read foreign", GONE),
)
# The same of what a commit has expired: the first column of each object that is read.
EXPIRED_READ = _reading(
    "what is read of each object must not have expired",
    "fresh",
    _LOADED
    | _to("expired", "read", "io")
    | _to("expired", "other foreign later after rollback", GONE),
)
# The same, when another column of another object may have been read in the turn before.
EXPIRED_IN_TURN = _reading(
    "what is read of each object must not have expired",
    "fresh",
    _LOADED | _to("expired", "read", "io") | _to("expired", "foreign later after rollback", GONE),
)
COMPUTED_SYNC = _reading(_NAME, "fresh", _COMPUTED_SYNC | _LOST)
COMPUTED_ASYNC = _reading(_NAME, "fresh", _COMPUTED_ASYNC | _LOST)
# What a statement changes in the database, and the object does not know: `bulk` is the statement.
_ENDS_STALE = (
    "set sets refresh load await sought expire perhaps rollback close expunge foreign escape each"
)
_STALE = _to("fresh", "bulk", "stale") | _to("fresh stale", _ENDS_STALE, GONE)
STALE_READ = _reading(
    "what is read of an object must be what the database has",
    "fresh",
    _STALE | _to("stale", "read", "raised"),
)
# The same for a statement that locks the row of an object that is there already.
LOCKED_AGAIN = _reading(
    "what is locked must be loaded with the lock",
    "fresh",
    _to("fresh", "bulk", "raised") | _to("fresh", _ENDS_STALE, GONE),
)
HANDED_LOADED_SYNC = _handing(_NAME, "fresh", _LOADED_SYNC)
HANDED_LOADED_ASYNC = _handing(_NAME, "fresh", _LOADED)
HANDED_UNLOADED_SYNC = _handing(_NAME, "bare", _UNLOADED_SYNC)
HANDED_UNLOADED_ASYNC = _handing(_NAME, "bare", _UNLOADED)
HANDED_FRESHLY_MADE_SYNC = _handing(_NAME, "bare", _FRESHLY_MADE_SYNC)
HANDED_FRESHLY_MADE_ASYNC = _handing(_NAME, "bare", _FRESHLY_MADE)
LENT_LOADED_SYNC = _lending(_NAME, "fresh", _LOADED_SYNC)
LENT_LOADED_ASYNC = _lending(_NAME, "fresh", _LOADED)
LENT_UNLOADED_SYNC = _lending(_NAME, "bare", _UNLOADED_SYNC)
LENT_UNLOADED_ASYNC = _lending(_NAME, "bare", _UNLOADED)
LENT_FRESHLY_MADE_SYNC = _lending(_NAME, "bare", _FRESHLY_MADE_SYNC)
LENT_FRESHLY_MADE_ASYNC = _lending(_NAME, "bare", _FRESHLY_MADE)
HANDED_COMPUTED = _handing(_NAME, "fresh", _COMPUTED)
# Whether an object still has the session it came from, and what becomes of a change when it has
# none. `free` has left its session, `changed` is one that was changed since, `passed` one that was
# changed before another session committed; `saved` may have come into a session afterwards.
_LEAVING = (
    _to("new", "add", "pending")
    | _to("pending", "flush sent expire perhaps settle", "fresh")
    | _to("fresh", "close expunge", "free")
    | _to("pending", "rollback close expunge", GONE)
    | _to("fresh", "rollback undo", GONE)
    | _to("new pending fresh free", "foreign later after escape", GONE)
    | _to("free", "add refresh load related", GONE)
)
_CHANGED = (
    _LEAVING
    | _to("free", "set sets", "changed")
    | _to("changed", "committed", "passed")
    | _to("changed passed", "add foreign later after escape related", "saved")
    | _to("changed" + HANDED, "committed", "passed" + HANDED)
    | _to("passed", "hand", "passed" + HANDED)
    | _to("changed", "hand", "changed" + HANDED)
)
CHANGED_ALONE = Protocol(
    name="what is changed must belong to a session",
    kinds=frozenset(),
    start="fresh",
    moves=_CHANGED,
    bad=frozenset({"changed", "passed", "saved", "changed" + HANDED, "passed" + HANDED}),
    marks=frozenset({"changed"}),
)
# The same of a change that others may want to read: it is no more than a value then.
CHANGED_UNSEEN = CHANGED_ALONE._replace(
    moves=_CHANGED | _to("changed passed", "read hand", "saved"),
)
# In which of these states a function gives its objects to its caller.
HANDED_ALONE = _handing("what a function gives has a session or none", "fresh", _LEAVING)
LENT_ALONE = _lending("what a function lends has a session or none", "fresh", _LEAVING)

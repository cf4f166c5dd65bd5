"""SAL203: a failed flush, commit or write is caught, and the session goes on."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    FAILED_BY_FLUSH,
    FAILED_SESSION,
    FAILED_STATEMENT,
    IN_TRANSACTIONS,
    OWN_FAILED_BY_FLUSH,
    OWN_FAILED_SESSION,
    Applicability,
    Confidence,
    End,
    Function,
    Insert,
    Note,
    Protocol,
    Ref,
    Report,
    Rewrite,
    Root,
    Severity,
    answer,
    called_again,
    caught_at,
    commits_nothing,
    context_ends,
    first_by_mark,
    is_given_to_guard,
    is_in_begin,
    is_kept_on,
    is_suppressed,
    is_used_later,
    kinds,
    queries_flush,
    retried,
    rolls_back_otherwise,
    rule,
    was_pending,
)

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION)
_WRITES = frozenset({"add", "write", "delete", "flush", "escape", "dirty"})


@rule(
    "SAL203",
    "swallowed-failure",
    severity=Severity.ERROR,
    fix="unsafe",
    on=IN_TRANSACTIONS,
)
def swallowed_failure(function: Function) -> Iterator[Report]:
    """A failed flush or commit is caught, and the session goes on without a rollback.

    ## What it does
    Follows Sessions into the handlers that can catch what a failing `flush()`, `commit()` or
    autoflushing query raises, and reports those after which the session is used again, its
    `begin()` block is left normally, or the function returns a session that lives on (or raises
    something else, after which a loop calls it again), without `rollback()`, `close()` or a
    savepoint around the failure. With `--pedantic` also those that
    catch a failing INSERT, UPDATE or DELETE, after which PostgreSQL refuses the transaction. In
    preview also commits of a session that was there before, where a decorator, or a function to
    which it is handed, tries again.

    ## Why is this bad?
    The next use raises `PendingRollbackError: This Session's transaction has been rolled back due
    to a previous exception during flush` (sqlalche.me/e/20/7s2a), far from its cause, until
    somebody rolls back; where the database refused the commit itself, `InvalidRequestError: This
    session is in 'prepared' state`. At the end of `with session.begin():` it is worse: nothing
    raises, and everything the block wrote is lost.

    ## Example
    ```python
    for name in names:
        session.add(Tag(name=name))
        try:
            session.commit()
        except IntegrityError:
            skipped.append(name)
    ```

    ## Use instead
    ```python
    for name in names:
        session.add(Tag(name=name))
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            skipped.append(name)
    ```

    ## Fix safety
    Unsafe: `rollback()` is put at the start of the handler; it also ends what the same transaction
    wrote before. None inside `begin()` blocks, which want `begin_nested()` around the risky part.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Handlers of exceptions that a flush does not raise, such as `NoResultFound`, are silent, and so
    are those that ask `is_active`, and a session that no caller works on afterwards. A handler that
    rolls back on another way, having looked at what was raised, is told with `--pedantic`, and so
    is a function that writes nothing. What lazy attributes flush is not seen.

    ## References
    SQLAlchemy docs, "Session Basics": Rolling Back, and "Framing out a begin / commit / rollback
    block"; FAQ, "This Session's transaction has been rolled back due to a previous exception".
    """
    if function.entry in ("test", "fixture"):
        return
    for one in retried(function):
        yield Report(
            one.at,
            f"`{one.by}` tries `{one.name}` again when it fails, and nothing rolls back in between:"
            " each further attempt raises PendingRollbackError",
            help="roll back before the next attempt, or begin with a session of its own in each",
            steps=one.steps,
            group="preview",
        )
    if not function.catches:
        return
    own = (*function.made(*_SESSIONS), *function.borrowed_in_block(*_SESSIONS))
    there = (*function.handles(*_SESSIONS), *function.lent(kinds.SESSION))
    there = tuple({root: None for root in there if root not in own})
    said: set[Root] = set()
    for protocol, roots in (
        (OWN_FAILED_SESSION, tuple(r for r in own if queries_flush(function, r))),
        (OWN_FAILED_BY_FLUSH, tuple(r for r in own if not queries_flush(function, r))),
        (FAILED_SESSION, tuple(r for r in there if queries_flush(function, r))),
        (FAILED_BY_FLUSH, tuple(r for r in there if not queries_flush(function, r))),
    ):
        for end in _ends(function, protocol, roots):
            said.add(end.root)
            yield _report(function, end)
    connections = (
        *function.made(kinds.CONNECTION),
        *function.borrowed_in_block(kinds.CONNECTION),
        *function.handles(kinds.CONNECTION),
    )
    others = tuple(
        root
        for root in (*own, *there, *connections)
        if root not in said and not function.is_legacy(root.kind)
    )
    for end in _ends(function, FAILED_STATEMENT, others):
        if end.way == "fault":
            yield _report(function, end, statement=True)


def _ends(function: Function, protocol: Protocol, roots: tuple[Root, ...]) -> list[End]:
    ends = [
        end
        for end in function.solve(protocol, roots, Confidence.RESOURCE).ends
        if end.way != "raise" or (end.trail is not None and end.trail.op.do == "raise")
    ]
    found: dict[tuple[Root, Ref | None], End] = {}  # one defect of a handler is one finding
    for end in first_by_mark(ends, "fault", "return", "raise"):
        if caught_at(end) is None or is_given_to_guard(function, end.root):
            continue
        if _harms(end, function) and not commits_nothing(function, end):
            key = end.root, caught_at(end)
            known = found.setdefault(key, end)
            if end.way == known.way and _sends(function, end) > _sends(function, known):
                found[key] = end  # what is likelier to fail than a query is
    return list(found.values())


def _sends(function: Function, end: End) -> bool:
    """What failed is a flush or commit that is written there."""
    op = function.op(end.mark)
    made = function.maker(op.on) if op.do == "await" else None
    return (made.op if made is not None else op).name in ("flush", "commit")


def _harms(end: End, function: Function) -> bool:
    """Used again, or left to somebody who will use it."""
    if end.way == "fault":
        return True
    kind = end.root.kind
    if end.way == "raise":
        kept = kind.owner in ("attribute", "caller") and not function.class_ends(end.root.place)
        return kept and called_again(function, end) is not None
    if kind.owner == "attribute":
        if function.entry == "route" or function.class_ends(end.root.place):
            return False
        return is_kept_on(function, end.root, answer(function, end))
    if kind.owner == "registry":
        if context_ends(function, end):
            return False
        if function.entry == "command":
            return False  # which is the last to use its session
        if "request-scoped" not in kind.traits and not function.registry_removed():
            return True
        if function.entry in ("route", "task"):
            return False  # its context ends with it
        return is_kept_on(function, end.root, answer(function, end))
    if kind.owner == "module":
        return not function.module_ends(end.root.place)
    if kind.owner != "caller" or function.entry == "route":
        return False  # the session of a route ends with its request, whoever made it
    if "." in end.root.place and not end.root.place.startswith("self."):
        return False  # who ends what hangs on `request` or `context` is not known
    if end.root.place.startswith("self."):
        return is_kept_on(function, end.root, answer(function, end))
    return is_used_later(function, end.root, answered=answer(function, end))


def _is_unlikely(function: Function, end: End) -> bool:
    """The handler has looked at what was raised, or there is nothing that a commit could write."""
    if rolls_back_otherwise(function, end):
        return True
    if function.op(end.mark).name != "commit":
        return False
    writes = any(
        use.happening.loose
        or _WRITES & set(use.happening.events)
        or bool(use.given and use.op.do == "call")
        for use in function.uses(end.root)
    )
    changes = any(o.op.do in ("setattr", "setitem") for o in function.operations())
    return not writes and not changes


def _goes_on(function: Function, end: End) -> tuple[Note, ...]:
    again = called_again(function, end) if end.way == "raise" else None
    return (Note("caught here, and called again", again.at, again.path),) if again else ()


def _report(function: Function, end: End, *, statement: bool = False) -> Report:
    root = end.root
    refused = not was_pending(function, end)  # another commit says so in the other words
    again = end.state == "used" and end.trail is not None and end.trail.what == "commit"
    error = "InvalidRequestError" if refused and not again else "PendingRollbackError"
    if refused and again and function.target < (2, 0):
        error += ", with `future=True` AssertionError"  # an assertion of 1.4's engine
    name = "the session" if root.role == kinds.QUERY else function.name_of(root)
    if statement:
        what = f"{name} goes on in the same transaction: PostgreSQL refuses it"
    elif end.state == "lost":
        what = f"the `begin()` block of {name} commits nothing at its end, without any error"
    elif end.state == "used":
        what = f"{name} is used again without `rollback()`, which raises {error}"
    else:
        what = f"{name} is left without `rollback()`: its next use raises {error}"
    rollback = f"{'await ' if root.kind.is_async else ''}{name.strip('`')}.rollback()"
    nested = is_in_begin(function, root)
    caught = caught_at(end)
    rewrite = None
    suppressed = is_suppressed(end)
    if caught is not None and not nested and not suppressed and name[0] == "`":
        edit = Insert(caught, "body-start", rollback)
        rewrite = Rewrite(f"roll back: `{rollback}`", Applicability.UNSAFE, (edit,))
    return Report(
        function.op(end.mark).at,
        f"a failure here is {'suppressed' if suppressed else 'caught'}, and {what}",
        help="do what may fail in a `begin_nested()` block, and catch outside of it"
        if nested
        else f"catch it, and call `{rollback}` in the handler"
        if suppressed
        else f"call `{rollback}` in the handler",
        steps=(*function.path(end.trail), *_goes_on(function, end)),
        rewrite=rewrite,
        confidence=Confidence.RESOURCE,
        group="pedantic" if statement or _is_unlikely(function, end) else None,
    )

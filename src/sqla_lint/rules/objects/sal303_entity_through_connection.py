"""SAL303: entities asked of a Connection."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Kind, Report, Severity, calls, kinds, rule, statements_behind

_ASKED = frozenset({"scalars", "scalar", "stream_scalars"})
_READ = frozenset({"scalars", "scalar", "scalar_one", "scalar_one_or_none"})
_ONE = frozenset({"first", "one_or_none"})


@rule(
    "SAL303",
    "entity-through-connection",
    severity=Severity.ERROR,
    on=calls(receivers=[kinds.CONNECTION, kinds.RESULT]),
)
def entity_through_connection(call: Call) -> Iterator[Report]:
    """A Connection is asked for entities.

    ## What it does
    Reports `scalars()` and `scalar()` of a `select(Model)` that a Connection executes.

    ## Why is this bad?
    Only a Session makes entities. A Connection gives rows of columns, and `scalars()` the first
    column of each: the primary keys, on which any attribute raises AttributeError.

    ## Example
    ```python
    with engine.connect() as conn:
        users = conn.scalars(select(User)).all()
    ```

    ## Use instead
    ```python
    with Session(engine) as session:
        users = session.scalars(select(User)).all()
    ```

    ## Fix safety
    No fix: rows with names (`conn.execute(select(User)).all()`) may be enough.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Statements that select one mapped class, whose object is more than compared with None. Reading
    columns by name from the rows is fine.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": Selecting ORM Entities and Columns.
    """
    if call.on.name == kinds.CONNECTION and call.name in _ASKED:
        given = call.argument(0, "statement")
        asked = [given[1]] if given is not None else []
    elif call.name in _READ and call.on.name == kinds.RESULT:
        behind = statements_behind(call)
        if not all(ran_by.name == kinds.CONNECTION for _, ran_by in behind):
            return
        asked = [statement for statement, _ in behind]
    else:
        return
    if asked and all(_is_entity(kind) for kind in asked) and not _is_only_asked(call):
        model = asked[0].of[0].label.rpartition(":")[2]
        yield Report(
            call.at,
            f"a Connection makes no entities: `{call.name}()` gives the first column of `{model}`",
            help="ask a Session, or read columns from the rows",
        )


def _is_only_asked(call: Call) -> bool:
    """Whether there is one is all that is asked: a key answers that as well as an object."""
    places, asked = [call.op.dst], False
    for place in places:
        for op in call.function.readers.get(place, ()) if place is not None else ():
            taken = op.do == "call" and op.on == place and op.name in _ONE
            if (taken or op.do == "move") and op.dst is not None:
                if op.dst[0] != "%" and not call.function.is_own(op.dst):
                    return False
                places += [op.dst] if op.dst not in places else []
            elif op.do == "test" or (op.do == "compare" and op.name in ("is", "is not")):
                asked = True
            else:
                return False
    return asked


def _is_entity(kind: Kind) -> bool:
    return kind.name == kinds.SELECT and [one.name for one in kind.of] == [kinds.MAPPED_CLASS]

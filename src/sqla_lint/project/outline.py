"""What the operations of a function tell without any kinds: worked out once for all rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqla_lint.ir import Const, Function, Place
from sqla_lint.project.alternatives import Instead, alternatives
from sqla_lint.project.own_use import replaced
from sqla_lint.project.sayings import WORDS
from sqla_lint.project.uses import Placed, worth_a_look

# Methods that are hardly called on anything but sessions, connections and cursors.
DATABASE_CALLS = frozenset(
    [
        "execute",
        "scalar",
        "scalars",
        "commit",
        "rollback",
        "flush",
        "add_all",
        "begin_nested",
        "query",
        "expunge_all",
        "exec_driver_sql",
        "bulk_save_objects",
        "bulk_insert_mappings",
    ]
)

_TABLE = "Table"  # also what is called so with something before it

OF_NAME = " name"
_OF_CLASSES = frozenset({"__class__", "__name__", "__qualname__"})

_KEY = "SQLALCHEMY_"  # how the keys begin that Flask-SQLAlchemy reads


class Outline(NamedTuple):
    """One function."""

    crossing: frozenset[str]  # temporaries that are read in another block than makes them
    owners: frozenset[str]  # places whose attributes are assigned: `a.b` of `a.b.c = x`
    assigned: frozenset[str]  # every place that gets a value
    calls: tuple[Placed, ...]
    database_calls: tuple[Placed, ...]  # by the names of their methods
    # blocks that are only reached while a variable is missing, with these variables
    replaced: dict[int, frozenset[str]]
    instead: Instead  # see `project.alternatives`
    # where it is asked whether a variable is of a class: the block, the variable, the class
    asking: tuple[tuple[int, str, str], ...]
    telling: tuple[Placed, ...]  # calls that may tell what they are called on, or are handed
    words: frozenset[str]  # that the whole project is asked for
    # results of `type(x)` and `x.__class__`, with x; with `OF_NAME` behind, those of their names
    types: dict[Place, Place]
    sets_key: bool  # of the configuration that Flask-SQLAlchemy reads


def _asking(calls: Iterable[Placed]) -> Iterator[tuple[int, str, str]]:
    for number, _, op in calls:
        if op.name is None and op.on == "isinstance" and len(op.args) == len(("what", "of")):
            what, of = op.args[0].value, op.args[1].value
            if isinstance(what, str) and what[0] != "%" and isinstance(of, str):
                yield number, what, of


def outline(function: Function) -> Outline:
    """The outline of a function."""
    crossing: set[str] = set()
    assigned: set[str] = set()
    calls: list[Placed] = []
    words: set[str | None] = set()
    types: dict[Place, Place] = {}
    sets_key = False
    for number, block in enumerate(function.blocks):
        made: set[str] = set()
        for i, op in enumerate(block.ops):
            on, dst = op.on, op.dst
            if isinstance(on, str) and on[:1] == "%" and on not in made:
                crossing.add(on)
            for value, _, keyword, _ in op.args:
                if keyword is not None:
                    words.add(keyword)
                if isinstance(value, Const):
                    key = value.value
                    if isinstance(key, str):
                        words.add(key)
                        sets_key |= key.startswith(_KEY)
                    continue
                if value[:1] == "%" and value not in made:
                    crossing.add(value)
                if keyword is not None:
                    sets_key |= keyword.startswith(_KEY)
            if dst is not None:
                assigned.add(dst)
                if dst[0] == "%":
                    made.add(dst)
            words.add(op.name)
            if op.name in _OF_CLASSES and dst is not None and isinstance(on, str):
                if op.name == "__class__":
                    types[dst] = on
                elif on in types:
                    types[f"{dst}{OF_NAME}"] = types[on]
            if op.do == "call":
                calls.append((number, i, op))
                if on == "type" and op.name is None and len(op.args) == 1 and dst is not None:
                    types[dst] = str(op.args[0].value)
                if isinstance(on, str) and on[0] != "%":
                    last = on.rpartition(".")[2]
                    words.add(_TABLE if last.endswith(_TABLE) else last)
    return Outline(
        frozenset(crossing),
        frozenset([place.rpartition(".")[0] for place in assigned if "." in place]),
        frozenset(assigned),
        tuple(calls),
        tuple([one for one in calls if one[2].name in DATABASE_CALLS]),
        replaced(function),
        alternatives(function),
        tuple(_asking(calls)),
        worth_a_look(calls),
        frozenset(WORDS & words | WORDS & assigned),
        types,
        sets_key or any(place.startswith(_KEY) for place in assigned),
    )

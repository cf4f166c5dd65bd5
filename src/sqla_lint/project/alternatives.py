"""What is made on one way of a test where the other way takes what was tested.

``if isinstance(x, str): engine = create_engine(x)``, ``else: engine = x``: what `x` is when it is
no text is what is made of it otherwise. The same of ``if isinstance(x, str): x = create_engine(x)``
and, where the test is of its being there, ``session = given`` beside ``session = Session()``.
"""

from __future__ import annotations

from sqla_lint.ir import Block, Function, Op
from sqla_lint.ways import behind

# Calls whose first argument is asked what it is.
_ASKING = frozenset({"callable", "hasattr", "isinstance"})
# Functions of more blocks than this are not looked through for every test in them.
BLOCKS_LIMIT = 200

Instead = dict[int, dict[str, str]]


def asked(block: Block) -> dict[str, str]:
    """The results of calls in a block that ask what a variable is, with the variable."""
    found: dict[str, str] = {}
    for op in block.ops:
        if op.do == "call" and op.name is None and op.on in _ASKING and op.args:
            place = op.args[0].value
            if op.dst is not None and isinstance(place, str) and place.isidentifier():
                found[op.dst] = place
    return found


def alternatives(function: Function) -> Instead:
    """Blocks with the places that are made there, and what the other way takes for each."""
    blocks = function.blocks
    if len(blocks) > BLOCKS_LIMIT:
        return {}
    tests = [
        (number, block, place)
        for number, block in enumerate(blocks)
        if len(block.edges) == _WAYS and block.ops and block.ops[-1].do == "test"
        if (place := _tested(block)) is not None
    ]
    if not tests:  # most often
        return {}
    taken = {
        place
        for block in blocks
        for op in block.ops
        if op.do in _TAKING and (place := _taken(op)) is not None
    }
    found: Instead = {}
    for number, block, place in tests:
        by_call = place in asked(block).values()
        if place not in taken and not by_call:
            continue
        one, other = [
            behind(blocks, [edge.to], stop={number}, swallowed=True) for edge in block.edges
        ]
        for here, there in ((one - other, other - one), (other - one, one - other)):
            takes = {
                op.dst for at in there for op in blocks[at].ops if op.dst and _taken(op) == place
            }
            if by_call and not any(op.dst == place for at in there for op in blocks[at].ops):
                takes.add(place)
            for at in here:
                for op in blocks[at].ops:
                    if op.dst in takes and _taken(op) != place:
                        found.setdefault(at, {})[op.dst] = place
    return found


_WAYS = 2
_TAKING = frozenset({"move", "setattr"})


def _tested(block: Block) -> str | None:
    """The variable that the test at the end of a block is about."""
    places = {edge.test.place for edge in block.edges if edge.test is not None}
    if len(places) != 1:
        return None
    place = places.pop()
    return place if place.isidentifier() else asked(block).get(place)


def _taken(op: Op) -> str | None:
    """The variable that an operation binds to another place: ``x = y``, ``self.x = y``."""
    if op.do == "move":
        value = op.on
    elif op.do == "setattr" and op.args:
        value = op.args[0].value
    else:
        return None
    return value if isinstance(value, str) and value.isidentifier() else None

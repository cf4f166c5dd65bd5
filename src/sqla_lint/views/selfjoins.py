"""Joins of a table to itself under one name."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, dotted_label
from sqla_lint.views.function import Call
from sqla_lint.views.sql import reader, spot

_JOINS = frozenset({"join", "outerjoin"})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
# Calls that leave the FROM of a statement as it is.
_LEAVES = frozenset(
    {"where", "filter", "filter_by", "order_by", "limit", "offset", "options", "distinct"}
    | {"group_by", "having", "execution_options", "with_for_update", "yield_per"}
)
CHAIN = 24  # calls of one statement


def joined_to_itself(call: Call) -> str:
    """The model, table or alias that a `join()` joins to a statement that reads from it already,
    or along a relationship that leads back to it; "" for other joins."""
    if call.on.name not in _STATEMENTS or call.name not in _JOINS or not call.op.args:
        return ""
    target = spot(call, call.op.args[0], call.arg_kinds[0])
    if target is None or call.op.args[0].keyword or call.op.args[0].star:
        return ""
    if "relationship" in target.kind.traits:
        return _led_back(call, target) if len(call.op.args) == 1 else ""
    name = _name(target)
    return name if name and _has_already(call, name) else ""


def _name(one: Spot) -> str:
    """What a FROM is called: an alias by its variable, a class or table by its own name."""
    if one.kind.name == kinds.MAPPED_CLASS:
        if "alias" not in one.kind.traits:
            return one.kind.label.rpartition(":")[2]
        return one.operand if isinstance(one.operand, str) and one.operand.isidentifier() else ""
    if one.kind.name == kinds.TABLE and isinstance(one.operand, str):
        return one.operand if one.operand.isidentifier() else ""
    return ""


def _led_back(call: Call, target: Spot) -> str:
    """The class of a self-referential relationship that is read of the class itself."""
    source, _, attribute = target.kind.label.rpartition(".")
    frame = target.frame
    found = frame.graph.definitions(str(target.operand), target.at, lambda *_: False)
    if len(found.positions) != 1 or found.entry:
        return ""
    read = frame.op(found.positions[0])
    on = frame.on(found.positions[0]) if read.do == "getattr" else None
    if on is None or on.kind.name != kinds.MAPPED_CLASS or "alias" in on.kind.traits:
        return ""
    models = call.function.project.models
    model = models.of(on.kind.label)
    relation = models.relation(model, attribute) if model is not None else None
    leads_back = relation is not None and relation.target is not None and model is not None
    return source if leads_back and relation is not None and relation.target is model else ""


def _has_already(call: Call, name: str) -> bool:
    """Every way that leads to the call selects nothing but ``name``, or has joined it."""
    frame = reader(call.function.project).frames.of(call.function.label)
    position = call.function.position(call.op)
    there = frame.on(position) if frame is not None and position is not None else None
    for _ in range(CHAIN):
        makers = list(reader(call.function.project).origins.makers(there)) if there else []
        if len(makers) != 1:
            return False
        made = makers[0]
        op = made.frame.op(made.at)
        if op.do != "call" or op.on is None or any(arg.star for arg in op.args):
            return False
        on = made.frame.on(made.at)
        args = made.frame.args(made.at)
        if on.kind.name not in _STATEMENTS:
            return _selects_only(on, op, args, name)
        if op.name in _JOINS and args and _name(args[0]) == name:
            return True
        if op.name not in _LEAVES | _JOINS:
            return False
        there = on
    return False


def _selects_only(on: Spot, op: Op, args: list[Spot], name: str) -> bool:
    made_by = dotted_label(on.kind, op.name)
    starts = op.name == "query" or (
        on.kind.name == NAME and made_by.rpartition(".")[2] in ("select", "query")
    )
    return starts and bool(args) and all(_owner(one) == name for one in args)


def _owner(selected: Spot) -> str:
    """The FROM that something selected stands for; "" when it cannot be told."""
    if selected.kind.name != kinds.COLUMN_EXPR:
        return _name(selected)
    place = selected.operand if isinstance(selected.operand, str) else ""
    root, _, rest = place.partition(".")
    if "mapped" not in selected.kind.traits or not rest.isidentifier() or root[:1] == "%":
        return ""
    found = selected.frame.graph.definitions(place, selected.at, lambda *_: False)
    for at in found.positions:
        if selected.frame.op(at).do == "getattr":
            return _name(selected.frame.on(at))
    return ""

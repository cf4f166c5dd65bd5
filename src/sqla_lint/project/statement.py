"""What a statement or query surely is by now, in words (traits) that its kind carries along.

    limited       has a limit or offset
    ordered, joined, grouped, distinct    a Query with such a clause
    told          selects one comparison of a column with a value, of all rows
    no-from       selects only ``count(*)``, from nothing
    apart         selects from several models that nothing joins
    no-rows       writes, and returns nothing
    all-rows      updates or deletes, and no criterion says which rows
    unordered     has no ORDER BY
    paged         has an OFFSET
    eager         loads a collection by a join: its result needs ``unique()``
    eager-mapped  the same, because the mapping says so; an option may say otherwise
    eager if x, eager-mapped if x    the same, if the relationship x (``Post.comments``) is one
    buffered      loads something by a subquery, which needs all rows at once
    needs x       a `text()` in it has the parameter `x`, or a `bindparam("x")` is one, and nothing
                  has given it a value
Where ways meet, only what holds on all of them is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann
from sqla_lint.project.kind import Kind

EAGER = frozenset({"eager", "eager-mapped"})
IF = " if "  # foreign keys decide whether the relationship is a collection

SET_OPERATIONS = frozenset(
    {"union", "union_all", "except_", "except_all", "intersect", "intersect_all"}
)
ADDS_SELECTED = frozenset({"add_columns", "add_column", "add_entity"})
# After these the statement selects something else, or has become part of another one.
NEW_STATEMENT = (
    frozenset(
        {"with_only_columns", "with_entities", "from_statement", "from_self", "enable_assertions"}
        | {"with_transformation", "only_return_tuples"}
    )
    | SET_OPERATIONS
    | ADDS_SELECTED
)
_CLAUSES = {
    "limit": "limited",
    "offset": "limited",
    "slice": "limited",
    "order_by": "ordered",
    "join": "joined",
    "outerjoin": "joined",
    "group_by": "grouped",
    "distinct": "distinct",
    "with_for_update": "locked",
    "with_lockmode": "locked",  # 1.x
}
# After these a `filter_by()` of a select() means another entity.
_MOVES_CRITERIA = frozenset(
    {"join", "outerjoin", "join_from", "outerjoin_from", "select_from", "add_columns"}
)
_LASTING = frozenset({"limited", "ordered", "joined", "grouped", "distinct", "buffered", *EAGER})
_HARMLESS = frozenset(
    {"execution_options", "options", "params", "prefix_with", "populate_existing"}
)
# What leaves a trait as it is; any other member may end it.
_FILTERS = frozenset({"where", "filter", "filter_by"})
_WHOLE = ([kinds.MAPPED_CLASS], [kinds.TABLE])
WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_READS = frozenset({kinds.SELECT, kinds.QUERY})
_KEPT_BY: Mapping[str, frozenset[str]] = {
    "all-rows": _HARMLESS
    | {"values", "ordered_values", "returning", "order_by", "with_for_update"},
    "unordered": _HARMLESS
    | _FILTERS
    | {"limit", "offset", "slice", "join", "outerjoin", "with_for_update", "having", "group_by"},
    "no-from": _HARMLESS | {"limit", "offset", "distinct", "with_for_update"},
    "apart": _HARMLESS | {"limit", "offset", "distinct", "order_by"},
    "told": _HARMLESS | {"limit", "with_for_update"},
}

# Methods of a column that make a criterion, whose truth Python refuses to tell.
CRITERIA = frozenset(
    {"in_", "not_in", "notin_", "is_", "isnot", "is_not", "like", "ilike", "not_like", "not_ilike"}
    | {"between", "contains", "startswith", "endswith", "icontains", "istartswith", "iendswith"}
    | {"has", "any", "match", "regexp_match", "is_distinct_from", "is_not_distinct_from"}
    | {"notlike", "notilike"}
)

# What a `text()` becomes part of the statement by.
_TAKES_TEXT = _FILTERS | {"having", "order_by"}
_NEEDS = "needs "


def eager(traits: frozenset[str]) -> frozenset[str]:
    """Those of the traits that tell of collections loaded by a join."""
    return frozenset(trait for trait in traits if trait.partition(IF)[0] in EAGER)


def begun(kind: Kind, args: Sequence[Kind]) -> frozenset[str]:
    """The traits of a new statement."""
    found: set[str] = set()
    if kind.name in WRITES:
        found.add("no-rows")
    # in 1.x a criterion may follow the table
    if [arg.name for arg in args] in _WHOLE and kind.name in (
        kinds.UPDATE,
        kinds.DELETE,
        kinds.QUERY,
    ):
        found.add("all-rows")
    if kind.name in _READS:
        found.add("unordered")
        if len(args) == 1 and "row-count" in args[0].traits:
            found.add("no-from")
        if args and all("criterion" in arg.traits for arg in args):
            found.add("told")
        models = [_model(arg) for arg in args]
        if all(models) and len(set(models)) > 1:
            found.add("apart")
    return frozenset(found)


def counted(of: Kind, name: str) -> frozenset[str]:
    """The traits of ``func.count().name(...)``: a criterion of its own names a table."""
    return of.traits if name == "label" else of.traits - {"row-count"}


def _model(selected: Kind) -> str:
    """The class that a selected thing comes from; "" when that cannot be told."""
    if selected.name == kinds.MAPPED_CLASS:
        return selected.label.rpartition(":")[2]
    if selected.name == kinds.COLUMN_EXPR and "mapped" in selected.traits:
        return selected.label.rpartition(".")[0]
    return ""


def _selects_one(of: Kind) -> bool:
    """``select(Model)``: until it joins, a `filter_by()` means this class."""
    return of.name == kinds.SELECT and len(of.of) == 1 and bool(_model(of.of[0]))


def continued(of: Kind, name: str, args: Sequence[Kind]) -> frozenset[str]:
    """The traits that a statement keeps or gains by ``of.name(...)``."""
    traits = of.traits
    if name in NEW_STATEMENT:
        traits -= frozenset(f"{_NEEDS}{needed}" for needed in needs(of))
        traits -= eager(traits)
        return traits - _LASTING - frozenset(_KEPT_BY)  # keys() would make a set of it
    if name == "params":
        traits -= frozenset(f"{_NEEDS}{needed}" for needed in needs(of))
    elif name in _TAKES_TEXT:
        traits |= _needed(args)
    for trait, keepers in _KEPT_BY.items():
        if name not in keepers:
            traits -= {trait}
    if name in ("returning", "return_defaults"):
        traits -= {"no-rows"}
    undone = bool(args) and (
        args[0].name == kinds.NONE or (name == "offset" and args[0].label == "0")
    )
    if name in ("offset", "slice") and not undone:
        traits |= {"paged"}
    clause = _CLAUSES.get(name)
    if clause is not None and (of.name == kinds.QUERY or clause in ("limited", "locked")):
        known = bool(args) and all(arg.known for arg in args)
        if undone:
            traits -= frozenset({clause}) if name != "offset" else frozenset()
        elif (
            known
            or clause in ("limited", "joined", "locked")
            or (clause == "distinct" and not args)
        ):
            traits |= {clause}
    elif name in _MOVES_CRITERIA and _selects_one(of):
        traits |= {"joined"}
    if name == "options":
        traits -= {t for t in eager(traits) if t.startswith("eager-mapped")}
        for arg in args:
            if arg.name == kinds.LOADER_OPTION:
                traits |= eager(arg.traits)
        if any("buffered" in arg.traits for arg in args if arg.name == kinds.LOADER_OPTION):
            traits |= {"buffered"}
    return traits


def needs(of: Kind) -> tuple[str, ...]:
    """The parameters of texts in a statement that nothing has given a value yet."""
    return tuple(sorted(t.removeprefix(_NEEDS) for t in of.traits if t.startswith(_NEEDS)))


def _needed(args: Sequence[Kind]) -> frozenset[str]:
    found: set[str] = set()
    for arg in args:
        if arg.name == kinds.TEXT and "bound" not in arg.traits and sqltext.HOLE not in arg.label:
            quoted = sqltext.quoted_binds(arg.label)
            found.update(n for n in sqltext.bind_names(arg.label) if n not in quoted)
    return frozenset(f"{_NEEDS}{name}" for name in found)


_NO_VALUE = frozenset({"key", "type_", "expanding"})


def parameter(args: Sequence[Kind], words: Mapping[str, Kind]) -> frozenset[str]:
    """The traits of a ``bindparam("x")``: one that has no value of its own needs one."""
    named = (*args, words["key"]) if "key" in words else tuple(args)
    if len(named) != 1 or not words.keys() <= _NO_VALUE:
        return frozenset()
    name = (
        named[0].label if named[0].name == kinds.STR and sqltext.HOLE not in named[0].label else ""
    )
    return frozenset({f"{_NEEDS}{name}"}) if name else frozenset()


def needing(args: Sequence[Kind]) -> frozenset[str]:
    """Of the traits of some parts, those that tell of parameters without a value."""
    return frozenset([t for arg in args for t in arg.traits if t.startswith(_NEEDS)])


_BY_JOIN = frozenset({"joinedload", "contains_eager"})
_SAME_PATH = frozenset({"load_only", "defer", "undefer", "undefer_group", "with_expression"})


def loaded(name: str, args: Sequence[Kind]) -> frozenset[str]:
    """The traits of a new loader option: "path" while it has joined all the way, and "eager"."""
    if name == "subqueryload":
        return frozenset({"buffered"})
    if name not in _BY_JOIN:
        return frozenset()
    found = {"path"} | {"eager" for arg in args if "collection" in arg.traits}
    perhaps = {arg.label for arg in args if arg.traits & {"perhaps", "attribute"}}
    return frozenset(found | {f"eager{IF}{label}" for label in perhaps})


def loaded_further(of: Kind, name: str, args: Sequence[Kind]) -> frozenset[str]:
    """The traits of ``option.name(...)``."""
    if name in _SAME_PATH:
        return of.traits
    if "path" not in of.traits:
        kept = eager(of.traits) | of.traits & {"buffered"}
        return kept | (loaded(name, args) & {"buffered"})
    if name == "options":
        return of.traits.union(*(eager(arg.traits) for arg in args))
    return of.traits - {"path"} | loaded(name, args)


def related(words: Mapping[str, Kind]) -> frozenset[str]:
    """What the arguments of a `relationship()` say of the attribute.

    "plain" means: they leave it to the foreign keys whether it is a collection.
    """
    found: set[str] = set()
    lazy = words.get("lazy")
    if lazy is not None and lazy.label in ("joined", "False"):
        found.add("eager")
    if lazy is not None:
        found.add(f"lazy={lazy.label or '?'}")
    if lazy is not None and lazy.label in ("dynamic", "write_only"):
        return frozenset({"scalar", f"lazy={lazy.label}"})
    if "uselist" in words:
        found.add("collection" if words["uselist"].label == "True" else "scalar")
    elif "secondary" in words:
        found.add("collection")
    elif not words.keys() & {"primaryjoin", "foreign_keys", "remote_side", "collection_class"}:
        found.add("plain")
    return frozenset(found)


_COLLECTIONS = frozenset({"list", "List", "set", "Set", "dict", "Dict", "Sequence", "Collection"})


def annotated_relation(ann: Ann, traits: frozenset[str]) -> frozenset[str]:
    """The traits of a relationship that is annotated: ``Mapped[list["Post"]]``."""
    if ann.kind == "item" and ann.args[0].name.rpartition(".")[2] == "Mapped":
        return annotated_relation(ann.args[1], traits)
    of = ann.args[0].name if ann.kind == "item" else ann.name
    many = of.rpartition(".")[2] in _COLLECTIONS
    return traits - {"plain"} | {"collection" if many and "scalar" not in traits else "scalar"}

"""What loader options load: the paths that a statement carries to its entities.

A path is written with dots, from the entity on: ``addresses``, ``orders.items``. In `Kind.loaded`
    path     may be loaded: an option names it
    ?        anything may be loaded: some option is not known
    ?f>name  the same: the options that a parameter of a function is (see `project.handedoptions`)
    -path    the column surely is left out (`defer`)
    -p.*     all columns that no path names are (`load_only`); ``-*`` of the entity itself
    =M.name  a criterion may leave rows with one value of the attribute, or with few that are given;
             ``=name`` of one whose class is not said
Where ways meet, what may be loaded adds up, so that a rule which says "not loaded" is right on
every way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import LEFT_OUT, Kind

ANYTHING = "?"
FIXED = "="
_CRITERIA = frozenset({"where", "filter", "filter_by"})

# An option names at most this many steps; deeper paths are not followed (self-referential trees).
DEPTH_LIMIT = 6

# What these name no read loads later: `raiseload` makes it an error of its own, which is wanted.
_LOADING = frozenset(
    {"joinedload", "selectinload", "subqueryload", "immediateload", "contains_eager", "noload"}
    | {"eagerload", "raiseload"}
)
_LEADING = frozenset({"lazyload", "defaultload"})  # the path goes on, unloaded
_COLUMNS = frozenset({"load_only", "defer", "undefer"})
_OTHER = frozenset({"with_loader_criteria", "with_expression", "with_polymorphic"})


def option(name: str, args: Sequence[Kind], at: str = "") -> tuple[str, frozenset[str]]:
    """A loader option below the path ``at``: the path it leads to, and what it loads."""
    if name in _COLUMNS:
        return at, frozenset(_columns(name, args, at))
    if name in _OTHER:
        return at, frozenset()
    if name == "Load":
        return "", frozenset()
    if name not in _LOADING | _LEADING or not args:
        return at, frozenset({ANYTHING})
    path, found = at, set[str]()
    for arg in args:
        steps = _steps(arg)
        if not steps:
            return path, frozenset({ANYTHING})
        for step in steps:
            path = f"{path}.{step}" if path else step
            if name in _LOADING:
                found.add(path)
    if path.count(".") >= DEPTH_LIMIT:
        return path, frozenset({ANYTHING})
    return path, frozenset(found)


def with_heirs(loaded: frozenset[str]) -> frozenset[str]:
    """What a query loads after ``with_polymorphic(...)``: columns of heirs, nobody says whose."""
    return loaded | {ANYTHING}


def _columns(name: str, args: Sequence[Kind], at: str) -> Iterable[str]:
    prefix = f"{at}." if at else ""
    if name == "load_only":
        yield f"{LEFT_OUT}{prefix}*"
    for arg in args:
        steps = _steps(arg)
        if len(steps) != 1:
            yield ANYTHING
        elif name == "defer":
            yield f"{LEFT_OUT}{prefix}{steps[0]}"
        else:
            yield f"{prefix}{steps[0]}"


def _steps(arg: Kind) -> tuple[str, ...]:
    """The attribute that an argument of an option names; () when that cannot be told."""
    mapped = arg.name == kinds.COLUMN_EXPR and "mapped" in arg.traits
    if (mapped or "attribute" in arg.traits) and "." in arg.label:
        return (arg.label.rpartition(".")[2],)
    if arg.name == kinds.STR and arg.label and all(s.isidentifier() for s in arg.label.split(".")):
        return tuple(arg.label.split("."))
    return ()


def made(name: str, args: Sequence[Kind], kind: Kind) -> Kind:
    """A new loader option."""
    path, loaded = option(name, args)
    return kind._replace(label=path, loaded=loaded)


def further(of: Kind, name: str, args: Sequence[Kind]) -> Kind:
    """``option.name(...)``: the next step of its path."""
    if name == "options":
        prefix = f"{of.label}." if of.label else ""
        inner = frozenset(_below(prefix, path) for arg in args for path in arg.loaded)
        unknown = {ANYTHING} if any(arg.name != kinds.LOADER_OPTION for arg in args) else set()
        return of._replace(loaded=of.loaded | inner | unknown)
    path, loaded = option(name, args, of.label)
    return of._replace(label=path, loaded=of.loaded | loaded)


def _below(prefix: str, path: str) -> str:
    if path == ANYTHING or path.startswith(ANYTHING):
        return path
    if path.startswith(LEFT_OUT):
        return LEFT_OUT + prefix + path[len(LEFT_OUT) :]
    return prefix + path


def with_options(loaded: frozenset[str], args: Sequence[Kind], starred: bool) -> frozenset[str]:
    """What a statement loads after ``options(*args)``."""
    for arg in args:
        loaded |= arg.loaded if arg.name == kinds.LOADER_OPTION else {ANYTHING}
    return loaded | {ANYTHING} if starred else loaded


def may_be_loaded(loaded: frozenset[str], name: str) -> bool:
    """Some option may have loaded this relationship."""
    return is_open(loaded) or name in loaded


def is_open(loaded: frozenset[str]) -> bool:
    """Anything may be loaded."""
    return any(path.startswith(ANYTHING) for path in loaded)


def is_left_out(loaded: frozenset[str], name: str) -> bool:
    """Options surely left this column out."""
    if may_be_loaded(loaded, name):
        return False
    return f"{LEFT_OUT}{name}" in loaded or f"{LEFT_OUT}*" in loaded


def beyond(loaded: frozenset[str], name: str) -> frozenset[str]:
    """What is loaded of the objects behind a relationship."""
    found = {path for path in loaded if path.startswith(ANYTHING)}
    for path in loaded:
        mark = LEFT_OUT if path.startswith(LEFT_OUT) else ""
        first, dot, rest = path[len(mark) :].partition(".")
        if dot and first == name:
            found.add(mark + rest)
    return frozenset(found)


def fixed(column: Kind) -> frozenset[str]:
    """The mark of a criterion such as ``column == value``."""
    return frozenset({FIXED + column.label}) if "." in column.label else frozenset()


def are_plain(values: Sequence[Kind]) -> bool:
    """Numbers or strings that are handed over: as many rows may be wanted, of as many objects.
    What is read from objects, their keys, is of no known kind."""
    return bool(values) and all(
        bool(one.of) and all(of.name in (kinds.INT, kinds.STR) for of in one.of) for one in values
    )


def narrowed(
    loaded: frozenset[str], name: str, args: Sequence[Kind], words: Iterable[str]
) -> frozenset[str]:
    """The marks of a statement after ``where(*args)``, ``filter_by(**words)``."""
    if name == "with_parent":
        return loaded | {FIXED + ANYTHING}
    if name not in _CRITERIA:
        return loaded
    given = frozenset(FIXED + word for word in words) if name == "filter_by" else frozenset()
    return loaded | all_fixed(args) | given


def all_fixed(criteria: Sequence[Kind]) -> frozenset[str]:
    """The marks of criteria that must all hold."""
    return frozenset().union(*(one.loaded for one in criteria if one.name == kinds.COLUMN_EXPR))


def may_be_fixed(loaded: frozenset[str], model: str, names: Iterable[str]) -> bool:
    """All rows may have the same value of one of these attributes of a class, or one of a few."""
    wanted = {f"{model}.{name}" for name in names} | {*names, ANYTHING}
    return any(mark[len(FIXED) :] in wanted for mark in loaded if mark.startswith(FIXED))

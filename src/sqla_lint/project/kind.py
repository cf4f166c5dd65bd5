"""What an expression is: a kind of `catalog.kinds` with its elements, its owner and its traits."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Module


class Kind(NamedTuple):
    """The kind of an expression.

    name    a constant of `catalog.kinds`
    of      element kinds: what a SELECT selects, a RESULT yields, a coroutine or manager gives;
            the classes that a CLASS without a label may be; what a generic CLASS or INSTANCE
            is given for its type parameters
    label   a dotted name (NAME, MODULE), ``module:qualname`` (FUNCTION, CLASS, INSTANCE, ENTITY,
            MAPPED_CLASS), ``Model.attribute`` (COLUMN_EXPR), the ``module:variable`` of an ENGINE
            (and of the factories and sessions bound to it), the keys of a DICT, or the text of a
            STR or TEXT with `sqltext.HOLE` where it is not constant
    owner   who must end it: "local" (made in this function), "caller" (a parameter), "managed"
            (a context manager or dependency), "registry" (scoped or request-bound), "module",
            "attribute" (kept on an object); "" where nobody must or nobody knows
    traits  words that change behaviour: "autocommit", "expires" (commit does), "no-expire",
            "no-autoflush", "no-exec" (see `lacks`), "by-manager" (a transaction manager ends it),
            "begin" and "commits" (leaving commits), "lent by f" (see `lent_by`), "queried" and
            "by async" (an entity that a statement loaded, of an AsyncSession)
    loaded  what the loader options of a statement may have loaded with its entities, and surely
            left out (see `project.loading`); of the statement, its results and its entities
    """

    name: str
    is_async: bool = False
    of: tuple[Kind, ...] = ()
    label: str = ""
    owner: str = ""
    traits: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        return self.name != kinds.UNKNOWN


UNKNOWN = Kind(kinds.UNKNOWN)
NONE = Kind(kinds.NONE)

# Kinds of this layer: they describe Python rather than SQLAlchemy.
NAME = "NAME"  # a dotted name imported from outside the project
MODULE = kinds.MODULE
COLUMNS = "COLUMNS"  # Table.c and its like
QUERY_PROPERTY = (
    "QUERY_PROPERTY"  # `scoped_session.query_property()`: a Query of the class it is on
)
NAMESPACE = "NAMESPACE"  # `types.SimpleNamespace()`: `of` and `label` as of a DICT with keys
AWAITABLES = "AWAITABLES"  # the `awaitable_attrs` of an entity, which is what it is `of`
METHOD = "METHOD"  # the label as of a FUNCTION
# What tells of which class something is, as `isinstance(x, Session)` does: see `project.answering`
ANSWER = "ANSWER"
FOREIGN = "FOREIGN"  # made by a library that is not ours; the label says how: "flask.Flask()"

# What a call runs; of the project where the label says in which module it stands.
FUNCTIONS = frozenset({kinds.FUNCTION, METHOD})

# Libraries whose names decide kinds.
DATABASE_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy"})


def is_own_function(kind: Kind) -> bool:
    """A function or method of the project."""
    return kind.name in FUNCTIONS and ":" in kind.label


def class_name(label: str) -> str:
    """The name of a class, or of a function, as it is called in its module: ``User``."""
    return label.rpartition(":")[2].rpartition(".")[2]


def dotted_label(on: Kind, name: str | None) -> str:
    """The dotted name of an attribute of what a kind is of; of that itself, without a name."""
    return f"{on.label}.{name}" if name else on.label


def unread(module: Module, name: str) -> Kind:
    """Something of a module of the project that has not been read: unknown, but for where."""
    return Kind(kinds.UNKNOWN, label=f"{module.name}:{name}")


# What calling something of a module gives that has not been read.
CALLED = frozenset({"called"})


OWNED = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.RAW_CONNECTION})


# What a value may have is enough to say nothing: a text that some way gives values.
_ON_ONE_WAY = frozenset({"bound"})


def join(a: Kind, b: Kind) -> Kind:
    """The kind of a place that is ``a`` on one way here and ``b`` on another.

    None beside a kind is that kind: what may be None is asked of the flow, not of the kind.
    """
    if a == b:
        return a
    if a.name == kinds.NONE:
        return b
    if b.name == kinds.NONE:
        return a
    if kinds.CONTEXT_MANAGER in (a.name, b.name) and a.name != b.name:
        return _entered(a, b)
    if a.is_async != b.is_async:
        return _by_use(a, b)
    if ANSWER in (a.name, b.name):
        return _answered(a, b)
    if EMPTY in a.traits or EMPTY in b.traits:
        one, other = (a, b) if EMPTY in a.traits else (b, a)
        if other.name in _AS_FILLED.get(one.name, ()):
            return other
    if a.name == b.name == kinds.DICT and a.label != b.label:
        return _same_keys(a, b)
    name = a.name if a.name == b.name else _COMMON.get(frozenset((a.name, b.name)))
    if name is None:
        return UNKNOWN
    if name == NAME:
        return _same_name(a, b)
    if name == kinds.CLASS and a.label != b.label:
        found = {one for kind in (a, b) for one in ((kind,) if kind.label else kind.of)}
        some = tuple(sorted(found, key=lambda kind: kind.label))
        return Kind(name, of=some) if len(some) <= _CLASSES_LIMIT else UNKNOWN
    return Kind(
        name,
        a.is_async,
        tuple(map(join, a.of, b.of)) if len(a.of) == len(b.of) else (),
        a.label if a.label == b.label else "",
        a.owner if a.owner == b.owner else "",
        (a.traits & b.traits) | ((a.traits | b.traits) & _ON_ONE_WAY),
        meet(a.loaded, b.loaded),
    )


# What is said of what is asked about, and by which value of the answer: traits of an ANSWER.
TRUE_IS, TRUE_NOT = "true: is", "true: is not"
FALSE_IS, FALSE_NOT = "false: is", "false: is not"
TRUTH = frozenset({TRUE_IS, TRUE_NOT})
FALSITY = frozenset({FALSE_IS, FALSE_NOT})


def _answered(a: Kind, b: Kind) -> Kind:
    """One of two answers to one question, or an answer and a constant: which is the value that the
    answer tells nothing by."""
    if a.name == b.name:
        same = a.label == b.label
        of = a.of + tuple([one for one in b.of if one not in a.of])
        return a._replace(of=of, traits=a.traits & b.traits) if same else Kind(kinds.BOOL)
    answer, other = (a, b) if a.name == ANSWER else (b, a)
    if other.name != kinds.BOOL:
        return UNKNOWN
    tells = {"False": TRUTH, "True": FALSITY}.get(other.label, frozenset[str]())
    return answer._replace(traits=answer.traits & tells)


def _entered(a: Kind, b: Kind) -> Kind:
    """What is entered is a session or lends one: ``Session() if own else nullcontext(session)``."""
    manager, other = (a, b) if a.name == kinds.CONTEXT_MANAGER else (b, a)
    if other.name not in (kinds.SESSION, kinds.CONNECTION) or not manager.of:
        return UNKNOWN
    lent = manager.of[0]
    held = join(other, lent) if lent.known else other._replace(owner="managed")
    return Kind(kinds.CONTEXT_MANAGER, other.is_async, of=(held,)) if held.known else UNKNOWN


# Traits of containers: nothing is in it yet, and all that is in it was seen to be put there.
EMPTY = "empty"
FILLED = "filled"
# Between the keys of a dictionary that has something else under each: see `project.keyed`.
KEYS = "\x1f"


def entries(of: Kind) -> dict[str, Kind]:
    """What a dictionary has under each key, where its keys are told apart."""
    return dict(zip(of.label.split(KEYS), of.of, strict=False)) if of.label else {}


def _same_keys(a: Kind, b: Kind) -> Kind:
    """A dictionary that is filled in two places, or is one of two."""
    one, other = entries(a), entries(b)
    grows = FILLED in a.traits and FILLED in b.traits
    if not one or not other:
        return Kind(kinds.DICT, traits=a.traits & b.traits - {FILLED})
    found = {key: join(one[key], other[key]) for key in one if key in other}
    if grows:
        found = one | other | found
    if not found:
        return Kind(kinds.DICT)
    label = "".join([key + KEYS for key in found])
    return Kind(kinds.DICT, of=tuple(found.values()), label=label, traits=a.traits & b.traits)


# What a container that begins empty is when it is filled.
_AS_FILLED = {
    kinds.DICT: frozenset({kinds.DICT}),
    kinds.LIST: frozenset({kinds.LIST, kinds.COLLECTION}),
    kinds.SET: frozenset({kinds.SET}),
    kinds.TUPLE: frozenset({kinds.TUPLE, kinds.LIST, kinds.COLLECTION}),
}

# What may be one of more classes than these is unknown.
_CLASSES_LIMIT = 4

# One of a pair of twins: `sessionmaker | async_sessionmaker`. `of` holds the plain one and the
# asyncio one; which it is tells the use, ``with`` or ``async with``. Rules do not see it.
EITHER = "EITHER"
_TWINS = frozenset({kinds.CONNECTION, kinds.ENGINE, kinds.SESSION, kinds.SESSION_FACTORY})


def _by_use(a: Kind, b: Kind) -> Kind:
    if EITHER in (a.name, b.name):
        pair, one = (a, b) if a.name == EITHER else (b, a)
        return pair if any(k.name == one.name for k in pair.of) else UNKNOWN
    if a.name == b.name and a.name in _TWINS:
        return Kind(EITHER, True, of=(b, a) if a.is_async else (a, b))
    return UNKNOWN


# `Session | scoped_session[Session]`: a registry has every method of its session.
_COMMON: dict[frozenset[str], str] = {
    frozenset((kinds.SESSION, kinds.SCOPED_SESSION)): kinds.SESSION
}


def _same_name(a: Kind, b: Kind) -> Kind:
    """A name that different versions of a library have in different places:
    ``try: from sqlalchemy.orm import X``, ``except ImportError: from sqlalchemy.ext.y import X``.
    """
    one, other = a.label, b.label
    roots = {one.split(".")[0], other.split(".")[0]}
    alike = len(roots) == 1 or roots == {"sqlalchemy", "sqlmodel"}  # which has all of the other
    if alike and one.rpartition(".")[2] == other.rpartition(".")[2]:
        return Kind(NAME, label=min(one, other, key=lambda name: (len(name), name)))
    return UNKNOWN


# Between the functions that a name may stand for: which one is decided when the module is loaded.
OR = "|"


def imported(a: Kind, b: Kind) -> Kind:
    """What a global of a module is that a library gives on one way and a stand-in on the other:
    ``if TYPE_CHECKING: import sqlalchemy``, ``else: sqlalchemy = Lazy("sqlalchemy")``.
    """
    given = [k for k in (a, b) if k.name == NAME and k.label.split(".")[0] in DATABASE_LIBRARIES]
    if a.name == b.name == kinds.FUNCTION and a.label and b.label and a != b:
        labels = sorted({*a.label.split(OR), *b.label.split(OR)})
        return (
            Kind(kinds.FUNCTION, label=OR.join(labels))
            if len(labels) <= _CLASSES_LIMIT
            else UNKNOWN
        )
    return given[0] if len(given) == 1 else join(a, b)


_IS = "is "


def is_a(label: str) -> str:
    """The trait of an object of a project class that stands on a class of SQLAlchemy's."""
    return _IS + label


def own_class(kind: Kind) -> str | None:
    """The project class of an object that is a SESSION, FLASK_DB and so on by its base."""
    for trait in kind.traits:
        if trait.startswith(_IS):
            return trait[len(_IS) :]
    return None


# Marks in `Kind.loaded`: what is surely not there; without a mark a path may be there.
LEFT_OUT = "-"


def meet(a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
    """What may be loaded on one way or the other, and what is left out on both."""
    if a == b:
        return a
    return (a & b) | {path for path in a ^ b if not path.startswith(LEFT_OUT)}


# Traits of sessions and their factories: commit expires what was loaded, or surely does not.
EXPIRY = frozenset({"expires", "no-expire"})
# Only flush and commit send what was added.
NO_AUTOFLUSH = "no-autoflush"
# A session of SQLAlchemy's own class, whatever it is annotated as: `exec()` is SQLModel's alone.
NO_EXEC = "no-exec"


def lacks(kind: Kind, name: str | None) -> bool:
    """A session is known not to have what it is asked for: that raises AttributeError."""
    return name == "exec" and NO_EXEC in kind.traits


# Traits of results, rows and entities: what has loaded them.
LOADED_BY = frozenset({"by session", "by async"})
RELATED = "related"  # of what a relationship gave
MADE_BY = "made by "  # and the ``module:variable`` of the factory

_LENT_BY = "lent by "


def lent_by(label: str) -> str:
    """The trait of what a generator of the project lends: a context manager, a dependency."""
    return _LENT_BY + label


def lenders(kind: Kind) -> tuple[str, ...]:
    """The functions that lend an object, by label."""
    return tuple(t[len(_LENT_BY) :] for t in sorted(kind.traits) if t.startswith(_LENT_BY))

"""From an annotation to the kind of what it annotates."""

from __future__ import annotations

from collections.abc import Callable

from sqla_lint.catalog import frameworks, kinds
from sqla_lint.catalog.queues import QUEUES
from sqla_lint.ir import Ann
from sqla_lint.project.kind import FOREIGN, NAME, OWNED, UNKNOWN, Kind, join, lent_by

ALIAS = "ALIAS"  # the value of `Name = Annotated[X, ...]`; of[0] is the kind of an X

_OPTIONAL = frozenset({"Optional", "Final", "ClassVar", "Required", "NotRequired", "InitVar"})
_COLLECTIONS = frozenset(
    {"list", "List", "Sequence", "Iterable", "set", "Set", "frozenset", "Collection", "tuple"}
    | {"Tuple", "Iterator", "AsyncIterator", "deque"}
)
_TUPLES = frozenset({"tuple", "Tuple"})
_MAPPINGS = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
    | {"WeakKeyDictionary", "WeakValueDictionary"}
)
_ASYNC_MANAGERS = frozenset({"AsyncContextManager", "AbstractAsyncContextManager"})
_MANAGERS = _ASYNC_MANAGERS | {"ContextManager", "AbstractContextManager"}
_GENERATORS = frozenset({"Generator", "AsyncGenerator"})
_VALUES = {
    "str": kinds.STR,
    "int": kinds.INT,
    "bool": kinds.BOOL,
    "float": kinds.FLOAT,
    "bytes": kinds.BYTES,
    "dict": kinds.DICT,
    "Dict": kinds.DICT,
    "Mapping": kinds.DICT,
    "None": kinds.NONE,
    "UUID": kinds.INT,  # no SQL text can hide in one, as in a number
}

# `typing.Self`: whoever asks knows which class is meant (see `variables`).
_SELVES = frozenset({"Self", "typing.Self", "t.Self", "typing_extensions.Self"})
_SELF = Kind(kinds.UNKNOWN, traits=frozenset({"variable Self"}))

Resolve = Callable[[str], Kind]  # a dotted name, as written, to its kind
InstanceOf = Callable[[Kind], Kind]  # a class to the kind of its instances


def annotated(ann: Ann, resolve: Resolve, instance_of: InstanceOf) -> Kind:
    """The kind of a value annotated with ``ann``; UNKNOWN when the annotation does not tell.

    A value whose annotation names a dependency (``Annotated[Session, Depends(get_db)]``) is owned
    by the framework: "managed".
    """
    if ann.kind == "name":
        if ann.name in _SELVES:
            return _SELF
        plain = _VALUES.get(ann.name.rpartition(".")[2])
        if plain is not None:
            return Kind(plain)
        return instance_of(resolve(ann.name))
    if ann.kind == "union":
        return _union(ann.args, resolve, instance_of)
    if ann.kind != "item":
        return UNKNOWN
    head, *rest = ann.args
    last = head.name.rpartition(".")[2]
    if not rest:
        return UNKNOWN
    if last in _OPTIONAL:
        return annotated(rest[0], resolve, instance_of)
    if last == "Union":
        return _union(tuple(rest), resolve, instance_of)
    if last == "Annotated":
        kind = annotated(rest[0], resolve, instance_of)
        for ann in rest[1:] if kind.known else ():
            if (
                ann.kind == "call"
                and ann.args[0].name.rpartition(".")[2] in frameworks.DEPENDENCIES
            ):
                given_by = [a for a in ann.args[1:2] if a.kind == "name"]  # not a lambda
                lender = resolve(given_by[0].name) if given_by else UNKNOWN
                given = {lent_by(lender.label)} if lender.name == kinds.FUNCTION else set()
                kind = kind._replace(owner="managed", traits=kind.traits | given)
        return kind
    if last in _TUPLES and _is_of_its_own_length(rest):
        return Kind(kinds.TUPLE, of=tuple([annotated(one, resolve, instance_of) for one in rest]))
    if last in _COLLECTIONS:
        return Kind(kinds.COLLECTION, of=(annotated(rest[0], resolve, instance_of),))
    if last in _MAPPINGS and len(rest) > 1:
        value = annotated(rest[1], resolve, instance_of)
        return Kind(kinds.DICT, of=(value,) if value.known else ())
    if last in _GENERATORS:
        return Kind(
            kinds.GENERATOR,
            is_async=last == "AsyncGenerator",
            of=(annotated(rest[0], resolve, instance_of),),
        )
    if last in _MANAGERS:
        held = annotated(rest[0], resolve, instance_of)
        return Kind(kinds.CONTEXT_MANAGER, last in _ASYNC_MANAGERS, of=(_lent(held),))
    if last in ("Callable", "Awaitable", "Coroutine"):
        result = annotated(rest[-1], resolve, instance_of)
        if not result.known:
            return UNKNOWN
        return Kind(kinds.FUNCTION if last == "Callable" else kinds.COROUTINE, of=(result,))
    if last in ("type", "Type"):
        return resolve(rest[0].name) if rest[0].kind == "name" else UNKNOWN
    if last == "ContextVar":
        inner = annotated(rest[0], resolve, instance_of)
        held = inner._replace(owner="attribute") if inner.name in OWNED else inner
        return Kind(FOREIGN, label="contextvars.ContextVar()", of=(held,)) if held.known else held
    if last in ("Mapped", "DynamicMapped", "WriteOnlyMapped"):
        return Kind(kinds.COLUMN_EXPR)
    if last in _VALUES:
        return Kind(_VALUES[last])
    base = resolve(head.name) if head.kind == "name" else UNKNOWN
    if base.name == kinds.CLASS and base.label:
        arguments = tuple([resolve(one.name) if one.kind == "name" else UNKNOWN for one in rest])
        return instance_of(base._replace(of=arguments))
    if base.name == NAME and f"{base.label}()" in QUEUES:
        held = annotated(rest[0], resolve, instance_of)
        return Kind(FOREIGN, label=f"{base.label}()", of=(held,) if held.known else ())
    if base.name == NAME and base.label in frameworks.ASIDE:
        return annotated(rest[0], resolve, instance_of)
    if base.name == NAME and base.label in frameworks.GENERIC:
        own = tuple([annotated(one, resolve, instance_of) for one in rest])
        return Kind(FOREIGN, label=f"{base.label}()", of=own)
    if base.name == NAME or base.name == kinds.CLASS:
        return instance_of(base)
    return UNKNOWN


def _is_of_its_own_length(parts: list[Ann]) -> bool:
    """``tuple[Engine, Session]``, and not ``tuple[User, ...]``."""
    return all(part.kind in ("name", "item", "union") for part in parts)


def _lent(kind: Kind) -> Kind:
    return kind._replace(owner="managed") if kind.name in OWNED else kind


def parts_of(ann: Ann) -> tuple[Ann, ...]:
    """What an annotation allows: the parts of a union, or itself."""
    if ann.kind == "union":
        return tuple([part for one in ann.args for part in parts_of(one)])
    if ann.kind == "item" and ann.args[0].name.rpartition(".")[2] in ("Optional", "Union"):
        return tuple([part for one in ann.args[1:] for part in parts_of(one)])
    return (ann,)


def _union(parts: tuple[Ann, ...], resolve: Resolve, instance_of: InstanceOf) -> Kind:
    found: Kind | None = None
    for part in parts:
        kind = annotated(part, resolve, instance_of)
        found = kind if found is None else join(found, kind)
    return found or UNKNOWN

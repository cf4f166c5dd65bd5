"""Methods of SQLAlchemy's classes that others of the class are made of.

Who overrides one decides what the others give. Names are those of all supported versions; a name
that a version lacks is nobody's there, and is then no hook but a method of the project's.
Source: the methods' own bodies, in 1.4, 2.0 and 2.1.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds

_EXECUTES = frozenset({"exec_driver_sql", "execute", "scalar", "scalars", "stream"})
_LOADS = frozenset({"get", "get_one"})
_BY_CONTEXT = (
    "_exec_driver_sql",
    "_exec_insertmany_context",
    "_exec_single_context",
    "_execute_20",
    "_execute_clauseelement",
    "_execute_compiled",
    "_execute_context",
    "_execute_ddl",
    "_execute_default",
    "_execute_function",
)

# kind → the methods that may be overridden, with the members that are made of them
HOOKS: dict[str, dict[str, frozenset[str]]] = {
    kinds.CONNECTION: {
        **dict.fromkeys(_BY_CONTEXT, _EXECUTES),
        "execute": frozenset({"scalar", "scalars"}),
        "stream": frozenset({"stream_scalars"}),
    },
    kinds.ENGINE: {"connect": frozenset({"begin", "execute", "scalar"})},
    kinds.SESSION: {
        "_connection_for_bind": frozenset({"connection"}),
        "_execute_internal": _EXECUTES,
        "_get_impl": _LOADS,
        "execute": frozenset({"scalar", "scalars"}),
        "get": frozenset({"get_one"}),
        "stream": frozenset({"stream_scalars"}),
    },
}
# Attributes that name the class of what a member gives: kind → member → attribute
CLASSES: dict[str, dict[str, str]] = {
    kinds.ENGINE: {"begin": "_connection_cls", "connect": "_connection_cls"},
}


def decided_by(
    kind: str, member: str, *, is_async: bool, version: tuple[int, int]
) -> tuple[str, ...]:
    """The methods that decide what a member of a kind gives."""
    found = [hook for hook, members in HOOKS.get(kind, {}).items() if member in members]
    if kind == kinds.SESSION and not is_async and version >= (2, 0) and "execute" in found:
        found.remove("execute")  # since 2.0 they share what is below it
    return tuple([hook for hook in found if hook != member])

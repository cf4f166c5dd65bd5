"""What a web framework hands to the constructor of a class that a program registers with it.

``View.as_view("name", session)``, flask-restful's ``add_resource(User, "/user",
resource_class_kwargs={...})`` and the third element of a handler of Tornado's, which its
`initialize` gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.kind import Kind, entries
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.passed import Given, Key

_AS_VIEW = "as_view"
_ADD = "add_resource"
_HANDLERS = frozenset({"Application", "__init__", "add_handlers", "url"})
_HANDLER = ("pattern", "class", "arguments")


def registered(
    knowledge: Knowledge, op: Op, on: Kind, args: Sequence[Kind]
) -> Iterator[tuple[Key, Given]]:
    """The parameters that are given a value by a framework, with it."""
    name = op.name or str(op.on).rpartition(".")[2]
    if name == _AS_VIEW and on.name == kinds.CLASS:
        by_name = {
            arg.keyword: kind for arg, kind in zip(op.args, args, strict=True) if arg.keyword
        }
        plain = [
            kind
            for arg, kind in zip(op.args, args, strict=True)
            if not arg.keyword and not arg.star
        ]
        yield from _given(knowledge, on, "__init__", plain[1:], by_name)
    elif name == _ADD and args and args[0].name == kinds.CLASS:
        words = {arg.keyword: kind for arg, kind in zip(op.args, args, strict=True) if arg.keyword}
        some, more = words.get("resource_class_args"), words.get("resource_class_kwargs")
        by_name = entries(more) if more is not None and more.name == kinds.DICT else {}
        plain = list(some.of) if some is not None and some.name == kinds.TUPLE else []
        yield from _given(knowledge, args[0], "__init__", plain, by_name)
    elif name in _HANDLERS:
        handlers = [one for kind in args if kind.name == kinds.LIST for one in kind.of]
        if name == "url" and len(args) == len(_HANDLER):
            handlers = [Kind(kinds.TUPLE, of=tuple(args))]
        for one in handlers:
            if one.name == kinds.TUPLE and len(one.of) == len(_HANDLER):
                _, handler, given = one.of
                if handler.name == kinds.CLASS and given.name == kinds.DICT:
                    yield from _given(knowledge, handler, "initialize", [], entries(given))


def _given(
    knowledge: Knowledge,
    of: Kind,
    method: str,
    plain: Sequence[Kind],
    by_name: Mapping[str, Kind],
) -> Iterator[tuple[Key, Given]]:
    label = knowledge.ask("method", of.label, method)
    entry = knowledge.functions.get(label) if label is not None else None
    if label is None or entry is None:
        return
    params = [param.name for param in entry[1].params if param.kind in ("normal", "positional")]
    for name, kind in zip(params[1:], plain, strict=False):
        yield (label, name), Given(frozenset({kind}))
    for name, kind in by_name.items():
        if name in params:
            yield (label, name), Given(frozenset({kind}))

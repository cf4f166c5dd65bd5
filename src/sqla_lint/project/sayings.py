"""Which functions say a word that the whole project is asked for: found while they are inferred, so
that nobody goes through all operations, or unpacks all bodies, for one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.ir import Function, Module, Op

# As the name of an operation, of what is called, of a keyword or a variable, or as a text.
WORDS = frozenset(
    [
        "NullPool",
        "Table",
        "__enter__",
        "as_mutable",
        "associate_with",
        "autoflush",
        "changed",
        "create_all",
        "dispose",
        "enter_context",
        "flag_dirty",
        "flag_modified",
        "get_context",
        "initializer",
        "isolation_level",
        "listen",
        "listens_for",
        "map_imperatively",
        "mapper",
        "push",
        "reflect",
        "register",
        "rollback",
        "set_start_method",
        "setattr",
        "transaction_isolation",
        "type_annotation_map",
    ]
)


class Sayings:
    """The functions of a project by the words they say."""

    def __init__(self) -> None:
        self._labels: dict[str, set[str]] = {}

    def note(self, label: str, words: Iterable[str]) -> None:
        """A function says these; one that is read anew may have said others."""
        for word in words:
            self._labels.setdefault(word, set()).add(label)

    def where(self, modules: Iterable[Module], *words: str) -> Iterator[tuple[Module, Function]]:
        """The functions that may say one of these words, in the order of modules."""
        assert WORDS.issuperset(words)
        found: dict[str, set[str]] = {}
        for word in words:
            for label in self._labels.get(word, ()):
                name, _, qualname = label.partition(":")
                found.setdefault(name, set()).add(qualname)
        for module in modules:
            own = found.get(module.name, ())
            if own:
                for qualname, function in module.functions.items():
                    if qualname in own:
                        yield module, function

    def operations(self, modules: Iterable[Module], *words: str) -> Iterator[Op]:
        """All operations of these functions."""
        for _, function in self.where(modules, *words):
            for block in function.blocks:
                yield from block.ops

"""What a rule about suppression comments looks at: a file's comments, and what they silenced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqla_lint.finding import Span
from sqla_lint.suppress import Directive, Suppressions


@dataclass(frozen=True, slots=True)
class Comments:
    """The suppression comments of a file after its findings were looked for.

    known     why a code, prefix or name names no rule; None when it does
    asked     whether every rule that it names was asked in this run
    """

    source: str
    quiet: Suppressions
    known: Callable[[str], str | None]
    asked: Callable[[str], bool]
    reasons: bool  # whether each comment must say why

    def unused(self) -> Iterator[tuple[Directive, tuple[str, ...]]]:
        """Comments with those of their selectors that silenced nothing, though all that they name
        was asked. A bare ``# noqa`` may be meant for any other tool."""
        for directive in self.quiet.directives:
            if not directive.selectors:
                if directive.kind != "noqa" and directive not in self.quiet.used:
                    yield directive, ()
                continue
            idle = tuple(
                selector
                for selector in self.ours(directive)
                if (directive, selector) not in self.quiet.hits
                and self.known(selector) is None
                and self.asked(selector)
            )
            if idle:
                yield directive, idle

    def ours(self, directive: Directive) -> tuple[str, ...]:
        """The selectors that are meant for this linter."""
        if directive.kind != "noqa":
            return directive.selectors
        return tuple(selector for selector in directive.selectors if selector.startswith("SAL"))

    def place(self, line: int) -> Span:
        """Where the comment on a line stands."""
        return self.quiet.places.get(line) or Span(line, 1, line, 2)

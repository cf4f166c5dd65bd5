"""Functions that a call hands to what a decorator would put on them: ``app.command("show")(show)``.

What is then to be said of the function is what the decorator says: see `project.entry`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqla_lint.project.kind import Kind, is_own_function

# Classes of which an object is a command, and the keyword of the function that it calls.
# Source: Click documentation, "Commands and Groups".
_CALLED_BACK = {
    f"click.{module}{name}": "callback"
    for module in ("", "core.")
    for name in ("BaseCommand", "Command", "Group")
}
# Fields of a GraphQL type that a function elsewhere resolves.
# Source: Strawberry documentation, "Resolvers".
_CALLED_BACK |= {
    f"strawberry.{module}{name}": "resolver"
    for module in ("", "federation.")
    for name in ("field", "mutation")
}


def announced(label: str, args: Sequence[Kind], words: Mapping[str, Kind]) -> Iterator[str]:
    """The functions of the project, by label, that a call of a library is handed to make something
    of."""
    called_back = words.get(_CALLED_BACK.get(label, ""))
    for kind in (*args[:1], *((called_back,) if called_back is not None else ())):
        if is_own_function(kind):
            yield kind.label

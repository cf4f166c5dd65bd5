"""What a rule says: a finding, the path that shows it, and the rewrite that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.ir import Ref


class Span(NamedTuple):
    """A stretch of source. Lines and columns count from 1; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Severity(str, Enum):
    """How much it hurts when the finding is true."""

    ERROR = "error"  # raises, loses data, leaks
    WARNING = "warning"  # hurts under load, on failure or on another database
    ADVICE = "advice"  # works; there is a better way


class Confidence(IntEnum):
    """Which operations had to raise for the finding to hold (design: confidence tiers)."""

    PLAIN = 1  # none: a path without any exception
    RESOURCE = 2  # an operation on the resource itself
    ANY_CALL = 3  # some other call
    GUESSED = 4  # the kind of the object is a guess; never shown


class Applicability(str, Enum):
    """How far a rewrite may be trusted.

    SAFE removes exactly the documented harm, and every run that did not meet the harm behaves as
    before. UNSAFE needs a human look. DISPLAY is a suggestion that cannot be applied.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Step(NamedTuple):
    """One stop on the path to a finding, in the user's words."""

    message: str
    at: Ref
    path: str = ""  # the file, when it is another one
    span: Span | None = None


# --- rewrites: data, turned into text edits by `fix` -------------------------------------------
#
# A template is the new source, with `{0}`, `{1}` … for the source of `refs[i]`, `{0:primary}` for
# the same in parentheses unless it is an atom, attribute, call or subscript, and `{name}` for what
# an `Import` edit of the same rewrite bound ("text", or "sa.text" where that is how the file says
# it). A statement is named by the ref of any node inside it.


class Replace(NamedTuple):
    """Replace the node ``at`` by the template."""

    at: Ref
    template: str
    refs: tuple[Ref, ...] = ()


class Rename(NamedTuple):
    """Replace the attribute name of the attribute or call ``at``: ``x.old()`` → ``x.new()``."""

    at: Ref
    name: str


class Insert(NamedTuple):
    """Put a statement before or after the statement of ``at``, at the start or end of the body of
    the compound statement or clause ``at``, or at the end of the `try` whose clause is ``at``."""

    at: Ref
    where: Literal["before", "after", "body-start", "body-end", "try-end"]
    template: str
    refs: tuple[Ref, ...] = ()


class Delete(NamedTuple):
    """Delete the statement of ``at`` (``pass`` takes its place if it was alone); comments stay."""

    at: Ref


class Enclose(NamedTuple):
    """Put the statements after the statement of ``first``, up to the last sibling that contains one
    of ``uses``, into a block with the header ``template``, which takes the place of that statement.
    Statements of ``drop`` inside go. Refused when a use lies outside the suite of ``first``.
    With ``keep_first`` the statement of ``first`` stays, as the first of the block."""

    first: Ref
    uses: tuple[Ref, ...]
    template: str
    refs: tuple[Ref, ...] = ()
    drop: tuple[Ref, ...] = ()
    keep_first: bool = False
    footer: str = ""  # lines after the block, at its indentation: "except Exception:\n    ..."


class Drop(NamedTuple):
    """Take the argument with the value ``at`` out of its call, with its comma."""

    at: Ref


class Unbracket(NamedTuple):
    """Take the brackets off the list or tuple ``at``, an argument: ``f([a, b])`` → ``f(a, b)``."""

    at: Ref


class Respell(NamedTuple):
    """Replace ``old`` by ``new`` in the only string literal, of those in the node ``at`` or in its
    statement, in which it stands."""

    at: Ref
    old: str
    new: str


class Import(NamedTuple):
    """Make ``from module import name`` available, once; binds ``{name}`` for the templates."""

    module: str
    name: str


Edit: TypeAlias = Replace | Rename | Insert | Delete | Enclose | Drop | Unbracket | Respell | Import


class Rewrite(NamedTuple):
    """A fix: all edits or none."""

    message: str  # what it does: "wrap the string in text()"
    applicability: Applicability
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect. ``at`` is a ref until `run` has located it; then ``span`` is set."""

    code: str
    name: str
    message: str
    path: str
    at: Ref
    severity: Severity = Severity.WARNING
    confidence: Confidence = Confidence.PLAIN
    function: str = ""  # qualname, for baselines and explanations
    help: str = ""  # what to write instead
    steps: tuple[Step, ...] = ()
    rewrite: Rewrite | None = None
    span: Span | None = None

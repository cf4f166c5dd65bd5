"""Loader options that a function is handed: what its statement loads, each of its calls says.

    def users(session, *options):
        return session.scalars(select(User).options(*options)).all()

In `Kind.loaded` of what such a function gives stands ``?module:users>options``, which means
anything where nobody says more; of what a call of it gives, what that call hands over.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Arg, Const, Function, Op, Operand, Place
from sqla_lint.project.arguments import parameters
from sqla_lint.project.kind import EMPTY, FILLED, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.loading import ANYTHING

_OF = ">"
# Rows in a generator in a coroutine: kinds in kinds are looked into so far.
DEPTH_LIMIT = 4
_HOLDING = frozenset({kinds.TUPLE, kinds.LIST, kinds.COLLECTION})
# Decorators that hand all arguments on.
_PASSING = frozenset(
    {"asynccontextmanager", "classmethod", "contextmanager", "override", "staticmethod"}
)
_PLAIN = frozenset({"normal", "positional"})


def mark(label: str, name: Place) -> Kind:
    """The options that a parameter of a function is."""
    return Kind(kinds.LOADER_OPTION, loaded=frozenset({f"{ANYTHING}{label}{_OF}{name}"}))


def names_of(loaded: frozenset[str], label: str) -> dict[str, Place]:
    """The marks of a function's own parameters."""
    start = f"{ANYTHING}{label}{_OF}"
    return {path: path[len(start) :] for path in loaded if path.startswith(start)}


def parameter(function: Function, assigned: Container[str], operand: Operand) -> Place | None:
    """The parameter that an operand is, or an element of which it is."""
    own = {param.name for param in function.params if param.name not in assigned}
    if operand in own:
        return str(operand)
    made = [op for block in function.blocks for op in block.ops if op.dst == operand]
    over = made[0].on if len(made) == 1 and made[0].do == "next" else None
    return str(over) if over in own else None


def handed_by(kind: Kind, depth: int = 0) -> Iterator[str]:
    """The functions whose options decide what is loaded of what a kind is or holds."""
    for path in kind.loaded:
        if path.startswith(ANYTHING) and _OF in path:
            yield path[len(ANYTHING) :].rpartition(_OF)[0]
    for one in kind.of if depth < DEPTH_LIMIT else ():
        yield from handed_by(one, depth + 1)


def is_called_plainly(knowledge: Knowledge, callee: Kind) -> bool:
    """A call of a function gives it the arguments that stand there: it is no `partial()`, and no
    decorator puts others between them."""
    decorators: tuple[Kind, ...] = knowledge.ask("decorators", callee.label)
    return (
        callee.label in knowledge.functions
        and "partial" not in callee.traits
        and all(one.label.rpartition(".")[2] in _PASSING for one in decorators)
    )


class Call:
    """A call of a function that is handed options. ``own`` tells the parameter of the caller, as
    an option, that an operand is."""

    def __init__(
        self,
        knowledge: Knowledge,
        op: Op,
        given: tuple[Kind, ...],
        callee: Kind,
        own: dict[Operand, Kind],
    ) -> None:
        module, function = knowledge.functions[callee.label]
        self.knowledge = knowledge
        self.label = callee.label
        self.module = module.name
        self.function = function
        self.own = own
        self.given = list(
            zip(
                [name for _, name in parameters(knowledge, op, callee)], op.args, given, strict=True
            )
        )

    def told(self, kind: Kind, depth: int = 0) -> Kind:
        """A kind with what the call hands over in the place of the marks."""
        marks = names_of(kind.loaded, self.label)
        if marks:
            told = frozenset().union(*map(self._handed, marks.values()))
            kind = kind._replace(loaded=kind.loaded.difference(marks) | told)
        if kind.of and depth < DEPTH_LIMIT:
            kind = kind._replace(of=tuple([self.told(one, depth + 1) for one in kind.of]))
        return kind

    def _handed(self, name: Place) -> frozenset[str]:
        """What the options load that one parameter is given."""
        param = next(param for param in self.function.params if param.name == name)
        starred = any(arg.star for _, arg, _ in self.given)
        if param.kind == "star":
            return self._rest()
        for to, arg, kind in self.given:
            if to == name and (to == arg.keyword or not arg.star):
                return self._loads(arg, kind)
        return frozenset({ANYTHING}) if starred else self._by_default(param.default)

    def _rest(self) -> frozenset[str]:
        """What is left for ``*options``."""
        plain = sum(1 for param in self.function.params if param.kind in _PLAIN)
        found: frozenset[str] = frozenset()
        taken = sum(1 for to, arg, _ in self.given if to is not None and arg.keyword is None)
        bound = 1 if self._is_method() else 0
        for to, arg, kind in self.given:
            if to is not None or arg.star > 1:
                continue
            if arg.star and taken + bound < plain:
                return frozenset({ANYTHING})
            found |= self._loads(arg, kind)
        return found

    def _is_method(self) -> bool:
        names = [param.name for param in self.function.params[:1]]
        told = {to for to, _, _ in self.given}
        return bool(names) and names[0] not in told

    def _loads(self, arg: Arg, kind: Kind) -> frozenset[str]:
        handed_on = self.own.get(arg.value)
        return handed_on.loaded if handed_on is not None else loads(arg.value, kind)

    def _by_default(self, default: Operand | None) -> frozenset[str]:
        if isinstance(default, str) and default[0] == "%":
            scope = f"{self.module}:{self.function.parent or MODULE_BODY}#temps"
            return loads(default, self.knowledge.ask("cell", scope, default) or UNKNOWN)
        if default is None or default == Const(None):
            return frozenset()
        return frozenset({ANYTHING})


def loads(operand: Operand, kind: Kind) -> frozenset[str]:
    """What an option loads, or all those in a container: one with a name may have got more than is
    known of it."""
    if kind.name == kinds.NONE or EMPTY in kind.traits:
        return frozenset()
    if kind.name == kinds.LOADER_OPTION:
        return kind.loaded
    fixed = kind.name == kinds.TUPLE or FILLED in kind.traits or str(operand).startswith("%")
    if kind.name in _HOLDING and (kind.of or kind.loaded) and fixed:
        return kind.loaded.union(*[loads(operand, one) for one in kind.of])
    return frozenset({ANYTHING})

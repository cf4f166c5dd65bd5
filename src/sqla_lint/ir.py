"""The plain-data form of a Python file: operations in basic blocks, with exceptional edges.

`syntax.lower` makes it, everything that thinks reads it, and no syntax tree survives it.
All of it pickles: it crosses processes and lies in the cache.

Vocabulary
    place      where a value lives, written as a string:
                 ``"name"``      a variable of the function, an enclosing function or the module,
                 ``"self.db"``   an attribute path that starts at a variable,
                 ``"%7"``        a temporary, assigned once per evaluation,
                 ``"x@3"``       a variable of comprehension number 3 (its own scope).
    operand    a place or a `Const`.
    ref        the preorder number of a node among the meaningful nodes of its file
               (`syntax.fields`): small, stable, turned into a `Span` by `syntax.locate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Literal, NamedTuple, TypeAlias

Ref: TypeAlias = int
Place: TypeAlias = str


class Const(NamedTuple):
    """A literal. Adjacent string literals are one constant."""

    value: bool | int | float | complex | str | bytes | EllipsisType | None


Operand: TypeAlias = Place | Const


class Arg(NamedTuple):
    """An argument or element: ``f(value)``, ``f(keyword=value)``, ``f(*value)``, ``f(**value)``."""

    value: Operand
    at: Ref
    keyword: str | None = None
    star: Literal[0, 1, 2] = 0


class Ann(NamedTuple):
    """An annotation, base class or exception type, as much of it as a checker needs.

    ``kind`` is one of
        name    a dotted name in ``name``
        item    a subscript: ``args[0]`` is the value, the rest are the indices
        union   ``A | B``
        tuple   ``A, B`` (also a list of types)
        const   a literal, its repr in ``name`` (``None`` is the *name* ``None``)
        call    ``args[0]`` is the callee, the rest are positional arguments; keywords are dropped
        other   anything else
    String annotations are parsed into the same form while lowering.
    """

    kind: Literal["name", "item", "union", "tuple", "const", "call", "other"]
    name: str = ""
    args: tuple[Ann, ...] = ()
    at: Ref = -1


Do: TypeAlias = Literal[
    "call",  # dst = on.name(args), or on(args) when name is None
    "move",  # dst = on (name: None, or "annotated": see `ann`)
    "declare",  # dst: ann, without a value
    "enter",  # dst = value bound by `with on` (dst None without `as`); name "async" or None
    "leave",  # the with block over `on` is left; name is the way: next exc return break continue;
    #           args[0] is Const("async") for async with
    "return",  # return on
    "yield",  # dst = yield on; name "from" for `yield from`
    "await",  # dst = await on
    "raise",  # raise on; on None re-raises; name "from finally": the end of an exceptional finally
    "getattr",  # dst = on.name; not emitted for the method of a call
    "setattr",  # on.name = args[0]; dst is the path place when there is one
    "getitem",  # dst = on[args...]
    "setitem",  # on[args[:-1]] = args[-1]
    "binop",  # dst = args[0] name args[1]
    "unary",  # dst = name on        (name: "not", "-", "+", "~")
    "augassign",  # dst = on name= args[0]
    "compare",  # dst = on name args[0]   (name: "==", "is", "is not", "in", "not in", ...)
    "boolop",  # dst = args joined by name: "and", "or", or "chain" (a < b < c: the compares)
    "ifelse",  # dst = args[0] or args[1]; on is the test
    "test",  # on decides the true/false edges of this block
    "format",  # dst = f-string; args are its parts, a Const string or an operand;
    #            keyword of an operand is its conversion and spec, such as "!r:>10" or ""
    "pack",  # dst = display; name list tuple set dict gen listcomp setcomp dictcomp slice;
    #          dict: args alternate key, value; a `**x` element is one Arg with star=2
    "unpack",  # dst = element of on; name is the index: "0", "1", "*1", "-1"
    "next",  # dst = next element of on; name "async" or None
    "closure",  # dst = nested def, class or lambda; name is its qualname; args are the captured
    #             places; decorators come as Arg(keyword="decorator") in source order
    "import",  # dst = import; name is the dotted module with leading dots; args[0] is Const(attr)
    #            for `from name import attr`; attr "*" has dst None
    "catch",  # dst = the exception a handler caught; ann is its type
    "delete",  # del dst
]


class Op(NamedTuple):
    """One operation. Which fields mean what is said at `Do`."""

    do: Do
    at: Ref
    dst: Place | None = None
    on: Operand | None = None
    name: str | None = None
    args: tuple[Arg, ...] = ()
    raises: bool = False
    discarded: bool = False  # the value is an expression statement
    ann: Ann | None = None


class Test(NamedTuple):
    """What an edge establishes: ``place is None`` (is_ "none") or ``bool(place)`` (is_ "true")."""

    place: Place
    is_: Literal["none", "true"]
    holds: bool


When: TypeAlias = Literal["next", "true", "false", "item", "done", "case", "swallow", "pass"]


class Edge(NamedTuple):
    """A way from a block to another.

    ``item``/``done``: the loop has another element or has ended. ``swallow``: a ``with`` whose
    manager swallows the exception; to be taken only when the manager is known to. ``pass``: no
    handler matched.
    """

    to: int
    when: When = "next"
    test: Test | None = None


class Handler(NamedTuple):
    """An except clause; no types means bare. ``at`` is the clause."""

    types: tuple[Ann, ...]
    to: int
    at: Ref = -1


@dataclass(slots=True)
class Block:
    """Operations that run one after the other.

    ``exc`` is where an operation of this block that raises leads. A *dispatch* block has handlers
    and no operations: an arriving exception goes to the first handler that matches, else along
    its only edge (``pass``).
    """

    ops: list[Op] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    exc: int = 2
    handlers: tuple[Handler, ...] = ()
    loops: tuple[int, ...] = ()  # the loops this block lies in, outermost first (ids per function)


class Param(NamedTuple):
    """A parameter. The default is an operand of the scope that *contains* the function."""

    name: str
    at: Ref
    ann: Ann | None = None
    default: Operand | None = None
    kind: Literal["positional", "normal", "keyword", "star", "starstar"] = "normal"


ENTRY, EXIT, RAISED = 0, 1, 2


@dataclass(slots=True)
class Function:
    """A def, lambda, class body or the module body, as a control-flow graph.

    Block `ENTRY` starts it, `EXIT` is every return, `RAISED` every exception that leaves it; both
    exits are empty. ``qualname`` is Python's (``C.m``, ``f.<locals>.g``), with ``#2`` appended to a
    repeated definition; the module body is ``<module>``; a class body is named like the class.
    """

    qualname: str
    at: Ref
    kind: Literal["module", "class", "def", "lambda"]
    params: tuple[Param, ...] = ()
    returns: Ann | None = None
    is_async: bool = False
    is_generator: bool = False
    blocks: Sequence[Block] = field(default_factory=list)
    locals: frozenset[str] = frozenset()  # names bound in this scope
    # Free name -> qualname of the binding scope; "f@3" for a variable of f's comprehension 3.
    captures: dict[str, str] = field(default_factory=dict)
    globals: frozenset[str] = frozenset()  # names declared `global` here
    parent: str | None = None  # qualname of the enclosing scope
    decorators: tuple[Operand, ...] = ()  # operands of the enclosing scope
    doc: bool = False  # has a docstring
    # parameters without an annotation, with the types of SQLAlchemy's that the docstring tells
    documented: tuple[tuple[str, Ann], ...] = ()


@dataclass(slots=True)
class Class:
    """A class statement; its body is `Module.functions[qualname]`."""

    qualname: str
    at: Ref
    bases: tuple[Ann, ...] = ()
    keywords: tuple[tuple[str, Ann], ...] = ()
    decorators: tuple[Operand, ...] = ()
    # the type parameters of ``class X[T: Bound]``; `Ann` "other" where there is no bound
    variables: tuple[tuple[str, Ann], ...] = ()


@dataclass(slots=True)
class Module:
    """One file."""

    path: str
    name: str  # dotted, as far as its place in the tree tells
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    lines: int = 0
    is_package: bool = False
    starts: tuple[Ref, ...] = ()  # the refs of its statements, in the order of the source
    # of a file that is not parsed: the dotted names that it imports, and the words by which it may
    # load others
    imports: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()

    @property
    def body(self) -> Function:
        """The module body; an empty one while the file is only known to be there and unread."""
        return self.functions.get(MODULE_BODY, _UNREAD)

    @property
    def is_read(self) -> bool:
        """The file was parsed; of others only the name is known."""
        return MODULE_BODY in self.functions


MODULE_BODY = "<module>"
_UNREAD = Function(MODULE_BODY, 0, "module", blocks=[Block([], [Edge(EXIT)]), Block(), Block()])

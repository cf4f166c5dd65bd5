"""Which fields of each libcst node hold meaning, in the order they stand in the source.

Whitespace, commas, parentheses and operator tokens are left out: a walk over this table meets a
third of the nodes. `tests/test_fields.py` holds it against libcst: a class or field that a new
libcst brings must be sorted in here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, TypeAlias

import libcst as cst

NodeType: TypeAlias = type[cst.CSTNode]

CHILDREN: Final[Mapping[NodeType, tuple[str, ...]]] = {
    # statements
    cst.Module: ("body",),
    cst.SimpleStatementLine: ("body",),
    cst.SimpleStatementSuite: ("body",),
    cst.IndentedBlock: ("body",),
    cst.AnnAssign: ("target", "annotation", "value"),
    cst.Assert: ("test", "msg"),
    cst.Assign: ("targets", "value"),
    cst.AssignTarget: ("target",),
    cst.AugAssign: ("target", "value"),
    cst.Break: (),
    cst.ClassDef: ("decorators", "name", "type_parameters", "bases", "keywords", "body"),
    cst.Continue: (),
    cst.Decorator: ("decorator",),
    cst.Del: ("target",),
    cst.Else: ("body",),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
    cst.Expr: ("value",),
    cst.Finally: ("body",),
    cst.For: ("target", "iter", "body", "orelse"),
    cst.FunctionDef: ("decorators", "name", "type_parameters", "params", "returns", "body"),
    cst.Global: ("names",),
    cst.If: ("test", "body", "orelse"),
    cst.Import: ("names",),
    cst.ImportAlias: ("name", "asname"),
    cst.ImportFrom: ("module", "names"),
    cst.ImportStar: (),
    cst.LazyImport: ("names",),
    cst.LazyImportFrom: ("module", "names"),
    cst.Match: ("subject", "cases"),
    cst.Nonlocal: ("names",),
    cst.NameItem: ("name",),
    cst.Pass: (),
    cst.Raise: ("exc", "cause"),
    cst.Return: ("value",),
    cst.Try: ("body", "handlers", "orelse", "finalbody"),
    cst.TryStar: ("body", "handlers", "orelse", "finalbody"),
    cst.TypeAlias: ("name", "type_parameters", "value"),
    cst.While: ("test", "body", "orelse"),
    cst.With: ("items", "body"),
    cst.WithItem: ("item", "asname"),
    # parts of definitions
    cst.Annotation: ("annotation",),
    cst.AsName: ("name",),
    cst.From: ("item",),
    cst.Param: ("name", "annotation", "default"),
    cst.ParamSlash: (),
    cst.ParamSpec: ("name",),
    cst.ParamStar: (),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    cst.TypeParam: ("param", "default"),
    cst.TypeParameters: ("params",),
    cst.TypeVar: ("name", "bound"),
    cst.TypeVarTuple: ("name",),
    # expressions
    cst.Arg: ("keyword", "value"),
    cst.Attribute: ("value", "attr"),
    cst.Await: ("expression",),
    cst.BinaryOperation: ("left", "right"),
    cst.BooleanOperation: ("left", "right"),
    cst.Call: ("func", "args"),
    cst.Comparison: ("left", "comparisons"),
    cst.ComparisonTarget: ("comparator",),
    cst.CompFor: ("target", "iter", "ifs", "inner_for_in"),
    cst.CompIf: ("test",),
    cst.ConcatenatedString: ("left", "right"),
    cst.Dict: ("elements",),
    cst.DictComp: ("key", "value", "for_in"),
    cst.DictElement: ("key", "value"),
    cst.Element: ("value",),
    cst.Ellipsis: (),
    cst.Float: (),
    cst.FormattedString: ("parts",),
    cst.FormattedStringExpression: ("expression", "format_spec"),
    cst.FormattedStringText: (),
    cst.GeneratorExp: ("elt", "for_in"),
    cst.IfExp: ("body", "test", "orelse"),
    cst.Imaginary: (),
    cst.Index: ("value",),
    cst.Integer: (),
    cst.Lambda: ("params", "body"),
    cst.List: ("elements",),
    cst.ListComp: ("elt", "for_in"),
    cst.Name: (),
    cst.NamedExpr: ("target", "value"),
    cst.Set: ("elements",),
    cst.SetComp: ("elt", "for_in"),
    cst.SimpleString: (),
    cst.Slice: ("lower", "upper", "step"),
    cst.StarredDictComp: ("value", "for_in"),
    cst.StarredDictElement: ("value",),
    cst.StarredElement: ("value",),
    cst.Subscript: ("value", "slice"),
    cst.SubscriptElement: ("slice",),
    cst.TemplatedString: ("parts",),
    cst.TemplatedStringExpression: ("expression", "format_spec"),
    cst.TemplatedStringText: (),
    cst.Tuple: ("elements",),
    cst.UnaryOperation: ("expression",),
    cst.Yield: ("value",),
    # patterns
    cst.MatchAs: ("pattern", "name"),
    cst.MatchCase: ("pattern", "guard", "body"),
    cst.MatchClass: ("cls", "patterns", "kwds"),
    cst.MatchKeywordElement: ("key", "pattern"),
    cst.MatchList: ("patterns",),
    cst.MatchMapping: ("elements", "rest"),
    cst.MatchMappingElement: ("key", "pattern"),
    cst.MatchOr: ("patterns",),
    cst.MatchOrElement: ("pattern",),
    cst.MatchSequenceElement: ("value",),
    cst.MatchSingleton: ("value",),
    cst.MatchStar: ("name",),
    cst.MatchTuple: ("patterns",),
    cst.MatchValue: ("value",),
}

Getter: TypeAlias = Callable[[cst.CSTNode], tuple[Any, ...]]


def _getter(fields: tuple[str, ...]) -> Getter:
    get = attrgetter(*reversed(fields))
    if len(fields) == 1:
        return lambda node: (get(node),)
    return get


# The children of a node from last to first (for a stack); None for a leaf.
BACKWARDS: Final[Mapping[NodeType, Getter | None]] = {
    cls: _getter(fields) if fields else None for cls, fields in CHILDREN.items()
}

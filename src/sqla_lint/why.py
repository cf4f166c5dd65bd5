"""Why a line is found fault with, or not: what its operands are, whence that is known, which rules
looked at it, and what they were told of the objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sqla_lint.dispatch import Dispatch
from sqla_lint.finding import Confidence, Finding, Span
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.root import NOWHERE, Root
from sqla_lint.ir import Const, Op, Ref
from sqla_lint.lint import lint
from sqla_lint.project.explain import OWNERS, Explainer, Reason, describe
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import OWNED, Kind
from sqla_lint.project.linked import DATABASE_KINDS, Project
from sqla_lint.project.unresolved import looks_like_it, reason
from sqla_lint.rule import Call, Compare, Function, Operation, RuleInfo, rules
from sqla_lint.run import Understood, understood
from sqla_lint.settings import Settings, selected, shows
from sqla_lint.suppress import suppressions
from sqla_lint.syntax import locate

# An expression is quoted as far as this.
QUOTE_LIMIT = 60


class Told(NamedTuple):
    """One operand of the line."""

    text: str
    kind: str
    owner: str  # "" where nobody owns such a thing
    reasons: tuple[tuple[str, str, int], ...]  # text, file, line
    events: str  # what happens to the object in this function


_Looks: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]


@dataclass(frozen=True)
class Answer:
    """Everything that is known of a line."""

    function: str
    entry: str
    places: tuple[Told, ...]
    reports: tuple[str, ...]  # what rules report here, and what became of it
    looked: tuple[tuple[str, tuple[str, ...]], ...]  # in words, with the codes of the rules


class Row(NamedTuple):
    """One receiver of a file: its line, text, and what it is."""

    line: int
    text: str
    kind: str
    owner: str


class Why:
    """A project, understood once, and questions about one of its files."""

    def __init__(self, file: Path, paths: tuple[Path, ...], settings: Settings) -> None:
        starts = paths or (file,)
        if file not in paths and paths:
            starts = (*paths, file)
        self.settings = settings
        self.understood: Understood = understood(starts, settings)
        self.project: Project = self.understood.project
        self.explainer = Explainer(self.project)
        self._lines: dict[str, dict[Ref, Span]] = {}
        wanted = file.absolute()
        self.module = next(
            (m for m in self.project.knowledge.index.modules.values() if _same(m.path, wanted)),
            None,
        )

    # --- a file

    def rows(self) -> Iterator[Row]:
        """Every receiver of the file that is a database object, or looks as if it were one."""
        assert self.module is not None
        text = self._text(self.module.path)
        found: dict[tuple[int, str], Row] = {}
        for typed in self._functions():
            for number, block in enumerate(typed.function.blocks):
                for i, op in enumerate(block.ops):
                    kind = typed.on[number][i]
                    if op.do != "call" or op.on is None or op.name is None:
                        continue
                    if kind.name in DATABASE_KINDS:
                        said, owner = describe(kind), _owner(kind)
                    elif looks_like_it(op) and not kind.known:
                        said, owner = f"unknown: {reason(op, typed.function)}", ""
                    else:
                        continue
                    span = self._span(op.at)
                    if span is not None:
                        quoted = _quoted(text, span)
                        row = Row(span.line, quoted, said, owner)
                        found.setdefault((span.line, quoted), row)
        yield from (found[key] for key in sorted(found))

    # --- a line

    def answers(self, line: int) -> Iterator[Answer]:
        """What is known of a line, per function that has a part of it."""
        assert self.module is not None
        effects = Effects(self.project)
        for typed in self._functions():
            here = list(self._on_line(typed, line))
            if not here:
                continue
            function = Function(typed, self.project, effects, self.understood.target)
            places = tuple(self._places(typed, here, function))
            if places:
                looks = self._looked(function, {op.at for op, _, _ in here}, line)
                yield Answer(typed.function.qualname, function.entry, places, *looks)

    def _functions(self) -> Iterator[Typed]:
        assert self.module is not None
        for function in self.module.functions.values():
            yield self.explainer.typed(self.module, function)

    def _on_line(self, typed: Typed, line: int) -> Iterator[tuple[Op, int, int]]:
        seen: set[Ref] = set()
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do in _SILENT or op.at in seen:
                    continue
                span = self._span(op.at)
                if span is not None and span.line == line:
                    seen.add(op.at)
                    yield op, number, i

    def _places(
        self, typed: Typed, here: list[tuple[Op, int, int]], function: Function
    ) -> Iterator[Told]:
        assert self.module is not None
        text = self._text(self.module.path)
        said: set[str] = set()
        for op, number, i in here:
            pairs = [(op.on, typed.on[number][i])]
            pairs += zip((arg.value for arg in op.args), typed.args[number][i], strict=False)
            for operand, kind in pairs:
                if isinstance(operand, Const) or operand is None or operand[0] == "%":
                    continue
                name = operand.partition("@")[0]
                if name not in said and kind.name not in _PLAIN:
                    said.add(name)
                    yield self._told(name, kind, self.explainer.explain(operand, typed), typed)
            if op.do in ("call", "enter", "await") and op.dst is not None:
                kind = typed.dst[number][i]
                span = self._span(op.at)
                name = _quoted(text, span) if span and op.dst[0] == "%" else op.dst
                if kind.known and name not in said and kind.name not in _PLAIN:
                    said.add(name)
                    yield self._told(name, kind, self.explainer.explain(op.dst, typed), typed, op)

    def _told(
        self,
        name: str,
        kind: Kind,
        reasons: tuple[Reason, ...],
        typed: Typed,
        made: Op | None = None,
    ) -> Told:
        lines = tuple((r.text, r.path, self._line(r.path, r.at)) for r in reasons)
        events = self._events(name, kind, typed) if made is None and kind.name in OWNED else ""
        return Told(name, describe(kind), _owner(kind), lines, events)

    def _events(self, name: str, kind: Kind, typed: Typed) -> str:
        """What happens to an object under one of its names, with lines."""
        function = Function(typed, self.project, Effects(self.project), self.understood.target)
        root = Root(kind, NOWHERE, name)
        found = []
        for use in function.uses(root):
            if use.happening.events:
                line = self._line(typed.module.path, use.op.at)
                found.append((line, f"{'+'.join(use.happening.events)} {line}"))
        return " · ".join(dict.fromkeys(text for _, text in sorted(found)))

    # --- rules

    def _looked(self, function: Function, here: set[Ref], line: int) -> _Looks:
        """What rules report on the line, and those that looked and report nothing."""
        every = rules()
        chosen = selected(self.settings, every)
        reported = self._reported(every, line)
        at_it: dict[str, bool] = {}
        for info, subject in Dispatch(every.values()).subjects(function):
            single = isinstance(subject, (Call, Compare, Operation))
            if not single:
                at_it.setdefault(info.code, False)
            elif isinstance(subject, (Call, Compare, Operation)) and subject.op.at in here:
                at_it[info.code] = True
        reports = tuple(
            f"{code} {every[code].name} " + self._became(every[code], finding, code in chosen)
            for code, finding in sorted(reported.items())
        )
        silent = [code for code in sorted(at_it) if code not in reported]
        words = {
            "looked at the operations of this line, and found nothing wrong": [
                code for code in silent if code in chosen and at_it[code]
            ],
            "followed the objects of the whole function, and found nothing wrong here": [
                code for code in silent if code in chosen and not at_it[code]
            ],
            "would look, but are not selected": [code for code in silent if code not in chosen],
        }
        return reports, tuple((text, tuple(codes)) for text, codes in words.items() if codes)

    def _reported(self, every: Mapping[str, RuleInfo], line: int) -> dict[str, Finding]:
        assert self.module is not None
        path = self.module.path
        findings, _ = lint(self.project, every, {path}, self.understood.target, lambda *_: True)
        return {
            f.code: replace(f, span=span)
            for f in findings
            if (span := self._span(f.at)) is not None and span.line == line
        }

    def _became(self, info: RuleInfo, finding: Finding, is_chosen: bool) -> str:
        assert self.module is not None
        assert finding.span is not None
        quiet = suppressions(self._text(self.module.path))
        if quiet.covers(info.code, info.name, finding.span):
            return f"reports, but a comment silences it: {finding.message}"
        if not is_chosen:
            return f"reports, but it is not selected ({info.group}): {finding.message}"
        if not shows(self.settings, finding.confidence):
            rare = finding.confidence > Confidence.RESOURCE
            where = "an unlikely path" if rare else "a path"
            return f"reports {where}, which --pedantic shows: {finding.message}"
        return f"reports: {finding.message}"

    # --- places in files

    def _text(self, path: str) -> str:
        from sqla_lint.run import decoded

        return decoded(Path(path).read_bytes())

    def _span(self, at: Ref) -> Span | None:
        assert self.module is not None
        return self._spans(self.module.path).get(at)

    def _line(self, path: str, at: Ref) -> int:
        span = self._spans(path).get(at)
        return span.line if span is not None else 0

    def _spans(self, path: str) -> dict[Ref, Span]:
        if path not in self._lines:
            index = self.project.knowledge.index
            module = next(m for m in index.modules.values() if m.path == path)
            refs = {
                ref
                for function in module.functions.values()
                for ref in (
                    function.at,
                    *(param.at for param in function.params),
                    *(op.at for block in function.blocks for op in block.ops),
                    *(a.at for block in function.blocks for op in block.ops for a in op.args),
                )
            }
            self._lines[path] = locate(Path(path).read_bytes(), refs)
        return self._lines[path]


def _same(path: str, wanted: Path) -> bool:
    return Path(path).absolute() == wanted


def _owner(kind: Kind) -> str:
    return OWNERS.get(kind.owner, "") if kind.name in OWNED or kind.owner else ""


def _quoted(text: str, span: Span) -> str:
    lines = text.splitlines()[span.line - 1 : span.end_line]
    if not lines:
        return ""
    if len(lines) > 1:
        quoted = lines[0][span.column - 1 :] + " …"
    else:
        quoted = lines[0][span.column - 1 : span.end_column - 1]
    return quoted if len(quoted) <= QUOTE_LIMIT else quoted[: QUOTE_LIMIT - 1] + "…"


# Operations that say nothing of their own on a line.
_SILENT = frozenset({"leave", "test"})
_PLAIN = frozenset(
    {"STR", "INT", "BOOL", "ANSWER", "FLOAT", "BYTES", "NONE", "NAME", "MODULE", "METHOD"}
)

"""The rules over a linked project: findings, one for each defect."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from sqla_lint import witness
from sqla_lint.dispatch import Dispatch
from sqla_lint.finding import Confidence, Finding, Step
from sqla_lint.flow.effects import Effects
from sqla_lint.halves import both, may_fork
from sqla_lint.ir import Ref
from sqla_lint.project import surroundings
from sqla_lint.project.infer import Typed
from sqla_lint.project.linked import Project
from sqla_lint.project.unimportable import failing, unimportable
from sqla_lint.rule import Report, RuleInfo
from sqla_lint.views import Function, Model
from sqla_lint.views import Project as Whole
from sqla_lint.views.behindimports import is_behind_failed_import
from sqla_lint.views.dead import is_dead
from sqla_lint.views.excluded import is_excluded
from sqla_lint.views.expected import is_expected
from sqla_lint.views.forsaken import is_forsaken
from sqla_lint.views.unrequested import is_unrequested

# Which rule speaks when several could, about the same object: the key silences the values.
PRECEDENCE: Mapping[str, frozenset[str]] = {
    # an object that cannot be read any more is worse than one that may be
    "SAL108": frozenset({"SAL113"}),
    # the generator is to be entered: then its session is closed, too
    "SAL112": frozenset({"SAL102", "SAL103"}),
    # the lost write is what the user must know; the `with` or commit that mends it ends both
    "SAL201": frozenset({"SAL101", "SAL102", "SAL103", "SAL910"}),
    # how a call is to be run comes before what it is given
    "SAL302": frozenset({"SAL902", "SAL403", "SAL901", "SAL508"}),
    # a statement that raises reaches no row and gives no page
    "SAL512": frozenset({"SAL509", "SAL511"}),
    # what is gone is said by the rule that knows what to write instead
    "SAL907": frozenset({"SAL305", "SAL901"}),
    "SAL909": frozenset({"SAL901"}),
    "SAL911": frozenset({"SAL901"}),
    "SAL912": frozenset({"SAL407"}),
    "SAL913": frozenset({"SAL901"}),
    # a call where the function itself is wanted misses its arguments, too
    "SAL808": frozenset({"SAL909"}),
}


# Operations of functions that touch a database, from which on two halves are worth a process: it
# is there in some milliseconds, and works out anew what rules ask of the whole project.
HALVES_FROM = 60_000
# The first half is followed by what is said of mapped classes and of the project.
FIRST_HALF = 0.46
# What is to be written anew for another SQLAlchemy, called or not.
OUTDATED = "SAL9"
# What is left open or undone, whatever else is raised.
LASTING = ("SAL1", "SAL2")

Shows: TypeAlias = Callable[[RuleInfo, Report, str], bool]


class Trouble(NamedTuple):
    """A rule failed on a function: a bug of ours, told to the user, and the run goes on."""

    path: str
    message: str


class _Said(NamedTuple):
    rule: RuleInfo
    report: Report
    path: str
    function: str


def lint(
    project: Project,
    rules: Mapping[str, RuleInfo],
    paths: Collection[str],
    target: tuple[int, int],
    shows: Shows,
    *,
    forks: bool = False,
) -> tuple[list[Finding], list[Trouble]]:
    """The findings in the files of ``paths``, sorted by file and place, not yet located.

    ``shows`` decides which reports are wanted, by rule, confidence and file. With ``forks`` half of
    a large project is checked by another process.
    """
    checks = [*rules.values(), *(info.also for info in rules.values() if info.also is not None)]
    wanted = [typed for typed in project.typed.values() if typed.module.path in paths]
    parts = _parts(wanted)

    def checked(number: int) -> _Checked:
        if number:
            project.memo.clear()
        found = _functions(parts[number], project, checks, paths, target, shows)
        return _Checked(*found, surroundings.searches, witness.seen())

    def first() -> tuple[_Checked, tuple[list[_Said], list[Trouble]]]:
        return checked(0), _declared(project, checks, target, shows)

    findings: list[Finding] = []
    troubles = [Trouble(*told) for told in project.troubles.values() if told[0] in paths]
    if len(parts) == 1:
        one, (said, more) = first()
        both_checked = [one]
    else:
        assert project.models  # for both
        if forks and may_fork():
            (one, (said, more)), other = both(first, lambda: checked(1))
        else:
            (one, (said, more)), other = first(), checked(1)
        both_checked = [one, other]
        if surroundings.searches is not None:
            surroundings.searches.update(other.searches or {})
        witness.also(other.looks)
    for half in both_checked:
        findings += half.findings
        troubles += half.troubles
    findings += [_finding(one) for one in _decided(said) if one.path in paths]
    dead = unimportable(project.models.imports, {one.path for one in findings})
    findings = [one for one in findings if one.path not in dead]
    failed = failing(project.models.imports) if findings else frozenset()
    findings = [
        one for one in findings if one.path not in failed or _is_for_pedants(one, rules, shows)
    ]
    troubles += more
    findings.sort(key=lambda f: (f.path, f.at, f.code))
    return findings, troubles


class _Checked(NamedTuple):
    """What was found in some functions, and what was looked for on disk meanwhile."""

    findings: list[Finding]
    troubles: list[Trouble]
    searches: dict[tuple[str, str], bool] | None
    looks: dict[str, witness.Look] | None


def _parts(wanted: list[Typed]) -> list[list[Typed]]:
    """All functions, or in a large project two halves of them, by operations.

    What is remembered of functions that call each other rests on which was asked about first: each
    half is begun anew, so that findings are the same whoever works on it.
    """
    sizes = [sum(len(block.ops) for block in typed.function.blocks) for typed in wanted]
    whole = sum(sizes)
    if whole < HALVES_FROM:
        return [wanted]
    so_far = list(accumulate(sizes))
    cut = bisect_left(so_far, whole * FIRST_HALF)
    return [wanted[:cut], wanted[cut:]]


def _functions(
    functions: Sequence[Typed],
    project: Project,
    checks: Sequence[RuleInfo],
    paths: Collection[str],
    target: tuple[int, int],
    shows: Shows,
) -> tuple[list[Finding], list[Trouble]]:
    """What the rules say of functions."""
    effects = Effects(project)
    effects.paths = frozenset(paths)
    table = Dispatch(checks)
    findings: list[Finding] = []
    troubles: list[Trouble] = []
    for typed in functions:
        function = Function(typed, project, effects, target)
        said: list[_Said] = []
        failed: set[str] = set()
        for info, subject in table.subjects(function):
            if info.code in failed:
                continue
            try:
                for report in info.check(subject):
                    path = report.path or typed.module.path
                    if shows(info, report, path):
                        said.append(_Said(info, report, path, function.qualname))
            except Exception as error:
                failed.add(info.code)
                troubles.append(
                    Trouble(
                        typed.module.path,
                        f"internal error: {info.code} failed on `{function.qualname}`:"
                        f" {type(error).__name__}: {error}",
                    )
                )
        if said and is_forsaken(function):
            said = [one for one in said if one.rule.code.startswith(OUTDATED)]
        if said and (is_dead(function) or is_unrequested(function)):
            said = [one for one in said if _is_told_of_the_dead(one, shows)]
        said = [
            one
            for one in said
            if not _is_never_come_to(function, one.report.at) or _is_told_of_the_dead(one, shows)
        ]
        said = [one for one in said if not _is_waited_for(function, one)]
        findings += [_finding(one) for one in _decided(said) if one.path in paths]
        function.forget()
        if project.shelf is not None:
            project.knowledge.outlines.pop(id(typed.function), None)
    return findings, troubles


def _is_never_come_to(function: Function, at: Ref) -> bool:
    return is_excluded(function, at) or is_behind_failed_import(function, at)


def _is_told_of_the_dead(said: _Said, shows: Shows) -> bool:
    """What a new version removes has to go from any code; else pedants alone ask for it."""
    pedantic = said.report._replace(confidence=Confidence.ANY_CALL)
    return said.rule.code.startswith(OUTDATED) or shows(said.rule, pedantic, said.path)


def _is_for_pedants(found: Finding, rules: Mapping[str, RuleInfo], shows: Shows) -> bool:
    """The same of what was found already."""
    report = Report(found.at, found.message)
    return _is_told_of_the_dead(_Said(rules[found.code], report, found.path, ""), shows)


def _is_waited_for(function: Function, said: _Said) -> bool:
    """What is told raises, and stands in a block that waits for it."""
    raises = not said.rule.code.startswith(LASTING)
    return raises and is_expected(function, said.report.at)


def _declared(
    project: Project,
    checks: Sequence[RuleInfo],
    target: tuple[int, int],
    shows: Shows,
) -> tuple[list[_Said], list[Trouble]]:
    """What the rules say of mapped classes, and of the project as a whole."""
    said: list[_Said] = []
    troubles: list[Trouble] = []
    for info in checks:
        subjects: list[tuple[Model | Whole, str, str]] = []
        if info.view == "Model":
            subjects = [
                (Model(facts, project, target), facts.path, facts.label.partition(":")[2])
                for facts in project.models.models.values()
            ]
        elif info.view == "Project":
            subjects = [(Whole(project, target), "", "")]
        for subject, path, name in subjects:
            try:
                said += [
                    _Said(info, report, report.path or path, name)
                    for report in info.check(subject)
                    if shows(info, report, report.path or path)
                ]
            except Exception as error:
                troubles.append(
                    Trouble(
                        path,
                        f"internal error: {info.code} failed on `{name or 'the project'}`:"
                        f" {type(error).__name__}: {error}",
                    )
                )
    return said, troubles


def _decided(said: list[_Said]) -> Iterator[_Said]:
    """One defect, one finding: the table of precedence, and the same place said twice."""
    silenced: set[tuple[str, str, Ref]] = set()
    for one in said:
        for place in (one.report.at, one.report.subject):
            if place is not None:
                for code in PRECEDENCE.get(one.rule.code, ()):
                    silenced.add((code, one.path, place))
    seen: set[tuple[str, str, Ref]] = set()
    for one in said:
        places = {one.report.at}
        if one.report.subject is not None:
            places.add(one.report.subject)
        if any((one.rule.code, one.path, place) in silenced for place in places):
            continue
        key = (one.rule.code, one.path, one.report.at)
        if key not in seen:
            seen.add(key)
            yield one


_TEMPORARY = re.compile(r"`%\d+(?=[.`(\[ ])")


def spoken(words: str) -> str:
    """What a rule says, with no name in it that is none of the program's: a value that was given no
    name is left open."""
    return _TEMPORARY.sub("`...", words)


def _finding(said: _Said) -> Finding:
    info, report, path, function = said
    return Finding(
        code=info.code,
        name=info.name,
        message=spoken(report.message),
        path=path,
        at=report.at,
        severity=info.severity,
        confidence=report.confidence,
        function=function,
        help=spoken(report.help),
        steps=tuple(Step(spoken(note.message), note.at, note.path) for note in report.steps),
        rewrite=report.rewrite,
    )

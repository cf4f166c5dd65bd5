"""Points in time: which values of `datetime` know their zone, and which surely do not.

They are a FOREIGN kind like other objects of libraries, with one trait more, which goes where the
kind goes: through helpers, constants, attributes and properties of the project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import FOREIGN, NAME, Kind

AWARE, NAIVE = "aware", "naive"

_CLASS = "datetime.datetime"
_MOMENT = Kind(FOREIGN, label=f"{_CLASS}()")
_LENGTH = "datetime.timedelta()"

# Constructors, with the position of the zone: without one, the value is naive.
_ZONED = {
    f"{_CLASS}.now": 0,
    f"{_CLASS}.fromtimestamp": 1,
    f"{_CLASS}.combine": 2,
    _CLASS: 7,
}
_WITHOUT = frozenset({f"{_CLASS}.utcnow", f"{_CLASS}.utcfromtimestamp", f"{_CLASS}.today"})
_WITH = frozenset({"pendulum.now", "pendulum.utcnow", "pytz.utc.localize", "pytz.UTC.localize"})
_ZONE_WORDS = ("tz", "tzinfo")
# Objects and constructors that are a zone, never None.
_ZONES = frozenset(
    {"datetime.timezone.utc", "datetime.UTC", "datetime.timezone()", "zoneinfo.ZoneInfo()"}
    | {"pytz.utc", "pytz.UTC", "pytz.timezone()", "dateutil.tz.UTC", "dateutil.tz.tzutc()"}
    | {"dateutil.tz.tzlocal()"}
)


def made(label: str, args: Sequence[Kind], words: Mapping[str, Kind]) -> Kind | None:
    """What a call of a library gives, when it is a point in time that is known well enough."""
    if label in _WITHOUT:
        return _of(NAIVE)
    if label in _WITH:
        return _of(AWARE)
    if label == "pytz.timezone().localize":
        return _of(AWARE)
    at = _ZONED.get(label)
    if at is None or any(word.startswith("*") for word in words):
        return None
    zone = next((words[word] for word in _ZONE_WORDS if word in words), None)
    if zone is None and len(args) > at:
        zone = args[at]
    if zone is None:
        # `combine` takes the zone of its time
        return None if label == f"{_CLASS}.combine" or (at == 7 and len(args) < 3) else _of(NAIVE)
    return _in(zone)


def is_moment(kind: Kind) -> bool:
    """A point in time of which it is known whether it has a zone."""
    return kind.name == FOREIGN and kind.label == _MOMENT.label


def knows_zone(kind: Kind) -> bool:
    """A point in time that surely has a zone."""
    return is_moment(kind) and AWARE in kind.traits


def method(of: Kind, name: str, words: Mapping[str, Kind]) -> Kind | None:
    """What a method of a point in time gives, when it is one again."""
    if name == "astimezone":
        return _of(AWARE)
    if name != "replace" or any(word.startswith("*") for word in words):
        return None
    return _in(words["tzinfo"]) if "tzinfo" in words else of


def moved(left: Kind, operator: str, right: Kind) -> Kind | None:
    """A point in time, some time before or after another; None for all else. What is taken away
    may be another point in time, which leaves a length."""
    if is_moment(left):
        later = operator in ("+", "+=") and not is_moment(right)
        earlier = operator in ("-", "-=") and right.name == FOREIGN and right.label == _LENGTH
        return left if later or earlier else None
    return right if is_moment(right) and operator == "+" else None


def _of(trait: str) -> Kind:
    return _MOMENT._replace(traits=frozenset({trait}))


def _in(zone: Kind) -> Kind | None:
    if zone.name == kinds.NONE:
        return _of(NAIVE)
    known = zone.name in (NAME, FOREIGN) and zone.label in _ZONES
    return _of(AWARE) if known else None

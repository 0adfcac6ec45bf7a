"""How a rule states a gap, and how gaps put times and numbers into words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.clock import SECOND, rfc3339
from workbench.model.gap import Certainty, Gap, GapKind, Scope
from workbench.model.session import id_of

CITED = 20
"""Events that a gap cites at most; its text says how many there are."""


class Rule(NamedTuple):
    """A rule by which gaps are found.

    Attributes:
        name: Its name.
        version: Raised with every change of what it finds.
        why: Why it holds, in a line.
    """

    name: str
    version: int
    why: str


def make_gap(
    rule: Rule,
    kind: GapKind,
    source: str,
    scope: Scope,
    period: tuple[int | None, int | None],
    certainty: Certainty,
    *,
    detected: str,
    effect: str,
    request: str,
    sure: tuple[int | None, int | None] = (None, None),
    evidence: Iterable[int | None] = (),
    records: Iterable[str] = (),
    about: Iterable[str | int | None] = (),
) -> Gap:
    """Return a gap.

    Args:
        rule: What found it.
        kind: What is missing.
        source: In which log.
        scope: In which part of it.
        period: When.
        certainty: How well it is shown.
        detected: By what it was found.
        effect: What nobody can state.
        request: What to ask for.
        sure: When for certain, if a change takes effect at an unknown moment.
        evidence: Row numbers of cited events.
        records: References of cited records that are no events.
        about: What tells it from other gaps of the rule, beside source and subject: nothing that new evidence changes.
    """
    return Gap(
        id=id_of("G", rule.name, kind, source, scope.subject, *about),
        kind=kind,
        rule=rule.name,
        version=rule.version,
        source=source,
        scope=scope,
        start=period[0],
        end=period[1],
        sure_start=sure[0],
        sure_end=sure[1],
        certainty=certainty,
        detected=detected,
        evidence=tuple(dict.fromkeys(each for each in evidence if each is not None))[:CITED],
        records=tuple(dict.fromkeys(records))[:CITED],
        effect=effect,
        request=request,
    )


def moment(micros: int | None) -> str:
    """Return an instant in words."""
    return "an unknown time" if micros is None else rfc3339(micros, 0 if micros % SECOND == 0 else 6)


def between(start: int | None, end: int | None) -> str:
    """Return a period in words."""
    if start is None and end is None:
        return "at any time"
    if end is None:
        return f"from {moment(start)} on"
    if start is None:
        return f"up to {moment(end)}"
    return f"from {moment(start)} to {moment(end)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return names as a list in words, the rest as their number."""
    found = list(names)
    shown = found[:most]
    more = len(found) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")

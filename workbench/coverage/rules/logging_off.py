"""Logging that was switched off or narrowed: from the act that did it to the one that undid it.

CloudTrail goes on delivering by the last known configuration until a change has propagated (user guide, "Updating a trail"),
so both edges are fuzzy: a gap begins at the act that weakened the log, and ends with the last act that restored it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.coverage.facts import SLOT, Control, Facts, span
from workbench.coverage.making import Rule, between, count, listed, make_gap, moment
from workbench.model.gap import Certainty, Gap, GapKind, Scope

STOPPED = Rule("logging-off", 1, "a recorded act stopped or narrowed a log, and a later one restored it or none did")

_RESTORES = frozenset({"StartLogging", "PutEventSelectors", "CreateTrail", "UpdateTrail"})
_PROPAGATES = 900 * SECOND
"""Microseconds within which records still show that a log was being written around an edge."""


def logging_off(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each stretch in which a trail, or another log, was off or narrowed."""
    by_target: dict[tuple[str, str | None, str, str], list[Control]] = {}
    for control in facts.controls:
        if control.succeeded is not False and control.time is not None:
            name = (control.target or "an unnamed log").rpartition("/")[2]
            by_target.setdefault((control.source, control.account, control.service, name), []).append(control)
    for (source, account, service, name), controls in by_target.items():
        if service == "cloudtrail" and source == "aws.cloudtrail":
            for stretch in _stretches(controls):
                yield _of_trail(facts, source, account, name, stretch)
        else:
            weakening = [each for each in controls if each.tampers]
            if weakening:
                yield _of_other(source, account, service, name, weakening)


def _stretches(controls: list[Control]) -> Iterator[list[Control]]:
    """Yield runs of acts from the first that weakens a trail to the one after which nothing weakens it any more."""
    run: list[Control] = []
    stopped = narrowed = False
    for each in controls:
        if each.action == "StopLogging":
            stopped = True
        elif each.action == "DeleteTrail":
            stopped = narrowed = True
        elif each.action == "StartLogging":
            stopped = False
        elif each.action in ("PutEventSelectors", "UpdateTrail", "CreateTrail"):
            if each.action == "CreateTrail" and not run:
                continue
            if each.action == "PutEventSelectors":
                # Selectors that the record does not show may narrow or restore: after a narrowing they count as restoring,
                # before one as nothing.
                narrowed = bool(each.narrows)
        if stopped or narrowed or run:
            run.append(each)
        if run and not stopped and not narrowed:
            yield run
            run = []
    if run:
        yield run


def _of_trail(facts: Facts, source: str, account: str | None, name: str, run: list[Control]) -> Gap:
    first, last = run[0], run[-1]
    ended = last.action in _RESTORES and not last.narrows and len(run) > 1 and _is_restored(run)
    start, end = first.time, last.time if ended else None
    stops = [each.time for each in run if each.action in ("StopLogging", "DeleteTrail")]
    starts = [each.time for each in run if each.action == "StartLogging"]
    sure = (stops[0] if stops else None, (starts[-1] if starts else end) if ended else None)
    meanwhile = _records_between(facts, source, account, sure[0] or start, sure[1] or end)
    certainty = Certainty.POSSIBLE if _goes_on(facts, source, account, start, end, meanwhile) else Certainty.SHOWN
    what = "; ".join(f"{each.action} {moment(each.time)}{f' ({each.asked})' if each.asked else ''}" for each in run)
    elsewhere = (
        f" {count(meanwhile, 'record')} of this account from that time are on hand by another way: another trail, or the event"
        " history; what only this trail records is missing."
        if meanwhile
        else ""
    )
    return make_gap(
        STOPPED,
        GapKind.LOGGING_OFF,
        source,
        Scope(
            text=f"trail {name}" + (f" of account {account}" if account else ""),
            accounts=(account,) if account else (),
            subject=name,
        ),
        (start, end),
        certainty,
        detected=f"{what}; both edges are fuzzy, a change of a trail takes effect some minutes later",
        sure=sure,
        evidence=[each.event for each in run],
        about=(account, start),
        effect=f"Whatever this trail would have recorded {between(start, end)} can be neither shown nor ruled out."
        + elsewhere,
        request="The account's event history for that time (`aws cloudtrail lookup-events` in every region: management events,"
        " 90 days); every other trail, organisation trail and event data store of the account; logs of the services themselves"
        " (S3 server access, VPC flow, EKS audit).",
    )


def _goes_on(
    facts: Facts, source: str, account: str | None, start: int | None, end: int | None, meanwhile: int
) -> bool:
    """Whether records of the account go on at half their usual rate at least: then something else recorded it all along."""
    streams = facts.of(source, account)
    covered = span(streams)
    if covered is None or start is None:
        return False
    inside = max(min(covered[1], end or covered[1]) - start, 1)
    outside = max(covered[1] - covered[0] - inside, 1)
    usual = (sum(each.events - each.undated for each in streams) - meanwhile) / outside
    return meanwhile > 0 and meanwhile / max(inside - _PROPAGATES, 1) >= usual / 2


def _is_restored(run: list[Control]) -> bool:
    stopped = narrowed = False
    for each in run:
        if each.action in ("StopLogging", "DeleteTrail"):
            stopped = True
        elif each.action == "StartLogging":
            stopped = False
        elif each.action == "PutEventSelectors":
            narrowed = bool(each.narrows)
    return not stopped and not narrowed


def _records_between(facts: Facts, source: str, account: str | None, start: int | None, end: int | None) -> int:
    """Count records of an account between two instants, less what may still have been on its way."""
    found = 0
    for stream in facts.of(source, account):
        found += sum(
            events
            for slot, events in stream.slots.items()
            if (start is None or slot * SLOT >= start + _PROPAGATES)
            and (end is None or (slot + 1) * SLOT <= end)
        )
    return found


def _of_other(source: str, account: str | None, service: str, name: str, acts: list[Control]) -> Gap:
    """Return what an act against another log than a trail leaves open: no rule knows here what would restore it."""
    first = acts[0]
    return make_gap(
        STOPPED,
        GapKind.LOGGING_OFF,
        source,
        Scope(
            text=f"{service} {name}" + (f" of {account}" if account else ""),
            accounts=(account,) if account else (),
            subject=name,
        ),
        (first.time, None),
        Certainty.LIKELY,
        detected=f"{listed(dict.fromkeys(each.action for each in acts))}: acts on a log's own configuration",
        evidence=[each.event for each in acts],
        about=(account, service, first.time),
        effect=f"What this configuration kept being recorded may be missing {between(first.time, None)}: it can be neither"
        " shown nor ruled out.",
        request="The configuration of this log before and after, when it was restored, and what it delivered in between.",
    )

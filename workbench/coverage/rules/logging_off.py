"""Logging that was switched off or narrowed: from the act that did it to the one that undid it.

CloudTrail goes on delivering by the last known configuration until a change has propagated (user guide, "Updating a trail"),
so both edges are fuzzy: a gap begins at the act that weakened the log, and ends with the last act that restored it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.coverage.facts import SLOT, Control, Facts
from workbench.coverage.making import Rule, between, count, listed, make_gap, moment
from workbench.model.gap import ANY_LOG, Certainty, Gap, GapKind, Scope

STOPPED = Rule(
    "logging-off", 1, "a recorded act stopped or narrowed a log, and a later one restored it or none did"
)

_RESTORES = frozenset({"StartLogging", "PutEventSelectors", "CreateTrail", "UpdateTrail"})
_LOGS = {"ec2": "aws.vpcflow", "logs": ANY_LOG}
"""Which log the operations of a service switch off that weaken another than CloudTrail; else the service's own."""

_TELLING = 3
"""Stretches of five minutes between the edges of a silence below which it cannot be told from chance."""


def logging_off(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each stretch in which a trail, or another log, was off or narrowed."""
    by_target: dict[tuple[str, str | None, str, str, str], list[Control]] = {}
    for control in facts.controls:
        if control.succeeded is not False and control.time is not None:
            name = (control.target or "an unnamed log").rpartition("/")[2]
            key = (control.source, control.account, control.service, _home(control), name)
            by_target.setdefault(key, []).append(control)
    for (source, account, service, _, name), controls in by_target.items():
        if service == "cloudtrail" and source == "aws.cloudtrail":
            young = any(each.action == "CreateTrail" for each in controls)
            for stretch in _stretches(controls):
                yield _of_trail(facts, source, account, name, stretch, young=young)
        else:
            weakening = [each for each in controls if each.tampers]
            if weakening:
                yield _of_other(source, account, service, name, weakening)


def _home(control: Control) -> str:
    """Return the home region of a trail: its ARN names it, and calls by name alone are made there."""
    parts = (control.target or "").split(":")
    return (parts[3] if len(parts) > 5 and parts[0] == "arn" else control.region) or ""


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


def _of_trail(
    facts: Facts, source: str, account: str | None, name: str, run: list[Control], *, young: bool
) -> Gap:
    first, last = run[0], run[-1]
    ended = last.action in _RESTORES and not last.narrows and len(run) > 1 and _is_restored(run)
    start, end = first.time, last.time if ended else None
    stops = [each.time for each in run if each.action in ("StopLogging", "DeleteTrail")]
    starts = [each.time for each in run if each.action == "StartLogging"]
    sure = (stops[0] if stops else None, (starts[-1] if starts else end) if ended else None)
    meanwhile, goes_on = _meanwhile(facts, source, account, start, end)
    certainty = Certainty.SHOWN
    if goes_on:
        # What goes on was recorded by something else, and so was what came before if the trail was only just made.
        certainty = Certainty.POSSIBLE if young else Certainty.LIKELY
    what = "; ".join(
        f"{each.action} {moment(each.time)}{f' ({each.asked})' if each.asked else ''}" for each in run
    )
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
        about=(account, _home(first), start),
        effect=f"Whatever this trail would have recorded {between(start, end)} can be neither shown nor ruled out."
        + elsewhere,
        request="The account's event history for that time (`aws cloudtrail lookup-events` in every region: management events,"
        " 90 days); every other trail, organisation trail and event data store of the account; logs of the services themselves"
        " (S3 server access, VPC flow, EKS audit).",
    )


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


def _meanwhile(
    facts: Facts, source: str, account: str | None, start: int | None, end: int | None
) -> tuple[int, bool]:
    """Return how many records of the account are on hand from between the edges, and whether they go on as usual.

    Where nearly as many stretches of five minutes hold records as at other times, something else recorded all along.
    """
    slots: dict[int, int] = {}
    for stream in facts.of(source, account):
        for slot, events in stream.slots.items():
            slots[slot] = slots.get(slot, 0) + events
    if not slots or start is None:
        return 0, False
    low, high = start // SLOT + 1, (max(slots) + 1 if end is None else end // SLOT)
    inside = {slot: events for slot, events in slots.items() if low <= slot < high}
    outside = max(slots) - min(slots) + 1 - max(high - low, 0)
    if high - low < _TELLING:
        # Too short to tell by: the minutes on both sides count as well, where delivery goes by the old configuration.
        around = all(slot in slots for slot in range(low - 1, high + 1))
        return sum(inside.values()), around
    usual = (len(slots) - len(inside)) / max(outside, 1)
    return sum(inside.values()), len(inside) / (high - low) >= 0.8 * usual


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
            # No service of AWS but CloudTrail itself keeps CloudTrail's records; other platforms' logs hold all in one.
            logs=(_LOGS.get(service, f"aws.{service}"),) if source == "aws.cloudtrail" else (),
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

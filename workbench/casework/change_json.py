"""Changes, resources and exposures as JSON, with the field names that scripts may rely on (design, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from workbench.casefile.changes.reader import ChangedResource, SilentAct
from workbench.casefile.reader import CaseReader
from workbench.casework.as_json import time_text
from workbench.casework.could_reach import Reached
from workbench.casework.left_behind import LeftBehind
from workbench.casework.resource_history import History, Step, last_had
from workbench.casework.session_json import Refs, instant
from workbench.casework.silent_acts import SilentActs
from workbench.changes.between import Between, gaps_between, hides_changes
from workbench.changes.difference import Line, difference
from workbench.changes.snapshots import date_basis
from workbench.clock import SECOND
from workbench.evidence.secrets import masked_value
from workbench.model.case import StoredEvent
from workbench.model.change import Basis, Change, KnownValue, Silence
from workbench.model.gap import Gap
from workbench.model.references import EventId, RecordRef

_WORTH_SAYING = 60 * SECOND
"""How long an account must be without any record for that to say something, microseconds."""


class Cited:
    """What changes cite: their events, the events and snapshots that earlier states follow from.

    Attributes:
        events: By row number.
        snapshots: The reference of the record and the name of the evidence, by (negative) number.
        dated_by: What dates those snapshots that do not say their time, in words in brackets.
    """

    def __init__(self, reader: CaseReader, changes: list[Change], silent: SilentActs | None = None) -> None:
        wanted = {each.event for each in changes}
        wanted |= {each.before_event for each in changes if each.before_event is not None}
        numbers = sorted(EventId(number) for number in wanted if number > 0)
        self.events: dict[int, StoredEvent] = {each.id: each for each in reader.events(numbers)}
        self.snapshots = reader.changes.snapshots(wanted)
        self.dated_by = {
            each.event: basis for each in changes if each.event < 0 and (basis := date_basis(each.caveats))
        }
        self._snapshot_times = reader.changes.snapshot_times(wanted)
        derived = reader.derived_state() is not None
        self._gaps = [gap for gap in reader.coverage.gaps() if hides_changes(gap)] if derived else None
        self._unrecorded = {
            (each.event, each.position) for each in changes if self._nothing_between(reader, each)
        }
        self._silent = (SilentActs(reader) if silent is None else silent).before(changes)

    def ref(self, number: int | None) -> RecordRef | None:
        """Return the reference of an event or of a snapshot's record."""
        if number is None:
            return None
        if number < 0:
            return self.snapshots[number][0] if number in self.snapshots else None
        return self.events[number].ref if number in self.events else None

    def gaps_between(self, change: Change) -> list[Gap] | None:
        """Return the gaps that could hide another change between the state before a change, as it is known, and the change.

        ``None`` if the state before follows from no earlier record, or no gaps were derived.
        """
        if change.before_basis not in (Basis.RECONSTRUCTED, Basis.SNAPSHOT) or change.before_event is None:
            return None
        stored, before = self.events.get(change.event), self.events.get(change.before_event)
        since = self.known_since(change)
        if self._gaps is None or stored is None or since is None or change.time is None:
            return None
        acts = [stored, before] if before is not None else [stored]
        places = [each.event.place for each in acts]
        accounts = (
            change.resource.account,
            *(name for place in places for name in (place.account, place.tenant)),
        )
        regions = (change.resource.region, *(place.region for place in places))
        return gaps_between(
            self._gaps,
            Between(
                sources=frozenset(each.source for each in acts),
                accounts=frozenset(filter(None, accounts)),
                regions=frozenset(filter(None, regions)),
                services=frozenset(each.event.act.service for each in acts),
                actions=frozenset(each.event.act.action for each in acts),
                categories=frozenset(filter(None, (each.event.act.category for each in acts))),
                start=since,
                end=change.time,
            ),
        )

    def known_since(self, change: Change) -> int | None:
        """Return when the state before a change, as it is known, was stated or seen, microseconds UTC."""
        if change.before_event is None:
            return None
        before = self.events.get(change.before_event)
        if before is not None:
            return before.event.time.micros
        return self._snapshot_times.get((change.before_event, change.resource.id))

    def unrecorded(self, change: Change) -> bool:
        """Whether the case holds no record at all of the account between the state before a change and the change."""
        return (change.event, change.position) in self._unrecorded

    def _nothing_between(self, reader: CaseReader, change: Change) -> bool:
        stored, since = self.events.get(change.event), self.known_since(change)
        if change.before_basis not in (Basis.RECONSTRUCTED, Basis.SNAPSHOT) or stored is None:
            return False
        if since is None or change.time is None or change.time - since < _WORTH_SAYING:
            return False
        place = stored.event.place
        return not reader.changes.recorded_between(place.account, place.tenant, since, change.time)

    def silent_between(self, change: Change) -> Silence | None:
        """Return the acts between the state before a change, as it is known, and the change that do not say what they changed.

        ``None`` if the state before follows from no earlier record.
        """
        return self._silent.get((change.event, change.position))


def masked(change: Change) -> Change:
    """Return a change with the secrets in its values masked, for everything that shows it."""
    return msgspec.structs.replace(
        change,
        before=masked_value(change.field, change.before),
        after=masked_value(change.field, change.after),
        member=masked_value(change.field, change.member),
    )


def change_object(change: Change, cited: Cited) -> dict[str, Any]:
    """Return a change as one JSON object; what is not known is null and its basis ``unknown``."""
    change = masked(change)
    stored = cited.events.get(change.event)
    since = cited.known_since(change)
    age = None if since is None or change.time is None else (change.time - since) / SECOND
    ref = cited.ref(change.event)
    before_ref = cited.ref(change.before_event)
    gaps = cited.gaps_between(change)
    return {
        "ref": None if ref is None else str(ref),
        "time": instant(change.time) if stored is None else time_text(stored.event.time),
        "resource": change.title,
        "resource_id": change.resource.id,
        "resource_kind": change.resource.kind,
        "account": change.resource.account or None,
        "region": change.resource.region or None,
        "field": change.field or None,
        "operation": change.operation.value,
        "outcome": change.outcome.value,
        "attempt": change.attempted,
        "before": _value(change.before),
        "before_basis": change.before_basis.value,
        "before_ref": None if before_ref is None else str(before_ref),
        "before_age_seconds": age,
        "before_unrecorded": cited.unrecorded(change),
        "before_gaps": None if gaps is None else [gap.id for gap in gaps],
        "before_silent": silence_object(cited.silent_between(change)),
        "after": _value(change.after),
        "after_basis": change.after_basis.value,
        "member": _value(change.member),
        "difference": [line_object(line) for line in difference(change)],
        "caveats": list(change.caveats),
        "session": None if stored is None else stored.session,
        "identity": stored.event.identity.canonical if stored is not None and stored.event.identity else None,
        "service": None if stored is None else stored.event.act.service,
        "action": None if stored is None else stored.event.act.action,
        "source": None if stored is None else stored.source,
    }


def attempt_object(stored: StoredEvent) -> dict[str, Any]:
    """Return an attempt whose record states no change, with the names that a change has and nothing in them."""
    event = stored.event
    named = event.resources[0] if event.resources else None
    return {
        "ref": str(stored.ref),
        "time": time_text(event.time),
        "resource": None if named is None else named.name,
        "resource_id": None,
        "resource_kind": None if named is None else named.type,
        "account": event.place.account,
        "region": event.place.region,
        "field": None,
        "operation": None,
        "outcome": event.outcome.status.value,
        "attempt": True,
        **dict.fromkeys(("before", "before_ref", "before_age_seconds", "before_gaps", "before_silent")),
        "before_basis": Basis.UNKNOWN.value,
        "before_unrecorded": False,
        "after": None,
        "after_basis": Basis.UNKNOWN.value,
        "member": None,
        "difference": [],
        "caveats": [],
        "session": stored.session,
        "identity": event.identity.canonical if event.identity else None,
        "service": event.act.service,
        "action": event.act.action,
        "source": stored.source,
    }


def silence_object(silence: Silence | None) -> dict[str, Any] | None:
    """Return acts that do not say what they changed: how many, and the first few."""
    if silence is None:
        return None
    return {
        "events": silence.events,
        "first": [
            {
                "ref": str(each.ref),
                "time": instant(each.time),
                "service": each.service,
                "action": each.action,
                "outcome": each.outcome.value,
            }
            for each in silence.first
        ],
    }


def line_object(line: Line) -> dict[str, Any]:
    """Return a line of a difference."""
    return {"sign": line.sign, "path": line.path, "before": line.before, "after": line.after}


def _value(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def resource_object(resource: ChangedResource) -> dict[str, Any]:
    """Return a resource with the changes of it that the case knows."""
    return {
        "id": resource.id,
        "resource": resource.title,
        "kind": resource.key.kind,
        "name": resource.key.name,
        "account": resource.key.account or None,
        "region": resource.key.region or None,
        "family": resource.key.family,
        "changes": resource.changes,
        "first": instant(resource.first),
        "last": instant(resource.last),
    }


def history_objects(history: History, cited: Cited) -> list[dict[str, Any]]:
    """Return the steps of a history and, last, the state at its end, as objects that say which they are."""
    found = [_step(step, cited) for step in history.steps]
    found.append(
        {
            "what": "state",
            "resource": resource_object(history.resource),
            "as_of": instant(history.as_of),
            "created_later": None if history.created is None else instant(history.created.time),
            "fields": states_object(history.states, cited),
        }
    )
    return found


def _step(step: Step, cited: Cited) -> dict[str, Any]:
    stored = step.event
    return {
        "what": "snapshot" if stored is None else "event",
        "time": instant(step.time),
        "ref": _step_ref(step, cited),
        "service": None if stored is None else stored.event.act.service,
        "action": None if stored is None else stored.event.act.action,
        "verb": None if stored is None else stored.event.act.verb.value,
        "outcome": None if stored is None else stored.event.outcome.status.value,
        "identity": stored.event.identity.canonical if stored is not None and stored.event.identity else None,
        "identity_kind": None if stored is None else stored.event.kind.kind.value,
        "session": None if stored is None else stored.session,
        "events": step.events,
        "until": instant(step.until),
        "session_strength": None if step.strength is None else step.strength.value,
        "silent": step.silent,
        "changes": [change_object(change, cited) for change in step.changes],
        "state": states_object(step.states, cited) if step.changes else None,
    }


def _step_ref(step: Step, cited: Cited) -> str | None:
    if step.event is not None:
        return str(step.event.ref)
    ref = cited.ref(step.changes[0].event) if step.changes else None
    return None if ref is None else str(ref)


def states_object(states: Mapping[str, KnownValue], cited: Cited) -> dict[str, Any]:
    """Return what is known of fields."""
    found = {}
    for field, known in sorted(states.items()):
        ref = cited.ref(known.event)
        found[field] = {
            "value": _value(masked_value(field, known.value)),
            "basis": known.basis.value,
            "ref": None if ref is None else str(ref),
            "dated_by": cited.dated_by.get(known.event or 0, "").strip(" ()") or None,
            "members": dict(sorted(known.members.items()))
            if known.basis is Basis.UNKNOWN and known.members
            else None,
            "silent_since": silence_object(known.silent),
            "tied": [str(cited.events[each].ref) for each in known.tied if each in cited.events],
        }
    return found


def exposure_object(left: LeftBehind, refs: Refs) -> dict[str, Any]:
    """Return something that was left behind."""
    each = left.exposure
    return {
        "ref": str(refs[each.event]) if each.event in refs else None,
        "time": instant(each.time),
        "kind": each.kind.value,
        "resource": each.title,
        "resource_kind": each.resource.kind,
        "what": each.what,
        "rule": each.rule,
        "session": left.session,
        "undone": each.undone_by is not None,
        "undone_ref": None if each.undone_by is None else str(refs[each.undone_by]),
        "undone_at": instant(each.undone_at),
        "undone_how": each.undone_how,
        "undoing_can_be_told": not each.untold,
        "fate": each.fate.value,
        "denied_by": list(each.against),
        "remark": each.remark,
        "remark_ref": _ref(refs, each.remark_event),
        "silent_since": silence_object(left.silent),
    }


def _ref(refs: Refs, event: int | None) -> str | None:
    return str(refs[event]) if event is not None and event in refs else None


def silent_object(act: SilentAct) -> dict[str, Any]:
    """Return an act that changes something its records do not say."""
    return {
        "service": act.service,
        "action": act.action,
        "verb": act.verb,
        "events": act.events,
        "attempts": act.attempted,
    }


def who(stored: StoredEvent) -> str:
    """Return who did an event, by the name people use."""
    return stored.event.identity.name if stored.event.identity else "no identity named"


def reach_objects(history: History, reached: Reached, refs: Refs) -> list[dict[str, Any]]:
    """Return what a principal could have reached, and what gives it access of which the case does not know to what.

    If that is nothing, when it last had policies; that none is known is no all-clear and says so.
    """
    common = {"level": "E0", "resource": history.resource.title}
    beside = {"not_looked_at": reached.beside}
    given = [
        {
            "what": "grant not looked at",
            **common,
            "grant": each.words,
            "ref": _ref(refs, each.event),
            **beside,
        }
        for each in reached.given
    ]
    had = None if reached.listed else last_had(history)
    if had is not None:
        times = {"since": instant(had.since), "seen": instant(had.seen), "until": instant(had.until)}
        return [{"what": "had policies", **common, **times, **beside}, *given]
    listed = [
        {
            "what": "grant" if each.words else "policy not in the case",
            **common,
            "grant": each.words or None,
            "policy": each.policy,
            "ref": _ref(refs, each.event),
            "group": each.group,
            "member_ref": _ref(refs, each.member_by),
            "denied_by": list(each.against),
            "silent_since": silence_object(each.silent),
            **beside,
        }
        for each in reached.listed
    ]
    return [*listed, *given] or [{"what": "no policy in the case", **common, **beside}]

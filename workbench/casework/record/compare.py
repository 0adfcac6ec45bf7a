"""What a case file holds of its derived layer, compared with one that was made anew, in findings for people."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import orjson

from workbench.casefile.compare.contents import Place
from workbench.casefile.compare.tables import Difference
from workbench.casefile.derived.state import DERIVED_VERSION
from workbench.casefile.reader import CaseReader
from workbench.casework.as_json import event_line
from workbench.casework.gap_json import gap_object
from workbench.casework.ingest.reading import ReadingOptions, readers_of
from workbench.casework.session_json import (
    credential_object,
    events_cited,
    identity_object,
    link_object,
    session_object,
    skew_object,
)
from workbench.evidence.secrets import masked_value
from workbench.journal.record import Finding
from workbench.text import visible

_SHOWN = 5
"""Differences of one kind that are named one by one."""

_EVENTS = 500
"""Events fetched together."""

Told = Callable[[str, int, int], None]
"""Told what is being done, how far it has come, and of how much."""


class Rebuilt:
    """What came of it.

    Attributes:
        findings: Differences, and what could not be compared.
        events: Events that were compared.
        digest: SHA-256 over all that was derived anew: the same evidence gives the same one on any machine; empty if the
            comparison did not come to its end.
        whole: Whether all of the derived layer was compared: not what other versions made, nor what is not up to date.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.events = 0
        self.digest = ""
        self.whole = True


def compare(
    stored: CaseReader, rebuilt: CaseReader, options: Mapping[str, ReadingOptions], told: Told
) -> Rebuilt:
    """Compare a case with what was made anew from its evidence.

    Args:
        stored: The case.
        rebuilt: What was made anew.
        options: How each file was read, by its SHA-256.
        told: Told how far it has come.
    """
    result = Rebuilt()
    try:
        _Comparison(stored, rebuilt, options, told, result).run()
    except (ValueError, TypeError, KeyError) as error:
        # What a damaged file holds there may be anything; what was found before counts.
        what = f"it holds what no workbench writes, so that the comparison ends here: {visible(str(error))}"
        result.findings.append(Finding("derived", "unreadable", "derived layer", what))
        result.digest = ""
    return result


class _Comparison:
    """Holds what a case holds against what was derived anew."""

    def __init__(
        self,
        stored: CaseReader,
        rebuilt: CaseReader,
        options: Mapping[str, ReadingOptions],
        told: Told,
        result: Rebuilt,
    ) -> None:
        self._stored = stored
        self._rebuilt = rebuilt
        self._options = options
        self._told = told
        self._digest = hashlib.sha256()
        self._result = result
        self._compared = stored.compared_with(rebuilt)
        self._wrong_events = self._wrong_contents = 0

    def run(self) -> None:
        """Compare all of it."""
        stored, rebuilt = self._stored.rows.by_hash(), self._rebuilt.rows.by_hash()
        current = {
            f"{reader.source} {reader.version}"
            for each in {ReadingOptions(), *self._options.values()}
            for reader in readers_of(each).all
        }
        total = self._rebuilt.event_count()
        other_versions: set[str] = set()
        for sha256, (name, ids) in sorted(stored.items()):
            found = rebuilt.get(sha256)
            if found is None:
                self._wrong("derived-content", name, "what is kept of it cannot be read again under its hash")
                continue
            read_by = {line.removesuffix(" unverified") for line in self._stored.rows.sources(ids)}
            if not read_by <= current:
                other_versions |= read_by - current
                continue
            self._named(
                "account",
                (
                    each._replace(where=f"{name}: {each.where}")
                    for each in self._compared.contents.account(ids, found[1])
                ),
            )
            self._digest.update(repr((sha256, self._rebuilt.rows.accounts(found[1]))).encode())
            self._compare_events(sha256, ids, found[1], total)
        if self._wrong_events > _SHOWN:
            what = f"{self._wrong_events - _SHOWN:,} further ones differ; in all {self._wrong_contents:,} contents hold such"
            self._wrong("derived-event", "events", what)
        if other_versions:
            what = f"read by {', '.join(sorted(other_versions))}, which this workbench does not have: not compared"
            self._not_compared("derived-version", "events", what)
        self._named(
            "table", self._compared.by_itself(lambda done, of: self._told("comparing tables", done, of))
        )
        self._compare_derived(comparable=not other_versions)
        self._result.digest = self._digest.hexdigest()

    def _compare_events(self, sha256: str, stored: list[int], rebuilt: list[int], total: int) -> None:
        wrong: list[Difference] = []
        pending: list[list[int]] = []
        count = 0
        for place in self._compared.contents.events(stored, rebuilt):
            if place.difference:
                wrong.append(self._event_difference(sha256, place))
            if place.rebuilt:
                pending.append(place.rebuilt)
                count += len(place.rebuilt)
            if count >= _EVENTS:
                self._count(pending, total)
                pending, count = [], 0
        self._count(pending, total)
        self._wrong_events += len(wrong)
        self._wrong_contents += bool(wrong)
        for each in wrong[: max(0, _SHOWN - (self._wrong_events - len(wrong)))]:
            self._wrong(each.code, each.where, each.what)

    def _event_difference(self, sha256: str, place: Place) -> Difference:
        """Say in the words of an event how one differs, where they tell it."""
        start, part = place.ref
        where = f"event {sha256}:{start}{f'#{part}' if part else ''}"
        what = place.difference
        if len(place.stored) == len(place.rebuilt) == 1:
            # What an event refers to may not be there any more, or be anything.
            with contextlib.suppress(Exception):
                one, other = (
                    _lines(reader, [ids])[0]
                    for reader, ids in ((self._stored, place.stored), (self._rebuilt, place.rebuilt))
                )
                if one != other:
                    what = _difference(one, other)
        return Difference("derived-event", where, what)

    def _count(self, groups: list[list[int]], total: int) -> None:
        for line in _lines(self._rebuilt, groups):
            self._digest.update(line)
        self._result.events += sum(map(len, groups))
        self._told("comparing", self._result.events, total)

    def _compare_derived(self, *, comparable: bool) -> None:
        """Compare what follows from all events, table by table."""
        state = self._stored.derived_state()
        for kind, objects in _derived(self._rebuilt):
            self._digest.update(kind.encode() + json.dumps(objects, sort_keys=True, default=str).encode())
        why = ""
        if not comparable:
            why = "the events they follow from cannot be compared"
        elif not self._stored.derived.current():
            why = "they have not been derived since evidence was added: run `workbench derive`"
        elif state is not None and state.version != DERIVED_VERSION:
            why = f"they were derived by version {state.version}, this is {DERIVED_VERSION}: run `workbench derive`"
        if why:
            self._not_compared("derived-not-compared", "sessions and links", f"not compared: {why}")
            return
        if state is None:
            self._named("table", self._compared.underived())
            return
        changes = self._stored.changes.current()
        if not changes:
            what = "not compared: they have not been derived to the end: run `workbench derive`"
            self._not_compared("derived-not-compared", "changes", what)
        self._named("row", self._compared.of_case(changes=changes))

    def _named(self, called: str, wrong: Iterator[Difference]) -> None:
        """Name the first differences of each kind one by one, and count the others."""
        counts: Counter[str] = Counter()
        for each in wrong:
            counts[each.code] += 1
            if counts[each.code] <= _SHOWN:
                self._wrong(each.code, each.where, each.what)
        for code, count in counts.items():
            if count > _SHOWN:
                where = code.removeprefix("derived-")
                self._wrong(code, where, f"{count - _SHOWN:,} further {called}s differ")

    def _wrong(self, code: str, where: str, what: str) -> None:
        self._result.findings.append(Finding("derived", code, visible(where), visible(what)))

    def _not_compared(self, code: str, where: str, what: str) -> None:
        self._result.whole = False
        self._result.findings.append(Finding("derived", code, where, what, failed=False))


def _lines(reader: CaseReader, groups: list[list[int]]) -> list[bytes]:
    """Return all that events say, each as one text, those of one place in the order of their texts."""
    events = {event.id: event for event in reader.events([each for group in groups for each in group])}
    found: list[bytes] = []
    for group in groups:
        lines = []
        for number in group:
            said = event_line(events[number])  # type: ignore[index]
            # Of two files with the same bytes it is a matter of their order whose copy is shown; tags are what
            # people said, which is held against the journal.
            for name in ("evidence", "tag", "tags"):
                del said[name]
            lines.append(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
        found += sorted(lines)
    return found


def _derived(reader: CaseReader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all that was derived from events, by kind and id, without row numbers."""
    derived = reader.derived
    sessions = list(derived.sessions())
    refs = derived.refs({each.opened_by for each in sessions if each.opened_by is not None})
    yield "session", {each.id: session_object(each, refs) for each in sessions}
    links = list(derived.links())
    refs = derived.refs(events_cited(links))
    yield "link", {each.id: link_object(each, refs) for each in links}
    matches = derived.matches()
    yield "identity", {each.id: identity_object(each, matches, []) for each in derived.identities()}
    credentials = list(derived.credentials())
    refs = derived.refs(
        {
            event
            for each in credentials
            for event in (each.issued_by, each.opened_by, each.revoked_by)
            if event is not None
        }
    )
    yield "credential", {each.id: credential_object(each, refs) for each in credentials}
    skews = derived.skews()
    refs = derived.refs({event for each in skews for event in each.evidence})
    yield "skew", {json.dumps(skew_object(each, refs), default=str): True for each in skews}
    gaps = reader.coverage.gaps()
    refs = derived.refs({event for each in gaps for event in each.evidence})
    listing = dict(reader.rows.gap_listing())
    told = {each.id: gap_object(each, refs) for each in gaps}
    yield (
        "gap",
        {
            name: {
                **told.get(name, {}),
                "evidence": sorted(told.get(name, {}).get("evidence", ())),
                **{f"listed_{column}": value for column, value in listing.get(name, {}).items()},
            }
            for name in told.keys() | listing.keys()
        },
    )
    streams = {" ".join(filter(None, each.key)): each for each in reader.coverage.streams()}
    yield (
        "coverage",
        {
            f"of {name}": {
                **msgspec.to_builtins(each),
                "slots": {str(slot): count for slot, count in sorted(each.slots.items())},
            }
            for name, each in streams.items()
        },
    )
    yield "change", {name: _without_secrets(each) for name, each in reader.rows.changes()}


def _without_secrets(change: dict[str, Any]) -> dict[str, Any]:
    """Mask the secrets in the values of a change, which are compared by their hash and shown without them."""
    values = {name: change[name] for name in ("stated_before", "stated_after", "before")}
    masked = {name: masked_value(change["field"], value) for name, value in values.items()}
    return {**change, **masked, "values": hashlib.sha256(repr(values).encode()).hexdigest()}


def _difference(mine: bytes, theirs: bytes) -> str:
    """Name the first field in which two objects differ, with both values."""
    one, other = orjson.loads(mine), orjson.loads(theirs)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            return f"{name} is {_short(one.get(name))}, the evidence gives {_short(other.get(name))}"
    return "differs"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"

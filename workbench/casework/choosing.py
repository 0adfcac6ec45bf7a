"""The events that a tag is to cover, and what their records bind them to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from workbench.casefile.claims.projection import write_places
from workbench.casefile.reader import CaseReader
from workbench.casework.citing import of_event, of_link
from workbench.casework.lineage import find_session
from workbench.casework.session_json import events_cited
from workbench.claims.binding import NAMED, Binding, machine_view
from workbench.clock import rfc3339
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.model.case import StoredEvent
from workbench.model.claim import Choice, Citation, Grade, MachineView, Scope
from workbench.model.event import Credential, Particulars
from workbench.model.evidence import Disposition
from workbench.model.gap import Certainty
from workbench.model.references import parse_reference
from workbench.model.session import KnownCredential, Link, Session, Strength, weakest
from workbench.search import parse
from workbench.sessions.keys import SIGN_IN, KeyClass, anchor_of, method_of, names_nothing, parted

LIMIT = 100_000
"""Events of one tag. A journal entry names each of them; more belong to several claims."""

_PAGE = 500

_CITED = 20
"""Events and sessions from which citations are proposed."""

_LISTED = 200
"""Credentials and sources that a scope lists."""


class Chosen(NamedTuple):
    """Events chosen for a tag, with everything that a tag dialog shows before anything is committed.

    Attributes:
        events: Their row numbers.
        scope: The same as it is journalled, with nothing said yet of how many are bound.
        bindings: What their records bind them to.
        machine: The strongest level that the links support, and why.
        proposals: What could be cited, the strongest first.
        subject: The one identity, credential or session that they are of; empty if there are several.
        key: The one credential that they present; empty if there are several.
    """

    events: list[int]
    scope: Scope
    bindings: list[Binding]
    machine: MachineView
    proposals: tuple[Citation, ...]
    subject: str
    key: str


def choose(reader: CaseReader, references: Sequence[str], query: str | None = None) -> Chosen:
    """Choose events by references, sessions or a filter.

    A session stands for its own events. What opened it, a sign-in or the act that issued its key, is another act, often of
    another identity: it is proposed as a citation instead.

    Args:
        reader: The case.
        references: References of events, and ids of sessions.
        query: A query of the filter language, instead.

    Raises:
        UnknownReferenceError: If a reference names nothing.
        WorkbenchError: If there are none, or more than :data:`LIMIT`.
        QueryError: If the query cannot be understood.
    """
    if query is not None:
        return chosen(reader, _scanned(reader, query), Choice.FILTER, query)
    events: dict[int, None] = {}
    sessions: list[str] = []
    for text in references:
        if text.upper().startswith("S-"):
            session = find_session(reader, text)
            sessions.append(session.id)
            events.update(dict.fromkeys(_own_events(reader, [session.id])))
        else:
            stored = reader.find(parse_reference(text))
            if stored.disposition not in (Disposition.PRIMARY, Disposition.CONFLICT):
                raise UnknownReferenceError(
                    f"{stored.ref.short} is {stored.disposition}: no event of the timeline",
                    "tag the event that it is a copy or a part of",
                )
            events[stored.id] = None
    choice = Choice.SESSION if sessions and len(sessions) == len(references) else Choice.LISTED
    return chosen(reader, list(events), choice, " ".join(sessions))


def _scanned(reader: CaseReader, query: str) -> list[int]:
    found: list[int] = []
    for chunk in reader.scan(parse(query)):
        found += chunk.ids
        if len(found) > LIMIT:
            raise WorkbenchError(
                f"more than {LIMIT:,} events fit: too many for one claim",
                "narrow the filter, or tag by session",
            )
    return found


def chosen(reader: CaseReader, events: Sequence[int], choice: Choice, text: str) -> Chosen:
    """Look at chosen events.

    Args:
        reader: The case.
        events: Their row numbers.
        choice: How they were chosen.
        text: The sessions or the query.

    Raises:
        WorkbenchError: If there are none, or too many.
    """
    if not events and choice is Choice.FILTER:
        raise WorkbenchError("no event passes the filter", "look with `events` what it finds")
    if not events:
        raise WorkbenchError("there are no events to tag", "name one by its reference, HASH:OFFSET")
    if len(events) > LIMIT:
        raise WorkbenchError(f"{len(events):,} events are too many for one claim", f"at most {LIMIT:,}")
    look = _Look(reader)
    places: dict[str, list[tuple[int, int, int]]] = {}
    times: list[int] = []
    keys: dict[str, None] = {}
    sources: dict[str, None] = {}
    actions: set[str] = set()
    subjects: set[str | None] = set()
    found: dict[Binding, int] = {}
    first: dict[Binding, list[str]] = {}
    shown: list[StoredEvent] = []
    for start in range(0, len(events), _PAGE):
        for stored in reader.events(events[start : start + _PAGE]):
            ref = stored.ref
            places.setdefault(ref.content_sha256, []).append((ref.offset, ref.length, ref.part))
            if stored.event.time.micros is not None:
                times.append(stored.event.time.micros)
            sources[stored.source] = None
            actions.add(f"{stored.event.act.service} {stored.event.act.action}")
            binding = look.binding(stored)
            if binding.credential is not None:
                keys[binding.credential] = None
            subjects.add(binding.identity or binding.credential)
            found[binding] = found.get(binding, 0) + 1
            if found[binding] <= NAMED:
                first.setdefault(binding, []).append(ref.short)
            if len(shown) < _CITED:
                shown.append(stored)
    bindings = [
        msgspec.structs.replace(each, events=count, first=tuple(first[each])) for each, count in found.items()
    ]
    scope = Scope(
        choice=choice,
        text=text,
        events=sum(found.values()),
        bound=0,
        places={sha256: write_places(listed) for sha256, listed in sorted(places.items())},
        start=rfc3339(min(times), 6) if times else None,
        end=rfc3339(max(times), 6) if times else None,
        credentials=tuple(sorted(keys))[:_LISTED],
        sources=tuple(sorted(sources))[:_LISTED],
        actions=tuple(sorted(actions)) if len(actions) <= _LISTED else (),
    )
    subject = subjects.pop() if len(subjects) == 1 else None
    key = next(iter(keys)) if len(keys) == 1 else ""
    proposals = _proposals(reader, shown, [each.session for each in bindings if each.session])
    return Chosen(list(events), scope, bindings, machine_view(bindings), tuple(proposals), subject or "", key)


def view_of(reader: CaseReader, events: Sequence[int]) -> MachineView:
    """Return what the links support of events by themselves, as they are now."""
    look = _Look(reader)
    found: dict[Binding, int] = {}
    for start in range(0, len(events), _PAGE):
        for stored in reader.events(events[start : start + _PAGE]):
            binding = look.binding(stored)
            found[binding] = found.get(binding, 0) + 1
    return machine_view([msgspec.structs.replace(each, events=count) for each, count in found.items()])


def uncovered(reader: CaseReader, scope: Scope, events: Sequence[int]) -> int | None:
    """Return how many events a scope's sessions or filter have now beside those that it took up.

    Args:
        reader: The case.
        scope: The scope.
        events: The row numbers of those that it took up and that are still there.

    Returns:
        Their number; ``None`` if a session is no longer there, or more events fit than a claim can hold.
    """
    try:
        if scope.choice is Choice.SESSION:
            now = _own_events(reader, scope.text.split())
        elif scope.choice is Choice.FILTER:
            now = _scanned(reader, scope.text)
        else:
            return 0
    except WorkbenchError:
        return None
    return len(set(now) - set(events))


def _own_events(reader: CaseReader, sessions: Iterable[str]) -> list[int]:
    """Return the events of sessions but not those that opened them."""
    found: dict[int, None] = {}
    for name in sessions:
        session = find_session(reader, name)
        opened = reader.derived.openers_of(session.id)
        found.update(
            dict.fromkeys(each for each in _scanned(reader, f"session:{session.id}") if each not in opened)
        )
    return list(found)


def bindings_of(reader: CaseReader, events: Iterable[StoredEvent]) -> list[Binding]:
    """Return what the record of each event binds it to."""
    look = _Look(reader)
    return [look.binding(stored) for stored in events]


class _Look:
    """What is known of the sessions and credentials of the events that are looked at."""

    def __init__(self, reader: CaseReader) -> None:
        self._reader = reader
        self._unverified = reader.derived.unverified()
        self._versions = reader.derived.versions()
        self._altered = {
            sha256: gap.id
            for gap in reader.coverage.gaps()
            if gap.certainty is Certainty.SHOWN
            for sha256 in gap.scope.contents
        }
        self._sessions: dict[str, Session | None] = {}
        self._contradicted: dict[str, tuple[str, ...]] = {}
        self._credentials: dict[str, list[KnownCredential]] = {}

    def binding(self, stored: StoredEvent) -> Binding:
        """Return what the record of one event binds it to."""
        event = stored.event
        session = self._session(stored.session)
        presented = [event.credential] if event.credential else []
        presented += (event.particulars or Particulars()).used
        caveats: tuple[str, ...] = ()
        key = _key(presented)
        if key is not None and stored.source in self._unverified:
            caveats = (
                f"the reader of {stored.source} was checked against no sample: nothing it reads is proven",
            )
            key = None
        altered = self._altered.get(stored.ref.content_sha256)
        if altered is not None:
            caveats = (
                *caveats,
                f"the file of the record was altered after delivery ({altered}): nothing in it is proven",
            )
            key = None
        versions = self._versions.get(stored.id)
        if versions is not None and versions.differ:
            caveats = (
                *caveats,
                f"{stored.ref.short} stands in {versions.number:,} versions under one id, which differ in"
                f" {', '.join(versions.differ)}: nothing in it is proven",
            )
            key = None
        names = []
        identity = event.identity
        if identity is not None:
            tail = identity.canonical.casefold()
            name = identity.name.casefold()
            if tail.endswith((f"/{name}", f":{name}")):
                names.append(identity.name)
            if identity.native_id and ":" not in identity.native_id:
                names.append(identity.native_id)
        names += [
            each.native_id
            for each in presented
            if method_of(each.type).key_class is not KeyClass.CONTEXT and not names_nothing(each.native_id)
        ]
        # The key of a session that was parted by client and pauses is in the records of others, too.
        anchored = session is not None and session.anchor in presented and not parted(session.anchor)
        contradictions = self._against(session)
        if versions is not None:
            contradictions = (
                f"{stored.ref.short}: a copy of the record says something else",
                *contradictions,
            )
        outside, odd = self._validity(key, event.time.micros)
        return Binding(
            credential=key.native_id if key else None,
            kind=key.type if key else None,
            identity=identity.canonical if identity else None,
            names=tuple(sorted(set(names))),
            session=session.id if session else None,
            membership=(session.membership if anchored else Strength.INFERRED)
            if session
            else Strength.UNPROVEN,
            opening=_opening(session),
            chain=session.chain if session else Strength.UNPROVEN,
            contradictions=(*contradictions, *odd, *_spoken(session)),
            outside=outside,
            caveats=caveats,
        )

    def _session(self, name: str | None) -> Session | None:
        if name is None:
            return None
        if name not in self._sessions:
            self._sessions[name] = next(self._reader.derived.sessions([name]), None)
        return self._sessions[name]

    def _against(self, session: Session | None) -> tuple[str, ...]:
        """Return the links into a session that something contradicts."""
        if session is None:
            return ()
        if session.id not in self._contradicted:
            self._contradicted[session.id] = tuple(
                f"{link.id} ({link.rule}) is contradicted: {'; '.join(link.caveats)}"
                for link, _ in self._reader.derived.edges_into(session.id)
                if link.contradicted
            )
        return self._contradicted[session.id]

    def _validity(self, key: Credential | None, time: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return why an event lies outside the validity of its credential, and what else is odd about that."""
        if key is None:
            return (), ()
        if key.native_id not in self._credentials:
            self._credentials[key.native_id] = self._reader.derived.credentials_named([key.native_id])
        outside, odd = [], []
        for known in self._credentials[key.native_id]:
            if known.type != key.type:
                continue
            if time is not None and known.expires is not None and time > known.expires:
                outside.append(f"outside the validity of {key.native_id}: it had expired")
            if time is not None and known.revoked_at is not None and time > known.revoked_at:
                outside.append(f"outside the validity of {key.native_id}: it had been taken back")
            odd += [warning for warning in known.warnings if not warning.startswith("used after")]
        return tuple(outside), tuple(odd)


def _opening(session: Session | None) -> Strength:
    """Return how well the record that opened a session is shown; what issued another key of its events opened nothing."""
    if session is None:
        return Strength.UNPROVEN
    return weakest(
        (session.strength, Strength.PROVEN if session.opened_by is not None else Strength.INFERRED)
    )


def _spoken(session: Session | None) -> Iterator[str]:
    """Yield what speaks against a session itself."""
    if session is not None:
        yield from (
            f"{session.id}: {caveat}" for caveat in session.caveats if caveat.startswith("contradiction")
        )


def _key(presented: Sequence[Credential]) -> Credential | None:
    """Return the key of a record that its issuer made once: its credential, or what else it presents.

    What stands in place of a key that was masked is none, and neither are the name and second by which a console sign-in is
    known: nobody made them as a mark, and another sign-in can have the same.
    """
    keys = [each for each in presented if each.type != SIGN_IN]
    for each in keys[:1]:
        if method_of(each.type).key_class is not KeyClass.CONTEXT and not names_nothing(each.native_id):
            return each
    return anchor_of(keys)


def _proposals(
    reader: CaseReader, events: Sequence[StoredEvent], sessions: Iterable[str]
) -> Iterator[Citation]:
    """Yield what could be cited: the records themselves, then what opened their sessions and links that touch them."""
    found: dict[str, Citation] = {str(each.ref): of_event(each) for each in events}
    links: dict[str, Link] = {}
    named = list(dict.fromkeys(sessions))[:_CITED]
    for session in named:
        links.update((link.id, link) for link, _ in reader.derived.edges_into(session))
    stored = {each.id for each in events}
    for each in events[:_CITED]:
        for link in reader.derived.links_of_event(each.id):
            if link.target.event in stored and link.rule != "aws-forwarded":
                links[link.id] = link
    # Which record opened a session is cited by itself only where that is proven; else the link says how well it is shown.
    opened = [
        one.opened_by
        for one in (reader.derived.sessions(named) if named else ())
        if one.opened_by is not None and one.strength is Strength.PROVEN
    ]
    for opening in reader.events(opened):
        found.setdefault(str(opening.ref), of_event(opening))
    refs = reader.derived.refs(events_cited(links.values()))
    order = list(Strength)
    for link in sorted(links.values(), key=lambda each: (order.index(each.strength), each.id)):
        found[link.id] = of_link(link, refs)
    yield from found.values()


def prefilled(proposals: Iterable[Citation], grade: Grade) -> tuple[Citation, ...]:
    """Return which proposals are cited unless the responder chooses: those that carry a claim of this grade."""
    allowed: tuple[Strength | None, ...] = (None, Strength.PROVEN)
    if grade is Grade.INFERRED:
        allowed += (Strength.INFERRED,)
    elif grade is Grade.UNPROVEN:
        allowed += (Strength.INFERRED, Strength.UNPROVEN)
    return tuple(each for each in proposals if each.strength in allowed)

"""Citing: from what a person types to a citation that keeps what was seen, and what is there of it later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.as_json import time_text
from workbench.casework.lineage import find_session
from workbench.casework.session_json import Refs, end_text, events_cited
from workbench.claims.documents import read_by_people
from workbench.claims.staleness import Hole, Present, hash_of
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.model.case import StoredEvent
from workbench.model.claim import Citation, CitationKind, Kept, Level, Origin, Tag, version_name
from workbench.model.evidence import Disposition, EvidenceItem
from workbench.model.finding import Finding
from workbench.model.gap import ANY_LOG, Breakable, Gap, GapKind
from workbench.model.note import HandOver, Note
from workbench.model.references import PartialRef, RecordRef, parse_reference
from workbench.model.session import Link, Session

_RECORD = re.compile(r"[0-9a-f]{6,64}:\d+(\+\d+)?(#\d+)?\Z", re.IGNORECASE)
_MENTION = re.compile(r"\b(?:[0-9a-f]{6,64}:\d+(?:\+\d+)?(?:#\d+)?|[SLGTFN]-[0-9a-f]{12})", re.IGNORECASE)

CLAIMS = {"T": CitationKind.TAG, "F": CitationKind.FINDING, "N": CitationKind.NOTE}


def cite(reader: CaseReader, text: str) -> Citation:
    """Return the citation of a record, document, link, session, tag, finding or note.

    Args:
        reader: The case.
        text: A record reference, an id, or the name of a document.

    Raises:
        UnknownReferenceError: If it names nothing in the case.
    """
    text = text.strip()
    if not text:
        raise UnknownReferenceError(
            "what is cited has no name", "give a reference (HASH:OFFSET), an id, or the name of a document"
        )
    letter = text[:2].upper()
    if letter == "L-":
        links = reader.derived.links_named([text])
        if not links:
            raise UnknownReferenceError(f"no link is called {text!r}", "`workbench links` lists them")
        return of_link(links[0], reader.derived.refs(events_cited(links)))
    if letter == "S-":
        return of_session(find_session(reader, text))
    if letter == "G-":
        return _of_gap(text, gaps_of(reader))
    if letter[1:] == "-" and letter[0] in CLAIMS:
        return of_claim(standing(reader, text))
    if _RECORD.match(text):
        return _of_record(reader, text)
    return of_document(reader.find_evidence(text))


def cite_all(reader: CaseReader, texts: Iterable[str]) -> tuple[Citation, ...]:
    """Return the citations of several things, each once."""
    return tuple({each.ref: each for each in (cite(reader, text) for text in texts)}.values())


def cite_again(reader: CaseReader, citation: Citation) -> Citation:
    """Return the citation of what was cited before, as it is now; what a document shows stays as it was said."""
    return msgspec.structs.replace(cite(reader, citation.ref), shows=citation.shows)


def showing(reader: CaseReader, cites: Sequence[Citation], shows: Iterable[str]) -> tuple[Citation, ...]:
    """Return citations with what documents are said to show; a document that was not cited is cited by that.

    Args:
        reader: The case.
        cites: What is cited.
        shows: Of each document its name or reference, a colon and a blank, and what it shows of whom.

    Raises:
        WorkbenchError: If a text is not of that form, or is about something that speaks for itself.
        UnknownReferenceError: If there is no such document.
    """
    found = {each.ref: each for each in cites}
    for text in shows:
        name, _, said = text.partition(": ")
        if not name.strip() or not said.strip():
            raise WorkbenchError(
                f"of which document is that said: {text!r}", 'write "DOCUMENT: what it shows, and of whom"'
            )
        citation = cite(reader, name)
        if not read_by_people(citation):
            raise WorkbenchError(
                f"{citation.kind} {citation.short} is no document: its record says what it shows",
                "say what documents show, and cite records as they are",
            )
        found[citation.ref] = msgspec.structs.replace(citation, shows=said.strip())
    return tuple(found.values())


def mentions(text: str) -> tuple[str, ...]:
    """Return the references and ids that stand in a text."""
    return tuple(dict.fromkeys(match[0] for match in _MENTION.finditer(text)))


def standing(reader: CaseReader, start: str) -> Kept[Tag] | Kept[Finding] | Kept[Note] | Kept[HandOver]:
    """Return the standing version of a tag, finding or note; of several after a merge the one of this name, else the last.

    Raises:
        UnknownReferenceError: If there is none of this id, or none of it stands.
    """
    ids = reader.claims.ids(start)
    if len(ids) != 1:
        what = "no tag, finding or note is" if not ids else "several are"
        raise UnknownReferenceError(f"{what} called {start!r}", "give the id as the lists show it")
    versions = [each for each in reader.claims.history(ids[0]) if each.origin.stands]
    if not versions:
        raise UnknownReferenceError(f"{ids[0]} was taken back", "--history shows what it said")
    named = [each for each in versions if is_version(each.origin, start)]
    return (named or versions)[-1]


def is_version(origin: Origin, text: str) -> bool:
    """Whether a text names one version and not everything of an id."""
    return not origin.id.startswith(text) and version_name(origin.id, origin.entry).startswith(text)


def of_event(stored: StoredEvent) -> Citation:
    """Return the citation of an event."""
    return Citation(
        kind=CitationKind.EVENT,
        ref=str(stored.ref),
        says=event_words(stored),
        source=stored.source,
        seen=_seen_event(stored),
    )


def event_words(stored: StoredEvent) -> str:
    """Return what an event says, in a line."""
    event = stored.event
    who = event.identity.name if event.identity else "nobody named"
    return f"{time_text(event.time) or 'no time'} {event.act.service} {event.act.action} {event.outcome.status} {who}"


def of_link(link: Link, refs: Refs) -> Citation:
    """Return the citation of a link."""
    return Citation(
        kind=CitationKind.LINK,
        ref=link.id,
        says=link_words(link, refs),
        source=link.rule,
        strength=link.strength,
        rule=f"{link.rule} {link.version}",
        seen=_seen_link(link, refs),
    )


def link_words(link: Link, refs: Refs) -> str:
    """Return what a link says, in a line."""

    def end(text: str | None) -> str:
        if text is None:
            return "a hole"
        return f"{text[:8]}:{text.split(':')[1].split('+')[0]}" if _RECORD.match(text) else text

    said = f"{end(end_text(link.source, refs))} {link.relation} {end(end_text(link.target, refs))}"
    return f"{said} ({'; '.join(link.fields)})" if link.fields else said


def of_session(session: Session) -> Citation:
    """Return the citation of a session."""
    who = session.identity.name if session.identity else "nobody named"
    return Citation(
        kind=CitationKind.SESSION,
        ref=session.id,
        says=f"{session.method} of {who}, membership {session.membership}",
        source=", ".join(session.sources),
        strength=session.membership,
        seen=_seen_session(session),
    )


def of_document(item: EvidenceItem) -> Citation:
    """Return the citation of evidence that is no log.

    Raises:
        UnknownReferenceError: If it is a log.
    """
    if not item.dispositions[Disposition.DOCUMENT]:
        raise UnknownReferenceError(
            f"{item.name} is a log, not a document", "cite a record of it by its reference, HASH:OFFSET"
        )
    return Citation(
        kind=CitationKind.DOCUMENT,
        ref=str(RecordRef(item.content_sha256, 0, item.size)),
        says=f"{item.name} ({item.shape})",
        source=f"document of {item.acquisition.custodian or item.name}",
        seen=item.content_sha256[:16],
    )


def of_evidence(item: EvidenceItem) -> Citation:
    """Return the citation of a whole evidence file, log or document."""
    kind = CitationKind.DOCUMENT if item.dispositions[Disposition.DOCUMENT] else CitationKind.RECORD
    return Citation(
        kind=kind,
        ref=str(RecordRef(item.content_sha256, 0, item.size)),
        says=item.name,
        seen=item.content_sha256[:16],
    )


def of_claim(kept: Kept[Tag] | Kept[Finding] | Kept[Note] | Kept[HandOver]) -> Citation:
    """Return the citation of a tag, finding or note."""
    kind = CLAIMS[kept.origin.id[0]]
    body = kept.body
    if isinstance(body, Tag):
        return Citation(
            kind=kind,
            ref=kept.origin.id,
            says=f"{body.grade} to {body.subject} ({body.level}): {body.reason}",
            grade=body.grade,
        )
    says = " ".join(body.objects) if isinstance(body, Finding) else getattr(body, "text", "")
    return Citation(kind=kind, ref=kept.origin.id, says=says[:200])


def gaps_of(reader: CaseReader) -> list[Hole] | None:
    """Return the gaps of the case as far as claims need them; ``None`` where sessions and gaps were never derived."""
    if reader.derived_state() is None:
        return None
    return [_hole(gap) for gap in reader.coverage.gaps()]


def _hole(gap: Gap) -> Hole:
    broken = gap.breaks
    if not broken.isdisjoint({Breakable.CREDENTIAL, Breakable.RECORD}):
        level: Level | None = Level.CREDENTIAL
    elif not broken.isdisjoint({Breakable.SESSION, Breakable.ORIGIN}):
        level = Level.SESSION
    elif Breakable.CLIENT in broken:
        level = Level.DEVICE
    else:
        level = None
    # Of all kinds of gap only a missing issuance is about one key; what is narrower than a log otherwise meets all of the log.
    one_key = gap.kind is GapKind.MISSING_ISSUANCE and gap.scope.subject is not None
    keys = frozenset({gap.scope.subject or ""}) if one_key else None
    contents = frozenset(gap.scope.contents) or None
    # What records of some operations leave out is about these alone.
    withheld = gap.kind is GapKind.REDACTED and gap.scope.services and gap.scope.actions
    actions = (
        frozenset(f"{service} {action}" for service in gap.scope.services for action in gap.scope.actions)
        if withheld
        else None
    )
    logs = (gap.source,) if ANY_LOG in gap.scope.logs else gap.scope.logs or (gap.source,)
    return Hole(gap.id, gap.start, gap.end, level, frozenset(logs), keys, contents, actions)


def _of_gap(text: str, holes: list[Hole] | None) -> Citation:
    if holes is None:
        raise UnknownReferenceError("gaps have not been derived in this case", "cite records or documents")
    found = [each for each in holes if each.id == text]
    if not found:
        raise UnknownReferenceError(f"no gap is called {text!r}", "`workbench gaps` lists them")
    return Citation(kind=CitationKind.GAP, ref=text, seen=hash_of(*found[0][1:4]))


def record_named(reader: CaseReader, text: str) -> PartialRef | RecordRef:
    """Return the reference of a record as it is typed, or of a document by its name or the start of its hash.

    Raises:
        UnknownReferenceError: If it is neither.
    """
    try:
        return parse_reference(text)
    except UnknownReferenceError as error:
        try:
            item = reader.find_evidence(text)
        except UnknownReferenceError:
            raise error from None
    return parse_reference(of_document(item).ref)


def _of_record(reader: CaseReader, text: str) -> Citation:
    reference = parse_reference(text)
    try:
        return of_event(reader.find(reference))
    except UnknownReferenceError:
        record = reader.record(reference)
    if record.evidence.dispositions[Disposition.DOCUMENT]:
        return of_document(record.evidence)
    return Citation(
        kind=CitationKind.RECORD,
        ref=str(record.ref),
        says=f"{len(record.data):,} bytes of {record.evidence.name}",
        source=record.evidence.name,
        seen=record.ref.content_sha256[:16],
    )


def _seen_event(stored: StoredEvent) -> str:
    event = stored.event
    return hash_of(
        stored.source,
        event.act.service,
        event.act.action,
        event.time.raw,
        event.identity.canonical if event.identity else None,
        event.credential.native_id if event.credential else None,
        event.address.raw if event.address else None,
        event.outcome.status.value,
        event.outcome.code,
        [resource.name for resource in event.resources],
        stored.disposition is Disposition.CONFLICT,
    )


def _seen_link(link: Link, refs: Refs) -> str:
    return hash_of(
        link.relation.value,
        link.strength.value,
        link.rule,
        link.version,
        end_text(link.source, refs),
        end_text(link.target, refs),
        list(link.fields),
        sorted(str(refs[event]) for event in link.evidence if event in refs),
        link.rival_count,
        link.contradicted,
        list(link.caveats),
    )


def _seen_session(session: Session) -> str:
    return hash_of(
        session.method,
        session.anchor.native_id if session.anchor else None,
        session.identity.canonical if session.identity else None,
        session.membership.value,
        session.strength.value,
        session.chain.value,
        session.parent,
    )


def present(reader: CaseReader, citations: Sequence[Citation]) -> Mapping[str, Present]:
    """Return what is there now of cited things, by reference; what is not there is left out."""
    found: dict[str, Present] = {}
    links = reader.derived.links_named(each.ref for each in citations if each.kind is CitationKind.LINK)
    refs = reader.derived.refs(events_cited(links))
    for link in links:
        found[link.id] = Present(
            _seen_link(link, refs), link_words(link, refs), link.strength, f"{link.rule} {link.version}"
        )
    sessions = [each.ref for each in citations if each.kind is CitationKind.SESSION]
    for session in reader.derived.sessions(sessions) if sessions else ():
        cited = of_session(session)
        found[session.id] = Present(cited.seen, cited.says, cited.strength)
    for each in citations:
        now = _present_one(reader, each)
        if now is not None:
            found[each.ref] = now
    return found


def _present_one(reader: CaseReader, cited: Citation) -> Present | None:
    if cited.kind in (CitationKind.TAG, CitationKind.FINDING, CitationKind.NOTE):
        versions = [each for each in reader.claims.history(cited.ref) if each.origin.stands]
        body = versions[-1].body if versions else None
        return Present(None, grade=body.grade if isinstance(body, Tag) else None)
    if cited.kind is CitationKind.GAP:
        holes = gaps_of(reader) or []
        return next((Present(hash_of(*hole[1:4])) for hole in holes if hole.id == cited.ref), None)
    if cited.kind not in (CitationKind.EVENT, CitationKind.DOCUMENT, CitationKind.RECORD):
        return None
    reference = parse_reference(cited.ref)
    try:
        if cited.kind is CitationKind.EVENT:
            stored = reader.find(reference)
            if stored.disposition is Disposition.WITHDRAWN:
                return None
            return Present(_seen_event(stored), event_words(stored))
        item = reader.evidence_of(reference)
    except UnknownReferenceError:
        return None
    if item.id in reader.claims.withdrawn():
        return None
    return Present(item.content_sha256[:16], item.name)

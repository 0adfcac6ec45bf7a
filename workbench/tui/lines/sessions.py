"""Everything that is known of one session, as lines. No widgets."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.casework.session_text import versions_words
from workbench.model.event import IdentityKind
from workbench.model.session import Basis, Client, Session, Strength
from workbench.sessions.keys import PARTING, parted
from workbench.text import visible
from workbench.tui.lines.document import BLANK, Line, Span, heading, line
from workbench.tui.lines.event import field
from workbench.tui.lines.links import Naming, counted, link_head, link_lines, strength_spans
from workbench.tui.places import (
    ContentPlace,
    CredentialsPlace,
    EventPlace,
    IdentitiesPlace,
    LineagePlace,
    SessionsPlace,
    TimelinePlace,
)
from workbench.tui.reading.derived import SessionDetails
from workbench.tui.tables.session_cells import VERB_WORDS
from workbench.tui.tables.session_forest import Fold

_STARTS = {
    Basis.ISSUED: "when its credential was issued",
    Basis.SIGNED_IN: "when the sign-in was recorded",
    Basis.NATIVE: "as the log itself gives it",
    Basis.FIRST_USE: "first use; when it was issued or signed in is not in the evidence",
}
_ENDS = {
    Basis.LAST_USE: "last use",
    Basis.EXPIRY: "when its credential expires; the last use may be earlier",
    Basis.ENDED: "when it was ended",
    Basis.REVOKED: "when its credential was revoked",
    Basis.NATIVE: "as the log itself gives it",
    Basis.OPEN: "last event seen; nothing in the evidence ends it",
}


def session_lines(details: SessionDetails, naming: Naming) -> list[Line]:
    """Return the details of a session."""
    return [
        *_title(details.session, naming),
        *_facts(details, naming),
        *_clients(details.session, naming),
        BLANK,
        *_attachment(details, naming),
        *_forwarded(details, naming),
    ]


def _title(session: Session, naming: Naming) -> Iterator[Line]:
    marks = naming.marks
    name = visible(session.identity.name) if session.identity else "no identity is named"
    yield line(
        f" {marks.identity[session.kind.kind]} ",
        (name, "title"),
        (f"  {visible(session.method)}", "strong"),
        (f"  {session.id}", "muted"),
        indent=3,
    )


def _facts(details: SessionDetails, naming: Naming) -> Iterator[Line]:
    session, zone, marks = details.session, naming.zone, naming.marks
    if session.identity is None:
        yield field("identity", (marks.dash, "muted"))
    else:
        canonical = session.identity.canonical
        more = "" if session.identities < 2 else f"   its events name {session.identities:,} principals"
        yield field("identity", visible(canonical), (more, "warning"), target=IdentitiesPlace(canonical))
    kind = session.kind
    yield field(
        "kind",
        f"{marks.identity[kind.kind]} {kind.kind.value}",
        (f"   because {visible(kind.reason)}", "muted"),
    )
    if session.anchor is None:
        yield field("key", (marks.dash, "muted"), ("  its events share identity and client only", "muted"))
    else:
        anchor = session.anchor
        yield field(
            "key",
            visible(anchor.native_id),
            (f"   {visible(anchor.type)}", "muted"),
            target=CredentialsPlace(anchor.native_id),
        )
    yield field("membership", *strength_spans(session.membership, marks), *_membership(session))
    for label, micros, why in (
        ("start", session.start, _STARTS.get(session.start_basis, session.start_basis.value)),
        ("end", session.end, _ENDS.get(session.end_basis, session.end_basis.value)),
    ):
        when = zone.text(micros) + f" {zone.name}" if micros is not None else "no time"
        yield field(label, (when, "strong"), (f"   {why}", "muted"))
    if session.opened_by is not None:
        yield field("opened by", *naming.event(session.opened_by), target=EventPlace(session.opened_by))
    more = f"   and {session.forwarded:,} that services made for it" if session.forwarded else ""
    if session.forwarded_open:
        more += f"; {session.forwarded_open:,} more for which several of its calls fit"
    yield field("events", f"{session.events:,}", (more, "muted"), target=ContentPlace(session.id))
    counts = sorted(session.verbs.items(), key=lambda one: -one[1])
    verbs = f" {marks.separator} ".join(f"{VERB_WORDS.get(verb, verb)} {count:,}" for verb, count in counts)
    yield field("verbs", verbs or (marks.dash, "muted"))
    if session.keys > 1:
        yield field(
            "keys", f"{session.keys:,}", ("   access keys or tokens that its events present", "muted")
        )
    yield field("log", ", ".join(visible(source) for source in session.sources))
    if session.account:
        yield field("account", visible(session.account))
    for number, caveat in enumerate(session.caveats):
        yield field("" if number else "but", (visible(caveat), "warning"))


def _membership(session: Session) -> tuple[Span, ...]:
    if session.membership is Strength.PROVEN:
        by = f"; {PARTING}" if parted(session.anchor) else ""
        return (Span(f"   every event holds the key{by}", "muted"),)
    if any(each.startswith("contradiction: one key") for each in session.caveats):
        return (Span("   every event holds the key, yet they name several who present it", "muted"),)
    return (Span("   not every event holds a key of its own to this session", "muted"),)


def _clients(session: Session, naming: Naming) -> Iterator[Line]:
    count = session.client_count
    addresses = {client.address for client in session.clients}
    flag = ""
    if len(addresses) > 1:
        flag = f"   {naming.marks.flag} {len(addresses):,} addresses: is this one holder?"
    yield field("clients", f"{count:,}", (flag, "warning"))
    for client in session.clients:
        yield field("", *_client(client, naming))
    if count > len(session.clients):
        yield field("", (f"and {count - len(session.clients):,} more", "warning"))
    if session.versions:
        yield field("versions", (f"{naming.marks.flag} {versions_words(count, session.versions)}", "warning"))


def _client(client: Client, naming: Naming) -> Iterator[Span]:
    zone, marks = naming.zone, naming.marks
    yield Span(f"{visible(client.address or 'no address')}  ", "strong")
    yield Span(f"{visible(client.agent or 'no agent')}  ")
    if client.first is None or client.last is None:
        period = "no time"
    else:
        first, last = zone.text(client.first), zone.text(client.last)
        shown = last[11:] if last[:10] == first[:10] else last
        period = first if first == last else f"{first} {marks.to} {shown}"
    yield Span(f"{counted(client.events, 'event')}  {period}", "muted")


def _attachment(details: SessionDetails, naming: Naming) -> Iterator[Line]:
    session, marks = details.session, naming.marks
    yield line(
        (" attached", "heading"),
        "   ",
        *strength_spans(session.strength, marks),
        ("   chain back to the first credential use: ", "muted"),
        *strength_spans(session.chain, marks),
        ("  (its weakest hop)", "muted"),
        indent=3,
    )
    first = [pair for pair in details.incoming if pair[0].id == session.parent_link]
    others = [pair for pair in details.incoming if pair[0].id != session.parent_link]
    if not details.incoming:
        yield line((" no link leads here", "muted"), target=LineagePlace(session=session.id))
    for link, node in (*first, *others):
        yield line(" ", *link_head(link, naming), indent=3)
        if node:
            far = naming.node(node, link.source)
            yield line(("    from       ", "label"), *far.spans, indent=15, target=far.target)
        yield from link_lines(link, naming, 4)
    if details.outgoing:
        many = "1 link leads" if details.outgoing == 1 else f"{details.outgoing:,} links lead"
        yield line(
            f" {many} on from here",
            ("   l shows the lineage", "muted"),
            target=LineagePlace(session=session.id),
        )


def _forwarded(details: SessionDetails, naming: Naming) -> Iterator[Line]:
    if not details.forwarded:
        return
    counts: dict[Strength, int] = {}
    for link in details.forwarded:
        counts[link.strength] = counts.get(link.strength, 0) + 1
    rivals = sum(1 for link in details.forwarded if link.rival_count)
    yield BLANK
    yield heading(" calls that services made for it")
    inferred, open_ = counts.get(Strength.INFERRED, 0), counts.get(Strength.UNPROVEN, 0)
    if inferred:
        yield line(
            f"   {inferred:,}  ",
            *strength_spans(Strength.INFERRED, naming.marks),
            "   one call of it fits as the cause",
        )
    if open_:
        yield line(
            f"   {open_:,}  ",
            *strength_spans(Strength.UNPROVEN, naming.marks),
            f"   of them {rivals:,} with several calls that fit: which one it was is open",
        )
    rules = {f"{visible(link.rule)} {link.version}" for link in details.forwarded}
    yield line((f"   rule {', '.join(sorted(rules))}; l lists them", "muted"))


def fold_lines(fold: Fold, naming: Naming) -> list[Line]:
    """Return what is to be said of sessions that one row stands for."""
    zone, marks = naming.zone, naming.marks
    made = [
        line(
            f" {marks.identity[IdentityKind(fold.kind)]} ",
            (visible(fold.identity or marks.dash), "title"),
            (f"  {len(fold.members):,} sessions", "strong"),
            indent=3,
        ),
        field(
            "what", "calls that services made with the rights of this principal, each under a key of its own"
        ),
        field(
            "",
            (
                "no call of the principal fits as their cause, or calls of several sessions do: so they stand alone",
                "muted",
            ),
        ),
        field("events", f"{fold.events:,}"),
    ]
    if fold.start is not None and fold.end is not None:
        made.append(field("period", f"{zone.text(fold.start)} {marks.to} {zone.text(fold.end)} {zone.name}"))
    made += [
        BLANK,
        line((" Space unfolds the row.", "muted")),
    ]
    if fold.members:
        made.append(field("first", fold.members[0].id, target=SessionsPlace(fold.members[0].id)))
        made.append(
            field(
                "in timeline",
                f"session:{fold.members[0].id}",
                target=TimelinePlace(f"session:{fold.members[0].id}"),
            )
        )
    return made

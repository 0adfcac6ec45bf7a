"""Sessions, links, lineage, identities and credentials for people. All log text passes through visible()."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from workbench.casefile.derived.reader import DerivedSummary
from workbench.casework.derive import DeriveResult
from workbench.casework.identities import Decision, merged_with
from workbench.casework.session_json import Refs, instant
from workbench.clock import SECOND
from workbench.model.session import (
    ClientVersions,
    End,
    EndKind,
    KnownCredential,
    KnownIdentity,
    Link,
    Match,
    Session,
    Skew,
    Strength,
)
from workbench.sessions.keys import PARTING, KeyClass, method_of, parted
from workbench.text import cut_middle, visible

ARROWS = {
    Strength.PROVEN: "━▶",
    Strength.INFERRED: "╌▷",
    Strength.ASSERTED: "✎▷",
    Strength.UNPROVEN: "┄?",
}
"""How links of each strength are drawn; the word always stands beside it."""

_FORWARDED = "calls of a service"


def period(start: int | None, end: int | None) -> str:
    """Return a stretch of time: the end without its day where that is the same."""
    first, last = instant(start), instant(end)
    if first is None:
        return "no time"
    if last is None or last == first:
        return first
    return f"{first} – {last[11:] if last[:10] == first[:10] else last}"


def session_lines(sessions: Sequence[Session], *, every: bool) -> Iterator[str]:
    """Yield sessions as a tree by lineage.

    Args:
        sessions: All that are to be shown, the earliest first.
        every: Whether to list each call of a service whose caller is not known, instead of counting them.
    """
    known = {session.id for session in sessions}
    children: dict[str | None, list[Session]] = {}
    for session in sessions:
        parent = session.parent if session.parent in known else None
        children.setdefault(parent, []).append(session)
    hidden: dict[str, list[Session]] = {}
    stack = [(session, 0) for session in reversed(children.get(None, []))]
    while stack:
        session, depth = stack.pop()
        if session.method == _FORWARDED and not every:
            hidden.setdefault(_who(session), []).append(session)
            continue
        yield from _session(session, depth)
        stack += [(child, depth + 1) for child in reversed(children.get(session.id, []))]
    for who, calls in hidden.items():
        events = sum(session.events for session in calls)
        yield (
            f"{len(calls):,} one-shot sessions ({events:,} calls) that services made with the rights of {who}: which call"
            " caused them is open (--all lists them)"
        )


def _who(session: Session) -> str:
    return visible(session.identity.name) if session.identity else "an unnamed principal"


def _split(session: Session) -> str:
    return f" by its key; {PARTING}" if parted(session.anchor) else ""


def _session(session: Session, depth: int) -> Iterator[str]:
    indent = "    " * depth
    hung = f"{ARROWS[session.strength]} {session.strength}  " if depth else ""
    anchor = f" {cut_middle(visible(session.anchor.native_id), 48)}" if session.anchor else ""
    yield f"{indent}{hung}{session.id}  {session.kind.kind}  {_who(session)}  [{session.method}{anchor}]"
    more = indent + "    "
    forwarded = f" + {session.forwarded:,} by services for it" if session.forwarded else ""
    if session.forwarded_open:
        forwarded += f" + {session.forwarded_open:,} that several of its calls fit"
    yield (
        f"{more}{period(session.start, session.end)}  start: {session.start_basis}, end: {session.end_basis}  "
        f"{session.events:,} events{forwarded}, membership {session.membership}{_split(session)}"
    )
    verbs = ", ".join(
        f"{verb} {count:,}" for verb, count in sorted(session.verbs.items(), key=lambda each: -each[1])
    )
    clients = "; ".join(
        f"{visible(client.address or 'no address')} {visible(client.agent or 'no agent')} ({client.events:,})"
        for client in session.clients[:4]
    )
    if session.client_count > 4:
        clients += f"; {session.client_count - 4:,} more"
    flag = f"{session.client_count} clients: " if session.client_count > 1 else ""
    yield f"{more}{verbs}"
    yield f"{more}{flag}{clients}"
    if session.versions:
        yield f"{more}caveat: {versions_words(session.client_count, session.versions)}"
    for caveat in session.caveats:
        yield f"{more}caveat: {visible(caveat)}"


def end_name(end: End, refs: Refs) -> str:
    """Return the end of a link for people: the short reference of an event, else its id."""
    if end.kind is EndKind.NOTHING:
        return "(not in the evidence)"
    if end.event is not None and end.event in refs:
        return refs[end.event].short
    return visible(end.id)


def link_lines(
    link: Link, refs: Refs, indent: str = "", told: Mapping[int, str] | None = None
) -> Iterator[str]:
    """Yield a link with everything that is needed to check it.

    Args:
        link: The link.
        refs: References of the events it cites.
        indent: What stands in front.
        told: What these events say, by row number: each is then told in a line of its own, else named by its reference.
    """
    yield (
        f"{indent}{end_name(link.source, refs)} {ARROWS[link.strength]} {end_name(link.target, refs)}  "
        f"{link.relation}, {link.strength}  rule {link.rule} {link.version}"
    )
    more = indent + "    "
    for field in link.fields:
        yield f"{more}{visible(field)}"
    if link.delta is not None:
        yield f"{more}{link.delta / SECOND:+,.0f} s from cause to effect"
    yield from _listed(
        f"{more}cites ", (End(EndKind.EVENT, "", event) for event in link.evidence), refs, told
    )
    if link.rival_count:
        rest = link.rival_count - len(link.rivals)
        yield from _listed(f"{more}rivals: ", link.rivals, refs, told, f" and {rest:,} more" if rest else "")
    for caveat in link.caveats:
        yield f"{more}but: {visible(caveat)}"
    if link.closes:
        closes = f"would close it: {visible(link.closes)}"
        yield from textwrap.wrap(closes, 110, initial_indent=more, subsequent_indent=f"{more}  ")


def _listed(
    label: str, ends: Iterable[End], refs: Refs, told: Mapping[int, str] | None, rest: str = ""
) -> Iterator[str]:
    names = [
        (end_name(end, refs), (told or {}).get(end.event or 0))
        for end in ends
        if end.kind is not EndKind.EVENT or end.event in refs
    ]
    if told is None:
        if names:
            yield f"{label}{', '.join(name for name, _ in names)}{rest}"
        return
    for number, (name, says) in enumerate(names):
        front = " " * len(label) if number else label
        last = rest if number == len(names) - 1 else ""
        yield f"{front}{name}{f'  {says}' if says else ''}{last}"


def identity_lines(
    identities: Sequence[KnownIdentity], matches: Sequence[Match], decisions: Sequence[Decision]
) -> Iterator[str]:
    """Yield identities with their names over time, then the proposals and what was decided."""
    if not identities:
        yield "no event names an identity"
    known = {identity.id: identity for identity in identities}
    for identity in identities:
        yield f"{identity.id}  {identity.kind}  {visible(identity.canonical)}"
        yield f"    {identity.events:,} events in {identity.sessions:,} sessions  {', '.join(identity.sources)}"
        for number, said in merged_with(identity.id, decisions):
            name = known[number].canonical if number in known else said.names[said.other == number]
            warned = f"; {visible(said.unlike)}" if said.unlike else ""
            by = f"by decision of {visible(said.actor)}, entry {said.seq}{warned}"
            yield f"    merged with {number} {visible(name)} {by}"
        for alias in identity.aliases[:8]:
            yield f"    named {visible(alias.name)}  {period(alias.first, alias.last)}  ({alias.events:,})"
        if len(identity.aliases) > 8:
            yield f"    and {len(identity.aliases) - 8:,} more names (--json lists all)"
        for kind, reason, events in identity.reasons[:4]:
            yield f"    {kind} in {events:,} events: {visible(reason)}"
        if identity.unique_id is not None:
            yield f"    unique id {visible(identity.unique_id)}"
        others = [known[each] for each in identity.namesakes if each in known]
        if others:
            yield f"    {namesakes_note(identity, others)}"
        for other in others:
            yield f"        {other.id}  {visible(other.unique_id or 'no unique id')}  {period(other.first, other.last)}"
    names = {identity.id: visible(identity.canonical) for identity in identities}
    if matches:
        yield ""
        yield "may be one (inferred from names; nothing is merged by itself: --merge, --apart or --undecided, with --reason):"
    for match in matches:
        yield (
            f"    {match.score:>3} %  {match.one} {names.get(match.one, '')}  ≈  {match.other} {names.get(match.other, '')}"
            f"  {visible(match.reason)}"
        )
    for each in decisions:
        state = f", superseded by entry {each.superseded_by}" if each.superseded_by else ""
        yield (
            f"    decided: {each.decision}  {visible(each.names[0])}  and  {visible(each.names[1])}  by {visible(each.actor)},"
            f" {each.time}, entry {each.seq}{state}: {visible(each.reason)}"
        )


def namesakes_note(identity: KnownIdentity, others: Sequence[KnownIdentity]) -> str:
    """Return what is to be said of an identity whose name others bear."""
    told = [each for each in others if each.unique_id is not None]
    if identity.unique_id is None:
        return f"these records hold no unique id: which of {len(told):,} identities of this name they mean is not known"
    if not told:
        return "other records of this name hold no unique id"
    return f"another identity than {'that' if len(told) == 1 else 'those'} of the same name: the unique ids differ"


def versions_words(clients: int, versions: Sequence[ClientVersions]) -> str:
    """Return that clients name themselves in several versions, and in which.

    Args:
        clients: How many clients there are in all: an address and a name each.
        versions: Those of several versions.
    """
    told = []
    for one in versions:
        listed = ", ".join(visible(each) for each in one.versions)
        more = f", {one.number - len(one.versions):,} more" if one.number > len(one.versions) else ""
        of = "" if len(versions) == 1 and clients == 1 else f" of {visible(one.client)}"
        told.append(f"{one.number:,} versions{of}: {listed}{more}")
    return f"{clients:,} client{'' if clients == 1 else 's'}, {'; '.join(told)}"


def credential_lines(credentials: Iterable[KnownCredential], refs: Refs, limit: int | None) -> Iterator[str]:
    """Yield credentials with their issue, use and end."""
    shown = 0
    for one in credentials:
        if limit is not None and shown >= limit:
            yield f"the first {shown:,}; there are more (--limit)"
            return
        shown += 1
        yield f"{one.id}  {one.type}  {visible(one.native_id)}  {visible(one.identity or '')}"
        issued = _issue(one, refs)
        expires = f", expires {instant(one.expires)}" if one.expires is not None else ""
        revoked = f", taken back {instant(one.revoked_at)}" if one.revoked_by is not None else ""
        used = (
            f"used {one.events:,} times in {one.sessions:,} sessions from {one.clients:,} clients, {period(one.first, one.last)}"
            if one.events
            else "no use seen"
        )
        yield f"    {issued}{expires}{revoked}; {used}"
        if one.account is not None:
            yield f"    the key id encodes account {one.account}"
        if one.versions:
            yield f"    warning: {versions_words(one.clients, one.versions)}"
        for warning in one.warnings:
            yield f"    warning: {visible(warning)}"
    if not shown:
        yield "no event presents or issues a credential"


def _issue(one: KnownCredential, refs: Refs) -> str:
    """Return which event a credential stems from, and how well that is shown where it is not the event that issued it."""
    if one.issued_by is not None and one.issued_by in refs:
        return f"issued {instant(one.issued_at) or 'at no known time'} by {refs[one.issued_by].short}"
    if one.opened_by is not None and one.opened_by in refs:
        return (
            f"signed in {instant(one.opened_at) or 'at no known time'} by {refs[one.opened_by].short}"
            f" ({one.opened_strength})"
        )
    return no_issue(one)


def no_issue(one: KnownCredential) -> str:
    """Return what is said of a credential that no event of the case issued, and of a session that none alone opened."""
    of_session = method_of(one.type).key_class is KeyClass.SESSION
    return "which sign-in opened it is not shown" if of_session else "issue not in the evidence"


def skew_line(skew: Skew) -> str:
    """Return what two logs say of each other's clocks, in a sentence."""
    low = "" if skew.low is None else f"at least {skew.low / SECOND:+,.3f} s and "
    high = "no bound" if skew.high is None else f"at most {skew.high / SECOND:+,.3f} s"
    return (
        f"{skew.other} is ahead of {skew.source} by {low}{high}"
        f" ({skew.copies:,} copies of one act, {skew.pairs:,} pairs of issue and use); no time was changed"
    )


def derived_summary_lines(derived: DerivedSummary, path: Path) -> Iterator[str]:
    """Yield what ``info`` says of sessions and links."""
    strengths = ", ".join(f"{derived.links[one]:,} {one}" for one in Strength if one in derived.links)
    yield (
        f"  derived     {derived.sessions:,} sessions, {sum(derived.links.values()):,} links ({strengths or 'none'}), "
        f"{derived.identities:,} identities, {derived.credentials:,} credentials"
    )
    if not derived.current:
        yield f"              not up to date: run: workbench derive {visible(str(path))}"
    for number, skew in enumerate(derived.skews):
        yield f"  {'' if number else 'clocks':<12}{visible(skew_line(skew))}"


def derived_line(result: DeriveResult) -> str:
    """Return what a pass over the case did, in a line."""
    told = []
    for what in ("sessions", "links", "gaps", "changes"):
        changed = result.changed.get(what)
        if changed is None:
            continue
        parts = [
            f"{count:,} {word}"
            for count, word in ((changed.new, "new"), (changed.changed, "changed"), (changed.gone, "gone"))
            if count
        ]
        told.append(f"{changed.total:,} {what} ({', '.join(parts) or 'as before'})")
    listed = " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))
    took = ", ".join(f"{part} {seconds:.1f}" for part, seconds in result.seconds.items())
    return f"{listed}, derived from {result.events:,} events in {sum(result.seconds.values()):.1f} s ({took})"

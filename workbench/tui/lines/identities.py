"""Everything that is known of one identity, or of two that may be one, as lines. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.casework.session_text import namesakes_note
from workbench.clock import SECOND
from workbench.model.session import KnownIdentity, Skew
from workbench.text import visible
from workbench.tui.glyphs import Glyphs
from workbench.tui.lines.document import BLANK, Line, heading, line
from workbench.tui.lines.event import field
from workbench.tui.places import IdentitiesPlace, SessionsPlace, TimelinePlace
from workbench.tui.tables.identities import DECIDED, Pair, events_of, period
from workbench.tui.zones import Zone

LISTED = 500
"""Names of an identity that are listed; it says how many there are."""


def identity_lines(
    one: KnownIdentity,
    pairs: Sequence[Pair],
    zone: Zone,
    marks: Glyphs,
    others: Sequence[KnownIdentity] = (),
) -> list[Line]:
    """Return the details of an identity.

    Args:
        one: The identity.
        pairs: Which may be one.
        zone: Zone on show.
        marks: Signs to use.
        others: Those who bear the same name.
    """
    made = [
        line(
            f" {marks.identity[one.kind]} ",
            (visible(one.canonical), "title"),
            (f"  {one.kind.value}", "strong"),
            (f"  {one.id}", "muted"),
            indent=3,
        )
    ]
    for number, (kind, reason, events) in enumerate(one.reasons):
        made.append(
            field("" if number else "kind", f"{kind}  {visible(reason)}", (f"   {events:,} events", "muted"))
        )
    made.append(
        field(
            "events",
            f"{one.events:,}",
            ("   in the timeline", "muted"),
            target=TimelinePlace(events_of(one)),
        )
    )
    made.append(
        field(
            "sessions",
            f"{one.sessions:,}",
            ("   in the tree", "muted"),
            target=SessionsPlace(words=one.canonical),
        )
    )
    made.append(field("period", f"{period(one.first, one.last, zone, marks)} {zone.name}"))
    for number, native in enumerate(one.native_ids):
        made.append(field("" if number else "native id", visible(native)))
    if others:
        made.append(field("namesakes", (namesakes_note(one, others), "warning")))
    for other in others:
        when = period(other.first, other.last, zone, marks)
        made.append(
            field("", f"{other.id}  {visible(other.unique_id or 'no unique id')}", (f"   {when}", "muted"))
        )
    if one.account:
        made.append(field("account", visible(one.account)))
    made.append(field("log", ", ".join(visible(source) for source in one.sources)))
    made += [BLANK, heading(" names over time")]
    for alias in one.aliases[:LISTED]:
        made.append(
            line(
                "   ",
                (visible(alias.name), "strong"),
                (f"   {period(alias.first, alias.last, zone, marks)}   {alias.events:,} events", "muted"),
                indent=5,
            )
        )
    if len(one.aliases) > LISTED:
        made.append(line((f"   and {len(one.aliases) - LISTED:,} more", "warning")))
    own = [pair for pair in pairs if one.id in (pair.one, pair.other)]
    if own:
        made += [BLANK, heading(" may be the same as")]
        for pair in own:
            made += _pair(pair, pair.names[1] if pair.one == one.id else pair.names[0], zone)
    return made


def _pair(pair: Pair, name: str, zone: Zone) -> Iterator[Line]:
    yield line("   ", (visible(name), "strong"), indent=5, target=IdentitiesPlace(name))
    yield from _proposal(pair)
    yield from _decisions(pair)


def _proposal(pair: Pair) -> Iterator[Line]:
    if pair.match is None:
        yield line(("     not proposed: a responder named the two", "muted"), indent=5)
        return
    match = pair.match
    yield line(
        f"     inferred, likeness {match.score} %  ",
        (visible(match.reason), "muted"),
        (f"   {visible(match.names[0])} and {visible(match.names[1])}", "muted"),
        indent=7,
    )


def _decisions(pair: Pair) -> Iterator[Line]:
    for each in reversed(pair.decisions):
        gone = f"   superseded by entry {each.superseded_by}" if each.superseded_by else "   this stands"
        yield line(
            f"     decided: {DECIDED[each.decision]}  ",
            visible(each.reason),
            (f"   {visible(each.actor)}, {each.time}, journal entry {each.seq}{gone}", "muted"),
            indent=7,
        )
    if not pair.decisions:
        yield line(("     nothing was decided: m accepts, k keeps apart", "muted"), indent=7)


def pair_lines(pair: Pair) -> list[Line]:
    """Return what is proposed and what was decided of two identities."""
    return [
        field("identity", (visible(pair.names[0]), "strong"), target=IdentitiesPlace(pair.names[0])),
        field("and", (visible(pair.names[1]), "strong"), target=IdentitiesPlace(pair.names[1])),
        *_proposal(pair),
        *_decisions(pair),
        BLANK,
        line(
            (
                " A decision lies over what the evidence says. It changes no session, no link and no strength.",
                "muted",
            ),
            indent=1,
        ),
    ]


def skew_lines(skews: Sequence[Skew]) -> Iterator[Line]:
    """Say what logs say of each other's clocks. No time was changed by it."""
    if skews:
        yield BLANK
        yield heading(" clocks of the logs, compared; no time was changed")
    for skew in skews:
        low = "" if skew.low is None else f"at least {skew.low / SECOND:+,.3f} s"
        high = "" if skew.high is None else f"at most {skew.high / SECOND:+,.3f} s"
        bounds = " and ".join(part for part in (low, high) if part) or "nothing bounds it"
        yield line(
            f"   {visible(skew.other)} is ahead of {visible(skew.source)} by {bounds}",
            (f"   {skew.copies:,} copies of one act, {skew.pairs:,} pairs of issue and use", "muted"),
            indent=5,
        )

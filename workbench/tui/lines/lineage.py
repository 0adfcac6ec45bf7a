"""A lineage as lines: from the first credential use at the top down to every effect, edge by edge. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.casework.lineage_text import CHAIN
from workbench.model.session import End, EndKind, Strength, weakest
from workbench.sessions.lineage import Hop, chain_of
from workbench.tui.lines.document import BLANK, Line, Span, heading, line
from workbench.tui.lines.links import Naming, link_head, link_lines, strength_spans
from workbench.tui.places import EventPlace, SessionsPlace
from workbench.tui.reading.derived import FORWARDED_LISTED, LineageFound

STEP = 2
"""Cells by which one edge stands further in than the one before it."""

DEEPEST = 12
"""Edges after which lines are not set in any further: their number stands in front."""


def lineage_lines(found: LineageFound, naming: Naming) -> list[Line]:
    """Return the lineage of a session or event."""
    made = list(_head(found, naming))
    lineage = found.lineage
    if lineage.cut:
        made.append(
            line(
                (
                    f" There is more than the {len(lineage.back) + len(lineage.forward):,} edges that follow: ask for the"
                    " lineage of a session further on.",
                    "warning",
                ),
                indent=1,
            )
        )
    made += [BLANK, heading(" back to the first credential use")]
    depth = max((hop.depth for hop in lineage.back), default=-1) + 1
    if not lineage.back:
        made.append(line(("   no link leads here", "muted")))
    made += _back(found, naming, min(depth, DEEPEST))
    made += _here(found, naming, min(depth, DEEPEST))
    made += [BLANK, heading(" forward to every effect")]
    if not lineage.forward:
        made.append(line(("   no link leads on from here", "muted")))
    for hop in _by_time(lineage.forward, naming):
        made += _forward(hop, naming)
    made += _forwarded(found, naming)
    return made


def _head(found: LineageFound, naming: Naming) -> Iterator[Line]:
    yield BLANK
    start = found.lineage.start
    session = found.named.sessions.get(start)
    chain: Strength | None = None
    if session is not None:
        chain = chain_of(session) if found.tie is None else chain_of(session, found.tie[1])
    elif found.cites:
        chain = weakest(link.strength for link in found.cites)
    if chain is None:
        yield line((" chain strength  ", "label"), ("nothing is known to lead here", "warning"))
    else:
        yield line(
            (" chain strength  ", "label"),
            *strength_spans(chain, naming.marks),
            (f"   {CHAIN}", "muted"),
            indent=17,
        )
    if found.event is not None:
        number = int(found.event.id)
        yield line(
            (" event           ", "label"), *naming.event(number), indent=17, target=EventPlace(number)
        )
        if session is None:
            yield line(("                 it belongs to no session", "warning"))
            return
        yield line(
            (" of session      ", "label"),
            *naming.session(start),
            indent=17,
            target=SessionsPlace(start),
        )
        if found.tie is not None:
            how, strength = found.tie
            yield line((f" {how:<15} ", "label"), *strength_spans(strength, naming.marks), indent=17)
    if found.cites:
        yield BLANK
        yield heading(" links that cite this event or end in it")
        for link in found.cites:
            yield line("   ", *link_head(link, naming), indent=5)
            yield from link_lines(
                link,
                naming,
                6,
                cites=[one for one in link.evidence if found.event is None or one != found.event.id],
            )


def _margin(depth: int) -> int:
    return 1 + STEP * min(depth, DEEPEST)


def _number(depth: int) -> str:
    return f"({depth}) " if depth > DEEPEST else ""


def _back(found: LineageFound, naming: Naming, deepest: int) -> Iterator[Line]:
    """Write the edges that lead here, the farthest first, each cause further left than its effect."""
    hops = list(reversed(found.lineage.back))
    for number, hop in enumerate(hops):
        margin = _margin(deepest - 1 - min(hop.depth, DEEPEST - 1))
        yield _node(hop, hop.link.source, margin, naming)
        yield from _edge(hop, margin + STEP, naming)
        following = hops[number + 1].far if number + 1 < len(hops) else found.lineage.start
        if following != hop.near:
            # Another way back follows before what this one leads to.
            yield line((f"{' ' * (margin + STEP)}leads to ", "muted"), *naming.session(hop.near))


def _here(found: LineageFound, naming: Naming, depth: int) -> Iterator[Line]:
    pad = " " * _margin(depth)
    start = found.lineage.start
    if start in found.named.sessions:
        spans, target = naming.session(start), SessionsPlace(start)
        yield line(
            pad,
            *spans,
            (f"   {naming.marks.bullet} you are here", "title"),
            indent=len(pad) + 2,
            target=target,
        )
    elif found.event is not None:
        number = int(found.event.id)
        yield line(
            pad,
            *naming.event(number),
            (f"   {naming.marks.bullet} you are here", "title"),
            target=EventPlace(number),
        )


def _by_time(hops: Sequence[Hop], naming: Naming) -> Iterator[Hop]:
    """Put what has the same cause in the order of time; credentials whose use was not seen come last."""

    def rank(hop: Hop) -> tuple[bool, int]:
        events = [naming.named.events.get(number) for number in hop.link.evidence]
        times = [
            one.event.time.micros for one in events if one is not None and one.event.time.micros is not None
        ]
        return hop.link.target.kind is EndKind.CREDENTIAL, min(times, default=0)

    # No recursion: a chain may be as long as logs make it.
    pending = sorted(_branches(hops), key=lambda branch: rank(branch[0]), reverse=True)
    while pending:
        branch = pending.pop()
        yield branch[0]
        pending += sorted(_branches(branch[1:]), key=lambda below: rank(below[0]), reverse=True)


def _branches(hops: Sequence[Hop]) -> list[list[Hop]]:
    """Part hops in preorder: each that stands highest with all that came of it."""
    branches: list[list[Hop]] = []
    highest = min((hop.depth for hop in hops), default=0)
    for hop in hops:
        if hop.depth == highest:
            branches.append([])
        branches[-1].append(hop)
    return branches


def _forward(hop: Hop, naming: Naming) -> Iterator[Line]:
    margin = _margin(hop.depth + 1)
    yield from _edge(hop, margin, naming)
    yield _node(hop, hop.link.target, margin + STEP, naming)


def _node(hop: Hop, end: End, margin: int, naming: Naming) -> Line:
    pad = " " * margin + _number(hop.depth)
    if end.kind is EndKind.NOTHING:
        return line(pad, (f"{naming.marks.link[Strength.UNPROVEN]} hole: not in the evidence", "warning"))
    named = naming.node(hop.far, end)
    return line(pad, *named.spans, indent=margin + 2, target=named.target)


def _edge(hop: Hop, margin: int, naming: Naming) -> Iterator[Line]:
    chain: tuple[Span, ...] = ()
    if hop.chain is not hop.link.strength:
        chain = (Span("   chain so far ", "muted"), *strength_spans(hop.chain, naming.marks))
    yield line(" " * margin, *link_head(hop.link, naming), *chain, indent=margin + 2)
    yield from link_lines(hop.link, naming, margin + STEP + 1)


def _forwarded(found: LineageFound, naming: Naming) -> Iterator[Line]:
    if not found.forwarded:
        return
    many = "1 call" if len(found.forwarded) == 1 else f"{len(found.forwarded):,} calls"
    yield BLANK
    yield heading(f" {many} that services made for it")
    for link in found.forwarded[:FORWARDED_LISTED]:
        target = link.target.event
        if target is not None:
            yield line("   ", *naming.event(target), indent=5, target=EventPlace(target))
        yield line("     ", *link_head(link, naming), indent=7)
        yield from link_lines(
            link, naming, 6, cites=[one for one in link.evidence if one != target and not link.rivals]
        )
    rest = len(found.forwarded) - FORWARDED_LISTED
    if rest > 0:
        yield line(
            (f"   {rest:,} more are not listed here; the timeline shows them with the session.", "warning")
        )

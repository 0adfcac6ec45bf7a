from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fake_case import FakeCases
from tests.tui.fake_derived import DEPLOY, Derivation, link, mark, session
from workbench.model.session import End, EndKind, Relation, Strength
from workbench.sessions.lineage import lineage, tie_of
from workbench.tui.glyphs import UNICODE
from workbench.tui.lines.document import Line
from workbench.tui.lines.lineage import lineage_lines
from workbench.tui.lines.links import Naming, delta_text
from workbench.tui.lines.sessions import session_lines
from workbench.tui.places import EventPlace, SessionsPlace
from workbench.tui.reading.derived import DerivedReading, LineageFound, Named
from workbench.tui.zones import UTC


def texts(lines: list[Line]) -> list[str]:
    return ["".join(span.text for span in line.spans) for line in lines]


async def found(cases: FakeCases, **place: object) -> LineageFound:
    reading = DerivedReading(cases, Path("/cases/acme.case"))
    try:
        if "event" in place:
            made = await reading.lineage_of_event(int(str(place["event"])))
        else:
            made = await reading.lineage_of_session(str(place["session"]))
    finally:
        reading.close()
    assert made is not None
    return made


def document(made: LineageFound) -> list[Line]:
    return lineage_lines(made, Naming(made.named, UTC, UNICODE))


async def test_a_chain_reads_from_the_first_use_down_to_here() -> None:
    cases = FakeCases(300)
    derivation = cases.derivation
    made = await found(cases, session=derivation.work.id)
    lines = texts(document(made))
    text = "\n".join(lines)
    order = [
        "back to the first credential use",
        "hole: not in the evidence",
        "the sign-in event",
        derivation.sign_in.id,
        "━▶ proven  issued  rule aws-key 1  6 s later",
        derivation.role.id,
        "╌▷ inferred  caused  rule remote-command 1",
        "but        the command is hidden",
        "2 rivals fit as well: which one it was is open",
        "you are here",
        "forward to every effect",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    head = next(line for line in lines if "chain strength" in line)
    assert "╌▷ inferred" in head
    here = next(line for line in lines if "you are here" in line)
    start = next(line for line in lines if derivation.sign_in.id in line)
    assert len(start) - len(start.lstrip()) < len(here) - len(here.lstrip())


async def test_every_citation_and_every_session_can_be_followed() -> None:
    cases = FakeCases(300)
    made = await found(cases, session=cases.derivation.role.id)
    targets = [line.target for line in document(made) if line.target is not None]
    for event in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12):
        assert EventPlace(event) in targets, event
    for one in (cases.derivation.sign_in, cases.derivation.role, cases.derivation.work):
        assert SessionsPlace(one.id) in targets


async def test_an_event_says_how_it_is_tied_to_its_session() -> None:
    cases = FakeCases(300)
    opening = texts(document(await found(cases, event=4)))
    assert any("opened it" in line and "proven" in line for line in opening)
    own = texts(document(await found(cases, event=6)))
    assert any("belongs to it" in line for line in own)
    assert any("links that cite this event" in line for line in own)
    lonely = texts(document(await found(cases, event=200)))
    assert any("belongs to no session" in line for line in lonely)
    assert any("nothing is known to lead here" in line for line in lonely)


async def test_an_event_that_no_link_cites_is_named_all_the_same() -> None:
    made = await found(FakeCases(300), event=200)
    assert made.event is not None
    lines = texts(document(made))
    head = next(line for line in lines if line.startswith(" event "))
    assert "no longer in the case" not in head
    assert made.event.event.act.action in head


def test_a_forwarded_event_is_no_better_than_its_link() -> None:
    derivation = Derivation()
    cases = FakeCases(20)
    stored = cases.open(Path("x")).events([5])[0]
    forwarded = link("aws-forwarded", mark(4), mark(5), Strength.INFERRED, relation=Relation.FORWARDED)
    made = LineageFound(
        stored,
        tie_of(5, derivation.role, (forwarded,)),
        (forwarded,),
        lineage(derivation.role.id, lambda _: (), lambda _: (), lambda _: None),
        (),
        Named({5: stored}, {}, {derivation.role.id: derivation.role}),
    )
    lines = texts(document(made))
    assert any("made for it" in line and "inferred" in line for line in lines)
    assert "inferred" in next(line for line in lines if "chain strength" in line)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_every_edge_that_was_followed_is_shown(pairs: list[tuple[int, int]]) -> None:
    sessions = {n: session(f"s{n}", who=f"{DEPLOY}-{n}") for n in range(10)}
    edges = {
        (a, b): link(
            f"rule{a}{b}",
            End(EndKind.SESSION, sessions[a].id),
            End(EndKind.SESSION, sessions[b].id),
            Strength.PROVEN,
        )
        for a, b in pairs
        if a != b
    }
    ids = {one.id: n for n, one in sessions.items()}
    traced = lineage(
        sessions[0].id,
        lambda node: [(edge, sessions[a].id) for (a, b), edge in edges.items() if sessions[b].id == node],
        lambda node: [(edge, sessions[b].id) for (a, b), edge in edges.items() if sessions[a].id == node],
        lambda _: None,
    )
    named = Named({}, {}, {key: sessions[n] for key, n in ids.items()})
    lines = texts(document(LineageFound(None, None, (), traced, (), named)))
    middle = next(number for number, line in enumerate(lines) if "forward to every effect" in line)
    for hops, part in ((traced.back, lines[:middle]), (traced.forward, lines[middle:])):
        for hop in hops:
            assert sum(f"rule {hop.link.rule} 1" in line for line in part) == sum(
                one.link.rule == hop.link.rule for one in hops
            )


def test_a_very_long_chain_is_laid_out_without_recursion_in_little_time() -> None:
    count = 1_990
    sessions = [session(f"s{n}") for n in range(count)]
    edges = {
        sessions[n].id: (
            link(
                "aws-key",
                End(EndKind.SESSION, sessions[n].id),
                End(EndKind.SESSION, sessions[n + 1].id),
                Strength.PROVEN,
            ),
            sessions[n + 1].id,
        )
        for n in range(count - 1)
    }
    traced = lineage(
        sessions[0].id, lambda _: (), lambda node: [edges[node]] if node in edges else [], lambda _: None
    )
    begun = time.perf_counter()
    lines = document(
        LineageFound(None, None, (), traced, (), Named({}, {}, {one.id: one for one in sessions}))
    )
    assert time.perf_counter() - begun < 20
    assert len(lines) > 2 * count
    assert max(len(line) - len(line.lstrip()) for line in texts(lines)) < 60


async def test_the_details_of_a_session_hold_every_field_and_the_hole() -> None:
    cases = FakeCases(300)
    reading = DerivedReading(cases, Path("/cases/acme.case"))
    details = await reading.details(cases.derivation.sign_in.id)
    role = await reading.details(cases.derivation.role.id)
    gone = await reading.details("S-gone")
    reading.close()
    assert gone is None
    assert details is not None
    assert role is not None
    text = "\n".join(texts(session_lines(details, Naming(details.named, UTC, UNICODE))))
    for part in (
        "dana  console sign-in",
        "☻ human   because because the test says so",
        "3 that services made for it; 1 more for which several of its calls fit",
        "2023-07-10 11:42:18 UTC   first use",
        "nothing in the evidence ends it",
        "192.0.2.7  browser  8 events",
        "‼ 2 addresses",
        "times of whole seconds",
        "closes it  the sign-in event",
        "1 link leads on from here",
    ):
        assert part in text, part
    text = "\n".join(texts(session_lines(role, Naming(role.named, UTC, UNICODE))))
    assert "calls that services made for it" in text
    assert "rule aws-key 1" in text
    assert "opened by" in text


def test_time_between_cause_and_effect() -> None:
    second = 1_000_000
    assert delta_text(0) == "at the same instant"
    assert delta_text(6 * second) == "6 s later"
    assert delta_text(-1_500_000) == "1.5 s earlier"
    assert delta_text(125 * second) == "2 min 5 s later"
    assert delta_text(9 * 86_400 * second) == "9 d later"

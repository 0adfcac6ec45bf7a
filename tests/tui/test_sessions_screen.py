from __future__ import annotations

import pytest
from textual.widgets import Input, Static

from tests.tui.bench import Bench, opened, until
from tests.tui.fake_case import FakeCases
from tests.tui.fake_derived import MINUTE, START, Derivation, session
from workbench.model.event import IdentityKind
from workbench.tui.places import TimelinePlace
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.content import ContentScreen
from workbench.tui.screens.event import EventScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.lineage import LineageScreen
from workbench.tui.screens.section import Section
from workbench.tui.screens.sessions import SessionsScreen
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.linked_document import LinkedDocument


def here(bench: Bench) -> Section:
    screen = bench.pilot.app.screen
    assert isinstance(screen, Section)
    return screen


async def sessions(bench: Bench, *keys: str) -> SessionsScreen:
    await bench.press(*(keys or ("3",)))
    await until(lambda: isinstance(bench.pilot.app.screen, SessionsScreen))
    screen = bench.pilot.app.screen
    assert isinstance(screen, SessionsScreen)
    await settled(bench, screen)
    return screen


async def settled(bench: Bench, screen: SessionsScreen) -> None:
    await until(lambda: bool(screen._search.state))
    await until(lambda: not screen._missing() and not screen._loading)
    await bench.pilot.pause()


def drawn(screen: Section) -> list[str]:
    table = screen.query_one("#list", CellTable)
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


def row_of(screen: SessionsScreen, key: str) -> int:
    return next(number for number, row in enumerate(screen._rows.tree) if row.key == key)


def document(screen: Section) -> str:
    view = screen.query_one(LinkedDocument)
    return "\n".join("".join(span.text for span in line.spans) for line in view.document)


async def test_the_tree_of_sessions_with_its_marks() -> None:
    cases = FakeCases(300)
    async with opened(cases, (160, 50)) as bench:
        screen = await sessions(bench)
        text = "\n".join(drawn(screen))
        assert "┄? ☻ user/dana" in text
        assert "└ ▾━▶ ⚙ role/ci-deploy-production-eu" in text
        assert "╌▷ ⚙" in text
        assert "4 service calls" in text
        assert "12+3" in text
        assert "2 clients" in text
        assert "▄" in text
        assert "█" in text
        assert screen._search.state == "8 sessions, by start"
        header = screen.query_one(CaseHeader).text
        assert "ACME 2023-07 › Sessions" in header


async def test_the_same_without_anything_beyond_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ASCII", "1")
    from workbench.tui.glyphs import glyphs

    glyphs.cache_clear()
    cases = FakeCases(300)
    async with opened(cases, (160, 50)) as bench:
        screen = await sessions(bench)
        text = "\n".join(drawn(screen)).replace("×", "x")
        assert text.isascii(), [c for c in text if not c.isascii()]
        assert "=> N role/ci" in text
        assert "-> N role/ci" in text
        assert "?> H user/dana" in text
    glyphs.cache_clear()


async def test_folding_and_unfolding_keeps_the_cursor_on_its_row() -> None:
    async with opened(FakeCases(300), (120, 40)) as bench:
        screen = await sessions(bench)
        fold = next(row for row in screen._rows.tree if row.fold is not None)
        screen._table.go_to_row(row_of(screen, fold.key))
        count = len(screen._rows.tree)
        await bench.press("enter")
        assert len(screen._rows.tree) == count + 4
        assert screen.row is not None
        assert screen.row.key == fold.key
        await bench.press("down", "left")
        assert screen.row.key == fold.key
        await bench.press("left")
        assert len(screen._rows.tree) == count
        role = bench.cases.derivation.role
        screen._table.go_to_row(row_of(screen, role.id))
        await bench.press("space")
        assert len(screen._rows.tree) == count - 1
        await bench.press("right")
        assert len(screen._rows.tree) == count


async def test_the_filter_line_narrows_the_tree() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        await bench.press("slash", *"strength:inferred", "enter")
        assert screen._search.state.startswith("1 of 8 sessions")
        kept = [row.key for row in screen._rows.tree if not row.context]
        assert kept == [cases.derivation.work.id]
        assert [row.key for row in screen._rows.tree if row.context] == [
            cases.derivation.sign_in.id,
            cases.derivation.role.id,
        ]
        await bench.press("slash", *" kind:x", "enter")
        assert "kind: is one of human" in screen._search.state
        assert len(screen._rows.tree) == 3
        await bench.press("escape", "escape")
        assert screen._search.state == "8 sessions, by start"
        assert screen.words == ""
        await bench.press("escape")
        await until(lambda: bench.pilot.app.screen is bench.screen)


async def test_from_an_event_to_its_session_and_back() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        bench.table.go_to_row(5)
        await bench.settled()
        screen = await sessions(bench, "s")
        await until(lambda: screen.row is not None and screen.row.key == cases.derivation.role.id)
        await bench.press("q")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        bench.table.go_to_row(250)
        await bench.settled()
        await bench.press("s")
        assert bench.pilot.app.screen is bench.screen


async def test_a_session_that_is_folded_or_filtered_away_is_brought_to_light() -> None:
    cases = FakeCases(300)
    call = next(one for one in cases.derivation.sessions if one.method == "calls of a service")
    cases.derivation.homes[3] = call.id
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        await bench.press("slash", *"strength:inferred", "enter", "2")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        bench.table.go_to_row(2)
        await bench.settled()
        screen = await sessions(bench, "s")
        await until(lambda: screen.row is not None and screen.row.key == call.id)
        assert screen.words == ""


async def test_enter_shows_what_a_session_did_down_to_the_event() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        screen._table.go_to_row(row_of(screen, cases.derivation.role.id))
        await bench.press("enter")
        await until(lambda: isinstance(bench.pilot.app.screen, ContentScreen))
        content = bench.pilot.app.screen
        assert isinstance(content, ContentScreen)
        await until(lambda: content.complete)
        expected = sum(home == cases.derivation.role.id for home in cases.derivation.homes.values())
        assert content.content.events == expected
        assert str(content.query_one("#about", Static).content).endswith(cases.derivation.role.id)
        table = content.query_one(CellTable)
        await bench.press("down", "enter", "down")
        await until(lambda: content.row is not None and content.row.event is not None)
        number = content.row.event
        await until(lambda: content._bodies.get(number or 0) is not None)
        assert "secretsmanager GetSecretValue" in table.render_line(table.cursor + 1).text
        await bench.press("enter")
        await until(lambda: isinstance(bench.pilot.app.screen, EventScreen))
        detail = bench.pilot.app.screen.query_one(EventDetail)
        await until(lambda: detail.event is not None and detail.event.id == number)
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, ContentScreen))
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, SessionsScreen))
        again = bench.pilot.app.screen
        assert isinstance(again, SessionsScreen)
        assert again.row is not None
        assert again.row.key == cases.derivation.role.id
        await bench.press("q")
        await until(lambda: bench.pilot.app.screen is bench.screen)


async def test_a_session_in_the_timeline_and_the_way_back() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        screen._table.go_to_row(row_of(screen, cases.derivation.sign_in.id))
        await bench.press("f")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        await bench.filtered()
        assert bench.screen.reading.text == f"session:{cases.derivation.sign_in.id}"
        assert list(bench.table.timeline.ids) == [1]
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, SessionsScreen))
        await bench.press("2")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        assert bench.pilot.app.is_running


async def test_only_sessions_that_the_timelines_filter_touches() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        await bench.press("F")
        assert screen.view.only is None
        await bench.press("2")
        await bench.filter(f"session:{cases.derivation.sign_in.id}")
        screen = await sessions(bench)
        await bench.press("F")
        await until(lambda: screen.view.only is not None)
        assert [row.key for row in screen._rows.tree] == [cases.derivation.sign_in.id]
        assert "those of the timeline's filter" in screen._search.state
        await bench.press("escape")
        assert len(screen._rows.tree) > 1


async def test_lineage_follows_citations_to_the_event_and_back() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        screen._table.go_to_row(row_of(screen, cases.derivation.work.id))
        await bench.press("l")
        await until(lambda: isinstance(bench.pilot.app.screen, LineageScreen))
        lineage = bench.pilot.app.screen
        assert isinstance(lineage, LineageScreen)
        await until(lambda: lineage.found is not None)
        await bench.pilot.pause()
        assert "rule aws-key 1" in document(lineage)
        await bench.press("enter")
        await until(lambda: isinstance(bench.pilot.app.screen, EventScreen))
        detail = bench.pilot.app.screen.query_one(EventDetail)
        await until(lambda: detail.event is not None and detail.event.id == 1)
        await bench.press("f")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        await until(lambda: bench.table.current is not None and bench.table.current.id == 1)
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, EventScreen))
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, LineageScreen))


async def test_the_lineage_of_an_event_of_the_timeline() -> None:
    cases = FakeCases(300)
    async with opened(cases, (80, 24)) as bench:
        bench.table.go_to_row(3)
        await bench.settled()
        await bench.press("l")
        await until(lambda: isinstance(bench.pilot.app.screen, LineageScreen))
        lineage = bench.pilot.app.screen
        assert isinstance(lineage, LineageScreen)
        await until(lambda: lineage.found is not None and "opened it" in document(lineage))


async def test_an_event_outside_of_the_filter_is_found_in_the_timeline() -> None:
    async with opened(FakeCases(300), (120, 40)) as bench:
        await bench.filter("action:StopLogging")
        bench.screen.case.navigation.go(TimelinePlace(event=7))
        await until(lambda: bench.table.current is not None and bench.table.current.id == 7)
        assert bench.screen.reading.query is None


async def test_what_is_not_up_to_date_is_said_and_what_to_do() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        banner = screen.query_one("#outdated", Static)
        assert not banner.display
        cases.derivation.current = False
        cases.version += 1
        await until(lambda: banner.display)
        assert "workbench derive /cases/acme.case" in str(banner.content)
        await bench.press("l")
        await until(lambda: isinstance(bench.pilot.app.screen, LineageScreen))
        lineage = bench.pilot.app.screen
        assert isinstance(lineage, LineageScreen)
        await until(lambda: "not up to date" in lineage.problem)


async def test_what_others_write_to_the_case_appears_and_the_cursor_stays() -> None:
    cases = FakeCases(300)
    async with opened(cases, (120, 40)) as bench:
        screen = await sessions(bench)
        screen._table.go_to_row(row_of(screen, cases.derivation.work.id))
        line = screen._table.line
        early = [session(f"early {n}", start=100 * n, who=f"early{n}") for n in range(30)]
        late = [session(f"late {n}", start=START + (n + 200) * MINUTE, who=f"late{n}") for n in range(30)]
        cases.derivation.sessions = [*early, *cases.derivation.sessions, *late]
        cases.version += 1
        await until(lambda: len(screen._rows.tree) > 60)
        await settled(bench, screen)
        assert screen.row is not None
        assert screen.row.key == cases.derivation.work.id
        assert screen._table.line == line
        cases.derivation.sessions = cases.derivation.sessions[:5]
        cases.version += 1
        await until(lambda: len(screen._rows.tree) == 5)
        assert screen.row is not None


async def test_thirty_thousand_sessions() -> None:
    cases = FakeCases(300)
    kinds = list(IdentityKind)
    cases.derivation.sessions = [
        session(
            f"s{n}",
            who=f"user-{n % 200}",
            kind=kinds[n % 4],
            start=n * 1_000_000,
            method="calls of a service" if n % 6 else "temporary key",
        )
        for n in range(30_000)
    ]
    async with opened(cases, (160, 50)) as bench:
        screen = await sessions(bench)
        assert len(screen._rows.tree) == 5_000 + 200
        assert max(cases.sessions_read) <= 64
        await bench.press("end")
        await settled(bench, screen)
        assert screen._table.cursor == len(screen._rows.tree) - 1
        assert sum(cases.sessions_read) < 1_000
        await bench.press("slash", *"user-17", "enter")
        await settled(bench, screen)
        assert screen._search.state.startswith(f"{150 * 11:,} of 30,000")
        await bench.press("escape", "o")
        await settled(bench, screen)
        first = screen._rows.tree[0]
        assert first.fold is not None


async def test_lanes_are_zoomed_and_moved() -> None:
    async with opened(FakeCases(300), (160, 50)) as bench:
        screen = await sessions(bench)
        whole = screen._rows.view
        assert whole is not None
        await bench.press("plus", "plus")
        near = screen._rows.view
        assert near is not None
        assert near.bucket < whole.bucket
        await bench.press("right_square_bracket")
        later = screen._rows.view
        assert later is not None
        assert later.start > near.start
        await bench.press("0")
        assert screen._rows.view == whole
        await bench.press("v")
        assert screen._rows.view is None
        assert "delegate 2" in "\n".join(drawn(screen))


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (200, 50)])
async def test_hostile_names_are_shown_and_do_nothing(size: tuple[int, int]) -> None:
    hostile = "\x1b]52;c;eA==\x07[bold]x[/bold][/]\u202e\x9b\n\t\ud800"
    cases = FakeCases(300, hostile=hostile)
    async with opened(cases, size) as bench:
        screen = await sessions(bench)
        await bench.press("d", "down", "down")
        await until(lambda: bool(document(screen)))
        for keys in (("v",), ("l",), ("q",), ("enter",), ("q",), ("8",), ("9",)):
            await bench.press(*keys)
            await bench.pilot.pause(0.2)
            for strip in bench.pilot.app.screen._compositor.render_strips():
                text = strip.text.replace("\n", "")
                assert text.isprintable(), (keys, text)


async def test_an_empty_case_says_what_is_next() -> None:
    cases = FakeCases(0)
    cases.derivation = Derivation()
    cases.derivation.sessions = []
    async with opened(cases, (80, 24)) as bench:
        screen = await sessions(bench)
        assert "adds evidence" in screen._table.empty_text
        cases.derivation.current = False
        cases.version += 1
        await until(lambda: "Press D" in screen._table.empty_text)
        await bench.press("D")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        assert bench.pilot.app.screen.query_one(Input).value == "R. Doe"
        await bench.press("escape")


async def test_a_zone_chosen_on_one_screen_holds_on_all() -> None:
    async with opened(FakeCases(300), (160, 50)) as bench:
        screen = await sessions(bench)
        await bench.press("Z")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        bench.pilot.app.screen.query_one(Input).value = "Asia/Tokyo"
        await bench.press("enter")
        await until(lambda: screen.zone.name == "Asia/Tokyo")
        await bench.press("v")
        assert "Asia/Tokyo" in drawn(screen)[0]
        assert "20:42:18" in "\n".join(drawn(screen))
        await bench.press("2")
        await until(lambda: bench.pilot.app.screen is bench.screen)
        assert isinstance(bench.screen, CaseScreen)
        assert bench.screen.zone.name == "Asia/Tokyo"
        assert bench.table.zone.name == "Asia/Tokyo"

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import msgspec
from textual.widgets import Input

from tests.tui.bench import Bench, opened, until
from tests.tui.fake_case import FakeCases, event_of, evidence_item
from workbench.tui.screens.evidence import EvidenceScreen, evidence_lines
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.widgets.adding_bar import AddingBar
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.filter_box import FilterBox, FilterInput
from workbench.tui.zones import UTC


def box(bench: Bench) -> FilterBox:
    return bench.screen.query_one(FilterBox)


def detail(bench: Bench) -> EventDetail:
    return bench.screen.query_one(EventDetail)


def detail_text(bench: Bench) -> str:
    return "\n".join("".join(span.text for span in line.spans) for line in detail(bench).document)


async def test_a_broad_header_names_the_ways_to_other_sections() -> None:
    async with opened(FakeCases(100), (200, 40)) as bench:
        await until(lambda: "3 Sessions  4 Changes" in bench.screen.query_one(CaseHeader).text)


async def test_the_header_says_where_one_is_and_how_sure_the_file_is() -> None:
    async with opened(FakeCases(100)) as bench:
        await until(lambda: "journal" in bench.screen.query_one(CaseHeader).text)
        text = bench.screen.query_one(CaseHeader).text
        for part in ("ACME 2023-07 › Timeline", "R. Doe", "UTC", "journal 41 entries", "file sound"):
            assert part in text


async def test_a_filter_narrows_the_table_and_says_how_far() -> None:
    async with opened(FakeCases(2_900)) as bench:
        await bench.filter("action:StopLogging")
        expected = sum(event_of(n, 2_900).event.act.action == "StopLogging" for n in range(1, 2_901))
        assert len(bench.table.timeline) == expected
        assert box(bench).state == f"{expected:,} of 2,900 events"
        assert bench.screen.focused is bench.table
        await bench.press("escape")
        await bench.settled()
        assert box(bench).state == "2,900 events"


async def test_clearing_a_filter_stays_at_the_event() -> None:
    async with opened(FakeCases(2_900)) as bench:
        await bench.filter("tampers:true")
        await bench.press(*["down"] * 40)
        await bench.settled()
        found = bench.table.current
        assert found is not None
        await bench.filter("")
        assert bench.table.current == found
        assert bench.table.cursor == found.id - 1
        await bench.filter("tampers:true OR action:Decrypt")
        assert bench.table.current == found


async def test_a_new_filter_stops_the_old_one() -> None:
    cases = FakeCases(200_000)
    async with opened(cases) as bench:
        cases.delay = 0.2
        await bench.press("slash")
        bench.screen.query_one(FilterInput).value = "action:Decrypt"
        await bench.press("enter")
        await until(lambda: bench.screen.reading.text == "action:Decrypt")
        first = bench.screen.reading.passing
        await bench.press("slash")
        bench.screen.query_one(FilterInput).value = "action:GetObject"
        await bench.press("enter")
        await until(lambda: bench.screen.reading.text == "action:GetObject")
        cases.delay = 0.0
        await bench.settled()
        assert not first.complete
        current = bench.table.current
        assert current is not None
        assert current.event.act.action == "GetObject"
        assert box(bench).state.endswith("of 200,000 events")


async def test_progress_of_a_slow_filter_is_shown() -> None:
    cases = FakeCases(100_000)
    async with opened(cases) as bench:
        cases.delay = 0.3
        await bench.press("slash")
        bench.screen.query_one(FilterInput).value = "action:Decrypt"
        await bench.press("enter")
        await until(lambda: "scanning" in box(bench).state)
        cases.delay = 0.0
        await bench.settled()
        assert "scanning" not in box(bench).state


async def test_a_fault_in_the_filter_is_pointed_at_and_the_table_stays() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("slash", *"acton:x", "enter")
        await until(lambda: box(bench).fault != "")
        carets, message = box(bench).fault.split("\n")
        assert carets == "   ^^^^^"
        assert "action" in message
        assert isinstance(bench.screen.focused, FilterInput)
        assert len(bench.table.timeline) == 100
        await bench.press("backspace")
        assert box(bench).fault == ""
        await bench.press("escape")
        assert box(bench).input.value == ""
        assert bench.screen.focused is bench.table


async def test_a_faulty_filter_leaves_a_running_search_alone() -> None:
    cases = FakeCases(100_000)
    async with opened(cases) as bench:
        cases.delay = 0.3
        await bench.press("slash")
        bench.screen.query_one(FilterInput).value = "action:Decrypt"
        await bench.press("enter")
        await until(lambda: bench.screen.reading.text == "action:Decrypt")
        await bench.press("slash")
        bench.screen.query_one(FilterInput).value = "(("
        await bench.press("enter")
        await until(lambda: box(bench).fault != "")
        cases.delay = 0.0
        await bench.settled()
        assert bench.screen.reading.text == "action:Decrypt"
        assert bench.screen.reading.passing.complete


async def test_tab_completes_and_arrows_recall() -> None:
    async with opened(FakeCases(300)) as bench:
        await bench.press("slash", *"outc", "tab", "d", "tab")
        assert box(bench).input.value == "outcome:denied"
        await bench.press("enter")
        await bench.settled()
        await bench.filter("verb:read")
        await bench.press("slash", "up", "up")
        assert box(bench).input.value == "outcome:denied"
        await bench.press("down")
        assert box(bench).input.value == "verb:read"


async def test_the_detail_shows_fields_provenance_and_the_masked_record() -> None:
    async with opened(FakeCases(2_900)) as bench:
        await bench.press("down", "down", "down", "enter")
        await until(lambda: detail(bench).record is not None)
        stored = bench.table.current
        assert stored is not None
        text = detail_text(bench)
        for part in (
            "2023-07-10T11:42:19Z",
            "order inside this second is unknown",
            "from eventTime",
            "rule iamdata: test",
            "because access key of a user",
            "AWSLogs/111122223333/eu-west-1/file.json.gz",
            "4,000 to 4,900",
            stored.ref.content_sha256,
            str(stored.ref),
            "aws.cloudtrail 1",
            "Records[]",
            "1 secret is masked",
            "‹masked, 12 characters›",
        ):
            assert part in text, part
        assert "SECRETSECRET" not in text


async def test_the_detail_follows_the_cursor_and_closes() -> None:
    async with opened(FakeCases(2_900)) as bench:
        await bench.press("enter", "down")
        await until(lambda: detail(bench).event is not None and detail(bench).event.id == 2)
        await bench.press("enter")
        assert bench.screen.focused is detail(bench)
        await bench.press("right_square_bracket")
        await until(lambda: detail(bench).event is not None and detail(bench).event.id == 3)
        await bench.press("q")
        await bench.pilot.pause()
        assert not bench.screen.has_class("-detail")
        assert bench.screen.focused is bench.table


async def test_on_a_small_screen_the_detail_takes_the_place_of_the_table() -> None:
    async with opened(FakeCases(100), (80, 24)) as bench:
        assert bench.table.size.height >= 15
        await bench.press("enter")
        assert not bench.table.display
        assert detail(bench).size.width == 80
        await bench.press("escape")
        assert bench.table.display


async def test_revealing_asks_journals_and_shows() -> None:
    cases = FakeCases(100)
    async with opened(cases) as bench:
        await bench.press("enter")
        await until(lambda: detail(bench).record is not None)
        await bench.press("r")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        await bench.press("escape")
        assert cases.revealed == []
        assert "SECRETSECRET" not in detail_text(bench)
        await bench.press("r")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        await bench.press("enter")
        await until(lambda: "SECRETSECRET" in detail_text(bench))
        stored = bench.table.current
        assert stored is not None
        assert cases.revealed == [(stored.ref, "R. Doe")]
        assert "Secrets are shown" in detail_text(bench)
        await bench.press("down")
        await until(lambda: detail(bench).event is not None and detail(bench).event.id == 2)
        await bench.press("up")
        await until(lambda: detail(bench).record is not None and detail(bench).event.id == 1)
        assert "SECRETSECRET" not in detail_text(bench)


async def test_a_huge_record_shows_its_start_and_says_so() -> None:
    cases = FakeCases(100, record=b'{"a":"' + b"x" * (20 << 20) + b'"}')
    async with opened(cases) as bench:
        await bench.press("enter")
        await until(lambda: detail(bench).record is not None)
        text = detail_text(bench)
        assert "The first 262,144 bytes of 20,971,528 follow" in text
        assert "workbench evidence /cases/acme.case" in text
        assert len(text) < 300_000


async def test_going_to_a_time() -> None:
    async with opened(FakeCases(2_900)) as bench:
        for typed, shown in (
            ("12:00", "12:00"),
            ("2023-07-10T13:00", "13:00"),
            ("2023-07-10T16:00+02:00", "14:00"),
        ):
            await bench.press("g")
            await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
            bench.pilot.app.screen.query_one(Input).value = typed
            await bench.press("enter")
            await until(lambda: not isinstance(bench.pilot.app.screen, FormScreen))
            await bench.settled()
            current = bench.table.current
            assert current is not None
            assert UTC.text(current.event.time.micros or 0)[11:] >= shown
            before = bench.table.timeline.times[bench.table.cursor - 1]
            assert UTC.text(before)[11:16] < shown


async def test_what_is_no_time_is_refused_in_words() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("g")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        form = bench.pilot.app.screen
        assert isinstance(form, FormScreen)
        for wrong in ("yesterday", "25:61", "2023-13-45", '"', "[a TO b]"):
            form.query_one(Input).value = wrong
            await bench.press("enter")
            assert bench.pilot.app.screen is form
            assert form.verdict
        await bench.press("escape")
        assert bench.table.cursor == 0


async def test_zones() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("Z")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        bench.pilot.app.screen.query_one(Input).value = "asia/tokyo"
        await bench.press("enter")
        await until(lambda: bench.screen.zone.name == "Asia/Tokyo")
        assert "Asia/Tokyo" in bench.screen.query_one(CaseHeader).text
        await bench.press("z")
        assert bench.screen.zone is UTC
        await bench.press("z")
        assert bench.screen.zone.name == "Asia/Tokyo"


async def test_help_and_evidence_open_and_close() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("question_mark")
        assert isinstance(bench.pilot.app.screen, HelpScreen)
        await bench.press("question_mark")
        assert bench.pilot.app.screen is bench.screen
        await bench.press("e")
        await until(lambda: isinstance(bench.pilot.app.screen, EvidenceScreen))
        await bench.press("q")
        await until(lambda: bench.pilot.app.screen is bench.screen)


def test_the_accounting_shows_sums_that_add_up_and_flags_those_that_do_not() -> None:
    summary = FakeCases(100).summary()
    text = "\n".join("".join(span.text for span in line.spans) for line in evidence_lines(summary, UTC))
    assert "102,000 = 90,000 records + 11,500 structure + 500 rejected in 1 range" in text
    assert "every byte and every record is accounted for once" in text
    assert evidence_item(100).content_sha256 in text
    assert "a range could not be read" in text
    broken = msgspec.structs.replace(summary.accounting, records=99)
    text = "\n".join(
        "".join(span.text for span in line.spans)
        for line in evidence_lines(msgspec.structs.replace(summary, accounting=broken), UTC)
    )
    assert "does not add up" in text
    assert "do not add up" in text


async def test_what_another_process_adds_appears_and_the_cursor_stays() -> None:
    cases = FakeCases(2_000)
    async with opened(cases) as bench:
        bench.table.go_to_row(1_000)
        await bench.settled()
        stored = bench.table.current
        assert stored is not None
        cases.set_count(5_000)
        cases.version += 1
        await until(lambda: len(bench.table.timeline) == 5_000)
        await bench.settled()
        assert bench.table.current is not None
        assert bench.table.current.id == stored.id


def _script(lines: list[str], status: int) -> list[str]:
    body = f"import sys\nfor line in {lines!r}: print(line, file=sys.stderr, flush=True)\nsys.exit({status})"
    return [sys.executable, "-c", body]


async def test_adding_shows_progress_and_its_failure_as_a_line() -> None:
    async with opened(FakeCases(100)) as bench:
        progress = {
            "files_done": 1,
            "files_total": 2,
            "bytes_done": 10,
            "bytes_total": 20,
            "events": 7,
            "file": "a\x1b.gz",
        }
        command = _script([json.dumps(progress), "no such file: \x1b[31mcheck the path"], 2)
        bench.screen.query_one(AddingBar).run_command(command)
        await until(lambda: bench.screen.problem != "")
        assert bench.screen.problem == "no such file: ␛[31mcheck the path"
        assert not bench.screen.query_one(AddingBar).has_class("-running")


async def test_adding_can_be_stopped() -> None:
    async with opened(FakeCases(100)) as bench:
        body = "import time, signal, sys\ntry: time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(130)"
        command = [sys.executable, "-c", body]
        bench.screen.query_one(AddingBar).run_command(command)
        await until(lambda: bench.screen.query_one(AddingBar).has_class("-running"))
        await asyncio.sleep(0.5)
        await bench.press("X")
        await until(lambda: not bench.screen.query_one(AddingBar).has_class("-running"))
        assert bench.screen.problem == ""


async def test_the_form_for_evidence_checks_the_path(tmp_path: Path) -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("A")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        form = bench.pilot.app.screen
        assert isinstance(form, FormScreen)
        form.query_one("#path", Input).value = str(tmp_path / "nothing")
        await bench.press("enter")
        assert "does not exist" in form.verdict
        assert bench.pilot.app.screen is form
        form.query_one("#path", Input).value = str(tmp_path)
        await bench.pilot.pause()
        assert "every file of the folder" in form.verdict
        await bench.press("escape")


async def test_readers_are_closed_with_the_screen() -> None:
    cases = FakeCases(100)
    async with opened(cases) as bench:
        assert len(cases.sources) >= 3
        del bench
    await until(lambda: all(source.closed for source in cases.sources))

"""The check behind the screens: it never keeps anybody waiting, and what it finds is on every screen."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from tests.adversarial.tampering import Forger
from tests.tui.bench import opened, until
from tests.tui.fake_case import FakeCases
from workbench.casefile.case_writer import write_case
from workbench.journal.entry import EntryKind
from workbench.tui.app import WorkbenchApp
from workbench.tui.checking import Outcome, QuickCheck, Sureness
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader, show_headers


def header_of(screen: object) -> str:
    assert isinstance(screen, Section)
    return screen.query_one(CaseHeader).text


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_until_it_has_ended_the_header_says_unverified(width: int) -> None:
    cases = FakeCases(100)
    cases.found = None
    async with opened(cases, (width, 24)) as bench:
        assert "unverified" in header_of(bench.screen)
        await bench.press("3")
        assert "unverified" in header_of(bench.pilot.app.screen)
        assert len(cases.checks) == 1
    assert cases.checks[0].stopped


@pytest.mark.parametrize("width", [80, 120])
async def test_sound_is_not_called_verified(width: int) -> None:
    async with opened(FakeCases(100), (width, 24)) as bench:
        await bench.press("3")
        for screen in bench.pilot.app.screen_stack[1:]:
            assert "sound" in header_of(screen)
            assert "unverified" not in header_of(screen)
            said = header_of(screen)
            assert said.count("verified") == said.count("not verified")


async def test_what_is_wrong_stays_on_the_screen_one_looks_at() -> None:
    cases = FakeCases(100)
    cases.found = None
    async with opened(cases) as bench:
        await bench.press("3")
        found = Outcome(Sureness.UNSOUND, ("entry 2: edited", "entry 3: edited"))
        bench.screen._checked(found)
        top = bench.pilot.app.screen
        assert isinstance(top, Section)
        assert top is not bench.screen
        assert "NOT SOUND: entry 2: edited and 1 more" in top.problem
        assert "good copy" in top.problem
        for screen in bench.pilot.app.screen_stack[1:]:
            assert "NOT SOUND" in header_of(screen)
        await bench.press("escape")
        assert top.problem == ""
        assert "NOT SOUND" in header_of(top)


async def test_a_check_that_could_not_be_done_leaves_the_case_unverified() -> None:
    cases = FakeCases(100)
    cases.found = Outcome(Sureness.UNCHECKED, ("no disk",))
    async with opened(cases) as bench:
        assert "unverified" in header_of(bench.screen)
        assert "no disk" in bench.screen.problem


async def test_the_full_check_says_more_and_stands() -> None:
    cases = FakeCases(100)
    cases.found = None
    async with opened(cases) as bench:
        bench.screen.case.checked = Outcome(Sureness.VERIFIED, entries=41)
        bench.screen._checked(Outcome(Sureness.SOUND))
        assert header_of(bench.screen).endswith(" all verified")


@pytest.mark.parametrize(
    ("width", "words"), [(80, "│ record verified"), (220, "│ evidence and record verified")]
)
async def test_what_was_not_compared_is_not_called_verified(width: int, words: str) -> None:
    cases = FakeCases(100)
    cases.found = None
    async with opened(cases, (width, 24)) as bench:
        bench.screen.case.checked = Outcome(Sureness.KEPT, entries=41)
        show_headers(bench.pilot.app, bench.screen.case)
        assert header_of(bench.screen).endswith(words)
        assert not bench.screen.query(".case-header--sureness.-good")


@pytest.mark.parametrize("width", [80, 160])
async def test_what_was_appended_after_the_full_check_is_not_called_verified(width: int) -> None:
    """On every screen of the case: the one that is looked at, those below it, and one that is opened later."""
    cases = FakeCases(100)
    async with opened(cases, (width, 24)) as bench:
        await bench.press("3")
        bench.screen.case.checked = Outcome(Sureness.VERIFIED, entries=41)
        show_headers(bench.pilot.app, bench.screen.case)
        for screen in bench.pilot.app.screen_stack[1:]:
            assert header_of(screen).endswith(" all verified")
        cases.entries, cases.version = 43, 2
        await until(lambda: "43" in header_of(bench.pilot.app.screen))
        await bench.press("9")
        words = "all verified to entry 41, 2 later" if width == 160 else "all verified to 41"
        for screen in bench.pilot.app.screen_stack[1:]:
            assert header_of(screen).endswith(words)
            assert not screen.query(".case-header--sureness.-good")


async def test_a_real_case(case: Path) -> None:
    with write_case(case, "R. Doe") as writer, writer.transaction():
        writer.act(EntryKind.CLOCK_COMPARED, {"with": "a watch", "offset": "1 s"})
    app = WorkbenchApp(None, case)
    async with app.run_test() as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen))
        await until(lambda: "sound" in header_of(app.screen), 30)
        await pilot.pause()
    entries = len(Forger(case, None).entries())  # type: ignore[arg-type]
    assert QuickCheck(case).outcome() == Outcome(Sureness.SOUND, entries=entries)
    Forger(case, None).edit(2, lambda entry: entry.update(actor="Somebody \u202eelse"))  # type: ignore[arg-type]
    found = QuickCheck(case).outcome()
    assert found.sureness is Sureness.UNSOUND
    assert any("entry 2" in each for each in found.wrong)
    assert QuickCheck(case.with_name("none.case")).outcome().sureness is Sureness.UNCHECKED


async def test_closing_the_case_does_not_wait(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that would last for minutes ends with the screens, at once."""
    begun: list[QuickCheck] = []

    class Slow(QuickCheck):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self._command = [sys.executable, "-c", "import time; time.sleep(300)"]
            begun.append(self)

    monkeypatch.setattr("workbench.tui.checking.QuickCheck", Slow)
    app = WorkbenchApp(None, case)
    async with app.run_test() as pilot:
        await until(lambda: bool(begun) and begun[0]._process is not None)
        left = time.monotonic()
        await pilot.press("q")
    assert time.monotonic() - left < 5
    process = begun[0]._process
    assert process is not None
    assert process.wait(5) < 0


def test_stopping_before_it_began(case: Path) -> None:
    check = QuickCheck(case)
    check.stop()
    assert check.outcome().sureness is Sureness.UNCHECKED


def test_a_stopped_check_ends(case: Path) -> None:
    check = QuickCheck(case)
    check._command = [sys.executable, "-c", "import time; time.sleep(300)"]
    ended: list[Outcome] = []
    thread = threading.Thread(target=lambda: ended.append(check.outcome()))
    thread.start()
    while check._process is None:
        time.sleep(0.01)
    check.stop()
    thread.join(5)
    assert ended
    assert ended[0].sureness is Sureness.UNCHECKED

"""The screens of changes over a real case: the second fictitious incident, where a trust policy was opened to an outsider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.casework.command import ROOT
from tests.casework.test_silent_acts import FIRST, LAST, audit, cluster
from tests.tui.bench import Bench, until
from workbench.casework.add_evidence import add_evidence
from workbench.casework.demo import build_demo
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.change import ChangeScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.event import EventScreen
from workbench.tui.screens.left_behind import LeftBehindScreen
from workbench.tui.screens.resources import ResourcesScreen
from workbench.tui.screens.section import Section
from workbench.tui.screens.sessions import SessionsScreen
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument


@pytest.fixture(scope="module")
def tallowmere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("screens") / "tallowmere.case"
    new_case(case, title="Tallowmere", examiner="R. Doe")
    add_evidence(case, [ROOT / "sample_logs" / "tallowmere" / "evidence"], actor="R. Doe")
    derive(case, actor="R. Doe")
    return case


@asynccontextmanager
async def shown(case: Path, size: tuple[int, int]) -> AsyncIterator[Bench]:
    app = WorkbenchApp(None, case)
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen))
        bench = Bench(pilot, None)  # type: ignore[arg-type]
        await bench.settled()
        yield bench


async def come(bench: Bench, kind: type[Section], *keys: str) -> Section:
    await bench.press(*keys)
    await until(lambda: isinstance(bench.pilot.app.screen, kind))
    await bench.pilot.pause()
    screen = bench.pilot.app.screen
    assert isinstance(screen, kind)
    return screen


def document(screen: Section) -> str:
    view = screen.query_one(LinkedDocument)
    return "\n".join("".join(span.text for span in line.spans) for line in view.document)


def drawn(screen: Section) -> str:
    table = screen.query_one("#list", CellTable)
    return "\n".join(table.render_line(y).text.rstrip() for y in range(table.size.height))


@pytest.mark.parametrize("size", [(100, 30), (160, 40)])
async def test_d_on_an_event_shows_what_it_changed(tallowmere: Path, size: tuple[int, int]) -> None:
    async with shown(tallowmere, size) as bench:
        await bench.filter("action:PutEventSelectors AND identity:*p.adeyemi*")
        screen = await come(bench, ChangeScreen, "d")
        await until(lambda: "event selectors" in document(screen))
        text = document(screen)
        assert "reconstructed from PutEventSelectors" in text
        assert "1 gap between could hide another change" in text
        assert "trail tallowmere-main" in text
        assert "/0/includeManagementEvents" in text
        if size[0] >= 120:
            assert "before" in text
            assert any("false" in row and "true" in row and "│" in row for row in text.splitlines())
        else:
            rows = text.splitlines()
            assert any(row.strip().startswith("−") and "false" in row for row in rows)
            assert any(row.strip().startswith("+") and "true" in row for row in rows)
        await come(bench, EventScreen, "e")
        await come(bench, ChangeScreen, "q")
        resources = await come(bench, ResourcesScreen, "h")
        await until(lambda: "tallowmere-main" in drawn(resources))


async def test_an_event_that_changes_nothing_says_so(tallowmere: Path) -> None:
    async with shown(tallowmere, (120, 40)) as bench:
        await bench.filter("action:ListUsers")
        screen = await come(bench, ChangeScreen, "d")
        await until(lambda: "states no change" in document(screen))


async def test_resources_with_their_life_and_what_was_left_behind(tallowmere: Path) -> None:
    async with shown(tallowmere, (160, 45)) as bench:
        screen = await come(bench, ResourcesScreen, "4")
        await until(lambda: "resources with changes" in screen._search.state)
        screen.apply("backup-operator")
        await until(lambda: "1 of" in screen._search.state)
        await until(lambda: "UpdateAssumeRolePolicy" in document(screen))
        assert "account 999900001111" in document(screen)
        screen.apply("backup-opreator")
        await until(lambda: "by likeness" in screen._search.state)
        assert "backup-operator" in drawn(screen)
        screen.apply("webmail")
        await until(lambda: "that no event changed" in screen._search.state)
        await until(lambda: "user.authentication.sso" in document(screen))
        left = await come(bench, LeftBehindScreen, "L")
        await until(lambda: "left behind" in left._search.state)
        left.apply("undone:no kind:trust")
        await until(lambda: "1 left behind: 1 not undone" in left._search.state)
        assert "backup-operator" in drawn(left)
        await until(lambda: "nothing in the evidence undid it" in document(left))
        change = await come(bench, ChangeScreen, "enter")
        await until(lambda: "left behind" in document(change))
        assert "is outside: not among the accounts of this case" in document(change)


async def test_d_in_the_life_of_a_resource_shows_the_diff_of_the_event_there(tallowmere: Path) -> None:
    async with shown(tallowmere, (160, 45)) as bench:
        screen = await come(bench, ResourcesScreen, "4")
        await until(lambda: "resources with changes" in screen._search.state)
        screen.apply("backup-operator")
        await until(lambda: "UpdateAssumeRolePolicy" in document(screen))
        # The state is told in the words of a diff, statement by statement, and as a whole.
        assert (
            "allow sts:assumerole to account 999900001111" in document(screen).partition("what happened")[0]
        )
        await bench.press("tab")
        change = await come(bench, ChangeScreen, "d")
        await until(lambda: "UpdateAssumeRolePolicy" in document(change))
        again = await come(bench, ResourcesScreen, "q")
        assert again.has_class("-detail")
        await bench.press("d")
        await until(lambda: not again.has_class("-detail"))


async def test_acts_that_do_not_say_what_they_changed_are_named(tmp_path: Path) -> None:
    silent = audit("11:00:00", "update")
    case = cluster(tmp_path, FIRST, silent, LAST, audit("14:00:00", "patch"))
    async with shown(case, (160, 45)) as bench:
        screen = await come(bench, ResourcesScreen, "4")
        await until(lambda: "patch roles" in document(screen))
        text = document(screen)
        assert "? /rules" in text
        assert "DOUBTFUL: 1 act since may have changed it without saying what" in text
        assert (
            text.count("does not say what it changed: what follows is known only as far as said again") == 2
        )
        assert "1 act between may have changed this resource without saying what" in text
        assert "kubernetes update roles 2026-05-12T11:00:00" in text


async def test_what_cannot_be_told_is_not_counted_as_standing(tmp_path: Path) -> None:
    build_demo(tmp_path / "demo.case")
    async with shown(tmp_path / "demo.case", (160, 45)) as bench:
        await come(bench, ResourcesScreen, "4")
        left = await come(bench, LeftBehindScreen, "L")
        await until(lambda: ": 1 not undone" in left._search.state)
        assert "1 not to be told" in left._search.state
        left.apply("undone:untold")
        await until(lambda: "1 left behind: 0 not undone" in left._search.state)
        await until(lambda: "cannot be told: the record does not name what it made" in document(left))


async def test_a_session_against_before_and_beside_another(tallowmere: Path) -> None:
    async with shown(tallowmere, (160, 45)) as bench:
        await bench.filter("action:CreateAccessKey")
        sessions = await come(bench, SessionsScreen, "s")
        await until(lambda: bool(sessions._search.state))
        await until(lambda: sessions.row is not None and sessions.row.session is not None)
        screen = await come(bench, CompareScreen, "b")
        await until(lambda: "events" in document(screen))
        assert "new against records from" in document(screen) or "everything is new" in document(screen)
        assert "against what all sessions of arn:aws:iam::333344445555:role/" in document(screen)
        await bench.press("b")
        await until(lambda: "against what federated-admin/jdoe did" in document(screen))
        await bench.press("b")
        await until(lambda: "everybody" in document(screen))
        assert "iam CreateAccessKey" in document(screen)
        await come(bench, SessionsScreen, "q")
        await bench.press("m", "down")
        pair = await come(bench, CompareScreen, "b")
        await until(lambda: "first" in document(pair) and "second" in document(pair))
        left = await come(bench, LeftBehindScreen, "L")
        await until(lambda: "left behind by S-" in left._search.state)


async def test_help_is_in_every_footer_and_never_cut(tallowmere: Path) -> None:
    async with shown(tallowmere, (80, 24)) as bench:
        for keys in ((), ("3",), ("b",), ("escape", "4"), ("5",), ("2", "d")):
            await bench.press(*keys)
            await bench.pilot.pause(0.2)
            footer = bench.pilot.app.screen.query_one(KeyFooter)
            await until(lambda footer=footer: bool(footer.query(".-help")))  # type: ignore[misc]
            (shown_help,) = footer.query(".-help")
            assert shown_help.region.right == 80, keys
            assert shown_help.region.width >= len("? Help")


async def test_the_diff_comes_before_what_lies_between(tallowmere: Path) -> None:
    async with shown(tallowmere, (80, 24)) as bench:
        await bench.filter("action:PutEventSelectors AND identity:*p.adeyemi*")
        screen = await come(bench, ChangeScreen, "d")
        await until(lambda: "event selectors" in document(screen))
        text = document(screen)
        assert text.index("includeManagementEvents") < text.index("between the state before")


async def test_the_state_of_a_resource_as_of_a_time(tallowmere: Path) -> None:
    async with shown(tallowmere, (120, 45)) as bench:
        screen = await come(bench, ResourcesScreen, "4")
        assert isinstance(screen, ResourcesScreen)
        await until(lambda: "resources with changes" in screen._search.state)
        screen.apply("backup-operator")
        await until(lambda: "UpdateAssumeRolePolicy" in document(screen))
        assert "at the end of the evidence" in document(screen)
        await bench.press("t")
        await until(lambda: screen.app.screen is not screen)
        await bench.press(*"2020-01-01T11:42", "enter")
        await until(lambda: "as of 2020-01-01 11:42" in document(screen))
        assert "nothing is known" in document(screen)
        assert "UpdateAssumeRolePolicy" not in document(screen)
        await bench.press("escape")
        await until(lambda: "at the end of the evidence" in document(screen))

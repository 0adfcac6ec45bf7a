"""Tags, findings and notes on the screens, over the demo case on disk."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Label

from tests.casework.command import workbench
from tests.tui.bench import Bench, until
from workbench.casefile.reader import CaseReader
from workbench.casework.demo import build_demo
from workbench.model.claim import Grade, Level
from workbench.tui.app import WorkbenchApp
from workbench.tui.glyphs import glyphs
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.findings import FindingsScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.history import HistoryScreen
from workbench.tui.screens.notes import NotesScreen
from workbench.tui.screens.noting import NoteEditor, SafeTextArea
from workbench.tui.screens.tagging import TagScreen
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.choice_line import ChoiceLine
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.linked_document import LinkedDocument

SECRET = "action:GetSecretValue kind:human outcome:success"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.case"
    build_demo(path)
    return path


@pytest.fixture
def demo(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_EXAMINER", "R. Doe")
    return Path(shutil.copy(built, tmp_path / "demo.case"))


@asynccontextmanager
async def opened(path: Path, size: tuple[int, int] = (130, 46)) -> AsyncIterator[Bench]:
    app = WorkbenchApp(None, path)
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen) and bool(app.screen.query(EventTable)))
        bench = Bench(pilot, None)  # type: ignore[arg-type]
        await bench.settled()
        yield bench


def screen(bench: Bench) -> object:
    return bench.pilot.app.screen


async def dialog(bench: Bench, key: str) -> TagScreen:
    await bench.press(key)
    await until(lambda: isinstance(screen(bench), TagScreen) and screen(bench).found is not None)  # type: ignore[attr-defined]
    found = screen(bench)
    assert isinstance(found, TagScreen)
    await until(lambda: found.verdict != "looking at the events …" and bool(found.verdict))
    return found


def fill(found: TagScreen, name: str, text: str) -> None:
    found.query_one(f"#{name}", LineInput).value = text


def tags(path: Path) -> list[tuple[Grade, Level, str, int]]:
    with CaseReader.open(path) as reader:
        return [
            (one.body.grade, one.body.level, one.body.reason, one.body.scope.events)
            for one in reader.claims.tags()
        ]


def document(of: object) -> str:
    view = of.query_one(LinkedDocument)  # type: ignore[attr-defined]
    return "\n".join("".join(span.text for span in line.spans) for line in view.document)


async def test_a_sentence_and_enter_commit_a_tag_that_shows_at_once(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "a")
        assert "support level credential" in str(found.query_one("#machine").render())
        assert found.query_one("#subject", LineInput).value.endswith("user/m.okafor")
        assert found.query_one("#level", ChoiceLine).word == "credential"
        assert len(found.proposed) == 2
        assert len(found.proposed.cited) == 1
        await bench.press(*"It carries her key", "enter")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        assert [each[:3] for each in tags(demo)] == [
            (Grade.ATTRIBUTED, Level.CREDENTIAL, "It carries her key")
        ]
        await until(lambda: bench.table.current is not None and bool(bench.table.current.tags))
        assert "●" in bench.table._painter.text(bench.table.current)  # type: ignore[arg-type]
        await bench.press("h")
        await until(
            lambda: (
                isinstance(screen(bench), HistoryScreen) and "It carries her key" in document(screen(bench))
            )
        )


async def test_where_the_keys_go_shows_and_what_is_typed_on_a_list_is_not_lost(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "a")

        def pointed() -> list[str]:
            return [
                str(label.render()).strip("┃> ")
                for label in found.query(Label)
                if str(label.render()).startswith(glyphs().pointer)
            ]

        await until(lambda: pointed() == ["reason"])
        await bench.press(*"It carries", "tab")
        await until(lambda: pointed() == ["cites"])
        assert "space cites or no longer" in str(found.query_one("#dialog").border_subtitle)
        cited = found.proposed.cited
        await bench.press(*"x")
        await until(lambda: pointed() == ["reason"])
        await bench.press(*" her key")
        assert found.query_one("#reason", LineInput).value == "It carriesx her key"
        assert found.proposed.cited == cited
        await bench.press("tab", "space")
        assert found.proposed.cited != cited


async def test_a_note_says_on_what_it_is_and_can_be_on_nothing(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.filter(SECRET)
        current = bench.table.current
        assert current is not None
        await bench.press("n")
        await until(lambda: isinstance(screen(bench), FormScreen))
        form = screen(bench)
        assert form.query_one("#on", LineInput).value == current.ref.short  # type: ignore[attr-defined]
        shown = str(form.query_one("#explanation").render())  # type: ignore[attr-defined]
        assert f"{current.ref.short}, 2026-" in shown
        assert "GetSecretValue" in shown
        form.query_one("#on", LineInput).value = ""  # type: ignore[attr-defined]
        await bench.press(*"Called them", "enter")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        with CaseReader.open(demo) as reader:
            (note,) = reader.claims.notes()
        assert note.body.on == ()


async def test_a_person_is_refused_on_the_spot_and_the_draft_is_kept(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "a")
        found.query_one("#level", ChoiceLine).chosen = list(Level).index(Level.PERSON)
        fill(found, "reason", "It must have been her.")
        await until(lambda: found.verdict.startswith("✗"))
        assert "credential would be accepted" in found.verdict
        await bench.press("ctrl+s")
        await bench.pilot.pause(0.3)
        assert screen(bench) is found
        await bench.press("escape")
        assert tags(demo) == []
        again = await dialog(bench, "i")
        assert again.query_one("#reason", LineInput).value == "It must have been her."
        assert again.grade is Grade.INFERRED
        assert again.has_class("-inferred")


async def test_marked_events_a_session_and_a_filter_are_tagged(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.filter("verb:read_secret identity:pay-api outcome:success credential:*")
        count = len(bench.table.timeline)
        await bench.press("space", "space")
        assert len(bench.table.marked) == 2
        found = await dialog(bench, "u")
        cover = found.query_one("#cover", ChoiceLine)
        assert cover.words[0] == "the 2 marked"
        assert cover.words[-1] == f"all {count} that pass the filter"
        cover.chosen = len(cover.words) - 1
        await until(lambda: found.found is not None and found.found.scope.events == count)
        fill(found, "reason", "Nobody has looked into these.")
        await until(lambda: found.verdict.startswith("✓"))
        await bench.press("ctrl+s")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        assert [each[3] for each in tags(demo)] == [count]
        assert not bench.table.marked


async def test_the_board_shows_what_lacks_and_takes_a_signature(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(demo) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "a")
        fill(found, "reason", "The record carries her key.")
        await bench.press("ctrl+s")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        await bench.press("F")
        await until(lambda: isinstance(screen(bench), FormScreen))
        await bench.press("enter")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        await bench.press("6")
        await until(lambda: isinstance(screen(bench), FindingsScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        board = screen(bench)
        assert isinstance(board, FindingsScreen)
        table = board.query_one("#list", CellTable)
        text = "\n".join(table.render_line(y).text for y in range(5))
        assert "E2" in text
        assert "● attributed" in text
        assert "lacks 2" in text
        assert "1 findings, 1 tags; 1 events tagged, 2,085 untagged" in board._search.state
        await bench.press("down")
        await until(lambda: "a second person's signature" in document(board))
        await bench.press("v")
        await until(lambda: isinstance(screen(bench), FormScreen))
        form = screen(bench)
        form.query_one("#reason", LineInput).value = "Read it."  # type: ignore[attr-defined]
        form.query_one("#examiner", LineInput).value = "B. Second"  # type: ignore[attr-defined]
        await bench.press("enter")
        await until(
            lambda: (
                isinstance(screen(bench), FindingsScreen)
                and bool(board.found and board.found.tags[0].kept.reviews)
            )
        )
        await bench.press("slash", *"is:finding", "enter")
        assert len(board._listed) == 1
        await bench.press("enter")
        await until(lambda: isinstance(screen(bench), HistoryScreen))
        await until(
            lambda: "access      observed" in document(screen(bench)) or "observed" in document(screen(bench))
        )


async def test_a_quick_note_and_one_on_the_whole_screen(demo: Path) -> None:
    async with opened(demo) as bench:
        await bench.press("n")
        await until(lambda: isinstance(screen(bench), FormScreen))
        await bench.press(*"Called them", "enter")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        await bench.press("N")
        await until(lambda: isinstance(screen(bench), NoteEditor))
        editor = screen(bench)
        assert isinstance(editor, NoteEditor)
        editor.query_one(SafeTextArea).text = "# Later\n\nThey called back."
        editor.query_one("#refers_to", LineInput).value = "2026-05-12T09:00"
        await bench.press("escape")
        await bench.press("N")
        await until(lambda: isinstance(screen(bench), NoteEditor))
        editor = screen(bench)
        assert isinstance(editor, NoteEditor)
        assert editor.query_one(SafeTextArea).text == "# Later\n\nThey called back."
        await bench.press("ctrl+s")
        await until(lambda: isinstance(screen(bench), CaseScreen))
        with CaseReader.open(demo) as reader:
            first, second = reader.claims.notes()
        assert first.body.text == "Called them"
        assert first.body.on[0].kind == "event"
        assert second.body.refers_to == "2026-05-12T09:00:00Z"
        await bench.press("7")
        await until(lambda: isinstance(screen(bench), NotesScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        notes = screen(bench)
        assert isinstance(notes, NotesScreen)
        table = notes.query_one("#list", CellTable)
        assert "late entry" in table.render_line(1).text
        await bench.press("slash", *"called them", "enter")
        assert [one.origin.id for one in notes._listed] == [first.origin.id]
        await bench.press("c")
        await until(lambda: isinstance(screen(bench), NoteEditor))
        editor = screen(bench)
        assert isinstance(editor, NoteEditor)
        editor.query_one(SafeTextArea).text = "Called them twice"
        await bench.press("ctrl+s")
        await until(lambda: isinstance(screen(bench), NotesScreen))
        with CaseReader.open(demo) as reader:
            assert [one.body.text for one in reader.claims.history(first.origin.id)] == [
                "Called them",
                "Called them twice",
            ]


async def test_what_is_pasted_into_a_note_is_made_visible(demo: Path) -> None:
    from textual import events

    async with opened(demo) as bench:
        await bench.press("N")
        await until(lambda: isinstance(screen(bench), NoteEditor))
        area = screen(bench).query_one(SafeTextArea)  # type: ignore[attr-defined]
        area.post_message(events.Paste("a\x1b[31m\r\nb\u202e"))
        await until(lambda: "b" in area.text)
        assert area.text == "a␛[31m\nb<U+202E>"


async def test_hostile_text_is_shown_and_not_obeyed_on_each_of_these_screens(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.casework.command import workbench
    from tests.casework.logs import record, trail, write

    monkeypatch.setenv("WORKBENCH_EXAMINER", "R. Doe")
    nasty = "\x1b]52;c;aGk=\x07\x9b2J\u202e[bold]x"
    key = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{nasty}", "userName": nasty,
           "accessKeyId": f"AKIA{nasty}", "accountId": "111122223333"}  # fmt: skip
    logs = write(tmp_path / "a.json", trail([record(1, userIdentity=key, eventName=nasty)]))
    assert workbench("add", case, logs).status == 0
    ref = workbench("events", case, "--json").lines[0]["ref"]
    for text in (nasty, f"It was {nasty} who did it."):
        workbench("note", case, text, "--on", ref)
    made = workbench(
        "tag", case, ref, "--as", "inferred", "--reason", f"It was {nasty} who did it.", "--instead", nasty
    )
    assert made.status == 0, made.err
    stated = workbench(
        "finding", case, "--effect", "E1", "--subject", nasty, "--verb", nasty, "--object", "path/1", "--cite", ref,
        "--text", nasty, "--override", f"It was {nasty}.",
    )  # fmt: skip
    assert stated.status == 0, stated.err

    async with opened(case) as bench:

        async def safe() -> None:
            await bench.pilot.pause(0.3)
            for strip in bench.pilot.app.screen._compositor.render_strips():
                assert strip.text.isprintable(), strip.text

        await dialog(bench, "a")
        await safe()
        await bench.press("escape", "F")
        await safe()
        await bench.press("escape", "h")
        await until(
            lambda: isinstance(screen(bench), HistoryScreen) and "inferred" in document(screen(bench))
        )
        await safe()
        await bench.press("6")
        await until(lambda: isinstance(screen(bench), FindingsScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        await bench.press("down")
        await safe()
        await bench.press("7")
        await until(lambda: isinstance(screen(bench), NotesScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        await safe()
        await bench.press("c")
        await until(lambda: isinstance(screen(bench), NoteEditor))
        await safe()


async def test_a_session_is_tagged_in_the_tree(demo: Path) -> None:
    from workbench.tui.screens.sessions import SessionsScreen

    async with opened(demo) as bench:
        await bench.filter(SECRET)
        await bench.press("s")
        await until(lambda: isinstance(screen(bench), SessionsScreen) and screen(bench).row is not None)  # type: ignore[attr-defined]
        found = await dialog(bench, "i")
        assert found.found is not None
        assert found.found.scope.choice == "session"
        fill(found, "reason", "It is her console session.")
        await bench.press("ctrl+s")
        await until(lambda: isinstance(screen(bench), SessionsScreen))
        assert [(each[0], each[3]) for each in tags(demo)] == [(Grade.INFERRED, 17)]


def test_a_row_of_the_board_begins_at_the_beginning() -> None:
    """On a narrow screen the names are short and the period is left to the details; no middle of a sentence is left out."""
    from workbench.casework.finding import FindingState
    from workbench.model.claim import Kept, Origin
    from workbench.model.finding import Effect, Finding, Period
    from workbench.tui.tables.claims import ClaimRows
    from workbench.tui.zones import UTC

    finding = Finding(
        subject="arn:aws:iam::555566667777:role/DeployAdmin",
        verb="read_secret",
        objects=("arn:aws:secretsmanager:us-east-1:555566667777:secret:prod/db-hY3kLq",),
        effect=Effect.ACCESS_OBSERVED,
        period=Period("2026-05-12T00:00:00Z", "2026-05-12T23:59:59.999999Z"),
    )
    origin = Origin(id="F-1", version=1, entry="e", seq=1, time="2026-05-12T00:00:00Z", author="A")
    rows = ClaimRows([FindingState(Kept(origin=origin, body=finding), [], [])], UTC)
    for width in (60, 80, 100, 120, 300):
        says = rows.cells(0, width)[2].text.rstrip()
        whole = "Access to arn:aws:secretsmanager:us-east-1:555566667777:secret:prod/db-hY3kLq by "
        short = "Access to secret:prod/db-hY3kLq by role/DeployAdmin (read secret) was recorded."
        assert says.startswith(whole) == (width == 300)
        assert short.startswith(says.rstrip("…")) == (width != 300)
        assert sum(len(cell.text) for cell in rows.cells(0, width)) <= width
    assert "secret:prod/db-hY3kLq" in rows.cells(0, 80)[2].text


async def test_claims_in_conflict_are_marked_on_the_board(demo: Path, tmp_path: Path) -> None:
    from tests.casework.command import workbench
    from workbench.casework.record.merge import merge

    other = Path(shutil.copy(demo, tmp_path / "other.case"))
    ref = workbench("events", demo, SECRET, "--json").lines[0]["ref"]
    for copy, grade, who in ((demo, "attributed", "A"), (other, "inferred", "B")):
        made = workbench(
            "tag", copy, ref, "--as", grade, "--reason", "It carries her key.", "--examiner", who
        )
        assert made.status == 0, made.err
    merge(demo, other, actor="A")
    async with opened(demo) as bench:
        await bench.press("6")
        await until(lambda: isinstance(screen(bench), FindingsScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        board = screen(bench)
        assert isinstance(board, FindingsScreen)
        table = board.query_one("#list", CellTable)
        assert "CONFLICT" in table.render_line(1).text
        assert "2 in CONFLICT" in board._search.state
        await until(lambda: "settle it by superseding one" in document(board))
        assert "level credential, by " in document(board)
        await bench.press("slash", *"is:conflict", "enter")
        assert len(board._listed) == 2


SMALL = (80, 24)


def in_sight(of: object, *selectors: str) -> None:
    """Whether parts of a dialog lie whole on the screen, inside the dialog."""
    room = of.query_one("#dialog").content_region  # type: ignore[attr-defined]
    for selector in selectors:
        region = of.query_one(selector).region  # type: ignore[attr-defined]
        assert region.height > 0, selector
        assert room.contains_region(region), (selector, region, room)


def shown(bench: Bench) -> str:
    return "\n".join(strip.text for strip in bench.pilot.app.screen._compositor.render_strips())


async def test_on_a_small_screen_the_form_of_a_finding_has_its_buttons_in_sight(demo: Path) -> None:
    async with opened(demo, SMALL) as bench:
        await bench.filter(SECRET)
        await bench.press("F")
        await until(lambda: isinstance(screen(bench), FormScreen))
        form = screen(bench)
        await bench.pilot.pause()
        in_sight(form, "#submit", "#cancel", "#verdict")
        dialog = form.query_one("#dialog")  # type: ignore[attr-defined]
        assert "enter state it   esc keep as draft" in str(dialog.border_subtitle)
        for name in ("effect", "examiner"):
            form.query_one(f"#{name}", LineInput).focus()  # type: ignore[attr-defined]
            await bench.pilot.pause()
            in_sight(form, "#submit", f"#{name}")
        labels = [str(label.render()) for label in form.query(Label)]  # type: ignore[attr-defined]
        assert [each for each in labels if each.startswith(glyphs().pointer)] == [
            f"{glyphs().pointer} your name *"
        ]
        form.query_one("#cites", LineInput).focus()  # type: ignore[attr-defined]
        await bench.pilot.pause()
        # What belongs into a line that is filled in already is said below.
        assert "references and ids, parted by blanks" in shown(bench)


async def test_on_a_small_screen_nothing_that_the_tag_dialog_says_is_cut(demo: Path) -> None:
    async with opened(demo, SMALL) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "i")
        text = shown(bench)
        assert all(f"{glyphs().tag[each]} {each.value}" in text for each in Grade)
        found.query_one("#grade", ChoiceLine).chosen = list(Grade).index(Grade.EXCLUDED)
        found.query_one("#level", ChoiceLine).chosen = list(Level).index(Level.PERSON)
        fill(found, "reason", "Not her.")
        await until(lambda: found.verdict.count("✗") == 2)
        await bench.pilot.pause(0.1)
        in_sight(found, "#foot", "#reason")
        assert "and its finding is authorised." in " ".join(shown(bench).replace("│", " ").split())
        subtitle = str(found.query_one("#dialog").border_subtitle)
        assert subtitle.startswith("pgdn reads on")
        assert "belong to one session is inferred" not in shown(bench)
        await bench.press("pagedown", "pagedown")
        assert "belong to one session is inferred" in shown(bench)
        assert found.query_one("#reason", LineInput).has_focus


async def test_what_a_document_shows_is_said_in_the_dialog_and_cites_it(demo: Path, tmp_path: Path) -> None:
    menu = tmp_path / "menu.txt"
    menu.write_text("Monday: soup.")
    assert workbench("add", demo, menu, "--kind", "document").status == 0
    async with opened(demo, SMALL) as bench:
        await bench.filter(SECRET)
        found = await dialog(bench, "i")
        assert not found.query_one("#shows").region
        found.query_one("#level", ChoiceLine).chosen = list(Level).index(Level.ACCOUNT_HOLDER)
        fill(found, "subject", "Zoe Zebra")
        fill(found, "reason", "She signed for the soup.")
        fill(found, "shows", "menu.txt: Zoe Zebra signed for the soup")
        await until(lambda: "can be committed" in found.verdict)
        found.query_one("#shows").focus()
        await bench.pilot.pause()
        in_sight(found, "#shows", "#verdict")
        await bench.press("ctrl+s")
        await until(lambda: not isinstance(screen(bench), TagScreen))
        (made,) = workbench("tag", demo, "--json").lines
        assert [each["shows"] for each in made["cites"] if each["kind"] == "document"] == [
            "Zoe Zebra signed for the soup"
        ]
        assert made["subject"] == "Zoe Zebra"


async def test_the_keys_of_all_tags_show_on_a_small_screen(demo: Path) -> None:
    async with opened(demo, SMALL) as bench:
        await bench.filter(SECRET)
        for keys in ((), ("s",), ("2", "enter")):
            await bench.press(*keys)
            await bench.pilot.pause(0.2)
            assert "a i u x Tag" in shown(bench).splitlines()[-1]


async def test_of_two_standing_versions_the_one_under_the_cursor_is_taken_back(
    demo: Path, tmp_path: Path
) -> None:
    from tests.casework.command import workbench
    from workbench.casework.record.merge import merge

    ref = workbench("events", demo, SECRET, "--json").lines[0]["ref"]
    given = (ref, "--as", "inferred", "--reason", "It carries her key.")
    first = workbench("tag", demo, *given, "--examiner", "A").out.decode().strip()
    other = Path(shutil.copy(demo, tmp_path / "other.case"))
    for copy, who in ((demo, "A"), (other, "B")):
        again = (
            "--supersede",
            first,
            "--as",
            "inferred",
            "--reason",
            f"{who} says so now.",
            "--examiner",
            who,
        )
        assert workbench("tag", copy, *again).status == 0
    merge(demo, other, actor="A")
    async with opened(demo) as bench:
        await bench.press("6")
        await until(lambda: isinstance(screen(bench), FindingsScreen) and len(screen(bench)._listed) == 2)  # type: ignore[attr-defined]
        board = screen(bench)
        assert isinstance(board, FindingsScreen)
        row = next(number for number, one in enumerate(board._listed) if one.kept.origin.author == "B")
        await bench.press(*["down"] * row)
        await until(lambda: "B says so now." in document(board))
        await bench.press("T")
        await until(lambda: isinstance(screen(bench), FormScreen))
        screen(bench).query_one("#reason", LineInput).value = "A knows better."  # type: ignore[attr-defined]
        await bench.press("enter")
        await until(lambda: isinstance(screen(bench), FindingsScreen) and len(board._listed) == 1)
        assert not board._listed[0].kept.rivals
    assert [each[2] for each in tags(demo)] == ["A says so now."]

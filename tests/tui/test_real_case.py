"""The screens over a real case file."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

from tests.tui.bench import Bench, until
from workbench.casefile.reader import CaseReader
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.widgets.adding_bar import AddingBar
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.event_detail import EventDetail


def log(path: Path, count: int) -> Path:
    records = [
        {
            "eventVersion": "1.08",
            "userIdentity": {"type": "IAMUser", "userName": f"user{n % 3}", "arn": f"arn:aws:iam::111122223333:user/user{n % 3}"},
            "eventTime": f"2026-03-04T11:{n // 60 % 60:02}:{n % 60:02}Z",
            "eventSource": "sts.amazonaws.com",
            "eventName": "GetSessionToken" if n % 2 else "GetCallerIdentity",
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "evil \u001b[31m agent",
            "eventID": f"00000000-0000-4000-8000-{n:012}",
            "requestParameters": None,
            "responseElements": {"credentials": {"sessionToken": "FwoGZXIvYXdzVERYSECRET"}} if n % 2 else None,
        }
        for n in range(count)
    ]  # fmt: skip
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return path


async def test_evidence_added_from_the_screen_appears_and_its_secrets_are_masked(
    case: Path, tmp_path: Path
) -> None:
    app = WorkbenchApp(None, case)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen) and bool(app.screen.query(AddingBar)))
        bench = Bench(pilot, None)  # type: ignore[arg-type]
        await until(lambda: bench.screen.reading.every.complete)
        assert "Press A" in bench.table.empty_text
        bench.screen.add_evidence(
            {"path": str(log(tmp_path / "log.json.gz", 500)), "examiner": "R. Doe", "how": "by hand"}
        )
        await until(lambda: len(bench.table.timeline) == 500, 40)
        await until(lambda: not bench.screen.query_one(AddingBar).running)
        assert bench.screen.problem == ""
        await bench.settled()
        await bench.filter("action:GetSessionToken AND identity:*user1")
        await bench.press("enter")
        detail = bench.screen.query_one(EventDetail)
        await until(lambda: detail.record is not None)
        text = "\n".join("".join(span.text for span in line.spans) for line in detail.document)
        assert "1 secret is masked" in text
        assert "SECRET" not in text
        assert "␛[31m" in text
        await bench.press("r")
        await until(lambda: app.screen is not bench.screen)
        await bench.press("enter")
        await until(lambda: detail.record is not None and detail.record.revealed)
        # The entry in the journal makes the screen read the case anew; what was revealed must outlive that.
        await asyncio.sleep(3)
        await bench.settled()
        text = "\n".join("".join(span.text for span in line.spans) for line in detail.document)
        assert "FwoGZXIvYXdzVERYSECRET" in text
        with CaseReader.open(case) as reader:
            count = len(list(reader.journal()))
        await until(lambda: f"journal {count} entries" in bench.screen.query_one(CaseHeader).text, 3)
        await bench.press("escape", "down", "enter")
        await until(lambda: detail.record is not None and not detail.record.revealed)
    with CaseReader.open(case) as reader:
        entries = b"".join(reader.journal())
        assert entries.count(b"reveal") >= 1
        assert b"by hand" in entries


async def test_the_filter_of_the_screen_finds_what_the_reader_finds(case: Path, tmp_path: Path) -> None:
    from workbench.casework.add_evidence import add_evidence
    from workbench.search import parse

    add_evidence(case, [log(tmp_path / "log.json.gz", 3_000)], actor="T")
    app = WorkbenchApp(None, case)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen) and bool(app.screen.query(AddingBar)))
        bench = Bench(pilot, None)  # type: ignore[arg-type]
        await bench.settled()
        for text in (
            "identity:*user2",
            "time:[2026-03-04T11:10 TO 2026-03-04T11:20]",
            "nothing-at-all",
            "NOT action:Get*",
        ):
            await bench.filter(text)
            with CaseReader.open(case) as reader:
                expected = [event_id for chunk in reader.scan(parse(text)) for event_id in chunk.ids]
            assert list(bench.table.timeline.ids) == expected

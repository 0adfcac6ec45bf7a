from __future__ import annotations

from pathlib import Path

from tests.casework.command import workbench
from tests.casework.logs import record, trail
from tests.sources.test_aws_s3access import line
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.clock import SECOND


def case_of(tmp_path: Path, seconds: list[int], *, ids: list[str] | None = None) -> Path:
    """Requests that CloudTrail has at 11:42:00 and S3 so many seconds later."""
    case = tmp_path / "test.case"
    new_case(case, title="t", examiner="t")
    names = ids or [f"4B1D2F0A9C3E5A{number:02d}" for number in range(len(seconds))]
    calls = [
        record(number, requestID=name, eventTime="2023-07-10T11:42:00Z")
        for number, name in enumerate(dict.fromkeys(names))
    ]
    lines = [
        line(request=name, time=f"[10/Jul/2023:11:42:{second:02d} +0000]")
        for name, second in zip(names, seconds, strict=True)
    ]
    (tmp_path / "trail.json").write_bytes(trail(calls))
    (tmp_path / "access.log").write_text("\n".join(lines) + "\n")
    add_evidence(case, [tmp_path / "trail.json", tmp_path / "access.log"], actor="t")
    derive(case, actor="t")
    return case


def test_requests_that_both_logs_hold_give_the_offset_of_their_clocks(tmp_path: Path) -> None:
    case = case_of(tmp_path, [3, 5, 4])
    with CaseReader.open(case) as reader:
        (skew,) = [one for one in reader.derived.skews() if one.copies]
        assert (skew.source, skew.other) == ("aws.cloudtrail", "aws.s3access")
        assert (skew.low, skew.high, skew.copies) == (3 * SECOND, 5 * SECOND, 3)
        assert len(skew.evidence) == 4
        times = {stored.event.time.raw for stored in reader.events(range(1, 7))}
    assert "2023-07-10T11:42:00Z" in times, "no stored time is ever changed"
    said = workbench("info", case).out.decode()
    assert "aws.s3access is ahead of aws.cloudtrail by at least +3.000 s and at most +5.000 s" in said
    assert "no time was changed" in said


def test_a_request_id_that_one_log_holds_twice_compares_nothing(tmp_path: Path) -> None:
    case = case_of(tmp_path, [3, 5], ids=["4B1D2F0A9C3E5A77", "4B1D2F0A9C3E5A77"])
    with CaseReader.open(case) as reader:
        assert not [one for one in reader.derived.skews() if one.copies]

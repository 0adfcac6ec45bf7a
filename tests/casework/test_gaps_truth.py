"""Gaps of the three incidents against their ground truth: exactly these, none invented, in both encodings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.clock import SECOND, to_micros
from workbench.model.gap import Gap, GapKind

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
INCIDENTS = ("harbourline", "tallowmere", "quillbank")
SLACK = 600 * SECOND
"""What is told of a whole day begins and ends with its first and last record."""


class Found:
    """The gaps of one encoding of an incident."""

    def __init__(self, folder: Path, case: Path) -> None:
        new_case(case, title="gaps", examiner="t")
        add_evidence(case, [folder], actor="t")
        derive(case, actor="t")
        with CaseReader.open(case) as reader:
            self.gaps = reader.coverage.gaps()
            refs = reader.derived.refs({event for gap in self.gaps for event in gap.evidence})
            stored = reader.events(sorted(refs))
            self.native = {each.id: each.event.native_id or each.event.request_id for each in stored}
            self.keys: dict[str, set[str]] = {}
            for session in reader.derived.sessions():
                if session.anchor is not None:
                    self.keys.setdefault(session.anchor.native_id, set()).add(session.anchor.native_id)
            connection = reader._connection
            for anchor, other in connection.execute(
                "SELECT s.anchor, c.native_id FROM session s JOIN trail_session t ON t.session_id = s.id JOIN"
                " trail r ON r.id = t.trail_id"
                " JOIN credential c ON c.id = r.credential_id WHERE s.anchor IS NOT NULL"
                " UNION SELECT s.anchor, c.native_id FROM session s JOIN trail_session t ON t.session_id = s.id"
                " JOIN trail r ON r.id = t.trail_id JOIN key_set_member k ON k.set_id = r.key_set_id"
                " JOIN credential c ON c.id = k.credential_id WHERE s.anchor IS NOT NULL"
            ).fetchall():
                self.keys.setdefault(anchor, set()).add(other)

    def fits(self, gap: Gap, told: dict[str, Any]) -> bool:
        """Whether a gap is the one that the truth tells of."""
        return (gap.kind.value, gap.source) == (told["kind"], told["source"]) and self._same_scope(gap, told)

    def _same_scope(self, gap: Gap, told: dict[str, Any]) -> bool:
        scope = str(told["scope"])
        if gap.kind is GapKind.MISSING_ISSUANCE:
            return scope in self.keys.get(gap.scope.subject or "", {gap.scope.subject})
        if gap.kind is GapKind.NO_DATA_EVENTS and gap.source == "aws.cloudtrail":
            return gap.scope.categories == ("Data",)
        if gap.source == "gcp.audit" and gap.kind is GapKind.NO_DATA_EVENTS:
            return set(gap.scope.beside_services) == {"storage", "iamcredentials"}
        if gap.kind is GapKind.MISSING_FILE:
            return [*gap.scope.accounts, *gap.scope.regions] == scope.split()
        if gap.kind is GapKind.LOGGING_OFF:
            return scope.endswith(f"trail/{gap.scope.subject}")
        if gap.kind is GapKind.MISSING_REGION:
            return scope == f"every region but {' '.join(gap.scope.beside)}"
        return gap.scope.subject == scope or gap.scope.text == scope


@pytest.fixture(scope="module", params=INCIDENTS)
def incident(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(incident: str) -> list[dict[str, Any]]:
    return list(json.loads((SAMPLES / incident / "truth.json").read_text())["gaps"])


@pytest.fixture(scope="module", params=["evidence", "evidence-siem"])
def found(
    request: pytest.FixtureRequest, incident: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Found]:
    folder = SAMPLES / incident / request.param
    return request.param, Found(folder, tmp_path_factory.mktemp("gaps") / "a.case")


def told_here(encoding: str, truth: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What this encoding can show: only the original files come with digests."""
    return [told for told in truth if encoding == "evidence" or told["kind"] != "missing_file"]


def test_every_gap_of_the_truth_is_found(found: tuple[str, Found], truth: list[dict[str, Any]]) -> None:
    encoding, case = found
    lacking = [
        told for told in told_here(encoding, truth) if sum(case.fits(gap, told) for gap in case.gaps) != 1
    ]
    assert lacking == []


def test_none_is_invented(found: tuple[str, Found], truth: list[dict[str, Any]]) -> None:
    encoding, case = found
    invented = [
        (gap.rule, gap.scope.text)
        for gap in case.gaps
        if sum(case.fits(gap, told) for told in told_here(encoding, truth)) != 1
    ]
    assert invented == []


def test_their_times_and_citations_are_those_of_the_truth(
    found: tuple[str, Found], truth: list[dict[str, Any]]
) -> None:
    _, case = found
    wrong = []
    for gap in case.gaps:
        told = next(each for each in truth if case.fits(gap, each))
        start, end = (to_micros(dt.datetime.fromisoformat(told[name])) for name in ("start", "end"))
        if gap.kind is GapKind.MISSING_ISSUANCE:
            fits = gap.start is not None and gap.end is not None and gap.start <= start <= gap.end
        elif gap.kind in (GapKind.LOGGING_OFF, GapKind.MISSING_FILE, GapKind.THROTTLED):
            fits = (gap.start, gap.end) == (start, end)
        elif gap.kind is GapKind.UNSEEN_ACCOUNT:
            fits = gap.start == start and gap.end is None
        else:
            fits = (
                gap.start is not None
                and gap.end is not None
                and start - SLACK <= gap.start <= gap.end <= end + SLACK
            )
        cited = {case.native[event] for event in gap.evidence}
        if not fits or not set(told.get("evidence", ())) <= cited:
            wrong.append((gap.rule, gap.scope.text, gap.start, gap.end, start, end, cited))
    assert wrong == []


def test_every_gap_says_what_it_prevents_and_what_to_ask_for(found: tuple[str, Found]) -> None:
    for gap in found[1].gaps:
        assert gap.effect.endswith(".")
        assert gap.request.endswith(".")
        assert gap.detected
        assert gap.breaks
        assert (
            gap.evidence
            or gap.records
            or gap.kind.value in ("no_data_events", "missing_region", "redacted", "silence")
        )

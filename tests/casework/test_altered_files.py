"""What digests show of log files reaches what rests on them: links, tags, and what the next tag may say; whenever they come."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import workbench
from tests.casework.test_derive import case_of
from tests.coverage import authority
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.model.gap import Gap

ROLE = f"arn:aws:iam::{authority.ACCOUNT}:role/deploy"
SESSION = f"arn:aws:sts::{authority.ACCOUNT}:assumed-role/deploy/run"
KEY = "ASIAEXAMPLEEXAMPLE00"
PLAIN = authority.record


def acting(hour: int, minute: int, number: int) -> dict[str, Any]:
    """Return a record: first a role is assumed, and from the third hour on its key is used."""
    made = PLAIN(hour, minute, number)
    if (hour, minute, number) == (0, 5, 0):
        made |= {
            "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
            "requestParameters": {"roleArn": ROLE, "roleSessionName": "run"},
            "responseElements": {
                "credentials": {"accessKeyId": KEY, "expiration": "Mar 4, 2026, 8:00:00 AM", "sessionToken": "x"},
                "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLE:run", "arn": SESSION},
            },
        }  # fmt: skip
    elif hour >= 2:
        made["userIdentity"] = {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:run", "arn": SESSION, "accountId": authority.ACCOUNT,
            "accessKeyId": KEY,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "arn": ROLE, "userName": "deploy"},
                "attributes": {"creationDate": "2026-03-04T00:05:00Z", "mfaAuthenticated": "false"},
            },
        }  # fmt: skip
    return made


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(authority, "record", acting)
    folder = authority.Trail(4).write(tmp_path / "in", keys=authority.key_list(0))
    return sorted(folder.iterdir())


def parted(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the log files, by time, and what proves something of them."""
    logs = [path for path in files if "_CloudTrail_" in path.name]
    return logs, [path for path in files if path not in logs]


def alter(path: Path, old: bytes, new: bytes) -> str:
    content = gzip.decompress(path.read_bytes())
    assert old in content
    content = content.replace(old, new)
    path.write_bytes(gzip.compress(content))
    return hashlib.sha256(content).hexdigest()


def gaps_of(case: Path) -> list[Gap]:
    with CaseReader.open(case) as reader:
        return [gap for gap in reader.coverage.gaps() if gap.rule.startswith(("listed", "digest", "file"))]


def event(case: Path, sha256: str) -> str:
    listed = workbench("events", case, "", "--json").lines
    return str(next(each["ref"] for each in listed if each["ref"].startswith(sha256)))


def machine(case: Path, reference: str) -> dict[str, Any]:
    return dict(workbench("tag", case, reference, "--json").lines[0]["machine"])


def test_digests_that_come_after_the_log_files_are_looked_at(tmp_path: Path, files: list[Path]) -> None:
    """Nothing but digests, keys or a signature is new: what they prove does not depend on when they came."""
    logs, rest = parted(files)
    keys = [path for path in rest if path.name == "public-keys.json"]
    logs.pop(0)
    case = case_of(tmp_path / "a.case", [logs, [path for path in rest if path not in keys], keys])
    assert [gap.rule for gap in gaps_of(case)] == ["listed-file-missing"]
    with CaseReader.open(case) as reader:
        assert reader.derived.current()
        assert sum(each.proves for each in reader.coverage.validation().digests) == 3


def test_what_rests_on_an_altered_file_is_not_proven(tmp_path: Path, files: list[Path]) -> None:
    """Tags were committed before digests were on hand; these show then that the file of one record was altered.

    Its records give a time in another file's hour: the gap is about the file, and not about a time.
    """
    logs, rest = parted(files)
    wrong = alter(logs[2], b"T01:05:00Z", b"T03:50:00Z")
    right = hashlib.sha256(gzip.decompress(logs[7].read_bytes())).hexdigest()
    case = case_of(tmp_path / "a.case", [logs])
    references = {sha256: event(case, sha256) for sha256 in (wrong, right)}
    for reference in references.values():
        assert machine(case, reference)["level"] is not None
        said = workbench(
            "tag", case, reference, "--as", "attributed", "--reason", "The record carries the key."
        )
        assert said.status == 0, said.err
    add_evidence(case, rest, actor="t")
    done = derive(case, actor="t")
    (gap,) = gaps_of(case)
    assert gap.scope.contents == (wrong,)
    assert done is not None
    (stale,) = done.stale
    assert list(stale.kept.body.scope.places) == [wrong]
    assert stale.stale == [f"gap {gap.id} is about a file that its records lie in, and can break its binding"]
    after = machine(case, references[wrong])
    assert after["level"] is None
    assert after["caveats"] == [
        f"the file of the record was altered after delivery ({gap.id}): nothing in it is proven"
    ]
    assert machine(case, references[right])["level"] is not None
    again = workbench(
        "tag", case, references[wrong], "--as", "attributed", "--reason", "The record carries the key."
    )
    assert again.status == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_a_link_that_rests_on_an_altered_file_is_contradicted(
    tmp_path: Path, files: list[Path], *, at_once: bool
) -> None:
    """The file in which the key was issued is not as it was delivered; that of a later use is."""
    logs, rest = parted(files)

    def link_of(case: Path) -> dict[str, Any]:
        (found,) = (each for each in workbench("links", case, "--json").lines if KEY in str(each["fields"]))
        return dict(found)

    intact = case_of(tmp_path / "intact.case", [files])
    assert (link_of(intact)["strength"], link_of(intact)["caveats"]) == ("proven", [])
    alter(logs[0], b"192.0.2.7", b"192.0.2.9")
    case = case_of(tmp_path / "a.case", [files] if at_once else [logs, rest])
    link = link_of(case)
    assert link["id"] == link_of(intact)["id"]
    assert link["strength"] == "inferred"
    assert any("digests show to have been altered" in each for each in link["caveats"])

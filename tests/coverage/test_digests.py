"""CloudTrail digest validation against chains made by a test authority: intact, missing, altered, broken, wrong key."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from tests.coverage.authority import ACCOUNT, REGION, Trail, fingerprint, key_list, public_key
from workbench.casefile.reader import CaseReader
from workbench.casework.absence import ask_absence
from workbench.casework.add_evidence import add_evidence
from workbench.casework.coverage import coverage_matrix
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.clock import SECOND
from workbench.coverage.digests import public_keys_of, signature_of, validate
from workbench.coverage.negative import Absence
from workbench.model.digest import DigestFile, FileState, LogFile, PublicKey, Signature, Validation
from workbench.model.event import Verb
from workbench.model.gap import CellState, Gap

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:never/read*"


def checked(trail: Trail, *keys: int, metadata: bool = True) -> Validation:
    digests = [
        DigestFile(
            reference=name,
            name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            document=json.loads(content),
            signature=trail.signatures[name] if metadata else None,
        )
        for name, content in trail.digests.items()
    ]
    contents = [
        LogFile(name, hashlib.sha256(content).hexdigest())
        for name, content in (*trail.logs.items(), *trail.digests.items())
    ]
    return validate(digests, [PublicKey(fingerprint(key), public_key(key)) for key in keys], contents)


def first_of(files: dict[str, bytes]) -> str:
    return next(iter(files))


def test_an_intact_chain_proves_its_time_complete() -> None:
    found = checked(Trail(3), 0)
    assert [each.signature for each in found.digests] == [Signature.VALID] * 3
    assert all(each.proves for each in found.digests)
    assert {each.state for each in found.files} == {FileState.INTACT}
    assert (found.missing, found.extra) == ((), ())
    (complete,) = found.complete
    assert (complete.account, complete.region) == (ACCOUNT, REGION)
    assert complete.end - complete.start == (3 * 3600 - 900) * SECOND


def test_the_next_digest_holds_the_signature_where_metadata_was_lost() -> None:
    found = checked(Trail(3), 0, metadata=False)
    assert [each.signature for each in found.digests] == [
        Signature.VALID,
        Signature.VALID,
        Signature.NO_SIGNATURE,
    ]
    assert found.complete[0].end - found.complete[0].start == (2 * 3600 - 900) * SECOND


def test_a_missing_log_file_is_named() -> None:
    trail = Trail(3)
    del trail.logs[first_of(trail.logs)]
    found = checked(trail, 0)
    (missing,) = [each for each in found.files if each.state is not FileState.INTACT]
    assert missing.state is FileState.MISSING
    assert [each.proves for each in found.digests] == [False, True, True]


def test_an_altered_log_file_is_told_from_a_missing_one() -> None:
    trail = Trail(2)
    name = first_of(trail.logs)
    trail.logs[name] = trail.logs[name].replace(b"ann", b"bob")
    found = checked(trail, 0)
    (altered,) = [each for each in found.files if each.state is not FileState.INTACT]
    assert altered.state is FileState.ALTERED
    assert altered.found == hashlib.sha256(trail.logs[name]).hexdigest()


def test_an_altered_digest_fails_by_its_signature_and_by_the_next_digest() -> None:
    trail = Trail(3)
    name = list(trail.digests)[1]
    document = json.loads(trail.digests[name])
    gone = document["logFiles"].pop()
    trail.digests[name] = json.dumps(document, separators=(",", ":")).encode()
    del trail.logs[gone["s3Object"].rpartition("/")[2]]
    found = checked(trail, 0)
    assert [each.signature for each in found.digests] == [Signature.VALID, Signature.WRONG, Signature.VALID]
    assert [each.altered for each in found.digests] == [False, True, False]
    assert [(each.end - each.start) // SECOND for each in found.complete] == [2700, 2700]


def test_an_altered_digest_is_found_without_any_key() -> None:
    trail = Trail(2)
    name = first_of(trail.digests)
    trail.digests[name] = trail.digests[name].replace(b"AbCd", b"AbCe")
    found = checked(trail, metadata=False)
    assert [each.altered for each in found.digests] == [True, False]
    assert {each.signature for each in found.digests} == {Signature.NO_KEY, Signature.NO_SIGNATURE}
    assert found.complete == ()


def test_a_broken_chain_is_told() -> None:
    trail = Trail(4)
    gone = list(trail.digests)[1]
    del trail.digests[gone]
    found = checked(trail, 0)
    (missing,) = found.missing
    assert missing.path.endswith(gone)
    assert missing.start is not None
    assert missing.end is not None
    assert missing.end - missing.start == 3600 * SECOND
    assert len(found.complete) == 2


def test_the_wrong_key_verifies_nothing() -> None:
    trail = Trail(2, {0: 1})
    digests = checked(trail, 0).digests
    assert [each.signature for each in digests] == [Signature.NO_KEY, Signature.VALID]
    forged = validate(
        [
            DigestFile(
                reference=name, name=name, sha256=hashlib.sha256(content).hexdigest(), document=json.loads(content),
                signature=trail.signatures[name],
            )
            for name, content in trail.digests.items()
        ],
        [PublicKey(fingerprint(1), public_key(0)), PublicKey(fingerprint(0), public_key(0))],
        [],
    )  # fmt: skip
    assert [each.signature for each in forged.digests] == [Signature.WRONG, Signature.VALID]


def test_keys_change_over_time() -> None:
    assert {each.signature for each in checked(Trail(3, {2: 1}), 0, 1).digests} == {Signature.VALID}


def test_a_file_that_no_digest_lists_is_told() -> None:
    trail = Trail(2)
    trail.logs[f"{ACCOUNT}_CloudTrail_{REGION}_20260304T0025Z_ZzZzZzZzZzZzZzZz.json.gz"] = b'{"Records":[]}'
    assert [each.name for each in checked(trail, 0).extra] == [list(trail.logs)[-1]]


@pytest.mark.parametrize(
    "junk", [{}, {"PublicKeyList": 3}, {"PublicKeyList": [{"Value": "%"}, 7]}, {"Metadata": {"signature": 5}}]
)
def test_what_is_no_key_and_no_signature_is_passed_over(junk: dict[str, object]) -> None:
    assert public_keys_of(junk) == []
    assert signature_of(junk) is None
    digest = DigestFile(
        reference="r", name="n", sha256="0" * 64, document={"logFiles": [3, {}], "digestEndTime": 7}
    )
    found = validate([digest], [PublicKey("", b"no key at all")], [])
    assert not found.digests[0].proves


# In a case: keys and signatures are evidence like everything else


def case_of(folder: Path, case: Path) -> Path:
    new_case(case, title="digests", examiner="t")
    add_evidence(case, [folder], actor="t")
    derive(case, actor="t")
    return case


def gaps_of(case: Path) -> list[Gap]:
    with CaseReader.open(case) as reader:
        return [gap for gap in reader.coverage.gaps() if gap.rule.startswith(("listed", "digest", "file"))]


def test_a_proven_hour_is_shown_as_such_and_rules_out(tmp_path: Path) -> None:
    case = case_of(Trail(4).write(tmp_path / "in", keys=key_list(0)), tmp_path / "a.case")
    assert gaps_of(case) == []
    with CaseReader.open(case) as reader:
        rows = coverage_matrix(reader.coverage).rows
        (row,) = [each for each in rows if each.events]
        states = {cell.state for cell in row.cells}
        start = row.first or 0
        answer = ask_absence(
            reader, verb=Verb.READ_SECRET, target=SECRET, start=start, end=start + 7200 * SECOND
        )
        later = ask_absence(
            reader, verb=Verb.READ_SECRET, target=SECRET, start=start, end=start + 4 * 3600 * SECOND
        )
        there = ask_absence(
            reader,
            verb=Verb.READ_SECRET,
            target=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/*",
            start=start,
            end=start + 7200 * SECOND,
        )
    assert states == {CellState.COMPLETE, CellState.RECEIVED}
    assert answer.absence is Absence.RULED_OUT
    assert later.absence is Absence.QUALIFIED
    assert "not proven" in later.sentence
    assert there.absence is Absence.NOT_STATABLE


def test_what_digests_are_checked_by_is_accounted_for_as_digests(tmp_path: Path) -> None:
    trail = Trail(4)
    case = case_of(trail.write(tmp_path / "in", keys=key_list(0)), tmp_path / "a.case")
    with CaseReader.open(case) as reader:
        info = reader.summary().accounting
    held = {each.value: count for each, count in info.dispositions.items() if count}
    assert held == {"primary": 48, "digest": 4 + 4 + 1}
    assert sum(held.values()) == info.records


def test_without_the_keys_nothing_is_ruled_out(tmp_path: Path) -> None:
    case = case_of(Trail(4).write(tmp_path / "in", keys=None), tmp_path / "a.case")
    with CaseReader.open(case) as reader:
        start = coverage_matrix(reader.coverage).start
        answer = ask_absence(
            reader, verb=Verb.READ_SECRET, target=SECRET, start=start, end=start + 7200 * SECOND
        )
    assert answer.absence is Absence.QUALIFIED


def test_files_that_are_missing_side_by_side_are_one_gap(tmp_path: Path) -> None:
    folder = Trail(5).write(tmp_path / "in", keys=key_list(0))
    logs = sorted(path for path in folder.iterdir() if "_CloudTrail_" in path.name)
    for place in (1, 2, 3, 6):
        logs[place].unlink()
    found = gaps_of(case_of(folder, tmp_path / "a.case"))
    assert [(gap.rule, gap.scope.text[:7]) for gap in found] == [
        ("listed-file-missing", "3 files"),
        ("listed-file-missing", ACCOUNT[:7]),
    ]


def test_a_missing_an_altered_and_an_unlisted_file_are_gaps(tmp_path: Path) -> None:
    folder = Trail(4).write(tmp_path / "in", keys=key_list(0))
    logs = sorted(path for path in folder.iterdir() if "_CloudTrail_" in path.name)
    logs[0].unlink()
    content = gzip.decompress(logs[2].read_bytes()).replace(b"192.0.2.7", b"192.0.2.9")
    logs[2].write_bytes(gzip.compress(content))
    (folder / logs[4].name.replace("10Z", "25Z")).write_bytes(gzip.compress(b'{"Records":[]} '))
    case = case_of(folder, tmp_path / "a.case")
    assert sorted(gap.rule for gap in gaps_of(case)) == [
        "file-not-listed",
        "listed-file-altered",
        "listed-file-missing",
    ]
    with CaseReader.open(case) as reader:
        start = coverage_matrix(reader.coverage).start
        answer = ask_absence(
            reader, verb=Verb.READ_SECRET, target=SECRET, start=start, end=start + 3000 * SECOND
        )
    assert answer.absence is Absence.QUALIFIED
    assert {gap.rule for gap in answer.gaps} >= {"listed-file-missing"}

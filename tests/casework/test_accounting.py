"""Promise 1: nothing is lost. Whatever is added, every byte and every record of it is found again, once."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casework import oracle
from tests.casework.command import workbench
from tests.casework.logs import compact, lines, record, trail

GOOD = st.integers(0, 60).map(lambda number: compact(record(number)))
"""Records, of which some come twice."""

PIECES = st.one_of(
    GOOD,
    GOOD,
    st.integers(0, 60).map(
        lambda number: compact({"_source": {"event": {"original": compact(record(number)).decode()}}})
    ),
    st.integers(0, 60).map(lambda number: compact({"message": "x", "value": number})),
    st.lists(st.integers(0, 60), max_size=4).map(lambda numbers: trail(map(record, numbers))),
    st.tuples(GOOD, st.integers(1, 600)).map(lambda pair: pair[0][: -pair[1]]),  # cut off
    st.tuples(GOOD, st.integers(0, 600), st.binary(min_size=1, max_size=9)).map(
        lambda given: given[0][: given[1]] + given[2] + given[0][given[1] :]  # struck
    ),
    st.binary(max_size=30),
    st.text(max_size=30).map(str.encode),
    st.sampled_from(
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"NaN",
            b'{"eventTime":NaN}',
            b"[" * 700,
            b'{"a":' * 700,
            b'{"Records":[',
            b"]}",
            b"\0" * 9,
        ]
    ),
)
JOINED = st.builds(
    lambda pieces, joint, end: joint.join(pieces) + end,
    st.lists(PIECES, max_size=12),
    st.sampled_from([b"\n", b"\n", b"\r\n", b",", b"", b" \n\n", b"\n\t"]),
    st.sampled_from([b"", b"\n"]),
)
CONTENTS = st.one_of(
    JOINED,
    JOINED.map(lambda content: b'{"Records":[' + content + b"]}"),
    JOINED.map(lambda content: b"[" + content + b"]"),
    JOINED.map(lambda content: "\ufeff".encode() + content),
    JOINED.map(lambda content: content.decode(errors="replace").encode("utf-16")),
    st.binary(max_size=200),
)


def packed_as_zip(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../one.json", content)
        archive.writestr("two.json", trail([record(3)]))
    return target.getvalue()


def packed_as_tar(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        entry = tarfile.TarInfo("logs/one.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


PACKERS = {
    "": lambda content: content,
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "zstd": lambda content: zstandard.ZstdCompressor().compress(content),
    "zip": packed_as_zip,
    "tar": packed_as_tar,
}
FILES = st.builds(
    lambda content, packer, cut: (content, packer, PACKERS[packer](content)[: -cut or None]),
    CONTENTS,
    st.sampled_from(["", "", "gzip", "zstd", "zip", "tar"]),
    st.sampled_from([0, 0, 0, 1, 12]),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(FILES, min_size=1, max_size=5))
def test_every_byte_and_record_of_anything_is_accounted_for(files: list[tuple[bytes, str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        delivered: dict[str, tuple[bytes, str, bytes]] = {}
        for number, (content, packer, data) in enumerate(files):
            (folder / f"{number}.log").write_bytes(data)
            delivered[hashlib.sha256(data).hexdigest()] = (content, packer, data)
        case = Path(name) / "a.case"
        assert workbench("new", case, "--title", "T").status == 0
        said = workbench("add", case, folder, "--json")
        assert said.status == 0, said.err
        oracle.check(case)

        info = workbench("info", case, "--json").object
        assert {item["delivered_sha256"] for item in info["evidence"]} == delivered.keys()
        assert said.object["added"] + len(said.object["known"]) == len(files)
        total = info["total"]
        for key in ("size", "records", "structure", "rejected"):
            assert total["bytes"][key] == sum(item["bytes"][key] for item in info["evidence"])
        assert (
            total["records"]
            == sum(item["records"] for item in info["evidence"])
            == sum(total["dispositions"].values())
        )
        for key, count in total["dispositions"].items():
            assert count == sum(item["dispositions"][key] for item in info["evidence"])
        assert total["events"] == len(workbench("events", case, "--json").lines)
        assert total["events"] + total["duplicate_events"] == sum(item["events"] for item in info["evidence"])

        for sha256, (content, packer, data) in delivered.items():
            items = [item for item in info["evidence"] if item["delivered_sha256"] == sha256]
            assert {item["delivered_size"] for item in items} == {len(data)}
            whole = data == PACKERS[packer](content)
            kept = []
            for place, item in enumerate(items):
                target = Path(name) / f"{sha256[:8]}-{place}"
                assert workbench("evidence", case, item["content_sha256"], "--extract", target).status == 0
                kept.append(target.read_bytes())
                assert hashlib.sha256(kept[-1]).hexdigest() == item["content_sha256"]
                target.unlink()
            # What is whole is there as it was before it was packed; what is damaged is there as it was delivered. Bytes
            # that happen to look packed are none of this test's.
            if whole and not content.startswith(
                (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK", b"BZh", b"\xfd7zXZ")
            ):
                assert content in kept
            elif not whole:
                assert data in kept or content in kept


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.json").write_bytes(trail(map(record, range(5))))
    (folder / "same.json").write_bytes(trail(map(record, range(5))))
    (folder / "cut.gz").write_bytes(gzip.compress(lines(map(record, range(50))))[:-30])
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "T")
    first = workbench("add", case, folder, "--json")
    assert [skipped["name"] for skipped in first.object["known"]] == ["same.json"]
    assert "in the case already: same.json as a.json" in first.err
    before = case.read_bytes()
    again = workbench("add", case, folder, "--json")
    assert (again.status, again.object["added"], len(again.object["known"])) == (0, 0, 3)
    assert case.read_bytes() == before

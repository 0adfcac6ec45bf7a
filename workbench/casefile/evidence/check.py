"""Reading all evidence of a case once and holding it against its hashes.

Blocks are unpacked in one thread while another hashes what was unpacked before: both leave the interpreter to others
meanwhile, so two cores are used.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import zstandard

from workbench.casefile.evidence.content import BLOCK_SIZE
from workbench.clock import stated_time
from workbench.journal.record import Finding, Record
from workbench.text import visible

_READ = 32
"""Blocks of one read: 8 MiB of content, some milliseconds."""

_AHEAD = 3
"""Reads that may be unpacked before they are hashed."""


class CheckedEvidence(NamedTuple):
    """What came of reading all evidence.

    Attributes:
        files: Acknowledged files.
        contents: Contents of them.
        bytes: Bytes of content that were hashed.
        packed: Files that were delivered packed and are kept unpacked: their own hash cannot be computed again.
        findings: What is wrong.
    """

    files: int
    contents: int
    bytes: int
    packed: int
    findings: list[Finding]


class _Content(NamedTuple):
    id: int
    name: str
    sha256: str | None
    size: int | None
    delivered: str


def check_evidence(
    connection: sqlite3.Connection,
    record: Record,
    progress: Callable[[int, int], None],
) -> CheckedEvidence:
    """Hash all evidence.

    Args:
        connection: To the case file.
        record: The journal, which has the hashes of every delivered file and of its contents.
        progress: Told how many bytes were hashed, of how many.
    """
    findings: list[Finding] = []
    files: dict[str, tuple[str, list[str]]] = {
        sha256: (name, [])
        for sha256, name in connection.execute(
            "SELECT sha256, name FROM delivered_file WHERE state = 'complete'"
        )
    }
    contents = [_Content(*row) for row in connection.execute(_CONTENTS)]
    total = sum(content.size or 0 for content in contents)
    done = 0
    with ThreadPoolExecutor(1) as unpacking:
        for content in contents:
            # In a damaged file, what an index says of a file may be another hash than the row does.
            files.setdefault(content.delivered, (content.name, []))[1].append(str(content.sha256))
            digest = hashlib.sha256()
            before = done
            try:
                for piece in _unpacked(connection, content.id, unpacking):
                    digest.update(piece)
                    done += len(piece)
                    progress(done, total)
            except _BlockError as error:
                findings.append(_wrong("evidence-block", content.name, str(error)))
                continue
            if done - before != content.size:
                what = f"it has {done - before:,} bytes, beside it stand {content.size}"
                findings.append(_wrong("evidence-size", content.name, what))
            if digest.hexdigest() != content.sha256:
                what = f"its SHA-256 is {digest.hexdigest()}, that kept beside it {content.sha256}"
                findings.append(_wrong("evidence-hash", content.name, what))
    findings += _against_journal(files, record.evidence)
    findings += _described_otherwise(connection, record)
    findings += _named_otherwise(connection, record)
    packed = sum(1 for sha256, (_, hashes) in files.items() if sha256 not in hashes)
    return CheckedEvidence(len(files), len(contents), done, packed, findings)


_CONTENTS = (
    "SELECT e.id, f.name || iif(e.member = '', '', '!' || e.member), e.content_sha256, e.size, f.sha256"
    " FROM evidence e JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete' ORDER BY e.id"
)


def _against_journal(
    files: Mapping[str, tuple[str, list[str]]], journalled: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    """Compare what is kept with what the journal says was added: hashes kept beside the bytes can be made anew with them."""
    for sha256, (name, hashes) in files.items():
        expected = journalled.get(sha256)
        if expected is None:
            yield _wrong(
                "evidence-unknown", name, f"no entry of the journal says that it was added ({sha256})"
            )
        elif sorted(expected) != sorted(hashes):
            yield _wrong(
                "evidence-replaced", name, "its contents do not have the hashes that the journal has of them"
            )
    for sha256 in journalled.keys() - files.keys():
        yield _wrong("evidence-missing", sha256, "the journal says that this file was added; it is not there")


def _described_otherwise(connection: sqlite3.Connection, record: Record) -> Iterator[Finding]:
    """Compare what the file says of delivered files with what the journal says."""
    for sha256, name, size, modified_at in connection.execute(
        "SELECT sha256, name, size, modified_at FROM delivered_file WHERE state = 'complete'"
    ):
        said = record.described.get(sha256)
        found = (name, size, None if modified_at is None else stated_time(modified_at))
        if said is not None and said != found:
            yield _wrong("evidence-described", name, f"{found}, the journal says {said}")


def _named_otherwise(connection: sqlite3.Connection, record: Record) -> Iterator[Finding]:
    """Compare what the file says of contents with what the journal says: a hash alone would let one have another name."""
    contents: dict[tuple[str, str], list[tuple[str, str, str, str | None]]] = {}
    for sha256, name, content, member, container, modified_at in connection.execute(
        "SELECT f.sha256, f.name, e.content_sha256, e.member, e.container, e.modified_at FROM evidence e"
        " JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete' ORDER BY e.id"
    ):
        stated = None if modified_at is None else stated_time(modified_at)
        contents.setdefault((sha256, name), []).append((str(content), member, container, stated))
    for (sha256, name), kept in contents.items():
        said = record.members.get(sha256)
        if said is None and record.evidence.get(sha256) == (sha256,):
            # A file that is its only content has no other name, and the file's time or none of its own.
            time = record.described[sha256][2]
            said = [(sha256, "", "", None if kept[0][3] is None else time)]
        for one, other in zip(kept, said or (), strict=False):
            if one != other:
                what = f"a content of it is {one}, the journal says {other}"
                yield _wrong("evidence-described", name, what)


def _wrong(code: str, name: str, what: str) -> Finding:
    return Finding("evidence", code, visible(name), what)


class _BlockError(Exception):
    """A block is missing or cannot be unpacked."""


def _unpacked(
    connection: sqlite3.Connection, evidence_id: int, unpacking: ThreadPoolExecutor
) -> Iterator[bytes]:
    """Yield a content, some blocks at a time, unpacked ahead of the one who hashes them."""
    ahead: list[Future[bytes]] = []
    position = 0
    while True:
        rows = connection.execute(
            "SELECT start, length, data FROM block WHERE evidence_id = ? AND start >= ? ORDER BY start LIMIT ?",
            (evidence_id, position, _READ),
        ).fetchall()
        if not rows:
            break
        ahead.append(unpacking.submit(_unpack, rows, position))
        if rows[-1][0] < position:
            raise _BlockError(f"behind byte {position:,} the blocks go in a circle")
        position = rows[-1][0] + max(1, rows[-1][1])
        if len(ahead) >= _AHEAD:
            yield ahead.pop(0).result()
        if len(rows) < _READ:
            break
    for future in ahead:
        yield future.result()


def _unpack(rows: list[tuple[int, int, bytes]], position: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor()
    pieces = []
    for start, length, data in rows:
        if start != position:
            raise _BlockError(f"bytes {position:,} to {start:,} are missing")
        try:
            piece = decompressor.decompress(data, max_output_size=BLOCK_SIZE)
        except zstandard.ZstdError as error:
            raise _BlockError(f"the block at byte {start:,} cannot be unpacked ({error})") from error
        if len(piece) != length:
            raise _BlockError(f"the block at byte {start:,} has {len(piece):,} bytes instead of {length:,}")
        pieces.append(piece)
        position += length
    return b"".join(pieces)

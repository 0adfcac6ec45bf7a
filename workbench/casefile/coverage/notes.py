"""What the records say that were looked into: acts upon logging, and policies."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from workbench.casefile import connection as connections
from workbench.casefile.coverage.counts import Wanted
from workbench.casefile.coverage.records import accounts_in, selectors_of
from workbench.casefile.evidence.content import ContentStore
from workbench.casefile.second_process import Tell
from workbench.evidence.encoding import to_utf8


class Note(msgspec.Struct, frozen=True):
    """What a record that was looked into says, kept so that it is not read again."""

    act: int
    time: int | None
    narrows: bool | None
    asked: str
    accounts: tuple[str, ...]


Notes = dict[int, Note]
"""Notes by row number."""

_NOTES = msgspec.msgpack.Decoder(Notes)
_WANTED = msgspec.msgpack.Decoder(list[Wanted])


class RecordBytes:
    """Reads the bytes of records.

    Args:
        connection: Any.
        contents: What holds them.
    """

    def __init__(self, connection: sqlite3.Connection, contents: ContentStore) -> None:
        self._connection = connection
        self._contents = contents
        self._encoding = functools.lru_cache(maxsize=1024)(self._encoding_of)

    def record(self, evidence_id: int, start: int, length: int) -> bytes:
        """Return the bytes of a record as UTF-8."""
        return to_utf8(self._contents.read(evidence_id, start, length), self._encoding(evidence_id))

    def _encoding_of(self, evidence_id: int) -> str:
        (encoding,) = self._connection.execute(
            "SELECT encoding FROM content_account WHERE evidence_id = ?", (evidence_id,)
        ).fetchone()
        return str(encoding)


def look_into(connection: sqlite3.Connection, records: RecordBytes, wanted: Iterable[Wanted]) -> Notes:
    """Read the records of acts upon logging and of policies."""
    # In the order of the rows, so that a block of evidence is unpacked once.
    ordered = sorted(wanted)
    services: Mapping[int, str] = dict(connection.execute("SELECT id, service FROM act").fetchall())
    places: dict[int, tuple[int, int, int, int, str]] = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT e.id, e.evidence_id, e.start, e.length, e.part, r.source FROM json_each(?) k"
            " CROSS JOIN event e ON e.id = k.value JOIN reading r ON r.id = e.reading_id",
            (json.dumps([each.event for each in ordered]),),
        )
    }
    notes: Notes = {}
    for each in ordered:
        row = places.get(each.event)
        narrows: bool | None = None
        asked = ""
        accounts: tuple[str, ...] = ()
        if row is not None and row[4] == "aws.cloudtrail":
            data = records.record(*row[:3])
            if services[each.act] == "cloudtrail":
                narrows, asked = selectors_of(data, row[3])
            else:
                accounts = accounts_in(data)
        notes[each.event] = Note(each.act, each.time, narrows, asked, accounts)
    return notes


def look_into_elsewhere(_: Tell, case: Path, wanted: bytes) -> bytes:
    """Read the records of what :func:`asked_for` made in a second process; :func:`notes_of` makes notes of what it returns."""
    connection = connections.open_for_reading(case)
    try:
        records = RecordBytes(connection, ContentStore(connection))
        return msgspec.msgpack.encode(look_into(connection, records, _WANTED.decode(wanted)))
    finally:
        connection.close()


def asked_for(wanted: Iterable[Wanted]) -> bytes:
    """Return what a second process is asked to look into."""
    return msgspec.msgpack.encode(list(wanted))


def notes_of(told: bytes) -> Notes:
    """Return what a second process found."""
    return _NOTES.decode(told)

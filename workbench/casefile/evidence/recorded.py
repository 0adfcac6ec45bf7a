"""What tables repeat of the journal, held against it: the case's title and examiner, who acquired which file, how and when."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from typing import Any

from workbench.clock import SECOND, rfc3339, to_micros
from workbench.journal.record import Finding, Record
from workbench.text import visible

_APART = 60 * SECOND
"""Microseconds that the time in a table and that of its entry may be apart: the clock is read for each, one after the other."""

_ACQUISITION = ("custodian", "acquired_at", "acquired_by", "how", "note")

_SHOWN = 5
"""Files of one acquisition that are named one by one."""


def check_recorded(connection: sqlite3.Connection, record: Record) -> Iterator[Finding]:
    """Yield what tables say otherwise than the journal.

    Args:
        connection: To the case file.
        record: Its journal.
    """
    yield from _case_info(connection, record)
    yield from _acquisitions(connection, record)


def _case_info(connection: sqlite3.Connection, record: Record) -> Iterator[Finding]:
    held: dict[str, str] = dict(connection.execute("SELECT key, value FROM case_info"))
    if record.created is None:
        return  # the first entry cannot be read, which was told
    said = {"case_id": record.case_id, "title": record.created.title, "examiner": record.created.actor}
    for key in sorted(held.keys() | said.keys() | {"created_at"}):
        where, value = f"the case's {visible(key)}", held.get(key)
        if key == "created_at":
            if not value or not value.isdecimal() or not _near(int(value), record.created.time):
                what = f"it is kept as {_instant(value)}, the journal says {record.created.time}"
                yield Finding("record", "case-described", where, what)
        elif key not in said:
            yield Finding("record", "case-described", where, "no workbench writes it")
        elif value != said[key]:
            what = f"it is kept as {_quoted(value)}, the journal's first entry says {_quoted(said[key])}"
            yield Finding("record", "case-described", where, what)


def _acquisitions(connection: sqlite3.Connection, record: Record) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    columns = ", ".join(f"a.{name}" for name in _ACQUISITION)
    for sha256, name, damage, added_at, known, *acquisition in connection.execute(
        f"SELECT f.sha256, f.name, f.damage, f.added_at, a.id IS NOT NULL, {columns} FROM delivered_file f"
        " LEFT JOIN acquisition a ON a.id = f.acquisition_id WHERE f.state = 'complete' ORDER BY f.id"
    ):
        said = record.added.get(sha256)
        if said is None:
            continue  # no entry says that it was added, which is told
        pairs: list[tuple[str, Any, Any]] = [
            (word.replace("_", " "), value, said.acquisition.get(word))
            for word, value in zip(_ACQUISITION, acquisition, strict=True)
        ]
        if not known:
            yield Finding(
                "evidence",
                "evidence-described",
                visible(name),
                "what is kept of its acquisition is not there",
            )
        pairs.append(("damage", damage, said.damage))
        if added_at is None or not _near(added_at, said.time):
            pairs.append(("time of adding", _instant(added_at), said.time))
        for word, value, expected in pairs:
            if value != expected:
                what = f"its {word} is kept as {_quoted(value)}, the journal says {_quoted(expected)}"
                counts[what] = counts.get(what, 0) + 1
                if counts[what] <= _SHOWN:
                    yield Finding("evidence", "evidence-described", visible(name), what)
    for what, count in counts.items():
        if count > _SHOWN:
            yield Finding("evidence", "evidence-described", f"{count - _SHOWN:,} further files", what)


def _near(micros: int, stated: str) -> bool:
    try:
        return abs(micros - to_micros(dt.datetime.fromisoformat(stated))) <= _APART
    except ValueError:
        return False


def _instant(micros: object) -> str:
    try:
        return rfc3339(int(str(micros)), 6)
    except (ValueError, OverflowError):
        return _quoted(micros)


def _quoted(value: object) -> str:
    text = "nothing" if value is None else visible(repr(value))
    return text if len(text) <= 80 else f"{text[:77]}…"

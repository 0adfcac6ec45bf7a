"""The tables that project the journal held against the same tables made anew from it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.casefile.claims.projection import ClaimProjection
from workbench.casefile.derived.reader import DerivedReader
from workbench.casefile.page_check import begun_again, giving_way
from workbench.casefile.schema import script
from workbench.journal.entry import EntryKind
from workbench.journal.record import Finding
from workbench.text import visible

_SHOWN = 5
"""Differences of one table that are named one by one."""

_TABLES = {
    "claim": ("entry",),
    "claim_review": ("entry",),
    "withdrawn": ("evidence_id",),
    "tagged_event": ("claim", "event_id"),
}
"""The tables, each with its key."""

_OF_EVENTS = frozenset({"missing"})
"""Columns that follow from events: they are as they should be once the derived layer is up to date."""


def check_claims(path: Path) -> list[Finding]:
    """Compare tags, findings, notes, reviews and withdrawals with what the journal and those merged into it give.

    The tables are made anew in memory, beside the case file, which is only read.

    Args:
        path: The case file, of which it is known that it has the schema of one.
    """
    return begun_again(path, lambda: _checked(path))


def _checked(path: Path) -> list[Finding]:
    # Another thread interrupts the connection, no more.
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None, check_same_thread=False)
    with contextlib.closing(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        # The new tables hide those of the case; everything else that the projection reads is the case's own.
        connection.executescript(script("0004_claims"))
        connection.execute("ATTACH ? AS stored", (f"{path.absolute().as_uri()}?mode=ro",))
        with giving_way(connection, path):
            connection.execute("BEGIN")
            try:
                _make_anew(connection)
                current = DerivedReader(connection).current()
            except (ValueError, KeyError, TypeError, AttributeError, sqlite3.IntegrityError) as error:
                what = f"they cannot be made anew from the journal: {visible(str(error))}"
                return [Finding("record", "claims-unreadable", "what people said", what)]
            return [
                *_projected(connection),
                *(
                    finding
                    for table in _TABLES
                    if current or table != "tagged_event"
                    for finding in _compared(connection, table, current=current)
                ),
            ]


def _projected(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what is wrong with how far the tables are said to follow the journal: entries behind it would have no effect."""
    rows = connection.execute("SELECT through FROM stored.projected WHERE id = 1").fetchall()
    (last,) = connection.execute("SELECT ifnull(max(seq), 0) FROM stored.journal").fetchone()
    # The first entry, that the case was made, says nothing that is followed.
    if rows != [(last,)] and (rows or last > 1):
        what = f"they are said to follow the journal to entry {rows[0][0] if rows else 0}, it has {last}"
        yield _altered("what people said", what)


def _make_anew(connection: sqlite3.Connection) -> None:
    """Take in every entry in its turn, each with the evidence that was there when it was written."""
    connection.execute(
        "CREATE TABLE main.delivered_file AS SELECT id, sha256, 'arriving' AS state FROM stored.delivered_file"
    )
    connection.execute("CREATE INDEX main.delivered_by_sha256 ON delivered_file (sha256)")
    projection = ClaimProjection(connection)
    for seq, entry in connection.execute("SELECT seq, entry FROM stored.journal ORDER BY seq").fetchall():
        told = json.loads(entry)
        if told["kind"] == EntryKind.EVIDENCE_ADDED:
            added = json.dumps([file["sha256"] for file in told["body"]["files"]])
            connection.execute(
                "UPDATE delivered_file SET state = 'complete' WHERE sha256 IN (SELECT value FROM json_each(?))",
                (added,),
            )
        projection.take_in(seq, entry)
        projection.take_merged(seq)
    projection.place_events()


def _compared(connection: sqlite3.Connection, table: str, *, current: bool) -> Iterator[Finding]:
    names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    names = [name for name in names if current or name not in _OF_EVENTS]
    columns = ", ".join(f'"{name}"' for name in names)
    key = _TABLES[table]

    def only_in(one: str, other: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        rows = connection.execute(
            f"SELECT {columns} FROM {one}.{table} EXCEPT SELECT {columns} FROM {other}.{table}"
        )
        found = (dict(zip(names, row, strict=True)) for row in rows)
        return {tuple(row[name] for name in key): row for row in found}

    mine, theirs = only_in("stored", "main"), only_in("main", "stored")
    if table == "claim":
        _pair(mine, theirs)
    wrong = sorted(mine.keys() | theirs.keys(), key=repr)
    for each in wrong[:_SHOWN]:
        where = _named(connection, table, mine.get(each) or theirs[each])
        yield _altered(where, _difference(mine.get(each), theirs.get(each)))
    if len(wrong) > _SHOWN:
        yield _altered(table, f"{len(wrong) - _SHOWN:,} further rows differ")


def _named(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> str:
    """Return what a row is about, as people know it."""
    if table == "claim":
        return f"{row['kind']} {row['id']}"
    if table == "withdrawn":
        name = connection.execute(
            "SELECT f.name FROM stored.evidence e JOIN stored.delivered_file f ON f.id = e.file_id WHERE e.id = ?",
            (row["evidence_id"],),
        ).fetchone()
        return f"withdrawal of {name[0] if name else row['evidence_id']}"
    claim = connection.execute(
        "SELECT kind, id FROM (SELECT * FROM main.claim UNION ALL SELECT * FROM stored.claim) WHERE entry = ?",
        (row["claim"],),
    ).fetchone()
    about = f"{claim[0]} {claim[1]}" if claim else f"claim {row['claim'][:12]}"
    return f"review of {about}" if table == "claim_review" else f"{about} on event row {row['event_id']}"


def _pair(mine: dict[tuple[Any, ...], dict[str, Any]], theirs: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    """Let what is shown of an entry stand beside what its place in the journal holds, where its bytes were altered."""
    for key in mine.keys() - theirs.keys():
        place = [mine[key][name] for name in ("seq", "kind")]
        for other in theirs.keys() - mine.keys():
            if [theirs[other][name] for name in ("seq", "kind")] == place:
                theirs[key] = theirs.pop(other)
                break


_WORDS = {
    "seq": "place in the journal",
    "time": "time of writing",
    "missing": "number of events no longer there",
}
"""How columns are called where their own name says too little."""


def _difference(mine: dict[str, Any] | None, theirs: dict[str, Any] | None) -> str:
    """Say in words what is shown otherwise than the journal has it."""
    if mine is None or theirs is None:
        seq = (mine or theirs or {}).get("seq")
        entry = "the journal" if seq is None else f"entry {seq} of its journal"
        if mine is None:
            return f"{entry} says this, the case file does not show it"
        return f"the case file shows this, {entry} does not say it"
    names = [name for name in mine if mine[name] != theirs[name]]
    # What was said comes first: its hash and ids follow from it.
    name = next((name for name in ("body", *names) if name in names and name != "entry"), "entry")
    one, other = mine[name], theirs[name]
    if name == "entry":
        return f"entry {mine['seq']} of its journal is not the one from which this was taken"
    if name == "id":
        return f"shown as a version of {one}; the journal does not have it follow that: there it is {other}"
    if name == "version":
        return f"shown as version {one}; by the journal it is version {other}"
    if name == "superseded_by" and one is None:
        return "shown as standing; by the journal a later entry superseded or retracted it"
    if name == "superseded_by" and other is None:
        return "shown as superseded or retracted; by the journal it stands"
    if name in ("superseded_by", "supersedes"):
        after = "superseded by" if name == "superseded_by" else "superseding"
        return f"shown as {after} another entry than the journal says"
    if name == "body":
        with contextlib.suppress(ValueError, AttributeError):
            left, right = json.loads(one), json.loads(other)
            inner = next(
                each for each in sorted(left.keys() | right.keys()) if left.get(each) != right.get(each)
            )
            name, one, other = inner, left.get(inner), right.get(inner)
    name = _WORDS.get(name, name.replace("_", " "))
    return f"its {name} is shown as {_short(one)}; the journal says {_short(other)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _altered(where: str, what: str) -> Finding:
    return Finding("record", "claims-altered", visible(where), visible(what))

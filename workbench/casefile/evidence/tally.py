"""How many records and events a content has of each disposition, counted from its rows and kept with every change.

Kept, because counting ten million rows at every opening would make the screen wait; counted anew, rather than added
up, so that the kept number is never anything but what the rows say.
"""

from __future__ import annotations

import sqlite3

from workbench.model.evidence import Disposition

EVENT_DISPOSITIONS = (
    Disposition.PRIMARY,
    Disposition.CONFLICT,
    Disposition.DUPLICATE,
    Disposition.CONTINUATION,
    Disposition.WITHDRAWN,
)
"""What the numbers in ``event.disposition`` stand for. The timeline shows the first two."""

PRIMARY, CONFLICT, DUPLICATE, CONTINUATION, WITHDRAWN = range(5)


def write_tally(connection: sqlite3.Connection, evidence_id: int) -> None:
    """Count the records of one content anew.

    A record that holds several events counts once, under the first of primary, conflict, duplicate, continuation, withdrawn that
    any of its events has; one that holds events and unread parts counts with its events.

    Raises:
        AssertionError: If a record is missing or counted twice: a defect of the workbench.
    """
    counts: dict[str, list[int]] = {}
    lowest, highest, records, events = connection.execute(
        "SELECT min(disposition), max(disposition), count(DISTINCT start), count(*) FROM event WHERE evidence_id = ?",
        (evidence_id,),
    ).fetchone()
    by_record = [(lowest, records)] if events else []
    by_event = [(lowest, events)] if events else []
    if lowest != highest:
        by_record = connection.execute(
            "SELECT lowest, count(*) FROM (SELECT min(disposition) AS lowest FROM event WHERE evidence_id = ?"
            " GROUP BY start) GROUP BY lowest",
            (evidence_id,),
        ).fetchall()
        by_event = connection.execute(
            "SELECT disposition, count(*) FROM event WHERE evidence_id = ? GROUP BY disposition",
            (evidence_id,),
        ).fetchall()
    for disposition, events in by_event:
        counts.setdefault(EVENT_DISPOSITIONS[disposition].value, [0, 0])[1] += events
    for lowest, records in by_record:
        counts[EVENT_DISPOSITIONS[lowest].value][0] += records
    for disposition, records in connection.execute(
        "SELECT disposition, count(*) FROM (SELECT min(disposition) AS disposition FROM other_record AS o"
        " WHERE evidence_id = :id AND NOT EXISTS (SELECT 1 FROM event WHERE evidence_id = :id AND start = o.start)"
        " GROUP BY start) GROUP BY disposition",
        {"id": evidence_id},
    ):
        counts.setdefault(disposition, [0, 0])[0] += records
    connection.execute("DELETE FROM tally WHERE evidence_id = ?", (evidence_id,))
    connection.executemany(
        "INSERT INTO tally (evidence_id, disposition, records, events) VALUES (?, ?, ?, ?)",
        [(evidence_id, disposition, *numbers) for disposition, numbers in sorted(counts.items())],
    )
    (expected,) = connection.execute(
        "SELECT records FROM content_account WHERE evidence_id = ?", (evidence_id,)
    ).fetchone()
    found = sum(records for records, _ in counts.values())
    assert found == expected, f"evidence {evidence_id} has {expected} records, {found} are accounted for"

"""Evidence of files that are still arriving, or that a process left half written: nothing of it is acknowledged."""

from __future__ import annotations

import sqlite3


def arriving_evidence(connection: sqlite3.Connection) -> list[int]:
    """Return the row numbers of evidence that is not acknowledged; hardly ever is there any."""
    return [
        row[0]
        for row in connection.execute(
            "SELECT e.id FROM evidence e JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'arriving'"
        )
    ]

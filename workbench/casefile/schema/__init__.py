"""The schema of a case file: numbered SQL scripts, and what a case file must consist of.

Migrations are applied by sqlite-utils (:mod:`workbench.casefile.migrations`); this module only reads the scripts, so
that opening a case for reading stays fast.
"""

from __future__ import annotations

import functools
import sqlite3
from importlib import resources

APPLICATION_ID = 0x57424E43
"""``PRAGMA application_id`` of a case file: the letters WBNC, bytes 68 to 71 of the file."""

SCRIPTS = (
    "0001_case_file",
    "0002_sessions",
    "0003_journal",
    "0004_claims",
    "0005_changes",
    "0006_coverage",
    "0007_native_keys",
    "0008_event_columns",
    "0009_holder_ids",
    "0010_past_claims",
    "0011_session_names",
    "0012_fewer_indexes",
)
"""Names of the migration scripts in order; the schema version is their number."""

SCHEMA_VERSION = len(SCRIPTS)
"""``PRAGMA user_version`` of a case file that this version of the workbench writes."""

MIGRATIONS_TABLE = "_sqlite_migrations"
"""The table in which sqlite-utils notes the applied migrations. Its form is that library's; nothing here reads it."""

Shape = frozenset[tuple[str, str, str, str]]
"""Type, name, table and SQL text of every object of a schema."""


def script(name: str) -> str:
    """Return the text of a migration script."""
    return resources.files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def shape_of(connection: sqlite3.Connection) -> Shape:
    """Return every object of a database's schema except the migrations table with its indexes and SQLite's own."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    return frozenset(row for row in rows if not (row[0] in ("table", "index") and row[2] == MIGRATIONS_TABLE))


@functools.cache
def expected_shape() -> Shape:
    """Return the schema that a case file of this version must have, byte for byte."""
    with sqlite3.connect(":memory:") as connection:
        for name in SCRIPTS:
            connection.executescript(script(name))
        shape = shape_of(connection)
    connection.close()
    return shape


RECORD_TABLES = frozenset(("case_info", "journal", "journal_leaf", "journal_head", "merged_entry"))
"""The tables that the journal stands in, with what is kept beside it."""


def expected_tables() -> frozenset[str]:
    """Return the names of all tables and views that a case file must have."""
    return frozenset(name for kind, name, _, _ in expected_shape() if kind in ("table", "view"))

"""Bringing a case file to the present schema, by sqlite-utils migrations."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from workbench.casefile.schema import APPLICATION_ID, SCHEMA_VERSION, SCRIPTS, script

migrations = Migrations("workbench")


def _register(name: str) -> None:
    @migrations(name=name)
    def apply(database: Database) -> None:
        for statement in _statements(script(name)):
            database.execute(statement)


def _statements(text: str) -> list[str]:
    """Split a script at the ends of complete statements (``executescript`` would commit the open transaction)."""
    statements, pending = [], ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements


for _name in SCRIPTS:
    _register(_name)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the pending migrations, each in one transaction with the note that it was applied."""
    database = Database(connection)
    migrations.apply(database)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

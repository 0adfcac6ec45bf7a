"""The command line: every act and every question of the workbench, for scripts and for people without a screen.

Conventions: the case file comes first; results go to stdout, progress and messages to stderr; exit status 0 means done,
1 that a check found something or a file was left out, 2 wrong usage or unusable input, 130 stopped by the person.
"""

from __future__ import annotations

from workbench.cli import (
    adding,
    anchors,
    changes,
    claims,
    coverage,
    notes,
    reading,
    record,
    sessions,
    sources,
)
from workbench.cli.group import main

__all__ = [
    "adding",
    "anchors",
    "changes",
    "claims",
    "coverage",
    "main",
    "notes",
    "reading",
    "record",
    "sessions",
    "sources",
]

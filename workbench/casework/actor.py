"""Who is acting: journal entries name a person, and nothing can check that name but people."""

from __future__ import annotations

import getpass
import os

from workbench.text import printable

VARIABLE = "WORKBENCH_EXAMINER"
"""Environment variable that names the examiner."""


def current_actor(given: str | None = None) -> str:
    """Return the name for journal entries: as given, else from the environment, else the machine's user.

    A name taken from the machine is marked as such.
    """
    name = given or os.environ.get(VARIABLE)
    if name:
        return printable(name)
    try:
        return f"{getpass.getuser()} (user of the machine)"
    except (KeyError, OSError):
        return f"user {os.getuid()} (of the machine)"

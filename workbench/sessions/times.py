"""Instants that stand inside keys."""

from __future__ import annotations

import datetime as dt

from workbench.clock import to_micros


def micros_of(text: str) -> int | None:
    """Return an RFC 3339 instant as microseconds UTC, ``None`` if the text is none."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_micros(moment) if moment.tzinfo is not None else None

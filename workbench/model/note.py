"""Notes of responders, and who handed what to whom."""

from __future__ import annotations

import msgspec

from workbench.clock import SECOND
from workbench.model.claim import Citation

LATE = 15 * 60 * SECOND
"""A note written longer than this after what it is about says that it is late (contemporaneous notes: evidence, section 1.1)."""


AHEAD = "refers to a time after it was written"
"""What a note says that is about a time that had not come when it was written: a plan, or a slip of its author."""


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Free text of a responder, Markdown.

    Attributes:
        text: What they wrote.
        refers_to: The time it is about, RFC 3339, as the author says; ``None`` if it is about the time of writing.
        on: What it is about: events, sessions, tags, findings.
    """

    text: str
    refers_to: str | None = None
    on: tuple[Citation, ...] = ()


class HandOver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of custody: who handed what to whom.

    Attributes:
        what: The thing: a device, a disk, a file, in words.
        giver: Who handed it over.
        taker: Who received it.
        at: When, RFC 3339 as its author wrote it.
        how: How: in person, by courier, by upload.
        on: The evidence it is, where it is in the case.
        text: Anything else.
    """

    what: str
    giver: str
    taker: str
    at: str
    how: str
    on: tuple[Citation, ...] = ()
    text: str = ""


def lateness(written: int, refers_to: int | None) -> str | None:
    """Return how late a note was written, or that it was before its time, as it is shown with it; ``None`` if neither.

    Args:
        written: When it was written, microseconds UTC.
        refers_to: The time it is about, if its author gave one.
    """
    if refers_to is None:
        return None
    if refers_to > written:
        return AHEAD
    if written - refers_to <= LATE:
        return None
    minutes = (written - refers_to) // (60 * SECOND)
    if minutes < 120:
        return f"late entry, {minutes} min"
    hours = minutes // 60
    return f"late entry, {hours} h" if hours < 72 else f"late entry, {hours // 24} d"

"""What a reading process tells the writing one about a file, in this order.

``ContentStarted``, any number of ``ContentBatch``, ``ContentEnded`` — once for each content — then ``FileEnded``.
Instead of the rest, ``FileKnown`` or ``FileFailed`` may come at any point.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from workbench.casefile.events.batch import ContentBatch
from workbench.casefile.evidence.writer import ContentFacts


class ContentStarted(msgspec.Struct, frozen=True):
    """A content follows: the file's own, or that of a member of an archive."""

    member: str
    container: str
    modified_at: int | None


class ContentEnded(msgspec.Struct, frozen=True):
    """The content has been read to its end."""

    facts: ContentFacts


class FileEnded(msgspec.Struct, frozen=True):
    """The file has been read to its end.

    Attributes:
        sha256: Of the file as delivered.
        size: Of the file as delivered.
        damage: What was wrong with its container, or ``None``.
    """

    sha256: str
    size: int
    damage: str | None


class FileKnown(msgspec.Struct, frozen=True):
    """The file is in the case already: its size and SHA-256 are those of an acknowledged one."""

    sha256: str


class FileFailed(msgspec.Struct, frozen=True):
    """The file could not be read; nothing of it is kept."""

    reason: str


Message: TypeAlias = ContentStarted | ContentBatch | ContentEnded | FileEnded | FileKnown | FileFailed

"""All source readers. A new source is one line here."""

from __future__ import annotations

from workbench.sources.aws_cloudtrail import CloudTrailReader
from workbench.sources.protocol import Reading, SourceReader

READERS: tuple[SourceReader, ...] = (CloudTrailReader(),)
"""Every reader, in the order in which they are asked."""


def reader_named(source: str) -> SourceReader:
    """Return the reader of a source.

    Raises:
        KeyError: If no reader has that name.
    """
    for reader in READERS:
        if reader.source == source:
            return reader
    raise KeyError(source)


def read_document(document: dict[str, object]) -> tuple[SourceReader, Reading] | None:
    """Read a decoded, unwrapped document with the first reader that recognises it.

    Returns:
        The reader and its answer, or ``None`` if no reader recognises the document.
    """
    for reader in READERS:
        if reader.recognises(document):
            return reader, reader.read(document)
    return None

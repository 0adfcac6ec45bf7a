"""What a file would be read as: which reader takes its records and why, and some of them as events. Writes nothing."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import msgspec

from workbench.casefile.events.batch import OtherRecord, Values
from workbench.casework.ingest.reading import ReadingOptions, readers_of
from workbench.casework.ingest.records import EventSink, RecordReader
from workbench.evidence.containers import Content, open_delivered
from workbench.evidence.pieces import Record
from workbench.evidence.split import Splitter
from workbench.model.event import Event
from workbench.sources.protocol import Context

RECORDS = 2_000
"""Records of each content that are looked at."""

CONTENTS = 20
"""Contents of an archive that are looked at."""

SHOWN = 3
"""Events shown of each source."""


class Sample(msgspec.Struct, frozen=True):
    """A record read as an event, and where it stands."""

    offset: int
    length: int
    wrapper: str
    event: Event


class TakenBy(msgspec.Struct):
    """A reader that takes records of a content.

    Attributes:
        source: Its source.
        mark: By what it knows them.
        events: How many of the records looked at it reads as events.
        samples: The first of them.
    """

    source: str
    mark: str
    events: int = 0
    samples: list[Sample] = msgspec.field(default_factory=list)


class ExplainedContent(msgspec.Struct, frozen=True):
    """What one content would be read as.

    Attributes:
        name: The member of the archive, empty if the file is none.
        shape: What it looks like.
        records: Records looked at.
        whole: Whether those are all.
        readers: Who takes them.
        others: Why the other records are no events, with how many.
        rejected: Why byte ranges could not be read, with how many.
        damage: What is wrong with the container, if anything.
    """

    name: str
    shape: str
    records: int
    whole: bool
    readers: tuple[TakenBy, ...]
    others: dict[str, int]
    rejected: dict[str, int]
    damage: str | None


class Explanation(msgspec.Struct, frozen=True):
    """What a file would be read as.

    Attributes:
        contents: Its contents, or the first :data:`CONTENTS` of them.
        more: Whether there are others that were not looked at.
    """

    contents: list[ExplainedContent]
    more: bool


def explain_file(path: Path, options: ReadingOptions) -> Explanation:
    """Look at the beginning of a file, or of each member of an archive.

    Raises:
        EvidenceError: If it cannot be read at all.
        OSError: Likewise.
    """
    modified_at = path.stat().st_mtime_ns // 1000
    with open_delivered(path, options.containers) as delivered:
        contents = delivered.contents()
        explained = [
            _explain(content, modified_at, path.name, options)
            for content in itertools.islice(contents, CONTENTS)
        ]
        return Explanation(explained, next(iter(contents), None) is not None)


class _Collector(EventSink):
    """Takes events as a batch builder does, and keeps a few of each source."""

    def __init__(self) -> None:
        self.taken: dict[str, TakenBy] = {}

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        source, _, wrapper = reading
        taken = self.taken.setdefault(source, TakenBy(source, ""))
        taken.events += 1
        if len(taken.samples) < SHOWN:
            taken.samples.append(Sample(start, length, wrapper, event))


def _explain(content: Content, modified_at: int, name: str, options: ReadingOptions) -> ExplainedContent:
    collector = _Collector()
    context = Context(options.timezone, content.modified_at or modified_at, content.member or name)
    reader = RecordReader(collector, readers_of(options), context)
    rejected: Counter[str] = Counter()
    splitter = Splitter(content.chunks(), options.splitting)
    whole = True
    for piece in splitter:
        if not isinstance(piece, Record):
            rejected[piece.reason] += 1
        elif reader.records >= RECORDS:
            whole = False
            break
        else:
            reader.read_carefully(piece, splitter.shape)
    for source, taken in collector.taken.items():
        taken.mark = reader.marks.get(source, "")
    return ExplainedContent(
        name=content.member,
        shape=splitter.shape.description,
        records=reader.records,
        whole=whole,
        readers=tuple(collector.taken.values()),
        others=_reasons(reader.take_others()),
        rejected=dict(rejected),
        damage=content.damage.reason if content.damage else None,
    )


def _reasons(others: list[OtherRecord]) -> dict[str, int]:
    return dict(Counter(f"{other.disposition.value}: {other.reason}" for other in others))

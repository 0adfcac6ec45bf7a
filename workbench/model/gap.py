"""What the evidence on hand cannot show: gaps, and what was received for each part of each log and hour.

Gaps are derived: a function of the evidence that can be thrown away and rebuilt. Ids are hashes of native identifiers, so
that a rebuild, another order or another cut of the files gives the same ids.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

import msgspec


class GapKind(enum.StrEnum):
    """What is missing (log source notes, section 5, and what the evidence itself can tell beyond them)."""

    MISSING_SOURCE = "missing_source"
    MISSING_REGION = "missing_region"
    MISSING_CATEGORY = "missing_category"
    MISSING_FILE = "missing_file"
    LOGGING_OFF = "logging_off"
    NO_DATA_EVENTS = "no_data_events"
    NO_BODY = "no_body"
    REDACTED = "redacted"
    THROTTLED = "throttled"
    RETENTION = "retention"
    MISSING_ISSUANCE = "missing_issuance"
    UNSEEN_ACCOUNT = "unseen_account"
    CLOCK = "clock"
    TRUNCATED_EXPORT = "truncated_export"
    SILENCE = "silence"
    ALTERED = "altered"


class Certainty(enum.StrEnum):
    """How well it is shown that something is missing: by records, by a strong sign, or by nothing more than a pattern."""

    SHOWN = "shown"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Breakable(enum.StrEnum):
    """What statements rest on, and what a gap can take away from them (bindings and effects of the evidence notes, 1.4)."""

    CREDENTIAL = "binding: which credential was presented"
    ORIGIN = "binding: where a credential or a session came from"
    SESSION = "binding: which acts belong to a session"
    CLIENT = "binding: from which address and device"
    ORDER = "binding: what came before what"
    RECORD = "binding: that the record is as its source wrote it"
    ACCESS = "effect: that a resource was accessed"
    CONTENT = "effect: what was read or changed in it"
    ABSENCE = "effect: that something did not happen"


_B = Breakable

BREAKS: dict[GapKind, frozenset[Breakable]] = {
    GapKind.MISSING_SOURCE: frozenset({_B.ORIGIN, _B.ACCESS, _B.CONTENT, _B.ABSENCE}),
    GapKind.MISSING_REGION: frozenset({_B.ORIGIN, _B.SESSION, _B.ACCESS, _B.ABSENCE}),
    GapKind.MISSING_CATEGORY: frozenset({_B.ORIGIN, _B.CREDENTIAL, _B.ABSENCE}),
    GapKind.MISSING_FILE: frozenset({_B.ORIGIN, _B.SESSION, _B.ORDER, _B.ACCESS, _B.CONTENT, _B.ABSENCE}),
    GapKind.LOGGING_OFF: frozenset({_B.ORIGIN, _B.SESSION, _B.ORDER, _B.ACCESS, _B.CONTENT, _B.ABSENCE}),
    GapKind.NO_DATA_EVENTS: frozenset({_B.ACCESS, _B.CONTENT, _B.ABSENCE}),
    GapKind.NO_BODY: frozenset({_B.CONTENT}),
    GapKind.REDACTED: frozenset({_B.CLIENT, _B.CREDENTIAL, _B.CONTENT}),
    GapKind.THROTTLED: frozenset({_B.ACCESS, _B.CONTENT, _B.ABSENCE}),
    GapKind.RETENTION: frozenset({_B.ORIGIN, _B.ABSENCE}),
    GapKind.MISSING_ISSUANCE: frozenset({_B.ORIGIN}),
    GapKind.UNSEEN_ACCOUNT: frozenset({_B.ORIGIN, _B.ACCESS, _B.ABSENCE}),
    GapKind.CLOCK: frozenset({_B.ORDER}),
    GapKind.TRUNCATED_EXPORT: frozenset({_B.ORIGIN, _B.SESSION, _B.ACCESS, _B.ABSENCE}),
    GapKind.SILENCE: frozenset({_B.ABSENCE}),
    GapKind.ALTERED: frozenset({_B.RECORD, _B.CREDENTIAL, _B.CLIENT, _B.ORDER, _B.CONTENT, _B.ABSENCE}),
}
"""What a gap of each kind can break; against everything else it is only a caveat."""


ANY_LOG = "aws.cloudwatch"
"""CloudWatch Logs: a log group may hold what any service delivers, a trail's records included (CloudTrail user guide)."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a log a gap is about. An empty list means: whatever there is.

    Attributes:
        text: In words, as precise as native names allow.
        accounts: Accounts, projects, organisations.
        regions: Regions that are affected.
        beside: Regions that are *not* affected: all others are.
        categories: The log's own categories.
        services: Services that are affected.
        beside_services: Services that are not.
        actions: Operations that are affected.
        logs: Other logs whose records it is about, where it is told by records of this one (an act that deletes flow logs).
        subject: One thing: a trail, a mailbox, a session key, a namespace.
        contents: SHA-256 of the files on hand whose records it is about, wherever these say that they lie.
    """

    text: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    beside_services: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    subject: str | None = None
    contents: tuple[str, ...] = ()


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the evidence cannot show.

    Attributes:
        id: ``G-`` and twelve hexadecimal digits, a hash of rule, source and what it is about.
        kind: What is missing.
        rule: Name of the rule that found it.
        version: Its version.
        source: The log in which it is missing.
        scope: Which part of it.
        start: First instant that may be affected, microseconds UTC; ``None`` if it has no beginning.
        end: Last instant that may be affected; ``None`` while nothing in the evidence ends it.
        sure_start: From here on it is affected for certain; between ``start`` and this, a change may not have taken effect yet.
        sure_end: Up to here it is.
        certainty: How well it is shown.
        detected: By what it was found, in words.
        evidence: Row numbers of cited events.
        records: References of cited records that are no events (digest files).
        effect: What nobody can state because of it.
        request: What to ask the custodian for.
    """

    id: str
    kind: GapKind
    rule: str
    version: int
    source: str
    scope: Scope
    start: int | None
    end: int | None
    certainty: Certainty
    detected: str
    effect: str
    request: str
    sure_start: int | None = None
    sure_end: int | None = None
    evidence: tuple[int, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def breaks(self) -> frozenset[Breakable]:
        """What it can break."""
        return BREAKS[self.kind]

    def meets(self, start: int | None, end: int | None) -> bool:
        """Whether any of it lies in a period (``None``: open)."""
        return (end is None or self.start is None or self.start <= end) and (
            start is None or self.end is None or self.end >= start
        )


class CellState(enum.StrEnum):
    """What is known of one part of a log in one stretch of time."""

    RECEIVED = "received"
    QUIET = "quiet"
    HOLE = "hole"
    OFF = "off"
    COMPLETE = "proven complete"
    UNKNOWN = "unknown"


class StreamKey(NamedTuple):
    """A part of a log: what of it one question of coverage is asked about."""

    source: str
    account: str | None
    region: str | None
    tenant: str | None
    category: str | None


class Cell(msgspec.Struct, frozen=True):
    """One part of a log in one hour, or in whatever stretch it was asked for.

    Attributes:
        start: Microseconds UTC.
        end: The first instant after it.
        state: What is known.
        events: How many records it holds.
        gaps: Ids of the gaps that lie in it.
    """

    start: int
    end: int
    state: CellState
    events: int
    gaps: tuple[str, ...] = ()


class CoverageRow(msgspec.Struct, frozen=True):
    """A part of a log over time.

    Attributes:
        key: Which part.
        label: What people call it where it is not a part on hand but one that could be expected (``other regions``).
        events: Records in all.
        first: Time of the first record, microseconds UTC.
        last: Time of the last.
        cells: Stretches of time, ascending.
    """

    key: StreamKey
    label: str | None
    events: int
    first: int | None
    last: int | None
    cells: tuple[Cell, ...]

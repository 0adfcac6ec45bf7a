"""What each table of a case file is held against by ``verify``, so that no table and no column is forgotten.

A column that is not named here is compared as it is: whoever adds one need not think of this file. What has to be named are row
numbers, which are others in every case file, and a table as a whole.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

from workbench.casefile.derived.values import PARTS
from workbench.casefile.events.batch import EVENT_DICTIONARIES


class Kind(enum.Enum):
    """What a column holds whose values are not compared as they are."""

    ROW = "the row's own number: nothing but what others refer to it by"
    EVIDENCE = "a content"
    EVENT = "an event"
    RECORD = "an event, or minus the number of a record that is none"
    EVENT_OF_TRAIL = (
        "some event of the trail at that instant: which one depends on the order in which files came"
    )
    TRAIL = "a trail"
    STREAM = "a part of a log"
    JSON = "a JSON text: compared whatever the order of its members, the events in it by their places"


class Held(NamedTuple):
    """How a table that can be made anew is compared.

    Attributes:
        code: Code of a finding about it.
        called: What a row of it is called.
        key: Columns by which people tell its rows apart.
        columns: Columns that are not compared as they are: a kind, or the dictionary table that they refer to.
    """

    code: str
    called: str
    key: tuple[str, ...]
    columns: Mapping[str, Kind | str] = {}


_PARTS: Mapping[str, Kind | str] = {part: EVENT_DICTIONARIES[part] for part in PARTS}

OF_EVENT: Mapping[str, Kind | str] = {**EVENT_DICTIONARIES, "id": Kind.ROW, "evidence_id": Kind.EVIDENCE}
"""Columns of ``event``, which is compared content by content, together with the two tables of what only some events say."""

BESIDE_EVENT: Mapping[str, Mapping[str, Kind | str]] = {
    "particulars": {"event_id": Kind.ROW, "on_behalf_of_id": "identity"},
    "issued_credential": {"event_id": Kind.ROW, "credential_id": "credential"},
}
"""The tables of what only some events say."""

OF_CONTENT: Mapping[str, Held] = {
    "content_account": Held("derived-account", "account", (), {"evidence_id": Kind.EVIDENCE}),
    "rejected_range": Held(
        "derived-account", "rejected range", ("start",), {"id": Kind.ROW, "evidence_id": Kind.EVIDENCE}
    ),
    "other_record": Held(
        "derived-account", "record", ("start", "part"), {"id": Kind.ROW, "evidence_id": Kind.EVIDENCE}
    ),
    "tally": Held("derived-account", "count", ("disposition",), {"evidence_id": Kind.EVIDENCE}),
}
"""Tables that are compared content by content."""

OF_CASE: Mapping[str, Held] = {
    "trail": Held("derived-session", "trail", (), {**_PARTS, "id": Kind.ROW}),
    "trail_run": Held(
        "derived-session", "stretch of a trail", ("first", "last"),
        {"trail_id": Kind.TRAIL, "first_event": Kind.EVENT_OF_TRAIL, "last_event": Kind.EVENT_OF_TRAIL, "verbs": Kind.JSON},
    ),
    "notable": Held("derived-session", "event for the rules", ("event_id",), {"event_id": Kind.EVENT, "trail_id": Kind.TRAIL}),
    "forwarded_call": Held(
        "derived-session", "forwarded call", ("event_id",),
        {"event_id": Kind.EVENT, "trail_id": Kind.TRAIL, "causes": Kind.JSON},
    ),
    "session": Held("derived-session", "session", ("id",), {"body": Kind.JSON}),
    "trail_session": Held("derived-session", "events of session", ("session_id", "first", "last"), {"trail_id": Kind.TRAIL}),
    "session_opener": Held("derived-session", "opening event of session", ("session_id",), {"event_id": Kind.EVENT}),
    "link": Held("derived-link", "link", ("id",), {"body": Kind.JSON}),
    "link_event": Held("derived-link", "event of link", ("link_id", "event_id"), {"event_id": Kind.EVENT}),
    "known_identity": Held("derived-identity", "identity", ("id",), {"body": Kind.JSON}),
    "identity_match": Held("derived-identity", "proposed match", ("id",), {"body": Kind.JSON}),
    "known_credential": Held("derived-credential", "credential", ("id",), {"body": Kind.JSON}),
    "coverage_stream": Held(
        "derived-coverage", "coverage of", ("source", "account", "region", "tenant", "category"), {"id": Kind.ROW}
    ),
    "coverage_hour": Held("derived-coverage", "coverage of", ("stream_id", "hour"), {"stream_id": Kind.STREAM}),
    "coverage_act": Held("derived-coverage", "coverage of", ("stream_id", "act_id"), {"stream_id": Kind.STREAM, "act_id": "act"}),
    "coverage_mark": Held("derived-coverage", "what records say of themselves", (), {"body": Kind.JSON}),
    "coverage_note": Held(
        "derived-coverage", "what a record says of logging", ("event_id",), {"event_id": Kind.EVENT, "body": Kind.JSON}
    ),
    "coverage_validation": Held("derived-coverage", "what digest files prove", (), {"body": Kind.JSON}),
    "gap": Held("derived-gap", "gap", ("id",), {"body": Kind.JSON}),
    "gap_event": Held("derived-gap", "event of gap", ("gap_id", "event_id"), {"event_id": Kind.EVENT}),
    "derived_state": Held("derived-state", "what is kept as", ("key",), {"value": Kind.JSON}),
    "changed_resource": Held("derived-change", "changed resource", ("id",)),
    "change": Held(
        "derived-change", "change", ("event_id", "position"), {"event_id": Kind.RECORD, "before_event": Kind.RECORD}
    ),
}  # fmt: skip
"""Tables that follow from the case as a whole."""

DICTIONARIES = (
    "act", "address", "credential", "identity", "key_set", "kind_reason", "outcome", "place", "reading", "resource",
    "resource_set", "time_note", "user_agent", "warning_set",
)  # fmt: skip
"""Tables whose values stand in the place of their row numbers wherever these are compared; a value that no row refers to says
nothing of the evidence."""

BY_ITSELF = ("zone", "zone_value", "native_key", "shared_native_key", "resource_set_member", "key_set_member")
"""Tables that follow from other tables of the same case file, such as which values occur in which run of events."""

BY_JOURNAL: Mapping[str, str] = {
    "case_info": "evidence/recorded: the journal's first entry",
    "acquisition": "evidence/recorded: the entry that added the file",
    "delivered_file": "evidence/check and evidence/recorded: the entry that added the file",
    "evidence": "evidence/check: hashes, names and times as the entry that added the file has them",
    "block": "evidence/check: the hash of the content",
    "journal": "journal/check: the Merkle tree",
    "journal_leaf": "journal/check: the hashes of the entries",
    "journal_head": "journal/check: the head of the tree",
    "merged_entry": "journal/check: the root that the entry merging them commits to",
    "claim": "claims/check: made anew from the journal",
    "claim_review": "claims/check: made anew from the journal",
    "tagged_event": "claims/check: made anew from the journal",
    "withdrawn": "claims/check: made anew from the journal",
    "projected": "claims/check: how long the journal is",
}
"""Tables of evidence and record, each with what holds it against the journal; ``verify`` does that without ``--deep``, too."""

"""Which arrays hold records: the one table that decides whether an object is a wrapper or itself a record.

Splitting an event that merely has an array destroys its meaning; not splitting a wrapper hides its events in one
unrecognised record. So names that only exporters use are taken at sight, and names that events use too are
taken only from objects that do not look like an event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from workbench.evidence.json_scan import Member

AT_SIGHT: frozenset[tuple[str, ...]] = frozenset(
    {
        ("Records",),  # CloudTrail files in S3, S3 and SQS notifications
        ("records",),  # Azure diagnostic settings to storage and event hubs
        ("Events",),  # CloudTrail LookupEvents as the AWS command line prints it
        ("logEvents",),  # CloudWatch Logs subscriptions
        ("hits", "hits"),  # Elasticsearch and OpenSearch search responses
    }
)
"""Arrays whose elements are records, whatever they are and whatever stands beside them."""

WITH_CARE: frozenset[tuple[str, ...]] = frozenset(
    {
        ("events",),  # CloudWatch FilterLogEvents; but also the parts of one Google Workspace activity
        ("value",),  # OData: Microsoft Graph, Log Analytics; but also the value of a changed property
        ("entries",),  # Google Cloud entries.list; 1Password
        ("Items",),  # DynamoDB scans
        ("items",),  # Kubernetes EventList, Google Workspace lists
        ("data",),  # JSON:API and most vendors' pages of results
        ("logs",),  # Auth0 with include_totals
    }
)
"""Arrays whose elements are records only if the first is an object and the object around is no event itself."""

EVENT_KEYS = frozenset(
    {
        "actor",  # Google Workspace, Okta, GitHub, OCSF: who did it
        "eventname",  # CloudTrail
        "eventid",  # CloudTrail
        "eventtype",  # CloudTrail, Okta
        "useridentity",  # CloudTrail
        "auditid",  # Kubernetes audit
        "protopayload",  # Google Cloud audit
        "class_uid",  # OCSF
        "operationname",  # Azure activity, Entra
        "operation",  # Microsoft 365 unified audit
        "action",  # GitHub, GitLab
        "p_log_type",  # a row that Panther has already split
    }
)
"""Keys, in lower case, that only events have: an object with one of them is one record."""

EVENT_KINDS = frozenset({"admin#reports#activity"})
"""Values of ``kind`` that name one event (Google Workspace Reports API, resource ``activities``)."""

PREFIXES = frozenset(path[:depth] for path in AT_SIGHT | WITH_CARE for depth in range(1, len(path)))
"""Objects to look into for arrays of records."""


def key_text(raw: bytes) -> str:
    """Return the text of a raw JSON string, quotes included in ``raw``; undecodable bytes are replaced."""
    text = raw.decode("utf-8", "replace")
    return str(json.loads(text, strict=False)) if "\\" in text else text[1:-1]


def is_event_key(key: str) -> bool:
    """Whether an object with this key is an event itself."""
    return key.lower() in EVENT_KEYS


class Noted(NamedTuple):
    """A member of the top of an object, noted while scanning it.

    Attributes:
        member: The member as scanned.
        path: Its keys as text.
    """

    member: Member
    path: tuple[str, ...]


class Verdict(NamedTuple):
    """What an object is.

    Attributes:
        wrapper: Whether it wraps records.
        with_care: If so, whether arrays under the names of :data:`WITH_CARE` hold records.
    """

    wrapper: bool
    with_care: bool


def takes(path: tuple[str, ...], first: int, with_care: bool) -> bool:
    """Whether the array at ``path`` holds records.

    Args:
        path: The keys that lead to it.
        first: The first byte inside it.
        with_care: Whether the object around is no event itself.
    """
    return path in AT_SIGHT or (with_care and path in WITH_CARE and first == ord("{"))


def judge(members: Sequence[Noted], firsts: dict[int, int]) -> Verdict:
    """Decide whether an object is a wrapper, from its members as far as they are known.

    Args:
        members: What is known of its members.
        firsts: The first byte inside each array, by the place of the array.
    """
    event = any(
        is_event_key(noted.path[0])
        or (
            noted.path == ("kind",)
            and noted.member.scalar[:1] == b'"'
            and key_text(noted.member.scalar) in EVENT_KINDS
        )
        for noted in members
    )
    wrapper = any(
        noted.member.opener == ord("[") and takes(noted.path, firsts.get(noted.member.at, 0), not event)
        for noted in members
    )
    return Verdict(wrapper, not event)

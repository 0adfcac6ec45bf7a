"""What can be odd about a CloudTrail record: fixed sentences without values, so that they can be counted."""

from __future__ import annotations

KEY_ACCOUNT = (
    "the access key id encodes another account than the identity's: the record may have been rewritten"
)
REDACTED = "values redacted by the source"
OMITTED = "the source left out request or response because of their size"
ADDENDUM = "delivered late or corrected by the source (addendum)"
TOO_MANY_RESOURCES = "more than 500 resources: the rest is not listed"
LONG_RESOURCE_NAME = "a resource name of more than 2,048 characters is not listed"
NO_NAME = "eventName missing"
NO_SOURCE = "eventSource missing"
NO_IDENTITY = "userIdentity missing"
NO_TIME = "no time"
BAD_TIME = "the time cannot be read"
EARLY_TIME = "the time lies before CloudTrail existed (November 2013)"
LATE_TIME = "the time lies after the year 2100"
BAD_IDENTITY = "userIdentity cannot be read"


def unreadable(field: str) -> str:
    """Say that a field holds something other than its kind of value."""
    return f"{field} is not of the expected type"


def number_as_text(field: str) -> str:
    """Say that an identifier stands as a number, which loses leading zeros."""
    return f"{field} is a number, taken as text"

"""The fields of a CloudTrail record that the hot path uses, as AWS spells and types them.

Record reference: AWS CloudTrail user guide, "CloudTrail record contents for management, data, and network
activity events".
"""

from __future__ import annotations

import msgspec

ABSENT = msgspec.Raw(b"")
"""Stands for a part that the record does not hold."""


class NativeRecord(msgspec.Struct, gc=False, rename="camel", omit_defaults=True):
    """A record in AWS's own spelling; what caches are keyed by stays undecoded.

    A record without one of the fields that have no default here is read the slow way, as is one that has
    them in another spelling: so a record that passes was not rewritten by an export.
    """

    event_version: msgspec.Raw
    user_identity: msgspec.Raw
    event_time: str
    event_source: msgspec.Raw
    event_name: msgspec.Raw
    aws_region: str
    event_type: str
    event_id: str = msgspec.field(name="eventID")
    source_ip: str | None = msgspec.field(name="sourceIPAddress", default="")
    user_agent: str | None = ""
    error_code: msgspec.Raw = ABSENT
    error_message: str | None = ""
    request_parameters: msgspec.Raw = ABSENT
    response_elements: msgspec.Raw = ABSENT
    resources: msgspec.Raw = ABSENT
    request_id: str | None = msgspec.field(name="requestID", default="")
    shared_event_id: str | None = msgspec.field(name="sharedEventID", default="")
    read_only: msgspec.Raw = ABSENT
    event_category: msgspec.Raw = ABSENT
    recipient_account_id: str | None = ""
    session_credential_from_console: str | None = ""
    service_event_details: msgspec.Raw = ABSENT
    additional_event_data: msgspec.Raw = ABSENT
    addendum: msgspec.Raw = ABSENT
    insight_details: msgspec.Raw = ABSENT
    # Nothing is read of these: they are here so that a record's length is accounted for.
    api_version: msgspec.Raw = ABSENT
    management_event: msgspec.Raw = ABSENT
    tls_details: msgspec.Raw = ABSENT
    vpc_endpoint_id: msgspec.Raw = ABSENT
    vpc_endpoint_account_id: msgspec.Raw = ABSENT
    edge_device_details: msgspec.Raw = ABSENT
    event_context: msgspec.Raw = ABSENT

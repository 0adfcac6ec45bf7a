"""What collects the story: its records, the events with a name, and what a reader should make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapes.cloudtrail import Caller, Record, on_behalf, record, resource

from northwind import world


@dataclass
class Story:
    """Everything that happened, whether or not any log that was handed over holds it.

    Attributes:
        records: All events, in no particular order.
        expected: By event name: what a reader should say, where that is beyond doubt.
        chain: The attack: event name and a sentence.
        ids: By event name: the event id.
    """

    records: list[Record] = field(default_factory=list)
    expected: dict[str, dict[str, Any]] = field(default_factory=dict)
    chain: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def add(self, *made: Record) -> None:
        """Add events that have no name."""
        self.records.extend(made)

    def key_event(
        self,
        name: str,
        made: Record,
        sentence: str | None = None,
        *,
        verb: str | None = None,
        outcome: str = "success",
        kind: str | None = None,
        tampers: bool = False,
    ) -> None:
        """Add a named event.

        Args:
            name: Its name in the ground truth.
            made: Its record.
            sentence: What it means for the incident; with one, it is a step of the attack chain.
            verb: The verb a reader should find; ``None`` if reasonable readers may differ.
            outcome: How it ended.
            kind: The kind of identity this record shows by itself; ``None`` if readers may differ.
            tampers: Whether it weakens the recording of events.
        """
        self.add(made)
        self.ids[name] = made["eventID"]
        facts: dict[str, Any] = {
            "event_id": made["eventID"],
            "action": made.get("eventName"),
            "verb": verb,
            "outcome": outcome,
            "identity_kind": kind,
        }
        if tampers:
            facts["tampers_logging"] = True
        self.expected[name] = facts
        if sentence is not None:
            self.chain.append((name, sentence))


def reads(
    story: Story,
    label: str,
    clock: str,
    caller: Caller,
    calls: str,
    *,
    region: str = world.EAST,
    step: int = 3,
) -> None:
    """Add plain reading calls, one every ``step`` seconds at most, several in one second now and then.

    Args:
        story: Where they go.
        label: What identifiers are derived from.
        clock: When the first happens.
        caller: Who reads.
        calls: ``service:Operation`` names, separated by spaces.
        region: Region of all calls.
        step: Largest distance in seconds.
    """
    at = world.moment(clock)
    for number, call in enumerate(calls.split()):
        name = f"{label}/{number}"
        story.add(record(name, world.clock(at), caller, call, _parameters(call, name, region), region=region))
        at += world.seconds(world.number(f"{name}/step", step + 1))


_NAMED = {
    "GetRole": {"roleName": "deploy-admin"},
    "ListRolePolicies": {"roleName": "deploy-admin"},
    "ListAttachedRolePolicies": {"roleName": "deploy-admin"},
    "ListAccessKeys": {"userName": "svc-backup"},
    "ListAttachedUserPolicies": {"userName": "svc-backup"},
    "GetTrailStatus": {"name": world.TRAIL},
    "GetEventSelectors": {"trailName": world.TRAIL},
    "GetFunction20150331v2": {"functionName": "invoice-render"},
    "DescribeLogStreams": {"logGroupName": "/aws/lambda/invoice-render"},
    "DescribeChangeSet": {"stackName": "manifest-index", "changeSetName": "deploy"},
    "DescribeStacks": {"stackName": "manifest-index"},
}


def _parameters(call: str, label: str, region: str) -> Record | None:
    """Return request parameters such as the call would have: a name, a filter, a page size, or nothing."""
    host, operation = call.split(":")
    if operation in _NAMED:
        return dict(_NAMED[operation])
    if operation.startswith("GetBucket"):
        return {"bucketName": world.ARTIFACTS, "Host": f"{world.ARTIFACTS}.s3.{region}.amazonaws.com"}
    if host == "ec2":
        return {f"{operation.removeprefix('Describe').lower()}Set": {}, "filterSet": {}}
    if operation.startswith("List"):
        return {"maxResults": 25 + world.number(label, 4) * 25}
    return None


def forwarded_decrypt(
    label: str, clock: str, caller: Caller, host: str, key_arn: str, context: Record
) -> Record:
    """Return the ``kms:Decrypt`` of a service for its caller, under a new key (forward access session)."""
    return record(
        label,
        clock,
        on_behalf(caller, host, clock, f"forward/{label}"),
        "kms:Decrypt",
        {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": context},
        resources=[resource("AWS::KMS::Key", key_arn, caller.account)],
    )

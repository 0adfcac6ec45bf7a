"""The ground truth: what the story and its delivery say, written down without reading the files again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from northwind import world
from northwind.cast import TRAIL_ARN
from northwind.delivery import Delivery, happened, reached_trail
from northwind.silence import TRAIL_COMPLETE, TRAIL_STOPPED
from northwind.story import Story


def ground_truth(story: Story, delivery: Delivery) -> dict[str, Any]:
    """Return the ground truth as plain values."""
    records = {record["eventID"]: record for record in story.records}
    found = Counter(event for content in delivery.contents.values() for event in content.event_ids)
    held = [records[event] for event in found]
    altered = [(path, event) for path, content in delivery.contents.items() for event in content.altered]
    times = sorted(record["eventTime"] for record in held)
    return {
        "about": "Ground truth of the fictitious incident at Northwind Harbour; written by make_samples.py.",
        "totals": {
            "files": len(delivery.files),
            "contents": len(delivery.contents),
            "records": sum(found.values()),
            "digest_files": sum(
                content.form == "cloudtrail-digest" for content in delivery.contents.values()
            ),
            "damaged_records": sum(len(content.damaged) for content in delivery.contents.values()),
            "distinct_events": len(found),
            "repeats": sum(found.values()) - len(found),
            "altered_repeats": len(altered),
            "first_time": times[0],
            "last_time": times[-1],
        },
        "by_event_name": dict(sorted(Counter(record.get("eventName", "") for record in held).items())),
        "by_account": dict(sorted(Counter(record["recipientAccountId"] for record in held).items())),
        "by_region": dict(sorted(Counter(record["awsRegion"] for record in held).items())),
        "by_category": dict(sorted(Counter(record["eventCategory"] for record in held).items())),
        "files": {
            path: {
                "form": content.form,
                "records": len(content.event_ids),
                "event_ids": content.event_ids,
                **({"damaged": content.damaged} if content.damaged else {}),
                **({"altered": content.altered} if content.altered else {}),
            }
            for path, content in sorted(delivery.contents.items())
        },
        "repeated": dict(sorted((event, count) for event, count in found.items() if count > 1)),
        "conflicts": [
            {
                "event_id": event,
                "field": "sourceIPAddress",
                "original": records[event]["sourceIPAddress"],
                "altered": world.OFFICE,
                "altered_in": path,
                "decided_by": "The digest of 12:00 lists the hash of the trail file that holds the original.",
            }
            for path, event in altered
        ],
        "twins": _twins(story, found),
        "key_events": dict(sorted(story.expected.items())),
        "attack_chain": [
            {"event": name, "event_id": story.ids[name], "sentence": sentence}
            for name, sentence in sorted(
                story.chain, key=lambda step: (happened(records[story.ids[step[0]]]), story.chain.index(step))
            )
        ],
        "gaps": _gaps(story, delivery, found),
    }


def _twins(story: Story, found: Counter[str]) -> list[dict[str, Any]]:
    """Return the ids that several events share, with what they mean."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in story.records:
        if "sharedEventID" in record and record["eventID"] in found:
            groups.setdefault(record["sharedEventID"], []).append(record)
    return [
        {
            "shared_event_id": shared,
            "event_ids": sorted(record["eventID"] for record in group),
            "meaning": "start and end of one insight"
            if group[0]["eventCategory"] == "Insight"
            else "copies of one act in two accounts",
        }
        for shared, group in sorted(groups.items())
        if len(group) > 1
    ]


def _gaps(story: Story, delivery: Delivery, found: Counter[str]) -> dict[str, Any]:
    """Return what the evidence cannot show."""
    unheld = [record for record in story.records if record["eventID"] not in found]
    silent = [record["eventID"] for record in unheld if not reached_trail(record)]
    lost = [record["eventID"] for record in unheld if reached_trail(record)]
    missing = [name for name, facts in delivery.digested.items() if not facts["handed_over"]]
    return {
        "trail_off": {
            "trail": TRAIL_ARN,
            "management_events_off": world.stamp(world.moment("11:41:02")),
            "stopped": world.stamp(world.moment(TRAIL_STOPPED)),
            "started": world.stamp(world.moment("12:30:15")),
            "complete_again": world.stamp(world.moment(TRAIL_COMPLETE)),
            "events_in_no_file": sorted(silent),
        },
        "missing_file": {
            "name": missing[0],
            "sha256": delivery.digested[missing[0]]["sha256"],
            "events_in_no_file": sorted(lost),
        },
        "account_never_seen": world.OUTSIDE,
    }

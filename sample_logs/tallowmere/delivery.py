"""What the responders at Tallowmere were handed, and what their SIEM holds of the same."""

from __future__ import annotations

import datetime as dt

from shapes.aws import SOURCE
from shapes.cloudtrail import EAST
from shapes.exports import (
    Files,
    digests,
    dump,
    elastic,
    lower_keyed,
    packed,
    records_of,
    splunk,
    trail_files,
    trail_slot,
)
from shapes.telling import Story

from tallowmere.cast import ACCOUNT, MISSING_SLOT, STARTED, STOPPED, TRAIL, at


def native(story: Story) -> Files:
    """Return the files as the services write them, with the digests of the trail."""
    # What the trail wrote: without what happened while it was stopped, with the file that was not handed over.
    written = [each for each in story.told if each.source == SOURCE and not STOPPED < each.at < STARTED]
    trails = trail_files(sorted(written, key=lambda each: (each.at, each.id)))
    handed = {name: content for name, content in trails.items() if not _is_missing(name)}
    hours = [at("10:00:00") + dt.timedelta(hours=number) for number in range(4)]
    handed |= digests(ACCOUNT, EAST, TRAIL, trails, hours)
    files = {f"s3/{name}.gz": packed(content) for name, content in handed.items()}
    log = records_of(story.held("okta.system"))
    for number, start in enumerate(range(0, len(log), 500)):
        files[f"okta/logs-{number}.json.gz"] = packed(dump(log[start : start + 500]).encode())
    return files


def _is_missing(name: str) -> bool:
    return f"_{MISSING_SLOT:%Y%m%dT%H%MZ}_" in name


def siem(story: Story) -> Files:
    """Return the same records as the data lake and the SIEM hold them."""
    trail = story.held(SOURCE)
    early = [each for each in trail if trail_slot(each) <= at("11:00:00")]
    late = [each for each in trail if trail_slot(each) > at("11:00:00")]
    return {
        "elastic-cloudtrail.ndjson.gz": packed(elastic("logs-aws.cloudtrail-2026.06", early)),
        "splunk-cloudtrail.ndjson.gz": packed(splunk(late, "aws:cloudtrail")),
        "lake-okta.jsonl.gz": packed(lower_keyed(story.held("okta.system"), "Okta.SystemLog", "published")),
    }

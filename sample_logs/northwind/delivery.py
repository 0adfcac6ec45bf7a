"""How the logs reached the responders: trail files, digests, and seven other exports that overlap them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from shapes.cloudtrail import Record

from northwind import world
from northwind.athena import COLUMNS, athena_row
from northwind.cast import BACKUP_KEY
from northwind.silence import TRAIL_COMPLETE, TRAIL_STOPPED
from northwind.story import Story
from northwind.world import EAST, MAIN, PROD, WEST

SLOT = dt.timedelta(minutes=15)
MISSING_SLOT = "10:30:00"
"""The trail file of MAIN, us-east-1, that the digest lists and nobody handed over."""
ATHENA_FROM = "11:30:00"
"""Trail files of PROD, eu-west-1, written after this were queried through Athena instead of copied."""


@dataclass
class Content:
    """What one content holds; a member of an archive is a content of its own.

    Attributes:
        form: How the records are wrapped.
        event_ids: Event ids in the order of the content.
        damaged: Event ids of records that are there but cannot be read.
        altered: Event ids of records whose content differs from what CloudTrail wrote.
    """

    form: str
    event_ids: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)


@dataclass
class Delivery:
    """What was handed over.

    Attributes:
        files: By path: the bytes.
        contents: By path, for members of an archive ``path!member``: what a reader finds in it.
        digested: By name of a trail file: SHA-256 of its content and whether it was handed over.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    digested: dict[str, dict[str, Any]] = field(default_factory=dict)


def dump(value: object) -> str:
    """Return compact JSON, as CloudTrail writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def packed(content: bytes) -> bytes:
    """Return gzip bytes that hold no time and no name, so that they come out the same in every run."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=target, mtime=0) as stream:
        stream.write(content)
    return target.getvalue()


def happened(record: Record) -> str:
    """Return the clock time of a record."""
    return str(record["eventTime"])[11:19]


def ids_of(records: list[Record]) -> list[str]:
    """Return the event ids of records."""
    return [str(record["eventID"]) for record in records]


def reached_trail(record: Record) -> bool:
    """Whether the account's trail delivered a record: MAIN's was off for three quarters of an hour."""
    return record["recipientAccountId"] != MAIN or not TRAIL_STOPPED < happened(record) < TRAIL_COMPLETE


def trail_slot(record: Record) -> str:
    """Return the clock time of the trail file that holds a record, one to seven minutes late."""
    late = world.moment(happened(record)) + world.seconds(60 + world.number(f"late/{record['eventID']}", 340))
    start = late.replace(minute=late.minute // 15 * 15, second=0)
    return world.clock(start if late == start else start + SLOT)


def deliver(story: Story) -> Delivery:
    """Return everything that was handed over."""
    made = Delivery()
    slots: dict[tuple[str, str, str, str], list[Record]] = {}
    for record in story.records:
        if reached_trail(record):
            insight = "-Insight" if record["eventCategory"] == "Insight" else ""
            place = (record["recipientAccountId"], insight, record["awsRegion"], trail_slot(record))
            slots.setdefault(place, []).append(record)
    for place in sorted(slots):
        _trail_file(made, place, slots[place])
    _digests(made)
    _siem(made, story, slots)
    _lookup(made, story)
    _cloudwatch(made, story)
    _powershell(made, story)
    _athena(made, story, slots)
    _broken(made, slots)
    _archive(made)
    return made


def _trail_name(place: tuple[str, str, str, str]) -> str:
    account, insight, region, slot = place
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    tail = world.letters(f"file/{'/'.join(place)}", 16, letters)
    day = world.DAY.strftime("%Y%m%d")
    return f"{account}_CloudTrail{insight}_{region}_{day}T{slot[:2]}{slot[3:5]}Z_{tail}.json.gz"


def _trail_file(made: Delivery, place: tuple[str, str, str, str], records: list[Record]) -> None:
    # CloudTrail promises no order inside a file; a fixed disorder keeps readers from relying on one.
    shuffled = sorted(records, key=lambda record: world.digest(f"order/{record['eventID']}"))
    content = dump({"Records": shuffled}).encode()
    name = _trail_name(place)
    account, _, region, slot = place
    missing = place == (MAIN, "", EAST, MISSING_SLOT)
    queried = (account, region) == (PROD, WEST) and slot > ATHENA_FROM
    if (account, region) == (MAIN, EAST):
        times = sorted(record["eventTime"] for record in records)
        made.digested[name] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "oldest": times[0],
            "newest": times[-1],
            "slot": slot,
            "handed_over": not missing,
        }
    if not missing and not queried:
        made.files[f"s3/{name}"] = packed(content)
        made.contents[f"s3/{name}"] = Content("cloudtrail-s3", ids_of(shuffled))


def _digests(made: Delivery) -> None:
    """Add the digest files of MAIN, us-east-1, for two hours, the second bound to the first by its hash."""
    folder = f"AWSLogs/{MAIN}/CloudTrail-Digest/{EAST}/2026/03/04"

    def name_of(hour: int) -> str:
        return f"{MAIN}_CloudTrail-Digest_{EAST}_{world.TRAIL}_{EAST}_20260304T{hour:02d}0000Z.json.gz"

    previous_hash = world.digest("digest/before").hex()
    for hour in (11, 12):
        start, end = f"{hour - 1:02d}:00:00", f"{hour:02d}:00:00"
        listed = {name: facts for name, facts in made.digested.items() if start < facts["slot"] <= end}
        content = dump(
            {
                "awsAccountId": MAIN,
                "digestStartTime": world.stamp(world.moment(start)),
                "digestEndTime": world.stamp(world.moment(end)),
                "digestS3Bucket": world.TRAIL_BUCKET,
                "digestS3Object": f"{folder}/{name_of(hour)}",
                "digestPublicKeyFingerprint": world.digest("digest/key").hex()[:32],
                "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": max(facts["newest"] for facts in listed.values()),
                "oldestEventTime": min(facts["oldest"] for facts in listed.values()),
                "previousDigestS3Bucket": world.TRAIL_BUCKET,
                "previousDigestS3Object": f"{folder}/{name_of(hour - 1)}",
                "previousDigestHashValue": previous_hash,
                "previousDigestHashAlgorithm": "SHA-256",
                "previousDigestSignature": world.digest(f"digest/signature/{hour}").hex() * 8,
                "logFiles": [
                    {
                        "s3Bucket": world.TRAIL_BUCKET,
                        "s3Object": f"AWSLogs/{MAIN}/CloudTrail/{EAST}/2026/03/04/{name}",
                        "hashValue": facts["sha256"],
                        "hashAlgorithm": "SHA-256",
                        "newestEventTime": facts["newest"],
                        "oldestEventTime": facts["oldest"],
                    }
                    for name, facts in sorted(listed.items())
                ],
            }
        ).encode()
        previous_hash = hashlib.sha256(content).hexdigest()
        made.files[f"s3/{name_of(hour)}"] = packed(content)
        made.contents[f"s3/{name_of(hour)}"] = Content("cloudtrail-digest")


def _siem(made: Delivery, story: Story, slots: dict[tuple[str, str, str, str], list[Record]]) -> None:
    """Add the SIEM's export: part of the missing file; what the hijacked session changed, one row altered."""
    lost = slots[(MAIN, "", EAST, MISSING_SLOT)]
    rows = [
        record
        for record in lost
        if record["userIdentity"].get("userName") == "a.novak"
        and record["eventSource"] != "rds.amazonaws.com"
    ]
    rows += [
        record
        for record in story.records
        if "jdoe" in dump(record.get("userIdentity", {})) and not record["readOnly"] and reached_trail(record)
    ]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    target = Content("elastic-jsonl", ids_of(rows))
    lines = []
    for record in rows:
        written = record
        if record["eventID"] == story.ids["update-trust"]:
            # Somebody who could write to the SIEM made the change look as if it came from the office.
            written = {**record, "sourceIPAddress": world.OFFICE}
            target.altered.append(record["eventID"])
        source = {
            "@timestamp": record["eventTime"].replace("Z", ".000Z"),
            "event": {
                "action": record["eventName"],
                "provider": record["eventSource"],
                "kind": "event",
                "outcome": "failure" if "errorMessage" in record else "success",
                "original": dump(written),
            },
            "cloud": {"account": {"id": record["recipientAccountId"]}, "region": record["awsRegion"]},
            "source": {"address": written["sourceIPAddress"]},
            "tags": ["forwarded"],
        }
        row_id = hashlib.sha256(record["eventID"].encode()).hexdigest()[:20]
        lines.append(
            dump({"_index": "logs-aws.cloudtrail-2026.03.04", "_id": row_id, "_source": source}) + "\n"
        )
    made.files["siem-export.jsonl"] = "".join(lines).encode()
    made.contents["siem-export.jsonl"] = target


def _lookup(made: Delivery, story: Story) -> None:
    """Add the event history: management events of one account and region, kept even while no trail runs."""
    rows = [
        record
        for record in story.records
        if (record["recipientAccountId"], record["awsRegion"], record["eventCategory"])
        == (MAIN, EAST, "Management")
        and "11:41:00" <= happened(record) < "12:31:00"
    ]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]), reverse=True)
    events = []
    for record in rows:
        identity = record["userIdentity"]
        event: dict[str, Any] = {"EventId": record["eventID"], "EventName": record["eventName"]}
        event["ReadOnly"] = str(record["readOnly"]).lower()
        if identity.get("accessKeyId"):
            event["AccessKeyId"] = identity["accessKeyId"]
        event["EventTime"] = record["eventTime"].replace("Z", "+00:00")
        event["EventSource"] = record["eventSource"]
        if "principalId" in identity:
            event["Username"] = identity.get("userName") or identity["principalId"].rpartition(":")[2]
        event["Resources"] = [
            {"ResourceType": item["type"], "ResourceName": item["ARN"]}
            for item in record.get("resources", ())
        ]
        event["CloudTrailEvent"] = dump(record)
        events.append(event)
    made.files["lookup-events.json"] = (json.dumps({"Events": events}, indent=1) + "\n").encode()
    made.contents["lookup-events.json"] = Content("cloudtrail-lookup-events", ids_of(rows))


def _cloudwatch(made: Delivery, story: Story) -> None:
    """Add the log group's copy of what jdoe and the new key did, in the form of a subscription message."""
    hosts = {"iam.amazonaws.com", "sts.amazonaws.com", "signin.amazonaws.com", "cloudtrail.amazonaws.com"}
    rows = [
        record
        for record in story.records
        if (record["recipientAccountId"], record["awsRegion"]) == (MAIN, EAST)
        and record.get("eventSource") in hosts
        and ("jdoe" in dump(record["userIdentity"]) or BACKUP_KEY in dump(record["userIdentity"]))
        and (not record["readOnly"] or record["eventSource"] == "sts.amazonaws.com")
        and "11:20:00" <= happened(record) < "11:42:00"
    ]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": MAIN,
        "logGroup": f"aws-cloudtrail-logs-{MAIN}-{world.TRAIL}",
        "logStream": f"{MAIN}_CloudTrail_{EAST}_3",
        "subscriptionFilters": ["watched-identities"],
        "logEvents": [
            {
                "id": f"{39519874561234567890 + number * 7919:056d}",
                "timestamp": int(world.moment(happened(record)).timestamp() * 1000) + 187_000,
                "message": dump(record),
            }
            for number, record in enumerate(rows)
        ],
    }
    made.files["cloudwatch-export.json"] = dump(message).encode()
    made.contents["cloudwatch-export.json"] = Content("cloudwatch-logs", ids_of(rows))


def _powershell(made: Delivery, story: Story) -> None:
    """Add the help desk's copy of the other region's event history, in the encoding of a redirection."""
    rows = [
        record
        for record in story.records
        if (record["recipientAccountId"], record["awsRegion"], record["eventCategory"])
        == (MAIN, WEST, "Management")
        and "11:48:00" <= happened(record) < "11:56:00"
    ]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    made.files["helpdesk-eu-west-1.json"] = ("\ufeff" + dump({"Records": rows}) + "\r\n").encode("utf-16-le")
    made.contents["helpdesk-eu-west-1.json"] = Content("cloudtrail-s3", ids_of(rows))


def _athena(made: Delivery, story: Story, slots: dict[tuple[str, str, str, str], list[Record]]) -> None:
    """Add the result of an Athena query: what was not copied from the other region, and six known events."""
    queried = [
        record
        for (account, _, region, slot), records in slots.items()
        if (account, region) == (PROD, WEST) and slot > ATHENA_FROM
        for record in records
    ]
    names = (
        "assume-prod-copy",
        "get-secret",
        "secret-decrypt",
        "get-object",
        "object-denied",
        "share-snapshot",
    )
    known = {story.ids[name] for name in names}
    rows = queried + [record for record in story.records if record["eventID"] in known]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in rows:
        writer.writerow(athena_row(record))
    made.files["athena.csv"] = target.getvalue().encode()
    made.contents["athena.csv"] = Content("athena-csv", ids_of(rows))


def _broken(made: Delivery, slots: dict[tuple[str, str, str, str], list[Record]]) -> None:
    """Add JSON lines with some bytes missing in the middle of one, as an export leaves them that lost a packet."""
    rows = [
        record
        for (account, insight, region, _), records in sorted(slots.items())
        if (account, insight, region) == (PROD, "", EAST)
        for record in records
        if "11:36:00" <= happened(record) < "11:37:12"
    ]
    rows.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    lines = [dump(record).encode() + b"\n" for record in rows]
    hit = len(lines) // 2
    # The first object to end in the second half of the line loses its end: what is left is no JSON by any reading.
    end = lines[hit].index(b'"}', len(lines[hit]) // 2) + 2
    lines[hit] = lines[hit][: end - 24] + lines[hit][end:]
    ids = ids_of(rows)
    damaged = [ids.pop(hit)]
    made.files["broken-export.jsonl"] = b"".join(lines)
    made.contents["broken-export.jsonl"] = Content("json-lines", ids, damaged)


def _archive(made: Delivery) -> None:
    """Add the archive that operations sent: two trail files that the folder holds as well."""
    chosen = [
        path
        for path in sorted(made.files)
        if path.startswith(
            (f"s3/{MAIN}_CloudTrail_{EAST}_20260304T1130", f"s3/{PROD}_CloudTrail_{EAST}_20260304T1130")
        )
    ]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in chosen:
            member = f"export/{path.removeprefix('s3/')}"
            entry = zipfile.ZipInfo(member, date_time=(2026, 3, 4, 13, 5, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, made.files[path])
            made.contents[f"collected-by-ops.zip!{member}"] = Content(
                "cloudtrail-s3", list(made.contents[path].event_ids)
            )
    made.files["collected-by-ops.zip"] = target.getvalue()

"""How records reach responders: the files of a collector, and what a SIEM or a cloud console makes of the same records."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from shapes import ids
from shapes.telling import Record, Told

Files = dict[str, bytes]

SLOT = dt.timedelta(minutes=30)
"""A trail writes a file every few minutes; here the time of one is longer, to keep the number of files small."""

_FILE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def dump(value: object) -> str:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def packed(content: bytes) -> bytes:
    """Return gzip bytes that hold no time and no name, so that they come out the same in every run."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=target, mtime=0) as stream:
        stream.write(content)
    return target.getvalue()


def records_of(events: Iterable[Told]) -> list[Record]:
    """Return the records of events, all stages of each."""
    return [record for each in events for record in each.records]


def lines(rows: Iterable[object]) -> bytes:
    """Return JSON lines."""
    return "".join(dump(row) + "\n" for row in rows).encode()


def trail_slot(told: Told) -> dt.datetime:
    """Return when the trail file was written that holds an event: one to seven minutes later, rounded up."""
    late = told.at + dt.timedelta(seconds=60 + ids.number(f"late/{told.id}", 340))
    begun = late.replace(minute=late.minute // 30 * 30, second=0, microsecond=0)
    return begun if begun == late else begun + SLOT


def trail_files(events: Iterable[Told]) -> Files:
    """Return the files that trails write to their bucket, by name and unpacked: one an account, region and slot."""
    slots: dict[tuple[str, str, dt.datetime], list[Told]] = {}
    for each in events:
        account, region = each.place.split()
        slots.setdefault((account, region, trail_slot(each)), []).append(each)
    found: Files = {}
    for (account, region, slot), held in sorted(slots.items()):
        when = slot.strftime("%Y%m%dT%H%MZ")
        tail = ids.letters(f"file/{account}/{region}/{when}", 16, _FILE_LETTERS)
        # CloudTrail promises no order inside a file; a fixed disorder keeps readers from relying on one.
        shuffled = sorted(held, key=lambda told: ids.digest(f"order/{told.id}"))
        found[f"{account}_CloudTrail_{region}_{when}_{tail}.json"] = dump(
            {"Records": records_of(shuffled)}
        ).encode()
    return found


def digests(account: str, region: str, trail: str, files: Files, hours: Sequence[dt.datetime]) -> Files:
    """Return the digest files of one account and region, each bound to the one before by its hash.

    Args:
        account: The account.
        region: The region.
        trail: Name of the trail.
        files: Trail files, unpacked, of which those of the account and region are listed.
        hours: The ends of the hours that are digested.
    """
    folder = f"AWSLogs/{account}/CloudTrail-Digest/{region}/{hours[0]:%Y/%m/%d}"

    def name_of(hour: dt.datetime) -> str:
        return f"{account}_CloudTrail-Digest_{region}_{trail}_{region}_{hour:%Y%m%dT%H%M%SZ}.json"

    previous = ids.digest(f"digest/{account}/{region}").hex()
    found: Files = {}
    for hour in hours:
        begun = hour - dt.timedelta(hours=1)
        listed = []
        for name, content in sorted(files.items()):
            when = dt.datetime.strptime(name.split("_")[3], "%Y%m%dT%H%MZ").replace(tzinfo=dt.UTC)
            if not name.startswith(f"{account}_CloudTrail_{region}_") or not begun < when <= hour:
                continue
            times = sorted(record["eventTime"] for record in json.loads(content)["Records"])
            listed.append(
                {
                    "s3Bucket": f"trail-{account}",
                    "s3Object": f"AWSLogs/{account}/CloudTrail/{region}/{hours[0]:%Y/%m/%d}/{name}.gz",
                    "hashValue": hashlib.sha256(content).hexdigest(),
                    "hashAlgorithm": "SHA-256",
                    "newestEventTime": times[-1],
                    "oldestEventTime": times[0],
                }
            )
        content = dump(
            {
                "awsAccountId": account,
                "digestStartTime": ids.stamp(begun),
                "digestEndTime": ids.stamp(hour),
                "digestS3Bucket": f"trail-{account}",
                "digestS3Object": f"{folder}/{name_of(hour)}.gz",
                "digestPublicKeyFingerprint": ids.digest("digest/key").hex()[:32],
                "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": max((each["newestEventTime"] for each in listed), default=None),
                "oldestEventTime": min((each["oldestEventTime"] for each in listed), default=None),
                "previousDigestS3Bucket": f"trail-{account}",
                "previousDigestS3Object": f"{folder}/{name_of(begun)}.gz",
                "previousDigestHashValue": previous,
                "previousDigestHashAlgorithm": "SHA-256",
                "previousDigestSignature": ids.digest(f"digest/signature/{hour}").hex() * 8,
                "logFiles": listed,
            }
        ).encode()
        previous = hashlib.sha256(content).hexdigest()
        found[name_of(hour)] = content
    return found


def elastic(index: str, events: Iterable[Told]) -> bytes:
    """Return rows of an Elasticsearch index that keep the record in ``event.original``."""
    return lines(
        {
            "_index": index,
            "_id": hashlib.sha256(f"{each.id}/{number}".encode()).hexdigest()[:20],
            "_source": {
                "@timestamp": millis(each.at),
                "event": {"dataset": each.source, "kind": "event", "original": dump(record)},
                "tags": ["forwarded"],
            },
        }
        for each in events
        for number, record in enumerate(each.records)
    )


def elastic_page(index: str, events: Iterable[Told]) -> bytes:
    """Return one answer of Elasticsearch's search with the records themselves as documents."""
    hits = [
        {"_index": index, "_id": hashlib.sha256(each.id.encode()).hexdigest()[:20], "_source": record}
        for each in events
        for record in each.records
    ]
    total = {"value": len(hits), "relation": "eq"}
    return dump({"took": 41, "timed_out": False, "hits": {"total": total, "hits": hits}}).encode()


def splunk(events: Iterable[Told], sourcetype: str) -> bytes:
    """Return results of a Splunk search as its export writes them: the record in ``_raw``."""
    return lines(
        {
            "preview": False,
            "offset": number,
            "result": {
                "_time": millis(at).replace("Z", "+00:00"),
                "_raw": dump(record),
                "sourcetype": sourcetype,
                "index": "cloud",
            },
        }
        for number, (at, record) in enumerate((each.at, record) for each in events for record in each.records)
    )


def cloudwatch(events: Iterable[Told], owner: str, group: str, stream: str) -> bytes:
    """Return messages of a CloudWatch Logs subscription, JSON lines of a thousand events each."""
    rows = [(each.at, record) for each in events for record in each.records]
    return lines(
        {
            "messageType": "DATA_MESSAGE",
            "owner": owner,
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": ["everything"],
            "logEvents": [
                {
                    "id": f"{39_612_874_561_234_567_890 + start + number:056d}",
                    "timestamp": int(at.timestamp() * 1000) + 1_900,
                    "message": dump(record),
                }
                for number, (at, record) in enumerate(rows[start : start + 1000])
            ],
        }
        for start in range(0, len(rows), 1000)
    )


def lower_keyed(events: Iterable[Told], log_type: str, time: str, *, deep: bool = False) -> bytes:
    """Return rows of a data lake: keys in lower case, times without a zone, columns of its own beside.

    Args:
        events: The events.
        log_type: What the data lake calls the log.
        time: The key of the record's own time, which it rewrites.
        deep: Whether keys inside objects lose their case too.
    """
    rows = []
    for each in events:
        for record in each.records:
            row: Record = {key.lower(): _lowered(value) if deep else value for key, value in record.items()}
            if isinstance(row.get(time), str):
                row[time] = each.at.strftime("%Y-%m-%d %H:%M:%S.%f000")
            row["p_log_type"] = log_type
            row["p_event_time"] = each.at.strftime("%Y-%m-%d %H:%M:%S.%f000")
            rows.append(row)
    return lines(rows)


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lowered(inner) for key, inner in value.items()}
    return [_lowered(inner) for inner in value] if isinstance(value, list) else value


def table(events: Iterable[Told], flat: Any) -> bytes:
    """Return the answer of a Log Analytics query: column names once, then rows.

    Args:
        events: The events.
        flat: Makes a row, an object of columns, of a record.
    """
    rows = [flat(record) for each in events for record in each.records]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return dump(
        {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [{"name": column, "type": "string"} for column in columns],
                    "rows": [[row.get(column) for column in columns] for row in rows],
                }
            ]
        }
    ).encode()


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return CSV."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue().encode()


def millis(when: dt.datetime) -> str:
    """Return a moment with three digits of a second."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"

"""Logs made by tests: plausible CloudTrail records that are nobody's."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def record(number: int, **changes: Any) -> Record:
    """Return a record; the same number gives the same one. A change to ``...`` leaves the field out."""
    seconds = 1_770_000_000 + number % 90_000
    hours, rest = divmod(seconds % 86_400, 3600)
    made = {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": f"AIDAEXAMPLE{number % 7:09d}",
            "arn": f"arn:aws:iam::111122223333:user/user-{number % 7}",
            "accountId": "111122223333",
            "accessKeyId": f"AKIAEXAMPLE{number % 11:09d}",
            "userName": f"user-{number % 7}",
        },
        "eventTime": f"2026-02-{1 + number % 28:02d}T{hours:02d}:{rest // 60:02d}:{rest % 60:02d}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": ("GetObject", "PutObject", "ListBuckets", "DeleteObject")[number % 4],
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"192.0.2.{number % 250}",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": {
            "bucketName": f"bucket-{number % 13}",
            "key": f"path/{number}/" + "k" * (number % 300),
        },
        "responseElements": None,
        "requestID": f"R{number:015d}",
        "eventID": str(uuid.UUID(int=(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128)),
        "readOnly": number % 4 in (0, 2),
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
    }
    made.update(changes)
    return {key: value for key, value in made.items() if value is not ...}


def compact(value: object) -> bytes:
    """Return compact JSON, as CloudTrail writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def trail(records: Iterable[Record]) -> bytes:
    """Return the content of a trail file."""
    return compact({"Records": list(records)})


def lines(records: Iterable[Record]) -> bytes:
    """Return records as JSON lines."""
    return b"".join(compact(each) + b"\n" for each in records)


def write(path: Path, content: bytes, *, packed: bool = False) -> Path:
    """Write a file, gzipped if asked for, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 1, mtime=0) if packed else content)
    return path

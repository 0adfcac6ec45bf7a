"""A test authority that signs CloudTrail digest files as AWS documents it, written apart from what checks them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ACCOUNT = "111122223333"
REGION = "us-east-1"
BUCKET = "trail-bucket"
FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail"


@cache
def key_pair(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def fingerprint(number: int) -> str:
    return hashlib.md5(public_key(number), usedforsecurity=False).hexdigest()


def public_key(number: int) -> bytes:
    return (
        key_pair(number)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    )


def key_list(*numbers: int) -> bytes:
    """What ``aws cloudtrail list-public-keys`` prints."""
    return json.dumps(
        {
            "PublicKeyList": [
                {
                    "Value": base64.b64encode(public_key(number)).decode(),
                    "ValidityStartTime": "2026-01-01T00:00:00+00:00",
                    "ValidityEndTime": "2027-01-01T00:00:00+00:00",
                    "Fingerprint": fingerprint(number),
                }
                for number in numbers
            ]
        }
    ).encode()


def record(hour: int, minute: int, number: int) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLEEXAMPLE00",
            "userName": "ann",
        },
        "eventTime": f"2026-03-04T{hour:02}:{minute:02}:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"secretId": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/db-AbCdEf"},
        "responseElements": None,
        "requestID": f"00000000-0000-4000-8000-{hour:02}{minute:02}{number:08}",
        "eventID": f"10000000-0000-4000-8000-{hour:02}{minute:02}{number:08}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


class Trail:
    """Log and digest files of some hours, chained and signed; ``key_of``: which key signs the digest of an hour."""

    def __init__(self, hours: int, key_of: dict[int, int] | None = None) -> None:
        self.logs: dict[str, bytes] = {}
        self.digests: dict[str, bytes] = {}
        self.metadata: dict[str, bytes] = {}
        self.signatures: dict[str, str] = {}
        previous: tuple[str, str, str] | None = None
        for hour in range(hours):
            key = (key_of or {}).get(hour, 0)
            own = [self._log(hour, minute) for minute in (10, 40)]
            name = f"{ACCOUNT}_CloudTrail-Digest_{REGION}_main_{REGION}_20260304T{hour + 1:02}0000Z.json.gz"
            path = f"{FOLDER}-Digest/{REGION}/2026/03/04/{name}"
            document = {
                "awsAccountId": ACCOUNT,
                "digestStartTime": f"2026-03-04T{hour:02}:00:00Z",
                "digestEndTime": f"2026-03-04T{hour + 1:02}:00:00Z",
                "digestS3Bucket": BUCKET,
                "digestS3Object": path,
                "digestPublicKeyFingerprint": fingerprint(key),
                "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": own[-1]["newestEventTime"],
                "oldestEventTime": own[0]["oldestEventTime"],
                "previousDigestS3Bucket": BUCKET if previous else None,
                "previousDigestS3Object": previous[0] if previous else None,
                "previousDigestHashValue": previous[1] if previous else None,
                "previousDigestHashAlgorithm": "SHA-256" if previous else None,
                "previousDigestSignature": previous[2] if previous else None,
                "logFiles": own,
            }
            content = json.dumps(document, separators=(",", ":")).encode()
            digest = hashlib.sha256(content).hexdigest()
            before = previous[2] if previous else "null"
            text = f"{document['digestEndTime']}\n{BUCKET}/{path}\n{digest}\n{before}"
            signature = key_pair(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
            self.digests[name] = content
            self.signatures[name] = signature
            self.metadata[f"{name}.metadata.json"] = json.dumps(
                {
                    "ContentLength": 1,
                    "Metadata": {"signature": signature, "signature-algorithm": "SHA256withRSA"},
                }
            ).encode()
            previous = (path, digest, signature)

    def _log(self, hour: int, minute: int) -> dict[str, Any]:
        name = f"{ACCOUNT}_CloudTrail_{REGION}_20260304T{hour:02}{minute:02}Z_AbCdEfGhIjKlMn{hour:02}.json.gz"
        content = json.dumps({"Records": [record(hour, minute - 5, number) for number in range(6)]}).encode()
        self.logs[name] = content
        moment = f"2026-03-04T{hour:02}:{minute - 5:02}:00Z"
        return {
            "s3Bucket": BUCKET,
            "s3Object": f"{FOLDER}/{REGION}/2026/03/04/{name}",
            "hashValue": hashlib.sha256(content).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": moment,
            "oldestEventTime": moment,
        }

    def write(self, folder: Path, *, keys: bytes | None, metadata: bool = True) -> Path:
        """Write what a collector brings home."""
        folder.mkdir(parents=True)
        for name, content in (*self.logs.items(), *self.digests.items()):
            (folder / name).write_bytes(gzip.compress(content, mtime=0))
        if metadata:
            for name, content in self.metadata.items():
                (folder / name).write_bytes(content)
        if keys is not None:
            (folder / "public-keys.json").write_bytes(keys)
        return folder

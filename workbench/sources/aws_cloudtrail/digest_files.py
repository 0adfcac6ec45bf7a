"""What digests are checked by: the digest files themselves, their public keys, and the object metadata with their signature.

None of them is an event (AWS CloudTrail user guide, "Custom implementations of CloudTrail log file integrity validation").
"""

from __future__ import annotations

import re

DIGEST = "CloudTrail digest file"
KEYS = "public keys of CloudTrail digest files (aws cloudtrail list-public-keys)"
SIGNATURE = "object metadata with the signature of a CloudTrail digest file (aws s3api head-object)"

_OF_AN_OBJECT = frozenset({"contentlength", "etag", "lastmodified", "acceptranges"})
"""What ``head-object`` prints beside the metadata, small letters."""

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64,2048}")


def form_of(document: dict[str, object]) -> tuple[str, str]:
    """Return by which marks a document is one of them, and which; empty if it is none."""
    names = {key.lower(): key for key in reversed(document)}
    if "digeststarttime" in names and "logfiles" in names:
        return "digestStartTime and logFiles", DIGEST
    listed = document[names["publickeylist"]] if "publickeylist" in names else None
    if isinstance(listed, list) and any(_is_key(each) for each in listed):
        return "PublicKeyList with a Value", KEYS
    metadata = document[names["metadata"]] if "metadata" in names else None
    if isinstance(metadata, dict) and not _OF_AN_OBJECT.isdisjoint(names):
        inner = {str(key).lower(): value for key, value in metadata.items()}
        signature = inner.get("signature")
        if isinstance(signature, str) and _HEXADECIMAL.fullmatch(signature):
            return "Metadata of an object with a signature", SIGNATURE
    return "", ""


def _is_key(value: object) -> bool:
    return isinstance(value, dict) and "Value" in value

"""Offline validation of CloudTrail log files by the chain of digest files.

AWS CloudTrail user guide, "Validating CloudTrail log file integrity" and "Custom implementations of CloudTrail log file
integrity validation".

A digest lists the log files that were delivered in about an hour, each with the SHA-256 of its unpacked content, and names the
digest before it with hash and signature. What is signed is four lines: the end of the digest's period, ``bucket/key`` of the
digest, the SHA-256 of its unpacked content in hexadecimal, and the signature of the digest before it (``null`` for the first).
The signature stands in the metadata of the S3 object and, of all but the newest digest, in the digest after it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.clock import SECOND, to_micros
from workbench.model.digest import (
    CheckedDigest,
    CheckedFile,
    Complete,
    DigestFile,
    FileState,
    LogFile,
    MissingDigest,
    PublicKey,
    Signature,
    Validation,
)

_KEY = re.compile(r"AWSLogs/(?:[^/]+/)?(?P<account>\d{12})/CloudTrail(?:-Digest)?/(?P<region>[a-z0-9-]+)/")
_TRAIL = re.compile(r"\d{12}_CloudTrail-Digest_[a-z0-9-]+_(?P<trail>.+)_[a-z0-9-]+_\d{8}T\d{6}Z")
_LOG_NAME = re.compile(
    r"(?P<account>\d{12})_CloudTrail_(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)_(?P<slot>\d{8}T\d{4}Z)_\w+"
)

DELIVERY = 15 * 60 * SECOND
"""Microseconds within which CloudTrail typically delivers an event (user guide, "How CloudTrail works": about 5 minutes on
average, not guaranteed). An hour counts as complete only if the chain goes on for so long after it."""


def public_keys_of(document: Mapping[str, Any]) -> list[PublicKey]:
    """Return the keys in the output of ``aws cloudtrail list-public-keys``; none if it is something else."""
    listed = document.get("PublicKeyList")
    found = []
    for each in listed if isinstance(listed, list) else ():
        value = each.get("Value") if isinstance(each, dict) else None
        if isinstance(value, str):
            try:
                found.append(
                    PublicKey(str(each.get("Fingerprint", "")), base64.b64decode(value, validate=True))
                )
            except binascii.Error:
                continue
    return found


def signature_of(document: Mapping[str, Any]) -> str | None:
    """Return the signature in the output of ``aws s3api head-object`` for a digest file; ``None`` if there is none."""
    metadata = document.get("Metadata")
    if not isinstance(metadata, dict):
        return None
    folded = {str(key).lower(): value for key, value in metadata.items()}
    value = folded.get("signature")
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{64,2048}", value) else None


def signed_text(document: Mapping[str, Any], sha256: str) -> bytes:
    """Return what the signature of a digest is made over."""
    previous = document.get("previousDigestSignature")
    return "\n".join(
        (
            str(document.get("digestEndTime")),
            f"{document.get('digestS3Bucket')}/{document.get('digestS3Object')}",
            sha256,
            previous if isinstance(previous, str) else "null",
        )
    ).encode()


def validate(
    digests: Sequence[DigestFile], keys: Sequence[PublicKey], contents: Iterable[LogFile]
) -> Validation:
    """Check digests, their signatures and the log files that they list. What was acquired twice counts once."""
    known = {
        _path(each.document): each for each in sorted(digests, key=lambda each: (each.sha256, each.reference))
    }
    if not known:
        return Validation()
    files = list(contents)
    by_hash = {file.sha256 for file in files}
    by_name: dict[str, list[str]] = {}
    for file in files:
        by_name.setdefault(_base(file.name), []).append(file.sha256)
    after = {
        path: each
        for each in known.values()
        if (path := _path_of(each.document, "previousDigestS3Bucket", "previousDigestS3Object")) is not None
    }
    checked, listed = [], []
    for path, each in known.items():
        own = [_checked_file(entry, each, by_hash, by_name) for entry in _entries(each.document)]
        listed += own
        checked.append(_checked(path, each, after.get(path), keys, own))
    checked.sort(
        key=lambda each: (each.account or "", each.region or "", each.trail or "", each.start or 0, each.path)
    )
    return Validation(
        digests=tuple(checked),
        files=tuple(sorted(listed, key=lambda each: each.path)),
        missing=tuple(sorted(_missing(known), key=lambda each: each.path)),
        extra=tuple(
            _extra(files, checked, {each.sha256 for each in listed}, {_base(each.path) for each in listed})
        ),
        complete=tuple(_complete(checked)),
    )


def _checked(
    path: str,
    digest: DigestFile,
    following: DigestFile | None,
    keys: Sequence[PublicKey],
    files: Sequence[CheckedFile],
) -> CheckedDigest:
    named = None if following is None else following.document.get("previousDigestHashValue")
    through = None if following is None else following.document.get("previousDigestSignature")
    signatures = [
        (value, by)
        for value, by in ((digest.signature, "the object's metadata"), (through, "the digest after it"))
        if isinstance(value, str)
    ]
    fingerprint = digest.document.get("digestPublicKeyFingerprint")
    fitting = [key for key in keys if key.fingerprint == fingerprint]
    text = signed_text(digest.document, digest.sha256)
    if not signatures:
        state, by = Signature.NO_SIGNATURE, ""
    elif not fitting:
        state, by = Signature.NO_KEY, ""
    else:
        good = [by for value, by in signatures if any(_verifies(key, value, text) for key in fitting)]
        state = Signature.VALID if len(good) == len(signatures) else Signature.WRONG
        by = " and ".join(by for _, by in signatures)
    place = _KEY.search(path)
    trail = _TRAIL.search(path)
    return CheckedDigest(
        reference=digest.reference,
        path=path,
        account=place["account"] if place else _text(digest.document.get("awsAccountId")),
        region=place["region"] if place else None,
        trail=trail["trail"] if trail else None,
        start=_instant(digest.document.get("digestStartTime")),
        end=_instant(digest.document.get("digestEndTime")),
        signature=state,
        by=by,
        altered=isinstance(named, str) and named.lower() != digest.sha256,
        files=len(files),
        intact=sum(each.state is FileState.INTACT for each in files),
    )


def _checked_file(
    entry: Mapping[str, Any], digest: DigestFile, by_hash: set[str], by_name: Mapping[str, Sequence[str]]
) -> CheckedFile:
    path = f"{entry.get('s3Bucket')}/{entry.get('s3Object')}"
    sha256 = str(entry.get("hashValue")).lower()
    same_name = [each for each in by_name.get(_base(path), ()) if each != sha256]
    state = FileState.ALTERED if same_name else FileState.MISSING
    if sha256 in by_hash:
        state = FileState.INTACT
    place = _KEY.search(path)
    return CheckedFile(
        path=path,
        state=state,
        sha256=sha256,
        found=min(same_name) if state is FileState.ALTERED else None,
        oldest=_instant(entry.get("oldestEventTime")),
        newest=_instant(entry.get("newestEventTime")),
        digest=digest.reference,
        account=place["account"] if place else None,
        region=place["region"] if place else None,
        altered=tuple(sorted(set(same_name))) if state is FileState.ALTERED else (),
    )


def _missing(known: Mapping[str, DigestFile]) -> Iterable[MissingDigest]:
    """Yield digests that are named but not on hand; the one before the oldest on hand only begins the collection."""
    oldest: dict[tuple[str | None, str | None], int] = {}
    for path, each in known.items():
        start = _instant(each.document.get("digestStartTime"))
        if start is not None:
            oldest[_chain(path)] = min(start, oldest.get(_chain(path), start))
    for path, each in known.items():
        named = _path_of(each.document, "previousDigestS3Bucket", "previousDigestS3Object")
        start = _instant(each.document.get("digestStartTime"))
        if named is None or named in known or start is None or start <= oldest[_chain(path)]:
            continue
        before = max(
            (
                end
                for other, digest in known.items()
                if _chain(other) == _chain(path)
                and (end := _instant(digest.document.get("digestEndTime"))) is not None
                and end <= start
            ),
            default=None,
        )
        place = _KEY.search(path)
        yield MissingDigest(
            path=named,
            named_by=each.reference,
            account=place["account"] if place else None,
            region=place["region"] if place else None,
            start=before,
            end=start,
        )


def _chain(path: str) -> tuple[str | None, str | None]:
    place, trail = _KEY.search(path), _TRAIL.search(path)
    place, trail = _KEY.search(path), _TRAIL.search(path)
    return (f"{place['account']} {place['region']}" if place else None, trail["trail"] if trail else None)


def _extra(
    files: Iterable[LogFile], digests: Sequence[CheckedDigest], hashes: set[str], names: set[str]
) -> Iterable[LogFile]:
    """Yield trail files of a region and time whose digests are on hand, and which none of these lists."""
    for each in sorted(files, key=lambda each: (each.name, each.sha256)):
        found = _LOG_NAME.search(each.name)
        if found is None or each.sha256 in hashes or _base(each.name) in names:
            continue
        slot = found["slot"]
        delivered = _instant(f"{slot[:4]}-{slot[4:6]}-{slot[6:8]}T{slot[9:11]}:{slot[11:13]}:00Z")
        if delivered is not None and any(
            digest.account == found["account"]
            and digest.region == found["region"]
            and digest.start is not None
            and digest.end is not None
            and digest.start + DELIVERY <= delivered <= digest.end - DELIVERY
            for digest in digests
        ):
            yield each


def _complete(digests: Sequence[CheckedDigest]) -> Iterable[Complete]:
    """Yield the stretches that unbroken runs of proving digests cover, less the time that delivery takes at their end."""
    open_run: Complete | None = None
    for each in digests:
        if not each.proves or each.start is None or each.end is None:
            continue
        same = open_run is not None and (open_run.account, open_run.region) == (each.account, each.region)
        if open_run is not None and same and each.start <= open_run.end:
            open_run = Complete(
                open_run.account, open_run.region, open_run.start, max(open_run.end, each.end)
            )
            continue
        if open_run is not None:
            yield from _trimmed(open_run)
        open_run = Complete(each.account, each.region, each.start, each.end)
    if open_run is not None:
        yield from _trimmed(open_run)


def _trimmed(run: Complete) -> Iterable[Complete]:
    if run.end - DELIVERY > run.start:
        yield Complete(run.account, run.region, run.start, run.end - DELIVERY)


def _verifies(key: PublicKey, signature: str, text: bytes) -> bool:
    # Imported here: only cases with digests need it, and it takes a tenth of a second to load.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        public = load_der_public_key(key.value)
        if not isinstance(public, RSAPublicKey):
            return False
        public.verify(bytes.fromhex(signature), text, PKCS1v15(), SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _entries(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = document.get("logFiles")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _path(document: Mapping[str, Any]) -> str:
    return f"{document.get('digestS3Bucket')}/{document.get('digestS3Object')}"


def _path_of(document: Mapping[str, Any], bucket: str, key: str) -> str | None:
    names = document.get(bucket), document.get(key)
    return "/".join(map(str, names)) if all(isinstance(each, str) and each for each in names) else None


def _base(name: str) -> str:
    return name.rpartition("!")[2].rpartition("/")[2].removesuffix(".gz")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _instant(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return to_micros(dt.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC))
    except ValueError:
        return None

"""What the few records say that rules look into: selectors of trails, accounts in policies, times of making, digest files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from workbench.casefile.evidence.content import ContentStore
from workbench.clock import to_micros
from workbench.coverage.digests import public_keys_of, signature_of, validate
from workbench.evidence.decode import UndecodableError, loads
from workbench.evidence.wrappers import unwrap
from workbench.model.digest import DigestFile, LogFile, PublicKey, Validation

_CREATED = re.compile(rb"creationdate[\\\"'\s:=]{1,8}(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", re.IGNORECASE)
_ISSUED = re.compile(
    rb"\"(?:iat|tokenissuedat)[\\\"'\s:=]{1,8}(\d{10}(?!\d)|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", re.IGNORECASE
)
_BARE = re.compile(rb"()(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\Z")

_POLICY_ACCOUNT = re.compile(
    rb"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):"
    rb"|\"aws\\*\"\s*:\s*\[?\s*\\*\"(\d{12})\\*\""
    rb"|(?:sourceaccount|principalaccount)\\*\"\s*:\s*\[?\s*\\*\"(\d{12})\\*\""
)
"""Where a policy names an account (IAM user guide, JSON policy elements: Principal, condition keys); in small letters."""

_PRINCIPALS = re.compile(rb"\"aws\\*\"\s*:\s*\[([^\]]{0,20000})\]")
_QUOTED_ACCOUNT = re.compile(rb"\"(\d{12})\\*\"")

_LARGEST = 4 * 1024 * 1024
"""Bytes of a metadata or key file that is looked into; real ones have some kilobytes."""


def made_at(data: bytes, *, bare: bool = False) -> int | None:
    """Return when the credential of a record was made, microseconds UTC, as the record itself says.

    Args:
        data: The bytes of the record, in whatever wrapping; or the time itself.
        bare: Whether they are the time itself.
    """
    import datetime as dt

    found = _BARE.match(data) if bare else _CREATED.search(data) or _ISSUED.search(data)
    if found is None:
        return None
    text = found[found.lastindex or 1].decode()
    if text.isdigit():
        return int(text) * 1_000_000
    try:
        return to_micros(dt.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.UTC))
    except ValueError:
        return None


def accounts_in(data: bytes) -> tuple[str, ...]:
    """Return the accounts that the policies in a record name."""
    data = data.lower()
    asked = max(data.find(b"requestparameters"), 0)
    found = {next(part for part in each.groups() if part) for each in _POLICY_ACCOUNT.finditer(data, asked)}
    for several in _PRINCIPALS.finditer(data, asked):
        found |= set(_QUOTED_ACCOUNT.findall(several[1]))
    return tuple(sorted(each.decode() for each in found))


def selectors_of(data: bytes, part: int) -> tuple[bool | None, str]:
    """Return whether the selectors that a record asks for take something out of a trail, and what in words.

    PutEventSelectors: management events off, or one direction only (``readWriteType``); advanced selectors replace all others, so
    that without one for management events there are none (AWS CloudTrail API reference, PutEventSelectors).
    """
    request = _request(data, part)
    if request is None:
        return None, ""
    told = []
    advanced = request.get("advancedeventselectors")
    if isinstance(advanced, list):
        text = str(advanced)
        management = "'Management'" in text
        if not management:
            told.append("no management events")
        if "readonly" in text.lower():
            told.append("reads or writes only")
        return bool(told), ", ".join(told) or "management events on"
    selectors = request.get("eventselectors")
    if not isinstance(selectors, list):
        return None, ""
    for each in selectors:
        own = {str(key).lower(): value for key, value in each.items()} if isinstance(each, dict) else {}
        if own.get("includemanagementevents") is False:
            told.append("management events off")
        kind = own.get("readwritetype")
        if isinstance(kind, str) and kind.lower() != "all":
            told.append(f"readWriteType {kind}")
        if own.get("excludemanagementeventsources"):
            told.append("event sources left out")
    return bool(told) or not selectors, ", ".join(dict.fromkeys(told)) or (
        "management events on" if selectors else "no selectors"
    )


def _request(data: bytes, part: int) -> dict[str, Any] | None:
    try:
        documents = unwrap(loads(data)[0])
    except UndecodableError:
        return None
    found = next((each.document for each in documents if each.index == part), None)
    if found is None:
        return None
    request = next((value for key, value in found.items() if key.lower() == "requestparameters"), None)
    if isinstance(request, str):
        try:
            request = loads(request.encode())[0]
        except UndecodableError:
            return None
    return {str(key).lower(): value for key, value in request.items()} if isinstance(request, dict) else None


def digests_on_hand(connection: sqlite3.Connection, contents: ContentStore) -> Validation:
    """Check the digest files of a case against its log files, with the keys and signatures that are among the evidence."""
    digests = list(_digests(connection, contents))
    if not digests:
        return Validation()
    keys, signatures = _keys_and_signatures(connection, contents)
    signed = [
        DigestFile(
            reference=each.reference,
            name=each.name,
            sha256=each.sha256,
            document=each.document,
            signature=signatures.get(_base(str(each.document.get("digestS3Object")))),
        )
        for each in digests
    ]
    rows = connection.execute(
        "SELECT f.name || iif(e.member = '', '', '!' || e.member), e.content_sha256 FROM evidence e"
        " JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete'"
    )
    return validate(signed, keys, [LogFile(*row) for row in rows.fetchall()])


def _digests(connection: sqlite3.Connection, contents: ContentStore) -> Iterator[DigestFile]:
    for number, start, length, part, sha256, name in connection.execute(
        "SELECT e.id, o.start, o.length, o.part, e.content_sha256, f.name FROM other_record o JOIN evidence e"
        " ON e.id = o.evidence_id"
        " JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete' AND o.disposition = 'digest'"
        " AND o.source = 'aws.cloudtrail'"
    ).fetchall():
        document = _document(contents.read(number, start, length), part)
        if document is not None and "logFiles" in document:
            reference = f"{sha256}:{start}+{length}" + (f"#{part}" if part else "")
            yield DigestFile(reference=reference, name=name, sha256=sha256, document=document)


def _keys_and_signatures(
    connection: sqlite3.Connection, contents: ContentStore
) -> tuple[list[PublicKey], dict[str, str]]:
    """Return public keys, and signatures by the name of the digest file whose metadata they stood in."""
    keys: dict[tuple[str, bytes], PublicKey] = {}
    signatures: dict[str, str] = {}
    for number, name, start, length, part in connection.execute(
        "SELECT e.id, iif(e.member = '', f.name, e.member), o.start, o.length, o.part FROM other_record o"
        " JOIN evidence e ON e.id = o.evidence_id JOIN delivered_file f ON f.id = e.file_id"
        " WHERE f.state = 'complete' AND o.disposition = 'digest' AND o.length <= ?",
        (_LARGEST,),
    ).fetchall():
        data = contents.read(number, start, length)
        if b"PublicKeyList" not in data and b"Metadata" not in data:
            continue
        document = _document(data, part)
        if document is None:
            continue
        for key in public_keys_of(document):
            keys[key.fingerprint, key.value] = key
        signature = signature_of(document)
        if signature is not None:
            signatures[_base(name)] = signature
    return [keys[each] for each in sorted(keys)], signatures


def _document(data: bytes, part: int) -> dict[str, Any] | None:
    try:
        value = loads(data)[0]
    except UndecodableError:
        return None
    if (
        isinstance(value, dict)
        and part == 0
        and ("logFiles" in value or "PublicKeyList" in value or "Metadata" in value)
    ):
        return value
    documents = unwrap(value)
    return next((each.document for each in documents if each.index == part), None)


def _base(name: str) -> str:
    """Return the name of the digest file that a file is about: what stands before its ``.json``."""
    return name.rpartition("/")[2].partition(".json")[0]

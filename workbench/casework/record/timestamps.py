"""Timestamps of others (RFC 3161) without a network: a request goes out on removable media, the response comes back.

What is stamped is a signed checkpoint, byte for byte as its note. Request and response are kept as they are. Two programs can
judge a response: rfc3161-client, and ``openssl ts -verify`` where the first cannot read what the second accepts (responses whose
certificates are not in the order DER asks for; some authorities send those). Which of them judged stands in the entry.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Literal

import msgspec
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client._rust import parse_timestamp_request

from workbench.casefile.case_writer import write_case
from workbench.casework.record.checkpoints import CheckpointError, newest, sound_record
from workbench.clock import Clock, rfc3339, to_micros
from workbench.journal.entry import EntryKind, Json
from workbench.journal.note import Checkpoint
from workbench.journal.record import Finding, Record, StatedCheckpoint
from workbench.text import visible

CHECKPOINT_SUFFIX = ".checkpoint"
REQUEST_SUFFIX = ".tsq"
RESPONSE_SUFFIX = ".tsr"

_LARGEST = 1 << 20
"""Bytes of a response at most: real ones have a few thousand."""

Verdict = Literal["verified", "invalid", "untrusted", "unchecked"]


_UNREADABLE = "it is no timestamp response, or a damaged one"
_OTHER_BYTES = "it stamps other bytes than this checkpoint"
_OTHER_REQUEST = "it answers another request: its nonce is another"
UNTRUSTED = "it is not by an authority you trust: its certificates do not lead to those given"

_PLAIN = (
    (re.compile("certificate verify|local issuer|self.signed|certificate", re.IGNORECASE), UNTRUSTED),
    (re.compile("nonce", re.IGNORECASE), _OTHER_REQUEST),
    (re.compile("imprint|message", re.IGNORECASE), _OTHER_BYTES),
)
"""What verifiers write, in plain words; tried in this order."""


class Judged(msgspec.Struct, frozen=True):
    """What is known of a response.

    Attributes:
        verdict: ``verified``, ``invalid``, ``untrusted`` where its certificates do not lead to those that were given, or
            ``unchecked`` where there is no certificate to check it against.
        by: Which program judged.
        time: When the authority says that it stamped, RFC 3339; ``None`` if that could not be read.
        why: Why it is not verified.
    """

    verdict: Verdict
    by: str
    time: str | None
    why: str = ""


def new_request(note: str) -> bytes:
    """Return a request for a timestamp of a signed checkpoint: SHA-256, a random nonce, certificates asked for."""
    builder = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=True).nonce(nonce=True).build().as_bytes()


def judge(note: bytes, request: bytes, response: bytes, trust: bytes) -> Judged:
    """Judge a response to a request over a checkpoint.

    Args:
        note: The signed checkpoint that was to be stamped.
        request: The request (``.tsq``).
        response: The response (``.tsr``).
        trust: Certificates in PEM: the authority's root, and its intermediates if the response holds none. Empty for none.
    """
    by = f"rfc3161-client {_version('rfc3161-client')}"
    try:
        parsed = decode_timestamp_response(response)
        asked = parse_timestamp_request(request)
        time = rfc3339(to_micros(parsed.tst_info.gen_time.astimezone(dt.UTC)))
    except (ValueError, TypeError):
        return _by_openssl(note, request, response, trust, f"{by} cannot read it")
    digest = hashlib.sha256(note).digest()
    if asked.message_imprint.message != digest:
        return Judged("invalid", by, time, "the request is not for this checkpoint")
    if parsed.tst_info.message_imprint.message != digest:
        return Judged("invalid", by, time, _OTHER_BYTES)
    if parsed.tst_info.nonce != asked.nonce:
        return Judged("invalid", by, time, _OTHER_REQUEST)
    if not trust:
        return Judged("unchecked", "", time, "no certificate to check it against was given")
    try:
        _verifier(parsed, trust, asked.nonce).verify_message(parsed, note)
    except VerificationError as error:
        return _refused(by, time, str(error))
    except ValueError:
        return _by_openssl(note, request, response, trust, f"{by} cannot judge it")
    return Judged("verified", by, time)


def _verifier(parsed: TimeStampResponse, trust: bytes, nonce: int | None) -> Any:
    certificates = x509.load_pem_x509_certificates(trust)
    roots = [each for each in certificates if each.subject == each.issuer]
    others = [each for each in certificates if each.subject != each.issuer]
    return VerifierBuilder(
        roots=roots, intermediates=others, nonce=nonce, tsa_certificate=_only_missing(parsed, others)
    ).build()


def _only_missing(parsed: TimeStampResponse, others: list[x509.Certificate]) -> x509.Certificate | None:
    """Return the authority's own certificate where the response does not hold it."""
    return None if parsed.signed_data.certificates else next(iter(others), None)


def _refused(by: str, time: str | None, said: str) -> Judged:
    """Return what a verifier refused, with its reason in plain words."""
    # What it writes of a certificate that leads nowhere and of a signature that does not hold begins alike.
    if "signature failure" in said or "digest failure" in said:
        return Judged("invalid", by, time, "it was altered: its signature does not hold")
    why = next((plain for pattern, plain in _PLAIN if pattern.search(said)), _UNREADABLE)
    return Judged("untrusted" if why == UNTRUSTED else "invalid", by, time, why)


def _by_openssl(note: bytes, request: bytes, response: bytes, trust: bytes, why: str) -> Judged:
    """Judge with the program ``openssl``, where the library could not."""
    program = shutil.which("openssl")
    if program is None:
        return Judged("unchecked", "", None, f"{why}, and openssl is not installed")
    with tempfile.TemporaryDirectory() as folder:
        files = {"note": note, "tsq": request, "tsr": response, "trust.pem": trust}
        paths = {name: str(Path(folder, name)) for name in files}
        for name, content in files.items():
            Path(folder, name).write_bytes(content)

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [program, "ts", *arguments],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=60,
            )

        shown = run("-reply", "-in", paths["tsr"], "-text").stdout
        time = _openssl_time(shown)
        by = "openssl ts -verify, " + subprocess.run(
            [program, "version"], capture_output=True, text=True, check=False, timeout=60
        ).stdout.strip().partition(" (")[0]  # fmt: skip
        if time is None:
            return Judged("invalid", by, None, _UNREADABLE)
        if _openssl_imprint(shown) != hashlib.sha256(note).hexdigest():
            return Judged("invalid", by, time, _OTHER_BYTES)
        if not trust:
            return Judged("unchecked", "", time, f"{why}, and no certificate was given")
        certificates = ("-CAfile", paths["trust.pem"], "-untrusted", paths["trust.pem"])
        checks = [
            run("-verify", *what, "-in", paths["tsr"], *certificates)
            for what in (("-data", paths["note"]), ("-queryfile", paths["tsq"]))
        ]
    failed = next((each for each in checks if each.returncode), None)
    if failed is None:
        return Judged("verified", by, time, why)
    return _refused(by, time, failed.stderr.replace("Using configuration from", ""))


def _openssl_imprint(text: str) -> str:
    """Return the hash that was stamped, from what ``openssl ts -reply -text`` prints."""
    _, _, after = text.partition("Message data:\n")
    dumped = after.partition("Serial number:")[0]
    lines = re.findall(r"^\s+[0-9a-f]{4} - ((?:[0-9a-f]{2}[ -])+)", dumped, re.MULTILINE)
    return "".join("".join(re.findall("[0-9a-f]{2}", line)) for line in lines)


def _openssl_time(text: str) -> str | None:
    found = re.search(
        r"^Time stamp: (\w{3}) +(\d+) (\d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$", text, re.MULTILINE
    )
    if found is None:
        return None
    month, day, time, year = found.groups()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{year}-{months.index(month) + 1:02}-{int(day):02}T{time}Z"


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def receive(
    case: Path, response_path: Path, *, trust: bytes, actor: str, clock: Clock | None = None
) -> tuple[StatedCheckpoint, Judged]:
    """Take a response back into the case; the request must lie beside it, under the same name with ``.tsq``.

    Raises:
        CheckpointError: If the files cannot be read, or the response is invalid: then nothing is kept.
        CaseFileError: If the case cannot be written.
    """
    response = _read(response_path)
    request = _read(response_path.with_suffix(REQUEST_SUFFIX))
    stated = _stamped(sound_record(case), request)
    note = stated.checkpoint.note
    judged = judge(note.encode(), request, response, trust)
    name = visible(response_path.name)
    if judged.verdict == "untrusted":
        raise CheckpointError(
            f"{name} is not by an authority you trust",
            "nothing of it was kept; are these the certificates (--trust) of the authority that stamped it?",
        )
    if judged.verdict == "invalid" or judged.time is None:
        what = judged.why if judged.verdict == "invalid" else _UNREADABLE
        raise CheckpointError(f"{name} was not taken in: {visible(what)}", "nothing of it was kept")
    body: dict[str, Json] = {
        "checkpoint": note,
        "request": base64.b64encode(request).decode(),
        "response": base64.b64encode(response).decode(),
        "verdict": judged.verdict,
        "verified_by": judged.by,
        "stamped_at": judged.time,
        "trust": trust.decode("utf-8", "replace"),
    }
    with write_case(case, actor, clock) as writer, writer.transaction():
        writer.act(EntryKind.TIMESTAMP_RECEIVED, body)
    return stated, judged


def _stamped(record: Record, request: bytes) -> StatedCheckpoint:
    """Return the checkpoint that a request is for."""
    try:
        imprint = parse_timestamp_request(request).message_imprint.message
    except ValueError as error:
        raise CheckpointError(
            "the request cannot be read", "is it the file that was written for it?"
        ) from error
    for stated in record.checkpoints:
        if hashlib.sha256(stated.checkpoint.note.encode()).digest() == imprint:
            return stated
    newest(record)
    raise CheckpointError("the request is for no checkpoint of this case", "is it the right case file?")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise CheckpointError(f"{visible(str(path))} is too large", "is it the right file?")
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{visible(str(path))} cannot be read ({error.strerror})",
            "request and response lie side by side, as NAME.tsq and NAME.tsr",
        ) from error


def check_timestamps(record: Record, trust: bytes | None = None) -> list[Finding]:
    """Judge the timestamps in a journal again.

    Args:
        record: The journal.
        trust: Certificates that the checker trusts; else those that the keeper of the case gave are used, and it is said so.
    """
    findings = []
    for stated in record.checkpoints:
        if stated.kind != EntryKind.TIMESTAMP_RECEIVED.value:
            continue
        where = f"timestamp in entry {stated.seq}"
        try:
            request = base64.b64decode(stated.body["request"], validate=True)
            response = base64.b64decode(stated.body["response"], validate=True)
            given = trust if trust is not None else str(stated.body["trust"]).encode()
        except (KeyError, binascii.Error, ValueError, TypeError):
            findings.append(Finding("record", "timestamp", where, "its bytes cannot be read"))
            continue
        judged = judge(stated.checkpoint.note.encode(), request, response, given)
        findings.append(_told(stated.checkpoint, where, judged, own=trust is None))
    return findings


def _told(checkpoint: Checkpoint, where: str, judged: Judged, *, own: bool) -> Finding:
    if judged.verdict == "verified":
        whose = (
            " (by certificates that the keeper of the case supplied: give your own with --trust)"
            if own
            else ""
        )
        what = (
            f"entries 1 to {checkpoint.size} existed by {judged.time}, says the authority; {judged.by}{whose}"
        )
        return Finding("record", "timestamp", where, what, failed=False)
    what = judged.why if judged.verdict == "untrusted" else f"{judged.verdict}: {judged.why}"
    failed = judged.verdict in ("invalid", "untrusted")
    return Finding("record", f"timestamp-{judged.verdict}", where, what, failed=failed)

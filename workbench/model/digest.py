"""CloudTrail digest files, the log files that they list, and what checking them showed."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import msgspec


class Signature(enum.StrEnum):
    """What became of checking a digest's signature."""

    VALID = "valid"
    WRONG = "wrong"
    NO_KEY = "no public key on hand"
    NO_SIGNATURE = "no signature on hand"


class FileState(enum.StrEnum):
    """What became of a log file that a digest lists."""

    INTACT = "intact"
    MISSING = "missing"
    ALTERED = "altered"


class PublicKey(msgspec.Struct, frozen=True):
    """A public key as ``aws cloudtrail list-public-keys`` prints it.

    Attributes:
        fingerprint: As digests name it.
        value: PKCS #1 in DER.
    """

    fingerprint: str
    value: bytes


class DigestFile(msgspec.Struct, frozen=True, kw_only=True):
    """A digest file on hand.

    Attributes:
        reference: Reference of its record.
        name: Name of the file as delivered.
        sha256: Of its unpacked content.
        document: What it says.
        signature: In hexadecimal, from the object's metadata, if the collector kept it.
    """

    reference: str
    name: str
    sha256: str
    document: Mapping[str, Any]
    signature: str | None = None


class LogFile(msgspec.Struct, frozen=True):
    """A content on hand: its name as delivered, and the SHA-256 of its unpacked bytes."""

    name: str
    sha256: str


class CheckedDigest(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a digest.

    Attributes:
        reference: Reference of its record.
        path: ``bucket/key``.
        account: Whose trail.
        region: Of which region.
        trail: Name of the trail, if its file name gives it.
        start: Start of its period, microseconds UTC.
        end: End of it.
        signature: What became of checking its signature.
        by: Where the signature came from.
        altered: Whether the digest after it names another hash than it has.
        files: How many log files it lists.
        intact: How many of them are on hand unaltered.
    """

    reference: str
    path: str
    account: str | None
    region: str | None
    trail: str | None
    start: int | None
    end: int | None
    signature: Signature
    by: str
    altered: bool
    files: int
    intact: int

    @property
    def proves(self) -> bool:
        """Whether it proves that all log files of its period are on hand as they were delivered."""
        return self.signature is Signature.VALID and not self.altered and self.intact == self.files


class CheckedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a log file that a digest lists.

    Attributes:
        path: ``bucket/key``.
        state: Whether it is on hand as it was delivered.
        sha256: The hash that the digest gives.
        found: The hash of the content on hand that bears its name, where that is another.
        oldest: Time of its first event by the digest, microseconds UTC.
        newest: Of its last.
        digest: Reference of the digest.
        account: Whose.
        region: Of which region.
        altered: The hashes of all contents on hand that bear its name, where none of them is as it was delivered.
    """

    path: str
    state: FileState
    sha256: str
    found: str | None
    oldest: int | None
    newest: int | None
    digest: str
    account: str | None
    region: str | None
    altered: tuple[str, ...] = ()


class MissingDigest(msgspec.Struct, frozen=True, kw_only=True):
    """A digest that another names as the one before it and that is not on hand though an earlier one is."""

    path: str
    named_by: str
    account: str | None
    region: str | None
    start: int | None
    end: int | None


class Complete(msgspec.Struct, frozen=True):
    """A stretch of time whose log files are proven to be all on hand, and unaltered."""

    account: str | None
    region: str | None
    start: int
    end: int


class Validation(msgspec.Struct, frozen=True):
    """What the digests on hand prove.

    Attributes:
        digests: Every digest, by account, region and time.
        files: Every log file that they list.
        missing: Digests that break the chain.
        extra: Log files on hand, of an account, region and hour that digests cover, which none of them lists.
        complete: Where nothing is missing.
    """

    digests: tuple[CheckedDigest, ...] = ()
    files: tuple[CheckedFile, ...] = ()
    missing: tuple[MissingDigest, ...] = ()
    extra: tuple[LogFile, ...] = ()
    complete: tuple[Complete, ...] = ()

    @property
    def altered(self) -> frozenset[str]:
        """The hashes of contents on hand that are log files changed after delivery."""
        return frozenset(sha256 for each in self.files for sha256 in each.altered)

"""Identifiers and times that are the same in every run, for every incident.

Every identifier is derived by hash from a label, not drawn from a random generator: adding an event to a
story leaves the identifiers of all others as they are, and no version of Python can change them. Labels of
different incidents begin differently.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

DAY = dt.date(2026, 3, 4)
"""The day on which a bare clock time is."""

When = str | dt.datetime
"""A moment, or a clock time ``HH:MM:SS`` (UTC) on `DAY`."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def digest(label: str) -> bytes:
    """Return 32 bytes that depend on nothing but the label."""
    return hashlib.sha256(f"northwind-harbour/{label}".encode()).digest()


def number(label: str, below: int) -> int:
    """Return a fixed number from 0 up to, not including, ``below``."""
    return int.from_bytes(digest(label)[:8], "big") % below


def uuid(label: str) -> str:
    """Return a fixed identifier in the form of a random UUID (RFC 9562 version 4)."""
    value = bytearray(digest(label)[:16])
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def letters(label: str, count: int, alphabet: str) -> str:
    """Return ``count`` fixed characters of an alphabet, at most 32."""
    return "".join(alphabet[byte % len(alphabet)] for byte in digest(label)[:count])


def _account_body(account: str, label: str) -> str:
    # Key ids issued since 2019 are base32; bits 7 to 46 of the first six bytes are the account number and the
    # top bit is set. Researchers published this; it is not documented by the vendor.
    rest = digest(label)
    head = (1 << 47) | (int(account) << 7) | (rest[0] & 0x7F)
    return base64.b32encode(head.to_bytes(6, "big") + rest[1:5]).decode()


def access_key(prefix: str, account: str, label: str) -> str:
    """Return an access key id (``AKIA…`` long-term, ``ASIA…`` temporary) that decodes to the account."""
    return prefix + _account_body(account, f"key/{prefix}/{label}")


def principal(prefix: str, account: str, label: str) -> str:
    """Return the unique id of a user (``AIDA…``) or role (``AROA…``): 21 characters that hold the account."""
    return (
        prefix
        + _account_body(account, f"id/{prefix}/{label}")
        + letters(f"id/{prefix}/{label}/tail", 1, _BASE32)
    )


def session_token(label: str, company: str) -> str:
    """Return what stands where a live secret stands in a real log; decoded, it says that it is fictitious."""
    return base64.b64encode(
        f"fictitious session token, {company}: ".encode() + digest(f"token/{label}") * 2
    ).decode()


def moment(when: When) -> dt.datetime:
    """Return the moment; a moment stays itself."""
    if isinstance(when, dt.datetime):
        return when
    return dt.datetime.combine(DAY, dt.time.fromisoformat(when), dt.UTC)


def stamp(when: dt.datetime) -> str:
    """Return a moment as CloudTrail writes event times: RFC 3339, UTC, whole seconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def long_date(when: dt.datetime) -> str:
    """Return a moment as CloudTrail writes dates inside response elements (``Mar 4, 2026, 11:20:09 AM``)."""
    hour = when.hour % 12 or 12
    half = "AM" if when.hour < 12 else "PM"
    return f"{_MONTHS[when.month - 1]} {when.day}, {when.year}, {hour}:{when.minute:02d}:{when.second:02d} {half}"


def seconds(count: int) -> dt.timedelta:
    """Return a duration."""
    return dt.timedelta(seconds=count)


def clock(when: dt.datetime) -> str:
    """Return the clock time ``HH:MM:SS`` of a moment."""
    return when.strftime("%H:%M:%S")


def later(start: str, count: int) -> str:
    """Return the clock time some seconds after (or, below zero, before) another."""
    return clock(moment(start) + seconds(count))

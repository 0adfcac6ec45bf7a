"""Records of the Linux audit system taken apart: ``type=… msg=audit(seconds.millis:serial): key=value …``.

The kernel writes a text that a caller could have chosen either in quotes or, if it holds a space, a quote or anything
unprintable, as bare hexadecimal digits (audit "fields" specification of the linux-audit project). User-space records
carry their own fields inside ``msg='…'``. Names of numbers, which the daemon adds on request, stand behind them in upper
case (``AUID="jdoe"``).
"""

from __future__ import annotations

import base64
import ipaddress
import re
from typing import NamedTuple

_RECORD = re.compile(
    r"(?:node=(?P<node>\S{1,255}) )?type=(?P<type>[A-Z][A-Z0-9_]{1,40}|UNKNOWN\[\d{1,6}\]) "
    r"msg=audit\((?P<stamp>[^()]{1,40}):(?P<serial>\d{1,20})\) ?: ?(?P<body>.*)",
    re.ASCII | re.DOTALL,
)
_START = re.compile(r"(?:node=\S{1,255} )?type=[A-Z][A-Z0-9_\[\]]{1,40} msg=audit\(", re.ASCII)
_FIELD = re.compile(r"(?<![\w-])([A-Za-z][\w-]{0,63}(?:\[\d{1,6}\])?)=(\"[^\"]*\"?|[^\s,]*)", re.ASCII)
_OPERATION = re.compile(
    r"(?<![\w-])op=(\S{1,200}(?: [^\s=]{1,100}){0,20}?)(?= +[A-Za-z][\w-]{0,63}=|\s*\Z)", re.ASCII
)
"""``op`` alone may hold spaces without quotes: it ends before the next field."""
_HEX = re.compile(r"(?:[0-9A-F]{2})+|(?:[0-9a-f]{2})+")
_ARGUMENT = re.compile(r"a(\d{1,5})(?:\[(\d{1,5})\])?")

_TEXTS = frozenset(
    {
        *(
            "name",
            "comm",
            "exe",
            "cwd",
            "acct",
            "cmd",
            "proctitle",
            "path",
            "dir",
            "key",
            "vm",
            "grp",
            "ocomm",
            "watch",
        ),
        *("file", "sw", "root_dir", "unit"),
    }
)
"""Fields that hold text of a caller's choice and so may be hexadecimal."""

_NOTHING = frozenset({"", "?", "(null)", "(none)", "(unknown)", "unset"})
_OLD_STYLE = " : exe="
"""Mark of the records of Red Hat 5 and before, whose texts stand bare and are no hexadecimal digits."""


class Record(NamedTuple):
    """One audit record.

    Attributes:
        node: The host, ``None`` unless the daemon was told to write it.
        type: Its type (``USER_LOGIN``).
        stamp: Seconds and milliseconds since 1970, as written.
        serial: The event's number, which its records share.
        body: All fields.
    """

    node: str | None
    type: str
    stamp: str
    serial: str
    body: str


def is_audit_record(text: str) -> bool:
    """Tell whether a text begins like an audit record."""
    return _START.match(text) is not None


def split_record(text: str) -> Record | None:
    """Take a record apart, without its fields; ``None`` if it is none."""
    match = _RECORD.fullmatch(text)
    if match is None:
        return None
    return Record(match["node"], match["type"], match["stamp"], match["serial"], match["body"])


def read_fields(body: str) -> dict[str, str]:
    """Return the fields of a record, those inside ``msg='…'`` with the others; a field given twice has its last value.

    Quotes are taken off and hexadecimal texts decoded; fields that say that there is no value are left out.
    """
    old_style = _OLD_STYLE in body
    if "\x1d" in body:
        body = body.replace("\x1d", " ")
    if "'" in body:
        body = body.replace("msg='", " ").replace("'", " ")
    fields: dict[str, str] = {}
    for key, value in _FIELD.findall(body):
        if value[:1] == '"':
            value = value[1:].removesuffix('"')
        elif key in _TEXTS and not old_style:
            value = decode_hex(value)
        if old_style:
            value = value.rstrip(")")
        if value not in _NOTHING:
            fields[key] = value
    if "op" in fields:
        operation = _OPERATION.search(body)
        if operation is not None:
            fields["op"] = operation[1].strip('"')
    return fields


def decode_hex(value: str) -> str:
    """Return the text behind hexadecimal digits, a value that is not of them as it is.

    Zero bytes, which separate the arguments of a process title, become spaces; bytes that are not UTF-8 are written
    ``\\xNN``.
    """
    if not _HEX.fullmatch(value):
        return value
    return bytes.fromhex(value).rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "backslashreplace")


def arguments(body: str) -> list[str]:
    """Return the arguments of an ``EXECVE`` record; one that was cut in several pieces is put together."""
    found: dict[int, str] = {}
    for key, value in _FIELD.findall(body.replace("\x1d", " ")):
        match = _ARGUMENT.fullmatch(key)
        if match is not None:
            text = value[1:].removesuffix('"') if value[:1] == '"' else decode_hex(value)
            number = int(match[1])
            found[number] = found.get(number, "") + text
    return [found[number] for number in sorted(found)]


def socket_name(saddr: str) -> str | None:
    """Return what a ``saddr`` names: ``192.0.2.1 port 22``, a path, or ``None`` for other families and damaged values.

    The bytes are a ``struct sockaddr`` as the host holds it: family in the host's order (little-endian on all platforms
    in common use), port and address in network order.
    """
    if not _HEX.fullmatch(saddr):
        return None
    raw = bytes.fromhex(saddr)
    family = int.from_bytes(raw[:2], "little")
    if family == 2 and len(raw) >= 8:
        return f"{ipaddress.IPv4Address(raw[4:8])} port {int.from_bytes(raw[2:4], 'big')}"
    if family == 10 and len(raw) >= 24:
        return f"{ipaddress.IPv6Address(raw[8:24])} port {int.from_bytes(raw[2:4], 'big')}"
    if family == 1 and len(raw) > 2:
        path = raw[2:].lstrip(b"\0").split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
        return path or None
    return None


def fingerprint(value: str) -> str:
    """Return a key's fingerprint as sshd writes it: Red Hat's sshd gives SHA-256 in hexadecimal to the audit system."""
    kind, _, digits = value.partition(":")
    plain = digits.replace(":", "")
    if kind == "SHA256" and len(plain) == 64 and _HEX.fullmatch(plain.lower()):
        return "SHA256:" + base64.b64encode(bytes.fromhex(plain)).decode().rstrip("=")
    return value

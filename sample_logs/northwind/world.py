"""The fictitious company: accounts, addresses, clients, and identifiers that are the same in every run.

Every identifier is derived by hash from a label, not drawn from a random generator: adding an event to the
story leaves the identifiers of all others as they are, and no version of Python can change them.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

DAY = dt.date(2026, 3, 4)

MAIN = "111122223333"
"""Account of identities, CI roles and the application server ("A" in the story)."""
PROD = "444455556666"
"""Account of production data: the secret ``prod/db`` and the manifests bucket ("B")."""
OUTSIDE = "999988887777"
"""Account that Northwind Harbour does not own."""

EAST, WEST = "us-east-1", "eu-west-1"

# Addresses: documentation ranges of RFC 5737 only.
OFFICE = "192.0.2.31"
JDOE_OFFICE = "192.0.2.40"
GRAFANA_HOST = "198.51.100.10"
INSTANCE_ADDRESS = "198.51.100.45"
INSTANCE_INSIDE = "192.0.2.200"
RUNNERS = ("198.51.100.120", "198.51.100.121", "198.51.100.122", "198.51.100.123", "198.51.100.124")
INTRUDER_BROWSER = "203.0.113.77"
INTRUDER_CLI = "203.0.113.99"
OUTSIDE_HOST = "203.0.113.140"

# Clients.
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:135.0) Gecko/20100101 Firefox/135.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
)
REQUESTS = "python-requests/2.32.3"
CLI_INTRUDER = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off command/"
BOTO = "Boto3/1.35.20 md/Botocore#1.35.20 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64 lang/python#3.12.2"
GRAFANA = "grafana/11.4.0 aws-sdk-go/1.55.5 (go1.23.4; linux; amd64)"
ACTIONS = (
    "aws-sdk-js/3.632.0 ua/2.1 os/linux#6.8.0-1021-azure lang/js md/nodejs#20.18.2 configure-aws-credentials"
)
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.82.2"
SSM_AGENT = "aws-sdk-go/1.55.5 (go1.22.9; linux; amd64) amazon-ssm-agent/3.3.1611.0"
LAMBDA = "Boto3/1.34.145 md/Botocore#1.34.145 lang/python#3.12.7 exec-env/AWS_Lambda_python3.12"
S3_CONSOLE = (
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10.230 OpenJDK_64-Bit_Server_VM/25.432]"
)

TRAIL = "northwind-main"
TRAIL_BUCKET = "northwind-harbour-trail"
MANIFESTS = "northwind-harbour-manifests"
ARTIFACTS = "northwind-harbour-artifacts"
INSTANCE = "i-0a1b2c3d4e5f60718"
SECRET_ARN = f"arn:aws:secretsmanager:{EAST}:{PROD}:secret:prod/db-Qm7RtK"
SNAPSHOT = "snap-0c4e81f2a9d7b3560"

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


def session_token(label: str) -> str:
    """Return what stands where a live secret stands in a real log; decoded, it says that it is fictitious."""
    return base64.b64encode(
        b"fictitious session token, Northwind Harbour: " + digest(f"token/{label}") * 2
    ).decode()


def moment(clock: str) -> dt.datetime:
    """Return the moment of a clock time ``HH:MM:SS`` (UTC) on the day of the incident."""
    return dt.datetime.combine(DAY, dt.time.fromisoformat(clock), dt.UTC)


def stamp(when: dt.datetime) -> str:
    """Return a moment as CloudTrail writes event times: RFC 3339, UTC, whole seconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def long_date(when: dt.datetime) -> str:
    """Return a moment as CloudTrail writes dates inside response elements (``Mar 4, 2026, 11:20:09 AM``)."""
    hour = when.hour % 12 or 12
    half = "AM" if when.hour < 12 else "PM"
    return f"Mar {when.day}, {when.year}, {hour}:{when.minute:02d}:{when.second:02d} {half}"


def seconds(count: int) -> dt.timedelta:
    """Return a duration."""
    return dt.timedelta(seconds=count)


def clock(when: dt.datetime) -> str:
    """Return the clock time ``HH:MM:SS`` of a moment."""
    return when.strftime("%H:%M:%S")


def later(start: str, count: int) -> str:
    """Return the clock time some seconds after (or, below zero, before) another."""
    return clock(moment(start) + seconds(count))

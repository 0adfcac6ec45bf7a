"""Access key ids: what kind of credential they name, and which account the id itself encodes."""

from __future__ import annotations

import re

from workbench.model.event import Credential
from workbench.sources.interning import interned

_TYPES = {"AKIA": "aws access key", "ASIA": "aws temporary key"}
"""By the unique-id prefixes that the IAM user guide lists ("IAM identifiers")."""

_LENGTH = 20
_BASE32 = re.compile("[A-Z2-7]{10,16}(?:=|===|====|======)?")
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
"""The alphabet of base32 (RFC 4648, section 6) as the digits of the base 32 that Python reads."""
_ACCOUNT_BITS = 0x7FFF_FFFF_FF80
_NEW_FORM = 1 << 47
_LARGEST_ACCOUNT = 999_999_999_999


def credential_of(key_id: str) -> Credential:
    """Return the credential that an access key id names."""
    return interned(Credential(_TYPES.get(key_id[:4], "aws credential"), key_id), key_id)


def account_of_key(key_id: str) -> str | None:
    """Return the account that an access key id encodes.

    The first six of the ten base32 bytes after the four-letter prefix hold the account number shifted left by
    seven bits, in ids issued since about 2019; these have the top bit set. The encoding is not documented by
    AWS: it is a consistency check, never a proof.

    Args:
        key_id: An access key id of any kind.

    Returns:
        Twelve digits, or ``None`` if the id is of the old form, edited, or no key id at all.
    """
    if len(key_id) != _LENGTH or _BASE32.fullmatch(key_id, 4) is None:
        return None
    number = int(key_id[4:14].translate(_DIGITS), 32) >> 2
    if not number & _NEW_FORM:
        return None
    account = (number & _ACCOUNT_BITS) >> 7
    return f"{account:012d}" if account <= _LARGEST_ACCOUNT else None

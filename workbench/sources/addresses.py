"""What a source address field really holds: an address, a service, the provider itself, or something else."""

from __future__ import annotations

import ipaddress

from workbench.model.event import Address, AddressKind
from workbench.sources.interning import Remembered

_INTERNAL = frozenset({"aws internal"})
_SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn")


def read_address(raw: str) -> Address:
    """Read a source address field.

    Nothing is repaired: ``255.090.254.5`` has leading zeros, which some programs read as octal, so it stays
    unparsed text.

    Args:
        raw: The field's text as it stands.
    """
    try:
        return Address(raw, AddressKind.IP, str(ipaddress.ip_address(raw)))
    except ValueError:
        lowered = raw.lower()
    if lowered in _INTERNAL:
        return Address(raw, AddressKind.INTERNAL)
    if lowered.endswith(_SERVICE_SUFFIXES) and " " not in lowered:
        return Address(raw, AddressKind.SERVICE)
    return Address(raw, AddressKind.UNPARSED)


ADDRESSES: Remembered[str, Address] = Remembered(read_address)
"""``read_address``, remembered."""

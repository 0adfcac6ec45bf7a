"""What a source address field really holds: an address, a service, the provider itself, or something else."""

from __future__ import annotations

import ipaddress
import re

from workbench.model.event import Address, AddressKind
from workbench.sources.interning import Remembered

_INTERNAL = frozenset({"aws internal", "gce-internal-ip", "private", "<internal>"})
"""What AWS and Google Cloud write where the request came from inside."""

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%\w]{2,64})\](?::\d{1,5})?|([0-9.]{7,15}):\d{1,5}", re.ASCII)
"""An address with a port, as Microsoft 365, Teleport and Vault write it."""

_SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn")


def read_address(raw: str) -> Address:
    """Read a source address field.

    A port beside an address is taken off. Nothing is repaired: ``255.090.254.5`` has leading zeros, which some
    programs read as octal, so it stays unparsed text.

    Args:
        raw: The field's text as it stands.
    """
    try:
        return Address(raw, AddressKind.IP, str(ipaddress.ip_address(raw)))
    except ValueError:
        pass
    port = _WITH_PORT.fullmatch(raw)
    if port is not None:
        try:
            return Address(raw, AddressKind.IP, str(ipaddress.ip_address(port[1] or port[2])))
        except ValueError:
            pass
    lowered = raw.lower()
    if lowered in _INTERNAL:
        return Address(raw, AddressKind.INTERNAL)
    if lowered.endswith(_SERVICE_SUFFIXES) and " " not in lowered:
        return Address(raw, AddressKind.SERVICE)
    return Address(raw, AddressKind.UNPARSED)


ADDRESSES: Remembered[str, Address] = Remembered(read_address)
"""``read_address``, remembered."""

"""Rules of security groups, one text for what lets in or out: protocol, ports, peer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PEERS = (
    ("ipranges", ("cidrip", "cidripv4")),
    ("ipv6ranges", ("cidripv6",)),
    ("groups", ("groupid", "groupname", "userid")),
    ("prefixlistids", ("prefixlistid",)),
)
_PEER_OF_ONE = (
    *("cidrip", "cidripv4", "cidripv6", "sourcesecuritygroupid", "sourcesecuritygroupname"),
    *("referencedgroupid", "prefixlistid"),
)
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "all"}


def rules_of(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rules that a request to a security group names.

    A request gives them as ``ipPermissions``, or one of them as parameters (the older form). Descriptions decide nothing.
    ``-1`` is every protocol, on all ports whatever ports are given (EC2 API reference, IpPermission).

    Args:
        request: Its parameters, keys in lower case.
    """
    permissions = _listed(request.get("ippermissions"))
    for each in (*permissions, request):
        if not isinstance(each, Mapping):
            continue
        fields = {str(key).lower(): value for key, value in each.items()}
        protocol = fields.get("ipprotocol")
        if protocol is None:
            continue
        yield from (f"{_ports(str(protocol), fields)} {peer}" for peer in _peers(fields))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = value.get("items", value.get("item"))
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _ports(protocol: str, fields: Mapping[str, Any]) -> str:
    name = _PROTOCOLS.get(protocol.lower(), protocol.lower())
    low, high = fields.get("fromport"), fields.get("toport")
    if name == "all" or low is None:
        return name
    return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"


def _peers(fields: Mapping[str, Any]) -> Iterator[str]:
    for part, names in _PEERS:
        for each in _listed(fields.get(part)):
            if isinstance(each, Mapping):
                lowered = {str(key).lower(): value for key, value in each.items()}
                peer = next((lowered[name] for name in names if isinstance(lowered.get(name), str)), None)
                if peer is not None:
                    yield peer
    for name in _PEER_OF_ONE:
        if isinstance(fields.get(name), str):
            yield fields[name]

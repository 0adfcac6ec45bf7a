"""Which resource a name stands for: the ARN in one record and the bare name in the next are one thing."""

from __future__ import annotations

import functools
import re

from workbench.model.change import ResourceKey
from workbench.model.event import Place, Resource

_EC2_ID = re.compile(r"([a-z]{1,16})-(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{17})\Z", re.ASCII)
"""Ids of EC2: unique by themselves in every region, whatever kind of thing a request calls them."""

_EC2_KINDS = {
    "i": "instance",
    "sg": "security-group",
    "ami": "image",
    "snap": "snapshot",
    "vol": "volume",
    "fl": "vpc-flow-log",
    "eni": "network-interface",
    "rtb": "route-table",
    "igw": "internet-gateway",
    "nat": "nat-gateway",
    "eipalloc": "elastic-ip",
    "acl": "network-acl",
    "lt": "launch-template",
}
"""What the beginnings of ids stand for; others stand for themselves (``vpc``, ``subnet``)."""

_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}\Z", re.ASCII)
_GLOBAL = frozenset({"iam", "s3", "route53", "cloudfront", "organizations"})
"""Services whose names have no region."""

AWS = "aws"


def is_native_id(name: str) -> bool:
    """Whether a name is an id that EC2 gave, unique by itself."""
    return _EC2_ID.match(name) is not None


@functools.lru_cache(maxsize=65_536)
def resource_key(source: str, resource: Resource, place: Place) -> ResourceKey:
    """Return the key of a resource as one event names it.

    Args:
        source: Name of the source.
        resource: The resource.
        place: Where the event was recorded.
    """
    if source.startswith("aws."):
        return aws_key(resource.type or "", resource.name, resource.account or place.account, place.region)
    account = place.tenant or place.account or resource.account or ""
    kind = resource.type or ""
    name = resource.name
    parts = name.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and parts[2] == kind.partition(":")[0]:
        # An ARN is the same thing in whatever log it stands: a cluster's log names the role that came in.
        return aws_key(kind, name, None, None)
    if source.startswith("gcp."):
        kind = _google_kind(kind, name)
    if source.startswith("azure."):
        kind, name = kind.lower(), name.lower()  # Azure's ids do not depend on case
    return ResourceKey(source, kind, name, account)


_GOOGLE = {"serviceAccounts": "service_account", "keys": "service_account_key"}
"""What collections of Google Cloud are called as kinds of things, where that is not their name without its last letter."""


def _google_kind(kind: str, name: str) -> str:
    """Return what a name of Google Cloud is the name of: an entry gives the kind of what is monitored, often what it lies in."""
    service, _, monitored = kind.partition(":")
    parts = name.split("/")
    if monitored not in ("project", "service_account") or len(parts) < 4 or len(parts) % 2:
        return kind
    collection = parts[-2]
    return f"{service}:{_GOOGLE.get(collection, collection.removesuffix('s'))}"


@functools.lru_cache(maxsize=65_536)
def aws_key(kind: str, name: str, account: str | None, region: str | None) -> ResourceKey:
    """Return the key of a resource of AWS by its ARN or bare name."""
    service = kind.partition(":")[0]
    if name.startswith("arn:"):
        parts = name.split(":", 5)
        if len(parts) == 6 and parts[5]:
            service, region, account = parts[2], parts[3] or region, parts[4] or account
            name = _name_in(service, parts[5])
    elif service in ("iam", "ssm"):
        name = name.lstrip("/")
    known = _EC2_ID.match(name)
    if known:
        kind, region = f"ec2:{_EC2_KINDS.get(known[1], known[1])}", ""
    if kind == "secretsmanager:secret":
        name = _SECRET_SUFFIX.sub("", name)
    if service == "s3":
        account = ""
    if service in _GLOBAL:
        region = ""
    return ResourceKey(AWS, kind, name, account or "", region or "")


def _name_in(service: str, resource: str) -> str:
    """Return the name in the last part of an ARN."""
    if service == "s3" or not re.search(r"[:/]", resource):
        return resource
    _, _, name = re.split(r"([:/])", resource, maxsplit=1)
    if service == "iam":
        return name.rpartition("/")[2]
    if service in ("lambda", "logs"):
        return name.partition(":")[0]
    return name

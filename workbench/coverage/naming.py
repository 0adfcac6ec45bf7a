"""Under which names records may speak of a thing: its ARN, its short name, the collection it lies in.

Whoever asks whether something happened to a thing gives one name of it; logs write others. A name that is missed here would let
an absence be stated beside records of its opposite, so what is only perhaps the same thing counts as the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple

ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)", re.DOTALL
)
_SUFFIXED = re.compile(r"(?P<name>.+)-[A-Za-z0-9]{6}", re.DOTALL)
_CLUSTER_WIDE = re.compile(r"(?P<kind>[a-z][a-z.]*s)/[^/]+")
_UNTYPED = frozenset({"s3", "sqs", "sns"})
"""Services whose ARNs end in the bare name (AWS Service Authorization Reference)."""

Parts = tuple[str, ...]
"""The literal pieces of a name between wildcards."""


class Names(NamedTuple):
    """The names under which records may speak of a thing.

    Attributes:
        anywhere: What a name may hold at any place, in any log.
        aws: Whole names as requests to its AWS service give them.
        collections: Whole names of Kubernetes collections that it lies in: a list of these reads it.
        service: Its AWS service.
        account: In which account it lies, if the name says so.
        region: In which region.
        whole: Whether all things of that service are meant.
    """

    anywhere: tuple[Parts, ...]
    aws: tuple[Parts, ...] = ()
    collections: tuple[Parts, ...] = ()
    service: str | None = None
    account: str | None = None
    region: str | None = None
    whole: bool = False


def as_arn(name: str) -> str:
    """Return the ARN of what is given as ``s3://bucket/key``; any other name as it is."""
    if name[:5].lower() != "s3://":
        return name
    bucket = name[5:].rstrip("/")
    return f"arn:aws:s3:::{bucket or '*'}"


def names_of(name: str) -> Names:
    """Return the names under which records may speak of a thing; ``*`` in its name stands for anything."""
    name = as_arn(name)
    found = ARN.fullmatch(name)
    if found is None:
        return Names((_within(name),), collections=tuple((each,) for each in _collections(name)))
    service, rest = found["service"], found["rest"]
    short = rest if service in _UNTYPED else re.split("[:/]", rest, maxsplit=1)[-1]
    account, region = (
        None if not found[each] or "*" in found[each] else found[each] for each in ("account", "region")
    )
    if not short.replace("*", ""):
        return Names((_within(name),), service=service, account=account, region=region, whole=True)
    aws = [_parts(short)]
    if service == "secretsmanager":
        # Secrets Manager adds a hyphen and six characters to the name, and takes the name without them (user guide, "ARN").
        aws.append(_parts(short + "-*"))
        whole = _SUFFIXED.fullmatch(short)
        if whole is not None and "*" not in short:
            aws += [(whole["name"],), (name[:-7],)]
    elif service == "iam" and "/" in short:
        aws.append(_parts(short.rsplit("/", 1)[1]))
    return Names((_within(name),), tuple(aws), service=service, account=account, region=region)


def relatives(name: str) -> tuple[Parts, ...]:
    """Return what names of things beside this one look like, the nearest first: the same collection, the same owner."""
    beside = [(f"{name.rsplit('/', depth)[0]}/", "") for depth in range(1, name.count("/") + 1)]
    return tuple(each for each in beside if each[0] != "/")


def _collections(name: str) -> list[str]:
    """Return the collections that a thing lies in, as Kubernetes names them (API concepts, "Resource URIs")."""
    steps = name.split("/")
    if steps[0] == "namespaces" and len(steps) >= 4:
        return ["/".join(steps[:3]), steps[2]]
    if steps[0] == "namespaces" and len(steps) == 3:
        return [steps[2]]
    wide = _CLUSTER_WIDE.fullmatch(name)
    return [] if wide is None else [wide["kind"]]


def _parts(name: str) -> Parts:
    first, *rest = name.split("*")
    if not rest:
        return (first,)
    return (first, *(each for each in rest[:-1] if each), rest[-1])


def _within(name: str) -> Parts:
    return ("", *(each for each in name.split("*") if each), "")

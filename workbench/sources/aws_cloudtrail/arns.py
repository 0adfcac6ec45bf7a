"""Amazon Resource Names: the kind of thing one names, and whose it is."""

from __future__ import annotations

from typing import NamedTuple

_WHOLE = {"sns": "topic", "sqs": "queue"}
"""Services whose ARNs name the thing without saying what it is."""


class ArnParts(NamedTuple):
    """What an ARN says.

    Attributes:
        service: Service (``iam``).
        account: Twelve digits, ``None`` if the ARN has none.
        type: ``service:kind`` (``iam:role``).
    """

    service: str
    account: str | None
    type: str


def read_arn(text: str) -> ArnParts | None:
    """Take an ARN apart, ``arn:partition:service:region:account:resource``; ``None`` if the text is none."""
    if not text.startswith("arn:"):
        return None
    parts = text.split(":", 5)
    if len(parts) != 6 or not parts[2] or not parts[5]:
        return None
    _, _, service, region, account, resource = parts
    owner = account if len(account) == 12 and account.isascii() and account.isdigit() else None
    if service == "s3" and not region and not account:
        kind = "object" if "/" in resource else "bucket"
    elif service in _WHOLE and ":" not in resource:
        kind = _WHOLE[service]
    else:
        kind = resource.replace("/", ":").lstrip(":").split(":", 1)[0]
    return ArnParts(service, owner, f"{service}:{kind}")


def type_of_cloudformation(name: str) -> str | None:
    """Turn a CloudFormation type as CloudTrail lists it (``AWS::S3::Object``) into ``s3:object``."""
    parts = name.split("::")
    if len(parts) != 3 or parts[0] != "AWS" or not parts[1] or not parts[2]:
        return None
    return f"{parts[1].lower()}:{kebab(parts[2])}"


def kebab(name: str) -> str:
    """Write a camel-case name in lower case with hyphens: ``TrustAnchor`` as ``trust-anchor``."""
    result = []
    for before, letter in zip(" " + name, name, strict=False):
        if letter.isupper() and (before.islower() or before.isdigit()):
            result.append("-")
        result.append(letter.lower())
    return "".join(result)

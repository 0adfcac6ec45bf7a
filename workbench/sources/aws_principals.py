"""Principals that AWS logs other than CloudTrail name by their ARN alone."""

from __future__ import annotations

from workbench.model.event import Identity, IdentityKind, KindReason
from workbench.sources import parts
from workbench.sources.aws_cloudtrail.arns import read_arn
from workbench.sources.aws_cloudtrail.identity import who
from workbench.sources.interning import remembered

_ASSUMED = ":assumed-role/"

Principal = tuple[Identity | None, KindReason]
"""A principal, and what stands behind it."""


@remembered()
def principal(arn: str) -> Principal:
    """Read a principal's ARN as CloudTrail's ``userIdentity.arn`` is read, so that the identities agree.

    An ARN alone tells a person from a machine in no case but that of an instance's session name.

    Args:
        arn: ARN of a user, a role session or an account's root.
    """
    parts_of_arn = read_arn(arn)
    element = {"arn": arn, "accountId": parts_of_arn.account if parts_of_arn else None}
    if _ASSUMED in arn:
        element["type"] = "AssumedRole"
    found = who(element, from_console=False, signed_in=False)
    return found.identity, found.kind


def service_principal(name: str, reason: str) -> Principal:
    """Return a service of AWS as a principal.

    Args:
        name: How the record names it.
        reason: The field that says that it is a service.
    """
    return parts.identity(name), parts.kind(IdentityKind.SERVICE, reason)

"""Names of Azure resources: ``/subscriptions/ID/resourceGroups/NAME/providers/PROVIDER/TYPE/NAME/…``, in any case."""

from __future__ import annotations

from typing import NamedTuple

from workbench.sources.interning import Remembered


class ArmId(NamedTuple):
    """The parts of a resource id.

    Attributes:
        type: Provider and types in lower case (``microsoft.storage:storageaccounts/fileservices``); ``None`` if the id
            names no provider.
        subscription: The subscription's id, if the resource is in one.
        tenant: The directory's id, if the id begins with it.
    """

    type: str | None
    subscription: str | None
    tenant: str | None


def _read(name: str) -> ArmId:
    parts = name.strip("/").split("/")
    lowered = [part.casefold() for part in parts]
    subscription = parts[1] if len(parts) > 1 and lowered[0] == "subscriptions" else None
    tenant = parts[1] if len(parts) > 1 and lowered[0] == "tenants" else None
    kind = None
    # A resource of another provider can hang on a resource: the last provider names the kind.
    at = max((index for index, part in enumerate(lowered) if part == "providers"), default=-1)
    if at >= 0 and at + 2 < len(parts):
        kind = f"{lowered[at + 1]}:{'/'.join(lowered[at + 2 :: 2])}"
    elif at < 0 and "resourcegroups" in lowered and len(parts) == 4:
        kind = "microsoft.resources:resourcegroups"
    elif at < 0 and subscription and len(parts) == 2:
        kind = "microsoft.resources:subscriptions"
    return ArmId(kind, subscription, tenant)


ARM_IDS: Remembered[str, ArmId] = Remembered(_read)
"""Resource ids, read and remembered."""

"""Values that hold a colon and are so common in logs that they may be typed without field and quotes.

``tyme:2023`` must be refused as an unknown field, because as a free word it would find nothing and seem to
answer; ``arn:aws:iam::1:user/ci`` must not. The line between the two is drawn here, on the side of refusing:
what is refused can be quoted.
"""

from __future__ import annotations

import re

from workbench.search import fields

_SCHEMES = frozenset({"arn", "urn", "system", "md5", "sha1", "sha256", "sha512"})
"""What stands before the first colon of ARNs, URNs, Kubernetes' own users (``system:serviceaccount:…``),
digests."""

_HEX_GROUPS = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f*]{0,4})+(?:[/%][\w.*]*)?")
"""IPv6 addresses, whole or begun, and MAC addresses."""

_UNIQUE_ID = re.compile(r"[A-Z0-9]{16,}")
"""AWS unique ids, which stand before the session name in a principal id: ``AROA…:session``.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""

_SERVICE = re.compile(r"[a-z][a-z0-9-]*")
_ACTION = re.compile(r"[A-Z][A-Za-z0-9]*(?:[A-Z]|\*)[A-Za-z0-9*]*")
"""IAM actions with their service, ``s3:GetObject``, ``s3:Get*``. Those of one word (``kms:Sign``) look like
any ``name:Alice`` and so are left to quotes."""


def is_value(name: str, rest: str) -> bool:
    """Tell whether ``name:rest``, where ``name`` is no field, is a value rather than a mistyped field.

    Args:
        name: What stands before the first colon: a letter or underscore, then letters, digits, ``_``, ``.``,
            ``-``.
        rest: What stands after it, not empty.
    """
    whole = f"{name}:{rest}"
    if (
        name.casefold() in _SCHEMES
        or "::" in whole
        or rest.startswith("//")
        or (len(name) == 1 and rest[0] in "\\/")
        or _UNIQUE_ID.fullmatch(name)
        or _HEX_GROUPS.fullmatch(whole)
    ):
        return True
    if fields.nearest(name)[1]:
        return False
    return bool(_SERVICE.fullmatch(name) and _ACTION.fullmatch(rest))

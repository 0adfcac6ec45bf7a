"""Which credentials an event hands out, which further keys it presents, and what its log entry keeps back.

Response elements: AWS STS, IAM, EC2 and EC2 Instance Connect API references. The public half of a key is named, never
its secret.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping

from workbench.clock import to_micros
from workbench.model.event import Credential, Issued
from workbench.sources.aws_cloudtrail.access_keys import credential_of
from workbench.sources.interning import remembered
from workbench.sources.paths import folded, has_any
from workbench.sources.times import read_time

_MOST = 50
"""Credentials of one event that are listed; AWS hands out one or two at a time."""

_DEPTH = 4
_LONGEST_ID = 256
_LONGEST_TIME = 40

_ACCESS_KEY = "accesskeyid"
_OTHER_KEYS = {
    "servicespecificcredentialid": "aws service specific credential",
    "keypairid": "ec2 key pair",
}
_ISSUED = frozenset({_ACCESS_KEY, *_OTHER_KEYS})
"""Names of response elements that identify what was handed out, folded."""

_SUBJECT, _ASSERTION = frozenset({"subjectfromwebidentitytoken"}), frozenset({"samlassertionid"})

_EXPIRATIONS = ("%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M:%S %p")
"""How CloudTrail writes the expiration of temporary credentials; its times are UTC (user guide, "record contents")."""

HIDDEN = ("HIDDEN_DUE_TO_SECURITY_REASONS", "Value hidden due to security reasons.")
"""What CloudTrail writes in place of values that it keeps back."""


def issued_by(action: str, request: object, response: object) -> tuple[Issued, ...]:
    """Return the credentials that a successful operation handed out.

    Args:
        action: ``eventName`` without version suffix.
        request: ``requestParameters``, decoded.
        response: ``responseElements``, decoded.
    """
    if action == "SendSSHPublicKey" and isinstance(request, Mapping):
        key = ssh_fingerprint(folded(request).get("sshpublickey"))
        return (Issued(Credential("ssh key", key)),) if key else ()
    if not isinstance(response, Mapping):
        return ()
    found = list(_in_response(response, 0))
    if not found:
        return ()
    to, to_id = _holder(folded(response))
    return tuple(dict.fromkeys(Issued(credential, to, expires, to_id) for credential, expires in found))[
        :_MOST
    ]


def keys_used(request: object, response: object) -> tuple[Credential, ...]:
    """Return the assertions by which the caller proved itself: a token's subject, a SAML assertion's id."""
    found = []
    for kind, part, names in (("jwt subject", response, _SUBJECT), ("saml assertion", request, _ASSERTION)):
        if not isinstance(part, Mapping) or not has_any(part, names):
            continue
        (name,) = names
        value = folded(part)[name]
        if isinstance(value, str) and 0 < len(value) <= 8 * _LONGEST_ID:
            found.append(Credential(kind, value))
    return tuple(found)


def sign_in_session(arn: str, created: str, *, one_key: bool) -> Credential | None:
    """Return the key of a sign-in session: one console session presents many access keys, but one creation time.

    Args:
        arn: The ARN of the user or of the role session.
        created: ``sessionContext.attributes.creationDate``.
        one_key: Whether it is a session that presents one access key only, which names it already.
    """
    return Credential("aws sign-in session", f"{arn} {created}") if arn and created and not one_key else None


def ssh_fingerprint(public_key: object) -> str | None:
    """Return the fingerprint of an OpenSSH public key as sshd logs it: base64 of the SHA-256 of its blob (ssh-keygen(1))."""
    if not isinstance(public_key, str):
        return None
    words = public_key.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error, ValueError):
        return None
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def withheld_from(parts: Mapping[str, object]) -> tuple[str, ...]:
    """Return the fields whose values the log keeps back, each as ``path: what stands there``."""
    found: dict[str, None] = {}
    stack = list(parts.items())
    while stack and len(found) < _MOST:
        path, value = stack.pop()
        if isinstance(value, str):
            if value in HIDDEN:
                found[f"{path}: {value}"] = None
        elif isinstance(value, dict):
            if value.get("omitted") is True:
                found[f"{path}: omitted because of its size"] = None
            stack += ((f"{path}.{key}"[:_LONGEST_ID], inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list):
            stack += ((path, inner) for inner in reversed(value))
    return tuple(found)


_HOLDERS = (
    ("assumedroleuser", "arn", "assumedroleid"),
    ("federateduser", "arn", "federateduserid"),
    ("accesskey", "username", None),
)


def _holder(response: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return who can use what was handed out, as the response names them, and their unique id."""
    for key, name, unique in _HOLDERS:
        part = response.get(key)
        if isinstance(part, Mapping):
            own = folded(part)
            holder = own.get(name)
            if isinstance(holder, str) and holder:
                return holder, None if unique is None else _id(own.get(unique))
    return None, None


def _in_response(part: object, depth: int) -> Iterator[tuple[Credential, int | None]]:
    if depth > _DEPTH:
        return
    if isinstance(part, list):
        for item in part[:_MOST]:
            yield from _in_response(item, depth + 1)
    elif isinstance(part, dict):
        if has_any(part, _ISSUED):
            own = folded(part)
            if key_id := _id(own.get(_ACCESS_KEY)):
                yield credential_of(key_id), _expiry(own.get("expiration"))
            for name, kind in _OTHER_KEYS.items():
                if native_id := _id(own.get(name)):
                    yield Credential(kind, native_id), None
        for value in part.values():
            if isinstance(value, list | dict):
                yield from _in_response(value, depth + 1)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value not in HIDDEN else None


def _expiry(value: object) -> int | None:
    return _expiration(value) if isinstance(value, str) and len(value) <= _LONGEST_TIME else None


@remembered(1024)
def _expiration(text: str) -> int | None:
    for form in _EXPIRATIONS:
        with contextlib.suppress(ValueError):
            return to_micros(dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC))
    return read_time(text, "expiration", zone_assumed=True).micros

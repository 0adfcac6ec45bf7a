"""The credentials that Entra's logs, and the logs of what its tokens did, name alike.

A sign-in is one request to Entra, and the token that it issues carries that request's id in its ``uti`` claim. Logs
write it in three ways: as the request id (a GUID), as base64 of the GUID's text (48 characters, seen up to 2022), and
as base64url of the GUID's sixteen bytes in the order Windows keeps them in memory (22 characters, seen since). All
three were checked against published records that hold the request id beside the token id.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid

from workbench.model.event import Credential
from workbench.sources.interning import Remembered, interned

TOKEN = "entra token"
SESSION = "entra session"
APPLICATION_KEY = "entra application key"
FEDERATED_CREDENTIAL = "entra federated credential"
CERTIFICATE = "entra certificate thumbprint"
CLIENT = "oauth client"
FEDERATED_SUBJECT = "jwt subject"

_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", re.ASCII)
_SHORT = 22
_LONG = 48


def guid(text: str | None) -> str | None:
    """Return a GUID in lower case, whose case makes no difference (RFC 9562 section 4); ``None`` if it is none."""
    return text.lower() if text and _GUID.fullmatch(text) else None


def request_id_of(token_id: str) -> str | None:
    """Return the id of the sign-in request that issued a token, ``None`` if the token's id is not of a known form.

    Args:
        token_id: ``uniqueTokenIdentifier``, ``signInActivityId``, the claim ``uti``: in any of its three forms.
    """
    if len(token_id) == _SHORT:
        try:
            data = base64.b64decode(token_id + "==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        # Four bits of the last character belong to no byte. Where they are set nobody encoded a GUID.
        if base64.urlsafe_b64encode(data).rstrip(b"=") != token_id.encode("ascii"):
            return None
        return str(uuid.UUID(bytes_le=data))
    if len(token_id) == _LONG:
        try:
            return guid(base64.b64decode(token_id, validate=True).decode("ascii"))
        except (binascii.Error, ValueError):
            return None
    return guid(token_id)


def _token(token_id: str) -> tuple[Credential, ...]:
    request = request_id_of(token_id)
    first = guid(token_id) or token_id
    ids = dict.fromkeys((first, request or first))
    return tuple(interned(Credential(TOKEN, each), each) for each in ids)


_TOKENS: Remembered[str, tuple[Credential, ...]] = Remembered(_token)


def token(token_id: str | None) -> tuple[Credential, ...]:
    """Return a token by its id as the record has it, followed by the id of its request where that can be derived.

    Two records name one token if they have either in common, whatever form each of them uses.

    Args:
        token_id: The token's id in any form; nothing if the record holds none.
    """
    return _TOKENS[token_id] if token_id else ()


def known(what: str, native_id: str | None) -> tuple[Credential, ...]:
    """Return a credential by its public identifier, GUIDs in lower case; nothing if the record holds none."""
    if not native_id:
        return ()
    native_id = guid(native_id) or native_id
    return (interned(Credential(what, native_id), native_id),)

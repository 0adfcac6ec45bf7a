"""Masking of secret material in the text of records, for everything that shows or exports them.

Records hold live secrets: the ``responseElements`` of AWS STS carry whole session tokens. The bytes kept as
evidence are never changed; what a screen or an export shows passes through here.
"""

from __future__ import annotations

import re

_ENDINGS = tuple(
    name.encode()
    for name in (
        *("sessiontoken", "session_token", "securitytoken", "security-token", "security_token"),
        *("accesstoken", "access_token", "refreshtoken", "refresh_token", "idtoken", "id_token"),
        *("authtoken", "auth_token", "authorizationtoken", "bearertoken", "oauthtoken", "webidentitytoken"),
        *("signintoken", "tokenvalue", "devicecode", "samlassertion", "x-amz-signature"),
        *("secretaccesskey", "secret_access_key", "secretkey", "secret_key", "secretstring", "secretbinary"),
        *("secretvalue", "secrethash", "clientsecret", "client_secret", "apikeyvalue"),
        *("privatekey", "private_key", "keymaterial", "plaintext", "plaintextkey"),
        *("password", "passwd", "passphrase", "base32stringseed", "qrcodepng"),
    )
)
"""Ends of the names of secrets, in lower case. What stands before (``masterUserPassword``) makes no difference."""

_TELLTALES = tuple(
    name.encode()
    for name in (
        *("token", "secret", "passw", "passphrase", "private", "keymaterial", "plaintext", "devicecode"),
        *("samlassertion", "x-amz-signature", "apikeyvalue", "base32stringseed", "qrcodepng"),
        *("sig=", '"sig"', '"sig\\'),
    )
)
"""Parts of which every name above holds one: most records hold none and are done after a glance."""

_WHOLE = frozenset({b"token", b"secret", b"sig"})
"""Names that are secret only as a whole: ``nextToken`` and ``clientToken`` are not. ``sig`` signs a URL of Azure Storage."""

_NO_SECRETS = frozenset({b"subjectfromwebidentitytoken"})
"""Names that end like those of secrets and hold none: the subject that a token names is not the token (AWS STS API)."""

_SPACE = rb"(?:\s|\\+[nrt])*"
_KEY = re.compile(
    rb'"(?P<second>"?)(?P<name>(?:[^"\\]|\\+u[0-9A-Fa-f]{4}){1,80})(?P<slashes>\\*)"(?P=second)'
    + _SPACE
    + rb":"
    + _SPACE
)
_ASSIGNMENT = re.compile(rb'(?<=[{,\s?&])(?P<name>[\w.-]{1,64})=(?P<value>[^\s,{}\[\]&"\\]+)')
_QUOTES = {b"": re.compile(rb'(?P<slashes>\\*)"'), b'"': re.compile(rb'(?P<slashes>\\*)""?')}
"""A quote with what escapes it, plain and doubled as in a CSV cell."""
_NUMBER = re.compile(rb"-?[0-9][0-9eE+.-]*")
_COMMA = re.compile(_SPACE + rb"," + _SPACE)
_OPEN = re.compile(rb"\[" + _SPACE)
_ESCAPED = re.compile(rb"\\+u00([0-7][0-9A-Fa-f])")

_MARKED = "‹masked".encode()
_HIDDEN = re.compile(
    rb"HIDDEN_DUE_TO_SECURITY_REASONS|Value hidden due to security reasons\.|REDACTED|\**|null|"
    + "‹masked, [0-9,]+ characters?›".encode()
)
"""Values from which the source, or this module, has already taken the secret, and empty ones."""


def mask(data: bytes) -> tuple[bytes, int]:
    r"""Replace the values of secret-bearing keys by a visible marker.

    Found are keys of JSON, of JSON written into a string of JSON to any depth (``\"sessionToken\":\"…\"``), of JSON
    in a CSV cell (quotes doubled), and assignments in struct text and in URLs (``sessiontoken=…``). A value counts
    as a secret because of the name it stands under: a secret in free text or under an unknown name is not found,
    and an object is not a secret as a whole.

    Args:
        data: Text in UTF-8, whole records; it need not be valid JSON. A value that is cut off is masked to the end.

    Returns:
        The text with each secret replaced by ``‹masked, N characters›``, every other byte as it was, and how many
        were replaced.
    """
    lowered = data.lower()
    if b"\\u" not in lowered and not any(telltale in lowered for telltale in _TELLTALES):
        return data, 0
    pieces: list[bytes] = []
    at = count = search_from = 0
    while (key := _KEY.search(data, search_from)) is not None:
        search_from = key.start() + 1
        if not _is_secret(key["name"]) or not _slashes_agree(data, key):
            continue
        for start, end in _values(data, key):
            search_from = end
            if _HIDDEN.fullmatch(data, start, end):
                continue
            pieces += (data[at:start], _marker(data[start:end]))
            at = end
            count += 1
    masked, more = _mask_assignments(b"".join((*pieces, data[at:])) if count else data)
    return masked, count + more


def masked_value(name: str, value: str | None) -> str | None:
    """Return the JSON text of a value with the secrets in it masked, those also that only its name gives away.

    Args:
        name: The name or path that it stands under.
        value: JSON text; ``None`` stays.
    """
    if value is None:
        return None
    head = (
        b'{"'
        + name.rpartition(".")[2].replace('"', "").replace("\\", "")[-80:].encode("utf-8", "replace")
        + b'":'
    )
    masked, _ = mask(head + value.encode("utf-8", "replace") + b"}")
    return masked[len(head) : -1].decode("utf-8", "replace")


def names_a_secret(name: str) -> bool:
    """Tell whether values that stand under a name are masked."""
    return _is_secret(name.rpartition(".")[2].encode("utf-8", "replace"))


def _is_secret(name: bytes) -> bool:
    if b"\\" in name:
        name = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), name)
    name = name.strip().lower()
    return (name.endswith(_ENDINGS) and name not in _NO_SECRETS) or name in _WHOLE


def _slashes_agree(data: bytes, key: re.Match[bytes]) -> bool:
    """Tell whether the quotes on both sides of a name are escaped alike, so that they belong together."""
    start, length = key.start(), len(key["slashes"])
    return data[max(0, start - length) : start] == key["slashes"] and data[: start - length][-1:] != b"\\"


def _values(data: bytes, key: re.Match[bytes]) -> list[tuple[int, int]]:
    """Return the ranges of the text or number after a key, or of those in the array after it."""
    opening = key["slashes"] + b'"' + key["second"]
    at = key.end()
    bracket = _OPEN.match(data, at)
    if bracket is None:
        value = _value(data, at, opening)
        return [] if value is None else [value[0]]
    values: list[tuple[int, int]] = []
    at = bracket.end()
    while (value := _value(data, at, opening)) is not None:
        values.append(value[0])
        comma = _COMMA.match(data, value[1])
        if comma is None:
            break
        at = comma.end()
    return values


def _value(data: bytes, at: int, opening: bytes) -> tuple[tuple[int, int], int] | None:
    """Return the range of a text or number and where it ends with its quotes; ``None`` for anything else."""
    if not data.startswith(opening, at):
        number = _NUMBER.match(data, at)
        return None if number is None else ((at, number.end()), number.end())
    start = at + len(opening)
    quotes = opening.lstrip(b"\\")
    depth_slashes = len(opening) - len(quotes)
    # A quote at this depth has 2^depth - 1 backslashes; escaped ones, and a backslash before the end, add
    # multiples of 2^(depth + 1) or of half of it.
    cycle = 2 * (depth_slashes + 1)
    for run in _QUOTES[quotes[1:]].finditer(data, start):
        slashes = len(run["slashes"])
        if slashes % cycle == depth_slashes:
            end = run.end("slashes") - depth_slashes
            return (start, end), end + len(opening)
    return (start, len(data)), len(data)


def _mask_assignments(data: bytes) -> tuple[bytes, int]:
    if b"=" not in data:
        return data, 0
    count = 0

    def replaced(match: re.Match[bytes]) -> bytes:
        nonlocal count
        value = match["value"]
        if not _is_secret(match["name"]) or value.startswith(_MARKED) or _HIDDEN.fullmatch(value):
            return match[0]
        count += 1
        return match["name"] + b"=" + _marker(value)

    return _ASSIGNMENT.sub(replaced, data), count


def _marker(secret: bytes) -> bytes:
    length = len(secret.decode("utf-8", "replace"))
    return f"‹masked, {length:,} character{'' if length == 1 else 's'}›".encode()

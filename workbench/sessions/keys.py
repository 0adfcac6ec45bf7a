"""Which keys make a session: by what the vendors say of them (log source notes, sections 2(c) and 3).

A *native session* key names one sign-in or one login; a *token* lives for minutes to hours and was issued once; a *lasting*
key is a secret that somebody keeps; a *context* key says something about the caller and makes no session.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from workbench.model.event import Credential


class KeyClass(enum.IntEnum):
    """What a key is to sessions; of several keys of one record the highest makes its session."""

    CONTEXT = 0
    LASTING = 1
    TOKEN = 2
    SESSION = 3
    DECISIVE = 4
    """A token that acts by itself even where a session id stands beside it."""


class Method(NamedTuple):
    """How sessions by a kind of key are called, and by which rule such a key joins its issue to its use.

    Attributes:
        key_class: What it is to sessions.
        words: What sessions by it are called.
        rule: Name of the rule that joins issue and use.
        why: Why an equal value proves that the same credential was meant.
        birth: What would show where the key came from.
        counted: Whether a server counts these ids, so that another server, or the same after a restart, gives them again.
        chosen: Whether the caller chooses the key, so that anybody can hand out anybody's.
        held: Whether issue and use name the holder in one form: a key made for one and presented by another is then
            no proof (Entra lets whoever adds a key choose its id; a foreign issuer of Kubernetes tokens chooses its own).
    """

    key_class: KeyClass
    words: str
    rule: str
    why: str
    birth: str
    counted: bool = False
    chosen: bool = False
    held: bool = False


SIGN_IN = "aws sign-in session"
AWS_PRINCIPAL = "aws principal"
"""The ARN under which another system knows who presents a key of AWS."""
KEY_ACCOUNT = "gcp account of the key"
"""The service account that a key belongs to by its own name, where another one acts."""

_SAME_KEY = "the issuer makes each of these ids once, and both records hold it"


def _method(
    key_class: KeyClass,
    words: str,
    rule: str,
    birth: str,
    why: str = _SAME_KEY,
    *,
    counted: bool = False,
    chosen: bool = False,
    held: bool = False,
) -> Method:
    return Method(key_class, words, rule, why, birth, counted, chosen, held)


METHODS: dict[str, Method] = {
    "aws sign-in session": _method(
        KeyClass.SESSION, "console sign-in", "aws-sign-in",
        "the ConsoleLogin event: CloudTrail of the region and account in which the sign-in was made",
    ),
    "aws temporary key": _method(
        KeyClass.TOKEN, "temporary key", "aws-key",
        "the STS event that issued the key: CloudTrail of every region and of the account whose principal asked for it",
        "AWS STS makes each access key id once, and both records hold it",
    ),
    "aws access key": _method(
        KeyClass.LASTING, "long-term key", "aws-key",
        "the CreateAccessKey event, or the IAM credential report, which gives the day the key was made",
        "IAM makes each access key id once, and both records hold it",
    ),
    "aws credential": _method(
        KeyClass.LASTING, "AWS credential", "aws-key", "CloudTrail of the account that issued the credential"
    ),
    "identity center credential": _method(
        KeyClass.TOKEN, "Identity Center session", "aws-identity-center", "IAM Identity Center sign-in events"
    ),
    "okta session": _method(
        KeyClass.SESSION, "Okta session", "okta-session", "the user.session.start event (System Log, up to 90 days)",
    ),
    "okta root session": _method(
        KeyClass.CONTEXT, "Okta root session", "okta-root-session", "the user.session.start event"
    ),
    "okta device session": _method(
        KeyClass.CONTEXT, "Okta device session", "okta-device-session", "the user.session.start event"
    ),
    "okta api token": _method(
        KeyClass.DECISIVE, "Okta API token", "okta-token", "the system.api_token.create event",
        "Okta makes each token id once: the token named as created is the one presented",
    ),
    "okta oauth token": _method(
        KeyClass.TOKEN, "Okta OAuth token", "okta-oauth-token", "the app.oauth2 token grant event"
    ),
    "entra session": _method(
        KeyClass.SESSION, "Entra session", "entra-session", "the interactive sign-in row of this session id (SID)",
    ),
    "entra token": _method(
        KeyClass.TOKEN, "Entra token", "entra-token",
        "the sign-in row of this token: non-interactive, service principal and managed identity sign-ins are separate exports",
        "Entra makes each token id (UTI) once: the sign-in and the use name the same token",
    ),
    "entra application key": _method(
        KeyClass.LASTING, "application credential", "entra-app-key",
        "the audit event that added the credential to the application or service principal",
        "the KeyIdentifier of the added credential is the one the sign-in presented", held=True,
    ),
    "kubernetes credential": _method(
        KeyClass.TOKEN, "Kubernetes token", "k8s-token",
        "the serviceaccounts/token request with its issued-credential-id (Kubernetes 1.30 and later)",
        "the API server makes each credential id once: issue and use name the same token", held=True,
    ),
    "github workflow run": _method(
        KeyClass.SESSION, "workflow run", "github-run", "the workflows.created_workflow_run event",
        "GitHub numbers each workflow run once", counted=True,
    ),
    "github token": _method(
        KeyClass.LASTING, "GitHub token", "github-token",
        "the event that created the token (personal_access_token, oauth_authorization)",
        "the hash of the token is the same on both records",
    ),
    "github token id": _method(
        KeyClass.LASTING, "GitHub token", "github-token", "the event that created the token",
        "GitHub numbers each token once, and both records hold the number", counted=True,
    ),
    "gitlab token": _method(
        KeyClass.LASTING, "GitLab token", "gitlab-token", "the event that created the token",
        "a GitLab server numbers each token once, and both records hold the number", counted=True,
    ),
    "linux session": _method(
        KeyClass.SESSION, "linux session", "linux-session", "the LOGIN record of the host's audit log",
        "the kernel counts the sessions of a host from one start to the next", counted=True,
    ),
    "logind session": _method(
        KeyClass.SESSION, "logind session", "logind-session", "the New session message of the host's log",
        "logind counts the sessions of a host from one start to the next", counted=True,
    ),
    "vault accessor": _method(
        KeyClass.TOKEN, "Vault token", "vault-accessor",
        "the login response of this accessor, in the log of the same audit device",
        "one audit device hashes one accessor to one value: equal values in its log are one token",
    ),
    "vault token hash": _method(KeyClass.CONTEXT, "Vault token", "vault-token", "the login response of this token"),
    "gcp service account key": _method(
        KeyClass.LASTING, "service account key", "gcp-key", "the CreateServiceAccountKey event, or the key's validAfterTime",
        "Google makes each key id once for an account: the key created is the one presented",
    ),
    "ssh key": _method(
        KeyClass.LASTING, "SSH key", "ssh-key",
        "whatever put the public key on the host: SendSSHPublicKey, authorized_keys, a directory",
        "the fingerprint is the SHA-256 of the public key itself: both records mean the same key", chosen=True,
    ),
}  # fmt: skip

_CONTEXT = frozenset(
    {
        "oauth client", "jwt subject", "saml assertion", "aws source identity", "external identity", "kubernetes pod",
        "kubernetes service account uid", "github app installation", "ssh certificate authority", "vault lease",
        "x509 certificate serial", "entra certificate thumbprint", "workspace consumer key", "ec2 key pair",
        "linux session of an unnamed host", "linux session of a boot", "federated subject", AWS_PRINCIPAL, KEY_ACCOUNT,
    }
)  # fmt: skip


def method_of(kind: str) -> Method:
    """Return what a kind of key is to sessions. Kinds that mapping files name are judged by their last word."""
    known = METHODS.get(kind)
    if known is not None:
        return known
    if kind in _CONTEXT:
        key_class = KeyClass.CONTEXT
    elif kind.endswith(" session"):
        key_class = KeyClass.SESSION
    elif kind.endswith((" token", " accessor")):
        key_class = KeyClass.TOKEN
    else:
        key_class = KeyClass.LASTING
    rule = kind.replace(" ", "-")
    return Method(key_class, kind, rule, _SAME_KEY, f"the event that issued this {kind}")


_SAYS_NOTHING = re.compile(
    r"[\W_]*(?:|null|none|nil|unknown|undefined|empty|n/?a|(?:redacted|masked|hidden|removed|scrubbed|omitted)(?:[\W_].*)?"
    r"|value hidden.*)[\W_]*",
    re.IGNORECASE | re.DOTALL,
)
_ONE_LETTER = re.compile(r"[\W_]*([^\W_])(?:[\W_]|\1)*")
"""A text of one letter or digit, however often, and of joints."""

_MASKED = re.compile(r"([xX*#•.])\1{7}")
_LONG_ENOUGH = 8
_OF_NOTHING = frozenset(
    {
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",  # SHA-256 of the empty text
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw",  # the nil UUID as text
    }
)


_LABEL = re.compile(r"(?:JTI=|X509SHA256=|SHA256:|hmac-sha256:)")


@functools.lru_cache(maxsize=1 << 17)
def names_nothing(native_id: str) -> bool:
    """Tell whether a text stands where a key's id should, yet names none.

    Logs write nil UUIDs, the hash of an empty text or a word; who cleans a log before handing it on writes the same mask
    over many keys. Two records that hold one of these have nothing in common. AWS documents its access keys with ids that
    end in ``EXAMPLE``, which cleaned logs use in place of real ones.
    """
    if "=" in native_id or ":" in native_id:
        native_id = _LABEL.sub("", native_id, count=1)
    only = _ONE_LETTER.fullmatch(native_id)
    letters = 0 if only is None else native_id.count(only[1])
    return (
        _SAYS_NOTHING.fullmatch(native_id) is not None
        or (only is not None and only[1] == "0" and letters == 1)
        or letters >= _LONG_ENOUGH
        or _MASKED.search(native_id) is not None
        or native_id.rstrip("=") in _OF_NOTHING
        or (native_id.endswith("EXAMPLE") and native_id.startswith(("AKIA", "ASIA")))
    )


PARTING = "parted by client and pauses (inferred)"
"""What is said beside the membership of such a session: the key is the same, that its uses are one session or two is a guess."""


def parted(anchor: Credential | None) -> bool:
    """Whether the uses of a key are parted into sessions, by client (address and agent) and by their pauses.

    It is kept for long and names no session itself. Nothing shows that two clients are two sessions, nor that one is one.
    """
    return anchor is not None and method_of(anchor.type).key_class in (KeyClass.LASTING, KeyClass.DECISIVE)


def anchor_of(presented: Iterable[Credential]) -> Credential | None:
    """Return the key that makes the session of a record, ``None`` if it presents none that could.

    Of several of one class the first by name: records that present the same keys have one anchor, in whatever order they
    name them, and so has a token that is named in two forms.

    Args:
        presented: Its keys.
    """
    fitting = [
        (-key_class, key.type, key.native_id, key)
        for key in presented
        if (key_class := method_of(key.type).key_class) is not KeyClass.CONTEXT
        and not names_nothing(key.native_id)
    ]
    return min(fitting)[3] if fitting else None

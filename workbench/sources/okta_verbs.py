"""What kind of act an Okta event type names.

The event types are those of Okta's catalogue (developer.okta.com, reference, event types): names in dots whose last word
is the act. Most follow from that word; those whose word misleads, and those that hand out access, are listed.
"""

from __future__ import annotations

from typing import NamedTuple

from workbench.model.event import Verb
from workbench.sources.interning import Remembered


class OktaAct(NamedTuple):
    """What an event type stands for, and the rule that says so."""

    verb: Verb
    rule: str
    tampers_logging: bool


_OVERRIDES: dict[str, tuple[Verb, str]] = {
    "system.api_token.create": (Verb.ISSUE_CREDENTIAL, "creates an API token"),
    "system.api_token.request_outside_allowed_range": (
        Verb.AUTHENTICATE,
        "an API token from a forbidden place",
    ),
    "app.oauth2.credentials.lifecycle.create": (Verb.ISSUE_CREDENTIAL, "adds a client secret or key"),
    "app.oauth2.credentials.lifecycle.activate": (Verb.ISSUE_CREDENTIAL, "adds a client secret or key"),
    "app.keys.generate": (Verb.ISSUE_CREDENTIAL, "makes a signing key"),
    "app.keys.clone": (Verb.ISSUE_CREDENTIAL, "makes a signing key"),
    "app.keys.rotate": (Verb.ISSUE_CREDENTIAL, "makes a signing key"),
    "app.oauth2.signon": (Verb.AUTHENTICATE, "sign-in to an application"),
    "app.oauth2.token.grant.vaulted_secret": (Verb.READ_SECRET, "hands out a stored secret"),
    "app.oauth2.invalid_client_credentials": (Verb.AUTHENTICATE, "a client with wrong credentials"),
    "app.generic.unauth_app_access_attempt": (Verb.AUTHENTICATE, "access to an application refused"),
    "policy.evaluate_sign_on": (Verb.AUTHENTICATE, "a sign-in is judged"),
    "application.policy.sign_on.deny_access": (Verb.AUTHENTICATE, "a sign-in is refused"),
    "user.mfa.factor.activate": (Verb.ISSUE_CREDENTIAL, "enrols a factor"),
    "user.credential.enroll": (Verb.ISSUE_CREDENTIAL, "enrols a credential"),
    "credential.register": (Verb.ISSUE_CREDENTIAL, "enrols a credential"),
    "user.account.unlock_token": (Verb.ISSUE_CREDENTIAL, "issues a recovery token"),
    "user.mfa.okta_verify": (Verb.AUTHENTICATE, "a second factor"),
    "user.mfa.okta_verify.deny_push": (Verb.AUTHENTICATE, "a second factor"),
    "user.mfa.attempt_bypass": (Verb.AUTHENTICATE, "a second factor"),
    "user.session.impersonation.grant": (Verb.DELEGATE, "lets support act as a user"),
    "user.session.impersonation.extend": (Verb.DELEGATE, "lets support act as a user"),
    "user.session.impersonation.revoke": (Verb.DELETE, "ends the right to act as a user"),
    "system.directory.debugger.query_executed": (Verb.READ, "reads a directory"),
    "logout": (Verb.AUTHENTICATE, "sign-out"),
}

_PARTS: tuple[tuple[str, Verb, str], ...] = (
    # Looked for anywhere in the name, in this order.
    ("rate_limit", Verb.OTHER, "reports a rate limit"),
    (".token.grant", Verb.ISSUE_CREDENTIAL, "grants a token"),
    (".authorize.implicit", Verb.ISSUE_CREDENTIAL, "grants a token"),
    (".token.detect_reuse", Verb.AUTHENTICATE, "a refresh token used twice"),
    (".token.revoke", Verb.DELETE, "revokes a token"),
    (".consent.revoke", Verb.DELETE, "revokes a consent"),
    (".consent.grant", Verb.DELEGATE, "grants a consent"),
    (".oauth2.authorize", Verb.AUTHENTICATE, "an authorization request"),
    (".oauth2.as.authorize", Verb.AUTHENTICATE, "an authorization request"),
    ("user.session.", Verb.AUTHENTICATE, "a session"),
    ("user.device_session.", Verb.AUTHENTICATE, "a session"),
    ("user.authentication.", Verb.AUTHENTICATE, "a sign-in"),
    ("system.email.", Verb.OTHER, "a message"),
    ("system.sms.", Verb.OTHER, "a message"),
    ("system.voice.", Verb.OTHER, "a message"),
    ("system.push.", Verb.OTHER, "a message"),
    ("security.", Verb.OTHER, "a finding of Okta"),
    ("user.risk.", Verb.OTHER, "a finding of Okta"),
)
_GRANTING = (
    # What these create or change decides who may do what.
    "policy.lifecycle.",
    "policy.rule.",
    "application.policy.",
    "app.policy.",
    "system.idp.lifecycle.",
    "group.user_membership.",
    "application.user_membership.",
    "group.application_assignment.",
    "iam.",
    "oauth2.as.",
    "app.oauth2.trusted_server.",
    "app.interclient_mapping.",
)
_GRANTS = frozenset(
    {
        "add",
        "create",
        "created",
        "activate",
        "activated",
        "update",
        "updated",
        "provision",
        "approve",
        "restore",
    }
)
_LOGGING = ("log_stream", "execution_history", "event_hook", "hook.event")
_WEAKENS = frozenset(
    {"deactivate", "deactivated", "delete", "deleted", "update", "updated", "remove", "removed", "disable"}
)

_WORDS: dict[str, Verb] = {
    **dict.fromkeys(
        ("create", "created", "add", "added", "activate", "activated", "enable", "enroll", "register"),
        Verb.CREATE,
    ),
    **dict.fromkeys(("generate", "reactivate", "restore"), Verb.CREATE),
    **dict.fromkeys(
        ("update", "updated", "change", "changed", "reset", "rename", "renamed", "move"), Verb.UPDATE
    ),
    **dict.fromkeys(("rotate", "rollover", "suspend", "unsuspend", "lock", "unlock", "expire"), Verb.UPDATE),
    **dict.fromkeys(("push", "pushed", "sync", "write", "save", "renew", "preference"), Verb.UPDATE),
    **dict.fromkeys(
        ("delete", "deleted", "remove", "removed", "revoke", "revoked", "deactivate", "deactivated"),
        Verb.DELETE,
    ),
    **dict.fromkeys(("disable", "disabled", "deprovision", "unassign", "clear", "purge"), Verb.DELETE),
    **dict.fromkeys(("grant", "assign", "authorize", "approve"), Verb.DELEGATE),
    **dict.fromkeys(("view", "read", "download", "export", "search"), Verb.READ),
    **dict.fromkeys(("issue",), Verb.ISSUE_CREDENTIAL),
    **dict.fromkeys(
        ("auth", "authentication", "authenticate", "login", "logout", "signon"), Verb.AUTHENTICATE
    ),
    **dict.fromkeys(("run", "execute", "invoke"), Verb.EXECUTE),
    **dict.fromkeys(("notification", "warning", "violation", "notify"), Verb.OTHER),
}
_SECRET_READS = frozenset({"show_password", "read_client_secret", "reveal"})
_PROGRESS = frozenset(
    {"start", "started", "end", "complete", "completed", "initiated", "success", "failed", "failure", "error"}
)
"""Last words that say how far an act has come: the word before them is looked at too."""


def _read(event_type: str) -> OktaAct:
    before, _, last = event_type.lower().rpartition(".")
    verb, rule = _verb(event_type.lower(), before, last)
    tampers = last in _WEAKENS and any(mark in before for mark in _LOGGING)
    return OktaAct(verb, rule, tampers)


def _verb(name: str, before: str, last: str) -> tuple[Verb, str]:
    if name in _OVERRIDES:
        verb, why = _OVERRIDES[name]
        return verb, f"override: {why}"
    if last in _SECRET_READS:
        return Verb.READ_SECRET, f"last word: {last}"
    if last == "grant" and before.endswith(".privilege"):
        return Verb.DELEGATE, "privilege.grant"
    for part, verb, why in _PARTS:
        if part in name:
            return verb, f"name holds {part}: {why}"
    if last in _GRANTS and name.startswith(_GRANTING):
        return Verb.DELEGATE, f"last word: {last}, of what grants access"
    words = [last] if last not in _PROGRESS else [last, before.rpartition(".")[2]]
    for word in words:
        for candidate in (word, word.partition("_")[0]):
            if candidate in _WORDS:
                return _WORDS[candidate], f"last word: {candidate}"
    return Verb.UNCLASSIFIED, "no rule"


OKTA_ACTS: Remembered[str, OktaAct] = Remembered(_read)
"""The act of each event type, remembered."""

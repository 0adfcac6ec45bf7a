"""What kind of act a GitLab audit event is.

The type (documentation: *Audit event types*) puts what was done at its beginning or its end
(``create_event_streaming_destination``, ``deploy_token_created``). Records without a type tell it by the keys of their
details: ``change``, ``add``, ``remove``, ``with``, ``failed_login``, or by a sentence in English.
"""

from __future__ import annotations

import re

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    "repository_git_operation git-upload-pack": (Verb.READ, "reads a repository"),
    "repository_git_operation git-upload-archive": (Verb.READ, "reads a repository"),
    "repository_git_operation git-receive-pack": (Verb.UPDATE, "writes to a repository"),
    "repository_download_operation": (Verb.READ, "reads a repository"),
    "variable_viewed_api": (Verb.READ_SECRET, "reads a variable of a pipeline"),
    "user_authorized_oauth_application": (Verb.ISSUE_CREDENTIAL, "lets an app act for a user"),
    "secure_ci_job_token_policies_updated": (Verb.DELEGATE, "sets what job tokens may do"),
    "user_impersonation": (Verb.AUTHENTICATE, "an administrator acts as a user"),
    "login": (Verb.AUTHENTICATE, "sign-in"),
    "failed_login": (Verb.AUTHENTICATE, "sign-in"),
}
_SIGN_IN = re.compile(r"authenticat(?:ed|ion)_with|login|signed_in|sign_in|\bSigned in\b", re.ASCII)
_CREDENTIAL = re.compile(
    r"(?:access|deploy|agent|trigger|feed|runner|impersonation)_?token|(?:ssh|deploy|gpg)_key|ssh_certificate"
)
_GRANT = re.compile(
    r"(?:^|_)members?(?:_|$)|member_role|user_access|group_link|share_with_group|protected_(?:branch|tag|environment)_.*access"
)
_RECORDING = re.compile(
    r"event_streaming_destination|audit_events_streaming|namespace_filter|event_type_filters|google_cloud_logging_configuration"
    r"|amazon_s3_configuration|(?:^|_)audit_event"
)
_WORDS = {
    word: verb
    for verb, words in (
        (Verb.CREATE, "create created creates add added adds issued registered create_failed uploaded forked"),
        (Verb.DELETE, "delete deleted deletes destroy destroyed remove removed removes revoke revoked unregistered"),
        (Verb.UPDATE, "update updated change changed changes set enabled disabled archived unarchived renamed rotated"),
        (Verb.UPDATE, "protected unprotected approved unapproved merged blocked unblocked banned unbanned transferred"),
        (Verb.UPDATE, "activated deactivated restored marked reset"),
        (Verb.READ, "viewed accessed downloaded exported export read"),
    )
    for word in words.split()
}  # fmt: skip
_MAKING = frozenset({Verb.CREATE, Verb.UPDATE})


@remembered(4096)
def decide(action: str) -> tuple[Verb, str, bool]:
    """Decide what kind of act an event is.

    Args:
        action: The event's type, or what stands for it.

    Returns:
        The verb, the rule, and whether the act weakens the recording of what happens.
    """
    override = _OVERRIDES.get(action)
    if override is not None:
        return override[0], f"override: {override[1]}", False
    if _SIGN_IN.search(action):
        return Verb.AUTHENTICATE, "override: sign-in", False
    word = _word(action)
    verb = Verb.UNCLASSIFIED if word is None else _WORDS[word]
    tampers = _RECORDING.search(action) is not None and verb in (Verb.DELETE, Verb.UPDATE)
    folded = action.lower().replace(" ", "_")
    if verb in _MAKING and _CREDENTIAL.search(folded) and word not in _NOT_ISSUING:
        return Verb.ISSUE_CREDENTIAL, "override: makes a credential", tampers
    if verb in _MAKING and _GRANT.search(folded):
        return Verb.DELEGATE, "override: gives access", tampers
    return verb, "no rule" if word is None else f"word: {word}", tampers


_NOT_ISSUING = frozenset(
    [
        "update",
        "updated",
        "change",
        "changed",
        "changes",
        "set",
        "enabled",
        "disabled",
        "protected",
        "unprotected",
    ]
)


def _word(action: str) -> str | None:
    """Return the word that says what was done: the last of the type, or the first, or a word inside it."""
    words = re.split(r"[_\s]+", action.lower())
    if words[-1] == "failed":
        words.pop()
    for word in (*words[-1:], *words[:1], *words[1:-1]):
        if word in _WORDS:
            return word
    return None

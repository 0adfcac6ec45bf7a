"""What kind of act a GitHub audit event is.

The documentation (*Audit log events for your organization*) names an event ``category.operation``. Overrides come
first, then ``operation_type``, the log's own word, then the operation's first word. Words that do not tell stay unclassified.
"""

from __future__ import annotations

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    "git.clone": (Verb.READ, "reads a repository"),
    "git.fetch": (Verb.READ, "reads a repository"),
    "git.push": (Verb.UPDATE, "writes to a repository"),
    "repo.download_zip": (Verb.READ, "reads a repository"),
    "repo.access": (Verb.UPDATE, "changes a repository's visibility"),
    "user.login": (Verb.AUTHENTICATE, "sign-in"),
    "user.failed_login": (Verb.AUTHENTICATE, "sign-in"),
    "user.logout": (Verb.AUTHENTICATE, "sign-out"),
    "org.sso_response": (Verb.AUTHENTICATE, "sign-in through the identity provider"),
    "business.sso_response": (Verb.AUTHENTICATE, "sign-in through the identity provider"),
    "personal_access_token.create": (Verb.ISSUE_CREDENTIAL, "creates a token"),
    "personal_access_token.access_granted": (Verb.ISSUE_CREDENTIAL, "lets a token in"),
    "personal_access_token.credential_regenerated": (Verb.ISSUE_CREDENTIAL, "renews a token"),
    "oauth_access.create": (Verb.ISSUE_CREDENTIAL, "creates a token"),
    "oauth_access.regenerate": (Verb.ISSUE_CREDENTIAL, "renews a token"),
    "oauth_authorization.create": (Verb.ISSUE_CREDENTIAL, "lets an app act for a user"),
    "oauth_application.generate_client_secret": (Verb.ISSUE_CREDENTIAL, "creates a client secret"),
    "oauth_application.reset_secret": (Verb.ISSUE_CREDENTIAL, "renews a client secret"),
    "integration.generate_client_secret": (Verb.ISSUE_CREDENTIAL, "creates a client secret"),
    "integration_installation.create": (Verb.DELEGATE, "installs an app"),
    "integration_installation.repositories_added": (Verb.DELEGATE, "gives an app more repositories"),
    "integration_installation.version_updated": (Verb.DELEGATE, "accepts an app's new rights"),
    "org.oauth_app_access_approved": (Verb.DELEGATE, "lets an app in"),
    "org_credential_authorization.grant": (Verb.DELEGATE, "lets a credential in"),
    "public_key.create": (Verb.ISSUE_CREDENTIAL, "adds an SSH key"),
    "public_key.verify": (Verb.DELEGATE, "accepts an SSH key"),
    "gpg_key.create": (Verb.ISSUE_CREDENTIAL, "adds a signing key"),
    "repo.register_self_hosted_runner": (Verb.ISSUE_CREDENTIAL, "registers a runner"),
    "org.register_self_hosted_runner": (Verb.ISSUE_CREDENTIAL, "registers a runner"),
    "enterprise.register_self_hosted_runner": (Verb.ISSUE_CREDENTIAL, "registers a runner"),
    "workflows.created_workflow_run": (Verb.EXECUTE, "starts a workflow"),
    "workflows.rerun_workflow_run": (Verb.EXECUTE, "starts a workflow again"),
    "workflows.prepared_workflow_job": (Verb.EXECUTE, "starts a job"),
    "workflows.approve_workflow_job": (Verb.EXECUTE, "lets a job run"),
    "workflows.completed_workflow_run": (Verb.OTHER, "a workflow ended"),
    "workflows.cancel_workflow_run": (Verb.UPDATE, "stops a workflow"),
    "protected_branch.rejected_ref_update": (Verb.UPDATE, "tries to write to a protected branch"),
    "protected_branch.policy_override": (Verb.UPDATE, "writes past a branch protection"),
    "org.audit_log_export": (Verb.READ, "exports the audit log"),
    "org.audit_log_git_event_export": (Verb.READ, "exports the audit log"),
    "business.audit_log_export": (Verb.READ, "exports the audit log"),
    "business.audit_log_git_event_export": (Verb.READ, "exports the audit log"),
    "checks.delete_logs": (Verb.DELETE, "deletes the logs of a run"),
}

_MEMBERS = frozenset(
    {"org", "team", "business", "repo", "organization_moderators", "enterprise_team", "project"}
)
_GRANTS = frozenset(
    {"add_member", "invite_member", "update_member", "add_repository", "update_repository_permission", "add_user"}
    | {"add_admin", "invite_admin", "invite_user", "add_outside_collaborator", "update_permission", "add_organization"}
    | {"update_default_repository_permission", "add_billing_manager", "add_security_manager", "promote_maintainer"}
)  # fmt: skip

_TAMPERS = frozenset(
    {"audit_log_streaming.destroy", "audit_log_streaming.update", "checks.delete_logs"}
    | {"org.disable_source_ip_disclosure", "business.disable_source_ip_disclosure"}
    | {"workflows.delete_workflow_run", "repo.actions_log_retention_changed", "business.set_actions_retention_limit"}
)  # fmt: skip
"""Events after which less is recorded, or less is left of what was."""

_TYPES = {
    "create": Verb.CREATE,
    "access": Verb.READ,
    "modify": Verb.UPDATE,
    "remove": Verb.DELETE,
    "authentication": Verb.AUTHENTICATE,
    "transfer": Verb.UPDATE,
    "restore": Verb.UPDATE,
}
"""Values of ``operation_type``, in GitHub's search syntax for the audit log the ``operation`` qualifier."""

_WORDS = {
    word: verb
    for verb, words in (
        (Verb.CREATE, "create created add added invite fork publish upload"),
        (Verb.DELETE, "destroy delete deleted remove removed revoke cancel"),
        (
            Verb.UPDATE,
            "update updated change changed rename set enable enabled disable disabled transfer archived",
        ),
        (
            Verb.UPDATE,
            "unarchived restore merge modify clear reopen close block unblock suspend unsuspend lock unlock",
        ),
        (Verb.UPDATE, "resolve dismiss"),
        (Verb.READ, "access view read export download"),
    )
    for word in words.split()
}
_LAST_WORDS = {
    "enabled": Verb.UPDATE,
    "disabled": Verb.UPDATE,
    "updated": Verb.UPDATE,
    "removed": Verb.DELETE,
    "added": Verb.CREATE,
}
_METHODS = {"GET": Verb.READ, "HEAD": Verb.READ, "OPTIONS": Verb.READ, "DELETE": Verb.DELETE}


@remembered(4096)
def decide(action: str, operation_type: str, method: str) -> tuple[Verb, str, bool]:
    """Decide what kind of act an event is.

    Args:
        action: The event's name.
        operation_type: ``operation_type``; empty if the record has none.
        method: HTTP method of an ``api.request``; empty otherwise.

    Returns:
        The verb, the rule, and whether the act weakens the recording of what happens.
    """
    tampers = action in _TAMPERS
    if action == "api.request":
        if method in _METHODS:
            return _METHODS[method], f"request_method: {method}", False
        return Verb.UNCLASSIFIED, f"request_method: {method or 'none'}", False
    category, _, operation = action.rpartition(".")
    override = _OVERRIDES.get(action)
    if override is None and category in _MEMBERS and operation in _GRANTS:
        override = (Verb.DELEGATE, "gives access")
    if override is not None:
        return override[0], f"override: {override[1]}", tampers
    if operation_type in _TYPES:
        return _TYPES[operation_type], f"operation_type: {operation_type}", tampers
    words = operation.split("_")
    if words[0] in _WORDS:
        return _WORDS[words[0]], f"first word: {words[0]}", tampers
    if words[-1] in _LAST_WORDS:
        return _LAST_WORDS[words[-1]], f"last word: {words[-1]}", tampers
    return Verb.UNCLASSIFIED, "no rule", tampers

"""What kind of act an event of Google Workspace is, by its application, type and name (Reports API, "Activity events")."""

from __future__ import annotations

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_GRANTS = "override: grants access"
_ISSUES = "override: makes a credential"

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    name: (verb, rule)
    for verb, rule, names in (
        (
            Verb.AUTHENTICATE,
            "override: sign-in or sign-out",
            "login_success login_failure login_challenge login_verification logout reauth",
        ),
        (
            Verb.DELEGATE,
            _GRANTS,
            "grant_admin_privilege grant_delegated_admin_privileges assign_role add_privilege add_group_member "
            "authorize_api_client_access add_trusted_domains add_to_trusted_oauth2_apps change_calendar_acls "
            "create_email_monitor change_owner shared_drive_membership_change add_member add_user change_acl_permission",
        ),
        (Verb.ISSUE_CREDENTIAL, _ISSUES, "authorize generate_2sv_scratch_codes"),
        (
            Verb.DELETE,
            "override: takes access away",
            "revoke revoke_asp revoke_3lo_token revoke_admin_privilege",
        ),
        (
            Verb.READ,
            "override: exports data",
            "customer_takeout_succeeded customer_takeout_created customer_takeout_failed email_log_search",
        ),
        (Verb.OTHER, "override: mail was delivered", "delivery"),
    )
    for name in names.split()
}

_TYPES = {
    "acl_change": (Verb.DELEGATE, "type acl_change"),
    "account_warning": (Verb.OTHER, "type account_warning: Google's own finding"),
}

_FIRST: dict[str, Verb] = {
    word: verb
    for verb, words in (
        (Verb.READ, "view preview download print source list search access sync get query export email"),
        (Verb.CREATE, "create add upload insert copy import register"),
        (
            Verb.UPDATE,
            "edit change update rename move set toggle enable disable suspend unsuspend untrash undelete alter edit modify "
            "replace transfer reset reorder unenroll allow block approve enforce 2sv titanium password recovery",
        ),
        (Verb.DELETE, "delete remove trash wipe purge unassign"),
    )
    for word in words.split()
}
_LAST: dict[str, Verb] = {
    "created": Verb.CREATE,
    "added": Verb.CREATE,
    "updated": Verb.UPDATE,
    "changed": Verb.UPDATE,
    "edit": Verb.UPDATE,
    "change": Verb.UPDATE,
    "deleted": Verb.DELETE,
    "removed": Verb.DELETE,
}


@remembered(4096)
def verb_of(kind: str | None, name: str) -> tuple[Verb, str]:
    """Decide what kind of act an event is.

    Args:
        kind: The event's ``type``.
        name: The event's ``name``.

    Returns:
        The verb and the rule that decided it.
    """
    lowered = name.lower()
    override = _OVERRIDES.get(lowered) or _TYPES.get((kind or "").lower())
    if override is not None:
        return override
    words = lowered.split("_")
    if (verb := _FIRST.get(words[0])) is not None:
        return verb, f"first word: {words[0]}"
    if (verb := _LAST.get(words[-1])) is not None:
        return verb, f"last word: {words[-1]}"
    return Verb.UNCLASSIFIED, "no rule"

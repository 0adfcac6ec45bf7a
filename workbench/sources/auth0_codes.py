"""What the type codes of Auth0 tenant logs stand for (auth0.com/docs: log event type codes).

A code tells the act and how it ended; Auth0 has one code for a success and another for the failure.
"""

from __future__ import annotations

from typing import NamedTuple

from workbench.model.event import OutcomeStatus, Verb


class Code(NamedTuple):
    """What a code stands for."""

    verb: Verb
    status: OutcomeStatus


_SUCCESS, _DENIED, _FAILED = OutcomeStatus.SUCCESS, OutcomeStatus.DENIED, OutcomeStatus.FAILED
_UNKNOWN = OutcomeStatus.UNKNOWN

CODES: dict[str, Code] = {
    code: Code(verb, status)
    for verb, status, codes in (
        (
            Verb.AUTHENTICATE,
            _SUCCESS,
            "s ssa scoa sens slo ss_sso_success scv gd_auth_succeed gd_recovery_succeed",
        ),
        (Verb.AUTHENTICATE, _SUCCESS, "oidc_backchannel_logout_succeeded universal_logout_succeeded"),
        (Verb.AUTHENTICATE, _SUCCESS, "ciba_start_succeeded sd gd_auth_email_verification"),
        (Verb.AUTHENTICATE, _DENIED, "f fp fu fc fco fcoa fsa fens fcpr fdeac fdeaz fdecc fpar ferrt fd"),
        (
            Verb.AUTHENTICATE,
            _DENIED,
            "gd_auth_failed gd_auth_rejected gd_otp_rate_limit_exceed gd_recovery_failed",
        ),
        (Verb.AUTHENTICATE, _DENIED, "gd_recovery_rate_limit_exceed gd_webauthn_challenge_failed pwd_leak"),
        (
            Verb.AUTHENTICATE,
            _DENIED,
            "limit_wc limit_sul limit_mu limit_ui limit_delegation passkey_challenge_failed",
        ),
        (Verb.AUTHENTICATE, _DENIED, "ciba_start_failed gd_auth_fail_email_verification ss_sso_failure"),
        (Verb.AUTHENTICATE, _FAILED, "flo federated_logout_failed oidc_backchannel_logout_failed"),
        (Verb.AUTHENTICATE, _FAILED, "universal_logout_failed"),
        (Verb.AUTHENTICATE, _UNKNOWN, "w mfar pla gd_start_auth passkey_challenge_started ss_sso_info"),
        (
            Verb.ISSUE_CREDENTIAL,
            _SUCCESS,
            "seacft seccft sepft sertft sede seoobft seotpft sercft secte seta",
        ),
        (Verb.ISSUE_CREDENTIAL, _SUCCESS, "sepkoobft sepkotpft sepkrcft ciba_exchange_succeeded"),
        (Verb.ISSUE_CREDENTIAL, _SUCCESS, "idjag_exchange_succeeded gd_enrollment_complete"),
        (Verb.ISSUE_CREDENTIAL, _DENIED, "feacft feccft fepft fertft fede feoobft feotpft fercft fecte feta"),
        (Verb.ISSUE_CREDENTIAL, _DENIED, "fepotpft ciba_exchange_failed idjag_exchange_failed"),
        (Verb.ISSUE_CREDENTIAL, _DENIED, "jwt_bearer_exchange_failed"),
        (Verb.ISSUE_CREDENTIAL, _FAILED, "gd_start_enroll_failed gd_webauthn_enrollment_failed"),
        (Verb.ISSUE_CREDENTIAL, _FAILED, "passkey_register_failed too_many_records"),
        (Verb.ISSUE_CREDENTIAL, _UNKNOWN, "gd_start_enroll passkey_register_started"),
        (Verb.CREATE, _SUCCESS, "ss sui"),
        (Verb.CREATE, _DENIED, "fs signup_pwd_leak"),
        (Verb.CREATE, _FAILED, "fui"),
        (Verb.UPDATE, _SUCCESS, "scp sce scu scpn scph sv ublkdu gd_update_device_account gd_tenant_update"),
        (Verb.UPDATE, _SUCCESS, "sscim kms_key_management_success kms_key_state_changed"),
        (Verb.UPDATE, _SUCCESS, "my_account_authentication_method_succeeded"),
        (Verb.UPDATE, _DENIED, "reset_pwd_leak"),
        (Verb.UPDATE, _FAILED, "fcp fce fcu fcpn fcph fv kms_key_management_failure"),
        (Verb.UPDATE, _FAILED, "my_account_authentication_method_failed"),
        (
            Verb.OTHER,
            _SUCCESS,
            "scpr svr cls cs gd_send_email gd_send_email_verification gd_send_pn gd_send_sms",
        ),
        (Verb.OTHER, _SUCCESS, "gd_send_voice forms_submission_succeeded"),
        (
            Verb.OTHER,
            _FAILED,
            "fvr fn gd_send_email_verification_failure gd_send_pn_failure gd_send_sms_failure",
        ),
        (
            Verb.OTHER,
            _FAILED,
            "gd_send_voice_failure forms_submission_failed custom_domain_verification_failed",
        ),
        (Verb.OTHER, _DENIED, "api_limit"),
        (Verb.OTHER, _UNKNOWN, "api_limit_warning depnote wn wum appi acls_summary acul_sdk_notice"),
        (
            Verb.OTHER,
            _UNKNOWN,
            "rich_consents_access_error sys_os_update_start sys_os_update_end sys_update_start",
        ),
        (Verb.OTHER, _UNKNOWN, "sys_update_end fcpro fpurh"),
        (Verb.DELETE, _SUCCESS, "sdu srrt gd_unenroll gd_user_delete resource_cleanup"),
        (Verb.DELETE, _FAILED, "fdu"),
        (Verb.DELEGATE, _SUCCESS, "si organization_member_added"),
        (Verb.DELEGATE, _FAILED, "fi"),
        (Verb.EXECUTE, _SUCCESS, "flows_execution_completed"),
        (Verb.EXECUTE, _FAILED, "actions_execution_failed flows_execution_failed"),
        (Verb.UNCLASSIFIED, _SUCCESS, "sapi"),
        (Verb.UNCLASSIFIED, _FAILED, "fapi"),
        (Verb.READ, _SUCCESS, "mgmt_api_read"),
    )
    for code in codes.split()
}
"""Codes by what they stand for. Of ``sapi`` and ``fapi`` the request tells the act."""

API_CODES = frozenset({"sapi", "fapi", "mgmt_api_read"})
"""Codes of calls to the Management API."""

NO_USER_CODES = frozenset({"seccft", "feccft"})
"""Codes of the client credentials grant, in which no user takes part (RFC 6749 section 4.4)."""

INTERACTIVE_CODES = frozenset(
    {"s", "scoa", "sens", "gd_auth_succeed", "gd_recovery_succeed", "gd_enrollment_complete", "ss"}
)
"""Codes of a sign-in at which somebody answered a prompt."""

_METHODS = {
    "GET": Verb.READ,
    "HEAD": Verb.READ,
    "POST": Verb.CREATE,
    "PUT": Verb.UPDATE,
    "PATCH": Verb.UPDATE,
    "DELETE": Verb.DELETE,
}
_FIRST_WORDS = {
    "create": Verb.CREATE,
    "add": Verb.CREATE,
    "set": Verb.UPDATE,
    "update": Verb.UPDATE,
    "updates": Verb.UPDATE,
    "delete": Verb.DELETE,
    "remove": Verb.DELETE,
    "get": Verb.READ,
}
_GRANTING = ("roles", "permissions", "invitations", "members", "client-grants", "grants", "owners")
_CREDENTIALS = ("credentials", "rotate-secret", "rotate", "password-change", "device-credentials", "signing")


def api_verb(method: str | None, path: str | None, description: str | None) -> tuple[Verb, str]:
    """Tell what a call to the Management API does.

    Args:
        method: HTTP method as logged, any case.
        path: Path of the request.
        description: Auth0's own words for the call, looked at where there is no method.
    """
    last = [segment for segment in (path or "").lower().split("/") if segment][-2:]
    verb = _METHODS.get((method or "").upper())
    if verb is None:
        word = (description or "").lower().partition(" ")[0]
        if word in _FIRST_WORDS:
            return _FIRST_WORDS[word], f"first word of the description: {word}"
        return Verb.UNCLASSIFIED, "no method"
    if verb is Verb.CREATE:
        for segment in last:
            if segment in _CREDENTIALS:
                return Verb.ISSUE_CREDENTIAL, f"post to {segment}"
    if verb in (Verb.CREATE, Verb.UPDATE) and last:
        for segment in last:
            # Posting to /roles makes a role; posting to /users/ID/roles gives one.
            if segment in _GRANTING and (segment != "roles" or len((path or "").strip("/").split("/")) > 3):
                return Verb.DELEGATE, f"{(method or '').lower()} to {segment}"
    return verb, f"method {(method or '').lower()}"


def weakens_logging(method: str | None, path: str | None) -> bool:
    """Tell whether a call to the Management API changes or removes a log stream."""
    return (method or "").upper() in (
        "PATCH",
        "PUT",
        "DELETE",
    ) and "/log-streams/" in f"{path or ''}/".lower()

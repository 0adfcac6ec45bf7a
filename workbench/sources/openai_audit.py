"""OpenAI organisation audit log (``GET /v1/organization/audit_logs``).

Event types and their fields: OpenAI API reference, Administration, Audit logs. Details stand under the type's own name
(``"api_key.created": {…}``); exports write underscores for the dots. ``changes_requested`` holds the new values only.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.model.event import (
    Credential,
    Event,
    Identity,
    IdentityKind,
    Issued,
    KindReason,
    Outcome,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document, decoded, fold, member
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_LOG_TYPE = "OpenAI.Audit"
_API_KEY = "openai api key"
_CERTIFICATE = "openai certificate"

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    "api_key.created": (Verb.ISSUE_CREDENTIAL, "override: creates an API key"),
    "certificate.created": (
        Verb.ISSUE_CREDENTIAL,
        "override: uploads a certificate that clients may present",
    ),
    "certificates.activated": (Verb.ISSUE_CREDENTIAL, "override: lets certificates be presented"),
    "login.succeeded": (Verb.AUTHENTICATE, "override: sign-in"),
    "login.failed": (Verb.AUTHENTICATE, "override: sign-in"),
    "logout.succeeded": (Verb.AUTHENTICATE, "override: sign-out"),
    "logout.failed": (Verb.AUTHENTICATE, "override: sign-out"),
    "invite.sent": (Verb.DELEGATE, "override: invites a member"),
    "invite.accepted": (Verb.DELEGATE, "override: a member joins"),
    "user.added": (Verb.DELEGATE, "override: adds a member"),
    "user.updated": (Verb.DELEGATE, "override: changes a member's role"),
    "service_account.updated": (Verb.DELEGATE, "override: changes a service account's role"),
    "role.assignment.created": (Verb.DELEGATE, "override: grants a role"),
    "role.updated": (Verb.DELEGATE, "override: changes what a role may do"),
    "role.bound_to_resource": (Verb.DELEGATE, "override: grants a role"),
    "checkpoint.permission.created": (Verb.DELEGATE, "override: opens a model to a project"),
    "workload_identity_provider.created": (Verb.DELEGATE, "override: trusts an outside issuer"),
    "workload_identity_provider.updated": (Verb.DELEGATE, "override: changes which issuer is trusted"),
    "workload_identity_provider_mapping.created": (
        Verb.DELEGATE,
        "override: lets a workload act as a service account",
    ),
    "workload_identity_provider_mapping.updated": (
        Verb.DELEGATE,
        "override: lets a workload act as a service account",
    ),
    "scim.enabled": (Verb.DELEGATE, "override: lets a directory manage members"),
}
_LAST_WORD = {
    "created": Verb.CREATE,
    "added": Verb.CREATE,
    "registered": Verb.CREATE,
    "updated": Verb.UPDATE,
    "activated": Verb.UPDATE,
    "enabled": Verb.UPDATE,
    "deactivated": Verb.UPDATE,
    "disabled": Verb.UPDATE,
    "archived": Verb.UPDATE,
    "deleted": Verb.DELETE,
    "removed": Verb.DELETE,
    "unassigned": Verb.DELETE,
}
_CALL_LOGGING = "api_call_logging"
_CALLS_UNLOGGED = frozenset({"disabled", "enabled_per_call", "enabled_for_selected_projects"})
"""Settings of ``api_call_logging`` that leave calls of the API unrecorded."""

_MOST = 500
_TOO_MANY = f"more than {_MOST} resources or changes: the rest is in the record only"
_NOUNS = {"ip_allowlist.config": "ip_allowlist", "certificates": "certificate"}
"""Nouns of event types that name the things of another noun."""

_OWN_NAMES = ("id", "data", "changes_requested", "certificates", "configs")
"""Names of details that are read by themselves; what else stands there is what the object was given."""


class OpenAiReader(DocumentReader):
    """Reads audit events of an OpenAI organisation. The actor is a session of a person or an API key."""

    source = "openai.audit"
    version = 1
    title = "OpenAI audit log"
    needs = (
        "all pages of /v1/organization/audit_logs for the period, as JSON; logging must have been switched on"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"object", "effectiveat", "plogtype"})
    marks = only_with(plogtype=frozenset({fold(_LOG_TYPE)}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event."""
        fields = Document(document)
        if fields.value("object") == "organization.audit_log":
            return "object is organization.audit_log"
        if fields.value("p_log_type") == _LOG_TYPE:
            return f"p_log_type is {_LOG_TYPE}"
        if fields.has("effective_at") and fields.has("actor.session", "actor.api_key"):
            return "effective_at, and an actor with a session or an API key"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields = Document(document)
        action = fields.text("type") or ""
        details = _details(fields, action)
        time = parts.moment(fields, "effective_at", context)
        verb, rule = _verb(action)
        actor, kind, credential = _who(fields, action)
        resources = list(_resources(action, verb, details))
        changes = list(_changes(action, details))
        requested = details.text(f"changes_requested.{_CALL_LOGGING}")
        event = Event(
            time=time,
            act=parts.act("openai", action, verb, rule, tampers_logging=requested in _CALLS_UNLOGGED),
            identity=actor,
            kind=kind,
            credential=credential,
            address=parts.address(fields.text("actor.session.ip_address", "actor.api_key.ip_address")),
            user_agent=parts.user_agent(fields.text("actor.session.user_agent", "actor.api_key.user_agent")),
            outcome=_outcome(action, details),
            place=parts.place(fields.text("project.id"), tenant=fields.text("organization_id")),
            resources=tuple(resources[:_MOST]),
            native_id=fields.text("id"),
            particulars=parts.particulars(
                issued=tuple(_issued(action, details)), changes=tuple(changes[:_MOST])
            ),
            warnings=parts.warnings_of(
                time, (_TOO_MANY,) if max(len(resources), len(changes)) > _MOST else (), fields.odd
            ),
        )
        return Reading(event=event)


def _details(fields: Document, action: str) -> Document:
    """Return what the event holds about its own type, under the type's name with dots or underscores."""
    found = decoded(member(fields.data, action)) if action else None
    if not isinstance(found, dict):
        found = decoded(member(fields.data, action.replace(".", "_"))) if action else None
    details = Document(found if isinstance(found, dict) else {})
    details.odd = fields.odd
    return details


def _verb(action: str) -> tuple[Verb, str]:
    if action in _OVERRIDES:
        return _OVERRIDES[action]
    last = action.rpartition(".")[2]
    if last in _LAST_WORD:
        return _LAST_WORD[last], f"last word: {last}"
    return Verb.UNCLASSIFIED, "no rule"


def _who(fields: Document, action: str) -> tuple[Identity | None, KindReason, Credential | None]:
    """Tell the actor: of a key that belongs to a person, the person is named and the key acts."""
    if (fields.text("actor.type") or ("api_key" if fields.object_at("actor.api_key") else "")) == "api_key":
        user = fields.text("actor.api_key.user.id", "actor.api_key.service_account.id")
        who = parts.identity(user, fields.text("actor.api_key.user.email"), user)
        kind = parts.kind(IdentityKind.NONHUMAN, "actor.type is api_key")
        return who, kind, parts.credential(_API_KEY, fields.text("actor.api_key.id"))
    user = fields.text("actor.session.user.id")
    who = parts.identity(user, fields.text("actor.session.user.email"), user)
    if who is None:
        return None, parts.kind(IdentityKind.UNDECIDED, "no actor"), None
    if action == "login.failed":
        return who, parts.kind(IdentityKind.UNDECIDED, "the sign-in failed"), None
    return who, parts.kind(IdentityKind.HUMAN, "actor.type is session"), None


def _outcome(action: str, details: Document) -> Outcome:
    """Tell how it ended: only sign-in and sign-out have a type for failure, all other types record what was done."""
    if action.endswith(".failed"):
        status = OutcomeStatus.DENIED if action.startswith("login") else OutcomeStatus.FAILED
        return parts.outcome(status, details.text("error_code"))
    return parts.outcome(OutcomeStatus.SUCCESS if action else OutcomeStatus.UNKNOWN)


def _issued(action: str, details: Document) -> Iterator[Issued]:
    if action == "api_key.created":
        key = parts.credential(_API_KEY, details.text("id"))
        if key:
            yield Issued(key)
    elif action == "certificate.created":
        certificate = parts.credential(_CERTIFICATE, details.text("id"))
        if certificate:
            yield Issued(certificate)


def _resources(action: str, verb: Verb, details: Document) -> Iterator[Resource]:
    noun = action.rpartition(".")[0]
    kind = f"openai:{_NOUNS.get(noun, noun)}"
    target = details.text("id")
    # Of user and service_account events the id is that of the member who gets the role.
    member_acts = action.startswith(("user.", "service_account.")) and verb is Verb.DELEGATE
    if target:
        yield parts.resource(kind, target, ResourceRole.GRANTEE if member_acts else ResourceRole.TARGET)
    for each in (*details.objects_at("certificates"), *details.objects_at("configs"))[:_MOST]:
        name = Document(each).text("id", "name")
        if name:
            yield parts.resource(kind, name)
    principal = details.text("principal_id")
    if principal:
        yield parts.resource("openai:principal", principal, ResourceRole.GRANTEE)
    invited = details.text("data.email")
    if invited and action == "invite.sent":
        yield parts.resource("openai:user", invited, ResourceRole.GRANTEE)
    service_account = details.text("service_account_id", "data.service_account_id")
    if service_account:
        yield parts.resource("openai:service_account", service_account)
    for field in ("resource_id", "identity_provider_id", "project_id", "data.project_id"):
        scope = details.text(field)
        if scope and scope != target:
            yield parts.resource(f"openai:{field.rpartition('.')[2].removesuffix('_id')}", scope)


def _changes(action: str, details: Document) -> Iterator[StatedChange]:
    """Read the values that were asked for; of what is created or deleted, those it was given or had last."""
    last = action.rpartition(".")[2]
    for where in ("changes_requested", "data"):
        for field, value in list(details.object_at(where).items())[: _MOST + 1]:
            yield StatedChange(field, after=parts.stated(value))
    if last in ("created", "updated", "deleted"):
        for field, value in list(details.data.items())[: _MOST + 1]:
            if field not in _OWN_NAMES and isinstance(value, list):
                stated = parts.stated(value)
                yield (
                    StatedChange(field, before=stated)
                    if last == "deleted"
                    else StatedChange(field, after=stated)
                )

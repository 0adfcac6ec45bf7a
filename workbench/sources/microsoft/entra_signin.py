"""Microsoft Entra ID sign-in logs: interactive, non-interactive, of service principals, of managed identities.

The category says who signed in and how; no other field says it as well, and a service principal's row may come with
empty user fields as with none. The categories are separate exports: one that is missing hides everything those
identities did, most often that of the non-interactive and the non-human ones.
"""

from __future__ import annotations

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
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document, fold, names_of
from workbench.sources.microsoft import signin_results, tokens
from workbench.sources.microsoft.rows import lifted, marked, moment, taken_apart, tenant_of
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

INTERACTIVE = "SignInLogs"
NON_INTERACTIVE = "NonInteractiveUserSignInLogs"
SERVICE_PRINCIPAL = "ServicePrincipalSignInLogs"
MANAGED_IDENTITY = "ManagedIdentitySignInLogs"
_FIRST_PARTY = "MicrosoftServicePrincipalSignInLogs"
_ADFS = "ADFSSignInLogs"

_CATEGORIES = {
    **{
        fold(name): name
        for name in (INTERACTIVE, NON_INTERACTIVE, SERVICE_PRINCIPAL, MANAGED_IDENTITY, _FIRST_PARTY, _ADFS)
    },
    # Tables of Log Analytics
    "aadnoninteractiveusersigninlogs": NON_INTERACTIVE,
    "aadserviceprincipalsigninlogs": SERVICE_PRINCIPAL,
    "aadmanagedidentitysigninlogs": MANAGED_IDENTITY,
    "microsoftserviceprincipalsigninlogs": _FIRST_PARTY,
    # signInEventTypes of Microsoft Graph
    "interactiveuser": INTERACTIVE,
    "noninteractiveuser": NON_INTERACTIVE,
    "serviceprincipal": SERVICE_PRINCIPAL,
    "managedidentity": MANAGED_IDENTITY,
}
"""The four categories by every name that stands for one, folded."""

_MARKS = frozenset(name for name in _CATEGORIES if name.endswith("logs"))
_GRAPH = frozenset({"createddatetime", "appid", "conditionalaccessstatus"})
_PORTAL = frozenset({"date(utc)", "requestid", "resource"})
_PORTAL_WHO = frozenset({"username", "user", "userid", "serviceprincipalid"})
_NON_HUMAN = frozenset({SERVICE_PRINCIPAL, MANAGED_IDENTITY, _FIRST_PARTY})
_ACTION = "Sign-in activity"
_RULE = "override: sign-in"
_NONE = frozenset({"none", "notapplicable", "not applicable"})


class EntraSignInReader(DocumentReader):
    """Reads sign-ins. A successful one issues a token, whose id the logs of the resource carry."""

    source = "entra.signin"
    version = 2
    title = "Microsoft Entra ID sign-ins"
    needs = (
        "all four categories for the period: SignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs, "
        "ManagedIdentitySignInLogs, by diagnostic setting, Log Analytics, Microsoft Graph (beta, signInEventTypes) or "
        "as JSON from the portal; the portal keeps 7 or 30 days"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"category", "type", "createddatetime", "date(utc)"})
    marks = only_with(category=_MARKS, type=_MARKS)

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a sign-in."""
        names = names_of(document)
        mark = marked(document, names, _MARKS)
        if mark:
            return mark
        if names.keys() >= _GRAPH:
            return "createdDateTime, appId and conditionalAccessStatus, as Microsoft Graph writes a sign-in"
        if names.keys() >= _PORTAL and not names.keys().isdisjoint(_PORTAL_WHO):
            return "columns of the portal's export: Date (UTC), Request ID, Resource"
        return ""

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo the difference between a record with its envelope and one without."""
        return lifted(document)

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one sign-in."""
        fields, around = taken_apart(document)
        category = _category(fields, around)
        outcome = _outcome(fields, around)
        time = moment(
            context,
            ("createdDateTime", fields.value("createdDateTime", "Date (UTC)")),
            ("time", around.value("time", "TimeGenerated", "TimeGenerated [UTC]")),
        )
        who = _who(fields, category)
        client = fields.text("appId", "Application ID")
        presented = _presented(fields)
        session = tokens.known(tokens.SESSION, fields.text("sessionId"))
        issued: tuple[Issued, ...] = ()
        if outcome.status is OutcomeStatus.SUCCESS:
            to = who.canonical if who else None
            issued = tuple(Issued(each, to) for each in tokens.token(fields.text("uniqueTokenIdentifier")))
        request = fields.text("id", "Request ID")
        directory = tenant_of(fields, around)
        event = Event(
            time=time,
            act=parts.act("entra", _ACTION, Verb.AUTHENTICATE, _RULE, category),
            identity=who,
            kind=_kind(fields, category, outcome),
            credential=presented[0] if presented else None,
            address=parts.address(fields.text("ipAddress") or around.text("callerIpAddress")),
            user_agent=parts.user_agent(fields.text("userAgent")),
            outcome=outcome,
            place=parts.place(None, tenant=directory),
            resources=_resources(fields, directory),
            native_id=request,
            request_id=request,
            particulars=parts.particulars(
                used=(*presented[1:], *session, *tokens.known(tokens.CLIENT, client)),
                issued=issued,
                device=fields.text("deviceDetail.deviceId", "Device ID"),
                correlation_id=fields.text("correlationId") or around.text("correlationId"),
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _category(fields: Document, around: Document) -> str | None:
    """Name the category: as the export does, else by the fields that Microsoft Graph has instead.

    A row of the portal's CSV does not say whether a user's sign-in was interactive: the file's name does, and a name
    of a file is no record.
    """
    for value in (around.value("category"), around.value("Type"), *fields.texts_at("signInEventTypes")):
        if type(value) is str and (name := _CATEGORIES.get(fold(value))):
            return name
    if _given(fields.text("managedIdentity.msiType", "managedIdentityType", "Managed Identity type")):
        return MANAGED_IDENTITY
    if fields.has("servicePrincipalId") and not fields.has("userId", "userPrincipalName"):
        return SERVICE_PRINCIPAL
    interactive = fields.flag("isInteractive", "Interactive")
    if interactive is None:
        return None
    return INTERACTIVE if interactive else NON_INTERACTIVE


def _given(text: str | None) -> bool:
    return text is not None and text.casefold() not in _NONE


def _outcome(fields: Document, around: Document) -> Outcome:
    word = fields.value("status")
    code = fields.value("status.errorCode", "Sign-in error code")
    if word == "Interrupted":
        # The portal knows which codes are interrupts better than any list.
        return parts.outcome(OutcomeStatus.UNKNOWN, fields.text("Sign-in error code") or "Interrupted")
    found = signin_results.by_text(
        code,
        around.value("resultType"),
        word,
        around.value("resultSignature"),
    )
    return found or parts.outcome(OutcomeStatus.UNKNOWN)


def _who(fields: Document, category: str | None) -> Identity | None:
    """Return the identity: the category decides whether it is an application's own, not which fields are set."""
    principal = fields.text("servicePrincipalId")
    user = fields.text("userId")
    name = fields.text("userPrincipalName", "Username")
    if category in _NON_HUMAN or (category is None and principal and not (user or name)):
        title = fields.text("servicePrincipalName") or fields.text("appDisplayName")
        return parts.identity(principal, title, principal)
    return parts.identity(
        user, name or fields.text("userDisplayName", "User"), user, fields.text("homeTenantId")
    )


def _kind(fields: Document, category: str | None, outcome: Outcome) -> KindReason:
    if category in _NON_HUMAN:
        kind = IdentityKind.SERVICE if category == _FIRST_PARTY else IdentityKind.NONHUMAN
        return parts.kind(kind, f"category is {category}")
    if category is None:
        return parts.kind(
            IdentityKind.UNDECIDED, "the record does not say whether the sign-in was interactive"
        )
    if category == NON_INTERACTIVE:
        return parts.kind(
            IdentityKind.UNDECIDED, "a client signed in for a user account, without interaction"
        )
    if fields.flag("isInteractive", "Interactive") is False:
        return parts.kind(IdentityKind.UNDECIDED, f"category is {category}, but isInteractive is false")
    if fields.text("authenticationProtocol") == "ropc":
        return parts.kind(IdentityKind.UNDECIDED, "a client sent the password itself (ropc)")
    if outcome.status is not OutcomeStatus.SUCCESS:
        return parts.kind(IdentityKind.UNDECIDED, "an interactive sign-in that did not succeed")
    return parts.kind(IdentityKind.HUMAN, f"successful interactive sign-in (category {category})")


def _presented(fields: Document) -> tuple[Credential, ...]:
    """Return the credentials with which an application proved itself. Of users the log names none."""
    return (
        *tokens.known(tokens.APPLICATION_KEY, fields.text("servicePrincipalCredentialKeyId")),
        *tokens.known(tokens.FEDERATED_CREDENTIAL, fields.text("federatedCredentialId")),
        *tokens.known(tokens.CERTIFICATE, fields.text("servicePrincipalCredentialThumbprint")),
    )


def _resources(fields: Document, directory: str | None) -> tuple[Resource, ...]:
    """Return what was signed in to, where the managed identity lives, and other tenants that took part (signIn resource type)."""
    found = []
    # In Log Analytics ResourceId is the tenant's path and the application stands in ResourceIdentity.
    target = fields.text("ResourceIdentity", "resourceId")
    if target is None or target.startswith("/"):
        target = fields.text("resourceDisplayName", "Resource")
    if target:
        found.append(Resource("entra:application", target))
    home = fields.text("managedIdentity.associatedResourceId", "associatedResourceId")
    if home:
        found.append(Resource("azure:resource", home, ResourceRole.SOURCE))
    # In a log that does not name its own tenant, that of the user is the nearest there is.
    own = (directory or fields.text("homeTenantId") or "").casefold()
    for name, role in (("resourceTenantId", ResourceRole.TARGET), ("appOwnerTenantId", ResourceRole.SOURCE)):
        tenant = fields.text(name)
        if tenant and tenant.casefold() != own:
            found.append(Resource("entra:tenant", tenant, role))
    return tuple(dict.fromkeys(found))

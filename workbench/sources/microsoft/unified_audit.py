"""Microsoft 365 unified audit log: Exchange, SharePoint, OneDrive, Entra, Teams, Power BI and the rest.

All workloads share a common schema (Office 365 Management Activity API) and add fields of their own; types drift
(``RecordType`` is ``15``, ``"15"`` or a name; ``OperationProperties`` an array or its text). Searches and the portal
export CSV whose column ``AuditData`` holds the record: spreadsheets cut it off at 32,767 characters.

What the log leaves out: access to mail is recorded only with a licence, and not while it is throttled; records arrive
up to a day late; an export of exactly 5,000 or 50,000 rows was cut.
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.model.event import (
    Act,
    Credential,
    Event,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
)
from workbench.sources import parts
from workbench.sources.document import Document, decoded, names_of
from workbench.sources.microsoft import entra_verbs, signin_results, tokens, unified_objects
from workbench.sources.microsoft.modified import (
    added_credentials,
    named_values,
    read_modified,
    stated,
    text_of,
)
from workbench.sources.microsoft.rows import moment
from workbench.sources.microsoft.sharing import sharing_changes
from workbench.sources.microsoft.unified_verbs import VERBS, tampers
from workbench.sources.protocol import Context, DocumentReader, Reading

CUT_OFF = "AuditData is cut off or no JSON: only the columns beside it were read"

_API = frozenset({"creationtime", "operation"})
_API_MORE = frozenset({"recordtype", "workload", "userkey", "organizationid"})
_CSV = frozenset({"auditdata", "creationdate"})
_TABLE = frozenset({"officeworkload", "operation"})

_USER_TYPES = {
    "0": "regular",
    "2": "admin",
    "3": "dcadmin",
    "4": "system",
    "5": "application",
    "6": "serviceprincipal",
    "7": "custompolicy",
    "8": "systempolicy",
    "9": "partnertechnician",
    "10": "guest",
}
"""Numbers of the enumeration UserType, and the names that Log Analytics writes instead."""

_KINDS = {
    "dcadmin": IdentityKind.SERVICE,
    "system": IdentityKind.SERVICE,
    "custompolicy": IdentityKind.SERVICE,
    "systempolicy": IdentityKind.SERVICE,
    "application": IdentityKind.NONHUMAN,
    "serviceprincipal": IdentityKind.NONHUMAN,
}
_SYSTEM_SIDS = frozenset({"S-1-5-18", "S-1-5-19", "S-1-5-20"})
_PRINCIPAL = "ServicePrincipal_"

_RESULTS = {
    "succeeded": OutcomeStatus.SUCCESS,
    "success": OutcomeStatus.SUCCESS,
    "true": OutcomeStatus.SUCCESS,
    "partiallysucceeded": OutcomeStatus.SUCCESS,
    "failed": OutcomeStatus.FAILED,
    "failure": OutcomeStatus.FAILED,
    "false": OutcomeStatus.FAILED,
}


class UnifiedAuditReader(DocumentReader):
    """Reads records of every workload."""

    source = "m365.ual"
    version = 2
    title = "Microsoft 365 unified audit log"
    needs = (
        "all record types for the period, from the Management Activity API, Search-UnifiedAuditLog or the portal's "
        "export, in portions below 5,000 and 50,000 rows; kept 180 days, a year with an E5 licence"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"creationtime", "creationdate", "officeworkload"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a record of the unified log."""
        names = names_of(document).keys()
        if names >= _API and not names.isdisjoint(_API_MORE):
            return "CreationTime and Operation, with RecordType, Workload, UserKey or OrganizationId"
        if names >= _CSV:
            return "columns CreationDate and AuditData"
        if names >= _TABLE:
            return "OfficeWorkload and Operation (table OfficeActivity)"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one record."""
        fields = Document(document)
        names = names_of(document)

        def listed(name: str) -> list[dict[str, object]]:
            return fields.objects_at(name) if name.lower() in names else []

        time = moment(
            context,
            ("CreationTime", fields.value("CreationTime")),
            ("CreationDate", fields.value("CreationDate")),
            ("TimeGenerated", fields.value("TimeGenerated", "TimeGenerated [UTC]")),
        )
        operation = fields.text("Operation", "Operations") or ""
        extended = named_values(listed("ExtendedProperties"))
        more = named_values(listed("OperationProperties"))
        given = listed("Parameters")
        parameters = named_values(given)
        changed = read_modified(listed("ModifiedProperties"))
        act = _act(fields, operation, parameters)
        issued, doubts = added_credentials(
            changed, None, adding=entra_verbs.FOLDED[operation] in entra_verbs.ADDING_KEYS
        )
        resources, more_resources = unified_objects.resources_of(fields, act.verb, parameters)
        access = fields.within("AppAccessContext")
        device = named_values(listed("DeviceProperties"))
        presented, used = _credentials(fields, access, device)
        outcome = _outcome(fields, operation)
        remarks = [*doubts]
        if more_resources:
            remarks.append(unified_objects.CUT)
        if "auditdata" in names and type(decoded(fields.value("AuditData"))) is str:
            remarks.append(CUT_OFF)
        event = Event(
            time=time,
            act=act,
            identity=_who(fields, extended),
            kind=_kind(fields),
            credential=presented,
            address=parts.address(fields.text("ClientIP", "ClientIPAddress", "ActorIpAddress")),
            user_agent=parts.user_agent(_agent(fields, extended)),
            outcome=outcome,
            place=parts.place(None, tenant=fields.text("OrganizationId")),
            resources=resources,
            native_id=fields.text("Id", "OfficeId", "RecordId", "Identity"),
            # Of a sign-in: the request to Entra, and what it calls its correlation id.
            request_id=fields.text("IntraSystemId", "RequestId"),
            particulars=parts.particulars(
                used=used,
                issued=tuple(issued) if outcome.status is OutcomeStatus.SUCCESS else (),
                changes=stated(changed)
                + unified_objects.parameter_changes(given, act.verb)
                + sharing_changes(fields, operation),
                withheld=_withheld(more),
                on_behalf_of=unified_objects.on_behalf_of(fields),
                device=access.text("DeviceId") or text_of(device, "id"),
                correlation_id=fields.text("InterSystemsId")
                or access.text("CorrelationId")
                or fields.text("CorrelationId")
                or text_of(extended, "correlationid"),
            ),
            warnings=parts.warnings_of(time, fields.odd, remarks),
        )
        return Reading(event=event)


def _act(fields: Document, operation: str, parameters: Mapping[str, object]) -> Act:
    verb, rule = VERBS[operation]
    return parts.act(
        fields.text("Workload", "OfficeWorkload") or "m365",
        operation,
        verb,
        rule,
        fields.text("RecordType"),
        tampers_logging=tampers(operation, parameters),
    )


def _who(fields: Document, extended: Mapping[str, object]) -> Identity | None:
    """Return who acted: an application by its object id, a user by the name that all workloads have.

    Only some workloads add a user's object id, so that it cannot be what their records are told apart by.
    """
    name = fields.text("UserId", "UserIds")
    if name and name.startswith(_PRINCIPAL):
        native = tokens.guid(name[len(_PRINCIPAL) :])
        return parts.identity(native or name, text_of(extended, "actordisplayname") or name, native)
    key = fields.text("UserKey")
    # A sign-in's first actor is the user's object id; other records begin with a name.
    native = text_of(extended, "actorobjectid") or tokens.guid(key) or tokens.guid(fields.text("Actor.0.ID"))
    return parts.identity(name or key, name, native)


def _kind(fields: Document) -> KindReason:
    written = fields.text("UserType")
    if fields.text("UserId") in _SYSTEM_SIDS:
        return parts.kind(IdentityKind.SERVICE, "UserId is a well-known identifier of the system itself")
    if written is None:
        return parts.kind(IdentityKind.UNDECIDED, "no UserType")
    kind = _USER_TYPES.get(written, written.casefold())
    if kind in _KINDS:
        return parts.kind(_KINDS[kind], f"UserType is {written} ({kind})")
    if kind in _USER_TYPES.values():
        return parts.kind(
            IdentityKind.UNDECIDED, f"UserType is {written} ({kind}): an account, of whom is not said"
        )
    return parts.kind(IdentityKind.UNDECIDED, "UserType is of unknown meaning")


def _credentials(
    fields: Document, access: Document, device: Mapping[str, object]
) -> tuple[Credential | None, tuple[Credential, ...]]:
    """Return the token that was presented, and the session and client it belongs to."""
    token = tokens.token(access.text("UniqueTokenId"))
    session = access.text("AADSessionId") or fields.text("SessionId") or text_of(device, "sessionid")
    client = access.text("ClientAppId") or fields.text("ClientAppId", "AppId", "ApplicationId")
    used = (*token[1:], *tokens.known(tokens.SESSION, session), *tokens.known(tokens.CLIENT, client))
    return (token[0] if token else None), used


def _agent(fields: Document, extended: Mapping[str, object]) -> str | None:
    agent = fields.text("UserAgent") or text_of(extended, "useragent")
    if agent is None:
        details = decoded(extended.get("additionaldetails"))
        agent = Document(details).text("User-Agent") if isinstance(details, dict) else None
    return agent or fields.text("ClientInfoString")


def _outcome(fields: Document, operation: str) -> Outcome:
    """Return how it ended. SharePoint and Teams write no result: it is unknown.

    A failed sign-in is recorded as an operation of its own, some of them with the result ``Success``.
    """
    result = fields.text("ResultStatus")
    error = fields.text("ErrorNumber")
    if operation in ("UserLoginFailed", "UserLoggedIn") and error not in (None, "0"):
        found = signin_results.by_text(error)
        if found is not None:
            return found
    if operation == "UserLoginFailed":
        return parts.outcome(OutcomeStatus.DENIED, fields.text("LogonError") or operation)
    if result is None:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    return parts.outcome(_RESULTS.get(result.casefold(), OutcomeStatus.UNKNOWN), result)


def _withheld(properties: Mapping[str, object]) -> tuple[str, ...]:
    """Return what the record says the log leaves out: once a mailbox is throttled, access for the next day."""
    if str(properties.get("isthrottled")).casefold() != "true":
        return ()
    return ("OperationProperties.IsThrottled: True",)

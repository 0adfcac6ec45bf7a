"""Google Cloud audit logs: admin activity, data access, system events, policy denied.

An entry is a ``LogEntry`` whose ``protoPayload`` is an ``AuditLog`` (cloud.google.com, "Understanding audit logs"), or a
row of the tables that a log sink makes in BigQuery (``protopayload_auditlog``, ``requestJson``); no such row was at
hand. Entries of the Kubernetes API (service ``k8s.io``) belong to the reader of Kubernetes audit logs.

A long-running operation gives a first and a last entry under one operation id. A ``status`` without a code means success (code
0 is left out of JSON); no ``status`` at all says nothing, and neither does that of a first entry.
"""

from __future__ import annotations

from urllib.parse import unquote

from workbench.model.event import (
    Credential,
    Event,
    EventTime,
    IdentityKind,
    Issued,
    Outcome,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document
from workbench.sources.google import principals
from workbench.sources.google.cloud_changes import SSH_KEYS, Policy, changes_of, metadata_keys, policy_of
from workbench.sources.google.cloud_entry import MOST, PAYLOAD, Entry
from workbench.sources.google.cloud_verbs import tampers_logging, verb_of
from workbench.sources.interning import Remembered
from workbench.sources.k8s_audit.gke import is_gke
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

API_KEY = "gcp api key"
HMAC_KEY = "gcp hmac key"

_OWN = frozenset({"authenticationInfo", "authorizationInfo", "methodName", "serviceName"})
_AUDIT_LOG = "google.cloud.audit.AuditLog"
_LOG = "cloudaudit.googleapis.com/"
_TOO_MANY = f"only the first {MOST} resources are listed"

_CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"),
    *("UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
"""``google.rpc.Code`` by number."""

_STATUS = {
    "PERMISSION_DENIED": OutcomeStatus.DENIED,
    "UNAUTHENTICATED": OutcomeStatus.DENIED,
    "NOT_FOUND": OutcomeStatus.NOT_FOUND,
}
_MOST_PARAMETERS = 50
_ACT_AS = "iam.serviceAccounts.actAs"
_INVOCATION = "invocation-id/"


class CloudAuditReader(DocumentReader):
    """Reads entries of Google Cloud's audit logs."""

    source = "gcp.audit"
    version = 3
    title = "Google Cloud audit logs"
    needs = (
        "the logs cloudaudit.googleapis.com activity, data_access, system_event and policy of every project, folder and"
        " organisation; data access is off unless it was switched on (except BigQuery)"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"protopayload", "protopayloadauditlog"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an entry of an audit log."""
        fields = Document(document)
        payload = fields.within(*PAYLOAD)
        if not payload.data or is_gke(document) or fields.value("serviceName") == "k8s.io":
            return ""
        kind = payload.value("@type")
        if isinstance(kind, str):
            # Other payloads stand in the same place: the request log of App Engine.
            return f"protoPayload.@type is {_AUDIT_LOG}" if kind.endswith(_AUDIT_LOG) else ""
        name = next((name for name in sorted(_OWN) if payload.has(name)), None)
        return f"protoPayload with {name}" if name else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one entry."""
        entry = Entry(document)
        fields, payload, service, method = entry.fields, entry.payload, entry.service, entry.method
        time = _time(entry, context)
        log = _LOGS[fields.text("logName") or ""]
        operation = fields.within("operation")
        operation_id, last, split = None, False, False
        if operation.data:
            operation_id, last = operation.text("id"), bool(operation.flag("last"))
            split = operation_id is not None and bool(operation.flag("first")) is not last
        outcome = _outcome(entry, log.category, started=split and not last)
        done = outcome.status is OutcomeStatus.SUCCESS
        keys, policy, changes = _changes(entry, outcome)
        verb, rule = verb_of(
            service, method, entry.permissions[0].text("permissionType") if entry.permissions else None
        )
        if verb is Verb.UPDATE and not SSH_KEYS.isdisjoint(change.field for change in keys):
            verb, rule = Verb.DELEGATE, "override: sets SSH keys"
        actor = principals.who(payload.within("authenticationInfo"))
        kind = actor.kind
        if log.category == "system_event":
            kind = parts.kind(IdentityKind.SERVICE, "logName is system_event: Google's systems act")
        elif service == "login" and method.endswith("loginSuccess"):
            kind = parts.kind(IdentityKind.HUMAN, "methodName loginSuccess: this is the sign-in")
        agent = entry.client.text("callerSuppliedUserAgent")
        tampers = policy.audit or tampers_logging(service, method)
        event = Event(
            time=time,
            act=parts.act(service, method, verb, rule, log.category, tampers_logging=tampers),
            identity=actor.identity,
            kind=kind,
            credential=actor.credential,
            address=parts.address(entry.client.text("callerIp")),
            user_agent=parts.user_agent(agent),
            outcome=outcome,
            place=parts.place(
                entry.labels.text("project_id") or log.project,
                entry.labels.text("zone", "location", "region")
                or payload.text("resourceLocation.currentLocations.0"),
                log.organisation,
            ),
            resources=_resources(entry, verb, policy.grantees, actor.delegates),
            native_id=_native_id(fields, time),
            request_id=entry.client.text("requestAttributes.id"),
            shared_id=f"{operation_id} {method}" if split else None,
            particulars=parts.particulars(
                used=actor.used,
                issued=_issued(entry, context) if done or outcome.status is OutcomeStatus.UNKNOWN else (),
                changes=changes,
                withheld=actor.withheld,
                on_behalf_of=actor.on_behalf_of,
                device=entry.metadata.text("device_id") if entry.metadata.data else None,
                correlation_id=operation_id or _invocation(agent),
                stage=int(last) if split else None,
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _changes(
    entry: Entry, outcome: Outcome
) -> tuple[tuple[StatedChange, ...], Policy, tuple[StatedChange, ...]]:
    """Return what happened to metadata, to the policy, and all of it together.

    Of an act that was turned down it is what was asked for: the event's outcome makes an attempt of it.
    """
    told = outcome.status is not OutcomeStatus.UNKNOWN
    keys, policy = metadata_keys(entry), policy_of(entry, told=told)
    return keys, policy, (*policy.changes, *keys, *changes_of(entry, told=told))


def _time(entry: Entry, context: Context) -> EventTime:
    """Read when it happened: ``timestamp``, not ``receiveTimestamp``, which is when the log took it in.

    A fragment may have kept only the time at which the service received the request (AttributeContext reference).
    """
    fields, payload = entry.fields, entry.payload
    name, raw = "timestamp", fields.value("timestamp")
    if raw is None:
        name, raw = "protoPayload.timestamp", payload.value("timestamp")
    if raw is None:
        name, raw = "p_event_time", fields.value("p_event_time")
    if raw is None:
        name = "protoPayload.requestMetadata.requestAttributes.time"
        raw = payload.value("requestMetadata.requestAttributes.time")
    by = parts.utc_by(fields.data, raw) or parts.utc_by(payload.data, raw, "Google")
    return read_moment(raw, name if raw is not None else "timestamp", context, utc_by=by)


class _Log:
    """What a log's name says: ``projects/NAME/logs/cloudaudit.googleapis.com%2Factivity``."""

    def __init__(self, name: str) -> None:
        place, _, log = unquote(name).partition("/logs/")
        kind, _, owner = place.partition("/")
        self.project = owner if kind == "projects" and owner else None
        self.organisation = owner if kind == "organizations" and owner else None
        self.category = log.removeprefix(_LOG) if log.startswith(_LOG) else None


_LOGS: Remembered[str, _Log] = Remembered(_Log)


def _native_id(fields: Document, time: EventTime) -> str | None:
    """Name an entry by log, instant and ``insertId``, which are unique together (LogEntry reference)."""
    inserted = fields.text("insertId")
    if inserted is None:
        return None
    return " ".join((fields.text("logName") or "", str(time.micros or ""), inserted)).strip()


def _outcome(entry: Entry, category: str | None, *, started: bool) -> Outcome:
    status = entry.payload.value("status")
    if status is None and entry.metadata.data:
        status = entry.metadata.value("status")
    code = Document(status).number("code") if isinstance(status, dict) and status else None
    if code:
        name = _CODES[code] if 0 < code < len(_CODES) else str(code)
        return parts.outcome(_STATUS.get(name, OutcomeStatus.FAILED), name)
    granted = {each.flag("granted") for each in entry.permissions}
    if False in granted and True not in granted:
        return parts.outcome(OutcomeStatus.DENIED, "authorizationInfo.granted false")
    if category == "policy":
        # This log holds nothing else (Cloud Audit Logs overview, "Policy Denied audit logs").
        return parts.outcome(OutcomeStatus.DENIED, "policy denied log")
    if isinstance(status, dict) and not started:
        return parts.outcome(OutcomeStatus.SUCCESS)
    return parts.outcome(OutcomeStatus.UNKNOWN)


def _resources(
    entry: Entry, verb: Verb, grantees: tuple[Resource, ...], delegates: tuple[str, ...]
) -> tuple[Resource, ...]:
    """Return what was acted upon, first; then whatever else a permission was asked for, and to whom access was granted."""
    found: dict[str, Resource] = {}
    name = entry.text("resourceName")
    kind = entry.fields.text("resource.type")
    if name:
        role = ResourceRole.SECRET if verb is Verb.READ_SECRET else ResourceRole.TARGET
        found[name] = Resource(f"{entry.service}:{kind}" if kind else None, name, role)
    for permission in entry.permissions:
        asked = permission.text("resource")
        if asked and asked not in found:
            grants = permission.text("permission") == _ACT_AS
            role = ResourceRole.GRANTEE if grants else ResourceRole.TARGET
            found[asked] = Resource(permission.text("resourceAttributes.type"), asked, role)
    if entry.labels.data:
        # A service account has an address and a number, and other logs name it by either.
        for alias in (entry.labels.text("email_id"), entry.labels.text("unique_id")):
            if alias:
                found.setdefault(alias, Resource("iam:service_account", alias))
    if entry.metadata.data:
        destination = entry.metadata.text("destination")
        if destination:
            found.setdefault(destination, Resource(None, destination))
        for resource in _named_by_workspace(entry):
            found.setdefault(resource.name, resource)
    for delegate in delegates:
        found.setdefault(delegate, Resource("iam:delegate", delegate, ResourceRole.SOURCE))
    for grantee in grantees:
        found.setdefault(grantee.name, grantee)
    if len(found) > MOST:
        entry.fields.odd[_TOO_MANY] = None
    return tuple(found.values())[:MOST]


_WORKSPACE = {"USER_EMAIL": ResourceRole.GRANTEE, "GROUP_EMAIL": ResourceRole.TARGET}


def _named_by_workspace(entry: Entry) -> list[Resource]:
    """Return users and groups that an event of Google Workspace names, where it comes as an entry of a Cloud log."""
    if entry.service != "admin":
        return []
    found = []
    for event in entry.metadata.objects_at("event")[:_MOST_PARAMETERS]:
        for each in Document(event).objects_at("parameter")[:_MOST_PARAMETERS]:
            parameter = Document(each)
            name, value = parameter.text("name"), parameter.text("value")
            if name in _WORKSPACE and value:
                found.append(Resource(f"workspace:{name.lower()}", value, _WORKSPACE[name]))
    return found


def _issued(entry: Entry, context: Context) -> tuple[Issued, ...]:
    method, response = entry.method, entry.response
    if method.endswith(("CreateServiceAccountKey", "UploadServiceAccountKey")):
        name = response.text("name") or ""
        key = principals.key_id(name)
        if key is None:
            return ()
        account = name.partition("/serviceAccounts/")[2].partition("/")[0] or None
        raw = response.value("valid_before_time.seconds", "validBeforeTime", "valid_before_time")
        expires = read_moment(raw, "validBeforeTime", context).micros if raw is not None else None
        return (Issued(Credential(principals.SERVICE_ACCOUNT_KEY, key), account, expires),)
    if entry.service == "apikeys" and method.endswith("CreateKey"):
        key = response.text("uid") or principals.key_id(response.text("name") or "")
        return (Issued(Credential(API_KEY, key)),) if key else ()
    if entry.service == "storage" and method.endswith("hmacKeys.create"):
        key = response.text("metadata.accessId", "accessId")
        return (
            (Issued(Credential(HMAC_KEY, key), response.text("metadata.serviceAccountEmail")),) if key else ()
        )
    return ()


def _invocation(agent: str | None) -> str | None:
    """Return the id that gcloud puts into the user agent of all requests of one command; the caller can choose it."""
    if agent is None or _INVOCATION not in agent:
        return None
    return agent.partition(_INVOCATION)[2].partition(" ")[0] or None

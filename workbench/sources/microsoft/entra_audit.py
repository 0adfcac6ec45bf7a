"""Microsoft Entra ID audit log: changes to the directory.

One change yields several rows that share ``correlationId``, only some of them with the old values. The log holds no
reads to speak of, and no address for what a service did by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.model.event import (
    Act,
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
from workbench.sources.document import Document, names_of
from workbench.sources.microsoft import entra_verbs, tokens
from workbench.sources.microsoft.modified import (
    Modified,
    added_credentials,
    named_values,
    read_modified,
    stated,
    text_of,
)
from workbench.sources.microsoft.rows import lifted, marked, moment, taken_apart, tenant_of
from workbench.sources.protocol import Context, DocumentReader, Reading

MOST_RESOURCES = 500
CUT = f"more than {MOST_RESOURCES} targets: the rest is in the record"

_CATEGORY = "AuditLogs"
_MARKS = frozenset({"auditlogs"})
_OWN = ("initiatedby", "activitydatetime", "loggedbyservice", "activitydisplayname")
_FLATTENED = tuple(f"properties.{name}" for name in _OWN)
_PORTAL = frozenset({"date(utc)", "activity", "actortype"})
_PORTAL_TARGETS = range(1, 4)
_PORTAL_PROPERTIES = range(1, 6)
_PORTAL_DETAILS = range(1, 13)

_PRINCIPALS = frozenset({"user", "serviceprincipal", "group", "device"})
_NAMED = frozenset({"Role", "Group"})
"""Types of targets whose names say what they are: that of a role is nowhere else in what PIM records."""

_GRANTED_TO = (
    "add member",
    "add eligible member",
    "add scoped member",
    "add owner",
    "invite",
    "add registered",
)
"""Beginnings of activities in which the principals among the targets are given something."""

_GRANTEES = {
    "serviceprincipal.objectid": "entra:ServicePrincipal",
    "user.objectid": "entra:User",
    "group.objectid": "entra:Group",
}
"""Properties by which a grant of permissions names who gets them."""

_ROLES = frozenset({"role.objectid", "role.templateid"})

_RESULTS = {
    "success": OutcomeStatus.SUCCESS,
    "succeeded": OutcomeStatus.SUCCESS,
    "failure": OutcomeStatus.FAILED,
    "failed": OutcomeStatus.FAILED,
    "timeout": OutcomeStatus.UNKNOWN,
}


class EntraAuditReader(DocumentReader):
    """Reads changes to the directory, with old and new values and the keys that they added."""

    source = "entra.audit"
    version = 2
    title = "Microsoft Entra ID audit log"
    needs = (
        "the category AuditLogs for the period, by diagnostic setting, Log Analytics, Microsoft Graph "
        "(auditLogs/directoryAudits) or from the portal; the portal keeps 7 or 30 days"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"category", "type", "initiatedby", "activitydatetime", "actortype"})
    beside = frozenset({"initiatedby", "activitydatetime", "actortype", "properties", *_FLATTENED})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event."""
        names = names_of(document)
        if "activitydatetime" in names or "initiatedby" in names:
            if "loggedbyservice" in names or "activitydisplayname" in names:
                return "activityDateTime or initiatedBy, and loggedByService or activityDisplayName"
        elif names.keys() >= _PORTAL:
            return "columns of the portal's export: Date (UTC), Activity, ActorType"
        elif "properties" in names:
            inner = names_of(Document(document).object_at("properties"))
            if sum(name in inner for name in _OWN) > 1:
                return "properties with activityDateTime, initiatedBy, loggedByService"
            resource = Document(document).text("resourceId") or ""
            if "microsoft.aadiam" in resource.lower():
                return marked(document, names, _MARKS)
        elif sum(name in names for name in _FLATTENED) > 1:
            return "properties.activityDateTime, .initiatedBy, .loggedByService"
        return ""

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo the difference between a record with its envelope and one without."""
        return lifted(document)

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields, around = taken_apart(document)
        # Most collectors set operationName to the activity; where the two differ the activity is the finer one.
        action = fields.text("activityDisplayName", "Activity") or around.text("operationName") or ""
        verb, rule = entra_verbs.verb_of(action, fields.text("operationType", "AADOperationType"))
        time = moment(
            context,
            ("activityDateTime", fields.value("activityDateTime", "Date (UTC)")),
            ("time", around.value("time", "TimeGenerated", "TimeGenerated [UTC]")),
        )
        who, kind, address = _who(fields)
        details = named_values(fields.objects_at("additionalDetails"))
        targets = _Targets(fields, action)
        outcome = _outcome(fields, around)
        if targets.removes_only:
            verb, rule = Verb.UPDATE, "override: KeyDescription adds no key"
        event = Event(
            time=time,
            act=_act(fields, around, action, verb, rule),
            identity=who,
            kind=kind,
            credential=None,
            address=parts.address(
                address
                or around.text("callerIpAddress", "ipAddress")
                or fields.text("ipAddress")
                or text_of(details, "ipaddr")
            ),
            user_agent=parts.user_agent(fields.text("userAgent") or text_of(details, "useragent")),
            outcome=outcome,
            place=parts.place(None, tenant=tenant_of(fields, around)),
            resources=tuple(targets.resources.values()),
            native_id=fields.text("id"),
            particulars=parts.particulars(
                used=tokens.known(tokens.CLIENT, fields.text("initiatedBy.app.appId")),
                issued=tuple(targets.issued) if outcome.status is OutcomeStatus.SUCCESS else (),
                changes=tuple(targets.changes),
                correlation_id=fields.text("correlationId") or around.text("correlationId"),
            ),
            warnings=parts.warnings_of(time, fields.odd, targets.remarks),
        )
        return Reading(event=event)


def _act(fields: Document, around: Document, action: str, verb: Verb, rule: str) -> Act:
    category = fields.text("category") or around.text("category")
    service = fields.text("loggedByService", "Service") or "entra"
    return parts.act(service, action, verb, rule, None if category == _CATEGORY else category)


def _who(fields: Document) -> tuple[Identity | None, KindReason, str | None]:
    """Return who started it, what stands behind that, and the address that is noted with them."""
    user = fields.within("initiatedBy.user")
    who = parts.identity(
        user.text("id"),
        user.text("userPrincipalName") or user.text("displayName"),
        user.text("id"),
        user.text("homeTenantId"),
    )
    if who is not None:
        reason = "initiatedBy.user: an account; the record shows no sign-in"
        return who, parts.kind(IdentityKind.UNDECIDED, reason), user.text("ipAddress")
    app = fields.within("initiatedBy.app")
    name = app.text("displayName") or app.text("servicePrincipalName")
    # Microsoft's own services may come with a name and nothing else.
    who = parts.identity(
        app.text("servicePrincipalId") or app.text("appId"), name, app.text("servicePrincipalId")
    )
    if who is not None:
        return who, parts.kind(IdentityKind.NONHUMAN, "initiatedBy.app"), app.text("ipAddress")
    if fields.has("ActorType", "ActorObjectId", "ActorServicePrincipalId"):
        return (*_portal_actor(fields), None)
    return None, parts.kind(IdentityKind.UNDECIDED, "no initiatedBy"), None


def _portal_actor(fields: Document) -> tuple[Identity | None, KindReason]:
    principal = fields.text("ActorServicePrincipalId")
    name = fields.text("ActorServicePrincipalName", "ActorDisplayName")
    if principal or fields.text("ActorType") == "Application":
        who = parts.identity(principal, name, principal)
        return who, parts.kind(IdentityKind.NONHUMAN, "ActorType is Application")
    person = fields.text("ActorObjectId")
    who = parts.identity(
        person,
        fields.text("ActorUserPrincipalName", "ActorDisplayName"),
        person,
        fields.text("ActorHomeTenantId"),
    )
    return who, parts.kind(
        IdentityKind.UNDECIDED, "ActorType is User: an account; the record shows no sign-in"
    )


def _outcome(fields: Document, around: Document) -> Outcome:
    """Return how it ended: ``result`` is always set (Graph, directoryAudit resource type)."""
    result = fields.text("result") or around.text("result")
    if result is None:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    return parts.outcome(_RESULTS.get(result.casefold(), OutcomeStatus.UNKNOWN), result)


class _Targets:
    """What the targets of a record say, gathered in their order.

    Attributes:
        resources: What was acted upon, by type and name.
        changes: Old and new values.
        issued: Credentials that were added.
        remarks: What stands against telling more.
        removes_only: Whether the act manages keys, states old and new ones, and adds none.
    """

    def __init__(self, fields: Document, action: str) -> None:
        self.resources: dict[tuple[str | None, str], Resource] = {}
        self.changes: list[StatedChange] = []
        self.issued: list[Issued] = []
        self.remarks: list[str] = []
        self._activity = entra_verbs.FOLDED[action]
        targets = fields.objects_at("targetResources") or list(_portal_targets(fields))
        if len(targets) > MOST_RESOURCES:
            self.remarks.append(CUT)
        several = len(targets) > 1
        for target in targets[:MOST_RESOURCES]:
            self._add(Document(target), several)
        managed = self._activity == entra_verbs.KEY_MANAGEMENT and not self.issued
        self.removes_only = managed and any(
            change.field == "KeyDescription" and change.before is not None for change in self.changes
        )

    def _add(self, target: Document, several: bool) -> None:
        name = target.text("id") or target.text("userPrincipalName") or target.text("displayName")
        kind = target.text("type")
        changes = read_modified(target.objects_at("modifiedProperties"))
        if name:
            given = self._activity.startswith(_GRANTED_TO) and kind and kind.casefold() in _PRINCIPALS
            role = ResourceRole.GRANTEE if given else ResourceRole.TARGET
            self._keep(Resource(f"entra:{kind}" if kind else None, name, role))
            shown = target.text("displayName")
            if kind in _NAMED and shown and shown != name:
                self._keep(Resource(f"entra:{kind} name", shown, role))
        for change in changes:
            self._keep_named(change)
        self.changes += stated(changes, name if several else None)
        principal = name if kind == "ServicePrincipal" else None
        issued, doubts = added_credentials(
            changes, principal, adding=self._activity in entra_verbs.ADDING_KEYS
        )
        self.issued += issued
        self.remarks += doubts

    def _keep_named(self, change: Modified) -> None:
        """Keep what a property of a grant names: who gets it, or which role."""
        value = change.new
        if not isinstance(value, str) or not value:
            return
        folded = change.name.casefold()
        if folded in _ROLES:
            self._keep(Resource("entra:Role", value))
        elif folded in _GRANTEES and self._activity.startswith("add "):
            self._keep(Resource(_GRANTEES[folded], value, ResourceRole.GRANTEE))

    def _keep(self, resource: Resource) -> None:
        known = self.resources.get((resource.type, resource.name))
        if known is None or known.role is ResourceRole.TARGET:
            self.resources[resource.type, resource.name] = resource


def _portal_targets(fields: Document) -> Iterator[dict[str, object]]:
    """Yield the targets that the portal's CSV writes into numbered columns, as Microsoft Graph has them."""
    for number in _PORTAL_TARGETS:
        start = f"Target{number}"
        properties = [
            {
                "displayName": name,
                "oldValue": fields.value(f"{at}OldValue"),
                "newValue": fields.value(f"{at}NewValue"),
            }
            for at in (f"{start}ModifiedProperty{each}" for each in _PORTAL_PROPERTIES)
            if (name := fields.value(f"{at}Name"))
        ]
        target: dict[str, object] = {
            "id": fields.value(f"{start}ObjectId"),
            "type": fields.value(f"{start}Type"),
            "displayName": fields.value(f"{start}DisplayName"),
            "userPrincipalName": fields.value(f"{start}UserPrincipalName"),
            "modifiedProperties": properties,
        }
        if any(target.values()):
            yield target

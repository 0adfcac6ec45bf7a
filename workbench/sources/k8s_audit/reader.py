"""Reader of Kubernetes audit logs."""

from __future__ import annotations

from urllib.parse import unquote

from workbench.model.event import Event, EventTime, Outcome, OutcomeStatus, Place
from workbench.sources import parts
from workbench.sources.document import Document, fold, member
from workbench.sources.k8s_audit import bodies, gke
from workbench.sources.k8s_audit.call import SERVICE, Call, is_dry_run, nested
from workbench.sources.k8s_audit.users import caller_of, impersonated_by
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with
from workbench.sources.times import read_moment

FORWARDED = "several source addresses: the caller can set all but the last"
"""Warning of a record whose address may be the caller's own words (Kubernetes API reference, ``Event.sourceIPs``)."""

_STAGES = {"RequestReceived": 0, "ResponseStarted": 1, "ResponseComplete": 2, "Panic": 3}
_GROUP = "audit.k8s.io/"
_PANTHER = "Amazon.EKS.Audit"
_TABLES = frozenset({"AKSAudit", "AKSAuditAdmin"})
"""Log Analytics tables of AKS whose rows are audit events with the names of the fields in their own case."""

_ISSUED = "authentication.kubernetes.io/issued-credential-id"
_DECISION = "authorization.k8s.io/decision"
_TRUNCATED = "audit.k8s.io/truncated"


class KubernetesReader(DocumentReader):
    """Reads audit events of the Kubernetes API server, self-managed or of EKS, AKS and GKE.

    One request gives up to three records, one a stage, under one ``auditID``. A caller may choose that id (the header
    ``Audit-ID``), so records are taken for stages of one request only if they also say that it came in at the same
    microsecond.
    """

    source = "k8s.audit"
    version = 2
    title = "Kubernetes audit log"
    needs = (
        "the audit log of every API server, all stages; EKS: the CloudWatch group /aws/eks/NAME/cluster, streams "
        "kube-apiserver-audit-*; AKS: diagnostics category kube-audit; GKE: activity and data_access logs of k8s.io"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset(
        {
            *(
                "apiversion",
                "auditid",
                "protopayload",
                "protopayloadauditlog",
                "plogtype",
                "objectref",
            ),
            *("requestreceivedtimestamp", "protopayload.servicename", "protopayload.methodname"),
        }
    )
    marks = only_with(plogtype=frozenset({fold(_PANTHER)}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event of Kubernetes."""
        fields = Document(document)
        version = fields.value("apiVersion")
        if isinstance(version, str) and version.startswith(_GROUP):
            return f"apiVersion begins with {_GROUP}" if member(document, "kind") != "EventList" else ""
        if document.get("p_log_type") == _PANTHER:
            return f"p_log_type is {_PANTHER}"
        google = gke.is_gke(document)
        if google:
            return google
        table = document.get("Type")
        if isinstance(table, str) and table in _TABLES and fields.has("AuditId"):
            return "Type is a table of AKS audit events"
        if (
            fields.has("auditID")
            and fields.has("stage")
            and fields.has("user", "user.username", "requestURI")
        ):
            return "auditID, stage and user or requestURI"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        if gke.is_entry(document):
            return Reading(event=gke.read(document, context))
        return Reading(event=_read(document, context))


def _read(document: dict[str, object], context: Context) -> Event:
    fields = Document(document)
    caller = caller_of(fields)
    stage = fields.text("stage")
    annotations = nested(fields, "annotations")
    call = _call(fields)
    action, verb, rule, tampers = call.decide()
    outcome = _outcome(fields, stage, annotations)
    succeeded = outcome.status is OutcomeStatus.SUCCESS
    resources = bodies.resources_of(call, fields.odd)
    target = resources[0].name if len(resources) > 1 else None
    time = _time(fields, document, context)
    audit_id = fields.text("auditID")
    level = fields.text("level")
    addresses = fields.texts_at("sourceIPs")
    if len(addresses) > 1:
        fields.odd[FORWARDED] = None
    shared = (
        f"{audit_id} {time.micros}" if audit_id and stage in _STAGES and time.micros is not None else None
    )
    return Event(
        time=time,
        act=parts.act(SERVICE, action, verb, rule, level, tampers_logging=tampers),
        identity=caller.identity,
        kind=caller.kind,
        credential=caller.credential,
        address=parts.address(addresses[0]) if addresses else None,
        user_agent=parts.user_agent(fields.text("userAgent")),
        outcome=outcome,
        place=_place(fields),
        resources=(*resources, *caller.workload),
        native_id=f"{audit_id}/{stage}" if audit_id and stage else audit_id,
        request_id=audit_id,
        shared_id=shared,
        particulars=parts.particulars(
            used=caller.used,
            issued=bodies.issued_by(call, member(annotations, _ISSUED), context) if succeeded else (),
            changes=bodies.changes_of(call, verb, target, fields.odd) if succeeded else (),
            withheld=bodies.withheld_of(call, verb, level, member(annotations, _TRUNCATED) == "true"),
            on_behalf_of=impersonated_by(fields),
            stage=_STAGES[stage] if shared and stage else None,
        ),
        warnings=parts.warnings_of(time, fields.odd),
    )


def _call(fields: Document) -> Call:
    ref = nested(fields, "objectRef")
    uri = fields.text("requestURI") or ""
    path, _, query = uri.partition("?")
    group = _text(ref, "apiGroup")
    version = _text(ref, "apiVersion")
    if group is None:
        # Records of older servers have the group before the version; a version alone is one of the core group.
        group = version.rpartition("/")[0] if version else None
    verb = (fields.text("verb") or "").lower()
    request = _body(fields, "requestObject")
    return Call(
        verb=verb,
        group=group,
        resource=_text(ref, "resource") or "",
        subresource=_text(ref, "subresource") or "",
        namespace=_text(ref, "namespace") or "",
        name=_text(ref, "name") or "",
        path=unquote(path) if not ref else "",
        query=query,
        request=request,
        response=_body(fields, "responseObject"),
        dry_run=is_dry_run(verb, query, request),
        cluster=fields.text("_ResourceId"),
    )


def _body(fields: Document, name: str) -> object:
    """Return a body, decoded if an export wrote it as text."""
    found = fields.value(name)
    if isinstance(found, str):
        return fields.object_at(name) or fields.objects_at(name) or None
    return found


def _time(fields: Document, document: dict[str, object], context: Context) -> EventTime:
    """Return when the request came in: all its stages say the same."""
    for name, alias in (
        ("requestReceivedTimestamp", "RequestReceivedTime"),
        ("stageTimestamp", "StageReceivedTime"),
    ):
        raw = fields.value(name, alias)
        if raw is not None:
            return read_moment(raw, name, context, utc_by=parts.utc_by(document, raw, "Kubernetes"))
    for name in ("timestamp", "p_event_time", "TimeGenerated"):
        raw = fields.value(name)
        if raw is not None:
            return read_moment(
                raw, f"{name} (wrapper)", context, utc_by=parts.utc_by(document, raw, "Kubernetes")
            )
    return read_moment(None, "requestReceivedTimestamp", context)


def _outcome(fields: Document, stage: str | None, annotations: dict[str, object]) -> Outcome:
    """Tell how it ended by the answer's status; without one only a denial can be told.

    The reason that Kubernetes gives for a failure (``Forbidden``, ``AlreadyExists``) goes before the number.
    """
    status = nested(fields, "responseStatus")
    code = member(status, "code")
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    if type(code) is int:
        return parts.http_outcome(code, _text(status, "reason"))
    if stage == "Panic":
        return parts.outcome(OutcomeStatus.FAILED, "Panic")
    if member(annotations, _DECISION) == "forbid":
        return parts.outcome(OutcomeStatus.DENIED, "forbid")
    return parts.outcome(OutcomeStatus.UNKNOWN)


def _place(fields: Document) -> Place:
    """Return the Azure subscription of a row of Log Analytics; elsewhere a record does not name its cluster."""
    resource = fields.text("_ResourceId")
    if resource is None:
        return _NOWHERE
    words = resource.lower().split("/")
    return parts.place(words[2] if words[1:2] == ["subscriptions"] and len(words) > 2 else None)


_NOWHERE = parts.place(None)


def _text(value: dict[str, object], name: str) -> str | None:
    found = value.get(name)
    if found is None and value:
        found = member(value, name)
    return found if isinstance(found, str) and found else None

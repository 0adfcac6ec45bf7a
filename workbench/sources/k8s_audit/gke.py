"""GKE's records of the Kubernetes API: entries of Google Cloud's audit log of the service ``k8s.io``.

They hold the same acts in other words (Google: "Audit logging information, Kubernetes Engine"): ``methodName``
is ``io.k8s.`` with the group backwards, the version, the resource, its subresource and the verb;
``resourceName`` is the path of the object without ``apis``. Of the user there is only the name: GKE leaves out
``user.extra``, so tokens are not named. The query of the URL is left out too: that a call was a dry run can be told
for deletions only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.model.event import (
    Credential,
    Event,
    Identity,
    KindReason,
    Outcome,
    OutcomeStatus,
    Place,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document, member, names_of
from workbench.sources.interning import Remembered
from workbench.sources.k8s_audit import bodies, users
from workbench.sources.k8s_audit.call import SERVICE, Call, below, is_dry_run, nested
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment

_NAMES = frozenset(
    {"protopayload", "protopayloadauditlog", "protopayload.servicename", "protopayload.methodname"}
)
_SERVICE = "protoPayload.serviceName is k8s.io"
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?", re.ASCII)
_ISSUED = "authentication.kubernetes.io/issued-credential-id"

_CODES = {
    5: (OutcomeStatus.NOT_FOUND, "NOT_FOUND"),
    7: (OutcomeStatus.DENIED, "PERMISSION_DENIED"),
    16: (OutcomeStatus.DENIED, "UNAUTHENTICATED"),
}
"""Codes of ``google.rpc.Code`` that are more than failures."""


def is_gke(document: dict[str, object]) -> str:
    """Tell by what an entry of Google Cloud's audit log is one of the Kubernetes API; empty if it is not."""
    native = document.get("protoPayload")
    if type(native) is dict and native.get("serviceName") == "k8s.io":
        return _SERVICE
    if not is_entry(document):
        return ""
    payload = _payload(Document(document))
    if payload.value("serviceName") == "k8s.io":
        return _SERVICE
    method = payload.value("methodName")
    if isinstance(method, str) and method.startswith("io.k8s."):
        return "protoPayload.methodName begins with io.k8s."
    return ""


def is_entry(document: dict[str, object]) -> bool:
    """Tell whether a document is an entry of Google Cloud's audit log, nested or flattened into columns."""
    return not _NAMES.isdisjoint(names_of(document))


def _payload(fields: Document) -> Document:
    """Return the audit record inside an entry; BigQuery has another name for it, exports to CSV a column for each member."""
    payload = fields.within("protoPayload", "protopayload_auditlog")
    if payload.data:
        return payload
    flat = Document(below(fields.data, "protoPayload") or below(fields.data, "protopayload_auditlog"))
    flat.odd = fields.odd
    return flat


class _Method(NamedTuple):
    resource: str
    subresource: str
    verb: str


class _Path(NamedTuple):
    group: str | None
    namespace: str
    name: str
    path: str


def _read_method(text: str) -> _Method:
    words = text.split(".")
    at = next((index for index, word in enumerate(words) if _VERSION.fullmatch(word)), None)
    after = words[at + 1 :] if at is not None else []
    if len(after) < 2:
        return _Method("", "", words[-1])
    return _Method(after[0], ".".join(after[1:-1]), after[-1])


def _read_path(text: str) -> _Path:
    """Take a resource name apart: ``GROUP/VERSION[/namespaces/NAMESPACE]/RESOURCE[/NAME[/SUBRESOURCE]]``."""
    words = text.split("/")
    if len(words) < 3 or not _VERSION.fullmatch(words[1]):
        return _Path(None, "", "", "/" + text.lstrip("/") if text else "")
    group = "" if words[0] == "core" else words[0]
    rest = words[2:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("finalize", "status"):
        namespace = rest[1]
        rest = rest[2:]
    return _Path(group, namespace, rest[1] if len(rest) > 1 else "", "")


_METHODS: Remembered[str, _Method] = Remembered(_read_method)
_PATHS: Remembered[str, _Path] = Remembered(_read_path)


def read(document: dict[str, object], context: Context) -> Event:
    """Read an entry that :func:`is_gke` knows."""
    fields = Document(document)
    payload = _payload(fields)
    place = parts.place(fields.text("resource.labels.project_id"), fields.text("resource.labels.location"))
    call = _call(fields, payload, place)
    action, verb, rule, tampers = call.decide()
    identity, kind = _who(payload)
    operation = Document(nested(fields, "operation"))
    operation_id, first, last = operation.text("id"), operation.flag("first"), operation.flag("last")
    split = operation_id is not None and bool(first) is not bool(last)
    outcome = _outcome(payload, call, started=split and not last)
    succeeded = outcome.status is OutcomeStatus.SUCCESS
    if call.verb == "create" and not call.name:
        call.name = bodies.name_of(call)
    resources = bodies.resources_of(call, fields.odd)
    target = resources[0].name if len(resources) > 1 else None
    labels = nested(fields, "labels")
    raw = fields.value("timestamp")
    time = read_moment(raw, "timestamp", context, utc_by=parts.utc_by(document, raw, "Google"))
    inserted = fields.text("insertId")
    return Event(
        time=time,
        act=parts.act(
            SERVICE, action, verb, rule, _category(fields.text("logName")), tampers_logging=tampers
        ),
        identity=identity,
        kind=kind,
        credential=_credential(payload),
        address=parts.address(payload.text("requestMetadata.callerIp")),
        user_agent=parts.user_agent(payload.text("requestMetadata.callerSuppliedUserAgent")),
        outcome=outcome,
        place=place,
        resources=tuple(resources),
        # Unique are log, instant and insertId together (Google: LogEntry reference).
        native_id=f"{fields.text('logName') or ''} {time.micros or ''} {inserted}".strip()
        if inserted
        else None,
        request_id=operation_id,
        shared_id=f"{operation_id} {payload.text('methodName') or ''}".rstrip() if split else None,
        particulars=parts.particulars(
            issued=bodies.issued_by(call, labels.get(_ISSUED), context) if succeeded else (),
            changes=bodies.changes_of(call, verb, target, fields.odd) if succeeded else (),
            withheld=_withheld(call, verb),
            stage=int(bool(last)) if split else None,
        ),
        warnings=parts.warnings_of(time, fields.odd),
    )


def _call(fields: Document, payload: Document, where: Place) -> Call:
    method = _METHODS[payload.text("methodName") or ""]
    name = payload.text("resourceName") or payload.text("authorizationInfo.0.resource")
    path = _PATHS[name or fields.text("authorizationInfo.0.resource") or ""]
    cluster = fields.text("resource.labels.cluster_name")
    if cluster:
        cluster = f"projects/{where.account or '-'}/locations/{where.region or '-'}/clusters/{cluster}"
    request = payload.value("request")
    return Call(
        verb=method.verb.lower(),
        group=path.group,
        resource=method.resource,
        subresource=method.subresource,
        namespace=path.namespace,
        name=path.name,
        path=path.path if not method.resource else "",
        request=request,
        response=payload.value("response"),
        dry_run=is_dry_run(method.verb, "", request),
        cluster=cluster,
    )


def _who(payload: Document) -> tuple[Identity | None, KindReason]:
    """Tell the caller: for workload identity pools only the subject is given."""
    name = payload.text("authenticationInfo.principalEmail") or payload.text(
        "authenticationInfo.principalSubject"
    )
    return parts.identity(name), users.NOBODY if name is None else users.KINDS[name]


def _credential(payload: Document) -> Credential | None:
    key = payload.text("authenticationInfo.serviceAccountKeyName")
    return parts.credential("gcp service account key", key.rpartition("/")[2] if key else None)


def _outcome(payload: Document, call: Call, *, started: bool) -> Outcome:
    """Tell how it ended: the API server's own status where the answer has it, else that of Google's audit log.

    An empty ``status`` means success (google.rpc.Status: code 0 is left out of JSON); none at all says nothing, nor does
    that of the first of two entries. A permission that was not granted is a denial even beside an empty status.
    """
    if member(call.response, "kind") == "Status" and member(call.response, "status") == "Failure":
        code, reason = member(call.response, "code"), member(call.response, "reason")
        if type(code) is int:
            return parts.http_outcome(code, reason if isinstance(reason, str) and reason else None)
    status = payload.value("status")
    if status is None:
        status = nested(payload, "status") or None
    code = member(status, "code")
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) < 4 else code
    if type(number) is int and number != 0:
        known, name = _CODES.get(number, (OutcomeStatus.FAILED, str(number)))
        return parts.outcome(known, name)
    if any(each.get("granted") is False for each in payload.objects_at("authorizationInfo")):
        return parts.outcome(OutcomeStatus.DENIED, "granted: false")
    if isinstance(status, dict) and not started:
        return parts.outcome(OutcomeStatus.SUCCESS)
    return parts.outcome(OutcomeStatus.UNKNOWN)


def _withheld(call: Call, verb: Verb) -> tuple[str, ...]:
    if verb is Verb.READ_SECRET and call.response is None:
        return ("response: not logged",)
    if call.resource == "secrets" and call.request is not None and verb in (Verb.CREATE, Verb.UPDATE):
        return ("request.data: values of a secret, not repeated here",)
    return ()


def _category(log: str | None) -> str | None:
    """Return the kind of audit log from the log's name (``…%2Fdata_access``)."""
    return log.replace("%2F", "/").rpartition("/")[2] if log and "cloudaudit" in log else None

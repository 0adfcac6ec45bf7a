"""Azure Activity log: what was done through Azure Resource Manager in a subscription.

Three forms (Microsoft Learn, "Azure Activity log event schema"): records of diagnostic settings (storage, Event Hubs), events
of the REST API and the command line, and rows of the Log Analytics table AzureActivity. The last two are read by their
documentation: only records of the first were at hand.

An act is reported when it starts, is accepted and ends; these records share correlation id, operation and resource.
The correlation id alone is shared by all that one deployment does.
"""

from __future__ import annotations

import re

from workbench.model.event import (
    Event,
    EventTime,
    Outcome,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources import parts
from workbench.sources.azure.claims import who
from workbench.sources.azure.forms import inside, read_time
from workbench.sources.azure.resource_ids import ARM_IDS
from workbench.sources.azure.verbs import arm_rule, provider_operation
from workbench.sources.document import Document
from workbench.sources.interning import Remembered
from workbench.sources.protocol import Context, DocumentReader, Reading

_CATEGORIES = frozenset(
    {
        *("administrative", "policy", "servicehealth", "resourcehealth", "alert", "autoscale"),
        *("recommendation", "security"),
        *("write", "delete", "action"),  # until 2019 the kind of operation stood here
    }
)
_OPERATION = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+(?:/[^/\s]+)+")
"""``Microsoft.Storage/storageAccounts/write``; partners' providers have names of their own (``Dynatrace.Observability``)."""

_STAGES = {
    **dict.fromkeys(("start", "started"), 0),
    **dict.fromkeys(("accept", "accepted"), 1),
    **dict.fromkeys(("success", "succeeded", "failure", "failed"), 2),
}
"""Results that place a record within its act. Others (the states of an incident, of an alert) do not."""

_DENIED = ("forbidden", "unauthorized", "authorizationfailed", "linkedauthorizationfailed", "401", "403")
_MISSING = ("notfound", "resourcenotfound", "404")
_MOST_CHANGES = 100
"""Fields of a request body that are listed: a template can hold thousands."""

_MORE_CHANGES = f"request body: only the first {_MOST_CHANGES} fields are listed as changes"


class AzureActivityReader(DocumentReader):
    """Reads events of the Azure Activity log."""

    source = "azure.activity"
    version = 1
    title = "Azure Activity log"
    needs = (
        "the Activity log of every subscription and of the tenant, from diagnostic settings or `az monitor activity-log list`"
        " (kept 90 days); it holds no reads and no access to data"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"operationname", "operationnamevalue", "eventdataid"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an event of the Activity log."""
        fields = Document(document)
        if fields.has("OperationNameValue") and fields.has(
            "CategoryValue", "ActivityStatusValue", "CorrelationId"
        ):
            return "OperationNameValue (table AzureActivity)"
        operation = fields.value("operationName.value", "operationName")
        if not isinstance(operation, str) or _OPERATION.fullmatch(operation) is None:
            return ""
        if fields.has("eventDataId") and fields.has("eventTimestamp", "subscriptionId", "authorization"):
            return "eventDataId, and operationName of a resource provider"
        category = fields.value("category")
        if isinstance(category, str) and category.casefold() in _CATEGORIES:
            return f"category {category}, and operationName of a resource provider"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one event."""
        fields = Document(document)
        properties = inside(fields, "properties", "Properties_d")
        identity = inside(fields, "identity")
        around = identity if identity.data else fields
        time = read_time(fields, context, "time", "eventTimestamp", "TimeGenerated", "TimeGenerated [UTC]")
        operation = fields.text("OperationNameValue", "operationName.value", "operationName") or ""
        target = fields.text("resourceId")
        result = fields.text("resultType", "ActivityStatusValue", "status.value") or ""
        answer = properties.text("statusCode")
        detail = fields.text("resultSignature", "ActivitySubstatusValue", "subStatus.value") or answer
        outcome = _outcome(result, detail)
        rule = arm_rule(operation, _made(detail, answer))
        actor = who(
            around.object_at("claims", "Claims_d"),
            caller=fields.text("caller"),
            principal_type=around.within("authorization", "Authorization_d").text("evidence.principalType"),
        )
        where = ARM_IDS[target or ""]
        body = _Body()
        if outcome.status is OutcomeStatus.SUCCESS:
            body.read(properties.object_at("requestbody"), grants=rule.verb is Verb.DELEGATE)
        correlation = fields.text("correlationId")
        stage = _STAGES.get(result.casefold())
        shared = (
            f"{correlation} {operation.casefold()} {target.casefold()}" if correlation and target else None
        )
        event = Event(
            time=time,
            act=parts.act(
                provider_operation(operation).partition("/")[0],
                operation,
                rule.verb,
                rule.rule,
                fields.text("CategoryValue", "category.value", "category"),
                tampers_logging=rule.tampers_logging,
            ),
            identity=actor.identity,
            kind=actor.kind,
            credential=actor.credential,
            address=parts.address(fields.text("callerIpAddress", "httpRequest.clientIpAddress")),
            user_agent=None,
            outcome=outcome,
            place=parts.place(
                where.subscription or fields.text("subscriptionId"),
                fields.text("location"),
                actor.tenant or where.tenant or _tenant(fields),
            ),
            resources=(*((Resource(where.type, target),) if target else ()), *body.grantees),
            native_id=fields.text("eventDataId")
            or properties.text("eventDataId")
            or _native_id(time, shared, result),
            request_id=properties.text("serviceRequestId"),
            shared_id=shared if stage is not None else None,
            particulars=parts.particulars(
                used=actor.used,
                changes=body.changes,
                device=actor.device,
                correlation_id=correlation,
                stage=stage if shared else None,
            ),
            warnings=parts.warnings_of(time, fields.odd, body.odd),
        )
        return Reading(event=event)


def _tenant(fields: Document) -> str | None:
    """Return the directory; in Log Analytics the column of this name holds the workspace instead."""
    return None if fields.has("OperationNameValue", "TimeGenerated") else fields.text("tenantId")


def _native_id(time: EventTime, shared: str | None, result: str) -> str | None:
    """Name an event that carries no ``eventDataId`` by instant, act and stage: no two events agree in all of them."""
    return f"{shared} {result} {time.micros}" if shared and time.micros is not None else None


def _folded(text: str) -> str:
    return text.casefold().replace(" ", "").replace("_", "")


def _decide(text: str) -> tuple[str, str]:
    """Split ``Succeeded.Created`` and ``Created (HTTP Status Code: 201)`` into their words, folded."""
    first, _, second = text.partition("(")[0].strip().rpartition(".")
    return _folded(first), _folded(second)


_WORDS: Remembered[str, tuple[str, str]] = Remembered(_decide)


def _outcome(result: str, detail: str | None) -> Outcome:
    """Tell how the act ended. ``Start`` and ``Accept`` say nothing about the end."""
    status, code = _folded(result), detail or result or None
    if status in ("success", "succeeded"):
        return parts.outcome(OutcomeStatus.SUCCESS, code)
    if status in ("failure", "failed"):
        words = _WORDS[detail] if detail else ()
        if any(word in _DENIED for word in words):
            return parts.outcome(OutcomeStatus.DENIED, code)
        missing = any(word in _MISSING for word in words)
        return parts.outcome(OutcomeStatus.NOT_FOUND if missing else OutcomeStatus.FAILED, code)
    return parts.outcome(OutcomeStatus.UNKNOWN, code)


def _made(*details: str | None) -> bool | None:
    for detail in details:
        word = _WORDS[detail][1] if detail else ""
        if word in ("created", "201"):
            return True
        if word in ("ok", "200"):
            return False
    return None


class _Body:
    """What the body of a successful request says: the fields that it set, and to whom it granted something."""

    def __init__(self) -> None:
        self.odd: tuple[str, ...] = ()
        self.changes: tuple[StatedChange, ...] = ()
        self.grantees: tuple[Resource, ...] = ()

    def read(self, body: dict[str, object], *, grants: bool) -> None:
        """Read a body; nothing is known of it if it is empty.

        Args:
            body: The body, decoded.
            grants: Whether the act grants access, so that the body names to whom.
        """
        if not body:
            return
        changes: list[StatedChange] = []
        _flatten(body, changes)
        if len(changes) > _MOST_CHANGES:
            self.odd = (_MORE_CHANGES,)
        self.changes = tuple(changes[:_MOST_CHANGES])
        inner = Document(body) if grants else Document({})
        principal, subject = inner.text("properties.principalId"), inner.text("properties.subject")
        if principal:
            self.grantees += (Resource("entra:principal", principal, ResourceRole.GRANTEE),)
        if subject:
            self.grantees += (Resource("jwt:subject", subject, ResourceRole.GRANTEE),)


def _flatten(body: dict[str, object], changes: list[StatedChange]) -> None:
    """List the fields of a body from the top down, as many as are wanted and one more."""
    waiting: list[tuple[str, object]] = [("", body)]
    while waiting and len(changes) <= _MOST_CHANGES:
        name, value = waiting.pop()
        if isinstance(value, dict) and value:
            prefix = f"{name}." if name else ""
            waiting.extend((f"{prefix}{key}", inner) for key, inner in reversed(value.items()))
            continue
        changes.append(StatedChange(name, after="null" if value is None else parts.json_text(value)))

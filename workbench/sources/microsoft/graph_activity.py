"""Microsoft Graph activity log: every request that reached Microsoft Graph for a tenant.

The log is opt-in (a diagnostic setting) and holds no bodies. Requests that Graph makes on behalf of others, and the
older Azure AD Graph, are not in it. Defender's table of the same requests (``GraphAPIAuditEvents``) has other names,
and neither sessions nor, at first, token ids.
"""

from __future__ import annotations

from workbench.model.event import Event, Identity, IdentityKind, KindReason, Resource
from workbench.sources import parts
from workbench.sources.document import Document, names_of
from workbench.sources.microsoft import tokens
from workbench.sources.microsoft.graph_requests import REQUESTS, Request, verb_of
from workbench.sources.microsoft.rows import lifted, marked, moment, taken_apart, tenant_of
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_CATEGORY = "MicrosoftGraphActivityLogs"
_MARKS = frozenset({"microsoftgraphactivitylogs", "graphapiauditevents"})
_OWN = frozenset({"requesturi", "requestmethod", "responsestatuscode"})
_APPLICATIONS = frozenset({"serviceprincipal", "application", "app"})


class GraphActivityReader(DocumentReader):
    """Reads requests to Microsoft Graph, each with the token that it presented."""

    source = "graph.activity"
    version = 1
    title = "Microsoft Graph activity"
    needs = (
        "the category MicrosoftGraphActivityLogs for the period; the diagnostic setting must have been switched on "
        "before: nothing of what happened earlier can be had"
    )
    checked_against = "published test samples of a log shipper, values edited by hand"
    hints = frozenset({"category", "type", "requesturi"})
    marks = only_with(category=_MARKS, type=_MARKS)

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a request to Microsoft Graph."""
        names = names_of(document)
        mark = marked(document, names, _MARKS)
        if mark:
            return mark
        return "requestUri, requestMethod and responseStatusCode" if names.keys() >= _OWN else ""

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo the difference between a record with its envelope and one without."""
        return lifted(document)

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one request. The action is the method and the path with ``{id}`` for the keys in it."""
        fields, around = taken_apart(document)
        uri = fields.text("requestUri") or ""
        method = fields.text("requestMethod") or ""
        request = REQUESTS[uri]
        verb, rule = verb_of(method, request)
        time = moment(
            context,
            ("timeGenerated", fields.value("timeGenerated", "TimeGenerated [UTC]")),
            ("time", around.value("time", "Timestamp")),
        )
        who, kind = _who(fields)
        client = fields.text("appId", "ApplicationId")
        token = tokens.token(fields.text("signInActivityId", "uniqueTokenIdentifier", "uniqueTokenId"))
        session = tokens.known(tokens.SESSION, fields.text("c_Sid", "SessionId"))
        event = Event(
            time=time,
            act=parts.act("graph", f"{method} {request.template}".strip(), verb, rule, _CATEGORY),
            identity=who,
            kind=kind,
            credential=token[0] if token else None,
            address=parts.address(fields.text("ipAddress") or around.text("callerIpAddress")),
            user_agent=parts.user_agent(fields.text("userAgent")),
            outcome=parts.http_outcome(
                fields.number("responseStatusCode") or around.number("resultSignature")
            ),
            place=parts.place(None, fields.text("location"), tenant_of(fields, around)),
            resources=_resources(request),
            native_id=fields.text("requestId"),
            request_id=fields.text("requestId"),
            particulars=parts.particulars(
                used=(*token[1:], *session, *tokens.known(tokens.CLIENT, client)),
                device=fields.text("C_DeviceId", "deviceId"),
                # One for all requests of a batch; the client's own clientRequestId is not unique.
                correlation_id=fields.text("operationId"),
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _who(fields: Document) -> tuple[Identity | None, KindReason]:
    """Tell whose token it was: an application's own (no user), or one for a user (delegated)."""
    user = fields.text("userId")
    principal = fields.text("servicePrincipalId")
    account = fields.text("accountObjectId")
    if account and not (user or principal):
        if (fields.text("entityType") or "").casefold() in _APPLICATIONS:
            principal = account
        else:
            user = account
    if user:
        reason = "delegated (userId): a client acted for an account; the record shows no sign-in"
        return parts.identity(user, None, user), parts.kind(IdentityKind.UNDECIDED, reason)
    if principal:
        reason = "app-only (servicePrincipalId, no userId)"
        return parts.identity(principal, None, principal), parts.kind(IdentityKind.NONHUMAN, reason)
    return None, parts.kind(IdentityKind.UNDECIDED, "neither userId nor servicePrincipalId")


def _resources(request: Request) -> tuple[Resource, ...]:
    """Return what the path names, and the members of the directory that it leads through."""
    found = {}
    if request.template:
        kind = f"graph:{request.words[-1]}" if request.words else None
        found[request.path] = Resource(kind, request.path)
    for kind, member in request.members:
        found.setdefault(member, Resource(kind, member))
    return tuple(found.values())

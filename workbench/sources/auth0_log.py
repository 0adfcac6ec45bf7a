"""Auth0 tenant logs (``GET /api/v2/logs``, log streams), bare or as a log stream wraps them (``log_id``, ``data``)."""

from __future__ import annotations

import re
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
from workbench.sources.auth0_codes import (
    API_CODES,
    CODES,
    INTERACTIVE_CODES,
    NO_USER_CODES,
    api_verb,
    weakens_logging,
)
from workbench.sources.document import Document, decoded
from workbench.sources.protocol import Context, DocumentReader, Reading

_LOG_TYPE = "Auth0.Events"
_MANAGEMENT_TOKEN = "auth0 management token"
_SESSION = "auth0 session"
_OAUTH_CLIENT = "oauth client"
_DASHBOARD = "https://manage.auth0.com/"
_LOG_ID = re.compile(r"\d{40,80}", re.ASCII)
_API_ROOT = ("api", "v2")
_MOST_CHANGES = 500


class Auth0Reader(DocumentReader):
    """Reads tenant logs of Auth0. The Management API names the token of each call, by its ``jti``."""

    source = "auth0.log"
    version = 1
    title = "Auth0 tenant log"
    needs = "the tenant log of the period from a log stream or /api/v2/logs; Auth0 keeps 1 to 30 days by plan"
    checked_against = "published samples edited by hand"
    hints = frozenset({"logid", "data", "plogtype"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an entry of a tenant log."""
        outer = Document(document)
        if outer.value("p_log_type") == _LOG_TYPE:
            return f"p_log_type is {_LOG_TYPE}"
        fields = _entry(outer)
        code = fields.value("type")
        if not isinstance(code, str) or not fields.has("date"):
            return ""
        log_id = fields.value("log_id", "_id") or outer.value("log_id")
        numbered = isinstance(log_id, str) and _LOG_ID.fullmatch(log_id) is not None
        if code in CODES and (
            numbered or (log_id is not None and fields.has("client_id", "user_id", "details"))
        ):
            return "type is an Auth0 event code, with date and log_id"
        return "log_id of Auth0's form, with type and date" if numbered else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one entry."""
        outer = Document(document)
        fields = _entry(outer)
        code = fields.text("type") or ""
        api = code in API_CODES
        method, path = fields.text("details.request.method"), fields.text("details.request.path")
        time = parts.moment(fields, "date", context, vendor="Auth0")
        verb, rule = _verb(code, method, path, fields)
        outcome = _outcome(code, fields)
        who = _who(fields, code)
        credential = _credential(fields, code)
        session = parts.credential(_SESSION, fields.text("details.session_id", "session_id"))
        began = session is not None and code in ("s", "ss") and outcome.status is OutcomeStatus.SUCCESS
        event = Event(
            time=time,
            act=parts.act(
                "auth0",
                (fields.text("description") if api else None) or code,
                verb,
                rule,
                code if api else None,
                tampers_logging=api and weakens_logging(method, path),
            ),
            identity=who,
            kind=_kind(fields, code, outcome),
            credential=credential,
            address=parts.address(fields.text("ip", "details.request.ip")),
            user_agent=parts.user_agent(fields.text("user_agent", "details.request.userAgent")),
            outcome=outcome,
            place=parts.place(fields.text("tenant_name")),
            resources=tuple(_resources(fields, code, path, verb)),
            native_id=fields.text("log_id", "_id", "id") or outer.text("log_id"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                used=(session,) if session else (),
                issued=(Issued(session, who.canonical if who else None),) if session and began else (),
                changes=tuple(_changes(fields, method))
                if api and outcome.status is OutcomeStatus.SUCCESS
                else (),
                correlation_id=fields.text("details.correlation_id", "correlation_id"),
            ),
        )
        return Reading(event=event)


def _entry(outer: Document) -> Document:
    """Return the entry itself: a log stream puts it under ``data``, beside its id."""
    inner = outer.object_at("data")
    if not inner:
        return outer
    entry = Document(inner)
    entry.odd = outer.odd
    return entry if entry.has("type", "date") else outer


def _verb(code: str, method: str | None, path: str | None, fields: Document) -> tuple[Verb, str]:
    known = CODES.get(code)
    if known is None:
        return Verb.UNCLASSIFIED, "no rule for this type"
    if known.verb is Verb.UNCLASSIFIED:
        return api_verb(method, path, fields.text("description"))
    return known.verb, f"type {code}"


def _outcome(code: str, fields: Document) -> Outcome:
    status = fields.number("details.response.statusCode", "details.response.status_code")
    if code in API_CODES and status is not None:
        return parts.http_outcome(status)
    known = CODES.get(code)
    if known is None:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    return parts.outcome(known.status, None if known.status is OutcomeStatus.SUCCESS else code)


def _who(fields: Document, code: str) -> Identity | None:
    """Tell the actor: of an API call the user in the token, else the user of the entry; without one the client."""
    account = fields.text("tenant_name")
    if code in API_CODES:
        user = fields.text("details.request.auth.user.user_id")
        name = fields.text("details.request.auth.user.email", "details.request.auth.user.name")
        if user or name:
            return parts.identity(user or fields.text("user_id") or name, name, user, account)
    user = fields.text("user_id")
    if (user or fields.has("user_name")) and code not in NO_USER_CODES:
        return parts.identity(user or fields.text("user_name"), fields.text("user_name"), user, account)
    client = fields.text("client_id")
    return parts.identity(client, fields.text("client_name"), client, account)


def _kind(fields: Document, code: str, outcome: Outcome) -> KindReason:
    if code in NO_USER_CODES:
        return parts.kind(IdentityKind.NONHUMAN, f"type is {code}: a client signs in for itself")
    user = fields.has("user_id", "user_name")
    if code in API_CODES:
        if fields.has("details.request.auth.user.user_id", "details.request.auth.user.email"):
            if fields.value("details.request.channel") == _DASHBOARD:
                return parts.kind(
                    IdentityKind.HUMAN, "details.request: a user's token, channel is the dashboard"
                )
            return parts.kind(
                IdentityKind.UNDECIDED, "details.request.auth.user: a user's token, not from the dashboard"
            )
        # A client's own token comes with a user object that is empty or absent.
        if fields.has("details.request.auth.credentials.jti", "details.request.auth.strategy") and not user:
            return parts.kind(
                IdentityKind.NONHUMAN, "details.request.auth holds no user: the token is a client's"
            )
        return parts.kind(IdentityKind.UNDECIDED, "the entry does not say whose token was presented")
    if not user:
        if fields.has("client_id"):
            return parts.kind(IdentityKind.UNDECIDED, "no user, only client_id")
        return parts.kind(IdentityKind.UNDECIDED, "no actor")
    if code in INTERACTIVE_CODES and outcome.status is OutcomeStatus.SUCCESS:
        return parts.kind(IdentityKind.HUMAN, f"type is {code}: somebody answered a prompt")
    return parts.kind(IdentityKind.UNDECIDED, "a user is named, no interactive sign-in is recorded")


def _credential(fields: Document, code: str) -> Credential | None:
    token = parts.credential(_MANAGEMENT_TOKEN, fields.text("details.request.auth.credentials.jti"))
    if token is not None:
        return token
    return parts.credential(_OAUTH_CLIENT, fields.text("client_id")) if code in NO_USER_CODES else None


def _resources(fields: Document, code: str, path: str | None, verb: Verb) -> Iterator[Resource]:
    if code in API_CODES:
        segments = [segment for segment in (path or "").split("/") if segment]
        kind = segments[2] if tuple(segments[:2]) == _API_ROOT and len(segments) > 2 else None
        if path:
            yield parts.resource(f"auth0:{kind}" if kind else None, path)
        made = fields.text("details.response.body.id")
        if made and verb in (Verb.CREATE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL):
            yield parts.resource(f"auth0:{kind}" if kind else None, made)
        for field in ("invitee.email", "user.id", "user.user_id"):
            grantee = fields.text(f"details.request.body.{field}")
            if grantee and verb is Verb.DELEGATE:
                yield parts.resource("auth0:user", grantee, ResourceRole.GRANTEE)
        return
    user = fields.text("user_id")
    if user and verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE):
        yield parts.resource(
            "auth0:user", user, ResourceRole.GRANTEE if verb is Verb.DELEGATE else ResourceRole.TARGET
        )
    client = fields.text("client_id")
    if client:
        yield parts.resource("auth0:client", client)
    audience = fields.text("audience")
    if audience:
        yield parts.resource("auth0:audience", audience)


def _changes(fields: Document, method: str | None) -> Iterator[StatedChange]:
    """Read what a successful PUT or PATCH set, from the body of the request; the log does not hold the old values."""
    if (method or "").upper() not in ("PUT", "PATCH"):
        return
    body = decoded(fields.value("details.request.body"))
    if isinstance(body, dict):
        for field, value in list(body.items())[:_MOST_CHANGES]:
            yield StatedChange(field, after=parts.stated(value))
    elif isinstance(body, list):
        yield StatedChange("body", after=parts.stated(body))

"""Okta System Log (``GET /api/v1/logs``), as API pages, lines, SIEM rows or the Admin Console's CSV.

The CSV of the Admin Console spells the fields with underscores and dots (``actor.alternate_id``) and numbers the targets
(``target0.id``); that form comes from descriptions, no sample of it was at hand.
"""

from __future__ import annotations

import itertools
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
from workbench.sources.document import Document, decoded, fold, member, names_of
from workbench.sources.okta_verbs import OKTA_ACTS
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_LOG_TYPE = "Okta.SystemLog"
_SESSION = "okta session"
_ROOT_SESSION = "okta root session"
_DEVICE_SESSION = "okta device session"
_API_TOKEN = "okta api token"
_OAUTH_TOKEN = "okta oauth token"
_OAUTH_CLIENT = "oauth client"

_NOTHING = frozenset({"null", "unknown", "none"})
"""What Okta writes where it knows nothing: ``client.ipAddress`` "null", ``actor.id`` "unknown" on failed sign-ins."""

_MARKS = (
    "published",
    "actor.alternateId",
    "outcome.result",
    "debugContext",
    "displayMessage",
    "legacyEventType",
    "authenticationContext.externalSessionId",
    "transaction.id",
)
_DEVICE = ("debugContext.debugData.dtHash", "debugContext.debugData.deviceFingerprint", "device.id")
"""Where the client device is identified, the one on most records first."""

_PRINCIPAL = "debugContext.debugData.originalPrincipal"
_NAMED = frozenset({"user", "appuser", "appinstance"})
"""Types of targets whose login or name other systems' logs repeat."""

_TARGET_PARTS = ("id", "type", "alternateid", "displayname", "changedetails")
_MOST_TARGETS = 500
_TOO_MANY = f"more than {_MOST_TARGETS} targets or changes: the rest is in the record only"

_RESULTS = {
    "SUCCESS": OutcomeStatus.SUCCESS,
    "ALLOW": OutcomeStatus.SUCCESS,
    "DENY": OutcomeStatus.DENIED,
    "RATE_LIMIT": OutcomeStatus.DENIED,
    "FAILURE": OutcomeStatus.FAILED,
}
"""Results that say how an act ended. CHALLENGE, SKIPPED, DEFERRED, SCHEDULED, ABANDONED, UNANSWERED do not."""


class OktaReader(DocumentReader):
    """Reads events of an Okta organisation. A session is named on every event in it; a token on every use of it."""

    source = "okta.system"
    version = 2
    title = "Okta System Log"
    needs = "the System Log of the period as JSON (API or log stream); Okta keeps 90 days"
    checked_against = "published samples edited by hand"
    hints = frozenset({"eventtype", "plogtype"})
    marks = only_with(plogtype=frozenset({fold(_LOG_TYPE)}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an event of the System Log."""
        fields = Document(document)
        if fields.value("p_log_type") == _LOG_TYPE:
            return f"p_log_type is {_LOG_TYPE}"
        kind = fields.value("eventType")
        if not isinstance(kind, str) or "." not in kind or " " in kind:
            return ""
        marks = tuple(itertools.islice((mark for mark in _MARKS if fields.has(mark)), 2))
        return f"eventType in dots, with {' and '.join(marks)}" if len(marks) > 1 else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one event."""
        fields = Document(document)
        event_type = fields.text("eventType", "legacyEventType") or ""
        act = OKTA_ACTS[event_type]
        time = parts.moment(fields, "published", context, vendor="Okta")
        outcome = _outcome(fields, act.verb)
        who = _actor(fields)
        targets = list(_targets(fields))
        credential, used = _credentials(fields)
        succeeded = outcome.status is OutcomeStatus.SUCCESS
        if event_type == "user.session.start" and credential is not None and credential.type == _SESSION:
            # What was presented is a password or a factor; the session is what came of it.
            used = (credential, *used)
            credential = None
        issued = _issued(event_type, targets, used, who) if succeeded else ()
        changes = (*_changes(targets), *_told_changes(fields, event_type, targets)) if succeeded else ()
        crowded = len(targets) > _MOST_TARGETS or len(changes) > _MOST_TARGETS
        impersonator = _impersonator(fields, who)
        event = Event(
            time=time,
            act=parts.act("okta", event_type, act.verb, act.rule, tampers_logging=act.tampers_logging),
            identity=who,
            kind=_kind(fields, credential, used, event_type, outcome),
            credential=credential,
            address=parts.address(_known(fields.text("client.ipAddress", "request.ipChain.0.ip"))),
            user_agent=parts.user_agent(_known(fields.text("client.userAgent.rawUserAgent"))),
            outcome=outcome,
            place=parts.place(None),
            resources=(*_resources(targets, act.verb, event_type), *impersonator)[:_MOST_TARGETS],
            native_id=fields.text("uuid"),
            request_id=fields.text("debugContext.debugData.requestId"),
            warnings=parts.warnings_of(
                time,
                ("debugData.originalPrincipal is another principal than the actor",) if impersonator else (),
                (_TOO_MANY,) if crowded else (),
                fields.odd,
            ),
            particulars=parts.particulars(
                used=used,
                issued=issued,
                changes=changes[:_MOST_TARGETS],
                device=_known(fields.text(*_DEVICE)),
                correlation_id=fields.text("transaction.id"),
            ),
        )
        return Reading(event=event)


def _known(text: str | None) -> str | None:
    return None if text is None or text.lower() in _NOTHING else text


def _actor(fields: Document) -> Identity | None:
    actor_id, login = _known(fields.text("actor.id")), _known(fields.text("actor.alternateId"))
    name = login or _known(fields.text("actor.displayName"))
    return parts.identity(actor_id or login, name, actor_id)


def _credentials(fields: Document) -> tuple[Credential | None, tuple[Credential, ...]]:
    """Return the credential presented and the further keys: a token before a client before a session."""
    token = parts.credential(_API_TOKEN, fields.text("transaction.detail.requestApiTokenId"))
    client = None
    if fields.value("actor.type") == "PublicClientApp":
        client = parts.credential(_OAUTH_CLIENT, _known(fields.text("actor.id")))
    keys = [
        key
        for key in (
            token,
            client,
            parts.credential(_SESSION, _known(fields.text("authenticationContext.externalSessionId"))),
            parts.credential(_ROOT_SESSION, _known(fields.text("authenticationContext.rootSessionId"))),
            parts.credential(_DEVICE_SESSION, _known(fields.text("authenticationContext.deviceSessionId"))),
        )
        if key is not None
    ]
    return (keys[0], tuple(keys[1:])) if keys else (None, ())


def _kind(
    fields: Document,
    credential: Credential | None,
    used: tuple[Credential, ...],
    event_type: str,
    outcome: Outcome,
) -> KindReason:
    """Decide what acts: a token acting as a user is a machine, a user in a signed-in session a person."""
    actor = fields.text("actor.type")
    if credential is not None and credential.type == _API_TOKEN:
        return parts.kind(
            IdentityKind.NONHUMAN, "an API token is presented (transaction.detail.requestApiTokenId)"
        )
    if actor == "SystemPrincipal":
        return parts.kind(IdentityKind.SERVICE, "actor.type is SystemPrincipal")
    if actor in ("PublicClientApp", "App", "AppInstance", "AIAgent"):
        return parts.kind(IdentityKind.NONHUMAN, f"actor.type is {actor}")
    if actor != "User":
        reason = "no actor" if actor is None else "actor.type is not that of a user, client or system"
        return parts.kind(IdentityKind.UNDECIDED, reason)
    if fields.value("transaction.type") == "JOB":
        return parts.kind(IdentityKind.UNDECIDED, "transaction.type is JOB: a task in the background")
    session = next((key for key in (credential, *used) if key is not None and key.type == _SESSION), None)
    if session is None:
        return parts.kind(IdentityKind.UNDECIDED, "actor.type is User, without a session")
    if session.native_id.startswith("trs"):
        return parts.kind(IdentityKind.UNDECIDED, "actor.type is User, in a session made for one API request")
    tried = OKTA_ACTS[event_type].verb is Verb.AUTHENTICATE or event_type.startswith("user.account.lock")
    if tried and outcome.status is not OutcomeStatus.SUCCESS:
        return parts.kind(IdentityKind.UNDECIDED, "actor.type is User, no sign-in has succeeded")
    return parts.kind(IdentityKind.HUMAN, "actor.type is User, in a sign-in session (externalSessionId)")


def _outcome(fields: Document, verb: Verb) -> Outcome:
    result, reason = fields.text("outcome.result"), fields.text("outcome.reason")
    status = _RESULTS.get(result.upper(), OutcomeStatus.UNKNOWN) if result else OutcomeStatus.UNKNOWN
    if status is OutcomeStatus.FAILED and verb is Verb.AUTHENTICATE:
        status = OutcomeStatus.DENIED
    return parts.outcome(status, reason or (None if status is OutcomeStatus.SUCCESS else result))


def _targets(fields: Document) -> Iterator[Document]:
    if fields.has("target"):
        yield from map(Document, fields.objects_at("target"))
        return
    columns = [(name, key) for name, key in names_of(fields.data).items() if name.startswith("target")]
    numbered: dict[str, dict[str, object]] = {}
    for name, key in columns:
        number, _, part = name[len("target") :].strip(".").partition(".")
        if part in _TARGET_PARTS and fields.data[key] not in ("", None):
            numbered.setdefault(number, {})[part] = fields.data[key]
    yield from map(Document, numbered.values())


def _target_name(target: Document) -> str | None:
    return (
        _known(target.text("id")) or _known(target.text("alternateId")) or _known(target.text("displayName"))
    )


def _resources(targets: list[Document], verb: Verb, event_type: str) -> Iterator[Resource]:
    for target in targets[:_MOST_TARGETS]:
        name, kind = _target_name(target), (target.text("type") or "").lower()
        if name is None:
            continue
        role = ResourceRole.TARGET
        if verb is Verb.DELEGATE and (kind == "user" or ".privilege." in event_type):
            role = ResourceRole.GRANTEE
        elif verb is Verb.READ_SECRET and kind != "user":
            role = ResourceRole.SECRET
        yield parts.resource(f"okta:{kind}" if kind else None, name, role)
        login = _known(target.text("alternateId") or target.text("displayName"))
        if kind in _NAMED and login and login != name:
            yield parts.resource(f"okta:{kind} name", login, role)


def _impersonator(fields: Document, who: Identity | None) -> tuple[Resource, ...]:
    """Return who stands behind the actor while Okta's support acts as a user."""
    principal = _known(fields.text(f"{_PRINCIPAL}.id", f"{_PRINCIPAL}.alternateId"))
    if principal is None or (who is not None and principal in (who.canonical, who.native_id, who.name)):
        return ()
    return (parts.resource("okta:principal", principal, ResourceRole.SOURCE),)


def _issued(
    event_type: str, targets: list[Document], used: tuple[Credential, ...], who: Identity | None
) -> tuple[Issued, ...]:
    to = who.canonical if who else None
    if event_type == "user.session.start":
        return tuple(Issued(key, to) for key in used if key.type == _SESSION)
    if event_type == "system.api_token.create":
        return tuple(Issued(Credential(_API_TOKEN, token), to) for token in _ids(targets, ("token",)))
    if ".token.grant" in event_type or ".authorize.implicit" in event_type:
        # Of a token only a hash is logged; it is the same in the events of grant, use and revocation.
        user = next(iter(_ids(targets, ("user",))), None)
        kinds = ("accesstoken", "access_token", "refreshtoken", "refresh_token", "id_token", "idtoken")
        return tuple(Issued(Credential(_OAUTH_TOKEN, token), user) for token in _ids(targets, kinds))
    return ()


def _ids(targets: list[Document], kinds: tuple[str, ...]) -> list[str]:
    found = (
        _known(target.text("id"))
        for target in targets[:_MOST_TARGETS]
        if (target.text("type") or "").lower() in kinds
    )
    return [each for each in found if each]


def _changes(targets: list[Document]) -> Iterator[StatedChange]:
    """Read ``changeDetails``: the old and the new value of each field that changed, of newer event types."""
    for target in targets[:_MOST_TARGETS]:
        details = target.value("changeDetails")
        if details is None:
            continue
        before, after = (decoded(member(decoded(details), side)) for side in ("from", "to"))
        old = before if isinstance(before, dict) else {}
        new = after if isinstance(after, dict) else {}
        for field in list(dict.fromkeys((*old, *new)))[: _MOST_TARGETS + 1]:
            yield StatedChange(
                field,
                parts.stated(old[field]) if field in old else None,
                parts.stated(new[field]) if field in new else None,
                _target_name(target),
            )


_FACTOR = re.compile(r"^User (?:reset|set up|enrolled) ([A-Z][A-Z0-9_]{1,60}) factor", re.ASCII)
"""What the reason of an outcome says of a factor (``User reset GOOGLE_OTP factor``)."""


def _role_name(target: Document) -> str | None:
    if (target.text("type") or "").lower() != "role":
        return None
    return _known(target.text("displayName")) or _target_name(target)


def _told_changes(fields: Document, event_type: str, targets: list[Document]) -> Iterator[StatedChange]:
    """Read what debug data says of a change: the roles that a user has now, the factor, the attributes that were touched."""
    for field, act in (("privilegeGranted", "grant"), ("privilegeRevoked", "revoke")):
        value = fields.value(f"debugContext.debugData.{field}")
        if value is None and event_type.endswith(f".privilege.{act}"):
            # Then the roles are targets of their own.
            value = [name for name in map(_role_name, targets[:_MOST_TARGETS]) if name] or None
        if value is not None:
            yield StatedChange(field, after=parts.json_text(value))
    if event_type.startswith("user.mfa.factor."):
        factor = _known(fields.text("debugContext.debugData.factor"))
        if factor is None:
            said = _FACTOR.search(fields.text("outcome.reason") or "")
            factor = None if said is None else said[1]
        if factor is not None:
            yield StatedChange("factor", after=parts.json_text(factor))
    changed = fields.value("debugContext.debugData.changedAttributes")
    if isinstance(changed, str):
        changed = [name.strip() for name in changed.strip("[]").split(",")]
    if isinstance(changed, list):
        for name in changed[: _MOST_TARGETS + 1]:
            if isinstance(name, str) and name:
                yield StatedChange(name)

"""Google Workspace audit and investigation events, as the Reports API returns them (``admin#reports#activity``).

An activity holds one or more events, which are taken apart before they come here; each has parameters as a list of names and
typed values. Some collectors write one flat row an event instead, with the parameters as an object. A parameter that is
absent says nothing.

Events of most applications tell of what was done; attempts that failed have events of their own (``login_failure``). Where an
event carries a ``status``, that decides. Nothing in the log names a session: events of one sign-in cannot be told by an id.
"""

from __future__ import annotations

import hashlib

import orjson

from workbench.model.event import (
    Credential,
    Event,
    EventTime,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document, fold, names_of
from workbench.sources.google.principals import OAUTH_CLIENT
from workbench.sources.google.workspace_verbs import verb_of
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with
from workbench.sources.times import read_moment

CONSUMER_KEY = "workspace consumer key"

_KIND = "admin#reports#activity"
_PANTHER = "GSuite.ActivityEvent"
_MOST = 500
"""Parameters, and changes, that are read of one event."""

_DEEPEST = 16
"""Levels of nesting that an event's id depends on; parameters have four at most."""

_TOO_MANY = f"only the first {_MOST} parameters are read"
_FILE_ACCESS = "change_user_access"
_CALENDAR_ACCESS = "change_calendar_acls"
_NO_APPLICATION = "no id.applicationName"
_SEVERAL = "the activity holds several events: only the first is read"

_TELL_WHAT_WAS_DONE = frozenset(
    {
        *("admin", "drive", "calendar", "groups", "groups_enterprise", "token", "user_accounts", "login"),
        *("saml", "mobile", "chat", "keep", "vault", "takeout"),
    }
)
"""Applications whose events are acts done. Of others (mail in delivery, rules that fired) it is not clear."""

_SIGN_INS = frozenset({"google_password", "saml", "reauth"})
"""``login_type`` where somebody signed in; ``exchange`` swaps one credential for another (Reports API, "Login events")."""

_RESOURCES = {
    fold(name): (rank, kind, role)
    for rank, (name, kind, role) in enumerate(
        (
            ("doc_id", "drive:item", ResourceRole.TARGET),
            ("USER_EMAIL", "workspace:user", ResourceRole.TARGET),
            ("GROUP_EMAIL", "workspace:group", ResourceRole.TARGET),
            ("affected_email_address", "workspace:user", ResourceRole.TARGET),
            ("calendar_id", "calendar:calendar", ResourceRole.TARGET),
            ("event_id", "calendar:event", ResourceRole.TARGET),
            ("shared_drive_id", "drive:shared drive", ResourceRole.TARGET),
            ("ROLE_NAME", "workspace:role", ResourceRole.TARGET),
            ("ORG_UNIT_NAME", "workspace:organisational unit", ResourceRole.TARGET),
            ("DOMAIN_NAME", "workspace:domain", ResourceRole.TARGET),
            ("application_name", "workspace:application", ResourceRole.TARGET),
            ("OBFUSCATED_CUSTOMER_TAKEOUT_REQUEST_ID", "workspace:takeout", ResourceRole.TARGET),
            ("target_user", "workspace:user", ResourceRole.GRANTEE),
            ("grantee_email", "workspace:user", ResourceRole.GRANTEE),
            ("new_owner", "workspace:user", ResourceRole.GRANTEE),
            ("API_CLIENT_NAME", "oauth:client", ResourceRole.GRANTEE),
        )
    )
}
"""Parameters that name what was acted upon or to whom something was granted, in the order in which they are told."""

_STATUS = {"SUCCEEDED": OutcomeStatus.SUCCESS, "FAILED": OutcomeStatus.FAILED}


class WorkspaceReader(DocumentReader):
    """Reads events of Google Workspace."""

    source = "workspace.activity"
    version = 2
    title = "Google Workspace audit events"
    needs = (
        "activities.list of the Reports API for every application (admin, login, token, drive, user_accounts, saml, groups, …);"
        " kept six months, and events come in hours to days late"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"kind", "plogtype", "id", "id.applicationname"})
    marks = only_with(plogtype=frozenset({fold(_PANTHER)}))
    beside = frozenset({"kind", "events", "name"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an event of Google Workspace."""
        fields = Document(document)
        if fields.value("kind") == _KIND:
            return f"kind is {_KIND}"
        if fields.value("p_log_type") == _PANTHER:
            return f"p_log_type is {_PANTHER}"
        if fields.has("id.applicationName") and (fields.has("events") or fields.has("name")):
            return "id.applicationName, and events or name"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one event."""
        fields = Document(document)
        events = fields.objects_at("events")
        if len(events) > 1:
            fields.odd[_SEVERAL] = None
        body = fields.within("events.0") if events else fields
        parameters = _parameters(body)
        application = fields.text("id.applicationName")
        if application is None:
            fields.odd[_NO_APPLICATION] = None
        kind, name = body.text("type"), body.text("name") or ""
        verb, rule = verb_of(kind, name)
        time = _time(fields, context)
        client = parameters.text("client_id")
        identity, who, on_behalf_of, used = _who(fields, application, name, parameters)
        if client:
            used = (*used, Credential(OAUTH_CLIENT, client))
        event = Event(
            time=time,
            act=parts.act(application or "", name, verb, rule, kind),
            identity=identity,
            kind=who,
            credential=None,
            address=parts.address(fields.text("ipAddress")),
            user_agent=parts.user_agent(parameters.text("user_agent")),
            outcome=_outcome(application, name, body, parameters),
            place=parts.place(fields.text("id.customerId")),
            resources=_resources(parameters, verb, client),
            native_id=_native_id(fields, application, time, kind, name, parameters),
            particulars=parts.particulars(
                used=used,
                changes=_changes(name, parameters),
                on_behalf_of=on_behalf_of,
                device=parameters.text("device_id", "DEVICE_ID"),
            ),
            warnings=parts.warnings_of(time, fields.odd, parameters.odd),
        )
        return Reading(event=event)


def _time(fields: Document, context: Context) -> EventTime:
    for name in ("id.time", "p_event_time"):
        raw = fields.value(name)
        if raw is not None:
            return read_moment(raw, name, context, utc_by=parts.utc_by(fields.data, raw, "Google"))
    return read_moment(None, "id.time", context)


def _parameters(body: Document) -> Document:
    """Return an event's parameters by name, whichever way they are written."""
    found = body.value("parameters")
    if not isinstance(found, list):
        return Document(body.object_at("parameters"))
    named: dict[str, object] = {}
    for each in found[:_MOST]:
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            named[each["name"]] = _value(each)
    parameters = Document(named)
    if len(found) > _MOST:
        parameters.odd[_TOO_MANY] = None
    return parameters


def _value(parameter: dict[str, object]) -> object:
    """Return the value of a parameter, whatever type it is given under (``boolValue``, ``multiValue`` …)."""
    return next(
        (value for key, value in parameter.items() if key != "name" and key.lower().endswith("value")), None
    )


def _who(
    fields: Document, application: str | None, name: str, parameters: Document
) -> tuple[Identity | None, KindReason, Identity | None, tuple[Credential, ...]]:
    """Tell who acted: the actor, or the application that took on a user's identity."""
    email, profile = fields.text("actor.email"), fields.text("actor.profileId")
    caller, key = fields.text("actor.callerType"), fields.text("actor.key")
    user = parts.identity(email or profile, email, profile)
    used = (Credential(CONSUMER_KEY, key),) if key else ()
    client = fields.text("actor.applicationInfo.oauthClientId")
    if client:
        used = (*used, Credential(OAUTH_CLIENT, client))
        if fields.flag("actor.applicationInfo.impersonation"):
            who = parts.identity(client, fields.text("actor.applicationInfo.applicationName"))
            return (
                who,
                parts.kind(IdentityKind.NONHUMAN, "actor.applicationInfo.impersonation is true"),
                user,
                used,
            )
    if caller == "KEY":
        who = user or parts.identity(key)
        return (
            who,
            parts.kind(IdentityKind.NONHUMAN, "actor.callerType is KEY: an application by itself"),
            None,
            used,
        )
    if user is None:
        return None, parts.kind(IdentityKind.UNDECIDED, "the record names no actor"), None, used
    if email and email.endswith(".gserviceaccount.com"):
        return user, parts.kind(IdentityKind.NONHUMAN, "actor.email is a service account"), None, used
    if application == "login" and name == "login_success":
        how = parameters.text("login_type")
        if how in _SIGN_INS:
            return user, parts.kind(IdentityKind.HUMAN, "login_success: this is the sign-in"), None, used
        reason = "login_success, but its login_type is not known to take a person"
        return user, parts.kind(IdentityKind.UNDECIDED, reason), None, used
    if caller == "USER":
        reason = "actor.callerType is USER: a user account, no sign-in in this record"
        return user, parts.kind(IdentityKind.UNDECIDED, reason), None, used
    return (
        user,
        parts.kind(IdentityKind.UNDECIDED, "the record does not say what kind of actor it is"),
        None,
        used,
    )


def _outcome(application: str | None, name: str, body: Document, parameters: Document) -> Outcome:
    stated = body.text("status.eventStatus")
    if stated is not None:
        status = _STATUS.get(stated.upper(), OutcomeStatus.UNKNOWN)
        return parts.outcome(status, body.text("status.errorCode") or stated)
    lowered = name.lower()
    if lowered == "login_failure":
        return parts.outcome(OutcomeStatus.DENIED, parameters.text("login_failure_type", "failure_type"))
    if lowered.endswith(("_failure", "_failed")):
        return parts.outcome(OutcomeStatus.FAILED, name)
    if application in _TELL_WHAT_WAS_DONE and name and not lowered.startswith("login_challenge"):
        return parts.outcome(OutcomeStatus.SUCCESS, parameters.text("saml_status_code"))
    return parts.outcome(OutcomeStatus.UNKNOWN, parameters.text("login_challenge_status"))


def _resources(parameters: Document, verb: Verb, client: str | None) -> tuple[Resource, ...]:
    found: dict[str, Resource] = {}
    named = sorted((*_RESOURCES[name], name) for name in names_of(parameters.data) if name in _RESOURCES)
    for _, kind, role, name in named:
        value = parameters.text(name)
        if value:
            found.setdefault(value, Resource(kind, value, role))
    if client and verb is Verb.ISSUE_CREDENTIAL:
        found.setdefault(client, Resource("oauth:client", client, ResourceRole.GRANTEE))
    return tuple(found.values())


def _changes(name: str, parameters: Document) -> tuple[StatedChange, ...]:
    """Return what stands under ``old_…`` beside ``new_…``, in any case; ``old_visibility`` stands beside ``visibility``."""
    by_name = {key.lower(): value for key, value in parameters.data.items()}
    found = []
    if name.lower() == _CALENDAR_ACCESS:
        # The log holds the new level alone (Calendar Audit Activity Events): that before is the one that was given earlier.
        grantee = parameters.text("grantee_email")
        level = parts.json_text(parameters.text("access_level"))
        if grantee and level:
            found.append(StatedChange(f"access_level/{grantee}", None, level, parameters.text("calendar_id")))
    for key in by_name:
        base = key[4:]
        if key.startswith("old_"):
            after = by_name.get(f"new_{base}", by_name.get(base))
            found.append(
                StatedChange(
                    _field(name, base, parameters), parts.stated(by_name[key]), parts.json_text(after)
                )
            )
        elif key.startswith("new_") and f"old_{base}" not in by_name:
            found.append(StatedChange(_field(name, base, parameters), after=parts.stated(by_name[key])))
    return tuple(found[:_MOST])


def _field(name: str, base: str, parameters: Document) -> str:
    """Name what changed: the setting where the record names one, since its parameter is only called ``NEW_VALUE``.

    Access to a file is of one user: that of another is another field.
    """
    if base != "value":
        return base
    user = parameters.text("target_user") if name.lower().startswith(_FILE_ACCESS) else None
    return f"{_FILE_ACCESS}/{user}" if user else parameters.text("SETTING_NAME") or name


def _native_id(
    fields: Document,
    application: str | None,
    time: EventTime,
    kind: str | None,
    name: str,
    parameters: Document,
) -> str | None:
    """Name an event by its activity's id and a digest of what it says: one activity can hold several events.

    A number of the event in its activity would tell them apart as well, but flat rows do not have it.
    """
    qualifier = fields.text("id.uniqueQualifier")
    if qualifier is None:
        return None
    try:
        said = orjson.dumps([kind, name, _plain(parameters.data)], option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):  # half a character, an enormous number
        said = repr((kind, name, len(parameters.data))).encode("utf-8", "replace")
    digest = hashlib.blake2b(said, digest_size=8).hexdigest()
    return f"{application or ''} {time.micros or ''} {qualifier} {digest}"


def _plain(value: object, depth: int = 0) -> object:
    """Write numbers and truth values as text, and names in lower case: exports differ in both."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {
            key.lower(): inner if type(inner) is str else _plain(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else value

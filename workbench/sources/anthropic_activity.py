"""Anthropic Compliance API activity feed (``GET /v1/compliance/activities``): Claude organisations and the Claude Platform.

Types, actors and fields: platform.claude.com, Compliance API, activities. There are hundreds of types, all made of
a noun and what happened to it (``claude_chat_created``), so the verb follows from the end of the name.
"""

from __future__ import annotations

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
from workbench.sources.interning import Remembered
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_LOG_TYPE = "Anthropic.Activity"
_API_KEY = "anthropic api key"
_ADMIN_KEY = "anthropic admin api key"
_SERVICE_KEY = "anthropic service key"

_ENDS: tuple[tuple[str, Verb, str], ...] = (
    # The first that fits decides.
    ("api_key_created", Verb.ISSUE_CREDENTIAL, "creates a key"),
    ("service_key_created", Verb.ISSUE_CREDENTIAL, "creates a key"),
    ("access_key_created", Verb.ISSUE_CREDENTIAL, "creates a key"),
    ("invite_link_generated", Verb.ISSUE_CREDENTIAL, "makes a link that lets people join"),
    ("invite_link_regenerated", Verb.ISSUE_CREDENTIAL, "makes a link that lets people join"),
    ("logged_out", Verb.AUTHENTICATE, "sign-out"),
    ("session_revoked", Verb.AUTHENTICATE, "ends a session"),
    ("second_factor_magic_link", Verb.AUTHENTICATE, "sign-in"),
    ("phone_code_sent", Verb.AUTHENTICATE, "sign-in"),
    ("phone_code_verified", Verb.AUTHENTICATE, "sign-in"),
    ("primary_owner_transferred", Verb.DELEGATE, "hands over the organisation"),
    ("role_assignment_granted", Verb.DELEGATE, "grants a role"),
    ("role_assigned", Verb.DELEGATE, "grants a role"),
    ("role_permission_added", Verb.DELEGATE, "changes what a role may do"),
    ("user_role_updated", Verb.DELEGATE, "changes a role"),
    ("member_added", Verb.DELEGATE, "adds a member"),
    ("member_updated", Verb.DELEGATE, "changes a member's role"),
    ("invite_sent", Verb.DELEGATE, "invites a member"),
    ("invite_re_sent", Verb.DELEGATE, "invites a member"),
    ("invite_accepted", Verb.DELEGATE, "a member joins"),
    ("join_request_approved", Verb.DELEGATE, "adds a member"),
    ("join_request_instant_approved", Verb.DELEGATE, "adds a member"),
    ("role_mappings_updated", Verb.DELEGATE, "changes who gets a role"),
    ("sharing_updated", Verb.DELEGATE, "changes who can see it"),
    ("session_share_created", Verb.DELEGATE, "shares"),
    ("chat_snapshot_created", Verb.DELEGATE, "shares"),
    ("artifact_published", Verb.DELEGATE, "makes it public"),
    ("access_restored", Verb.DELEGATE, "gives access again"),
    ("scim_user_created", Verb.CREATE, "a directory adds a member"),
    ("_exported", Verb.READ, "takes data out"),
    ("data_export_started", Verb.READ, "takes data out"),
    ("data_export_completed", Verb.READ, "takes data out"),
    ("audit_log_export_started", Verb.READ, "takes data out"),
    ("access_failed", Verb.READ, "tries to see it"),
    ("deletion_failed", Verb.DELETE, "tries to delete it"),
    ("deletion_requested", Verb.DELETE, "asks for deletion"),
    ("bulk_delete_initiated", Verb.DELETE, "asks for deletion"),
)
_WORDS: dict[str, Verb] = {
    **dict.fromkeys(("created", "added", "uploaded", "registered"), Verb.CREATE),
    **dict.fromkeys(
        ("updated", "toggled", "replaced", "enabled", "disabled", "changed", "activated"), Verb.UPDATE
    ),
    **dict.fromkeys(
        ("deactivated", "archived", "verified", "renamed", "connected", "disconnected"), Verb.UPDATE
    ),
    **dict.fromkeys(("restored", "rotated", "unarchived"), Verb.UPDATE),
    **dict.fromkeys(("deleted", "removed", "revoked", "unassigned"), Verb.DELETE),
    **dict.fromkeys(("viewed", "listed", "accessed", "downloaded", "searched"), Verb.READ),
    **dict.fromkeys(("granted", "assigned", "approved", "shared", "published"), Verb.DELEGATE),
}
_BEGUN = ("_initiated", "_started", "_attempted", "_requested", "_scheduled")
"""Ends of types that say an act was begun, not how it ended."""

_KEYS = {
    "apikeycreated": ("api_key_id", _API_KEY),
    "platformapikeycreated": ("api_key_id", _API_KEY),
    "adminapikeycreated": ("admin_api_key_id", _ADMIN_KEY),
    "servicekeycreated": ("service_key_id", _SERVICE_KEY),
}
_OWN_IDS = frozenset({"id", "organizationid", "organizationuuid", "requestid"})
_GRANTEES = frozenset({"userid", "targetid", "principalid", "memberids"})
_SETTINGS = frozenset(
    {"enabled", "isenabled", "scopes", "role", "audience", "amount", "limittype", "maxpermission"}
)
"""Fields that hold the new value of what the activity set."""

_LOGGING_SWITCHES = ("compliance_api_enabled", "compliance_api_logging_enabled")
_MOST = 500
_TOO_MANY = f"more than {_MOST} resources or changes: the rest is in the record only"


class AnthropicReader(DocumentReader):
    """Reads activities of an Anthropic organisation. The actor is a signed-in user or a key, named by its id."""

    source = "anthropic.activity"
    version = 1
    title = "Anthropic activity feed"
    needs = (
        "all pages of /v1/compliance/activities for the period, as JSON; it must have been switched on before"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"createdat", "organizationid", "plogtype"})
    marks = only_with(plogtype=frozenset({fold(_LOG_TYPE)}))
    beside = frozenset({"id", "actor", "actor.type"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an activity."""
        fields = Document(document)
        if fields.value("p_log_type") == _LOG_TYPE:
            return f"p_log_type is {_LOG_TYPE}"
        actor, native_id = fields.value("actor.type"), fields.value("id")
        if (
            isinstance(actor, str)
            and actor.endswith("_actor")
            and fields.has("type")
            and fields.has("created_at")
        ):
            return "created_at and type, with an actor.type that ends in _actor"
        if (
            isinstance(native_id, str)
            and native_id.startswith("activity_")
            and fields.has("created_at", "type")
        ):
            return "id starts with activity_"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one activity."""
        fields = Document(document)
        action = fields.text("type") or ""
        verb, rule = _VERBS[action]
        time = parts.moment(fields, "created_at", context, vendor="Anthropic")
        who, kind, credential = _who(fields)
        outcome = _outcome(action, fields)
        resources = list(_resources(document, verb))
        changes = list(_changes(document)) if outcome.status is OutcomeStatus.SUCCESS else []
        tampers = any(fields.flag(switch) is False for switch in _LOGGING_SWITCHES)
        event = Event(
            time=time,
            act=parts.act("anthropic", action, verb, rule, tampers_logging=tampers),
            identity=who,
            kind=kind,
            credential=credential,
            address=parts.address(fields.text("actor.ip_address")),
            user_agent=parts.user_agent(fields.text("actor.user_agent")),
            outcome=outcome,
            place=parts.place(fields.text("organization_id", "organization_uuid")),
            resources=tuple(resources[:_MOST]),
            native_id=fields.text("id"),
            request_id=fields.text("request_id"),
            warnings=parts.warnings_of(
                time, (_TOO_MANY,) if max(len(resources), len(changes)) > _MOST else (), fields.odd
            ),
            particulars=parts.particulars(
                issued=tuple(_issued(action, fields)),
                changes=tuple(changes[:_MOST]),
                device=fields.text("actor.device_id"),
                correlation_id=fields.text("actor.workos_event_id"),
            ),
        )
        return Reading(event=event)


def _verb(action: str) -> tuple[Verb, str]:
    name = action.lower()
    for end, verb, why in _ENDS:
        if name.endswith(end):
            return verb, f"ends in {end}: {why}"
    if "login_" in name or name.startswith("lti_launch"):
        return Verb.AUTHENTICATE, "a sign-in"
    last = name.rpartition("_")[2]
    if last in _WORDS:
        return _WORDS[last], f"last word: {last}"
    return Verb.UNCLASSIFIED, "no rule"


_VERBS: Remembered[str, tuple[Verb, str]] = Remembered(_verb)
"""The verb of each activity type and its rule, remembered."""


def _who(fields: Document) -> tuple[Identity | None, KindReason, Credential | None]:
    """Tell the actor by ``actor.type``; of a key only its id is known."""
    kind = fields.text("actor.type") or ""
    account = fields.text("organization_id")
    if kind == "user_actor":
        user = fields.text("actor.user_id")
        who = parts.identity(user, fields.text("actor.email_address"), user, account)
        return who, parts.kind(IdentityKind.HUMAN, "actor.type is user_actor: a signed-in user"), None
    if kind in ("api_actor", "admin_api_key_actor"):
        admin = kind == "admin_api_key_actor"
        key = fields.text("actor.admin_api_key_id" if admin else "actor.api_key_id")
        credential = parts.credential(_ADMIN_KEY if admin else _API_KEY, key)
        return (
            parts.identity(key, None, key, account),
            parts.kind(IdentityKind.NONHUMAN, f"actor.type is {kind}"),
            credential,
        )
    if kind in ("anthropic_actor", "system_actor"):
        name = fields.text("actor.service") or kind
        return parts.identity(name, name), parts.kind(IdentityKind.SERVICE, f"actor.type is {kind}"), None
    if kind == "scim_directory_sync_actor":
        directory = fields.text("actor.directory_id")
        who = parts.identity(directory, fields.text("actor.idp_connection_type"), directory, account)
        return who, parts.kind(IdentityKind.NONHUMAN, f"actor.type is {kind}"), None
    if kind == "unauthenticated_user_actor":
        claimed = fields.text("actor.unauthenticated_email_address")
        return parts.identity(claimed), parts.kind(IdentityKind.UNDECIDED, "nobody has signed in yet"), None
    other = fields.text("actor.user_id", "actor.id", "actor.email_address")
    return parts.identity(other), parts.kind(IdentityKind.UNDECIDED, "actor.type is none that is known"), None


def _outcome(action: str, fields: Document) -> Outcome:
    """Tell how it ended: the feed records what was done, and has types of their own for what failed or only began."""
    name = action.lower()
    status = fields.number("status_code")
    if status is not None:
        return parts.http_outcome(status)
    if name.endswith(("access_failed", "login_failed", "_blocked", "_rejected", "_invalid")):
        return parts.outcome(OutcomeStatus.DENIED)
    if name.endswith("_failed"):
        return parts.outcome(OutcomeStatus.FAILED)
    if not name or name.endswith(_BEGUN):
        return parts.outcome(OutcomeStatus.UNKNOWN)
    return parts.outcome(OutcomeStatus.SUCCESS)


def _issued(action: str, fields: Document) -> Iterator[Issued]:
    field, kind = _KEYS.get(fold(action), ("", ""))
    key = parts.credential(kind, fields.text(field)) if field else None
    if key is not None:
        yield Issued(key)


def _resources(document: dict[str, object], verb: Verb) -> Iterator[Resource]:
    """Return what the fields that end in ``_id`` name, and whom an invitation went to."""
    url = member(document, "url")
    if isinstance(url, str) and url:
        yield parts.resource("anthropic:url", url.partition("?")[0])
    for name, key in names_of(document).items():
        if name in _OWN_IDS or "." in name:
            continue
        value = document[key]
        if isinstance(value, list) and name.endswith("ids"):
            values = [each for each in value[: _MOST + 1] if isinstance(each, str) and each]
        elif isinstance(value, str) and value and (name.endswith("id") or name == "invitedemail"):
            values = [value]
        else:
            continue
        grantee = verb is Verb.DELEGATE and (name in _GRANTEES or name == "invitedemail")
        kind = key.lower().removesuffix("s").removesuffix("id").rstrip("_ -")
        for each in values:
            yield parts.resource(
                f"anthropic:{kind}", each, ResourceRole.GRANTEE if grantee else ResourceRole.TARGET
            )


def _changes(document: dict[str, object]) -> Iterator[StatedChange]:
    """Read what the activity says was set: ``updates``, pairs of ``previous_`` and ``new_`` or ``current_``, and switches."""
    names = names_of(document)
    for name, key in names.items():
        if name.startswith("previous") and len(name) > len("previous"):
            noun = name.removeprefix("previous")
            now = next((names[side + noun] for side in ("current", "new") if side + noun in names), None)
            after = None if now is None else parts.stated(document[now])
            yield StatedChange(key[len("previous") :].lstrip("_- "), parts.stated(document[key]), after)
        elif name in _SETTINGS or name.endswith("enabled"):
            yield StatedChange(key, after=parts.stated(document[key]))
    updates = decoded(member(document, "updates"))
    if isinstance(updates, dict):
        for field, value in list(updates.items())[: _MOST + 1]:
            yield _update(field, value)
    elif isinstance(updates, list):
        for each in updates[: _MOST + 1]:
            field = member(each, "field") or member(each, "name") or member(each, "type")
            yield _update(field if isinstance(field, str) else "updates", each)


def _update(field: str, value: object) -> StatedChange:
    if isinstance(value, dict):
        sides = names_of(value)
        old = next(
            (
                sides[side]
                for side in ("previous", "previousvalue", "old", "oldvalue", "from")
                if side in sides
            ),
            None,
        )
        new = next(
            (sides[side] for side in ("current", "currentvalue", "new", "newvalue", "to") if side in sides),
            None,
        )
        if old is not None or new is not None:
            return StatedChange(
                field,
                None if old is None else parts.stated(value[old]),
                None if new is None else parts.stated(value[new]),
            )
    return StatedChange(field, after=parts.stated(value))

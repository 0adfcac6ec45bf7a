"""1Password Events API: sign-in attempts, item usages and audit events.

Fields and codes: 1Password Events API reference, version 1.4.1 and those before it. No field tells a person from a
service account (``user_type`` and ``actor_type`` tell members from outsiders), so most kinds stay undecided.
"""

from __future__ import annotations

from workbench.model.event import (
    Address,
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
    UserAgent,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document, fold
from workbench.sources.onepassword_codes import OBJECTS, audit_verb, usage_verb
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_SESSION = "1password session"
_SERVICE_TOKEN = "1password service account token"

_SIGN_IN_FAILURES = {
    "credentials_failed": OutcomeStatus.DENIED,
    "mfa_failed": OutcomeStatus.DENIED,
    "sso_failed": OutcomeStatus.DENIED,
    "modern_version_failed": OutcomeStatus.DENIED,
    "firewall_failed": OutcomeStatus.DENIED,
}


class SignInReader(DocumentReader):
    """Reads sign-in attempts. A successful one starts a session, whose id audit events repeat."""

    source = "onepassword.signin"
    version = 1
    title = "1Password sign-in attempts"
    needs = "sign-in attempts of the period from the Events API"
    checked_against = "published samples edited by hand"
    hints = frozenset({"targetuser", "sessionuuid", "plogtype"})
    marks = only_with(plogtype=frozenset({fold("OnePassword.SignInAttempt")}))
    beside = frozenset({"targetuser", "targetuser.uuid"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a sign-in attempt."""
        fields = Document(document)
        if fields.value("p_log_type") == "OnePassword.SignInAttempt":
            return "p_log_type is OnePassword.SignInAttempt"
        if (
            fields.has("target_user.uuid")
            and fields.has("category")
            and fields.has("client", "client.ip_address", "client.app_name")
        ):
            return "target_user, category and client"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one attempt."""
        fields = Document(document)
        category, detail = fields.text("category") or "", fields.text("type")
        time = parts.moment(fields, "timestamp", context, vendor="1Password")
        if category in ("success", "firewall_reported_success"):
            outcome = parts.outcome(OutcomeStatus.SUCCESS, detail)
        else:
            outcome = parts.outcome(
                _SIGN_IN_FAILURES.get(category, OutcomeStatus.UNKNOWN), detail or category or None
            )
        who = _user(fields, "target_user")
        session = parts.credential(_SESSION, fields.text("session_uuid"))
        began = session is not None and outcome.status is OutcomeStatus.SUCCESS
        event = Event(
            time=time,
            act=parts.act(
                "1password",
                "sign-in",
                Verb.AUTHENTICATE,
                "every record is a sign-in attempt",
                category or None,
            ),
            identity=who,
            kind=_sign_in_kind(who, detail, outcome),
            credential=None,
            address=_address(fields),
            user_agent=_app(fields),
            outcome=outcome,
            place=parts.place(fields.text("account_uuid")),
            native_id=fields.text("uuid"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                used=(session,) if session else (),
                issued=(Issued(session, who.canonical if who else None),) if session and began else (),
                device=fields.text("client.device_uuid"),
            ),
        )
        return Reading(event=event)


class ItemUsageReader(DocumentReader):
    """Reads item usages: each is somebody's client using an item of a shared vault."""

    source = "onepassword.item_usage"
    version = 1
    title = "1Password item usages"
    needs = "item usages of the period from the Events API; items of personal vaults are never in it"
    checked_against = "published samples edited by hand"
    hints = frozenset({"itemuuid", "plogtype"})
    marks = only_with(plogtype=frozenset({fold("OnePassword.ItemUsage")}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an item usage."""
        fields = Document(document)
        if fields.value("p_log_type") == "OnePassword.ItemUsage":
            return "p_log_type is OnePassword.ItemUsage"
        return "item_uuid and vault_uuid" if fields.has("item_uuid") and fields.has("vault_uuid") else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one usage. It has no result: what it records has happened."""
        fields = Document(document)
        action = fields.text("action")
        time = parts.moment(fields, "timestamp", context, vendor="1Password")
        verb, rule = usage_verb(action)
        who = _user(fields, "user")
        resources: list[Resource] = []
        for kind, field, role in (
            ("1password:item", "item_uuid", ResourceRole.SECRET),
            ("1password:vault", "vault_uuid", ResourceRole.TARGET),
        ):
            name = fields.text(field)
            if name:
                resources.append(parts.resource(kind, name, role))
        event = Event(
            time=time,
            act=parts.act("1password", f"item {action}" if action else "item usage", verb, rule),
            identity=who,
            kind=_kind(who),
            credential=None,
            address=_address(fields),
            user_agent=_app(fields),
            outcome=parts.outcome(OutcomeStatus.SUCCESS),
            place=parts.place(fields.text("account_uuid")),
            resources=tuple(resources),
            native_id=fields.text("uuid"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(device=fields.text("client.device_uuid")),
        )
        return Reading(event=event)


class AuditReader(DocumentReader):
    """Reads audit events. No sample was at hand: it follows the Events API reference.

    The reference does not say that failed attempts are recorded; an audit event is an action that was performed.
    """

    source = "onepassword.audit"
    version = 1
    title = "1Password audit events"
    needs = "audit events of the period from the Events API"
    checked_against = ""
    hints = frozenset({"objectuuid", "objecttype", "plogtype"})
    marks = only_with(plogtype=frozenset({fold("OnePassword.AuditEvent")}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event."""
        fields = Document(document)
        if fields.value("p_log_type") == "OnePassword.AuditEvent":
            return "p_log_type is OnePassword.AuditEvent"
        if fields.text("object_type") in OBJECTS and fields.has("action") and fields.has("actor_uuid"):
            return "actor_uuid and action, with an object_type of 1Password"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields = Document(document)
        action, kind = fields.text("action") or "", fields.text("object_type") or ""
        time = parts.moment(fields, "timestamp", context, vendor="1Password")
        verb, rule = audit_verb(action, kind)
        uuid = fields.text("actor_uuid", "actor_details.uuid")
        name = fields.text("actor_details.email", "actor_details.name")
        who = parts.identity(uuid, name, uuid, fields.text("actor_account_uuid"))
        target = fields.text("object_uuid")
        issued: tuple[Issued, ...] = ()
        if verb is Verb.ISSUE_CREDENTIAL and kind == "satoken" and target:
            issued = (Issued(Credential(_SERVICE_TOKEN, target)),)
        event = Event(
            time=time,
            act=parts.act("1password", f"{kind} {action}".strip(), verb, rule),
            identity=who,
            kind=_kind(who),
            credential=parts.credential(_SESSION, fields.text("session.uuid")),
            address=parts.address(fields.text("session.ip")),
            user_agent=None,
            outcome=parts.outcome(OutcomeStatus.SUCCESS if action else OutcomeStatus.UNKNOWN),
            place=parts.place(fields.text("account_uuid")),
            resources=tuple(_audit_resources(fields, verb, kind, target)),
            native_id=fields.text("uuid"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(issued=issued, device=fields.text("session.device_uuid")),
        )
        return Reading(event=event)


def _user(fields: Document, where: str) -> Identity | None:
    uuid = fields.text(f"{where}.uuid")
    return parts.identity(uuid, fields.text(f"{where}.email", f"{where}.name"), uuid)


def _address(fields: Document) -> Address | None:
    return parts.address(fields.text("client.ip_address"))


def _app(fields: Document) -> UserAgent | None:
    return parts.user_agent(fields.text("client.app_name"))


def _kind(who: Identity | None) -> KindReason:
    if who is None:
        return parts.kind(IdentityKind.UNDECIDED, "no actor")
    return parts.kind(IdentityKind.UNDECIDED, "no field says whether a person or a service account acts")


def _sign_in_kind(who: Identity | None, detail: str | None, outcome: Outcome) -> KindReason:
    if detail == "mfa_ok" and outcome.status is OutcomeStatus.SUCCESS:
        return parts.kind(IdentityKind.HUMAN, "type is mfa_ok: a second factor was given")
    return _kind(who)


def _audit_resources(fields: Document, verb: Verb, kind: str, target: str | None) -> list[Resource]:
    """Return the object of the action and the auxiliary one (for a membership, who joins)."""
    names = dict.fromkeys((fields.text("aux_uuid", "aux_details.uuid"), fields.text("aux_details.email")))
    role = ResourceRole.GRANTEE if verb is Verb.DELEGATE else ResourceRole.TARGET
    return [
        *([parts.resource(f"1password:{OBJECTS.get(kind, kind)}", target)] if target else []),
        *(parts.resource("1password:related", name, role) for name in names if name and name != target),
    ]

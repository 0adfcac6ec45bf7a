"""Documents in the Elastic Common Schema, whatever wrote them (https://www.elastic.co/guide/en/ecs/current/).

Where a document still holds the original record (``event.original``) and that is JSON, the original is read instead, by the
reader of its own source. What comes here is a translation: read for the fields that the schema defines, nested or with
dotted names, and for the few fields of Elastic's own integrations that carry a credential.
"""

from __future__ import annotations

import re

from workbench.clock import rfc3339
from workbench.model.event import (
    Act,
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
from workbench.sources.aws_cloudtrail.access_keys import credential_of
from workbench.sources.aws_cloudtrail.identity import Who, who
from workbench.sources.aws_cloudtrail.verbs import read_act
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.document import Document
from workbench.sources.linux.events import account_on, login_session
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment, read_time

_MARKS = (
    "event.action",
    "event.category",
    "event.dataset",
    "event.kind",
    "event.module",
    "event.code",
    "event.outcome",
)
_KIBANA = re.compile(
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{1,2}), (\d{4}) @ (\d\d:\d\d:\d\d(?:\.\d{1,9})?)",
    re.ASCII,
)
"""How Kibana shows times, and writes them into CSV, in the zone of whoever exported."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_INTERACTIVE = frozenset(
    {"2", "7", "10", "11", "interactive", "unlock", "remoteinteractive", "cachedinteractive"}
)
"""Logon types of Windows that stand for a person at a screen."""

_SERVICE_SIDS = {"S-1-5-18": "local system", "S-1-5-19": "local service", "S-1-5-20": "network service"}
_CREDENTIALS = (
    ("okta.authentication_context.external_session_id", "okta session"),
    ("github.hashed_token", "github token"),
    ("teleport.audit.session.id", "teleport session"),
)
"""Fields of Elastic's integrations that name a credential, and its type."""

_BY_TYPE = (
    ("creation", Verb.CREATE),
    ("deletion", Verb.DELETE),
    ("change", Verb.UPDATE),
    ("installation", Verb.UPDATE),
)
_READABLE = frozenset(
    {"file", "database", "web", "configuration", "registry", "email", "api", "iam", "library"}
)


class EcsReader(DocumentReader):
    """Reads ECS documents: event, user, source, host, cloud, process, file."""

    source = "ecs"
    version = 1
    title = "Elastic Common Schema documents"
    needs = "the documents as JSON (one a line), with event.original where it was kept; and the shippers' own files if they exist"
    checked_against = "one published document"
    hints = frozenset({"ecs", "ecs.version", "event.action", "event.dataset", "event.category"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is in the Elastic Common Schema."""
        fields = Document(document)
        mark = next((path for path in _MARKS if fields.has(path)), None)
        if mark is None:
            return ""
        version = fields.value("ecs.version")
        if version is not None:
            return f"ecs.version is {str(version)[:20]}, with {mark}"
        # Kibana exports the chosen columns only, under their full names.
        return f"@timestamp beside the column {mark}" if mark in document and "@timestamp" in document else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one document."""
        fields = Document(document)
        time = _time(fields, context)
        act = _act(fields)
        host = fields.text("host.hostname", "host.name")
        identity, kind, more_keys = _who(fields, host)
        keys = [*_keys(fields, host), *more_keys]
        event = Event(
            time=time,
            act=act,
            identity=identity,
            kind=kind,
            credential=keys[0] if keys else None,
            address=parts.address(fields.text("source.ip", "client.ip", "source.address", "client.address")),
            user_agent=parts.user_agent(fields.text("user_agent.original")),
            outcome=_outcome(fields, act),
            place=parts.place(
                fields.text("cloud.account.id", "cloud.project.id") or host,
                fields.text("cloud.region"),
                fields.text("organization.id"),
            ),
            resources=tuple(_resources(fields, host)),
            native_id=fields.text("event.id"),
            request_id=fields.text("http.request.id", "aws.cloudtrail.request_id"),
            shared_id=fields.text("aws.cloudtrail.shared_event_id"),
            particulars=parts.particulars(
                used=tuple(keys[1:]),
                changes=_changes(fields),
                on_behalf_of=_other(fields, host),
                device=fields.text("device.id"),
                correlation_id=fields.text("trace.id", "transaction.id"),
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _time(fields: Document, context: Context) -> EventTime:
    basis = "@timestamp" if fields.has("@timestamp") else "event.created"
    raw = fields.value(basis)
    shown = _KIBANA.fullmatch(raw) if isinstance(raw, str) else None
    if shown is None:
        return read_moment(raw, basis, context)
    day = f"{shown[3]}-{_MONTHS.index(shown[1]) + 1:02}-{int(shown[2]):02}"
    time = read_moment(f"{day}T{shown[4]}", basis, context)
    return EventTime(time.micros, shown[0], time.precision, time.basis)


def _act(fields: Document) -> Act:
    provider, action = fields.text("event.provider"), fields.text("event.action")
    kinds, types = fields.texts_at("event.category"), fields.texts_at("event.type")
    category = ", ".join(kinds) or fields.text("event.kind")
    if action and provider and provider.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return read_act(provider, action, fields.flag("aws.cloudtrail.read_only"), category, False)
    service = fields.text("event.dataset", "event.module", "event.provider", "data_stream.dataset") or "ecs"
    verb, rule = _verb(fields.text("event.kind"), kinds, types)
    name = action or fields.text("event.code") or (f"{kinds[0]}: {types[0]}" if kinds and types else "event")
    return parts.act(service, name, verb, rule, category)


def _verb(kind: str | None, kinds: list[str], types: list[str]) -> tuple[Verb, str]:
    """Decide the verb by the schema's own categories, which its integrations assign event by event."""
    if kind is not None and kind not in ("event", "asset"):
        return Verb.OTHER, f"event.kind is {kind}"
    if "authentication" in kinds or "session" in kinds:
        return (
            Verb.AUTHENTICATE,
            f"event.category {'authentication' if 'authentication' in kinds else 'session'}",
        )
    for word, verb in _BY_TYPE:
        if word in types:
            return verb, f"event.type {word}"
    if "process" in kinds:
        return (
            (Verb.EXECUTE, "event.category process, type start")
            if "start" in types
            else (Verb.OTHER, "event.category process")
        )
    if "access" in types and not _READABLE.isdisjoint(kinds):
        return Verb.READ, "event.type access"
    if "network" in kinds or "host" in kinds or "intrusion_detection" in kinds:
        return Verb.OTHER, f"event.category {kinds[0]}"
    return Verb.UNCLASSIFIED, "no rule"


def _who(fields: Document, host: str | None) -> tuple[Identity | None, KindReason, tuple[Credential, ...]]:
    """Tell who acts, what stands behind it, and the session keys that only a principal of AWS has."""
    if fields.has("aws.cloudtrail.user_identity.arn"):
        known = _aws_principal(fields)
        return known.identity, known.kind, known.particulars.used if known.particulars is not None else ()
    name = fields.text("user.name", "client.user.name", "source.user.name", "user.full_name")
    email = fields.text("user.email", "client.user.email", "source.user.email")
    number = fields.text("user.id", "client.user.id", "source.user.id")
    kind = _kind(fields, number, name or email)
    if _on_host(fields):
        return account_on(name, host, number), kind, ()
    domain = fields.text("user.domain", "organization.id")
    return parts.identity(number or email or name, email or name, number, domain), kind, ()


def _aws_principal(fields: Document) -> Who:
    """Read the user as CloudTrail's ``userIdentity`` is read, so that identities and sessions of both agree."""
    session = "aws.cloudtrail.user_identity.session_context."
    created = read_time(fields.value(session + "creation_date"), "creation_date").micros
    return who(
        {
            "arn": fields.text("aws.cloudtrail.user_identity.arn"),
            "type": fields.text("aws.cloudtrail.user_identity.type"),
            "accountId": fields.text("cloud.account.id"),
            "invokedBy": fields.text("aws.cloudtrail.user_identity.invoked_by"),
            "sessionContext": {
                "sessionIssuer": {"arn": fields.text(session + "session_issuer.arn")},
                "attributes": {"creationDate": None if created is None else rfc3339(created)},
            },
        },
        from_console=False,
        signed_in=fields.text("event.action") == "ConsoleLogin" and fields.text("event.outcome") == "success",
    )


def _on_host(fields: Document) -> bool:
    """Tell whether the accounts of a document are those of a Linux host, whose names and numbers mean something there only."""
    return (fields.text("event.dataset", "event.module") or "").startswith(("system", "auditd", "journald"))


def _kind(fields: Document, number: str | None, name: str | None) -> KindReason:
    logon = fields.text("winlog.logon.type", "winlog.event_data.LogonType")
    if logon and logon.lower() in _INTERACTIVE and fields.text("event.outcome") == "success":
        return parts.kind(IdentityKind.HUMAN, f"winlog.logon.type is {logon}")
    if number in _SERVICE_SIDS:
        return parts.kind(IdentityKind.NONHUMAN, f"user.id is {number} ({_SERVICE_SIDS[number]})")
    if number is None and name is None:
        return parts.kind(IdentityKind.UNDECIDED, "no user in the document")
    return parts.kind(IdentityKind.UNDECIDED, "no interactive sign-in in the document")


def _other(fields: Document, host: str | None) -> Identity | None:
    name, number = fields.text("user.effective.name"), fields.text("user.effective.id")
    if _on_host(fields):
        return account_on(name, host, number)
    return parts.identity(number or name, name, number)


def _keys(fields: Document, host: str | None) -> list[Credential]:
    found = []
    key = fields.text("aws.cloudtrail.user_identity.access_key_id")
    if key:
        found.append(credential_of(key))
    signature = fields.text("system.auth.ssh.signature")
    if signature:
        found.append(Credential("ssh key", signature.split(" ")[-1]))
    for path, what in _CREDENTIALS:
        value = fields.text(path)
        if value:
            found.append(Credential(what, value))
    session = login_session(host, fields.text("user.audit.id"), fields.text("auditd.session"))
    if session is not None:
        found.append(session)
    return found


def _outcome(fields: Document, act: Act) -> Outcome:
    told = fields.text("event.outcome")
    code = (fields.text("error.code", "event.reason") or "")[:200] or None  # a reason may be whole sentences
    if told == "success":
        return parts.outcome(OutcomeStatus.SUCCESS, code)
    if told == "failure":
        denied = act.verb is Verb.AUTHENTICATE or "denied" in fields.texts_at("event.type")
        return parts.outcome(OutcomeStatus.DENIED if denied else OutcomeStatus.FAILED, code)
    return parts.http_outcome(fields.number("http.response.status_code"), code)


def _resources(fields: Document, host: str | None) -> list[Resource]:
    found: list[Resource] = []

    def add(what: str, name: str | None, role: ResourceRole = ResourceRole.TARGET) -> None:
        if name:
            found.append(Resource(what, name, role, host))

    grants = fields.has("group.name", "group.id")
    add(
        "ecs:user",
        fields.text("user.target.id", "user.target.name"),
        ResourceRole.GRANTEE if grants else ResourceRole.TARGET,
    )
    add("ecs:group", fields.text("group.name", "group.id"))
    add("ecs:file", fields.text("file.path"))
    line = fields.text("process.command_line") or " ".join(fields.texts_at("process.args"))
    add("ecs:command", COMMAND_LINES[line] if line else fields.text("process.executable"))
    add("ecs:service", fields.text("service.name"))
    add("ecs:url", _without_query(fields.text("url.original", "url.full", "url.path")))
    return found


def _without_query(url: str | None) -> str | None:
    """Return an address without its query, in which tokens stand."""
    return url.partition("?")[0] if url else None


def _changes(fields: Document) -> tuple[StatedChange, ...]:
    """Return what ``user.changes`` states: the new values, beside the old ones in ``user.target``."""
    after = fields.object_at("user.changes")
    before = fields.object_at("user.target")
    return tuple(
        StatedChange(f"user.{name}", parts.json_text(before.get(name)), parts.json_text(value))
        for name, value in list(after.items())[:100]
    )

"""Teleport audit events (Teleport "Audit Event Reference").

Keys such as ``addr.remote`` are literally dotted. The last letter of the ``code`` tells success (``I``) from failure (``W``
and ``E``): the reference gives both states of one event under one name and different codes. ``ei`` numbers the events of a
session; 2147483646 and 2147483647 stand for "at the end". Names of join tokens are the secret itself unless the join method
is another than ``token``, so they are never taken.
"""

from __future__ import annotations

import re

from workbench.model.event import (
    Credential,
    Event,
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
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.document import Document
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.teleport_verbs import BY_LAST_WORD, BY_METHOD, FILES, OVERRIDES, SFTP, TAMPERS

_CODE = re.compile(r"[A-Z]{1,8}\d{1,6}[IWE]", re.ASCII)
_EVENT = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*", re.ASCII)
_SERVER_USER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(.+)", re.ASCII)
_LOG_TYPE = "Gravitational.TeleportAudit"
_MOST = 500
"""Resources of one event."""

_REFUSED = re.compile(
    r"denied|not found|did not match|invalid|not in the set|not allowed|unauthori[sz]ed", re.I
)
_SECRET_NAMES = frozenset(
    {
        "join_token",
        "provision_token",
        "trusted_cluster_token",
        "reset_password_token",
        "recovery_token",
        "privilege_token",
    }
)


_BROWSER_METHODS = frozenset({"saml", "oidc", "github"})
"""Methods of user.login that lead through an identity provider's page."""


class TeleportReader(DocumentReader):
    """Reads Teleport audit events: sign-ins, certificates, sessions with their commands, and changes of the cluster."""

    source = "teleport.audit"
    version = 1
    title = "Teleport audit log"
    needs = (
        "the events of the auth service's backend (dir, DynamoDB, Firestore, Athena) or of the event handler, for the period; "
        "session recordings are kept apart"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"code"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a Teleport event."""
        fields = Document(document)
        event, code = fields.value("event"), fields.value("code")
        if not isinstance(event, str) or not isinstance(code, str):
            return ""
        if fields.value("p_log_type") == _LOG_TYPE:
            return f"p_log_type is {_LOG_TYPE}"
        if not _CODE.fullmatch(code) or not _EVENT.fullmatch(event):
            return ""
        beside = next(
            (name for name in ("uid", "ei", "cluster_name", "sid", "cert_type") if fields.has(name)), None
        )
        return f"event and a code such as {code}, with {beside}" if beside else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one event."""
        fields = Document(document)
        name = fields.text("event") or ""
        time = parts.moment(fields, "time", context, vendor="Teleport")
        verb, rule = _verb(name, fields)
        who, for_whom, kind = _who(name, fields)
        session = fields.text("sid")
        resources = _resources(name, fields)
        more = (f"{len(resources) - _MOST} more resources",) if len(resources) > _MOST else ()
        event = Event(
            time=time,
            act=parts.act(
                "teleport", name, verb, rule, name.partition(".")[0], tampers_logging=name in TAMPERS
            ),
            identity=who,
            kind=kind,
            credential=parts.credential("teleport session", session),
            address=parts.address(
                fields.text("addr.remote", "identity.client_ip", "remote_addr", "src_addr")
            ),
            user_agent=parts.user_agent(fields.text("user_agent")),
            outcome=_outcome(name, fields),
            place=parts.place(fields.text("cluster_name", "identity.teleport_cluster")),
            resources=tuple(resources[:_MOST]),
            native_id=fields.text("uid"),
            particulars=parts.particulars(
                used=_used(name, fields),
                changes=_changes(name, fields),
                withheld=_withheld(name, fields),
                on_behalf_of=for_whom,
                device=fields.text("trusted_device.device_id", "device.device_id"),
                correlation_id=fields.text("id")
                if name.startswith("access_request")
                else fields.text("session_chunk_id"),
            ),
            warnings=parts.warnings_of(time, more, fields.odd),
        )
        return Reading(event=event)


def _verb(name: str, fields: Document) -> tuple[Verb, str]:
    if name in OVERRIDES:
        return OVERRIDES[name]
    if name == "scp":
        use = fields.text("action") or ""
        return FILES.get(use, Verb.UNCLASSIFIED), f"action: {use}"
    if name == "sftp":
        number = fields.number("action")
        return SFTP.get(number or 0, Verb.OTHER), f"sftp action {number}"
    if name.endswith(".request") or name == "kube.request":
        method = (fields.text("verb", "method") or "").upper()
        return BY_METHOD.get(method, Verb.UNCLASSIFIED), f"HTTP method {method}"
    last = name.rpartition(".")[2]
    if last in BY_LAST_WORD:
        return BY_LAST_WORD[last], f"last word: {last}"
    return Verb.UNCLASSIFIED, "no rule"


def _who(name: str, fields: Document) -> tuple[Identity | None, Identity | None, KindReason]:
    """Tell who acts, and as whom: under an impersonated name, or as an account of the server or database."""
    cluster = fields.text("cluster_name", "identity.teleport_cluster")
    user = fields.text("user", "identity.user", "updated_by")
    impersonator = fields.text("impersonator", "identity.impersonator")
    kind = _kind(name, fields, user, cluster)
    if impersonator and impersonator != user:
        return _person(impersonator, cluster), _person(user, cluster), kind
    return _person(user, cluster), _account(fields), kind


def _person(user: str | None, cluster: str | None) -> Identity | None:
    return parts.identity(user, user, None, cluster) if user else None


def _account(fields: Document) -> Identity | None:
    """Return the account that a session runs as: of a host as ``login@host``, a database, a desktop or a cloud role."""
    login, host = fields.text("login"), fields.text("server_hostname")
    if login:
        return parts.identity(f"{login}@{host}" if host else login, login, None, host)
    role = fields.text("aws_role_arn")
    if role:
        return parts.identity(role)
    other, place = fields.text("db_user", "windows_user"), fields.text("db_service", "windows_domain")
    return parts.identity(other, other, None, place) if other else None


def _kind(name: str, fields: Document, user: str | None, cluster: str | None) -> KindReason:
    user_kind = fields.number("user_kind")
    if user_kind == 2:
        return parts.kind(IdentityKind.NONHUMAN, "user_kind is 2 (bot)")
    if fields.has("bot_name", "identity.bot_name", "bot_instance_id", "identity.bot_instance_id"):
        return parts.kind(IdentityKind.NONHUMAN, "the record names a bot")
    if user_kind == 1:
        return parts.kind(IdentityKind.HUMAN, "user_kind is 1 (human)")
    if name == "user.login" and fields.flag("success"):
        return _sign_in_kind(fields)
    server = _SERVER_USER.fullmatch(user) if user else None
    if server is not None and server[1] == cluster:
        return parts.kind(IdentityKind.SERVICE, "the user is a host id of the cluster itself")
    if name in ("instance.join", "bot.join"):
        return parts.kind(IdentityKind.NONHUMAN, f"event is {name}")
    if user is None:
        return parts.kind(IdentityKind.UNDECIDED, "no user")
    if user.startswith("bot-"):
        return parts.kind(IdentityKind.UNDECIDED, "the name begins like a bot's; the record does not say so")
    return parts.kind(IdentityKind.UNDECIDED, "no user_kind in the record")


def _sign_in_kind(fields: Document) -> KindReason:
    """Tell whether a sign-in took a person: somebody answered a second factor, or a browser was sent to another site."""
    method = fields.text("method") or "unknown"
    if fields.has("mfa_device"):
        return parts.kind(IdentityKind.HUMAN, f"user.login by method {method}, with an MFA device")
    if method in _BROWSER_METHODS:
        return parts.kind(IdentityKind.HUMAN, f"user.login by method {method}: a sign-in in a browser")
    return parts.kind(IdentityKind.UNDECIDED, f"user.login by method {method}: a program can give a password")


def _outcome(name: str, fields: Document) -> Outcome:
    code = fields.text("code") or ""
    if name == "session.command":
        status = fields.number("return_code")
        if status is not None:
            return parts.outcome(
                OutcomeStatus.SUCCESS if status == 0 else OutcomeStatus.FAILED, f"return_code {status}"
            )
    status = fields.number("status_code", "response_code")
    if status:
        return parts.http_outcome(status)
    success = fields.flag("success")
    if success is None:
        success = None if not code else code[-1] == "I"
    if success is None:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    if success:
        return parts.outcome(OutcomeStatus.SUCCESS, code or None)
    message = fields.text("error", "message", "exitError") or ""
    denied = name in ("user.login", "auth", "session.rejected") or _REFUSED.search(message) is not None
    return parts.outcome(OutcomeStatus.DENIED if denied else OutcomeStatus.FAILED, code or None)


def _used(name: str, fields: Document) -> tuple[Credential, ...]:
    """Return what a machine presented to join: the subject of its token, and the CI run it names."""
    if name not in ("bot.join", "instance.join"):
        return ()
    subject, run = fields.text("attributes.sub"), fields.text("attributes.run_id")
    found = []
    if subject:
        found.append(Credential("jwt subject", subject))
    if run and fields.text("method") == "github":
        found.append(Credential("github workflow run", run))
    return tuple(found)


def _resources(name: str, fields: Document) -> list[Resource]:
    found: list[Resource] = []

    def add(
        what: str, title: str | None, role: ResourceRole = ResourceRole.TARGET, account: str | None = None
    ) -> None:
        if title:
            found.append(Resource(what, title, role, account))

    host = fields.text("server_hostname")
    if name == "session.command":
        line = " ".join((fields.text("path", "program") or "", *fields.texts_at("argv")))
        add("linux:command", COMMAND_LINES[line.strip()], account=host)
    subject = name.partition(".")[0]
    if subject not in _SECRET_NAMES:
        add(f"teleport:{subject}", fields.text("name"))
    elif fields.text("name") != fields.text("user"):
        add(
            "teleport:user",
            fields.text("name") if subject.startswith(("reset", "recovery", "privilege")) else None,
        )
    if name == "cert.create":
        add("teleport:user", fields.text("identity.user"), ResourceRole.GRANTEE)
    add("teleport:bot", fields.text("bot_name"))
    add("teleport:user", fields.text("target.user"))
    add("teleport:server", host or fields.text("server_id"))
    for what, path in (
        ("teleport:kubernetes cluster", "kubernetes_cluster"),
        ("teleport:kubernetes cluster", "identity.kubernetes_cluster"),
        ("teleport:database", "db_service"),
        ("teleport:database", "identity.route_to_database.service_name"),
        ("teleport:application", "app_name"),
        ("teleport:application", "identity.route_to_app.name"),
        ("teleport:desktop", "desktop_name"),
        ("teleport:desktop", "desktop_addr"),
        ("teleport:directory", "directory_name"),
    ):
        title = fields.text(path)
        if title and not any(each.name == title for each in found):
            add(what, title)
    kind, resource = fields.text("resource_kind"), fields.text("resource_name")
    space = fields.text("resource_namespace")
    if kind and resource:
        add(
            f"kubernetes:{kind}",
            f"{space}/{resource}" if space else resource,
            account=fields.text("kubernetes_cluster"),
        )
    if name != "session.command":
        add("linux:file", fields.text("path", "file_path"), account=host)
        command = fields.text("command", "db_query", "query", "args.sql")
        add("teleport:command", COMMAND_LINES[command] if command else None)
    if fields.has("dst_addr"):
        add("linux:socket", f"{fields.text('dst_addr')} port {fields.text('dst_port') or '?'}")
    for role in fields.texts_at("roles", "identity.roles"):
        add("teleport:role", role)
    for role in fields.texts_at("identity.aws_role_arns"):
        add("iam:role", role)
    return found


def _changes(name: str, fields: Document) -> tuple[StatedChange, ...]:
    """Return the new values that a record states; Teleport does not write the old ones."""
    stated = {
        "state": fields.value("state") if name.startswith("access_request") else None,
        "roles": fields.value("roles") if name in ("user.create", "user.update") else None,
    }
    return tuple(
        StatedChange(field, None, parts.json_text(value))
        for field, value in stated.items()
        if value is not None
    )


def _withheld(name: str, fields: Document) -> tuple[str, ...]:
    """Tell what the end of a session says was not recorded."""
    if name != "session.end":
        return ()
    found = []
    if fields.text("session_recording") == "off":
        found.append("recording: session_recording is off")
    if fields.flag("enhanced_recording") is False:
        found.append("commands and connections: enhanced_recording is false")
    return tuple(found)

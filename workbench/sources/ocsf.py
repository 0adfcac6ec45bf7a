"""Events in the Open Cybersecurity Schema Framework, whatever produced them (Amazon Security Lake and others; schema.ocsf.io).

The schema is a translation: what the producer's log held and the translation left out is not here, and what the verb is
called was decided by the translator. For CloudTrail the operation is kept, so its verb is decided as for CloudTrail itself.
``time`` counts milliseconds since 1970 (type ``timestamp_t``); some producers write microseconds.
"""

from __future__ import annotations

import re

from workbench.clock import rfc3339
from workbench.model.event import (
    Act,
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
from workbench.sources.aws_cloudtrail.access_keys import credential_of
from workbench.sources.aws_cloudtrail.identity import Who, who
from workbench.sources.aws_cloudtrail.verbs import read_act
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.document import Document
from workbench.sources.ocsf_classes import ACTIVITIES, REPORTS
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment, read_time

_MOST = 500
"""Resources of one event."""

_LONGEST_CODE = 200
"""Characters of a code that are kept: some producers write whole sentences."""

_AWS_KEY = re.compile(r"A[KS]IA[A-Z0-9]{12,28}", re.ASCII)
_DENIED = re.compile(
    r"denied|unauthori[sz]ed|forbidden|not authori[sz]ed|invalid_credentials|locked_out", re.I
)
_NOT_FOUND = re.compile(r"not ?found|nosuch|does not exist", re.I)
_INTERACTIVE = {2: "interactive", 7: "unlock", 10: "remote interactive", 11: "cached interactive"}
"""``logon_type_id`` of a sign-in by a person at a screen."""

_RESULTS = ("entity", "user", "file", "web_resources", "group", "policy", "reg_key", "reg_value", "job")
"""Objects that may stand beside a ``…_result``: the state before the act, and after it."""


class OcsfReader(DocumentReader):
    """Reads OCSF events of any class by their common objects: actor, api, src_endpoint, resources, status."""

    source = "ocsf"
    version = 1
    title = "OCSF events (Amazon Security Lake and others)"
    needs = "the events as JSON; and, as a translation loses things, the producer's own log where it can still be had"
    checked_against = "three published examples (CloudTrail and EKS)"
    hints = frozenset({"classuid", "typeuid"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an OCSF event."""
        fields = Document(document)
        number = fields.value("class_uid")
        if number is None or not str(number).isdecimal():
            return ""
        beside = next(
            (name for name in ("metadata", "category_uid", "type_uid", "activity_id") if fields.has(name)),
            None,
        )
        return f"class_uid {number}, with {beside}" if beside else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one event."""
        fields = Document(document)
        basis = "time" if fields.has("time") else "time_dt"
        time = read_moment(fields.value(basis), basis, context)
        act = _act(fields)
        identity, kind, more_keys = _who(fields, _actor(fields), act)
        keys = [*_keys(fields), *more_keys]
        resources = _resources(fields)
        more = (f"{len(resources) - _MOST} more resources",) if len(resources) > _MOST else ()
        event = Event(
            time=time,
            act=act,
            identity=identity,
            kind=kind,
            credential=keys[0] if keys else None,
            address=parts.address(
                fields.text("src_endpoint.ip", "src_endpoint.domain", "src_endpoint.svc_name")
            ),
            user_agent=parts.user_agent(fields.text("http_request.user_agent")),
            outcome=_outcome(fields),
            place=parts.place(
                fields.text("cloud.account.uid", "cloud.account_uid", "unmapped.recipientAccountId"),
                fields.text("cloud.region"),
                fields.text("cloud.org.uid", "metadata.tenant_uid"),
            ),
            resources=tuple(resources[:_MOST]),
            native_id=fields.text("metadata.uid"),
            request_id=fields.text("api.request.uid"),
            shared_id=fields.text("unmapped.sharedEventID"),
            particulars=parts.particulars(
                used=tuple(keys[1:]),
                issued=_issued(fields),
                changes=_changes(fields),
                device=fields.text("device.uid"),
                correlation_id=fields.text("metadata.correlation_uid"),
            ),
            warnings=parts.warnings_of(time, more, fields.odd),
        )
        return Reading(event=event)


def _product(fields: Document) -> str:
    return (
        fields.text("metadata.product.name", "metadata.log_provider", "metadata.product.vendor_name")
        or "ocsf"
    )


def _act(fields: Document) -> Act:
    number = fields.number("class_uid") or 0
    category = fields.text("class_name") or f"class {number}"
    service, operation = fields.text("api.service.name"), fields.text("api.operation")
    if operation and service and service.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        unmapped = fields.within("unmapped")
        return read_act(service, operation, unmapped.flag("readOnly"), category, False)
    activity = fields.number("activity_id")
    name = operation or fields.text("activity_name", "type_name") or f"activity {activity}"
    verb, rule = _verb(number, activity)
    return parts.act(service or _product(fields), name, verb, rule, category)


def _verb(number: int, activity: int | None) -> tuple[Verb, str]:
    """Decide the verb by class and activity; the last three digits of a class's number count within its category."""
    rule = f"OCSF class {number} activity {activity}"
    known = ACTIVITIES.get(number % 100_000 if number > 100_000 else number)
    if known is not None:
        return known.get(activity or 0, Verb.UNCLASSIFIED), rule
    if number // 1000 in REPORTS:
        return Verb.OTHER, f"OCSF class {number}: a report"
    return Verb.UNCLASSIFIED, f"no rule for OCSF class {number}"


def _actor(fields: Document) -> Document:
    """Return the user who acts: the actor's; for a sign-in that names none, the user who signs in."""
    user = fields.within("actor.user")
    if not user.has("uid", "name", "uuid", "email_addr") and fields.number("class_uid") == 3002:
        return fields.within("user")
    return user


def _who(
    fields: Document, user: Document, act: Act
) -> tuple[Identity | None, KindReason, tuple[Credential, ...]]:
    """Tell who acts, what stands behind it, and the session keys that only a principal of AWS has."""
    kind = _kind(fields, user, act)
    arn = next(
        (value for path in ("uid", "uuid", "uid_alt") if (value := user.text(path) or "").startswith("arn:")),
        None,
    )
    if arn is not None:
        known = _aws_principal(fields, user, arn)
        keys = known.particulars.used if known.particulars is not None else ()
        return known.identity, known.kind if kind.kind is IdentityKind.UNDECIDED else kind, keys
    account = user.text("account.uid", "account_uid", "domain")
    name = user.text("name", "email_addr", "full_name")
    found = parts.identity(user.text("uid", "uuid") or name, name, user.text("uid_alt", "uuid"), account)
    if found is None:
        found = parts.identity(fields.text("actor.invoked_by", "actor.app_name", "actor.process.name"))
    return found, kind, ()


def _aws_principal(fields: Document, user: Document, arn: str) -> Who:
    """Read the actor as CloudTrail's ``userIdentity`` is read, so that identities and sessions of both agree."""
    created = read_time(fields.value("actor.session.created_time"), "created_time").micros
    return who(
        {
            "arn": arn,
            "type": user.text("type"),
            "accountId": user.text("account.uid", "account_uid"),
            "sessionContext": {
                "sessionIssuer": {"arn": fields.text("actor.session.issuer")},
                "attributes": {"creationDate": None if created is None else rfc3339(created)},
            },
        },
        from_console=False,
        signed_in=False,
    )


def _kind(fields: Document, user: Document, act: Act) -> KindReason:
    succeeded = fields.number("status_id") == 1
    if succeeded and act.verb is Verb.AUTHENTICATE:
        logon = fields.number("logon_type_id")
        if logon in _INTERACTIVE:
            return parts.kind(IdentityKind.HUMAN, f"logon_type_id is {logon} ({_INTERACTIVE[logon]})")
        if act.action == "ConsoleLogin":
            return parts.kind(IdentityKind.HUMAN, "api.operation is ConsoleLogin")
    number = user.number("type_id")
    if number in (3, 4):
        return parts.kind(
            IdentityKind.NONHUMAN, f"user.type_id is {number} ({'system' if number == 3 else 'service'})"
        )
    if user.text("type") == "AWSService":
        return parts.kind(IdentityKind.SERVICE, "user.type is AWSService")
    name = user.text("name") or ""
    if name.startswith(("system:serviceaccount:", "system:node:")):
        return parts.kind(IdentityKind.NONHUMAN, f"the name begins with {name[: name.index(':', 7) + 1]}")
    if not user.has("uid", "name", "uuid"):
        return parts.kind(IdentityKind.UNDECIDED, "no user in the record")
    return parts.kind(IdentityKind.UNDECIDED, "no interactive sign-in and no type that tells")


def _keys(fields: Document) -> list[Credential]:
    """Return the credential and session that the actor presented."""
    found: list[Credential] = []
    for path in ("actor.user.credential_uid", "actor.session.credential_uid", "user.credential_uid"):
        value = fields.text(path)
        if value and not any(each.native_id == value for each in found):
            found.append(
                credential_of(value) if _AWS_KEY.fullmatch(value) else Credential("ocsf credential", value)
            )
    for path in ("actor.session.uid", "session.uid"):
        value = fields.text(path)
        if value and not any(each.native_id == value for each in found):
            found.append(Credential(f"{_product(fields).lower()} session", value))
    return found


def _issued(fields: Document) -> tuple[Issued, ...]:
    """Return the AWS keys that CloudTrail's answer names, where the translation kept it."""
    unmapped = fields.within("unmapped")
    key = fields.text(
        "api.response.data.credentials.accessKeyId", "api.response.data.accessKey.accessKeyId"
    ) or unmapped.text("responseElements.credentials.accessKeyId", "responseElements.accessKey.accessKeyId")
    return (Issued(credential_of(key)),) if key and _AWS_KEY.fullmatch(key) else ()


def _outcome(fields: Document) -> Outcome:
    code = (fields.text("api.response.error", "status_code", "status_detail") or "")[:_LONGEST_CODE] or None
    status = fields.number("status_id")
    if status is None:
        status = {"success": 1, "failure": 2}.get((fields.text("status") or "").lower(), 0)
    if status == 1:
        return parts.outcome(OutcomeStatus.SUCCESS, code)
    told = " ".join(filter(None, (code, fields.text("status_detail"), fields.text("api.response.message"))))
    if _DENIED.search(told) or fields.number("action_id") == 2:
        return parts.outcome(OutcomeStatus.DENIED, code)
    if status == 2:
        missing = _NOT_FOUND.search(told) is not None
        return parts.outcome(OutcomeStatus.NOT_FOUND if missing else OutcomeStatus.FAILED, code)
    http = fields.number("http_response.code") or fields.number("api.response.code")
    return parts.http_outcome(http, code)


def _resources(fields: Document) -> list[Resource]:
    found: list[Resource] = []

    def add(
        what: str, name: str | None, role: ResourceRole = ResourceRole.TARGET, owner: str | None = None
    ) -> None:
        if name:
            # Tokens stand in the query of an address.
            found.append(
                Resource(what, name.partition("?")[0] or name if "://" in name else name, role, owner)
            )

    for each in (*fields.objects_at("resources"), *fields.objects_at("resource")):
        item = Document(each)
        space, name = item.text("namespace"), item.text("uid", "name")
        add(
            item.text("type") or "ocsf:resource",
            f"{space}/{name}" if space and name else name,
            owner=item.text("owner.account.uid", "account_uid", "owner.account_uid"),
        )
    if (fields.number("class_uid") or 0) // 1000 == 3:
        # In the classes of identity and access the user at the top is the one that the act is about.
        grants = fields.has("group", "privileges", "policy")
        role = ResourceRole.GRANTEE if grants else ResourceRole.TARGET
        add("ocsf:user", fields.text("user.uid", "user.name", "user.email_addr"), role)
    for what, paths in (
        ("ocsf:group", ("group.uid", "group.name")),
        ("ocsf:policy", ("policy.uid", "policy.name")),
        ("ocsf:entity", ("entity.uid", "entity.name")),
        ("ocsf:file", ("file.path", "file.name")),
        ("ocsf:database", ("database.uid", "database.name")),
        ("ocsf:bucket", ("databucket.uid", "databucket.name")),
        ("ocsf:table", ("table.uid", "table.name")),
        ("ocsf:service", ("service.name", "dst_endpoint.svc_name")),
        ("ocsf:endpoint", ("dst_endpoint.hostname", "dst_endpoint.ip")),
    ):
        add(what, fields.text(*paths))
    line = fields.text("process.cmd_line")
    add("ocsf:command", COMMAND_LINES[line] if line else None)
    for privilege in fields.texts_at("privileges"):
        add("ocsf:privilege", privilege)
    for each in fields.objects_at("web_resources"):
        add("ocsf:web resource", Document(each).text("url_string", "uid", "name"))
    return found


def _changes(fields: Document) -> tuple[StatedChange, ...]:
    """Return the objects that the record holds twice: as they were, and as they are after the act."""
    found = []
    for name in _RESULTS:
        after = fields.value(f"{name}_result")
        if after is not None:
            before = fields.value(name)
            found.append(StatedChange(name, parts.json_text(before), parts.json_text(after)))
    return tuple(found)

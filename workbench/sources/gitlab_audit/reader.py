"""Reader of GitLab audit events."""

from __future__ import annotations

import re

from workbench.model.event import (
    Credential,
    Event,
    EventTime,
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
from workbench.sources.document import Document, decoded, member, names_of
from workbench.sources.gitlab_audit.actions import decide
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

_NEEDED = frozenset({"authorid", "entityid", "entitytype"})
_TELLING = frozenset({"targettype", "details", "targetdetails", "entitypath"})
_BOT = re.compile(r"(?:project|group)_\d+_bot(?:_?[0-9a-f]*|\d*)", re.ASCII)
"""User names that GitLab gives to the bots of project and group access tokens (documentation: *Project access tokens*)."""

_AUTHORS = {
    -1: (IdentityKind.UNDECIDED, "author_id is -1: not signed in"),
    -2: (IdentityKind.NONHUMAN, "author_id is -2: a deploy token"),
    -3: (IdentityKind.NONHUMAN, "author_id is -3: a deploy key"),
}
"""Authors that are no users (GitLab: ``Gitlab::Audit::NullAuthor``)."""

_MACHINES = {
    "DeployKey": "author_class is DeployKey",
    "DeployToken": "author_class is DeployToken",
    "Ci::Runner": "author_class is Ci::Runner",
}
_TOKEN_NUMBER = re.compile(r"\btoken with (?:token_)?id:? (\d{1,20})\b", re.ASCII)
_TOKEN_TYPES = frozenset({"PersonalAccessToken", "ProjectAccessToken", "GroupAccessToken"})
_SENTENCE_END = re.compile(r"[\"'`:;(\[]|\d|\b(?:from|to|by|with id)\b", re.ASCII)
_LONGEST = 80


class GitLabReader(DocumentReader):
    """Reads audit events of GitLab from the log file, the API, the stream and the web export.

    Each event states that something was done; failures have types and keys of their own (``failed_login``,
    ``…_failed``), so what does not say otherwise succeeded. The log file of older versions has neither an address nor an id.
    """

    source = "gitlab.audit"
    version = 1
    title = "GitLab audit events"
    needs = (
        "audit_json.log and api_json.log, production_json.log of every node (correlation_id joins them), or the audit "
        "events API of the instance and of each group; sign-ins and reads need Premium or streaming"
    )
    checked_against = "published samples (a few events)"
    hints = frozenset({"authorid", "entitytype"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event of GitLab."""
        known = names_of(document).keys()
        if known >= _NEEDED and not _TELLING.isdisjoint(known):
            return "author_id, entity_id, entity_type, and a target or details"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields = Document(document)
        details = fields.object_at("details")
        if details:
            # The API keeps there what the log file and the stream have at the top.
            fields = Document({**details, **document})
        action = _action(fields)
        verb, rule, tampers = decide(action)
        resources = _resources(fields, action, verb)
        correlation = fields.text("correlation_id")
        identity, kind = _who(fields, action)
        path = fields.text("entity_path")
        time = _time(fields, document, context)
        event = Event(
            time=time,
            act=parts.act("gitlab", action, verb, rule, None, tampers_logging=tampers),
            identity=identity,
            kind=kind,
            credential=parts.credential("gitlab token", fields.text("token_id")),
            address=parts.address(fields.text("ip_address", "meta.remote_ip", "remote_ip")),
            user_agent=parts.user_agent(fields.text("user_agent", "ua")),
            outcome=_outcome(fields, action),
            place=parts.place(path.partition("/")[0] if path else None),
            resources=resources,
            native_id=fields.text("id"),
            request_id=correlation,
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                issued=_issued(fields, verb),
                changes=_changes(fields, resources),
                # The administrator who acted as the author (documentation: "Impersonation data").
                on_behalf_of=parts.identity(fields.text("impersonated_by")),
                correlation_id=correlation,
            ),
        )
        return Reading(event=event)


def _time(fields: Document, document: dict[str, object], context: Context) -> EventTime:
    for name in ("created_at", "time"):
        raw = fields.value(name)
        if raw is not None:
            return read_moment(raw, name, context, utc_by=parts.utc_by(document, raw))
    # The column of the web export says in its name that it is UTC.
    name = "Created At (UTC)"
    return read_moment(fields.value(name), name, context, utc_by="GitLab")


def _action(fields: Document) -> str:
    """Return the event's type, or what stands for it where the record has none."""
    named = fields.text("event_type", "event_name")
    message = fields.value("custom_message", "Action")
    operation = member(decoded(message), "action")
    git = operation if isinstance(operation, str) else ""
    if named:
        return f"{named[:_LONGEST]} {git[:_LONGEST]}".strip()
    for key, action in (("failed_login", "failed_login"), ("with", "login")):
        if fields.has(key):
            return action
    for key in ("change", "add", "remove"):
        what = fields.text(key)
        if what:
            return f"{key} {what[:_LONGEST]}"
    if git:
        return f"repository_git_operation {git[:_LONGEST]}"
    return _said(message[:_LONGEST]) if isinstance(message, str) else ""


def _said(sentence: str) -> str:
    """Return what a sentence says was done, without names and numbers, so that actions stay few."""
    end = _SENTENCE_END.search(sentence, 1)
    return (sentence[: end.start()] if end else sentence).strip()


def _who(fields: Document, action: str) -> tuple[Identity | None, KindReason]:
    number = fields.number("author_id")
    name = fields.text("author_name") or fields.text("meta.user", "author_email")
    if number is None and name is None:
        return None, parts.kind(IdentityKind.UNDECIDED, "no author")
    canonical = f"author/{number}" if number is not None and number >= 0 else name
    identity = parts.identity(canonical, name, None if number is None else str(number))
    if number in _AUTHORS:
        return identity, parts.kind(*_AUTHORS[number])
    machine = _MACHINES.get(fields.text("author_class") or "")
    if machine is not None:
        return identity, parts.kind(IdentityKind.NONHUMAN, machine)
    if any(_BOT.fullmatch(known[:_LONGEST]) for known in (fields.text("meta.user"), name) if known):
        return identity, parts.kind(IdentityKind.UNDECIDED, "by its name the bot of an access token")
    if action == "login" or action.startswith("authenticated_with"):
        how = fields.text("with")
        reason = f"interactive sign-in: with {how[:_LONGEST]}" if how else f"interactive sign-in: {action}"
        return identity, parts.kind(IdentityKind.HUMAN, reason)
    return identity, parts.kind(IdentityKind.UNDECIDED, "a user account, which a machine may use")


def _issued(fields: Document, verb: Verb) -> tuple[Issued, ...]:
    """Return the token that was made: by its number in the sentence, or as the target."""
    if verb is not Verb.ISSUE_CREDENTIAL:
        return ()
    message = fields.value("custom_message")
    found = _TOKEN_NUMBER.search(message[:1_000]) if isinstance(message, str) else None
    number = found[1] if found else None
    if number is None and fields.text("target_type") in _TOKEN_TYPES:
        number = fields.text("target_id")
    return (Issued(Credential("gitlab token", number)),) if number else ()


def _outcome(fields: Document, action: str) -> Outcome:
    if action == "failed_login" or "login_failed" in action or fields.has("failed_login"):
        return parts.outcome(OutcomeStatus.DENIED, "failed_login")
    if action.endswith(("_failed", "_failure")):
        return parts.outcome(OutcomeStatus.FAILED, action)
    return parts.outcome(OutcomeStatus.SUCCESS)


def _resources(fields: Document, action: str, verb: Verb) -> tuple[Resource, ...]:
    kind = (fields.text("target_type") or "target").lower()
    number = fields.text("target_id")
    name = fields.text("target_details") or number
    entity = (fields.text("entity_type") or "entity").lower()
    path = fields.text("entity_path")
    if kind == entity and number == fields.text("entity_id"):
        # The entity is the target: its path is the better name.
        name, path = path or name, None
    else:
        path = path or fields.text("entity_id")
    found: list[Resource] = []
    if name is not None:
        role = ResourceRole.TARGET
        if verb is Verb.DELEGATE and kind in ("user", "group"):
            role = ResourceRole.GRANTEE
        elif "variable" in action:
            role = ResourceRole.SECRET
        found.append(Resource(f"gitlab:{kind}", name, role))
    if path is not None:
        found.append(Resource(f"gitlab:{entity}", path))
    if verb is Verb.DELEGATE:
        found.reverse()
    return tuple(found)


def _changes(fields: Document, resources: tuple[Resource, ...]) -> tuple[StatedChange, ...]:
    """Return the field that was changed: its values before and after stand in ``from`` and ``to``."""
    target = resources[0].name if len(resources) > 1 else None
    field = fields.text("change")
    if field is not None:
        before, after = parts.json_text(fields.value("from")), parts.json_text(fields.value("to"))
        return (StatedChange(field, before, after, target),)
    level = parts.json_text(fields.value("as"))
    if level is None:
        return ()
    added, removed = fields.text("add"), fields.text("remove")
    if added is not None:
        return (StatedChange(added, None, level, target),)
    return (StatedChange(removed, level, None, target),) if removed is not None else ()

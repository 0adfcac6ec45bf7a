"""Reader of the GitHub audit log."""

from __future__ import annotations

import re

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
from workbench.sources.document import Document, member, names_of
from workbench.sources.github_audit.actions import decide
from workbench.sources.interning import remembered
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

TOKEN = "github token"
"""A token by the SHA-256 of its value, base64, which GitHub logs as ``hashed_token``."""

TOKEN_ID = "github token id"
RUN = "github workflow run"

_ACTION = re.compile(r"[a-z0-9_]{1,64}(?:\.[a-z0-9_]{1,64}){1,3}", re.ASCII)
_PANTHER = "GitHub.Audit"
_SURE = frozenset(
    {"documentid", "programmaticaccesstype", "actorisbot", "actorlocation", "externalidentitynameid"}
)
_WHEN = frozenset({"@timestamp", "createdat"})
_WHERE = frozenset({"org", "repo", "business", "enterprise"})
_LONGEST_ACCESS = 128
_MOST = 500
_TOO_MANY = f"more than {_MOST} resources: the others are in the record only"

_OLD = re.compile(
    r"(?P<prefix>(?:ruleset_)?)(?:old|previous)_(?P<of>\w+)|(?P<was>\w+)_(?:was|were)", re.ASCII
)
"""Names of fields that hold the value before: ``old_permission``, ``ruleset_old_name``, ``config_was``."""

_ISSUES_TOKEN = frozenset(
    {"personal_access_token.create", "personal_access_token.access_granted", "oauth_access.create"}
    | {"personal_access_token.credential_regenerated", "oauth_access.regenerate"}
)
_REVOKES_TOKEN = frozenset(
    {"personal_access_token.access_revoked", "personal_access_token.destroy", "oauth_access.destroy"}
    | {"personal_access_token.credential_revoked", "oauth_access.revoke", "oauth_authorization.destroy"}
    | {"org_credential_authorization.deauthorized", "org_credential_authorization.revoke"}
)
_SIGN_INS = frozenset({"user.login", "org.sso_response", "business.sso_response"})
_ENDS = {
    "success": OutcomeStatus.SUCCESS,
    "failure": OutcomeStatus.FAILED,
    "timed_out": OutcomeStatus.FAILED,
    "cancelled": OutcomeStatus.FAILED,
    "startup_failure": OutcomeStatus.FAILED,
}
_REFUSED = frozenset({"rejected", "denied", "reject", "deny"})


_ACCESS = {
    "personal access token": "a personal access token",
    "personal access token (classic)": "a classic personal access token",
    "fine-grained personal access token": "a fine-grained personal access token",
    "oauth access token": "an OAuth token",
    "oauth token": "an OAuth token",
    "github app": "an app's token",
    "github app user-to-server token": "an app's token",
    "ssh key": "an SSH key",
}
"""Spellings of ``programmatic_access_type``, lower case with spaces."""


class GitHubReader(DocumentReader):
    """Reads audit events of GitHub, as the REST API, streaming and the exports of the web pages write them.

    GitHub defines each event as something that was done (*Audit log events for your organization*: "A repository was
    created"), and has events of their own for what was refused or failed; so an event stands for a success unless its name or
    a status says otherwise. ``hashed_token`` and ``token_id`` name the token that was presented (*Identifying audit log
    events performed by an access token*), except that an event of a token's creation made in the browser can only mean the
    new token, and one of its revocation the revoked one: no published sample shows one. Payloads of webhooks are no audit
    events and are not read.
    """

    source = "github.audit"
    version = 2
    title = "GitHub audit log"
    needs = (
        "enterprise or organisation audit log from the REST API (include=all) or the stream: Git events are kept 7 days "
        "and are not in the web export; api.request and source addresses must have been switched on"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"action"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event of GitHub."""
        action = document.get("action") or Document(document).value("action")
        if type(action) is not str or _ACTION.fullmatch(action) is None:
            return ""
        panther = document.get("p_log_type")
        if panther is not None:
            return f"p_log_type is {_PANTHER}" if panther == _PANTHER else ""
        known = names_of(document).keys()
        if type(member(document, "actor")) is dict:
            return ""
        if not _SURE.isdisjoint(known):
            return f"action is CATEGORY.OPERATION, {min(_SURE & known)}"
        if "actor" in known and not _WHEN.isdisjoint(known) and not _WHERE.isdisjoint(known):
            return "action is CATEGORY.OPERATION, actor, a time, and an organisation or repository"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields = Document(document)
        inner = fields.object_at("data")
        if inner:
            # The exports of the web pages keep there what other records have at the top.
            fields = Document({**inner, **document})
        action = fields.text("action") or ""
        method = (fields.text("request_method") or "").upper() if action == "api.request" else ""
        verb, rule, tampers = decide(action[:256], fields.text("operation_type") or "", method[:16])
        raw, name = fields.value("@timestamp"), "@timestamp"
        if raw is None:
            raw, name = fields.value("created_at"), "created_at"
        time = read_moment(raw, name, context, utc_by=parts.utc_by(document, raw))
        access = fields.text("programmatic_access_type")
        identity, kind = _who(fields, action, access)
        organisation = fields.text("org")
        resources = _resources(fields, action, verb, organisation)
        token, used, issued = _credentials(fields, action, access)
        hidden = ("hashed_token: not given for a request with a token",) if access and token is None else ()
        event = Event(
            time=time,
            act=parts.act(
                "github", action, verb, rule, fields.text("request_category"), tampers_logging=tampers
            ),
            identity=identity,
            kind=kind,
            credential=token,
            address=parts.address(fields.text("actor_ip", "actor_location.ip")),
            user_agent=parts.user_agent(fields.text("user_agent")),
            outcome=_outcome(fields, action),
            place=parts.place(organisation, tenant=fields.text("business", "enterprise")),
            resources=resources,
            native_id=fields.text("_document_id"),
            request_id=fields.text("request_id"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                used=used, issued=issued, changes=_changes(fields, action, resources), withheld=hidden
            ),
        )
        return Reading(event=event)


def _who(fields: Document, action: str, access: str | None) -> tuple[Identity | None, KindReason]:
    """Tell the actor. A user account can be a machine's: only an app is told apart for certain."""
    name = fields.text("actor")
    identity = parts.identity(name, None, fields.text("actor_id"))
    if identity is None:
        return None, parts.kind(IdentityKind.UNDECIDED, "no actor")
    if fields.flag("actor_is_bot"):
        return identity, parts.kind(IdentityKind.NONHUMAN, "actor_is_bot is true")
    if name is not None and name.endswith("[bot]"):
        return identity, parts.kind(IdentityKind.NONHUMAN, "actor ends in [bot], which GitHub keeps for apps")
    if access:
        return identity, _kind_of_access(access[:_LONGEST_ACCESS])
    if action in _SIGN_INS:
        return identity, parts.kind(IdentityKind.HUMAN, f"interactive sign-in: {action}")
    return identity, parts.kind(IdentityKind.UNDECIDED, "a user account, which a machine may use")


@remembered(256)
def _kind_of_access(access: str) -> KindReason:
    """Tell what stands behind a credential by its type, which GitHub writes in several ways."""
    known = access.lower().replace("_", " ")
    if "server-to-server" in known or "deploy key" in known:
        what = "a deploy key" if "deploy key" in known else "an app's installation token"
        return parts.kind(IdentityKind.NONHUMAN, f"{what} (programmatic_access_type)")
    what = _ACCESS.get(known, "a token")
    reason = f"{what} of a user account, which a machine may use (programmatic_access_type)"
    return parts.kind(IdentityKind.UNDECIDED, reason)


def _credentials(
    fields: Document, action: str, access: str | None
) -> tuple[Credential | None, tuple[Credential, ...], tuple[Issued, ...]]:
    """Return the token presented, further keys, and what the act issued."""
    token = fields.text("hashed_token")
    number = fields.text("token_id")
    if action in _REVOKES_TOKEN and not access:
        token = number = None  # made in the browser: they name the token that was revoked
    used: list[Credential] = []
    issued: list[Issued] = []
    if number is not None and number != "0":
        if token is None and not access and action in _ISSUES_TOKEN:
            issued.append(Issued(Credential(TOKEN_ID, number), fields.text("user", "actor")))
        else:
            used.append(Credential(TOKEN_ID, number))
    run = fields.text("workflow_run_id")
    if run is not None:
        if action == "workflows.created_workflow_run":
            issued.append(Issued(Credential(RUN, run)))
        else:
            used.append(Credential(RUN, run))
    subject = fields.text("external_identity_nameid")
    if subject is not None:
        used.append(Credential("external identity", subject))
    if action == "public_key.create":
        fingerprint = fields.text("fingerprint")
        if fingerprint is not None and fingerprint.startswith("SHA256:"):
            issued.append(Issued(Credential("ssh key", fingerprint), fields.text("user", "actor")))
    elif action == "integration_installation.create":
        installation = fields.text("installation_id")
        if installation is not None:
            issued.append(Issued(Credential("github app installation", installation)))
    return parts.credential(TOKEN, token), tuple(used), tuple(issued)


def _outcome(fields: Document, action: str) -> Outcome:
    if action == "api.request":
        return parts.http_outcome(fields.number("status_code"))
    if action == "workflows.completed_workflow_run":
        ended = fields.text("conclusion")
        return parts.outcome(_ENDS.get(ended or "", OutcomeStatus.UNKNOWN), ended)
    operation = action.rpartition(".")[2]
    words = operation.split("_")
    if "failed" in words:
        status = OutcomeStatus.DENIED if operation == "failed_login" else OutcomeStatus.FAILED
        return parts.outcome(status, operation)
    if not _REFUSED.isdisjoint(words) and action.startswith("protected_branch."):
        return parts.outcome(OutcomeStatus.DENIED, operation)
    return parts.outcome(OutcomeStatus.SUCCESS)


_THINGS = {
    "team": ("team", "github:team"),
    "hookid": ("hook_id", "github:hook"),
    "rulesetid": ("ruleset_id", "github:ruleset"),
    "rulesetname": ("ruleset_name", "github:ruleset name"),
    "branch": ("branch", "github:branch"),
    "headbranch": ("head_branch", "github:branch"),
    "environmentname": ("environment_name", "github:environment"),
    "integration": ("integration", "github:app"),
    "oauthapplicationname": ("oauth_application_name", "github:app"),
    "runnername": ("runner_name", "github:runner"),
    "userprogrammaticaccessname": ("user_programmatic_access_name", "github:token name"),
}
"""Fields that name a thing acted upon, beside repository and organisation, by their folded names."""


def _resources(fields: Document, action: str, verb: Verb, organisation: str | None) -> tuple[Resource, ...]:
    found: list[Resource] = []
    repository = fields.text("repo", "repository")
    where = repository or organisation or ""
    if repository is not None:
        found.append(Resource("github:repository", repository, ResourceRole.TARGET, organisation))
    elif action == "api.request":
        path = fields.text("url_path", "route")
        found += [Resource("github:route", path, ResourceRole.TARGET, organisation)] if path else []
    elif organisation is not None:
        found.append(Resource("github:organization", organisation))
    elif business := fields.text("business"):
        found.append(Resource("github:enterprise", business))
    known = names_of(fields.data).keys()
    for folded in sorted(_THINGS.keys() & known):
        name, kind = _THINGS[folded]
        thing = fields.text(name)
        if thing is not None:
            found.append(Resource(kind, thing, ResourceRole.TARGET, organisation))
    user = fields.text("user")
    if action in _REVOKES_TOKEN and not fields.has("programmatic_access_type"):
        for name in ("hashed_token", "token_id"):
            token = fields.text(name)
            if token is not None and token != "0":
                found.append(Resource("github:token", token, ResourceRole.TARGET, organisation))
    if user is not None and (user != fields.text("actor") or verb is Verb.DELEGATE):
        role = ResourceRole.GRANTEE if verb in (Verb.DELEGATE, Verb.ISSUE_CREDENTIAL) else ResourceRole.TARGET
        found.append(Resource("github:user", user, role))
    if "secret" in action and (key := fields.text("key")) is not None:
        found.append(Resource("github:secret", f"{where}/{key}", ResourceRole.SECRET))
    if action == "workflows.prepared_workflow_job":
        secrets = fields.texts_at("secrets_passed")
        found += [Resource("github:secret", f"{where}/{name}", ResourceRole.SECRET) for name in secrets]
        reference = fields.text("job_workflow_ref")
        if reference is not None:
            found.append(Resource("github:workflow", reference, ResourceRole.SOURCE, organisation))
    if "repositoriesaddednames" in known:
        added = fields.texts_at("repositories_added_names")
        found += [Resource("github:repository", name, ResourceRole.TARGET, organisation) for name in added]
    if len(found) > _MOST:
        fields.odd[_TOO_MANY] = None
    return tuple(dict.fromkeys(found[:_MOST]))


@remembered(4096)
def _old_values(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return which keys of a record hold the value before, and the name of the field that each is about."""
    found = []
    known = {key.lower() for key in keys}
    for key in keys:
        match = _OLD.fullmatch(key.lower())
        if match is not None:
            name = match["was"] or match["prefix"] + match["of"]
            found.append((key, name if name in known else match["was"] or match["of"]))
    return tuple(found)


def _changes(fields: Document, action: str, resources: tuple[Resource, ...]) -> tuple[StatedChange, ...]:
    """Return pairs of values: a field and the one that holds its value before, as far as the record has them."""
    target = resources[0].name if len(resources) > 1 else None
    stated: list[StatedChange] = []
    keys = tuple(fields.data)
    for key, name in _old_values(keys) if len(keys) <= _MOST else ():
        # The field "user" names the account concerned, which need not be what came after "old_user".
        after = None if name == "user" else parts.json_text(member(fields.data, name))
        stated.append(StatedChange(name, parts.json_text(fields.data[key]), after, target))
    if action == "repository_ruleset.update":
        for each in fields.objects_at("ruleset_rules_updated")[:_MOST]:
            number = Document(each).text("id")
            name = (
                f"ruleset_rules_updated/{number}/parameters" if number else "ruleset_rules_updated/parameters"
            )
            before, after = (
                parts.json_text(each.get("old_parameters")),
                parts.json_text(each.get("parameters")),
            )
            stated.append(StatedChange(name, before, after, target))
    elif action == "repo.access" and not stated:
        visibility = fields.text("visibility")
        if visibility is not None:
            stated.append(StatedChange("visibility", None, parts.json_text(visibility), target))
    return tuple(stated[:_MOST])

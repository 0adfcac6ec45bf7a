"""Reader of the audit log of HashiCorp Vault."""

from __future__ import annotations

from typing import NamedTuple

from workbench.clock import SECOND
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
from workbench.sources.document import Document, member
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment
from workbench.sources.vault_audit import kmip
from workbench.sources.vault_audit.paths import Decision, decide

ACCESSOR = "vault accessor"
"""A token by its accessor, as the audit device writes it: its HMAC, with a salt of that device, unless switched off.

Equal accessors of two devices or clusters therefore never mean the same token, nor do different ones mean two.
"""

TOKEN_HASH = "vault token hash"
"""A token by its HMAC: the only trace of the token in refused requests."""

_MOST = 500
_LONGEST = 1_024
"""Characters of a path that decide what kind of act it is."""

_HASHED = "hmac-sha256:"
_TYPES = frozenset({"request", "response", "kmip-request", "kmip-response"})
_TOO_MANY = f"more than {_MOST} fields: the others are in the record only"

_HUMAN = {
    "oidc": "sign-in through a browser: mount_type is oidc",
    "saml": "sign-in through a browser: mount_type is saml",
    "userpass": "sign-in with a password: mount_type is userpass",
    "ldap": "sign-in with a password: mount_type is ldap",
    "radius": "sign-in with a password: mount_type is radius",
    "okta": "sign-in with a password: mount_type is okta",
}
_MACHINE = frozenset(
    {
        "approle",
        "kubernetes",
        "aws",
        "azure",
        "gcp",
        "gcpce",
        "jwt",
        "cert",
        "token",
        "alicloud",
        "oci",
        "cf",
        "spiffe",
    }
)
"""Auth methods for machines, by the documentation of each (``Auth methods``)."""


class VaultReader(DocumentReader):
    """Reads entries of Vault's audit devices. A request and its response are one act: the response is its end.

    By Vault's documentation (*Audit log entry schema*) ``error`` is left out for what succeeded, so a response without one
    is a success; a request entry says nothing of how it ended. Texts in bodies are HMACs: equal ones are equal values, on the
    same device. What a device with ``log_raw`` wrote in clear is not repeated.
    """

    source = "vault.audit"
    version = 2
    title = "HashiCorp Vault audit log"
    needs = (
        "the files of one audit device of every node, requests and responses; `vault audit list -detailed`"
    )
    checked_against = "published samples (a few entries of Vault 1.x)"
    hints = frozenset({"request", "request.path", "request.operation"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an entry of Vault's audit log."""
        fields = Document(document)
        what = fields.value("type")
        if type(what) is not str or what not in _TYPES:
            return ""
        if what.startswith("kmip-"):
            return (
                f"type is {what}, request.data.kmip_request"
                if fields.has("request.data.kmip_request")
                else ""
            )
        if fields.has("request.path") and fields.has("request.operation"):
            return f"type is {what}, request.path and request.operation"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one entry."""
        fields = Document(document)
        what = fields.text("type") or ""
        response = what.endswith("response")
        time = read_moment(fields.value("time"), "time", context)
        path = fields.text("request.path") or ""
        operation = fields.text("request.operation") or ""
        mount_type = fields.text("request.mount_type") or ""
        if what.startswith("kmip-"):
            decision = kmip.decide(fields)
        else:
            mount_point = fields.text("request.mount_point") or ""
            decision = decide(
                operation[:_LONGEST], path[:_LONGEST], mount_type[:_LONGEST], mount_point[:_LONGEST]
            )
        outcome = _outcome(fields, response, decision, operation)
        tokens = _tokens(fields, decision)
        namespace = fields.text("request.namespace.path", "request.namespace.id")
        request_id = fields.text("request.id")
        resources = _resources(fields, path, mount_type, decision, namespace)
        changes, withheld = _bodies(fields, decision, outcome, resources)
        event = Event(
            time=time,
            act=parts.act(
                "vault", decision.action, decision.verb, decision.rule, what, tampers_logging=decision.tampers
            ),
            identity=tokens.identity,
            kind=tokens.kind,
            credential=tokens.credential,
            address=parts.address(fields.text("request.remote_address")),
            user_agent=parts.user_agent(_agent(fields)),
            outcome=outcome,
            place=parts.place(namespace),
            resources=resources,
            native_id=f"{request_id}/{what}" if request_id else None,
            request_id=request_id,
            shared_id=request_id,
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                used=tokens.used,
                issued=_issued(fields, decision, context)
                if response and outcome.status is OutcomeStatus.SUCCESS
                else (),
                changes=changes,
                withheld=withheld,
                stage=int(response) if request_id else None,
            ),
        )
        return Reading(event=event)


class _Tokens(NamedTuple):
    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    used: tuple[Credential, ...]


def _tokens(fields: Document, decision: Decision) -> _Tokens:
    """Tell whose token was presented.

    The answer to a sign-in has the token that it hands out in ``auth`` itself: that one was not presented.
    """
    auth = fields.object_at("auth")
    accessor = _text(auth, "accessor")
    handed_out = fields.text("response.auth.accessor")
    signing_in = decision.verb is Verb.AUTHENTICATE
    presented = fields.text("request.client_token_accessor")
    if presented is None and accessor != handed_out and not signing_in:
        presented = accessor
    display = _text(auth, "display_name")
    identity = parts.identity(_text(auth, "entity_id"), display, None, fields.text("request.namespace.id"))
    used = []
    token = fields.text("request.client_token")
    if token is not None and token.startswith(_HASHED):
        # With log_raw the token itself stands here. Refused requests have no more than its hash.
        used.append(Credential(TOKEN_HASH, token))
    serial = fields.text("request.client_certificate_serial_number")
    if serial is not None:
        used.append(Credential("x509 certificate serial", serial))
    metadata = member(auth, "metadata")
    if isinstance(metadata, dict):
        used += _subjects(metadata)
    kind = _kind(fields, auth, display, signing_in, serial)
    return _Tokens(identity, kind, parts.credential(ACCESSOR, presented), tuple(used))


def _subjects(metadata: dict[str, object]) -> list[Credential]:
    """Return what an auth method verified about the caller elsewhere: a service account, the subject of a token."""
    found = []
    name, namespace = _text(metadata, "service_account_name"), _text(metadata, "service_account_namespace")
    if name and namespace:
        found.append(Credential("jwt subject", f"system:serviceaccount:{namespace}:{name}"))
    uid = _text(metadata, "service_account_uid")
    if uid:
        found.append(Credential("kubernetes service account uid", uid))
    subject = _text(metadata, "sub")
    if subject and subject.startswith(("repo:", "project_path:", "system:serviceaccount:")):
        found.append(Credential("jwt subject", subject))
    return found


def _kind(
    fields: Document, auth: dict[str, object], display: str | None, signing_in: bool, serial: str | None
) -> KindReason:
    """Tell what stands behind a token: for certain at the sign-in only, which alone names the auth method."""
    method = fields.text("request.mount_type") if signing_in else None
    if method in _HUMAN:
        return parts.kind(IdentityKind.HUMAN, _HUMAN[method])
    if method in _MACHINE:
        return parts.kind(IdentityKind.NONHUMAN, f"auth method for machines: mount_type is {method}")
    metadata = member(auth, "metadata")
    for name in ("service_account_uid", "AllocationID"):
        if isinstance(metadata, dict) and member(metadata, name):
            return parts.kind(IdentityKind.NONHUMAN, f"auth.metadata has {name}")
    if serial is not None:
        return parts.kind(IdentityKind.NONHUMAN, "client certificate of the KMIP protocol")
    if not auth.get("display_name") and not auth.get("entity_id"):
        return parts.kind(IdentityKind.UNDECIDED, "no identity")
    prefix = (display or "").partition("-")[0]
    if prefix in _MACHINE or prefix in _HUMAN:
        return parts.kind(
            IdentityKind.UNDECIDED, f"by the name of its mount a token of {prefix}; the sign-in would tell"
        )
    return parts.kind(IdentityKind.UNDECIDED, "auth does not tell a person from a machine")


def _issued(fields: Document, decision: Decision, context: Context) -> tuple[Issued, ...]:
    """Return tokens, wrapped tokens and leases that a response hands out. A token that is renewed was there before."""
    found = []
    auth = fields.object_at("response.auth")
    accessor = _text(auth, "accessor")
    if accessor is not None and decision.verb in (Verb.AUTHENTICATE, Verb.ISSUE_CREDENTIAL):
        ttl = member(auth, "token_ttl")
        start = read_moment(member(auth, "token_issue_time"), "token_issue_time", context).micros
        bounded = start is not None and type(ttl) is int and 0 < ttl < _LONGEST_TTL
        ends = start + ttl * SECOND if bounded else None  # type: ignore[operator]  # checked in the line before
        to = _text(auth, "entity_id") or _text(auth, "display_name")
        found.append(Issued(Credential(ACCESSOR, accessor), to, ends))
        token = _text(auth, "client_token")
        if token is not None and token.startswith(_HASHED):
            found.append(Issued(Credential(TOKEN_HASH, token), to, ends))
    for name in ("accessor", "wrapped_accessor"):
        wrapped = fields.text(f"response.wrap_info.{name}")
        if wrapped is not None:
            found.append(Issued(Credential(ACCESSOR, wrapped)))
    lease = fields.text("response.secret.lease_id")
    if lease is not None:
        found.append(Issued(Credential("vault lease", lease)))
    return tuple(found)


_LONGEST_TTL = 10**10


def _outcome(fields: Document, response: bool, decision: Decision, operation: str) -> Outcome:
    error = fields.text("error")
    if error is not None:
        lowered = error.lower()
        if "permission denied" in lowered or "invalid token" in lowered or "missing client token" in lowered:
            return parts.outcome(
                OutcomeStatus.DENIED, "permission denied" if "permission" in lowered else "token"
            )
        if "no handler for route" in lowered or "unsupported path" in lowered:
            return parts.outcome(OutcomeStatus.NOT_FOUND, "no such path")
        return parts.outcome(OutcomeStatus.FAILED, _code(error))
    if not response:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    answered = (
        fields.has("response.data") or fields.has("response.wrap_info") or fields.has("response.redirect")
    )
    if decision.secret and operation == "read" and not answered:
        # A secret that is not there is answered with 404 and leaves no error in the log.
        return parts.outcome(OutcomeStatus.UNKNOWN, "no data")
    return parts.outcome(OutcomeStatus.SUCCESS)


def _code(error: str) -> str:
    """Return the first line that says something of an error's text, which Vault's error lists put after ``* ``."""
    lines = [line.strip().removeprefix("* ") for line in error.splitlines()]
    said = [line for line in lines if line and not line.endswith(("occurred:", "occurred"))]
    return (said[0] if said else error.strip())[:100]


def _resources(
    fields: Document, path: str, mount_type: str, decision: Decision, namespace: str | None
) -> tuple[Resource, ...]:
    if not path:
        return ()
    role = ResourceRole.SECRET if decision.secret else ResourceRole.TARGET
    found = [Resource(f"vault:{mount_type or 'path'}", path, role, namespace)]
    if decision.verb is Verb.READ_SECRET and decision.secret:
        names = _secret_fields(fields.object_at("response.data"))
        found += [
            Resource("vault:field", f"{path}#{name}", ResourceRole.SECRET, namespace)
            for name in names[:_MOST]
        ]
        if len(names) > _MOST:
            fields.odd[_TOO_MANY] = None
    if "/revoke" in path and path.startswith("auth/"):
        # Hashed with the salt of the device, as are those that are presented: equal values are one token.
        for kind in ("accessor", "token"):
            revoked = fields.text(f"request.data.{kind}")
            if revoked is not None and revoked.startswith(_HASHED):
                found.append(Resource(f"vault:{kind}", revoked, ResourceRole.TARGET, namespace))
    serial = fields.text("response.data.serial_number")
    if serial is not None and not serial.startswith(_HASHED):
        found.append(
            Resource(f"vault:{mount_type or 'path'} certificate", serial, ResourceRole.TARGET, namespace)
        )
    return tuple(found)


def _secret_fields(data: dict[str, object]) -> list[str]:
    """Return the names of the fields of a secret; version 2 of the key-value store has them one level down."""
    inner = member(data, "data")
    if isinstance(inner, dict) and isinstance(member(data, "metadata"), dict):
        return list(inner)
    return list(data)


def _bodies(
    fields: Document, decision: Decision, outcome: Outcome, resources: tuple[Resource, ...]
) -> tuple[tuple[StatedChange, ...], tuple[str, ...]]:
    """Return what a write set, as HMACs, and what is hashed in the record."""
    if decision.verb is Verb.READ_SECRET:
        return (), (("response.data: HMAC of the values",) if fields.has("response.data") else ())
    if (
        decision.verb not in (Verb.CREATE, Verb.UPDATE, Verb.DELEGATE)
        or outcome.status is not OutcomeStatus.SUCCESS
    ):
        return (), ()
    data = fields.object_at("request.data")
    inner = member(data, "data")
    prefix = "data/"
    if isinstance(inner, dict):
        data, prefix = inner, "data/data/"
    target = resources[0].name if len(resources) > 1 else None
    stated: list[StatedChange] = []
    hidden = False
    for name, value in data.items():
        if len(stated) == _MOST:
            fields.odd[_TOO_MANY] = None
            break
        text = _shown(value, decision.secret)
        hidden = hidden or text is None or _HASHED in text
        if text is not None:
            stated.append(StatedChange(f"{prefix}{name}", None, text, target))
    return tuple(stated), (("request.data: HMAC of the values",) if hidden else ())


def _shown(value: object, secret: bool) -> str | None:
    """Return a value of a body if it is safe to show: HMACs, and what is no text outside of secrets."""
    if isinstance(value, str):
        return parts.json_text(value) if value.startswith(_HASHED) else None
    if isinstance(value, list):
        safe = all(isinstance(each, str) and each.startswith(_HASHED) for each in value)
        return parts.json_text(value) if safe else None
    return None if secret or isinstance(value, dict) else parts.json_text(value)


def _agent(fields: Document) -> str | None:
    """Return the user agent where the server audits that header in clear."""
    agents = fields.texts_at("request.headers.user-agent")
    return agents[0] if agents and not agents[0].startswith(_HASHED) else None


def _text(value: object, name: str) -> str | None:
    found = member(value, name)
    return found if isinstance(found, str) and found else None

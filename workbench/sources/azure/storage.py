"""Azure Storage diagnostics, categories StorageRead, StorageWrite and StorageDelete: requests to blobs, files, queues, tables.

Microsoft Learn, "Azure Blob Storage monitoring data reference" and the tables StorageBlobLogs, StorageFileLogs, StorageQueueLogs
and StorageTableLogs. The samples at hand hold no ``identity`` with a hash and no requester: those fields are read by the
documentation.

The log names the credential by SHA-256: the account key (``key1(…)``), the signature of a shared access signature
(``SasSignature(…)``) or the OAuth token. The URL holds the shared access signature itself: it is cut off here. One signed with
a user delegation key names the principal that the key was made for (``skoid``).
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from workbench.model.event import (
    Credential,
    Event,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    Resource,
    ResourceRole,
    Verb,
)
from workbench.sources import parts
from workbench.sources.azure.forms import read_time
from workbench.sources.azure.resource_ids import ARM_IDS
from workbench.sources.document import Document, fold
from workbench.sources.interning import Remembered
from workbench.sources.microsoft import tokens
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

ACCOUNT_KEY = "azure storage account key"
SHARED_ACCESS = "azure shared access signature"
OAUTH_TOKEN = "azure storage oauth token"

_CATEGORIES = frozenset({"storageread", "storagewrite", "storagedelete"})
_TABLES = frozenset({"StorageBlobLogs", "StorageFileLogs", "StorageQueueLogs", "StorageTableLogs"})
_HASH = re.compile(
    r"(?P<name>key[12]|SasSignature)\((?P<hash>[0-9A-Za-z+/=]{16,128})\)", re.ASCII | re.IGNORECASE
)
_BARE_HASH = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)

_SIGNATURE = "sig="
_MOST_DECISIONS = 16
"""Authorisation decisions, and principals of each, that are looked at: real requests have one."""

_OVERRIDES = {
    "getuserdelegationkey": (
        Verb.ISSUE_CREDENTIAL,
        "override: makes a key that signs shared access signatures",
    ),
    "setcontaineracl": (Verb.DELEGATE, "override: grants access"),
    "setpathaccesscontrol": (Verb.DELEGATE, "override: grants access"),
    "putblob": (Verb.CREATE, "override: writes a whole object"),
    "putblockfromurl": (Verb.CREATE, "override: writes a part of an object"),
}
_PREFIXES = (
    ("Get", Verb.READ),
    ("List", Verb.READ),
    ("Query", Verb.READ),
    ("Peek", Verb.READ),
    ("Preflight", Verb.READ),
    ("Create", Verb.CREATE),
    ("Copy", Verb.CREATE),
    ("Put", Verb.CREATE),
    ("Insert", Verb.CREATE),
    ("Undelete", Verb.CREATE),
    ("Append", Verb.UPDATE),
    ("Set", Verb.UPDATE),
    ("Update", Verb.UPDATE),
    ("Merge", Verb.UPDATE),
    ("Rename", Verb.UPDATE),
    ("Delete", Verb.DELETE),
    ("Clear", Verb.DELETE),
)


class AzureStorageReader(DocumentReader):
    """Reads requests that Azure Storage logged."""

    source = "azure.storage"
    version = 1
    title = "Azure Storage diagnostics"
    needs = (
        "the diagnostic categories StorageRead, StorageWrite and StorageDelete of each account and each of its services;"
        " they must have been switched on before the incident"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"category", "type"})
    marks = only_with(category=_CATEGORIES, type=frozenset(map(fold, _TABLES)))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a request to Azure Storage."""
        fields = Document(document)
        category = fields.value("category")
        if isinstance(category, str) and category.casefold() in _CATEGORIES:
            return f"category {category}"
        table = fields.value("Type")
        return f"Type is {table}" if isinstance(table, str) and table in _TABLES else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one request."""
        fields = Document(document)
        time = read_time(fields, context, "time", "TimeGenerated")
        operation = fields.text("operationName") or ""
        verb, rule = _VERBS[operation]
        account = fields.text("resourceId", "_ResourceId")
        where = ARM_IDS[account] if account else None
        url = fields.text("uri") or ""
        actor = _who(fields, url)
        request = fields.text("correlationId")
        event = Event(
            time=time,
            act=parts.act("microsoft.storage", operation, verb, rule, fields.text("category")),
            identity=actor.identity,
            kind=actor.kind,
            credential=actor.credential,
            address=parts.address(fields.text("callerIpAddress")),
            user_agent=parts.user_agent(fields.text("properties.userAgentHeader", "UserAgentHeader")),
            outcome=_outcome(fields),
            place=parts.place(
                where and where.subscription,
                fields.text("location"),
                fields.text("identity.requester.tenantId", "RequesterTenantId"),
            ),
            resources=_resources(fields, url, account),
            native_id=_native_id(fields, request),
            request_id=request,
            particulars=parts.particulars(
                used=actor.used,
                on_behalf_of=actor.signer,
                correlation_id=fields.text("properties.clientRequestId", "ClientRequestId"),
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _decide(operation: str) -> tuple[Verb, str]:
    overridden = _OVERRIDES.get(operation.casefold())
    if overridden is not None:
        return overridden
    lowered = operation.casefold()
    for prefix, verb in _PREFIXES:
        if lowered.startswith(prefix.casefold()):
            return verb, f"prefix {prefix}"
    return Verb.UNCLASSIFIED, "no rule"


_VERBS: Remembered[str, tuple[Verb, str]] = Remembered(_decide)


class _Who(NamedTuple):
    """Who made a request, and with what."""

    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    used: tuple[Credential, ...]
    signer: Identity | None


def _who(fields: Document, url: str) -> _Who:
    requester = fields.within("identity.requester")
    object_id = requester.text("objectId") or fields.text("RequesterObjectId")
    user = requester.text("upn") or fields.text("RequesterUpn")
    application = requester.text("appId") or fields.text("RequesterAppId")
    tenant = requester.text("tenantId") or fields.text("RequesterTenantId")
    name = user or requester.text("userName") or fields.text("RequesterUserName")
    method = fields.text("identity.type", "AuthenticationType")
    keys = _credentials(method, fields.text("identity.tokenHash", "AuthenticationHash"))
    used = (*keys[1:], *tokens.known(tokens.CLIENT, application))
    signer = None
    if method is None or method.casefold().startswith("sas"):
        signer = _signer(url)
    identity = parts.identity(object_id or user or application, name, object_id, tenant)
    kind = _kind(method, user, object_id or application, _principal_types(fields, object_id))
    if identity is None and method is None and _SIGNATURE in url:
        kind = parts.kind(
            IdentityKind.UNDECIDED, "uri holds a shared access signature, which names no principal"
        )
    return _Who(identity, kind, keys[0] if keys else None, used, signer)


def _principal_types(fields: Document, object_id: str | None) -> set[str]:
    """Return what the role assignments that allowed or denied the request say of the requester."""
    return {
        (principal.text("type") or "").casefold()
        for decision in fields.objects_at("identity.authorization", "AuthorizationDetails")[:_MOST_DECISIONS]
        for each in Document(decision).objects_at("principals")[:_MOST_DECISIONS]
        if (principal := Document(each)).text("id") == object_id and object_id
    }


def _kind(method: str | None, user: str | None, requester: str | None, types: set[str]) -> KindReason:
    if "serviceprincipal" in types:
        return parts.kind(
            IdentityKind.NONHUMAN, "authorization.principals: the requester is a ServicePrincipal"
        )
    if user:
        return parts.kind(IdentityKind.UNDECIDED, "requester.upn: a user account, no sign-in in this record")
    if requester:
        return parts.kind(
            IdentityKind.UNDECIDED, "requester without upn, as applications are; no field says so"
        )
    if method:
        return parts.kind(IdentityKind.UNDECIDED, "identity.type names a kind of credential and no principal")
    return parts.kind(IdentityKind.UNDECIDED, "the record names no identity")


def _credentials(method: str | None, token_hash: str | None) -> tuple[Credential, ...]:
    """Return what was presented, first; of a shared access signature also the account key that signed it."""
    if not token_hash:
        return ()
    found = {match["name"].casefold(): match["hash"] for match in _HASH.finditer(token_hash)}
    signature = found.pop("sassignature", None)
    keys = tuple(Credential(ACCOUNT_KEY, value) for value in found.values())
    if signature is not None:
        return (Credential(SHARED_ACCESS, signature), *keys)
    if not keys and (method or "").casefold() == "oauth" and _BARE_HASH.fullmatch(token_hash):
        return (Credential(OAUTH_TOKEN, token_hash),)
    return keys


def _signer(url: str) -> Identity | None:
    """Return the principal whose delegation key signed the URL, by its object id."""
    query = url.partition("?")[2]
    if "skoid=" not in query or len(query) > 8192:
        return None
    values = dict(parse_qsl(query, max_num_fields=None))
    return parts.identity(values.get("skoid"), account=values.get("sktid"))


def _outcome(fields: Document) -> Outcome:
    text = fields.text("statusText")
    return parts.http_outcome(fields.number("statusCode"), None if text in (None, "Success") else text)


def _resources(fields: Document, url: str, account: str | None) -> tuple[Resource, ...]:
    """Return the object by its URL without the query, the object copied from, and the account."""
    found: list[Resource] = []
    place = url.partition("?")[0] or (fields.text("properties.objectKey", "ObjectKey") or "").strip('"')
    if place:
        found.append(Resource("microsoft.storage:object", place))
    source = (fields.text("properties.sourceUri", "SourceUri") or "").partition("?")[0]
    if source:
        found.append(Resource("microsoft.storage:object", source, ResourceRole.SOURCE))
    name = account or fields.text("properties.accountName", "AccountName")
    if name:
        found.append(Resource("microsoft.storage:storageaccounts", name))
    return tuple(found)


def _native_id(fields: Document, request: str | None) -> str | None:
    """Name a request by its id; the operations that one request consists of (a copy) are counted from 0."""
    count = fields.number("properties.operationCount", "OperationCount")
    return f"{request} {count}" if request and count else request

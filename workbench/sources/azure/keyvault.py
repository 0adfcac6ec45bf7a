"""Azure Key Vault diagnostics, category AuditEvent: every request to a vault or a managed HSM, with the name of the secret.

Written from the documentation (Microsoft Learn, "Azure Key Vault logging" and the table AZKVAuditLogs): no record was at
hand. The columns of the older table AzureDiagnostics (``identity_claim_appid_g``, ``httpStatusCode_d``) are not
documented one by one.

A caller can choose the correlation id. A first request without a token is answered with 401 and the next carries one:
that is how clients of Key Vault find out where to sign in.
"""

from __future__ import annotations

from workbench.model.event import Event, Outcome, OutcomeStatus, Resource, ResourceRole, Verb
from workbench.sources import parts
from workbench.sources.azure.claims import who
from workbench.sources.azure.forms import read_time
from workbench.sources.azure.resource_ids import ARM_IDS
from workbench.sources.document import Document, fold, names_of
from workbench.sources.interning import Remembered
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with

_PROVIDER = "microsoft.keyvault"
_HOSTS = (
    ".vault.azure.",
    ".managedhsm.azure.",
    ".vaultcore.azure.",
    ".vault.usgovcloudapi.",
    ".managedhsm.usgovcloudapi.",
)
_TABLE = "AZKVAuditLogs"

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    name: (verb, rule)
    for verb, rule, names in (
        (
            Verb.READ_SECRET,
            "override: hands out a secret",
            # A backup holds the secret, encrypted for other vaults of the same subscription and geography.
            "secretget secretbackup keybackup keyrelease certificatebackup storageaccountbackup",
        ),
        (
            Verb.ISSUE_CREDENTIAL,
            "override: makes a credential",
            "sasdefinitionget storageaccountregeneratekey",
        ),
        (
            Verb.OTHER,
            "override: uses a key",
            "keysign keyverify keywrap keyunwrap keyencrypt keydecrypt getrandombytes",
        ),
        (Verb.AUTHENTICATE, "override: checks the caller's token", "authentication"),
        (
            Verb.DELEGATE,
            "override: grants access",
            "roleassignmentcreate roledefinitioncreateorupdate",
        ),
    )
    for name in names.split()
}

_WORDS = (
    *((word, Verb.READ) for word in ("list", "listversions", "listdeleted", "get", "getdeleted")),
    ("eventgridnotification", Verb.OTHER),
    ("create", Verb.CREATE),
    ("import", Verb.CREATE),
    ("restore", Verb.CREATE),
    ("set", Verb.CREATE),
    ("delete", Verb.DELETE),
    ("purge", Verb.DELETE),
    ("update", Verb.UPDATE),
    ("patch", Verb.UPDATE),
    ("recover", Verb.UPDATE),
    ("rotate", Verb.UPDATE),
    ("merge", Verb.UPDATE),
)
"""Ends of operation names. ``SecretSet`` and ``CertificateImport`` make a new version; ``VaultPut`` makes a vault or changes
one, and the record does not say which."""


class KeyVaultReader(DocumentReader):
    """Reads audit events of Key Vault."""

    source = "azure.keyvault"
    version = 1
    title = "Azure Key Vault audit events"
    needs = (
        "the diagnostic category AuditEvent of every vault; it must have been switched on before the incident"
    )
    hints = frozenset({"category", "type"})
    marks = only_with(category=frozenset({"auditevent"}), type=frozenset({fold(_TABLE)}))

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an audit event of Key Vault."""
        fields = Document(document)
        if fields.value("Type") == _TABLE:
            return f"Type is {_TABLE}"
        category = fields.value("category")
        if not isinstance(category, str) or category.casefold() != "auditevent":
            return ""
        for name in ("resourceId", "ResourceProvider"):
            value = fields.value(name)
            if isinstance(value, str) and _PROVIDER in value.casefold():
                return f"category AuditEvent, and {name} of {_PROVIDER}"
        for name in ("properties.id", "properties.requestUri", "id_s", "requestUri_s"):
            value = fields.value(name)
            if isinstance(value, str) and any(host in value.casefold() for host in _HOSTS):
                return f"category AuditEvent, and {name} in a vault"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one audit event."""
        fields = Document(document)
        time = read_time(fields, context, "time", "TimeGenerated")
        operation = fields.text("operationName") or ""
        verb, rule = _VERBS[operation]
        vault = fields.text("resourceId", "_ResourceId")
        where = ARM_IDS[vault] if vault else None
        actor = who(
            fields.object_at("identity.claim", "identity.claims", "identity") or _flat_claims(document)
        )
        event = Event(
            time=time,
            act=parts.act("microsoft.keyvault", operation, verb, rule, fields.text("category")),
            identity=actor.identity,
            kind=actor.kind,
            credential=actor.credential,
            address=parts.address(fields.text("callerIpAddress")),
            user_agent=parts.user_agent(fields.text("properties.clientInfo", "clientInfo", "clientInfo_s")),
            outcome=_outcome(fields),
            place=parts.place(
                where and where.subscription,
                fields.text("location"),
                actor.tenant or (None if fields.has("TimeGenerated") else fields.text("tenantId")),
            ),
            resources=_resources(fields, vault, where and where.type),
            request_id=fields.text("properties.requestId", "requestId", "requestId_g"),
            particulars=parts.particulars(
                used=actor.used, device=actor.device, correlation_id=fields.text("correlationId")
            ),
            warnings=parts.warnings_of(time, fields.odd),
        )
        return Reading(event=event)


def _decide(operation: str) -> tuple[Verb, str]:
    lowered = operation.casefold()
    if lowered in _OVERRIDES:
        return _OVERRIDES[lowered]
    for word, verb in _WORDS:
        if lowered.endswith(word):
            return verb, f"last word: {word}"
    return Verb.UNCLASSIFIED, "no rule"


_VERBS: Remembered[str, tuple[Verb, str]] = Remembered(_decide)


def _flat_claims(document: dict[str, object]) -> dict[str, object]:
    """Return the claims that the table AzureDiagnostics spreads over columns with a letter for their type at the end."""
    claims: dict[str, object] = {}
    for name, key in names_of(document).items():
        if name.startswith("identityclaim"):
            claim = name.removeprefix("identityclaim")[:-1]
            for ending in ("objectidentifier", "upn", "tenantid", "authnmethodsreferences", "scope"):
                if claim.startswith("http") and claim.endswith(ending):
                    claim = {"objectidentifier": "oid", "tenantid": "tid", "scope": "scp"}.get(ending, ending)
            claims["amr" if claim == "authnmethodsreferences" else claim] = document[key]
    return claims


def _outcome(fields: Document) -> Outcome:
    """Decide by the HTTP status; by the words of ``resultSignature`` and ``resultType`` where a record holds none."""
    signature = fields.text("resultSignature")
    status = fields.number("properties.httpStatusCode", "httpStatusCode", "httpStatusCode_d")
    if status is not None:
        return parts.http_outcome(status, signature)
    words = (signature or "").casefold().replace(" ", "")
    if words in ("unauthorized", "forbidden"):
        return parts.outcome(OutcomeStatus.DENIED, signature)
    if words == "notfound":
        return parts.outcome(OutcomeStatus.NOT_FOUND, signature)
    result = fields.text("resultType")
    status_of = {
        "success": OutcomeStatus.SUCCESS,
        "failed": OutcomeStatus.FAILED,
        "failure": OutcomeStatus.FAILED,
    }
    return parts.outcome(status_of.get((result or "").casefold(), OutcomeStatus.UNKNOWN), signature or result)


def _resources(fields: Document, vault: str | None, kind: str | None) -> tuple[Resource, ...]:
    """Return the secret, key or certificate by its URL without the query, and the vault."""
    found: tuple[Resource, ...] = ()
    url = (
        fields.text("properties.id", "id_s", "properties.requestUri", "requestUri", "requestUri_s", "id")
        or ""
    )
    scheme, _, rest = url.partition("?")[0].partition("://")
    path = rest.split("/")
    if scheme == "https" and len(path) > 2 and path[1] and path[2]:
        collection = path[1].casefold()
        role = ResourceRole.SECRET if collection == "secrets" else ResourceRole.TARGET
        found = (Resource(f"microsoft.keyvault:vaults/{collection}", f"{scheme}://{rest}", role),)
    return (*found, Resource(kind, vault)) if vault else found

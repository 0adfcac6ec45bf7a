"""One entry of Google Cloud's audit log, its parts found once."""

from __future__ import annotations

from workbench.sources.document import Document
from workbench.sources.google.cloud_verbs import service_of

PAYLOAD = ("protoPayload", "protopayload_auditlog")
"""Where the ``AuditLog`` stands: in an entry, and in a row of BigQuery."""

MOST = 500
"""Changes, permissions and resources that are looked at of one entry."""

NO_SERVICE = "no serviceName"
"""Warning of an entry that does not say which service was called."""


class Entry:
    """An entry's parts; an absent part is empty.

    Attributes:
        fields: The entry.
        payload: Its ``AuditLog``.
        request: The request.
        response: The answer.
        metadata: What the service adds in its own form.
        service_data: What older services add in its place.
        client: What is known of the client (``requestMetadata``).
        labels: The labels of the resource.
        permissions: The permissions that were asked for.
        service: The service, without domain.
        method: ``methodName``.
    """

    __slots__ = (
        "client",
        "fields",
        "labels",
        "metadata",
        "method",
        "payload",
        "permissions",
        "request",
        "response",
        "service",
        "service_data",
    )

    def __init__(self, document: dict[str, object]) -> None:
        """Take an entry apart."""
        self.fields = Document(document)
        payload = self.payload = self.fields.within(*PAYLOAD)
        self.request = payload.within("request", "requestJson")
        self.response = payload.within("response", "responseJson")
        metadata = self.metadata = payload.within("metadata", "metadataJson")
        self.service_data = payload.within("serviceData", "servicedata_v1_iam", "servicedata_v1_iam_admin")
        self.labels = self.fields.within("resource.labels")
        # Some collectors write what belongs into the payload into its metadata.
        told = metadata if metadata.data and not payload.has("methodName") else payload
        self.client = told.within("requestMetadata")
        self.service = service_of(told.text("serviceName") or "")
        self.method = told.text("methodName") or ""
        if not self.service:
            self.fields.odd[NO_SERVICE] = None
        self.permissions = [Document(each) for each in payload.objects_at("authorizationInfo")[:MOST]]

    def text(self, name: str) -> str | None:
        """Return a text of the payload, or of its metadata where it was written there."""
        return self.payload.text(name) or (self.metadata.text(name) if self.metadata.data else None)

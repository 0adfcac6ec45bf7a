"""The forms in which a record of a Microsoft log arrives, made alike.

A diagnostic setting writes an envelope (``time``, ``category``, ``operationName``, ``tenantId`` …) around
``properties``, which hold the record proper. Log Analytics makes one flat row of both, with columns in other case and
objects as JSON text; Microsoft Graph returns the record without the envelope; the portal's CSV has headings of its
own.
"""

from __future__ import annotations

from collections.abc import Container

from workbench.model.event import EventTime
from workbench.sources.document import Document, decoded, fold, names_of
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment

_INSIDE = "properties."
_TENANTS = "/tenants/"

_Names = dict[str, str]


def at(document: dict[str, object], names: _Names, folded: str) -> object:
    """Return the value of a key in any spelling, ``None`` if there is none.

    Args:
        document: The object.
        names: Its :func:`~workbench.sources.document.names_of`.
        folded: The key's name, folded.
    """
    key = names.get(folded)
    return None if key is None else document[key]


def marked(document: dict[str, object], names: _Names, values: Container[str]) -> str:
    """Tell by ``category``, or by the ``Type`` of a Log Analytics row, whether a document is of one log.

    Args:
        document: The document.
        names: Its :func:`~workbench.sources.document.names_of`.
        values: Categories and tables of the log, folded.

    Returns:
        What the reader of the log says it knows the document by; empty if it is of another.
    """
    for folded, name in (("category", "category"), ("type", "Type")):
        value = at(document, names, folded)
        if type(value) is str and fold(value) in values:
            return f"{name} is {value}"
    return ""


def taken_apart(document: dict[str, object]) -> tuple[Document, Document]:
    """Return the record proper and what stands around it; both the same where the form has no envelope."""
    around = Document(document)
    names = names_of(document)
    if type(decoded(at(document, names, "properties"))) is dict:
        return around.within("properties"), around
    flattened = {
        key.partition(".")[2]: value for key, value in document.items() if key.lower().startswith(_INSIDE)
    }
    if not flattened:
        return around, around
    proper = Document(flattened)
    proper.odd = around.odd
    return proper, around


def lifted(document: dict[str, object]) -> dict[str, object]:
    """Return a record with what ``properties`` hold at the top and the envelope's fields marked as such.

    What Microsoft Graph returns of a record is then part of what a diagnostic setting wrote of it.
    """
    proper, around = taken_apart(document)
    if proper is around:
        return document
    envelope = {
        key if key.startswith("p_") else f"around/{key}": value
        for key, value in document.items()
        if fold(key) != "properties" and not key.lower().startswith(_INSIDE)
    }
    return {**proper.data, **envelope}


def tenant_of(proper: Document, around: Document) -> str | None:
    """Return the directory that a record belongs to.

    In Log Analytics ``TenantId`` is the id of the workspace, and the directory stands in ``AADTenantId``
    (Azure Monitor Logs reference, table SigninLogs).
    """
    directory = around.text("AADTenantId")
    if directory is None and (proper is not around or not around.has("TimeGenerated", "TimeGenerated [UTC]")):
        directory = around.text("tenantId") or proper.text("tenantId")
    if directory is None:
        # Of the directory's own logs the resource is the tenant: /tenants/<id>/providers/Microsoft.aadiam
        resource = around.text("resourceId") or ""
        if resource[: len(_TENANTS)].lower() == _TENANTS:
            directory = resource[len(_TENANTS) :].partition("/")[0] or None
    return directory


def moment(context: Context, *candidates: tuple[str, object]) -> EventTime:
    """Return the first time that can be read, else the first that there is.

    Times without a zone are UTC: the common schema of resource logs, Microsoft Graph and the Office 365 Management
    Activity API each define theirs so (learn.microsoft.com, "resource-logs-schema", "signIn resource type",
    "office-365-management-activity-api-schema").

    Args:
        context: What is known beside the record.
        candidates: Name and value of each field, the one to be preferred first.
    """
    kept: EventTime | None = None
    for name, value in candidates:
        if value is None:
            continue
        time = read_moment(value, name, context, utc_by="Microsoft")
        if time.micros is not None:
            return time
        kept = kept or time
    return kept or read_moment(None, candidates[0][0], context)

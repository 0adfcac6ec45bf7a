"""What the forms of Azure's diagnostic records differ in."""

from __future__ import annotations

from workbench.model.event import EventTime
from workbench.sources.document import Document
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment


def inside(fields: Document, name: str, *others: str) -> Document:
    """Return an object of a record, also where an export spread it over columns (``properties.statusCode``).

    Args:
        fields: The record.
        name: The object's name, in lower case.
        others: Other names that it has in tables.
    """
    found = fields.within(name, *others)
    if found.data:
        return found
    prefix = f"{name}."
    flat = {
        key[len(prefix) :]: value
        for key, value in fields.data.items()
        if key[: len(prefix)].lower() == prefix
    }
    if not flat:
        return found
    spread = Document(flat)
    spread.odd = fields.odd
    return spread


def read_time(fields: Document, context: Context, *names: str) -> EventTime:
    """Read the first of these members that the record has, as UTC.

    The ``time`` of a resource log and ``TimeGenerated`` are UTC (Microsoft Learn, "Common and service-specific schemas
    for Azure resource logs"; "Standard columns in Azure Monitor Logs").

    Args:
        fields: The record.
        context: What was said of the file.
        names: Members, best first; the time of a record that has none is missing in the first.
    """
    name = next((name for name in names if fields.value(name) is not None), names[0])
    return read_moment(fields.value(name), name, context, utc_by="Microsoft")

"""What the forms of Azure's diagnostic records differ in."""

from __future__ import annotations

from workbench.sources.document import Document


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

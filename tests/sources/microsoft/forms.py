"""Ways in which exports write one record: what a reader must not see the difference of."""

from __future__ import annotations

import json

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event
from workbench.sources.protocol import Context, SourceReader

Record = dict[str, object]


def read(reader: SourceReader, document: Record) -> Event:
    """Return the event of a document that holds one record, in any wrapper."""
    (inner,) = unwrap(document)
    assert reader.recognises(inner.document)
    event = reader.read(inner.document, Context()).event
    assert event is not None
    return event


def wrapped(record: Record) -> list[Record]:
    """Return a record as collectors and search engines pass it on."""
    return [
        {"_index": "logs", "_source": record},
        {"event": {"original": json.dumps(record)}},
        {"records": [record]},
        {key.lower(): value for key, value in record.items()},
        {
            key: json.dumps(value) if isinstance(value, dict | list) else value
            for key, value in record.items()
        },
    ]


def flattened(record: Record) -> Record:
    """Return a diagnostic record with ``properties`` as columns of their own, objects in them as texts."""
    flat = {key: value for key, value in record.items() if key != "properties"}
    properties = record["properties"]
    assert isinstance(properties, dict)
    for key, value in properties.items():
        flat[f"properties.{key}"] = json.dumps(value) if isinstance(value, dict | list) else value
    return flat


def pascal(name: str) -> str:
    return name[:1].upper() + name[1:]

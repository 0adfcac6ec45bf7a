"""What the tests of the identity and platform logs share: spellings of one record, and broken records."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event
from workbench.sources.protocol import Context, SourceReader

Record = dict[str, Any]

NO_CONTEXT = Context()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def event_of(reader: SourceReader, record: Record, context: Context = NO_CONTEXT) -> Event:
    """Read a record that the reader must recognise."""
    assert reader.recognises(record)
    event = reader.read(record, context).event
    assert event is not None
    return event


def spellings(record: Record) -> Iterator[tuple[str, Record]]:
    """Yield the record as exports write it: key by key in other letters, wrapped, flattened into a row of texts."""
    yield "lower-cased top", {key.lower(): value for key, value in record.items()}
    yield "upper-cased top", {key.upper(): value for key, value in record.items()}
    yield "snake case", _renamed(record)
    (inner,) = unwrap({"_index": "logs", "_source": record})
    yield "_source", inner.document
    yield "row of texts", dict(_flat(record, ""))


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            "".join(f"_{c.lower()}" if c.isupper() and not key.isupper() else c for c in key): _renamed(inner)
            for key, inner in value.items()
        }
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _flat(value: Record, prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, f"{prefix}{key}.")
        elif isinstance(inner, str):
            yield prefix + key, inner
        elif inner is not None:
            yield prefix + key, json.dumps(inner)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in children:
        yield from _paths(inner, (*path, key))


@st.composite
def broken(draw: st.DrawFn, record: Record) -> Record:
    """Draw the record with some of its values replaced by anything."""
    paths = list(_paths(record))
    result = copy.deepcopy(record)
    for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3)):
        place: Any = result
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict | list) and _holds(place, key) else None
        if isinstance(place, dict) or (isinstance(place, list) and _holds(place, path[-1])):
            place[path[-1]] = draw(JSON)
    return result


def _holds(place: Any, key: Any) -> bool:
    return key in place if isinstance(place, dict) else isinstance(key, int) and key < len(place)


def sample(datasets: Path, name: str) -> list[Record]:
    """Return the published sample records of a source."""
    path = datasets / "panther-samples" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def filled(events: list[Event]) -> dict[str, int]:
    """Count how many events fill each field."""
    return {
        "time": sum(event.time.micros is not None for event in events),
        "raw time": sum(event.time.raw is not None for event in events),
        "action": sum(bool(event.act.action) for event in events),
        "verb": sum(event.act.verb.value != "unclassified" for event in events),
        "identity": sum(event.identity is not None for event in events),
        "credential": sum(event.credential is not None for event in events),
        "used": sum(bool(event.particulars and event.particulars.used) for event in events),
        "issued": sum(bool(event.particulars and event.particulars.issued) for event in events),
        "address": sum(event.address is not None for event in events),
        "agent": sum(event.user_agent is not None for event in events),
        "outcome": sum(event.outcome.status.value != "unknown" for event in events),
        "resources": sum(bool(event.resources) for event in events),
        "id": sum(event.native_id is not None for event in events),
    }

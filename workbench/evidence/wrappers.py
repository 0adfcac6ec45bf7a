"""Unwrapping inside one decoded record: from what a collector or SIEM wrote around an event to the event itself.

A wrapper is taken off only when what is inside really is a JSON object (or an array of nothing but objects);
otherwise the document stays as it is. Where a SIEM keeps both its own reading and the original text, the original
wins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from workbench.evidence.decode import UndecodableError, loads
from workbench.evidence.record_arrays import AT_SIGHT, EVENT_KINDS, WITH_CARE, is_event_key

Document = dict[str, Any]
Inner = tuple[str, list[Document]]

MAX_DEPTH = 5
"""Wrappers inside wrappers: Elasticsearch around CloudWatch around EventBridge is three."""


_KUBE_AUDIT = frozenset({"kube-audit", "kube-audit-admin"})
"""Categories of Azure diagnostics whose records hold an audit event of Kubernetes."""


_SHARED_KEYS = 64
"""Keys of the largest activity that is taken apart: each of its events gets a copy of them."""


class Unwrapped(msgspec.Struct, frozen=True):
    """One event's document inside a record.

    Attributes:
        index: Which one, 0 unless the record holds several.
        document: The innermost document.
        path: The way to it: ``_source.event.original``, ``Records[].detail``; empty if nothing was taken off.
    """

    index: int
    document: Document
    path: str


def unwrap(document: object, max_depth: int = MAX_DEPTH) -> list[Unwrapped]:
    """Take all wrappers off a decoded record.

    Args:
        document: The record as decoded.
        max_depth: Wrappers to take off at most; what is inside further ones stays wrapped.

    Returns:
        The documents inside, in order; none if the record is neither an object nor an array of objects.
    """
    if isinstance(document, dict):
        if _OUTER_KEYS.isdisjoint(document):
            return [Unwrapped(0, document, "")]
        found = list(_innermost(document, "", max_depth))
    else:
        objects = _objects(document)
        found = [leaf for inner in objects or () for leaf in _innermost(inner, "[]", max_depth - 1)]
    return [Unwrapped(index, inner, path) for index, (inner, path) in enumerate(found)]


def _innermost(document: Document, path: str, depth: int) -> Iterator[tuple[Document, str]]:
    inner = None
    if depth > 0:
        for rule in _rules(_OUTER_KEYS.intersection(document)):
            inner = rule(document)
            if inner is not None:
                break
    if inner is None:
        yield document, path
        return
    step, documents = inner
    for each in documents:
        yield from _innermost(each, f"{path}.{step}" if path else step, depth - 1)


# --- what is inside a value ---------------------------------------------------------------------------------------


def _decoded(value: object) -> object:
    """Return the value, decoded if it is the text of a JSON object or array."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        if value.rstrip()[-1:] not in ("}", "]"):  # a line such as "[sshd] …", told without a parser
            return None
        try:
            return loads(value.encode("utf-8", "surrogatepass"))[0]
        except UndecodableError:
            return None
    return value


def _objects(value: object) -> list[Document] | None:
    """Return the elements of an array if there are some and all are objects or texts of objects."""
    if not isinstance(value, list) or not value:
        return None
    elements = [_decoded(element) for element in value]
    return elements if all(isinstance(element, dict) and element for element in elements) else None  # type: ignore[return-value]


def _inside(step: str, value: object, *, text_only: bool = False) -> Inner | None:
    """Return what a member holds if it is an object, an array of objects, or the text of one."""
    if text_only and not isinstance(value, str):
        return None
    inner = _decoded(value)
    if isinstance(inner, dict):
        return (step, [inner]) if inner else None
    objects = _objects(inner)
    return (step + "[]", objects) if objects else None


# --- the rules ----------------------------------------------------------------------------------------------------


def _original(document: Document) -> Inner | None:
    """Elastic Common Schema: the original log line beside its reading, nested or with a dotted name."""
    event = document.get("event")
    value = event.get("original") if isinstance(event, dict) else document.get("event.original")
    return _inside("event.original", value, text_only=True)


def _text_member(key: str) -> Callable[[Document], Inner | None]:
    return lambda document: _inside(key, document.get(key), text_only=True)


def _object_member(key: str) -> Callable[[Document], Inner | None]:
    return lambda document: _inside(key, document.get(key))


def _message(document: Document) -> Inner | None:
    """CloudWatch Logs, Logstash: the line as a text. Events have messages of their own: those stay."""
    inner = _inside("message", document.get("message"), text_only=True) or _inside(
        "@message", document.get("@message"), text_only=True
    )
    return None if inner is None or any(map(is_event_key, document)) else inner


def _splunk_result(document: Document) -> Inner | None:
    """Splunk's export writes one result an object, with bookkeeping beside it."""
    result = document.get("result")
    if isinstance(result, dict) and document.keys() <= {"preview", "offset", "lastrow", "result"}:
        return _inside("result", result)
    return None


def _event_bridge(document: Document) -> Inner | None:
    """EventBridge: ``detail`` is the event if ``detail-type`` says what it is."""
    return _inside("detail", document.get("detail")) if "detail-type" in document else None


def _kube_audit(document: Document) -> Inner | None:
    """Azure diagnostics of a managed cluster: the API server's audit event as a text, in ``properties.log``.

    Log Analytics writes the same as ``log_s`` in the table AzureDiagnostics. Other categories (``guard``, ``kube-apiserver``)
    hold lines of ordinary logs there.
    """
    category = document.get("category") or document.get("Category")
    if not isinstance(category, str) or category.lower() not in _KUBE_AUDIT:
        return None
    properties = _decoded(document.get("properties") or document.get("Properties"))
    if isinstance(properties, dict):
        return _inside("properties.log", properties.get("log"))
    return _inside("log_s", document.get("log_s"), text_only=True)


def _tables(document: Document) -> Inner | None:
    """Log Analytics and Kusto: an answer names the columns once and gives each row as an array of values.

    The older version 1 writes ``Tables``, ``ColumnName`` and ``Rows``.
    """
    tables = document.get("tables") or document.get("Tables")
    if not isinstance(tables, list):
        return None
    rows: list[Document] = []
    for table in tables:
        if not isinstance(table, dict):
            return None
        columns = table.get("columns") or table.get("Columns")
        values = table.get("rows") or table.get("Rows") or []
        if not isinstance(columns, list) or not isinstance(values, list):
            return None
        headed = [each for each in columns if isinstance(each, dict)]
        names = [
            name for each in headed if isinstance(name := each.get("name") or each.get("ColumnName"), str)
        ]
        if len(names) != len(columns):
            return None
        if not all(isinstance(row, list) and len(row) == len(names) for row in values):
            return None
        rows += [dict(zip(names, row, strict=True)) for row in values]
    return ("tables[].rows[]", rows) if rows else None


def _workspace_activity(document: Document) -> Inner | None:
    """Google Workspace: the events of one activity, each with what the activity says of all of them.

    An activity with a single event is that event's document already.
    """
    if not _is_activity(document) or len(document) > _SHARED_KEYS:
        return None
    events = _objects(_decoded(document.get("events")))
    if events is None or len(events) < 2:
        return None
    return "events[]", [{**document, "events": [event]} for event in events]


def _is_activity(document: Document) -> bool:
    kind = document.get("kind")
    if isinstance(kind, str) and kind in EVENT_KINDS:
        return True
    known = _decoded(document.get("id"))
    return isinstance(known, dict) and any(key.lower() == "applicationname" for key in known)


def _arrays(document: Document) -> Inner | None:
    """The arrays that hold records, as at the top of a content (:mod:`workbench.evidence.record_arrays`)."""
    for path in _ARRAYS:
        value: object = document
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        objects = _objects(_decoded(value))
        if objects:
            if path in WITH_CARE and (any(map(is_event_key, document)) or _is_activity(document)):
                return None
            return ".".join(path) + "[]", objects
    return None


_ARRAYS = (*sorted(AT_SIGHT), *sorted(WITH_CARE))

RULES: tuple[tuple[frozenset[str], Callable[[Document], Inner | None]], ...] = (
    (frozenset({"event", "event.original"}), _original),
    (frozenset({"_raw"}), _text_member("_raw")),  # Splunk: the line as it came in
    (frozenset({"CloudTrailEvent"}), _text_member("CloudTrailEvent")),  # LookupEvents: the event as a text
    # Microsoft 365 unified audit log: text in CSV, object in some exports
    (frozenset({"AuditData"}), _object_member("AuditData")),
    (frozenset({"_source"}), _object_member("_source")),  # Elasticsearch: one hit
    (frozenset({"result"}), _splunk_result),
    (frozenset({"detail"}), _event_bridge),
    (frozenset({"properties", "Properties", "log_s"}), _kube_audit),
    (frozenset({"tables", "Tables"}), _tables),
    (frozenset({"events"}), _workspace_activity),
    (frozenset(path[0] for path in _ARRAYS), _arrays),
    (frozenset({"message", "@message"}), _message),
)
"""Tried in order, the nearest to the original first, each on documents that have one of the keys it looks at."""


@functools.lru_cache(maxsize=256)
def _rules(outer: frozenset[str]) -> tuple[Callable[[Document], Inner | None], ...]:
    """Return the rules for a document that has some of the keys they look at."""
    return tuple(rule for keys, rule in RULES if not keys.isdisjoint(outer))


_OUTER_KEYS = frozenset().union(*(keys for keys, _ in RULES))
"""A document without these is no wrapper, which is told at a glance."""

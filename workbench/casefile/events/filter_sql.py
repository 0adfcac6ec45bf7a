"""Queries of the filter language as conditions on the event table.

Values are looked up in the dictionary tables first, so a condition on an event is always "one of these numbers". A condition
also says in which zones (:mod:`workbench.casefile.events.zones`) it can hold at all.

Text compares without regard to ASCII case (SQLite's LIKE and NOCASE); a pattern with other letters is compared by
:meth:`workbench.search.query.Pattern.matches`, slower and with full case folding.
"""

from __future__ import annotations

import ipaddress
import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from workbench.casefile.derived.session_of import HOLDS, span_of
from workbench.casefile.events.batch import pack_native_id
from workbench.casefile.events.native_keys import events_with_native_id
from workbench.casefile.events.zones import zones_holding, zones_of_events
from workbench.casefile.evidence.content import ContentStore
from workbench.casefile.evidence.tally import EVENT_DISPOSITIONS
from workbench.evidence.encoding import to_utf8
from workbench.model.claim import Grade
from workbench.search.fields import Field
from workbench.search.query import Not, Or, Pattern, Query, Term, TimeRange

Parameter: TypeAlias = int | str | bytes
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
SHOWN = "e.disposition < 2"
"""The events of the timeline: primary records and conflicts."""

UNTAGGED = "untagged"
"""What the field ``tag`` calls events under no standing tag."""

_INLINE = 1000
"""Numbers written into a statement; longer lists travel as one JSON parameter."""


class _Look(NamedTuple):
    """Where a field is looked up.

    Attributes:
        column: Column of the event table.
        table: Dictionary table with its alias-free name.
        values: Expressions over that table that hold the field's values.
        tails: Whether a literal may also match what follows the last ``/`` or ``:`` borders of a value.
    """

    column: str
    table: str
    values: tuple[str, ...]
    tails: bool = False


_LOOKS: dict[str, _Look] = {
    "source": _Look("reading_id", "reading", ("source",)),
    "service": _Look("act_id", "act", ("service",)),
    "action": _Look("act_id", "act", ("action", "service || ':' || action")),
    "verb": _Look("act_id", "act", ("verb",)),
    "category": _Look("act_id", "act", ("category",)),
    "tampers": _Look("act_id", "act", ("iif(tampers_logging, 'true', 'false')",)),
    "identity": _Look("identity_id", "identity", ("canonical", "name", "native_id"), tails=True),
    "kind": _Look("kind_id", "kind_reason", ("kind",)),
    "credential": _Look("credential_id", "credential", ("native_id",)),
    "address": _Look("address_id", "address", ("raw", "ip")),
    "user_agent": _Look("user_agent_id", "user_agent", ("raw", "client")),
    "outcome": _Look("outcome_id", "outcome", ("status",)),
    "error": _Look("outcome_id", "outcome", ("iif(status = 'success', NULL, code)",)),
    "resource": _Look("resource_set_id", "resource", ("name",), tails=True),
    "account": _Look("place_id", "place", ("account",)),
    "region": _Look("place_id", "place", ("region",)),
    "tenant": _Look("place_id", "place", ("tenant",)),
    "warning": _Look("warning_set_id", "warning_set", ("warnings",)),
    "evidence": _Look("evidence_id", "v_evidence", ("name",), tails=True),
}
_KEY_SET = _Look("key_set_id", "key_set", ())
_BESIDE: dict[str, str] = {
    "issued": "SELECT event_id FROM issued_credential i JOIN credential c ON c.id = i.credential_id WHERE {}",
    "behalf": "SELECT event_id FROM identity JOIN particulars p ON p.on_behalf_of_id = identity.id WHERE {}",
    "device": "SELECT event_id FROM particulars WHERE {}",
    "changed": "SELECT event_id FROM particulars p, json_each(p.changes) j WHERE {}",
    "withheld": "SELECT event_id FROM particulars WHERE {}",
    "correlation": "SELECT event_id FROM particulars e WHERE {}",
}
"""Fields of the tables beside the event table, and how their events are found."""

_BESIDE_VALUES: dict[str, tuple[str, ...]] = {
    "issued": ("c.native_id",),
    "behalf": ("canonical", "name", "native_id"),
    "device": ("device",),
    "changed": ("json_extract(j.value, '$.field')",),
    "withheld": ("withheld",),
}
_FREE_WORD = (
    "service",
    "action",
    "identity",
    "credential",
    "address",
    "user_agent",
    "error",
    "resource",
    "account",
    "region",
)
_NATIVE_IDS = {"event_id": "native_id", "request_id": "request_id"}
_KEY_SETS = "SELECT DISTINCT set_id FROM key_set_member WHERE credential_id IN {}"
_NATIVE_TEXT = (
    "CASE WHEN typeof(e.{0}) <> 'blob' THEN e.{0} WHEN length(e.{0}) = 17 THEN substr(hex(e.{0}), 3)"
    " ELSE substr(hex(e.{0}), 1, 8) || '-' || substr(hex(e.{0}), 9, 4) || '-' || substr(hex(e.{0}), 13, 4)"
    " || '-' || substr(hex(e.{0}), 17, 4) || '-' || substr(hex(e.{0}), 21) END"
)


class Condition(NamedTuple):
    """A condition on the event table (alias ``e``).

    Attributes:
        sql: The expression.
        parameters: Its parameters.
        zones: The zones outside which it never holds; ``None`` if it can hold anywhere.
        times: Bounds ``low <= time < high`` that it implies.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    zones: frozenset[int] | None = None
    times: tuple[int | None, int | None] = (None, None)

    @property
    def cost(self) -> tuple[bool, int]:
        """How long it takes to decide for one event, to be compared: reading its record costs most, then long lists."""
        length = len(self.sql) + sum(
            len(value) for value in self.parameters if isinstance(value, str | bytes)
        )
        return "record_holds" in self.sql, length

    def and_is(self, other: str) -> str:
        """Return the expression that this holds and so does another that costs little: what decides most comes first."""
        return f"{other} AND {self.sql}" if self.cost[0] else f"{self.sql} AND {other}"


EVERYTHING = Condition("1", ())
"""The condition that holds for every event."""

NOTHING = Condition("0", (), frozenset())
"""The condition that holds for no event: no value of the case fits."""


class FilterCompiler:
    """Translates queries for one case file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._patterns: list[Pattern] = []
        self._contents = ContentStore(connection)
        self._encodings: dict[int, str] = {}
        self.nowhere: list[Term] = []
        """Terms compiled so far whose value occurs nowhere in the case."""
        connection.create_function("fits", 2, self._fits, deterministic=True)
        connection.create_function("record_holds", 4, self._record_holds, deterministic=True)

    def compile(self, query: Query) -> Condition:
        """Translate a query.

        Args:
            query: From :func:`workbench.search.parse.parse`.
        """
        if isinstance(query, Term):
            condition = self._term(query)
            if condition == NOTHING:
                self.nowhere.append(query)
            return condition
        if isinstance(query, TimeRange):
            return _time(query)
        if isinstance(query, Not):
            inner = self.compile(query.part)
            return Condition(f"NOT ifnull(({inner.sql}), 0)", inner.parameters)
        parts = [self.compile(part) for part in query.parts]
        if isinstance(query, Or):
            return _any_of(parts)
        if NOTHING in parts:
            return NOTHING
        parts.sort(key=lambda part: part.cost)
        sql = "(" + " AND ".join(part.sql for part in parts) + ")"
        parameters = tuple(value for part in parts for value in part.parameters)
        zones = [part.zones for part in parts if part.zones is not None]
        return Condition(
            sql, parameters, frozenset.intersection(*zones) if zones else None, _intersection(parts)
        )

    def _term(self, term: Term) -> Condition:
        if term.field is None:
            anywhere = Pattern.of(["", *term.pattern.parts, ""])
            return _any_of([self._look_up(_LOOKS[name], anywhere, tails=False) for name in _FREE_WORD])
        if term.field.name in _NATIVE_IDS:
            return self._native_id(_NATIVE_IDS[term.field.name], term.pattern)
        if term.field.name in _BESIDE:
            return self._beside(term.field.name, term.pattern)
        if term.field.name == "session":
            return self._session(term.pattern)
        if term.field.name == "tag":
            return self._tag(term.pattern)
        if term.field.name == "raw":
            self._patterns.append(Pattern.of(["", *term.pattern.parts, ""]))
            return Condition(f"record_holds(e.evidence_id, e.start, e.length, {len(self._patterns) - 1})", ())
        if term.field.name == "disposition":
            return self._disposition(term.pattern)
        look = _LOOKS[term.field.name]
        if term.field.name == "warning":  # an event has several, one a line
            return self._look_up(look, Pattern.of(["", *term.pattern.parts, ""]), tails=False)
        network = _network(term.pattern) if term.field.name == "address" else None
        if network is not None:
            return self._numbered(look, self._addresses_in(network))
        return self._look_up(look, term.pattern, tails=look.tails)

    def _beside(self, name: str, pattern: Pattern) -> Condition:
        """Find the events by what stands beside the event table: few enough to be listed by number."""
        if name == "correlation":
            where, parameters = self._native_id("correlation_id", pattern)[:2]
        else:
            if name == "withheld":  # an event has several, one a line
                pattern = Pattern.of(["", *pattern.parts, ""])
            matches = [self._match(value, pattern, tails=name == "behalf") for value in _BESIDE_VALUES[name]]
            where = " OR ".join(sql for sql, _ in matches)
            parameters = tuple(value for _, values in matches for value in values)
        rows = self._connection.execute(_BESIDE[name].format(where), parameters)
        return self._listed(row[0] for row in rows)

    def _listed(self, events: Iterable[int]) -> Condition:
        """Return the condition that holds for some events, given by row number."""
        numbers = tuple(sorted(set(events)))
        if not numbers:
            return NOTHING
        listed, list_parameters = _in_list(numbers)
        return Condition(f"e.id IN {listed}", list_parameters, zones_of_events(self._connection, numbers))

    def _session(self, pattern: Pattern) -> Condition:
        """Find the events of sessions: by their trails within a stretch of time, and those that belong by themselves."""
        where, parameters = self._match("id", pattern, tails=False)
        ids = tuple(
            row[0] for row in self._connection.execute(f"SELECT id FROM session WHERE {where}", parameters)
        )
        if not ids:
            return NOTHING
        named = "SELECT value FROM json_each(?)"
        sessions = (json.dumps(ids),)
        span = span_of(self._connection, named, sessions)
        zones = None
        if None not in span.credentials:
            numbers = [number for number in span.credentials if number is not None]
            zones = zones_holding(self._connection, "credential_id", numbers)
            zones |= zones_of_events(self._connection, span.listed)
        sql = HOLDS.format(listed=named, sessions=named)
        bounds: list[Parameter] = []
        if span.low is not None and span.high is not None:
            sql = f"({sql} AND (e.time BETWEEN ? AND ? OR e.id IN ({named})))"
            bounds = [span.low, span.high, json.dumps(span.listed)]
        return Condition(sql, (json.dumps(span.listed), *sessions, *bounds), zones)

    def _tag(self, pattern: Pattern) -> Condition:
        """Find the events under standing tags of a grade; those under none are ``untagged``."""
        grades = [grade.value for grade in Grade if pattern.matches(grade.value)]
        rows = self._connection.execute(
            "SELECT DISTINCT event_id FROM tagged_event WHERE grade IN (SELECT value FROM json_each(?)) ORDER BY event_id",
            (json.dumps(grades),),
        )
        numbers = tuple(row[0] for row in rows)
        tagged = NOTHING
        if numbers:
            listed, parameters = _in_list(numbers)
            zones = zones_of_events(self._connection, numbers)
            tagged = Condition(f"e.id IN {listed}", parameters, zones)
        if pattern.is_any or not pattern.matches(UNTAGGED):
            return tagged
        untagged = Condition("NOT EXISTS (SELECT 1 FROM tagged_event t WHERE t.event_id = e.id)", ())
        return _any_of([tagged, untagged])

    def _addresses_in(self, network: Network) -> tuple[int, ...]:
        rows = self._connection.execute("SELECT id, ip FROM address WHERE ip IS NOT NULL")
        return tuple(number for number, ip in rows if _lies_in(ip, network))

    def _look_up(self, look: _Look, pattern: Pattern, *, tails: bool) -> Condition:
        matches = [self._match(value, pattern, tails=tails) for value in look.values]
        where = " OR ".join(sql for sql, _ in matches)
        parameters = [value for _, values in matches for value in values]
        select = (
            f"SELECT DISTINCT m.set_id FROM resource JOIN resource_set_member m ON m.resource_id = resource.id WHERE {where}"
            if look.table == "resource"
            else f"SELECT id FROM {look.table} WHERE {where}"
        )
        numbers = tuple(row[0] for row in self._connection.execute(select, parameters))
        if look.table == "credential":
            return _any_of([self._numbered(look, numbers), self._keys(numbers)])
        return self._numbered(look, numbers)

    def _keys(self, credentials: tuple[int, ...]) -> Condition:
        """Find the events that present one of these credentials among further keys."""
        listed, parameters = _in_list(credentials)
        sets = tuple(row[0] for row in self._connection.execute(_KEY_SETS.format(listed), parameters))
        return self._numbered(_KEY_SET, sets)

    def _numbered(self, look: _Look, numbers: tuple[int, ...]) -> Condition:
        if not numbers:
            return NOTHING
        listed, list_parameters = _in_list(numbers)
        zones = zones_holding(self._connection, look.column, numbers)
        return Condition(f"e.{look.column} IN {listed}", list_parameters, zones)

    def _match(self, value: str, pattern: Pattern, *, tails: bool) -> tuple[str, list[Parameter]]:
        if pattern.is_any:
            return f"{value} IS NOT NULL", []
        literal = pattern.literal
        if tails and literal:
            alternatives = [pattern, Pattern(("", f"/{literal}")), Pattern(("", f":{literal}"))]
            matches = [self._match(value, alternative, tails=False) for alternative in alternatives]
            sql = "(" + " OR ".join(match for match, _ in matches) + ")"
            return sql, [parameter for _, parameters in matches for parameter in parameters]
        if not all(part.isascii() and "\0" not in part for part in pattern.parts):
            self._patterns.append(pattern)
            return f"fits({value}, {len(self._patterns) - 1})", []
        if literal is not None:
            return f"{value} = ? COLLATE NOCASE", [literal]
        return f"{value} LIKE ? ESCAPE '\\'", ["%".join(map(_escape, pattern.parts))]

    def _native_id(self, column: str, pattern: Pattern) -> Condition:
        if pattern.is_any:
            return Condition(f"e.{column} IS NOT NULL", ())
        literal = pattern.literal
        if literal is not None:
            packed = {pack_native_id(literal), pack_native_id(literal.lower()), literal}
            values = tuple(value for value in packed if value is not None)
            if column == "native_id":
                return self._listed(
                    number for value in values for number in events_with_native_id(self._connection, value)
                )
            return Condition(f"e.{column} IN ({', '.join('?' * len(values))})", values)
        sql, parameters = self._match(_NATIVE_TEXT.format(column), pattern, tails=False)
        return Condition(sql, tuple(parameters))

    def _disposition(self, pattern: Pattern) -> Condition:
        numbers = [number for number, name in enumerate(EVENT_DISPOSITIONS) if pattern.matches(name.value)]
        return Condition(f"e.disposition IN ({', '.join(map(str, numbers))})", ())

    def _record_holds(self, evidence_id: int, start: int, length: int, number: int) -> bool:
        data = self._contents.read(evidence_id, start, length)
        encoding = self._encodings.get(evidence_id)
        if encoding is None:
            (encoding,) = self._connection.execute(
                "SELECT encoding FROM content_account WHERE evidence_id = ?", (evidence_id,)
            ).fetchone()
            self._encodings[evidence_id] = encoding
        return self._patterns[number].matches(to_utf8(data, encoding).decode("utf-8", "replace"))

    def _fits(self, value: str | None, number: int) -> bool | None:
        return None if value is None else self._patterns[number].matches(str(value))


def _network(pattern: Pattern) -> Network | None:
    literal = pattern.literal
    if literal is None or "/" not in literal:
        return None
    try:
        return ipaddress.ip_network(literal, strict=False)
    except ValueError:
        return None


def _lies_in(ip: str, network: Network) -> bool:
    try:
        return ipaddress.ip_address(ip) in network
    except ValueError:
        return False


def mentions_disposition(query: Query | None) -> bool:
    """Whether a query asks for a disposition, so that duplicates are not left out beforehand."""
    if query is None or isinstance(query, TimeRange):
        return False
    if isinstance(query, Term):
        return isinstance(query.field, Field) and query.field.name == "disposition"
    if isinstance(query, Not):
        return mentions_disposition(query.part)
    return any(mentions_disposition(part) for part in query.parts)


def _time(span: TimeRange) -> Condition:
    sql, parameters = ["e.time IS NOT NULL"], []
    if span.low is not None:
        sql.append("e.time >= ?")
        parameters.append(span.low)
    if span.high is not None:
        sql.append("e.time < ?")
        parameters.append(span.high)
    return Condition("(" + " AND ".join(sql) + ")", tuple(parameters), None, (span.low, span.high))


def _intersection(parts: list[Condition]) -> tuple[int | None, int | None]:
    lows = [part.times[0] for part in parts if part.times[0] is not None]
    highs = [part.times[1] for part in parts if part.times[1] is not None]
    return max(lows, default=None), min(highs, default=None)


def _any_of(parts: list[Condition]) -> Condition:
    parts = [part for part in parts if part != NOTHING]
    if not parts:
        return NOTHING
    sql = "(" + " OR ".join(part.sql for part in parts) + ")"
    zones = [part.zones for part in parts]
    known = frozenset[int]().union(*(zone for zone in zones if zone is not None))
    return Condition(
        sql, tuple(value for part in parts for value in part.parameters), None if None in zones else known
    )


def _in_list(numbers: tuple[int, ...]) -> tuple[str, tuple[Parameter, ...]]:
    if len(numbers) <= _INLINE:
        return f"({', '.join(map(str, numbers))})", ()
    return "(SELECT value FROM json_each(?))", (json.dumps(numbers),)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

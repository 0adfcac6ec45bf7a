"""Parts of events that many sources have in common, each made once and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from workbench.model.event import (
    Act,
    Address,
    Credential,
    EventTime,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Particulars,
    Place,
    Resource,
    ResourceRole,
    UserAgent,
    Verb,
)
from workbench.sources.addresses import ADDRESSES
from workbench.sources.document import LAYOUTS, LONGEST_LAYOUT, Document
from workbench.sources.interning import Remembered, remembered
from workbench.sources.protocol import Context
from workbench.sources.times import AMBIGUOUS, ZONELESS, read_moment
from workbench.sources.user_agents import USER_AGENTS

NO_TIME = "no time"
"""Warning of a record that holds no time at all."""

_PANTHER_LENGTH = len("2006-01-02 15:04:05.000000000")

NO_ZONE = "the time names no zone: give one with --timezone when the file is added"
"""Warning of a record whose time could be an instant if somebody said where its clock stands."""

ODD_HOUR = "the clock was set in this hour, which came twice or not at all: see the time's basis"
"""Warning of a local time that names no single instant."""

BAD_TIME = "the time cannot be read"
"""Warning of a record whose time gives no instant: no zone and none given, or no time at all."""


_ACTS: Remembered[tuple[Any, ...], Act] = Remembered(lambda values: Act(*values))
_IDENTITIES: Remembered[tuple[Any, ...], Identity] = Remembered(lambda values: Identity(*values))
_CREDENTIALS: Remembered[tuple[str, str], Credential] = Remembered(lambda values: Credential(*values))
_PLACES: Remembered[tuple[Any, ...], Place] = Remembered(lambda values: Place(*values))
_RESOURCES: Remembered[tuple[Any, ...], Resource] = Remembered(lambda values: Resource(*values))


def act(
    service: str,
    action: str,
    verb: Verb,
    rule: str,
    category: str | None = None,
    *,
    tampers_logging: bool = False,
) -> Act:
    """Return an act."""
    return _ACTS[service, action, verb, rule, tampers_logging, category]


@remembered()
def kind(kind: IdentityKind, reason: str) -> KindReason:
    """Return what stands behind an identity, with the field that says so."""
    return KindReason(kind, reason)


def identity(
    canonical: str | None, name: str | None = None, native_id: str | None = None, account: str | None = None
) -> Identity | None:
    """Return an identity by the best of its names; ``None`` if it has none at all.

    Args:
        canonical: The most stable identifier that other records of the source also carry.
        name: What people call it.
        native_id: The identifier that survives renaming.
        account: The account or tenant it belongs to.
    """
    first = canonical or native_id or name
    return _IDENTITIES[first, name or first, native_id, account] if first else None


def credential(what: str, native_id: str | None) -> Credential | None:
    """Return a credential by its public identifier; ``None`` if the record holds none."""
    return _CREDENTIALS[what, native_id] if native_id else None


def address(raw: str | None) -> Address | None:
    """Return an address, ``None`` if the record holds none."""
    return ADDRESSES[raw] if raw else None


def user_agent(raw: str | None) -> UserAgent | None:
    """Return a user agent, ``None`` if the record holds none."""
    return USER_AGENTS[raw] if raw else None


_OUTCOMES: Remembered[tuple[OutcomeStatus, str | None], Outcome] = Remembered(lambda values: Outcome(*values))


def outcome(status: OutcomeStatus, code: str | None = None) -> Outcome:
    """Return how an act ended."""
    return _OUTCOMES[status, code]


def http_outcome(status: int | None, code: str | None = None) -> Outcome:
    """Decide by an HTTP status how an act ended (RFC 9110 section 15).

    Below 400 is success; 401 and 403 are denied; 404 and 410 not found; all else failed. Without a status it is unknown.

    Args:
        status: The status.
        code: The source's own code, kept instead of the status where there is one.
    """
    if status is None or not 100 <= status < 600:
        return outcome(OutcomeStatus.UNKNOWN, code)
    code = code or str(status)
    if status < 400:
        return outcome(OutcomeStatus.SUCCESS, code)
    if status in (401, 403):
        return outcome(OutcomeStatus.DENIED, code)
    return outcome(OutcomeStatus.NOT_FOUND if status in (404, 410) else OutcomeStatus.FAILED, code)


def place(account: str | None, region: str | None = None, tenant: str | None = None) -> Place:
    """Return where an act was recorded."""
    return _PLACES[account, region, tenant]


def particulars(**known: object) -> Particulars | None:
    """Return particulars, or ``None`` if nothing of them is known."""
    for value in known.values():
        if value is not None and value != ():
            return Particulars(**known)  # type: ignore[arg-type]
    return None


def moment(fields: Document, path: str, context: Context, vendor: str = "") -> EventTime:
    """Read the time of a record; :func:`utc_by` says what one without a zone is.

    A record that has lost its time has the one that Panther took from it, if it came through there.
    """
    raw = fields.value(path)
    if raw is None and fields.has("p_event_time"):
        return read_moment(fields.value("p_event_time"), "p_event_time (wrapper)", context, utc_by="Panther")
    return read_moment(raw, path, context, utc_by=utc_by(fields.data, raw, vendor))


_FROM_PANTHER: Remembered[tuple[str, ...], bool] = Remembered(
    lambda keys: any(key.startswith(("p_", "at_sign_")) for key in keys),
    entries=LAYOUTS,
    longest=LONGEST_LAYOUT,
)
"""Whether objects with these keys are rows of Panther."""


def utc_by(data: dict[str, object], raw: object, vendor: str = "") -> str:
    """Tell whose habit says that a time without a zone is UTC; empty if nobody's does.

    Panther stores times in UTC and writes them without a zone, with nine digits and a space
    (``2006-01-02 15:04:05.000000000``); its rows have keys that begin with ``p_``, and ``at_sign_`` for ``@``.

    Args:
        data: The record.
        raw: Its time.
        vendor: Who writes the field in UTC with a zone, by its documentation: a time that lost the zone in an export
            is then still UTC.
    """
    if type(raw) is not str or raw[-1:] in "Zz":
        return ""
    if _FROM_PANTHER[tuple(data)]:
        return "Panther"
    if len(raw) == _PANTHER_LENGTH and raw[10:20:9] == " ." and raw.isascii():
        return "Panther's form"
    return vendor


def resource(
    kind: str | None, name: str, role: ResourceRole = ResourceRole.TARGET, account: str | None = None
) -> Resource:
    """Return a resource."""
    return _RESOURCES[kind, name, role, account]


def json_text(value: object) -> str | None:
    """Return a value of a record as JSON text, for :class:`~workbench.model.event.StatedChange`; ``None`` for absent."""
    if value is None:
        return None
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        return None


def stated(value: object) -> str | None:
    """Return a value that a record states as JSON text: a null that stands there is ``"null"``, not absence."""
    return "null" if value is None else json_text(value)


def warnings_of(time: EventTime, *others: Iterable[str]) -> tuple[str, ...]:
    """Return what was odd about a record, each remark once, that of its time first."""
    if not any(others) and time.micros is not None and AMBIGUOUS not in time.basis:
        return ()
    remarks: dict[str, None] = {}
    if time.micros is None:
        remarks[NO_TIME if time.raw is None else NO_ZONE if time.basis.endswith(ZONELESS) else BAD_TIME] = (
            None
        )
    elif AMBIGUOUS in time.basis:
        remarks[ODD_HOUR] = None
    for other in others:
        remarks.update(dict.fromkeys(other))
    return tuple(remarks)
